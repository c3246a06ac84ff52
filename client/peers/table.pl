#!/usr/bin/env perl
# table.pl [--markdown | --short] RESULTS: the tables of a folder that
# "make peers" left behind, by round-trip time: what a step takes, where its time goes,
# and what lies between a real SDK and ours.
#
#   --markdown   as they stand in docs/peers.md
#   --short      one table of the wholes alone, as in the README

use strict;
use warnings;
use utf8;

use FindBin;
use lib $FindBin::Bin;
use Getopt::Long;
use List::Util qw(first max min sum0);
use Peers;

my ($markdown, $short);

GetOptions('markdown' => \$markdown, 'short' => \$short) && @ARGV == 1
  or die "usage: table.pl [--markdown | --short] RESULTS\n";
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
	paragraph("From the bytes in hand until the step has returned them, without the workflow's start and end; mean of $data->{rounds} round" . ($data->{rounds} == 1 ? '' : 's')
		  . ($data->{rounds} >= 6 ? ', with its 95 % interval.' : ', too few for intervals.'));
	paragraph('');
	table(@rows);
	return;
}

# cells that have a table of their own
my @split_cells = grep { /^(3|6|seven|batch)$/ && ($_ !~ /\d/ || $_ < @sizes) } @cells;

# whole of a traced step without what tracing adds
sub untraced { return difference_of($_[0]{time}{ $_[1] }, $_[0]{trace}{ $_[1] }); }

# tables_by_cell(TITLE, WORDS, HEAD, ROWS): a table for each of those cells; ROWS gives
# a cell's rows
sub tables_by_cell
{
	my ($title, $words, $head, $rows) = @_;
	my $begun = 0;

	foreach my $cell (@split_cells)
	{
		my @rows = $rows->($cell) or next;

		if (!$begun++)
		{
			heading($title);
			paragraph($words);
		}
		paragraph($markdown ? "\n" . ($cell =~ /\d/ ? 'One step of ' : 'The ') . cell_words($cell) . ":\n" : "\n" . cell_words($cell));
		table($head, @rows);
	}
	return;
}

sub percent { return sprintf '%+.1f %%', 100 * $_[0]; }

sub where_it_goes
{
	my ($data) = @_;

	tables_by_cell(
		'Where the time goes',
		'As "trace" saw it, with what tracing adds taken out of the parts and their sum.  Off: sum and tracing against what the port itself measured in the same runs.  Alone: what it measures without tracing.',
		[ 'ms', (map { $part_words{$_} } @shown_parts), 'sum', 'tracing', 'off', 'alone', 'round trips', 'bytes up' ],
		sub {
			my ($cell) = @_;
			my @rows;

			foreach my $name (by_seven($data->{real}))
			{
				my $traced = $data->{traced}{$name} or next;
				my $own = estimate($data->{through}{$name}{time}{$cell}) or next;
				my $sum = untraced($traced, $cell) or next;

				push @rows, [
					name_of($name), (map { estimate_words(estimate($traced->{$_}{$cell})) } @shown_parts),
					estimate_words($sum), estimate_words(estimate($traced->{trace}{$cell})),
					percent(estimate($traced->{time}{$cell})->{value} / $own->{value} - 1),
					estimate_words(estimate($data->{real}{$name}{time}{$cell})),
					sprintf('%.3g', estimate($traced->{round_trips}{$cell})->{value}),
					sprintf('%.0f', estimate($traced->{bytes_up}{$cell})->{value}) ];
			}
			return @rows;
		});
	return;
}

# What a real SDK takes more than its statements from C, by trace: its application's
# time, less the encoding that the profile does too.
sub application_more
{
	my ($data, $name, $cell) = @_;
	my ($traced, $profile) = ($data->{traced}{$name}, $data->{profile}{ profile_of($name) });
	my @rounds = map { defined $profile->{encode}{$cell}[$_] && defined $traced->{application_before}{$cell}[$_]
		? $traced->{application_before}{$cell}[$_] + $traced->{application_between}{$cell}[$_] - $profile->{encode}{$cell}[$_] : undef } 0 .. $data->{rounds} - 1;

	return estimate(\@rounds);
}

# The result files' own split of a profile's distance to ours, round by round.
sub profile_parts
{
	my ($data, $drive, $cell, $part) = @_;
	my @steps = $cell eq 'seven' ? (0 .. $#sizes) : $cell eq 'batch' ? 0 : $cell;
	my $workflow = $cell eq 'batch' ? 'batch_size_workflow' : 'size_workflow';

	return [ map {
			my $figures = $_;
			my @found = grep { defined } map {
				my $step = $_;
				my $of = first { $_->{drive} eq $drive && $_->{workflow} eq $workflow && $_->{step} == $step } @{ $figures->{profiles} || [] };

				$of ? $of->{$part}{value} : undef
			} @steps;

			@found == @steps ? sum0(@found) : undef
		} @{ $data->{figures} } ];
}

sub what_lies_between
{
	my ($data) = @_;
	my $ours = $data->{ours}{calls} or return;

	tables_by_cell(
		'From a real SDK to ours',
		"real − interpreter and serialization = its statements from C; those − round trips − format − database = ours by calls.  By trace: what the application took more than the profile's encoding, which should be the same as real − statements.",
		[ 'ms', 'real', 'interpreter, serialization', '(by trace)', 'its statements', 'round trips', 'format', 'database', 'ours, calls' ],
		sub {
			my ($cell) = @_;
			my @rows;

			foreach my $name (by_seven($data->{real}))
			{
				my $profile = $data->{profile}{ profile_of($name) // '' } or next;
				my ($real, $calls) = ($data->{real}{$name}{time}{$cell}, $ours->{time}{$cell});
				my ($trips, $format) = map { profile_parts($data, profile_of($name), $cell, "${_}_ms") } qw(round_trips format);
				my @more = map { defined $profile->{time}{$cell}[$_] && defined $calls->[$_] ? $profile->{time}{$cell}[$_] - $calls->[$_] : undef } 0 .. $#$calls;
				my @known = map { defined $trips->[$_] && defined $format->[$_] ? $trips->[$_] + $format->[$_] : undef } 0 .. $#$trips;

				push @rows, [
					name_of($name),
					map { estimate_words($_) } estimate($real), difference_of($real, $profile->{time}{$cell}),
					application_more($data, $name, $cell), estimate($profile->{time}{$cell}),
					estimate($trips), estimate($format), difference_of(\@more, \@known), estimate($calls) ];
			}
			return @rows;
		});
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

# round by round
sub minus
{
	my ($a, $b) = @_;

	return [ map { defined $a->[$_] && defined $b->[$_] ? $a->[$_] - $b->[$_] : undef } 0 .. max($#{ $a || [] }, $#{ $b || [] }) ];
}

# agreement(NAME, TEXT, OF): OF gives a cell's whole, and what something else is off by
sub agreement
{
	my ($name, $text, $of) = @_;
	my ($n, $noise, @off) = (0, 0);

	foreach my $cell (@cells)
	{
		my ($whole, $off) = $of->($cell);

		next unless $whole && $off;
		my $allowed = max(0.05 * $whole->{value}, 0.05 * ($cell eq 'seven' ? 7 : 1));

		$n++;
		next if abs $off->{value} <= $allowed;
		if (abs($off->{value}) - ($off->{half} // 0) <= $allowed) { $noise++; }
		else { push @off, cell_words($cell) . ' by ' . percent($off->{value} / $whole->{value}); }
	}
	return unless $n;
	claim(name_of($name) . ": $text, to 5 % or 50 µs a step", $n - $noise - @off . " of $n"
		  . ($noise ? ", $noise within their intervals" : '') . (@off ? '; off at ' . join ', ', @off : ''));
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
	foreach my $name (grep { $data->{traced}{$_} } by_seven($data->{real}))
	{
		my $traced = $data->{traced}{$name};
		my $profile = $data->{profile}{ profile_of($name) // '' };
		my ($real, $own) = map { $data->{$_}{$name}{time} } qw(real through);

		agreement($name, 'application + waiting + tracing = what it measured itself',
			sub { return (estimate($own->{ $_[0] }), difference_of($traced->{time}{ $_[0] }, $own->{ $_[0] })) });
		agreement($name, 'application + waiting = what it takes alone',
			sub { return (estimate($real->{ $_[0] }), difference_of(minus($traced->{time}{ $_[0] }, $traced->{trace}{ $_[0] }), $real->{ $_[0] })) });
		agreement($name, "application + its statements' waiting from C = what it takes alone",
			sub {
				my ($cell) = @_;
				my $waiting = minus($profile->{time}{$cell}, $profile->{encode}{$cell});

				return (estimate($real->{$cell}),
					difference_of(minus($traced->{application_before}{$cell}, minus(minus($real->{$cell}, $waiting), $traced->{application_between}{$cell})), [ (0) x @$waiting ]));
			}) if $profile && $profile->{encode};
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

# --- the shortest form --------------------------------------------------

# a row for each SDK, at its fastest, and ours
sub short_table
{
	my @wholes = map { my $data = $_; map { [ $data, $_ ] } qw(seven batch) } @{ $results->{rtts} };
	my (@rows, %seen);

	foreach my $name (by_seven($results->{rtts}[0]{real}))
	{
		next if $seen{ (split / /, $name)[0] }++;
		push @rows, [ name_of($name), map { estimate_words(estimate($_->[0]{real}{$name}{time}{ $_->[1] })) } @wholes ];
	}
	foreach my $drive (grep { $results->{rtts}[0]{ours}{$_} } qw(calls pipeline procedure))
	{
		push @rows, [ $ours_words{$drive}, map { estimate_words(estimate($_->[0]{ours}{$drive}{time}{ $_->[1] })) } @wholes ];
	}
	$markdown = 1;
	table([ 'ms', map { ($_->[1] eq 'seven' ? 'seven steps' : 'one batched') . ', ' . rtt_words($_->[0]{rtt}) } @wholes ], @rows);
	return;
}

# --- all of it ----------------------------------------------------------

if ($short)
{
	short_table();
	exit 0;
}

foreach my $data (@{ $results->{rtts} })
{
	my $title = ucfirst rtt_words($data->{rtt});

	print $markdown ? "\n## $title\n" : "\n$title\n" . '=' x length($title) . "\n";
	what_it_takes($data);
	where_it_goes($data);
	what_lies_between($data);
	what_is_shown($data);
}
print "\nSDKs: ", join(', ', map { $results->{sdks}{$_} } sort keys %{ $results->{sdks} }), ".\n";
