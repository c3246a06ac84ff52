/*
 * storage_churn.c
 *	  What replay, conflict and purge leave in the table, and in WAL.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experiment/storage.h"
#include "util/memory.h"

const char *const churn_names[CHURN_COUNT] = {
	"recorded", "replayed: asked first", "replayed: ON CONFLICT DO NOTHING", "conflict: INSERT refused",
	"conflict: DO UPDATE", "half purged", "vacuumed", "half recorded again"
};

const int64_t churn_sizes[CHURN_SIZES] = {1000, 10000};

/* how long the server may take to count what a connection did */
#define STATISTICS_TRIES 100
#define STATISTICS_PAUSE_US 50000

#define OID_BYTEA 17
#define OID_INT4 23

/* what a phase runs for one step; NULL: not step by step */
static char *
statement_of(const char *table, ChurnPhase phase)
{
	switch (phase)
	{
		case CHURN_RECORDED:
		case CHURN_REFUSED:
		case CHURN_AGAIN:
			return xasprintf("INSERT INTO %s VALUES (" STEPS_VALUES ")", table);
		case CHURN_ASKED:
			/* $2 is not of interest to it, but is a parameter of all */
			return xasprintf("SELECT output FROM %s WHERE workflow_uuid OPERATOR(pg_catalog.=) '" STEPS_WORKFLOW "'"
							 " AND function_id OPERATOR(pg_catalog.=) $1 AND $2 IS NOT NULL", table);
		case CHURN_NOTHING:
			return xasprintf("INSERT INTO %s VALUES (" STEPS_VALUES ") ON CONFLICT (workflow_uuid, function_id) DO NOTHING", table);
		case CHURN_UPDATED:
			return xasprintf("INSERT INTO %s VALUES (" STEPS_VALUES ") ON CONFLICT (workflow_uuid, function_id)"
							 " DO UPDATE SET output = EXCLUDED.output", table);
		default:
			return NULL;
	}
}

static bool
run_steps(Lab *lab, Session *session, const char *sql, ChurnPhase phase, unsigned char *payload, size_t size, int steps)
{
	Statement	statement = {.id = -1,.sql = sql,.nparams = 2,.types = {OID_INT4, OID_BYTEA}};

	for (int i = 1; i <= steps; i++)
	{
		char		number[24];
		Param		params[2] = {{number, 0, false}, {(char *) payload, (int) size, true}};
		RoundTrip	trip = {0};
		PGresult   *result;
		bool		refused;

		snprintf(number, sizeof(number), "%d", i);
		lab_fill(lab, payload, size, 0);
		trip.start = trip.encode_start = now_ns();
		result = session_call(session, &statement, params, true, &trip);
		refused = result == NULL && strcmp(session->sqlstate, "23505") == 0;
		if (result == NULL && !(phase == CHURN_REFUSED && refused))
		{
			lab_fail(lab, session, lab->name);
			return false;
		}
		PQclear(result);
	}
	return true;
}

/*
 * What the server has counted, once it has: a connection tells when it ends.  The
 * counts are NAN where that takes too long.
 */
static bool
count_dead(Lab *lab, const char *table, double changes, Churn *churn)
{
	churn->dead = churn->dead_chunks = NAN;
	for (int i = 0; i < STATISTICS_TRIES && lab_is_alive(lab); i++)
	{
		PGresult   *result;

		if (!lab_do(lab, "SELECT pg_catalog.pg_stat_clear_snapshot()"))
			return false;
		result = lab_query(lab, "SELECT pg_catalog.pg_stat_get_tuples_inserted(oid) OPERATOR(pg_catalog.+)"
						   " pg_catalog.pg_stat_get_tuples_updated(oid) OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_tuples_deleted(oid)"
						   " OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_vacuum_count(oid)"
						   " OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_vacuum_count(reltoastrelid),"
						   " pg_catalog.pg_stat_get_dead_tuples(oid), pg_catalog.pg_stat_get_dead_tuples(reltoastrelid)"
						   " FROM pg_catalog.pg_class WHERE oid OPERATOR(pg_catalog.=) '%s'::pg_catalog.regclass", table);
		if (result == NULL)
			return false;
		if (strtod(PQgetvalue(result, 0, 0), NULL) >= changes)
		{
			churn->dead = strtod(PQgetvalue(result, 0, 1), NULL);
			churn->dead_chunks = strtod(PQgetvalue(result, 0, 2), NULL);
			PQclear(result);
			return true;
		}
		PQclear(result);
		usleep(STATISTICS_PAUSE_US);
	}
	return lab_is_alive(lab);
}

/*
 * How many rows a phase inserts, updates or deletes, those that are rolled back among them,
 * or how many tables it vacuums: itself and that of TOAST.
 */
static int
changes_of(ChurnPhase phase)
{
	switch (phase)
	{
		case CHURN_ASKED:
		case CHURN_NOTHING:
			return 0;
		case CHURN_VACUUMED:
			return 2;
		case CHURN_PURGED:
		case CHURN_AGAIN:
			return CHURN_STEPS / 2;
		default:
			return CHURN_STEPS;
	}
}

/* On a connection of its own, which then tells what it did. */
static bool
run_phase(Lab *lab, Storage *s, const char *table, ChurnPhase phase, size_t size)
{
	Session		session = {0};
	char	   *sql = statement_of(table, phase);
	int			steps = phase == CHURN_AGAIN ? CHURN_STEPS / 2 : CHURN_STEPS;
	bool		good;

	if (sql != NULL)
		good = lab_connect(lab, &session) && run_steps(lab, &session, sql, phase, s->payload, size, steps);
	else if (phase == CHURN_PURGED)
	{
		sql = xasprintf("DELETE FROM %s WHERE function_id OPERATOR(pg_catalog.<=) %d", table, CHURN_STEPS / 2);
		good = lab_connect(lab, &session) && steps_table_do(lab, &session, sql);
	}
	else
		good = lab_do(lab, "VACUUM %s", table);
	session_close(&session);
	free(sql);
	return good;
}

static bool
measure_size(Lab *lab, Storage *s, int which)
{
	StepsTable	table = {0};
	double		changes = 0.0;
	char		name[16];
	bool		good;

	snprintf(name, sizeof(name), "churn_%d", which);
	good = steps_table_make(lab, &table, 60, name, "bytea");
	for (ChurnPhase phase = 0; phase < CHURN_COUNT && good && lab_is_alive(lab); phase++)
	{
		Churn	   *churn = &s->churns[which][phase];
		char		from[LSN_SIZE];
		char		to[LSN_SIZE];

		lab_progress(lab, "replay, conflict, purge", (which + (double) phase / CHURN_COUNT) / CHURN_SIZES);
		changes += changes_of(phase);
		good = wal_end(lab, from) && run_phase(lab, s, table.name, phase, (size_t) churn_sizes[which]) &&
			wal_end(lab, to) && volume_read(lab, table.name, &churn->volume) &&
			count_dead(lab, table.name, changes, churn);
		if (!good)
			break;
		churn->wal = wal_between(lab, from, to);
		churn->calls = phase == CHURN_PURGED || phase == CHURN_VACUUMED ? 1 :
			phase == CHURN_AGAIN ? CHURN_STEPS / 2 : CHURN_STEPS;
		churn->live = lab_number(lab, "SELECT pg_catalog.count(*) FROM %s", table.name);
		s->nchurned[which]++;
	}
	steps_table_free(&table);
	return good && lab_is_alive(lab);
}

bool
storage_measure_churn(Lab *lab, Storage *s)
{
	for (int i = 0; i < CHURN_SIZES; i++)
		if (!measure_size(lab, s, i))
			return false;
	return true;
}
