# What the procedures say while they run, with the times masked, and that each
# of their steps stands as soon as it is committed.

use strict;
use warnings;

use DbosPayload;
use IPC::Run;
use Test::More;
use Time::HiRes qw(sleep time);

my $node = new_node('procedures');

# what a statement prints: (standard output, notices with the times masked)
sub said
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');

	$node->psql('postgres', $sql, stdout => \$out, stderr => \$err, extra_params => [ '-v', 'VERBOSITY=default' ]);
	$err =~ s/^psql:<stdin>:\d+: //mg;
	$err =~ s/\d+\.\d\d ms$/T ms/mg;
	return ($out, $err);
}

my ($out, $err) = said("CALL dbos_payload.size_workflow('s')");
is($out, 't', 'size_workflow: completed');
my $expected = "NOTICE:  Workflow: Starting\n";
foreach my $i (1 .. 7)
{
	my $bytes = 10**($i - 1);
	$expected .= "NOTICE:  Workflow: Iteration $i/7\n"
	  . "NOTICE:  Step: Size step with payload size $bytes bytes\n"
	  . "NOTICE:  Workflow: Payload size is $bytes bytes, took T ms\n";
}
is($err . "\n", $expected . "NOTICE:  Workflow: Completed successfully in T ms\n", 'size_workflow: the lines of the experiment');

($out, $err) = said("CALL dbos_payload.batch_size_workflow('b')");
is($out, 't', 'batch_size_workflow: completed');
is($err . "\n",
	"NOTICE:  Workflow: Starting\n"
	  . join('', map { "NOTICE:  Step: Batch size step iteration $_/7\n" } 1 .. 7)
	  . "NOTICE:  Workflow: Payload size is 1111111 bytes, took T ms\n",
	'batch_size_workflow: the lines of the experiment');

($out, $err) = said("CALL dbos_payload.size_workflow('s')");
is($out, 't', 'again: completed');
unlike($err, qr/Step:/, 'again: no step is run');

# cancelled in the middle: what was committed stays, and the next call goes on there
$node->safe_psql('postgres', q{
	CREATE FUNCTION wait_at_4() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF NEW.workflow_uuid = 'c' AND NEW.function_id = 4 THEN
			PERFORM pg_sleep(600);
		END IF;
		RETURN NEW;
	END $$;
	CREATE TRIGGER wait_at_4 BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION wait_at_4()});
my ($output, $errors) = ('', '');
my $session = IPC::Run::start(
	[ 'psql', '-XAtq', '-d', conninfo($node), '-c', "CALL dbos_payload.size_workflow('c')" ],
	'<', \undef, '>', \$output, '2>', \$errors, IPC::Run::timeout(60));
ok($node->poll_query_until('postgres', "SELECT count(*) = 3 FROM dbos_payload.list_steps('c')"), 'others see the steps that are committed');
ok($node->poll_query_until('postgres', "SELECT count(pg_cancel_backend(pid)) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"), 'cancelled in step 4');
$session->finish;
like($errors, qr/canceling statement due to user request/, 'the caller is told');
is($node->safe_psql('postgres', "SELECT status FROM dbos_payload.workflow_status WHERE workflow_uuid = 'c'"), 'PENDING', 'the workflow is pending');
is($node->safe_psql('postgres', "SELECT string_agg(output_bytes::text, ' ') FROM dbos_payload.list_steps('c')"), '1 10 100', 'three steps stand');
$node->safe_psql('postgres', 'DROP TRIGGER wait_at_4 ON dbos_payload.operation_outputs');
my $before = $node->safe_psql('postgres', "SELECT string_agg(output::text, ' ' ORDER BY function_id) FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'c'");
($out, $err) = said("CALL dbos_payload.size_workflow('c')");
is($out, 't', 'called again: completed');
is($node->safe_psql('postgres', "SELECT string_agg(output::text, ' ' ORDER BY function_id) FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'c' AND function_id <= 3"),
	$before, 'called again: the three steps are as they were');
is($node->safe_psql('postgres', "SELECT count(*), sum(octet_length(output)) FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'c'"), '7|1111111', 'called again: seven steps in all');

# thousands of commits in one call leave no memory behind
SKIP:
{
	skip('pg_backend_memory_contexts is of 14', 1) if $node->safe_psql('postgres', 'SHOW server_version_num') < 140000;
	my @bytes = split /\n/, $node->safe_psql('postgres', q{
		SELECT set_config('synchronous_commit', 'off', false) AS s, dbos_payload.start_workflow('m', 'test') AS w \gset
		CALL dbos_payload.commit_payload_steps('m', 0, array_fill(1000::bigint, ARRAY[300]));
		SELECT sum(total_bytes) FROM pg_backend_memory_contexts;
		CALL dbos_payload.commit_payload_steps('m', 1000, array_fill(1000::bigint, ARRAY[10000]));
		CALL dbos_payload.commit_record_steps('m', 20000, array_fill('a'::text, ARRAY[10000]), array_fill('\x00'::bytea, ARRAY[10000]));
		SELECT sum(total_bytes) FROM pg_backend_memory_contexts});
	cmp_ok($bytes[1] - $bytes[0], '<', 2_000_000, '20,000 commits leave no memory behind');
}

# purge of many, while somebody records: nobody waits for more than a batch
$node->safe_psql('postgres', q{
	INSERT INTO dbos_payload.workflow_status SELECT 'old' || i, 'old', 'SUCCESS', 0, 0, 0, 0 FROM generate_series(1, 10000) AS i;
	INSERT INTO dbos_payload.operation_outputs SELECT 'old' || i, s, 'old', '\x00', NULL, 0, 0 FROM generate_series(1, 10000) AS i, generate_series(1, 7) AS s;
	DO $$ BEGIN PERFORM dbos_payload.start_workflow('running', 'test'); END $$});
($output, $errors) = ('', '');
$session = IPC::Run::start(
	[ 'psql', '-XAtq', '-d', conninfo($node), '-c', "CALL dbos_payload.purge('1 day', 500)" ],
	'<', \undef, '>', \$output, '2>', \$errors, IPC::Run::timeout(120));
ok($node->poll_query_until('postgres', "SELECT count(*) < 10000 FROM dbos_payload.workflow_status WHERE name = 'old'"), 'purge: others see its batches');
my $recorded = $node->safe_psql('postgres', q{
	SET statement_timeout = '20s';
	SELECT count(*) FILTER (WHERE dbos_payload.record_step('running', i, 'a', '\x00') = 'recorded') FROM generate_series(1, 200) AS i});
is($recorded, 200, 'purge: steps are recorded meanwhile');
$session->finish;
is("$output$errors", "10000\n", 'purge: all that are old');
is($node->safe_psql('postgres', "SELECT count(*) FROM dbos_payload.operation_outputs WHERE function_name = 'old'"), 0, 'purge: their steps too');
is($node->safe_psql('postgres', "SELECT count(*) FROM dbos_payload.list_steps('running')"), 200, 'purge: none of the others');

$node->stop;
done_testing();
