# The tests in sql/ (pg_regress) and test/isolation/, one result for each, as
# "make installcheck" runs them.

use strict;
use warnings;

use DbosPayload;
use File::Copy;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('regress', extension => 0);
my $extension = project_dir() . '/extension';

# suite NAME, TESTS, the other suite's variable, emptied; where it leaves differences
suite('regress', [ glob project_dir() . '/sql/*.sql' ], 'ISOLATION=', "$extension/regression.diffs");
suite('isolation', [ glob project_dir() . '/test/isolation/specs/*.spec' ],
	'REGRESS=', "$extension/output_iso/regression.diffs");
done_testing();

sub suite
{
	my ($name, $tests, $without, $diffs) = @_;

  SKIP:
	{
		skip("there are no $name tests", 1) unless @$tests;
		skip('this PostgreSQL comes without pg_isolation_regress', 1)
		  if $name eq 'isolation' && !-x pgxs_dir() . '/src/test/isolation/pg_isolation_regress';

		my ($exit, $out, $err) = run_program(
			{
				env => { PGHOST => $node->host, PGPORT => $node->port, MAKEFLAGS => undef },
				timeout => 600
			},
			'make', '-s', '-C', $extension, 'installcheck', $without);
		my $seen = 0;

		foreach my $line (split /\n/, $out)
		{
			# up to 15 "test NAME ... ok", from 16 on "ok 1 - NAME 12 ms"
			if ($line =~ /^(?:test\s+)?(\S+)\s+\.\.\. (ok|FAILED|failed)/)
			{
				ok($2 eq 'ok', "$name: $1");
				$seen++;
			}
			elsif ($line =~ /^(not )?ok \d+\s+[-+] (\S+)/)
			{
				ok(!$1, "$name: $2");
				$seen++;
			}
		}
		is($seen, scalar @$tests, "$name: every test has a result");
		if (!is($exit, 0, "$name: exit status"))
		{
			diag("$out$err");
			diag(slurp_file($diffs)) if -e $diffs;
			copy($diffs, "$PostgreSQL::Test::Utils::log_path/$name.diffs");
		}
	}
	return;
}
