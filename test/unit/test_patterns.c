/*
 * test_patterns.c
 *	  Statements are known by what they name, however they are written.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/patterns.h"
#include "engine/sql_squeeze.h"
#include "tap.h"

static SqlSqueeze squeeze;

static int
read_text(const char *sql, Pattern *patterns)
{
	int			n;
	char		first[SQUEEZED_BYTES + 1];
	uint64_t	hash;

	sql_squeeze_begin(&squeeze);
	sql_squeeze_add(&squeeze, sql, strlen(sql));
	sql_squeeze_end(&squeeze);
	strcpy(first, squeeze.text);
	hash = squeeze.hash;

	/* the same byte by byte */
	sql_squeeze_begin(&squeeze);
	for (const char *c = sql; *c != '\0'; c++)
		sql_squeeze_add(&squeeze, c, 1);
	sql_squeeze_end(&squeeze);
	if (strcmp(first, squeeze.text) != 0 || hash != squeeze.hash)
		ok(false, "a text squeezed byte by byte is the same");
	n = patterns_of_text(squeeze.text, patterns, MOST_STATEMENTS);
	return n;
}

static void
is_role(const char *sql, Role role, const char *name)
{
	Pattern		patterns[MOST_STATEMENTS];

	read_text(sql, patterns);
	if (!ok(patterns[0].role == role, name))
		printf("# %s: found %s\n", sql, role_names[patterns[0].role]);
}

/* parameters of workflow id, function id, name, output, error, serialization; 0: none */
static void
is_record(const char *sql, int id, int function, int step_name, int output, int error, int serialization, const char *name)
{
	const int	expected[FIELD_COUNT] = {id, function, step_name, output, error, serialization};
	Pattern		patterns[MOST_STATEMENTS];
	bool		good;

	read_text(sql, patterns);
	good = patterns[0].role == ROLE_RECORD || patterns[0].role == ROLE_STEP;
	for (int f = 0; f < FIELD_COUNT; f++)
		good = good && patterns[0].places[f].parameter == expected[f];
	if (!ok(good, name))
		for (int f = 0; f < FIELD_COUNT; f++)
			printf("# field %d: found $%d, expected $%d (%s)\n", f, patterns[0].places[f].parameter, expected[f],
				   role_names[patterns[0].role]);
}

static void
test_records(void)
{
	is_record("INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, function_name, output, error) VALUES ($1, $2, $3, $4, $5)",
			  1, 2, 3, 4, 5, 0, "columns in an order");
	is_record("insert into \"My Schema\".\"operation_outputs\"(serialization, error, output, function_name, function_id, workflow_uuid)"
			  " values ($1::text, cast($2 as text), ($3), $4, $5::int4, $6)", 6, 5, 4, 3, 2, 1, "in another one, quoted, with casts");
	is_record("INSERT INTO operation_outputs AS o (workflow_uuid, function_id, output, retention_timestamp) VALUES"
			  " ($1, $2, $3, CAST(EXTRACT(epoch FROM now()) * $4::INTEGER AS BIGINT)) ON CONFLICT (workflow_uuid, function_id)"
			  " DO UPDATE SET completed_at_epoch_ms = o.completed_at_epoch_ms RETURNING completed_at_epoch_ms",
			  1, 2, 0, 3, 0, 0, "without a schema, with an expression and ON CONFLICT");
	is_record("INSERT INTO s.operation_outputs (workflow_uuid, function_id, output) SELECT $1, $2, $3 WHERE NOT EXISTS"
			  " (SELECT 1 FROM s.workflow_status WHERE workflow_uuid = $4)", 1, 2, 0, 3, 0, 0, "from a SELECT");
	is_record("/* a comment, with 'a quote */ INSERT -- and (another\n INTO dbos.operation_outputs (workflow_uuid, function_id, output)"
			  " VALUES ($1, $2, $3)", 1, 2, 0, 3, 0, 0, "behind comments");
	is_record("SELECT \"dbos_payload\".record_step($4, $3, $2, $1)", 4, 3, 2, 1, 0, 0, "a call");
	is_record("SELECT dbos_payload.record_step(function_id => $1, workflow_id => $2, output => $3, function_name => 'x')",
			  2, 1, 0, 3, 0, 0, "a call with names");
	is_record("CALL dbos_payload.commit_record_steps($1, $2, $3, $4)", 1, 2, 0, 4, 0, 0, "a procedure");
	is_record("SELECT set_config('x', CASE WHEN current_setting('x', true) = 'conflict' THEN 'conflict' ELSE"
			  " dbos_payload.record_step($1, $2, $3, $4) END, false)", 1, 2, 3, 4, 0, 0, "a call within another");
	is_record("INSERT INTO dbos.transaction_completion (workflow_id, function_num, output) VALUES ($1, $2, $3)",
			  1, 2, 0, 3, 0, 0, "a transaction of a program's own database");
}

/* Texts come from programs: a number that no message can bind is no parameter. */
static void
test_parameter_numbers(void)
{
	is_record("INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, output) VALUES ($65535, $65536, $4294967297)",
			  65535, 0, 0, 0, 0, 0, "beyond the protocol's most");
	is_record("INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, output) VALUES"
			  " ($1, $18446744073709551618, $99999999999999999999999999999999)", 1, 0, 0, 0, 0, 0, "and of many digits");
}

static void
test_roles(void)
{
	is_role("SELECT status FROM \"dbos\".\"workflow_status\" WHERE workflow_uuid=$1", ROLE_STATUS, "a status read");
	is_role("SELECT ws.status FROM dbos.workflow_status ws WHERE ws.workflow_uuid = $1", ROLE_STATUS, "with an alias");
	is_role("SELECT status, name, output FROM dbos.workflow_status WHERE workflow_uuid = $1", ROLE_OTHER, "a look at a workflow is none");
	is_role("SELECT owner_xid FROM dbos.workflow_status WHERE workflow_uuid = $1 FOR NO KEY UPDATE", ROLE_OWNER, "the owner, locked");
	is_role("UPDATE dbos.workflow_status SET executor_id = $1 WHERE workflow_uuid = $2 AND executor_id IS DISTINCT FROM $3", ROLE_RESTAMP, "a restamp");
	is_role("SELECT output, error FROM dbos.operation_outputs WHERE function_id = $2 AND workflow_uuid = $1", ROLE_CHECK, "a check");
	is_role("SELECT function_id, output FROM dbos.operation_outputs WHERE workflow_uuid = $1", ROLE_OTHER, "a list of steps is none");
	is_role("UPDATE dbos.workflow_status SET status = $1, output = $2, error = $3, updated_at = $4 WHERE workflow_uuid = $5", ROLE_END, "an end");
	is_role("UPDATE dbos.workflow_status SET status = 'PENDING', started_at_epoch_ms = $1 WHERE workflow_uuid = ANY($2)", ROLE_OTHER, "a dequeue is none");
	is_role("SELECT workflow_uuid FROM dbos.workflow_status WHERE queue_name = $1 ORDER BY priority LIMIT 10 FOR UPDATE SKIP LOCKED", ROLE_OTHER, "a queue");
	is_role("DELETE FROM dbos.notifications WHERE message_uuid = $1", ROLE_OTHER, "a message");
	is_role("SELECT * FROM orders WHERE workflow_uuid = $1 AND function_id = $2", ROLE_UNKNOWN, "another table's");
	is_role("SELECT 'INSERT INTO operation_outputs (workflow_uuid, function_id)'", ROLE_UNKNOWN, "a string is no statement");
	is_role("", ROLE_EMPTY, "nothing");
	is_role(" ;", ROLE_EMPTY, "a semicolon");
	is_role("-- ping", ROLE_EMPTY, "a comment");
	is_role("begin read write", ROLE_BEGIN, "begin");
	is_role("START TRANSACTION", ROLE_BEGIN, "start");
	is_role("ROLLBACK TO SAVEPOINT s", ROLE_SETTING, "back to a savepoint is no rollback");
	is_role("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED", ROLE_SETTING, "a setting");
	is_role("WITH updated AS (UPDATE dbos.workflow_status SET status = $1, completed_at = $2 WHERE workflow_uuid = $3 RETURNING 1),"
			" stored AS (INSERT INTO dbos.workflow_output (workflow_uuid, output) SELECT $3, $4 WHERE EXISTS (SELECT 1 FROM updated))"
			" SELECT count(*) FROM updated", ROLE_END, "an end in one statement");
}

static void
test_several(void)
{
	Pattern		patterns[MOST_STATEMENTS];
	int			n = read_text("BEGIN; INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, output)"
							  " VALUES ('w;1', 5, $tag$ it's $x$ ; long $tag$); COMMIT;", patterns);
	const Place *output = &patterns[1].places[FIELD_OUTPUT];

	ok(n == 3, "three statements");
	ok(patterns[0].role == ROLE_BEGIN && patterns[1].role == ROLE_RECORD && patterns[2].role == ROLE_COMMIT, "each is known");
	ok(strncmp(squeeze.text + patterns[1].places[FIELD_WORKFLOW_ID].literal, "w;1'", 4) == 0, "a literal is found");
	ok(output->bytes == (int64_t) strlen(" it's $x$ ; long "), "a dollar-quoted one is as long as it is");
}

static void
test_long(void)
{
	static char sql[200000];
	char		shown[60];
	Pattern		patterns[MOST_STATEMENTS];
	int			n = sprintf(sql, "INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, output) VALUES ('w', 1, '");

	memset(sql + n, 's', 150000);
	strcpy(sql + n + 150000, "')");
	read_text(sql, patterns);
	ok(patterns[0].role == ROLE_RECORD && patterns[0].places[FIELD_OUTPUT].bytes == 150000, "a long literal has its length");
	ok(strlen(squeeze.text) < 200 && strstr(squeeze.text, "ssss") == NULL, "and is not kept");

	/* names without end: no more is kept than there is room for */
	memset(sql, 'a', sizeof(sql) - 1);
	read_text(sql, patterns);
	ok(squeeze.truncated && strlen(squeeze.text) == SQUEEZED_BYTES, "of a long text only the beginning is kept");
	pattern_show("SELECT 12, 'secret' FROM t1 WHERE a=-3.5", shown, sizeof(shown));
	if (!ok(strcmp(shown, "SELECT ?, ? FROM t1 WHERE a=-?") == 0, "a text is shown without what it holds"))
		printf("# %s\n", shown);
	pattern_show("SELECT 'unfinished", shown, sizeof(shown));
	ok(strcmp(shown, "SELECT ?") == 0, "nor what is not finished");
	pattern_show("SELECT \"it's\", 'secret', ARRAY[12,0x1f], $1, \"a1\"", shown, sizeof(shown));
	if (!ok(strcmp(shown, "SELECT \"it's\", ?, ARRAY[?,?], $1, \"a1\"") == 0, "a quote in a name begins no string"))
		printf("# %s\n", shown);
	read_text("SELECT/* one */a--two\n,b -- three\n FROM t", patterns);
	if (!ok(strcmp(squeeze.text, "SELECT a ,b FROM t") == 0, "a comment is a blank"))
		printf("# %s\n", squeeze.text);
}

int
main(void)
{
	test_records();
	test_parameter_numbers();
	test_roles();
	test_several();
	test_long();
	return done_testing();
}
