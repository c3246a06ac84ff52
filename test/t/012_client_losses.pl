# Connections that are lost, servers that fall silent and calls that hang, and standby
# servers: counted, said, and never averaged in.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use Failures;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', durable => 1, allows_streaming => 1, conf => "wal_receiver_status_interval = 0\n");
my $dir = PostgreSQL::Test::Utils::tempdir();
my $json = "$dir/result.json";

# --- lost connections ---------------------------------------------------

# A run that lasts until it is stopped, once it is measuring; its handle.  It thinks,
# and so leaves the processors to what runs beside it.
sub long_run
{
	my @arguments = @_;
	my $bench = start_bench($node, 'run', '-n', 10000, '--blocks', 100, '--warmup', 0, '--sizes', '1,100', '--no-baselines',
		'--think', '10ms', '-P', 1, '--json', $json, @arguments);

	wait_until { $bench->{run}->pump_nb; ${ $bench->{err} } =~ /^measuring/m } 20
	  or diag('it does not measure: ' . ${ $bench->{err} });
	return $bench;
}

my $ours = q{FROM pg_stat_activity WHERE application_name = 'dbos_payload_bench'};
my $terminate = "SELECT count(pg_terminate_backend(pid)) $ours";

unlink $json;
{
	my $bench = long_run();
	is($node->safe_psql('postgres', $terminate), '2', 'both backends are ended in the middle of a run');
	my ($exit, $out, $err) = finish_bench($bench);
	is($exit, 2, 'connection lost: exit status 2');
	like($err, qr/error: .*(terminating connection|server closed the connection)/, 'connection lost: says so');
	like($out, qr/connection was lost/i, 'connection lost: what there is gets printed, marked');
	my $result = read_json($json);
	ok($result->{connection_lost} && $result->{stopped_by} eq 'failure' && $result->{iterations} > 0,
		'connection lost: what there is gets saved, marked');
	my @n = map { $_->{whole}{times_ms}{round_trip}{n} // 0 } @{ $result->{workflows} };
	cmp_ok(abs($n[0] - $n[1]), '<=', 1, 'connection lost: no complete iteration is lost');
	is(rows_left($node), '0', 'connection lost: its rows are taken away by a new connection');
}
unlink $json;
{
	my $bench = long_run('--reconnect', '-T', 8);
	foreach my $time (1, 2)
	{
		$node->safe_psql('postgres', $terminate);
		wait_until { $bench->{run}->pump_nb; ${ $bench->{err} } =~ /^measuring: block @{[$time + 1]} /m } 20;
	}
	$node->restart;
	my ($exit, $out, $err) = finish_bench($bench);
	my $result = read_json($json);
	is($result->{reconnects}, 3, '--reconnect: two times all backends ended and a server restarted, all counted') or diag($err);
	is($exit, 2, '--reconnect: failed steps are failed steps, exit status 2');
	is($result->{workflows}[0]{failed} + $result->{workflows}[1]{failed}, 3, '--reconnect: each loss is one failure');
	ok($result->{stopped_by} eq 'time' && $result->{blocks} > 3, '--reconnect: the run goes on to its end, each time with a new block');
	is(rows_left($node), '0', '--reconnect: its rows are taken away');
}
{
	my $bench = start_bench($node, 'run', '-n', 10000, '-T', 4, '--warmup', 0, '--sizes', '1', '--think', '5ms', '-P', 1, '--json', $json, '--reconnect');

	wait_until { $bench->{run}->pump_nb; ${ $bench->{err} } =~ /^measuring/m } 20;
	$node->safe_psql('postgres', $terminate);
	finish_bench($bench);
	my $result = read_json($json);
	my ($no_op) = grep { $_->{baseline} eq 'no_op' } @{ $result->{baselines} };
	cmp_ok($no_op->{times_ms}{round_trip}{n}, '>=', $result->{iterations} - 3, '--reconnect: baselines are there again too');
}

# A server that is stopped, not ended: silent.
{
	my $bench = long_run('--timeout', 1);
	my @pids = split /\n/, $node->safe_psql('postgres', "SELECT pid $ours");
	kill 'STOP', @pids;
	my $began = time;
	wait_until { $bench->{run}->pump_nb; ${ $bench->{err} } =~ /error/ } 20;
	my $seconds = time - $began;
	kill 'CONT', @pids;
	my ($exit, $out, $err) = finish_bench($bench);
	is($exit, 2, '--timeout: a silent server is given up, exit status 2');
	like($err, qr/the server did not answer for 1 s/, '--timeout: says so');
	cmp_ok($seconds, '<', 8, '--timeout: soon');
}
{
	my $postmaster = $node->{_pid};
	kill 'STOP', $postmaster;
	my $init = start_bench($node, 'init');
	my $began = time;
	my ($exit, $out, $err) = run_bench($node, { timeout => 30 }, 'run', '--timeout', 2, '-n', 1);
	my $seconds = time - $began;
	my ($exit_without, undef, $err_without) = finish_bench($init);
	kill 'CONT', $postmaster;
	is($exit_without, 1, 'a server that is silent from the start is given up without --timeout too, exit status 1');
	like_message($err_without, 'connect_timeout=60 waits longer', 'a server that is silent from the start: says what to do');
	is($exit, 1, '--timeout: a server that is silent from the start, exit status 1');
	like_message($err, 'could not connect', '--timeout: says that there is no connection');
	cmp_ok($seconds, '<', 8, '--timeout: soon');
}

# A call that hangs is cancelled in the server, told by its step, and the run goes on.
foreach my $drive (all_drives())
{
	my ($result, $exit, $out, $err) = failing($node, $json, "IF octet_length(new.output) = 1000 THEN PERFORM pg_sleep(60); END IF;",
		'-n', 1, '--blocks', 1, '--warmup', 0, '--sizes', '10,20,1000,30', '--no-baselines', '--timeout', 1, '--drive', $drive);

	is($exit, 2, "a step that hangs by $drive: exit status 2");
	like($err, qr/drive $drive, origin server: step 3 failed: the server did not answer for 1 s/, "a step that hangs by $drive: is named");
	is($node->safe_psql('postgres', "SELECT count(*) $ours"), '0', "a step that hangs by $drive: nothing works on in the server");
	is($result->{workflows}[1]{whole}{times_ms}{round_trip}{n}, 1, "a step that hangs by $drive: the other workflow is measured");
	is(rows_left($node), '0', "a step that hangs by $drive: its rows are taken away");
}

# --- a synchronous standby that goes ------------------------------------

{
	my $bench = start_bench($node, 'run', '-n', 10000, '--sizes', 1);

	server_says($node, 'SELECT count(*) > 20 FROM dbos_payload.operation_outputs');
	$node->safe_psql('postgres', "ALTER SYSTEM SET synchronous_standby_names = 'gone'");
	$node->reload;
	ok(server_says($node, "SELECT count(*) > 0 $ours AND wait_event = 'SyncRep'"), 'no standby: a commit waits for it');
	my $began = time;
	kill 'INT', $bench->{pid};
	my ($exit, $out, $err) = finish_bench($bench);
	is($exit, 130, 'no standby, Ctrl-C: exit status 130') or diag($err);
	cmp_ok(time - $began, '<', 6, 'no standby, Ctrl-C: soon');
	is(rows_left($node), '0', 'no standby: the rows are deleted without one');
	$node->safe_psql('postgres', 'SET synchronous_commit = local; ALTER SYSTEM RESET synchronous_standby_names');
	$node->reload;
}

# --- a standby ----------------------------------------------------------

$node->safe_psql('postgres', 'CREATE DATABASE without');
$node->stop;
append_to_file($node->data_dir . '/standby.signal', '');
$node->start;
{
	my $err = refused($node, '(standby|recovery)', 'a standby', 'run');

	like($err, qr/read-only/, 'a standby: says that it is read-only');
	my ($exit, $out) = run_bench($node, 'check');
	is($exit, 1, 'a standby: check says that run would not start');
	like($out, qr/standby|recovery/, 'and why');
	($exit, $out, $err) = run_bench($node, 'init', 'without');
	is($exit, 1, 'a standby: init cannot create the extension');
	like_message($err, 'read-only|recovery|standby', 'and says why');
}

done_testing();
