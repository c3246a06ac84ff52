# What setup/ does for its user besides the tests: options that are wrong, disks
# that are full, packages while Ctrl-C is pressed, jobs in the background, a folder
# that the server's superuser cannot enter.

use strict;
use warnings;

use DbosPayload;
use IPC::Run;
use PostgreSQL::Test::Utils;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $project = project_dir();
my $folder = PostgreSQL::Test::Utils::tempdir();
# its own folder for temporary files, where make check has others
my $temporary = "$ENV{TMPDIR}/set_up";
my %plain = (MAKEFLAGS => undef, TMPDIR => $temporary);

mkdir $temporary or die "$temporary: $!";

# script(NAME, LINE...): a program of a folder that comes first in the PATH
sub script
{
	my ($name, @lines) = @_;

	mkdir "$folder/bin";
	open my $file, '>', "$folder/bin/$name" or die "$folder/bin/$name: $!";
	print $file map { "$_\n" } '#!/bin/bash', @lines;
	close $file or die "$folder/bin/$name: $!";
	chmod 0755, "$folder/bin/$name";
	return;
}

sub without_scripts
{
	unlink glob "$folder/bin/*";
	return;
}

# run_setup([{OPTION => VALUE...},] PROGRAM, ARGUMENT...): see run_program
sub run_setup
{
	my %options = ref $_[0] ? %{ shift() } : ();
	my ($program, @arguments) = @_;

	return run_program(
		{ env => { %plain, PATH => "$folder/bin:$ENV{PATH}", %{ $options{env} || {} } }, timeout => 180 },
		"$project/setup/$program", @arguments);
}

sub results { return scalar(() = glob "$project/results/*"); }

my ($exit, $out, $err);

# --- options of make experiment -----------------------------------------

# nothing is installed and no server started for these
my $before = results();

script('setsid', "touch '$folder/started'", 'exit 1');	# what with-server begins with
foreach my $case (
	[ 'an unknown option', qr/unknown or ambiguous option "--nonsense"/, '--nonsense' ],
	[ 'a value that is none', qr/--sizes: .*"1x" is not a size/, '--sizes', '1x' ],
	[ 'options that do not fit together', qr/simple has no binary results/, '-M', 'simple' ],
	[ 'a database', qr/no connection string: the server is of its own/, 'mydb' ])
{
	my ($name, $message, @arguments) = @$case;

	($exit, $out, $err) = run_setup('experiment', @arguments);
	is($exit, 1, "experiment: $name: exit status");
	like($err, $message, '... it is said what is wrong');
	ok(!-e "$folder/started", '... before a server is started');
}
($exit, $out, $err) = run_setup('experiment', '-n', '5', '--help');
is($exit, 0, 'experiment: --help') or diag($err);
like($out, qr/^Usage:.*--iterations/ms, '... shows the options');
is(results(), $before, 'nothing is left in results/ by any of these');

# Programs of the system without those that the experiment needs besides the
# compiler: the options are looked at before packages.
without_scripts();
foreach my $program (map { glob "$_/*" } reverse grep { -d } split /:/, $ENV{PATH})
{
	my ($name) = $program =~ m{([^/]+)$};

	next if $name =~ /^(?:gnuplot|sudo|apt-get)/ || !-x $program;
	unlink "$folder/bin/$name";
	symlink $program, "$folder/bin/$name";
}
my %without = (PATH => "$folder/bin");

($exit, $out, $err) = run_setup({ env => \%without }, 'experiment', '--nonsense');
like($err, qr/option "--nonsense"/, 'experiment: an unknown option is found out');
unlike($err, qr/Not installed yet/, '... before packages are looked for');
($exit, $out, $err) = run_setup({ env => \%without }, 'experiment');
like($err, qr/Not installed yet.*gnuplot-nox/s, '... which it would have missed');
without_scripts();

# --- a disk that is full ------------------------------------------------

script('df', 'echo Filesystem MB', 'echo disk 1000 995 5 99% /');
($exit, $out, $err) = run_setup('with-server', 'true');
is($exit, 1, 'no room for a server');
like($err, qr{no folder for temporary files has 300 MB free, .*\Q$temporary\E has 5.* set TMPDIR},
	'... is said, with the folders and what to do');
script('df', "[ -e '$folder/full' ] && free=5 || free=5000", 'echo Filesystem MB', 'echo disk 9999 9 $free 99% /');
($exit, $out, $err) = run_setup('with-server', 'bash', '-c', "touch '$folder/full'; exit 3");
is($exit, 3, 'a disk that fills up: exit status of the command');
like($err, qr/The disk of \S+ is full: 5 MB are free/, '... and it is said that it is full');
without_scripts();

# --- packages and Ctrl-C ------------------------------------------------

# "--install" runs as root: here as the root of a user namespace, on top of
# folders of its own
my $as_root = <<'E_SH';
mkdir -p "$1"/etc "$1"/sbin/{upper,work}
mount --bind "$1/etc" /etc/postgresql-common
mount -t overlay overlay -o "lowerdir=/usr/sbin,upperdir=$1/sbin/upper,workdir=$1/sbin/work" /usr/sbin
E_SH

SKIP:
{
	mkdir "$folder/probe";
	skip('no user namespace with overlays is to be had here', 7)
	  if system("unshare -rm bash -ec '$as_root' x '$folder/probe' >/dev/null 2>&1") != 0;

	# dpkg is what must not be cut off: "apt-get install" but for the download
	script('dpkg-query', "cat '$folder/states'");
	script('dpkg', "echo \"dpkg \$*\" >>'$folder/done'", "echo installed >'$folder/states'");
	script('apt-get', "case \"\$*\" in *download-only*|*update*) exit 0 ;; esac",
		"grep -q half '$folder/states' && { echo 'dpkg was interrupted' >&2; exit 100; }",
		"touch '$folder/unpacking'", 'sleep 2', "echo \"apt-get \$*\" >>'$folder/done'");

	# cut off before: finished first
	append_to_file("$folder/states", "installed\nhalf-configured\n");
	mkdir "$folder/first";
	my @install = ('unshare', '-rm', 'bash', '-ec', "$as_root\n" . 'exec "$2" --install tree',
		'x', "$folder/first", "$project/setup/install-packages");
	($exit, $out, $err) = run_program({ env => { %plain, PATH => "$folder/bin:$ENV{PATH}" } }, @install);
	is($exit, 0, 'packages: where dpkg was cut off before') or diag($err);
	like(slurp_file("$folder/done"), qr/\Adpkg --configure -a\napt-get .*install tree\n/, '... that is finished first');

	# Ctrl-C, which the terminal sends to the whole group
	unlink "$folder/done", "$folder/unpacking";
	mkdir "$folder/second";
	$install[6] = "$folder/second";
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		POSIX::setsid();
		$SIG{INT} = 'DEFAULT';
		%ENV = (%ENV, PATH => "$folder/bin:$ENV{PATH}", TMPDIR => $temporary);
		delete $ENV{MAKEFLAGS};
		open STDERR, '>', "$folder/said";
		open STDOUT, '>', '/dev/null';
		exec @install or POSIX::_exit(1);
	}
	my $end = time + 60;
	sleep 0.05 until -e "$folder/unpacking" || time > $end;
	kill 'INT', -$pid;
	waitpid $pid, 0;
	is($? >> 8, 130, 'packages: Ctrl-C while they are unpacked: exit status');
	ok(-e "$folder/done", '... but not before that was done');
	like(slurp_file("$folder/said"), qr/must not be cut off; ending after that/, '... and it says what it waits for');
	is(join(' ', grep { -e } "$folder/second/sbin/upper/policy-rc.d", "$folder/second/etc/createcluster.d"),
		'', '... and it has taken its own settings away');

	# what is to be typed by hand must work too
	append_to_file("$folder/states", "half-installed\n");
	script('jq', 'exit 0');
	($exit, $out, $err) = run_setup({ env => { CC => 'no-such-compiler' } }, 'install-packages', 'build');
	like($err, qr/^  dpkg --configure -a && apt-get update && apt-get install .*\bgcc\b/m,
		'... which the commands to type by hand begin with, where it is needed');
	without_scripts();
}

# --- in the background of a terminal ------------------------------------

# gnuplot may ask the terminal that is its input what it can do
script('gnuplot', 'if [ -t 0 ]; then stty echo; fi');
script('job', <<"E_SH");
set -m
'$project/setup/experiment' --blocks 1 -n 1 --warmup 0 --sizes 1 --no-baselines >'$folder/job.out' 2>&1 &
for i in {1..600}; do
	[ -n "\$(jobs -r)" ] || break
	sleep 0.1
done
stopped=\$(jobs -s)
kill -CONT %1 2>/dev/null
wait %1
echo "stopped: [\$stopped] status: \$?"
E_SH
($exit, $out, $err) = run_program({ env => { %plain, PATH => "$folder/bin:$ENV{PATH}" } },
	'script', '-qec', "$folder/bin/job", '/dev/null');
like($out, qr/^stopped: \[\] status: 0/m, 'experiment in the background of a terminal: is not stopped for touching it')
  or diag(slurp_file("$folder/job.out"));
without_scripts();

# --- make installcheck --------------------------------------------------

# on a server of one's own, as its superuser, who cannot enter the folder above
{
	my $node = new_node('installcheck', extension => 0);
	my $closed = "$folder/closed";
	my %server = (PGHOST => $node->host, PGPORT => $node->port, %plain);
	my $databases = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname !~ '^template'";

	system_or_bail('bash', '-c', <<'E_SH', 'x', $project, $closed);
mkdir -p "$2/tree"
. "$1/setup/lib.sh"
copy_project "$2/tree"
cd "$2/tree"
find sql expected -type f ! -name 'payload.*' -delete
find test/isolation -type f ! -name 'same_step.*' -delete
find test/pgtap -type f ! -name 'payload.sql' -delete
E_SH
	($exit, $out, $err) = run_program({ env => \%server, timeout => 180 },
		'bash', '-c', 'cd "$0/tree" && chmod 0 "$0" && make installcheck', $closed);
	chmod 0755, $closed;
	is($exit, 0, 'installcheck from a folder that cannot be entered from above') or diag($out . $err);
	like($out, qr/ payload .*same_step .*payload\.sql \.+ ok.*Result: PASS/s, '... runs every kind of test');
	unlike($err, qr/skipped/, '... and skips none');
	is($node->safe_psql('postgres', $databases), 'postgres', '... leaves no database on the server');
	is(join(' ', glob "$temporary/*"), '', '... and no file');

	append_to_file("$closed/tree/expected/payload.out", "what does not come\n");
	($exit, $out, $err) = run_program({ env => \%server, timeout => 180 }, 'make', '-C', "$closed/tree", 'installcheck');
	isnt($exit, 0, 'installcheck: a test that fails');
	like($out, qr/same_step .*payload\.sql/s, '... does not keep the others from running');
	like($err, qr/^Left on the server.*: dbos_payload_regression$/m, '... and it is said which database is left');
	is($node->safe_psql('postgres', $databases), 'dbos_payload_regression postgres', '... which it is, and no other');
}

# --- killed servers -----------------------------------------------------

# whoever adopts the processes of a test must reap them, as process 1 may not
{
	my ($parent) = run_orphan() =~ /^PPid:\s*(\d+)$/m;

	like(readlink("/proc/$parent/exe") // '', qr{/test/tools/reap$}, 'what a test leaves behind is adopted, and reaped');
}

# the status of a process, in /proc, whose parent has ended
sub run_orphan
{
	my ($orphan) = `sh -c 'sleep 60 >/dev/null 2>&1 & echo \$!'` =~ /(\d+)/;
	my $status = slurp_file("/proc/$orphan/status");

	kill 'KILL', $orphan;
	return $status;
}

done_testing();
