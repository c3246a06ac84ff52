package Crash;

# Servers, clients and connections that go down at random points of a seven-step
# workflow, which is then resumed until it is done.
#
# A small client of the tests' own, crash_client, runs the workflow and tells of
# each step that the server acknowledged, with a digest of what it got.  What is
# recorded in the end must be just that.

use strict;
use warnings;

use DbosPayload;
use Exporter 'import';
use IPC::Run;
use List::Util qw(shuffle);
use Proxy;
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(crash_rounds);

use constant STEPS => 7;

my @kinds = ('backend', 'postmaster', 'client', 'acknowledgement');

# crash_rounds(ROUNDS, SEED): the counts of what happened, as a hash
sub crash_rounds
{
	my ($rounds, $seed) = @_;
	my $node = new_node('crash', durable => 1, conf => "restart_after_crash = on\nautovacuum = off\n");
	my $proxy = Proxy->new($node);
	my %total = map { $_ => 0 } qw(rounds acknowledged unfinished again lost doubled changed);
	my %went_down = map { $_ => 0 } @kinds;
	my %first;

	note("seed $seed");
	srand($seed);
	for my $round (0 .. $rounds - 1)
	{
		# every kind as often as the others, in no order
		@kinds = shuffle(@kinds) if $round % @kinds == 0;
		my $kind = $kinds[ $round % @kinds ];
		my $id = "crash-$seed-$round";
		my $acknowledged = run_and_crash($node, $proxy, $kind, $id);

		wait_for_server($node);
		my $before = recorded($node, $id);

		$total{rounds}++;
		$total{acknowledged} += keys %$acknowledged;
		$went_down{$kind}++;
		$total{unfinished}++ if keys %$before < STEPS;
		$total{lost} += grep { !exists $before->{$_} } keys %$acknowledged;
		$first{$id} = { %$before, %$acknowledged };
		$total{again} += keys(%$before) - resume($node, $id);
	}

	# all at the end: what came later must not have changed what was there
	foreach my $id (sort keys %first)
	{
		my $after = recorded($node, $id);

		foreach my $step (1 .. STEPS)
		{
			$total{lost}++ unless exists $after->{$step};
			$total{changed}++
			  if exists $first{$id}{$step} && ($after->{$step} // '') ne $first{$id}{$step};
		}
		$total{doubled} += keys(%$after) - STEPS if keys %$after > STEPS;
	}

	# without the index, which may be what is wrong
	$total{doubled} += $node->safe_psql('postgres', <<'END');
SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off;
SELECT count(*) FROM (SELECT FROM dbos_payload.operation_outputs
	GROUP BY workflow_uuid, function_id HAVING count(*) > 1) AS doubled
END
	$total{rows} = $node->safe_psql('postgres', 'SELECT count(*) FROM dbos_payload.operation_outputs');
	$total{succeeded} = $node->safe_psql('postgres',
		"SELECT count(*) FROM dbos_payload.workflow_status WHERE status = 'SUCCESS'");
	$proxy->stop;
	$total{$_} = $went_down{$_} foreach @kinds;
	diag(join ', ', "$total{rounds} rounds (seed $seed)",
		(map { "$_ $went_down{$_}" } sort keys %went_down),
		"$total{acknowledged} steps acknowledged", "$total{unfinished} workflows unfinished",
		"lost $total{lost}", "run again $total{again}", "doubled $total{doubled}", "changed $total{changed}");
	return %total;
}

# Runs the workflow until something goes down; returns what was acknowledged.
sub run_and_crash
{
	my ($node, $proxy, $kind, $id) = @_;
	my ($in, $out, $err) = ('', '', '');
	my $steps = int(rand(STEPS + 1));	# acknowledged before it goes down, at least
	my $conninfo = conninfo($node);

	if ($kind eq 'acknowledgement')
	{
		# start-up and start of the workflow have answers too
		my $answer = 3 + int(rand(STEPS));

		$conninfo = conninfo($node, host => '127.0.0.1', port => $proxy->port);
		$proxy->command("cut $answer " . (rand() < 0.5 ? 'whole' : 'ready'));
	}

	my $client = IPC::Run::start([ tool('crash_client'), $conninfo, $id ],
		'<', \$in, '>', \$out, '2>', \$err, IPC::Run::timeout(60));

	if ($kind ne 'acknowledgement')
	{
		$client->pump while $client->pumpable && acknowledged_steps($out) < $steps;

		# somewhere in the next step, or near: a large one takes some ms
		sleep(rand() * ($steps < 5 ? 0.001 : 0.008));
		my ($backend) = $out =~ /^pid (\d+)/m;

		kill 'KILL', $backend if $kind eq 'backend' && $backend;
		kill 'KILL', $client->{KIDS}[0]{PID} if $kind eq 'client';
		kill_postmaster($node) if $kind eq 'postmaster';
	}
	$client->finish;
	return { $out =~ /^ack (\d+) ([0-9a-f]{64})$/mg };
}

sub acknowledged_steps
{
	my ($out) = @_;

	return scalar(() = $out =~ /^ack \d+ [0-9a-f]{64}$/mg);
}

# SIGKILL for the postmaster; it is gone when its number is.
sub kill_postmaster
{
	my ($node) = @_;
	my $pid = $node->{_pid};
	my $end = time + 30;

	$node->kill9;
	sleep 0.01 while kill(0, $pid) && time < $end;
	return;
}

# A killed backend takes the server through recovery; a killed postmaster's last
# children must be gone before the next one starts.
sub wait_for_server
{
	my ($node) = @_;
	my $end = time + 60;

	while (time < $end)
	{
		if (!defined $node->{_pid} && !$node->start(fail_ok => 1))
		{
			$node->{_pid} = undef;
			sleep 0.1;
			next;
		}
		my ($exit) = run_program('psql', '-XAtqc', 'SELECT 1', conninfo($node));

		return if $exit == 0;
		sleep 0.05;
	}
	die 'the server did not come back';
}

sub recorded
{
	my ($node, $id) = @_;

	return {
		map { split /\|/ } split /\n/, $node->safe_psql('postgres', <<"END")
SELECT function_id, encode(sha256(output), 'hex') FROM dbos_payload.operation_outputs
WHERE workflow_uuid = '$id'
END
	};
}

# Goes on with the workflow as a user would; returns how many steps the client
# said to have replayed.
sub resume
{
	my ($node, $id) = @_;
	my @drives = all_drives();
	my $drive = $drives[ rand @drives ];
	my ($exit, $out, $err) =
	  run_bench($node, { timeout => 60 }, 'run', '--workflow-id', $id, '--drive', $drive);

	die "workflow $id could not be resumed: $err" if $exit != 0;
	return $out =~ /: (\d+) of 7 steps are recorded/ ? $1 : 0;
}

1;
