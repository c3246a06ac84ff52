# What is said about the project in several places is the same in all of them,
# what the papers name is there, and META.json is as PGXN takes it
# (https://pgxn.org/meta/spec.txt).

use strict;
use warnings;

use DbosPayload;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

sub paper { return slurp_file(project_dir() . "/$_[0]"); }

my $meta = eval { JSON::PP->new->utf8->decode(paper('META.json')) };
my ($version) = paper('extension/dbos_payload.control') =~ /^default_version *= *'(.*)'/m;
my ($newest) = paper('CHANGELOG.md') =~ /^## (\S+) \(.+\)$/m;

ok($meta, 'META.json is JSON') or BAIL_OUT($@);
is($newest, $version, 'the newest version of the changelog is that of the control file');
# PGXN's versions have three parts
is($meta->{version}, "$version.0", 'so is that of META.json');

# what the specification requires, and the form that it requires it in
my $semantic = qr/^\d+\.\d+\.\d+$/;

like($meta->{name}, qr/^[^\/\\[:cntrl:]\s]{2,}$/, 'META.json: name');
like($meta->{version}, $semantic, 'META.json: version');
ok(length $meta->{abstract}, 'META.json: abstract');
ok(length $meta->{maintainer}, 'META.json: maintainer');
is($meta->{license}, 'postgresql', 'META.json: license');
like(paper('LICENSE'), qr/^PostgreSQL Licen[cs]e/, '... which LICENSE is');
is_deeply(
	$meta->{'meta-spec'},
	{ version => '1.0.0', url => 'https://pgxn.org/meta/spec.txt' },
	'META.json: meta-spec');
is_deeply([ keys %{ $meta->{provides} } ], ['dbos_payload'], 'META.json: provides');

my $provides = $meta->{provides}{dbos_payload};

is($provides->{version}, $meta->{version}, 'META.json: version of what it provides');
is($provides->{file}, "extension/dbos_payload--$version.sql", 'META.json: file');
ok(-e project_dir() . "/$provides->{$_}", "META.json: $_ is there") foreach qw(file docfile);
foreach my $phase (values %{ $meta->{prereqs} })
{
	foreach my $needed (map { %$_ } values %$phase)
	{
		like($needed, qr/^(?:0|\d+\.\d+\.\d+|[A-Za-z]\w*)$/, "META.json: prereqs: $needed");
	}
}

# --- what the papers name -----------------------------------------------

my @papers = map { s/^\Q@{[ project_dir() ]}\E\///r } glob project_dir() . '/{README.md,setup/help,docs/*.md}';
my %target = map { $_ => 1 } map { split } paper('Makefile') =~ /^\.PHONY:(.*)$/mg;

foreach my $name (@papers)
{
	my $text = paper($name);
	# a make that is a command, not a word: it begins a line, or is in quotes of code
	my @makes = $text =~ /(?:^|`|sudo |&& )make ([a-z][a-z-]*)\b(?!=)/mg;
	my @paths = $text =~ m{(?<![\w./-])((?:setup|maintain|test|extension|client|docs|sql|expected|\.ci)/[\w./-]*\w)}g;

	is(join(' ', grep { !$target{$_} } @makes), '', "$name: make has every target that it names");
	is(join(' ', grep { !-e project_dir() . "/$_" } @paths), '', "$name: every file that it names is there");
}
my $help = paper('setup/help');

is(join(' ', grep { $help !~ /\b(?:make |: )\Q$_\E\b/ } sort grep { !/^(?:all|needed|installdirs|help)$/ } keys %target),
	'', 'make help names every target');

my @themes = map { m{([a-z]+)\.pl$} } sort glob project_dir() . '/test/measure/*.pl';

is(join(' ', sort map { split } paper('maintain/measure') =~ /^themes=\((.*)\)$/mg), "@themes", 'make measure has every theme');
is(join(' ', grep { $help !~ /WHAT="[^"]*\b$_\b[^"]*"/ } @themes), '', '... and make help names it');

# --- what the papers say ------------------------------------------------

# one page for who is new here
cmp_ok(scalar(split /\n/, paper('README.md')), '<=', 200, 'README.md has 200 lines at most');

# headings as GitHub makes anchors of them
sub anchors
{
	my ($text) = @_;
	my %seen;

	$text =~ s/^```.*?^```$//msg;
	return map { my $n = $seen{$_}++; $n ? "$_-$n" : $_ }
	  map { lc =~ s/[^\w\s-]//gr =~ s/\s/-/gr } $text =~ /^#+ +(.*?) *$/mg;
}

my @written = glob project_dir() . '/*.md ' . project_dir() . '/docs/*.md';

foreach my $name (map { s/^\Q@{[ project_dir() ]}\E\///r } @written)
{
	my $text = paper($name);
	my $folder = $name =~ s{[^/]*$}{}r;
	my @broken;

	foreach my $link (grep { !/^\w+:/ } $text =~ /\]\(([^)\s]+)\)/g)
	{
		my ($file, $anchor) = split /#/, $link, 2;
		my $target = $file eq '' ? $name : "$folder$file";

		push @broken, $link
		  if !-e project_dir() . "/$target"
		  || (defined $anchor && !grep { $_ eq $anchor } anchors(paper($target)));
	}
	is(join(' ', @broken), '', "$name: every link leads somewhere");
	is(join(' ', $text =~ /\@\@\w*|\b(?:TODO|FIXME|TBD)\b/g), '', "$name: nothing is left to fill in");
}

# the SQL's objects are in their reference, each by its whole name
my $sql = paper("extension/dbos_payload--$version.sql");
my $extension = paper('docs/extension.md');

sub unnamed
{
	my ($text, @names) = @_;
	my %seen = map { $_ => 1 } @names;

	return join(' ', grep { $text !~ /(?<![\w-])\Q$_\E(?:(?<=\()|(?!\w))/ } sort keys %seen);
}

my @routines = $sql =~ /^CREATE (?:FUNCTION|PROCEDURE) dbos_payload\.(\w+)/mg;
my ($columns) = $sql =~ /^CREATE TYPE dbos_payload\.step_timing AS \((.*?)\);/ms;
my @settings = paper('extension/module.c') =~ /^\s*DefineCustom\w+\("([\w.]+)"/mg;
my @tables;

while ($sql =~ /^CREATE TABLE dbos_payload\.(\w+) \((.*?)^\);/msg)
{
	push @tables, $1, $2 =~ /^\t(?!PRIMARY|CHECK)(\w+) pg_catalog/mg;
}
cmp_ok(scalar @routines, '>', 20, 'the routines of the SQL were found');
is(unnamed($extension, map { "$_(" } @routines), '', 'docs/extension.md has every function and procedure');
is(unnamed($extension, ($columns // '') =~ /^\t(\w+)/mg), '', '... every column of the timings');
is(unnamed($extension, @tables), '', '... every table and column');
is(unnamed($extension, @settings), '', '... every setting');

# ... and every grant that it asks for is of something that is there
my %there = map { $_ => 1 } @routines;
my @granted = map { /dbos_payload\.(\w+)/g } $extension =~ /^GRANT EXECUTE ON [A-Z]+ (.*?) TO/msg;

is(join(' ', grep { !$there{$_} } @granted), '', '... and no GRANT of what is not there');
is(join(' ', grep { my $name = $_; !grep { $_ eq $name } @granted, 'version', 'random_payload' } sort keys %there),
	'', '... and a GRANT of everything that not all may call');

# SQLSTATEs by the names that PostgreSQL's headers give them
my %code = (
	NULL_VALUE_NOT_ALLOWED => '22004', INVALID_PARAMETER_VALUE => '22023', UNDEFINED_OBJECT => '42704',
	OBJECT_NOT_IN_PREREQUISITE_STATE => '55000', UNIQUE_VIOLATION => '23505',
	EXTERNAL_ROUTINE_EXCEPTION => '38000', T_R_SERIALIZATION_FAILURE => '40001',
	INVALID_TRANSACTION_TERMINATION => '2D000', FEATURE_NOT_SUPPORTED => '0A000',
	DATA_CORRUPTED => 'XX001', INTERNAL_ERROR => 'XX000');
my %raised = map { $_ => 1 } map { paper("extension/$_") =~ /errcode\(ERRCODE_(\w+)\)/g }
  map { s{.*/}{}r } glob project_dir() . '/extension/*.c';

is(join(' ', grep { !$code{$_} } sort keys %raised), '', 'the SQLSTATEs that the extension raises are known here');
is(unnamed($extension, map { $code{$_} // () } keys %raised), '', 'docs/extension.md has every SQLSTATE');

# every file of the module, and every floor of the client, has its job said
my $development = paper('docs/development.md');

# (guard_palloc.c is the sanitizers', put there for them)
is(unnamed($development, grep { $_ ne 'guard_palloc.c' } map { s{.*/}{}r } glob project_dir() . '/extension/*.c'), '',
	'docs/development.md has every file of the extension');
is(unnamed($development, map { "`$_`" } map { m{([^/]+)/$} } glob project_dir() . '/client/*/'), '',
	'... and every floor of the client');

# the client's own: all commands and options, as its table has them
my $table = paper('client/command/options_table.c');
my $client = paper('docs/client.md');
my ($rules) = $table =~ /^const OptionRule option_rules\[\] = \{(.*?)^\};/ms;
my @options = map { "--$_" } ($rules // '') =~ /^\t\{"([\w-]+)"/mg;
my @commands = $table =~ /^\t\[COMMAND_\w+\] = \{"(\w+)"/mg;

cmp_ok(scalar @options, '>', 20, 'the client\'s options were found');
is(unnamed($client, @options), '', 'docs/client.md has every option');
is(join(' ', grep { $client !~ /^### `\Q$_\E`$/m } @commands), '', '... and every command');

# ... and no paper has one that is not there
my %option = map { $_ => 1 } @options;
my %command = map { $_ => 1 } @commands, 'help';

foreach my $name (@papers)
{
	my $text = paper($name) =~ s/\\\n\s*/ /gr;
	my @wrong;

	foreach my $line ($text =~ /^(?:.*[\s(])?dbos_payload_bench ([^`\n]*)/mg)
	{
		my ($word) = $line =~ /^([a-z]+)\b/;

		push @wrong, $word if defined $word && !$command{$word};
		push @wrong, grep { !$option{$_} } $line =~ /(?<![\w-])(--[a-z][\w-]*)/g;
	}
	push @wrong, grep { !$option{$_} } map { /(?<![\w-])(--[a-z][\w-]*)/g } $text =~ /ARGS="([^"]*)"/g;
	is(join(' ', @wrong), '', "$name: every command of the client that it names is there");
}

# every key of a result file is described, as the table that it is written by has it
my $described = paper('docs/result-file.md');
my @keys = paper('client/figures/figures_fields.c') =~ /^\t[A-Z_0-9]+\((?:FIELD_\w+, )?\w+, "(\w+)"/mg;

cmp_ok(scalar @keys, '>', 100, 'keys of the result file are found');
is_deeply([ grep { $described !~ /`$_`|"$_"/ } @keys ], [], 'docs/result-file.md describes each');

my @inspected = paper('client/inspect/json.c') =~ /^\t[A-Z_0-9]+\((?:FIELD_\w+, )?\w+, "(\w+)"/mg;

cmp_ok(scalar @inspected, '>', 80, 'keys of an inspection are found');
is_deeply([ grep { $described !~ /`$_`|"$_"/ } @inspected ], [], '... and each is described');

done_testing();
