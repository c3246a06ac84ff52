# What the client says on a cluster: where rows go, what it costs, what cannot be, and n/a
# where another server knows it.

use strict;
use warnings;

use CitusCluster;
use ClientTest;
use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

my $cluster = CitusCluster->new(workers => 2);
my $dir = PostgreSQL::Test::Utils::tempdir();
my @short = ('--allow-unsafe', '--blocks=2', '-n', '6', '--sizes=1,3000');

# on(NODE, ARGUMENT...): exit status, standard output on one line, and errors
sub on
{
	my ($node, @arguments) = @_;
	my ($exit, $out, $err) = run_bench($cluster->node($node), @arguments);

	return ($exit, $out =~ s/\s+/ /gr, $err);
}

# run_on(NODE, ARGUMENT...): a short run; its figures, what it printed, and its errors
sub run_on
{
	my ($node, @arguments) = @_;
	my ($exit, $out, $err) = on($node, 'run', @short, '--json', "$dir/run.json", @arguments);

	is($exit, 0, "run on node $node @arguments") or diag($out, $err);
	return (read_json("$dir/run.json"), $out, $err);
}

sub rows { return $cluster->sql('SELECT count(*) FROM dbos_payload.workflow_status'); }

# values(FIGURES, WORKFLOW, WAY): of each step
sub values_of
{
	my ($figures, $way) = @_;

	return map { map { $way->($_) } @{ $_->{steps} } } @{ $figures->{workflows} };
}

sub anew
{
	$cluster->sql('DROP EXTENSION dbos_payload CASCADE');
	$cluster->sql('CREATE EXTENSION dbos_payload');
	return;
}

# --- not distributed --------------------------------------------------------

{
	my (undef, $out) = on(0, 'check');
	like($out, qr/ok Citus not distributed, 3 nodes: each has rows of its own/, 'plain tables are plain');
	like($out, qr/tables \d+\.\d MB/, 'and have a size');
}

# --- distributed ------------------------------------------------------------

$cluster->distribute;
{
	my ($exit, $out) = on(0, 'check', '--allow-unsafe');
	is($exit, 0, 'distributed: run would start');
	like($out, qr/Citus 32 shards on 2 nodes, none here \(coordinator\); delegated: nothing that records/, 'the coordinator, without shards');
	like($out, qr/tables n\/a MB/, 'the size of an empty shell is not shown');
	like($out, qr/warning Citus: .*round trips to it, in check, store and commit.*as text, of two characters a byte/, 'what a step costs for it');
	unlike($out, qr/WAL of this run/, 'nothing is said of WAL that others write');

	(undef, $out) = on(1, 'check');
	like($out, qr/Citus 32 shards on 2 nodes, 16 here \(worker\)/, 'a worker with half of them');
	like($out, qr/its own workflows and others together/, 'which are both in the figures');
	(undef, $out) = on(1, 'check', '--profile=dbos-python');
	like($out, qr/profiles' tables: what --profile writes into is on this server alone/, "profiles' tables are not distributed");
}
{
	$cluster->sql('CREATE ROLE nobody LOGIN');
	my (undef, $out) = on(0, 'check', 'user=nobody');
	like($out, qr/Citus 32 shards on 2 nodes, none here/, 'a role without any privilege is told too');
}

my ($figures, $out, $err) = run_on(0, '--full');
is(rows(), 0, 'a run leaves nothing');
like($out, qr/WAL and buffers are known of 0 of \d+ calls/, 'the coordinator knows no WAL of the nodes');
is_deeply([ grep { defined } values_of($figures, sub { @{ $_[0]{volumes} }{qw(wal_bytes shared_blks_hit heap_bytes)}, $_[0]{stored_bytes} }) ],
	[], 'it is null, and not 0');
is_deeply([ grep { $_ != 0 } values_of($figures, sub { $_[0]{usage_n} }) ], [], 'of no call');
is_deeply([ grep { !defined || $_ <= 0 } values_of($figures, sub { map { $_->{mean}{value} } @{ $_[0]{times_ms} }{qw(check store commit network)} }) ],
	[], "a step's parts are known");
like($out, qr/- Citus: the rows are on 2 nodes/, 'the caveats say where the rows are');
unlike($out, qr/\bnan\b|-nan|inf\b/i, 'no figure is none');

($figures, $out) = run_on(1, '--full', '--csv', "$dir/run.csv");
my ($known, $timed) = (0, 0);
foreach my $workflow (@{ $figures->{workflows} })
{
	$known += $_->{usage_n} foreach @{ $workflow->{steps} };
	$timed += $_->{times_ms}{server_total}{n} foreach @{ $workflow->{steps} };
}

# 24 workflows, and each is on this node or the other: all on one once in eight million runs
cmp_ok($known, '>', 0, 'a worker knows the WAL of its own workflows');
cmp_ok($known, '<', $timed, 'and not of the others');
like($out, qr/WAL and buffers are known of $known of $timed calls/, 'which is said');
like($out, qr/dirtied of n --/, 'and of how many, in the table');
my @wal = grep { $_->{metric} eq 'wal_bytes' && $_->{step} eq 'size_step' } @{ read_csv("$dir/run.csv") };
is_deeply([ map { $_->{n} } @wal ], [ map { $_->{usage_n} } map { @{ $_->{steps} } } grep { $_->{workflow} eq 'size_workflow' } @{ $figures->{workflows} } ],
	'and in the CSV');
cmp_ok($_->{p50}, '>', 50, 'the WAL is that of a row') foreach @wal;

# --- rows of runs under way and of dead ones ----------------------------------

{
	my $bench = start_bench($cluster->node(0), 'run', '--allow-unsafe', '-T', '60', '--sizes=1', '--no-baselines');

	wait_until { rows() > 3 } 30;
	my (undef, $cleaned) = on(1, 'clean');
	like($cleaned, qr/no dead run has left anything 1 run is under way/, "another node's clean takes no living run's rows");
	cmp_ok(rows(), '>', 3, 'they are there');
	kill 'INT', $bench->{pid};
	is((finish_bench($bench))[0], 130, 'the run is ended by us');
	is(rows(), 0, 'and takes its rows along');
}
{
	my ($kept) = on(1, 'run', @short, '--keep', '--no-baselines');
	is($kept, 0, '--keep');
	cmp_ok(rows(), '>', 20, 'leaves rows on all nodes');
	$cluster->sql("DELETE FROM dbos_payload.operation_outputs; DELETE FROM dbos_payload.workflow_status");
}
{
	my ($exit) = on(2, 'run', '--allow-unsafe', '--workflow-id=mine', '--sizes=1,10');
	is($exit, 0, 'a workflow by its id');
	$cluster->sql("UPDATE dbos_payload.workflow_status SET status = 'PENDING', completed_at = NULL WHERE workflow_uuid = 'mine'");
	my ($again, $resumed) = on(0, 'run', '--allow-unsafe', '--workflow-id=mine', '--sizes=1,10');
	is($again, 0, 'is resumed');
	like($resumed, qr/2 of 2 steps are recorded/, 'through another node');
}

# --- what else ----------------------------------------------------------------

{
	my ($exit, undef, $errors) = on(0, 'inspect', '--schema=dbos_payload');
	is($exit, 1, 'inspect reads no distributed tables');
	like($errors, qr/Citus has distributed tables of the schema "dbos_payload": operation_outputs, workflow_status/, 'and says so');

	foreach my $node (0, 1)
	{
		my ($profile, undef, $why) = on($node, 'run', @short, '--profile=dbos-python', '--no-baselines');
		is($profile, 0, "profiles on node $node") or diag($why);
		is($cluster->node(2)->safe_psql('postgres', "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'dbos_bench%'"), 0, 'leave no schema anywhere');
	}
	my ($storage, $said, $why) = on(1, 'experiment', 'storage', '--allow-unsafe', '-T', '5', '--sizes=100');
	is($storage, 0, 'an experiment on a worker') or diag($why);
	like($said, qr/the experiment's own are on this server alone, so that nothing here is of distributed rows/, 'says of which tables it is');
}

# --- delegated ----------------------------------------------------------------

sub delegate
{
	my ($function) = @_;

	$cluster->sql("SELECT create_distributed_function(oid::regprocedure, 'workflow_id', colocate_with => 'dbos_payload.workflow_status')"
		  . " FROM pg_proc WHERE pronamespace = 'dbos_payload'::regnamespace AND proname = '$function'");
	return;
}

delegate($_) foreach qw(size_step payload_step);
(undef, $out) = on(0, 'check');
like($out, qr/warning delegation: delegated to the nodes: size_step, payload_step, so that a step's times are made on its workflow's node/, 'check names what is delegated');
(undef, $out) = on(0, 'check', '--origin=client', '--no-baselines');
like($out, qr/ok delegation of payload_step, size_step, none of which this run records by/, 'where the run calls it');
($figures, $out) = run_on(0, '--full');
is_deeply([ grep { defined } values_of($figures, sub { map { $_->{mean}{value} } @{ $_[0]{times_ms} }{qw(network check store commit server_total unattributed)} }) ],
	[], 'parts that are lost are null, and in no other');
cmp_ok($_, '>', 0, 'the round trip is known') foreach values_of($figures, sub { $_[0]{times_ms}{round_trip}{mean}{value} });
like($out, qr/they were lost on the nodes that Citus ran the calls on, since these are delegated: size_step, payload_step/, 'run says why');
unlike($out, qr/pooler is in between/, 'and not that a pooler is');

# a worker runs its own workflows itself
($figures, $out) = run_on(1, '--full');
like($out, qr/The server's parts are known of \d+ of \d+ calls, .* since these are delegated/, 'of some they are known');
unlike($out, qr/Of the mean/, 'and no share of the mean of all');

delegate('step_timings');
(undef, $out) = on(0, 'check');
like($out, qr/Do not delegate step_timings/, 'step_timings is better not');
($figures, $out) = run_on(0, '--full');
is_deeply([ grep { defined } values_of($figures, sub { $_[0]{times_ms}{network}{mean}{value} }) ], [],
	"where the node's parts are known, the coordinator's work is no network");
cmp_ok($_, '>', 0, 'the parts are known') foreach values_of($figures, sub { $_[0]{times_ms}{store}{mean}{value} });

# --- what cannot be -------------------------------------------------------------

my $workflows = "create_distributed_table('dbos_payload.workflow_status', 'workflow_uuid')";

foreach my $case (
	[ "SELECT $workflows", qr/workflow_status is distributed and operation_outputs is not/ ],
	[ "SELECT create_distributed_table('dbos_payload.operation_outputs', 'workflow_uuid')", qr/operation_outputs is distributed and workflow_status is not/ ],
	[ "SELECT $workflows, create_distributed_table('dbos_payload.operation_outputs', 'workflow_uuid', colocate_with => 'none')", qr/not colocated/ ],
	[ "SELECT $workflows, create_distributed_table('dbos_payload.operation_outputs', 'function_id')", qr/not both distributed by workflow_uuid/ ],
	[ "SELECT create_reference_table('dbos_payload.workflow_status'), create_reference_table('dbos_payload.operation_outputs')", qr/both tables are on every node/ ],
	[ "SET citus.shard_replication_factor = 2; SELECT create_distributed_table('dbos_payload.workflow_status', 'workflow_uuid', colocate_with => 'none');"
		  . " SELECT create_distributed_table('dbos_payload.operation_outputs', 'workflow_uuid', colocate_with => 'dbos_payload.workflow_status')",
		qr/each shard is kept by 2 nodes/ ])
{
	my ($distribute, $words) = @$case;

	anew();
	$cluster->sql($distribute);
	my ($exit, $said) = on(0, 'check', '--allow-unsafe');
	is($exit, 1, "cannot: $distribute");
	like($said, qr/cannot Citus: [^.]*$words/, 'check says why');
	my ($run, undef, $errors) = on(0, 'run', @short);
	is($run, 1, 'run does not start');
	like($errors, qr/error: Citus: [^.]*$words/, 'and says the same');

	# what it says is to be done
	my $remedy = join '', $errors =~ /^\t(.*\n)/mg;
	$cluster->sql("SET client_min_messages = error; $remedy");
	(undef, $said) = on(0, 'check');
	like($said, qr/warning Citus: the rows are on 2 nodes, by workflow_uuid \(32 shards, both tables colocated\)/, 'its remedy mends it');
}

done_testing();
