/*
 * memory_contexts.c
 *	  What the backend holds by its own account (pg_backend_memory_contexts): before a
 *	  payload, within the call that records or makes it, and after it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive/drive.h"
#include "experiment/memory.h"
#include "util/memory.h"

#define OID_BYTEA 17
#define OID_INT8 20
#define OID_TEXT 25

#define NAMES_SHOWN 3

/* "total|name 12 kB, name 3 kB": one value, so that it can stand beside a call in one statement */
#define CONTEXTS_SQL "(SELECT pg_catalog.concat(pg_catalog.sum(c.bytes), '|'," \
	" pg_catalog.string_agg(c.name OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) (c.bytes / 1000)::pg_catalog.int8 OPERATOR(pg_catalog.||) ' kB', ', ' ORDER BY c.rank) FILTER (WHERE c.rank <= 3))" \
	" FROM (SELECT b.name, pg_catalog.sum(b.total_bytes) AS bytes, pg_catalog.row_number() OVER (ORDER BY pg_catalog.sum(b.total_bytes) DESC) AS rank" \
	" FROM pg_catalog.pg_backend_memory_contexts AS b GROUP BY b.name) AS c)"

static void
take(const char *text, Contexts *contexts)
{
	const char *bar = strchr(text, '|');

	contexts->total = strtod(text, NULL);
	snprintf(contexts->largest, sizeof(contexts->largest), "%s", bar != NULL ? bar + 1 : "");
}

static bool
ask(Session *session, Contexts *contexts)
{
	PGresult   *result = session_query(session, "SELECT " CONTEXTS_SQL, 0, NULL);

	if (result != NULL)
		take(PQgetvalue(result, 0, 0), contexts);
	PQclear(result);
	return result != NULL;
}

/* A call whose statement looks at the contexts once the step is recorded, with all of its values still there. */
static bool
ask_within(Lab *lab, Memory *m, const Approach *a, Session *session, int64_t size, Contexts *contexts)
{
	bool		sends = a->origin == ORIGIN_CLIENT;
	Statement	statement = {.id = 1,.nparams = 2,.types = {OID_TEXT, sends ? OID_BYTEA : OID_INT8},
		.sql = sends ? "SELECT dbos_payload.record_step($1, 1, 'step', $2), " CONTEXTS_SQL :
	"SELECT dbos_payload.payload_step($1, 1, $2), " CONTEXTS_SQL};
	char		id[WORKFLOW_ID_SIZE];
	char		number[24];
	const char *values[] = {id, "memory"};
	unsigned char *payload = sends ? xcalloc((size_t) size, 1) : NULL;
	char	   *hex = NULL;
	Param		params[2] = {{id, 0, false}, {number, 0, false}};
	RoundTrip	trip = {0};
	PGresult   *result = NULL;

	run_workflow_id(id, lab->run_id, false, ++m->nworkflows);
	m->undeleted += size;
	snprintf(number, sizeof(number), "%lld", (long long) size);
	if (sends)
	{
		lab_fill(lab, payload, (size_t) size, 0);
		if (a->binary)
			params[1] = (Param) {(char *) payload, (int) size, true};
		else
			params[1] = (Param) {hex = payload_to_hex(payload, (size_t) size), 0, false};
	}
	if (session_do(session, "SELECT dbos_payload.start_workflow($1, $2)", 2, values) &&
		session_prepare(session, &statement))
		result = session_call(session, &statement, params, a->binary, &trip);
	if (result != NULL)
		take(PQgetvalue(result, 0, 1), contexts);
	free(payload);
	free(hex);
	PQclear(result);
	return result != NULL;
}

bool
memory_contexts(Lab *lab, Memory *m, int approach, int64_t size, int row)
{
	const Approach *a = &m->approaches[approach];
	Session		session = {0};
	bool		good;

	m->nworkflows += 2;
	if (!lab_connect(lab, &session))
		return false;
	good = memory_run_approach(lab, m, a, &session, BATCH_STEPS, m->size_rows[0], m->nworkflows - 1) &&
		ask(&session, &m->before[approach]) && ask(&session, &m->before[approach]) &&
		memory_run_approach(lab, m, a, &session, size, row, m->nworkflows) &&
		ask(&session, &m->after[approach]);
	if (!a->reads)
		m->undeleted += size;
	if (good && !a->reads && a->drive == DRIVE_CALLS && a->nsteps == 1)
		good = ask_within(lab, m, a, &session, size, &m->within[approach]);
	if (!good)
		lab_fail(lab, &session, lab->name);
	session_close(&session);
	return good;
}
