/*
 * schemas.c
 *	  The schemas that profiles write into.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive/leftovers.h"
#include "drive/schemas.h"
#include "pg/session_internal.h"
#include "util/memory.h"

#define PREFIX "dbos_bench_"
#define KEPT "kept_"

/* how many digits of the run's id its lock follows from */
#define KEY_DIGITS 16

static bool
needs_sdk(const Parameters *parameters, SdkId sdk)
{
	for (Drive drive = FIRST_PROFILE; drive < DRIVE_COUNT; drive++)
		if (parameters->drives[drive] && drive_profile(drive)->sdk == sdk)
			return true;
	return false;
}

static void
make_name(char name[SCHEMA_NAME_SIZE], const char *run_id, bool kept, int side, Layout layout)
{
	char		key[KEY_DIGITS + 1];
	int			digits = 0;

	for (const char *c = run_id; *c != '\0' && digits < KEY_DIGITS; c++)
		if (*c != '-')
			key[digits++] = *c;
	key[digits] = '\0';
	snprintf(name, SCHEMA_NAME_SIZE, PREFIX "%s%s_%d_%d", kept ? KEPT : "", key, side + 1,
			 layout_migrations[layout]);
}

/* One statement of ours that names the schema. */
static bool
do_with_schema(Session *session, const char *sql, const char *schema)
{
	char	   *text = text_with_schema(sql, schema);
	bool		ok = session_do(session, text, 0, NULL);

	free(text);
	return ok;
}

/* What has failed stays the session's error. */
static void
roll_back(Session *session)
{
	char	   *error;
	char		sqlstate[6];

	if (session->lost)
		return;
	error = xstrdup(session->error);
	memcpy(sqlstate, session->sqlstate, sizeof(sqlstate));
	session_do(session, "ROLLBACK", 0, NULL);
	session_fail(session, error, sqlstate);
	free(error);
}

bool
schema_made_here(Session *session, bool for_session)
{
	const char *local = for_session ? "false" : "true";

	return session_do(session, "SELECT CASE WHEN pg_catalog.current_setting('citus.enable_ddl_propagation', true) IS NOT NULL"
					  " THEN pg_catalog.set_config('citus.enable_ddl_propagation', 'off', $1::pg_catalog.bool) END", 1, &local);
}

/* In one transaction, so that nothing is left where it fails, and one commit. */
static bool
create_schema(Session *session, Layout layout, const char *name)
{
	char	   *create = xasprintf("CREATE SCHEMA %s", name);
	char	   *comment = xasprintf("COMMENT ON SCHEMA %s IS '" SCHEMA_COMMENT "'", name);
	const char *sql;
	bool		ok = session_do(session, "BEGIN", 0, NULL) && schema_made_here(session, false) &&
		session_do(session, create, 0, NULL) &&
		session_do(session, comment, 0, NULL);

	for (int i = 0; ok && (sql = layout_statement(layout, i)) != NULL; i++)
		ok = do_with_schema(session, sql, name);
	ok = ok && session_do(session, "COMMIT", 0, NULL);
	if (!ok)
		roll_back(session);
	free(create);
	free(comment);
	return ok;
}

static void
make_texts(ProfileSchemas *schemas, SdkId id)
{
	const Sdk  *sdk = sdks[id];

	for (Stage stage = 0; stage < STAGE_COUNT; stage++)
		for (int i = 0; i < sdk->stages[stage].n; i++)
			schemas->texts[id][sdk_message_place(sdk, stage, i)] =
				text_with_schema(sdk->stages[stage].messages[i].sql, schemas->names[sdk->layout]);
}

bool
profile_schemas_create(Session *session, const char *run_id, int side, const Parameters *parameters,
					   ProfileSchemas *schemas)
{
	memset(schemas, 0, sizeof(*schemas));
	for (SdkId id = 0; id < SDK_COUNT; id++)
	{
		Layout		layout = sdks[id]->layout;

		if (!needs_sdk(parameters, id))
			continue;
		if (*schemas->names[layout] == '\0')
		{
			char		name[SCHEMA_NAME_SIZE];

			make_name(name, run_id, parameters->keep, side, layout);
			if (!create_schema(session, layout, name))
				return false;
			memcpy(schemas->names[layout], name, sizeof(name));
		}
		make_texts(schemas, id);
	}
	return true;
}

bool
profile_schemas_empty(Session *session, const ProfileSchemas *schemas)
{
	bool		ok = true;

	for (Layout layout = 0; layout < LAYOUT_COUNT; layout++)
		if (*schemas->names[layout] != '\0')
			ok = do_with_schema(session, layout_truncate(layout), schemas->names[layout]) && ok;
	return ok;
}

/*
 * Large objects are in no schema: one that makes some lists them in its table
 * large_objects.  Only those of the schema's owner are taken, since the list could be
 * anybody's; and nobody who has just died adds to it after it was read.
 */
static bool
drop_with_objects(Session *session, const char *name, const char *drop)
{
	char	   *lock = xasprintf("LOCK TABLE %s.large_objects", name);
	char	   *unlink = xasprintf("SELECT pg_catalog.count(pg_catalog.lo_unlink(o.loid)) FROM %s.large_objects AS o"
								   " JOIN pg_catalog.pg_largeobject_metadata AS m ON m.oid OPERATOR(pg_catalog.=) o.loid"
								   " JOIN pg_catalog.pg_namespace AS n ON n.nspowner OPERATOR(pg_catalog.=) m.lomowner"
								   " WHERE n.nspname OPERATOR(pg_catalog.=) '%s'", name, name);
	bool		ok = session_do(session, "BEGIN ISOLATION LEVEL READ COMMITTED", 0, NULL) &&
		session_do(session, lock, 0, NULL) && session_do(session, unlink, 0, NULL) &&
		session_do(session, drop, 0, NULL) && session_do(session, "COMMIT", 0, NULL);

	if (!ok)
		roll_back(session);
	free(lock);
	free(unlink);
	return ok;
}

bool
schema_drop(Session *session, const char *name)
{
	char	   *drop = xasprintf("DROP SCHEMA IF EXISTS %s CASCADE", name);
	char	   *find = xasprintf("SELECT pg_catalog.to_regclass('%s.large_objects') IS NOT NULL", name);
	PGresult   *found = session_query(session, find, 0, NULL);
	bool		ok = found != NULL;

	/* whoever takes away what is of no use to anybody waits for no standby */
	ok = ok && session_do(session, "SET synchronous_commit = local", 0, NULL) &&
		(*PQgetvalue(found, 0, 0) == 't' ? drop_with_objects(session, name, drop) : session_do(session, drop, 0, NULL)) &&
		session_do(session, "RESET synchronous_commit", 0, NULL);
	PQclear(found);
	free(find);
	free(drop);
	return ok;
}

bool
profile_schemas_drop(Session *session, ProfileSchemas *schemas)
{
	bool		ok = true;

	for (Layout layout = 0; layout < LAYOUT_COUNT; layout++)
	{
		if (*schemas->names[layout] == '\0')
			continue;
		if (schema_drop(session, schemas->names[layout]))
			*schemas->names[layout] = '\0';
		else
			ok = false;
	}
	return ok;
}

void
profile_schemas_free(ProfileSchemas *schemas)
{
	for (SdkId id = 0; id < SDK_COUNT; id++)
		for (int i = 0; i < MAX_SDK_MESSAGES; i++)
		{
			free(schemas->texts[id][i]);
			schemas->texts[id][i] = NULL;
		}
}

bool
dead_schemas_find(Session *session, DeadSchemas *schemas)
{
	PGresult   *rows = session_query(session, "SELECT n.nspname FROM pg_catalog.pg_namespace AS n"
									 " WHERE n.nspname OPERATOR(pg_catalog.~)"
									 " '^" PREFIX "[0-9a-f]{16}_([0-9]+_[0-9]+|lab)$'"
									 " AND pg_catalog.obj_description(n.oid, 'pg_namespace')"
									 " OPERATOR(pg_catalog.=) '" SCHEMA_COMMENT "' ORDER BY 1", 0, NULL);
	bool		failed = false;

	memset(schemas, 0, sizeof(*schemas));
	if (rows == NULL)
		return false;
	schemas->names = xcalloc((size_t) PQntuples(rows) + 1, SCHEMA_NAME_SIZE);
	for (int row = 0; row < PQntuples(rows) && !failed; row++)
	{
		const char *name = PQgetvalue(rows, row, 0);
		char		key[KEY_DIGITS + 1];

		snprintf(key, sizeof(key), "%s", name + strlen(PREFIX));
		if (run_is_dead(session, key, 0.0, &failed))
			snprintf(schemas->names[schemas->n++], SCHEMA_NAME_SIZE, "%s", name);
		else
			schemas->nalive++;
	}
	PQclear(rows);
	return !failed;
}

void
dead_schemas_free(DeadSchemas *schemas)
{
	free(schemas->names);
	memset(schemas, 0, sizeof(*schemas));
}
