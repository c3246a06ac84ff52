package Measure;

# What the scripts of this folder share: the programs that measure, medians with
# their intervals, and the lines that say what came of it.  Only Perl's core
# modules; the environment leads to a server of its own (see maintain/measure).

use strict;
use warnings;

use Exporter 'import';
use File::Basename;
use File::Temp;
use JSON::PP qw(decode_json);
use List::Util qw(max min sum0);
use POSIX qw(ceil floor);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

our @EXPORT = qw(theme figure target note progress scaled sql bench bench_experiment bench_samples pgbench
  alternate start_alternate parse_alternate in_turn ms mean median compare_p50 compare_rounds proc_kb
  now_ns temp_dir tool);

$| = 1;

# so that it is removed
$SIG{$_} = sub { exit 130; } foreach qw(INT TERM);

my $temp = File::Temp->newdir('dbos_payload.measure.XXXXXX', TMPDIR => 1);

sub temp_dir { return "$temp"; }

# a program of test/tools
sub tool { return dirname(dirname(__FILE__)) . "/tools/$_[0]"; }

# --- what is said ----------------------------------------------------------

# on standard output, and in the file REPORT of the environment
sub say_it
{
	my ($text) = @_;

	print $text;
	return unless defined $ENV{REPORT};
	open(my $report, '>>', $ENV{REPORT}) or die "$ENV{REPORT}: $!";
	print $report $text;
	close($report) or die "$ENV{REPORT}: $!";
	return;
}

# theme(NAME, WHAT): the title, the conditions; the extension is made.
sub theme
{
	my ($name, $what) = @_;

	sql('CREATE EXTENSION IF NOT EXISTS dbos_payload');
	my ($server) = sql(<<'END');
SELECT format('PostgreSQL %s, fsync %s, synchronous_commit %s, %s, TLS %s, shared_buffers %s, max_wal_size %s',
	split_part(current_setting('server_version'), ' ', 1), current_setting('fsync'),
	current_setting('synchronous_commit'),
	CASE WHEN inet_server_addr() IS NULL THEN 'Unix socket' ELSE 'TCP on ' || host(inet_server_addr()) END,
	CASE WHEN (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) THEN 'on' ELSE 'off' END,
	current_setting('shared_buffers'), current_setting('max_wal_size'))
END
	my @cpus = slurp('/proc/cpuinfo') =~ /^model name\s*:\s*(.*)$/mg;
	my ($load) = split ' ', slurp('/proc/loadavg');

	say_it("\n$name: $what\n  on $server;\n");
	say_it(sprintf "  %d x %s, load %s when it began\n",
		scalar @cpus, $cpus[0] // 'unknown processor', $load);
	return;
}

# figure(WHAT, TEXT): a measured value
sub figure
{
	my ($what, $text) = @_;

	say_it("\n  $what\n      $text\n");
	return;
}

# target(TEXT, MET, [DOUBTFUL]): what was asked for and whether it came out so;
# doubtful: the interval holds values that are not.
sub target
{
	my ($text, $met, $doubtful) = @_;

	$doubtful = $doubtful ? ' (the interval holds both)' : '';
	say_it("      target: $text: " . ($met ? 'met' : 'NOT MET') . "$doubtful\n");
	return;
}

sub note { say_it("      $_\n") foreach @_; return; }

sub progress { print STDERR "    ... $_[0]\n"; return; }

sub ms { return sprintf '%.3f', $_[0]; }

# scaled(N, LEAST): how many of what would be N; SCALE=0.1 in the environment
# makes it a tenth, for trying things out.
sub scaled
{
	my ($n, $least) = @_;

	return max($least // 1, int($n * ($ENV{SCALE} // 1) + 0.5));
}

# --- programs --------------------------------------------------------------

sub slurp
{
	my ($file) = @_;

	open(my $handle, '<', $file) or return '';
	local $/ = undef;
	return <$handle> // '';
}

# run(PROGRAM, ARGUMENT...): its standard output; dies where it fails.
sub run
{
	my (@command) = @_;
	my $errors = "$temp/errors";
	my $pid = open(my $output, '-|') // die "fork: $!";

	if ($pid == 0)
	{
		open(STDERR, '>', $errors);
		exec(@command) or POSIX::_exit(127);
	}
	local $/ = undef;
	my $text = <$output> // '';
	close($output) or die "@command: exit status " . ($? >> 8) . "\n" . slurp($errors);
	return $text;
}

# sql(STATEMENT...): lines of their results
sub sql
{
	my (@statements) = @_;

	return split /\n/, run('psql', qw(-XAtq -v ON_ERROR_STOP=1), map { ('-c', $_) } @statements);
}

# bench(ARGUMENT...): "dbos_payload_bench run", its report thrown away
sub bench { run('dbos_payload_bench', 'run', @_); return; }

# bench_experiment(NAME, ARGUMENT...): what it came to, as in its file
sub bench_experiment
{
	my $file = "$temp/experiment.json";

	run('dbos_payload_bench', 'experiment', @_, '--json', $file);
	return decode_json(slurp($file))->{experiments}[0];
}

# bench_samples(ARGUMENT...): the samples of a run, from "WORKFLOW STEP BYTES"
# ("size_workflow size_step 1", "size_workflow total", "baseline insert 1") to lines
# as hashes; first calls are left out, and so is what was not measured.
sub bench_samples
{
	my $file = "$temp/samples.csv";
	my %samples;

	bench('--samples', $file, @_);
	my ($header, @lines) = split /\n/, slurp($file);
	my @names = split /,/, $header;

	foreach my $line (@lines)
	{
		my %row;

		@row{@names} = split /,/, $line, -1;
		die "a step has failed: $line\n" if $row{state} eq 'failed';
		push @{ $samples{ join ' ', grep { length } @row{qw(workflow step payload_bytes)} } }, \%row
		  if $row{state} eq 'measured' && $row{iteration} > 0;
	}
	return \%samples;
}

# pgbench(SCRIPT, ARGUMENT...): what it reports, and with "-l" the transactions'
# times in ms, in order.
sub pgbench
{
	my ($script, @arguments) = @_;
	my $file = "$temp/script.sql";
	my $log = "$temp/pgbench_log";
	my @times;

	open(my $handle, '>', $file) or die "$file: $!";
	print $handle $script;
	close($handle);
	unlink glob("$log.*");
	my $report = run('pgbench', '-n', (map { $_ eq '-l' ? ($_, "--log-prefix=$log") : $_ } @arguments), '-f', $file);
	die "pgbench: a transaction failed\n$report" if $report =~ /^number of failed transactions: [1-9]/m;
	foreach my $part (glob("$log.*"))
	{
		push @times, map { (split ' ')[2] / 1000 } split /\n/, slurp($part);
	}
	return { report => $report, times => \@times };
}

# start_alternate(ARGUMENT...): test/tools/alternate, running; its process number
# and where its output comes from
sub start_alternate
{
	my (@arguments) = @_;
	my $pid = open(my $output, '-|', tool('alternate'), @arguments) // die "fork: $!";

	return ($pid, $output);
}

# alternate(ARGUMENT...): likewise to the end; from each statement's name to its
# calls as hashes: start and ns, bytes (that came back), after (columns of -a).
sub alternate
{
	my (@arguments) = @_;

	return parse_alternate(run(tool('alternate'), @arguments));
}

sub parse_alternate
{
	my ($text) = @_;
	my %calls;

	foreach my $line (split /\n/, $text)
	{
		my ($name, $start, $ns, $bytes, @after) = split /\t/, $line, -1;

		next unless defined $bytes;
		push @{ $calls{$name} },
		  { start => $start, ns => $ns, ms => $ns / 1e6, bytes => $bytes, after => \@after };
	}
	return \%calls;
}

# in_turn(ROUNDS, CODE...): each is called in each round, forwards and backwards
# in turn, with the number of the round.
sub in_turn
{
	my ($rounds, @code) = @_;

	foreach my $round (1 .. $rounds)
	{
		$_->($round) foreach ($round % 2 ? @code : reverse @code);
	}
	return;
}

# of the clock that alternate prints
sub now_ns { return int(1e9 * clock_gettime(CLOCK_MONOTONIC)); }

# proc_kb(PID, NAME): a line of /proc/PID/status in kB, undef where there is none
sub proc_kb
{
	my ($pid, $name) = @_;

	return slurp("/proc/$pid/status") =~ /^$name:\s+(\d+) kB/m ? $1 : undef;
}

# --- figures ---------------------------------------------------------------

sub mean { return sum0(@_) / @_; }

sub sorted { return sort { $a <=> $b } @_; }

sub median
{
	my @sorted = sorted(@_);

	return ($sorted[ floor($#sorted / 2) ] + $sorted[ ceil($#sorted / 2) ]) / 2;
}

# compare_p50(A, B): two references to samples of which nothing is paired: their
# medians (a, b), ratio a / b and difference a - b with 95 % intervals, by the
# bootstrap.  The rank of a resample's median has a beta distribution, here as
# the normal one that it nearly is: nothing is drawn and sorted again.
sub compare_p50
{
	my ($first, $second) = @_;
	my @sorted = map { [ sorted(@$_) ] } $first, $second;
	my (@ratios, @differences);
	my %result = (a => median(@$first), b => median(@$second), n => scalar @$first);

	srand(1);
	for (1 .. 4000)
	{
		my ($x, $y) = map {
			my $n = @$_;
			my $normal = sqrt(-2 * log(1 - rand())) * cos(6.283185307 * rand());
			my $rank = floor($n * (0.5 + $normal / 2 / sqrt($n + 2)));

			$_->[ max(0, min($n - 1, $rank)) ];
		} @sorted;

		push @ratios, $x / $y if $y > 0;
		push @differences, $x - $y;
	}
	@result{qw(low high)} = middle(@ratios);
	@result{qw(difference_low difference_high)} = middle(@differences);
	$result{ratio} = $result{a} / $result{b};
	$result{difference} = $result{a} - $result{b};
	return \%result;
}

# the ends of the middle 95 %
sub middle
{
	my @sorted = sorted(@_);

	return ($sorted[ floor(0.025 * @sorted) ], $sorted[ ceil(0.975 * @sorted) - 1 ]);
}

# compare_rounds(A, B): two references to one value per round, taken in turn:
# their medians (a, b), the median of the rounds' ratios, which what drifts in the
# course of the rounds does not touch and which need not be a / b, and its
# interval (low, high) by order statistics, with its confidence in percent.
# With six rounds it spans all of them.
sub compare_rounds
{
	my ($first, $second) = @_;
	my @ratios = sorted(map { $first->[$_] / $second->[$_] } 0 .. $#$first);
	my $n = @ratios;
	my ($cut, $tail, $binomial) = (0, 0.5**$n, 0.5**$n);

	# leave out as many at either end as 95 % allow
	while ($cut < $n)
	{
		$binomial *= ($n - $cut) / ($cut + 1);
		last if 2 * ($tail + $binomial) > 0.05;
		$tail += $binomial;
		$cut++;
	}
	my %result = (
		a => median(@$first),
		b => median(@$second),
		n => $n,
		ratio => median(@ratios),
		low => $ratios[$cut],
		high => $ratios[ $n - 1 - $cut ],
		confidence => sprintf('%.0f', floor(100 * (1 - 2 * $tail))));

	return \%result;
}

1;
