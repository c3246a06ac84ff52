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
my @quick = ('-n', 1, '--warmup', 0, '--sizes', 1, '--no-arms');

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
	my $kept = $starts ? jq($json, '.environment.warnings[]') : '';

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
		'dbos_payload.timing on', 'TOAST extended', 'server version')
	{
		is((finding($out, $subject))[0], 'ok', "check: $subject");
	}
	is((finding($out, 'transport'))[0], 'warning', 'check: loopback is no network');
	like($out, qr/^\d+ checked, \d+ warnings, 0 unsafe, 0 that run cannot do with: run would start\.$/m, 'check: a sum of it');
	is(scalar(grep { length > 100 } split /\n/, $out), 0, 'check: its lines fit a screen');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM dbos_payload.workflow_status'), '0', 'check writes nothing');
}

# --- settings, for one session ------------------------------------------

# Harmless ones of many at once: each is named with what it does.
{
	my @settings = (
		[ 'log_statement', 'all', 'writing the log takes time in every step.*the log receives every payload' ],
		[ 'log_duration', 'on', 'writing the log takes time in every step' ],
		[ 'log_min_duration_statement', '0', 'written to the log, with --origin client together with their payloads' ],
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

	judged(conninfo => "options='" . join(' ', map { "-c $_->[0]=$_->[1]" } @settings) . "'",
		findings => [ map { [ $_->[0], 'warning', $_->[2] ] } @settings ]);
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
	my ($exit) = run_bench($node, 'run', '-n', 2, '--sizes', '1,1000', '--json', $json, "options='-c dbos_payload.timing=off'");

	is($exit, 0, 'timing off: the run succeeds');
	is(jq($json, '[.workflows[].steps[]|.round_trip_ms.n, .server_total_ms.p50, .parts_ms.store.p50, .parts_ms.network.p50, .wal_bytes]|map(tostring)|unique|join(" ")'),
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
	[ 'triggers', 'warning', 'operation_outputs: mine. There, triggers run in every step: their time is part of store' ],
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

# --- other work ---------------------------------------------------------

{
	my ($in, $out, $err) = ('', '', '');
	my $session = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'SELECT pg_sleep(30)' ],
		'<', \$in, '>', \$out, '2>', \$err);

	server_says($node, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
	judged(conninfo => 'dbname=postgres', findings => [
		[ 'other sessions', 'warning', '1 other session\(s\) of this server were active just now: they share its processors' ] ]);
	$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
	$session->finish;
}

# --- what a payload does to the log -------------------------------------

# A payload that the client sends is written to the log with its statement; one
# that the server makes is not.
foreach my $origin ('server', 'client')
{
	my $before = -s $node->logfile;
	my ($exit, $out) = run_bench($node, 'run', '-n', 1, '--warmup', 0, '--sizes', '100kB', '--no-arms', '--origin', $origin,
		"options='-c log_min_duration_statement=0'");
	my $written = (-s $node->logfile) - $before;

	is($exit, 0, "statements logged, origin $origin: runs");
	cmp_ok($written, $origin eq 'server' ? '<' : '>', 100000, "statements logged, origin $origin: $written bytes in the log");
}

done_testing();
