/*
 * read_program.c
 *	  What the program sends: statements, their parameters, what it has the server do.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/trace_internal.h"
#include "util/memory.h"

#define HASH_START UINT64_C(14695981039346656037)
#define HASH_PRIME UINT64_C(1099511628211)

/* where in Bind the reader is */
enum BindState
{
	BIND_PORTAL,
	BIND_STATEMENT,
	BIND_FORMATS,
	BIND_FORMAT,
	BIND_PARAMETERS,
	BIND_LENGTH,
	BIND_VALUE,
	BIND_REST
};

enum ParseState
{
	PARSE_NAME,
	PARSE_TEXT,
	PARSE_REST
};

/* --- pieces ------------------------------------------------------------- */

/* Reads a name up to its zero byte into the reader's hash; returns the bytes used; *whole: it has ended. */
static size_t
read_name_hash(Reader *reader, const unsigned char *bytes, size_t n, bool *whole)
{
	for (size_t i = 0; i < n; i++)
	{
		if (bytes[i] == '\0')
		{
			*whole = true;
			return i + 1;
		}
		reader->hash = (reader->hash ^ bytes[i]) * HASH_PRIME;
	}
	*whole = false;
	return n;
}

/* Collects a number of so many bytes in network order; *whole as above. */
static size_t
read_number(Reader *reader, int size, const unsigned char *bytes, size_t n, int32_t *number, bool *whole)
{
	size_t		used = 0;
	uint32_t	value = 0;

	while (reader->nsmall < size && used < n)
		reader->small[reader->nsmall++] = bytes[used++];
	*whole = reader->nsmall == size;
	if (*whole)
	{
		for (int i = 0; i < size; i++)
			value = value << 8 | reader->small[i];
		*number = size == 2 ? (int32_t) (value & 0xFFFF) : (int32_t) value;
		reader->nsmall = 0;
	}
	return used;
}

/* A text up to its zero byte into the squeeze. */
static size_t
read_text(TracedConnection *connection, const unsigned char *bytes, size_t n, bool *whole)
{
	const unsigned char *zero = memchr(bytes, '\0', n);
	size_t		length = zero != NULL ? (size_t) (zero - bytes) : n;

	sql_squeeze_add(&connection->squeeze, (const char *) bytes, length);
	*whole = zero != NULL;
	return length + (zero != NULL);
}

/* --- Bind --------------------------------------------------------------- */

static bool
is_wanted(const BindReading *bind, bool to_keep)
{
	if (bind->values == NULL)
		return false;
	for (int f = 0; f < FIELD_COUNT; f++)
		if (bind->text->patterns[0].places[f].parameter == bind->parameter &&
			(!to_keep || (f != FIELD_OUTPUT && f != FIELD_ERROR)))
			return true;
	return false;
}

static void
bind_value_done(TracedConnection *connection)
{
	Reader	   *reader = &connection->program;
	BindReading *bind = &connection->bind;

	if (is_wanted(bind, false))
	{
		int			format = bind->nformats == 1 ? 1 : bind->parameter;
		bool		binary = bind->nformats > 0 && format <= (int) sizeof(bind->binary) && bind->binary[format - 1];

		for (int f = 0; f < FIELD_COUNT; f++)
			if (bind->text->patterns[0].places[f].parameter == bind->parameter)
				values_take(bind->values, f, (const char *) reader->small, reader->nsmall, bind->length, binary);
	}
	reader->nsmall = 0;
	reader->state = bind->parameter < bind->nparameters ? BIND_LENGTH : BIND_REST;
	bind->parameter++;
}

/* of a value's bytes only the first are kept, and only of short fields */
static size_t
bind_value(TracedConnection *connection, const unsigned char *bytes, size_t n)
{
	Reader	   *reader = &connection->program;
	size_t		piece = (uint64_t) reader->skip < n ? (size_t) reader->skip : n;

	if (is_wanted(&connection->bind, true))
	{
		size_t		room = sizeof(reader->small) - (size_t) reader->nsmall;
		size_t		kept = piece < room ? piece : room;

		memcpy(reader->small + reader->nsmall, bytes, kept);
		reader->nsmall += (int) kept;
	}
	reader->skip -= (int64_t) piece;
	if (reader->skip == 0)
		bind_value_done(connection);
	return piece;
}

static size_t
bind_bytes(TracedConnection *connection, const unsigned char *bytes, size_t n)
{
	Reader	   *reader = &connection->program;
	BindReading *bind = &connection->bind;
	int32_t		number;
	bool		whole;
	size_t		used = n;

	switch ((enum BindState) reader->state)
	{
		case BIND_PORTAL:
			used = read_name_hash(reader, bytes, n, &whole);
			if (whole)
			{
				bind->portal = reader->hash;
				reader->hash = HASH_START;
				reader->state = BIND_STATEMENT;
			}
			break;

		case BIND_STATEMENT:
			used = read_name_hash(reader, bytes, n, &whole);
			if (whole)
			{
				NamedStatement *statement = *find_statement(connection, reader->hash);

				if (statement != NULL)
					bind->text = text_reference(statement->text);
				if (bind->text != NULL && bind->text->has_fields)
				{
					bind->values = xcalloc(1, sizeof(Values));
					values_clear(bind->values);
				}
				reader->state = BIND_FORMATS;
			}
			break;

		case BIND_FORMATS:
			used = read_number(reader, 2, bytes, n, &number, &whole);
			if (whole)
			{
				bind->nformats = number;
				bind->parameter = 0;
				reader->state = number > 0 ? BIND_FORMAT : BIND_PARAMETERS;
			}
			break;

		case BIND_FORMAT:
			used = read_number(reader, 2, bytes, n, &number, &whole);
			if (whole)
			{
				if (bind->parameter < (int) sizeof(bind->binary))
					bind->binary[bind->parameter] = number == 1;
				if (++bind->parameter == bind->nformats)
					reader->state = BIND_PARAMETERS;
			}
			break;

		case BIND_PARAMETERS:
			used = read_number(reader, 2, bytes, n, &number, &whole);
			if (whole)
			{
				bind->nparameters = number;
				bind->parameter = 1;
				reader->state = number > 0 ? BIND_LENGTH : BIND_REST;
			}
			break;

		case BIND_LENGTH:
			used = read_number(reader, 4, bytes, n, &number, &whole);
			if (whole)
			{
				bind->length = number;
				reader->skip = number > 0 ? number : 0;
				reader->state = BIND_VALUE;
				if (number <= 0)
					bind_value_done(connection);
			}
			break;

		case BIND_VALUE:
			used = bind_value(connection, bytes, n);
			break;

		case BIND_REST:
			break;
	}
	return used;
}

static void
bind_end(TracedConnection *connection)
{
	BindReading *bind = &connection->bind;

	if (bind->values != NULL)
		values_of_literals(bind->text, 0, bind->values);
	keep_portal(connection, bind->portal, bind->text, bind->values);
	bind->text = NULL;
	bind->values = NULL;
	expect(connection, EXPECT_BIND, NULL);
}

/* --- the other messages ------------------------------------------------- */

static size_t
parse_bytes(TracedConnection *connection, const unsigned char *bytes, size_t n)
{
	Reader	   *reader = &connection->program;
	bool		whole;
	size_t		used = n;

	switch ((enum ParseState) reader->state)
	{
		case PARSE_NAME:
			used = read_name_hash(reader, bytes, n, &whole);
			if (whole)
			{
				connection->parse_name = reader->hash;
				reader->state = PARSE_TEXT;
			}
			break;
		case PARSE_TEXT:
			used = read_text(connection, bytes, n, &whole);
			if (whole)
				reader->state = PARSE_REST;
			break;
		case PARSE_REST:
			break;
	}
	return used;
}

void
program_message_begin(TracedConnection *connection)
{
	Reader	   *reader = &connection->program;
	BindReading *bind = &connection->bind;

	reader->hash = HASH_START;
	if (reader->type == 'Q' || reader->type == 'P')
		sql_squeeze_begin(&connection->squeeze);
	if (reader->type == 'P')
		connection->parse_name = HASH_START;
	if (reader->type == 'B')
	{
		/* one that broke off, where the message was malformed */
		text_release(bind->text);
		free(bind->values);
		memset(bind, 0, sizeof(*bind));
	}
}

void
program_message_bytes(TracedConnection *connection, const unsigned char *bytes, size_t n)
{
	Reader	   *reader = &connection->program;

	while (n > 0)
	{
		size_t		used = n;
		bool		whole;

		switch (reader->type)
		{
			case 'Q':
				if (reader->state == 0)
				{
					used = read_text(connection, bytes, n, &whole);
					reader->state = whole;
				}
				break;
			case 'P':
				used = parse_bytes(connection, bytes, n);
				break;
			case 'B':
				used = bind_bytes(connection, bytes, n);
				break;
			case 'E':
				if (reader->state == 0)
				{
					used = read_name_hash(reader, bytes, n, &whole);
					reader->state = whole;
				}
				break;
			case 'C':
			case 'D':
				if (reader->state == 0)
				{
					reader->small[0] = bytes[0];
					reader->state = 1;
					used = 1;
				}
				else if (reader->state == 1)
				{
					used = read_name_hash(reader, bytes, n, &whole);
					if (whole)
						reader->state = 2;
				}
				break;
			default:
				break;			/* COPY's data, passwords: nobody's business */
		}
		bytes += used;
		n -= used;
	}
}

static void
execute(TracedConnection *connection)
{
	const Portal *portal = *find_portal(connection, connection->program.hash);
	Executed	executed = {.affected = -1, .first_column = -1};

	if (portal != NULL && portal->text != NULL)
	{
		executed.text = text_reference(portal->text);
		if (portal->values != NULL)
		{
			executed.values = xcalloc(1, sizeof(Values));
			*executed.values = *portal->values;
		}
	}
	expect(connection, EXPECT_EXECUTE, &executed);
}

/* the fields of the next statement of a simple query, which are literals */
static void
query_values(Executed *executed)
{
	if (executed->text == NULL || !executed->text->has_fields || executed->text->literals == NULL)
		return;
	executed->values = xcalloc(1, sizeof(Values));
	values_clear(executed->values);
	values_of_literals(executed->text, executed->index, executed->values);
}

static void
query(TracedConnection *connection)
{
	Executed	executed = {.affected = -1, .first_column = -1};

	sql_squeeze_end(&connection->squeeze);

	/* short ones come again: BEGIN, COMMIT */
	executed.text = text_of_statement(connection->trace, &connection->squeeze, connection->squeeze.length < 64);
	query_values(&executed);
	expect(connection, EXPECT_QUERY, &executed);
}

void
program_message_end(TracedConnection *connection)
{
	Reader	   *reader = &connection->program;

	/* after an error the server reads on up to Sync, and answers nothing */
	if (connection->skipping && strchr("PBDECQF", reader->type) != NULL)
		return;
	switch (reader->type)
	{
		case 'Q':
			query(connection);
			break;
		case 'P':
			sql_squeeze_end(&connection->squeeze);
			keep_statement(connection, connection->parse_name,
						   text_of_statement(connection->trace, &connection->squeeze, true));
			expect(connection, EXPECT_PARSE, NULL);
			break;
		case 'B':
			bind_end(connection);
			break;
		case 'D':
			expect(connection, EXPECT_DESCRIBE, NULL);
			break;
		case 'E':
			execute(connection);
			break;
		case 'C':
			if (reader->small[0] == 'S')
				drop_statement(connection, find_statement(connection, reader->hash));
			else
				drop_portal(connection, find_portal(connection, reader->hash));
			expect(connection, EXPECT_CLOSE, NULL);
			break;
		case 'S':
			connection->skipping = false;
			if (!connection->in_copy)
				expect(connection, EXPECT_SYNC, NULL);
			break;
		case 'F':
			expect(connection, EXPECT_FUNCTION, NULL);
			break;
		case 'c':
		case 'f':
			connection->in_copy = false;
			break;
		default:
			break;
	}
}
