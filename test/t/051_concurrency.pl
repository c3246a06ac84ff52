# The experiment concurrency: what it says beforehand and of a rate that cannot be
# reached, what it leaves; and a stall of 100 ms, which an open loop shows and a closed
# one does not.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use ExperimentTables;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', durable => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();
my $json = "$dir/concurrency.json";

$node->safe_psql('postgres', q{SELECT dbos_payload.start_workflow('mine', 'mine')});

# --- a stall --------------------------------------------------------------
#
# By one clock: while another process holds the lock that every step needs, no step is
# answered, however fast the machine is.

sub stalled
{
	my ($clients, $rate) = @_;

	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	local $ENV{PGDATABASE} = 'postgres';
	my ($exit, $out, $err) = run_program("$dir/load", 'stall', $clients, $rate);

	is("$exit $err", '0 ', "stalled, rate $rate: it ran") or return;
	like($out, qr/^in \d+ waited \d+ across \d+$/m, "stalled, rate $rate: " . $out) or return;
	return $out =~ /(\d+)/g;
}

system_or_bail('make', '--no-print-directory', '-s', '-C', project_dir() . '/test/unit', "OUT=$dir", "$dir/load");
{
	my ($in, $waited, $across) = stalled(4, 0);

	is($waited, $in, 'closed loop: no step is answered while the lock is gone');
	cmp_ok($across, '<=', 4, 'closed loop: of a stall only the steps under way tell, one a client');

	my ($due, $due_waited, $due_across) = stalled(4, 200);

	# of 100 ms at 200 a second
	cmp_ok($due, '>=', 19, "open loop: $due steps were due meanwhile");
	is($due_waited, $due, 'open loop: each of them is told to have waited until the lock was back');
	cmp_ok($due_across, '>', 4 + $across, 'open loop: more steps tell of the stall than there are clients');
}

# --- what is measured -----------------------------------------------------

sub concurrency
{
	my (@arguments) = @_;

	unlink $json;
	my ($exit, $out, $err) = run_bench($node, 'experiment', 'concurrency', '--json', $json, @arguments);
	return (-e $json ? read_json($json)->{experiments}[0] : undef, $exit, $out, $err);
}

sub left
{
	return $node->safe_psql('postgres', q{
		SELECT (SELECT count(*) FROM dbos_payload.workflow_status), (SELECT count(*) FROM dbos_payload.operation_outputs),
			(SELECT count(*) FROM pg_namespace WHERE nspname ~ '^dbos_bench')});
}

{
	my ($result, $exit, $out) = concurrency(qw(--quick -T 3 --clients 4 -M prepared --sizes 1));
	my @levels = table_of($result, 'levels');

	is($exit, 0, 'it succeeds');
	is(join(' ', map { $_->{clients} } @levels), '1 4', 'levels: 1 and the most');
	foreach my $level (@levels)
	{
		cmp_ok($level->{steps}, '>', 0, "$level->{clients}: steps a second");
		ok($level->{p50} <= $level->{p95} && $level->{p95} <= $level->{p99} && $level->{p99} <= $level->{max},
			"$level->{clients}: percentiles rise");
		cmp_ok($level->{client_cpu}, '>', 0, "$level->{clients}: processor time of the client");
		cmp_ok($level->{server_cpu}, '>', 0, "$level->{clients}: processor time of the server");
	}
	my $version = $node->safe_psql('postgres', q{SELECT current_setting('server_version_num')});
	SKIP:
	{
		skip 'flushes are told from 15 on at once', 1 if $version < 150000;
		# what the background writes is counted too
		cmp_ok($levels[0]{flushes}, '>=', 0.99, 'one client: each commit has a flush of its own');
	}
	my %shares;
	$shares{"$_->{way} $_->{workflows} $_->{clients}"} += $_->{share} foreach table_of($result, 'waits');
	cmp_ok(abs($_ - 100), '<', 0.01, 'waits: shares of what was seen are the whole') foreach values %shares;

	my ($way) = grep { $_->{workflows} == 1 && $_->{way} =~ /lock/ } table_of($result, 'parallel');
	cmp_ok($way->{steps}, '>', 0, 'parallel: steps under the row lock');
	my ($open) = table_of($result, 'open');
	cmp_ok($open->{p99}, '>=', $open->{sent_p99}, 'open loop: from due is not shorter than from sent');
	is(left(), '1|0|0', 'nothing is left, and nobody else\'s workflow is gone');
}

{
	my @drives = grep { $_ ne 'calls' } all_drives();
	my ($result, $exit, $levels);

	# where others have the processors it takes longer
	foreach my $seconds (6, 30, 120)
	{
		($result, $exit) = concurrency(qw(--quick --clients 2 --origin all --sizes), '1,2000', '-T', $seconds, '--drive', join(',', @drives));
		$levels = grep { $_->{steps} > 0 } table_of($result, 'levels');
		last if $levels == 2 * 2 * 2 * @drives;
	}
	is($exit, 0, "@drives: it succeeds");
	is($levels, 2 * 2 * 2 * @drives, 'at each level steps were done, by each drive, origin and size');
}

# --- what cannot be -------------------------------------------------------

{
	my ($result, $open);

	foreach my $seconds (4, 20, 100)
	{
		($result) = concurrency(qw(--quick --clients 2 --sizes 1 --rate 1000000), '-T', $seconds);
		($open) = table_of($result, 'open');
		last if $open;
	}
	like("@{ $result->{conclusions} }", qr/a rate of 1000000 steps a second could not be reached by 2 clients/, 'a rate that cannot be reached is said');
	cmp_ok($open->{unsent}, '>', 50, 'and how many were never sent');

	my $limit = $node->safe_psql('postgres', q{SELECT current_setting('max_connections')});
	my (undef, $exit, $out, $err) = concurrency('--clients', $limit);
	is($exit, 1, 'too few connections: it does not begin');
	like($err, qr/for $limit clients, \d+ connections more are needed, and the server's, the database's and the role's limits leave \d+/, 'and says so');
	(undef, $exit, $out, $err) = concurrency('--sizes', '11MB');
	is($exit, 1, 'too large a payload: it does not begin');
	like($err, qr/a payload has 0 bytes to 10 MB/, 'and says so');
	is(left(), '1|0|0', 'nothing is left');
}

done_testing();
