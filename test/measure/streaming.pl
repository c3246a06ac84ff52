# 256 MB in each way: the memory of client and backend, the time, and what 50 kills at
# random, of clients, connections and the server, lose of what was acknowledged.
#
# KILLS (50) in the environment: how many.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use lib $FindBin::Bin, "$FindBin::Bin/../perl";
use ExperimentTables;
use List::Util qw(max);
use Measure;
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep);

my $bytes = 1_000_000 * scaled(256, 4);
my $kills = $ENV{KILLS} // scaled(50, 6);
my $most_client = 32e6;

# the ways by themselves
my $unit = "$FindBin::Bin/../unit";
my $stream = "$unit/stream";
my $schema = 'streams';
my $file = temp_dir() . '/told';

theme('streaming', sprintf '%d MB as one step, as chunks, as rows, as a large object', $bytes / 1e6);
system("make --no-print-directory -s -C '$unit' stream >&2") == 0 or die "the ways cannot be built\n";

my @ways = map { [ split ' ', $_, 4 ] } split /\n/, `$stream ways`;
my $write_ms = each_way();
killed($write_ms);

# each_way(): the experiment; from a way's name to how long writing takes
sub each_way
{
	my $json = temp_dir() . '/streaming.json';
	my %ms;

	progress('each way');
	system("dbos_payload_bench experiment streaming --sizes $bytes -T 60 --json '$json' >/dev/null") == 0 or die "the experiment failed\n";
	open(my $handle, '<', $json) or die "$json: $!";
	my ($result) = @{ decode_json(do { local $/ = undef; <$handle> })->{experiments} };

	foreach my $row (table_of($result, 'sizes'))
	{
		$ms{ $row->{way} } = $row->{write};
		figure(
			"$row->{way}: $row->{payload} bytes",
			sprintf(
				'written in %.2f s, the first durable after %.3f s; WAL %.3f payloads; most memory of the client %s MB, the backend grew by %s MB%s',
				$row->{write} / 1000, $row->{first} / 1000, $row->{wal_copies}, mb($row->{client}), mb($row->{backend}),
				defined $row->{read}
				? sprintf('; read whole in %.2f s (client %s MB, backend %s MB), in parts in %.2f s (client %s MB, backend %s MB)',
					$row->{read} / 1000, mb($row->{read_client}), mb($row->{read_backend}),
					$row->{parts} / 1000, mb($row->{parts_client}), mb($row->{parts_backend}))
				: ''));
		target('the client below 32 MB', $row->{client} < $most_client) if $row->{way} ne 'one step';
		target('the client below 32 MB, reading in parts', $row->{parts_client} < $most_client) if defined $row->{parts_client};
	}
	return \%ms;
}

sub mb { return defined $_[0] ? sprintf '%.1f', $_[0] / 1e6 : 'n/a'; }

# told(): what the process that writes has come to, dead or alive
sub told { return { split ' ', `$stream told '$file'` }; }

# ask(ARGUMENT...): what a command of stream prints
sub ask
{
	my (@arguments) = @_;
	my $said = `$stream @arguments`;

	die "stream @arguments: failed\n" if $? != 0;
	chomp $said;
	return $said;
}

sub server_answers { return system('psql -XAtqc "SELECT 1" >/dev/null 2>&1') == 0; }

# write_it(WAY): begins; the process's number
sub write_it
{
	my ($way) = @_;

	unlink $file;
	my $pid = fork() // die "fork: $!";
	if ($pid == 0)
	{
		open(STDERR, '>', '/dev/null');
		exec($stream, 'write', $schema, $way, $bytes, $file) or POSIX::_exit(127);
	}
	return $pid;
}

# kill_it(WAY, KIND, MS): once at random within so long; what it told, or undef: it was too fast
sub kill_it
{
	my ($way, $kind, $ms) = @_;
	my $pid = write_it($way);
	my $after = rand($ms) / 1000;

	sleep 0.002 while !-s $file || (told()->{began} == 0 && waitpid($pid, WNOHANG) == 0);
	sleep $after;
	my $backend = told()->{backend};
	if ($kind eq 'client') { kill 'KILL', $pid; }
	elsif ($kind eq 'connection') { sql("SELECT pg_terminate_backend($backend)"); }
	else { kill 'KILL', $backend; }
	waitpid $pid, 0;
	if ($kind eq 'server')
	{
		# all connections are gone with it, and it recovers
		sleep 0.1;
		sleep 0.1 until server_answers();
	}
	my $told = told();
	sleep 0.01 while (sql("SELECT count(*) FROM pg_stat_activity WHERE pid = $backend AND application_name = 'dbos_payload_bench'"))[0] > 0;
	return $told->{done} ? undef : $told;
}

sub killed
{
	my ($ms) = @_;
	my @kinds = qw(client connection server);
	my (%count, %lost, %acknowledged, $broken);
	my $peak = 0;
	my $acknowledged_lost = 0;

	srand(13);
	sql("CREATE SCHEMA $schema");
	ask('tables', $schema);
	for (my $done = 0, my $n = 0; $done < $kills; $n++)
	{
		my ($way, $chunked, undef, $name) = @{ $ways[ $n % @ways ] };
		my $kind = $kinds[ int($n / @ways) % @kinds ];

		progress(sprintf 'kill %d of %d: %s of "%s"', $done + 1, $kills, $kind, $name);
		if (my $told = kill_it($way, $kind, $ms->{$name}))
		{
			my $recorded = ask('recorded', $schema, $way, $bytes);

			$done++;
			$count{$kind}++;
			$lost{$name} = max($lost{$name} // 0, $told->{handed} - $recorded);
			$acknowledged{$name} = max($acknowledged{$name} // 0, $told->{acknowledged});
			$acknowledged_lost += max(0, $told->{acknowledged} - $recorded);

			# and on with it
			waitpid write_it($way), 0;
			my $then = told();

			$broken++ if !$then->{done} || $then->{there} != $recorded || $then->{handed} != $bytes - $recorded;
			$peak = max($peak, $then->{peak}) if $chunked;
		}
		my $read = `$stream read $schema $way $bytes`;

		$broken++ if $? != 0;
		$peak = max($peak, $read) if $read;
		ask('delete', $schema, $way);
	}
	sql("DROP SCHEMA $schema CASCADE");

	figure("$kills kills at random, SIGKILL of the client, pg_terminate_backend(), SIGKILL of the backend, upon which the server recovers",
		join('; ', map { sprintf '%s %d', $_, $count{$_} // 0 } @kinds));
	foreach my $name (map { $_->[3] } @ways)
	{
		note(sprintf '%s: one kill lost up to %.3f MB that had been handed over; up to %.3f MB were acknowledged when one came', $name, map { $_ / 1e6 } $lost{$name}, $acknowledged{$name})
		  if defined $lost{$name};
	}
	note("acknowledged and not there afterwards: $acknowledged_lost bytes");
	target('nothing that was acknowledged is lost', $acknowledged_lost == 0);
	target('each was gone on with from what was recorded, and is byte for byte what it should be', !$broken);
	note(sprintf 'most memory of a client that went on, or read in parts: %s MB', mb($peak));
	target('the client below 32 MB', $peak < $most_client);
	return;
}
