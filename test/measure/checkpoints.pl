# What it costs to come upon a checkpoint that is already there, to list them, and
# to have many of them.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use List::Util qw(max);
use Measure;

my $mb = 1_000_000;

theme('checkpoints', 'replay, records that are there already, lists and long workflows');
replay();
recorded_before();
list();
long_workflow();

sub replay
{
	my $n = scaled(500, 30);

	progress('replay');
	my $calls = alternate(
		'-n', $n, '-w', 10,
		'-s', "SELECT dbos_payload.start_workflow('replay', 'measure')",
		'-s', "SELECT length(dbos_payload.payload_step('replay', 1, $mb))",
		'replay', '', "SELECT dbos_payload.payload_step('replay', 1, $mb)",
		'select', '', q{SELECT output FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'replay' AND function_id = 1});
	my $found = compare_p50(map { [ map { $_->{ms} } @{ $calls->{$_} } ] } 'replay', 'select');

	figure(
		'a recorded step of 1 MB replayed, against a SELECT of its row by key, p50 of the round trip',
		sprintf('%s against %s ms: %.3f times (95 %%: %.3f .. %.3f); %d calls each, in turn, prepared, binary',
			ms($found->{a}), ms($found->{b}), @$found{qw(ratio low high)}, $n));
	target('at most 1.1 times', $found->{ratio} <= 1.1, $found->{low} <= 1.1 && $found->{high} > 1.1);
	return;
}

# In the server: all that the later call takes, parameter and commit included,
# against what the first one took to store.
sub recorded_before
{
	my $n = scaled(100, 20);
	my %what = (same => 'already_recorded', other => 'conflict');

	progress('records that are there already');
	my $calls = alternate(
		'-n', $n, '-w', 5,
		'-s', "SELECT dbos_payload.start_workflow('record', 'measure')",
		'-s', "SELECT dbos_payload.record_step('record', i, 'step', dbos_payload.random_payload($mb, i)) FROM generate_series(1, 2) AS i",
		'-p', "SELECT dbos_payload.random_payload($mb, 1)",
		'-a', 'SELECT total_ms, store_ms FROM dbos_payload.last_step_timing()',
		'first', '', q{SELECT dbos_payload.record_step('record', 100 + $1, 'step', $2)},
		'same', '', q{SELECT dbos_payload.record_step('record', 1, 'step', $2)},
		'other', '', q{SELECT dbos_payload.record_step('record', 2, 'step', $2)});
	my ($outcomes) = sql(<<END);
SELECT concat_ws(' ', dbos_payload.record_step('record', 1, 'step', dbos_payload.random_payload($mb, 1)),
	dbos_payload.record_step('record', 2, 'step', dbos_payload.random_payload($mb, 1)))
END
	die "not what was to be measured: $outcomes\n" if $outcomes ne 'already_recorded conflict';

	my @stored = map { $_->{after}[1] } @{ $calls->{first} };

	foreach my $which ('same', 'other')
	{
		my $found = compare_p50([ map { $_->{after}[0] } @{ $calls->{$which} } ], \@stored);
		my $back = max(map { $_->{bytes} } @{ $calls->{$which} });

		figure(
			"$what{$which} with 1 MB, all of its time in the server, against the first record's store, p50",
			sprintf('%s against %s ms: %.2f times (95 %%: %.2f .. %.2f); %d calls each, in turn',
				ms($found->{a}), ms($found->{b}), @$found{qw(ratio low high)}, $n));
		target('at most 2 times', $found->{ratio} <= 2, $found->{low} <= 2 && $found->{high} > 2);
		note("bytes that came back: $back");
		target('no payload among them (less than 1,000 bytes)', $back < 1000);
	}
	return;
}

sub list
{
	my $n = scaled(1000, 50);

	progress('lists');
	my $calls = alternate(
		'-n', $n, '-w', 20,
		(map {
			my ($workflow, $bytes) = @$_;
			('-s', "SELECT dbos_payload.start_workflow('$workflow', 'measure')",
				'-s', "SELECT count(*) FROM dbos_payload.payload_steps('$workflow', 1, array_fill($bytes\::bigint, ARRAY[100]))");
		} [ 'list large', $mb ], [ 'list small', 1 ]),
		'large', '', "SELECT * FROM dbos_payload.list_steps('list large')",
		'small', '', "SELECT * FROM dbos_payload.list_steps('list small')");
	my $found = compare_p50(map { [ map { $_->{ms} } @{ $calls->{$_} } ] } 'large', 'small');

	figure(
		'list_steps of 100 steps of 1 MB against 100 of 1 B, p50 of the round trip',
		sprintf('%s against %s ms: %+.3f ms (95 %%: %+.3f .. %+.3f); %d calls each, in turn',
			ms($found->{a}), ms($found->{b}), @$found{qw(difference difference_low difference_high)}, $n));
	target('less than 1 ms more', $found->{difference} < 1, $found->{difference_low} < 1 && $found->{difference_high} >= 1);
	return;
}

# Two workflows in turn, one at its start, one that has 900 steps: so whatever
# else changes in the course of 1,000 steps is the same for both.
sub long_workflow
{
	my $pairs = scaled(10, 2);
	my (@first, @last);

	progress('a long workflow');
	foreach my $pair (1 .. $pairs)
	{
		my $calls = alternate(
			'-n', 100,
			'-s', "SELECT dbos_payload.start_workflow(w || '-$pair', 'measure') FROM unnest(ARRAY['warm', 'long', 'short']) AS w",
			'-s', "CALL dbos_payload.commit_payload_steps('warm-$pair', 1, array_fill(1::bigint, ARRAY[100]))",
			'-s', "CALL dbos_payload.commit_payload_steps('long-$pair', 1, array_fill(1::bigint, ARRAY[900]))",
			'last', '', "SELECT dbos_payload.payload_step('long-$pair', 1000 + \$1, 1)",
			'first', '', "SELECT dbos_payload.payload_step('short-$pair', 1000 + \$1, 1)");

		push @first, map { $_->{ms} } @{ $calls->{first} };
		push @last, map { $_->{ms} } @{ $calls->{last} };
	}
	my $found = compare_p50(\@last, \@first);

	figure(
		'steps 901 to 1,000 of a workflow (1 B each) against steps 1 to 100 of another, p50',
		sprintf('%s against %s ms: %+.1f %% (95 %%: %+.1f .. %+.1f); %d workflows of each, their steps in turn',
			ms($found->{a}), ms($found->{b}), map({ 100 * ($_ - 1) } @$found{qw(ratio low high)}), $pairs));
	target(
		'within 10 %',
		abs($found->{ratio} - 1) <= 0.1,
		($found->{low} < 0.9 && $found->{high} > 0.9) || ($found->{low} < 1.1 && $found->{high} > 1.1));
	return;
}
