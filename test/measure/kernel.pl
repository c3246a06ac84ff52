# The parts of a step beside what the kernel was asked for meanwhile: client and
# server have their calls of send, recv, pwrite and fdatasync noted by the
# monotonic clock, and when they read clocks (test/tools/kernel_clock.c;
# maintain/measure preloads it).
#
#   commit    the WAL's pwrite and its fdatasync
#   network   the client's wait less the server's total; beside it, from the client's
#             first send to the server's recv of the first message's end, and from
#             the server's last send to the client's last recv; and what the server
#             does before it notes that the message begins, the first wall clock
#             that it reads, and after the last stamp of the step, the last
#             monotonic one before that send
#   output    from the last reading of a clock before the first send of the result to
#             the first one after its last send; of what is sent with the commit's
#             answer only, nothing
#   arrival   from the analysis' end (extended) or Bind's begin (prepared) to the
#             planner's begin, and from the executor's start to Execute's begin, as
#             the readings of the wall clock tell; for messages after the first the
#             server waits there and nowhere else

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use KernelClock;
use List::Util qw(max sum0);
use Measure;

my $columns = join ', ', map { "${_}_ms" } qw(total arrival output commit);
my %off = map { $_ => [] } qw(commit network output arrival);

theme('kernel', 'the parts of a step beside the kernel\'s side of them');
foreach my $origin (qw(server client))
{
	foreach my $mode (qw(prepared extended simple))
	{
		cell($origin, $mode, $_) foreach 1, 10_000, 1_000_000;
	}
}
foreach my $part (qw(commit network output arrival))
{
	my @off = @{ $off{$part} };

	target("$part: within 5 % or 10 us of " . ($part eq 'commit' ? "the kernel's side" : 'what the script says that it holds') . ' everywhere', !@off);
	note(@off);
}

# us of the two spans of arrival, and of what the server waited outside of them.
# A message's begin is read once for the statement and once for pg_stat_activity.
sub arrival
{
	my ($server, $mode) = @_;
	my ($entered) = grep { $_->{name} eq 'clock_gettime' } @$server;
	my @read = grep { $_->{name} eq 'gettimeofday' && $_->{end} <= $entered->{begin} } @$server;
	my @spans = ($mode eq 'extended' ? [ @read[ 2, 5 ] ] : [ @read[ 0, 2 ] ], [ @read[ -4, -2 ] ]);
	my @waits = grep { $_->{name} eq 'recv' && $_->{begin} > $read[0]{end} && $_->{end} < $entered->{begin} } @$server;
	my @outside = grep { my $wait = $_; !grep { $_->[0]{end} <= $wait->{begin} && $wait->{end} <= $_->[1]{begin} } @spans } @waits;

	return took(@outside) + sum0(map { $_->[1]{begin} - $_->[0]{end} } @spans) / 1000;
}

# us from the last reading of a clock by BEGIN to the first of the monotonic one from
# END on
sub span
{
	my ($clocks, $begin, $end) = @_;
	my ($before) = grep { $_->{end} <= $begin } reverse @$clocks;
	my ($after) = grep { $_->{name} eq 'clock_gettime' && $_->{begin} >= $end } @$clocks;

	return ($after->{begin} - $before->{end}) / 1000;
}

sub cell
{
	my ($origin, $mode, $size) = @_;
	my $cell = "$size bytes, origin $origin, $mode";
	my $workflow = "$origin $mode $size";
	my $step = $origin eq 'server'
	  ? "SELECT dbos_payload.payload_step('$workflow', \$1, $size)"
	  : "SELECT dbos_payload.record_step('$workflow', \$1, 'a', \$2)";
	my (%kernel, %ours, @outside);

	progress($cell);
	local $ENV{LD_PRELOAD} = $ENV{KERNEL_CLOCK};
	my ($pid, $output) = start_alternate(
		'-n', scaled(200, 20), '-w', 20, '-M', $mode,
		($origin eq 'client' ? ('-p', "SELECT dbos_payload.random_payload($size)") : ()),
		'-s', "SELECT dbos_payload.start_workflow('$workflow', 'measure')",
		'-a', "SELECT $columns FROM dbos_payload.last_step_timing()",
		'step', '', $step);
	my $text = do { local $/ = undef; <$output> };
	close($output) or die "alternate: exit status $?";
	my ($server_pid) = $text =~ /^pid (\d+)/m;
	my $steps = parse_alternate($text)->{step};
	my ($client, $server) = map { calls_of($_) } $pid, $server_pid;

	foreach my $call (@$steps)
	{
		my ($begin, $end) = ($call->{start}, $call->{start} + $call->{ns});
		my @client = calls_within($client, $begin, $end);
		my @server = calls_within($server, $begin, $end);
		my @received = grep { $_->{name} eq 'recv' && $_->{result} > 0 } @server;
		my @sent = grep { $_->{name} eq 'send' } @server;
		my ($flush) = grep { $_->{name} eq 'fdatasync' } @server;
		my ($first_send) = grep { $_->{name} eq 'send' } @client;
		my ($last_recv) = grep { $_->{name} eq 'recv' && $_->{result} > 0 } reverse @client;
		my @clocks = grep { $_->{name} =~ /time/ } @server;
		my %ms;

		next if !$flush || !@received || !@sent || !$first_send || !$last_recv;
		@ms{qw(total arrival output commit)} = @{ $call->{after} };

		my ($write) = grep { $_->{name} eq 'pwrite' && $_->{fd} == $flush->{fd} } reverse grep { $_->{begin} < $flush->{begin} } @server;
		my @writes = grep { $_->{name} eq 'pwrite' && $_->{fd} == $flush->{fd} && $_->{begin} >= ($write ? $write->{begin} : 0) } @server;
		my @result = grep { $_->{end} < $flush->{begin} } @sent;
		my $there = $mode eq 'extended' ? $received[0] : $received[-1];
		my ($first_stamp) = grep { $_->{name} eq 'gettimeofday' && $_->{begin} >= $there->{end} } @server;
		my ($last_stamp) = grep { $_->{name} eq 'clock_gettime' && $_->{end} <= $sent[-1]{begin} } reverse @server;

		next if !$first_stamp || !$last_stamp || $last_stamp->{begin} < $flush->{end};
		my @between = map { $_ / 1000 } $first_stamp->{begin} - $there->{end}, $sent[-1]{begin} - $last_stamp->{end};

		push @{ $outside[$_] }, $between[$_] foreach 0, 1;

		push @{ $ours{commit} }, 1000 * $ms{commit};
		push @{ $kernel{commit} }, took($flush, @writes);
		push @{ $ours{network} }, ($last_recv->{end} - $first_send->{begin}) / 1000 - 1000 * $ms{total};
		push @{ $kernel{network} },
		  ($there->{end} - $first_send->{begin} + $last_recv->{end} - $sent[-1]{begin}) / 1000 + sum0(@between);
		push @{ $ours{output} }, 1000 * $ms{output};
		push @{ $kernel{output} }, @result ? span(\@clocks, $result[0]{begin}, $result[-1]{end}) : 0;
		if (length $ms{arrival})
		{
			push @{ $ours{arrival} }, 1000 * $ms{arrival};
			push @{ $kernel{arrival} }, arrival(\@server, $mode);
		}
	}

	my @parts = grep { $ours{$_} } qw(commit network output arrival);
	die "$cell: no step was found in what the processes noted" unless @parts;
	figure("$cell, p50",
		join '; ', map {
			my $part = $_;
			sprintf '%s %.1f us, the kernel\'s side %.1f', $part, median(@{ $ours{$part} }), median(@{ $kernel{$part} })
		} @parts);
	note(sprintf 'in network, p50: %.1f us of the server before the step\'s message is noted, %.1f us after its last stamp',
		map { median(@$_) } @outside);
	note(scalar(@{ $ours{commit} }) . ' of ' . scalar(@$steps) . ' steps');

	foreach my $part (@parts)
	{
		my @difference = map { $ours{$part}[$_] - $kernel{$part}[$_] } 0 .. $#{ $ours{$part} };
		my $difference = median(@difference);
		my $allowed = max(10, 0.05 * median(@{ $ours{$part} }));

		push @{ $off{$part} }, sprintf('%s: %+.1f us', $cell, $difference)
		  if abs($difference) > $allowed;
	}
	return;
}
