# The plans that sessions keep: they follow the tables' growth, are made seldom, and
# nothing of a user's is planned or run otherwise because of us.

use strict;
use warnings;

use DbosPayload;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('plans', conf => "autovacuum = off\n");
my $sessions = 16;

# a session that stays: ask() sends it SQL and returns what comes back
sub new_session
{
	my %session = (in => '', out => '', err => '', n => 0);

	$session{run} = IPC::Run::start([ 'psql', '-XAtq', '-d', conninfo($node) ],
		'<', \$session{in}, '>', \$session{out}, '2>', \$session{err}, IPC::Run::timeout(180));
	return \%session;
}

sub ask
{
	my ($session, $sql) = @_;
	my $mark = 'end of answer ' . ++$session->{n};

	$session->{out} = '';
	$session->{in} .= "$sql;\n\\echo $mark\n";
	$session->{run}->pump until $session->{out} =~ /\Q$mark\E\n/;
	return $session->{out} =~ s/\n?\Q$mark\E\n//r;
}

# every statement of ours that looks rows up, for a workflow of this name
sub calls
{
	my ($name) = @_;

	return qq{
	SELECT dbos_payload.start_workflow('$name', 'test');
	SELECT dbos_payload.start_workflow('$name', 'test');
	SELECT dbos_payload.record_step('$name', 0, 'a', '\\x00'), dbos_payload.record_step('$name', 0, 'a', '\\x00');
	SELECT dbos_payload.payload_step('$name', 1, 1), dbos_payload.step_output('$name', 0, 'a');
	SELECT dbos_payload.finish_workflow('$name'), dbos_payload.cancel_workflow('$name')};
}

# how often they read one of our tables whole; the counts of a session include what
# it has not reported yet of earlier transactions
sub whole_reads
{
	my ($session, $name) = @_;
	my $count = q{SELECT 'whole reads ' || sum(seq_scan) FROM pg_stat_xact_user_tables WHERE schemaname = 'dbos_payload'};
	my ($before, $after) = ask($session, "BEGIN; $count;" . calls($name) . "; $count; COMMIT") =~ /whole reads (\d+)/g;

	return $after - $before;
}

sub grow
{
	my ($name) = @_;

	$node->safe_psql('postgres', qq{
	INSERT INTO dbos_payload.workflow_status (workflow_uuid, name, status, created_at, updated_at)
	SELECT '$name ' || i, 'test', 'PENDING', 0, 0 FROM generate_series(1, 20000) AS i;
	INSERT INTO dbos_payload.operation_outputs (workflow_uuid, function_id, function_name, output)
	SELECT '$name ' || i, 0, 'a', '\\x00' FROM generate_series(1, 20000) AS i});
	return;
}

my $empty = 'TRUNCATE dbos_payload.workflow_status, dbos_payload.operation_outputs';

# --- small tables that grow -------------------------------------------------

foreach my $case (
	[ 'analyzed when empty', "$empty; ANALYZE dbos_payload.workflow_status, dbos_payload.operation_outputs" ],
	[ 'vacuumed when empty', "$empty; VACUUM ANALYZE dbos_payload.workflow_status; VACUUM ANALYZE dbos_payload.operation_outputs" ],
	[ 'truncated', $empty ],
	[ 'one workflow of many steps', "$empty;
	INSERT INTO dbos_payload.operation_outputs SELECT 'one', i, 'a', '\\x00' FROM generate_series(1, 20000) AS i;
	ANALYZE dbos_payload.workflow_status, dbos_payload.operation_outputs" ])
{
	my ($what, $sql) = @$case;
	my $session = new_session();

	$node->safe_psql('postgres', $_) foreach split /;/, $sql;
	ask($session, calls("warm $_")) foreach 1 .. 10;
	grow('more');
	is(whole_reads($session, 'cold'), 0, "$what, then grown: the next calls read no table whole");
	$session->{in} .= "\\q\n";
	$session->{run}->finish;
	is($session->{err}, '', "$what: no errors");
}

# made by a run that failed: not mistaken for one of the large table
{
	my $session = new_session();

	$node->safe_psql('postgres', "$empty; ANALYZE dbos_payload.workflow_status, dbos_payload.operation_outputs");
	$node->safe_psql('postgres', q{
	CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'failed'; END $$;
	CREATE TRIGGER fail BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION fail();
	SELECT dbos_payload.start_workflow('f', 'test')});
	ask($session, "SELECT dbos_payload.record_step('f', 0, 'a', '')");
	like($session->{err}, qr/failed/, 'a run fails');
	$node->safe_psql('postgres', 'DROP FUNCTION fail() CASCADE');
	grow('more');
	is(whole_reads($session, 'cold'), 0, '... and its plan is not kept');
	$session->{in} .= "\\q\n";
	$session->{run}->finish;
}

# many sessions at once
{
	$node->safe_psql('postgres', "$empty; ANALYZE dbos_payload.workflow_status, dbos_payload.operation_outputs");
	my @all = map { new_session() } 1 .. $sessions;

	foreach my $round (1 .. 5)
	{
		ask($all[$_], calls("warm $round $_")) foreach 0 .. $#all;
	}
	grow('more');
	is(join(' ', map { whole_reads($all[$_], "cold $_") } 0 .. $#all), join(' ', (0) x $sessions),
		"$sessions sessions: none reads a table whole after it has grown");
	foreach (@all)
	{
		$_->{in} .= "\\q\n";
		$_->{run}->finish;
	}
}

# --- how often is planned ---------------------------------------------------

{
	my $err = '';

	$node->safe_psql('postgres', "$empty; ANALYZE dbos_payload.workflow_status, dbos_payload.operation_outputs");
	$node->safe_psql('postgres', "SELECT dbos_payload.start_workflow('p', 'test')");
	$node->psql('postgres', q{
	SET log_planner_stats = on; SET client_min_messages = log;
	SELECT count(dbos_payload.record_step('p', i, 'a', '\x00')) FROM generate_series(1, 500) AS i}, stderr => \$err);
	my $plans = () = $err =~ /PLANNER STATISTICS/g;
	cmp_ok($plans, '>', 0, 'plannings are counted');

	# that statement itself, and two of ours, again as the table doubles from nothing
	cmp_ok($plans, '<=', 8, "500 steps of a small table: $plans plannings");
}

# --- what needs no executor ---------------------------------------------------

# a plan that is a search for a step and nothing else is done without one; what a policy
# or a search of everything brings into it is left to it
SKIP:
{
	my $library = $node->safe_psql('postgres', "SELECT setting || '/auto_explain.so' FROM pg_config WHERE name = 'PKGLIBDIR'");

	skip('this PostgreSQL has no auto_explain', 4) if !-e $library;
	$node->safe_psql('postgres', qq{
	$empty;
	CREATE ROLE reader;
	GRANT USAGE ON SCHEMA dbos_payload TO reader;
	GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA dbos_payload TO reader;
	GRANT EXECUTE ON ALL ROUTINES IN SCHEMA dbos_payload TO reader;
	SELECT dbos_payload.start_workflow('e', 'test')});

	my $number = 0;
	my $executed = sub {
		my ($before) = @_;
		my $steps = join(";\n", map { "SELECT dbos_payload.record_step('e', $_, 'a', '\\x00')" } $number .. $number + 9);
		my $err = '';

		$number += 10;
		$node->psql('postgres', qq{
		LOAD 'auto_explain';
		SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
		SET client_min_messages = log;
		$before;
		$steps}, stderr => \$err);
		my $inserts = () = $err =~ /Query Text: INSERT INTO dbos_payload/g;
		my $checks = () = $err =~ /Query Text: SELECT o\.function_name/g;
		return "$checks checks, $inserts inserts";
	};

	is($executed->('SET ROLE reader'), '1 checks, 10 inserts', 'of ten steps the executor checks the first, which makes the plan');
	is($executed->('SET enable_indexscan = off; SET ROLE reader'), '10 checks, 10 inserts', '... of a plan of another kind all');
	$node->safe_psql('postgres', q{
	ALTER TABLE dbos_payload.operation_outputs ENABLE ROW LEVEL SECURITY;
	CREATE POLICY even ON dbos_payload.operation_outputs TO reader USING (function_id >= 0)});
	is($executed->('SET ROLE reader'), '10 checks, 10 inserts', '... and where there is a policy all');
	is($executed->('SELECT 1'), '1 checks, 10 inserts', '... but not of a role that none applies to');
	$node->safe_psql('postgres', q{
	DROP POLICY even ON dbos_payload.operation_outputs;
	ALTER TABLE dbos_payload.operation_outputs DISABLE ROW LEVEL SECURITY});
}

# --- what is the user's -----------------------------------------------------

# Is the compiler loaded in this session?  Asking pg_jit_available() would load it.
my $compiler = '-e ' . "'" . $node->safe_psql('postgres', "SELECT setting FROM pg_config WHERE name = 'PKGLIBDIR'") . "/llvmjit.so'";
SKIP:
{
	skip('this PostgreSQL does not compile queries, or there is no /proc here', 4)
	  if system("test $compiler && test -e /proc/self/maps") != 0;

	my $loaded = "SELECT pg_read_file('/proc/self/maps') LIKE '%llvmjit%'";

	$node->safe_psql('postgres', qq{
	$empty;
	CREATE ROLE tenant;
	GRANT USAGE ON SCHEMA dbos_payload TO tenant;
	GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA dbos_payload TO tenant;
	GRANT EXECUTE ON ALL ROUTINES IN SCHEMA dbos_payload TO tenant;
	CREATE TABLE members AS SELECT name AS member FROM (SELECT 'tenant'::name UNION ALL SELECT 'm' || i FROM generate_series(2, 50) AS i) AS m (name);
	GRANT SELECT ON members TO tenant;
	ANALYZE members});
	is($node->safe_psql('postgres', "SET jit = on; SET jit_above_cost = 0; SELECT count(*) AS n FROM members \\gset\n$loaded"), 't', 'a loaded compiler is seen');

	foreach my $table ('workflow_status', 'operation_outputs')
	{
		$node->safe_psql('postgres', qq{
		ALTER TABLE dbos_payload.$table ENABLE ROW LEVEL SECURITY;
		CREATE POLICY members ON dbos_payload.$table TO tenant USING (EXISTS (SELECT FROM members WHERE member = current_user))});
	}
	is($node->safe_psql('postgres', "SET jit = on; SET ROLE tenant; \\o /dev/null\n" . join(";\n", map { calls("policy $_") } 1 .. 10) . ";\n\\o\nRESET ROLE; $loaded"),
		'f', 'a policy that looks members up is not compiled');
	$node->safe_psql('postgres', qq{
	DROP POLICY members ON dbos_payload.$_;
	ALTER TABLE dbos_payload.$_ DISABLE ROW LEVEL SECURITY}) foreach 'workflow_status', 'operation_outputs';

	$node->safe_psql('postgres', q{
	CREATE TABLE prices AS SELECT 'n' || i AS name, i AS price FROM generate_series(1, 200) AS i;
	ANALYZE prices;
	CREATE FUNCTION look_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		PERFORM price FROM prices WHERE name = NEW.name;
		RETURN NULL;
	END $$;
	CREATE TRIGGER look_up AFTER UPDATE ON dbos_payload.workflow_status FOR EACH ROW EXECUTE FUNCTION look_up()});
	is($node->safe_psql('postgres', "SET jit = on; \\o /dev/null\n" . join(";\n", map { calls("trigger $_") } 1 .. 10) . ";\n\\o\n$loaded"),
		'f', 'nor is a look-up of a trigger');

	# what a trigger sees of the settings is what the session has set
	$node->safe_psql('postgres', q{
	CREATE OR REPLACE FUNCTION look_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF EXISTS (SELECT FROM pg_settings WHERE name LIKE 'enable_%' AND setting <> reset_val) THEN RAISE WARNING 'changed'; END IF;
		RETURN NULL;
	END $$;
	CREATE TRIGGER look_up AFTER INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION look_up()});
	my $err = '';
	$node->psql('postgres', calls('settings'), stderr => \$err);
	is($err, '', 'no setting of the planner is another one for triggers');
}

$node->stop;
done_testing();
