/*
 * streaming_write.c
 *	  The ways in which a stream is written.
 *
 * Each goes on with what is recorded: a chunk that is there is neither made nor sent
 * again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/streaming.h"
#include "util/memory.h"

#define OID_BYTEA 17
#define OID_INT8 20
#define OID_INT4 23
#define OID_TEXT 25
#define OID_OID 26
#define OID_BYTEA_ARRAY 1001

/* of statements, for --protocol prepared */
enum
{
	ID_CHUNK,
	ID_PAGES,
	ID_PROCEDURE,
	ID_LOWRITE,
	ID_LO_PUT
};

#define INV_WRITE "131072"

/* ------------------------------------------------------------------------
 * Bytes
 * ------------------------------------------------------------------------
 */

int
stream_chunk(int64_t bytes)
{
	return bytes >= CHUNKS_AT_ONCE * LARGE_CHUNK ? LARGE_CHUNK : SMALL_CHUNK;
}

int
stream_chunks(int64_t bytes)
{
	return (int) ((bytes + stream_chunk(bytes) - 1) / stream_chunk(bytes));
}

/* offset is a multiple of eight */
void
stream_fill(uint64_t seed, int64_t offset, unsigned char *buffer, size_t size)
{
	uint64_t	i = (uint64_t) offset / 8;
	size_t		at = 0;

	for (; at < size; at += 8, i++)
	{
		uint64_t	word = random_word(seed, i);

		memcpy(buffer + at, &word, size - at < 8 ? size - at : 8);
	}
}

bool
stream_is(uint64_t seed, int64_t offset, const unsigned char *bytes, size_t size)
{
	unsigned char expected[8192];

	for (size_t at = 0; at < size; at += sizeof(expected))
	{
		size_t		n = size - at < sizeof(expected) ? size - at : sizeof(expected);

		stream_fill(seed, offset + (int64_t) at, expected, n);
		if (memcmp(expected, bytes + at, n) != 0)
			return false;
	}
	return true;
}

static int
chunk_length(const Stream *stream, int chunk)
{
	int64_t		left = stream->bytes - (int64_t) chunk * stream->chunk;

	return left < stream->chunk ? (int) left : stream->chunk;
}

/* ------------------------------------------------------------------------
 * What is told while it works
 * ------------------------------------------------------------------------
 */

static void
tell_handed(Stream *stream, int64_t bytes)
{
	__atomic_fetch_add(&stream->report->handed, bytes, __ATOMIC_SEQ_CST);
}

/* All up to there is durable. */
static void
tell_acknowledged(Stream *stream, int64_t end)
{
	__atomic_store_n(&stream->report->acknowledged, end, __ATOMIC_SEQ_CST);
	if (stream->report->first_durable == 0)
		stream->report->first_durable = now_ns();
}

static void
make_chunk(Stream *stream, int chunk, unsigned char *buffer)
{
	stream_fill(stream->seed, (int64_t) chunk * stream->chunk, buffer, (size_t) chunk_length(stream, chunk));
}

static int64_t
chunk_end(const Stream *stream, int chunk)
{
	return (int64_t) chunk * stream->chunk + chunk_length(stream, chunk);
}

/* ------------------------------------------------------------------------
 * Statements
 * ------------------------------------------------------------------------
 */

PGresult *
stream_call(Stream *stream, int id, const char *sql, int nparams, const Oid *types, const Param *params)
{
	Statement	statement = {.id = id,.sql = sql,.nparams = nparams};
	RoundTrip	trip = {0};

	for (int i = 0; i < nparams; i++)
		statement.types[i] = types[i];
	if (!session_prepare(&stream->session, &statement))
		return NULL;
	trip.start = trip.encode_start = now_ns();
	return session_call(&stream->session, &statement, params, true, &trip);
}

static bool
do_call(Stream *stream, int id, const char *sql, int nparams, const Oid *types, const Param *params)
{
	PGresult   *result = stream_call(stream, id, sql, nparams, types, params);

	PQclear(result);
	return result != NULL;
}

static bool
do_sql(Stream *stream, const char *sql)
{
	return session_do(&stream->session, sql, 0, NULL);
}

/* One that does nothing where somebody has recorded that step. */
static char *
insert_sql(const Stream *stream)
{
	return xasprintf("INSERT INTO %s.chunks VALUES ('%s', $1, 'chunk', $2) ON CONFLICT (workflow_uuid, function_id) DO NOTHING",
					 stream->schema, stream->way->name);
}

static const Oid insert_types[] = {OID_INT4, OID_BYTEA};

/* ------------------------------------------------------------------------
 * One step; chunk steps
 * ------------------------------------------------------------------------
 */

static bool
write_one(Stream *stream)
{
	unsigned char *all;
	char	   *sql;
	bool		good;

	if (stream->recorded[0])
		return true;
	all = xcalloc((size_t) stream->bytes, 1);
	sql = insert_sql(stream);
	stream_fill(stream->seed, 0, all, (size_t) stream->bytes);
	tell_handed(stream, stream->bytes);
	good = do_call(stream, ID_CHUNK, sql, 2, insert_types, (Param[]) {{"0", 0, false}, {(char *) all, (int) stream->bytes, true}});
	if (good)
		tell_acknowledged(stream, stream->bytes);
	free(sql);
	free(all);
	return good;
}

/* A step a chunk; commits: each is a transaction. */
static bool
write_chunks(Stream *stream, bool commits)
{
	unsigned char *buffer = xcalloc((size_t) stream->chunk, 1);
	char	   *sql = insert_sql(stream);
	bool		good = commits || do_sql(stream, "BEGIN");

	for (int c = 0; c < stream->nchunks && good; c++)
	{
		char		number[24];

		if (stream->recorded[c])
			continue;
		snprintf(number, sizeof(number), "%d", c);
		make_chunk(stream, c, buffer);
		tell_handed(stream, chunk_length(stream, c));
		good = do_call(stream, ID_CHUNK, sql, 2, insert_types,
					   (Param[]) {{number, 0, false}, {(char *) buffer, chunk_length(stream, c), true}});
		if (good && commits)
			tell_acknowledged(stream, chunk_end(stream, c));
	}
	if (!commits)
	{
		good = good && do_sql(stream, "COMMIT");
		if (good)
			tell_acknowledged(stream, stream->bytes);
	}
	free(sql);
	free(buffer);
	return good;
}

static bool
write_calls(Stream *stream)
{
	return write_chunks(stream, true);
}

static bool
write_one_commit(Stream *stream)
{
	return write_chunks(stream, false);
}

/* The next chunks that are not recorded, one after another; how many: 0, there are none. */
static int
next_chunks(const Stream *stream, int *from)
{
	int			n = 0;

	while (*from < stream->nchunks && stream->recorded[*from])
		(*from)++;
	while (n < CHUNKS_AT_ONCE && *from + n < stream->nchunks && !stream->recorded[*from + n])
		n++;
	return n;
}

typedef struct Arrivals
{
	Stream	   *stream;
	int			first;
	bool		good;
} Arrivals;

static void
chunk_arrived(void *context, int index, const PGresult *result)
{
	Arrivals   *arrivals = context;

	(void) index;
	arrivals->good = arrivals->good && result != NULL;
}

/* its commit is over: a result alone can be there before */
static void
chunk_answered(void *context, int index)
{
	Arrivals   *arrivals = context;

	if (arrivals->good)
		tell_acknowledged(arrivals->stream, chunk_end(arrivals->stream, arrivals->first + index));
}

static bool
write_pipeline(Stream *stream)
{
	unsigned char *buffers = xcalloc(CHUNKS_AT_ONCE, (size_t) stream->chunk);
	char	   *sql = insert_sql(stream);
	Statement	insert = {.id = ID_CHUNK,.sql = sql,.nparams = 2,.types = {OID_INT4, OID_BYTEA}};
	bool		good = session_prepare(&stream->session, &insert);
	int			n;

	for (int from = 0; good && (n = next_chunks(stream, &from)) > 0; from += n)
	{
		char		numbers[CHUNKS_AT_ONCE][24];
		Param		params[CHUNKS_AT_ONCE][2];
		PipelineCall calls[CHUNKS_AT_ONCE];
		Arrivals	arrivals = {stream, from, true};
		const PipelineListener listener = {chunk_arrived, chunk_answered, &arrivals};
		RoundTrip	trip = {0};
		int			nanswered = 0;

		for (int i = 0; i < n; i++)
		{
			unsigned char *buffer = buffers + (size_t) i * (size_t) stream->chunk;

			make_chunk(stream, from + i, buffer);
			tell_handed(stream, chunk_length(stream, from + i));
			snprintf(numbers[i], sizeof(numbers[i]), "%d", from + i);
			params[i][0] = (Param) {numbers[i], 0, false};
			params[i][1] = (Param) {(char *) buffer, chunk_length(stream, from + i), true};
			calls[i] = (PipelineCall) {&insert, params[i]};
		}
		trip.start = trip.encode_start = now_ns();
		good = session_pipeline(&stream->session, calls, n, true, &listener, &trip, &nanswered) && arrivals.good;
	}
	free(sql);
	free(buffers);
	return good;
}

static unsigned char *
put_int(unsigned char *out, int value)
{
	uint32_t	bits = (uint32_t) value;

	for (int i = 0; i < 4; i++)
		out[i] = (unsigned char) (bits >> (24 - 8 * i));
	return out + 4;
}

/* A call for several chunks, which the procedure commits one by one: an array of bytea in binary. */
static bool
write_procedure(Stream *stream)
{
	unsigned char *array = xcalloc(1, 20 + CHUNKS_AT_ONCE * ((size_t) stream->chunk + 4));
	char	   *sql = xasprintf("CALL %s.put_chunks('%s', $1, $2)", stream->schema, stream->way->name);
	bool		good = true;
	int			n;

	for (int from = 0; good && (n = next_chunks(stream, &from)) > 0; from += n)
	{
		char		number[24];
		unsigned char *out = put_int(put_int(put_int(put_int(put_int(array, 1), 0), OID_BYTEA), n), 1);

		for (int i = 0; i < n; i++)
		{
			int			length = chunk_length(stream, from + i);

			out = put_int(out, length);
			make_chunk(stream, from + i, out);
			tell_handed(stream, length);
			out += length;
		}
		snprintf(number, sizeof(number), "%d", from);
		good = do_call(stream, ID_PROCEDURE, sql, 2, (Oid[]) {OID_INT4, OID_BYTEA_ARRAY},
					   (Param[]) {{number, 0, false}, {(char *) array, (int) (out - array), true}});
		if (good)
			tell_acknowledged(stream, chunk_end(stream, from + n - 1));
	}
	free(sql);
	free(array);
	return good;
}

/* ------------------------------------------------------------------------
 * Pages; large objects
 * ------------------------------------------------------------------------
 */

/* One transaction; the server cuts each chunk into pages. */
static bool
write_pages(Stream *stream)
{
	unsigned char *buffer = xcalloc((size_t) stream->chunk, 1);
	char	   *sql = xasprintf("INSERT INTO %s.pages SELECT '%s', $1 OPERATOR(pg_catalog.+) i, 'page',"
								" pg_catalog.substring($2, i OPERATOR(pg_catalog.*) %d OPERATOR(pg_catalog.+) 1, %d)"
								" FROM pg_catalog.generate_series(0, (pg_catalog.octet_length($2) OPERATOR(pg_catalog.-) 1) OPERATOR(pg_catalog./) %d) AS i"
								" ON CONFLICT (workflow_uuid, function_id) DO NOTHING",
								stream->schema, stream->way->name, PAGE_BYTES, PAGE_BYTES, PAGE_BYTES);
	bool		good = stream->recorded[0] || do_sql(stream, "BEGIN");

	for (int c = 0; c < stream->nchunks && good && !stream->recorded[0]; c++)
	{
		char		number[24];

		snprintf(number, sizeof(number), "%d", c * (stream->chunk / PAGE_BYTES));
		make_chunk(stream, c, buffer);
		tell_handed(stream, chunk_length(stream, c));
		good = do_call(stream, ID_PAGES, sql, 2, insert_types,
					   (Param[]) {{number, 0, false}, {(char *) buffer, chunk_length(stream, c), true}});
	}
	if (!stream->recorded[0])
	{
		good = good && do_sql(stream, "COMMIT");
		if (good)
			tell_acknowledged(stream, stream->bytes);
	}
	free(sql);
	free(buffer);
	return good;
}

/*
 * Make the large object and note it, in one transaction: who finds the schema finds all of
 * them.  Its number, as text, is the caller's; NULL: with the error set.
 */
static char *
make_object(Stream *stream)
{
	char	   *find = xasprintf("SELECT loid FROM %s.large_objects WHERE name OPERATOR(pg_catalog.=) '%s'", stream->schema, stream->way->name);
	char	   *make = xasprintf("INSERT INTO %s.large_objects SELECT pg_catalog.lo_create(0), '%s' RETURNING loid", stream->schema, stream->way->name);
	PGresult   *result = session_query(&stream->session, find, 0, NULL);
	char	   *number = NULL;

	if (result != NULL && PQntuples(result) == 0)
	{
		PQclear(result);
		result = session_query(&stream->session, make, 0, NULL);
	}
	if (result != NULL)
		number = xstrdup(PQgetvalue(result, 0, 0));
	PQclear(result);
	free(find);
	free(make);
	return number;
}

/* One transaction, as libpq's lo_write() in chunks. */
static bool
write_object(Stream *stream)
{
	unsigned char *buffer;
	char	   *object = NULL;
	char	   *open = NULL;
	char	   *file = NULL;
	PGresult   *result = NULL;
	bool		good;

	if (stream->recorded[0])
		return true;
	buffer = xcalloc((size_t) stream->chunk, 1);
	good = do_sql(stream, "BEGIN") && (object = make_object(stream)) != NULL;
	if (good)
	{
		open = xasprintf("SELECT pg_catalog.lo_open(%s, " INV_WRITE ")", object);
		result = session_query(&stream->session, open, 0, NULL);
		good = result != NULL;
		if (good)
			file = xstrdup(PQgetvalue(result, 0, 0));
		PQclear(result);
	}
	for (int c = 0; c < stream->nchunks && good; c++)
	{
		make_chunk(stream, c, buffer);
		tell_handed(stream, chunk_length(stream, c));
		good = do_call(stream, ID_LOWRITE, "SELECT pg_catalog.lowrite($1, $2)", 2, insert_types,
					   (Param[]) {{file, 0, false}, {(char *) buffer, chunk_length(stream, c), true}});
	}
	good = good && do_sql(stream, "COMMIT");
	if (good)
		tell_acknowledged(stream, stream->bytes);
	free(file);
	free(open);
	free(object);
	free(buffer);
	return good;
}

/* A transaction a chunk; the object's length says how far it is. */
static bool
write_object_chunks(Stream *stream)
{
	unsigned char *buffer = xcalloc((size_t) stream->chunk, 1);
	char	   *object = make_object(stream);
	bool		good = object != NULL;

	for (int c = 0; c < stream->nchunks && good; c++)
	{
		char		offset[24];

		if (stream->recorded[c])
			continue;
		snprintf(offset, sizeof(offset), "%lld", (long long) c * stream->chunk);
		make_chunk(stream, c, buffer);
		tell_handed(stream, chunk_length(stream, c));
		good = do_call(stream, ID_LO_PUT, "SELECT pg_catalog.lo_put($1, $2, $3)", 3, (Oid[]) {OID_OID, OID_INT8, OID_BYTEA},
					   (Param[]) {{object, 0, false}, {offset, 0, false}, {(char *) buffer, chunk_length(stream, c), true}});
		if (good)
			tell_acknowledged(stream, chunk_end(stream, c));
	}
	free(object);
	free(buffer);
	return good;
}

const StreamWay stream_ways[STREAM_WAYS] = {
	[WAY_ONE] = {"one step", "Everything in one parameter of one INSERT.", STORED_ONE, false, false, write_one},
	[WAY_CALLS] = {"chunk calls", "A step a chunk, each durable when its call is answered.", STORED_CHUNKS, true, true, write_calls},
	[WAY_PIPELINE] = {"chunk pipeline", "The same, four of them sent before the first is answered.", STORED_CHUNKS, true, true, write_pipeline},
	[WAY_PROCEDURE] = {"procedure", "Four chunks, as an array, in a call of a procedure, which commits each.", STORED_CHUNKS, true, true, write_procedure},
	[WAY_ONE_COMMIT] = {"one commit", "The calls of \"chunk calls\", all of them in one transaction.", STORED_CHUNKS, true, false, write_one_commit},
	[WAY_PAGES] = {"rows of a page", "A row for every 8,000 bytes, not in TOAST, all in one transaction.", STORED_PAGES, true, false, write_pages},
	[WAY_OBJECT] = {"large object", "lo_create() and lowrite() of chunks in one transaction.", STORED_OBJECT, true, false, write_object},
	[WAY_OBJECT_CHUNKS] = {"object chunks", "lo_put() of chunks, each a transaction.", STORED_OBJECT, true, true, write_object_chunks},
};
