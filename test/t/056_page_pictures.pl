# The page as people see it: in a headless Chromium at the width of a telephone and of a
# desk, in light and in dark, and printed on A4: for "make check-page", which installs
# Chromium.  "make check", which needs none, leaves this out.
#
# PAGES: where the pictures are left: then all experiments are on the page, and how long it
# takes to open is told; PAGE: a page to look at instead of one made here.

use strict;
use warnings;

use Chromium;
use ClientTest;
use Cwd qw(abs_path);
use DbosPayload;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'this is for "make check-page"' unless $ENV{PAGES};
die "there is no Chromium here\n" unless Chromium::program();

my $dir = PostgreSQL::Test::Utils::tempdir();
my $left = $ENV{PAGES};
my $page = $ENV{PAGE} ? abs_path($ENV{PAGE}) : make_page();

# --- a page with everything on it -----------------------------------------------------

# peers(): the file of DBOS's SDKs as client/peers/json.pl writes it, with figures made up
sub peers
{
	my @sizes = map { 10**$_ } 0 .. 6;
	my @cells = ((map { { name => "$_ B", bytes => $_ } } @sizes), { name => 'seven steps', bytes => undef });
	my $figure = sub { return { value => $_[0], low => 0.9 * $_[0], high => 1.1 * $_[0], blocks => 6 }; };
	my $row = sub {
		my ($name, $kind, $times) = @_;

		return {
			name => $name, kind => $kind,
			cells => [ map {
				my $ms = $times * (1 + $_ / 3);
				{
					time => $figure->($ms),
					parts => { map { $_ => $kind eq 'sdk' ? $figure->($ms / 4) : undef } qw(application_before application_between network server trace) },
					round_trips => $kind eq 'sdk' ? 7 : undef,
					bytes_up => $kind eq 'sdk' ? 1000 : undef
				}
			} 0 .. $#cells ] };
	};

	return {
		kind => 'peers', schema_version => 1, program_version => '1.0', started_at => '2026-01-01T00:00:00.000Z', server_version => '15.1',
		sdks => [ { language => 'Python', version => 'dbos 1.2.3' } ], cells => \@cells,
		rtts => [ map { {
			rtt_ms => $_, rounds => 6,
			rows => [ $row->('Java, byte[]', 'sdk', 2), $row->('Java, byte[]', 'statements', 1.5), $row->('Go, []byte, portable workflow', 'sdk', 3),
				$row->('TypeScript, base64 string', 'sdk', 4), $row->('Python, bytes, as a dataclass', 'sdk', 5), $row->('TypeScript, Buffer', 'sdk', 80),
				$row->('ours, calls', 'ours', 1), $row->('ours, pipeline', 'ours', 1), $row->('ours, procedure', 'ours', 1) ]
		} } 0, 10 ] };
}

sub make_page
{
	my $node = new_node('page', durable => 1, tcp => 1);
	my @files = map { "$dir/$_.json" } qw(run experiments trace inspect peers);
	my @experiments = $ENV{PAGES} ? ('all', '-T', 1) : ('serialization', '-T', 5);
	my @small = ('-n', 2, '--blocks', 6, '--warmup', 0, '--sizes', '1,1000,100000');

	foreach my $command (
		[ 'run', @small, '--origin', 'all', '--json', $files[0] ],
		[ 'experiment', @experiments, '--quick', '--json', $files[1], '--html', "$dir/experiments.html" ])
	{
		my ($exit, undef, $err) = run_bench($node, @$command);

		is($exit, 0, "$command->[0]: measured") or diag($err);
	}

	# a program that is traced: our own, as an SDK's statements
	my $trace = start_bench('trace', '--listen', 0, '--json', $files[2], '--html', "$dir/trace.html", conninfo($node, host => '127.0.0.1'));

	wait_until { $trace->{run}->pump_nb; ${ $trace->{err} } =~ /\@127\.0\.0\.1:(\d+)/ || !$trace->{run}->pumpable } 60;
	my ($port) = ${ $trace->{err} } =~ /\@127\.0\.0\.1:(\d+)/ or BAIL_OUT("trace does not listen: ${ $trace->{err} }");
	my ($exit, undef, $err) = run_bench('run', @small, '--no-baselines', '--origin', 'client', '--profile', 'dbos-python,dbos-go',
		conninfo($node, host => '127.0.0.1', port => $port));

	is($exit, 0, 'run through trace') or diag($err);
	kill 'INT', $trace->{pid};
	is((finish_bench($trace))[0], 0, 'trace --html: reports');
	like(slurp_file("$dir/trace.html"), qr/<h2>.*TRACE|kind">trace/i, '... and leaves a page');

	foreach my $file (qw(own_tables other_tables fill))
	{
		my @arguments = (qw(-qX -v ON_ERROR_STOP=1 -v schema=dbos -v workflows=300 -v own_tables=1 -f), project_dir() . "/test/inspect/$file.sql");

		($exit, undef, $err) = run_program({ env => { PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres' } }, 'psql', @arguments);
		is($exit, 0, "a DBOS database: $file") or diag($err);
	}
	($exit, undef, $err) = run_bench($node, 'inspect', '--json', $files[3], '--html', "$dir/inspect.html");
	is($exit, 0, 'inspect --html: reports') or diag($err);
	like(slurp_file("$dir/inspect.html"), qr/kind">inspection/, '... and leaves a page');

	append_to_file($files[4], encode_json(peers()));
	($exit, undef, $err) = run_bench('report', @files, '--html', "$dir/all.html");
	is($exit, 0, 'report: one page of all') or diag($err);
	$node->stop;
	return "$dir/all.html";
}

# --- looking at it --------------------------------------------------------------------

mkdir "$dir/chromium";
my $browser = Chromium->start("$dir/chromium");

# texts that can hardly be read: "contrast text", by what is behind them (WCAG: 4.5 : 1)
my $faint = <<'EOS';
(() => {
	const numbers = c => c.match(/[\d.]+/g).map(Number);
	const light = c => { const [r, g, b] = numbers(c).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; const n = numbers(c); if (n.length < 4 || n[3] > 0) return c; } return 'rgb(255, 255, 255)'; };
	const found = [];
	for (const e of document.querySelectorAll('h1, h2, h3, h4, p, li, dt, dd, td, th, caption, figcaption, summary, a, .kind, svg text')) {
		if (!e.textContent.trim() || !e.getClientRects().length) continue;
		const style = getComputedStyle(e);
		const a = light(e.closest('svg') ? style.fill : style.color), b = light(behind(e.closest('svg') ? e.closest('svg').parentElement : e));
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) found.push(contrast.toFixed(1) + ' ' + e.textContent.trim().slice(0, 40));
	}
	return found.slice(0, 20);
})()
EOS

# texts of pictures that lie on one another or outside of their picture
my $crowded = <<'EOS';
(() => {
	const found = [];
	for (const svg of document.querySelectorAll('svg')) {
		const box = svg.getBoundingClientRect();
		const texts = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim()).map(t => [t.textContent.trim().slice(0, 30), t.getBoundingClientRect(), Math.abs(t.getCTM().b) > 0.01]);
		texts.forEach(([text, r], i) => {
			if (r.left < box.left - 2 || r.right > box.right + 2 || r.top < box.top - 2 || r.bottom > box.bottom + 2) found.push(text + ' (outside)');
			for (const [other, o, slanted] of texts.slice(i + 1)) {
				if (slanted || texts[i][2]) continue;	/* the boxes of those overlap, and they do not */
				const w = Math.min(r.right, o.right) - Math.max(r.left, o.left), h = Math.min(r.bottom, o.bottom) - Math.max(r.top, o.top);
				if (w > 4 && h > 5) found.push(text + ' on ' + other);
			}
		});
	}
	return found.slice(0, 20);
})()
EOS

# the first table that is wider than its box, moved to its end or not, and where its last
# row ends: a row's lower edge has no text
my $wide = <<'EOS';
(() => {
	const box = [...document.querySelectorAll('.table')].find(e => e.clientWidth && e.scrollWidth > e.clientWidth + 100);
	if (!box) return null;
	box.scrollLeft = END ? box.scrollWidth : 0;
	const r = box.getBoundingClientRect(), row = box.querySelector('tbody tr:last-child').getBoundingClientRect();
	return [r.left + scrollX, row.bottom + scrollY - 5, r.width, 4].map(Math.round);
})()
EOS

# which of its edges are told from what lies between them: "left right"
sub shaded_edges
{
	my ($end) = @_;
	my $part = $browser->evaluate($wide =~ s/END/$end ? 'true' : 'false'/er) or return 'there is none';
	my ($width, undef, $pixel) = Chromium::png_pixels($browser->picture_of("$dir/edge.png", @$part));
	my $light = sub { my $sum = 0; $sum += $_ foreach $pixel->($_[0], 1); return $sum / 3; };
	my $ground = $light->(int($width / 2));

	return join ' ', map { my ($name, $x) = @$_; abs($light->($x) - $ground) > 16 ? $name : '' } [ left => 1 ], [ right => $width - 2 ];
}

foreach my $width (400, 1280)
{
	foreach my $dark (0, 1)
	{
		my $how = $dark ? 'dark' : 'light';
		my $seconds = $browser->show($page, width => $width, dark => $dark);

		note(sprintf '%d pixels, %s: open after %.2f s', $width, $how, $seconds);
		is($browser->evaluate('document.documentElement.scrollWidth'), $width, "$width pixels, $how: nothing is wider than the page");
		is_deeply([ $browser->requests ], ["file://$page"], '... and nothing else is loaded');
		is_deeply($browser->evaluate($faint), [], '... every text stands out from what is behind it');

		my $picture = $browser->picture("$left/page-$width-$how.png");
		my (undef, undef, $pixel) = Chromium::png_pixels($browser->picture("$dir/corner.png", 300));
		my $light = 0;

		foreach my $at ([ 2, 2 ], [ $width - 3, 2 ], [ 2, 297 ], [ $width - 3, 297 ])
		{
			$light += $_ foreach $pixel->(@$at);
		}
		$light /= 12;
		cmp_ok($light, $dark ? '<' : '>', $dark ? 64 : 192, '... and its ground is ' . $how);
		ok(-s $picture, "... a picture is left: $picture");
		if ($width == 400)
		{
			is(shaded_edges(0), ' right', '... a table that is cut off has a shadow there');
			is(shaded_edges(1), 'left ', '... and at its other edge when it was moved there');
		}
	}
}
if ($ENV{PAGES} || $ENV{PAGE})
{
	# no test: that would fail on a slow machine
	my ($paint, $load) = $browser->opening($page, width => 1280, times => 9);

	diag(sprintf '%s, %.0f kB, %d pictures: first painted after %.0f ms, loaded after %.0f ms (medians of 9)',
		$page, (-s $page) / 1000, $browser->evaluate('document.querySelectorAll("svg").length'), $paint, $load);
}
is_deeply($browser->evaluate($crowded), [], 'in pictures no text lies on another one or is cut off');
cmp_ok($browser->evaluate('document.querySelectorAll("svg").length'), '>=', $ENV{PAGE} ? 1 : 5, 'of which there are some');

# --- on paper -------------------------------------------------------------------------

# even where the system is dark
my $pdf = $browser->print_to("$left/page.pdf");
$browser->stop;

SKIP:
{
	skip 'there is no pdfinfo and pdftotext here (poppler-utils)', 4 unless grep { -x "$_/pdftotext" } split /:/, $ENV{PATH};
	my ($exit, $info) = run_program('pdfinfo', $pdf);
	my ($pages) = $info =~ /^Pages:\s+(\d+)/m;

	is($exit, 0, 'printed: a PDF');
	like($info, qr/^Page size:.*\(A4\)/m, '... on A4');
	cmp_ok($pages, '>=', 3, '... of some pages');
	my (undef, $text) = run_program('pdftotext', '-layout', $pdf, '-');
	my ($heading) = slurp_file($page) =~ /<h1>([^<]+)</;

	like($text, qr/\Q$heading\E/, '... with its words');
}

# --- HTML -----------------------------------------------------------------------------

SKIP:
{
	skip 'there is no tidy here', 1 unless grep { -x "$_/tidy" } split /:/, $ENV{PATH};
	my (undef, undef, $complaints) = run_program('tidy', qw(-q -e --show-info no), $page);

	is($complaints, '', 'a validator has nothing to say');
}

done_testing();
