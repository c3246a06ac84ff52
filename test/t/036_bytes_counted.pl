# What the instrument says of bytes, counted in other ways: on the wire by a proxy,
# in the WAL by the server's insert position.  Nothing here is a time.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use Instrument;
use List::Util qw(sum0);
use PostgreSQL::Test::Utils;
use Proxy;
use Test::More;

my $node = new_node('main', durable => 1, conf => "autovacuum = off\ncheckpoint_timeout = 1h\n");
my $dir = PostgreSQL::Test::Utils::tempdir();

wire_bytes();
wal_bytes();
done_testing();

# Every call's bytes, exactly: the proxy finds messages in the stream, the client
# works out from what it gave to libpq and got from it.
sub wire_bytes
{
	my $log = "$dir/proxy.log";
	my $proxy = Proxy->new($node, log => $log);
	my $connections = 0;
	my ($exchanges, $mismatches) = (0, 0);

	foreach my $how (
		[qw(-M extended)], [qw(-M extended --result-format text)],
		[qw(-M prepared)], [qw(-M prepared --result-format text)],
		[qw(-M simple --result-format text)])
	{
		foreach my $drive (grep { "@$how" !~ /simple/ || $_ ne 'pipeline' } all_drives())
		{
			my $samples = run_samples({ first => 1 }, '--blocks', 2, '-n', 2, '--warmup', 0,
				'--no-baselines', @$how, '--sizes', '0,1,1000,100001', '--drive', $drive,
				'--origin', 'all', conninfo($node, host => '127.0.0.1', port => $proxy->port));
			my %count = $proxy->count;
			my @numbers = $connections + 1 .. $count{connections};

			$connections = $count{connections};
			foreach my $number (@numbers)
			{
				wait_until { slurp_file($log) =~ /^$number .* end$/m } 10;
			}
			my @lines = grep { $_->[0] >= $numbers[0] } map { [ split ' ', $_, 4 ] } split /\n/, slurp_file($log);

			foreach my $number (@numbers)
			{
				my @all = grep { $_->[0] == $number } @lines;
				my $end = pop @all;

				# nothing escapes the proxy: exchanges and Terminate are all there is
				$mismatches++
				  if $end->[3] ne 'end'
				  || $end->[1] != 5 + sum0(map { $_->[1] } @all)
				  || $end->[2] != sum0(map { $_->[2] } @all);
			}

			my %counted = counted_workflows(@lines);
			foreach my $origin (qw(server client))
			{
				my @counted = @{ $counted{$origin} };

				# A block: the first calls, two iterations, and the one that reads the
				# processor's clocks, which is no sample.  In each of them the two
				# workflows, in an order of their own.
				foreach my $block (1, 2)
				{
					foreach my $iteration (0 .. 2, 'processor')
					{
						my @these = splice @counted, 0, 2;
						my @said;

						$exchanges += map { @$_ } @these;
						next if $iteration eq 'processor';
						foreach my $workflow (qw(size_workflow batch_size_workflow))
						{
							my @ids = $drive ne 'calls' ? 'total' : $workflow =~ /^size/ ? (1 .. 4) : 1;

							push @said, join ' ',
							  map { "$_->{wire_sent}/$_->{wire_received}" }
							  grep { $_->{block} == $block && $_->{iteration} == $iteration }
							  map { @{ $samples->{"$workflow $drive $origin $_"} } } @ids;
						}
						my $said = join ', ', sort @said;
						my $seen = join ', ', sort map { bytes_of($drive, @$_) } @these;

						next if $said eq $seen;
						$mismatches++;
						diag("@$how, drive $drive, origin $origin, block $block, iteration $iteration: ",
							"said $said, counted $seen");
					}
				}
				$mismatches++ if @counted;
			}
		}
	}
	$proxy->stop;
	cmp_ok($exchanges, '>=', 560, "wire bytes: $exchanges exchanges counted by a proxy");
	is($mismatches, 0, 'wire bytes: equal, every one of them');
	return;
}

# counted_workflows(LINE...): of a run's lines of the log a hash from the origin to
# its workflows in their order, each an array of its timed exchanges.  A workflow
# ends where its timings are asked for.
sub counted_workflows
{
	my $step = qr/(?:SELECT|CALL) dbos_payload\.(?:commit_)?(size|payload|record)_steps?\(/;
	my (%workflows, %prepared, $origin, @steps);

	foreach my $line (@_)
	{
		my ($number, undef, undef, $label) = @$line;
		my ($name) = $label =~ /^(?:P|B )(dbos_payload_\d+)/;

		if ($label =~ /^P SELECT \* FROM dbos_payload\.step_timings/)
		{
			push @{ $workflows{$origin} }, [@steps];
			@steps = ();
		}
		elsif ($label =~ /^(?:P\w* |Q)$step/)
		{
			$origin = $1 eq 'record' ? 'client' : 'server';
			if (defined $name) { $prepared{"$number $name"} = $origin; }
			else { push @steps, $line; }
		}
		elsif (defined $name)
		{
			$origin = $prepared{"$number $name"};
			push @steps, $line;
		}
	}
	return %workflows;
}

# bytes_of(DRIVE, LINE...): a workflow's "SENT/RECEIVED", of separate calls for each
# of them
sub bytes_of
{
	my ($drive, @lines) = @_;

	return join ' ', map { "$_->[1]/$_->[2]" } @lines if $drive eq 'calls';
	return sum0(map { $_->[1] } @lines) . '/' . sum0(map { $_->[2] } @lines);
}

# The insert position moves by each record, rounded up to 8 bytes (in 32-bit
# programs 4), and by each page's header: 20 bytes, rounded up likewise, at the
# start of a segment 16 more.
sub wal_bytes
{
	my @sizes = (0, 1, 1000, 1999, 10_000, 100_000, 1_000_000, 5_000_000);
	my @wrong;

	# whoever reads a page of a catalog may have to prune it, which is WAL too
	my $script = "VACUUM;\nSELECT dbos_payload.start_workflow('wal', 'wal');\n";

	foreach my $i (0 .. $#sizes)
	{
		$script .= <<END;
SELECT pg_current_wal_insert_lsn() AS before \\gset
SELECT length(dbos_payload.payload_step('wal', $i, $sizes[$i]));
SELECT 'lsn', :'before'::pg_lsn - '0/0', pg_current_wal_insert_lsn() - '0/0',
	wal_bytes, wal_records, payload_bytes FROM dbos_payload.last_step_timing();
END
	}
	my $segment = $node->safe_psql('postgres',
		"SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'");
	my $alignment = $node->safe_psql('postgres', 'SELECT max_data_alignment FROM pg_control_init()');
	my $header = $alignment * int((20 + $alignment - 1) / $alignment);
	my @lines = grep { /^lsn/ } split /\n/, $node->safe_psql('postgres', $script);

	is(scalar @lines, scalar @sizes, 'WAL: every step has its row');
	foreach my $line (@lines)
	{
		my (undef, $before, $after, $bytes, $records, $size) = split /\|/, $line;
		my $pages = int($after / 8192) - int($before / 8192);
		my $segments = int($after / $segment) - int($before / $segment);
		my $moved = $after - $before - $header * $pages - 16 * $segments;

		push @wrong, "$size bytes: said $bytes in $records records, the position moved by $moved"
		  if $moved < $bytes || $moved > $bytes + ($alignment - 1) * $records;
	}
	ok(!@wrong, 'WAL bytes: as the insert position moved, but for alignment')
	  or diag(join "\n", @wrong);
	return;
}
