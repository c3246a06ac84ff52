# What of a commit is the server's own and what a synchronous standby's, by "run" and by
# the kernel's calls within the very same commits: a standby on this machine, behind a
# proxy that can hold back what crosses it.
#
#   flush     of a commit that waits all but its standby; pwrite and fdatasync lie in it
#   standby   the epoll_wait behind the fdatasync, which is what SyncRep waits in

use strict;
use warnings;

use File::Basename;
use FindBin;
use lib $FindBin::Bin;
use IPC::Open2;
use KernelClock;
use List::Util qw(max);
use Measure;

# each way
use constant DELAY_MS => 5;

my $rounds = scaled(6, 2);
my @as_server_user = $> == 0 ? qw(setpriv --reuid=postgres --regid=postgres --init-groups --) : ();
my $socket = $ENV{SERVER_SOCKET_DIR};
my $data = dirname($ENV{SERVER_DATA}) . '/standby';
my (@sums, @shares);

theme('standbys', 'flush and standby, by run and by the kernel\'s calls of the same commits');
my ($to_proxy, $from_proxy, $proxy) = start_proxy();
start_standby();

foreach my $level (qw(remote_write on remote_apply))
{
	cell($level, $_) foreach 1, 1_000_000;
}
target('flush and standby are commit within 5 %, means and medians, everywhere', !@sums);
note(@sums);
target('standby within 5 % of a commit, or 100 us, of the kernel\'s wait everywhere', !@shares);
note(@shares);
held_back();

print $to_proxy "quit\n";
waitpid $proxy, 0;
Measure::run(@as_server_user, 'pg_ctl', 'stop', '-s', '-m', 'immediate', '-D', $data);

sub start_proxy
{
	my $pid = open2(my $from, my $to, Measure::tool('proxy'), "$socket/.s.PGSQL.$ENV{PGPORT}");

	return ($to, $from, $pid);
}

# its answer
sub proxy
{
	my ($line) = @_;

	print $to_proxy "$line\n";
	return scalar <$from_proxy>;
}

sub start_standby
{
	my ($port) = <$from_proxy> =~ /^port (\d+)/;
	my ($password) = Measure::slurp($ENV{PGPASSFILE}) =~ /:([^:\s]+)\s*$/;
	local %ENV = (%ENV, PGHOST => $socket, PGPASSWORD => $password);

	delete $ENV{PGPASSFILE};
	chdir '/';
	Measure::run(@as_server_user, qw(pg_basebackup -c fast -X stream -R -D), $data);
	open(my $conf, '>>', "$data/postgresql.auto.conf") or die "$data: $!";
	print $conf "primary_conninfo = 'host=127.0.0.1 port=$port user=postgres password=$password'\n",
	  "listen_addresses = ''\nwal_receiver_status_interval = 1\n";
	close $conf;
	system(@as_server_user, 'pg_ctl', 'start', '-s', '-w', '-D', $data, '-l', "$data/log", '-o', '-p ' . ($ENV{PGPORT} + 1)) == 0
	  or die 'the standby does not start: ' . Measure::slurp("$data/log");
	sql(q{ALTER SYSTEM SET synchronous_standby_names = '*'}, 'SELECT pg_reload_conf()');
	foreach (1 .. 300)
	{
		return if (sql(q{SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'}))[0];
		select undef, undef, undef, 0.1;
	}
	die 'there is no synchronous standby: ' . Measure::slurp("$data/log");
}

# ms of a step's commit, flush and standby, call by call, as run has them
sub by_run
{
	my ($size) = @_;
	my $samples = bench_samples('-M', 'prepared', '-n', 15, '--blocks', 2, '--sizes', $size, '--no-baselines');
	my ($name) = grep { /size_step/ } sort keys %$samples;
	my %ms;

	foreach my $row (@{ $samples->{$name} })
	{
		push @{ $ms{$_} }, $row->{"${_}_ns"} / 1e6 foreach qw(commit flush standby);
	}
	return \%ms;
}

# the same of other steps, which all wait: what the server says of their commit, and
# what the kernel was asked for meanwhile
sub by_kernel
{
	my ($workflow, $size) = @_;
	my ($pid, $output) = start_alternate(
		'-n', 30, '-w', 3,
		'-s', "SELECT dbos_payload.start_workflow('$workflow', 'measure')",
		'-a', 'SELECT commit_ms FROM dbos_payload.last_step_timing()',
		'step', '', "SELECT dbos_payload.payload_step('$workflow', \$1, $size)");
	my $text = do { local $/ = undef; <$output> };
	close($output) or die "alternate: exit status $?";
	my $calls = calls_of($text =~ /^pid (\d+)/m);
	my %ms;

	foreach my $step (@{ parse_alternate($text)->{step} })
	{
		my @calls = calls_within($calls, $step->{start}, $step->{start} + $step->{ns});
		my ($flush) = reverse grep { $_->{name} eq 'fdatasync' } @calls;
		next if !$flush;
		my @writes = grep { $_->{name} eq 'pwrite' && $_->{fd} == $flush->{fd} } @calls;
		my ($answered) = grep { $_->{name} eq 'send' && $_->{begin} > $flush->{end} } @calls;
		next if !$answered;
		my @waits = grep { $_->{name} eq 'epoll_wait' && $_->{begin} > $flush->{end} && $_->{end} < $answered->{begin} } @calls;

		push @{ $ms{commit} }, $step->{after}[0];
		push @{ $ms{disk} }, took($flush, grep { $_->{end} <= $flush->{begin} } @writes) / 1000;
		push @{ $ms{standby} }, took(@waits) / 1000;
	}
	return \%ms;
}

sub cell
{
	my ($level, $size) = @_;
	my (%run, %kernel);

	progress("$level, $size bytes");
	local $ENV{PGOPTIONS} = "-c synchronous_commit=$level";
	in_turn(
		$rounds,
		sub { add(\%run, by_run($size)); },
		sub { add(\%kernel, by_kernel("$level $size $_[0]", $size)); });

	my ($ours, $theirs) = map {
		my $ms = $_;
		+{ map { $_ => median(@{ $ms->{$_} }) } keys %$ms };
	} \%run, \%kernel;
	my @mean = map { mean(@{ $run{$_} }) } qw(commit flush standby);
	my $sum = $ours->{flush} + $ours->{standby};
	my ($share, $waited) = map { 100 * $_->{standby} / $_->{commit} } $ours, $theirs;
	my $off = 100 * ($sum / $ours->{commit} - 1);
	my $off_mean = 100 * (($mean[1] + $mean[2]) / $mean[0] - 1);

	figure("$level, $size bytes, ms (p50)",
		sprintf 'run: commit %.3f, flush %.3f, standby %.3f (%.0f %%); the kernel\'s calls: of a commit of %.3f, %.3f writing and syncing, %.3f waiting (%.0f %%)',
		@$ours{qw(commit flush standby)}, $share, @$theirs{qw(commit disk standby)}, $waited);
	note(sprintf('run\'s medians miss its commit by %+.1f %%, its means (%.3f = %.3f + %.3f) by %+.4f %%; %d and %d commits',
		$off, @mean, $off_mean, scalar @{ $run{commit} }, scalar @{ $kernel{commit} }));
	push @sums, sprintf('%s, %d bytes: medians %+.1f %%, means %+.4f %%', $level, $size, $off, $off_mean)
	  if max(abs($off), abs($off_mean)) > 5;
	push @shares, sprintf('%s, %d bytes: %.0f %%, by the kernel %.0f', $level, $size, $share, $waited)
	  if abs($share - $waited) > 5 && abs($ours->{standby} - $theirs->{standby}) > 0.1;
	return;
}

sub add
{
	my ($all, $some) = @_;

	push @{ $all->{$_} }, @{ $some->{$_} } foreach keys %$some;
	return;
}

# the standby's answers, and what it is sent, held back: in turn with not
sub held_back
{
	my (%prompt, %held, @delay);

	progress('held back');
	in_turn(
		$rounds,
		sub { add(\%prompt, by_run(1)); },
		sub {
			proxy('delay ' . DELAY_MS);
			proxy('reset');
			add(\%held, by_run(1));
			push @delay, 2 * (proxy('count') =~ /held (\S+)/)[0];
			proxy('delay 0');
		});

	my $delay = mean(@delay);
	my $found = median(@{ $held{standby} }) - median(@{ $prompt{standby} });

	figure('the standby held back by 10 ms, 1 byte, p50',
		sprintf '%.3f ms, of which standby says %.3f more than without (%.1f %%), flush %+.3f', $delay, $found, 100 * $found / $delay,
		median(@{ $held{flush} }) - median(@{ $prompt{flush} }));
	target('at least 95 % of it in standby', $found >= 0.95 * $delay);
	return;
}
