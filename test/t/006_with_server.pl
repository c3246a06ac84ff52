# setup/with-server: the server that it gives to a command, and that nothing of
# it stays, however the command or itself ends.

use strict;
use warnings;

use DbosPayload;
use PostgreSQL::Test::Utils;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $with_server = project_dir() . '/setup/with-server';
my $folder = PostgreSQL::Test::Utils::tempdir();
# its own folder for temporary files: what is left there is ours
my $temporary = "$ENV{TMPDIR}/with_server";

mkdir $temporary or die "$temporary: $!";
my %environment = (TMPDIR => $temporary, MAKEFLAGS => undef);

sub with_server
{
	return run_program({ env => \%environment, timeout => 180 }, $with_server, @_);
}

# two_at_once(FILE, ARGUMENT...): with_server(ARGUMENT...), and beside it another one,
# that says in FILE where its data is and what its server answers; fails where that does
sub two_at_once
{
	my ($file, @arguments) = @_;

	return run_program({ env => \%environment, timeout => 180 }, 'bash', '-c', <<'E_SH', $with_server, $file, @arguments);
"$0" bash -c 'echo $SERVER_DATA; psql -XAtc "SELECT 40 + 2"' >"$1" &
"$0" "${@:2}"
s=$?
wait $! && exit $s
E_SH
}

sub leftovers { return join ' ', glob "$temporary/dbos_payload.*"; }

# --- the server ---------------------------------------------------------

my $settings = <<'E_SQL';
SELECT string_agg(current_setting(name), ' ' ORDER BY n)
FROM unnest(ARRAY['fsync', 'synchronous_commit', 'full_page_writes', 'log_statement', 'work_mem']) WITH ORDINALITY AS s (name, n)
E_SQL

{
	# the caller's own server is somewhere else
	local %ENV = (%ENV, PGSERVICE => 'mine', PGHOST => '/nowhere', PGPORT => 1, PGOPTIONS => '-c fsync=off');
	my ($exit, $out, $err) = two_at_once("$folder/other", '-o', 'work_mem=1234kB', '-l', "$folder/log", 'bash', '-c', <<"E_SH");
set -e
psql -XAtc "$settings" -c "CREATE EXTENSION dbos_payload" -c "SELECT dbos_payload.version()"
PGHOST=\$SERVER_SOCKET_DIR psql -XAtc 'SELECT inet_server_addr() IS NULL'
PGPASSFILE=/nowhere psql -wXAtc 'SELECT 1' || echo refused
stat -c %a \$SERVER_SOCKET_DIR
echo \$PGHOST
echo \$SERVER_DATA
exit 7
E_SH

	is($exit, 7, "the command's exit status") or diag($err);
	like($out, qr/^on on on none 1234kB$/m, 'durable, with the setting given, and not a setting of the caller');
	like($out, qr/^1\.0$/m, 'the extension as it is built here');
	like($out, qr/^t$/m, 'by its socket too');
	like($out, qr/^refused$/m, 'nobody comes in without the password');
	like($out, qr/^700$/m, "nobody else reaches its socket");
	like($out, qr/^127\.0\.0\.1$/m, 'by TCP if nothing else is said');
	my ($data, $answer) = split /\n/, slurp_file("$folder/other");
	is($answer, 42, 'another one at the same time has a server');
	like($data, qr{^/}, '... with its data');
	unlike($out, qr/^\Q$data\E$/m, '... of its own');
	ok(-s "$folder/log", '-l keeps its log');
	is(leftovers(), '', 'nothing stays of it');
}

{
	my ($exit, $out, $err) = with_server('-o', 'shared_buffers=nonsense', 'true');

	is($exit, 1, 'a setting that the server does not take');
	like($err, qr/invalid value for parameter "shared_buffers"/, "... the server's own words");
	like($err, qr/does not start/, '... and what it means');

	($exit, $out, $err) = with_server('-o', 'nonsense', 'true');
	is($exit, 1, 'not a setting');
	like($err, qr/NAME=VALUE/, '... and what it should be');

	($exit, $out, $err) = with_server();
	is($exit, 1, 'no command');
	like($err, qr/^with-server .*COMMAND/m, '... and how to call it');
}

# --- signals ------------------------------------------------------------

my $command = <<'E_SH';
trap 'sleep 0.5; psql -XAtc "SELECT 40 + 2"; exit 130' INT
trap 'echo terminated; exit 143' TERM
echo "ready $SERVER_DATA"
for i in {1..600}; do sleep 0.1; done
E_SH

# signalled(SIGNAL, to the whole group?): waits for the command to be ready, then
# sends the signal; the wait status, all output, the server's data folder
sub signalled
{
	my ($signal, $group) = @_;
	my $output = "$folder/$signal$group";
	my $pid = fork // die "fork: $!";

	if ($pid == 0)
	{
		POSIX::setsid();
		$SIG{INT} = 'DEFAULT';
		delete $ENV{MAKEFLAGS};
		$ENV{TMPDIR} = $temporary;
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', $output;
		open STDERR, '>&', \*STDOUT;
		exec $with_server, 'bash', '-c', $command or POSIX::_exit(1);
	}

	my $end = time + 120;
	my $data;

	sleep 0.1 until ($data) = (-e $output ? slurp_file($output) : '') =~ /^ready (.+)$/m or time > $end;
	kill $signal, $group ? -$pid : $pid;
	waitpid $pid, 0;
	my $status = $?;

	$end = time + 30;
	sleep 0.05 while leftovers() ne '' && time < $end;
	return ($status, slurp_file($output), $data);
}

sub server_runs
{
	my ($data) = @_;

	return grep { (readlink $_ // '') =~ /^\Q$data\E/ } glob '/proc/[0-9]*/cwd';
}

my ($status, $out, $data) = signalled('INT', 1);
is($status >> 8, 130, 'Ctrl-C: the exit status');
like($out, qr/^42$/m, 'Ctrl-C: the command can still ask the server what it needs to');
is(leftovers(), '', 'Ctrl-C: nothing stays');
ok(!server_runs($data), 'Ctrl-C: no server runs');

foreach my $case ([ 'TERM', 0 ], [ 'KILL', 1 ])
{
	my ($signal, $group) = @$case;
	my $name = "SIG$signal to " . ($group ? 'all of them' : 'with-server');

	($status, $out, $data) = signalled($signal, $group);
	ok($data, "$name: was ready");
	isnt($status, 0, "$name: no success");
	is(leftovers(), '', "$name: nothing stays");
	ok(!server_runs($data), "$name: no server runs");
	like($out, qr/^terminated$/m, "$name: the command ends") unless $group;
}

done_testing();
