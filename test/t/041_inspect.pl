# inspect: what it says of a database is what plain SQL says; it writes nothing,
# reads no payload, stands in no writer's way, and says what it cannot do.

use strict;
use warnings;

use ClientTest;
use Cpanel::JSON::XS ();
use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', allows_streaming => 1, conf => "autovacuum = off\nmax_wal_size = 2GB\n");
my $dir = PostgreSQL::Test::Utils::tempdir();
my $sources = project_dir() . '/test/inspect';

# fill(SCHEMA, LAYOUT, OWN_TABLES): a schema with tables, filled
sub fill
{
	my ($schema, $layout, $own_tables) = @_;

	run_psql($schema, "$layout.sql", 'other_tables.sql');
	run_psql('-v', 'workflows=600', '-v', "own_tables=$own_tables", $schema, 'fill.sql');
	$node->safe_psql('postgres', 'VACUUM');
	return;
}

sub run_psql
{
	my @arguments = @_;
	my @files = map { ('-f', "$sources/$_") } grep { /\.sql$/ } @arguments;
	my ($schema) = grep { !/\.sql$/ && !/^-v$|=/ } @arguments;
	my ($exit, undef, $err) = run_program(
		{ env => { PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres' } },
		'psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-v', "schema=$schema",
		(grep { /^-v$|=/ } @arguments), @files);

	is($exit, 0, "filled: @arguments") or diag($err);
	return;
}

# inspect(ARGUMENT...): what it writes as JSON; what it prints is in $report
my $report;

sub inspect
{
	my ($exit, $out, $err) = run_bench($node, 'inspect', '--json', "$dir/inspection.json", @_);

	is($exit, 0, "inspect @_: succeeds") or diag($err);
	$report = $out;
	return read_json("$dir/inspection.json");
}

# rows(QUERY): arrays of fields; NULL is undef
sub rows
{
	my ($query) = @_;
	my $text = $node->safe_psql('postgres', "SELECT coalesce(json_agg(to_json(q)), '[]') FROM ($query) AS q");

	return [ map { my $row = $_; [ map { $row->{$_} } sort keys %$row ] } @{ Cpanel::JSON::XS->new->utf8->decode($text) } ];
}

# amount(OBJECT): rows, text and stored bytes
sub amount { return @{ $_[0] }{qw(rows text_bytes stored_bytes)}; }

# --- what it says is what plain SQL says -----------------------------------

fill('dbos', 'own_tables', 1);
fill('old', 'status_holds_all', 0);
fill('Mixed "it"', 'own_tables', 2);

inspect('--schema', 'dbos');
is((run_bench('report', "$dir/inspection.json"))[1], $report, 'report prints what inspect printed');
inspect('--schema', 'dbos', '--full');
is((run_bench('report', '--full', "$dir/inspection.json"))[1], $report, '... in full too');

# what the report relies on and no single key says
foreach my $case ([ '"sizes": [', '"sizes": [{"from_bytes": 1e30},', qr/key "sizes\[0\]\.from_bytes" should be a whole number/ ],
	[ '"days": [', '"days": [], "unread": [', qr/key "days" has 0 elements, fewer than 7$/ ],
	[ '"columns": [', '"columns": [], "unread": [', qr/key "columns" is empty, though there are steps$/ ])
{
	my ($from, $to, $message) = @$case;
	my $text = slurp_file("$dir/inspection.json");

	substr($text, index($text, $from), length $from, $to);
	unlink "$dir/changed.json";
	append_to_file("$dir/changed.json", $text);
	my ($exit, undef, $err) = run_bench('report', "$dir/changed.json");

	is($exit, 1, "$to: refused");
	like($err, $message, '... with its place');
}
my ($no_plots, undef, $why) = run_bench('report', '--csv', "$dir/no.csv", "$dir/inspection.json");

is($no_plots, 1, 'an inspection has no CSV');
like($why, qr/is the file of an inspection: --csv is of runs alone$/, '... and says so');

foreach my $case ([ 'dbos', 'tables of their own' ], [ 'old', 'workflow_status' ], [ 'Mixed "it"', 'tables of their own, older ones in workflow_status' ])
{
	my ($schema, $layout) = @$case;
	my $it = inspect('--schema', $schema);
	my $s = '"' . $schema =~ s/"/""/gr . '"';
	my $now = "(extract(epoch FROM timestamptz '$it->{started_at}') * 1000)::int8";

	like($report =~ s/\s+/ /gr, qr/payloads of workflows in \Q$layout\E; /, "$schema: the layout");
	is($it->{migration}, $schema eq 'old' ? 41 : 125, "$schema: the migration");
	is_deeply([ [ amount($it->{steps}) ] ],
		rows("SELECT count(*) AS a, sum(octet_length(output)) AS b, sum(pg_column_size(output)) AS c FROM $s.operation_outputs"),
		"$schema: all steps");
	is_deeply(
		[ sort { $a->[0] cmp $b->[0] } map { [ $_->{name}, amount($_->{amount}), @$_{qw(errors children p50_bytes p99_bytes largest_bytes)},
			map { defined ? $_ + 0 : undef } @$_{qw(duration_p50_ms duration_p99_ms)} ] } @{ $it->{names} } ],
		[ sort { $a->[0] cmp $b->[0] } @{ rows("SELECT function_name AS a, count(*) AS b, coalesce(sum(octet_length(output)), 0) AS c,
			coalesce(sum(pg_column_size(output)), 0) AS d, count(error) AS e, count(child_workflow_id) AS f,
			percentile_disc(0.5) WITHIN GROUP (ORDER BY octet_length(output)) AS g,
			percentile_disc(0.99) WITHIN GROUP (ORDER BY octet_length(output)) AS h, max(octet_length(output)) AS i,
			percentile_disc(0.5) WITHIN GROUP (ORDER BY completed_at_epoch_ms - started_at_epoch_ms) AS j,
			percentile_disc(0.99) WITHIN GROUP (ORDER BY completed_at_epoch_ms - started_at_epoch_ms) AS k
			FROM $s.operation_outputs GROUP BY 1") } ],
		"$schema: steps by name");
	is_deeply([ sort { $a->[0] cmp $b->[0] } map { [ $_->{serialization} // '', amount($_->{amount}) ] } @{ $it->{formats} } ],
		[ sort { $a->[0] cmp $b->[0] } @{ rows("SELECT coalesce(serialization, '') AS a, count(output) AS b, sum(octet_length(output)) AS c,
			sum(pg_column_size(output)) AS d FROM $s.operation_outputs WHERE output IS NOT NULL GROUP BY 1") } ],
		"$schema: outputs by format, NULL among them");
	is_deeply([ map { [ $_->{from_bytes}, amount($_->{amount}) ] } grep { $_->{amount}{rows} > 0 } @{ $it->{sizes} } ],
		rows("SELECT CASE WHEN octet_length(output) = 0 THEN 0 ELSE (10 ^ floor(log(octet_length(output))))::int8 END AS a,
			count(*) AS b, sum(octet_length(output)) AS c, sum(pg_column_size(output)) AS d
			FROM $s.operation_outputs WHERE output IS NOT NULL GROUP BY 1 ORDER BY 1"),
		"$schema: outputs by size");
	is_deeply([ map { [ @$_{qw(workflow_uuid function_id text_bytes)} ] } @{ $it->{largest} } ],
		rows("SELECT workflow_uuid AS a, function_id AS b, octet_length(output) AS c FROM $s.operation_outputs
			WHERE output IS NOT NULL ORDER BY 3 DESC, 1, 2 LIMIT 5"),
		"$schema: the largest, with their ids");
	is_deeply([ map { [ $_->{days_ago}, amount($_->{amount}) ] } grep { $_->{amount}{rows} > 0 } @{ $it->{days} } ],
		rows("SELECT ($now - completed_at_epoch_ms) / 86400000 AS a, count(*) AS b, coalesce(sum(octet_length(output)), 0) AS c,
			coalesce(sum(pg_column_size(output)), 0) AS d FROM $s.operation_outputs
			WHERE $now - completed_at_epoch_ms < 14 * 86400000::int8 GROUP BY 1 ORDER BY 1"),
		"$schema: steps by day");

	# every payload column
	foreach my $column (@{ $it->{columns} })
	{
		my ($table, $name) = @$column{qw(table column)};
		my $compression = $node->safe_psql('postgres', 'SHOW server_version_num') >= 140000 ?
		  "pg_column_compression($name)" : "CASE WHEN pg_column_size($name) < octet_length($name) THEN 'pglz' END";

		is_deeply([ [ amount($column->{amount}), $column->{largest_bytes} ] ],
			rows("SELECT count($name) AS a, coalesce(sum(octet_length($name)), 0) AS b, coalesce(sum(pg_column_size($name)), 0) AS c,
				max(octet_length($name)) AS d FROM $s.$table"),
			"$schema: $table.$name");
		next if !defined $column->{pglz}{rows};
		is_deeply([ [ amount($column->{pglz}) ] ],
			rows("SELECT count(*) AS a, coalesce(sum(octet_length($name)), 0) AS b, coalesce(sum(pg_column_size($name)), 0) AS c
				FROM $s.$table WHERE $compression = 'pglz'"),
			"$schema: $table.$name, compressed");
	}
	is(join(' ', sort map { "$_->{table}.$_->{column}" } @{ $it->{columns} }),
		join(' ', sort map { $_->[0] } @{ rows("SELECT relname || '.' || attname AS a FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
			WHERE relnamespace = '$s'::regnamespace AND relkind = 'r' AND attname IN ('output', 'error', 'inputs', 'message', 'value')") }),
		"$schema: these are all");
	is_deeply([ sort { $a->[0] cmp $b->[0] } map { [ $_->{table}, $_->{heap_bytes} + $_->{toast_bytes}, $_->{index_bytes}, scalar @{ $_->{indexes} } ] } @{ $it->{tables} } ],
		[ sort { $a->[0] cmp $b->[0] } @{ rows("SELECT relname AS a, pg_table_size(oid) AS b, pg_indexes_size(oid) AS c,
			(SELECT count(*) FROM pg_index WHERE indrelid = pg_class.oid) AS d
			FROM pg_class WHERE relnamespace = '$s'::regnamespace AND relkind = 'r'") } ],
		"$schema: bytes on disk");

	# workflows
	is_deeply([ sort { $a->[0] cmp $b->[0] } map { [ @$_{qw(name count succeeded failed unfinished steps_p50 steps_most)} ] } @{ $it->{workflows} } ],
		[ sort { $a->[0] cmp $b->[0] } @{ rows("SELECT name AS a, count(*) AS b, count(*) FILTER (WHERE status = 'SUCCESS') AS c,
			count(*) FILTER (WHERE status = 'ERROR') AS d, count(*) FILTER (WHERE status IN ('PENDING', 'ENQUEUED')) AS e,
			percentile_disc(0.5) WITHIN GROUP (ORDER BY n) AS f, max(n) AS g
			FROM $s.workflow_status AS w, LATERAL (SELECT count(*) AS n FROM $s.operation_outputs AS o
				WHERE o.workflow_uuid = w.workflow_uuid) AS x GROUP BY 1") } ],
		"$schema: workflows by name");
	my $own = join ' + ', map { "coalesce((SELECT pg_column_size($_->[1]) FROM $s.$_->[0] WHERE workflow_uuid = w.workflow_uuid), 0)" }
	  ([ 'workflow_status', 'inputs' ], [ 'workflow_status', 'output' ], [ 'workflow_status', 'error' ],
		$schema eq 'old' ? () : ([ 'workflow_input', 'inputs' ], [ 'workflow_output', 'output' ], [ 'workflow_output', 'error' ]));
	is_deeply([ map { [ @$_{qw(days workflows)}, amount($_->{steps}), $_->{own_stored_bytes} ] } grep { $_->{days} == 30 } @{ $it->{deletable} } ],
		rows("SELECT 30 AS a, count(*) AS b, sum(n) AS c, sum(b)::int8 AS d, sum(s)::int8 AS e, sum($own)::int8 AS f
			FROM $s.workflow_status AS w, LATERAL (SELECT count(*) AS n, coalesce(sum(octet_length(output)), 0) AS b,
				coalesce(sum(pg_column_size(output)), 0) AS s FROM $s.operation_outputs AS o WHERE o.workflow_uuid = w.workflow_uuid) AS x
			WHERE completed_at <= $now - 30 * 86400000::int8"),
		"$schema: what could be deleted");

	# by their contents, which inspect does not look at
	my $child = $schema eq 'old' ? 'c.output' : "coalesce((SELECT output FROM $s.workflow_output AS r WHERE r.workflow_uuid = c.workflow_uuid), c.output)";
	is_deeply([ [ amount($it->{duplicates}{same_length}) ] ],
		rows("SELECT count(*) AS a, sum(octet_length(o.output)) AS b, sum(pg_column_size(o.output)) AS c FROM $s.operation_outputs AS o
			JOIN $s.workflow_status AS c ON c.workflow_uuid = o.child_workflow_id WHERE o.output = $child"),
		"$schema: what is stored twice");
}

# --- it writes nothing, reads no payload, and stands in nobody's way ---------

# what has happened to tables: rows written; TOAST read
my $written = q{SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_all_tables};
my $toast = q{SELECT coalesce(sum(toast_blks_hit + toast_blks_read), 0) FROM pg_statio_user_tables};

sub settled
{
	my ($query) = @_;
	my ($before, $now) = ('', 'unknown');

	# statistics come late before 15
	for (1 .. 50)
	{
		last if $before eq $now;
		$before = $now;
		$node->safe_psql('postgres', 'SELECT pg_sleep(0.6)');
		$now = $node->safe_psql('postgres', $query);
	}
	return $now;
}

{
	my @before = map { settled($_) } $written, $toast;
	my $wal = $node->safe_psql('postgres', 'CHECKPOINT; SELECT pg_current_wal_insert_lsn()');

	inspect('--full');
	is($node->safe_psql('postgres', "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '$wal') < 1000"), 't', 'no WAL is written');
	is(settled($written), $before[0], 'no row is written');
	is(settled($toast), $before[1], 'TOAST is not read: no payload is decompressed or fetched');
	$node->safe_psql('postgres', 'SELECT sum(length(output)) FROM dbos.operation_outputs');
	isnt(settled($toast), $before[1], '... which would have been seen');
}
{
	my $other = start_psql($node);

	# what no writer gets beside another writer, and what a change of the table takes
	psql_says($other, 'BEGIN; LOCK TABLE dbos.operation_outputs, dbos.workflow_status IN SHARE ROW EXCLUSIVE MODE');
	inspect();
	psql_says($other, 'LOCK TABLE dbos.operation_outputs IN ACCESS EXCLUSIVE MODE');
	my ($exit, undef, $err) = run_bench($node, 'inspect');
	is($exit, 1, 'a table that is being changed is not waited for');
	like_message($err, qr/lock timeout/, '... and that is said');
	psql_says($other, 'ROLLBACK');
	$other->{run}->finish;
}
{
	# it holds nothing that a writer waits for
	my $bench = start_bench($node, 'inspect', '--schema', 'old');
	my $failed = 0;

	while ($bench->{run}->pumpable)
	{
		my ($exit) = $node->psql('postgres', q{SET lock_timeout = '50ms'; BEGIN; INSERT INTO old.workflow_status (workflow_uuid) VALUES ('writer');
			UPDATE old.operation_outputs SET function_id = function_id WHERE workflow_uuid = (SELECT min(workflow_uuid) FROM old.operation_outputs);
			DELETE FROM old.workflow_status WHERE workflow_uuid = 'writer'; ROLLBACK});
		$failed += $exit != 0;
		$bench->{run}->pump_nb;
	}
	is((finish_bench($bench))[0], 0, 'inspect beside a writer');
	is($failed, 0, 'and no writer waits for it');
}

# --- privileges ---------------------------------------------------------------

$node->safe_psql('postgres', 'CREATE ROLE "Reader" LOGIN');
{
	my ($exit, undef, $err) = run_bench($node, 'inspect', 'user=Reader');
	my ($grants) = $err =~ /what it takes: (.*?); \(/s;

	is($exit, 1, 'without privileges it fails');
	like_message($err, qr/may not read/, '... and says so');
	like($grants, qr/^GRANT USAGE ON SCHEMA dbos TO "Reader"; GRANT SELECT ON .*dbos\.operation_outputs.* TO "Reader"$/, '... with the GRANTs');
	$node->safe_psql('postgres', $grants);
	inspect('user=Reader');
	unlike($report, qr/left out/, 'they are all that it takes');
	$node->safe_psql('postgres', 'REVOKE SELECT ON dbos.workflow_input FROM "Reader"');
	my $it = inspect('user=Reader');
	like($report, qr/left out, since this role may not read.*GRANT SELECT\s+ON\s+dbos\.workflow_input\s+TO\s+"Reader"/s, 'a table that may not be read is left out, with its GRANT');
	is(scalar(grep { $_->{table} eq 'workflow_input' } @{ $it->{columns} }), 0, '... from the columns');
	cmp_ok($it->{steps}{rows}, '>', 0, '... and the rest is there');
}
{
	$node->safe_psql('postgres', 'ALTER TABLE dbos.operation_outputs ENABLE ROW LEVEL SECURITY');
	my ($exit, undef, $err) = run_bench($node, 'inspect', 'user=Reader');
	is($exit, 1, 'rows that a policy hides are not passed over');
	like_message($err, qr/row-level security/, '... but said');
	$node->safe_psql('postgres', 'ALTER TABLE dbos.operation_outputs DISABLE ROW LEVEL SECURITY');
}

# --- what is not DBOS's, or newer, or empty -----------------------------------

{
	my ($exit, undef, $err) = run_bench($node, 'inspect', '--schema', 'nothing');
	is($exit, 1, 'a schema that is not there');
	like_message($err, qr/no schema "nothing"/, '... is said');
	like($err, qr/hint: .*"Mixed ""it""", dbos, .*old/, '... with those that are');
	($exit, undef, $err) = run_bench($node, 'inspect', '--schema', 'pg_catalog');
	is($exit, 1, 'a schema that is not DBOS\'s');
	like_message($err, qr/not DBOS's: it has no operation_outputs/, '... is said');
	$node->safe_psql('postgres', 'CREATE SCHEMA views; CREATE VIEW views.operation_outputs AS SELECT * FROM dbos.operation_outputs;
		CREATE VIEW views.workflow_status AS SELECT * FROM dbos.workflow_status');
	($exit, undef, $err) = run_bench($node, 'inspect', '--schema', 'views');
	is($exit, 1, 'views, which could do anything');
	like_message($err, qr/no plain table/, '... are not read');

	$node->safe_psql('postgres', 'UPDATE dbos.dbos_migrations SET version = 1000');
	my $it = inspect();
	like($report, qr/migration 1000 is newer than/, 'a newer migration is said');
	cmp_ok($it->{steps}{rows}, '>', 0, '... and read all the same');
	$node->safe_psql('postgres', 'UPDATE dbos.dbos_migrations SET version = 125');

	run_psql('empty', 'own_tables.sql', 'other_tables.sql');
	$it = inspect('--schema', 'empty');
	like($report, qr/No step and no workflow/, 'an empty database');
	is($it->{steps}{rows}, 0, '... has no step');
	inspect('--schema', 'empty', '--full');
	is((run_bench('report', '--full', "$dir/inspection.json"))[1], $report, '... as report prints it');

	$node->safe_psql('postgres', 'CREATE DATABASE bare');
	$node->safe_psql('bare', 'CREATE SCHEMA app; CREATE TABLE app.workflow_status ()');
	($exit, undef, $err) = run_bench($node, 'inspect', 'dbname=bare');
	is($exit, 1, 'another database');
	like_message($err, qr/hint: of this database's schemas \(app, public\) none has both workflow_status and operation_outputs/,
		'... whose schemas were looked at');
	$node->safe_psql('bare', 'SELECT format($$CREATE SCHEMA many%s$$, i) FROM generate_series(1, 20) AS i \gexec');
	($exit, undef, $err) = run_bench($node, 'inspect', 'dbname=bare');
	like_message($err, qr/hint: of this database's schemas \(app, many1, .* and 12 more\) none/, '... ten of them');

	# our own tables: bytea, and none of the columns that came later
	$node->safe_psql('postgres', q{SELECT dbos_payload.start_workflow('mine', 'mine'); SELECT length(dbos_payload.payload_step('mine', 1, 12345))});
	$it = inspect('--schema', 'dbos_payload');
	is($it->{steps}{text_bytes}, 12345, 'our own schema is read too');
	is($it->{migration}, undef, '... which has no migration');
}

# --- what advice saves ----------------------------------------------------------

{
	my ($exit, undef, $err) = run_bench($node, 'run', '--origin', 'client', '--blocks', 1, '-n', 2, '--sizes', '1,1000,1000000',
		'--no-baselines', '--allow-unsafe', '--json', "$dir/run.json");
	is($exit, 0, 'a run for the model') or diag($err);
	my %plain = map { $_->{rule} => $_ } @{ inspect()->{advice} };
	my %with = map { $_->{rule} => $_ } @{ inspect('--model', "$dir/run.json")->{advice} };

	is(join(' ', sort keys %plain), join(' ', sort keys %with), 'the same advice with a model and without');
	ok($plain{$_}, "advice: $_") foreach qw(encoding reference retention);
	is($plain{reference}{ms_per_day}, undef, 'without a model no time is said to be saved');
	cmp_ok($with{reference}{bytes}, '==', $plain{reference}{bytes}, 'bytes need none');
	ok(defined $with{$_}{ms_per_day} && defined $with{$_}{wal_bytes_per_day}, "with it, time and WAL: $_") foreach qw(encoding reference);
	($exit, undef, $err) = run_bench($node, 'inspect', '--model', "$dir/inspection.json");
	is($exit, 1, 'a model that is no result file');
	run_bench($node, 'run', '--drive', 'procedure', '--blocks', 1, '-n', 2, '--sizes', '1,1000', '--no-baselines', '--allow-unsafe', '--json', "$dir/other.json");
	($exit, undef, $err) = run_bench($node, 'inspect', '--model', "$dir/other.json");
	is($exit, 1, 'a model without calls');
	like_message($err, qr/two sizes by --drive calls/, '... says what it lacks');
}

# --- large tables are sampled ------------------------------------------------------

{
	# a row a page: more than are read whole
	run_psql('large', 'own_tables.sql');
	$node->safe_psql('postgres', q{ALTER TABLE large.operation_outputs SET (fillfactor = 10);
		INSERT INTO large.workflow_status (workflow_uuid, name, status, completed_at) SELECT 'w' || i, 'large', 'SUCCESS', 1 FROM generate_series(1, 17500) AS i;
		INSERT INTO large.operation_outputs (workflow_uuid, function_id, function_name, output, completed_at_epoch_ms)
		SELECT 'w' || i, step, 'step', repeat('x', 900), 1 FROM generate_series(1, 17500) AS i, generate_series(1, 4) AS step});
	my $it = inspect('--schema', 'large', '--full');
	my ($table) = grep { $_->{table} eq 'operation_outputs' } @{ $it->{tables} };

	cmp_ok($table->{read_pages}, '<', $table->{pages}, 'a large table is sampled');
	like($report, qr/From samples of pages.*operation_outputs: [\d,]+ of [\d,]+ pages/s, '... and that is said');
	cmp_ok(abs($it->{steps}{rows} - 70000), '<', 3500, '... its rows are estimated') or diag($it->{steps}{rows});
	cmp_ok(abs($it->{steps}{text_bytes} / $it->{steps}{rows} - 900), '<', 1, '... and its bytes');
	is($it->{workflows}[0]{steps_p50}, 4, '... workflows look up their steps');
	$it = inspect('--schema', 'large', '--exact');
	is($it->{steps}{rows}, 70000, '--exact reads it whole');
	is($it->{steps}{text_bytes}, 63000000, '... to the byte');
	unlike($report, qr/sample/, '... and no sample is spoken of');
	$node->safe_psql('postgres', 'DROP SCHEMA large CASCADE');
}

# --- names as long as they can be ---------------------------------------------------

{
	run_psql('long', 'own_tables.sql', 'other_tables.sql');
	$node->safe_psql('postgres', q{
		INSERT INTO long.workflow_status (workflow_uuid, status, name, created_at, updated_at, completed_at)
		SELECT repeat('w', 80) || i, 'SUCCESS', repeat('workflow', 12), t, t, t
		FROM generate_series(1, 60) AS i, (SELECT (extract(epoch FROM now()) * 1000)::int8 - 40 * 86400000::int8 AS t) AS x;
		INSERT INTO long.operation_outputs (workflow_uuid, function_id, function_name, output, started_at_epoch_ms, completed_at_epoch_ms)
		SELECT workflow_uuid, 1, repeat('step', 25), (SELECT string_agg(md5(workflow_uuid || i), '') FROM generate_series(1, 4000) AS i), created_at, created_at + 7 FROM long.workflow_status;
		CREATE INDEX an_index_whose_name_is_as_long_as_the_name_of_an_index_can_be_ ON long.operation_outputs (output) WHERE false});
	inspect('--schema', 'long', '--full');
	is_deeply([ grep { length > 100 } split /\n/, $report ], [], 'long names: --full has 100 columns');
	like($report, qr/^Steps by name\n.*^step +rows .*^step .* p99 ms\n/ms, '... with what does not fit under the rest');
	is(scalar(() = $report =~ /\b60 workflows ended|^ +30 +60 /mg), 2, '... and what can be deleted stands in the advice and in its table');
	inspect('--schema', 'long');
	is(scalar(() = $report =~ /60 workflows ended/g), 1, '... on one screen it stands once');
	unlike($report, qr/^Ended 30 days ago/m, '... where the advice is');
	$node->safe_psql('postgres', 'DROP SCHEMA long CASCADE');
}

# --- workflows of more names than are told apart -------------------------------------

{
	run_psql('many', 'own_tables.sql', 'other_tables.sql');
	$node->safe_psql('postgres', q{
		INSERT INTO many.workflow_status (workflow_uuid, status, name, created_at, updated_at, completed_at)
		SELECT 'w' || i, 'SUCCESS', 'name' || i, t, t, t
		FROM generate_series(1, 6000) AS i, (SELECT (extract(epoch FROM now()) * 1000)::int8 - 40 * 86400000::int8 AS t) AS x});
	my $it = inspect('--schema', 'many');
	is(scalar @{ $it->{workflows} }, 5000, 'no more names of workflows than are told apart');
	is_deeply([ map { $_->{workflows} } grep { $_->{days} == 30 } @{ $it->{deletable} } ], [6000], '... and what could be deleted is all');
	$node->safe_psql('postgres', 'DROP SCHEMA many CASCADE');
}

# --- a standby ----------------------------------------------------------------------

{
	my $standby = PostgreSQL::Test::Cluster->new('standby');

	$node->backup('backup');
	$standby->init_from_backup($node, 'backup', has_streaming => 1);
	$standby->start;
	my ($exit, $out, $err) = run_bench($standby, 'inspect', '--json', "$dir/standby.json");
	is($exit, 0, 'a standby is read') or diag($err);
	like($out, qr/a standby/, '... and said to be one');
	is_deeply(read_json("$dir/standby.json")->{names}, inspect()->{names}, '... with the same figures');
	$standby->stop;
}

done_testing();
