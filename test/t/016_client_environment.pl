# What would falsify a measurement: check names each thing and says what it
# does to the figures; run prints the same, and its result file keeps it.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', durable => 1, tcp => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();
my $json = "$dir/result.json";
my @quick = ('--blocks', 1, '-n', 1, '--warmup', 0, '--sizes', 1, '--no-baselines');

# what check says of a subject: (level, the whole text in one line)
sub finding
{
	my ($out, $subject) = @_;
	my @findings = split /^(?=(?:ok|warning|unsafe|cannot)\s)/m, $out;
	my ($found) = grep { /^\w+\s+\Q$subject\E\b[^:]*:/ } map { s/\s+/ /gr } @findings;

	return ('', '') unless $found;
	return ($found =~ /^(\w+)/, $found);
}

# judged(conninfo => TEXT, findings => [[SUBJECT, LEVEL, EFFECT]...],
# arguments => [...]): check and run both say that these are there and what they
# do; run starts if all of them are mere warnings
sub judged
{
	my (%options) = @_;
	my @arguments = @{ $options{arguments} || [] };
	my @findings = @{ $options{findings} };
	my $starts = !grep { $_->[1] ne 'warning' } @findings;
	my $names = join ', ', map { $_->[0] } @findings;

	unlink $json;
	my ($check_exit, $check_out, $check_err) = run_bench($node, 'check', @arguments, $options{conninfo});
	my ($exit, $out, $err) = run_bench($node, 'run', @quick, @arguments, '--json', $json, $options{conninfo});
	my $said = "$out$err" =~ s/\s+/ /gr;
	my $kept = $starts ? jq($json, '.sides[0].environment.warnings[]|"\(.subject): \(.text)"') : '';

	is("$check_exit $exit", $starts ? '0 0' : '1 1', "$names: run " . ($starts ? 'starts' : 'refuses') . ', check says so')
	  or diag($check_err, $err);
	foreach my $finding (@findings)
	{
		my ($subject, $level, $effect) = @$finding;
		my ($found, $text) = finding($check_out, $subject);

		is($found, $level, "$subject: check says $level") or diag($check_out);
		like($text, qr/$effect/, "$subject: and what it does to the figures");
		like($said, qr/\Q$subject\E: .*?$effect/, "$subject: run says it too");
		like($kept, qr/^\Q$subject\E: .*$effect/m, "$subject: it is in the result file") if $starts;
	}
	ok($starts || !-e $json, "$names: no result file of a run that does not start");
	return;
}

# --- a server as it should be -------------------------------------------

{
	my ($exit, $out, $err) = run_bench($node, 'check', conninfo($node, host => '127.0.0.1'));

	is("$exit $err", '0 ', 'check: run would start');
	foreach my $subject ('fsync on', 'synchronous_commit on', 'full_page_writes on', 'log_statement none', 'log_min_duration_statement -1',
		'read-only no', 'extension 1.0', 'privileges complete', 'triggers none', 'unlogged tables none', 'pooler none seen', 'TLS off',
		'dbos_payload.timing on', 'TOAST extended', 'server version', 'deferred triggers none', 'access method heap',
		'tablespace the database\'s own', 'connection limit high enough', 'bytea_output hex', 'data_directory on ', 'pg_dump complete',
		'log_parameter_max_length_on_error 0', 'size of this run at least')
	{
		is((finding($out, $subject))[0], 'ok', "check: $subject");
	}
	is((finding($out, 'transport'))[0], 'warning', 'check: loopback is no network');
	like($out, qr/^\d+ checked, \d+ warnings?, 0 unsafe, 0 that run cannot do with: run would start\.$/m, 'check: a sum of it');
	is(scalar(grep { length > 100 } split /\n/, $out), 0, 'check: its lines fit a screen');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM dbos_payload.workflow_status'), '0', 'check writes nothing');
}

# A hint can be copied: it carries the database that was asked for.
{
	$node->safe_psql('postgres', 'CREATE ROLE "Mr X" LOGIN');
	$node->safe_psql('postgres', 'CREATE DATABASE "my db"');
	foreach my $asked ('my db', 'dbname=template1 user=' . $node->safe_psql('postgres', 'SELECT current_user') . ' password=sesame')
	{
		foreach my $command ('check', 'run')
		{
			my ($exit, $out, $err) = run_bench($node, $command, $asked);
			my ($typed) = "$out$err" =~ /^\s+dbos_payload_bench init (.*)$/m;

			is($typed, $asked eq 'my db' ? "'my db'" : "'" . ($asked =~ s/dbname=template1 (.*)password=.*/$1password=*** dbname=template1/r) . "'",
				"$command: how to create the extension in $asked");
		}
	}
	my (undef, undef, $err) = run_bench($node, 'init', 'user=Mr\ X dbname=my\ db');
	like($err, qr/only a superuser can create it.*sudo -u \S+ dbos_payload_bench init 'my db'; .*dbos_payload_bench check '/,
		'init: how a superuser creates it in that database');
	like((run_bench($node, 'init', 'nowhere'))[2], qr/hint: .*createdb nowhere$/m, 'init: how to create the database');
	like((run_bench($node, 'init', 'user=nobody_here'))[2], qr/hint: .*createuser nobody_here$/m, 'init: how to create the role');
	$node->safe_psql('postgres', 'DROP DATABASE "my db"');
}

# --- settings, for one session ------------------------------------------

# Harmless ones of many at once: each is named with what it does.
{
	my @settings = (
		[ 'log_statement', 'all', 'writing the log takes time in every step.*the log receives every payload' ],
		[ 'log_duration', 'on', 'writing the log takes time in every step' ],
		[ 'log_min_duration_statement', '0', 'written to the log, with --origin client together with their payloads' ],
		[ 'log_parameter_max_length_on_error', '-1', 'sent back to the client with the message' ],
		[ 'log_executor_stats', 'on', 'statistics to its log for every statement' ],
		[ 'debug_print_plan', 'on', 'to its log' ],
		[ 'commit_delay', '10', 'a commit waits' ],
		[ 'wal_compression', 'on', 'more CPU time in store' ],
		[ 'track_io_timing', 'on', 'reads the clock' ],
		[ 'track_functions', 'all', 'counts and times every call' ],
		[ 'statement_timeout', '10000', 'is cancelled and counts as failed' ],
		[ 'default_transaction_isolation', 'serializable', 'SQLSTATE 40001.*--max-tries' ],
		[ 'dbos_payload.timing', 'off', 'the server times no step' ],
		[ 'jit_above_cost', '0', 'compiled to machine code' ]);

	# from 19 on nothing is compiled by default
	judged(conninfo => "options='" . join(' ', '-c jit=on', map { "-c $_->[0]=$_->[1]" } @settings) . "'",
		findings => [ map { [ $_->[0], 'warning', $_->[2] ] } @settings ]);
}
SKIP:
{
	my $plans = "options='-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_nested_statements=on -c auto_explain.log_verbose=on";
	my ($exit) = run_bench($node, 'check', "$plans'");

	skip('there is no auto_explain here', 12) if $exit != 0;
	judged(conninfo => "$plans'", findings => [
		[ 'auto_explain.log_min_duration', 'warning', 'it logs the plans of slow statements' ],
		[ 'auto_explain.log_nested_statements', 'warning', 'the statements inside each step are logged too, with the whole payload as text\.' ] ]);
	judged(conninfo => "$plans -c auto_explain.log_level=notice'", findings => [
		[ 'auto_explain.log_nested_statements', 'warning', 'with the whole payload as text, in the log and sent to the client' ] ]);
}
judged(conninfo => "options='-c synchronous_commit=off'",
	findings => [ [ 'synchronous_commit', 'unsafe', 'a crash can lose it: commit looks like nothing' ] ]);
judged(conninfo => "options='-c default_transaction_read_only=on -c dbos_payload.max_payload_bytes=1000B'",
	arguments => [ '--sizes', '1,10,100,1000' ],
	findings => [
		[ 'read-only', 'cannot', 'server is read-only: default_transaction_read_only' ],
		[ 'payload limit', 'cannot', 'the batched step has 1,111 bytes \(.*max_payload_bytes, is 1,000' ] ]);

# Timing off: what the server would have said is null, not 0.
{
	my ($exit) = run_bench($node, 'run', '--blocks', 1, '-n', 2, '--sizes', '1,1000', '--json', $json, "options='-c dbos_payload.timing=off'");

	is($exit, 0, 'timing off: the run succeeds');
	is(jq($json, '[.workflows[].steps[]|.times_ms.round_trip.n, .times_ms.server_total.median.value, .times_ms.store.median.value, .times_ms.network.median.value, .volumes.wal_bytes]|map(tostring)|unique|join(" ")'),
		'2 null', 'timing off: round trips are measured, the server\'s parts are null');
}

# --- settings of the server ---------------------------------------------

sub set_server
{
	my (%settings) = @_;

	foreach my $name (keys %settings)
	{
		$node->safe_psql('postgres', "ALTER SYSTEM " . (defined $settings{$name} ? "SET $name = '$settings{$name}'" : "RESET $name"));
	}
	$node->reload;
	server_says($node, defined $settings{$_} ? "SELECT current_setting('$_') = '$settings{$_}'" :
		"SELECT setting = boot_val FROM pg_settings WHERE name = '$_'") foreach keys %settings;
	return;
}

set_server(full_page_writes => 'off', checkpoint_timeout => '30s', autovacuum => 'off');
judged(conninfo => 'dbname=postgres', findings => [
	[ 'full_page_writes', 'warning', 'store and WAL bytes come out too small' ],
	[ 'checkpoint_timeout', 'warning', 'checkpoints come more often' ],
	[ 'autovacuum', 'warning', 'repeated runs leave dead rows behind' ] ]);
set_server(full_page_writes => undef, checkpoint_timeout => undef, autovacuum => undef);
set_server(fsync => 'off');
judged(conninfo => 'dbname=postgres', findings => [ [ 'fsync', 'unsafe', 'commits are not flushed to disk' ] ]);
set_server(fsync => undef);

# --- the tables ---------------------------------------------------------

$node->safe_psql('postgres', q{
	CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
	CREATE TRIGGER mine BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION mine();
	ALTER TABLE dbos_payload.operation_outputs ALTER output SET STORAGE EXTERNAL;
	ALTER TABLE dbos_payload.operation_outputs SET (autovacuum_enabled = false)});
judged(conninfo => 'dbname=postgres', findings => [
	[ 'triggers', 'warning', 'operation_outputs: mine; there, triggers run in every step: their time is part of store' ],
	[ 'TOAST', 'warning', 'storage external: payloads above 2 kB are stored without trying to compress them' ],
	[ 'tables\' autovacuum', 'warning', 'repeated runs leave dead rows behind' ] ]);
$node->safe_psql('postgres', q{
	DROP FUNCTION mine() CASCADE;
	ALTER TABLE dbos_payload.operation_outputs ALTER output SET STORAGE EXTENDED;
	ALTER TABLE dbos_payload.operation_outputs RESET (autovacuum_enabled);
	ALTER TABLE dbos_payload.operation_outputs SET UNLOGGED});
judged(conninfo => 'dbname=postgres', findings => [
	[ 'unlogged tables', 'unsafe', 'empty after a crash: store and commit come out too small' ] ]);
$node->safe_psql('postgres', 'ALTER TABLE dbos_payload.operation_outputs SET LOGGED');
{
	$node->safe_psql('postgres', q{
		CREATE ROLE guarded LOGIN;
		GRANT USAGE ON SCHEMA dbos_payload TO guarded;
		GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dbos_payload TO guarded;
		GRANT EXECUTE ON ALL ROUTINES IN SCHEMA dbos_payload TO guarded;
		ALTER TABLE dbos_payload.operation_outputs ENABLE ROW LEVEL SECURITY;
		CREATE POLICY everything ON dbos_payload.operation_outputs TO guarded USING (true)});
	judged(conninfo => 'user=guarded', findings => [ [ 'row security', 'warning', 'policies are checked in every step' ] ]);
	$node->safe_psql('postgres', 'DROP POLICY everything ON dbos_payload.operation_outputs; ALTER TABLE dbos_payload.operation_outputs DISABLE ROW LEVEL SECURITY');
}

# A trigger that waits for the commit is part of that; and where rows are kept is
# said.
{
	my $space = PostgreSQL::Test::Utils::tempdir();

	$node->safe_psql('postgres', q{
		CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
		CREATE CONSTRAINT TRIGGER late AFTER INSERT ON dbos_payload.operation_outputs
			DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION mine()});
	$node->safe_psql('postgres', "CREATE TABLESPACE elsewhere LOCATION '$space'");
	$node->safe_psql('postgres', 'ALTER TABLE dbos_payload.workflow_status SET TABLESPACE elsewhere');
	judged(conninfo => 'dbname=postgres', findings => [
		[ 'deferred triggers', 'warning', 'operation_outputs: late; there, deferred triggers run when a step commits: their time is part of commit' ],
		[ 'tablespace', 'warning', 'workflow_status: elsewhere; there, the table is not where the rest of the database is' ] ]);
	my ($exit, $out) = run_bench($node, 'check');
	is((finding($out, 'triggers none'))[0], 'ok', 'and is no trigger of the store') or diag($out);
	$node->safe_psql('postgres', 'DROP FUNCTION mine() CASCADE');
	$node->safe_psql('postgres', 'ALTER TABLE dbos_payload.workflow_status SET TABLESPACE pg_default');
	$node->safe_psql('postgres', 'DROP TABLESPACE elsewhere');
}

SKIP:
{
	skip('a table keeps its access method before 15', 6) if server_major() < 15;
	$node->safe_psql('postgres', q{CREATE ACCESS METHOD another TYPE TABLE HANDLER heap_tableam_handler;
		ALTER TABLE dbos_payload.operation_outputs SET ACCESS METHOD another});
	judged(conninfo => 'dbname=postgres', findings => [
		[ 'access method', 'warning', 'operation_outputs: another; there, rows are not kept as in PostgreSQL\'s own heap' ] ]);
	$node->safe_psql('postgres', q{ALTER TABLE dbos_payload.operation_outputs SET ACCESS METHOD heap; DROP ACCESS METHOD another});
}

# --- where its log is -----------------------------------------------------

SKIP:
{
	my ($type) = (run_program('stat', '-f', '-c', '%T', '/dev/shm'))[1] =~ /^(tmpfs|ramfs)$/;

	skip('/dev/shm is no file system in memory', 2) unless $type && -w '/dev/shm';
	my $memory = new_node('memory', durable => 1);
	my $wal = $memory->data_dir . '/pg_wal';
	my $there = "/dev/shm/dbos_payload_test.$$";

	$memory->stop;
	system_or_bail('mv', $wal, $there);
	symlink $there, $wal or die "symlink: $!";
	$memory->start;
	my ($exit, $out) = run_bench($memory, 'check');
	my ($level, $text) = finding($out, 'data_directory');
	like($text, qr/^warning .*are on $type, in memory: "fsync on" means nothing there/, 'a log in memory: fsync is nothing') or diag($out);
	($exit) = run_bench($memory, 'run', @quick, '--json', $json);
	like(jq($json, '.sides[0].environment.warnings[]|"\(.subject): \(.text)"'), qr/^data_directory: the server's data are on/m,
		'a log in memory: it is in the result file');
	$memory->stop;
	system_or_bail('rm', '-rf', $there);
}

# --- what a dump would not save -----------------------------------------

{
	my $steps = 'ALTER TABLE dbos_payload.operation_outputs';
	my $workflows = 'ALTER TABLE dbos_payload.workflow_status';
	my %changes = (
		'row security of operation_outputs' => [ "$steps ENABLE ROW LEVEL SECURITY", "$steps DISABLE ROW LEVEL SECURITY" ],
		'policy tenant of operation_outputs' =>
		  [ 'CREATE POLICY tenant ON dbos_payload.operation_outputs USING (true)', 'DROP POLICY tenant ON dbos_payload.operation_outputs' ],
		'storage of column output of operation_outputs' => [ "$steps ALTER output SET STORAGE EXTERNAL", "$steps ALTER output SET STORAGE EXTENDED" ],
		'storage parameters of workflow_status' => [ "$workflows SET (fillfactor = 90)", "$workflows RESET (fillfactor)" ],
		'index dbos_payload.extra of workflow_status' =>
		  [ 'CREATE INDEX extra ON dbos_payload.workflow_status (name)', 'DROP INDEX dbos_payload.extra' ],
		'trigger mine of workflow_status' =>
		  [ 'CREATE TRIGGER mine BEFORE UPDATE ON dbos_payload.workflow_status FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
			'DROP TRIGGER mine ON dbos_payload.workflow_status' ],
		'constraint mine of operation_outputs' => [ "$steps ADD CONSTRAINT mine CHECK (function_id > 0)", "$steps DROP CONSTRAINT mine" ],
		'column mine of operation_outputs' => [ "$steps ADD COLUMN mine int", "$steps DROP COLUMN mine" ]);

	$changes{'compression of column output of operation_outputs'} =
	  [ "$steps ALTER output SET COMPRESSION pglz", "$steps ALTER output SET COMPRESSION DEFAULT" ]
	  if server_major() >= 14;
	$node->safe_psql('postgres', $changes{$_}[0]) foreach sort keys %changes;

	my ($exit, $out) = run_bench($node, 'check');
	my ($level, $text) = finding($out, 'pg_dump');
	my ($status, $saved) = run_program('pg_dump', '-d', $node->connstr('postgres'));

	is($level, 'warning', 'pg_dump: check warns');
	like($text, qr/\Q$_\E/, "pg_dump: of $_") foreach sort keys %changes;
	like($text, qr{docs/backup\.md}, 'pg_dump: and names the recipe');
	is($status, 0, 'pg_dump: runs');
	unlike($saved, qr/POLICY|ROW LEVEL|SET STORAGE|SET COMPRESSION|fillfactor|CREATE INDEX|CREATE TRIGGER|ADD CONSTRAINT|ADD COLUMN/,
		'pg_dump: really leaves them out');
	$node->safe_psql('postgres', $changes{$_}[1]) foreach sort keys %changes;
	is((finding((run_bench($node, 'check'))[1], 'pg_dump complete'))[0], 'ok', 'pg_dump: nothing to warn of');
}

# --- how much of it there may be ----------------------------------------

# Of a role's, a database's and the server's limit the connection of check itself
# is one; a superuser is under none of the first two.
$node->safe_psql('postgres', 'ALTER ROLE guarded CONNECTION LIMIT 1; GRANT EXECUTE ON ALL ROUTINES IN SCHEMA dbos_payload TO guarded');
$node->safe_psql('postgres', 'CREATE DATABASE narrow CONNECTION LIMIT 1');
judged(conninfo => 'user=guarded', findings => [
	[ 'connection limit', 'cannot', 'run opens 2 connections at a time, and the role\'s limit is 1, with 1 in use now' ] ]);
$node->safe_psql('postgres', 'ALTER ROLE guarded CONNECTION LIMIT 2');
is((finding((run_bench($node, 'check', 'user=guarded'))[1], 'connection limit high enough'))[0], 'ok',
	'connection limit: two are enough');
is((run_bench($node, 'run', '-n', '2', '--blocks', '2', '--sizes', '1', '--allow-unsafe', 'user=guarded'))[0], 0,
	'connection limit: and run does with them');
$node->safe_psql('postgres', 'ALTER ROLE guarded CONNECTION LIMIT -1');
like((finding((run_bench($node, 'check', 'user=guarded dbname=narrow'))[1], 'connection limit'))[1],
	qr/^cannot .*the database's limit is 1/, 'connection limit: a database\'s');
unlike((run_bench($node, 'check', 'dbname=narrow'))[1], qr/connection limit: /, 'connection limit: not for a superuser');

# The space and the memory that a run will take, before it takes them.
{
	my $text = (finding((run_bench($node, 'check', '--blocks', 100, '-n', 1000, '--sizes', '100kB'))[1], 'size of this run'))[1];
	my ($gigabytes) = $text =~ /about ([\d.]+) GB into the tables/;

	# a step and the batch of each iteration, a bare INSERT, and the step after idling
	ok(defined $gigabytes && $gigabytes > 40 && $gigabytes < 44, 'size of this run: said before it') or diag($text);
	$text = (finding((run_bench($node, 'check', '--sizes', '100kB', '-T', 60))[1], 'size of this run'))[1];
	like($text, qr/^ok .* up to \d+ MB of tables for each block, at most \d+ MB of memory/, 'size of this run: by time, of a block');

	# what a run writes whose blocks are whole
	my @whole = ('-n', 5, '--blocks', 2, '--warmup', 1, '--sizes', '1MB,200kB', '--drive', 'calls,pipeline');
	my ($megabytes) = (finding((run_bench($node, 'check', @whole))[1], 'size of this run'))[1] =~ /about (\d+) MB of tables/;
	my $bytes = q{SELECT pg_total_relation_size('dbos_payload.operation_outputs') / 1e6};
	$node->safe_psql('postgres', 'TRUNCATE dbos_payload.operation_outputs, dbos_payload.workflow_status');
	is((run_bench($node, 'run', @whole, '--keep'))[0], 0, 'size of this run: a run');
	my $written = $node->safe_psql('postgres', $bytes);
	$node->safe_psql('postgres', 'TRUNCATE dbos_payload.operation_outputs, dbos_payload.workflow_status');
	cmp_ok(abs($written - $megabytes), '<', 0.05 * $written, "size of this run: $written MB are in the tables, $megabytes MB were said");

	# blocks of the default end after 5 iterations where these are slow: 10 of 5 to 30,
	# and in each 3 of warm-up, 2 of steps alone and what is replayed
	my $out = (run_bench($node, 'check', '--sizes', '20MB', '--no-baselines'))[1] =~ s{\s+}{ }gr;
	my $iteration = 0.04 * 8192 / 7984;
	foreach my $what ([ 'into the tables', 1 ], [ 'of WAL', 1.07 ])
	{
		my ($of, $times) = @$what;
		my ($least, $most) = $out =~ /the run writes ([\d.]+) to ([\d.]+) GB $of in its first 10 blocks/;

		ok(defined $least && abs($least - $times * 10 * 10 * $iteration) < 0.06 && abs($most - $times * 10 * 35 * $iteration) < 0.06,
			"size of this run: from blocks cut short to whole ones, $of") or diag($out);
	}
}

# --- a commit that would never end --------------------------------------

set_server(synchronous_standby_names => 'FIRST 2 (here, there)');
judged(conninfo => 'dbname=postgres', findings => [
	[ 'synchronous_standby_names', 'cannot', 'commits wait for 2 standbys of "FIRST 2 \(here, there\)".*, and 0 of them are connected: the first commit would wait for ever' ] ]);
set_server(synchronous_standby_names => 'gone');
judged(conninfo => 'dbname=postgres', findings => [
	[ 'synchronous_standby_names', 'cannot', 'commits wait for 1 standby of "gone".*, and 0 of them are connected' ] ]);
judged(conninfo => "options='-c synchronous_commit=local'", findings => [
	[ 'synchronous_standby_names', 'warning', 'synchronous_commit = local does not wait' ] ]);
$node->safe_psql('postgres', q{SET synchronous_commit = local; ALTER SYSTEM RESET synchronous_standby_names});
$node->reload;
server_says($node, q{SELECT current_setting('synchronous_standby_names') = ''});

# --- what the options need, and no more ---------------------------------

# check's own statements give a role what a run with the same options needs, and
# that is enough for it.
{
	my $number = 0;

	$node->safe_psql('postgres', q{SELECT dbos_payload.start_workflow('resumed', 'size_workflow')});
	foreach my $options (
		[],
		[ '--no-baselines', '--keep' ],
		[ '--no-baselines', '--origin', 'client' ],
		[ '--no-baselines', '--drive', 'procedure', '--origin', 'all', '--seed', 1 ],
		[ '--no-baselines', '--drive', join(',', grep { $_ ne 'procedure' } all_drives()), '--sizes', '5,6' ],
		[ '--workflow-id', 'resumed' ])
	{
		my $role = 'needs' . ++$number;
		my $name = 'privileges for ' . (join(' ', @$options) || 'no options');

		$node->safe_psql('postgres', "CREATE ROLE $role LOGIN");
		my $out = (run_bench($node, 'check', '--sizes', '1,10', @$options, "user=$role"))[1];
		my @grants = $out =~ /^\s+(GRANT .* TO $role;)$/mg;
		my $given = join ' ', @grants;

		cmp_ok(scalar @grants, '>=', 4, "$name: check says what is missing") or diag($out);
		unlike($given, qr/purge|cancel|finish_workflows|ALL ROUTINES|size_workflow|\.record_steps/, "$name: and nothing that it does not use");
		unlike($given, qr/DELETE/, "$name: without deleting, no DELETE") if "@$options" =~ /keep|workflow-id/;
		unlike($given, qr/send_payload|no_op/, "$name: without baselines, not theirs") if "@$options" =~ /no-baselines/;
		unlike($given, qr/record_step/, "$name: payloads of the server alone") if "@$options" !~ /origin/;
		$node->safe_psql('postgres', $given);

		my ($exit, $report, $err) = run_bench($node, 'run', '--sizes', '1,10', '-n', 1, '--blocks', 1, @$options, "user=$role");
		is($exit, 0, "$name: what it says is enough") or diag($given, $err);
		unlike($err, qr/permission denied|privilege/, "$name: for all of the run");
	}
}

# Processor times are wanted, and not needed.
$node->safe_psql('postgres', 'REVOKE EXECUTE ON FUNCTION dbos_payload.backend_usage FROM needs2');
judged(conninfo => 'user=needs2', arguments => [ '--keep', '--no-baselines' ], findings => [
	[ 'privileges', 'warning', 'the role needs2 lacks EXECUTE on backend_usage: nobody says how long the server waited for a processor' ] ]);

# --- other work ---------------------------------------------------------

{
	my ($in, $out, $err) = ('', '', '');
	my $session = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'SELECT pg_sleep(30)' ],
		'<', \$in, '>', \$out, '2>', \$err);

	server_says($node, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
	judged(conninfo => 'dbname=postgres', findings => [
		[ 'other sessions', 'warning', '1 other session of this server was active just now: they share its processors' ] ]);
	$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
	$session->finish;
}

# --- a table that somebody has locked -------------------------------------

{
	my $session = start_psql($node);

	psql_says($session, 'BEGIN; LOCK TABLE dbos_payload.operation_outputs IN ACCESS EXCLUSIVE MODE');
	foreach my $command ([ 'check' ], [ 'run', @quick ])
	{
		my ($exit, undef, $err) = run_bench($node, { timeout => 60 }, @$command);

		isnt($exit, 0, "a locked table: $command->[0] does not wait for it");
		like($err, qr/operation_outputs is locked: by process \d+ \([^)]+\)\n.*hint: /, '... and says who has it');
	}
	psql_says($session, 'COMMIT; BEGIN; REINDEX INDEX dbos_payload.operation_outputs_pkey');
	like((run_bench($node, 'check'))[2], qr/operation_outputs is locked: by process \d+ \([^)]+\)\n/, '... nor for one of its indexes');
	psql_says($session, 'COMMIT');
	$session->{run}->finish;
	is((run_bench($node, 'run', @quick))[0], 0, '... and runs once it is free');
}

# --- what a payload does to the log -------------------------------------

# A payload that the client sends is written to the log with its statement; one
# that the server makes is not.
foreach my $origin ('server', 'client')
{
	my $before = -s $node->logfile;
	my ($exit, $out) = run_bench($node, 'run', '--blocks', 1, '-n', 1, '--warmup', 0, '--sizes', '100kB', '--no-baselines', '--origin', $origin,
		"options='-c log_min_duration_statement=0'");
	my $written = (-s $node->logfile) - $before;

	is($exit, 0, "statements logged, origin $origin: runs");
	cmp_ok($written, $origin eq 'server' ? '<' : '>', 100000, "statements logged, origin $origin: $written bytes in the log");
}

done_testing();
