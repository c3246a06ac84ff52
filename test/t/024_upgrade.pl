# Updating from every released version ends with what a fresh install has.
# The machinery is proved with versions that are made up: one that updates well,
# several with a fault that must be seen.  (Updating the server, by pg_upgrade, is
# tested by "make check-upgrade".)

use strict;
use warnings;

use Catalog;
use DbosPayload;
use File::Basename;
use PostgreSQL::Test::Utils;
use Test::More;

my ($current) = slurp_file(project_dir() . '/extension/dbos_payload.control') =~ /^default_version = '(.*)'/m;
my @released = sort grep { !/--/ } map { basename($_) =~ /^dbos_payload--(.*)\.sql$/ } glob project_dir() . '/extension/dbos_payload--*.sql';
my $node = new_node('main', extension => 0);

# fresh(NODE, DATABASE, VERSION): a new database with that version
sub fresh
{
	my ($node, $database, $version) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0");
	$node->safe_psql($database, "CREATE EXTENSION dbos_payload VERSION '$version'");
	return;
}

# --- what is released ---------------------------------------------------

ok((grep { $_ eq $current } @released), "there is an install script for $current, the default");
fresh($node, 'current', $current);
my $expected = catalog_of($node, 'current');
like($expected, qr/^function dbos_payload\.version\(\): defined/m, 'the catalogues are read');
cmp_ok(scalar(split /\n/, $expected), '>', 100, 'in detail');

foreach my $version (@released)
{
	(my $database = "from_$version") =~ s/\W/_/g;

	is($node->safe_psql('postgres', "SELECT count(*) FROM pg_extension_update_paths('dbos_payload') WHERE source = '$version' AND target = '$current' AND path IS NULL"),
		0, "$version: there is a way to $current");
	fresh($node, $database, $version);
	$node->safe_psql($database, 'ALTER EXTENSION dbos_payload UPDATE');
	is(catalog_changes($expected, catalog_of($node, $database)), '', "$version, updated, is $current");
}

# --- made-up versions ---------------------------------------------------

# 0.9 is 1.0 without one function, one index and one column; its update puts
# them in.  What the update forgets in turn must be seen.
my $script = script_of($current);
my ($function) = $script =~ /^(CREATE FUNCTION dbos_payload\.no_op\(\).*?;\n)/ms;
my ($comment) = $script =~ /^(COMMENT ON FUNCTION dbos_payload\.no_op\(\).*?;\n)/ms;
my ($index) = $script =~ /^(CREATE INDEX workflow_status_completed_at.*?;\n)/ms;
my ($index_comment) = $script =~ /^(COMMENT ON INDEX dbos_payload\.workflow_status_completed_at.*?;\n)/ms;
my ($column_comment) = $script =~ /^(COMMENT ON COLUMN dbos_payload\.workflow_status\.recovery_attempts.*?;\n)/ms;
my $revoke = "REVOKE ALL ON FUNCTION dbos_payload.no_op() FROM PUBLIC;\n";
my $column = "ALTER TABLE dbos_payload.workflow_status ADD COLUMN recovery_attempts pg_catalog.int8 NOT NULL DEFAULT 0;\n";

ok($function && $comment && $index && $index_comment && $column_comment, 'the script has the parts that are left out') or BAIL_OUT('the script has changed');
my $old = $script;
$old =~ s/\Q$_\E// foreach ($function, $comment, $index, $index_comment, $column_comment);
$old =~ s/,\s*recovery_attempts pg_catalog\.int8 NOT NULL DEFAULT 0// or BAIL_OUT('the script has changed');

my @parts = ($function, $comment, $revoke, $index, $index_comment, $column, $column_comment);

# an update, and what has to be reported of it: nothing, or a pattern
my %updates = (
	'0.9' => [ join('', @parts), undef ],
	'0.91' => [ join('', grep { $_ ne $function && $_ ne $comment && $_ ne $revoke } @parts), qr/^-function dbos_payload\.no_op\(\): is a member/m ],
	'0.92' => [ join('', grep { $_ ne $comment } @parts), qr/^-function dbos_payload\.no_op\(\): commented baseline/m ],
	'0.93' => [ join('', grep { $_ ne $revoke } @parts), qr/^\+function dbos_payload\.no_op\(\): grants \S*[{,"]=X/m ],
	'0.94' => [ join('', grep { $_ ne $index && $_ ne $index_comment } @parts), qr/^-index dbos_payload\.workflow_status_completed_at/m ],
	'0.95' => [ join('', grep { $_ ne $index_comment } @parts), qr/^\+index dbos_payload\.workflow_status_completed_at: .*commented $/m ],
	'0.96' => [ join('', @parts) =~ s/NOT NULL DEFAULT 0/DEFAULT 0/r, qr/^\+relation dbos_payload\.workflow_status: column N recovery_attempts bigint DEFAULT/m ],
	'0.97' => [ join('', @parts) =~ s/VOLATILE/STABLE/r, qr/^[-+]function dbos_payload\.no_op\(\): defined/m ],
	'0.98' => [ join('', @parts, "ALTER TABLE dbos_payload.workflow_status DROP CONSTRAINT workflow_status_status_check;\n"), qr/^-relation dbos_payload\.workflow_status: constraint workflow_status_status_check/m ],
	'0.99' => [ join('', @parts, "SELECT pg_catalog.pg_extension_config_dump('dbos_payload.workflow_status', 'WHERE false');\n"), qr/^\+extension: .*WHERE false/m ],
);

my %files;
foreach my $version (keys %updates)
{
	$files{"dbos_payload--$version.sql"} = $old;
	$files{"dbos_payload--$version--$current.sql"} = $updates{$version}[0];
}

# newer SQL than the library, without and with a function that it does not have
$files{'dbos_payload--99.0.sql'} = $script;
$files{'dbos_payload--99.1.sql'} = $script . "CREATE FUNCTION dbos_payload.of_99() RETURNS pg_catalog.void AS 'MODULE_PATHNAME', 'dbos_payload_of_99' LANGUAGE C;\n";

my $conf = stage_copy(%files);
my $made_up = new_node('made_up', extension => 0, conf => $conf);

fresh($made_up, 'current', $current);
$expected = catalog_of($made_up, 'current');
foreach my $version (sort keys %updates)
{
	my ($update, $fault) = @{ $updates{$version} };
	(my $database = "from_$version") =~ s/\W/_/g;

	fresh($made_up, $database, $version);
	if (!$fault)
	{
		# The new library with old SQL: what was there works as it did.
		is($made_up->safe_psql($database, 'SELECT dbos_payload.version()'), $current, "$version: the library is $current");
		is($made_up->safe_psql($database, q{
			SELECT dbos_payload.random_payload(4, 1) = dbos_payload.random_payload(4, 1);
			SELECT dbos_payload.version(), octet_length(dbos_payload.random_payload(1000))}), "t\n$current|1000", "$version: old SQL goes on working");
		like(catalog_changes($expected, catalog_of($made_up, $database)), qr/^\+extension: version 0\.9/m, "$version: is another one before its update");
	}
	$made_up->safe_psql($database, 'ALTER EXTENSION dbos_payload UPDATE');

	# The column is the last one of a table that was updated: its place is the
	# only difference that a well made update may have.
	my $changes = catalog_changes(without_places($expected), without_places(catalog_of($made_up, $database)));
	if ($fault)
	{
		like($changes, $fault, "$version: a faulty update is seen");
		is(scalar(grep { !/^[-+](function dbos_payload\.no_op|index|relation dbos_payload\.workflow_status:|extension)|^[-+] / } split /\n(?=[-+])/, $changes), 0, "$version: and nothing else");
	}
	else
	{
		is($changes, '', "$version: a good update leaves no difference");
		is($made_up->safe_psql($database, "SELECT dbos_payload.start_workflow('w', 'n'), dbos_payload.no_op(), dbos_payload.record_step('w', 1, 's', '')"),
			'PENDING||recorded', "$version: updated, it works");
	}
}

sub without_places
{
	my ($catalog) = @_;

	$catalog =~ s/: column \K\d+ (?=recovery_attempts)/N /g;
	return $catalog;
}

# --- the library is older than the SQL ----------------------------------

fresh($made_up, 'newer', '99.0');
my (undef, undef, $error) = $made_up->psql('postgres', "CREATE EXTENSION dbos_payload VERSION '99.1'");
like($error, qr/could not find function "dbos_payload_of_99" in file ".*dbos_payload/, 'newer SQL, old library: a new function cannot be created, and the server says where it is missing');
foreach my $command ('run', 'check')
{
	my ($exit, $out, $err) = run_bench($made_up, $command, conninfo($made_up, dbname => 'newer'));

	is($exit, 1, "newer SQL, old library: $command refuses");
	like("$out$err" =~ s/\s+/ /gr, qr/99\.0.*\Q$current\E|\Q$current\E.*99\.0/, "newer SQL, old library: $command names both versions");
}

# An old session, which has the library of before, meets the SQL of after it in
# the same way; it is told so by the same message.
fresh($made_up, 'older', '0.9');
my ($exit, $out, $err) = run_bench($made_up, 'run', conninfo($made_up, dbname => 'older'));
is($exit, 1, 'older SQL: run refuses');
like("$out$err" =~ s/\s+/ /gr, qr/0\.9.*\Q$current\E.*ALTER EXTENSION dbos_payload UPDATE/, 'older SQL: run names both versions and the way out');

done_testing();
