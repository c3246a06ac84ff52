package KernelClock;

# What processes noted of their calls to the kernel (test/tools/kernel_clock.c, which
# maintain/measure preloads into the server).

use strict;
use warnings;

use Exporter 'import';
use List::Util qw(sum0);

our @EXPORT = qw(calls_of calls_within took);

my $dir = $ENV{KERNEL_CLOCK_DIR} // die "this is for maintain/measure\n";

# the calls that a process noted, once it has ended
sub calls_of
{
	my ($pid) = @_;
	my @calls;

	foreach (1 .. 100)
	{
		last if -e "$dir/$pid";
		select undef, undef, undef, 0.1;
	}
	open(my $file, '<', "$dir/$pid") or die "process $pid has noted nothing: $!";
	while (my $line = <$file>)
	{
		my %call;

		@call{qw(name begin end fd result)} = split ' ', $line;
		next if $call{result} < 0 && $call{name} ne 'epoll_wait';
		# a recv may have waited since before the step, a send may end after it
		$call{at} = $call{name} eq 'recv' ? $call{end} : $call{begin};
		push @calls, \%call;
	}
	close $file;
	unlink "$dir/$pid";
	return [ sort { $a->{at} <=> $b->{at} } @calls ];
}

# takes those of [begin, end] from the front; earlier ones are dropped
sub calls_within
{
	my ($calls, $begin, $end) = @_;
	my @within;

	shift @$calls while @$calls && $calls->[0]{at} < $begin;
	push @within, shift @$calls while @$calls && $calls->[0]{at} <= $end;
	return @within;
}

# us that calls took together
sub took { return sum0(map { $_->{end} - $_->{begin} } @_) / 1000; }

1;
