# However many workflows one statement touches, the lock table, which the whole
# cluster shares, keeps room for everybody.

use strict;
use warnings;

use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

# as few as can be: 10 locks for each of some 40 sessions and processes
my $node = new_node('locks', conf => "max_locks_per_transaction = 10\nmax_connections = 20\n");
my $workflows = 20_000;

my $error = '';
$node->psql('postgres', "SELECT count(pg_advisory_xact_lock(i)) FROM generate_series(1, $workflows) AS i", stderr => \$error);
like($error, qr/out of shared memory/, 'a lock for each does not fit');

$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('postgres', qq{
	INSERT INTO dbos_payload.workflow_status (workflow_uuid, name, status, created_at, updated_at)
	SELECT 'w' || i, 'test', 'PENDING', 0, 0 FROM generate_series(1, $workflows) AS i});

foreach my $case (
	[ 'a step of each', "record_step(workflow_uuid, 0, 'a', '\\x00')", 'ROLLBACK' ],
	[ 'all cancelled', 'cancel_workflow(workflow_uuid)', 'COMMIT' ])
{
	my ($what, $call, $end) = @$case;
	my $timer = IPC::Run::timeout(180);
	my ($in, $out, $err) = ("BEGIN; SELECT 'done ' || count(dbos_payload.$call) FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'w%';\n", '', '');
	my $session = IPC::Run::start([ 'psql', '-XAtq', '-d', conninfo($node) ], '<', \$in, '>', \$out, '2>', \$err, $timer);

	$session->pump until $out =~ /done/ || $err =~ /ERROR/;
	like($out, qr/^done $workflows$/m, "$what in one statement");
	is($err, '', "$what: without an error");

	# while that transaction is open
	is($node->safe_psql('other', 'CREATE TABLE t AS SELECT i FROM generate_series(1, 10) AS i; DROP TABLE t; SELECT 1'),
		1, "$what: another database does what it did");
	is($node->safe_psql('postgres', "SELECT count(*) < 100 FROM pg_locks"), 't', "$what: few locks are held");
	is($node->safe_psql('postgres', "SELECT dbos_payload.start_workflow('mine $what', 'test'), dbos_payload.record_step('mine $what', 0, 'a', '')"),
		'PENDING|recorded', "$what: other workflows go on");

	$in .= "$end;\n\\q\n";
	$session->finish;
}
is($node->safe_psql('postgres', "SELECT status, count(*) FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'w%' GROUP BY 1"),
	"CANCELLED|$workflows", 'all are cancelled');

$node->stop;
done_testing();
