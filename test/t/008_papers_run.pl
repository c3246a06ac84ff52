# What the papers show can be typed: SQL gives what stands beside it, and the
# client takes every command line.

use strict;
use warnings;

use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

# blocks(PAPER, LANGUAGE): the code of its fenced blocks of that language.
sub blocks
{
	my ($paper, $language) = @_;

	return slurp_file(project_dir() . "/$paper") =~ /^```$language\n(.*?)^```$/msg;
}

# --- SQL ----------------------------------------------------------------

my $node = new_node('papers', extension => 0);
my $roles = join '', map { "CREATE ROLE $_;\n" } qw(reader recorder maintainer tenant);
my $number = 0;

$node->safe_psql('postgres', $roles);
foreach my $block (blocks('docs/extension.md', 'sql'))
{
	my ($exit, $out, $err) = run_program(
		{ env => { PGHOST => $node->host, PGPORT => $node->port }, stdin => $block },
		'psql', '-XAt', '-v', 'ON_ERROR_STOP=1', '-d', 'postgres');
	my @said = $block =~ /; +-- (\w+)$/mg;

	$number++;
	is($exit, 0, "docs/extension.md, SQL block $number: runs") or diag($err);
	is(join(' ', grep { my $line = $_; grep { $line eq $_ } @said } split /\n/, $out), join(' ', @said),
		'... and says what stands beside it')
	  if @said;
}
cmp_ok($number, '>=', 3, 'there is SQL in docs/extension.md');

# the roles that it makes do what is said of them, the last block's policies too
my $tenant = sub {
	my ($role, $sql) = @_;
	return $node->safe_psql('postgres', "SET client_min_messages = error; SET ROLE $role; $sql");
};

$node->safe_psql('postgres', 'GRANT recorder TO tenant');
is($tenant->('tenant', q{SELECT dbos_payload.start_workflow('tenant-1:a', 'x'), dbos_payload.record_step('tenant-1:a', 0, 's', '\x01'), dbos_payload.finish_workflow('tenant-1:a')}),
	'PENDING|recorded|SUCCESS', 'a tenant runs workflows');
is($tenant->('tenant', 'SELECT DISTINCT workflow_uuid FROM dbos_payload.operation_outputs'), 'tenant-1:a', '... and sees its own alone');
$node->safe_psql('postgres', 'ALTER TABLE dbos_payload.workflow_status DISABLE ROW LEVEL SECURITY; ALTER TABLE dbos_payload.operation_outputs DISABLE ROW LEVEL SECURITY');
like($tenant->('reader', q{SELECT count(*) FROM dbos_payload.list_steps('order-1')}), qr/^2$/, 'a reader reads');
like($tenant->('maintainer', q{CALL dbos_payload.purge('0')}), qr/^[1-9]/, 'a maintainer purges');
$node->stop;

# --- the client's command lines ------------------------------------------

# a line that is taken goes on to connect, to a server that there is not, or to read
# files that there are not
my %nowhere = (PGHOST => '/nonexistent/papers', PGPORT => undef, PGDATABASE => undef, PGUSER => undef);
my $lines = 0;
my $dir = PostgreSQL::Test::Utils::tempdir();

foreach my $paper (map { s/^\Q@{[ project_dir() ]}\E\///r } glob project_dir() . '/{README.md,docs/*.md}')
{
	foreach my $line (map { split /\n/, s/\\\n\s*/ /gr } blocks($paper, '(?:sh)?'))
	{
		next if $line !~ /^(?:sudo -u \w+ )?dbos_payload_bench ((?!COMMAND|\w+ \[OPTION\]).*?)(?: *\| .*)?(?: +#.*)?$/;

		my ($exit, $out, $err) = run_program({ env => { %nowhere, BENCH => $ENV{BENCH} } },
			'sh', '-c', "cd '$dir' && exec \"\$BENCH\" $1");

		$lines++;
		unlike($err, qr/shows what is allowed/, "$paper: dbos_payload_bench $1");
	}
}
cmp_ok($lines, '>=', 5, 'there are commands in the papers');

done_testing();
