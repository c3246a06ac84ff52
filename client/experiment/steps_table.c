/*
 * steps_table.c
 *	  A table of the experiment's own with the columns of recorded steps.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/steps_table.h"
#include "util/memory.h"

#define OID_BYTEA 17
#define OID_INT4 23
#define OID_TEXT 25

bool
steps_table_make(Lab *lab, StepsTable *table, int number, const char *name, const char *type)
{
	table->name = xasprintf("%s.%s", lab->schema, name);
	table->insert = (Statement) {
		.id = number,.nparams = 2,.types = {OID_INT4, strcmp(type, "text") == 0 ? OID_TEXT : OID_BYTEA},
		.sql = xasprintf("INSERT INTO %s VALUES (" STEPS_VALUES ")", table->name),
	};
	return lab_do(lab, "CREATE TABLE %s (workflow_uuid pg_catalog.text COLLATE pg_catalog.\"C\" NOT NULL,"
				  " function_id pg_catalog.int4 NOT NULL, function_name pg_catalog.text NOT NULL,"
				  " output pg_catalog.%s, error pg_catalog.text,"
				  " started_at_epoch_ms pg_catalog.int8, completed_at_epoch_ms pg_catalog.int8,"
				  " PRIMARY KEY (workflow_uuid, function_id))"
				  " WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off)", table->name, type);
}

void
steps_table_free(StepsTable *table)
{
	free(table->name);
	free((char *) table->insert.sql);
	memset(table, 0, sizeof(*table));
}

bool
steps_table_insert(Lab *lab, Session *session, StepsTable *table, const void *bytes, size_t length)
{
	char		number[24];
	Param		params[2] = {{number, 0, false}, {bytes, (int) length, true}};
	RoundTrip	trip = {0};
	PGresult   *result;

	snprintf(number, sizeof(number), "%09d", ++table->steps);
	trip.start = trip.encode_start = now_ns();
	result = session_call(session, &table->insert, params, false, &trip);
	if (result == NULL)
		lab_fail(lab, session, lab->name);
	PQclear(result);
	return result != NULL;
}

bool
steps_table_do(Lab *lab, Session *session, const char *sql)
{
	bool		good = session_do(session, sql, 0, NULL);

	if (!good)
		lab_fail(lab, session, lab->name);
	return good;
}

static double
number_at(const PGresult *result, int column)
{
	return PQgetisnull(result, 0, column) ? 0.0 : strtod(PQgetvalue(result, 0, column), NULL);
}

bool
volume_read(Lab *lab, const char *table, TableBytes *volume)
{
	PGresult   *result = lab_query(lab,
								   "WITH relations AS (SELECT c.oid, CASE WHEN c.oid OPERATOR(pg_catalog.=) t.oid THEN 'heap' ELSE 'toast' END AS part"
								   " FROM pg_catalog.pg_class AS t JOIN pg_catalog.pg_class AS c"
								   " ON c.oid OPERATOR(pg_catalog.=) t.oid OR c.oid OPERATOR(pg_catalog.=) t.reltoastrelid"
								   " WHERE t.oid OPERATOR(pg_catalog.=) '%s'::pg_catalog.regclass),"
								   " files AS (SELECT oid, part FROM relations UNION ALL"
								   " SELECT i.indexrelid, CASE WHEN r.part OPERATOR(pg_catalog.=) 'toast' THEN 'toast index' ELSE 'index' END"
								   " FROM relations AS r JOIN pg_catalog.pg_index AS i ON i.indrelid OPERATOR(pg_catalog.=) r.oid)"
								   " SELECT pg_catalog.sum(pg_catalog.pg_relation_size(oid)) FILTER (WHERE part OPERATOR(pg_catalog.=) 'heap'),"
								   " pg_catalog.sum(pg_catalog.pg_relation_size(oid)) FILTER (WHERE part OPERATOR(pg_catalog.=) 'toast'),"
								   " pg_catalog.sum(pg_catalog.pg_relation_size(oid)) FILTER (WHERE part OPERATOR(pg_catalog.=) 'index'),"
								   " pg_catalog.sum(pg_catalog.pg_relation_size(oid)) FILTER (WHERE part OPERATOR(pg_catalog.=) 'toast index'),"
								   " pg_catalog.sum(pg_catalog.pg_relation_size(oid, 'fsm') OPERATOR(pg_catalog.+) pg_catalog.pg_relation_size(oid, 'vm')),"
								   " pg_catalog.pg_total_relation_size('%s') FROM files", table, table);

	if (result == NULL)
		return false;
	*volume = (TableBytes) {number_at(result, 0), number_at(result, 1), number_at(result, 2), number_at(result, 3),
	number_at(result, 4), number_at(result, 5)};
	PQclear(result);
	return true;
}

bool
wal_end(Lab *lab, char *lsn)
{
	PGresult   *result = lab_query(lab, "SELECT pg_catalog.pg_current_wal_insert_lsn()");

	lsn[0] = '\0';
	if (result != NULL)
		snprintf(lsn, LSN_SIZE, "%s", PQgetvalue(result, 0, 0));
	PQclear(result);
	return result != NULL;
}

double
wal_between(Lab *lab, const char *from, const char *to)
{
	return lab_number(lab, "SELECT pg_catalog.pg_wal_lsn_diff('%s', '%s')", to, from);
}

/* The first of that name, which is the topmost node's; 0 where it is not there. */
static double
explained(const char *text, const char *name)
{
	const char *found = strstr(text, name);

	return found != NULL ? strtod(found + strlen(name), NULL) : 0.0;
}

bool
explain_call(Lab *lab, Session *session, const char *sql, const Statement *like, const Param *params, Explained *e)
{
	char	   *text = xasprintf("EXPLAIN (ANALYZE, BUFFERS, WAL, TIMING OFF, FORMAT JSON) %s", sql);
	Statement	statement = {.id = -1,.sql = text,.nparams = like->nparams};
	RoundTrip	trip = {0};
	PGresult   *result;

	memcpy(statement.types, like->types, sizeof(statement.types));
	trip.start = trip.encode_start = now_ns();
	result = session_call(session, &statement, params, false, &trip);
	free(text);
	if (result == NULL)
	{
		lab_fail(lab, session, lab->name);
		return false;
	}
	text = PQgetvalue(result, 0, 0);
	e->read = explained(text, "\"Shared Read Blocks\":");
	e->buffers = explained(text, "\"Shared Hit Blocks\":") + e->read;
	e->wal = explained(text, "\"WAL Bytes\":");
	e->images = explained(text, "\"WAL FPI\":");
	PQclear(result);
	return true;
}

bool
may_checkpoint(Lab *lab)
{
	PGresult   *result = lab_query(lab, "SELECT rolsuper OR EXISTS (SELECT FROM pg_catalog.pg_roles AS p"
								   " WHERE p.rolname OPERATOR(pg_catalog.=) 'pg_checkpoint'"
								   " AND pg_catalog.pg_has_role(p.oid, 'USAGE'))"
								   " FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) CURRENT_USER");
	bool		may = result != NULL && PQntuples(result) > 0 && *PQgetvalue(result, 0, 0) == 't';

	PQclear(result);
	return may;
}
