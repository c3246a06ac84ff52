# What a run that was killed leaves behind: a later run says so, clean deletes it,
# and neither touches a run under way or anybody else's workflows.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', durable => 1);
my @endless = ('run', '--blocks', 1000, '-n', 1, '--warmup', 0, '--sizes', '1,1000', '--no-baselines', '--think', '20ms');

sub workflows
{
	my ($where) = @_;

	return $node->safe_psql('postgres', 'SELECT count(*) FROM dbos_payload.workflow_status' . ($where ? " WHERE $where" : ''));
}

# begin(): a run that would go on for long, once it has written something
sub begin
{
	my $before = workflows();
	my $bench = start_bench($node, @endless);

	server_says($node, "SELECT count(*) > $before + 2 FROM dbos_payload.workflow_status");
	return $bench;
}

# --- nothing to do --------------------------------------------------------

$node->safe_psql('postgres', q{SELECT dbos_payload.start_workflow('mine', 'mine');
	SELECT dbos_payload.start_workflow('dbos_payload_bench is what I use', 'mine')});
{
	my ($exit, $out, $err) = run_bench($node, 'clean');

	is("$exit $out$err", "0 no dead run has left anything\n", 'clean: nothing is left');
	my (undef, undef, $said) = run_bench($node, 'run', '--blocks', 1, '-n', 1, '--sizes', 1);
	unlike($said, qr/dead run/, 'and run says nothing of it');
	is(workflows(), 2, 'a run deletes its own rows');
	run_bench($node, 'run', '--blocks', 1, '-n', 1, '--sizes', 1, '--keep');
	my $kept = workflows();
	cmp_ok($kept, '>', 2, 'run --keep leaves them');
	is((run_bench($node, 'clean'))[1], "no dead run has left anything\n", 'clean: and they are nobody\'s leftovers');
	is(workflows(), $kept, 'clean: which stay');
	$node->safe_psql('postgres', q{DELETE FROM dbos_payload.operation_outputs; DELETE FROM dbos_payload.workflow_status WHERE name <> 'mine'});
}

# --- killed runs, and one that is not -------------------------------------

{
	my $killed = begin();

	kill 'KILL', $killed->{pid};
	eval { finish_bench($killed) };
	server_says($node, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'dbos_payload_bench'});
	my $left = workflows();
	cmp_ok($left, '>', 2, "a killed run leaves $left workflows, with the two of somebody else");

	my $alive = begin();
	my ($exit, $out, $err) = run_bench($node, 'clean');
	my ($deleted, $found) = $out =~ /^run [0-9a-f-]{36}: deleted (\d+) of (\d+) workflows, the last of \d+ s ago$/m;
	is($exit, 0, 'clean: succeeds') or diag($err);
	is($deleted, $left - 2, 'clean: deletes what the killed run left') or diag($out);
	is($found, $deleted, 'clean: all that it found');
	like($out, qr/^1 run is under way: its rows were left alone$/m, 'clean: and not a living run\'s');
	cmp_ok(workflows(q{workflow_uuid LIKE 'dbos\_payload\_bench:%'}), '>', 0, 'whose rows are there');
	is(workflows(q{name = 'mine'}), 2, 'nor anybody else\'s');
	is($node->safe_psql('postgres', q{SELECT count(*) FROM dbos_payload.operation_outputs AS o
		WHERE NOT EXISTS (SELECT FROM dbos_payload.workflow_status AS w WHERE w.workflow_uuid = o.workflow_uuid)}), 0,
		'clean: no step is left without its workflow');

	kill 'INT', $alive->{pid};
	my ($status, undef, $said) = finish_bench($alive);
	is($status, 130, 'the living run is interrupted');
	like($said, qr/warning: 1 dead run left the rows of \d+ workflows here/, 'it had said what the dead one left');
	like($said, qr/hint: .*dbos_payload_bench clean/, 'and how to delete it');
	is(workflows(), 2, 'and deletes its own rows');
}

# --- a role that may not ---------------------------------------------------

{
	my $killed = begin();

	kill 'KILL', $killed->{pid};
	eval { finish_bench($killed) };
	server_says($node, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'dbos_payload_bench'});
	$node->safe_psql('postgres', q{CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA dbos_payload TO reader;
		GRANT SELECT ON ALL TABLES IN SCHEMA dbos_payload TO reader});
	my $left = workflows();
	my ($exit, $out, $err) = run_bench($node, 'clean', 'user=reader');
	is($exit, 1, 'clean: fails without the privilege');
	like($err, qr/error: .*permission denied.*hint: .*DELETE/s, 'clean: says why, and what it needs');
	is(workflows(), $left, 'clean: nothing is deleted then');
	$node->safe_psql('postgres', 'CREATE ROLE nobody LOGIN');
	($exit, $out, $err) = run_bench($node, 'clean', 'user=nobody');
	is($exit, 1, 'clean: fails without any privilege');
	like($err, qr/\Adbos_payload_bench: error: [^\n]*permission denied[^\n]*\n[^\n]*hint: .*USAGE.*DELETE/, 'clean: says what it needs, and nothing of its own statement');
}
{
	my ($exit, $out, $err) = run_bench($node, 'clean', 'dbname=template1');

	is($exit, 0, 'clean: where the extension is not, no run has left rows') or diag($err);
	is($out, "no dead run has left anything\n", 'clean: and says so');
}

# --- the result file on standard output -------------------------------------

{
	my $dir = PostgreSQL::Test::Utils::tempdir();
	my ($exit, $out, $err) = run_bench($node, 'run', '--blocks', 1, '-n', 1, '--sizes', 1, '--json', '-');

	append_to_file("$dir/out.json", $out);
	is($exit, 0, 'run --json -: succeeds');
	is(eval { jq("$dir/out.json", '.schema_version') }, 1, 'run --json -: standard output is the result file, and nothing else');
	like($err, qr/^Measured /m, 'run --json -: the report is on standard error');
}

done_testing();
