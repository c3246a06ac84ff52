/*
 * test_trace_kinds.c
 *	  Traffic of other kinds than the SDKs': pipelines, calls of our own functions, text that
 *	  holds its values, what is not understood; and the parts of a step's time.
 */
#include <inttypes.h>

#include "made_sdks.h"

/* --- pipelines, our own calls ------------------------------------------- */

/* seven records at once, a Sync behind each: one round trip, seven transactions */
static void
test_pipeline(void)
{
	Trace	   *trace = begin();
	TraceFigures figures;
	Talk		talk;
	double		trips = 0;

	talk_begin(&talk, trace, &now, 1);
	for (int round = 0; round < 10; round++)
	{
		for (int i = 0; i < 7; i++)
		{
			put_parse(&talk.up, "", "SELECT dbos_payload.record_step($1, $2, $3, $4)");
			put_bind(&talk.up, "", GIVEN(TEXT("ours"), NUMBER(round * 7 + i), TEXT("size_step"), FILLED(1000)));
			empty_message(&talk.down, '1');
			empty_message(&talk.down, '2');
			put_describe(&talk, 'P', "", true);
			put_execute(&talk, &ROW(8));
			empty_message(&talk.up, 'S');
			ready(&talk);
		}
		turn(&talk);
	}
	talk_end(&talk);
	trace->ended = now;
	workflows_finish(trace);
	trace_figures_make(trace, &figures);
	is_integer(trace->seen.turns, 10, "%s: ten round trips", "pipeline");
	is_integer(trace->seen.transactions, 70, "%s: seventy transactions", "pipeline");
	is_integer(trace->seen.steps[STEP_RECORDED], 70, "%s: seventy steps", "pipeline");
	for (int i = 0; i < figures.nsteps; i++)
		trips += figures.steps[i].n * figures.steps[i].volume[TRACE_ROUND_TRIPS].mean.value;
	is_number(trips, 10, "which share the round trips");
	is_integer(trace->steps[0].bytes_up, trace->steps[3].bytes_up, "%s: bytes are each one's own", "pipeline");
	ok(strcmp(figures.steps[0].name, "size_step") == 0 && strcmp(figures.steps[0].engine, "dbos_payload") == 0, "under their name");
	trace_figures_free(&figures);
	trace_free(trace);
}

/* a step that the server makes: its size is what comes back; by a simple query too */
static void
test_own_calls(void)
{
	Trace	   *trace = begin();
	Talk		talk;

	talk_begin(&talk, trace, &now, 1);
	extended(&talk, STYLE_PGX, 1, "SELECT dbos_payload.size_step($1, $2, $3, $4, $5)",
			 GIVEN(TEXT("server"), NUMBER(2), NUMBER(3), NULL_VALUE, NUMBER(0)), ROW(1000));
	simple(&talk, "SELECT dbos_payload.start_workflow('typed', 'by hand'); SELECT dbos_payload.record_step('typed', 12,"
		   " 'it''s mine', '\\x0102')", "SELECT 1", false);
	talk_end(&talk);
	workflows_finish(trace);
	is_integer(trace->seen.steps[STEP_RECORDED], 1, "%s: a step made on the server", "calls");
	is_integer(trace->steps[0].text_bytes, 1000, "%s: and its size", "calls");
	ok(strcmp(trace->names[trace->steps[0].name], "size_step") == 0, "its name is the function's");
	trace_free(trace);
}

static void
test_simple_literals(void)
{
	Trace	   *trace = begin();
	Talk		talk;
	char	   *sql = malloc(300000);
	int			n = sprintf(sql, "INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, function_name, output) VALUES ('lit''eral', 7, 'by hand', '");

	for (int i = 0; i < 200000; i++)
		sql[n++] = i % 100 == 99 && i < 199999 ? '\'' : 'a';	/* doubled below */
	for (int i = n - 200000; i < n - 1; i++)
		if (sql[i] == '\'')
			sql[i + 1] = '\'', i++;
	strcpy(sql + n, "')");
	talk_begin(&talk, trace, &now, 1);
	simple(&talk, sql, "INSERT 0 1", false);
	simple(&talk, "INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, output) VALUES (gen_random_uuid(), 7, 'x')", "INSERT 0 1", false);
	is_integer(trace->seen.steps[STEP_RECORDED], 1, "%s: a step in a simple query", "literals");
	is_integer(trace->not_understood.not_attributed, 1, "%s: one without a workflow id that can be read", "literals");
	talk_end(&talk);
	workflows_finish(trace);
	is_integer(trace->steps[0].function_id, 7, "%s: its function id", "literals");
	ok(strcmp(trace->steps[0].workflow_id, "lit`eral") == 0, "its workflow, a quote shown as another");
	ok(trace->steps[0].text_bytes > 197000 && trace->steps[0].text_bytes <= 200000, "its length, of which nothing is kept");
	trace_free(trace);
	free(sql);
}

/* --- what is not understood --------------------------------------------- */

static void
test_unknown(void)
{
	Trace	   *trace = begin();
	Talk		talk;
	Wire		noise = {0};

	talk_begin(&talk, trace, &now, 2);
	for (int i = 0; i < 3; i++)
	{
		char		sql[80];

		snprintf(sql, sizeof(sql), "SELECT balance FROM accounts WHERE number = %d AND name = 'secret %d'", i, i);
		simple(&talk, sql, "SELECT 1", false);
	}
	is_integer(trace->not_understood.statements, 3, "%s: statements of the program's own", "unknown");
	is_integer(trace->not_understood.ntexts, 1, "%s: are shown once", "unknown");
	ok(strstr(trace->not_understood.texts[0].shown, "secret") == NULL, "without what they hold");

	/* COPY in and out, LISTEN, a notification while nothing is asked */
	text_message(&talk.up, 'Q', "COPY t FROM STDIN");
	message(&talk.down, 'G', &(Wire) {(unsigned char *) "\0\0\0", 3, 3});
	turn(&talk);
	text_message(&talk.up, 'd', "1\n");
	empty_message(&talk.up, 'c');
	text_message(&talk.down, 'C', "COPY 1");
	ready(&talk);
	turn(&talk);
	simple(&talk, "LISTEN dbos_notifications_channel", "LISTEN", false);
	text_message(&talk.down, 'A', "notification");
	pass(&talk, false, &talk.down);
	talk.down.n = 0;
	made_step(&talk, SDK_JAVA, &(MadeStep) {.workflow = "w", .function_id = 1, .name = "s", .bytes = 10});
	is_integer(trace->seen.steps[STEP_RECORDED], 1, "%s: a step behind COPY and LISTEN", "unknown");

	/* a protocol that is not PostgreSQL's */
	talk.connection = 1;
	put(&noise, "GET / HTTP/1.1\r\n", 16);
	pass(&talk, true, &noise);
	pass(&talk, true, &noise);
	is_integer(trace->not_understood.connections, 1, "%s: another protocol is said", "unknown");
	talk_end(&talk);
	free(noise.bytes);
	trace_free(trace);
}

/* more at once than is followed: the next turn is understood again */
static void
test_overflow(void)
{
	Trace	   *trace = begin();
	Talk		talk;

	talk_begin(&talk, trace, &now, 1);
	for (int i = 0; i < 20000; i++)
	{
		text_message(&talk.up, 'Q', "SELECT 1");
		text_message(&talk.down, 'C', "SELECT 1");
		ready(&talk);
	}
	turn(&talk);
	made_step(&talk, SDK_GO, &(MadeStep) {.workflow = "w", .function_id = 1, .name = "s", .bytes = 10});
	talk_end(&talk);
	workflows_finish(trace);
	is_integer(trace->seen.steps[STEP_RECORDED], 1, "%s: a step behind it", "overflow");
	is_integer(trace->not_understood.messages, 1, "%s: it is said", "overflow");
	trace_free(trace);
}

/* statements without end that are closed by DEALLOCATE: those that are used stay known */
static void
test_many_statements(void)
{
	Trace	   *trace = begin();
	Talk		talk;

	talk_begin(&talk, trace, &now, 1);
	for (int i = 0; i < 3 * MOST_NAMED; i++)
	{
		char		name[32];
		Wire		body = {0};
		int			used = (int) (i >= MOST_NAMED / 2);

		snprintf(name, sizeof(name), "statement_%d", i);
		put_text(&body, name);
		put_text(&body, "SELECT output FROM dbos.operation_outputs WHERE workflow_uuid = $1 AND function_id = $2");
		put_int(&body, 2, 0);
		message(&talk.up, 'P', &body);
		empty_message(&talk.down, '1');
		body.n = 0;
		put_text(&body, "");
		put_text(&body, used ? "statement_0" : name);
		put_int(&body, 2, 0);
		put_int(&body, 2, 0);
		put_int(&body, 2, 0);
		message(&talk.up, 'B', &body);
		empty_message(&talk.down, '2');
		free(body.bytes);
		text_message(&talk.up, 'E', "");
		text_message(&talk.down, 'C', "SELECT 0");
		empty_message(&talk.up, 'S');
		ready(&talk);
		turn(&talk);
	}
	is_integer(trace->seen.roles[ROLE_CHECK].n, 3 * MOST_NAMED, "%s: each is known", "many statements");
	ok(talk.connections[0]->nnamed <= MOST_NAMED, "many statements: no more are kept than there is room for");
	made_step(&talk, SDK_GO, &(MadeStep) {.workflow = "w", .function_id = 1, .name = "s", .bytes = 10});
	is_integer(trace->seen.roles[ROLE_RECORD].n, 1, "%s: a new one is known too", "many statements");
	talk_end(&talk);
	trace_free(trace);
}

/* polled every second for a day: what no step will ever take is not kept */
static void
test_polled(void)
{
	static Values values;
	Trace	   *trace = begin();
	Unit		unit = {.roles = 1u << ROLE_STATUS, .turns = 1};

	values_clear(&values);
	values_take(&values, FIELD_WORKFLOW_ID, "w", 1, 1, false);
	unit.status_values = values;
	for (int i = 0; i < 86400; i++)
	{
		unit.start = (i + 1) * INT64_C(2000) * 1000 * US;
		unit.end = unit.start + US;
		steps_unit(trace, &unit);
	}
	is_integer(workflow_find(trace, &values, false)->npending, 1, "%s: the last one is kept", "status reads");
	trace_free(trace);
}

/* Steps that begin and never end, in workflows that never do: only so many are kept open. */
static void
test_open_steps(void)
{
	Trace	   *trace = begin();
	Talk		talk;
	int			most = 0;

	talk_begin(&talk, trace, &now, 1);
	for (int i = 0; i < 400; i++)
	{
		char		id[32];

		snprintf(id, sizeof(id), "open-%d", i);
		for (int step = 0; step < 100; step++)
		{
			made_check(&talk, SDK_GO, &(MadeStep) {.workflow = id, .function_id = step, .name = "s"});
			most = trace->nopen > most ? trace->nopen : most;
		}
	}
	ok(most > MOST_OPEN_STEPS_IN_ALL / 2 && most <= MOST_OPEN_STEPS_IN_ALL, "of steps that never end only so many are open");
	made_step(&talk, SDK_GO, &(MadeStep) {.workflow = "whole", .function_id = 1, .name = "s", .bytes = 10});
	talk_end(&talk);
	workflows_finish(trace);
	is_integer(trace->seen.steps[STEP_UNFINISHED], 400 * 100, "%s: each is counted", "open steps");
	is_integer(trace->seen.steps[STEP_RECORDED], 1, "%s: and one that ends is seen", "open steps");
	is_integer(trace->nopen, 0, "%s: none is open at the end", "open steps");
	trace_free(trace);
}

/* Status reads of workflows that nobody records a step of: only so many are kept. */
static void
test_status_reads(void)
{
	Trace	   *trace = begin();
	Talk		talk;
	int			most = 0;

	talk_begin(&talk, trace, &now, 1);
	for (int i = 0; i < 1000; i++)
	{
		char		id[32];

		snprintf(id, sizeof(id), "read-%d", i);
		for (int read = 0; read < 70; read++)
		{
			extended(&talk, STYLE_NODE_PG, 1, "SELECT status FROM \"dbos\".workflow_status WHERE workflow_uuid=$1", GIVEN(TEXT(id)), ROW(7));
			most = trace->pending_size > most ? trace->pending_size : most;
		}
	}
	ok(most > MOST_PENDING_IN_ALL / 2 && most <= MOST_PENDING_IN_ALL, "of status reads only so many are kept");
	made_step(&talk, SDK_GO, &(MadeStep) {.workflow = "whole", .function_id = 1, .name = "s", .bytes = 10});
	talk_end(&talk);
	workflows_finish(trace);
	is_integer(trace->seen.steps[STEP_RECORDED], 1, "%s: a step behind them is seen", "status reads");
	is_integer(trace->steps[0].checked, 1, "%s: with its check", "status reads");
	is_integer(trace->pending_size, 0, "%s: none is left at the end", "status reads");
	trace_free(trace);
}

/* --- the parts ---------------------------------------------------------- */

static void
test_calibration(void)
{
	Trace	   *trace = begin();
	Talk		talk;
	double		ns[STEP_TIME_COUNT];
	const StepSample *sample;

	talk_begin(&talk, trace, &now, 1);
	made_workflow(&talk, SDK_JAVA, "c", 1);
	trace_calibration(trace, &(TraceCalibration) {.direct_ns = 100 * US, .through_ns = 160 * US, .program_side_ns = 40 * US, .rounds = 10});
	trace_calibration(trace, &(TraceCalibration) {.direct_ns = 100 * US, .through_ns = 160 * US, .program_side_ns = 40 * US, .rounds = 10});
	talk_end(&talk);
	workflows_finish(trace);
	sample = &trace->steps[0];
	step_times(trace, sample, ns);

	/* four turns of 300 us, gaps of 50, 2,050 and 50 */
	is_number(ns[STEP_WAITING] / US, 4 * 280, "what we add to each turn is not waiting");
	is_number(ns[STEP_NETWORK] / US, 4 * 100, "network is round trips as they are without us");
	is_number(ns[STEP_SERVER] / US, 4 * 180, "server is the rest");
	is_number(ns[STEP_BEFORE] / US, 2010, "the way to us is not the program's");
	is_number(ns[STEP_BETWEEN] / US, 20, "nor in the other gaps");
	is_number(ns[STEP_TRACE] / US, 4 * 60, "what tracing adds is four turns of it");
	is_number(ns[STEP_TOTAL], ns[STEP_BEFORE] + ns[STEP_BETWEEN] + ns[STEP_NETWORK] + ns[STEP_SERVER] + ns[STEP_TRACE], "all add up");
	trace_free(trace);
}

int
main(void)
{
	test_pipeline();
	test_own_calls();
	test_simple_literals();
	test_unknown();
	test_overflow();
	test_open_steps();
	test_status_reads();
	test_many_statements();
	test_polled();
	test_calibration();
	return done_testing();
}
