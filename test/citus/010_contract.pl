# An ended workflow takes no more steps, wherever its rows are and on whichever node
# each session is; purges at once get in nobody's way.

use strict;
use warnings;

use CitusCluster;
use ClientTest;
use Test::More;
use Time::HiRes qw(sleep);

my $workflows = $ENV{CITUS_WORKFLOWS} // 30;
my $cluster = CitusCluster->new(workers => 2);

$cluster->distribute;

# a workflow that neither session's node keeps, one that the first's does, one that
# the second's does
my %kept = map { $_ => undef } 0 .. 2;
for (my $i = 0; grep { !defined } @kept{ 1, 2 }; $i++)
{
	my $node = $cluster->node_of("race $i");
	$kept{$node} //= "race $i";
}

# waits(WORKFLOW, CASE): does somebody wait for a lock on the node that keeps it?
sub waits
{
	my ($workflow, $case) = @_;
	my $keeper = $cluster->node($cluster->node_of($workflow));

	my $waits = wait_until { $keeper->safe_psql('postgres', 'SELECT count(*) FROM pg_locks WHERE NOT granted') > 0 } 30;

	ok($waits, $case);
	return;
}

# holding(NODE, STATEMENT): what it answers, and how to have it committed
sub holding
{
	my ($node, $statement) = @_;
	my $session = start_psql($cluster->node($node));
	my $said = psql_says($session, "BEGIN; $statement");

	return ($said, sub { psql_says($session, 'COMMIT'); $session->{run}->finish; return; });
}

# --- the race, both ways round, over both workers and the coordinator ---------

foreach my $nodes ([ 1, 2 ], [ 2, 1 ], [ 0, 1 ], [ 1, 0 ])
{
	my ($recorder, $ender) = @$nodes;

	foreach my $keeper (1, 2)
	{
		my $case = "recorded on node $recorder, ended on node $ender, kept on node $keeper";
		my $workflow = $kept{$keeper};

		$cluster->sql("SELECT dbos_payload.start_workflow('$workflow', 'race')");
		my ($said, $commit) = holding($recorder, "SELECT dbos_payload.record_step('$workflow', 0, 'f', '\\x00')");
		my $end = $cluster->begin($ender, "SELECT dbos_payload.finish_workflow('$workflow', 'SUCCESS');");
		waits($workflow, "$case: the end waits for the step");
		is($cluster->sql("SELECT status FROM dbos_payload.workflow_status WHERE workflow_uuid = '$workflow'"), 'PENDING', "$case: and has not come");
		$commit->();
		is($said, "recorded\n", "$case: the step is recorded");
		is(($cluster->finish($end))[0], "SUCCESS\n", "$case: then the workflow has ended");
		my ($out, $err) = $cluster->finish($cluster->begin($recorder, "SELECT dbos_payload.record_step('$workflow', 1, 'f', '\\x00');"));
		like($err, qr/is not pending/, "$case: and takes no more steps");
		$cluster->sql("DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid = '$workflow'; DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid = '$workflow'");

		# and where the end comes first
		$cluster->sql("SELECT dbos_payload.start_workflow('$workflow', 'race')");
		($said, $commit) = holding($ender, "SELECT dbos_payload.cancel_workflow('$workflow')");
		my $step = $cluster->begin($recorder, "SELECT dbos_payload.record_step('$workflow', 0, 'f', '\\x00');");
		waits($workflow, "$case: a step waits for the end");
		$commit->();
		is($said, "CANCELLED\n", "$case: cancelled first");
		($out, $err) = $cluster->finish($step);
		like($err, qr/is not pending.*\n.*CANCELLED/, "$case: and is refused");
		is($cluster->sql("SELECT count(*) FROM dbos_payload.list_steps('$workflow')"), 0, "$case: and is not there");
		$cluster->sql("DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid = '$workflow'");
	}
}

# --- three recorders against an end that comes at any moment ------------------

my ($recorded, $refused, $late) = (0, 0, 0);

foreach my $w (1 .. $workflows)
{
	$cluster->sql("SELECT dbos_payload.start_workflow('stress $w', 'stress')");
	my @recorders = map {
		my $node = $_;
		$cluster->begin($node, join "\n", '\set ON_ERROR_STOP on', map { "SELECT dbos_payload.record_step('stress $w', " . (3 * $_ + $node) . ", 'f', '\\x00');" } 0 .. 399);
	} 0 .. 2;

	# once one of them has begun
	wait_until { $_->{run}->pump_nb foreach @recorders; grep { $_->{out} =~ /recorded/ } @recorders } 30;
	sleep(0.03 * rand);
	$cluster->node(1 + $w % 2)->safe_psql('postgres', "SELECT dbos_payload.finish_workflow('stress $w', 'SUCCESS')");
	my $then = $cluster->sql("SELECT count(*) FROM dbos_payload.list_steps('stress $w')");

	foreach my $recorder (@recorders)
	{
		my ($out, $err) = $cluster->finish($recorder);

		$recorded += () = $out =~ /^recorded$/mg;
		$refused += () = $err =~ /is not pending/g;
	}
	$late++ if $cluster->sql("SELECT count(*) FROM dbos_payload.list_steps('stress $w')") != $then;
}
diag("$workflows workflows, three recorders each: $recorded steps recorded, $refused refused");
is($late, 0, "none of $workflows workflows took a step after its end");
cmp_ok($recorded, '>', $workflows, 'steps were recorded');
cmp_ok($refused, '>', $workflows, 'recorders came too late, and stopped');
is($cluster->sql('SELECT count(*) FROM dbos_payload.operation_outputs'), $recorded, 'what was recorded is there');

# --- purges at once -----------------------------------------------------------

$cluster->sql("SELECT dbos_payload.start_workflow('kept', 'pending'), dbos_payload.start_workflow('held', 'ended')");
$cluster->sql("SELECT dbos_payload.record_step('kept', 0, 'f', '\\x00'), dbos_payload.record_step('held', 0, 'f', '\\x00')");
$cluster->sql("SELECT dbos_payload.finish_workflow('held', 'SUCCESS')");
foreach my $part ('start_workflow', 'record_step', 'finish_workflow')
{
	my %more = (start_workflow => ", 'purge'", record_step => ", 0, 'f', '\\x00'", finish_workflow => ", 'SUCCESS'");
	$cluster->sql("SELECT count(dbos_payload.$part('purge ' || i$more{$part})) FROM generate_series(1, 600) AS i");
}
my (undef, $release) = holding(0, "SELECT 1 FROM dbos_payload.workflow_status WHERE workflow_uuid = 'held' FOR UPDATE");
my $ended = $cluster->sql("SELECT count(*) FROM dbos_payload.workflow_status WHERE status <> 'PENDING'") - 1;
my @purges = map { $cluster->begin($_ % 3, "CALL dbos_payload.purge('0 s', 50);") } 0 .. 5;
my $purged = 0;

foreach my $purge (@purges)
{
	my ($out, $err) = $cluster->finish($purge);

	is($err, '', 'a purge beside five others raises nothing');
	$purged += $out =~ /(\d+)/ ? $1 : 0;
}
is($purged, $ended, 'what had ended is purged once');
is($cluster->sql("SELECT string_agg(workflow_uuid, ' ' ORDER BY workflow_uuid) FROM dbos_payload.workflow_status"), 'held kept', 'what is pending or locked stays');
$release->();
is($cluster->sql("CALL dbos_payload.purge('0 s')"), 1, 'and goes once it is not locked');
is($cluster->sql('SELECT count(*) FROM dbos_payload.operation_outputs'), 1, 'no step is left without its workflow');

done_testing();
