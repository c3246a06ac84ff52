# What the instrument says of times, measured in other ways: execution by
# pg_stat_statements, round trips by pgbench.

use strict;
use warnings;

use DbosPayload;
use Instrument;
use List::Util qw(sum0);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', durable => 1, conf => <<END);
shared_preload_libraries = 'pg_stat_statements'
autovacuum = off
checkpoint_timeout = 1h
END
my $dir = PostgreSQL::Test::Utils::tempdir();

$node->safe_psql('postgres', 'CREATE EXTENSION pg_stat_statements');
execution_time();
pgbench();
done_testing();

# pg_stat_statements times the executor: our function and, where a payload is
# returned, its conversion and sending.  The means of all calls are compared: a
# block's last iteration, which reads the processor's clocks too, is the server's
# alone to tell of, one in twenty.
sub execution_time
{
	foreach my $origin (qw(client server))
	{
		attempts(
			3,
			"pg_stat_statements agrees, origin $origin",
			sub {
				my $blocks = 2;

				$node->safe_psql('postgres', 'SELECT pg_stat_statements_reset()');
				my $samples = run_samples({ first => 1 }, '--blocks', $blocks, '-n', 18, '--warmup', 0,
					'--no-baselines', '--origin', $origin, '--sizes', join(',', (100_001) x 4),
					conninfo($node));
				my ($calls, $executed) = split /\|/, $node->safe_psql('postgres', <<'END');
SELECT sum(calls), sum(total_exec_time) / sum(calls) FROM pg_stat_statements
WHERE query ~ '^SELECT dbos_payload.(payload|record)_step\('
END
				my @rows = map { @{ $samples->{$_} } } grep { !/total$/ } keys %$samples;
				my %mean = map {
					my $part = $_;
					$part => sum0(map { $_->{"${part}_ns"} // 0 } @rows) / 1e6 / @rows
				} qw(check generate store output);
				my $ours = $mean{check} + $mean{generate} + $mean{store};
				my $off = 100 * ($executed / $ours - 1);
				my $unsampled = 5 * $blocks;

				return "calls: @{[ scalar @rows ]} and $unsampled of ours, $calls of theirs"
				  if $calls != @rows + $unsampled;
				diag(sprintf
					  'origin %s, %d calls: pg_stat_statements %.3f ms, check + generate + store %.3f ms (%+.1f %%), output %.3f ms',
					$origin, $calls, $executed, $ours, $off, $mean{output});

				# the answer of origin client is a word
				return "off by $off %" if $off < -5 || ($origin eq 'client' && $off > 5);
				return 'executed for longer than all phases together'
				  if $executed > 1.05 * ($ours + $mean{output});
				return ();
			});
	}
	return;
}

# The same call by pgbench, turn by turn.  How near depends on the machine: a
# figure to look at.
sub pgbench
{
	my $script = "$dir/step.sql";
	my (@theirs, @ours);

	append_to_file($script,
		"\\set f random(0, 2000000000)\nSELECT dbos_payload.payload_step('pgbench', :f, 1001);\n");
	$node->safe_psql('postgres', "SELECT dbos_payload.start_workflow('pgbench', 'pgbench')");
	for (1 .. 4)
	{
		my ($exit, $out, $err) = run_program(
			'pgbench', '-n', '-M', 'extended', '-t', 300, '-f', $script, '-h', $node->host,
			'-p', $node->port, 'postgres');
		my $samples = run_samples('-n', 4, '--warmup', 1, '--no-baselines', '--result-format', 'text',
			'--sizes', join(',', (1001) x 50), conninfo($node));
		my @steps = map { $_->{round_trip_ns} / 1e6 }
		  map { @{ $samples->{"size_workflow calls server $_"} } } 1 .. 50;

		push @theirs, $1 if $out =~ /latency average = ([\d.]+) ms/;
		push @ours, sum0(@steps) / @steps;
	}
	is(scalar @theirs, 4, 'pgbench: it gave its figures') or return;
	my ($theirs, $ours) = (median(@theirs), median(@ours));
	diag(sprintf 'a step of 1 kB, mean: pgbench %.4f ms, dbos_payload_bench %.4f ms (%+.1f %%)',
		$theirs, $ours, 100 * ($ours / $theirs - 1));
	ok($ours > $theirs / 2 && $ours < $theirs * 2, 'pgbench: the same order');
	return;
}
