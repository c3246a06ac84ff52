# What a step of 1 MB needs: time to make the payload, memory in server and client.

use strict;
use warnings;

use Fcntl;
use FindBin;
use IO::Handle;
use lib $FindBin::Bin;
use List::Util qw(max);
use Measure;
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep);

my $mb = 1_000_000;

theme('memory', 'making 1 MB, and the memory of server and client');
generation();
server();
client();

sub generation
{
	my $n = scaled(150, 20);

	progress('generation');
	my $rows = bench_samples('--sizes', $mb, '--no-baselines', '--blocks', 1, '-n', $n)->{"size_workflow size_step $mb"};
	my $found = compare_p50(map {
			my $part = "${_}_ns";
			[ map { $_->{$part} / 1e6 } @$rows ]
		} 'generate', 'round_trip');

	figure(
		'generation in a durable step of 1 MB, p50',
		sprintf('%s of %s ms: %.1f %% (95 %%: %.1f .. %.1f); %d steps',
			ms($found->{a}), ms($found->{b}), map({ 100 * $_ } @$found{qw(ratio low high)}), scalar @$rows));
	target('at most 5 %', $found->{ratio} <= 0.05, $found->{low} <= 0.05 && $found->{high} > 0.05);
	return;
}

# watched(ARGUMENT...): a run of alternate: its calls, and its backend's
# anonymous memory all the while: a reference to [ns, kB]s.
sub watched
{
	my ($pid, $output) = start_alternate(@_);
	my $first = <$output> // '';
	my ($backend) = $first =~ /^pid (\d+)/ or die "alternate: $first\n";
	my (@seen, $text);

	# it says little; what fits into a pipe waits there
	while ((my $kb = proc_kb($backend, 'RssAnon') // -1) >= 0)
	{
		push @seen, [ now_ns(), $kb ];
		last if waitpid($pid, WNOHANG) != 0;
	}
	{
		local $/ = undef;
		$text = <$output> // '';
	}
	close($output);
	return (parse_alternate($text), \@seen);
}

# What was seen between two times, in kB.
sub between
{
	my ($seen, $from, $to) = @_;

	return map { $_->[1] } grep { $_->[0] >= $from && $_->[0] <= $to } @$seen;
}

# Each step is compared with what was there just before it; the first ones warm
# the backend up.
sub server
{
	my $n = scaled(60, 20);
	my $warmup = 10;
	my $us = 1000;

	progress('memory of the server');
	my ($calls, $seen) = watched(
		'-n', $warmup + $n,
		'-s', "SELECT dbos_payload.start_workflow('memory', 'measure')",
		'-s', "SELECT count(dbos_payload.payload_step('memory', i, 1)) FROM generate_series(1, 200) AS i",
		'1 B', 'SELECT pg_sleep(0.005)', "SELECT dbos_payload.payload_step('memory', 1000 + \$1, 1)",
		'1 MB', 'SELECT pg_sleep(0.005)', "SELECT dbos_payload.payload_step('memory', 1000 + \$1, $mb)");
	my (@steps, @looks);

	foreach my $call (@{ $calls->{'1 MB'} })
	{
		my ($start, $end) = ($call->{start}, $call->{start} + $call->{ns});
		my @before = between($seen, $start - 4000 * $us, $start);
		my @during = between($seen, $start, $end);
		my @after = between($seen, $end + 1000 * $us, $end + 4000 * $us);

		# this script may not have had the processor
		push @steps, @before && @during && @after ? [ $before[-1], max(@during), $after[-1] ] : undef;
		push @looks, scalar @during;
	}
	my @seen = grep { defined } @steps[ $warmup .. $#steps ];
	my ($small) = between($seen, $calls->{'1 B'}[0]{start} - 4000 * $us, $calls->{'1 B'}[0]{start});
	my @grown = map { $_->[1] - $_->[0] } @seen;
	my @left = map { $_->[2] - $_->[0] } @seen;
	my $times = 1024 * max(@grown) / $mb;

	figure(
		"a warmed backend's own memory (RssAnon) in one step of 1 MB, above what it was just before",
		sprintf('p50 %d kB, most %d kB, %.2f times the payload; %d steps, looked at %d times in each (p50)',
			median(@grown), max(@grown), $times, scalar @seen, median(@looks)));
	target('at most 3 times the payload', $times <= 3);
	note(sprintf 'between steps, against before: p50 %+d kB, most %+d kB; %d kB before the first of these steps, %d kB after the last',
		median(@left), max(@left), $seen[0][0], $seen[-1][2]);
	target('back afterwards (within a tenth of a payload)',
		1024 * max(@left) < $mb / 10 && 1024 * ($seen[-1][2] - $seen[0][0]) < $mb / 10);
	note("before the backend's very first step of 1 MB, after 200 steps of 1 B: $small kB") if defined $small;

	my $payloads = scaled(2000, 200);

	progress("$payloads payloads in one query");
	($calls, $seen) = watched(
		'-n', 1,
		'-s', "SELECT sum(length(dbos_payload.random_payload($mb))) FROM generate_series(1, 20)",
		'query', 'SELECT pg_sleep(0.01)',
		"SELECT sum(length(dbos_payload.random_payload($mb))) FROM generate_series(1, $payloads)");
	my ($query) = @{ $calls->{query} };
	my ($start, $ns) = @$query{qw(start ns)};
	my $at_start = max(between($seen, $start - 8_000_000, $start));
	my @tenths = map { max(between($seen, $start + $_ * $ns / 10, $start + ($_ + 1) * $ns / 10)) - $at_start } 0 .. 9;

	figure(
		"$payloads random payloads of 1 MB in one query: the backend's own memory",
		sprintf('most in each tenth of the query, above its start: %s kB', join ', ', @tenths));
	target('flat', max(@tenths[ 5 .. 9 ]) - $tenths[0] < 100);
	return;
}

# The most memory that a program has used; its standard output goes to $output.
sub peak_kb
{
	my ($end, $output, @command) = @_;
	my $pid = fork() // die "fork: $!";
	my $peak = 0;

	if ($pid == 0)
	{
		open(STDOUT, '>&', $output);
		exec(@command) or POSIX::_exit(127);
	}
	while (waitpid($pid, WNOHANG) == 0)
	{
		# not of this script's own image
		my $kb = readlink("/proc/$pid/exe") // '';

		$kb = $kb =~ /dbos_payload_bench/ ? proc_kb($pid, 'VmHWM') // 0 : 0;
		$peak = max($peak, $kb);
		kill 'TERM', $pid if $end->($pid, $peak);
		sleep 0.002;
	}
	return $peak;
}

sub client
{
	# --help is held at its end by a pipe that is full
	pipe(my $reader, my $writer) or die "pipe: $!";
	my $looks = 0;

	progress('memory of the client');
	$writer->blocking(0);
	1 while syswrite($writer, 'x' x 4096);
	$writer->blocking(1);
	my $start = peak_kb(sub { return $_[1] > 0 && ++$looks > 50; }, $writer, 'dbos_payload_bench', '--help');

	open(my $nothing, '>', '/dev/null');
	my $peak = peak_kb(sub { 0 }, $nothing, 'dbos_payload_bench', 'run', $ENV{SCALE} ? ('-n', scaled(30, 3)) : ());
	my $grown = 1024 * ($peak - $start);

	figure(
		"the client's peak memory (VmHWM) in the default run, above what --help needs",
		sprintf('%d kB against %d kB: %.2f MB more', $peak, $start, $grown / 1e6));
	target('less than 16 MB', $grown < 16e6);
	return;
}
