# What trace says of a program's steps: every one of them, in parts that add up, with the
# bytes that the server stored, on a screen.  (038 holds the parts against delays.)

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $node = new_node('main', durable => 1, tcp => 1);
my $rounds = 6;

# tables of an engine under another name than its own, and what delays there
$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA "My engine";
SET search_path = "My engine";
CREATE TABLE workflow_status (workflow_uuid text PRIMARY KEY, status text, name text, owner_xid text, completed_at int8);
CREATE TABLE operation_outputs (workflow_uuid text, function_id int4, function_name text, output text, error text,
	serialization text, PRIMARY KEY (workflow_uuid, function_id));
SQL

# A step as DBOS's SDK for Go makes it, by psql.
sub step_of
{
	my ($workflow, $function_id, $name) = @_;
	my $output = 'x' x (500 + 10 * $function_id);

	return <<"SQL";
begin read write;
SELECT status FROM "My engine".workflow_status WHERE workflow_uuid = '$workflow';
SELECT output, error FROM "My engine".operation_outputs WHERE workflow_uuid = '$workflow' AND function_id = $function_id;
rollback;
begin read write;
SELECT owner_xid FROM "My engine".workflow_status WHERE workflow_uuid = '$workflow' FOR NO KEY UPDATE;
INSERT INTO "My engine".operation_outputs (workflow_uuid, function_id, function_name, output)
	VALUES ('$workflow', $function_id, '$name', '$output');
commit;
SQL
}

# workflow_of(ID, NAME...): a workflow of steps with these names, from its start to its end
sub workflow_of
{
	my ($id, @names) = @_;

	return <<"SQL" . join('', map { step_of($id, $_, $names[$_]) } 0 .. $#names) . <<"SQL";
INSERT INTO "My engine".workflow_status (workflow_uuid, status, name) VALUES ('$id', 'PENDING', 'traced');
SQL
UPDATE "My engine".workflow_status SET status = 'SUCCESS', completed_at = 1 WHERE workflow_uuid = '$id';
SQL
}

# traced(NAME, CONNINFO, SCRIPT): what trace says in its file of a psql script, and its report
sub traced
{
	my ($name, $conninfo, $script) = @_;
	my $trace = start_bench('trace', '--listen', 0, '--json', "$dir/$name.json", '--samples', "$dir/$name.csv", $conninfo);

	wait_until { $trace->{run}->pump_nb; ${ $trace->{err} } =~ /\@127\.0\.0\.1:(\d+)/ || !$trace->{run}->pumpable } 60;
	my ($port) = ${ $trace->{err} } =~ /\@127\.0\.0\.1:(\d+)/ or BAIL_OUT("trace does not listen: ${ $trace->{err} }");

	append_to_file("$dir/$name.sql", $script);
	my ($exit, undef, $messages) = run_program('psql', qw(-XAtq -v ON_ERROR_STOP=1 -f), "$dir/$name.sql",
		conninfo($node, host => '127.0.0.1', port => $port));

	is($exit, 0, "$name: the program is unharmed") or diag($messages);
	kill 'INT', $trace->{pid};
	my ($ended, $report) = finish_bench($trace);

	is($ended, 0, "$name: trace reports");
	return (read_json("$dir/$name.json"), $report);
}

my @names = qw(order charge ship bill close);
my $script = join '', map { workflow_of("traced-$_", $_ % 2 ? @names : reverse @names) } 1 .. $rounds;
my ($file, $report) = traced('figures', conninfo($node, host => '127.0.0.1'), $script);
my $steps = $rounds * @names;

is_deeply($file->{steps_seen}, { recorded => $steps, failed => 0, replayed => 0, unfinished => 0, repeated => 0, not_kept => 0 },
	'every step is there');
is($file->{workflows_seen}{ended}, $rounds, '... and every workflow');
is($file->{not_understood}{$_}, 0, "... and no $_ is not understood") foreach qw(messages not_attributed connections);
foreach my $step (@{ $file->{steps} })
{
	my $mean = sub { return $step->{time}{ $_[0] }{mean} };

	ok(close_to($mean->('total'), $mean->('application_before') + $mean->('application_between') + $mean->('network') +
		  $mean->('server') + $mean->('trace')), "$step->{name}: the parts add up");
	is($step->{volume}{round_trips}{median}, 8, '... of eight round trips');
}
like($report, qr/^trace: $steps steps and $rounds workflows in /, 'the report says so');
is(scalar(grep { length > 100 } split /\n/, $report), 0, '... in 100 columns');
cmp_ok(scalar(split /\n/, $report), '<', 45, '... on a screen');

unlike($report, qr/\+-/, '... without a column for intervals, of which there are none');
unlike($report, qr/^step +format /m, '... nor one for formats, of which there is one');

# what was stored is what was seen
my ($bytes) = $node->safe_psql('postgres', 'SELECT sum(octet_length(output)) FROM "My engine".operation_outputs');
my ($seen, $columns) = (0, 0);

foreach my $line (split /\n/, slurp_file("$dir/figures.csv"))
{
	my @fields = split /,/, $line;

	$seen += $fields[6] if $fields[6] =~ /^\d+$/;
	$columns = @fields if $columns == 0;
	fail("a line of the samples has other fields: $line") if @fields != $columns;
}
is($seen, $bytes, 'the lengths of all steps are those that are stored');
is((run_bench('report', "$dir/figures.json"))[1], $report, 'report prints what trace printed');
is(slurp_file("$dir/figures.json") =~ /xxxxx/ || slurp_file("$dir/figures.csv") =~ /xxxxx/ ? 1 : 0, 0, 'and no payload is written');

# What its own session asks for is asked by the catalogue's operators: a search path on
# which another "=" comes first, that says no of everything, changes nothing.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION public.never(text, text) RETURNS bool LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.never);
SQL
my ($other) = traced('hostile', conninfo($node, host => '127.0.0.1', options => '-c search_path=public,pg_catalog'),
	workflow_of('hostile', 'order'));

cmp_ok($_->{steps}[0]{stored_bytes} // 0, '>', 0, 'the stored bytes are read, whatever stands on the search path')
  foreach $file, $other;

# rows of one name and size in several formats are told apart
(undef, $report) = traced('formats', conninfo($node, host => '127.0.0.1'), join '', map {
		my $format = $_;
		my $steps = workflow_of("in-$format", 'order');

		$steps =~ s/function_name, output\)/function_name, output, serialization)/;
		$steps =~ s/('x+')\);/$1, '$format');/;
		$steps
	} qw(portable_json DBOS_JSON));
like($report, qr/^step +format +text .*^order +DBOS_JSON +500 B .*^order +portable_json +500 B /ms, 'formats of one name are told apart');
is(scalar(grep { length > 100 } split /\n/, $report), 0, '... in 100 columns');

is((run_bench('report', "$dir/formats.json"))[1], $report, '... by report too');

$node->stop;
done_testing();
