/*
 * checkpoint.c
 *	  Writing and reading a checkpoint in a table of the experiment's own.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/checkpoint.h"
#include "util/clock.h"
#include "util/memory.h"

/* of types, as PostgreSQL has numbered them for ever */
#define OID_BYTEA 17
#define OID_INT4 23
#define OID_TEXT 25

#define NS_TO_MS(ns) ((double) (ns) / (double) NS_PER_MS)

bool
checkpoint_table_make(Lab *lab, CheckpointTable *table, int number, const char *name,
					  const char *type, const char *storage)
{
	table->name = xasprintf("%s.%s", lab->schema, name);
	table->insert = (Statement) {
		.id = 2 * number,.nparams = 2,.types = {OID_INT4, strcmp(type, "text") == 0 ? OID_TEXT : OID_BYTEA},
		.sql = xasprintf("INSERT INTO %s VALUES ('workflow', $1, 'step', $2) RETURNING pg_catalog.date_part('epoch',"
						 " pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.statement_timestamp())"
						 " OPERATOR(pg_catalog.*) 1000.0::pg_catalog.float8", table->name),
	};
	table->select = (Statement) {
		.id = 2 * number + 1,.nparams = 1,.types = {OID_INT4},
		.sql = xasprintf("SELECT output FROM %s WHERE workflow_uuid OPERATOR(pg_catalog.=) 'workflow'"
						 " AND function_id OPERATOR(pg_catalog.=) $1", table->name),
	};
	return lab_do(lab, "CREATE TABLE %s (workflow_uuid pg_catalog.text, function_id pg_catalog.int4,"
				  " function_name pg_catalog.text, output pg_catalog.%s, PRIMARY KEY (workflow_uuid, function_id))",
				  table->name, type) &&
		lab_do(lab, "ALTER TABLE %s ALTER COLUMN output SET STORAGE %s", table->name, storage);
}

void
checkpoint_table_free(CheckpointTable *table)
{
	free(table->name);
	free((char *) table->insert.sql);
	free((char *) table->select.sql);
	memset(table, 0, sizeof(*table));
}

bool
checkpoint_write(Lab *lab, Session *session, const CheckpointTable *table, int function_id,
				 const void *bytes, size_t length, WriteParts *parts)
{
	char		number[24];
	Param		params[2] = {{number, 0, false}, {bytes, (int) length, true}};
	RoundTrip	trip = {0};
	PGresult   *result;

	/* of one length, so that what is sent is too */
	snprintf(number, sizeof(number), "%09d", function_id);
	if (!session_prepare(session, &table->insert))
	{
		lab_fail(lab, session, lab->name);
		return false;
	}
	trip.start = trip.encode_start = now_ns();
	result = session_call(session, &table->insert, params, false, &trip);
	parts->end = now_ns();
	if (result == NULL)
	{
		lab_fail(lab, session, lab->name);
		return false;
	}
	parts->store = strtod(PQgetvalue(result, 0, 0), NULL);
	parts->send = trip.send_end > 0 ? NS_TO_MS(trip.send_end - trip.start) : 0.0;
	parts->rest = NS_TO_MS(parts->end - trip.start) - parts->send - parts->store;
	parts->sent = trip.sent;
	PQclear(result);
	return true;
}

PGresult *
checkpoint_read(Lab *lab, Session *session, const CheckpointTable *table, int function_id, double *fetch_ms)
{
	char		number[24];
	Param		param = {number, 0, false};
	RoundTrip	trip = {0};
	PGresult   *result;

	snprintf(number, sizeof(number), "%09d", function_id);
	if (!session_prepare(session, &table->select))
	{
		lab_fail(lab, session, lab->name);
		return NULL;
	}
	trip.start = trip.encode_start = now_ns();
	result = session_call(session, &table->select, &param, true, &trip);
	*fetch_ms = NS_TO_MS(now_ns() - trip.start);
	if (result == NULL)
		lab_fail(lab, session, lab->name);
	return result;
}

double
timed_memcpy(unsigned char *to, const unsigned char *from, size_t size)
{
	int64_t		began = now_ns();

	memcpy(to, from, size);
	__asm__ volatile ("" : : "r" (to) : "memory");
	return NS_TO_MS(now_ns() - began);
}

double
wal_position(Lab *lab)
{
	return lab_number(lab, "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')");
}
