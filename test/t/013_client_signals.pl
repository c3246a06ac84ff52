# Ctrl-C and SIGTERM: what there is gets printed and saved, the server's query
# is cancelled, and a second signal ends it at once.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $node = new_node('main', durable => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();
my $json = "$dir/result.json";
my $ours = "FROM pg_stat_activity WHERE application_name = 'dbos_payload_bench'";

# signalled(SIGNAL, ARGUMENT...): a run without end that is measuring gets one
# signal; exit status, output, messages, seconds it took to end
sub signalled
{
	my ($signal, @arguments) = @_;

	unlink $json;
	my $bench = start_bench($node, 'run', '-n', 10000, '--blocks', 100, '--warmup', 0, '--sizes', '1,100,10000',
		'-P', 1, '--json', $json, @arguments);
	wait_until { $bench->{run}->pump_nb; ${ $bench->{err} } =~ /^measuring/m } 20
	  or diag('it does not measure: ' . ${ $bench->{err} });
	my $began = time;
	kill $signal, $bench->{pid};
	my ($exit, $out, $err) = finish_bench($bench);
	return ($exit, $out, $err, time - $began);
}

# --- one signal ---------------------------------------------------------

foreach my $signal ('INT', 'TERM')
{
	my ($exit, $out, $err, $seconds) = signalled($signal);
	my $result = eval { read_json($json) };

	is($exit, 130, "SIG$signal: exit status 130");
	like($err, qr/warning: interrupted/, "SIG$signal: says so");
	unlike($err, qr/error: /, "SIG$signal: no error, nothing has failed");
	like($out, qr/PARTIAL: /, "SIG$signal: the report is marked");
	like($out, qr/^More: /m, "SIG$signal: and goes to its end");
	ok($result && $result->{interrupted} && $result->{stopped_by} eq 'interrupt', "SIG$signal: the JSON is saved and marked");
	my @n = map { $_->{whole}{times_ms}{round_trip}{n} } @{ $result->{workflows} };
	ok($n[0] > 0 && abs($n[0] - $n[1]) <= 1 && abs($n[0] - $result->{iterations}) <= 1, "SIG$signal: every complete iteration is in it");
	is($result->{workflows}[0]{failed} + $result->{workflows}[1]{failed}, 0, "SIG$signal: none counts as failed");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM dbos_payload.workflow_status'), '0', "SIG$signal: its rows are taken away");
	is(scalar(glob "$json.*"), undef, "SIG$signal: no temporary file is left");
	cmp_ok($seconds, '<', 5, "SIG$signal: it ends soon");
}
foreach my $drive (grep { $_ ne 'calls' } all_drives())
{
	my ($exit, undef, $err) = signalled('INT', '--drive', $drive, '--no-baselines');

	is($exit, 130, "SIGINT with drive $drive: exit status 130");
	is(eval { jq($json, '[.interrupted, .stopped_by == "interrupt", .iterations > 0]|all') }, 'true',
		"SIGINT with drive $drive: the JSON is saved and marked") or diag($err);
}

# before anything is measured
{
	unlink $json;
	my $bench = start_bench($node, 'run', '-n', 1000, '--warmup', 10000, '--sizes', '1', '--no-baselines', '--json', $json, '-P', 1);
	wait_until { $bench->{run}->pump_nb; ${ $bench->{err} } =~ /^warm-up/m } 20;
	kill 'INT', $bench->{pid};
	my ($exit, $out, $err) = finish_bench($bench);
	is($exit, 130, 'SIGINT in the warm-up: exit status 130');
	is(eval { jq($json, '[.interrupted, .iterations]|map(tostring)|join(" ")') }, 'true 0',
		'SIGINT in the warm-up: the JSON says that nothing was measured');
}

# The second block's third iteration waits: two that are done are too few for a block
# beside one of ten, and it is left out.
{
	my @samples = ('--samples', "$dir/samples.csv");

	$node->safe_psql('postgres', q{
		CREATE FUNCTION wait_late() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF (SELECT count(*) FROM dbos_payload.operation_outputs) >= 2 + 2 * 10 + 2 + 2 + 2 * 2 THEN PERFORM pg_sleep(60); END IF;
			RETURN new;
		END $$;
		CREATE TRIGGER wait_late BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION wait_late()});
	my $bench = start_bench($node, 'run', '-n', 10, '--blocks', 5, '--warmup', 0, '--sizes', '10', '--no-baselines', '--json', $json, @samples);
	server_says($node, "SELECT count(*) = 1 $ours AND wait_event = 'PgSleep'");
	kill 'INT', $bench->{pid};
	finish_bench($bench);
	is(eval { jq($json, '[.interrupted, .blocks, .iterations, .workflows[].whole.times_ms.round_trip.n]|map(tostring)|join(" ")') },
		'true 1 10 10 10', 'SIGINT early in a block: it is left out');
	is(scalar(grep { $_->{block} ne '1' } @{ read_csv("$dir/samples.csv") }), 0, 'SIGINT early in a block: of the samples too');
	$node->safe_psql('postgres', 'DROP FUNCTION wait_late() CASCADE; DELETE FROM dbos_payload.operation_outputs; DELETE FROM dbos_payload.workflow_status');
}

# --- a long step --------------------------------------------------------

# A trigger that waits stands for a step of any length: it shows that the
# server's query is cancelled, however fast the server.
$node->safe_psql('postgres', q{
	CREATE FUNCTION wait_long() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF octet_length(new.output) = 20 THEN PERFORM pg_sleep(60); END IF;
		RETURN new;
	END $$;
	CREATE TRIGGER wait_long BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION wait_long()});

sub run_into_wait
{
	my @arguments = @_;

	unlink $json;
	my $bench = start_bench($node, 'run', '-n', 5, '--blocks', 1, '--warmup', 0, '--sizes', '10,20', '--no-baselines', '--json', $json, @arguments);
	server_says($node, "SELECT count(*) = 1 $ours AND wait_event = 'PgSleep'");
	return $bench;
}

foreach my $drive (all_drives())
{
	my $bench = run_into_wait('--drive', $drive);
	my $began = time;

	kill 'INT', $bench->{pid};
	my ($exit, $out, $err) = finish_bench($bench);
	is($exit, 130, "SIGINT in a step, drive $drive: exit status 130");
	cmp_ok(time - $began, '<', 4, "SIGINT in a step, drive $drive: it ends soon");
	ok(server_says($node, "SELECT count(*) = 0 $ours AND state = 'active'"),
		"SIGINT in a step, drive $drive: the server's query has ended");
	ok(-s $json && jq($json, '.interrupted') eq 'true', "SIGINT in a step, drive $drive: the JSON is saved");
}

# --- twice --------------------------------------------------------------

# The first one cancels; a backend that does not hear it is left alone by the
# second.
{
	my $bench = run_into_wait();
	my $backend = $node->safe_psql('postgres', "SELECT pid $ours AND wait_event = 'PgSleep'");

	kill 'STOP', $backend;
	kill 'INT', $bench->{pid};
	sleep 0.5;
	my $began = time;
	kill 'INT', $bench->{pid};
	my ($exit, $out, $err) = finish_bench($bench);
	kill 'CONT', $backend;
	is($exit, 130, 'SIGINT twice: exit status 130');
	cmp_ok(time - $began, '<', 1, 'SIGINT twice: at once');
	ok(server_says($node, "SELECT count(*) = 0 $ours"), 'SIGINT twice: the server notices, and nothing runs on');
}
{
	my $bench = start_bench($node, 'run', '--sizes', 10, '--timeout', 30, "host='" . $node->host . "' application_name=dbos_payload_bench port=" . $node->port);

	ok(server_says($node, "SELECT count(*) > 1 $ours"), 'SIGINT and SIGTERM: a run is under way');
	kill 'INT', $bench->{pid};
	kill 'TERM', $bench->{pid};
	my ($exit) = finish_bench($bench);
	is($exit, 130, 'SIGINT and SIGTERM: exit status 130');
}
$node->safe_psql('postgres', 'DROP FUNCTION wait_long() CASCADE; DELETE FROM dbos_payload.operation_outputs; DELETE FROM dbos_payload.workflow_status');

# --- a large step -------------------------------------------------------

# 200 MB: generated, stored and sent.  Wherever the signal falls, the backend is
# idle or gone soon after.
foreach my $delay (0.1, 0.6)
{
	my $bench = start_bench($node, 'run', '-n', 1, '--blocks', 1, '--warmup', 0, '--sizes', '200MB', '--no-baselines');

	server_says($node, "SELECT count(*) = 1 $ours AND state = 'active' AND query LIKE '%payload_step%'");
	sleep $delay;
	my $began = time;
	kill 'INT', $bench->{pid};
	ok(server_says($node, "SELECT count(*) = 0 $ours AND state = 'active' AND query LIKE '%_step%'"),
		"SIGINT $delay s into a step of 200 MB: the backend is idle or gone");
	cmp_ok(time - $began, '<', $ENV{DBOS_PAYLOAD_SANITIZED} ? 20 : 2, "SIGINT $delay s into a step of 200 MB: soon");
	my ($exit) = finish_bench($bench);
	is($exit, 130, "SIGINT $delay s into a step of 200 MB: exit status 130");
}
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server is as before');

# --- while nothing runs yet ---------------------------------------------

{
	my $silent = PostgreSQL::Test::Utils::tempdir_short();
	require IO::Socket::UNIX;
	my $listener = IO::Socket::UNIX->new(Type => IO::Socket::UNIX::SOCK_STREAM(), Local => "$silent/.s.PGSQL.5432", Listen => 1);
	my $bench = start_bench({ env => { PGHOST => $silent, PGPORT => 5432 } }, 'run');

	my $connection = $listener->accept;
	kill 'INT', $bench->{pid};
	my ($exit) = finish_bench($bench);
	is($exit, 130, 'SIGINT while connecting: exit status 130, at once');
}

# --- killed -------------------------------------------------------------

# What kill -9 leaves is told by its name: the next run says so, clean takes it
# away, and neither touches a run that is alive, or what --keep has left.
{
	$node->safe_psql('postgres', 'DELETE FROM dbos_payload.operation_outputs; DELETE FROM dbos_payload.workflow_status');
	my ($exit, $out, $err) = run_bench($node, 'run', '-n', 1, '--blocks', 1, '--warmup', 0, '--sizes', '1', '--no-baselines', '--keep');
	my $kept = $node->safe_psql('postgres', 'SELECT count(*) FROM dbos_payload.workflow_status');
	cmp_ok($kept, '>', 0, '--keep: the rows stay');
	$node->safe_psql('postgres', "SELECT dbos_payload.start_workflow('theirs', 'order')");

	my @both = map { start_bench($node, 'run', '-n', 10000, '--blocks', 100, '--sizes', '1') } 1 .. 2;
	my $runs = q{SELECT count(DISTINCT split_part(workflow_uuid, ':', 2)) FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'dbos_payload_bench:%'};
	ok(server_says($node, "SELECT ($runs) = 2"), 'two runs are under way');
	kill 'KILL', $both[0]{pid};
	finish_bench($both[0]);
	ok(server_says($node, "SELECT count(*) = 2 $ours"), 'one of them is killed');

	($exit, $out, $err) = run_bench($node, 'run', '-n', 1, '--blocks', 1, '--warmup', 0, '--sizes', '1', '--no-baselines');
	is($exit, 0, 'after kill -9: another run runs');
	like($err, qr/warning: 1 dead run left the rows of \d+ workflows? here.*hint: .*clean/s, 'after kill -9: and says what was left');
	($exit, $out, $err) = run_bench($node, 'clean');
	is("$exit $err", '0 ', 'clean: succeeds');
	like($out, qr/^run [0-9a-f-]{36}: deleted (\d+) of \1 workflows?\b/m, 'clean: deletes the dead run\'s');
	like($out, qr/^1 run is under way: its rows were left alone$/m, 'clean: leaves the living one\'s');
	is($node->safe_psql('postgres', $runs), '1', 'clean: which are there');
	kill 'INT', $both[1]{pid};
	($exit, $out, $err) = finish_bench($both[1]);
	is($exit, 130, 'clean: and which goes on') or diag($err);
	is($node->safe_psql('postgres', 'SELECT count(*) FROM dbos_payload.workflow_status'), $kept + 1, 'clean: what was kept, and what is somebody else\'s, stays');
}

done_testing();
