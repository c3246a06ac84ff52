# A parameter of 1 MB over a line of 20 MB/s takes as long as the line does: the
# time is in network and arrival, and never in parse, by all protocols.  Other work
# on the machine only ever adds, so the least of both together and of parse is looked
# at; which of the two it is that has the line, a server that wakes up late shifts, so
# there it is the median.

use strict;
use warnings;

use DbosPayload;
use Instrument;
use List::Util qw(min);
use Proxy;
use Test::More;

plan skip_all => 'a sanitizer takes time of its own' if $ENV{DBOS_PAYLOAD_SANITIZED};

my $rate = 20_000_000;

# The line that it is compared with is a line too: a server that has waited finds its
# caches cold, and then reads a long text more slowly.
my $fast_rate = 10 * $rate;
my $node = new_node('main', durable => 1, start => 0);

wal_in_memory($node);
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION dbos_payload');

my $proxy = Proxy->new($node);

# which part holds the line: what has arrived before the first message begins is
# the network's, what comes after it is arrival
my %part = (extended => 'arrival', prepared => 'network', simple => 'network');

foreach my $protocol (sort keys %part)
{
	my ($fast, $slow) = ({}, {});

	attempts(
		5,
		"$protocol: the line's time is in network and arrival",
		sub {
			my @run = (
				'-n', 5, '--warmup', 1, '--no-baselines', '--origin', 'client', '--sizes', 1_000_000,
				'-M', $protocol, '--result-format', $protocol eq 'simple' ? 'text' : 'binary',
				conninfo($node, host => '127.0.0.1', port => $proxy->port));

			$proxy->command("rate $fast_rate");
			add_samples($fast, run_samples(@run));
			$proxy->command("rate $rate");
			add_samples($slow, run_samples(@run));

			my ($without, $with) = map { $_->{'size_workflow calls client 1'} } $fast, $slow;
			my $line = 1000 * $with->[0]{wire_sent} / $rate;
			my @wire = map { ($_->{network_ns} + ($_->{arrival_ns} // 0)) / 1e6 } @$with;
			my $wire = min(@wire);
			my $own = p50($with, $part{$protocol});
			my $parse = least($with, 'parse') - least($without, 'parse');
			my @wrong;

			diag(sprintf '%s: %d bytes are %.1f ms of the line; network and arrival %.2f ms (%.1f %%), %s %.2f; parse moved by %+.2f ms',
				$protocol, $with->[0]{wire_sent}, $line, $wire, 100 * $wire / $line,
				$part{$protocol}, $own, $parse);
			push @wrong, "$wire of $line ms" if $wire < 0.95 * $line || $wire > 1.05 * $line;
			push @wrong, "$part{$protocol} has only $own of $line ms" if $own < 0.9 * $line;
			push @wrong, "parse moved by $parse ms" if $parse >= 2;
			return @wrong;
		});
}
$proxy->stop;
done_testing();
