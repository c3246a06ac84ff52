package Instrument;

# For the scripts that prove the instrument right: runs of the client as
# samples, and their medians in ms.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use Exporter 'import';
use File::Path;
use File::Temp;
use List::Util;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(@parts @server_parts run_samples add_samples median p50 least attempts
  wal_in_memory);

our @parts = qw(encode network arrival parse check generate store output commit decode);
our @server_parts = qw(arrival parse check generate store output commit);

my @in_memory;

# run_samples([OPTIONS OF run_program,] ARGUMENT...): what "dbos_payload_bench run"
# measured, a reference to a hash from "WORKFLOW DRIVE ORIGIN FUNCTION_ID", or
# "... total" for the workflow as one, or "baseline NAME BYTES", to its samples: the
# lines of the samples file as hashes, without first calls and those that are in no
# figure; with the option first => 1 first calls too.  One block, unless --blocks
# says otherwise.  Dies where a step failed.
sub run_samples
{
	my @arguments = @_;
	my %options = ref $arguments[0] ? %{ shift @arguments } : ();
	my $least = delete $options{first} ? 0 : 1;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/samples.csv';
	my @blocks = grep({ $_ eq '--blocks' } @arguments) ? () : ('--blocks', 1);
	my ($exit, $out, $err) = run_bench(\%options, 'run', '--samples', $file, @blocks, @arguments);
	my %samples;

	die "dbos_payload_bench run @arguments: exit status $exit\n$err" if $exit != 0;
	foreach my $row (@{ read_csv($file) })
	{
		my $key = $row->{workflow} eq 'baseline'
		  ? "baseline $row->{step} $row->{payload_bytes}"
		  : join ' ', @$row{qw(workflow drive origin)}, $row->{function_id} // 'total';

		push @{ $samples{$key} }, $row
		  if $row->{iteration} >= $least && $row->{state} eq 'measured';
	}
	return \%samples;
}

# add_samples(TO, MORE): the same kind of run once more
sub add_samples
{
	my ($to, $more) = @_;

	push @{ $to->{$_} }, @{ $more->{$_} } foreach keys %$more;
	return;
}

sub median
{
	my @sorted = sort { $a <=> $b } grep { defined } @_;

	return undef unless @sorted;
	return ($sorted[ $#sorted / 2 ] + $sorted[ @sorted / 2 ]) / 2;
}

# p50(SAMPLES, METRIC): their median in ms, undef where it was never measured
sub p50
{
	my ($samples, $metric) = @_;
	my $ns = median(map { $_->{"${metric}_ns"} } @$samples);

	return defined $ns ? $ns / 1e6 : undef;
}

# least(SAMPLES, METRIC): likewise the smallest, to which other work on the machine
# has added nothing
sub least
{
	my ($samples, $metric) = @_;

	return List::Util::min(grep { defined } map { $_->{"${metric}_ns"} } @$samples) / 1e6;
}

# wal_in_memory(NODE): moves the WAL of a node that is not started to where fsync
# takes no time, if there is such a place: what a disk adds to a commit varies by
# more than some tests look for.
sub wal_in_memory
{
	my ($node) = @_;
	my $wal = $node->data_dir . '/pg_wal';

	return unless -d '/dev/shm' && -w '/dev/shm';
	my $memory = File::Temp::tempdir('dbos_payload.XXXXXX', DIR => '/dev/shm');

	push @in_memory, [ $node, $memory ];
	system_or_bail('mv', $wal, "$memory/pg_wal");
	symlink "$memory/pg_wal", $wal or die $!;
	return;
}

# File::Temp would leave it there for a failed test to be looked at
END
{
	my $exit = $?;

	foreach my $kept (@in_memory)
	{
		my ($node, $memory) = @$kept;

		$node->teardown_node;
		rmtree($memory);
	}
	$? = $exit;
}

# attempts(N, NAME, SUB): SUB tells what is wrong, nothing if all is right.  A
# machine that was busy with something else may be asked again, N times in all.
sub attempts
{
	my ($n, $name, $sub) = @_;
	my @wrong;

	for my $attempt (1 .. $n)
	{
		@wrong = $sub->();
		last unless @wrong;
		note("$name, attempt $attempt: ", join '; ', @wrong) if $attempt < $n;
	}
	return ok(!@wrong, $name) || diag(join "\n", @wrong);
}

1;
