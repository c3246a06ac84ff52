# pg_upgrade from the major version of OLD_PG_CONFIG to that of PG_CONFIG carries
# an installation over: what is recorded, what the extension consists of, and
# what its users have granted and set.  "make check-upgrade" runs this, where
# both major versions are installed.

use strict;
use warnings;

use Catalog;
use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

my $old_pg_config = $ENV{OLD_PG_CONFIG} or BAIL_OUT('OLD_PG_CONFIG is to name the pg_config of the older version: use "make check-upgrade"');
my ($old_major, $new_major) = map { major_of($_) } $old_pg_config, $ENV{PG_CONFIG};
chomp(my $old_bindir = `'$old_pg_config' --bindir`);
chomp(my $new_bindir = `'$ENV{PG_CONFIG}' --bindir`);
my $folder = PostgreSQL::Test::Utils::tempdir();
my $new_conf = slurp_file($ENV{TEMP_CONFIG});

sub major_of
{
	my ($pg_config) = @_;
	my ($major) = `'$pg_config' --version` =~ /(\d+)/ or BAIL_OUT("$pg_config does not run");

	return $major;
}

cmp_ok($old_major, '<', $new_major, 'from an older major version to a newer one') or BAIL_OUT('there is nothing to upgrade');

# --- both installations -------------------------------------------------

# The newer one is there: run-tests has built it.
my ($built, undef, $messages) = run_program(
	{ env => { MAKEFLAGS => undef, WERROR => 1 }, timeout => 600 },
	'bash', '-c', <<'E_SH', 'build', project_dir(), $folder, $old_pg_config);
. "$1/setup/lib.sh"
mkdir "$2/tree"
copy_project "$2/tree"
make -s -C "$2/tree" PG_CONFIG="$3" install DESTDIR="$2/stage"
PG_CONFIG=$3 stage_settings "$2/stage" >"$2/conf"
E_SH
is($built, 0, "builds and installs for $old_major too") or BAIL_OUT($messages);
my $old_conf = slurp_file("$folder/conf") . "log_statement = none\n";

# made(NAME, SETTINGS, INSTALLATION): a new cluster, not started, whose server
# finds the extension by these settings
sub made
{
	my ($name, $settings, @installation) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name, @installation);

	append_to_file("$folder/$name.conf", $settings);
	local $ENV{TEMP_CONFIG} = "$folder/$name.conf";
	$node->init(extra => ['--data-checksums']);
	return $node;
}

# --- an old installation in use -----------------------------------------

# what docs/extension.md lets a role do, and what it leaves to be set
my $changes = <<'END';
GRANT USAGE ON SCHEMA dbos_payload TO recorder;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA dbos_payload TO recorder;
GRANT EXECUTE ON FUNCTION dbos_payload.record_step, dbos_payload.list_steps TO recorder;
REVOKE EXECUTE ON FUNCTION dbos_payload.random_payload FROM PUBLIC;
ALTER TABLE dbos_payload.operation_outputs ALTER output SET STORAGE EXTERNAL, SET (toast_tuple_target = 1024);
END

# payloads of every size and kind of storage: number, bytes, compressible percent
my @payloads = ([ 1, 0, 0 ], [ 2, 1, 0 ], [ 3, 2000, 0 ], [ 4, 2000, 90 ], [ 5, 100_000, 0 ], [ 6, 100_000, 90 ], [ 7, 1_000_000, 0 ], [ 8, 1_000_000, 90 ]);
my $payload_values = join ', ', map { sprintf '(%d, %d, %d)', @$_ } @payloads;

# one workflow of every status, and one that was cut off after three of its seven
# steps
my $use = <<"END";
SET client_min_messages = warning;
SELECT dbos_payload.start_workflow(w, 'test') FROM unnest(ARRAY['running', 'finished', 'failed', 'cancelled', E'o''brien \\\\ "\\n']) AS w;
SELECT octet_length(dbos_payload.payload_step('running', i, size, i, percent, 'make')) FROM (VALUES $payload_values) AS v (i, size, percent);
SELECT dbos_payload.record_step('running', 9, 'send', '\\x00ff'), dbos_payload.record_step('running', 10, 'fail', NULL, 'it failed');
SELECT dbos_payload.record_step(w, 0, 'send', convert_to(w, 'UTF8')) FROM unnest(ARRAY['finished', 'failed', 'cancelled', E'o''brien \\\\ "\\n']) AS w;
SELECT dbos_payload.finish_workflow('finished'), dbos_payload.finish_workflow('failed', 'ERROR'), dbos_payload.cancel_workflow('cancelled');
SELECT dbos_payload.start_workflow('cut off', 'size_workflow');
SELECT octet_length(dbos_payload.size_step('cut off', i, i - 1)) FROM generate_series(1, 3) AS i;
SELECT dbos_payload.start_workflow('running', 'test');
END

# every row, a payload as its digest and as long as it is stored
my $rows = <<'END';
SELECT format('%s %s', 'workflow', s) FROM dbos_payload.workflow_status AS s
UNION ALL SELECT format('step %s %s %s: %s bytes, stored %s, %s, error %s, %s %s', workflow_uuid, function_id, function_name, octet_length(output),
		pg_column_size(output), encode(sha256(output), 'hex'), error, started_at_epoch_ms, completed_at_epoch_ms)
	FROM dbos_payload.operation_outputs
ORDER BY 1
END

my $old = made('old', $old_conf, install_path => $old_bindir =~ s{/bin$}{}r);
my @databases = ('postgres', 'changed');

$old->start;
is($old->safe_psql('postgres', 'SHOW server_version_num') =~ s/\d{4}$//r, $old_major, "the old server is $old_major");
is($old->safe_psql('postgres', 'SHOW data_checksums'), 'on', '... with data checksums');
is_not_preloaded($old, "$old_major");
$old->safe_psql('postgres', 'CREATE ROLE recorder; CREATE ROLE stranger; CREATE DATABASE changed');
$old->safe_psql($_, 'CREATE EXTENSION dbos_payload') foreach @databases;
$old->safe_psql('changed', $changes . "ALTER DATABASE changed SET dbos_payload.max_payload_bytes = '2MB'");
$old->safe_psql($_, $use) foreach @databases;
my %before = map { $_ => $old->safe_psql($_, $rows) } @databases;
is(scalar(() = $before{$_} =~ /^step /mg), 17, "database $_ has its steps") foreach @databases;
$old->stop;

sub is_not_preloaded
{
	my ($node, $name) = @_;

	is( $node->safe_psql('postgres', "SELECT string_agg(setting, '') FROM pg_settings WHERE name LIKE '%preload_libraries'"),
		'', "$name: nothing is preloaded");
	return;
}

# pg_upgrade(NEW, OPTION...): exit status, and all that it printed
sub pg_upgrade
{
	my ($new, @options) = @_;
	my $in = "$folder/" . $new->name;

	# it leaves files where it is called, some versions only there
	mkdir $in;
	my ($exit, $out, $err) = run_program(
		{ timeout => 600 },
		'sh', '-c', 'cd "$0" && exec "$@"', $in, "$new_bindir/pg_upgrade",
		'-b' => $old_bindir, '-B' => $new_bindir, '-d' => $old->data_dir, '-D' => $new->data_dir,
		'-p' => $old->port, '-P' => $new->port, '-s' => $new->host, @options);
	return ($exit, $out . $err);
}

# what pg_upgrade says of libraries that it cannot load
sub loadable_libraries
{
	my ($new) = @_;
	my ($file) = split /\n/, `find '@{[ $new->data_dir ]}' '$folder/@{[ $new->name ]}' -name loadable_libraries.txt`;

	return defined $file ? slurp_file($file) : '';
}

sub old_is_as_it_was
{
	my ($name) = @_;

	$old->start;
	is($old->safe_psql($_, $rows), $before{$_}, "$name: the old server starts, and database $_ is as it was") foreach @databases;
	$old->stop;
	return;
}

# --- a new installation without the library, or with the old one's -------

{
	my $without = made('without', "log_statement = none\n");
	my ($exit, $told) = pg_upgrade($without, '--check');

	isnt($exit, 0, 'without the library: pg_upgrade --check fails');
	like($told, qr/loadable_libraries\.txt/, '... and says where to look');
	like(loadable_libraries($without), qr/could not load library "dbos_payload".*dbos_payload.*No such file/s, '... where dbos_payload is named');
	old_is_as_it_was('without the library');
	is($without->start, 1, '... and so does the new one');
	is($without->safe_psql('postgres', 'SELECT count(*) FROM pg_database WHERE NOT datistemplate'), 1, '... which is still empty');
	$without->stop;

	my $mistaken = made('mistaken', $new_conf =~ s{^dynamic_library_path.*$}{($old_conf =~ /^(dynamic_library_path.*)$/m)[0]}mer);
	($exit, $told) = pg_upgrade($mistaken, '--check');
	isnt($exit, 0, "with the library of $old_major: pg_upgrade --check fails");
	like(loadable_libraries($mistaken), qr/could not load library "dbos_payload".*(?:version mismatch|undefined symbol)/s, '... and says what is wrong with dbos_payload');
	old_is_as_it_was("with the library of $old_major");
}

# --- with it ------------------------------------------------------------

# copying first: linking takes the old cluster away
foreach my $mode ('copy', 'link')
{
	my @options = $mode eq 'link' ? ('--link') : ();
	my $new = made($mode, $new_conf);
	my ($exit, $told) = pg_upgrade($new, @options, '--check');

	is($exit, 0, "$mode: pg_upgrade --check") or diag($told);
	($exit, $told) = pg_upgrade($new, @options);
	is($exit, 0, "$mode: pg_upgrade") or diag($told, loadable_libraries($new));
	old_is_as_it_was($mode) if $mode eq 'copy';
	$new->start;
	is($new->safe_psql('postgres', 'SHOW server_version_num') =~ s/\d{4}$//r, $new_major, "$mode: the new server is $new_major");
	my $file = $new->data_dir . '/' . $new->safe_psql('postgres', "SELECT pg_relation_filepath('dbos_payload.operation_outputs')");
	is((stat $file)[3], $mode eq 'link' ? 2 : 1, "$mode: is what was done with the tables");
	is_not_preloaded($new, $mode);
	is_carried_over($new, $mode);
	goes_on($new, $mode);
	$new->stop;
}

# Everything is there as it was, and as a new installation would have it.
sub is_carried_over
{
	my ($new, $mode) = @_;

	foreach my $database (@databases)
	{
		my $fresh = "fresh_$database";

		is($new->safe_psql($database, $rows), $before{$database}, "$mode: $database has the same rows, payloads and all");
		$new->safe_psql('postgres', "CREATE DATABASE $fresh TEMPLATE template0");
		$new->safe_psql($fresh, 'CREATE EXTENSION dbos_payload;' . ($database eq 'changed' ? $changes : ''));
		my $catalog = catalog_of($new, $fresh);
		cmp_ok(scalar(split /\n/, $catalog), '>', 100, "$mode: $fresh has its objects");
		is(catalog_changes($catalog, catalog_of($new, $database)), '', "$mode: $database has the same objects as $fresh");
		# which tells too what the extension granted from what its users did
		is(dump_of($new, $database), dump_of($new, $fresh), "$mode: ... and is dumped as that is");
	}
	like(dump_of($new, 'changed'), qr/^GRANT \S+ ON FUNCTION dbos_payload\.record_step\(.*TO recorder;$/m, "$mode: ... with what was granted");
	unlike(dump_of($new, 'postgres'), qr/^GRANT .* dbos_payload/m, "$mode: ... and no more");
	is($new->safe_psql('changed', "SELECT dbos_payload.version(); SHOW dbos_payload.max_payload_bytes") =~ s/.*\n//r, '2MB', "$mode: a database's own setting");
	$new->safe_psql('postgres', 'SET client_min_messages = warning; ALTER EXTENSION dbos_payload UPDATE');
	is($new->safe_psql('postgres', "SELECT extversion = dbos_payload.version() FROM pg_extension WHERE extname = 'dbos_payload'"), 't', "$mode: no update is due");
	is($new->safe_psql('postgres', q{
		SET enable_seqscan = off;
		SELECT count(*), count(DISTINCT (workflow_uuid, function_id)) FROM dbos_payload.operation_outputs WHERE workflow_uuid >= '' COLLATE "C"}), '17|17', "$mode: the indexes work");
	return;
}

# what pg_dump says of the schema; initdb's schema public has another owner from
# 15 on
sub dump_of
{
	my ($node, $database) = @_;
	my ($exit, $out, $err) = run_program("$new_bindir/pg_dump", '--schema-only', '--exclude-schema=public', conninfo($node, dbname => $database));

	die "pg_dump: $err" if $exit != 0;
	return $out =~ s/^\\(?:un)?restrict .*\n//mgr;	# a random word
}

# The workflows are used as if nothing had been.
sub goes_on
{
	my ($new, $mode) = @_;
	my $recorded = sub {
		my ($workflow, $last) = @_;

		return join "\n", grep { /^step \Q$workflow\E (\d+) / && $1 <= $last } split /\n/, $new->safe_psql('postgres', $rows);
	};
	my ($running, $cut_off) = ($recorded->('running', 10), $recorded->('cut off', 3));

	# each of the sizes, as a client would and by the server's own functions
	foreach my $step (@payloads)
	{
		my ($i, $size, $percent) = @$step;
		my $payload = "dbos_payload.random_payload($size, $i, $percent)";

		is($new->safe_psql('postgres', "SELECT dbos_payload.record_step('running', $i, 'make', $payload), dbos_payload.payload_step('running', $i, $size, 99, 0, 'make') = $payload, dbos_payload.step_output('running', $i, 'make') = $payload"),
			'already_recorded|t|t', "$mode: step $i of $size bytes is replayed, and a seed makes the same bytes");
		is($new->safe_psql('postgres', "SELECT dbos_payload.record_step('running', $i, 'make', '\\xdeadbeef')"), 'conflict', "$mode: ... and other bytes are refused");
	}
	is($new->safe_psql('postgres', "SELECT dbos_payload.record_step('running', 10, 'fail', NULL, 'it failed')"), 'already_recorded', "$mode: so is an error");
	is($recorded->('running', 10), $running, "$mode: nothing of that has changed a step");

	is($new->safe_psql('postgres', q{
		SELECT dbos_payload.record_step('running', 11, 'send', '\x02'), octet_length(dbos_payload.payload_step('running', 12, 1000000));
		SELECT string_agg(outcome, ' ') FROM dbos_payload.payload_steps('running', 13, '{0,1,2000,100000,1000000}');
		SELECT payload_bytes, store_ms > 0 FROM dbos_payload.last_step_timing();
		SELECT dbos_payload.finish_workflow('running')}),
		"recorded|1000000\nrecorded recorded recorded recorded recorded\n1000000|t\nSUCCESS", "$mode: new steps are recorded and timed, and the workflow ends");
	$new->safe_psql('postgres', "SET client_min_messages = warning; CALL dbos_payload.size_workflow('cut off')");
	is($new->safe_psql('postgres', "SELECT status, count(*), sum(octet_length(output)) FROM dbos_payload.workflow_status JOIN dbos_payload.operation_outputs USING (workflow_uuid) WHERE workflow_uuid = 'cut off' GROUP BY 1"),
		'SUCCESS|7|1111111', "$mode: a workflow that was cut off is brought to its end");
	is($recorded->('cut off', 3), $cut_off, "$mode: ... with the steps that it had");
	foreach my $ended ('finished', 'failed', 'cancelled')
	{
		my (undef, undef, $error) = $new->psql('postgres', "\\set VERBOSITY verbose\nSELECT dbos_payload.record_step('$ended', 1, 'send', '')");

		like($error, qr/55000: workflow "$ended" is not pending/, "$mode: a workflow that is $ended takes no more steps");
	}

	is($new->safe_psql('changed', "SET ROLE recorder; SELECT dbos_payload.record_step('running', 11, 'send', ''), count(*) FROM dbos_payload.list_steps('running')"), 'recorded|10', "$mode: who was granted it records");
	my (undef, undef, $error) = $new->psql('postgres', "SET ROLE stranger; SELECT dbos_payload.record_step('running', 11, 'send', '')");
	like($error, qr/permission denied/, "$mode: who was not does not");
	$new->psql('changed', "SELECT dbos_payload.random_payload(3000000)", stderr => \$error);
	like($error, qr/size must be between 0 and 2097152 bytes/, "$mode: the setting of a database is obeyed");

	my ($exit, $out, $err) = run_bench($new, 'run', '-n', 2, '--warmup', 0, '--drive', 'all', '--origin', 'all', '--allow-unsafe');
	is($exit, 0, "$mode: the client runs") or diag($err);
	$new->safe_psql('postgres', "CALL dbos_payload.purge('0')");
	is($new->safe_psql('postgres', 'SELECT string_agg(workflow_uuid, $$ $$), count(DISTINCT status) FROM dbos_payload.workflow_status'), "o'brien \\ \"\n|1", "$mode: what has ended is purged");
	is($new->safe_psql('changed', "DROP EXTENSION dbos_payload; SELECT count(*) FROM pg_namespace WHERE nspname = 'dbos_payload'"), 0, "$mode: it is dropped, and nothing is left");
	return;
}

done_testing();
