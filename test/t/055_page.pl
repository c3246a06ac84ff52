# The page: one file of everything, that needs nothing else and says what the terminal says.
# (What it looks like: 056_page_pictures.)

use strict;
use warnings;

use ClientTest;
use Cwd;
use DbosPayload;
use ExperimentTables;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $node = new_node('page', durable => 1);
my $strange = q{<b>&"quoted"'};

# files to put on it; a label that is no HTML
my ($exit, $out, $err) = run_bench($node, 'run', '-n', 3, '--blocks', 6, '--sizes', '1,3000', '--origin', 'all', '--label', $strange,
	'--label', 'plain', '--json', "$dir/run.json", '--html', "$dir/run.html",
	'--against', "host='" . $node->host . "' port=" . $node->port . " dbname=postgres password=geheim");
is($exit, 0, 'run --html') or diag($err);
($exit, $out, $err) = run_bench($node, 'run', '-n', 2, '--blocks', 6, '--sizes', '1,1000', '--no-baselines', '--json', "$dir/one.json");
my $run = $out;
($exit, $out, $err) = run_bench($node, 'experiment', 'storage', '--quick', '-T', 3, '--json', "$dir/storage.json", '--html', "$dir/storage.html");
is($exit, 0, 'experiment --html') or diag($err);
like($err, qr/all of it on one page, for a browser: \S+storage\.html/, 'experiment says where its page is');
my $storage = $out;

# lines that belong to one sentence, joined
sub flat { return $_[0] =~ s/\s+/ /gr; }

sub page
{
	my $text = PostgreSQL::Test::Utils::slurp_file($_[0]);
	return $text;
}

# what a reader sees, with entities as they are read
sub seen
{
	my ($html) = @_;
	my %entities = (amp => '&', lt => '<', gt => '>', quot => '"');

	$html =~ s/<style>.*?<\/style>//s;
	$html =~ s/<[^>]*>/ /g;
	$html =~ s/&(amp|lt|gt|quot);/$entities{$1}/g;
	return flat($html);
}

($exit, $out, $err) = run_bench('report', "$dir/one.json", "$dir/storage.json", "$dir/run.json", '--html', "$dir/all.html");
is("$exit $out $err", '0  ', 'report FILES --html: a page, and nothing printed') or diag($err);

my $all = page("$dir/all.html");
my $seen = seen($all);

# --- form ----------------------------------------------------------------

foreach my $file (qw(run storage all))
{
	my $html = page("$dir/$file.html");
	my @ids = $html =~ /\sid=["']([^"']+)["']/g;
	my %count;

	$count{$_}++ foreach @ids;
	is_deeply([ grep { $count{$_} > 1 } sort keys %count ], [], "$file: ids are unique");
	is_deeply([ grep { !$count{$_} } $html =~ /(?:href=["']#|aria-labelledby=["']|url\(["']?#)([^"')]+)/g ], [], "$file: what is referred to is there");
	unlike($html, qr/<(?:script|link|img|iframe|object|embed)\b|\@import|\bsrc=/i, "$file: nothing is loaded, and no script runs");
	is_deeply([ grep { !m{^http://www\.w3\.org/} } $html =~ m{(https?://[^\s"'<]+)}g ], [], "$file: no address but the names of XML");
	my @open;
	my $wrong = '';
	while ($html =~ m{<(/?)([a-z][a-z0-9]*)\b[^>]*?(/?)>}gi)
	{
		my ($end, $tag, $empty) = ($1, lc $2, $3);
		next if $empty || $tag =~ /^(?:meta|br|hr)$/;
		next if $tag =~ /^(?:dt|dd|li|p)$/;
		if (!$end) { push @open, $tag; next; }
		my $was = pop @open // 'nothing';
		$wrong ||= "</$tag> ends <$was>" if $was ne $tag;
	}
	is("$wrong @open", ' ', "$file: elements end where they began");
	cmp_ok(length $html, '<', 1_000_000, "$file: less than 1 MB");
	unlike($html, qr/geheim/, "$file: no password");
	SKIP:
	{
		skip('there is no tidy', 1) unless grep { -x "$_/tidy" } split /:/, $ENV{PATH};
		my ($status, $complaints) = run_program('tidy', '-e', '-q', "$dir/$file.html");
		is($status, 0, "$file: a validator accepts it") or diag($complaints);
	}
}
like($all, qr/^<!DOCTYPE html>\n<html lang="en">/, 'HTML 5');
is(scalar(() = $all =~ /<section /g), 3, 'a section for each run and experiment');
is(scalar(() = $all =~ /<li><a href="#s\d+">/g), 3, 'and an entry in the contents');
like(page("$dir/run.html"), qr/&lt;b&gt;&amp;&quot;quoted&quot;/, 'texts are escaped');
like(seen(page("$dir/run.html")), qr/\Q$strange\E/, 'and seen as they were given');

# --- content: what the terminal says -------------------------------------

my @sentences = map { flat(s/^- //r) } grep { /^- / } split /\n(?=- |\n|[A-Z])/, $run;
cmp_ok(scalar @sentences, '>=', 5, 'the answer has sentences');
is_deeply([ grep { index($seen, $_) < 0 } @sentences ], [], 'a run: every sentence of the answer is on the page');
my @conclusions = map { flat(s/^- //r) } grep { /^- / } split /\n(?=- |\n|[A-Z])/, $storage;
is_deeply([ grep { index($seen, $_) < 0 } @conclusions ], [], 'an experiment: every conclusion is on the page');

# --- every figure has its unit, n and interval ---------------------------

my $file = read_json("$dir/one.json");
my $step = $file->{workflows}[0]{steps}[0]{times_ms};
foreach my $metric (qw(round_trip network commit))
{
	my ($n, $mean) = ($step->{$metric}{n}, $step->{$metric}{mean});
	my $row = sprintf '%d\s+%.3f\s+%.3f \.\. %.3f', $n, @$mean{qw(value low high)};

	$row = sprintf '%d\s+%.3f', $n, $mean->{value} unless defined $mean->{low};
	like($seen, qr/$row/, "$metric: n, mean and interval stand in a table") if $metric ne 'round_trip';
}
my $median = sprintf '%d\s+%.3f\s+%.3f \.\. %.3f', $step->{round_trip}{n}, @{ $step->{round_trip}{median} }{qw(value low high)};
like($seen, qr/1 B\s+$median/, 'a step: n, p50 and its interval');
like($all, qr/<caption>A step&#39;s round trip, ms|<caption>A step's round trip, ms/, 'with the unit');
{
	my ($result) = @{ read_json("$dir/storage.json")->{experiments} };
	my $measured = 0;		# columns that have measurements behind them

	foreach my $table (@{ $result->{tables} })
	{
		$measured += grep { my $c = $_; grep { $_->{cells}[$c]{n} } @{ $table->{rows} } } 0 .. $#{ $table->{columns} };
	}
	cmp_ok($measured, '>', 0, 'tables of experiments have measured columns');
	is(scalar(() = page("$dir/storage.html") =~ m{<th scope="col">n</th>}g), $measured, 'each with its n beside it');
}

# --- pictures ------------------------------------------------------------

SKIP:
{
	skip('there is no gnuplot', 4) unless grep { -x "$_/gnuplot" } split /:/, $ENV{PATH};
	my $pictures = () = $all =~ /<figure>/g;
	cmp_ok($pictures, '>=', 6, 'pictures are on the page');
	is(scalar(() = $all =~ /<svg role="img" aria-labelledby="p\d+-heading"/g), $pictures, 'each with a name for those who cannot see it');
	is(scalar(() = $all =~ /<figcaption>\S[^<]+<\/figcaption>/g), $pictures, 'and with what it means');
	unlike($all, qr/Produced by GNUPLOT|<title>Gnuplot/, 'without the title of a file of its own');
}
{
	my $empty = PostgreSQL::Test::Utils::tempdir();
	my ($exit, $out, $err) = run_bench({ env => { PATH => $empty } }, 'report', "$dir/one.json", '--html', "$dir/bare.html");

	is("$exit $err", '0 ', 'without gnuplot: a page all the same');
	like(seen(page("$dir/bare.html")), qr/no pictures here: gnuplot was not found, or failed.*A step's round trip, ms/, 'which says so, and has the tables');
}
{
	my $temp = PostgreSQL::Test::Utils::tempdir();
	my ($exit) = run_bench({ env => { TMPDIR => $temp } }, 'report', "$dir/one.json", '--html', "$dir/temp.html");

	is($exit, 0, 'with a TMPDIR');
	is_deeply([ glob("$temp/*") ], [], 'no folder of pictures is left there');
	($exit) = run_bench({ env => { TMPDIR => "$temp/none" } }, 'report', "$dir/one.json", '--html', "$dir/temp.html");
	is($exit, 2, 'without a place for pictures: exit status 2');
}

# --- experiment all leaves a page of its own ------------------------------

{
	my $empty = PostgreSQL::Test::Utils::tempdir();
	my $was = Cwd::getcwd();
	chdir $empty or die;
	my ($exit, $out, $err) = run_bench($node, { timeout => 600 }, 'experiment', 'all', '--quick', '-T', 1, '--json', "$dir/all.json");
	chdir $was;
	my @left = glob("$empty/*");
	my ($name) = $left[0] =~ m{/(dbos_payload-experiments-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.html)$};

	is(scalar @left, 1, 'experiment all leaves a page, and nothing else') or diag("@left", $err);
	ok($name, 'by a name with its date') or diag("@left");
	like($err, qr/: \Q$name\E\n\z/, 'which the last line says');
	my $sections = () = page($left[0]) =~ /<section /g;
	my @experiments = page($left[0]) =~ /<span class="kind">experiment (\w+)/g;
	is($sections, scalar @experiments, 'it has a section for each');
	cmp_ok($sections, '>=', 8, 'and all are there');

	# what the others had and freed is no memory of this one's children
	my ($memory) = grep { $_->{name} eq 'memory' } @{ read_json("$dir/all.json")->{experiments} };
	my ($text) = grep { $_->{approach} eq 'calls, client, text' } table_of($memory, 'approaches');
	cmp_ok($text->{client} // 0, '>', 4, 'memory after the others: the copies of a text are found all the same');
}

# --- bad input -----------------------------------------------------------

($exit, $out, $err) = run_bench('report', "$dir/one.json", "$dir/none.json", '--html', "$dir/bad.html");
is($exit, 1, 'a file that is not there: exit status 1');
ok(!-e "$dir/bad.html", 'and no page');
($exit, $out, $err) = run_bench('report', "$dir/one.json", '--html', "$dir/none/bad.html");
is($exit, 1, 'a folder that is not there: exit status 1');
like($err, qr/none\/bad\.html/, 'and is named');
($exit, $out, $err) = run_bench('report', "$dir/one.json", '--html', "$dir/bad.html", '--csv', "$dir/bad.csv");
is($exit, 1, '--html beside --csv is refused');
like($err, qr/--html puts everything of all files on one page/, 'and it is said why');
($exit, $out, $err) = run_bench('report', "$dir/one.json", '--html', '-');
like($out, qr/^<!DOCTYPE html>.*<\/html>\n\z/s, '--html -: standard output');

done_testing();
