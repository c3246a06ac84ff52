/*
 * made_sdks.h
 *	  Steps and workflows as DBOS's SDKs send them, over made traffic.
 */
#ifndef MADE_SDKS_H
#define MADE_SDKS_H

#include <inttypes.h>

#include "made_traffic.h"
#include "tap.h"
#include "trace/trace_internal.h"

typedef enum Sdk
{
	SDK_PYTHON,
	SDK_TYPESCRIPT,
	SDK_GO,
	SDK_JAVA,
	SDK_COUNT
} Sdk;

typedef struct MadeStep
{
	const char *workflow;
	int			function_id;
	const char *name;
	int64_t		bytes;
	int64_t		function_ns;	/* what the program does in it */
	bool		replayed;
} MadeStep;

static inline void
made_check(Talk *talk, Sdk sdk, const MadeStep *step)
{
	Answer		found = step->replayed ? ROW(step->bytes) : NO_ROW;
	char		number[16];

	snprintf(number, sizeof(number), "%d", step->function_id);
	switch (sdk)
	{
		case SDK_PYTHON:
			simple(talk, ";", NULL, false);
			simple(talk, "BEGIN ISOLATION LEVEL READ COMMITTED", "BEGIN", true);
			extended(talk, STYLE_PSYCOPG, 1, "SELECT dbos.workflow_status.status \nFROM dbos.workflow_status \n"
					 "WHERE dbos.workflow_status.workflow_uuid = $1::VARCHAR", GIVEN(TEXT(step->workflow)), ROW(7));
			extended(talk, STYLE_PSYCOPG, 2, "SELECT dbos.operation_outputs.output, dbos.operation_outputs.error, "
					 "dbos.operation_outputs.function_name, dbos.operation_outputs.child_workflow_id, "
					 "dbos.operation_outputs.serialization \nFROM dbos.operation_outputs \n"
					 "WHERE dbos.operation_outputs.workflow_uuid = $1::VARCHAR AND dbos.operation_outputs.function_id = $2::INTEGER",
					 GIVEN(TEXT(step->workflow), NUMBER(step->function_id)), found);
			simple(talk, "COMMIT", "COMMIT", false);
			break;
		case SDK_TYPESCRIPT:
			for (int i = 0; i < 2; i++)
				extended(talk, STYLE_NODE_PG, 1, "SELECT status FROM \"dbos\".workflow_status WHERE workflow_uuid=$1",
						 GIVEN(TEXT(step->workflow)), ROW(7));
			extended(talk, STYLE_NODE_PG, 2, "SELECT output, error, child_workflow_id, function_name, serialization"
					 " FROM \"dbos\".operation_outputs WHERE workflow_uuid=$1 AND function_id=$2",
					 GIVEN(TEXT(step->workflow), TEXT(number)), found);
			break;
		case SDK_GO:
			simple(talk, "begin read write", "BEGIN", true);
			extended(talk, STYLE_PGX, 1, "SELECT status FROM \"dbos\".workflow_status WHERE workflow_uuid = $1",
					 GIVEN(TEXT(step->workflow)), ROW(7));
			extended(talk, STYLE_PGX, 2, "SELECT output, error, function_name, serialization\n\t\tFROM \"dbos\".operation_outputs\n"
					 "\t\tWHERE workflow_uuid = $1 AND function_id = $2",
					 GIVEN(TEXT(step->workflow), NUMBER(step->function_id)), found);
			simple(talk, "rollback", "ROLLBACK", false);
			break;
		case SDK_JAVA:
			extended(talk, STYLE_PGJDBC, 1, "SELECT status FROM \"dbos\".workflow_status WHERE workflow_uuid = $1",
					 GIVEN(TEXT(step->workflow)), ROW(7));
			extended(talk, STYLE_PGJDBC, 2, "SELECT output, error, function_name, serialization FROM \"dbos\".operation_outputs "
					 "WHERE workflow_uuid = $1 AND function_id = $2",
					 GIVEN(TEXT(step->workflow), NUMBER(step->function_id)), found);
			break;
		default:
			break;
	}
}

#define PYTHON_INSERT "INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, function_name, output, error, " \
	"child_workflow_id, started_at_epoch_ms, completed_at_epoch_ms, serialization, application_name, retention_timestamp) " \
	"VALUES ($1::VARCHAR, $2::INTEGER, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::BIGINT, $8::BIGINT, " \
	"$9::VARCHAR, $10::VARCHAR, CAST(EXTRACT(epoch FROM now()) * $11::INTEGER AS BIGINT)) " \
	"ON CONFLICT (workflow_uuid, function_id) DO UPDATE SET completed_at_epoch_ms = operation_outputs.completed_at_epoch_ms " \
	"RETURNING dbos.operation_outputs.completed_at_epoch_ms"

static inline void
made_record(Talk *talk, Sdk sdk, const MadeStep *step)
{
	Answer		inserted = {.rows = 1, .bytes = 13, .tag = "INSERT 0 1"};
	char		number[16];

	snprintf(number, sizeof(number), "%d", step->function_id);
	switch (sdk)
	{
		case SDK_PYTHON:
			simple(talk, ";", NULL, false);
			simple(talk, "BEGIN", "BEGIN", true);
			extended(talk, STYLE_PSYCOPG, 3, "SELECT dbos.workflow_status.owner_xid FROM dbos.workflow_status "
					 "WHERE dbos.workflow_status.workflow_uuid = $1::VARCHAR FOR NO KEY UPDATE", GIVEN(TEXT(step->workflow)), ROW(36));
			extended(talk, STYLE_PSYCOPG, 4, PYTHON_INSERT,
					 GIVEN(TEXT(step->workflow), NUMBER(step->function_id), TEXT(step->name), FILLED(step->bytes), NULL_VALUE,
						   NULL_VALUE, TEXT("1732560000000"), TEXT("1732560000001"), TEXT("py_pickle"), TEXT("peer"), NUMBER(1000)),
					 inserted);
			simple(talk, "COMMIT", "COMMIT", false);
			break;
		case SDK_TYPESCRIPT:
			simple(talk, "BEGIN ISOLATION LEVEL READ COMMITTED", "BEGIN", true);
			extended(talk, STYLE_NODE_PG, 3, "SELECT owner_xid FROM \"dbos\".workflow_status WHERE workflow_uuid = $1 FOR NO KEY UPDATE",
					 GIVEN(TEXT(step->workflow)), ROW(36));
			extended(talk, STYLE_NODE_PG, 4, "INSERT INTO \"dbos\".operation_outputs\n (workflow_uuid, function_id, output, error,"
					 " function_name, child_workflow_id, started_at_epoch_ms, completed_at_epoch_ms, serialization, application_name,"
					 " retention_timestamp)\n VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, (EXTRACT(EPOCH FROM now()) * 1000)::bigint)"
					 " ON CONFLICT (workflow_uuid, function_id) DO UPDATE SET completed_at_epoch_ms = operation_outputs.completed_at_epoch_ms"
					 " RETURNING completed_at_epoch_ms",
					 GIVEN(TEXT(step->workflow), TEXT(number), FILLED(step->bytes), NULL_VALUE, TEXT(step->name), NULL_VALUE,
						   TEXT("1"), TEXT("2"), TEXT("js_superjson"), TEXT("peer")), inserted);
			simple(talk, "COMMIT", "COMMIT", false);
			break;
		case SDK_GO:
			simple(talk, "begin read write", "BEGIN", true);
			extended(talk, STYLE_PGX, 3, "SELECT owner_xid FROM \"dbos\".workflow_status WHERE workflow_uuid = $1 FOR NO KEY UPDATE",
					 GIVEN(TEXT(step->workflow)), ROW(36));
			extended(talk, STYLE_PGX, 4, "INSERT INTO \"dbos\".operation_outputs (workflow_uuid, function_id, output, error, function_name,"
					 " started_at_epoch_ms, completed_at_epoch_ms, serialization, application_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
					 " ON CONFLICT (workflow_uuid, function_id) DO NOTHING",
					 GIVEN(TEXT(step->workflow), NUMBER(step->function_id), FILLED(step->bytes), NULL_VALUE, TEXT(step->name),
						   NUMBER(1), NUMBER(2), TEXT("DBOS_JSON"), TEXT("peer")), DONE("INSERT 0 1"));
			simple(talk, "commit", "COMMIT", false);
			break;
		case SDK_JAVA:
			extended(talk, STYLE_PGJDBC, 4, "INSERT INTO \"dbos\".operation_outputs (workflow_uuid, function_id, function_name, output, error,"
					 " child_workflow_id, started_at_epoch_ms, completed_at_epoch_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
					 " ON CONFLICT DO NOTHING RETURNING completed_at_epoch_ms",
					 GIVEN(TEXT(step->workflow), NUMBER(step->function_id), TEXT(step->name), FILLED(step->bytes), NULL_VALUE, NULL_VALUE,
						   NUMBER(1), NUMBER(2)), inserted);
			extended(talk, STYLE_PGJDBC, 5, "UPDATE \"dbos\".workflow_status SET executor_id = $1 WHERE workflow_uuid = $2 AND executor_id IS DISTINCT FROM $3",
					 GIVEN(TEXT("local"), TEXT(step->workflow), TEXT("local")), DONE("UPDATE 0"));
			break;
		default:
			break;
	}
}

static inline void
made_step(Talk *talk, Sdk sdk, const MadeStep *step)
{
	made_check(talk, sdk, step);
	if (step->replayed)
		return;
	*talk->now += step->function_ns;
	made_record(talk, sdk, step);
}

#define START_COLUMNS "(workflow_uuid, status, name, class_name, config_name, executor_id, recovery_attempts)" \
	" VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workflow_uuid) DO UPDATE SET "

static inline void
made_start(Talk *talk, Sdk sdk, const char *workflow, const char *name)
{
	Style		style = (Style) sdk;
	char		sql[600];

	if (sdk == SDK_PYTHON)
		simple(talk, ";", NULL, false);
	if (sdk == SDK_JAVA)
		extended(talk, style, 10, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED", NULL, 0, DONE("SET"));
	simple(talk, sdk == SDK_GO ? "begin read write" : "BEGIN", "BEGIN", true);
	snprintf(sql, sizeof(sql), "INSERT INTO \"dbos\".workflow_status %s%s", START_COLUMNS,
			 sdk == SDK_JAVA ? "recovery_attempts = CASE WHEN workflow_status.status != 'ENQUEUED' THEN"
			 " workflow_status.recovery_attempts + $8 ELSE 0 END, updated_at = EXCLUDED.updated_at RETURNING status" :
			 "creator_xid = workflow_status.creator_xid RETURNING status, name");
	extended(talk, style, 11, sql, GIVEN(TEXT(workflow), TEXT("PENDING"), TEXT(name), NULL_VALUE, NULL_VALUE, TEXT("local"), TEXT("1")),
			 (Answer) {.rows = 1, .bytes = 7, .tag = "INSERT 0 1"});
	if (sdk != SDK_JAVA)
		extended(talk, style, 12, "INSERT INTO \"dbos\".workflow_input (workflow_uuid, inputs) VALUES ($1, $2) ON CONFLICT (workflow_uuid) DO NOTHING",
				 GIVEN(TEXT(workflow), TEXT("[]")), DONE("INSERT 0 1"));
	simple(talk, "COMMIT", "COMMIT", false);
}

static inline void
made_end(Talk *talk, Sdk sdk, const char *workflow)
{
	Style		style = (Style) sdk;

	switch (sdk)
	{
		case SDK_PYTHON:
			simple(talk, ";", NULL, false);
			extended(talk, style, 13, "WITH updated AS (UPDATE dbos.workflow_status SET status = $1::VARCHAR, updated_at = $2,"
					 " deduplication_id = NULL, owner_xid = NULL, completed_at = $3 WHERE workflow_uuid = $4::VARCHAR AND status = 'PENDING'"
					 " AND owner_xid = $5 RETURNING 1), stored AS (INSERT INTO dbos.workflow_output (workflow_uuid, output, error)"
					 " SELECT $4, $6, $7 WHERE EXISTS (SELECT 1 FROM updated) ON CONFLICT (workflow_uuid) DO UPDATE SET output = excluded.output,"
					 " error = excluded.error RETURNING 1) SELECT count(*) FROM updated",
					 GIVEN(TEXT("SUCCESS"), TEXT("1"), TEXT("2"), TEXT(workflow), TEXT("x"), TEXT("null"), NULL_VALUE), ROW(1));
			break;
		case SDK_JAVA:
			extended(talk, style, 13, "UPDATE \"dbos\".workflow_status SET status = $1, output = $2, error = $3, updated_at = $4, completed_at = $5,"
					 " deduplication_id = NULL WHERE workflow_uuid = $6 AND status != $7",
					 GIVEN(TEXT("SUCCESS"), TEXT("null"), NULL_VALUE, TEXT("1"), TEXT("2"), TEXT(workflow), TEXT("CANCELLED")), DONE("UPDATE 1"));
			break;
		default:
			simple(talk, "BEGIN", "BEGIN", true);
			extended(talk, style, 13, "UPDATE \"dbos\".workflow_status SET status = $1, updated_at = $2, completed_at = $3, deduplication_id = NULL,"
					 " owner_xid = NULL WHERE workflow_uuid = $4 AND status = 'PENDING' AND owner_xid = $5",
					 GIVEN(TEXT("SUCCESS"), TEXT("1"), TEXT("2"), TEXT(workflow), TEXT("x")), DONE("UPDATE 1"));
			extended(talk, style, 14, "INSERT INTO \"dbos\".workflow_output (workflow_uuid, output, error) VALUES ($1, $2, $3)"
					 " ON CONFLICT (workflow_uuid) DO UPDATE SET output = EXCLUDED.output, error = EXCLUDED.error",
					 GIVEN(TEXT(workflow), TEXT("null"), NULL_VALUE), DONE("INSERT 0 1"));
			simple(talk, "COMMIT", "COMMIT", false);
			break;
	}
}

/* --- for tests of what trace makes of it ---------------------------------- */

static const char *const sdk_names[SDK_COUNT] = {"Python", "TypeScript", "Go", "Java"};

/* of a step, of a workflow of seven steps */
static const int step_trips[SDK_COUNT] = {10, 7, 8, 4};
static const int whole_trips[SDK_COUNT] = {77, 57, 64, 33};

static int64_t now;

static inline void
is_integer(int64_t found, int64_t expected, const char *format, const char *of)
{
	char		name[160];

	snprintf(name, sizeof(name), format, of);
	if (!ok(found == expected, name))
		printf("# found %" PRId64 ", expected %" PRId64 "\n", found, expected);
}

static inline Trace *
begin(void)
{
	now = 1000 * US;
	return trace_begin(&(TraceSettings) {0});
}

/* statements that a driver prepares take a turn more: they are prepared by a workflow before */
static inline void
made_workflow(Talk *talk, Sdk sdk, const char *id, int nsteps)
{
	static const int64_t sizes[] = {24, 36, 156, 1356, 13356, 133356, 1333356};

	made_start(talk, sdk, id, "experiment");
	for (int i = 0; i < nsteps; i++)
	{
		char		name[32];
		MadeStep	step = {.workflow = id, .function_id = i, .name = name, .bytes = sizes[i % 7], .function_ns = 2000 * US};

		snprintf(name, sizeof(name), "step_%d", i);
		made_step(talk, sdk, &step);
	}
	made_end(talk, sdk, id);
}

static inline const StepGroup *
find_group(const TraceFigures *figures, const char *name)
{
	for (int i = 0; i < figures->nsteps; i++)
		if (strcmp(figures->steps[i].name, name) == 0)
			return &figures->steps[i];
	return NULL;
}

#endif							/* MADE_SDKS_H */
