# Does "compare" find differences that are there, and none that are not?  Rounds
# of three runs each: two of the same, and one with a store made 5 % slower by a
# trigger.  COMPARISONS (20), RUNS a side (30), MAX_SECONDS (2700).

use strict;
use warnings;

use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Measure;

my $wanted = $ENV{COMPARISONS} // scaled(20, 2);
my $runs = $ENV{RUNS} // 30;
my $seconds = $ENV{MAX_SECONDS} // 2700;
my $slower = 0.05;
my $bytes = 100_000;
my @run = ('-n', 120, '--sizes', "1,1000,$bytes", '--no-arms');
my $dir = temp_dir();

theme('honesty', 'what "compare" says of runs that are alike, and of a store that is 5 % slower');
my $began = now_ns();
make_trigger();
my $length = calibrate();
compare();

# The trigger is there on all sides, and never called: its condition takes a
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

sub compare
{
	my %hashed = (left => 0, right => 0, slow => $length);
	my %stored = (left => [], right => [], slow => []);
	my (@false, @found);
	my $cells = 0;
	my $done = 0;

	foreach my $comparison (1 .. $wanted)
	{
		my %files;

		foreach my $round (0 .. $runs - 1)
		{
			# every order of the three as often as the others
			my @order = ('left', 'right', 'slow');

			push @order, shift @order for 1 .. $round % 3;
			@order = reverse @order if ($round / 3) % 2 != $comparison % 2;
			foreach my $side (@order)
			{
				my $file = "$dir/$side$round.json";

				# each run begins with empty tables
				sql('TRUNCATE dbos_payload.operation_outputs, dbos_payload.workflow_status');
				local $ENV{PGOPTIONS} = "-c measure.slower_bytes=$hashed{$side}";
				bench(@run, '--json', $file, '--label', $side eq 'slow' ? 'B' : $side eq 'left' ? 'A' : 'A again');
				push @{ $files{$side} }, $file;
				push @{ $stored{$side} }, store_p50($file);
			}
		}
		my ($differ, $looked) = differences($files{left}, $files{right});

		push @false, $differ if @$differ;
		$cells += $looked;
		($differ) = differences($files{left}, $files{slow});
		push @found, $differ if grep { /^step 100 kB +store / } @$differ;

		$done = $comparison;
		my $spent = (now_ns() - $began) / 1e9;
		progress(sprintf 'comparison %d of %d, %.0f s: of those alike %d show a difference, of those slower %d the store',
			$done, $wanted, $spent, scalar @false, scalar @found);
		last if $spent + $spent / $done > $seconds;
	}

	figure(
		"comparisons of runs that are alike ($runs short runs a side, in turn)",
		sprintf('%d of %d show a difference somewhere; %d cells looked at in all', scalar @false, $done, $cells));
	note(map { "false: $_" } map { @$_ } @false);
	target(sprintf('at most %d of %d', allowed($done, 2), $done), @false <= allowed($done, 2));

	my $effect = compare_rounds($stored{slow}, [ map { ($stored{left}[$_] + $stored{right}[$_]) / 2 } 0 .. $#{ $stored{left} } ]);

	figure(
		"comparisons with a store that is slower on one side (a hash of $length bytes in a trigger)",
		sprintf('%d of %d find storing at 100 kB to differ; it took %+.1f %% (%d %%: %+.1f .. %+.1f)',
			scalar @found, $done, map({ 100 * ($_ - 1) } $effect->{ratio}), $effect->{confidence},
			map({ 100 * ($_ - 1) } @$effect{qw(low high)})));
	target(sprintf('at least %d of %d', $done - allowed($done, 2), $done), @found >= $done - allowed($done, 2));
	note("(only $done comparisons fitted into $seconds s)") if $done < $wanted;
	note('The comparisons of both kinds have their left sides in common.  The trigger takes as long at',
		'the other sizes, a larger part of their stores: only the cell of 100 kB is counted.');
	return;
}

# of 20, here of fewer
sub allowed { my ($n, $of_twenty) = @_; return int($of_twenty * $n / 20); }

sub store_p50
{
	my ($file) = @_;

	open(my $handle, '<', $file) or die "$file: $!";
	local $/ = undef;
	my $result = JSON::PP->new->decode(<$handle>);
	my ($workflow) = grep { $_->{workflow} eq 'size_workflow' } @{ $result->{workflows} };
	my ($step) = grep { $_->{payload_bytes} == $bytes } @{ $workflow->{steps} };

	return $step->{parts_ms}{store}{p50};
}

# The lines of the cells that differ, and how many were looked at.  Conditions are
# left aside for both kinds of comparison: a trigger is one.
sub differences
{
	my ($left, $right) = @_;
	my $command = join ' ', 'dbos_payload_bench compare --ignore-conditions', @$left, '--against', @$right;
	my $report = qx($command);

	die "compare: exit status $?\n$report" if $? != 0;
	my ($looked, $said) = $report =~ /^(\d+) cells looked at, (\d+) differ/m or die "compare: no figures\n$report";
	my ($cells) = $report =~ /^All cells looked at\n(.*)/ms;
	my @differ = grep { /^(?:step|batch|all steps)/ && !/no difference shown\s*$/ } split /\n/, $cells;

	die "compare: $said cells differ, found were\n@differ\n$report" if @differ != $said;
	return (\@differ, $looked);
}
