# What a step costs beside a bare INSERT, and beside the same call by pgbench.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use List::Util qw(sum0);
use Measure;

theme('steps', 'a step beside a bare INSERT, and by us beside by pgbench');
bare_insert();
one_byte();
seven_steps();

# pairs of seconds alternate within one session: the run's own baseline
sub bare_insert
{
	my (@steps, @inserts);
	my $runs = scaled(5);
	my $n = scaled(400, 20);

	progress('bare INSERT');
	for (1 .. $runs)
	{
		my $samples = bench_samples('--sizes', 1, '--blocks', 1, '-n', $n, '-M', 'prepared');

		push @steps, map { $_->{round_trip_ns} / 1e6 } @{ $samples->{'size_workflow size_step 1'} };
		push @inserts, map { $_->{round_trip_ns} / 1e6 } @{ $samples->{'baseline insert 1'} };
	}
	my $found = compare_p50(\@steps, \@inserts);

	figure(
		'a 1-byte size_step against a bare prepared INSERT by the same client, p50',
		sprintf('%s against %s ms: %.3f times (95 %%: %.3f .. %.3f); %d and %d of %d runs, prepared, binary',
			ms($found->{a}), ms($found->{b}), @$found{qw(ratio low high)},
			scalar @steps, scalar @inserts, $runs));
	target('at most 1.15 times', $found->{ratio} <= 1.15, $found->{low} <= 1.15 && $found->{high} > 1.15);
	return;
}

# Short runs of both in turn.  Calls that prepare, load and fill caches are not
# counted: of ours three workflows of warm-up, of pgbench's the first 50.
sub one_byte
{
	my (@ours, @theirs, @our_p50, @their_p50);
	my $rounds = scaled(40, 3);
	my $calls = scaled(400, 100);
	my $steps = 50;
	my $iterations = int($calls / $steps);
	my $fid = 0;
	my $script = <<'END';
\set fid :fid + 1
SELECT dbos_payload.size_step('pgbench', :fid, 0, NULL, 0);
END

	progress('pgbench, 1 byte');
	sql("SELECT dbos_payload.start_workflow('pgbench', 'measure')");
	in_turn(
		$rounds,
		sub {
			my $run = pgbench($script, '-M', 'prepared', '-l', '-t', $calls + 50, '-D', "fid=$fid");
			my @times = @{ $run->{times} }[ 50 .. $calls + 49 ];

			push @theirs, mean(@times);
			push @their_p50, median(@times);
			$fid += $calls + 50;
		},
		sub {
			my $samples = bench_samples('-M', 'prepared', '--no-baselines', '--blocks', 1, '-n', $iterations,
				'--sizes', join(',', (1) x $steps));
			my @times = map { $_->{round_trip_ns} / 1e6 } @{ $samples->{'size_workflow size_step 1'} };

			push @ours, mean(@times);
			push @our_p50, median(@times);
		});

	my $found = compare_rounds(\@ours, \@theirs);
	my $p50 = compare_rounds(\@our_p50, \@their_p50);

	figure(
		'a 1-byte size_step, mean, by dbos_payload_bench against pgbench -M prepared',
		sprintf('%s against %s ms: %+.1f %% (%d %%: %+.1f .. %+.1f); medians over %d pairs of runs of %d calls each, in turn',
			ms($found->{a}), ms($found->{b}), 100 * ($found->{ratio} - 1), $found->{confidence},
			100 * ($found->{low} - 1), 100 * ($found->{high} - 1), $rounds, $calls));
	note(sprintf 'p50: %s against %s ms: %+.1f %%', ms($p50->{a}), ms($p50->{b}), 100 * ($p50->{ratio} - 1));
	target(
		'within 5 %',
		abs($found->{ratio} - 1) <= 0.05,
		($found->{low} < 0.95 && $found->{high} > 0.95) || ($found->{low} < 1.05 && $found->{high} > 1.05));
	return;
}

# pgbench gets payloads as hex, twice as many bytes, and does nothing with them:
# the like of it is a run with text less its decoding.
sub seven_steps
{
	my (@binary, @text, @undecoded, @theirs);
	my $rounds = scaled(6, 3);
	my $n = scaled(50, 10);
	my $number = 0;
	my $script = join("\n",
		'\set workflow :workflow + 1',
		q{SELECT dbos_payload.start_workflow('seven-' || :workflow::int, 'measure');},
		(map { "SELECT dbos_payload.size_step('seven-' || :workflow::int, $_ + 1, $_, NULL, 0);" } 0 .. 6),
		q{SELECT dbos_payload.finish_workflow('seven-' || :workflow::int);})
	  . "\n";
	my $ours = sub {
		my $samples = bench_samples('-M', 'prepared', '--no-baselines', '--blocks', 1, '-n', $n, '--result-format', $_[0]);

		return @{ $samples->{'size_workflow total'} };
	};

	progress('pgbench, seven steps');
	in_turn(
		$rounds,
		sub {
			my $run = pgbench($script, '-M', 'prepared', '-r', '-t', $n, '-D', "workflow=$number");
			my @means = $run->{report} =~ /^\s+([\d.]+)\s[\s\d]*SELECT dbos_payload\.size_step/mg;

			die "pgbench -r: not seven steps\n$run->{report}" if @means != 7;
			push @theirs, sum0(@means);
			$number += $n;
			sql('TRUNCATE dbos_payload.operation_outputs');
		},
		sub { push @binary, mean(map { $_->{round_trip_ns} / 1e6 } $ours->('binary')); },
		sub {
			my @rows = $ours->('text');

			push @text, mean(map { $_->{round_trip_ns} / 1e6 } @rows);
			push @undecoded, mean(map { ($_->{round_trip_ns} - $_->{decode_ns}) / 1e6 } @rows);
		});

	my $found = compare_rounds(\@binary, \@theirs);

	figure(
		"the seven-step workflow by calls, mean, against the sum of pgbench's means (-r) of the same calls",
		sprintf('%s against %s ms: %.3f times (%d %%: %.3f .. %.3f); medians over %d rounds of %d workflows each, in turn',
			ms($found->{a}), ms($found->{b}), @$found{qw(ratio confidence low high)}, $rounds, $n));
	target('at most 1.05 times', $found->{ratio} <= 1.05, $found->{low} <= 1.05 && $found->{high} > 1.05);
	foreach my $other ([ 'by text as pgbench, decoded', \@text ],
		[ 'by text as pgbench, without decoding', \@undecoded ])
	{
		my $text = compare_rounds($other->[1], \@theirs);

		note(sprintf '%s: %s ms, %.3f times (%d %%: %.3f .. %.3f)', $other->[0], ms($text->{a}),
			@$text{qw(ratio confidence low high)});
	}
	return;
}
