# The parts of a round trip add up: what no phase claims is at most 1 % of it,
# or 2 us, for every size, drive and origin, over a Unix socket and TCP.  That is
# a real remainder: where a phase's stamp is left out, it shows.

use strict;
use warnings;

use DbosPayload;
use File::Copy;
use Instrument;
use List::Util qw(max sum0);
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'a sanitizer takes time of its own' if $ENV{DBOS_PAYLOAD_SANITIZED};

my $node = new_node('main', durable => 1, tcp => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();

# What does not add up in these samples?  The remainder is worked out here, of
# the intervals and their phases, and not taken from the client.
sub remainders
{
	my ($samples) = @_;
	my @wrong;

	foreach my $key (sort keys %$samples)
	{
		my @rows = @{ $samples->{$key} };
		my (@left, @said);

		# steps of one message have no round trips of their own
		next if !defined $rows[0]{round_trip_ns};
		foreach my $row (@rows)
		{
			my %ns = map { $_ => $row->{"${_}_ns"} // 0 } @parts,
			  qw(round_trip wait server_total unattributed);
			my $left = $ns{server_total} - sum0(@ns{@server_parts})
			  + $ns{round_trip} - $ns{encode} - $ns{wait} - $ns{decode};

			push @left, abs($left);
			push @said, abs($ns{round_trip} - sum0(@ns{@parts}) - $ns{unattributed});
		}

		my $round_trip = 1e6 * p50(\@rows, 'round_trip');
		push @wrong, sprintf('%s: %.1f us of %.1f us belong to no part', $key,
			median(@left) / 1e3, $round_trip / 1e3)
		  if median(@left) > max(0.01 * $round_trip, 2000);
		push @wrong, "$key: the parts and unattributed are not the round trip"
		  if max(@said) > 100;
	}
	return @wrong;
}

foreach my $host ($node->host, '127.0.0.1')
{
	my $transport = $host eq $node->host ? 'Unix socket' : 'TCP';

	attempts(
		5,
		"parts add up over $transport",
		sub {
			my $samples = run_samples('-n', 5, '--warmup', 1, '--no-baselines', '--drive', 'all', '--origin', 'all',
				conninfo($node, host => $host));

			is(scalar(grep { / total$/ } keys %$samples),
				2 * @{ [all_drives()] } * 2, 'two workflows by all drives of two origins');
			return remainders($samples);
		});
}

# The same module with a stamp left out must fail the same check at every size,
# store's and arrival's where commits do not take so long that a small step's phases
# are nothing beside, commit's where they do take long.
# What arrives is nothing beside a payload that the server makes.
my $other = new_node('other', durable => 1, start => 0);

wal_in_memory($other);
$other->start;
$other->safe_psql('postgres', 'CREATE EXTENSION dbos_payload');
my @mutants = (
	[ 'store', $other, 'all', qr/^\t+PhaseEnd\(timing, PHASE_STORE\);/m ],
	[ 'arrival', $other, 'client', qr/^\t+entry->arrival = [^;]*;/m ],
	[ 'commit', $node, 'all', qr/^\t+StampPhaseEnd\(\w+, PHASE_COMMIT\);/m ]);
foreach my $mutant (@mutants)
{
	my ($phase, undef, undef, $pattern) = @$mutant;
	my $scratch = "$dir/without_$phase";
	my $changed = 0;

	mkdir $scratch or die $!;
	system_or_bail('cp', '-Rp', project_dir() . '/extension', project_dir() . '/setup', $scratch);
	foreach my $file (glob "$scratch/extension/*.c")
	{
		my $source = slurp_file($file);

		next unless $source =~ s/$pattern/{}/g;
		unlink $file;
		append_to_file($file, $source);
		$changed++;
	}
	cmp_ok($changed, '>=', 1, "$phase: there is a stamp to leave out");
}

# all at once, before anything is measured again
my ($exit, $out, $err) = run_program({ env => { MAKEFLAGS => undef } }, 'sh', '-c', <<'E_SH', 'sh', map { "$dir/without_$_->[0]" } @mutants);
for folder; do make -s -C "$folder/extension" & all="$all $!"; done
for one in $all; do wait $one || exit; done
E_SH
is($exit, 0, 'the module builds without each of them') or diag("$out$err");

foreach my $mutant (@mutants)
{
	my ($phase, $server, $origin) = @$mutant;
	my $samples = {};

	$server->append_conf('postgresql.conf', "dynamic_library_path = '$dir/without_$phase/extension:\$libdir'\n");
	$server->reload;
	attempts(
		5,
		"$phase: its missing stamp is seen everywhere",
		sub {
			# other work makes round trips longer, and not what is missing in them
			add_samples($samples, run_samples('-n', 3, '--warmup', 1, '--no-baselines', '--origin', $origin, conninfo($server)));
			my @seen = remainders($samples);
			my $places = $origin eq 'all' ? 2 * 10 : 10;

			return @seen == $places ? () : (scalar(@seen) . " times of $places", @seen);
		});
}

done_testing();
