/*
 * protocol.c
 *	  PostgreSQL's protocol (version 3) as it passes, in pieces of any size.
 *
 * Each direction has a reader that knows where in which message it is; so a message
 * is never held, and only what is needed of it is kept.  What the server is to answer
 * stands in a queue, which tells whose an answer is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/trace_internal.h"
#include "util/memory.h"

TracedConnection *
trace_connection(Trace *trace)
{
	TracedConnection *connection = xcalloc(1, sizeof(TracedConnection));

	connection->trace = trace;
	connection->number = (int) ++trace->seen.connections;
	trace->seen.open++;
	return connection;
}

void
connection_opaque(TracedConnection *connection, const char *why)
{
	if (connection->opaque)
		return;
	connection->opaque = true;
	connection->trace->not_understood.connections++;
	snprintf(connection->trace->not_understood.why, sizeof(connection->trace->not_understood.why), "%s", why);
}

/* --- what is due -------------------------------------------------------- */

Expected *
expected_head(TracedConnection *connection)
{
	return connection->nexpected > 0 ? &connection->expected[connection->expected_first] : NULL;
}

void
expected_drop(TracedConnection *connection)
{
	Expected   *head = &connection->expected[connection->expected_first];

	turn_bytes(connection, head->bytes, 0);
	executed_free(&head->executed);
	connection->expected_first = (connection->expected_first + 1) % connection->expected_size;
	connection->nexpected--;
}

static void
expected_clear(TracedConnection *connection)
{
	while (connection->nexpected > 0)
		expected_drop(connection);
}

/* *executed is the queue's from now on. */
void
expect(TracedConnection *connection, ExpectedKind kind, const Executed *executed)
{
	Executed	none = {0};

	if (kind == EXPECT_SYNC || kind == EXPECT_QUERY || kind == EXPECT_FUNCTION)
		connection->ready_due++;
	if (!connection->overflown && connection->nexpected == MOST_EXPECTED)
	{
		/* too much to follow: what this turn does is not known, the next one's is */
		connection->overflown = true;
		connection->trace->not_understood.messages++;
		expected_clear(connection);
	}
	if (connection->overflown)
	{
		none = executed != NULL ? *executed : none;
		executed_free(&none);
		return;
	}
	if (connection->nexpected == connection->expected_size)
	{
		int			size = connection->expected_size == 0 ? 16 : 2 * connection->expected_size;
		Expected   *larger = xcalloc((size_t) size, sizeof(Expected));

		for (int i = 0; i < connection->nexpected; i++)
			larger[i] = connection->expected[(connection->expected_first + i) % connection->expected_size];
		free(connection->expected);
		connection->expected = larger;
		connection->expected_size = size;
		connection->expected_first = 0;
	}
	connection->expected[(connection->expected_first + connection->nexpected++) % connection->expected_size] =
		(Expected) {.kind = kind, .bytes = connection->up, .executed = executed != NULL ? *executed : none};
	connection->up = 0;
}

/* --- bytes -------------------------------------------------------------- */

/* Message types that a program may send; all others are no protocol of PostgreSQL's. */
static bool
is_program_type(char type)
{
	return type != '\0' && strchr("BCDEFHPQSXcdfp", type) != NULL;
}

static bool
is_server_type(char type)
{
	return type != '\0' && strchr("123ACDEGHIKNRSTVWZcdnstv", type) != NULL;
}

typedef struct Direction
{
	bool		(*is_type) (char type);
	void		(*begin) (TracedConnection *connection);
	void		(*piece) (TracedConnection *connection, const unsigned char *bytes, size_t n);
	const char *who;
} Direction;

static const Direction from_program = {is_program_type, program_message_begin, program_message_bytes, "the program"};
static const Direction from_server = {is_server_type, server_message_begin, server_message_bytes, "the server"};

/* Reads up to the end of a message, or of the bytes; returns how many; *whole: a message has ended. */
static size_t
read_message(TracedConnection *connection, Reader *reader, const Direction *direction,
			 const unsigned char *bytes, size_t n, bool *whole)
{
	size_t		used = 0;
	size_t		piece;

	*whole = false;
	while (reader->nhead < 5 && used < n)
		reader->head[reader->nhead++] = bytes[used++];
	if (reader->nhead < 5)
		return used;
	if (reader->type == '\0')
	{
		uint32_t	length = (uint32_t) reader->head[1] << 24 | (uint32_t) reader->head[2] << 16 |
			(uint32_t) reader->head[3] << 8 | reader->head[4];

		if (!direction->is_type((char) reader->head[0]) || length < 4 || length > INT32_MAX)
		{
			char		why[128];

			snprintf(why, sizeof(why), "%s sent a message that is not of PostgreSQL's protocol (type 0x%02x, length %u)",
					 direction->who, reader->head[0], length);
			connection_opaque(connection, why);
			return n;
		}
		reader->type = (char) reader->head[0];
		reader->left = (int64_t) length - 4;
		reader->state = 0;
		reader->nsmall = 0;
		reader->skip = 0;
		direction->begin(connection);
	}
	piece = n - used < (uint64_t) reader->left ? n - used : (size_t) reader->left;
	if (piece > 0)
		direction->piece(connection, bytes + used, piece);
	reader->left -= (int64_t) piece;
	*whole = reader->left == 0;
	return used + piece;
}

/* on the wire, its type counted */
static int64_t
message_size(const Reader *reader)
{
	return 1 + (int64_t) ((uint32_t) reader->head[1] << 24 | (uint32_t) reader->head[2] << 16 |
						  (uint32_t) reader->head[3] << 8 | reader->head[4]);
}

static void
message_done(Reader *reader)
{
	reader->nhead = 0;
	reader->type = '\0';
}

void
trace_from_program(TracedConnection *connection, const unsigned char *bytes, size_t n,
				   int64_t arrived_ns, int64_t forwarded_ns)
{
	(void) forwarded_ns;
	connection->trace->seen.bytes_up += (int64_t) n;
	if (connection->opaque || n == 0)
		return;
	turn_from_program(connection, arrived_ns);
	while (n > 0 && !connection->opaque)
	{
		bool		whole;
		size_t		used = read_message(connection, &connection->program, &from_program, bytes, n, &whole);

		if (whole)
		{
			connection->up += message_size(&connection->program);
			program_message_end(connection);
			message_done(&connection->program);
		}
		bytes += used;
		n -= used;
	}
}

void
trace_from_server(TracedConnection *connection, const unsigned char *bytes, size_t n,
				  int64_t arrived_ns, int64_t forwarded_ns)
{
	(void) arrived_ns;
	connection->trace->seen.bytes_down += (int64_t) n;
	if (connection->opaque || n == 0)
		return;
	turn_from_server(connection);
	while (n > 0 && !connection->opaque)
	{
		bool		whole;
		size_t		used = read_message(connection, &connection->server, &from_server, bytes, n, &whole);

		if (whole)
		{
			turn_bytes(connection, 0, message_size(&connection->server));
			server_message_end(connection, forwarded_ns);
			message_done(&connection->server);
		}
		bytes += used;
		n -= used;
	}
}

void
trace_closed(TracedConnection *connection)
{
	turn_lost(connection);
	connection->trace->seen.open--;
	expected_clear(connection);
	free(connection->expected);
	connection_free_statements(connection);
	text_release(connection->bind.text);
	free(connection->bind.values);
	free(connection);
}
