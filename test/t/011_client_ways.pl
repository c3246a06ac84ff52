# Every way of running: protocol, format, drive and origin, what is in the result
# files of each, and that a seed gives the same bytes in all of them.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use PostgreSQL::Test::Utils;
use ResultFiles;
use Test::More;

my $node = new_node('main', durable => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();
my @quick = ('-n', 2, '--blocks', 2, '--warmup', 0, '--no-baselines');
my $files = 0;

# ran(NAME, ARGUMENT...): a run that must succeed; its JSON, its output and the
# JSON's file, beside which are its samples
sub ran
{
	my ($name, @arguments) = @_;
	my $base = "$dir/" . ++$files;
	my ($exit, $out, $err) = run_bench($node, 'run', '--json', "$base.json",
		'--csv', "$base.csv", '--samples', "$base.samples.csv", @arguments);

	ok($exit == 0 && $err eq '', "$name: succeeds") or diag("$exit\n$err");
	return (read_json("$base.json"), $out, "$base.json");
}

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

# --- every protocol with every format, every drive with every origin ----

foreach my $how (
	[ 'simple', 'text', 'calls,procedure' ],
	[ 'extended', 'text', 'all' ],
	[ 'extended', 'binary', 'all' ],
	[ 'prepared', 'text', 'all' ],
	[ 'prepared', 'binary', 'all' ])
{
	my ($protocol, $format, $drives) = @$how;
	my $name = "$protocol, $format";

	# the client's text is hex, whatever the server's default is
	my ($result, $report, $file) = ran($name, @quick, '--warmup', 1, '--seed', 7, '--sizes', '0,1,10,5000,100000',
		'-M', $protocol, '--result-format', $format, '--drive', $drives, '--origin', 'all', "options='-c bytea_output=escape'");
	my @drives = $drives eq 'all' ? all_drives() : split /,/, $drives;

	is_deeply(
		[ map { "$_->{workflow} $_->{drive} $_->{origin} $_->{whole}{times_ms}{round_trip}{n} $_->{failed}" } @{ $result->{workflows} } ],
		[ map { my $drive = $_; map { my $origin = $_; map { "$_ $drive $origin 4 0" } qw(size_workflow batch_size_workflow) } qw(server client) } @drives ],
		"$name: both workflows by every drive and origin");
	ordered_summaries($result, $name);
	plain_numbers($file, $name);
	recompute(read_csv($file =~ s/json$/samples.csv/r), $result, $name);

	# a payload that the server sends back as hex is twice as long
	my ($step) = grep { $_->{payload_bytes} == 100000 } @{ $result->{workflows}[0]{steps} };
	my ($client) = grep { $_->{drive} eq 'calls' && $_->{origin} eq 'client' } @{ $result->{workflows} };
	my $factor = $format eq 'text' ? 2 : 1;
	ok(abs($step->{volumes}{wire_received} - 100000 * $factor) < 1000, "$name: bytes received");
	ok(abs($client->{steps}[4]{volumes}{wire_sent} - 100000 * $factor) < 1000, "$name: bytes sent");
}
is(sql('SELECT (SELECT count(*) FROM dbos_payload.workflow_status) + (SELECT count(*) FROM dbos_payload.operation_outputs)'),
	'0', 'every way: no row is left');

# --- seeds --------------------------------------------------------------

# Kept, so that the rows stay to be looked at.
foreach my $sizes ('1,10,100,1000', '1,1000,0,100001')
{
	ran("seeds, $sizes", @quick, '--seed', -5, '--compressible', 30, '--origin', 'all', '--drive', 'all', '--sizes', $sizes, '--keep');
	is(sql(q{SELECT bool_and(o.output = dbos_payload.random_payload(octet_length(o.output), -5 + o.function_id - 1, 30))
			FROM dbos_payload.operation_outputs AS o}),
		't', "seeds, $sizes: step i holds the bytes of random_payload with seed + i - 1, the batch those of the seed, by every drive");
	is(sql(q{SELECT count(DISTINCT output) FROM dbos_payload.operation_outputs WHERE function_name = 'batch_size_step'}), '1',
		"seeds, $sizes: what is batched has the same bytes whoever made them, by every drive");
	is(sql('SELECT count(DISTINCT status) || max(status) FROM dbos_payload.workflow_status'), '1SUCCESS', "seeds, $sizes: all have succeeded");
	sql('DELETE FROM dbos_payload.operation_outputs; DELETE FROM dbos_payload.workflow_status');
}

done_testing();
