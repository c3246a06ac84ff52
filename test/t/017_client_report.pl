# What a run printed, again from its result file, and its plots.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use PostgreSQL::Test::Utils qw(append_to_file slurp_file);
use Test::More;

my $node = new_node('main');
my $folder = PostgreSQL::Test::Utils::tempdir();

# measured([OPTION...]): a short run's exit status, what it printed, and its result file
my $runs = 0;

sub measured
{
	my $file = "$folder/run" . ++$runs . '.json';
	my ($exit, $out, $err) = run_bench($node, 'run', '--allow-unsafe', '--json', $file, @_);

	is($exit, 0, "run @_: succeeds") or diag($err);
	return ($out, $file);
}

my @short = ('--blocks', 6, '-n', 2, '--warmup', 0, '--sizes', '1,10kB');

# --- the same, byte for byte ---------------------------------------------
my ($answer, $one) = measured(@short);
my ($full, $two) = measured(@short, '--full', '--against', 'application_name=other');
my ($exit, $out, $err) = run_bench('report', $one);

is($exit, 0, 'report: succeeds') or diag($err);
is($out, $answer, 'report prints what run printed');
($exit, $out, $err) = run_bench('report', '--full', $two);
is($out, $full, 'and with --full what run --full printed, of two sides');
ok(length $full > 3 * length $answer, '--full says more');
ok(!(grep { length > 100 } split /\n/, $answer . $full), 'at most 100 columns');
ok(($answer =~ tr/\n//) <= 66, 'the answer is one screen');
unlike($answer . $full, qr/\bnan\b|\binf\b|\(null\)/i, 'and nothing that is no figure');

($exit, $out, $err) = run_bench('report', $one, $two);
like($out, qr/\A==> \Q$one\E <==\n\n\Q$answer\E\n==> \Q$two\E <==\n\nMeasured/, 'several files, one after the other');

($exit, $out, $err) = run_bench('report', "$folder/none.json");
is($exit, 1, 'a file that is not there');
append_to_file("$folder/broken.json", '{"schema_version": 1');
($exit, $out, $err) = run_bench('report', $one, "$folder/broken.json");
is($exit, 1, 'a file that is no result file');

# what other commands write is told apart, and a file of the wrong kind is called so
my %others = (
	'a trace' => '{"schema_version": 1, "kind": "trace", "steps": []}',
	'an inspection' => '{"inspection_version": 1, "tables": []}',
	'one of DBOS\'s SDKs' => '{"peer": "go", "sdk": "dbos 1.0", "seven_ms": []}');

my %refused = (
	'a trace' => qr/other\.json": key "program_version" is missing$/,
	'an inspection' => qr/other\.json": key "tool_version" is missing$/,
	'one of DBOS\'s SDKs' => qr/other\.json" is the file of one of DBOS's SDKs, which report does not print$/);

foreach my $of (sort keys %others)
{
	my $file = "$folder/other.json";

	unlink($file);
	append_to_file($file, $others{$of});
	($exit, $out, $err) = run_bench('report', $file);
	is($exit, 1, "the file of $of");
	like($err, $refused{$of}, 'is looked at as such');
	($exit, $out, $err) = run_bench('compare', $one, '--against', $file);
	is($exit, 1, 'compare: likewise');
	like($err, qr/"\Q$file\E": this is the file of \Q$of\E, not of a run$/m, 'and says so');
}

# --- files ---------------------------------------------------------------
($exit, $out, $err) = run_bench('report', '--csv', "$folder/report.csv", $one);
is($exit, 0, 'report --csv: succeeds') or diag($err);
my ($round_trip) = grep {
	$_->{workflow} eq 'size_workflow' && $_->{step} eq 'size_step' && $_->{payload_bytes} == 10000
	  && $_->{metric} eq 'round_trip'
} @{ read_csv("$folder/report.csv") };
my ($p50) = $answer =~ /^ +10 kB +([\d.]+)/m;

cmp_ok(abs($round_trip->{p50} - $p50), '<=', 0.0005001, 'its p50 is the one in the table');
($exit, $out, $err) = run_bench('report', '--csv', "$folder/both.csv", $one, $two);
is($exit, 1, 'one file for two reports: refused');
like($err, qr/one result file at a time/, 'with the reason');

# of steps that share a round trip, the first call's figure is the server's
SKIP:
{
	skip 'libpq before 14 has no pipeline mode', 3 unless grep { $_ eq 'pipeline' } all_drives();

	my (undef, $shared) = measured('-n', 1, '--blocks', 1, '--warmup', 0, '--no-baselines', '--drive', 'pipeline', '--sizes', '1,2');

	($exit, $out, $err) = run_bench('report', '--csv', "$folder/shared.csv", $shared);
	my %first = map { $_->{metric} => $_->{first} }
	  grep { $_->{workflow} eq 'size_workflow' && $_->{step} eq 'size_step' } @{ read_csv("$folder/shared.csv") };
	ok(exists $first{round_trip} && !defined $first{round_trip}, 'CSV: no first round trip where steps have none of their own');
	cmp_ok($first{server_total}, '>', 0, 'CSV: but the first time in the server');
}

# --- plots ---------------------------------------------------------------
SKIP:
{
	skip 'there is no gnuplot', 9 if !grep { -x "$_/gnuplot" } split /:/, $ENV{PATH};

	my (undef, $wide) = measured('-n', 1, '--blocks', 1, '--warmup', 0, '--no-baselines', '--drive', 'all', '--origin', 'all',
		'--sizes', join(',', 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000),
		'--label', q{it's `touch } . "$folder/touched" . q{` a label\n } . ('long ' x 15));
	my @series = map { my $drive = $_; map { "$drive-$_" } qw(server client) } all_drives();

	($exit, $out, $err) = run_bench('report', '--plot', "$folder/plots", $wide);
	is($exit, 0, 'report --plot: succeeds') or diag($err);
	my @expected = sort 'approaches', 'latency', map { ("parts-$_", "parts-percent-$_") } @series;
	my @png = sort map { m{([^/]+)\.png$} } glob "$folder/plots/*.png";

	is_deeply(\@png, \@expected, 'a picture of each drive and origin, none left out');
	ok(!(grep { !-s "$folder/plots/$_.svg" || !-s "$folder/plots/$_.png" } @expected), 'none of them is empty');
	like($err, qr/\b@{[ scalar @expected ]} plots/, 'and that many are announced');
	ok(!-e "$folder/touched", 'a label is text to gnuplot, nothing else');

	my @ticks = slurp_file("$folder/plots/latency.svg") =~ /(?<![\d.])(\d+ k?B)</g;

	is("@ticks[0 .. 10]", '1 B 2 B 5 B 10 B 20 B 50 B 100 B 200 B 500 B 1 kB 2 kB', 'an axis names its sizes, each in its own unit');

	# stacks that hit their own dot, and percent of the same thing
	my ($data) = slurp_file("$folder/plots/parts-calls-server.dat") =~ /^("2 kB".*)$/m;
	my @columns = split ' ', $data =~ s/^"[^"]*"//r;
	my ($mean, @parts) = @columns[ 6, 9 .. $#columns ];
	my $sum = 0;

	$sum += $_ foreach @parts;
	cmp_ok(abs($sum - $mean), '<=', 1e-4 + 1e-3 * $mean, 'the parts in a bar add up to its mean');

	# the programs are gnuplot's own files: what is changed there is drawn
	my $program = slurp_file("$folder/plots/percent.gp");

	$program =~ s/% of the mean /share of the /;
	unlink "$folder/plots/percent.gp";
	append_to_file("$folder/plots/percent.gp", $program);
	($exit, $out, $err) = run_program('sh', '-c', "cd '$folder/plots' && gnuplot -d parts-percent-calls-server.gnuplot");
	is($exit, 0, 'a changed program runs by itself') or diag($err);
	like(slurp_file("$folder/plots/parts-percent-calls-server.svg"), qr/share of the round trip/, 'and draws the change');
}

# whatever gnuplot asks of a terminal stops a job in the background: it has none
mkdir "$folder/bin";
append_to_file("$folder/bin/gnuplot", <<'SCRIPT');
#!/bin/sh
# session id, standard input, terminal
{ cut -d' ' -f6 /proc/$$/stat; echo $$; readlink /proc/$$/fd/0; echo "${GNUTERM-none} ${DISPLAY-none}"; } >> ../seen
SCRIPT
chmod 0755, "$folder/bin/gnuplot";
($exit, $out, $err) = run_bench({ env => { PATH => "$folder/bin:$ENV{PATH}", GNUTERM => 'x11', DISPLAY => ':0' } },
	'report', '--plot', "$folder/unseen", $one);
is($exit, 0, 'another gnuplot: succeeds') or diag($err);
my ($session, $process, $input, $terminal) = split /\n/, slurp_file("$folder/seen");

is($session, $process, 'gnuplot has a session of its own, and so no terminal');
is($input, '/dev/null', 'nothing to read');
is($terminal, 'none none', 'and no window');

($exit, $out, $err) = run_bench({ env => { PATH => "$folder/empty" } }, 'report', '--plot', "$folder/undrawn", $one);
is($exit, 2, 'without gnuplot: a failure');
like($err, qr/gnuplot was not found/, 'that says so');
ok(-s "$folder/undrawn/parts-calls-server.dat" && -s "$folder/undrawn/parts.gp", 'and data and programs are there');
is($out, $answer, 'and so is the report');
($exit, $out, $err) = run_bench('report', '--plot', "$folder/bin/gnuplot/within", $one);
is($exit, 1, 'plots within a file: refused');
like($err, qr{could not write plots into "[^"]*/within": Not a directory}, 'that says why');
is($out, '', 'before anything is printed');

done_testing();
