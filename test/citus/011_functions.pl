# What there is works on distributed tables, asked on the coordinator and on a worker;
# what is another node's is not known, and never 0.

use strict;
use warnings;

use CitusCluster;
use ClientTest;
use Test::More;

my $cluster = CitusCluster->new(workers => 2);

# --- distributed with rows in it, under a session that has plans --------------

{
	my $session = start_psql($cluster->coordinator);
	my @said = psql_says($session, <<'END');
SELECT dbos_payload.start_workflow('before', 'test'), dbos_payload.record_step('before', 0, 'f', '\x0102');
CALL dbos_payload.purge('0 s')
END
	$cluster->distribute;
	push @said, psql_says($session, <<'END');
SELECT dbos_payload.record_step('before', 0, 'f', '\x0102'), dbos_payload.record_step('before', 1, 'f', '\x03');
SELECT function_id, output_bytes FROM dbos_payload.list_steps('before');
SELECT dbos_payload.finish_workflow('before', 'SUCCESS');
SELECT pg_sleep(0.01);
CALL dbos_payload.purge('0 s')
END
	$session->{run}->finish;
	is_deeply(\@said, [ "PENDING|recorded\n0\n", "already_recorded|recorded\n0|2\n1|1\nSUCCESS\n\n1\n" ],
		'a session goes on when the tables are distributed, with what was recorded before and what comes then');
}

# --- every function, on each node ----------------------------------------------

foreach my $node (0, 1)
{
	my $w = "node $node";
	my ($said, $errors) = $cluster->finish($cluster->begin($node, <<"END"));
SELECT dbos_payload.start_workflow('$w', 'test');
SELECT dbos_payload.record_step('$w', 0, 'f', '\\x00'), dbos_payload.record_step('$w', 0, 'f', '\\x00'), dbos_payload.record_step('$w', 0, 'f', '\\x01');
SELECT dbos_payload.record_step('$w', 1, 'f', NULL, 'failed');
SELECT outcome FROM dbos_payload.record_steps('$w', 2, '{f,f}', '{"\\\\x02","\\\\x03"}');
SELECT length(dbos_payload.payload_step('$w', 4, 100000)) + length(dbos_payload.payload_step('$w', 4, 100000));
SELECT length(dbos_payload.size_step('$w', 5, 3)), length(dbos_payload.batch_size_step('$w', 6, 3));
SELECT count(*) FROM dbos_payload.payload_steps('$w', 7, '{1,1000000}');
SELECT dbos_payload.step_output('$w', 2, 'f');
SELECT dbos_payload.step_output('$w', 1, 'f');
SELECT * FROM (SELECT function_id, function_name, output_bytes, error FROM dbos_payload.list_steps('$w')) AS s;
SELECT dbos_payload.record_step('none', 0, 'f', '\\x00');
SELECT dbos_payload.finish_workflow('$w', 'SUCCESS'), dbos_payload.finish_workflow('$w', 'SUCCESS');
SELECT dbos_payload.record_step('$w', 20, 'f', '\\x00');
SELECT dbos_payload.start_workflow('$w c', 'test'), dbos_payload.cancel_workflow('$w c');
SELECT dbos_payload.start_workflow('$w d', 'test'), dbos_payload.start_workflow('$w e', 'test');
CALL dbos_payload.cancel_workflows(ARRAY['$w d']);
CALL dbos_payload.finish_workflows(ARRAY['$w e'], 'ERROR');
SELECT pg_sleep(0.01);
CALL dbos_payload.purge('0 s', 2);
SELECT count(*) FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE '$w%';
SET client_min_messages = error;
CALL dbos_payload.size_workflow('$w f', 3);
CALL dbos_payload.batch_size_workflow('$w g', 3);
SELECT count(*), sum(octet_length(output)) FROM dbos_payload.operation_outputs WHERE workflow_uuid LIKE '$w%';
END
	is($said, <<"END", "node $node: what they answer");
PENDING
recorded|already_recorded|conflict
recorded
recorded
recorded
200000
1000|111
2
\\x02
0|f|1|
1|f||failed
2|f|1|
3|f|1|
4|payload_step|100000|
5|size_step|1000|
6|batch_size_step|111|
7|payload_step|1|
8|payload_step|1000000|
SUCCESS|SUCCESS
PENDING|CANCELLED
PENDING|PENDING
1
1

@{[ $node ? 6 : 4 ]}
0
t
t
4|222
END
	my @errors = $errors =~ /^ERROR:\s+(.*)$/mg;
	is_deeply(\@errors, [
		"step 1 of workflow \"$w\" recorded an error",
		'workflow "none" does not exist',
		"workflow \"$w\" is not pending" ], "node $node: and what they refuse");
}
is($cluster->sql('SELECT count(*) FROM dbos_payload.operation_outputs AS o WHERE NOT EXISTS (SELECT 1 FROM dbos_payload.workflow_status AS s WHERE s.workflow_uuid = o.workflow_uuid)'),
	0, 'no step is without its workflow');

# --- WAL, buffers and heap of another node are not known ------------------------

my %seen;
for (my $i = 0; keys %seen < 2; $i++)
{
	my $here = $cluster->node_of("timed $i") == 1 ? 'here' : 'elsewhere';

	next if $seen{$here}++;
	my ($said) = $cluster->finish($cluster->begin(1, <<"END"));
SELECT dbos_payload.start_workflow('timed $i', 'test');
SELECT dbos_payload.record_step('timed $i', 0, 'f', '\\x00');
SELECT outcome, wal_bytes > 0, wal_records > 0, shared_blks_hit > 0, heap_bytes IS NULL, store_ms > 0, commit_ms >= 0 FROM dbos_payload.last_step_timing();
SELECT dbos_payload.receive_payload('\\x00', true);
SELECT wal_bytes > 0 FROM dbos_payload.last_step_timing();
END
	is($said, $here eq 'here' ? "PENDING\nrecorded\nrecorded|t|t|t|t|t|t\n1\nt\n" : "PENDING\nrecorded\nrecorded||||t|t|t\n1\nt\n",
		"a step kept $here");
}

# --- what Citus does with them ----------------------------------------------------

# delegated: it runs where its workflow is, and so does its timing
$cluster->sql("SELECT create_distributed_function('dbos_payload.payload_step(text,int4,int8,int8,int4,text)', 'workflow_id', colocate_with => 'dbos_payload.operation_outputs')");
is($cluster->sql("SELECT dbos_payload.start_workflow('sent', 'test'); SELECT dbos_payload.payload_step('sent', 0, 2, 1); SELECT count(*) FROM dbos_payload.step_timings()"),
	"PENDING\n\\xc15c\n0", 'a delegated function');
is($cluster->sql("SELECT output_bytes FROM dbos_payload.list_steps('sent')"), 2, 'has recorded its step');

# moved to the other worker
my ($from, $to) = map { $cluster->node($_)->port } ($cluster->node_of('sent'), 3 - $cluster->node_of('sent'));
$cluster->sql("SELECT citus_move_shard_placement(get_shard_id_for_distribution_column('dbos_payload.operation_outputs', 'sent'), '127.0.0.1', $from, '127.0.0.1', $to, 'block_writes')");
is($cluster->sql("SELECT dbos_payload.record_step('sent', 1, 'f', '\\x00'); SELECT count(*) FROM dbos_payload.list_steps('sent')"),
	"recorded\n2", 'a workflow that was moved goes on');

# gone, once Citus has removed what the move left behind
$cluster->sql('CALL citus_cleanup_orphaned_resources()');
$cluster->sql('DROP EXTENSION dbos_payload');
is($cluster->sql("SELECT count(*) FROM pg_dist_partition"), 0, 'dropped, nothing is left');

done_testing();
