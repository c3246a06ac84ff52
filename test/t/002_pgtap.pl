# The tests in test/pgtap/, each with its own results.

use strict;
use warnings;

use DbosPayload;
use File::Basename;
use TAP::Parser;
use Test::More;

my @files = glob project_dir() . '/test/pgtap/*.sql';

plan skip_all => 'there are none in test/pgtap' unless @files;

my $node = new_node('pgtap');
$node->safe_psql('postgres', 'CREATE EXTENSION pgtap');

foreach my $file (@files)
{
	my ($exit, $out, $err) = run_program(
		{ env => { PGHOST => $node->host, PGPORT => $node->port }, timeout => 600 },
		'psql', '-XAtq', '-P', 'pager=off', '-v', 'ON_ERROR_STOP=1', '-d', 'postgres', '-f', $file);
	my $parser = TAP::Parser->new({ tap => $out });
	my $name = basename($file, '.sql');

	while (my $result = $parser->next)
	{
		if ($result->is_test)
		{
			local $TODO = $result->explanation if $result->has_todo;
			ok($result->is_actual_ok, "$name: " . ($result->description =~ s/^- //r));
		}
		elsif ($result->is_comment)
		{
			diag($result->comment);
		}
		elsif ($result->is_unknown)
		{
			diag($result->as_string);
		}
	}
	ok($exit == 0 && !$parser->parse_errors, "$name: ran to its end, as planned")
	  or diag(join "\n", $err, $parser->parse_errors);
}

done_testing();
