# The extension and the state of the server: cancel, shutdown, a standby, and a
# library that is loaded where the extension is not.

use strict;
use warnings;

use DbosPayload;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $node = new_node('server', allows_streaming => 1);

# a session in the background: (handle, reference to what it has said on standard error)
sub background
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');
	my $session = IPC::Run::start(
		[ 'psql', '-XAtq', '-d', conninfo($node), '-c', $sql ], '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(120));
	return ($session, \$err);
}

sub wait_until_active
{
	my ($pattern) = @_;
	return $node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '$pattern' AND pid <> pg_backend_pid()");
}

# --- cancel, timeout and shutdown ---------------------------------------

# Seeded and unseeded, at the limit of the setting; the bounds are wide, for slow machines.
my $long = 'SET dbos_payload.max_payload_bytes = 536870000; SELECT count(octet_length(dbos_payload.random_payload(500000000%s))) FROM generate_series(1, 1000)';
foreach my $seed ('', ', 42', ', NULL, 50')
{
	my ($exit, $out, $err);
	my $begin = time;
	$exit = $node->psql('postgres', "SET statement_timeout = '50ms'; " . sprintf($long, $seed), stdout => \$out, stderr => \$err);
	like($err, qr/canceling statement due to statement timeout/, "random_payload(500000000$seed): answers statement_timeout");
	cmp_ok(time - $begin, '<', 5, "random_payload(500000000$seed): at once");
}
{
	my ($session, $err) = background(sprintf($long, ''));
	ok(wait_until_active('%random_payload%'), 'a long generation is under way');
	my $begin = time;
	is($node->safe_psql('postgres', "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%random_payload%' AND pid <> pg_backend_pid()"), 1, 'cancelled');
	$session->finish;
	cmp_ok(time - $begin, '<', 5, 'it answers a cancel');
	like($$err, qr/canceling statement due to user request/, 'and says so');
}
{
	my ($session, $err) = background(sprintf($long, ', 42'));
	ok(wait_until_active('%random_payload%'), 'a long generation is under way');
	my $begin = time;
	$node->stop('fast');
	cmp_ok(time - $begin, '<', 20, 'it answers a fast shutdown');
	$session->finish;
	$node->start;
}
{
	# a batch in the middle: all of it is taken back
	$node->safe_psql('postgres', "SELECT dbos_payload.start_workflow('w', 'test')");
	my $err = '';
	$node->psql('postgres', "SET statement_timeout = '300ms'; SELECT count(*) FROM dbos_payload.payload_steps('w', 0, array_fill(26000::bigint, ARRAY[10000]))", stderr => \$err);
	like($err, qr/statement timeout/, 'payload_steps answers statement_timeout');
	is($node->safe_psql('postgres', "SELECT count(*) FROM dbos_payload.list_steps('w')"), 0, 'and leaves none of its steps');
}

# --- no dead rows, nothing for other statements --------------------------

$node->safe_psql('postgres', q{
	SELECT dbos_payload.start_workflow('d', 'test');
	SELECT count(dbos_payload.payload_step('d', i, 100)) FROM generate_series(1, 2000) AS i;
	SELECT count(dbos_payload.record_step('d', i, 'payload_step', '\x00')) FROM generate_series(1, 2000) AS i});
my ($updated, $deleted, $dead);
for (1 .. 50)
{
	# the statistics arrive in their own time
	($updated, $deleted, $dead) = split /\|/, $node->safe_psql('postgres', "SELECT n_tup_upd, n_tup_del, n_dead_tup FROM pg_stat_user_tables WHERE relname = 'operation_outputs' AND n_tup_ins >= 2000");
	last if defined $dead;
	sleep 0.2;
}
# the batch that was taken back above left its rows; replays and conflicts leave none
is(($updated // '') . '|' . ($deleted // ''), '0|0', 'steps are inserted and never updated, whether recorded, replayed or refused');

$node->safe_psql('postgres', 'CREATE DATABASE plain TEMPLATE template0');
is($node->safe_psql('plain', q{
	LOAD 'dbos_payload';
	CREATE TABLE t (i int PRIMARY KEY, b bytea);
	INSERT INTO t SELECT i, convert_to(i::text, 'UTF8') FROM generate_series(1, 100) AS i;
	CREATE INDEX ON t (b);
	DROP TABLE t;
	CREATE ROLE plain; DROP ROLE plain;
	BEGIN; SAVEPOINT s; ROLLBACK TO s; COMMIT;
	SHOW dbos_payload.timing}), 'on', 'loaded where the extension is not: other statements work');
{
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'dbos_payload'\nsession_preload_libraries = 'dbos_payload'\n");
	$node->restart;
	is($node->safe_psql('plain', 'CREATE TABLE t (i int); DROP TABLE t; SELECT 1'), 1, 'preloaded for every database: other statements work');
	is($node->safe_psql('postgres', 'SELECT count(DISTINCT dbos_payload.random_payload(8)) FROM generate_series(1, 100)'), 100, 'preloaded: works where the extension is');
	# two sessions of one postmaster must not share what they got from it
	my %seen;
	$seen{ $node->safe_psql('postgres', 'SELECT dbos_payload.random_payload(16)') }++ for 1 .. 5;
	is(scalar keys %seen, 5, 'preloaded: no two sessions make the same bytes');
	$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\nsession_preload_libraries = ''\n");
	$node->restart;
}

# --- a standby ----------------------------------------------------------

$node->safe_psql('postgres', "SELECT dbos_payload.record_step('w', 0, 'a', '\\x01')");
$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
$node->safe_psql('postgres', "SELECT dbos_payload.record_step('w', 1, 'a', '\\x02')");
ok($standby->poll_query_until('postgres', "SELECT count(*) = 2 FROM dbos_payload.list_steps('w')"), 'standby: list_steps follows');
is($standby->safe_psql('postgres', "SELECT octet_length(dbos_payload.random_payload(10)), dbos_payload.step_output('w', 1, 'a'), dbos_payload.version()"), '10|\x02|1.0', 'standby: what reads works');
is($standby->safe_psql('postgres', "SELECT dbos_payload.no_op(), dbos_payload.receive_payload('\\x00'), octet_length(dbos_payload.send_payload(10)), (dbos_payload.backend_usage()).cpu_ms > 0"), '|1|10|t', 'standby: so do the baselines');
is($standby->safe_psql('postgres', "SELECT dbos_payload.no_op(); SELECT operation FROM dbos_payload.last_step_timing()"), "\nno_op", 'standby: and the timings');
foreach my $call (
	"SELECT dbos_payload.record_step('w', 2, 'a', '\\x01')", "SELECT dbos_payload.record_step('w', 0, 'a', '\\x01')", "SELECT dbos_payload.payload_step('w', 2, 1)",
	"SELECT dbos_payload.size_step('w', 2, 1)", "SELECT dbos_payload.batch_size_step('w', 2, 1)", "SELECT dbos_payload.payload_steps('w', 2, '{1}')",
	"SELECT dbos_payload.record_steps('w', 2, '{a}', '{a}')", "SELECT dbos_payload.start_workflow('w', 'test')", "SELECT dbos_payload.finish_workflow('w')",
	"SELECT dbos_payload.cancel_workflow('w')", "SELECT dbos_payload.send_payload(1, durable => true)", "SELECT dbos_payload.receive_payload('\\x00', durable => true)", "CALL dbos_payload.size_workflow()",
	"CALL dbos_payload.batch_size_workflow()", "CALL dbos_payload.commit_payload_steps('w', 2, '{1}')", "CALL dbos_payload.commit_record_steps('w', 2, '{a}', '{a}')",
	"CALL dbos_payload.purge('0')", "CALL dbos_payload.cancel_workflows('{w}')", "CALL dbos_payload.finish_workflows('{w}')")
{
	my $err = '';
	$standby->psql('postgres', "\\set VERBOSITY verbose\n$call", stderr => \$err);
	like($err, qr/25006/, "standby: $call is refused as read-only");
}
$standby->stop;
$node->stop;

done_testing();
