# An acknowledgement that gets lost, a worker that comes back after another one
# has done its work, a firewall that swallows everything.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use IPC::Run;
use Proxy;
use Test::More;
use Time::HiRes qw(time);

my $node = new_node('main', durable => 1);
my $proxy = Proxy->new($node);
my @by_proxy = (host => '127.0.0.1', port => $proxy->port);

# --- one's own retry after a lost acknowledgement is a success -------------
foreach my $how ('whole', 'ready')
{
	my $record = "SELECT dbos_payload.record_step('$how', 1, 'step', 'bytes')";

	$node->safe_psql('postgres', "SELECT dbos_payload.start_workflow('$how', 'test')");
	$proxy->command("cut 2 $how");
	my ($exit) = run_program('psql', '-XAtqc', $record, conninfo($node, @by_proxy));
	isnt($exit, 0, "lost acknowledgement ($how): the client does not hear of it");
	is($node->safe_psql('postgres', "SELECT count(*) FROM dbos_payload.list_steps('$how')"),
		1, "lost acknowledgement ($how): it is recorded all the same");
	is($node->safe_psql('postgres', $record),
		'already_recorded', "lost acknowledgement ($how): the same again is a success");
	is($node->safe_psql('postgres', $record =~ s/'bytes'/'others'/r),
		'conflict', "lost acknowledgement ($how): other bytes are not");
	is($node->safe_psql('postgres', "SELECT dbos_payload.step_output('$how', 1, 'step') = 'bytes'"),
		't', "lost acknowledgement ($how): and change nothing");
}

# --- a worker is stopped between two steps, another one ends the workflow --
{
	my ($in, $out, $err) = ('', '', '');
	my $digest = "SELECT string_agg(sha256(output)::text, ' ' ORDER BY function_id)
		FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'late'";

	$proxy->command('delay 20');
	my $late = IPC::Run::start([ tool('crash_client'), conninfo($node, @by_proxy), 'late' ],
		'<', \$in, '>', \$out, '2>', \$err, IPC::Run::timeout(60));
	$late->pump until $out =~ /^ack 2 /m;
	kill 'STOP', $late->{KIDS}[0]{PID};
	my $steps = $node->safe_psql('postgres', "SELECT count(*) FROM dbos_payload.list_steps('late')");
	ok($steps >= 2 && $steps < 7, "a late worker: stopped after some steps ($steps)");

	my ($exit, undef, $message) = run_bench($node, 'run', '--workflow-id', 'late');
	is($exit, 0, 'a late worker: another one does the rest') or diag($message);
	my $before = $node->safe_psql('postgres', $digest);

	kill 'CONT', $late->{KIDS}[0]{PID};
	$late->finish;
	isnt($late->result(0), 0, 'a late worker: it fails when it comes back');
	like($err, qr/workflow "late" is not pending.*SUCCESS/s, 'a late worker: and hears why');
	is($node->safe_psql('postgres', $digest), $before, 'a late worker: has changed nothing');
	$proxy->command('delay 0');
}

# --- a firewall drops everything without a word ----------------------------
{
	my $began = time;
	my $bench = start_bench('run', '-n', 10_000, '--timeout', 1, '--sizes', '1,1000',
		conninfo($node, @by_proxy));

	my $under_way = wait_until {
		$node->safe_psql('postgres', 'SELECT count(*) FROM dbos_payload.operation_outputs') > 100
	} 20;
	ok($under_way, 'firewall: a run is under way');
	$proxy->command('drop');
	my ($exit, $out, $err) = finish_bench($bench);
	is($exit, 2, 'firewall: the run ends, exit status 2');
	like($err, qr/the server did not answer for 1 s/, 'firewall: says why');
	like($out, qr/1 kB/, 'firewall: and reports what it had');
	cmp_ok(time - $began, '<', 30, 'firewall: soon');
}

$proxy->stop;
done_testing();
