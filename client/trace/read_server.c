/*
 * read_server.c
 *	  What the server answers, and to which statement.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/trace_internal.h"
#include "util/memory.h"

/* the statement that is being answered; NULL: none is */
static Executed *
answered(TracedConnection *connection)
{
	Expected   *head = expected_head(connection);

	return head != NULL && (head->kind == EXPECT_EXECUTE || head->kind == EXPECT_QUERY) ? &head->executed : NULL;
}

static void
drop_if(TracedConnection *connection, ExpectedKind kind)
{
	Expected   *head = expected_head(connection);

	if (head != NULL && head->kind == kind)
		expected_drop(connection);
}

/* One statement is done; of a simple query there may be another one behind it. */
static void
statement_done(TracedConnection *connection)
{
	Expected   *head = expected_head(connection);
	Executed   *executed = answered(connection);

	if (executed == NULL)
		return;
	turn_statement(connection, executed);
	if (head->kind == EXPECT_EXECUTE)
	{
		expected_drop(connection);
		return;
	}
	executed->index++;
	executed->rows = 0;
	executed->affected = executed->first_column = -1;
	executed->failed = false;
	free(executed->values);
	executed->values = NULL;
	if (executed->text != NULL && executed->index < executed->text->npatterns && executed->text->literals != NULL)
	{
		executed->values = xcalloc(1, sizeof(Values));
		values_clear(executed->values);
		values_of_literals(executed->text, executed->index, executed->values);
	}
}

/* the last number of "INSERT 0 1", "SELECT 1", "UPDATE 0" */
static int64_t
affected_of_tag(const char *tag)
{
	const char *blank = strrchr(tag, ' ');

	return blank != NULL && blank[1] >= '0' && blank[1] <= '9' ? strtoll(blank + 1, NULL, 10) : -1;
}

static void
command_complete(TracedConnection *connection)
{
	Reader	   *reader = &connection->server;
	Executed   *executed = answered(connection);

	reader->small[reader->nsmall < (int) sizeof(reader->small) ? reader->nsmall : (int) sizeof(reader->small) - 1] = '\0';
	if (executed != NULL)
	{
		const char *tag = (const char *) reader->small;

		executed->affected = affected_of_tag(tag);

		/* COMMIT of a transaction that has failed */
		if (strcmp(tag, "ROLLBACK") == 0 && executed->text != NULL && executed->index < executed->text->npatterns &&
			executed->text->patterns[executed->index].role == ROLE_COMMIT)
			executed->failed = true;
	}
	statement_done(connection);
}

/*
 * An error ends what was asked for up to the next Sync: what else is due before it
 * is not answered.  Of a simple query ReadyForQuery is still to come.
 */
static void
error(TracedConnection *connection)
{
	Expected   *head = expected_head(connection);
	Executed   *executed;

	connection->in_copy = false;
	if (head == NULL)
		return;					/* the server's own: it is shutting down, say */
	connection->trace->seen.errors++;
	if (head->kind == EXPECT_QUERY)
	{
		head->executed.failed = true;
		if (head->executed.text != NULL && head->executed.index < head->executed.text->npatterns)
			statement_done(connection);
		return;
	}
	if (head->kind == EXPECT_FUNCTION)
		return;
	while ((head = expected_head(connection)) != NULL && head->kind != EXPECT_SYNC)
	{
		executed = answered(connection);
		if (executed != NULL)
		{
			executed->failed = true;
			statement_done(connection);
		}
		else
			expected_drop(connection);
	}
	connection->skipping = head == NULL;
}

static void
ready(TracedConnection *connection, int64_t now)
{
	Expected   *head;
	char		status = connection->server.nsmall > 0 ? (char) connection->server.small[0] : 'I';

	if (!connection->started)
	{
		connection->started = true;
		connection->up = 0;		/* passwords */
		return;
	}
	if (connection->ready_due > 0)
		connection->ready_due--;
	if (connection->overflown)
	{
		connection->overflown = connection->ready_due > 0;
		turn_ready(connection, status, now);
		return;
	}

	/* what was not answered as it was expected to be */
	while ((head = expected_head(connection)) != NULL && head->kind != EXPECT_SYNC &&
		   head->kind != EXPECT_QUERY && head->kind != EXPECT_FUNCTION)
	{
		connection->trace->not_understood.messages++;
		expected_drop(connection);
	}
	if (head != NULL)
		expected_drop(connection);
	turn_ready(connection, status, now);
}

/*
 * COPY in: the program sends data, and the server passes over the Syncs that came
 * before it.
 */
static void
copy_in(TracedConnection *connection)
{
	Expected   *head = expected_head(connection);

	connection->in_copy = true;
	if (head == NULL || head->kind != EXPECT_EXECUTE)
		return;
	for (int i = connection->nexpected - 1; i > 0; i--)
	{
		Expected   *last = &connection->expected[(connection->expected_first + i) % connection->expected_size];

		if (last->kind != EXPECT_SYNC)
			break;
		connection->nexpected--;
		connection->ready_due--;
	}
}

void
server_message_begin(TracedConnection *connection)
{
	(void) connection;
}

/* of the types that matter the first bytes are kept; a row's are the length of its first column */
void
server_message_bytes(TracedConnection *connection, const unsigned char *bytes, size_t n)
{
	Reader	   *reader = &connection->server;
	size_t		wanted = reader->type == 'C' ? 63 : reader->type == 'D' ? 6 : reader->type == 'Z' ? 1 : 0;

	while ((size_t) reader->nsmall < wanted && n > 0)
	{
		reader->small[reader->nsmall++] = *bytes++;
		n--;
	}
}

void
server_message_end(TracedConnection *connection, int64_t forwarded_ns)
{
	Reader	   *reader = &connection->server;
	Executed   *executed;

	if (!connection->started && reader->type != 'Z')
		return;					/* authentication, parameters */
	switch (reader->type)
	{
		case '1':
			drop_if(connection, EXPECT_PARSE);
			break;
		case '2':
			drop_if(connection, EXPECT_BIND);
			break;
		case '3':
			drop_if(connection, EXPECT_CLOSE);
			break;
		case 'T':
		case 'n':
			drop_if(connection, EXPECT_DESCRIBE);
			break;
		case 'D':
			executed = answered(connection);
			if (executed != NULL && executed->rows++ == 0 && reader->nsmall == 6)
				executed->first_column = (int32_t) ((uint32_t) reader->small[2] << 24 | (uint32_t) reader->small[3] << 16 |
													(uint32_t) reader->small[4] << 8 | reader->small[5]);
			break;
		case 'C':
			command_complete(connection);
			break;
		case 'I':
		case 's':
			statement_done(connection);
			break;
		case 'E':
			error(connection);
			break;
		case 'Z':
			ready(connection, forwarded_ns);
			break;
		case 'G':
		case 'W':
			copy_in(connection);
			break;
		default:
			break;				/* notices, notifications, COPY's data */
	}

	/* all is answered, and the program is not in the middle of asking */
	if (connection->in_turn && connection->nexpected == 0 && !connection->overflown && !connection->in_copy &&
		connection->program.nhead == 0 && strchr("123TnCIsEZ", reader->type) != NULL)
		turn_end(connection, forwarded_ns);
}
