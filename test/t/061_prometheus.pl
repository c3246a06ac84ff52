# What a nightly job uses: --prometheus of run and report, held against the result
# file and against the format's grammar, and compare --fail-if-slower.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use JSON::PP;
use PostgreSQL::Test::Utils qw(append_to_file slurp_file);
use Test::More;

my $node = new_node('main');
my $folder = PostgreSQL::Test::Utils::tempdir();
my $prefix = 'dbos_payload_bench_';
my $label = qq{it's a "label" \\ of caf\xc3\xa9};

# parsed(TEXT): the samples by "name{labels}", labels as a hash; what is against the
# format (text format 0.0.4, and what promtool would say of names) comes second
sub parsed
{
	my ($text) = @_;
	my (%samples, %seen, @wrong);
	my ($family, $help, $type) = ('', '', '');

	push @wrong, 'the last line has no end' unless $text =~ /\n\z/;
	foreach my $line (split /\n/, $text)
	{
		if ($line =~ /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (\S.*)$/)
		{
			push @wrong, "twice: $line" if $seen{$1}++;
			push @wrong, "no samples: $help" if $help ne '' && $type ne '';
			($help, $type, $family) = ($1, '', '');
		}
		elsif ($line =~ /^# TYPE (\S+) gauge$/)
		{
			push @wrong, "TYPE without HELP: $line" if $help ne $1;
			$type = $family = $1;
		}
		elsif ($line =~ /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/)
		{
			my ($name, $labels, $value) = ($1, $2 // '', $3);
			my %labels;

			push @wrong, "not of its family: $line" if $name ne $family;
			push @wrong, "a comma at the end: $line" if $labels =~ /,$/;
			while ($labels =~ /([a-z_]+)="((?:[^"\\]|\\.)*)"/g)
			{
				my ($label, $text) = ($1, $2);

				push @wrong, "a label twice: $line" if exists $labels{$label};
				$labels{$label} = $text =~ s/\\(.)/$1 eq 'n' ? "\n" : $1/ger;
			}
			my $key = $name . join ',', map { "$_=$labels{$_}" } sort keys %labels;

			push @wrong, "a series twice: $line" if $samples{$key};
			$samples{$key} = { name => $name, labels => \%labels, value => $value };
			$help = '';
		}
		else { push @wrong, "neither comment nor sample: $line"; }
	}
	foreach my $name (keys %seen)
	{
		push @wrong, "$name: not ours" unless $name =~ /^\Q$prefix\E/;
		push @wrong, "$name: no base unit" if $name =~ /_(ms|us|ns|milliseconds|kb|mb)(_|$)/;
	}
	return (\%samples, \@wrong);
}

# the only sample of a name whose labels are these
sub sample
{
	my ($samples, $name, %labels) = @_;
	my @found = grep {
		my $sample = $_;

		$sample->{name} eq "$prefix$name" && !grep { ($sample->{labels}{$_} // '') ne $labels{$_} } keys %labels
	} values %$samples;

	return @found == 1 ? $found[0]{value} : undef;
}

# --- the grammar's reading finds what is wrong --------------------------

foreach my $case (
	[ "a 1\n", 'a sample without TYPE' ],
	[ "# HELP x_a y\n# TYPE x_a gauge\nx_a 1\nx_a 2\n", 'a series twice' ],
	[ "# HELP x_a y\n# TYPE x_a gauge\nx_a{b=\"\"\"} 1\n", 'a quote within a value' ],
	[ "# HELP x_a y\n# TYPE x_a gauge\nx_a{b=\"1\",} 1\n", 'a comma at the end' ],
	[ "# HELP x_a y\n# TYPE x_a gauge\nx_a nan\n", 'no number' ],
	[ "# HELP x_ms y\n# TYPE x_ms gauge\nx_ms 1\n", 'milliseconds' ])
{
	isnt(scalar @{ (parsed($case->[0]))[1] }, 0, "found: $case->[1]");
}

# --- of a run -----------------------------------------------------------

# two sizes alike have nothing but their number to tell them apart
my ($exit, $out, $err) = run_bench($node, 'run', '--allow-unsafe', '--blocks', 6, '-n', 2, '--warmup', 0,
	'--sizes', '1,10kB,10kB', '--label', $label, '--json', "$folder/run.json", '--prometheus', "$folder/run.prom");
is($exit, 0, 'run --prometheus: succeeds') or diag($err);

my $json = read_json("$folder/run.json");
my $text = slurp_file("$folder/run.prom");
my ($samples, $wrong) = parsed($text);

is_deeply($wrong, [], 'the file is in the format');
is((stat "$folder/run.prom")[2] & 0777, 0666 & ~umask, 'others may read it, as a collector must');
is_deeply([ glob "$folder/run.prom?*" ], [], 'nothing is left beside it');

SKIP:
{
	skip('there is no promtool', 2) unless grep { -x "$_/promtool" } split /:/, $ENV{PATH};
	my ($status, $said, $complaint) = run_program({ stdin => $text }, 'promtool', 'check', 'metrics');

	is($status, 0, 'promtool accepts it') or diag($said, $complaint);
	is($said . $complaint, '', '... without a word');
}

# every median and both ends of its interval, in seconds, nothing but these
{
	my ($compared, @differing) = (0);
	my %ends = ('' => 'value', '_low' => 'low', '_high' => 'high');
	my @shown = qw(round_trip encode network arrival parse check generate store output commit decode unattributed
	  server_total workflow_start workflow_end);

	foreach my $workflow (@{ $json->{workflows} })
	{
		foreach my $cell (@{ $workflow->{steps} }, $workflow->{whole})
		{
			my $is_whole = $cell == $workflow->{whole};
			my %labels = (
				workflow => $workflow->{workflow}, drive => 'calls', origin => 'server',
				step => $is_whole ? 'total' : $cell->{name}, payload_bytes => $cell->{payload_bytes},
				side => $label, $is_whole ? () : (function_id => $cell->{function_id}));

			foreach my $part (@shown)
			{
				foreach my $end (keys %ends)
				{
					my $summary = $cell->{times_ms}{$part};
					my $ms = $summary && $summary->{median}{ $ends{$end} };
					my $got = sample($samples, "time_median${end}_seconds", %labels, part => $part);

					next if !defined $ms && !defined $got;
					$compared++;
					push @differing, "$labels{step} $labels{payload_bytes} $part $ends{$end}"
					  if !defined $ms || !defined $got || abs($got - $ms / 1000) > 1e-9 * abs($ms);
				}
			}
			push @differing, "$labels{step}: WAL"
			  if (sample($samples, 'wal_bytes', %labels) // '') ne ($cell->{volumes}{wal_bytes} // '');
		}
	}
	my $there = grep { $_->{name} =~ /^${prefix}time_median/ } values %$samples;

	is_deeply(\@differing, [], 'times are the result file\'s, in seconds');
	cmp_ok($compared, '>', 100, 'many of them');
	is($there, $compared, 'and there are no others');
}
is(sample($samples, 'run_complete'), 1, 'the run is complete');
is(sample($samples, 'run_blocks'), 6, 'its blocks');
cmp_ok(abs(sample($samples, 'run_start_timestamp_seconds') - time), '<', 600, 'when it began');
is(sample($samples, 'run_info', version => $json->{tool_version}), 1, 'by which version');
is(sample($samples, 'baseline_median_seconds', baseline => 'no_op'),
	(map { $_->{times_ms}{round_trip}{median}{value} / 1000 } grep { $_->{baseline} eq 'no_op' } @{ $json->{baselines} })[0],
	'a baseline');

# --- of its file --------------------------------------------------------

($exit, $out, $err) = run_bench('report', '--prometheus', "$folder/report.prom", "$folder/run.json");
is($exit, 0, 'report --prometheus: succeeds') or diag($err);
is(slurp_file("$folder/report.prom"), $text, 'report writes what run wrote');
($exit, $out, $err) = run_bench('report', '--prometheus', '-', "$folder/run.json");
is($out, $text, '-: standard output');
like($err, qr/^Measured/, '... and the report to standard error');
($exit, $out, $err) = run_bench('report', '--prometheus', "$folder/none/x.prom", "$folder/run.json");
is($exit, 1, 'a folder that is not there: refused');
($exit, $out, $err) = run_bench('report', '--prometheus', "$folder/x.prom", "$folder/run.json", "$folder/run.json");
is($exit, 1, 'one file for two reports: refused');
like($err, qr/one result file at a time/, '... with the reason');

# --- compare --fail-if-slower -------------------------------------------

# paced(NAME, PACE, WIDTH, MINUTE): the run again, all its medians times pace, with
# intervals of so much to either side, begun in that minute; DROP takes a step away
my $ids = 0;

sub paced
{
	my ($name, $pace, $width, $minute, $blocks) = @_;
	my $run = decode_json(encode_json($json));
	my $scale;

	$scale = sub {
		my ($value) = @_;

		if (ref $value eq 'HASH' && exists $value->{p95} && defined $value->{median}{value})
		{
			my $median = $value->{median};

			$median->{value} *= $pace;
			$median->{blocks} = $blocks // 6;
			@$median{qw(low high)} = $median->{blocks} < 6 ? (undef, undef) :
			  map { $median->{value} * $_ } 1 - $width, 1 + $width;
		}
		elsif (ref $value eq 'HASH') { $scale->($_) foreach values %$value; }
		elsif (ref $value eq 'ARRAY') { $scale->($_) foreach @$value; }
	};
	$scale->($run->{workflows});
	$run->{run_id} = sprintf '00000000-0000-4000-8000-%012d', ++$ids;
	$run->{started_at} = sprintf '2026-11-25T02:%02d:00.000Z', $minute;
	unlink "$folder/$name.json";
	append_to_file("$folder/$name.json", JSON::PP->new->utf8->encode($run));
	return "$folder/$name.json";
}

# compared(FILES OF A, FILES OF B, OPTION...)
sub compared
{
	my ($left, $right, @options) = @_;

	return run_bench('compare', @options, @$left, '--against', @$right);
}

my $good = paced('good', 1, 0.01, 1);
my $slow = paced('slow', 1.5, 0.01, 2);
my $slower = qr/^Slower by more than 10 %: 10 kB, round trip: B \/ A 1\.500 \(1\.\d+ \.\. 1\.\d+\)$/m;

($exit, $out, $err) = compared([$good], [$slow], '--fail-if-slower', 10);
is($exit, 3, 'half as long again: exit status 3') or diag($out, $err);
like($out, $slower, '... with the times that are longer');
unlike($out, qr/^Slower.*(commit|store|parse)/m, '... and not their parts');
($exit, $out, $err) = compared([$good], [$slow], '--fail-if-slower', 60);
is($exit, 0, 'not by more than 60 %: exit status 0');
like($out, qr/^No time is shown to be longer by more than 60 %\.$/m, '... and says so');
($exit) = compared([$slow], [$good], '--fail-if-slower', 0);
is($exit, 0, 'the other way round: faster is not slower');
($exit) = compared([$good], [ paced('unsure', 1.5, 0.4, 3) ], '--fail-if-slower', 10);
is($exit, 0, 'half as long again, give or take 40 %: not shown');
($exit) = compared([$good], [$slow]);
is($exit, 0, 'without the option: compared');

($exit, $out, $err) = compared([$good], [ paced('few', 1.5, 0, 4, 5) ], '--fail-if-slower', 10);
is($exit, 1, 'five blocks have no interval: exit status 1, and not 0');
like($err, qr/cannot be said/, '... with the reason');

my (@left, @right);
foreach my $i (0 .. 5)
{
	my ($first, $second) = $i % 2 ? (1.5, 1) : (1, 1.5);
	my @pair = map { paced("pair$i$_->[0]", $_->[1] * (1 + 0.01 * ($i % 3)), 0.3, 10 + 2 * $i + $_->[0]) } [ 0, $first ], [ 1, $second ];

	push @left, $pair[ $i % 2 ];
	push @right, $pair[ 1 - $i % 2 ];
}
($exit, $out, $err) = compared(\@left, \@right, '--fail-if-slower', 10);
is($exit, 3, 'six pairs: exit status 3') or diag($out, $err);
like($out, $slower, '... by the pairs, whatever the intervals within the runs');
($exit, $out, $err) = compared([ @left[ 0 .. 2 ] ], [ @right[ 0 .. 2 ] ], '--fail-if-slower', 10);
is($exit, 1, 'three pairs: exit status 1');

foreach my $bad ('-1', 'ten', '', '1001', '1.', '.5', '1e2', 'nan')
{
	($exit, $out, $err) = compared([$good], [$slow], "--fail-if-slower=$bad");
	ok($exit == 1 && $out eq '' && $err =~ /--fail-if-slower: "\Q$bad\E" is not a number of percent from 0 to 1,000/,
		"--fail-if-slower=$bad: refused") or diag($exit, $err);
}
($exit) = compared([$good], [$slow], '--fail-if-slower=49.5%');
is($exit, 0, '49.5% is a number of percent, and 50 measured are not shown to be more');

done_testing();
