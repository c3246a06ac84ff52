# Ways to the server: connection strings and the environment work as in psql,
# passwords of any kind go to libpq as they are and show nowhere; init, also
# twice at once; a connection pooler in between.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use JSON::PP;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', durable => 1, tcp => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();
my $all_output = '';
my @quick = ('-n', 1, '--blocks', 1, '--warmup', 0, '--sizes', 1, '--no-baselines');

# bench(ENV, ARGUMENT...): the client with nothing in its environment that
# leads to a server but ENV
sub bench
{
	my ($env, @arguments) = @_;
	my ($exit, $out, $err) = run_bench({ env => { (map { ($_ => undef) } grep { /^PG(?!_CONFIG)/ } keys %ENV), %$env } }, @arguments);

	$all_output .= $out . $err;
	return ($exit, $out, $err);
}

# --- the environment, service files -------------------------------------

$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', 'CREATE EXTENSION dbos_payload');
my ($socket, $port) = ($node->host, $node->port);
mkdir "$dir/elsewhere";
append_to_file("$dir/elsewhere/services.conf", <<END);
[bench]
host=127.0.0.1
port=$port
dbname=other

[port only]
port=$port
END

foreach my $case (
	[ 'PGHOST, PGPORT and PGDATABASE', { PGHOST => $socket, PGPORT => $port, PGDATABASE => 'other' }, undef, "host=$socket port=$port .*dbname=other" ],
	[ 'a database name for CONNINFO', { PGHOST => $socket, PGPORT => $port }, 'other', "host=$socket port=$port .*dbname=other" ],
	[ 'keywords', {}, "host=$socket port=$port dbname=other", "host=$socket port=$port .*dbname=other" ],
	[ 'keywords over the environment', { PGPORT => 1, PGDATABASE => 'postgres' }, "host=$socket port=$port dbname=other", "port=$port .*dbname=other" ],
	[ 'a URI', {}, "postgresql://127.0.0.1:$port/other", "host=127\\.0\\.0\\.1 port=$port .*dbname=other" ],
	[ 'a URI of a socket', {}, 'postgresql:///other?host=' . ($socket =~ s{/}{%2F}gr) . "&port=$port", "port=$port .*dbname=other" ],
	[ 'PGSERVICE and PGSERVICEFILE', { PGSERVICE => 'bench', PGSERVICEFILE => "$dir/elsewhere/services.conf" }, undef, "host=127\\.0\\.0\\.1 port=$port .*dbname=other" ],
	[ 'service= in CONNINFO', { PGSERVICEFILE => "$dir/elsewhere/services.conf" }, 'service=bench', "host=127\\.0\\.0\\.1 port=$port .*dbname=other" ],
	[ 'a service with the port alone', { PGHOST => $socket, PGSERVICEFILE => "$dir/elsewhere/services.conf" }, "service='port only' dbname=other", "host=$socket port=$port .*dbname=other" ],
	[ 'PGSYSCONFDIR', { PGSYSCONFDIR => "$dir/system" }, 'service=bench', "host=127\\.0\\.0\\.1 port=$port .*dbname=other" ],
	[ 'PGOPTIONS', { PGHOST => $socket, PGPORT => $port, PGDATABASE => 'other', PGOPTIONS => '-c work_mem=1234kB' }, undef, 'dbname=other' ],
	[ 'several hosts', {}, "host=127.0.0.1,127.0.0.1 port=1,$port dbname=other", "port=$port .*dbname=other" ])
{
	my ($name, $env, $conninfo, $pattern) = @$case;

	mkdir "$dir/system" and append_to_file("$dir/system/pg_service.conf", slurp_file("$dir/elsewhere/services.conf"));
	unlink "$dir/result.json";
	my ($exit, $out, $err) = bench($env, 'run', @quick, '--json', "$dir/result.json", defined $conninfo ? $conninfo : ());
	is("$exit $err", '0 ', "$name: the way as in psql");
	like(eval { jq("$dir/result.json", '.sides[0].environment.conninfo') } // '', qr/$pattern/, "$name: where it led to is in the result file");
	is(jq("$dir/result.json", '.sides[0].environment.settings.work_mem'), '1234kB', 'PGOPTIONS: in effect') if $env->{PGOPTIONS};
}

# --- passwords ----------------------------------------------------------

my $password = q{a@b:/#%?' "c\\};
my $keyword = q{'a@b:/#%?\\' "c\\\\'};
my $encoded = join '', map { sprintf '%%%02X', ord } split //, $password;
$node->safe_psql('postgres', q{SET password_encryption = 'scram-sha-256'; CREATE ROLE odd LOGIN SUPERUSER PASSWORD E'a@b:/#%?'' "c\\\\'});
{
	my $hba = $node->data_dir . '/pg_hba.conf';
	my $before = slurp_file($hba);

	unlink $hba;
	append_to_file($hba, "local all odd scram-sha-256\nhost all odd 127.0.0.1/32 scram-sha-256\n$before");
	$node->reload;
}
append_to_file("$dir/pgpass", '*:*:*:odd:' . ($password =~ s/([\\:])/\\$1/gr) . "\n");
chmod 0600, "$dir/pgpass";

my $all_files = '';
foreach my $case (
	[ 'keywords', {}, "host=$socket port=$port dbname=postgres user=odd password=$keyword" ],
	[ 'a URI', {}, "postgresql://odd:$encoded\@127.0.0.1:$port/postgres" ],
	[ 'a URI\'s parameter', {}, "postgresql://127.0.0.1:$port/postgres?user=odd&password=$encoded" ],
	[ 'PGPASSWORD', { PGPASSWORD => $password }, "host=$socket port=$port dbname=postgres user=odd" ],
	[ 'PGPASSFILE', { PGPASSFILE => "$dir/pgpass" }, "host=$socket port=$port dbname=postgres user=odd" ],
	[ 'passfile=', {}, "host=$socket port=$port dbname=postgres user=odd passfile=$dir/pgpass" ])
{
	my ($name, $env, $conninfo) = @$case;
	my @files = map { "$dir/password.$_" } qw(json csv samples);

	my ($exit, $out, $err) = bench($env, 'run', @quick, '--json', $files[0], '--csv', $files[1], '--samples', $files[2], $conninfo);
	is("$exit $err", '0 ', "a password with odd characters by $name");
	$all_files .= slurp_file($_) foreach @files;
	bench($env, 'init', $conninfo);
	bench($env, 'run', "$conninfo" =~ s/postgres(?=[ ?]|$)/none_such/r);
	bench($env, 'check', $conninfo) if $name =~ /^(keywords|a URI)$/;
}
foreach my $shown ($password, $keyword, $encoded, substr($keyword, 1, -1), JSON::PP->new->allow_nonref->encode($password))
{
	is(index($all_output, $shown), -1, 'no output shows the password');
	is(index($all_files, $shown), -1, 'no result file holds it');
}
unlike($all_output . $all_files, qr/\Qa\E@\Qb:\E|a%40b|a%40%62|%61%40/, 'nor a part of it');

# --- init ---------------------------------------------------------------

{
	$node->safe_psql('postgres', 'CREATE DATABASE fresh');
	my @env = ({ PGHOST => $socket, PGPORT => $port });
	my ($exit, $out, $err) = bench(@env, 'init', 'fresh');
	is("$exit $err", '0 ', 'init creates the extension');
	like($out, qr/created extension dbos_payload 1\.0/, 'init says so');
	($exit, $out, $err) = bench(@env, 'init', 'fresh');
	ok($exit == 0 && $out =~ /already there/, 'init again: it is already there');

	foreach my $round (1 .. 3)
	{
		$node->safe_psql('fresh', 'DROP EXTENSION dbos_payload');
		my @several = map { start_bench($node, 'init', 'fresh') } 1 .. 3;
		my @ends = map { [ finish_bench($_) ] } @several;

		is(join(' ', map { $_->[0] } @ends), '0 0 0', "init three times at once, $round: all succeed")
		  or diag(map { $_->[2] } @ends);
		is($node->safe_psql('fresh', 'SELECT dbos_payload.version()'), '1.0', "init three times at once, $round: it is there");
	}

	$node->safe_psql('fresh', 'DROP EXTENSION dbos_payload; CREATE ROLE plain LOGIN');
	($exit, $out, $err) = bench(@env, 'init', 'dbname=fresh user=plain');
	is($exit, 1, 'init without the privilege: exit status 1');
	like_message($err, 'permission denied', 'init without the privilege: says who can');
	($exit, $out, $err) = bench(@env, 'init', "dbname=fresh options='-c default_transaction_read_only=on'");
	is($exit, 1, 'init read-only: exit status 1');
	like_message($err, 'read-only', 'init read-only: says so');
	$node->safe_psql('fresh', 'CREATE SCHEMA dbos_payload; CREATE TABLE dbos_payload.workflow_status ()');
	($exit, $out, $err) = bench(@env, 'init', 'fresh');
	is($exit, 1, 'init with something else in the way: exit status 1');
	like_message($err, 'already exists', 'init with something else in the way: says so');
}

# --- a pooler -----------------------------------------------------------

SKIP:
{
	my ($pgbouncer) = grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin';
	skip('there is no pgbouncer', 1) unless $pgbouncer;

	my $pool = PostgreSQL::Test::Utils::tempdir_short();
	my $pool_port = PostgreSQL::Test::Cluster::get_free_port();
	my $user = $node->safe_psql('postgres', 'SELECT current_user');
	append_to_file("$pool/users", "\"$user\" \"\"\n");
	append_to_file("$pool/ini", <<END);
[databases]
* = host=$socket port=$port
[pgbouncer]
listen_addr =
listen_port = $pool_port
unix_socket_dir = $pool
auth_type = trust
auth_file = $pool/users
pool_mode = transaction
default_pool_size = 2
server_round_robin = 1
pkt_buf = 2048
max_client_conn = 20
END
	my $pooler_output = '';
	my $pooler = IPC::Run::start([ $pgbouncer, "$pool/ini" ], '<', \undef, '>', \$pooler_output, '2>', \$pooler_output);
	wait_until { $pooler->pump_nb; -S "$pool/.s.PGSQL.$pool_port" } 10 or diag($pooler_output);
	my $conninfo = "host=$pool port=$pool_port dbname=postgres user=$user";

	# a lock would be that of a server connection that others share: the ids say so
	{
		my $bench = start_bench({ env => { PGHOST => $pool, PGPORT => $pool_port, PGUSER => $user, PGDATABASE => 'postgres' } },
			'run', '-n', 1000, '--sizes', '1');

		ok(server_says($node, q{SELECT count(*) > 0 FROM dbos_payload.workflow_status WHERE workflow_uuid ~ '^dbos_payload_bench:pooled-[0-9a-f-]{36}:'}),
			'through a pooler: the run marks its workflows');
		kill 'KILL', $bench->{pid};
		finish_bench($bench);
		my ($exit, $out, $err) = run_bench($node, 'clean');
		like($out, qr/under way/, 'clean: what went through a pooler may be alive');
		$node->safe_psql('postgres', 'UPDATE dbos_payload.workflow_status SET updated_at = updated_at - 3700000');
		($exit, $out, $err) = run_bench($node, 'clean');
		like($out, qr/^run [0-9a-f-]{36}: deleted/m, 'clean: but not an hour later');
	}

	# two server connections, taken in turn
	my ($exit, $out, $err) = bench({}, 'run', '-n', 3, '--blocks', 2, '--warmup', 1, '--json', "$dir/pooled.json", $conninfo);
	is("$exit $err", '0 ', 'through a pooler in transaction mode: the default works');
	like(jq("$dir/pooled.json", '.sides[0].environment.warnings[]|tostring'), qr/pooler/, 'through a pooler: the result file says so');
	is(jq("$dir/pooled.json", '.workflows[0].whole.times_ms.round_trip.n'), '6', 'through a pooler: all round trips are measured');
	($exit, $out, $err) = bench({}, 'run', '--profile', 'dbos-go', $conninfo);
	is($exit, 1, 'through a pooler: no profiles');
	like($err, qr/error: profiles: .*Connect to the server itself/, 'through a pooler: it is said why');
	foreach my $drive (grep { $_ ne 'calls' } all_drives())
	{
		($exit, $out, $err) = bench({}, 'run', '-n', 2, '--blocks', 2, '--no-baselines', '--sizes', '1,1000,100000', '--drive', $drive, '--origin', 'all', $conninfo);
		is("$exit $err", '0 ', "through a pooler: drive $drive works");
	}
	($exit, $out, $err) = bench({}, 'run', '-n', 1, '--blocks', 1, '--warmup', 0, '--sizes', '5MB', '--no-baselines', '--origin', 'all', '--timeout', 60, $conninfo);
	is("$exit $err", '0 ', 'through a pooler: 5 MB both ways');
	($exit, $out, $err) = bench({}, 'check', '-M', 'prepared', $conninfo);
	is($exit, 0, 'through a pooler: check says that run would start');
	like($out =~ s/\s+/ /gr, qr/warning pooler: .*--protocol prepared fails unless the pooler keeps named statements/, 'through a pooler: check warns of named statements');
	($exit, $out, $err) = bench({}, 'run', @quick, '-n', 3, '-M', 'prepared', $conninfo);
	like($out =~ s/\s+/ /gr, qr/pooler: .*--protocol prepared fails unless/, 'through a pooler: run warns of named statements');
	ok($exit == 0 || $exit == 2 && $err =~ /prepared statement .* does not exist|already exists/, 'through a pooler: named statements work, or fail with the reason')
	  or diag("$exit $err");
	($exit, $out, $err) = bench({}, 'check', '--drive', 'pipeline', $conninfo);
	like($out =~ s/\s+/ /gr, qr/warning pooler: .*--drive pipeline hangs, fails or mixes up what others send .*before 1\.21/, 'through a pooler: check warns of pipelines')
	  if grep { $_ eq 'pipeline' } all_drives();

	# One that lost a call says nothing any more.  (Time goes ten times as fast for the client.)
	SKIP:
	{
		skip('this libpq has no pipelines', 3) unless grep { $_ eq 'pipeline' } all_drives();
		my $locker = start_psql($node);

		psql_says($locker, 'BEGIN; LOCK TABLE dbos_payload.operation_outputs IN SHARE ROW EXCLUSIVE MODE');
		my $bench = start_bench({ env => { LD_PRELOAD => tool('hasten.so'), PGCONNECT_TIMEOUT => 30 } },
			'run', '-n', 1, '--blocks', 1, '--warmup', 0, '--no-baselines', '--sizes', '1,1', '--drive', 'pipeline', $conninfo);

		ok(server_says($node, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'}), 'a silent pooler: the pipeline is under way');
		$pooler->signal('STOP');
		my ($exit, $out, $err) = finish_bench($bench);
		$pooler->signal('CONT');
		$locker->{run}->finish;
		$node->safe_psql('postgres', 'UPDATE dbos_payload.workflow_status SET updated_at = updated_at - 3700000');
		run_bench($node, 'clean');
		is($exit, 2, 'a silent pooler: the run ends');
		like($err, qr/error: .*drive pipeline.*: the server did not answer for 60 s; a pooler is in between.*connect to the server itself, or take another drive$/m, 'a silent pooler: and says of what');
	}

	# others want the same server connections, and get them in between
	{
		append_to_file("$pool/one.sql", "SELECT 1;\n");
		my $other = IPC::Run::start([ 'pgbench', '-n', '-c', 3, '-R', 600, '-T', 30, '-f', "$pool/one.sql", "host=$pool port=$pool_port dbname=postgres user=$user" ],
			'<', \undef, '>', \my $others_output, '2>&1');
		my ($exit, $out, $err) = bench({}, 'run', '-n', 20, '--blocks', 2, '--sizes', '1,1000', '--no-baselines', '--json', "$dir/shared.json", $conninfo);
		$other->signal('INT');
		$other->finish;
		is($exit, 0, 'a pool shared with others: the run works') or diag($err);
		my $steps = read_json("$dir/shared.json")->{workflows}[0]{steps};
		my ($known) = map { $_->{times_ms}{commit} ? $_->{times_ms}{commit}{n} : 0 } $steps->[0];
		cmp_ok($known, '<', 40, 'a pool shared with others: server parts are missing') or diag($others_output);
		like($out =~ s/\s+/ /gr, $known ? qr/server's parts are known of \d+ of 120 calls/ : qr/(known of|told no times)/, 'a pool shared with others: the report says of how many they are');
		like($out, qr/^ *payload .* of n\n.*\n +1 B .* $known$/m, 'a pool shared with others: and so does the table') if $known;
	}
	is($node->safe_psql('postgres', 'SELECT count(*) FROM dbos_payload.workflow_status'), '0', 'through a pooler: nothing is left behind');
	$pooler->signal('INT');
	$pooler->finish;
}

done_testing();
