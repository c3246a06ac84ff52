# Building: by clang, for another server after one, without what PGXS would like,
# and from what "make dist" packs.

use strict;
use warnings;

use DbosPayload;
use File::Path qw(make_path);
use PostgreSQL::Test::Utils;
use Test::More;

my $folder = PostgreSQL::Test::Utils::tempdir();
my $pg_config = $ENV{PG_CONFIG};

# nothing that the tests were built with
my %plain = (MAKEFLAGS => undef, WERROR => undef);

# make_in(FOLDER, ARGUMENT...): exit status, all output
sub make_in
{
	my ($in, @arguments) = @_;
	my ($exit, $out, $err) = run_program({ env => \%plain, timeout => 600 }, 'make', '-C', $in, @arguments);

	return ($exit, $out . $err);
}

sub write_file
{
	my ($name, $text) = @_;

	open my $file, '>', $name or die "$name: $!";
	print $file $text;
	close $file or die "$name: $!";
	return;
}

# a copy of the project as a clone has it
sub copy
{
	my ($name) = @_;

	mkdir "$folder/$name" or die "$folder/$name: $!";
	system_or_bail('bash', '-c', '. "$0/setup/lib.sh"; copy_project "$1"', project_dir(), "$folder/$name");
	return "$folder/$name";
}

# pg_config that answers these OPTION => ANSWER in its own way
sub other_pg_config
{
	my ($name, %answers) = @_;
	my $cases = join '', map { "--$_) echo '$answers{$_}' ;;\n" } sort keys %answers;

	write_file("$folder/$name", "#!/bin/sh\ncase \$1 in\n$cases*) exec '$pg_config' \"\$@\" ;;\nesac\n");
	chmod 0755, "$folder/$name";
	return "$folder/$name";
}

my ($exit, $out);

# --- all of it, by clang ------------------------------------------------

# clang_in(HALF, OBJECT, FILE...): what clang says of these files and its exit status, with
# the options that make gives it for that object.  One process reads them all, which only
# clang's own -cc1 does: a process for each would take three times as long.
sub clang_in
{
	my ($half, $object, @files) = @_;
	my ($compile) = grep { /^clang .* -c / } split /\n/, (make_in($half, '-nB', 'CC=clang', 'WERROR=1', $object))[1];

	$compile =~ s/ -(?:MMD|MP|c)\b| -o \S+//g;
	my ($cc1) = grep { /"-cc1"/ } split /\n/, `cd '$half' && $compile -fsyntax-only '-###' 2>&1`;
	$cc1 =~ s/ "\S+\.c"$//;
	my ($status, undef, $said) = run_program({ timeout => 600 }, 'bash', '-c', "cd '$half' && $cc1 " . join ' ', map { "'$_'" } @files);

	return ($said, $status);
}

SKIP:
{
	skip('there is no clang', 4) if system('clang --version >/dev/null 2>&1') != 0;

	write_file("$folder/unused.c", "static int unused;\n");
	foreach my $half ([ 'client', 'main.o', '*.c', '*/*.c' ], [ 'extension', 'module.o', '*.c' ])
	{
		my ($name, $object, @files) = @$half;
		my $in = project_dir() . "/$name";
		my @sources = map { glob "$in/$_" } @files;
		my ($said, $status) = clang_in($in, $object, @sources);

		is("$status $said", '0 ', "clang has no warning: $name") or diag($said);
		($said) = clang_in($in, $object, $sources[0], "$folder/unused.c", $sources[1]);
		like($said, qr/error: unused variable 'unused'/, '... where it has one it is an error');
	}
}

# --- one small file for each half shows when something is built ---------

my $small = copy('small');
my @gone = (glob("$small/extension/*.c"), glob("$small/client/*.c"), glob("$small/client/*/*.c"));

unlink @gone;
write_file("$small/extension/module.c", "#include \"postgres.h\"\n#include \"fmgr.h\"\nPG_MODULE_MAGIC;\n");
write_file("$small/client/main.c", "#include <libpq-fe.h>\nint main(void) { return PQlibVersion() == 0; }\n");

my $compiled = qr/ -c .*module\.c.* -c .*main\.c/s;

($exit, $out) = make_in($small);
is($exit, 0, 'make');
like($out, $compiled, '... builds both halves');
($exit, $out) = make_in($small);
unlike($out, qr/ -c /, 'a second make builds nothing');
($exit, $out) = make_in($small, 'WERROR=1');
like($out, $compiled, 'other options of the compiler: both are built again');
make_in($small);
utime undef, undef, "$small/extension/compat.h";
($exit, $out) = make_in($small);
like($out, qr/ -c .*module\.c/, 'a header was changed: what includes it is built again');

# a server built with LLVM, by a clang that is not on this machine
my $pgxs = "$folder/pgxs";

system_or_bail('cp', '-R', pgxs_dir(), $pgxs);
my $global = slurp_file("$pgxs/src/Makefile.global");
$global =~ s/^CLANG\s*=.*$/CLANG = \/nowhere\/clang/m or $global .= "CLANG = /nowhere/clang\n";
$global =~ s/^with_llvm\s*=.*$/with_llvm = yes/m;
write_file("$pgxs/src/Makefile.global", $global);
my $newer = other_pg_config('newer', version => 'PostgreSQL 99.1', pgxs => "$pgxs/src/makefiles/pgxs.mk");

($exit, $out) = make_in($small, "PG_CONFIG=$newer", 'install', "DESTDIR=$folder/other");
is($exit, 0, 'make install for another server, whose clang is not here') or diag($out);
like($out, $compiled, '... builds both again, and links no old object');
unlike($out, qr/\.bc/, '... without bitcode');

# --- installing ---------------------------------------------------------

my $installed = "$folder/installed";

make_in($small, 'install', "DESTDIR=$installed");
my @files = map { s/^\Q$installed\E//r } split /\n/, `find '$installed' -type f`;
ok((grep { m{/extension/dbos_payload\.control$} } @files), 'make install: control file');
ok((grep { m{/extension/dbos_payload--[0-9.]+\.sql$} } @files), 'make install: script');
ok((grep { m{/dbos_payload\.so$} } @files), 'make install: module');
ok((grep { $_ eq '/usr/local/bin/dbos_payload_bench' } @files), 'make install: client');
make_in($small, 'uninstall', "DESTDIR=$installed");
is(`find '$installed' -type f`, '', 'make uninstall leaves nothing');

make_in($small, 'clean');
is(`find '$small' -name '*.o' -o -name '*.bc' -o -name '*.so' -o -name .built-for -o -name dbos_payload_bench`,
	'', 'make clean leaves nothing');

# --- with less than there is here ---------------------------------------

my $client_only = other_pg_config(
	'client_only',
	pgxs => '/nowhere/pgxs.mk',
	'includedir-server' => '/nowhere',
	version => 'PostgreSQL 13.1');

($exit, $out) = make_in("$small/client", "PG_CONFIG=$client_only");
is($exit, 0, "the client builds without the server's headers") or diag($out);
($exit, $out) = make_in($small, "PG_CONFIG=$client_only");
isnt($exit, 0, 'the extension does not');
like($out, qr/install postgresql-server-dev-N/, '... and it is said what is missing');

($exit, $out) = make_in($small, 'PG_CONFIG=/nowhere/pg_config');
isnt($exit, 0, 'no pg_config');
like($out, qr/pg_config cannot be run.*make experiment/, '... and it is said what to do');
($exit, $out) = make_in($small, 'PG_CONFIG=/nowhere/pg_config', 'clean');
is($exit, 0, 'make clean works without') or diag($out);
($exit, $out) = make_in($small, 'PG_CONFIG=/nowhere/pg_config', 'help');
is($exit, 0, 'so does make help');

write_file("$folder/no_jansson", <<'E_SH');
#!/bin/sh
source=$(cat)
case $source in *jansson.h*) echo 'jansson.h: No such file' >&2; exit 1 ;; esac
printf '%s\n' "$source" | exec cc "$@"
E_SH
chmod 0755, "$folder/no_jansson";
make_in($small, '-s', 'clean');
($exit, $out) = make_in($small, "CC=$folder/no_jansson");
isnt($exit, 0, 'no jansson');
like($out, qr/^  apt-get update && apt-get install .*\blibjansson-dev$/m, '... and it is said what to install');
unlike($out, qr/ -c /, '... before anything is built');

# Debian's server package has PGXS without the headers
my $no_headers = other_pg_config('no_headers', 'includedir-server' => '/nowhere');

($exit, $out) = make_in($small, "PG_CONFIG=$no_headers");
isnt($exit, 0, "no server's headers");
like($out, qr/^  apt-get update && apt-get install .*\bpostgresql-server-dev-\d+$/m, '... and it is said what to install');
unlike($out, qr/ -c /, '... before anything is built');

# --- elsewhere ----------------------------------------------------------

mkdir "$folder/elsewhere" or die "$folder/elsewhere: $!";
foreach my $makefile ('Makefile', 'extension/Makefile', 'client/Makefile')
{
	($exit, $out) = make_in("$folder/elsewhere", '-f', "$small/$makefile");
	isnt($exit, 0, "$makefile from another folder");
	like($out, qr/built in its own folder, not in another: make -C \Q$small\E/, '... is refused, and it is said what to do');
}
is(join(' ', glob "$folder/elsewhere/* $folder/elsewhere/.b*"), '', '... and leaves nothing there');

# --- make dist ----------------------------------------------------------

SKIP:
{
	skip('there is no git', 1) if system('git --version >/dev/null 2>&1') != 0;

	my $clone = copy('clone');
	my ($version) = slurp_file("$clone/META.json") =~ /^ {3}"version": "(.*)"/m;	# PGXN wants the archive named by it

	($exit, $out) = make_in($clone, 'dist');
	isnt($exit, 0, 'make dist outside a clone');
	like($out, qr/made from a git clone/, '... and it is said why');

	local %ENV = (%ENV, GIT_AUTHOR_NAME => 't', GIT_AUTHOR_EMAIL => 't@localhost',
		GIT_COMMITTER_NAME => 't', GIT_COMMITTER_EMAIL => 't@localhost');
	system_or_bail('git', '-C', $clone, @$_)
	  foreach [qw(init -q)], [qw(add .)], [qw(commit -q -m all)];
	($exit, $out) = make_in($clone, 'dist');
	is($exit, 0, 'make dist') or diag($out);
	ok(-s "$clone/dist/dbos_payload-$version.zip", '... makes a zip file');
	my %packed = map { $_ => 1 } split /\n/, `tar -tzf '$clone/dist/dbos_payload-$version.tar.gz'`;
	my @needed = map { s/^\Q$clone\E\///r } glob "$clone/sql/*.sql $clone/expected/*.out $clone/test/t/*.pl $clone/test/upgrade/*.pl "
	  . "$clone/test/pgtap/*.sql $clone/test/isolation/*/* $clone/setup/* $clone/maintain/* $clone/extension/*.[ch] $clone/client/*.[ch] $clone/.ci/run";
	is(join(' ', grep { !$packed{"dbos_payload-$version/$_"} } @needed),
		'', '... and a tar file, with everything that a test needs');
}

done_testing();
