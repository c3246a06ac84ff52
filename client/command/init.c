/*
 * init.c
 *	  The command init: create the extension where it is missing, or the part of it
 *	  that needs no C.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/options.h"
#include "command/portable.h"
#include "environment/installed.h"
#include "pg/conninfo.h"
#include "pg/session_internal.h"
#include "util/memory.h"
#include "util/message.h"

/* how often a lost race is looked at again */
#define MAX_ATTEMPTS 5

/* SQLSTATEs: undefined file, feature not supported (before 14); insufficient privilege; ... */
#define NOT_INSTALLED "58P01 0A000"
#define NO_PRIVILEGE "42501"
#define READ_ONLY "25006"

/* ... duplicate schema, table, function; duplicate object, schema, unique violation */
#define IN_THE_WAY "42P06 42P07 42723"
#define LOST_RACE "42710 42P06 23505"

/* One value as text, malloc'd; NULL where there is none. */
static char *
read_text(Session *session, const char *sql)
{
	PGresult   *result = session_query(session, sql, 0, NULL);
	char	   *text = NULL;

	if (result != NULL && PQntuples(result) > 0 && !PQgetisnull(result, 0, 0))
		text = xstrdup(PQgetvalue(result, 0, 0));
	PQclear(result);
	return text;
}

static bool
is_one_of(const char *sqlstate, const char *sqlstates)
{
	return *sqlstate != '\0' && strstr(sqlstates, sqlstate) != NULL;
}

/* What is there now; false, with a message, where that is not known. */
static bool
look(Session *session, Installed *installed)
{
	bool		known = installed_read(session, installed);

	if (!known)
		print_error("could not look for the extension: %s", session->error);
	return known;
}

/* The superusers to be asked; malloc'd, NULL where none is known. */
static char *
superusers(Session *session)
{
	return read_text(session,
					 "SELECT pg_catalog.string_agg(s.name, ', ') FROM"
					 " (SELECT pg_catalog.quote_ident(r.rolname::pg_catalog.text) AS name"
					 "  FROM pg_catalog.pg_roles AS r WHERE r.rolsuper AND r.rolcanlogin"
					 "  ORDER BY r.oid LIMIT 5) AS s");
}

/* The schema is taken: by the portable part, which is made to be taken away, or by something else. */
static void
explain_schema(const Installed *installed)
{
	if (installed->portable != NULL)
		print_hint("the schema dbos_payload holds the portable part that init --portable made; the extension takes its place once it is gone, with its workflows and their steps: DROP SCHEMA dbos_payload CASCADE; (docs/portable.md says how to keep them)");
	else
		print_hint("the schema dbos_payload holds something that does not belong to the extension; rename or drop it");
}

/* Why CREATE EXTENSION failed, and who can do what about it; installed is of after that. */
static void
explain_failure(Session *session, const char *error, const char *sqlstate, const Installed *installed)
{
	/* another user's default database is another one, so it is always named */
	char	   *database = conninfo_shell_argument(PQdb(session->conn));
	char	   *asked = conninfo_shell_argument(session->settings->conninfo);
	bool		read_only = is_one_of(sqlstate, READ_ONLY);
	bool		no_privilege = is_one_of(sqlstate, NO_PRIVILEGE);

	print_error("%s: %s", read_only ? "server is read-only" : "could not create the extension", error);
	if (is_one_of(sqlstate, NOT_INSTALLED))
		print_hint("install it on the server's host first, for PostgreSQL %d: make && sudo make install, with that version's pg_config (PG_CONFIG=...)",
				   PQserverVersion(session->conn) / 10000);
	else if (no_privilege)
	{
		char	   *roles = superusers(session);

		print_hint("only a superuser can create it%s%s. Where one is an operating system user too: sudo -u %s dbos_payload_bench init%s; then grant your role what \"dbos_payload_bench check%s\" says it lacks",
				   roles ? ", here: " : "", roles ? roles : "",
				   roles && strchr(roles, ',') == NULL ? roles : "postgres",
				   database, asked);
		free(roles);
	}
	else if (read_only)
		print_hint("connect to the primary, or set default_transaction_read_only = off");
	else if (is_one_of(sqlstate, IN_THE_WAY))
		explain_schema(installed);

	/* a managed server never has it */
	if (is_one_of(sqlstate, NOT_INSTALLED) || no_privilege)
	{
		if (installed->portable != NULL)
			print_hint("its portable part %s is here: run --origin client works with it", installed->portable);
		else if (installed->may_create)
			print_hint("where that cannot be: dbos_payload_bench init --portable%s needs no C and no superuser, for run --origin client; run --profile, inspect and trace need nothing on the server",
					   asked);
		else
			print_hint("where that cannot be: init --portable needs no C, for run --origin client, and the owner of the database, or CREATE on it; inspect and trace need nothing on the server");
	}
	free(database);
	free(asked);
}

/* The extension is there: is it the newest that is installed, and ours? */
static void
report_version(Session *session, const char *version)
{
	char	   *newest = read_text(session,
								   "SELECT a.default_version FROM pg_catalog.pg_available_extensions AS a"
								   " WHERE a.name OPERATOR(pg_catalog.=) 'dbos_payload'");

	if (newest != NULL && strcmp(newest, version) != 0)
	{
		printf("version %s is installed on the server\n", newest);
		print_hint("ALTER EXTENSION dbos_payload UPDATE; in the database %s brings the extension from %s to %s",
				   PQdb(session->conn), version, newest);
	}
	else if (strcmp(version, DBOS_PAYLOAD_VERSION) != 0)
	{
		print_warning("version mismatch: the extension is %s and this client is %s",
					  version, DBOS_PAYLOAD_VERSION);
		print_hint("install version %s on the server, then: ALTER EXTENSION dbos_payload UPDATE;",
				   DBOS_PAYLOAD_VERSION);
	}
	free(newest);
}

static bool
create_extension(Session *session)
{
	Installed	installed;
	bool		known = look(session, &installed);
	char	   *error = NULL;
	char		sqlstate[6] = "";
	bool		there;

	if (installed.extension != NULL)
		printf("extension dbos_payload %s is already there\n", installed.extension);
	for (int attempt = 0; known && installed.extension == NULL && attempt < MAX_ATTEMPTS; attempt++)
	{
		bool		created = session_do(session, "CREATE EXTENSION dbos_payload", 0, NULL);

		free(error);
		error = created ? NULL : xstrdup(session->error);
		memcpy(sqlstate, session->sqlstate, sizeof(sqlstate));

		/* another session may have been faster, and have its objects committed or not */
		if (!created && !is_one_of(sqlstate, LOST_RACE))
			break;

		/* whoever won a race has committed by now, or given up */
		installed_free(&installed);
		known = look(session, &installed);
		if (installed.extension != NULL)
			printf(created ? "created extension dbos_payload %s\n" :
				   "extension dbos_payload %s was created by another session just now\n",
				   installed.extension);
	}
	there = installed.extension != NULL;
	if (there)
		report_version(session, installed.extension);
	else if (known && error != NULL)
		explain_failure(session, error, sqlstate, &installed);
	free(error);
	installed_free(&installed);
	return there;
}

/* All of the script, or nothing; false with the error kept. */
static bool
run_portable_script(Session *session)
{
	static const Turn turn = {.kind = TURN_SIMPLE, .sql = portable_sql};
	RoundTrip	trip = {0};
	PGresult   *result = session_turn(session, &turn, NULL, false, &trip);
	bool		ok = result != NULL;
	char	   *error;
	char		sqlstate[6];

	PQclear(result);
	if (ok || session->lost)
		return ok;

	/* its BEGIN is still open */
	error = xstrdup(session->error);
	memcpy(sqlstate, session->sqlstate, sizeof(sqlstate));
	session_do(session, "ROLLBACK", 0, NULL);
	session_fail(session, error, sqlstate);
	free(error);
	return false;
}

static void
explain_portable_failure(const Session *session, const Installed *installed)
{
	print_error("could not create the portable part: %s", session->error);
	if (is_one_of(session->sqlstate, NO_PRIVILEGE))
		print_hint("the owner of the database can create it, or a role with: GRANT CREATE ON DATABASE %s TO %s;",
				   installed->database, installed->role);
	else if (is_one_of(session->sqlstate, READ_ONLY))
		print_hint("connect to the primary, or set default_transaction_read_only = off");
	else if (is_one_of(session->sqlstate, IN_THE_WAY))
		explain_schema(installed);
}

/* Is it of this client's version? */
static void
report_portable_version(const char *version)
{
	if (strcmp(version, DBOS_PAYLOAD_VERSION) == 0)
		return;
	print_warning("version mismatch: the portable part is %s and this client is %s", version, DBOS_PAYLOAD_VERSION);
	print_hint("use the client of that version, or make it anew, which takes its workflows away: DROP SCHEMA dbos_payload CASCADE; and init --portable");
}

static bool
create_portable(Session *session)
{
	Installed	installed;
	bool		known = look(session, &installed);
	bool		there;

	if (installed.extension != NULL)
		printf("extension dbos_payload %s is there, which does all that the portable part does\n", installed.extension);
	else if (installed.portable != NULL)
		printf("the portable part of dbos_payload %s is already there\n", installed.portable);
	for (int attempt = 0; known && installed.extension == NULL && installed.portable == NULL && attempt < MAX_ATTEMPTS; attempt++)
	{
		bool		created = run_portable_script(session);

		if (!created && (installed.schema || !is_one_of(session->sqlstate, LOST_RACE)))
			break;
		installed_free(&installed);
		known = look(session, &installed);
		if (installed.portable != NULL)
			printf(created ? "created the portable part of dbos_payload %s, in the schema dbos_payload; DROP SCHEMA dbos_payload CASCADE; takes it away\n" :
				   "the portable part of dbos_payload %s was created by another session just now\n",
				   installed.portable);
	}
	there = installed.extension != NULL || installed.portable != NULL;
	if (installed.portable != NULL)
		report_portable_version(installed.portable);
	else if (known && !there)
		explain_portable_failure(session, &installed);
	installed_free(&installed);
	return there;
}

int
init_command(const Options *options)
{
	Session		session;
	bool		ok = false;

	if (!session_open(&session, &options->sides[0]))
		print_connection_error(session.error);
	else
		/* with none of its standbys there, the first commit would wait for ever */
		ok = session_do(&session, "SET synchronous_commit = local", 0, NULL) &&
			(options->portable ? create_portable(&session) : create_extension(&session));
	session_close(&session);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
