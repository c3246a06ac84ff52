/*
 * made_traffic.h
 *	  Traffic between programs and a server, made message by message: the statements of
 *	  each SDK of DBOS as they were recorded, on a clock that the test sets.
 */
#ifndef MADE_TRAFFIC_H
#define MADE_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/observe.h"

#define US INT64_C(1000)

typedef struct Wire
{
	unsigned char *bytes;
	size_t		n;
	size_t		size;
} Wire;

static inline void
put(Wire *wire, const void *bytes, size_t n)
{
	if (wire->n + n > wire->size)
	{
		wire->size = 2 * (wire->n + n) + 64;
		wire->bytes = realloc(wire->bytes, wire->size);
		if (wire->bytes == NULL)
			abort();
	}
	if (n > 0)
		memcpy(wire->bytes + wire->n, bytes, n);
	wire->n += n;
}

static inline void
put_int(Wire *wire, int size, int64_t value)
{
	for (int i = size - 1; i >= 0; i--)
		put(wire, &(unsigned char) {(unsigned char) (value >> (8 * i))}, 1);
}

static inline void
put_text(Wire *wire, const char *text)
{
	put(wire, text, strlen(text) + 1);
}

static inline void
message(Wire *wire, char type, const Wire *body)
{
	put(wire, &type, 1);
	put_int(wire, 4, (int64_t) body->n + 4);
	put(wire, body->bytes, body->n);
}

static inline void
text_message(Wire *wire, char type, const char *text)
{
	Wire		body = {0};

	put_text(&body, text);
	message(wire, type, &body);
	free(body.bytes);
}

static inline void
empty_message(Wire *wire, char type)
{
	message(wire, type, &(Wire) {0});
}

/* one program: its connection, its clock, and how its bytes are cut */
typedef struct Talk
{
	Trace	   *trace;
	TracedConnection *connections[4];
	int			connection;		/* that is used */
	size_t		cut;			/* bytes of a piece; 0: whole turns */
	size_t		cut_at;			/* a turn's bytes in two at this byte; 0: no */
	int64_t	   *now;
	int64_t		wait;			/* for each answer */
	int64_t		gap;			/* before each request */
	int64_t		turns;
	bool		in_transaction;
	uint64_t	prepared;		/* statements of the connections, a bit each */
	Wire		up;
	Wire		down;
} Talk;

static inline void
pass(Talk *talk, bool up, const Wire *wire)
{
	size_t		at = 0;

	while (at < wire->n)
	{
		size_t		n = wire->n - at;
		TracedConnection *connection = talk->connections[talk->connection];

		if (talk->cut > 0 && n > talk->cut)
			n = talk->cut;
		if (at < talk->cut_at && n > talk->cut_at - at)
			n = talk->cut_at - at;

		/* a copy of its own, so that reading behind it is found */
		unsigned char *piece = malloc(n);

		if (piece == NULL)
			abort();
		memcpy(piece, wire->bytes + at, n);
		if (up)
			trace_from_program(connection, piece, n, *talk->now, *talk->now);
		else
			trace_from_server(connection, piece, n, *talk->now, *talk->now);
		free(piece);
		at += n;
	}
}

/* what has been put together is sent, and answered */
static inline void
turn(Talk *talk)
{
	*talk->now += talk->gap;
	pass(talk, true, &talk->up);
	*talk->now += talk->wait;
	pass(talk, false, &talk->down);
	talk->turns++;
	talk->up.n = talk->down.n = 0;
}

static inline void
ready(Talk *talk)
{
	Wire		body = {0};

	put(&body, talk->in_transaction ? "T" : "I", 1);
	message(&talk->down, 'Z', &body);
	free(body.bytes);
}

static inline void
open_connection(Talk *talk, int number)
{
	int			before = talk->connection;

	talk->connections[number] = trace_connection(talk->trace);
	talk->connection = number;
	text_message(&talk->up, 'p', "SCRAM-SHA-256 secret");
	message(&talk->down, 'R', &(Wire) {(unsigned char *) "\0\0\0\0", 4, 4});
	text_message(&talk->down, 'S', "server_version");
	ready(talk);
	turn(talk);
	talk->turns = 0;
	talk->connection = before;
}

/* a simple query; status: of the transaction behind it */
static inline void
simple(Talk *talk, const char *sql, const char *tag, bool in_transaction)
{
	text_message(&talk->up, 'Q', sql);
	if (tag == NULL)
		empty_message(&talk->down, 'I');
	else
		text_message(&talk->down, 'C', tag);
	talk->in_transaction = in_transaction;
	ready(talk);
	turn(talk);
}

typedef enum Style
{
	STYLE_PSYCOPG,				/* Bind Describe Execute Sync of a named statement */
	STYLE_NODE_PG,				/* Parse Bind Describe Execute Sync, unnamed */
	STYLE_PGX,					/* Bind Execute Sync, named and prepared by a turn of its own */
	STYLE_PGJDBC				/* Bind Execute Sync, named at the fifth use */
} Style;

/* a parameter: text of a length, or a number in text or binary */
typedef struct Given
{
	const char *text;			/* NULL: NULL, unless filled is there */
	int64_t		filled;			/* so many bytes */
	bool		binary;
	int64_t		number;			/* binary, four bytes */
} Given;

#define TEXT(t) (Given) {.text = (t)}
#define FILLED(n) (Given) {.filled = (n)}
#define NULL_VALUE (Given) {0}
#define NUMBER(n) (Given) {.binary = true, .number = (n)}

typedef struct Answer
{
	int			rows;
	int64_t		bytes;			/* of the first column */
	const char *tag;
	const char *sqlstate;		/* an error instead */
} Answer;

static inline void
put_bind(Wire *up, const char *statement, const Given *given, int n)
{
	Wire		body = {0};

	put_text(&body, "");
	put_text(&body, statement);
	put_int(&body, 2, n);
	for (int i = 0; i < n; i++)
		put_int(&body, 2, given[i].binary);
	put_int(&body, 2, n);
	for (int i = 0; i < n; i++)
	{
		if (given[i].binary)
		{
			put_int(&body, 4, 4);
			put_int(&body, 4, given[i].number);
		}
		else if (given[i].text != NULL)
		{
			put_int(&body, 4, (int64_t) strlen(given[i].text));
			put(&body, given[i].text, strlen(given[i].text));
		}
		else if (given[i].filled > 0)
		{
			char	   *filled = malloc((size_t) given[i].filled);

			if (filled == NULL)
				abort();
			memset(filled, 'x', (size_t) given[i].filled);
			put_int(&body, 4, given[i].filled);
			put(&body, filled, (size_t) given[i].filled);
			free(filled);
		}
		else
			put_int(&body, 4, -1);
	}
	put_int(&body, 2, 1);
	put_int(&body, 2, 0);
	message(up, 'B', &body);
	free(body.bytes);
}

static inline void
put_parse(Wire *up, const char *name, const char *sql)
{
	Wire		body = {0};

	put_text(&body, name);
	put_text(&body, sql);
	put_int(&body, 2, 0);
	message(up, 'P', &body);
	free(body.bytes);
}

static inline void
put_describe(Talk *talk, char kind, const char *name, bool rows)
{
	Wire		body = {0};

	put(&body, &kind, 1);
	put_text(&body, name);
	message(&talk->up, 'D', &body);
	body.n = 0;
	put_int(&body, 2, 0);
	if (kind == 'S')
		message(&talk->down, 't', &body);
	if (rows)
		message(&talk->down, 'T', &body);
	else
		empty_message(&talk->down, 'n');
	free(body.bytes);
}

static inline void
put_execute(Talk *talk, const Answer *answer)
{
	Wire		body = {0};

	put_text(&body, "");
	put_int(&body, 4, 0);
	message(&talk->up, 'E', &body);
	for (int row = 0; row < answer->rows; row++)
	{
		body.n = 0;
		put_int(&body, 2, 1);
		put_int(&body, 4, answer->bytes);
		for (int64_t i = 0; i < answer->bytes; i++)
			put(&body, "x", 1);
		message(&talk->down, 'D', &body);
	}
	if (answer->sqlstate != NULL)
	{
		body.n = 0;
		put_text(&body, "SERROR");
		put(&body, "C", 1);
		put_text(&body, answer->sqlstate);
		put(&body, "", 1);
		message(&talk->down, 'E', &body);
	}
	else
		text_message(&talk->down, 'C', answer->tag);
	free(body.bytes);
}

/* an extended query in the style's messages; id: of the statement, below 64 */
static inline void
extended(Talk *talk, Style style, int id, const char *sql, const Given *given, int n, Answer answer)
{
	bool		prepared = (talk->prepared >> id & 1) != 0;
	char		name[16];

	snprintf(name, sizeof(name), "s%d", id);
	if (style == STYLE_NODE_PG)
		name[0] = '\0';
	else if (!prepared && style == STYLE_PGX)
	{
		put_parse(&talk->up, name, sql);
		empty_message(&talk->down, '1');
		put_describe(talk, 'S', name, true);
		empty_message(&talk->up, 'S');
		ready(talk);
		turn(talk);
	}
	if (style == STYLE_NODE_PG || (!prepared && style != STYLE_PGX))
	{
		put_parse(&talk->up, name, sql);
		empty_message(&talk->down, '1');
	}
	talk->prepared |= UINT64_C(1) << id;
	put_bind(&talk->up, name, given, n);
	empty_message(&talk->down, '2');
	if (style == STYLE_PSYCOPG || style == STYLE_NODE_PG)
		put_describe(talk, 'P', "", answer.rows > 0);
	put_execute(talk, &answer);
	empty_message(&talk->up, 'S');
	ready(talk);
	turn(talk);
}

#define GIVEN(...) (Given[]) {__VA_ARGS__}, (int) (sizeof((Given[]) {__VA_ARGS__}) / sizeof(Given))
#define ROW(n) (Answer) {.rows = 1, .bytes = (n), .tag = "SELECT 1"}
#define NO_ROW (Answer) {.tag = "SELECT 0"}
#define DONE(t) (Answer) {.tag = (t)}

/* --- the SDKs ----------------------------------------------------------- */

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

static inline void
talk_begin(Talk *talk, Trace *trace, int64_t *now, int connections)
{
	memset(talk, 0, sizeof(*talk));
	talk->trace = trace;
	talk->now = now;
	talk->wait = 300 * US;
	talk->gap = 50 * US;
	for (int i = 0; i < connections; i++)
		open_connection(talk, i);
}

static inline void
talk_end(Talk *talk)
{
	for (int i = 0; i < 4; i++)
		if (talk->connections[i] != NULL)
			trace_closed(talk->connections[i]);
	free(talk->up.bytes);
	free(talk->down.bytes);
}

#endif							/* MADE_TRAFFIC_H */
