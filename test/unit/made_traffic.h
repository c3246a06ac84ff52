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
