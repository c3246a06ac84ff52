package Failures;

# What the scripts about failing runs share: runs that must not start, runs with a
# trigger in their way, and whether they leave rows.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use Exporter 'import';
use Test::More;

our @EXPORT = qw(refused failing rows_left);

# refused(NODE, PATTERN, NAME, ARGUMENT...): run does not start
sub refused
{
	my ($server, $pattern, $name, @arguments) = @_;
	my ($exit, $out, $err) = run_bench($server, @arguments);

	is($exit, 1, "$name: exit status 1");
	like_message($err, $pattern, "$name: says so, and what to do");
	unlike($out, qr/^Workflow: /m, "$name: no step is run");
	return $err;
}

# failing(NODE, FILE, SQL, ARGUMENT...): a run with its JSON in FILE, while a trigger
# stands in the way; that JSON, exit status, output and messages.  SQL is the trigger
# function's body.
sub failing
{
	my ($node, $json, $body, @arguments) = @_;

	unlink $json;
	$node->safe_psql('postgres', <<~SQL);
		CREATE SEQUENCE tries;
		CREATE FUNCTION stand_in_the_way() RETURNS trigger LANGUAGE plpgsql AS \$\$
		DECLARE
			try bigint := nextval('tries');
		BEGIN
			$body
			RETURN new;
		END \$\$;
		CREATE TRIGGER stand_in_the_way BEFORE INSERT ON dbos_payload.operation_outputs
			FOR EACH ROW EXECUTE FUNCTION stand_in_the_way();
		SQL
	my ($exit, $out, $err) = run_bench($node, 'run', '--json', $json, @arguments);
	$node->safe_psql('postgres', 'DROP FUNCTION stand_in_the_way() CASCADE; DROP SEQUENCE tries');
	return (-e $json ? read_json($json) : undef, $exit, $out, $err);
}

# rows_left(NODE): how many there are in both tables
sub rows_left
{
	my ($node) = @_;

	return $node->safe_psql('postgres',
		"SELECT (SELECT count(*) FROM dbos_payload.workflow_status) + (SELECT count(*) FROM dbos_payload.operation_outputs)");
}

1;
