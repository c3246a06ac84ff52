# Sixteen clients at once: our 1-byte steps beside pgbench's bare INSERT of the same
# columns, and what a stall does to an open and a closed loop.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Measure;

my $clients = 16;
my $rounds = scaled(12, 3);
my $seconds = scaled(4, 1);

# what a recorded step is, without the check, the workflow's row and the function
my $insert = <<'END';
\set n :n + 1
INSERT INTO dbos_payload.operation_outputs
	(workflow_uuid, function_id, function_name, output, started_at_epoch_ms, completed_at_epoch_ms)
	VALUES ('pgbench-' || :client_id, :n, 'step', '\x61'::bytea, NULL, 1764000000000);
END

# the client's own event loop, which the experiment is made with
my $unit = "$FindBin::Bin/../unit";

theme('concurrency', "$clients clients at once, steps of 1 byte");
system("make --no-print-directory -s -C '$unit' load >&2") == 0 or die "the event loop cannot be built\n";

my (@ours, @theirs, @our_cpu, @their_cpu);

in_turn(
	$rounds,
	sub { progress("round $_[0] of $rounds"); measure_ours(); },
	\&measure_theirs);

my $rate = compare_rounds(\@ours, \@theirs);
my $cpu = compare_rounds(\@our_cpu, \@their_cpu);

figure(
	"record_step by dbos_payload_bench's event loop against pgbench -M prepared's bare INSERT, per second",
	sprintf('%.0f against %.0f: %.3f times (%d %%: %.3f .. %.3f); medians over %d rounds of %d s each, in turn',
		@$rate{qw(a b ratio confidence low high)}, $rounds, $seconds));
target('at least 0.95 times', $rate->{ratio} >= 0.95, $rate->{low} < 0.95 && $rate->{high} >= 0.95);
figure(
	'processor time of the client for each, connecting and all',
	sprintf('%.1f us against %.1f us: %.3f times (%d %%: %.3f .. %.3f)', @$cpu{qw(a b ratio confidence low high)}));
target('no more than pgbench', $cpu->{ratio} <= 1, $cpu->{low} <= 1 && $cpu->{high} > 1);

# of the steps of an open loop that are due within 100 ms in which none is answered all
# are told to have waited; of a closed loop's only those under way
foreach my $rate (0, 200)
{
	my $said = `$unit/load stall 4 $rate`;

	figure(
		$rate ? "an open loop at $rate steps a second, stalled for 100 ms" : 'a closed loop of 4 clients, stalled for 100 ms',
		$said =~ /^in (\d+) waited (\d+) across (\d+)/
		? "steps due in the stall: $1, told to have waited for its end: $2; told to have lasted over its end: $3"
		: die "load: $said");
	target('more than there are clients', $2 > 4) if $rate;
}

# from empty tables, with all that came before on disk
sub begin
{
	sql('TRUNCATE dbos_payload.operation_outputs, dbos_payload.workflow_status', 'CHECKPOINT');
	return (times)[2] + (times)[3];
}

# of programs that have ended
sub cpu_us { my ($began, $steps) = @_; return 1e6 * ((times)[2] + (times)[3] - $began) / $steps; }

sub measure_ours
{
	my $began = begin();
	my ($steps) = `$unit/load steps $clients $seconds` =~ /^steps (\d+)/ or die "load: no figure\n";

	push @our_cpu, cpu_us($began, $steps);
	push @ours, $steps / $seconds;
	return;
}

sub measure_theirs
{
	my $began = begin();
	my $report = pgbench($insert, '-M', 'prepared', '-c', $clients, '-j', 1, '-T', $seconds, '-D', 'n=0')->{report};
	my ($steps) = $report =~ /^number of transactions actually processed: (\d+)/m or die "pgbench: no figure\n$report";
	my ($tps) = $report =~ /^tps = ([\d.]+) \(without/m or die "pgbench: no figure\n$report";

	push @their_cpu, cpu_us($began, $steps);
	push @theirs, $tps;
	return;
}
