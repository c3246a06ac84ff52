# Do the intervals hold, and do two sides differ only where they do?  Whole runs
# on a real server: of two sides that are alike, of a store made 5 % slower on one
# of them by a trigger, and of one side, again and again.
#
# ALIKE (40), SLOWER (20) and REPEATS (30) in the environment: how many of each.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use List::Util qw(min sum0);
use Measure;

my $alike = $ENV{ALIKE} // scaled(40, 2);
my $slower = $ENV{SLOWER} // scaled(20, 2);
my $repeats = $ENV{REPEATS} // scaled(30, 3);
my $bytes = 100_000;
my $share = 0.05;
my $file = temp_dir() . '/run.json';

theme('honesty', 'what intervals and two sides say of runs whose truth is known');
two_alike() if $alike > 0;
one_slower() if $slower > 0;
repeated() if $repeats > 0;

# Two connections to the same thing, by the defaults.
sub two_alike
{
	my (@false, $cells, $blocks);

	foreach my $n (1 .. $alike)
	{
		my $result = result('dbname=postgres', '--against', 'dbname=postgres');
		my @differ = grep { $_->{differs} } @{ $result->{differences} };

		push @false, join ', ', map { cell($_) } @differ if @differ;
		$cells += @{ $result->{differences} };
		$blocks += $result->{blocks};
		progress(sprintf 'alike %d of %d: %d with a difference', $n, $alike, scalar @false);
	}
	figure("runs of two sides that are alike (defaults, $blocks blocks in all)",
		sprintf('%d of %d show a difference somewhere; %d cells looked at in all', scalar @false, $alike, $cells));
	note(map { "false: $_" } @false);
	target(sprintf('at most %d of %d', $alike / 10, $alike), @false <= $alike / 10);
	return;
}

# The trigger is there on both sides, and never called: its condition takes a hash
# of so many bytes where the side's connection string says so.  One per statement,
# since one per row gets a copy of the payload.
sub one_slower
{
	my (@found, @ratios);

	sql(<<'SQL', 'SELECT dbos_payload.start_workflow(\'calibrate\', \'measure\')');
CREATE FUNCTION public.never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER slower BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH STATEMENT
WHEN (current_setting('measure.slower_bytes', true)::int > 0
	AND hashtext(repeat('x', current_setting('measure.slower_bytes')::int)) IS NULL)
EXECUTE FUNCTION public.never()
SQL
	my $hashed = calibrate();

	foreach my $n (1 .. $slower)
	{
		my $began = now_ns();
		my $result = result('--sizes', $bytes, '--no-baselines', '-T', 25,
			"dbname=postgres options='-c measure.slower_bytes=0'", '--against',
			"dbname=postgres options='-c measure.slower_bytes=$hashed'");
		my ($store) = grep { $_->{metric} eq 'store' && $_->{step} == 0 && $_->{workflow} eq 'size_workflow' }
		  @{ $result->{differences} };

		die "no figure of storing\n" if !defined $store;
		push @found, $n if $store->{differs} && $store->{ratio}{value} > 1;
		push @ratios, $store->{ratio}{value};
		progress(sprintf 'slower %d of %d, %.0f s: %d found; store x %.3f (%.3f .. %.3f)', $n, $slower,
			(now_ns() - $began) / 1e9, scalar @found, @{ $store->{ratio} }{qw(value low high)});
	}
	figure("runs with a store that is slower on one side (a hash of $hashed bytes in a trigger), 100 kB, 25 s each",
		sprintf('%d of %d find it; the median of what they found is %+.1f %%', scalar @found, $slower,
			100 * (median(@ratios) - 1)));
	target(sprintf('at least %d of %d', $slower * 0.9, $slower), @found >= $slower * 0.9);
	sql('DROP TRIGGER slower ON dbos_payload.operation_outputs');
	return;
}

# How many bytes the trigger must take the hash of to make the p50 of storing 5 %
# longer.  Step by step in turn in one session.
sub calibrate
{
	my $hashed = 10_000;
	my $n = scaled(2000, 100);
	my $step = "SELECT dbos_payload.payload_step('calibrate', %d + \$1, $bytes)";

	foreach my $try (1 .. 3)
	{
		progress("calibrating the trigger, $try of 3");
		sql('TRUNCATE dbos_payload.operation_outputs');
		my $calls = alternate(
			'-n', $n, '-w', 100, '-a', 'SELECT store_ms * 1000 FROM dbos_payload.last_step_timing()',
			'slower', "SET measure.slower_bytes = $hashed", sprintf($step, 1_000_000),
			'plain', 'SET measure.slower_bytes = 0', sprintf($step, 2_000_000));
		my $found = compare_p50(map { [ map { $_->{after}[0] } @{ $calls->{$_} } ] } 'slower', 'plain');

		note(sprintf 'calibrating: a hash of %d bytes makes storing 100 kB take %.0f us instead of %.0f: %+.1f %% (95 %%: %+.1f .. %+.1f)',
			$hashed, @$found{qw(a b)}, map { 100 * ($_ - 1) } @$found{qw(ratio low high)});
		die "the trigger costs nothing\n" if $found->{ratio} <= 1;
		last if $try == 3 || abs($found->{ratio} - 1 - $share) < 0.002;
		$hashed = int($hashed * $share / ($found->{ratio} - 1));
	}
	return $hashed;
}

# The same run over and over: does the interval of each hold what all of them found?
# And where it does not, is the interval too narrow for what the blocks are, or has
# the machine changed from one run to the next?  For that the same blocks are dealt
# anew: a dealt run has its first block from one run, its second from the next one.
# Then all of them have seen the same minutes, and nothing else is different.
sub repeated
{
	my (%estimates, %blocks);
	my $least = 1e9;

	foreach my $n (0 .. $repeats - 1)
	{
		my $samples = temp_dir() . '/samples.csv';
		my $result = result('dbname=postgres', '--samples', $samples);

		foreach my $workflow (@{ $result->{workflows} })
		{
			foreach my $step (@{ $workflow->{steps} })
			{
				push @{ $estimates{"$workflow->{workflow} $step->{payload_bytes}"} },
				  $step->{times_ms}{round_trip}{median};
			}
		}
		my $medians = block_medians($samples);
		foreach my $name (keys %$medians)
		{
			$blocks{$name}[$n] = $medians->{$name};
			$least = min($least, scalar @{ $medians->{$name} });
		}
		progress(sprintf 'repeated %d of %d', $n + 1, $repeats);
	}

	my %dealt = map { my $name = $_; $name => [ map { interval(dealt($blocks{$name}, $_, $least)) } 0 .. $repeats - 1 ] } keys %blocks;
	my ($as_they_were, $all) = holding('as they were', \%estimates);
	my ($anew) = holding('dealt anew', \%dealt);

	figure("runs of one side (defaults), $repeats times: the interval of a size holds the median of all runs",
		sprintf('as they were in %.0f %%, the same blocks dealt anew in %.0f %% (of %d)', 100 * $as_they_were / $all, 100 * $anew / $all, $all));
	note(sprintf 'from run to run the medians of %s and %s correlate by %.2f', correlated(\%estimates));
	target('as they were at least 90 %', $as_they_were >= 0.9 * $all);
	target('dealt anew at least 90 %', $anew >= 0.9 * $all);
	return;
}

# from a cell's name to the medians of its blocks, in ms
sub block_medians
{
	my ($file) = @_;
	my (%ms, %medians);

	open(my $handle, '<', $file) or die "$file: $!";
	chomp(my $header = <$handle>);
	my @names = split /,/, $header;
	while (<$handle>)
	{
		my %row;

		@row{@names} = split /,/;
		push @{ $ms{"$row{workflow} $row{payload_bytes}"}{ $row{block} } }, $row{round_trip_ns} / 1e6
		  if $row{state} eq 'measured' && $row{iteration} > 0 && $row{step} =~ /_step$/;
	}
	foreach my $name (keys %ms)
	{
		$medians{$name} = [ map { median(@{ $ms{$name}{$_} }) } sort { $a <=> $b } keys %{ $ms{$name} } ];
	}
	return \%medians;
}

sub dealt
{
	my ($runs, $first, $n) = @_;

	return map { $runs->[ ($first + $_) % @$runs ][$_] } 0 .. $n - 1;
}

# Student's t over the values, as the client makes it; t by its expansion in 1 / df
sub interval
{
	my (@values) = @_;
	my $df = $#values;
	my $mean = mean(@values);
	my $z = 1.959964;
	my $t = $z + ($z**3 + $z) / (4 * $df) + (5 * $z**5 + 16 * $z**3 + 3 * $z) / (96 * $df**2)
	  + (3 * $z**7 + 19 * $z**5 + 17 * $z**3 - 15 * $z) / (384 * $df**3);
	my $half = $t * sqrt(sum0(map { ($_ - $mean)**2 } @values) / $df / @values);

	return { value => $mean, low => $mean - $half, high => $mean + $half };
}

# how many of the intervals hold their cell's median over all, and of how many
sub holding
{
	my ($what, $cells) = @_;
	my ($held, $all) = (0, 0);

	foreach my $name (sort keys %$cells)
	{
		my $grand = median(map { $_->{value} } @{ $cells->{$name} });
		my $holding = grep { $_->{low} <= $grand && $grand <= $_->{high} } @{ $cells->{$name} };

		note(sprintf '%-13s %-28s %.3f ms, held by %d of %d', $what, $name, $grand, $holding, scalar @{ $cells->{$name} });
		$held += $holding;
		$all += @{ $cells->{$name} };
	}
	return ($held, $all);
}

# the smallest and the largest step, and how their runs' medians correlate
sub correlated
{
	my ($cells) = @_;
	my @names = sort { ($a =~ /(\d+)$/)[0] <=> ($b =~ /(\d+)$/)[0] } grep { /^size_workflow/ } keys %$cells;
	my ($x, $y) = map { [ map { log $_->{value} } @{ $cells->{$_} } ] } @names[ 0, -1 ];
	my ($mean_x, $mean_y) = (mean(@$x), mean(@$y));
	my ($xy, $xx, $yy) = (0, 0, 0);

	foreach my $i (0 .. $#$x)
	{
		$xy += ($x->[$i] - $mean_x) * ($y->[$i] - $mean_y);
		$xx += ($x->[$i] - $mean_x)**2;
		$yy += ($y->[$i] - $mean_y)**2;
	}
	return (@names[ 0, -1 ], $xy / sqrt($xx * $yy));
}

# result(ARGUMENT...): a run's result file
sub result
{
	my (@arguments) = @_;

	bench(@arguments, '--json', $file);
	open(my $handle, '<', $file) or die "$file: $!";
	local $/ = undef;
	return JSON::PP->new->decode(<$handle>);
}

sub cell
{
	my ($d) = @_;
	return sprintf '%s step %d %s x %.3f (p %.4f)', $d->{workflow}, $d->{step}, $d->{metric}, $d->{ratio}{value}, $d->{p};
}
