# Does "compare" find differences that are there, and none that are not?  Rounds
# of three runs each: two of the same, and one with a store made 5 % slower by a
# trigger.  COMPARISONS (20), RUNS a side (24), MAX_SECONDS (1500).

use strict;
use warnings;

use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use List::Util qw(max);
use Measure;

my $wanted = $ENV{COMPARISONS} // scaled(20, 2);
my $runs = $ENV{RUNS} // 24;
my $seconds = $ENV{MAX_SECONDS} // 1500;
my $slower = 0.05;
my $bytes = 100_000;
my @run = ('--sizes', "1,1000,$bytes", '--no-arms');
my $dir = temp_dir();
my $turn;

theme('honesty', 'what "compare" says of runs that are alike, and of a store that is 5 % slower');
my $began = now_ns();
make_trigger();
my $delay = calibrate();
compare();

# One per statement, since one per row would cost more than 5 % by itself: it gets
# a copy of the payload.
sub make_trigger
{
	set_delay(0);
	sql(<<'SQL', 'ALTER TABLE dbos_payload.operation_outputs DISABLE TRIGGER slower');
CREATE TRIGGER slower BEFORE INSERT ON dbos_payload.operation_outputs
FOR EACH STATEMENT EXECUTE FUNCTION public.slower()
SQL
	return;
}

# What a turn of the trigger's loop takes in us, where nothing comes in between.
sub turn_us
{
	my $turns = 300_000;

	sql(<<SQL);
CREATE FUNCTION public.loop_us() RETURNS float8 LANGUAGE plpgsql AS \$\$
DECLARE
	start timestamptz := clock_timestamp();
BEGIN
	FOR i IN 1..$turns LOOP
	END LOOP;
	RETURN extract(epoch FROM clock_timestamp() - start) * 1000000;
END
\$\$
SQL
	return (sql('SELECT min(public.loop_us()) FROM generate_series(1, 20)'))[0] / $turns;
}

# The trigger goes round its loop for so many us.
sub set_delay
{
	my ($us) = @_;

	$turn //= turn_us();
	sql(sprintf <<'SQL', $us / $turn);
CREATE OR REPLACE FUNCTION public.slower() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..%d LOOP
	END LOOP;
	RETURN NULL;
END
$$
SQL
	return;
}

sub switch
{
	my ($trigger) = @_;

	sql("ALTER TABLE dbos_payload.operation_outputs $trigger TRIGGER slower");
	return;
}

# The loop's length in us which, with what the trigger itself costs, makes the
# p50 of storing 5 % longer.  Step by step in turn, each after one that is not
# timed, since the first after a change of triggers makes its plans again.
sub calibrate
{
	my $us = 0;
	my $n = scaled(600, 30);
	my $step = "SELECT dbos_payload.payload_step('calibrate', %s, $bytes)";
	my $before = join "\n", 'ALTER TABLE dbos_payload.operation_outputs %s TRIGGER slower',
	  'SELECT length(dbos_payload.payload_step(\'calibrate\', nextval(\'measured\')::int, ' . "$bytes))";
	my (@plain, @costs);

	sql("SELECT dbos_payload.start_workflow('calibrate', 'measure')", 'CREATE SEQUENCE public.measured');
	foreach my $try (1 .. 3)
	{
		progress("calibrating the trigger, $try of 3");
		set_delay($us);
		my $calls = alternate(
			'-n', $n, '-w', 5, '-a', 'SELECT store_ms * 1000 FROM dbos_payload.last_step_timing()',
			map { ($_, sprintf($before, $_), sprintf($step, "$try * 100000000 + \$1")) } 'ENABLE', 'DISABLE');
		my $found = compare_p50(map { [ map { $_->{after}[0] } @{ $calls->{$_} } ] } 'ENABLE', 'DISABLE');

		note(sprintf 'calibrating: a loop of %d us makes storing 100 kB take %.0f us instead of %.0f: %+.1f %% (95 %%: %+.1f .. %+.1f)',
			$us, @$found{qw(a b)}, map { 100 * ($_ - 1) } @$found{qw(ratio low high)});
		push @plain, $found->{b};
		push @costs, $found->{difference} - $us;
		sql('TRUNCATE dbos_payload.operation_outputs', 'CHECKPOINT');
		$us = max(0, $slower * mean(@plain) - mean(@costs));
	}
	note('the trigger by itself costs more than that') if $us == 0;
	set_delay($us);
	return sprintf '%.0f', $us;
}

sub compare
{
	my %sides = (left => 'DISABLE', right => 'DISABLE', slow => 'ENABLE');
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

				switch($sides{$side});
				bench(@run, '-n', 60, '--json', $file, '--label', $side eq 'slow' ? 'B' : $side eq 'left' ? 'A' : 'A again');
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
		"comparisons with a store that is slower on one side (a loop of $delay us in a trigger)",
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
