# What timing costs: the same step with dbos_payload.timing on and off, in turn
# in one session.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Measure;

theme('timing', 'what timing the steps costs them');
timing('durable', 'on', scaled(20_000, 200), 1);
timing('synchronous_commit off', 'off', scaled(40_000, 200), 0);

sub timing
{
	my ($what, $synchronous_commit, $n, $percent) = @_;

	progress("timing, $what");
	my $step = "SELECT dbos_payload.size_step('timing-$synchronous_commit', \$1, 0, NULL, 0)";
	my %ns = (on => [], off => []);

	# whichever statement is prepared first takes some tenths of a us longer, also
	# where both are the same: each is so in one half of the calls
	foreach my $names ([ 'on', 'off' ], [ 'off', 'on' ], [ 'off', 'on' ], [ 'on', 'off' ])
	{
		my $calls = alternate(
			'-n', $n / 4, '-w', 100,
			'-s', "SET synchronous_commit = $synchronous_commit",
			'-s', 'TRUNCATE dbos_payload.operation_outputs',
			'-s', "SELECT dbos_payload.start_workflow('timing-$synchronous_commit', 'measure')",
			map { ($_, "SET dbos_payload.timing = $_", $step) } @$names);

		push @{ $ns{$_} }, map { $_->{ns} / 1000 } @{ $calls->{$_} } foreach @$names;
	}
	my $found = compare_p50(@ns{qw(on off)});
	my @times = @$found{qw(difference difference_low difference_high)};

	figure(
		"timing on against off, a step of 1 byte, $what, p50",
		sprintf('%.1f against %.1f us: %+.2f us (95 %%: %+.2f .. %+.2f), %+.2f %% (95 %%: %+.2f .. %+.2f); %d calls each',
			@$found{qw(a b)}, @times, map({ 100 * ($_ - 1) } @$found{qw(ratio low high)}), $n));
	target('less than 2 us', $times[0] < 2, $times[1] < 2 && $times[2] >= 2);
	target('at most 1 %', $found->{ratio} <= 1.01, $found->{low} <= 1.01 && $found->{high} > 1.01)
	  if $percent;
	return;
}
