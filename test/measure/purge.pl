# A purge of 10,000 workflows while another client records steps: does that one
# have to wait?

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use List::Util qw(max);
use Measure;
use Time::HiRes qw(sleep);

my $workflows = scaled(10_000, 1000);
my $rounds = scaled(4, 2);
my (@alone, @beside, @batches, @commits, @longest, @purges);
my $waits = 0;

theme('purge', 'another client that records steps beside a purge');

# When each of the purge's transactions starts and commits is in the server's log,
# to the millisecond; so is every wait of over 1 ms for a lock.
sql(
	"ALTER SYSTEM SET log_line_prefix = '%n %p '",
	'ALTER SYSTEM SET log_lock_waits = on',
	"ALTER SYSTEM SET deadlock_timeout = '1ms'",
	'SELECT pg_reload_conf()');
round($_) foreach 1 .. $rounds;

figure(
	"purge of $workflows workflows of seven steps, 1,000 to a batch",
	sprintf('%.0f ms in all (median of %d purges); a batch: p50 %.0f, longest %.0f ms, of these its commit p50 %.0f, longest %.0f ms',
		median(@purges), $rounds, median(@batches), max(@batches), median(@commits), max(@commits)));
figure(
	'another client, which records steps of 1 B all the while',
	sprintf('longest step beside the purge %s ms, p50 %s; without a purge longest %s, p50 %s; %d and %d steps',
		ms(max(@beside)), ms(median(@beside)), ms(max(@alone)), ms(median(@alone)), scalar @beside, scalar @alone));
note('longest step beside each purge, and its longest batch: '
	  . join(', ', map { sprintf '%.1f and %.0f ms', @$_ } @longest));
target('no step takes longer than the longest batch', !grep { $_->[0] > $_->[1] } @longest);
note(sprintf 'steps that took longer than the longest commit of a batch: %d of %d beside the purge, %d of %d without',
	(map { my $steps = $_; (scalar(grep { $_ > max(@commits) } @$steps), scalar @$steps) } \@beside, \@alone));
note("times it waited for a lock for over 1 ms: $waits");
target('none', $waits == 0);

sub round
{
	my ($round) = @_;
	my $log = $ENV{SERVER_LOG};

	progress("round $round of $rounds");
	fill($round);

	my ($pid, $output) = start_alternate(
		'-s', "SELECT dbos_payload.start_workflow('recorder-$round', 'measure')",
		'step', '', "SELECT dbos_payload.payload_step('recorder-$round', \$1, 1)");
	my ($recorder) = (<$output> // '') =~ /^pid (\d+)/ or die "alternate does not start\n";
	my ($text, $reader) = ('', undef);

	# it would stop at a full pipe
	pipe(my $all, my $end) or die "pipe: $!";
	if (($reader = fork() // die "fork: $!") == 0)
	{
		local $/ = undef;
		$text = <$output>;
		print $end $text;
		close($end);
		POSIX::_exit(0);
	}
	close($end);

	sleep(0.3);
	my $start_alone = now_ns();
	sleep(scaled(20, 5) / 10);
	my $end_alone = now_ns();
	my $from = -s $log;
	my ($purger, $start, $end_purge);

	$start = now_ns();
	($purger) = sql('SELECT pg_backend_pid()', 'SET log_min_messages = debug5', "CALL dbos_payload.purge('0 s')");
	$end_purge = now_ns();
	sleep(0.1);
	kill 'TERM', $pid;
	{
		local $/ = undef;
		$text = <$all>;
	}
	waitpid($reader, 0);
	close($output);

	my @steps = @{ parse_alternate($text)->{step} };
	my @now = map { $_->{ms} } grep { $_->{start} + $_->{ns} > $start && $_->{start} < $end_purge } @steps;

	push @alone, map { $_->{ms} } grep { $_->{start} > $start_alone && $_->{start} < $end_alone } @steps;
	push @beside, @now;
	push @purges, ($end_purge - $start) / 1e6;
	my ($batches, $waited) = read_log($log, $from, $purger, $recorder);

	push @batches, map { $_->{batch} } @$batches;
	push @commits, map { $_->{commit} } @$batches;
	push @longest, [ max(@now), max(map { $_->{batch} } @$batches) ];
	$waits += $waited;
	return;
}

# workflows that have ended, each with seven steps
sub fill
{
	my ($round) = @_;
	my $ago = '(extract(epoch FROM now()) * 1000)::bigint - 60000';

	sql(
		'TRUNCATE dbos_payload.operation_outputs, dbos_payload.workflow_status',
		"INSERT INTO dbos_payload.workflow_status (workflow_uuid, name, status, created_at, updated_at, completed_at)
SELECT gen_random_uuid(), 'measure', 'SUCCESS', $ago, $ago, $ago FROM generate_series(1, $workflows)",
		"INSERT INTO dbos_payload.operation_outputs (workflow_uuid, function_id, function_name, output)
SELECT workflow_uuid, i, 'step', dbos_payload.random_payload(100)
FROM dbos_payload.workflow_status, generate_series(1, 7) AS i",
		'VACUUM ANALYZE dbos_payload.workflow_status, dbos_payload.operation_outputs',
		'CHECKPOINT');
	return;
}

# What the server wrote from there on: the purge's batches, in ms, and how often
# the recorder waited for a lock.
sub read_log
{
	my ($log, $from, $purger, $recorder) = @_;
	my ($started, $committing, $waited, @batches);

	$waited = 0;
	open(my $handle, '<', $log) or die "$log: $!";
	seek($handle, $from, 0);
	while (my $line = <$handle>)
	{
		my ($s, $pid, $what) = $line =~ /^([\d.]+) (\d+) \w+:  (.*)/ or next;

		$waited++ if $pid == $recorder && $what =~ /still waiting for/;
		next if $pid != $purger;
		if ($what =~ /^StartTransaction\(1\)/)
		{
			# of those that commit something
			push @batches, { batch => 1000 * ($s - $started), commit => 1000 * ($s - $committing->[0]) }
			  if defined $started && defined $committing && $committing->[1];
			($started, $committing) = ($s, undef);
		}
		elsif ($what =~ /^CommitTransaction\(1\).*xid\/subid\/cid: (\d+)/)
		{
			$committing = [ $s, $1 ];
		}
	}
	close($handle);
	die "the log does not show the batches of the purge\n" unless @batches;
	return (\@batches, $waited);
}
