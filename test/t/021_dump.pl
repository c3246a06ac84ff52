# Dump and restore keep the rows of both tables; recording goes on afterwards.  What
# docs/backup.md says of them is so, and its commands work as they are printed.

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

# --- docs/backup.md -----------------------------------------------------

# section(HEADING): the pieces of code in it, in order, as [ LANGUAGE, TEXT ]
sub section
{
	my ($heading) = @_;
	my ($text) = slurp_file(project_dir() . '/docs/backup.md') =~ /^## \Q$heading\E\n(.*?)(?=^## |\z)/ms;
	my @code;

	push @code, [ $1, $2 ] while $text =~ /^```(\w+)\n(.*?)^```$/msg;
	return @code;
}

# as_printed(COMMANDS, USER): in a shell that stops at the first failure
sub as_printed
{
	my ($commands, $user) = @_;

	return run_program(
		{ env => { PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => undef, PGUSER => $user } },
		'bash', '-ec', "cd '$dir'\n$commands");
}

my ($ours, $restore, $look, $list) = section('A recipe');
is(join(' ', map { $_->[0] } $ours, $restore, $look, $list), 'sql sh sh sql', 'backup.md: the recipe is as this test takes it');
append_to_file("$dir/ours.sql", $ours->[1]);

$node->safe_psql('postgres', 'CREATE ROLE tenant_a; CREATE ROLE boss LOGIN; CREATE DATABASE mydb; CREATE DATABASE plainly');
$node->safe_psql('mydb', q{
	CREATE EXTENSION dbos_payload;
	SELECT dbos_payload.start_workflow(id, 'test'), dbos_payload.record_step(id, 0, 'step', '\x01') FROM unnest(ARRAY['a:1', 'b:1']) AS id;
	GRANT USAGE ON SCHEMA dbos_payload TO tenant_a;
	GRANT SELECT ON ALL TABLES IN SCHEMA dbos_payload TO tenant_a});
$node->safe_psql('mydb', $ours->[1]);
my $tenant = q{SET ROLE tenant_a; SELECT string_agg(workflow_uuid, ' ' ORDER BY workflow_uuid) FROM dbos_payload.operation_outputs};
is($node->safe_psql('mydb', $tenant), 'a:1', 'backup.md: its policies part the tenants');

# all that its table says is lost or kept
my $additions = q{
	SELECT relrowsecurity, reloptions, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid),
		(SELECT attstorage FROM pg_attribute WHERE attrelid = c.oid AND attname = 'output'),
		to_regclass('dbos_payload.outputs_by_name') IS NOT NULL
	FROM pg_class AS c WHERE oid = 'dbos_payload.operation_outputs'::regclass};
my $with = 't|{autovacuum_vacuum_scale_factor=0.05}|1|e|t';
is($node->safe_psql('mydb', $additions), $with, 'backup.md: what ours.sql does');

my ($exit, $out, $err) = as_printed("pg_dump --format=custom --file=plainly.dump mydb\npg_restore --exit-on-error --dbname=plainly plainly.dump");
is($exit, 0, 'backup.md: a plain restore goes without an error') or diag($err);
is($node->safe_psql('plainly', $tenant), 'a:1 b:1', '... and the tenant can read what is not his, as it warns');
is($node->safe_psql('plainly', $additions), 'f||0|x|f', '... and nothing of ours.sql is there');

($exit, $out, $err) = as_printed($restore->[1]);
is($exit, 0, 'backup.md: dump and restore, as printed') or diag($err);
is($node->safe_psql('postgres', "SELECT datconnlimit FROM pg_database WHERE datname = 'restored'"), 0, '... nobody gets in meanwhile');
($exit, $out, $err) = as_printed($look->[1]);
is($exit, 0, '... and a look') or diag($err);
like($out, qr/^(?:SET\n)?a:1\n\z/, '... shows the tenant his own');
is($node->safe_psql('restored', $additions), $with, '... all of ours.sql is there');
is($node->safe_psql('postgres', "SELECT datconnlimit FROM pg_database WHERE datname = 'restored'"), -1, '... the others are let in');
like($node->safe_psql('restored', $list->[1]), qr/^operation_outputs\|t\|tenant_a$/m, '... and the list has the policies');

($exit, $out) = as_printed('pg_dump --schema=dbos_payload mydb');
ok($exit == 0 && $out !~ /^(?:CREATE|COPY)/m, 'backup.md: by the schema alone nothing is saved');
SKIP:
{
	skip('pg_dump --extension is of 14', 1) if $node->safe_psql('postgres', 'SHOW server_version_num') < 140000;
	as_printed((section("Only this extension's rows"))[0][1]);
	($exit, $out) = as_printed('pg_restore --file=- payloads.dump');
	like($out, qr/^CREATE EXTENSION .*^COPY dbos_payload\.operation_outputs/ms, '... with the extension named too, its rows are');
}

my ($prepare, $owner) = section("Restoring as the database's owner");
$node->safe_psql('postgres', 'DROP DATABASE restored');
$node->safe_psql('postgres', 'CREATE DATABASE restored OWNER boss');
($exit, $out, $err) = as_printed($owner->[1], 'boss');
like($err, qr/permission denied to create extension/, 'backup.md: an owner who is no superuser cannot restore');
$node->safe_psql('restored', $prepare->[1]);
($exit, $out, $err) = as_printed($owner->[1], 'boss');
is($exit, 0, '... and can when it was prepared') or diag($err);
is($node->safe_psql('restored', 'SELECT count(*) FROM dbos_payload.operation_outputs'), 2, '... with the rows');

$node->safe_psql('restored', 'ALTER SCHEMA dbos_payload RENAME TO mine');
($exit, $out, $err) = $node->psql('restored', q{SELECT mine.start_workflow('x', 'test')});
like($err, qr/relation "dbos_payload.workflow_status" does not exist/, 'backup.md: the schema renamed');
$node->safe_psql('postgres', 'CREATE DATABASE renamed');
($exit, $out, $err) = as_printed("pg_dump --format=custom --file=renamed.dump restored\npg_restore --exit-on-error --dbname=renamed renamed.dump");
like($err, qr/^pg_restore: error: .*schema|relation "mine/m, '... a dump of that cannot be restored');
is($node->safe_psql('restored', q{ALTER SCHEMA mine RENAME TO dbos_payload; SELECT dbos_payload.start_workflow('x', 'test')}), 'PENDING', '... and renamed back');

# a payload near the limit can be dumped, as text too
$node->safe_psql('postgres', q{CREATE DATABASE large});
$node->safe_psql('large', q{
	CREATE EXTENSION dbos_payload;
	SELECT dbos_payload.start_workflow('l', 'test') AS w \gset
	SELECT octet_length(dbos_payload.payload_step('l', 0, 268435456, 1, 100)) AS bytes \gset});
$node->command_ok([ 'pg_dump', '--format=custom', '--compress=0', '--no-sync', '--file=/dev/null', 'large' ], 'the largest payload by default can be dumped');
is($node->safe_psql('large', "SELECT octet_length(output::text) FROM dbos_payload.operation_outputs"), 2 * 268435456 + 2, 'and read as text');

$node->stop;
done_testing();
