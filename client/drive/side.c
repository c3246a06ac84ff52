/*
 * side.c
 *	  One side of a run and its connections.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive/side.h"

/*
 * The client's formats are defined as binary and hex, and its times are read as
 * text with all their digits, whatever the role or database has as its default.
 * A pooler would hand such settings to others: there they are only recorded.
 */
static bool
set_formats(Session *session)
{
	return session_do(session, "SELECT pg_catalog.set_config('bytea_output', 'hex', false),"
					  " pg_catalog.set_config('extra_float_digits', '1', false)", 0, NULL);
}

bool
side_open(RunSide *side, const SessionSettings *settings)
{
	side->settings = settings;
	if (!session_open(&side->control, settings))
		return false;
	free(side->server);
	side->server = session_server(&side->control);
	side->direct = session_is_direct(&side->control);
	return !side->control.lost && (!side->direct || set_formats(&side->control));
}

static bool
column_is_true(const PGresult *result, int column)
{
	return result != NULL && PQntuples(result) == 1 &&
		strcmp(PQgetvalue(result, 0, column), "t") == 0;
}

bool
side_look(RunSide *side)
{
	static const char *const sql =
		"SELECT coalesce(pg_catalog.has_function_privilege("
		"pg_catalog.to_regprocedure('dbos_payload.backend_usage()')::pg_catalog.oid, 'EXECUTE'), false),"
		" pg_catalog.current_setting('dbos_payload.track_cpu', true) IS NOT NULL,"
		" pg_catalog.current_setting('synchronous_standby_names') OPERATOR(pg_catalog.<>) ''"
		" AND pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.<>)"
		" ALL (ARRAY['off', 'local'])"
		" FROM dbos_payload.version()";	/* whose call loads the library */
	PGresult   *result;

	if (!side->has_extension)
		return true;
	result = session_query(&side->control, sql, 0, NULL);
	side->has_usage = side->direct && column_is_true(result, 0);
	side->has_track_cpu = side->direct && column_is_true(result, 1);
	side->waits_for_standby = side->direct && column_is_true(result, 2);
	PQclear(result);
	return result != NULL;
}

bool
side_begin(RunSide *side, const char *run_id)
{
	snprintf(side->run_id, sizeof(side->run_id), "%s", run_id);
	return side_look(side) && run_id_hold(&side->control, side->run_id);
}

void
side_close(RunSide *side)
{
	session_close(&side->session);
	session_close(&side->control);
	free(side->server);
	side->server = NULL;
}

bool
side_connect(const RunSide *side, Session *session)
{
	if (!session_open(session, side->settings))
		return false;
	session->pooled = !side->direct;
	return session->pooled || set_formats(session);
}

/* A server that hung before may hang again: what follows a run must not wait for it for ever. */
bool
side_control_again(RunSide *side)
{
	SessionSettings bounded = settings_bounded(side->settings);
	bool		there;

	side->control.settings = &bounded;

	/* one that nobody used for a while can be gone without a word */
	there = side->control.conn != NULL && !side->control.lost &&
		session_do(&side->control, "SELECT 1", 0, NULL);
	if (!there)
	{
		session_close(&side->control);
		there = session_open(&side->control, side->settings);
		side->control.settings = &bounded;
		there = there && run_id_hold(&side->control, side->run_id);
	}
	side->control.settings = side->settings;
	return there;
}

bool
side_delete_rows(RunSide *side)
{
	if (!side_control_again(side))
		return false;
	side->undeleted_bytes = 0;
	return profile_schemas_empty(&side->control, &side->schemas) &&
		(!side->has_tables || leftovers_delete(&side->control, side->run_id, NULL));
}

bool
side_create_schemas(RunSide *side, int number, const Parameters *parameters)
{
	return profile_schemas_create(&side->control, side->run_id, number, parameters, &side->schemas);
}

bool
side_drop_schemas(RunSide *side)
{
	return side_control_again(side) && profile_schemas_drop(&side->control, &side->schemas);
}

bool
side_usage(RunSide *side, BackendUse *use)
{
	PGresult   *result = NULL;
	bool		found;

	use->cpu_ms = use->delay_ms = NAN;
	use->voluntary_switches = use->involuntary_switches = UNKNOWN;
	if (side->has_usage && side->connected)
		result = session_query(&side->session,
							   "SELECT cpu_ms, delay_ms, voluntary_switches, involuntary_switches"
							   " FROM dbos_payload.backend_usage()", 0, NULL);
	found = result != NULL && PQntuples(result) == 1;
	if (found && !PQgetisnull(result, 0, 0))
		use->cpu_ms = strtod(PQgetvalue(result, 0, 0), NULL);
	if (found && !PQgetisnull(result, 0, 1))
		use->delay_ms = strtod(PQgetvalue(result, 0, 1), NULL);
	if (found && !PQgetisnull(result, 0, 2))
		use->voluntary_switches = strtoll(PQgetvalue(result, 0, 2), NULL, 10);
	if (found && !PQgetisnull(result, 0, 3))
		use->involuntary_switches = strtoll(PQgetvalue(result, 0, 3), NULL, 10);
	PQclear(result);
	return found;
}

bool
side_track_cpu(RunSide *side, bool on)
{
	const char *values[] = {on ? "on" : "off"};

	return side->has_track_cpu && side->connected &&
		session_do(&side->session,
				   "SELECT pg_catalog.set_config('dbos_payload.track_cpu', $1, false)", 1, values);
}

bool
side_commit_locally(RunSide *side, bool on)
{
	if (!side->waits_for_standby)
		return true;
	if (on)
		return session_do(&side->session, "SET synchronous_commit = local", 0, NULL);
	return session_do(&side->session, "RESET synchronous_commit", 0, NULL) &&
		session_do(&side->session, "SELECT pg_catalog.pg_logical_emit_message(true, 'dbos_payload_bench', '')", 0, NULL);
}
