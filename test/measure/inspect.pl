# Reading a DBOS database of a million steps: how long it takes, what memory, and
# what a writer notices of it.

use strict;
use warnings;

use FindBin;
use IO::Handle;
use lib $FindBin::Bin;
use List::Util qw(max);
use Measure;
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep);

my $sources = "$FindBin::Bin/../inspect";
my $copies = scaled(80, 2);

theme('inspect', 'a database of a million steps, read beside a writer');
progress('filling it');
psql_files('schema=measured', "$sources/own_tables.sql", "$sources/other_tables.sql");
psql_files('schema=measured', 'workflows=3000', 'own_tables=1', "$sources/fill.sql");
psql_files('schema=measured', "copies=$copies", "$sources/multiply.sql");
sql('CHECKPOINT');
my ($steps) = sql('SELECT count(*) FROM measured.operation_outputs');

sub psql_files
{
	my @files = map { ('-f', $_) } grep { /\.sql$/ } @_;
	my @variables = map { ('-v', $_) } grep { !/\.sql$/ } @_;

	system('psql', qw(-Xqo /dev/null -v ON_ERROR_STOP=1), @variables, @files) == 0 or die "the database could not be filled\n";
	return;
}

# memory(PID): high-water mark of memory that is not shared, in kB.  VmHWM counts a
# backend's shared buffers as it touches them: what is shared now is taken off.
sub memory
{
	my ($pid) = @_;
	my ($high, $file, $shared) = map { proc_kb($pid, $_) // return 0 } qw(VmHWM RssFile RssShmem);

	return $high - $file - $shared;
}

# cpu(PID): seconds that it has computed so far
sub cpu
{
	my ($pid) = @_;

	open(my $stat, '<', "/proc/$pid/stat") or return 0;
	my @fields = split ' ', (<$stat> // '') =~ s/^.*\) //r;
	return @fields > 12 ? ($fields[11] + $fields[12]) / POSIX::sysconf(POSIX::_SC_CLK_TCK()) : 0;
}

# inspect(): seconds, kB of the client and its backend at their highest, and seconds
# that the backend computed
sub inspect
{
	my ($client, $backend, $computed) = (0, 0, 0);
	my $server;
	my $start = now_ns();
	my $pid = fork // die "fork: $!";

	if ($pid == 0)
	{
		open(STDOUT, '>', '/dev/null');
		exec('dbos_payload_bench', 'inspect', '--schema', 'measured') or POSIX::_exit(127);
	}
	while (waitpid($pid, WNOHANG) == 0)
	{
		($server) = sql(q{SELECT pid FROM pg_stat_activity WHERE application_name = 'dbos_payload_bench' LIMIT 1}) unless $server;
		$client = max($client, memory($pid));
		$backend = max($backend, memory($server)) if $server;
		$computed = max($computed, cpu($server)) if $server;
		sleep 0.01;
	}
	die "inspect failed\n" if $? != 0;
	return ((now_ns() - $start) / 1e9, $client, $backend, $computed);
}

my @found;

for my $round (1 .. scaled(5, 2))
{
	progress("reading, round $round");
	push @found, [ inspect() ];
}
my $seconds = median(map { $_->[0] } @found);
my $client = max(map { $_->[1] } @found);
my $backend = max(map { $_->[2] } @found);

figure("inspect of $steps steps", sprintf('p50 %.2f s, most %.2f s; %d times', $seconds, max(map { $_->[0] } @found), scalar @found));
target('at most 5 s (of a million)', $seconds <= 5);
note(sprintf 'of it %.2f s computing in the server (p50): the rest is waiting, for disks and for processors', median(map { $_->[3] } @found));
figure('memory that is not shared, at its highest', sprintf('client %.1f MB, backend %.1f MB', $client / 1000, $backend / 1000));
target('under 64 MB in both', $client < 64000 && $backend < 64000);

# a writer that gives up after 1 ms of waiting for a lock: one that waits fails
my $script = <<'END';
\set n random(1, 1000000000)
SET lock_timeout = '1ms';
INSERT INTO measured.operation_outputs (workflow_uuid, function_id, output) VALUES ('writer' || :n || '-' || :client_id, 1, 'x') ON CONFLICT DO NOTHING;
UPDATE measured.workflow_status SET updated_at = updated_at + 1 WHERE workflow_uuid = (SELECT workflow_uuid FROM measured.workflow_status OFFSET 100 LIMIT 1);
END

progress('a writer beside it');
my $reader = fork // die "fork: $!";

if ($reader == 0)
{
	open(STDOUT, '>', '/dev/null');
	for (;;) { system('dbos_payload_bench', 'inspect', '--schema', 'measured') == 0 or POSIX::_exit(1); }
}
my $beside = pgbench($script, '-c', 1, '-t', scaled(2000, 100));
my $alive = waitpid($reader, WNOHANG) == 0;

kill 'TERM', $reader;
waitpid($reader, 0);
my ($done) = $beside->{report} =~ /^number of transactions actually processed: (\d+)/m;

figure('transactions of a writer that waits for no lock longer than 1 ms, inspect all the while', "$done done, none gave up");
target('no lock that a writer notices', $alive);
sql('DROP SCHEMA measured CASCADE');
