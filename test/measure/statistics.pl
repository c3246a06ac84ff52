# Whether intervals hold what they say, and what is not there is not found: by
# simulation, through the code that makes the figures of real runs.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Measure;

my $unit = "$FindBin::Bin/../unit";

theme('statistics', 'coverage of the intervals, and differences found where there are none');
system("make --no-print-directory -s -C '$unit' simulate >&2") == 0 or die "the simulation cannot be built\n";
progress('simulating runs of which the truth is known, two minutes');
open(my $simulation, '-|', "$unit/simulate", scaled(1000, 10)) or die "$unit/simulate: $!";
while (my $line = <$simulation>)
{
	chomp $line;
	my ($what, $share, $low, $high) = split /\t/, $line, -1;

	figure($what, sprintf '%.1f %%', 100 * $share);
	next if $low eq '';
	target(
		$low > 0 ? sprintf('from %.0f to %.0f %%', 100 * $low, 100 * $high) : sprintf('at most %.0f %%', 100 * $high),
		$share >= $low && $share <= $high);
}
close($simulation) or die "simulate: exit status " . ($? >> 8) . "\n";
