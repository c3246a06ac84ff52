/*
 * read.c
 *	  A DBOS database, read in one READ ONLY transaction.
 *
 * No payload is selected, compared or decompressed: octet_length, pg_column_size,
 * pg_column_compression and pg_column_toast_chunk_id of a value answer from the
 * pointer that the row holds, and so TOAST is not touched.  (length of a text would
 * fetch it, since characters have to be counted.)
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/inspect.h"
#include "inspect/read.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/message.h"

/* how long a statement may take, unless --timeout says otherwise */
#define DEFAULT_TIMEOUT_S 30

/* SQLSTATEs */
#define QUERY_CANCELED "57014"
#define LOCK_NOT_AVAILABLE "55P03"
#define CONFLICT_WITH_RECOVERY "40001"
#define NO_PRIVILEGE "42501"

void
inspection_note(Inspection *inspection, const char *format,...)
{
	va_list		args;
	char		text[2000];

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	inspection->notes = xrealloc(inspection->notes, (size_t) (inspection->nnotes + 1) * sizeof(char *));
	inspection->notes[inspection->nnotes++] = xstrdup(text);
}

void
inspection_fail(Session *session, const char *what)
{
	print_error("could not read %s: %s", what, session->error);
	if (strcmp(session->sqlstate, QUERY_CANCELED) == 0)
		print_hint("--timeout gives each statement more time; without --exact large tables are sampled");
	else if (strcmp(session->sqlstate, LOCK_NOT_AVAILABLE) == 0)
		print_hint("somebody changes the table's definition; nothing waits behind this any more: try again");
	else if (strcmp(session->sqlstate, CONFLICT_WITH_RECOVERY) == 0)
		print_hint("a standby ends queries that hold back what it replays: try again, ask the primary, or raise max_standby_streaming_delay");
	else if (strcmp(session->sqlstate, NO_PRIVILEGE) == 0)
		print_hint("row-level security filters what this role sees: a role that is exempt from it (BYPASSRLS, the owner) sees all");
}

PGresult *
read_query(Reading *reading, const char *what, const char *sql)
{
	PGresult   *result = session_query(reading->session, sql, 0, NULL);

	if (result == NULL)
		inspection_fail(reading->session, what);
	return result;
}

int64_t
read_or_unknown(const PGresult *result, int row, int column)
{
	return PQgetisnull(result, row, column) ? UNKNOWN : strtoll(PQgetvalue(result, row, column), NULL, 10);
}

int64_t
read_integer(const PGresult *result, int row, int column)
{
	return PQgetisnull(result, row, column) ? 0 : strtoll(PQgetvalue(result, row, column), NULL, 10);
}

double
read_real(const PGresult *result, int row, int column)
{
	return PQgetisnull(result, row, column) ? NAN : strtod(PQgetvalue(result, row, column), NULL);
}

int64_t
read_scaled(const PGresult *result, int row, int column, double factor)
{
	int64_t		value = read_integer(result, row, column);

	return factor > 1.0 ? llround((double) value * factor) : value;
}

void
amount_add(Amount *amount, int64_t rows, int64_t text_bytes, int64_t stored_bytes)
{
	amount->rows += rows;
	amount->text_bytes += text_bytes;
	amount->stored_bytes += stored_bytes;
}

char *
age_expression(const Reading *reading, const char *time)
{
	char	   *age = xasprintf("((%" PRId64 " - %s) / 86400000)", reading->now_ms, time);
	char	   *text = xasprintf("CASE WHEN %s IS NULL THEN -1 WHEN %s < %d THEN greatest(0, %s) WHEN %s < 30 THEN 14"
								 " WHEN %s < 90 THEN 30 WHEN %s < 180 THEN 90 WHEN %s < 365 THEN 180 ELSE 365 END",
								 time, age, DAYS, age, age, age, age, age);

	free(age);
	return text;
}

char *
method_expression(const Reading *reading, const char *value)
{
	if (reading->tells_compression)
		return xasprintf("pg_column_compression(%s)", value);

	/* 13 has pglz alone, and a header of at least a byte where it is not compressed */
	return xasprintf("CASE WHEN pg_column_size(%s) < octet_length(%s) THEN 'pglz' END", value, value);
}

char *
outside_expression(const Reading *reading, const char *value)
{
	if (reading->tells_outside)
		return xasprintf("pg_column_toast_chunk_id(%s) IS NOT NULL", value);

	/* what a row has no room for: it is made to fit 2,032 bytes */
	return xasprintf("pg_column_size(%s) > 2000", value);
}

/* Read only, and in nobody's way; false with the message said. */
static bool
begin(Session *session, const InspectSettings *settings)
{
	char		timeouts[200];

	/*
	 * One snapshot, so that all figures are of the same rows.  One process, little
	 * memory, no compiling.  A table that somebody changes is not waited for, since
	 * others would wait behind us.  Policies that filter rows raise an error.
	 */
	snprintf(timeouts, sizeof(timeouts), "SET LOCAL statement_timeout = '%ds'",
			 settings->timeout_s > 0 ? settings->timeout_s : DEFAULT_TIMEOUT_S);
	if (session_do(session, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 0, NULL) &&
		session_do(session, timeouts, 0, NULL) &&
		session_do(session, "SET LOCAL lock_timeout = '500ms'", 0, NULL) &&
		session_do(session, "SET LOCAL search_path = pg_catalog, pg_temp", 0, NULL) &&
		session_do(session, "SET LOCAL row_security = off", 0, NULL) &&
		session_do(session, "SET LOCAL client_encoding = 'UTF8'", 0, NULL) &&
		session_do(session, "SET LOCAL work_mem = '16MB'", 0, NULL) &&
		session_do(session, "SET LOCAL max_parallel_workers_per_gather = 0", 0, NULL) &&
		session_do(session, "SET LOCAL jit = off", 0, NULL) &&
		session_do(session, "SET LOCAL enable_sort = off", 0, NULL) &&
		session_do(session, "SET LOCAL enable_mergejoin = off", 0, NULL))
		return true;
	inspection_fail(session, "the database");
	return false;
}

/* The server itself; false with the message said. */
static bool
read_server(Reading *reading)
{
	Inspection *inspection = reading->inspection;
	PGresult   *result = read_query(reading, "the server",
									"SELECT current_setting('server_version_num'), current_setting('server_version'),"
									" pg_is_in_recovery(), current_database(),"
									" (extract(epoch FROM now()) * 1000)::int8,"
									" to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),"
									" EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)),"
									" current_setting('transaction_read_only'),"
									" to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL");

	if (result == NULL)
		return false;
	inspection->server_version_num = (int) read_integer(result, 0, 0);
	inspection->server_version = xasprintf("%.*s", (int) strcspn(PQgetvalue(result, 0, 1), " "), PQgetvalue(result, 0, 1));
	inspection->standby = *PQgetvalue(result, 0, 2) == 't';
	inspection->database = xstrdup(PQgetvalue(result, 0, 3));
	reading->now_ms = read_integer(result, 0, 4);
	inspection->started_at = xstrdup(PQgetvalue(result, 0, 5));
	inspection->has_lz4 = *PQgetvalue(result, 0, 6) == 't';
	if (strcmp(PQgetvalue(result, 0, 7), "on") != 0)
	{
		/* a pooler that takes transactions apart, or something that is no PostgreSQL */
		print_error("the transaction is not read-only, although it was begun so; nothing was read");
		PQclear(result);
		return false;
	}
	reading->has_citus = *PQgetvalue(result, 0, 8) == 't';
	PQclear(result);
	reading->tells_compression = inspection->server_version_num >= 140000;
	reading->tells_outside = inspection->server_version_num >= 170000;
	return true;
}

/*
 * Of tables that Citus has distributed, this server has empty shells, and what is asked here
 * cannot be asked of all shards; false with the message said.
 */
static bool
read_distribution(Reading *reading)
{
	const char *schema = reading->inspection->schema;
	PGresult   *result;
	bool		here;

	if (!reading->has_citus)
		return true;
	result = session_query(reading->session, "SELECT string_agg(c.relname, ', ' ORDER BY c.relname)"
						   " FROM pg_dist_partition AS p JOIN pg_class AS c ON c.oid = p.logicalrelid"
						   " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1", 1, &schema);
	if (result == NULL)
	{
		inspection_fail(reading->session, "what Citus has distributed");
		return false;
	}
	here = PQgetisnull(result, 0, 0);
	if (!here)
	{
		print_error("Citus has distributed tables of the schema \"%s\": %s. inspect reads tables of one server, and these are in shards on others",
					schema, PQgetvalue(result, 0, 0));
		print_hint("restore a pg_dump of the database, or of a part of its workflows, on a server without Citus, and inspect that");
	}
	PQclear(result);
	return here;
}

/* The migration, and what that says; false with the message said. */
static bool
read_migration(Reading *reading)
{
	Inspection *inspection = reading->inspection;
	const Layout *layout = &reading->layout;
	char	   *sql;
	PGresult   *result;

	inspection->migration = UNKNOWN;
	for (int i = 0; i < npayload_places; i++)
	{
		if (layout_column(layout, payload_places[i].table, payload_places[i].column) == NULL)
			continue;
		if (payload_places[i].table == TABLE_WORKFLOW_STATUS)
			inspection->payloads_in_status = true;
		if (payload_places[i].table == TABLE_WORKFLOW_INPUT || payload_places[i].table == TABLE_WORKFLOW_OUTPUT)
			inspection->payloads_in_tables = true;
	}
	if (layout_column(layout, TABLE_DBOS_MIGRATIONS, "version") == NULL)
		return true;
	sql = xasprintf("SELECT max(version)::int8 FROM %s", layout->tables[TABLE_DBOS_MIGRATIONS].quoted);
	result = read_query(reading, "the migration", sql);
	free(sql);
	if (result == NULL)
		return false;
	inspection->migration = read_or_unknown(result, 0, 0);
	PQclear(result);
	if (inspection->migration > NEWEST_MIGRATION)
		inspection_note(inspection, "migration %" PRId64 " is newer than %d, the newest that is known here: what it added was not looked at",
						inspection->migration, NEWEST_MIGRATION);
	return true;
}

bool
inspection_read(Session *session, const InspectSettings *settings, Inspection *inspection)
{
	Reading		reading = {.session = session, .inspection = inspection};
	int64_t		start = now_ns();
	bool		ok;

	memset(inspection, 0, sizeof(*inspection));
	reading.whole_pages = settings->exact ? INT64_MAX : WHOLE_PAGES;
	reading.join_pages = settings->exact ? INT64_MAX : JOIN_PAGES;
	reading.part_pages = settings->exact ? INT64_MAX : PART_PAGES;
	reading.lookup_pages = LOOKUP_PAGES;
	inspection->tool_version = xstrdup(DBOS_PAYLOAD_VERSION);
	inspection->schema = xstrdup(settings->schema);
	ok = begin(session, settings) && read_server(&reading) &&
		layout_read(session, settings->schema, &reading.layout, inspection) &&
		read_distribution(&reading) && read_migration(&reading) && read_tables(&reading) && read_columns(&reading) &&
		read_steps(&reading) && read_workflows(&reading);
	if (!session->lost && !session_do(session, "ROLLBACK", 0, NULL) && ok)
	{
		inspection_fail(session, "the database");
		ok = false;
	}
	layout_free(&reading.layout);
	inspection->took_s = (double) (now_ns() - start) / (double) NS_PER_S;
	return ok;
}
