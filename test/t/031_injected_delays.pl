# Delays that are put into known places are found there: at least 98 % of them
# in their own part, and no other part moves by more than 2 % of them.

use strict;
use warnings;

use DbosPayload;
use Instrument;
use List::Util qw(min);
use PostgreSQL::Test::Utils;
use Proxy;
use Test::More;

plan skip_all => 'a sanitizer takes time of its own' if $ENV{DBOS_PAYLOAD_SANITIZED};

my $node = new_node('main', durable => 1, start => 0, conf => "autovacuum = off\n");
my $dir = PostgreSQL::Test::Utils::tempdir();

wal_in_memory($node);
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION dbos_payload');

my $proxy = Proxy->new($node);
my %by_proxy = (host => '127.0.0.1', port => $proxy->port);

# A step that sleeps where its row is written, if this session says so.
$node->safe_psql('postgres', <<'END');
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF current_setting('test.hold', true) = 'on' THEN
		PERFORM pg_sleep(0.010);
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER hold BEFORE INSERT ON dbos_payload.operation_outputs
	FOR EACH ROW EXECUTE FUNCTION hold();
END

# network: 5 ms each way, as long as the proxy really held them
injected('network', '5 ms each way by a proxy',
	sub {
		my ($delayed) = @_;

		$proxy->command($delayed ? 'delay 6' : 'delay 1');
		$proxy->command('reset');
		my $samples = steps({}, conninfo($node, %by_proxy));
		my %count = $proxy->count;

		$proxy->command('delay 0');
		return ($samples, 2 * $count{held});
	});

# commit: how long the server sleeps is found out by commits without our code
my $slow_commit = '-c commit_delay=10000 -c commit_siblings=0';

injected('commit', 'commit_delay',
	sub {
		my ($delayed) = @_;
		my %env = (PGOPTIONS => $delayed ? $slow_commit : '');

		return (steps(\%env, conninfo($node)), sleeping(\%env, <<'END'));
			PERFORM pg_catalog.pg_logical_emit_message(true, 'test', '');
			COMMIT;
END
	});

# store: so is how long pg_sleep sleeps
injected('store', 'a sleeping trigger',
	sub {
		my ($delayed) = @_;
		my %env = (PGOPTIONS => '-c test.hold=' . ($delayed ? 'on' : 'off'));

		return (steps(\%env, conninfo($node)),
			$delayed ? sleeping(\%env, 'PERFORM pg_sleep(0.010);') : 0);
	});

# decode: the library says how long it held the client
injected('decode', 'the client held before it looks at the answer',
	sub {
		my ($delayed) = @_;
		my $log = "$dir/held";
		my $samples = steps($delayed ? { HOLD_DECODE_LOG => $log } : {}, conninfo($node));

		return ($samples, $delayed ? slurp_file($log) + 0 : 0);
	});

hex_parameter();
$proxy->stop;
done_testing();

# steps(ENVIRONMENT, ARGUMENT...): samples of steps of 1 byte and of 100 kB.  After
# a delay everything is cold, and the next step takes longer: only first steps
# are looked at, after a pause that is not measured.
sub steps
{
	my ($env, @arguments) = @_;
	my $samples = run_samples({ env => { LD_PRELOAD => tool('hold_decode.so'), %$env } },
		'-n', 10, '--warmup', 1, '--no-baselines', '--sizes', '1,100000', @arguments);

	return {
		'1 byte' => $samples->{'size_workflow calls server 1'},
		'100 kB' => $samples->{'batch_size_workflow calls server 1'}
	};
}

# how long a statement takes in the server, in ms, by the server's clock
sub sleeping
{
	my ($env, $statement) = @_;
	local %ENV = (%ENV, %$env);

	return $node->safe_psql('postgres', <<"END");
CREATE TEMP TABLE durations (ms float8);
DO \$\$
DECLARE
	began timestamptz;
	durations float8[];
BEGIN
	FOR i IN 1 .. 11 LOOP
		began := clock_timestamp();
		$statement
		durations[i] := 1000 * extract(epoch FROM clock_timestamp() - began);
	END LOOP;
	INSERT INTO durations SELECT unnest(durations);
END \$\$;
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FROM durations;
END
}

# What hex text costs more than binary for a parameter of 1 MB: in the step by
# the server's clock, in its parts arrival and parse; in the baseline, which takes the
# payload and drops it, by the client's clock, less what comes after the function.
# Other work on the machine only ever adds, so the least of each is compared, of as many
# as it takes for each of the four to have had its turn without any: runs in turns, text
# first and binary first by turns, of enough iterations that most of their time is these.
sub hex_parameter
{
	my @samples = ({}, {});
	my $off;

	for my $attempt (1 .. 30)
	{
		foreach my $text ($attempt % 2 ? (0, 1) : (1, 0))
		{
			add_samples($samples[$text],
				run_samples('-n', 25, '--warmup', 1, '--origin', 'client', '--sizes', '1000000',
					'--result-format', $text ? 'text' : 'binary', conninfo($node)));
		}
		my ($step, $baseline) = map {
			my ($key, $ns) = @$_;
			my ($binary, $text) = map { min(map { $ns->($_) } @{ $_->{$key} }) } @samples;
			($text - $binary) / 1e6
		} (
			[ 'size_workflow calls client 1', sub { $_->{arrival_ns} + $_->{parse_ns} } ],
			[ 'baseline receive 1000000', sub { $_->{wait_ns} - $_->{output_ns} - $_->{commit_ns} } ]);

		$off = $step / $baseline - 1;
		diag(sprintf 'hex against binary, 1 MB: arrival and parse %+.3f ms, baseline %+.3f ms (%+.1f %%)',
			$step, $baseline, 100 * $off);
		last if abs($off) < 0.1;
	}
	cmp_ok(abs($off), '<', 0.1, 'arrival and parse: what a hex parameter costs is what the baseline says');
	return;
}

# injected(PART, NAME, SUB): SUB(0) runs without and SUB(1) with the delay; it
# gives the samples and how long was waited, in ms.  Turn by turn: without and with,
# then with and without; another attempt adds to the samples.
sub injected
{
	my ($part, $name, $run) = @_;
	my @samples = ({}, {});
	my @waits = ([], []);
	my @order = (0, 1);

	attempts(
		20,
		"$part: $name",
		sub {
			my @wrong;

			foreach my $delayed (@order)
			{
				my ($samples, $wait) = $run->($delayed);

				add_samples($samples[$delayed], $samples);
				push @{ $waits[$delayed] }, $wait;
			}
			@order = reverse @order;
			my $injected = median(@{ $waits[1] }) - median(@{ $waits[0] });

			return "only $injected ms were injected" if $injected < 9;
			foreach my $size ('1 byte', '100 kB')
			{
				my ($without, $with) = map { $_->{$size} } @samples;
				my %moved = map { $_ => p50($with, $_) - p50($without, $_) } @parts, 'unattributed';

				diag(sprintf '%s, %s: %.3f ms injected, %.1f %% of it found there; others: %s',
					$part, $size, $injected, 100 * $moved{$part} / $injected,
					join ' ', map { sprintf '%s %+.3f', $_, $moved{$_} } grep { $_ ne $part } sort keys %moved);
				push @wrong, sprintf '%s: %.3f of %.3f ms', $size, $moved{$part}, $injected
				  if $moved{$part} < 0.98 * $injected;
				foreach my $other (grep { $_ ne $part } sort keys %moved)
				{
					push @wrong, sprintf '%s: %s moved by %.3f ms', $size, $other,
					  $moved{$other}
					  if abs $moved{$other} > 0.02 * $injected;
				}
			}
			return @wrong;
		});
	return;
}
