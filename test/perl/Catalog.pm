package Catalog;

# Extensions of several versions: folders with made-up scripts, and what an
# extension's objects are according to the catalogues.

use strict;
use warnings;

use DbosPayload;
use Exporter 'import';
use File::Basename;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(stage_copy script_of catalog_of catalog_changes);

# script_of(VERSION): the text of an install script in extension/
sub script_of
{
	my ($version) = @_;

	return slurp_file(project_dir() . "/extension/dbos_payload--$version.sql");
}

# stage_copy(FILE => TEXT...): a copy of what is installed for the tests, with
# these files put among the extension's scripts; lines for postgresql.conf that
# lead to it.
sub stage_copy
{
	my (%files) = @_;
	my $dir = PostgreSQL::Test::Utils::tempdir();
	my $conf = slurp_file($ENV{TEMP_CONFIG});

	system('cp', '-R', "$ENV{STAGE}/.", $dir) == 0 or die "cannot copy $ENV{STAGE}";
	chmod 0755, $dir;
	my ($control) = split /\n/, `find '$dir' -name dbos_payload.control`;
	foreach my $name (keys %files)
	{
		my $path = dirname($control) . "/$name";

		chmod 0644, $path;
		open(my $file, '>', $path) or die "$path: $!";
		print $file $files{$name};
		close $file;
	}
	$conf =~ s/\Q$ENV{STAGE}\E/$dir/g;
	return $conf;
}

# One line for each property of each object: what an object is comes before the
# colon, so that a difference can be told in words.
my $query = <<'END';
WITH member AS (
	SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON d.refobjid = e.oid
	WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'dbos_payload'),
relation AS (
	SELECT c.* FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
	UNION ALL SELECT c.* FROM pg_class c JOIN pg_type t ON t.oid = c.reltype JOIN member m ON m.classid = 'pg_type'::regclass AND m.objid = t.oid),
part AS (
	SELECT c.* FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid JOIN relation r ON r.oid = i.indrelid)
SELECT 'extension: ' || format('version %s, schema %s, relocatable %s, dumps %s %s', extversion, extnamespace::regnamespace, extrelocatable,
		(SELECT string_agg(t::regclass::text, ' ' ORDER BY t::regclass::text) FROM unnest(extconfig) AS t), extcondition)
	FROM pg_extension WHERE extname = 'dbos_payload'
UNION ALL SELECT format('%s %s: is a member', o.type, o.identity)
	FROM member, pg_identify_object(classid, objid, 0) AS o
UNION ALL SELECT format('%s %s: commented %s', o.type, o.identity, obj_description(objid, classid::regclass::name))
	FROM member, pg_identify_object(classid, objid, 0) AS o
UNION ALL SELECT format('function %s: defined %s', p.oid::regprocedure, regexp_replace(pg_get_functiondef(p.oid), '\s+', ' ', 'g'))
	FROM pg_proc p JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
UNION ALL SELECT format('function %s: grants %s, owner %s, cost %s, rows %s', p.oid::regprocedure,
		array(SELECT a::text FROM unnest(coalesce(p.proacl, acldefault('f', p.proowner))) AS a ORDER BY 1), p.proowner::regrole, p.procost, p.prorows)
	FROM pg_proc p JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
UNION ALL SELECT format('relation %s: kind %s, %s, options %s, grants %s, owner %s, row security %s', r.oid::regclass, r.relkind, r.relpersistence, r.reloptions,
		array(SELECT a::text FROM unnest(coalesce(r.relacl, acldefault('r', r.relowner))) AS a ORDER BY 1), r.relowner::regrole, r.relrowsecurity)
	FROM relation r
UNION ALL SELECT format('relation %s: column %s %s', r.oid::regclass, a.attnum, concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
		nullif(a.attcollation, 0)::regcollation, CASE WHEN a.attnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid),
		'storage', a.attstorage, a.attacl::text, 'commented', col_description(a.attrelid, a.attnum)))
	FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
	LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
UNION ALL SELECT format('relation %s: constraint %s %s', r.oid::regclass, k.conname, pg_get_constraintdef(k.oid))
	FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid
UNION ALL SELECT format('index %s: %s, options %s, commented %s', i.oid::regclass, pg_get_indexdef(i.oid), i.reloptions, obj_description(i.oid, 'pg_class'))
	FROM part i
UNION ALL SELECT format('relation %s: trigger %s', r.oid::regclass, pg_get_triggerdef(t.oid))
	FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
UNION ALL SELECT format('relation %s: policy %s', r.oid::regclass, p.polname) FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
UNION ALL SELECT format('schema %s: grants %s, commented %s', n.nspname, n.nspacl, obj_description(n.oid, 'pg_namespace'))
	FROM pg_namespace n WHERE n.nspname = 'dbos_payload'
ORDER BY 1
END

# catalog_of(NODE, DATABASE): those lines, joined
sub catalog_of
{
	my ($node, $database) = @_;

	return $node->safe_psql($database, "SET search_path = pg_catalog; $query");
}

# catalog_changes(FRESH, UPDATED): the lines that only one has, marked - and +
sub catalog_changes
{
	my ($fresh, $updated) = @_;
	my %fresh = map { $_ => 1 } split /\n/, $fresh;
	my %updated = map { $_ => 1 } split /\n/, $updated;

	return join "\n", (map { "-$_" } grep { !$updated{$_} } sort keys %fresh), (map { "+$_" } grep { !$fresh{$_} } sort keys %updated);
}

1;
