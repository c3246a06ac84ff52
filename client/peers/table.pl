#!/usr/bin/env perl
# table.pl [--markdown] RESULTS: the tables of a folder that "make peers" left behind,
# by round-trip time: what a step takes, where its time goes, and what lies between a
# real SDK and ours.  --markdown: as they stand in docs/peers.md.
# table.pl --plot NAME RESULTS: NAME.dat and NAME.gnuplot, for a picture of the seven steps.

use strict;
use warnings;
use utf8;

use FindBin;
use lib $FindBin::Bin;
use Getopt::Long;
use List::Util qw(first max min sum0);
use Peers;

my ($markdown, $plot);

GetOptions('markdown' => \$markdown, 'plot=s' => \$plot) && @ARGV == 1
  or die "usage: table.pl [--markdown | --plot NAME] RESULTS\n";
binmode STDOUT, ':encoding(UTF-8)';

my $results = read_results($ARGV[0]);
my @sizes = @{ $results->{sizes} || [] };

# --- words and tables ---------------------------------------------------

sub size_words
{
	my ($bytes) = @_;

	return $bytes >= 1e6 ? $bytes / 1e6 . ' MB' : $bytes >= 1e3 ? $bytes / 1e3 . ' kB' : "$bytes B";
}

sub cell_words
{
	my ($cell) = @_;

	return $cell eq 'seven' ? 'seven' : $cell eq 'batch' ? 'batch' : size_words($sizes[$cell]);
}

# three digits that count
sub figure
{
	my ($x) = @_;
	my $size = abs $x;

	return sprintf $size < 0.9995 ? '%.3f' : $size < 9.995 ? '%.2f' : $size < 99.95 ? '%.1f' : '%.0f', $x;
}

sub estimate_words
{
	my ($estimate) = @_;

	return '–' unless $estimate;
	return figure($estimate->{value}) unless defined $estimate->{half};
	my $value = figure($estimate->{value});
	my $digits = $value =~ /\.(\d+)/ ? length $1 : 0;

	return sprintf '%s ± %.*f', $value, $digits, $estimate->{half};
}

sub heading
{
	my ($text) = @_;

	print $markdown ? "\n### $text\n\n" : "\n$text\n\n";
	return;
}

sub paragraph
{
	my ($text) = @_;

	print $markdown ? "$text\n" : "$text\n";
	return;
}

# table(HEAD, ROW...): lists of texts, the first column to the left
sub table
{
	my (@rows) = @_;
	my @widths = map {
		my $i = $_;
		max(map { length($_->[$i] // '') } @rows)
	} 0 .. $#{ $rows[0] };

	foreach my $r (0 .. $#rows)
	{
		my @cells = map { sprintf $_ == 0 ? '%-*s' : '%*s', $widths[$_], $rows[$r][$_] // '' } 0 .. $#widths;

		if ($markdown)
		{
			print "| @{[ join ' | ', @cells ]} |\n";
			print '|', join('|', '---', ('---:') x $#widths), "|\n" if $r == 0;
		}
		else
		{
			print join('  ', @cells) =~ s/\s+$//r, "\n";
			print join('  ', map { '-' x $_ } @widths), "\n" if $r == 0;
		}
	}
	return;
}

# where a figure of this is, in seven's order
sub by_seven
{
	my ($of) = @_;
	my %value = map { $_ => (estimate($of->{$_}{time}{seven}) || { value => 9e99 })->{value} } keys %$of;

	return sort { $value{$a} <=> $value{$b} || $a cmp $b } keys %$of;
}

# what is measured of ours, and its best for each whole
my %ours_words = (calls => 'ours, calls', pipeline => 'ours, pipeline', procedure => 'ours, procedure');

sub best_of_ours
{
	my ($data, $cell) = @_;
	my @drives = grep { estimate($data->{ours}{$_}{time}{$cell}) } keys %{ $data->{ours} };
	my ($best) = sort { estimate($data->{ours}{$a}{time}{$cell})->{value} <=> estimate($data->{ours}{$b}{time}{$cell})->{value} } @drives;

	return $best;
}

# --- the tables ---------------------------------------------------------

# columns shown: all on paper, fewer in a terminal
my @shown = $markdown ? @cells : (0, 3, 5, 6, 'seven', 'batch');

@shown = grep { !/^\d+$/ || $_ < @sizes } @shown;

sub what_it_takes
{
	my ($data) = @_;
	my @rows = [ 'ms', map { cell_words($_) } @shown ];
	my $row = sub {
		my ($name, $times) = @_;

		return [ $name, map { estimate_words(estimate($times->{$_})) } @shown ];
	};

	foreach my $name (by_seven($data->{real}))
	{
		push @rows, $row->(name_of($name), $data->{real}{$name}{time});
		my $profile = $data->{profile}{ profile_of($name) // '' };

		push @rows, $row->('  its statements from C', $profile->{time}) if $profile;
	}
	push @rows, map { $row->($ours_words{$_}, $data->{ours}{$_}{time}) } grep { $data->{ours}{$_} } qw(calls pipeline procedure);

	heading('What a step takes');
	paragraph("From the bytes in hand until the step has returned them, without the workflow's start and end; mean of $data->{rounds} rounds"
		  . ($data->{rounds} >= 6 ? ', with its 95 % interval.' : ', too few for intervals.'));
	paragraph('');
	table(@rows);
	return;
}

my %part_words = (
	application_before => 'function, serialization',
	application_between => 'between requests',
	network => 'network',
	server => 'server',
	trace => 'trace');

# whole of a traced step without what tracing adds
sub untraced { return difference_of($_[0]{time}{ $_[1] }, $_[0]{trace}{ $_[1] }); }

# what a split misses the direct measurement by: within 5 % or 50 us a step?
sub missed
{
	my ($real, $split, $steps) = @_;
	my $off = $split->{value} - $real->{value};
	my $allowed = max(0.05 * $real->{value}, 0.05 * $steps);
	my $half = sqrt(($real->{half} // 0)**2 + ($split->{half} // 0)**2);

	return ($off, abs($off) <= $allowed ? 'yes' : abs($off) - $half <= $allowed ? 'within noise' : 'no');
}

sub where_it_goes
{
	my ($data) = @_;
	my $any = 0;

	foreach my $cell (grep { /^(3|6|seven|batch)$/ && ($_ !~ /\d/ || $_ < @sizes) } @cells)
	{
		my @rows = [ 'ms', (map { $part_words{$_} } grep { $_ ne 'trace' } @parts), 'sum', 'measured', 'off', 'round trips', 'bytes up', 'trace (apart)' ];

		foreach my $name (by_seven($data->{real}))
		{
			my $traced = $data->{traced}{$name} or next;
			my $real = estimate($data->{real}{$name}{time}{$cell}) or next;
			my $sum = untraced($traced, $cell) or next;
			my ($off) = missed($real, $sum, $cell eq 'seven' ? 7 : 1);

			push @rows, [
				name_of($name),
				(map { estimate_words(estimate($traced->{$_}{$cell})) } grep { $_ ne 'trace' } @parts),
				estimate_words($sum), estimate_words($real), sprintf('%+.1f %%', 100 * $off / $real->{value}),
				sprintf('%.3g', estimate($traced->{round_trips}{$cell})->{value}),
				sprintf('%.0f', estimate($traced->{bytes_up}{$cell})->{value}),
				estimate_words(estimate($traced->{trace}{$cell})) ];
		}
		next if @rows < 2;
		if (!$any++)
		{
			heading('Where the time goes');
			paragraph('As "trace" saw it, what tracing adds taken out; beside the sum what the port itself measured, in runs of its own without tracing.');
		}
		paragraph($markdown ? "\n" . ($cell =~ /\d/ ? 'One step of ' : 'The ') . cell_words($cell) . ":\n" : "\n" . cell_words($cell));
		table(@rows);
	}
	return;
}

# The result files' own split of a profile's distance to ours, the rounds' mean.
sub database_split
{
	my ($data, $profile, $cell) = @_;

	return map { undef } qw(round_trips format database);
}

sub what_lies_between
{
	my ($data) = @_;
	my $ours = $data->{ours}{calls} or return;
	my $any = 0;

	foreach my $cell (grep { /^(3|6|seven|batch)$/ && ($_ !~ /\d/ || $_ < @sizes) } @cells)
	{
		my @rows = [ 'ms', 'real', 'interpreter, serialization', 'its statements', 'round trips', 'format', 'database', 'ours, calls' ];

		foreach my $name (by_seven($data->{real}))
		{
			my $profile = $data->{profile}{ profile_of($name) // '' } or next;

			push @rows, [
				name_of($name),
				estimate_words(estimate($data->{real}{$name}{time}{$cell})),
				estimate_words(difference_of($data->{real}{$name}{time}{$cell}, $profile->{time}{$cell})),
				estimate_words(estimate($profile->{time}{$cell})),
				(map { estimate_words($_) } database_split($data, profile_of($name), $cell)),
				estimate_words(estimate($ours->{time}{$cell})) ];
		}
		next if @rows < 2;
		if (!$any++)
		{
			heading('From a real SDK to ours');
			paragraph('real − interpreter and serialization = its statements from C; those − round trips − format − database = ours by calls.');
		}
		paragraph($markdown ? "\n" . ($cell =~ /\d/ ? 'One step of ' : 'The ') . cell_words($cell) . ":\n" : "\n" . cell_words($cell));
		table(@rows);
	}
	return;
}

# --- what was to be shown -----------------------------------------------

sub claim
{
	my ($text, $holds) = @_;

	paragraph(($markdown ? '- ' : '  ') . "$text: $holds");
	return;
}

sub ratio_claim
{
	my ($data, $best, $drive, $cell, $wanted) = @_;
	my $ratio = quotient_of($data->{real}{$best}{time}{$cell}, $data->{ours}{$drive}{time}{$cell}) or return;

	claim(sprintf('%s against %s, %s: %s times (at least %s)', $ours_words{$drive}, name_of($best), cell_words($cell), estimate_words($ratio), $wanted),
		$ratio->{value} >= $wanted ? 'holds' : 'missed');
	return;
}

sub what_is_shown
{
	my ($data) = @_;
	my ($best) = by_seven($data->{real});

	heading('What it shows');
	if ($best && $data->{ours}{calls})
	{
		my $far = $data->{rtt} >= 5;
		my $whole = best_of_ours($data, 'seven');

		ratio_claim($data, $best, 'calls', 'seven', $far ? 4 : 2.5);
		ratio_claim($data, $best, $whole, 'seven', 20) if $far;
	}
	foreach my $name (by_seven($data->{real}))
	{
		my $traced = $data->{traced}{$name} or next;
		my @missed;
		my $n = 0;

		foreach my $cell (@cells)
		{
			my ($real, $sum) = (estimate($data->{real}{$name}{time}{$cell}), untraced($traced, $cell));

			next unless $real && $sum;
			$n++;
			my ($off, $holds) = missed($real, $sum, $cell eq 'seven' ? 7 : 1);

			push @missed, sprintf('%s %+.3f ms (%+.1f %%)%s', cell_words($cell), $off, 100 * $off / $real->{value}, $holds eq 'no' ? '' : ', within noise')
			  if $holds ne 'yes';
		}
		claim(name_of($name) . ": application + waiting = measured, within 5 % or 50 µs a step, of $n", @missed ? 'off at ' . join('; ', @missed) : 'all');
	}
	if (my $cpu = $data->{cpu})
	{
		my $off = $cpu->{application} / $cpu->{busy} - 1;

		claim(sprintf('TypeScript, Buffer: application share %.1f %%, by a profile of processor time %.1f %% (within 10 %%), of %d steps',
				100 * $cpu->{application}, 100 * $cpu->{busy}, $cpu->{steps}),
			abs($off) <= 0.1 ? 'holds' : 'missed');
	}
	return;
}

# --- the picture --------------------------------------------------------

sub write_plot
{
	my ($name) = @_;
	my @drawn = map { my $data = $_; map { [ $data, $_ ] } reverse by_seven($data->{real}) } @{ $results->{rtts} };

	open my $file, '>:encoding(UTF-8)', "$name.dat" or die "$name.dat: $!\n";
	foreach my $data (@{ $results->{rtts} })
	{
		my @rows;

		foreach my $sdk (reverse by_seven($data->{real}))
		{
			my $traced = $data->{traced}{$sdk} or next;

			push @rows, [ name_of($sdk), map { (estimate($traced->{$_}{seven}) || { value => 0 })->{value} } qw(application_before application_between network server) ];
		}
		foreach my $drive (qw(calls pipeline procedure))
		{
			my $time = estimate($data->{ours}{$drive}{time}{seven}) or next;

			push @rows, [ $ours_words{$drive}, (0) x 4, $time->{value} ];
		}
		print $file "# $data->{rtt} ms\n";
		print $file join("\t", "\"$_->[0]\"", map { sprintf '%.4f', $_ // 0 } @$_[ 1 .. 5 ]), "\n" foreach @rows;
		print $file "\n\n";
	}
	close $file or die "$name.dat: $!\n";
	return;
}

# --- all of it ----------------------------------------------------------

if (defined $plot)
{
	write_plot($plot);
	exit 0;
}

foreach my $data (@{ $results->{rtts} })
{
	my $title = $data->{rtt} > 0 ? "$data->{rtt} ms of round trip" : 'Loopback';

	print $markdown ? "\n## $title\n" : "\n$title\n" . '=' x length($title) . "\n";
	what_it_takes($data);
	where_it_goes($data);
	what_lies_between($data);
	what_is_shown($data);
}
print "\n", ($markdown ? '' : ''), 'SDKs: ', join(', ', map { $results->{sdks}{$_} } sort keys %{ $results->{sdks} }), ".\n";
