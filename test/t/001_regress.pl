# The tests in sql/ (pg_regress) and test/isolation/, one result for each, as
# "make installcheck" runs them.

use strict;
use warnings;

use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('regress', extension => 0);

# name, tests, the other suite's variable, emptied
suite('regress', [ glob project_dir() . '/sql/*.sql' ], 'ISOLATION=');
SKIP:
{
	# as Debian's 13 does
	skip('this PostgreSQL comes without pg_isolation_regress', 1)
	  unless -x (pgxs_dir() . '/src/test/isolation/pg_isolation_regress');
	suite('isolation', [ glob project_dir() . '/test/isolation/specs/*.spec' ], 'REGRESS=');
}
done_testing();

sub suite
{
	my ($name, $tests, $without) = @_;
	my ($exit, $out, $diffs) = installcheck($node, $without);
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
	is($exit, 0, "$name: exit status") or diag("$out$diffs");
	return;
}
