# Synchronous standbys: what of commit is theirs, and a run that goes on where one of
# them has become the primary.  (Without any: 012_client_losses, 016_client_environment.)
# FAILOVERS: how often the primary is killed while a workflow writes.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Proxy;
use Test::More;
use Time::HiRes qw(sleep);

# each way
use constant DELAY_MS => 5;

# A primary and a standby that its commits wait for; through that proxy where there is one.
sub pair
{
	my ($name, $through) = @_;
	my $primary = new_node("$name\_primary", durable => 1, allows_streaming => 1, conf => "autovacuum = off\nwal_receiver_status_interval = 1\n");
	my $standby = PostgreSQL::Test::Cluster->new("$name\_standby");

	$primary->backup('base');
	$standby->init_from_backup($primary, 'base', has_streaming => 1);
	my $proxy = $through ? Proxy->new($primary) : undef;
	$standby->append_conf('postgresql.conf', "primary_conninfo = 'host=127.0.0.1 port=" . $proxy->port . "'\n") if $proxy;
	$standby->start;
	wait_until { $primary->safe_psql('postgres', 'SELECT count(*) FROM pg_stat_replication') == 1 } 30;
	$primary->safe_psql('postgres', "ALTER SYSTEM SET synchronous_standby_names = '*'");
	$primary->reload;
	ok(server_says($primary, "SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state = 'sync'"),
		"$name: there is a synchronous standby");
	return ($primary, $standby, $proxy);
}

my $dir = PostgreSQL::Test::Utils::tempdir();
my ($primary, $standby, $proxy) = pair('delayed', 1);

sub times_of
{
	my ($metric, @arguments) = @_;
	my ($exit, $out, $err) = run_bench($primary, 'run', '-n', 12, '--blocks', 5, '--sizes', '1',
		'--no-baselines', '--json', "$dir/run.json", @arguments);

	is($exit, 0, 'a run beside a standby') or diag($err);
	my $times = read_json("$dir/run.json")->{workflows}[0]{steps}[0]{times_ms};
	return ($times, $out);
}

# --- a standby that is held back shows as standby, and as nothing else ---

{
	my ($prompt) = times_of();

	$proxy->command('delay ' . DELAY_MS);
	$proxy->command('reset');

	my ($held, $out) = times_of();
	my %count = $proxy->count;
	my $delay = 2 * $count{held};	# as long as it was in truth
	my $parts = $held->{flush}{mean}{value} + $held->{standby}{mean}{value};

	diag(sprintf 'standby %.3f ms, %.3f when each way takes %.3f ms more; flush %.3f and %.3f; the mean commit %.3f is %.3f and %.3f',
		map({ $_->{standby}{median}{value} } $prompt, $held), $count{held}, map({ $_->{flush}{median}{value} } $prompt, $held),
		map { $held->{$_}{mean}{value} } qw(commit flush standby));
	is($held->{$_}{n}, 60, "each iteration is done without the standby too: $_") foreach qw(commit flush standby);
	cmp_ok($held->{standby}{median}{value}, '>=', 0.95 * $delay, 'the delay is found in standby');
	cmp_ok($held->{flush}{min}, '<', $delay / 2, 'and not in flush');
	cmp_ok(abs($parts - $held->{commit}{mean}{value}), '<', 1e-6 * $held->{commit}{mean}{value},
		'flush and standby are commit, of the same iterations');
	like($out =~ s/\s+/ /gr, qr/A commit of 1 B is .* of its own and .* of waiting for standbys \(60 iterations/, 'the answer says it');

	my ($exit, $full) = run_bench('report', '--full', "$dir/run.json");
	is($exit, 0, 'report --full');
	like($full, qr/^commit .*\n  flush .*\n  standby /m, 'and so does the table of parts');
	is($primary->safe_psql('postgres', "SHOW synchronous_commit"), 'on', 'nothing of the server is changed');
}

# what backends use is told of the iterations that wait: here the others compute for 30 ms
{
	$primary->safe_psql('postgres', <<'END');
CREATE FUNCTION compute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	WHILE current_setting('synchronous_commit') = 'local' AND clock_timestamp() < statement_timestamp() + interval '30 ms' LOOP
	END LOOP;
	RETURN NEW;
END $$;
CREATE TRIGGER compute BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION compute();
END
	run_bench($primary, 'run', '-n', 4, '--blocks', 2, '--sizes', '1', '--no-baselines', '--json', "$dir/run.json");
	$primary->safe_psql('postgres', 'DROP FUNCTION compute CASCADE');

	my $share = read_json("$dir/run.json")->{sides}[0]{backend}{cpu_share}{value};
	cmp_ok($share, '<', 0.3, 'what iterations without the standby compute is in nobody\'s use');
}

# who does not wait is not asked, nor beside somebody who does
{
	run_bench($primary, 'run', '-n', 3, '--blocks', 2, '--sizes', '1', '--no-baselines', '--json', "$dir/run.json",
		'--against', conninfo($primary, options => '-csynchronous_commit=local'));
	my @standby = map { $_->{steps}[0]{times_ms}{standby} } @{ read_json("$dir/run.json")->{workflows} }[ 0, 2 ];

	is($standby[0]{n}, 6, 'of two sides the one whose commits wait for a standby has that part');
	ok(!defined $standby[1], 'and the other has not');

	my ($times) = do { local $ENV{PGOPTIONS} = '-c synchronous_commit=local'; times_of() };

	ok(!defined $times->{standby}, 'commits that wait for no standby have no such part');
}

# --- the standby is gone: said before, and not waited for ----------------

# a run that is killed meanwhile leaves its server process waiting, with what it wrote:
# where the extension is not, all of that is in a schema of its own
$primary->safe_psql('postgres', 'CREATE DATABASE profiles');
my $killed = start_bench($primary, 'run', '-T', 100, '--sizes', 1, '--no-baselines', '--profile', 'dbos-python', 'profiles');
my $writes = wait_until { $primary->safe_psql('profiles', "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'dbos\\_bench\\_%'") > 0 } 30;
ok($writes, 'a run writes');

$standby->stop;
$proxy->stop;
{
	my $waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND state_change < clock_timestamp() - interval '3 s'";
	my $waits = wait_until { $primary->safe_psql('postgres', "SELECT count(*) $waiting") } 30;

	ok($waits, 'it waits for a standby that is gone');
	kill 'KILL', $killed->{pid};
	finish_bench($killed);

	my ($pids) = $primary->safe_psql('postgres', "SELECT string_agg(pid::text, ', ') $waiting");
	my ($exit, $out, $err) = run_bench($primary, { timeout => 50 }, 'clean', 'profiles');

	is($exit, 1, 'clean does not wait for it');
	like($err, qr/held by processes that wait for a standby: $pids$/m, 'and says which process holds what is left');
	$primary->safe_psql('postgres', "SELECT pg_terminate_backend(pid) $waiting");
	ok(server_says($primary, "SELECT NOT EXISTS (SELECT $waiting)"), 'that one is ended');
	($exit, $out, $err) = run_bench($primary, { timeout => 50 }, 'clean', 'profiles');
	is($exit, 0, 'then clean drops and deletes all') or diag($out, $err);
}
{
	my ($exit, $out, $err) = run_bench($primary, 'run', '-n', 1, '--blocks', 1, '--sizes', 1);
	is($exit, 1, 'without the standby run refuses');
	like($err, qr/first commit would wait for ever\. Start the standby, or/, 'and says why and what to do');
	($exit, $out) = run_bench($primary, 'check');
	is($exit, 1, 'check says so too');
	foreach my $command ([ 'init' ], [ 'init', 'template1' ], [ 'clean' ], [ 'experiment', 'storage', '--quick' ])
	{
		($exit, $out, $err) = run_bench($primary, { timeout => 60 }, @$command);
		ok($exit <= 1, "@$command does not wait for ever: exit status $exit") or diag($err);
	}
}
$primary->stop('immediate');

# --- failover: what was acknowledged is there, and a run goes on ---------

# kill the primary while a client writes; the standby takes over
sub fail_over
{
	my ($primary, $standby) = @_;

	$primary->stop('immediate');
	$standby->promote;
	$standby->safe_psql('postgres', "SET synchronous_commit = local; ALTER SYSTEM SET synchronous_standby_names = ''");
	$standby->reload;
	return;
}

for my $round (1 .. $ENV{FAILOVERS} // 1)
{
	my ($primary, $standby) = pair("failover$round");
	my ($in, $out, $err) = ('', '', '');
	my $client = IPC::Run::start([ tool('crash_client'), conninfo($primary), 'failover' ],
		'<', \$in, '>', \$out, '2>', \$err, IPC::Run::timeout(60));

	$client->pump while $client->pumpable && $out !~ /^ack 3 /m;

	# a run, by the names of both, in the meantime
	my $bench = start_bench(
		{
			env => {
				PGHOST => join(',', $primary->host, $standby->host),
				PGPORT => join(',', $primary->port, $standby->port),
				PGTARGETSESSIONATTRS => 'read-write',
				PGDATABASE => 'postgres' }
		},
		'run', '-n', 3, '--blocks', 400, '-T', 50, '--sizes', '1,10', '--no-baselines', '--reconnect', '--json', "$dir/moved.json");

	ok(server_says($primary, "SELECT count(*) > 60 FROM dbos_payload.operation_outputs"), "failover $round: the run writes");
	fail_over($primary, $standby);
	$client->finish;

	my %acknowledged = $out =~ /^ack (\d+) ([0-9a-f]{64})$/mg;
	my %recorded = map { split /\|/ } split /\n/, $standby->safe_psql('postgres',
		"SELECT function_id, encode(sha256(output), 'hex') FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'failover'");

	cmp_ok(scalar keys %acknowledged, '>=', 3, "failover $round: steps were acknowledged");
	is_deeply({ map { $_ => $recorded{$_} } keys %acknowledged }, \%acknowledged,
		"failover $round: all of them are on the standby, with their bytes");

	my ($exit, $report, $messages) = run_bench($standby, 'run', '--workflow-id', 'failover');
	is($exit, 0, "failover $round: the workflow is resumed there") or diag($messages);
	like($report . $messages, qr/\d of 7 steps are recorded|SUCCESS|7 of 7/, "failover $round: what is recorded is replayed");

	# it has found the other server, and measures there
	my $found = wait_until { $bench->{run}->pumpable && $bench->{run}->pump_nb; ${ $bench->{err} } =~ /connected again/ } 60;
	ok($found, "failover $round: the run is on the other server") or diag(${ $bench->{out} }, ${ $bench->{err} });
	my $rows = "SELECT count(*) %s FROM dbos_payload.operation_outputs WHERE workflow_uuid LIKE 'dbos_payload_bench:%%'";
	my $before = $standby->safe_psql('postgres', sprintf($rows, ''));
	ok(server_says($standby, sprintf($rows, "> $before + 60")),
		"failover $round: and measures there");
	kill 'INT', $bench->{pid};
	($exit, $report, $messages) = finish_bench($bench);
	my $file = read_json("$dir/moved.json");
	my $move = $file->{sides}[0]{moves}[0];
	my $port = $standby->port;

	is($exit, 130, "failover $round: the run went on until it was told to stop") or diag($messages);
	like($move->{server}, qr/:$port$/, "failover $round: the file says where the run went on");
	cmp_ok($move->{first_iteration}, '>', 0, "failover $round: and from which iteration on");
	cmp_ok($move->{first_iteration}, '<', $file->{iterations}, "failover $round: iterations ran there");
	cmp_ok($file->{workflows}[0]{steps}[0]{times_ms}{standby}{n}, '<=', $move->{first_iteration},
		"failover $round: where no standby is waited for, none is asked for");
	like($move->{changed}, qr/synchronous_standby_names/, "failover $round: what is different there is read again");
	like($messages, qr/connected again: to \S+:$port, where the run was on/, "failover $round: it is said at once");
	like($report =~ s/\s+/ /gr, qr/After a lost connection iterations \d+ to \d+ ran on \S+:$port/, "failover $round: the report warns");
	is($standby->safe_psql('postgres', "SELECT count(*) FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'dbos_payload_bench:%'"),
		'0', "failover $round: its rows are deleted");
	$standby->stop;
}

done_testing();
