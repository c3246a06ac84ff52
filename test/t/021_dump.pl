# Dump and restore keep the rows of both tables; recording goes on afterwards.

use strict;
use warnings;

use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('dump');
my $dir = PostgreSQL::Test::Utils::tempdir();

$node->safe_psql('postgres', q{
	SET client_min_messages = warning;
	CALL dbos_payload.size_workflow('s', 5);
	SELECT dbos_payload.start_workflow('w', 'test'), dbos_payload.payload_step('w', 0, 100000, 42, 50);
	SELECT dbos_payload.record_step('w', 1, 'fails', NULL, 'it failed'), dbos_payload.record_step('w', 2, 'empty', '');
	SELECT dbos_payload.start_workflow(E'o''brien \\ "\n', 'test'), dbos_payload.record_step(E'o''brien \\ "\n', 0, '%I', '\x00ff');
	SELECT dbos_payload.start_workflow('c', 'test'), dbos_payload.cancel_workflow('c');
	SELECT dbos_payload.start_workflow('w', 'test')});

my $rows = q{
	SELECT md5(string_agg(s::text, ' ' ORDER BY workflow_uuid)), count(*) FROM dbos_payload.workflow_status AS s
	UNION ALL SELECT md5(string_agg(o::text, ' ' ORDER BY workflow_uuid, function_id)), count(*) FROM dbos_payload.operation_outputs AS o};
my $before = $node->safe_psql('postgres', $rows);
like($before, qr/\|4\n.*\|9$/, 'four workflows and nine steps');

foreach my $format ('custom', 'plain', 'directory')
{
	my $database = "restored_$format";
	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0");
	$node->command_ok([ 'pg_dump', "--format=$format", "--file=$dir/$format", 'postgres' ], "$format: dumped");
	$node->command_ok(
		$format eq 'plain'
		? [ 'psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-f', "$dir/$format" ]
		: [ 'pg_restore', '--exit-on-error', '-d', $database, "$dir/$format" ],
		"$format: restored");
	is($node->safe_psql($database, $rows), $before, "$format: the same rows");
	is($node->safe_psql($database, q{
		SELECT dbos_payload.record_step('w', 2, 'empty', ''), dbos_payload.record_step('w', 3, 'next', '\x01'), dbos_payload.record_step('w', 3, 'next', '\x01')}),
		'already_recorded|recorded|already_recorded', "$format: recording goes on");
	is($node->safe_psql($database, "SELECT recovery_attempts, status FROM dbos_payload.workflow_status WHERE workflow_uuid = 'w'"), '1|PENDING', "$format: states");
	is($node->safe_psql($database, q{
		DROP EXTENSION dbos_payload;
		SELECT count(*) FROM pg_namespace WHERE nspname = 'dbos_payload'}), 0, "$format: dropped without CASCADE, nothing is left");
}

# grants are dumped with the tables
$node->safe_psql('postgres', 'CREATE ROLE reader; GRANT USAGE ON SCHEMA dbos_payload TO reader; GRANT SELECT ON dbos_payload.operation_outputs TO reader');
$node->safe_psql('postgres', 'CREATE DATABASE granted TEMPLATE template0');
$node->command_ok([ 'pg_dump', '--format=custom', "--file=$dir/granted", 'postgres' ], 'grants: dumped');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', 'granted', "$dir/granted" ], 'grants: restored');
is($node->safe_psql('granted', 'SET ROLE reader; SELECT count(*) FROM dbos_payload.operation_outputs'), 9, 'grants: kept');

# a payload near the limit can be dumped, as text too
$node->safe_psql('postgres', q{CREATE DATABASE large});
$node->safe_psql('large', q{
	CREATE EXTENSION dbos_payload;
	SELECT dbos_payload.start_workflow('l', 'test') AS w \gset
	SELECT octet_length(dbos_payload.payload_step('l', 0, 268435456, 1, 100)) AS bytes \gset});
$node->command_ok([ 'pg_dump', '--format=custom', '--compress=0', '--no-sync', '--file=/dev/null', 'large' ], 'the largest payload by default can be dumped');
is($node->safe_psql('large', "SELECT length(output::text) FROM dbos_payload.operation_outputs"), 2 * 268435456 + 2, 'and read as text');

$node->stop;
done_testing();
