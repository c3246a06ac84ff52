# What trace adds to a round trip, beside what a plain forwarder of bytes adds
# (test/tools/plain_forwarder.c, which reads and writes and does nothing else): each is
# measured in turn with the direct way in every round.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use List::Util qw(sum0);
use Measure;

my $tools = "$FindBin::Bin/../tools";
my $rounds = scaled(40, 8);
my $calls = scaled(400, 50);
my %ports = (direct => $ENV{PGPORT});
my %stop;

theme('trace', 'what trace adds to a round trip, beside a plain forwarder of bytes');

# trace listens where it says, on standard error; the forwarder on standard output
{
	my $messages = temp_dir() . '/trace';
	my $pid = fork() // die "fork: $!";

	if ($pid == 0)
	{
		open(STDOUT, '>', '/dev/null');
		open(STDERR, '>', $messages);
		exec('dbos_payload_bench', 'trace', '--listen', '0', "host=$ENV{PGHOST} port=$ENV{PGPORT}") or die;
	}
	foreach (1 .. 200)
	{
		($ports{trace}) = slurp($messages) =~ /\@127\.0\.0\.1:(\d+)/;
		last if $ports{trace};
		select undef, undef, undef, 0.05;
	}
	die 'trace does not start: ' . slurp($messages) unless $ports{trace};
	$stop{trace} = sub { kill 'INT', $pid; waitpid $pid, 0; };

	# its first calibration is over by then
	select undef, undef, undef, 3;
	$stop{kb} = sub { proc_kb($pid, 'VmHWM') };
}
pipe(my $plain_input, my $plain_end) or die "pipe: $!";
my $plain_pid = open(my $plain, '-|') // die "fork: $!";
if ($plain_pid == 0)
{
	close $plain_end;
	open(STDIN, '<&', $plain_input) or die;
	exec("$tools/plain_forwarder", $ENV{PGHOST}, $ENV{PGPORT}) or die;
}
close $plain_input;
($ports{plain}) = <$plain> =~ /port (\d+)/;

my $mega = q{SELECT convert_to(repeat('x', 1000000), 'UTF8')};

foreach my $case (
	[ 'SELECT 1', [], 'SELECT 1', 1 ],
	[ '1 kB up', [ '-p', q{SELECT convert_to(repeat('x', 1000), 'UTF8')} ], 'SELECT length($2) + $1', 1 ],
	[ '1 MB up', [ '-p', $mega ], 'SELECT length($2) + $1', 0.1 ],
	[ '1 MB down', [], q{SELECT repeat('x', 1000000)}, 0.1 ])
{
	my ($what, $options, $statement, $share) = @$case;
	my $n = int($calls * $share) || 1;
	my %ms = map { $_ => [] } keys %ports;

	in_turn($rounds,
		map {
			my $way = $_;
			sub
			{
				local %ENV = (%ENV, PGHOST => $way eq 'direct' ? $ENV{PGHOST} : '127.0.0.1', PGPORT => $ports{$way}, PGSSLMODE => 'disable');
				my $made = alternate('-n', $n, '-w', int($n / 10) + 2, @$options, 'call', '', $statement);

				push @{ $ms{$way} }, median(map { $_->{ms} } @{ $made->{call} });
			}
		} qw(direct plain trace));

	# what each adds, round by round: a drift of the machine is in both
	my ($plain_adds, $trace_adds) = map {
		my $way = $_;
		[ map { $ms{$way}[$_] - $ms{direct}[$_] } 0 .. $rounds - 1 ]
	} qw(plain trace);
	my $ratio = median(@$trace_adds) / median(@$plain_adds);
	my $interval = ratio_interval($trace_adds, $plain_adds);

	figure($what, sprintf 'directly %s ms; a plain forwarder adds %s, trace %s: %.2f times as much (95 %%: %.2f .. %.2f; %d rounds of %d calls)',
		ms(median(@{ $ms{direct} })), ms(median(@$plain_adds)), ms(median(@$trace_adds)), $ratio, @$interval, $rounds, $n);
	target('at most 1.2 times what a plain forwarder adds', $ratio <= 1.2, $interval->[0] <= 1.2 && $interval->[1] > 1.2);
}
figure('memory of trace', $stop{kb}->() . ' kB at its largest');
$stop{trace}->();
close $plain_end;
close $plain;

# The ratio of two medians, of rounds drawn anew, together, as they were.
sub ratio_interval
{
	my ($above, $below) = @_;
	my @ratios;

	srand(1);
	foreach (1 .. 2000)
	{
		my @drawn = map { int rand @$above } @$above;
		my $divisor = median(map { $below->[$_] } @drawn);

		push @ratios, median(map { $above->[$_] } @drawn) / $divisor if $divisor > 0;
	}
	@ratios = sort { $a <=> $b } @ratios;
	return [ @ratios[ int(0.025 * @ratios), int(0.975 * @ratios) ] ];
}

sub slurp
{
	my ($file) = @_;

	open(my $handle, '<', $file) or return '';
	local $/ = undef;
	return <$handle> // '';
}
