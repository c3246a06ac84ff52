# Do real runs find differences that are there, and none that are not?  Two equal
# sides in one run; two of which one has a store made 5 % slower by a trigger; and
# whole runs one after the other, whose intervals should hold what they all say.
# RUNS of equal sides (40), MAX_SECONDS for each of the three (1200).

use strict;
use warnings;

use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Measure;

my $equal_runs = $ENV{RUNS} // scaled(40, 2);
my $slow_runs = scaled(20, 2);
my $whole_runs = scaled(30, 3);
my $seconds = $ENV{MAX_SECONDS} // 1200;
my $slower = 0.05;
my $bytes = 100_000;
my @run = ('--sizes', "1,1000,$bytes", '--no-baselines');
my $file = temp_dir() . '/run.json';

theme('honesty', 'what runs say of sides that are alike, and of a store that is 5 % slower');
make_trigger();
my $length = calibrate();

equal_sides();
slower_store();
whole_runs();

# The trigger is there for all sides, and never called: its condition takes a
# hash of so many bytes where the setting says so.  One per statement, since one
# per row gets a copy of the payload.
sub make_trigger
{
	sql(<<'SQL', 'SELECT dbos_payload.start_workflow(\'calibrate\', \'measure\')');
CREATE FUNCTION public.never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER slower BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH STATEMENT
WHEN (current_setting('measure.slower_bytes', true)::int > 0
	AND hashtext(repeat('x', current_setting('measure.slower_bytes')::int)) IS NULL)
EXECUTE FUNCTION public.never()
SQL
	return;
}

# How many bytes the trigger must take the hash of to make the p50 of storing 5 %
# longer.  Step by step in turn in one session.
sub calibrate
{
	my $hashed = 10_000;
	my $n = scaled(4000, 100);
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
		last if $try == 3 || abs($found->{ratio} - 1 - $slower) < 0.002;
		$hashed = int($hashed * $slower / ($found->{ratio} - 1));
	}
	return $hashed;
}

# a run with empty tables; its figures
sub figures_of
{
	my ($conninfo, @arguments) = @_;

	sql('TRUNCATE dbos_payload.operation_outputs, dbos_payload.workflow_status');
	bench(@run, '--json', $file, @arguments, $conninfo);
	open(my $handle, '<', $file) or die "$file: $!";
	local $/ = undef;
	return JSON::PP->new->decode(<$handle>);
}

sub hashing { return "options='-c measure.slower_bytes=$_[0]'"; }

# repeat(N, WHAT, DO): DO N times, or as often as there is time for; how often
sub repeat
{
	my ($n, $what, $do) = @_;
	my $began = now_ns();

	foreach my $i (1 .. $n)
	{
		$do->();
		my $spent = (now_ns() - $began) / 1e9;

		progress(sprintf '%s, %d of %d, %.0f s', $what, $i, $n, $spent);
		return $i if $i < $n && $spent + $spent / $i > $seconds;
	}
	return $n;
}

sub words
{
	my ($d) = @_;

	return sprintf '%s %d bytes, %s: %+.1f %% (95 %%: %+.1f .. %+.1f)', $d->{workflow}, @$d{qw(payload_bytes metric)},
	  map { 100 * ($_ - 1) } @{ $d->{ratio} }{qw(value low high)};
}

sub equal_sides
{
	my @false;
	my $cells = 0;
	my $done = repeat($equal_runs, 'equal sides', sub {
			my $differences = figures_of(hashing(0), '--against', hashing(0), '--blocks', 20)->{differences};
			my @differ = grep { $_->{differs} } @$differences;

			$cells += @$differences;
			push @false, [ map { words($_) } @differ ] if @differ;
	});

	figure('runs of two sides that are alike, 20 blocks',
		sprintf('%d of %d show a difference somewhere; %d figures looked at in all', scalar @false, $done, $cells));
	note(map { "false: $_" } map { @$_ } @false);
	target(sprintf('at most %d of %d', int(4 * $done / 40), $done), @false <= int(4 * $done / 40));
	return;
}

sub slower_store
{
	my @ratios;
	my $found = 0;
	my $longest = 0;
	my $done = repeat($slow_runs, 'a slower store', sub {
			my $began = now_ns();
			my $figures = figures_of(hashing(0), '--against', hashing($length), '-T', 55);
			my ($store) = grep { $_->{step} >= 0 && $_->{workflow} eq 'size_workflow' && $_->{metric} eq 'store'
				  && $_->{payload_bytes} == $bytes } @{ $figures->{differences} };

			die "no figure of storing $bytes bytes\n" unless $store;
			$found += $store->{differs} ? 1 : 0;
			push @ratios, $store->{ratio}{value};
			$longest = (now_ns() - $began) / 1e9 if $longest < (now_ns() - $began) / 1e9;
	});

	@ratios = sort { $a <=> $b } @ratios;
	figure("runs with a store that is slower on one side (a hash of $length bytes in a trigger)",
		sprintf('%d of %d find storing at 100 kB to differ, by %+.1f %% in the median (%+.1f to %+.1f); %.0f s at most',
			$found, $done, map({ 100 * ($_ - 1) } @ratios[ $#ratios / 2, 0, -1 ]), $longest));
	target(sprintf('at least %d of %d', $done - int($done / 10), $done), $found >= $done - int($done / 10));
	return;
}

sub whole_runs
{
	my (%medians, %grand);
	my ($held, $all) = (0, 0);
	my $done = repeat($whole_runs, 'whole runs', sub {
			foreach my $workflow (@{ figures_of(hashing(0))->{workflows} })
			{
				push @{ $medians{ $_->{payload_bytes} } }, $_->{times_ms}{round_trip}{median} foreach @{ $workflow->{steps} };
			}
	});

	foreach my $size (keys %medians)
	{
		my $grand = median(map { $_->{value} } @{ $medians{$size} });

		$held += grep { $_->{low} <= $grand && $grand <= $_->{high} } @{ $medians{$size} };
		$all += @{ $medians{$size} };
	}
	figure("intervals of the medians of $done whole runs, each size's and the batch's",
		sprintf('%d of %d hold the median of all runs: %.0f %%', $held, $all, 100 * $held / $all));
	target('at least 90 %', $held >= 0.9 * $all);
	return;
}
