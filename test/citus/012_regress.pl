# The files of sql/ whose statements Citus has no objection to.  The others use what it
# refuses on distributed tables: triggers, joins with local tables, functions with
# statements of their own beside columns; 010 and 011 have what these are about.

use strict;
use warnings;

use CitusCluster;
use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

my $cluster = CitusCluster->new(workers => 2);
my $coordinator = $cluster->coordinator;

# functions in pg_temp are then not tried to be made on the workers, with a warning
$cluster->sql('ALTER DATABASE postgres SET citus.enable_ddl_propagation = off');

foreach my $file (qw(batches limits payload record_search_path record_steps steps workflows))
{
	my $out = PostgreSQL::Test::Utils::tempdir();

	$cluster->sql(<<'END');
SET citus.enable_ddl_propagation = on;
DROP EXTENSION dbos_payload;
CREATE EXTENSION dbos_payload;
END
	$cluster->distribute;
	my ($exit, $said) = run_program($ENV{PG_REGRESS}, '--use-existing', '--dbname=postgres',
		'--inputdir=' . project_dir(), "--outputdir=$out", '--host=' . $coordinator->host, '--port=' . $coordinator->port, $file);

	is($exit, 0, $file) or diag(-e "$out/regression.diffs" ? slurp_file("$out/regression.diffs") : $said);
}
done_testing();
