# run --profile against the SDKs themselves, where they are installed: the same
# statements in the same order, turn by turn, through a proxy that writes them down.

use strict;
use warnings;

use DbosPayload;
use PostgreSQL::Test::Utils;
use Proxy;
use Test::More;

my $peers = project_dir() . '/client/peers';
my @installed = -x "$peers/run" && $ENV{PEERS_BUILD} ? grep { -r "$ENV{PEERS_BUILD}/$_/installed" } qw(python typescript go java) : ();

# a Python of root's own is not for the user that tests run as
@installed = grep { $_ ne 'python' || -x "$ENV{PEERS_BUILD}/python/venv/bin/python" } @installed;
plan skip_all => 'DBOS\'s SDKs are not installed' unless @installed;

my %cases = (
	python => [ [ 'bytes', 'dbos-python' ] ],
	typescript => [ [ 'base64', 'dbos-typescript' ], [ 'buffer', 'dbos-typescript-buffer' ] ],
	go => [ [ 'bytes', 'dbos-go' ], [ 'portable', 'dbos-go-portable' ] ],
	java => [ [ 'bytes', 'dbos-java' ] ],
);

# a letter for each kind of statement; the first that fits
my @letters = (
	[ qr/^;/, ';' ], [ qr/^BEGIN/i, 'b' ], [ qr/^COMMIT/i, 'c' ], [ qr/^ROLLBACK/i, 'r' ], [ qr/^SET SESSION CHAR/, 'D' ],
	[ qr/^INSERT INTO \S+\.workflow_status\b/, 'W' ], [ qr/^INSERT INTO \S+\.workflow_input\b/, 'N' ],
	[ qr/^INSERT INTO \S+\.workflow_output\b/, 'R' ], [ qr/^INSERT INTO \S+\.operation_outputs\b/, 'I' ],
	[ qr/^SELECT (?:\S+\.)?owner_xid\b/, 'X' ], [ qr/^SELECT (?:\S+\.)?status\s+FROM/, 'S' ],
	[ qr/^SELECT (?:\S+\.)?output,/, 'O' ], [ qr/^WITH updated\b/, 'U' ], [ qr/^UPDATE \S+\.workflow_status SET executor_id\b/, 'E' ],
	[ qr/^UPDATE \S+\.workflow_status SET status ?= ?\$\d, (?:output|updated_at)\b(?!.*(?:started_at|is_debounced|delay_until))/, 'U' ],
);

# what a workflow and its steps are made of there: a pattern, and of what as many
my %units = (
	python => { ';bWNc' => 'workflow', ';bSOc' => 'step', ';bXIc' => 'step', ';U' => 'workflow' },
	typescript => { 'bWNc' => 'workflow', 'SSO' => 'step', 'bXIc' => 'step', 'bURc' => 'workflow' },
	go => { 'bWNc' => 'workflow', 'bSOr' => 'step', 'bXIc' => 'step', 'bURc' => 'workflow' },
	java => { 'DbWc' => 'workflow', 'SO' => 'step', 'IE' => 'step', 'U' => 'workflow' },
);

# turns_of(LOG, PEER, JDBC): the letters of each connection's turns, and the bytes of
# each insert of a step.  Who prepares does it in a turn of its own; pgjdbc with an
# execution.
sub turns_of
{
	my ($log, $peer, $jdbc) = @_;
	my (%letters, %named, @inserts);

	foreach my $line (split /\n/, slurp_file($log))
	{
		my ($connection, $sent, undef, $label) = split / /, $line, 4;
		my $sql = '';

		if ($label =~ /^Q(.*)/) { $sql = $1; }
		elsif ($label =~ /^P(\S*)\s+(.*)/)
		{
			$sql = $2;
			$named{$connection}{$1} = $2 if $1 ne '';

			next if $1 ne '' && !$jdbc;
		}
		elsif ($label =~ /^B\s+(\S+)/) { $sql = $named{$connection}{$1} // ''; }
		else { next; }
		$sql =~ s/\s+/ /g;
		$sql =~ s/^ //;
		my ($kind) = grep { $sql =~ $_->[0] } @letters;
		$letters{$connection} .= $kind ? $kind->[1] : '.';
		push @inserts, $sent if $kind && $kind->[1] eq 'I' && $label =~ ($peer eq 'typescript' ? qr/^P/ : qr/^B/);
	}
	return (join("\n", values %letters), [ sort { $a <=> $b } @inserts ]);
}

my $node = new_node('main', extension => 0);
my $dir = PostgreSQL::Test::Utils::tempdir();
my $user = $node->safe_psql('postgres', 'SELECT current_user');

foreach my $peer (@installed)
{
	foreach my $case (@{ $cases{$peer} })
	{
		my ($variant, $profile) = @$case;
		my ($exit, $out, $err);

		# the SDK: 16 times both workflows, so that pgjdbc and psycopg have prepared
		$node->safe_psql('postgres', "CREATE DATABASE ${peer}_$variant");
		my $proxy = Proxy->new($node, log => "$dir/$profile.sdk");
		my %env = (PGHOST => '127.0.0.1', PGPORT => $proxy->port, PGUSER => $user, PGDATABASE => "${peer}_$variant",
			PGPASSWORD => 'none', N => 8, WARMUP => 8, SIZES => '1,1000');
		($exit, $out, $err) = run_program({ env => \%env, timeout => 300 }, "$peers/run", $peer, $variant, 'measure');
		is($exit, 0, "$peer, $variant: the SDK") or diag($err);
		$proxy->stop;

		# ours: the first call and one iteration, each of the profile and its plain twin
		$proxy = Proxy->new($node, log => "$dir/$profile.own");
		($exit, $out, $err) = run_bench($node, 'run', '--allow-unsafe', '--blocks', 1, '-n', 1, '--warmup', 0, '--profile', $profile, '--sizes', '1,1000',
			conninfo($node, host => '127.0.0.1', port => $proxy->port));
		is($exit, 0, "$profile: ours") or diag($err);
		$proxy->stop;

		my ($theirs, $their_inserts) = turns_of("$dir/$profile.sdk", $peer, $peer eq 'java');
		my ($ours, $our_inserts) = turns_of("$dir/$profile.own", $peer, 0);
		foreach my $unit (sort keys %{ $units{$peer} })
		{
			my $each = $units{$peer}{$unit} eq 'step' ? 3 : 2;
			my $n = () = $theirs =~ /\Q$unit\E/g;
			my $own = () = $ours =~ /\Q$unit\E/g;

			# the first time on a connection can be another
			ok($n == 16 * $each || $n == 16 * $each - 1, "$peer, $variant: sends $unit for each $units{$peer}{$unit}") or diag("$n: $theirs");
			is($own, 4 * $each, "$profile: so do we") or diag($ours);
		}

		# the insert of the largest step, 1,001 bytes: names of schema and application differ
		cmp_ok(abs($our_inserts->[-1] - $their_inserts->[-1]), '<', 150, "$profile: the insert is as long")
		  or diag("$our_inserts->[-1], $their_inserts->[-1]");
	}
}

done_testing();
