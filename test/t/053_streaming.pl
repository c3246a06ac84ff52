# The experiment streaming: every byte is compared, no more memory than a few chunks
# take, kills that lose nothing acknowledged, and large objects that are nobody's
# leftovers.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use ExperimentTables;
use POSIX ();
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $node = new_node('main', durable => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();
my $chunk = 1_024_000;
my $pipelines = grep { $_ eq 'pipeline' } all_drives();

# left(): schemas of experiments and large objects of anybody
sub left
{
	return $node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM pg_namespace WHERE nspname ~ '^dbos_bench'), (SELECT count(*) FROM pg_largeobject_metadata)});
}

# --- what it says is so ----------------------------------------------------

my $mine = $node->safe_psql('postgres', q{SELECT lo_from_bytea(0, 'mine')});
{
	my ($exit, $out, $err) = run_bench($node, 'experiment', 'streaming', '-T', 4, '--sizes', '5MB', '--json', "$dir/streaming.json");
	is($exit, 0, 'exit status 0') or diag($out, $err);
	my ($result) = @{ read_json("$dir/streaming.json")->{experiments} };
	my %large = map { ($_->{way} => $_) } grep { $_->{payload} == 5_000_000 } table_of($result, 'sizes');
	my %kills = map { ($_->{way} => $_) } table_of($result, 'kills');
	my %at_once = ('chunk calls' => 1, 'object chunks' => 1, 'chunk pipeline' => 4, 'procedure' => 4);
	my $kills = 0;

	is(scalar keys %large, $pipelines ? 8 : 7, 'every way, of which libpq has pipelines from 14 on');
	foreach my $way (sort keys %large)
	{
		my ($row, $kill) = ($large{$way}, $kills{$way});

		cmp_ok($row->{client}, '<', 32e6, "$way: the client has less than 32 MB");
		cmp_ok($row->{wal}, '>', 5e6, "$way: WAL has all of it");
		cmp_ok($row->{first}, '<=', $row->{write}, "$way: the first durable byte is no later than the last");
		is($kill->{acknowledged_lost} // 0, 0, "$way: nothing that was acknowledged was lost");
		cmp_ok($kill->{most_lost} // 0, '<=', $chunk * ($at_once{$way} // 5), "$way: a kill loses what was handed over at once");
		$kills += $kill->{client_kills} + $kill->{connection_kills};
	}
	cmp_ok($kills, '>=', 6, 'there were kills');
	cmp_ok($large{'one step'}{client_grown}, '>', 1.5 * 5e6, 'one step is held by the client, and by libpq');
	cmp_ok($large{$_}{client_grown}, '<', 3 * $chunk, "$_: a chunk or two") foreach 'chunk calls', 'one commit', 'rows of a page', 'large object', 'object chunks';
	cmp_ok($large{'one step'}{backend}, '>', 2 * 5e6, 'the backend has copies of one step');
	SKIP:
	{
		skip 'a sanitizer has memory of its own', 1 if $ENV{DBOS_PAYLOAD_SANITIZED};
		cmp_ok($large{'one step'}{parts_client}, '<', $large{'one step'}{read_client} - 5e6, 'reading in parts spares the client a copy at least');
	}
	like($out, qr/\d+ kills of clients and connections lost nothing that was acknowledged/, 'which it concludes');
	is(left(), '0|1', 'nothing is left, and large objects of others are');
}

# --- every byte is compared ------------------------------------------------

foreach my $fault ([ 'RETURN NULL', qr/one step: 0 bytes were read back instead of 1000000/ ],
	[ 'NEW.output := set_byte(NEW.output, 999999, 255 - get_byte(NEW.output, 999999)); RETURN NEW', qr/what was read back from byte \d+ on is not what was written/ ])
{
	my ($what, $message) = @$fault;

	$node->safe_psql('postgres', qq{
		CREATE FUNCTION public.spoil() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN IF length(NEW.output) < 1000000 THEN RETURN NEW; END IF; $what; END \$\$;
		CREATE FUNCTION public.spoil_tables() RETURNS event_trigger LANGUAGE plpgsql AS \$\$ DECLARE made record; BEGIN
			FOR made IN SELECT object_identity FROM pg_event_trigger_ddl_commands() WHERE object_identity ~ 'chunks\$' LOOP
				EXECUTE format('CREATE TRIGGER spoil BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION public.spoil()', made.object_identity);
			END LOOP; END \$\$;
		CREATE EVENT TRIGGER spoil ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION public.spoil_tables()});
	my ($exit, $out, $err) = run_bench($node, 'experiment', 'streaming', '-T', 1, '--sizes', '1MB');
	is($exit, 2, 'what comes back otherwise: exit status 2');
	like($err, $message, 'and which bytes');
	is(left(), '0|1', 'and nothing is left');
	$node->safe_psql('postgres', 'DROP EVENT TRIGGER spoil; DROP FUNCTION public.spoil_tables(), public.spoil()');
}

# --- going on --------------------------------------------------------------

{
	my $stream = "$dir/stream";
	system_or_bail('make', '--no-print-directory', '-s', '-C', project_dir() . '/test/unit', "OUT=$dir", $stream);
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres');
	my $ask = sub { my ($out) = (run_program($stream, @_))[1]; chomp $out; return $out; };
	my $told = sub { return { split ' ', $ask->('told', $_[0]) }; };

	$node->safe_psql('postgres', 'CREATE SCHEMA s');
	$ask->('tables', 's');
	$ask->('write', 's', 1, 5_000_000, "$dir/first");
	is($ask->('recorded', 's', 1, 5_000_000), 5_000_000, 'all chunks are recorded');
	$node->safe_psql('postgres', 'DELETE FROM s.chunks WHERE function_id IN (1, 4)');
	is($ask->('recorded', 's', 1, 5_000_000), $chunk, 'of chunks that are missing the first counts');
	$ask->('write', 's', 1, 5_000_000, "$dir/second");
	is($told->("$dir/second")->{handed}, 5_000_000 - 3 * $chunk, 'going on writes those that are missing, and no others');
	cmp_ok($ask->('read', 's', 1, 5_000_000), '>', 0, 'and all of it is what it should be');
	$ask->('delete', 's', 1);

	# a chunk whose result is there, and whose commit is not
	SKIP:
	{
		skip 'libpq has pipelines from 14 on', 2 if !$pipelines;
		$node->safe_psql('postgres', q{
			CREATE FUNCTION s.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				IF NEW.function_id = 1 THEN RAISE NOTICE 'what was written so far is sent with this'; PERFORM pg_sleep(60); END IF;
				RETURN NULL;
			END $$;
			CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON s.chunks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION s.dawdle()});
		my $pid = fork() // die;
		if ($pid == 0)
		{
			open STDERR, '>', "$dir/errors";
			exec $stream, 'write', 's', 2, 5_000_000, "$dir/dawdled";
		}
		ok(server_says($node, q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')}), 'the commit of the second chunk is under way');
		sleep 0.3;
		is($told->("$dir/dawdled")->{acknowledged}, $chunk, 'only the first one is acknowledged');
		kill 'KILL', $pid;
		waitpid $pid, 0;
		$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep';
			DROP TRIGGER dawdle ON s.chunks});
		$ask->('delete', 's', 2);
	}

	# the server goes down in the middle: what was acknowledged is there
	foreach my $way ($pipelines ? 2 : 1, 7)
	{
		my $file = "$dir/way$way";
		my $pid = fork() // die;

		if ($pid == 0)
		{
			open STDERR, '>', "$dir/errors";
			exec $stream, 'write', 's', $way, 100_000_000, $file;
		}
		sleep 0.005 until waitpid($pid, POSIX::WNOHANG) != 0 || -s $file && $told->($file)->{acknowledged} > 0;
		$node->stop('immediate');
		waitpid $pid, 0;
		$node->start;
		my $then = $told->($file);
		my $recorded = $ask->('recorded', 's', $way, 100_000_000);

		ok(!$then->{done} && $recorded >= $then->{acknowledged}, "way $way: of $then->{handed} bytes handed over $then->{acknowledged} were acknowledged, and $recorded are there");
		cmp_ok($then->{handed} - $recorded, '<=', 4 * $chunk, 'no more is lost than was handed over at once');
		$ask->('delete', 's', $way);
	}
	$node->safe_psql('postgres', 'DROP SCHEMA s CASCADE');
}

# --- stopped, killed, and cleaned ------------------------------------------

# begin(): an experiment, once it has a large object
sub begin
{
	my $bench = start_bench($node, 'experiment', 'streaming', '--sizes', '20MB', '-T', 60);

	server_says($node, 'SELECT count(*) > 1 FROM pg_largeobject_metadata');
	return $bench;
}

{
	my $bench = begin();

	kill 'INT', $bench->{pid};
	is((finish_bench($bench))[0], 130, 'Ctrl-C: exit status 130');
	is(left(), '0|1', 'and nothing is left');
}
{
	my $bench = begin();

	kill 'KILL', $bench->{pid};
	eval { finish_bench($bench) };
	server_says($node, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'dbos_payload_bench'});
	like(left(), qr/^1\|[123]$/, 'a killed experiment leaves its schema, and what it had committed');

	# somebody else's object on its list, and one that is gone
	my ($schema) = $node->safe_psql('postgres', q{SELECT nspname FROM pg_namespace WHERE nspname ~ '^dbos_bench'});
	$node->safe_psql('postgres', qq{CREATE ROLE other; ALTER LARGE OBJECT $mine OWNER TO other;
		INSERT INTO $schema.large_objects VALUES ($mine, 'other'), (4000000000, 'none')});
	my ($exit, $out, $err) = run_bench($node, 'clean');
	is($exit, 0, 'clean') or diag($out, $err);
	is(left(), '0|1', 'takes away the schema and its owner\'s large objects alone');
}

# --- what cannot be --------------------------------------------------------

foreach my $size ('300MB', '10kB')
{
	my ($exit, undef, $err) = run_bench($node, 'experiment', 'streaming', '--sizes', $size);

	is($exit, 1, "$size: exit status 1");
	like($err, qr/error: streaming: a size is 1 MB to 256 MB, and not \d+ [kM]?B\n/, 'and what is allowed');
}
{
	$node->safe_psql('postgres', 'CREATE ROLE guest LOGIN; CREATE DATABASE empty; GRANT CREATE ON DATABASE empty TO guest');
	$node->safe_psql('empty', 'REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC');
	my ($exit, $out, $err) = run_bench($node, 'experiment', 'streaming', '-T', 2, '--sizes', '1MB', 'dbname=empty user=guest');

	is($exit, 0, 'who may make no large objects: the other ways are measured') or diag($out, $err);
	like($out, qr/This role may not make\s+large objects here/, 'which is said');
	unlike($out, qr/^large object/m, 'and those are left out');
	is($node->safe_psql('empty', q{SELECT count(*) FROM pg_namespace WHERE nspname ~ '^dbos_bench'}), 0, 'nothing is left there either');
}

done_testing();
