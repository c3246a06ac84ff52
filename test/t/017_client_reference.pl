# The server's reference work: once an iteration, and what the report and the
# result file say of it, also where the server has none.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', durable => 1);
my $file = PostgreSQL::Test::Utils::tempdir() . '/result.json';

# ran(NAME): a short run, which must succeed; its JSON, its report, its messages
sub ran
{
	my ($name) = @_;
	my ($exit, $out, $err) = run_bench($node, 'run', '-n', 12, '--warmup', 2, '--sizes', 1, '--no-arms', '--json', $file);

	is($exit, 0, "$name: the run succeeds") or diag($err);
	return (read_json($file), $out, $err);
}

my ($result) = ran('reference work');

ok($result->{reference_ms}{n} == 12 && $result->{reference_ms}{min} > 0, 'reference work: once in each measured iteration');

# one ms for the warm-up and half of the run, two ms then
$node->safe_psql('postgres', 'CREATE SEQUENCE public.calls; CREATE OR REPLACE FUNCTION dbos_payload.reference_work() RETURNS pg_catalog.float8 '
	. "LANGUAGE sql VOLATILE AS 'SELECT 1.0::float8 + (nextval(''public.calls'') > 8)::int'");
($result, my $report) = ran('a machine that changes its pace');
like($report =~ s/\s+/ /gr, qr/reference work, always the same, took 1\.000 ms in the first half of the run and 2\.000 ms in the second/,
	'a machine that changes its pace: the report says so');
is(join(' ', @{ $result->{reference_ms} }{qw(n min p50 max)}), '12 1 1 2', '... and the result file has its times');
(undef, $report) = ran('a machine that keeps its pace');
unlike($report, qr/pace/, 'a machine that keeps its pace: the report is silent');

$node->safe_psql('postgres', 'ALTER EXTENSION dbos_payload DROP FUNCTION dbos_payload.reference_work(); DROP FUNCTION dbos_payload.reference_work()');
($result, undef, my $messages) = ran('without the function');
is(() = $messages =~ /without the server's reference work/g, 1, '... and says once what that means') or diag($messages);
ok($result->{reference_ms}{n} == 0 && !defined $result->{reference_ms}{p50}, '... and its file has no times');

done_testing();
