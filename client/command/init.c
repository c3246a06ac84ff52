/*
 * init.c
 *	  The command init: create the extension where it is missing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/options.h"
#include "pg/conninfo.h"
#include "pg/session.h"
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

/* *version, malloc'd, NULL where the extension is not there; false, with a message, where that is not known. */
static bool
read_version(Session *session, char **version)
{
	PGresult   *result = session_query(session,
									   "SELECT e.extversion FROM pg_catalog.pg_extension AS e"
									   " WHERE e.extname OPERATOR(pg_catalog.=) 'dbos_payload'",
									   0, NULL);
	bool		known = result != NULL;

	if (!known)
		print_error("could not look for the extension: %s", session->error);
	else if (PQntuples(result) > 0)
		*version = xstrdup(PQgetvalue(result, 0, 0));
	PQclear(result);
	return known;
}

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
failed_with(const Session *session, const char *sqlstates)
{
	return *session->sqlstate != '\0' && strstr(sqlstates, session->sqlstate) != NULL;
}

/* Why CREATE EXTENSION failed, and who can do what about it. */
static void
explain_failure(Session *session)
{
	/* another user's default database is another one, so it is always named */
	char	   *database = conninfo_shell_argument(PQdb(session->conn));
	char	   *asked = conninfo_shell_argument(session->settings->conninfo);
	bool		not_installed = failed_with(session, NOT_INSTALLED);
	bool		no_privilege = failed_with(session, NO_PRIVILEGE);
	bool		read_only = failed_with(session, READ_ONLY);
	bool		in_the_way = failed_with(session, IN_THE_WAY);

	print_error("%s: %s", read_only ? "server is read-only" : "could not create the extension", session->error);
	if (not_installed)
		print_hint("install it on the server's host first, for PostgreSQL %d: make && sudo make install, with that version's pg_config (PG_CONFIG=...)",
				   PQserverVersion(session->conn) / 10000);
	else if (no_privilege)
	{
		char	   *roles = read_text(session,
									  "SELECT pg_catalog.string_agg(s.name, ', ') FROM"
									  " (SELECT pg_catalog.quote_ident(r.rolname::pg_catalog.text) AS name"
									  "  FROM pg_catalog.pg_roles AS r WHERE r.rolsuper AND r.rolcanlogin"
									  "  ORDER BY r.oid LIMIT 5) AS s");

		print_hint("only a superuser can create it%s%s. Where one is an operating system user too: sudo -u %s dbos_payload_bench init%s; then grant your role what \"dbos_payload_bench check%s\" says it lacks",
				   roles ? ", here: " : "", roles ? roles : "",
				   roles && strchr(roles, ',') == NULL ? roles : "postgres",
				   database, asked);
		free(roles);
	}
	else if (read_only)
		print_hint("connect to the primary, or set default_transaction_read_only = off");
	else if (in_the_way)
		print_hint("the schema dbos_payload holds something that does not belong to the extension; rename or drop it");
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
	char	   *version = NULL;
	bool		known = read_version(session, &version);
	bool		there;

	if (version != NULL)
		printf("extension dbos_payload %s is already there\n", version);
	for (int attempt = 0; known && version == NULL && attempt < MAX_ATTEMPTS; attempt++)
	{
		bool		created = session_do(session, "CREATE EXTENSION dbos_payload", 0, NULL);

		/* another session may have been faster, and have its objects committed or not */
		if (!created && !failed_with(session, LOST_RACE))
			break;

		/* whoever won a race has committed by now, or given up */
		known = read_version(session, &version);
		if (version != NULL)
			printf(created ? "created extension dbos_payload %s\n" :
				   "extension dbos_payload %s was created by another session just now\n",
				   version);
	}
	there = version != NULL;
	if (there)
		report_version(session, version);
	else if (known)
		explain_failure(session);
	free(version);
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
		ok = session_do(&session, "SET synchronous_commit = local", 0, NULL) && create_extension(&session);
	session_close(&session);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
