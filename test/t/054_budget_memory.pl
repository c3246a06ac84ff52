# The experiments budget and memory: a line of known speed and a known delay move the
# size that is found to where it must be; the copies that are found are those that are
# known to be made; whose memory is out says so; and nothing is left behind.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use ExperimentTables;
use Instrument;
use PostgreSQL::Test::Utils;
use Proxy;
use Test::More;

my $node = new_node('main', durable => 1, start => 0);
my $dir = PostgreSQL::Test::Utils::tempdir();
my @drives = all_drives();

wal_in_memory($node);
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION dbos_payload; SELECT dbos_payload.start_workflow('mine', 'mine')});

# experiment(NAME, ARGUMENT...): its result, exit status, and what was said
sub experiment
{
	my ($name, @arguments) = @_;

	unlink "$dir/$name.json";
	my ($exit, $out, $err) = run_bench($node, 'experiment', $name, '--json', "$dir/$name.json", '--allow-unsafe', @arguments);
	return (-e "$dir/$name.json" ? read_json("$dir/$name.json")->{experiments}[0] : undef, $exit, $out, $err);
}

sub left
{
	return $node->safe_psql('postgres', q{
		SELECT (SELECT count(*) FROM dbos_payload.workflow_status), (SELECT count(*) FROM dbos_payload.operation_outputs),
			(SELECT count(*) FROM pg_namespace WHERE nspname ~ '^dbos_bench')});
}

# --- budget: what is injected ----------------------------------------------

my $proxy = Proxy->new($node);
my $through = conninfo($node, host => '127.0.0.1', port => $proxy->port);

# found(BUDGET, LINE...): by calls from the client over the proxy
sub found
{
	my ($ms, @commands) = @_;

	$proxy->command($_) foreach @commands;
	my ($result, $exit, $out, $err) = experiment('budget', '--quick', '-T', 4, '--drive', 'calls', '--origin', 'client', '--budget', "${ms}ms", $through);
	is($exit, 0, "budget over the proxy (@commands): exit status 0") or diag($out, $err);
	return (table_of($result, 'ways'), "@{ $result->{conclusions} }");
}

# Bytes that take longer than the budget to cross the line cannot be within it, however
# fast all else is; that most of the budget is left for them, a busy machine may not show
# at the first attempt, and not at all where it keeps the budget with little more than
# that without the line either.
foreach my $case ([ 60, 4_000_000 ], [ 60, 1_000_000 ])
{
	my ($ms, $rate) = @$case;
	my $most = $rate * $ms / 1000;

	attempts(
		8,
		"budget: $ms ms on a line of $rate bytes a second",
		sub {
			my ($way) = found($ms, 'delay 0', "rate $rate");
			my $largest = $way->{payload} // 0;
			my $too_small = $largest < $most / 3;

			if ($too_small)
			{
				my $alone = (found($ms, 'rate 0'))[0]{payload} // 0;

				$too_small = $alone >= 3 * $most;
				note("without the line $alone bytes, with it $largest");
			}
			diag("$largest of $most bytes at most; edge " . ($way->{edge} // 'unknown'));
			return (
				$largest > $most ? "$largest is above $most" : (),
				$too_small ? "$largest is too small" : (),
				$largest > 0 && $way->{p95} > $ms ? "p95 of $way->{p95}" : ());
		});
}
{
	# there and back
	my ($way, $said) = found(60, 'rate 0', 'delay 31');

	is($way->{payload}, undef, 'a delay above the budget: no size is found');
	cmp_ok($way->{p95}, '>=', 62, 'its p95 has the delay');
	like($said, qr/no payload stays within 60 ms: at 1 B p95 is \d/, 'which a sentence says');
	($way) = found(400, 'rate 1000000', 'delay 100');
	cmp_ok($way->{payload} // 0, '<=', 200_000, 'a delay of half the budget leaves the payload the other half');
	is($way->{eats} =~ /^(?:network|arrival) \d+ %$/ ? 1 : 0, 1, "and what takes most is the line's: $way->{eats}");
}
$proxy->command($_) foreach 'rate 0', 'delay 0';
$proxy->stop;

{
	my ($result, $exit);

	# where others have the processors it takes longer
	foreach my $seconds (1, 30, 120)
	{
		($result, $exit) = experiment('budget', '--quick', '-T', $seconds, '--sizes', '1,3000', '--budget', '20s', '--origin', 'all');
		last if $exit == 0;
	}
	my @ways = table_of($result, 'ways');

	is($exit, 0, 'a budget that all keep: exit status 0');
	is(join(' ', map { "$_->{drive} $_->{origin} $_->{payload}" } @ways),
		join(' ', map { ("$_ server 3000", "$_ client 3000") } @drives),
		'by every drive and origin the largest that was tried is found');
	like($result->{conclusions}[0], qr/the largest payload that was tried, 3 kB stays within 20000 ms/, 'and said to be that');
	is((grep { $_->{within} == 100 } @ways), 2 * @drives, 'all of its steps were within');
	my %sums;
	$sums{ $_->{way} } += $_->{share} foreach table_of($result, 'parts');
	is((grep { abs($_ - 100) < 0.01 } values %sums), 2 * @drives, 'the parts are the whole of a mean step');
}
is(left(), '1|0|0', 'nothing is left of these');

foreach my $bad ([ qr/0 bytes|a byte at least/, '--sizes', 0 ], [ qr/4 steps of 100000000 bytes are tried, and dbos_payload.max_payload_bytes is \d+/, '--sizes', '100MB' ],
	[ qr/--budget/, '--budget', '0ms' ], [ qr/--clients does nothing/, '--clients', 2 ])
{
	my ($message, @arguments) = @$bad;
	my ($result, $exit, undef, $err) = experiment('budget', @arguments);

	is($exit, 1, "budget @arguments: exit status 1");
	like($err, $message, 'and why');
	ok(!$result, 'and no file');
}

# --- memory -----------------------------------------------------------------

SKIP:
{
	skip 'a sanitizer has memory of its own', 1 if $ENV{DBOS_PAYLOAD_SANITIZED};
	skip 'there is no /proc that tells of memory', 1 if !-e '/proc/self/status' || slurp_file('/proc/self/status') !~ /^RssAnon:/m;

	my ($result, $exit, $out, $err);

	foreach my $seconds (16, 60, 240)
	{
		($result, $exit, $out, $err) = experiment('memory', '-T', $seconds);
		my @ways = table_of($result, 'approaches');

		# where others have the processors, the least of it takes longer
		last if (grep { defined $_->{fits} && defined $_->{too_large} } @ways)
		  && !grep { !defined $_->{client} || !defined $_->{backend} } @ways;
	}
	my %ways = map { ($_->{approach} => $_) } table_of($result, 'approaches');

	is($exit, 0, 'memory: exit status 0') or diag($out, $err);
	is(scalar keys %ways, 6 + 2 * @drives, 'every approach is there, of which libpq has pipelines from 14 on');

	# the payload in hand and libpq's message of it; of text the hex before it, twice as long
	cmp_ok(abs($ways{'calls, client, binary'}{client} - 2), '<', 0.3, 'binary: the payload and the message, two copies in the client');
	cmp_ok($ways{'calls, client, text'}{client}, '>', 4.5, 'text: the payload, its hex, and the message of that: five');
	cmp_ok(abs($ways{'procedure, server, 7 steps'}{client}), '<', 0.2, 'what the server makes and keeps is not in the client');
	cmp_ok(abs($ways{'reading back, binary'}{client} - 2), '<', 0.3, 'read back: what came and the result');
	foreach my $way (values %ways)
	{
		cmp_ok($way->{backend}, '<', 12, "$way->{approach}: $way->{backend} copies in the backend");
		cmp_ok($way->{backend}, '>', $way->{approach} =~ /^calls.*(?:binary|text)$|^reading/ ? 0.9 : 0.1, 'the backend has the payload, or the step of it that is under way');
		ok(!defined $way->{too_large} || $way->{too_large} > ($way->{fits} // 0), 'what does not fit is larger than what does');
		like($way->{message}, qr/memory|^nothing|^not tried/, "and it was said why: $way->{message}");
		# by the allocator's account there may be more than was touched, and never less
		cmp_ok($way->{fits} * $way->{client}, '<', 1.3 * 32e6, 'what fits is not above the limit') if $way->{fits};
	}
	ok(defined $ways{'calls, client, binary'}{fits} && defined $ways{'calls, client, binary'}{too_large}, 'of the first approach what fits is found, and what does not');
	unlike("@{ $result->{conclusions} }", qr/ended the client without a word/, 'and none died of it');

	my %contexts;
	$contexts{"$_->{approach} $_->{when}"} = $_ foreach table_of($result, 'contexts');
	SKIP:
	{
		skip 'memory contexts are told from 14 on', 2 if $node->safe_psql('postgres', 'SHOW server_version_num') < 140000;
		skip 'this machine had no time for memory contexts', 2 if "@{ $result->{caveats} }" =~ /no time was left/;
		cmp_ok($contexts{'calls, client, binary in the call'}{copies}, '>', 0.9, 'by its own account the backend has the payload in the call');
		cmp_ok(abs($contexts{'calls, client, binary after'}{copies}), '<', 0.1, 'and not after it');
	}

	# whatever a machine has no time for
	($result, $exit, $out, $err) = experiment('memory', '--quick', '-T', 1, '--drive', 'calls', '--sizes', '1MB,20MB');
	is($exit, 0, 'memory in a second: exit status 0') or diag($out, $err);
	my $told = grep { $_->{name} eq 'contexts' } @{ $result->{tables} };
	is(scalar(grep { !@{ $_->{rows} } } @{ $result->{tables} }), 0, 'no table is empty');
	is("@{ $result->{caveats} }" =~ /Not seen: (?:no time was left to ask for memory contexts|memory contexts are told from PostgreSQL 14 on)/ ? 1 : 0, $told ? 0 : 1, 'what there was no time for is said');

	# a role that sees less
	$node->safe_psql('postgres', q{CREATE ROLE guest LOGIN; GRANT CREATE ON DATABASE postgres TO guest;
		GRANT USAGE ON SCHEMA dbos_payload TO guest; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dbos_payload TO guest;
		GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA dbos_payload TO guest;
		GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dbos_payload TO guest});
	($result, $exit, $out, $err) = experiment('memory', '--quick', '-T', 2, '--drive', 'calls', '--sizes', '100kB,1MB', 'dbname=postgres user=guest');
	is($exit, 0, 'without pg_read_all_stats: exit status 0') or diag($out, $err);
	like("@{ $result->{caveats} }", qr/memory contexts are told/, 'and what is not seen is said');
	is(left(), '1|0|0', 'nothing is left');

	foreach my $bad ([ '--sizes', '1MB' ], [ '--sizes', '1,100' ], [ '--sizes', '1500kB,2MB' ])
	{
		(undef, $exit, undef, $err) = experiment('memory', @$bad);
		is($exit, 1, "memory @$bad: exit status 1");
		like($err, qr/--sizes are two to 4 sizes/, 'and why');
	}
	(undef, $exit, undef, $err) = experiment('memory', '--sizes', '1MB,300MB');
	is($exit, 1, 'memory of too large a payload: exit status 1');
	like($err, qr/payload limit: .*dbos_payload.max_payload_bytes/, 'and why');
}

is(left(), '1|0|0', 'nothing is left, and nobody else\'s workflow is gone');
done_testing();
