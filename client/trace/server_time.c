/*
 * server_time.c
 *	  The second figure of the server's time: what pg_stat_statements counted of the
 *	  engine's statements while the trace lasted, by a session of our own.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg/session.h"
#include "trace/trace_internal.h"
#include "util/memory.h"

typedef struct RoleTime
{
	int64_t		calls;
	double		ms;
} RoleTime;

struct ServerTime
{
	Session		session;
	SessionSettings settings;
	bool		open;
	char	   *schema;			/* of the extension, quoted */
	const char *why_not;		/* NULL: it can be read */
	RoleTime	before[ROLE_COUNT];
};

/* Sums by role of what is counted of this database; false: it cannot be read. */
static bool
read_sums(ServerTime *time, RoleTime sums[ROLE_COUNT])
{
	char	   *sql = xasprintf("SELECT pg_catalog.left(query, %d), calls, total_exec_time OPERATOR(pg_catalog.+) total_plan_time"
								" FROM %s.pg_stat_statements WHERE dbid OPERATOR(pg_catalog.=)"
								" (SELECT oid FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database())",
								SQUEEZED_BYTES, time->schema);
	PGresult   *result = session_query(&time->session, sql, 0, NULL);
	SqlSqueeze *squeeze = xcalloc(1, sizeof(SqlSqueeze));
	bool		hidden = false;

	free(sql);
	memset(sums, 0, ROLE_COUNT * sizeof(sums[0]));
	for (int row = 0; result != NULL && row < PQntuples(result); row++)
	{
		Pattern		pattern[1];
		const char *text = PQgetvalue(result, row, 0);

		if (strcmp(text, "<insufficient privilege>") == 0)
		{
			hidden = true;
			continue;
		}
		sql_squeeze_begin(squeeze);
		sql_squeeze_add(squeeze, text, strlen(text));
		sql_squeeze_end(squeeze);
		if (patterns_of_text(squeeze->text, pattern, 1) < 1)
			continue;
		sums[pattern->role].calls += strtoll(PQgetvalue(result, row, 1), NULL, 10);
		sums[pattern->role].ms += strtod(PQgetvalue(result, row, 2), NULL);
	}
	free(squeeze);
	if (result == NULL)
		time->why_not = time->session.sqlstate[0] != '\0' && strcmp(time->session.sqlstate, "42501") == 0 ?
			"pg_stat_statements may not be read: GRANT pg_read_all_stats gives it" :
			"pg_stat_statements cannot be read: is it in shared_preload_libraries?";
	else if (hidden)
		time->why_not = "pg_stat_statements hides other users' statements: GRANT pg_read_all_stats shows them";
	PQclear(result);
	return time->why_not == NULL;
}

static const char find_extension[] =
"SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension e"
" JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) e.extnamespace"
" WHERE e.extname OPERATOR(pg_catalog.=) 'pg_stat_statements'";

ServerTime *
server_time_begin(const char *conninfo)
{
	ServerTime *time = xcalloc(1, sizeof(ServerTime));
	PGresult   *result;

	time->settings = (SessionSettings) {.conninfo = conninfo, .protocol = PROTOCOL_EXTENDED, .timeout_s = 5};
	time->open = session_open(&time->session, &time->settings);
	if (!time->open || !session_do(&time->session, "SET default_transaction_read_only = on", 0, NULL))
	{
		time->why_not = "there was no session for it";
		return time;
	}
	result = session_query(&time->session, find_extension, 0, NULL);
	if (result != NULL && PQntuples(result) == 1)
		time->schema = xstrdup(PQgetvalue(result, 0, 0));
	else
		time->why_not = "pg_stat_statements is not installed in this database";
	PQclear(result);
	if (time->why_not == NULL)
		read_sums(time, time->before);
	return time;
}

int64_t
server_stored_bytes(ServerTime *time, const Trace *trace, const StepSample *sample)
{
	char		function_id[24];
	const char *values[] = {sample->workflow_id, function_id};
	char	   *sql;
	PGresult   *result;
	int64_t		bytes = -1;

	/* an identifier that was cut is another one */
	if (time == NULL || !time->open || time->session.lost || sample->schema < 0 ||
		strlen(sample->workflow_id) >= WORKFLOW_ID_SIZE - 4)
		return -1;
	snprintf(function_id, sizeof(function_id), "%" PRId64, sample->function_id);
	sql = xasprintf("SELECT pg_catalog.pg_column_size(%s) FROM %s.operation_outputs WHERE workflow_uuid OPERATOR(pg_catalog.=) $1"
					" AND function_id OPERATOR(pg_catalog.=) $2", sample->state == STEP_FAILED ? "error" : "output",
					trace->names[sample->schema]);
	result = session_query(&time->session, sql, 2, values);
	free(sql);
	if (result != NULL && PQntuples(result) == 1 && !PQgetisnull(result, 0, 0))
		bytes = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	return bytes;
}

void
server_time_end(ServerTime *time, int64_t steps, TraceServerTime *figures)
{
	RoleTime	after[ROLE_COUNT];
	double		sum = 0;

	memset(figures, 0, sizeof(*figures));
	figures->step_ms = NAN;
	if (time != NULL && time->why_not == NULL)
		read_sums(time, after);
	if (time == NULL || time->why_not != NULL)
	{
		figures->why_not = xstrdup(time == NULL ? "no session for it was asked for" : time->why_not);
		return;
	}
	figures->roles = xcalloc(ROLE_COUNT, sizeof(ServerRole));
	for (int role = 0; role < ROLE_COUNT; role++)
	{
		int64_t		calls = after[role].calls - time->before[role].calls;
		double		ms = after[role].ms - time->before[role].ms;

		figures->reset |= calls < 0;
		if (calls <= 0 || role == ROLE_UNKNOWN)
			continue;
		figures->roles[figures->nroles++] = (ServerRole) {.role = xstrdup(role_names[role]), .calls = calls, .ms = ms};
		if (is_role_of_step(role))
			sum += ms;
	}
	figures->step_ms = steps > 0 ? sum / (double) steps : 0;
}

void
server_time_free(ServerTime *time)
{
	if (time == NULL)
		return;
	session_close(&time->session);
	free(time->schema);
	free(time);
}
