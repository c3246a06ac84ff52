/*
 * streaming_read.c
 *	  The tables of streams; what is recorded of one; reading it back, whole and in
 *	  parts, and comparing every byte.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/streaming.h"
#include "pg/session_internal.h"
#include "util/memory.h"

#define OID_INT8 20
#define OID_INT4 23

enum
{
	ID_PART = 10,
	ID_WHOLE
};

#define INV_READ "262144"

/* columns of the table of steps that matter here */
#define STEP_COLUMNS "(workflow_uuid pg_catalog.text COLLATE pg_catalog.\"C\", function_id pg_catalog.int4," \
	" function_name pg_catalog.text, output pg_catalog.bytea, PRIMARY KEY (workflow_uuid, function_id))"

bool
stream_tables_make(Lab *lab)
{
	/* random bytes cannot be compressed: nobody tries */
	return lab_do(lab, "CREATE TABLE %s.chunks " STEP_COLUMNS, lab->schema) &&
		lab_do(lab, "ALTER TABLE %s.chunks ALTER COLUMN output SET STORAGE EXTERNAL", lab->schema) &&
		lab_do(lab, "CREATE TABLE %s.pages " STEP_COLUMNS, lab->schema) &&
		lab_do(lab, "ALTER TABLE %s.pages ALTER COLUMN output SET STORAGE PLAIN", lab->schema) &&
		/* schema_drop() unlinks them, clean's too */
		lab_do(lab, "CREATE TABLE %s.large_objects (loid pg_catalog.oid PRIMARY KEY, name pg_catalog.text UNIQUE)", lab->schema) &&
		lab_do(lab, "CREATE PROCEDURE %s.put_chunks(stream pg_catalog.text, first pg_catalog.int4, chunks pg_catalog.bytea[]) LANGUAGE plpgsql AS $body$"
			   " BEGIN FOR i IN 1 .. pg_catalog.array_length(chunks, 1) LOOP"
			   " INSERT INTO %s.chunks VALUES (stream, first OPERATOR(pg_catalog.+) i OPERATOR(pg_catalog.-) 1, 'chunk', chunks[i])"
			   " ON CONFLICT (workflow_uuid, function_id) DO NOTHING; COMMIT; END LOOP; END $body$", lab->schema, lab->schema);
}

/* ------------------------------------------------------------------------
 * What is recorded
 * ------------------------------------------------------------------------
 */

/* the length of its large object; no row: there is none */
#define OBJECT_LENGTH "SELECT pg_catalog.lo_lseek64(pg_catalog.lo_open(loid, " INV_READ "), 0, 2) FROM %s.large_objects WHERE name OPERATOR(pg_catalog.=) '%s'"

static const char *
table_of(const StreamWay *way)
{
	return way->stored == STORED_PAGES ? "pages" : "chunks";
}

bool
stream_find_recorded(Stream *stream)
{
	const StreamWay *way = stream->way;
	char	   *sql = way->stored == STORED_OBJECT ? xasprintf(OBJECT_LENGTH, stream->schema, way->name) :
		xasprintf("SELECT function_id FROM %s.%s WHERE workflow_uuid OPERATOR(pg_catalog.=) '%s'%s",
				  stream->schema, table_of(way), way->name, way->stored == STORED_PAGES ? " LIMIT 1" : "");
	PGresult   *result = session_query(&stream->session, sql, 0, NULL);

	free(sql);
	for (int row = 0; row < PQntuples(result); row++)
	{
		int64_t		value = strtoll(PQgetvalue(result, row, 0), NULL, 10);

		if (way->stored == STORED_CHUNKS || way->stored == STORED_ONE)
		{
			if (value >= 0 && value < stream->nchunks)
				stream->recorded[value] = true;
			continue;
		}
		/* one that is not there in part is there */
		for (int c = 0; c < stream->nchunks; c++)
			stream->recorded[c] = way->stored == STORED_PAGES || (int64_t) c * stream->chunk < value;
	}
	for (int c = 0; c < stream->nchunks; c++)
		if (stream->recorded[c])
			stream->report->there += way->stored == STORED_ONE ? stream->bytes :
				c + 1 < stream->nchunks ? stream->chunk : stream->bytes - (int64_t) c * stream->chunk;
	PQclear(result);
	return result != NULL;
}

int64_t
stream_recorded(Lab *lab, const StreamWay *way, int64_t bytes)
{
	int64_t		unit = way->stored == STORED_ONE ? bytes : way->stored == STORED_PAGES ? PAGE_BYTES : stream_chunk(bytes);
	int64_t		found;
	PGresult   *result;

	if (way->stored == STORED_OBJECT)
	{
		result = lab_query(lab, OBJECT_LENGTH, lab->schema, way->name);
		unit = 1;
	}
	else
		/* the first that is missing */
		result = lab_query(lab, "SELECT pg_catalog.min(i) FROM pg_catalog.generate_series(0, %lld) AS i WHERE NOT EXISTS"
						   " (SELECT 1 FROM %s.%s AS c WHERE c.workflow_uuid OPERATOR(pg_catalog.=) '%s' AND c.function_id OPERATOR(pg_catalog.=) i)",
						   (long long) ((bytes + unit - 1) / unit), lab->schema, table_of(way), way->name);
	if (result == NULL)
		return -1;
	found = PQntuples(result) == 0 ? 0 : strtoll(PQgetvalue(result, 0, 0), NULL, 10) * unit;
	PQclear(result);
	return found < bytes ? found : bytes;
}

bool
stream_delete(Lab *lab, const StreamWay *way)
{
	if (way->stored == STORED_OBJECT)
		return lab_do(lab, "WITH gone AS (DELETE FROM %s.large_objects WHERE name OPERATOR(pg_catalog.=) '%s' RETURNING loid)"
					  " SELECT pg_catalog.count(pg_catalog.lo_unlink(loid)) FROM gone", lab->schema, way->name);
	return lab_do(lab, "TRUNCATE %s.%s", lab->schema, table_of(way));
}

/* ------------------------------------------------------------------------
 * Reading
 * ------------------------------------------------------------------------
 */

/* Compare all fields of the first column with the stream from *at on, and move it. */
static bool
compare(Stream *stream, const PGresult *result, int64_t *at)
{
	for (int row = 0; row < PQntuples(result); row++)
	{
		int			length = PQgetlength(result, row, 0);

		/* what is no multiple of eight is the end */
		if (*at % 8 != 0 || *at + length > stream->bytes ||
			!stream_is(stream->seed, *at, (const unsigned char *) PQgetvalue(result, row, 0), (size_t) length))
		{
			char	   *message = xasprintf("what was read back from byte %" PRId64 " on is not what was written", *at);

			session_fail(&stream->session, message, NULL);
			free(message);
			return false;
		}
		*at += length;
	}
	return true;
}

/* One query, timed, and what came compared. */
static bool
read_some(Stream *stream, int id, const char *sql, int nparams, const Oid *types, const Param *params, int64_t *at)
{
	int64_t		began = now_ns();
	PGresult   *result = stream_call(stream, id, sql, nparams, types, params);
	bool		good;

	stream->report->fetch_ms += (double) (now_ns() - began) / (double) NS_PER_MS;
	good = result != NULL && compare(stream, result, at);
	PQclear(result);
	return good;
}

static bool
read_all_of_it(Stream *stream, int64_t at)
{
	if (at < stream->bytes)
	{
		char	   *message = xasprintf("%" PRId64 " bytes were read back instead of %" PRId64, at, stream->bytes);

		session_fail(&stream->session, message, NULL);
		free(message);
	}
	return at == stream->bytes;
}

bool
stream_read_whole(Stream *stream)
{
	const StreamWay *way = stream->way;
	int64_t		at = 0;
	char	   *sql = way->stored == STORED_OBJECT ?
		xasprintf("SELECT pg_catalog.lo_get(loid) FROM %s.large_objects WHERE name OPERATOR(pg_catalog.=) '%s'", stream->schema, way->name) :
		xasprintf("SELECT output FROM %s.%s WHERE workflow_uuid OPERATOR(pg_catalog.=) '%s' ORDER BY function_id",
				  stream->schema, table_of(way), way->name);
	bool		good = read_some(stream, ID_WHOLE, sql, 0, NULL, NULL, &at) && read_all_of_it(stream, at);

	free(sql);
	return good;
}

/* A call a chunk: $1 is where it begins. */
bool
stream_read_parts(Stream *stream)
{
	const StreamWay *way = stream->way;
	int64_t		at = 0;
	Oid			type = way->stored == STORED_OBJECT ? OID_INT8 : OID_INT4;
	bool		good = true;
	char	   *sql;

	if (way->stored == STORED_OBJECT)
		sql = xasprintf("SELECT pg_catalog.lo_get(loid, $1, %d) FROM %s.large_objects WHERE name OPERATOR(pg_catalog.=) '%s'",
						stream->chunk, stream->schema, way->name);
	else if (way->stored == STORED_ONE)
		sql = xasprintf("SELECT pg_catalog.substr(output, $1 OPERATOR(pg_catalog.+) 1, %d) FROM %s.chunks WHERE workflow_uuid OPERATOR(pg_catalog.=) '%s'",
						stream->chunk, stream->schema, way->name);
	else
		sql = xasprintf("SELECT output FROM %s.%s WHERE workflow_uuid OPERATOR(pg_catalog.=) '%s' AND function_id OPERATOR(pg_catalog.>=) $1"
						" ORDER BY function_id LIMIT %d", stream->schema, table_of(way), way->name,
						way->stored == STORED_PAGES ? stream->chunk / PAGE_BYTES : 1);
	for (int c = 0; c < stream->nchunks && good; c++)
	{
		int64_t		begin = at / (way->stored == STORED_PAGES ? PAGE_BYTES : way->stored == STORED_CHUNKS ? stream->chunk : 1);
		char		number[24];

		snprintf(number, sizeof(number), "%" PRId64, begin);
		good = read_some(stream, ID_PART, sql, 1, &type, (Param[]) {{number, 0, false}}, &at);
	}
	good = good && read_all_of_it(stream, at);
	free(sql);
	return good;
}
