# The client's unit tests in test/unit/, each with its own results.

use strict;
use warnings;

use DbosPayload;
use File::Basename;
use PostgreSQL::Test::Utils;
use TAP::Parser;
use Test::More;

my $folder = project_dir() . '/test/unit';
# not in the tree, which other scripts copy meanwhile
my $programs = PostgreSQL::Test::Utils::tempdir();
my ($built, $output, $messages) = run_program({ timeout => 600 }, 'make', '-s', '-j2', '-C', $folder, "OUT=$programs");

is($built, 0, 'they can be built') or diag($output, $messages);
foreach my $source (glob "$folder/test_*.c")
{
	my $name = basename($source, '.c');
	my ($exit, $out, $err) = run_program({ timeout => 600 }, "$programs/$name");
	my $parser = TAP::Parser->new({ tap => $out });

	while (my $result = $parser->next)
	{
		if ($result->is_test)
		{
			ok($result->is_actual_ok, "$name: " . ($result->description =~ s/^- //r));
		}
		elsif ($result->is_comment || $result->is_unknown)
		{
			diag($result->as_string);
		}
	}
	ok($exit == 0 && !$parser->parse_errors, "$name: ran to its end, as planned")
	  or diag(join "\n", $err, $parser->parse_errors);
}

done_testing();
