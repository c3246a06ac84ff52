# With 10 ms to the server and back, seven durable steps by pipeline or procedure
# take little more than one round trip longer than without.  What is asserted is
# everything but the server's own work, which takes longer when the machine is
# busy with something else; the whole is shown.

use strict;
use warnings;

use DbosPayload;
use Instrument;
use Proxy;
use Test::More;

plan skip_all => 'a sanitizer takes time of its own' if $ENV{DBOS_PAYLOAD_SANITIZED};

my $node = new_node('main', durable => 1, start => 0);

wal_in_memory($node);
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION dbos_payload');

my $proxy = Proxy->new($node);
my ($here, $there) = ({}, {});
my @drives = grep { $_ ne 'calls' } all_drives();

attempts(
	12,
	'seven steps, at most 1.3 round trips',
	sub {
		my @run = (
			'-n', 3, '--warmup', 1, '--no-baselines', '--origin', 'all', '--drive', join(',', @drives),
			conninfo($node, host => '127.0.0.1', port => $proxy->port));
		my @wrong;

		$proxy->command('delay 0');
		add_samples($here, run_samples(@run));
		$proxy->command('delay 5');
		$proxy->command('reset');
		add_samples($there, run_samples(@run));
		my %count = $proxy->count;
		my $round_trip = 2 * $count{held};

		foreach my $drive (map { ("$_ server", "$_ client") } @drives)
		{
			my @samples = map { $_->{"size_workflow $drive total"} } $here, $there;
			my ($near, $far) = map { least($_, 'round_trip') } @samples;
			my ($near_way, $far_way) = map {
				median(map { $_->{round_trip_ns} - $_->{server_total_ns} } @$_) / 1e6
			} @samples;
			my $more = sprintf '%.2f', ($far_way - $near_way) / $round_trip;

			diag(sprintf
				  '%s: %.3f ms here, %.3f ms at %.3f ms away: %.2f round trips more, %s without the server',
				$drive, $near, $far, $round_trip, ($far - $near) / $round_trip, $more);
			push @wrong, "$drive: $more round trips" if $more > 1.3;
		}
		return @wrong;
	});
$proxy->stop;
done_testing();
