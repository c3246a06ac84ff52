#!/usr/bin/env perl
# picture.pl RESULTS FILE: a picture of the seven steps of a folder that "make peers"
# left behind, a PNG, by gnuplot.

use strict;
use warnings;
use utf8;

use FindBin;
use lib $FindBin::Bin;
use List::Util qw(min sum0);
use Peers;

@ARGV == 2 or die "usage: picture.pl RESULTS FILE\n";
my $results = read_results($ARGV[0]);

# the seven steps of each, its parts on one another, a panel a round-trip time
my @colours = ('#AA4499', '#CC6677', '#88CCEE', '#4477AA', '#999999');
my @drawn = (@shown_parts, 'ours');

sub draw
{
	my ($path) = @_;
	my @panels = @{ $results->{rtts} };
	my @program = (
		'set encoding utf8',
		sprintf(q{set terminal pngcairo size 1300, %d font 'DejaVu Sans,12' noenhanced background rgb 'white'}, 120 + 330 * @panels),
		"set output '" . $path =~ s/'/''/gr . "'",
		sprintf(q{set multiplot layout %d, 1 title 'Seven steps, 1 B to 1 MB: DBOS''s SDKs, and ours' font ',16'}, scalar @panels),
		'set border 1 linecolor rgb "#666666"', 'set tics nomirror out', 'set ytics scale 0',
		'set grid xtics linetype 1 linecolor rgb "#DDDDDD"', 'set style fill solid 1.0 noborder',
		'set lmargin 32', 'set rmargin 6', 'set key outside bottom center horizontal Left reverse samplen 1.5',
		'set xlabel "ms"');

	foreach my $data (@panels)
	{
		my @bars = reverse(
			(map { my $name = $_; [ name_of($name), map { (estimate($data->{traced}{$name}{$_}{seven}) || { value => 0 })->{value} } @shown_parts ] }
				reverse grep { $data->{traced}{$_} } by_seven($data->{real})),
			(map { [ $ours_words{$_}, (0) x @shown_parts, (estimate($data->{ours}{$_}{time}{seven}) || { value => 0 })->{value} ] }
				grep { $data->{ours}{$_} } qw(calls pipeline procedure)));
		my @totals = sort { $b <=> $a } map { sum0(@$_[ 1 .. $#$_ ]) } @bars;

		next unless @bars > 1;
		# one that is far longer than all others is cut off
		my $end = 1.12 * ($totals[0] > 3 * $totals[1] ? $totals[1] : $totals[0]);
		my @plots;

		push @program, sprintf(q{set title '%s' font ',13'}, ucfirst rtt_words($data->{rtt})), 'unset label',
		  "set xrange [0:$end]", "set yrange [-0.6:@{[ $#bars + 0.6 ]}]",
		  'set ytics (' . join(', ', map { sprintf q{'%s' %d}, $bars[$_][0] =~ s/'/''/gr, $_ } 0 .. $#bars) . ')';
		foreach my $i (0 .. $#bars)
		{
			my $total = sum0(@{ $bars[$i] }[ 1 .. $#{ $bars[$i] } ]);

			push @program, sprintf q{set label '%s' at %f, %d left offset 0.5, 0 front font ',11'}, ($total > $end ? '→ ' : '') . figure($total),
			  $total > $end ? $end : $total, $i;
		}
		foreach my $p (0 .. $#drawn)
		{
			push @program, sprintf('$part%d << END', $p);
			foreach my $i (0 .. $#bars)
			{
				my $before = sum0(map { $_ // 0 } @{ $bars[$i] }[ 1 .. $p ]);
				my $after = $before + ($bars[$i][ $p + 1 ] // 0);

				push @program, sprintf '%f %d %f %f %f %f', $before, $i, min($before, $end), min($after, $end), $i - 0.36, $i + 0.36;
			}
			push @program, 'END';
			push @plots, sprintf q{$part%d using 1:2:3:4:5:6 with boxxyerror linecolor rgb '%s' title '%s'}, $p, $colours[$p], $part_words{ $drawn[$p] } // 'ours, whole';
		}
		push @program, 'plot ' . join ', ', @plots;
	}
	push @program, 'unset multiplot';

	open my $gnuplot, '|-:encoding(UTF-8)', 'gnuplot', '-d', '-' or die "gnuplot: $!\n";
	print $gnuplot map { "$_\n" } @program;
	close $gnuplot or die "gnuplot failed\n";
	return;
}

draw($ARGV[1]);
