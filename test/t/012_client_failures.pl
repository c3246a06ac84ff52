# What goes wrong: a server that does not let the client in, or is not as it
# must be, said before the run; steps that fail and results that cannot be written,
# counted and never averaged in.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use Failures;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', durable => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();
my $json = "$dir/result.json";

# --- the extension is not there, or is another version ------------------

$node->safe_psql('postgres', 'CREATE DATABASE without');
foreach my $command ('run', 'check')
{
	my ($exit, $out, $err) = run_bench($node, $command, 'without');

	is($exit, 1, "$command without the extension: exit status 1");
	like("$out$err", qr/dbos_payload_bench init|CREATE EXTENSION dbos_payload/, "$command without the extension: says how to make it");
}
refused($node, 'extension', 'run without the extension', 'run', 'without');

$node->safe_psql('postgres', "UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'dbos_payload'");
{
	my ($exit, $out, $err) = run_bench($node, 'check');

	like("$out$err", qr/0\.9/, 'check says which version the extension is');
	like("$out$err", qr/ALTER EXTENSION dbos_payload UPDATE/, 'and how to bring it up to date');
	($exit, $out, $err) = run_bench($node, 'run', '-n', 1, '--blocks', 1, '--sizes', 1, '--no-baselines', '--json', $json);
	like("$out$err", qr/0\.9.*ALTER EXTENSION dbos_payload UPDATE/s, 'run says it too');
	ok($exit == 0 || $exit == 1, 'and runs or refuses');
}
$node->safe_psql('postgres', "UPDATE pg_extension SET extversion = '1.0' WHERE extname = 'dbos_payload'");

# --- a role that may do nothing -----------------------------------------

$node->safe_psql('postgres', 'CREATE ROLE nobody LOGIN; CREATE ROLE locked LOGIN; REVOKE CONNECT ON DATABASE without FROM PUBLIC');
{
	my $err = refused($node, 'nobody|privilege|permission', 'a role with LOGIN alone', 'run', '--drive', 'all', '--origin', 'all', 'user=nobody');

	like($err, qr/GRANT USAGE ON SCHEMA dbos_payload TO nobody/, 'lists the GRANT for the schema');
	like($err, qr/GRANT [A-Z, ]*SELECT[A-Z, ]* ON [^\n]*workflow_status/, 'for the workflows');
	like($err, qr/GRANT [A-Z, ]*INSERT[A-Z, ]* ON [^\n]*operation_outputs/, 'for the steps');
	like($err, qr/GRANT EXECUTE ON [^\n]* TO nobody/, 'and for the functions, all at once');

	# the statements it lists are all that is missing
	my @grants = $err =~ /^\s*(GRANT [^;\n]*;?)$/mg;
	$node->safe_psql('postgres', join ";\n", map { s/;$//r } @grants);
	my ($exit, undef, $messages) = run_bench($node, 'run', '-n', 1, '--blocks', 1, '--warmup', 0, '--sizes', '1,1000',
		'--drive', 'all', '--origin', 'all', 'user=nobody');
	is("$exit $messages", '0 ', 'with the GRANTs that it listed the role can run everything');
}
refused($node, 'permission denied for database', 'no CONNECT privilege', 'run', 'user=nobody dbname=without');

# --- passwords ----------------------------------------------------------

$node->safe_psql('postgres', "SET password_encryption = 'scram-sha-256'; CREATE ROLE scram LOGIN PASSWORD 'right one'");
$node->append_conf('pg_hba.conf', '');
{
	my $hba = $node->data_dir . '/pg_hba.conf';
	my $before = slurp_file($hba);

	unlink $hba;
	append_to_file($hba, "local all scram scram-sha-256\n$before");
	$node->reload;
}
{
	my $err = refused($node, 'password authentication failed', 'a wrong password', 'run', "user=scram password='wrong one'");

	unlike($err, qr/wrong one/, 'a wrong password is not shown');
	refused($node, 'no password supplied', 'no password', 'run', '-n', 1, '--blocks', 1, 'user=scram');
}
refused($node, 'database "nowhere" does not exist', 'no such database', 'run', 'nowhere');
refused($node, 'role "nobody else" does not exist', 'no such role', 'run', "user='nobody else'");

# --- what a server must not be ------------------------------------------

my $unsafe = refused($node, 'synchronous_commit', 'synchronous_commit off', 'run', "options='-c synchronous_commit=off'");
like($unsafe, qr/--allow-unsafe/, 'the hint names --allow-unsafe');
{
	my ($exit, $out, $err) = run_bench($node, 'run', '-n', 1, '--blocks', 1, '--sizes', 1, '--no-baselines', '--allow-unsafe',
		'--json', $json, "options='-c synchronous_commit=off'");

	is($exit, 0, '--allow-unsafe runs all the same');
	like($out, qr/synchronous_commit/, 'with the warning above its figures');
	like(jq($json, '.sides[0].environment.warnings[]|tostring'), qr/synchronous_commit/, 'and in the result file');
}
refused($node, 'read-only', 'default_transaction_read_only', 'run', "options='-c default_transaction_read_only=on'");
refused($node, 'max_payload_bytes', 'sizes above the server\'s limit', 'run', '--sizes', '1,2000',
	"options='-c dbos_payload.max_payload_bytes=1000B'");

# --- a step that fails --------------------------------------------------

{
	my ($result, $exit, $out, $err) = failing($node, $json, "IF octet_length(new.output) = 1000 THEN RAISE EXCEPTION 'no room for %', new.function_id; END IF;",
		'-n', 3, '--blocks', 1, '--warmup', 0, '--sizes', '10,1000', '--no-baselines');

	is($exit, 2, 'a failing step: exit status 2');
	like($err, qr/^dbos_payload_bench: error: size_workflow, drive calls, origin server: step 2 failed: .*no room for 2/m, 'it is named');
	ok($result, 'the results are saved');
	my ($multiple, $batched) = @{ $result->{workflows} };
	is($multiple->{failed}, 3, 'the workflow\'s failures are counted');
	is($multiple->{steps}[1]{failed}, 3, 'and the step\'s');
	is($multiple->{steps}[0]{failed}, 0, 'the step before it has not failed');
	is($multiple->{steps}[1]{times_ms}{round_trip}{n} // 0, 0,
		'it is in no figure');
	is($multiple->{whole}{times_ms}{round_trip}{n} // 0, 0, 'nor is its workflow');
	is("$batched->{failed} $batched->{whole}{times_ms}{round_trip}{n}", '0 3', 'the other workflow is measured');
	like($out, qr/failed/i, 'the report says so');
	is(rows_left($node), '0', 'and nothing is left behind');
}
{
	my ($result, $exit, $out, $err) = failing($node, $json, "IF try = 3 THEN RAISE EXCEPTION 'not this time'; END IF;",
		'-n', 4, '--blocks', 1, '--warmup', 0, '--sizes', '10', '--no-baselines');

	is($exit, 2, 'one failure among others: exit status 2');
	is(join(' ', sort map { "$_->{failed}/$_->{whole}{times_ms}{round_trip}{n}" } @{ $result->{workflows} }), '0/4 1/3', 'the others are measured, it is not');
}
foreach my $drive (grep { $_ ne 'calls' } all_drives())
{
	my ($result, $exit, $out, $err) = failing($node, $json, "IF octet_length(new.output) = 1000 THEN RAISE EXCEPTION 'no room'; END IF;",
		'-n', 2, '--blocks', 1, '--warmup', 0, '--sizes', '10,1000,20', '--no-baselines', '--drive', $drive);

	is($exit, 2, "a failing step by $drive: exit status 2");
	like($err, qr/drive $drive, origin server: step 2 failed: .*no room/, "a failing step by $drive is told, and which it was");
	is(join(' ', map { $_->{whole}{times_ms}{round_trip}{n} // 0 } @{ $result->{workflows} }), '0 2', "a failing step by $drive is in no figure");
}
# A payload of another length than was asked for is no success: the trigger
# stores another row first, which then is the one that counts.  Procedure has no
# payload to look at: what is recorded is looked at instead.
foreach my $drive (all_drives())
{
	my ($result, $exit, $out, $err) = failing($node, $json, <<~PLPGSQL, '-n', 2, '--blocks', 1, '--warmup', 0, '--sizes', '10', '--no-baselines', '--drive', $drive);
		IF pg_trigger_depth() = 1 THEN
			new.output := substr(new.output, 2);
			INSERT INTO dbos_payload.operation_outputs VALUES (new.*);
			RETURN NULL;
		END IF;
		PLPGSQL

	is($exit, 2, "payloads of the wrong length by $drive: exit status 2");
	like($err, qr/asked for 10 bytes, (got 9|9 are recorded)/, "payloads of the wrong length by $drive: says so");
	is(join(' ', map { $_->{whole}{times_ms}{round_trip}{n} // 0 } @{ $result->{workflows} }), '0 0', "payloads of the wrong length by $drive: in no figure");
}
foreach my $origin ('server', 'client')
{
	my ($result, $exit, $out, $err) = failing($node, $json, "new.output := overlay(new.output PLACING 'x' FROM 3);",
		'-n', 1, '--blocks', 1, '--warmup', 0, '--sizes', '10', '--no-baselines', '--drive', 'procedure', '--origin', $origin, '--seed', 1);

	is($exit, 2, "other bytes recorded by procedure, origin $origin: exit status 2");
	like($err, qr/step 1 failed: other bytes are recorded/, "other bytes recorded by procedure, origin $origin: says so");
}

# A limit that is lowered while the run is under way.
{
	$node->safe_psql('postgres', "ALTER DATABASE postgres SET dbos_payload.max_payload_bytes = '1000B'");
	my ($exit, $out, $err) = run_bench($node, 'run', '--workflow-id', 'too large', '--sizes', '10,2000');
	$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET dbos_payload.max_payload_bytes');
	is($exit, 1, 'a size above max_payload_bytes is refused before the run');
	is(rows_left($node), '0', 'and no workflow is left in progress');
}
{
	my ($result, $exit) = failing($node, $json, "IF octet_length(new.output) > 1000 THEN RAISE EXCEPTION 'too large'; END IF;",
		'-n', 1, '--blocks', 1, '--warmup', 0, '--sizes', '10,2000', '--no-baselines');
	is($exit, 2, 'a step above a limit fails');
	is($node->safe_psql('postgres', "SELECT count(*) FROM dbos_payload.workflow_status WHERE status = 'PENDING'"), '0',
		'and its workflow does not stay in progress');
}

# --- tried again --------------------------------------------------------

{
	my ($result, $exit, $out, $err) = failing($node, $json, "IF try BETWEEN 4 AND 5 THEN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END IF;",
		'-n', 3, '--blocks', 1, '--warmup', 0, '--sizes', '10', '--no-baselines', '--max-tries', 3);

	is($exit, 0, '40001 twice with --max-tries 3: the run succeeds') or diag($err);
	is($result->{retries}, 2, 'both tries are counted');
	is(join(' ', sort map { "$_->{failed}/$_->{steps}[0]{retried}/$_->{whole}{times_ms}{round_trip}{n}" } @{ $result->{workflows} }), '0/0/3 0/1/2',
		'what was tried again has not failed, and is in no figure');
	like($out, qr/again/, 'the report says so');
}
foreach my $state ('40001', '40P01')
{
	my ($result, $exit, $out, $err) = failing($node, $json, "IF try >= 3 THEN RAISE EXCEPTION 'again and again' USING ERRCODE = '$state'; END IF;",
		'-n', 2, '--blocks', 1, '--warmup', 0, '--sizes', '10', '--no-baselines', '--max-tries', 4);

	is($exit, 2, "$state without end: given up, exit status 2");
	is($result->{retries} % 3, 0, "$state without end: 4 tries a step, no more");
	like($err, qr/again and again/, "$state without end: its message");
}
{
	my ($result, $exit) = failing($node, $json, "IF try = 3 THEN RAISE EXCEPTION 'once' USING ERRCODE = '40001'; END IF;",
		'-n', 2, '--blocks', 1, '--warmup', 0, '--sizes', '10', '--no-baselines');

	is("$exit $result->{retries}", '2 0', 'without --max-tries nothing is tried again');
}
{
	my ($result, $exit) = failing($node, $json, "IF try = 3 THEN RAISE EXCEPTION 'other'; END IF;",
		'-n', 2, '--blocks', 1, '--warmup', 0, '--sizes', '10', '--no-baselines', '--max-tries', 5);

	is("$exit $result->{retries}", '2 0', 'another error is not tried again');
}

# Start and finish are calls like the others.
{
	$node->safe_psql('postgres', q{
		CREATE SEQUENCE tries;
		CREATE FUNCTION stand_in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF nextval('tries') IN (5, 8) THEN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END IF;
			RETURN new;
		END $$;
		CREATE TRIGGER stand_in_the_way BEFORE INSERT OR UPDATE ON dbos_payload.workflow_status
			FOR EACH ROW EXECUTE FUNCTION stand_in_the_way()});
	my ($exit, $out, $err) = run_bench($node, 'run', '-n', 3, '--blocks', 1, '--warmup', 0, '--sizes', '10',
		'--no-baselines', '--max-tries', 2, '--json', $json);
	$node->safe_psql('postgres', 'DROP FUNCTION stand_in_the_way() CASCADE; DROP SEQUENCE tries');
	is($exit, 0, '40001 in start and finish with --max-tries 2: the run succeeds') or diag($err);
	is(jq($json, '.retries'), '2', 'both are counted');
}

# --- warnings -----------------------------------------------------------

# They are written between two calls, a kind of them once, and counted.
{
	my ($result, $exit, $out, $err) = failing($node, $json, "RAISE WARNING 'row % of \"%\"', try, new.workflow_uuid;",
		'-n', 4, '--blocks', 1, '--warmup', 0, '--sizes', '10', '--no-baselines');

	is($exit, 0, 'warnings from the server: the run succeeds');
	is(scalar(() = $err =~ /warning: the server warns: row/g), 1, 'warnings that differ by numbers and names are shown once');
	like($err, qr/the server warned 12 times, but for numbers and names: row/, 'and counted');
}

# --- results that nobody gets -------------------------------------------

SKIP:
{
	skip('there is no /dev/full here', 6) unless -c '/dev/full';

	foreach my $option ('--json', '--csv', '--samples')
	{
		my ($exit, $out, $err) = run_bench($node, 'run', '-n', 1, '--blocks', 1, '--sizes', '1', '--no-baselines', $option, '/dev/full');

		is($exit, 2, "$option on a full disk: exit status 2");
		like($err, qr{error: could not write "/dev/full": No space left on device}, "$option on a full disk: says so");
		like($out, qr/^Server +PostgreSQL/m, "$option on a full disk: the report is printed");
	}
	my ($exit, $out, $err) = run_bench($node, 'run', '-n', 1, '--blocks', 1, '--sizes', 1, '--no-baselines', '--json', '/dev/full', '--csv', "$dir/other.csv");
	ok($exit == 2 && -s "$dir/other.csv", 'the other files are written');
}
foreach my $redirection ('| true', '>/dev/full')
{
	unlink $json;
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres');
	my ($exit, $out, $err) = run_program('bash', '-c',
		"'$ENV{BENCH}' run -n 1 --blocks 1 --sizes 1 --no-baselines --json '$json' $redirection; exit \${PIPESTATUS[0]}");

	is($exit, 2, "run $redirection: exit status 2");
	like($err, qr/could not write to standard output/, "run $redirection: says so");
	is(eval { jq($json, '.iterations') }, '1', "run $redirection: the result file is there all the same");
}
is(rows_left($node), '0', 'no rows are left by any of these');

# --- memory -------------------------------------------------------------

# A client that may have no more of it keeps what it has measured.
SKIP:
{
	skip('the client is built with a sanitizer', 10) if (run_program('ldd', $ENV{BENCH}))[1] =~ /lib[atu]\w*san/;

	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres');
	my $sizes = join ',', 1 .. 100;
	my $run = sub {
		my ($kb) = @_;

		return run_program('bash', '-c', "ulimit -v $kb; exec '$ENV{BENCH}' run -n 10000 --blocks 1 --warmup 0 --drive procedure"
			. " --allow-unsafe --sizes $sizes --json '$json' \"options='-c synchronous_commit=off'\"");
	};

	foreach my $kb (70000, 60000)
	{
		my ($exit, $out, $err) = $run->($kb);

		is($exit, 2, "out of memory at $kb kB: exit status 2");
		like($err, qr/error: out of memory: the run ends here, with what it has measured/, 'out of memory: says so');
		is(jq($json, '[.stopped_by, .iterations > 0]|map(tostring)|join(" ")'), 'memory true', 'out of memory: what was measured is saved');
		is(rows_left($node), '0', 'out of memory: the rows are deleted');
	}

	# so little that libpq or the start may already fail: whatever fails says what of
	my ($exit, undef, $err) = $run->(24000);

	is($exit == 1 || $exit == 2 ? 1 : 0, 1, 'hardly any memory: exit status 1 or 2') or diag($exit);
	like($err, qr/error: /, '... with an error that is said');
}

# --- rows that cannot be deleted ----------------------------------------

{
	$node->safe_psql('postgres', q{
		CREATE TABLE theirs (id text REFERENCES dbos_payload.workflow_status);
		CREATE FUNCTION refer() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO theirs VALUES (new.workflow_uuid); RETURN NULL; END $$;
		CREATE TRIGGER refer AFTER INSERT ON dbos_payload.workflow_status FOR EACH ROW EXECUTE FUNCTION refer()});
	my ($exit, $out, $err) = run_bench($node, 'run', '-n', 1, '--blocks', 1, '--sizes', 1, '--no-baselines');
	is($exit, 2, 'rows that others refer to: exit status 2');
	like($err, qr/were not deleted: .*hint: rows of another table refer to them/s, 'rows that others refer to: says why');
	unlike($err, qr/privilege/, 'rows that others refer to: and does not blame privileges');
	$node->safe_psql('postgres', 'DROP FUNCTION refer() CASCADE; DROP TABLE theirs');
	($exit, $out) = run_bench($node, 'clean');
	is("$exit " . rows_left($node), '0 0', 'clean deletes them once that is possible') or diag($out);
}

done_testing();
