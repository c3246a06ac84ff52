# Servers where C cannot be installed: what init, check and run say of them; init
# --portable by an ordinary owner of a database, and a run with it, whose figures are
# right or n/a; its functions by the same tests as the extension's; --split-commit, with
# and without the extension.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

my @quick = ('--blocks', 1, '-n', 2, '--warmup', 0, '--sizes', '1,1000,100kB');
my $dir = PostgreSQL::Test::Utils::tempdir();
my $json = "$dir/result.json";

# a server without our files, and roles without privileges
my $bare = new_node('bare', durable => 1, extension => 0, start => 0);
my $with = new_node('with', durable => 1);
my $hidden = slurp_file($ENV{TEMP_CONFIG}) =~ /^extension_control_path/m ? "extension_control_path = '\$system'\n" :
  "extension_destdir = ''\n";

$bare->append_conf('postgresql.conf', $hidden . "dynamic_library_path = '\$libdir'\n");
$bare->start;
foreach my $node ($bare, $with)
{
	$node->safe_psql('postgres', 'CREATE ROLE owner LOGIN; CREATE ROLE guest LOGIN');
	$node->safe_psql('postgres', 'CREATE DATABASE app OWNER owner');
}

# the client as a role, in the database app
sub bench
{
	my ($node, $role, @arguments) = @_;
	my ($options) = grep { ref } @arguments;

	return run_bench($node, { env => { PGUSER => $role, PGDATABASE => 'app', %{ $options || {} } } }, grep { !ref } @arguments);
}

# one line, since messages are wrapped
sub unwrapped
{
	return join(' ', @_) =~ s/\s+/ /gr;
}

# the steps' cells of a result file, by size; metrics by name
sub cells
{
	my ($result, $drive) = @_;
	my ($workflow) = grep { $_->{workflow} eq 'size_workflow' && $_->{drive} eq $drive } @{ $result->{workflows} };

	return map { $_->{payload_bytes} => $_->{times_ms} } @{ $workflow->{steps} };
}

is($bare->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'dbos_payload'}), 0,
	'the bare server has nothing of ours');

# --- what works is said, and nobody is sent round in a circle -------------

{
	my ($exit, $out, $err) = bench($bare, 'owner', 'init');

	is($exit, 1, 'init: there is nothing to create');
	like(unwrapped($err), qr/init --portable needs no C and no superuser.*run --profile, inspect and trace need nothing on the server/,
		'init: what works is said');

	foreach my $command ('check', 'run')
	{
		($exit, $out, $err) = bench($bare, 'owner', $command, @quick);
		my $said = unwrapped($out, $err);

		is($exit, 1, "$command: not without either");
		like($said, qr/It is not installed on this server.*dbos_payload_bench init --portable/, "$command: what works is said");
		like($said, qr/inspect and trace need nothing on the server, nor does run --profile/, "$command: so is what needs nothing");
		unlike($said, qr/dbos_payload_bench init(?! --portable)/, "$command: not to what cannot work");
	}
	($exit, $out) = bench($bare, 'guest', 'check', @quick);
	like(unwrapped($out), qr/the role guest needs: GRANT CREATE ON DATABASE app TO guest;/, 'check: what a role lacks for it');
	unlike(unwrapped($out), qr/run --profile/, 'check: nor can it have schemas');
	($exit, $out, $err) = bench($bare, 'guest', 'init', '--portable');
	is($exit, 1, 'init --portable: not without CREATE');
	like($err, qr/GRANT CREATE ON DATABASE app TO guest;/, 'init --portable: what is lacking');
	is($bare->safe_psql('app', q{SELECT count(*) FROM pg_namespace WHERE nspname = 'dbos_payload'}), 0, 'and nothing stays');

	($exit, $out) = bench($with, $with->safe_psql('postgres', 'SELECT current_user'), 'check', @quick);
	like(unwrapped($out), qr/This role can create it.*: dbos_payload_bench init Without C.*init --portable/,
		'check: for a superuser, both ways');
	($exit, $out) = bench($bare, 'owner', 'run', @quick, '--profile', 'dbos-go');
	is($exit, 0, 'run --profile needs nothing');
}

# --- three commands ---------------------------------------------------------

{
	my @makers = map { start_bench($bare, { env => { PGUSER => 'owner', PGDATABASE => 'app' } }, 'init', '--portable') } 1 .. 2;
	my @made = map { [ finish_bench($_) ] } @makers;

	is(join(' ', map { $_->[0] } @made), '0 0', 'init --portable: two at once both succeed') or diag(map { @$_ } @made);
	is(scalar(grep { $_->[1] =~ /^created the portable part .* DROP SCHEMA dbos_payload CASCADE;/ } @made), 1,
		'init --portable: one of them made it, and says how it goes');
	is((bench($bare, 'owner', 'init', '--portable'))[1], "the portable part of dbos_payload 1.0 is already there\n",
		'init --portable: again, it is there');

	my ($exit, $out, $err) = bench($bare, 'owner', 'check');
	is($exit, 0, 'check: run would start') or diag($out, $err);
	like(unwrapped($out), qr/warning extension: not here, only its portable part.*--split-commit tells the commit/, 'check: what there is');

	($exit, $out, $err) = bench($bare, 'owner', 'run', @quick, '--json', $json);
	is($exit, 0, 'run') or diag($out, $err);
	like(unwrapped($out), qr/extension: not here, only its portable part: payloads are the client's, and what the server does is not told apart \(n\/a\)/,
		'run: the answer says why');
	unlike(unwrapped($out), qr/largest part|For (encode|decode)|dbos_payload\.timing is off/, 'run: no part leads that was not measured');
	unlike($out, qr/^\s*payload.*(network|commit|store)/m, 'run: and none that is not known has a column');

	my $result = read_json($json);
	my %cell = cells($result, 'calls');
	my $environment = $result->{sides}[0]{environment};

	is("@{$result->{parameters}{origins}}", 'client', 'run: by default the payloads are the client\'s');
	is($environment->{portable_version}, '1.0', 'run: the file says with what');
	is($environment->{extension_version}, undef, 'and with what not');
	foreach my $size (sort { $a <=> $b } keys %cell)
	{
		my %n = map { $_ => ($cell{$size}{$_} // {})->{n} } keys %{ $cell{$size} };

		is_deeply([ grep { $n{$_} } qw(network arrival parse check generate store output commit unattributed server_total client_commit) ],
			[], "run: $size bytes: what the server does is n/a, the network too");
		is_deeply([ grep { ($n{$_} // 0) != 2 } qw(round_trip encode decode wait) ], [], "run: $size bytes: the client's own is there");
		is($cell{$size}{network}{mean}{value}, undef, "run: $size bytes: as null");
	}
	is_deeply([ sort keys %{ { map { $_->{baseline} => 1 } @{ $result->{baselines} } } } ], [ 'idle', 'insert' ],
		'run: the baselines that need no C');
	is($bare->safe_psql('app', 'SELECT count(*) FROM dbos_payload.operation_outputs'), 0, 'run: its rows are gone');
	is((run_bench('report', $json))[0], 0, 'report reads it');
}

# --- what takes C -----------------------------------------------------------

foreach my $refused (['--origin', 'server'], ['--drive', 'procedure'], ['--origin', 'all'], ['--drive', 'all'])
{
	my ($exit, $out, $err) = bench($bare, 'owner', 'run', @quick, @$refused);

	is($exit, 1, "run @$refused: refused");
	like(unwrapped($err), qr/needs? the extension's functions in C.*run --origin client works here, by --drive calls and pipeline/,
		"run @$refused: and what works is said");
}
if (grep { $_ eq 'pipeline' } all_drives())
{
	my ($exit, $out, $err) = bench($bare, 'owner', 'run', @quick, '--drive', 'calls,pipeline', '--full', '--json', $json);

	is($exit, 0, 'run --drive pipeline') or diag($out, $err);
	my %whole = map { $_->{drive} => $_->{whole}{times_ms} } @{ read_json($json)->{workflows} };
	is(join(' ', map { $whole{pipeline}{$_}{n} // 0 } qw(round_trip network commit server_total)), '2 0 0 0', 'run --drive pipeline: n/a as well');
}
{
	my ($exit, $out, $err) = bench($bare, 'owner', 'run', @quick, '--profile', 'dbos-go', '--json', $json);

	is($exit, 0, 'run --profile beside it') or diag($out, $err);
	is(scalar(grep { $_->{drive} eq 'calls' && $_->{origin} eq 'client' } @{ read_json($json)->{workflows} }), 2,
		'run --profile: calls of ours stand beside it');

	($exit, $out, $err) = bench($bare, 'owner', 'experiment', 'concurrency', '--quick');
	is($exit, 1, 'experiment concurrency: refused');
	like($err, qr/only its portable part.*\n.*concurrency does/, 'experiment concurrency: and why');

	($exit, $out) = bench($bare, 'guest', 'check', @quick);
	like(unwrapped($out), qr/GRANT EXECUTE ON ROUTINE dbos_payload\.finish_workflow, dbos_payload\.record_step, dbos_payload\.start_workflow TO guest;/,
		'check: what another role lacks');
	foreach my $grant (unwrapped($out) =~ /(GRANT [^;]+;)/g)
	{
		$bare->safe_psql('app', $grant);
	}
	($exit, $out, $err) = bench($bare, 'guest', 'run', @quick);
	is($exit, 0, 'run: with that, another role can') or diag($out, $err);
}

# --- the same functions -----------------------------------------------------

{
	# what there is there, in the words of the extension's catalogue
	my $functions = q{SELECT string_agg(concat_ws(' ', p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
			p.provolatile, p.proparallel, p.prosecdef, p.proconfig), E'\n' ORDER BY p.proname COLLATE "C")
		FROM pg_proc AS p WHERE p.pronamespace = 'dbos_payload'::regnamespace
		AND p.proname IN ('start_workflow', 'record_step', 'record_steps', 'step_output', 'list_steps', 'finish_workflow', 'cancel_workflow', 'purge')};
	my $tables = q{WITH t AS (SELECT *, oid::regclass AS name FROM pg_class WHERE relnamespace = 'dbos_payload'::regnamespace AND relkind = 'r')
		SELECT string_agg(x, E'\n' ORDER BY x COLLATE "C") FROM (
		SELECT concat_ws(' ', 'table', name, relpersistence, relrowsecurity, reloptions, obj_description(oid, 'pg_class')) FROM t
		UNION ALL SELECT concat_ws(' ', 'column', t.name, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), 'not null', a.attnotnull,
			'collation', a.attcollation::regcollation, 'storage', a.attstorage, to_jsonb(a) ->> 'attcompression', a.attidentity, a.attgenerated,
			'default', pg_get_expr(d.adbin, d.adrelid), 'comment', col_description(t.oid, a.attnum))
			FROM t JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 LEFT JOIN pg_attrdef AS d ON d.adrelid = t.oid AND d.adnum = a.attnum
		UNION ALL SELECT concat_ws(' ', 'constraint', t.name, c.conname, pg_get_constraintdef(c.oid), obj_description(c.oid, 'pg_constraint'))
			FROM t JOIN pg_constraint AS c ON c.conrelid = t.oid
		UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid), obj_description(i.indexrelid, 'pg_class')) FROM t JOIN pg_index AS i ON i.indrelid = t.oid
		UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(g.oid)) FROM t JOIN pg_trigger AS g ON g.tgrelid = t.oid) AS o(x)};
	my $extension = $with->safe_psql('postgres', $tables);
	my $portable = $bare->safe_psql('app', $tables);

	is($bare->safe_psql('app', $functions), $with->safe_psql('postgres', $functions), 'the functions are the extension\'s');

	# here no function knows when a step began
	$extension =~ s/comment when the step began, .*$/comment NULL: only the client knows when the step began/m;
	is($portable, $extension, 'the tables are: columns, types, defaults, keys, checks, indexes, comments');

	# what would be another table is seen, and nothing else
	my $after = sub { return $bare->safe_psql('app', "SET search_path = dbos_payload; BEGIN; $_[0]; RESET search_path; $tables; ROLLBACK"); };

	is($after->('ALTER TABLE workflow_status ALTER recovery_attempts SET DEFAULT 0'), $extension, 'the same again is no drift');
	foreach my $drift ('ALTER TABLE workflow_status ADD x int', 'ALTER TABLE operation_outputs ALTER function_id TYPE int8',
		'ALTER TABLE workflow_status ALTER recovery_attempts SET DEFAULT 1', 'ALTER TABLE operation_outputs ALTER function_name DROP NOT NULL',
		'ALTER TABLE operation_outputs ALTER output SET STORAGE EXTERNAL', 'ALTER TABLE operation_outputs ALTER error TYPE text COLLATE "C"',
		'ALTER TABLE workflow_status DROP CONSTRAINT workflow_status_status_check', 'ALTER TABLE operation_outputs DROP CONSTRAINT operation_outputs_pkey',
		'ALTER TABLE operation_outputs SET (fillfactor = 90)', 'CREATE INDEX ON operation_outputs (error)', 'DROP INDEX workflow_status_completed_at',
		"COMMENT ON TABLE workflow_status IS 'x'", "COMMENT ON COLUMN workflow_status.name IS 'x'", "COMMENT ON INDEX workflow_status_completed_at IS 'x'")
	{
		isnt($after->($drift), $extension, "drift is seen: $drift");
	}
	is($bare->safe_psql('app', q{SELECT string_agg(p.oid::regprocedure::text, ' ') FROM pg_proc AS p
		WHERE p.pronamespace = 'dbos_payload'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL}), '', 'every function has a COMMENT');
	is($bare->safe_psql('app', q{SELECT count(*) FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
		WHERE c.relnamespace = 'dbos_payload'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL}), 0,
		'and every column');

	my @shared = map { m{(\w+)\.sql$} } grep { slurp_file($_) =~ /^-- \(also run on what init --portable makes/m } sort glob project_dir() . '/sql/*.sql';
	cmp_ok(scalar @shared, '>=', 7, "the tests of these functions: @shared");
	suite('pg_regress', $ENV{PG_REGRESS}, project_dir(), @shared);

	my $isolation = pgxs_dir() . '/src/test/isolation/pg_isolation_regress';
  SKIP:
	{
		skip('this PostgreSQL comes without pg_isolation_regress', 1) unless -x $isolation;
		suite('isolation', $isolation, project_dir() . '/test/isolation', qw(purge start_start step_then_end));
	}
}

# suite(NAME, PROGRAM, FOLDER, TEST...): pg_regress on the bare server, as the owner
sub suite
{
	my ($name, $program, $folder, @tests) = @_;
	my $out = PostgreSQL::Test::Utils::tempdir();
	chomp(my $bindir = (run_program({}, $ENV{PG_CONFIG}, '--bindir'))[1]);	# config_data() of a node came with PostgreSQL 15
	my ($exit, $said, $err) = run_program({ env => { PGHOST => undef }, timeout => 600 }, $program,
		'--use-existing', '--dbname=app', '--user=owner', '--host=' . $bare->host, '--port=' . $bare->port,
		"--inputdir=$folder", "--outputdir=$out", "--bindir=$bindir", @tests);

	is($exit, 0, "$name on the portable part: @tests")
	  or diag($said, $err, -e "$out/regression.diffs" ? slurp_file("$out/regression.diffs") : '');
	return;
}

# --- --split-commit ---------------------------------------------------------

foreach my $refused (['--drive', 'pipeline'], ['--drive', 'procedure'], ['-M', 'simple', '--result-format', 'text'],
	['--profile', 'dbos-go'], ['--workflow-id', 'w'], ['--assume-rtt', '1ms'])
{
	is((run_bench($with, 'run', '--split-commit', @$refused))[0], 1, "--split-commit @$refused: refused");
}

SKIP:
{
	skip('libpq before 14 has no pipeline mode', 1) unless grep { $_ eq 'pipeline' } all_drives();

	# a commit that takes 100 ms and more is in the commit, and in nothing else: by far
	# more than a busy machine takes for the rest
	my @split = ('run', '--split-commit', '--blocks', 2, '-n', 5, '--sizes', '1,1000', '--json', $json);
	$bare->safe_psql('postgres', 'ALTER DATABASE app SET commit_delay = 100000; ALTER DATABASE app SET commit_siblings = 0');
	my ($exit, $out, $err) = bench($bare, 'owner', @split);
	$bare->safe_psql('postgres', 'ALTER DATABASE app RESET commit_delay; ALTER DATABASE app RESET commit_siblings');
	my $result = read_json($json);
	my %slow = cells($result, 'calls');

	is($exit, 0, '--split-commit: without C') or diag($out, $err);
	like(unwrapped($out), qr/The commit of 1 B, which had a message of its own, took [\d.]+ ms/, '--split-commit: the answer has it');
	like(unwrapped($out), qr/each step is two round trips/, '--split-commit: and what it changes');
	unlike(unwrapped($out), qr/batching saves [\d.-]/i, '--split-commit: nothing is said of batching');
	foreach my $size (1, 1000)
	{
		my $median = sub { $_[0]{$size}{ $_[1] }{median}{value} };

		cmp_ok($slow{$size}{commit_wait}{min}, '>=', 100, "--split-commit: $size bytes: each commit has waited");
		cmp_ok($median->(\%slow, 'commit'), '>', 80, "--split-commit: $size bytes: the delay is in the commit");
		is($median->(\%slow, 'commit'), $median->(\%slow, 'client_commit'), "--split-commit: $size bytes: which is the client's");
		is(join(' ', map { $slow{$size}{$_}{n} // 0 } qw(network store output server_total)), '0 0 0 0', "--split-commit: $size bytes: the rest is n/a");
		cmp_ok($median->(\%slow, 'round_trip') - $median->(\%slow, 'commit'), '<', 80, "--split-commit: $size bytes: and it is in nothing else");
	}
	is_deeply([ map { $_->{baseline} } @{ $result->{baselines} } ], ['empty'], '--split-commit: the baseline that it needs');

	# with the extension both say it, of the same steps
	($exit, $out, $err) = run_bench($with, { env => { PGOPTIONS => '-c commit_delay=100000 -c commit_siblings=0' } }, @split, '--origin', 'client');
	my %both = cells(read_json($json), 'calls');

	is($exit, 0, '--split-commit: with C') or diag($out, $err);
	like(unwrapped($out), qr/the server itself says [\d.]+ ms/, '--split-commit: both are said');
	foreach my $size (1, 1000)
	{
		my %mean = map { $_ => $both{$size}{$_}{mean}{value} } keys %{ $both{$size} };
		my $sum = 0;

		cmp_ok($mean{commit_wait}, '>', $mean{commit}, "--split-commit: $size bytes: the server's commit lies within the client's wait");
		cmp_ok(abs($mean{client_commit} - $mean{commit}), '<', 0.5 * $mean{commit}, "--split-commit: $size bytes: and is what the client makes of it");
		$sum += $mean{$_} // 0 foreach qw(encode network arrival parse check generate store output commit decode unattributed);
		cmp_ok(abs($sum - $mean{round_trip}), '<', 0.001 * $mean{round_trip}, "--split-commit: $size bytes: the parts add up");
	}

	# what fails at the commit has failed
	$bare->safe_psql('app', <<'END');
CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not at the commit'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON dbos_payload.operation_outputs
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.refuse();
END
	($exit, $out, $err) = bench($bare, 'owner', @split);
	is($exit, 2, '--split-commit: a commit that fails is a step that failed');
	like($err, qr/not at the commit/, '--split-commit: with its message');
	($exit, $out, $err) = bench($bare, 'owner', 'run', @quick, '--drive', 'pipeline');
	is($exit, 2, 'run --drive pipeline: so it is there');
	like($err, qr/not at the commit/, 'run --drive pipeline: with its message');
	$bare->safe_psql('app', 'DROP TRIGGER refuse ON dbos_payload.operation_outputs; CREATE TRIGGER refuse BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION public.refuse()');
	($exit, $out, $err) = bench($bare, 'owner', @split);
	is($exit, 2, '--split-commit: as is one that fails before');
	like($err, qr/not at the commit/, '--split-commit: with its message, too');
	$bare->safe_psql('app', 'DROP FUNCTION public.refuse() CASCADE');
}

# --- away again, and the extension after it ---------------------------------

{
	my ($exit, $out, $err) = bench($with, 'owner', 'init', '--portable');
	my $superuser = $with->safe_psql('postgres', 'SELECT current_user');

	is($exit, 0, 'init --portable: where the extension could be, too');
	($exit, $out, $err) = bench($with, 'owner', 'init');
	is($exit, 1, 'init: it cannot be created by that role');
	like(unwrapped($err), qr/its portable part 1\.0 is here: run --origin client works with it/, 'init: but there is this');
	($exit, $out, $err) = bench($with, $superuser, 'init');
	is($exit, 1, 'init: nor in its place');
	like(unwrapped($err), qr/holds the portable part.*DROP SCHEMA dbos_payload CASCADE;/, 'init: and what to do about it');
	$with->safe_psql('app', 'DROP SCHEMA dbos_payload CASCADE');
	is($with->safe_psql('app', q{SELECT count(*) FROM pg_proc WHERE proname LIKE 'portable\_%'}), 0, 'DROP SCHEMA takes it away');
	($exit, $out) = bench($with, $superuser, 'init');
	is($exit, 0, 'init: then it can be');
	($exit, $out) = bench($with, 'owner', 'init', '--portable');
	is($exit, 0, 'init --portable: beside the extension there is nothing to do');
	like($out, qr/does all that the portable part does/, 'init --portable: which it says');

	$bare->safe_psql('postgres', 'CREATE DATABASE other OWNER owner');
	$bare->safe_psql('other', 'CREATE SCHEMA dbos_payload');
	($exit, $out, $err) = bench($bare, 'owner', { PGDATABASE => 'other' }, 'init', '--portable');
	is($exit, 1, 'init --portable: not into a schema of somebody else\'s');
	like(unwrapped($err), qr/holds something that does not belong to the extension/, 'init --portable: which it says');
	($exit, $out) = bench($bare, 'owner', { PGDATABASE => 'other' }, 'check');
	like(unwrapped($out), qr/A schema dbos_payload is in the way/, 'check: so does it');
}

done_testing();
