# The experiment budget three times: whether their intervals agree, and whether the size
# that each found keeps the budget when it is measured again.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Measure;

my $repeats = 3;
my $budget = $ENV{BUDGET} // '10ms';
my $seconds = scaled(80, 10);
my (%edges, %confirmed);

theme('budget', "the largest payload whose p95 stays within $budget, found $repeats times");
foreach my $repeat (1 .. $repeats)
{
	progress("repeat $repeat of $repeats");
	take(bench_experiment('budget', '--budget', $budget, '-T', $seconds));
}

my ($agree, $pairs, $kept, $sizes) = (0, 0, 0, 0);

foreach my $way (sort keys %edges)
{
	my @edges = @{ $edges{$way} };
	my @found = grep { defined $_->{largest} } @{ $confirmed{$way} };

	figure(
		"$way: bytes at which p95 is the budget (95 %), and the size that was confirmed",
		join '; ', map { sprintf '%.0f (%s): %s', $edges[$_]{value}, range($edges[$_]), said($confirmed{$way}[$_]) } 0 .. $#edges);
	foreach my $i (0 .. $#edges)
	{
		foreach my $j ($i + 1 .. $#edges)
		{
			next unless defined $edges[$i]{low} && defined $edges[$j]{low};
			$pairs++;
			$agree++ if $edges[$i]{low} <= $edges[$j]{high} && $edges[$j]{low} <= $edges[$i]{high};
		}
	}
	$sizes += @found;
	$kept += grep { $_->{p95} <= $_->{budget} } @found;
}
figure('repeats whose intervals meet', "$agree of $pairs pairs");
target('all', $agree == $pairs);
figure('sizes found that keep the budget when they are measured again', "$kept of $sizes");
target('all', $kept == $sizes);

# what a repeat says of each way
sub take
{
	my ($result) = @_;
	my ($table) = grep { $_->{name} eq 'ways' } @{ $result->{tables} };
	my ($ms) = map { $_->{value} =~ /^([\d.]+) ms/ } grep { $_->{name} eq 'budget' } @{ $result->{parameters} };
	my @columns = map { $_->{name} } @{ $table->{columns} };

	foreach my $row (@{ $table->{rows} })
	{
		my %cells;

		@cells{@columns} = @{ $row->{cells} };
		my $way = "$cells{drive}{text}, $cells{origin}{text}";

		push @{ $edges{$way} }, $cells{edge}{estimate} // {};
		push @{ $confirmed{$way} },
		  { budget => $ms, largest => $cells{payload}{estimate}{value}, p95 => $cells{p95}{estimate}{value}, n => $cells{p95}{n} };
	}
	return;
}

sub range { return defined $_[0]{low} ? sprintf('%.0f .. %.0f', @{ $_[0] }{qw(low high)}) : 'no interval'; }

sub said
{
	my ($found) = @_;

	return sprintf('%s, p95 %s ms, n %d', defined $found->{largest} ? "$found->{largest} B" : 'none', ms($found->{p95} // 0), $found->{n} // 0);
}
