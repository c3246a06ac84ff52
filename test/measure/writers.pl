# Writers of large steps to one workflow: do they wait for each other?

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Measure;

my $writers = 8;
my $rounds = scaled(8, 3);
my $steps = scaled(30, 5);

# "spread" is 0 or 1: all on writers-0, or each on its own
my $script = <<'END';
\set n :n + 1
\set fid :client_id * 100000 + :n
SELECT length(dbos_payload.payload_step('writers-' || :client_id::int * :spread::int, :fid, 1000000));
END

theme('writers', "$writers writers of 1 MB on one workflow, and on one each");
my (@one, @each);

in_turn(
	$rounds,
	sub { progress("round $_[0] of $rounds"); push @one, steps_per_second(0); },
	sub { push @each, steps_per_second(1); });
my $found = compare_rounds(\@one, \@each);

figure(
	"$writers writers on one workflow against $writers on $writers workflows, steps of 1 MB per second",
	sprintf('%.1f against %.1f: %.3f times (%d %%: %.3f .. %.3f); medians over %d rounds of %d steps each, in turn',
		@$found{qw(a b ratio confidence low high)}, $rounds, $steps * $writers));
target('at least 0.9 times', $found->{ratio} >= 0.9, $found->{low} < 0.9 && $found->{high} >= 0.9);

# from empty tables, with all that came before on disk
sub steps_per_second
{
	my ($spread) = @_;

	sql(
		'TRUNCATE dbos_payload.operation_outputs, dbos_payload.workflow_status',
		"SELECT dbos_payload.start_workflow('writers-' || i, 'measure') FROM generate_series(0, $writers - 1) AS i",
		'CHECKPOINT');
	my $report = pgbench($script, '-M', 'prepared', '-c', $writers, '-j', 2, '-t', $steps,
		'-D', "spread=$spread", '-D', 'n=0')->{report};
	my @tps = $report =~ /^tps = ([\d.]+)/mg;

	return $tps[-1] // die "pgbench: no figure\n$report";
}
