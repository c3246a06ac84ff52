/*
 * leftovers.c
 *	  The rows that runs write, and those that dead runs left behind.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive/leftovers.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/random.h"

#define ID_PREFIX "dbos_payload_bench:"
#define KEPT_PREFIX "dbos_payload_bench_kept:"
#define POOLED "pooled-"

/* a pooled run without a new row for this long is taken for dead */
#define POOLED_DEAD_S 3600

/* workflows in one DELETE, and how long one should take */
#define FIRST_BATCH 10
#define MAX_BATCH 10000
#define BATCH_NS (NS_PER_S / 2)

/* what deletes may take this long where --timeout says nothing */
#define DELETE_TIMEOUT_S 60

/* what takes longer tells how far it is */
#define QUIET_NS (2 * NS_PER_S)

/* the extension is not there, and no rows of it */
#define UNDEFINED_TABLE "42P01"

void
run_id_make(char run_id[RUN_ID_SIZE])
{
	unsigned char b[16];

	random_bytes_from_kernel(b, sizeof(b));
	b[6] = (unsigned char) ((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char) ((b[8] & 0x3f) | 0x80);
	snprintf(run_id, RUN_ID_SIZE,
			 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
			 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7],
			 b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

static bool
is_pooled(const char *run_id)
{
	return strncmp(run_id, POOLED, strlen(POOLED)) == 0;
}

const char *
run_id_uuid(const char *run_id)
{
	return is_pooled(run_id) ? run_id + strlen(POOLED) : run_id;
}

void
run_workflow_id(char id[WORKFLOW_ID_SIZE], const char *run_id, bool kept, int64_t number)
{
	snprintf(id, WORKFLOW_ID_SIZE, "%s%s:%" PRId64, kept ? KEPT_PREFIX : ID_PREFIX, run_id, number);
}

/* The key of a run's advisory lock: the first half of its UUID. */
static const char *
lock_key(const char *run_id, char text[24])
{
	uint64_t	key = 0;
	int			digits = 0;

	for (const char *c = run_id_uuid(run_id); *c != '\0' && digits < 16; c++)
	{
		if (*c == '-')
			continue;
		key = key << 4 | (uint64_t) (*c <= '9' ? *c - '0' : *c - 'a' + 10);
		digits++;
	}
	snprintf(text, 24, "%" PRId64, (int64_t) key);
	return text;
}

/* No lock says that the run lives: its id does, and its newest row. */
static void
live_without_lock(char run_id[RUN_ID_SIZE])
{
	char		uuid[RUN_ID_SIZE];

	snprintf(uuid, sizeof(uuid), "%.36s", run_id_uuid(run_id));
	snprintf(run_id, RUN_ID_SIZE, POOLED "%.36s", uuid);
}

bool
run_id_hold(Session *session, char run_id[RUN_ID_SIZE])
{
	char		key[24];
	const char *values[] = {lock_key(run_id, key)};
	PGresult   *result;
	bool		held;

	if (!session_is_direct(session))
	{
		if (session->lost)
			return false;
		live_without_lock(run_id);
		return true;
	}

	/*
	 * Shared: the two sides of one run can be one database.  Waits for a clean that
	 * has it just now, to see whether we live.  With Citus, rows and schemas are seen on
	 * servers that know nothing of the lock.
	 */
	result = session_query(session, "SELECT pg_catalog.pg_advisory_lock_shared($1),"
						   " EXISTS (SELECT FROM pg_catalog.pg_extension AS e"
						   "  WHERE e.extname OPERATOR(pg_catalog.=) 'citus')", 1, values);
	held = result != NULL;
	if (held && strcmp(PQgetvalue(result, 0, 1), "t") == 0)
		live_without_lock(run_id);
	PQclear(result);
	return held;
}

bool
run_is_dead(Session *session, const char *run_id, double age_s, bool *failed)
{
	char		key[24];
	const char *values[] = {lock_key(run_id, key)};
	PGresult   *result;
	bool		dead;

	if (is_pooled(run_id))
		return age_s > POOLED_DEAD_S;

	/* had and given back in one call, so that a pooler keeps none */
	result = session_query(session, "SELECT pg_catalog.pg_try_advisory_xact_lock($1)", 1, values);
	dead = result != NULL && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
	*failed = result == NULL;
	PQclear(result);
	return dead;
}

bool
leftovers_find(Session *session, Leftovers *leftovers)
{
	static const char *const sql =
		"SELECT pg_catalog.split_part(w.workflow_uuid, ':', 2), pg_catalog.count(*),"
		" pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())"
		" OPERATOR(pg_catalog.-) (pg_catalog.max(w.updated_at) OPERATOR(pg_catalog./) 1000::pg_catalog.float8)"
		" FROM dbos_payload.workflow_status AS w"
		" WHERE w.workflow_uuid OPERATOR(pg_catalog.>=) '" ID_PREFIX "'"
		" AND w.workflow_uuid OPERATOR(pg_catalog.<) 'dbos_payload_bench;'"
		" GROUP BY 1 ORDER BY 1";
	PGresult   *rows;
	bool		failed = false;

	memset(leftovers, 0, sizeof(*leftovers));
	rows = session_query(session, sql, 0, NULL);
	if (rows == NULL)
		return strcmp(session->sqlstate, UNDEFINED_TABLE) == 0;
	leftovers->runs = xcalloc((size_t) PQntuples(rows) + 1, sizeof(Leftover));
	for (int row = 0; row < PQntuples(rows) && !failed; row++)
	{
		Leftover	run = {0};
		const char *id = PQgetvalue(rows, row, 0);
		const char *uuid = run_id_uuid(id);

		/* somebody else's workflow that happens to begin like ours is not ours */
		if (strlen(uuid) != 36 || strspn(uuid, "0123456789abcdef-") != 36)
			continue;
		snprintf(run.run_id, sizeof(run.run_id), "%s", id);
		run.workflows = strtoll(PQgetvalue(rows, row, 1), NULL, 10);
		run.age_s = strtod(PQgetvalue(rows, row, 2), NULL);
		if (run_is_dead(session, run.run_id, run.age_s, &failed))
			leftovers->runs[leftovers->n++] = run;
		else
			leftovers->nalive++;
	}
	PQclear(rows);
	return !failed;
}

void
leftovers_free(Leftovers *leftovers)
{
	free(leftovers->runs);
	memset(leftovers, 0, sizeof(*leftovers));
}

/*
 * Delete up to so many workflows of a run with their steps; how many there were,
 * -1 where it failed.  One statement, one commit, which waits for no standby.
 */
static int64_t
delete_batch(Session *session, const char *from, const char *to, int limit)
{
	static const char *const sql =
		"WITH ids AS (SELECT w.workflow_uuid FROM dbos_payload.workflow_status AS w,"
		" pg_catalog.set_config('synchronous_commit', 'local', true) AS s"
		" WHERE w.workflow_uuid OPERATOR(pg_catalog.>=) $1 AND w.workflow_uuid OPERATOR(pg_catalog.<) $2"
		" LIMIT $3),"
		" steps AS (DELETE FROM dbos_payload.operation_outputs AS o USING ids"
		" WHERE o.workflow_uuid OPERATOR(pg_catalog.=) ids.workflow_uuid)"
		" DELETE FROM dbos_payload.workflow_status AS w USING ids"
		" WHERE w.workflow_uuid OPERATOR(pg_catalog.=) ids.workflow_uuid";
	char		number[24];
	const char *values[] = {from, to, number};
	PGresult   *result;
	int64_t		deleted;

	snprintf(number, sizeof(number), "%d", limit);
	result = session_query(session, sql, 3, values);
	deleted = result ? strtoll(PQcmdTuples(result), NULL, 10) : -1;
	PQclear(result);
	return deleted;
}

SessionSettings
settings_bounded(const SessionSettings *settings)
{
	SessionSettings bounded = *settings;

	if (bounded.timeout_s == 0)
		bounded.timeout_s = DELETE_TIMEOUT_S;
	return bounded;
}

bool
leftovers_delete(Session *session, const char *run_id, int64_t *deleted)
{
	const SessionSettings *settings = session->settings;
	SessionSettings bounded = settings_bounded(settings);
	char		from[WORKFLOW_ID_SIZE];
	char		to[WORKFLOW_ID_SIZE];
	int64_t		began = now_ns();
	int64_t		shown = began;
	int64_t		total = 0;
	int64_t		n = 0;
	int			batch = FIRST_BATCH;

	session->settings = &bounded;
	snprintf(from, sizeof(from), ID_PREFIX "%s:", run_id);
	snprintf(to, sizeof(to), ID_PREFIX "%s;", run_id);
	do
	{
		int64_t		before = now_ns();
		int64_t		took;

		n = delete_batch(session, from, to, batch);
		took = now_ns() - before;
		total += n > 0 ? n : 0;
		if (took < BATCH_NS / 2 && batch < MAX_BATCH)
			batch *= 2;
		else if (took > BATCH_NS && batch > 1)
			batch /= 2;
		if (n > 0 && before - shown > QUIET_NS)
		{
			fprintf(stderr, "dbos_payload_bench: deleting the rows of a run: %" PRId64 " workflow%s so far\n",
					total, total == 1 ? "" : "s");
			shown = before;
		}
	} while (n > 0);
	session->settings = settings;
	if (deleted != NULL)
		*deleted = total;
	return n == 0;
}

char *
leftovers_held_by(Session *session, const char *schema)
{
	static const char *const sql =
		"SELECT pg_catalog.string_agg(DISTINCT a.pid::pg_catalog.text, ', ')"
		" FROM pg_catalog.pg_stat_activity AS a JOIN pg_catalog.pg_locks AS l USING (pid)"
		" JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) l.relation"
		" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
		" WHERE n.nspname OPERATOR(pg_catalog.=) $1 AND a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()"
		" AND a.wait_event OPERATOR(pg_catalog.=) 'SyncRep'"
		" AND a.state_change OPERATOR(pg_catalog.<) (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) '2 s'::pg_catalog.interval)";
	const char *values[] = {schema};
	PGresult   *result = session_query(session, sql, 1, values);
	char	   *pids = result == NULL || PQgetisnull(result, 0, 0) ? NULL : xstrdup(PQgetvalue(result, 0, 0));

	PQclear(result);
	return pids;
}

void
leftovers_explain(const Session *session)
{
	print_error("the rows of a run were not deleted: %s", session->error);
	if (strcmp(session->sqlstate, "42501") == 0)
		print_hint("it needs SELECT and DELETE on dbos_payload.workflow_status and dbos_payload.operation_outputs");
	else if (strcmp(session->sqlstate, "23503") == 0)
		print_hint("rows of another table refer to them: delete those first");
	else if (strcmp(session->sqlstate, "25006") == 0)
		print_hint("the server is read-only by now: delete them on the primary");
	else
		print_hint("once the server is well, \"dbos_payload_bench clean\" deletes what runs left behind");
}
