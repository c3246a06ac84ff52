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

done_testing();
