/*
 * warnings_server.c
 *	  Judge what decides whether run can do its work at all: versions, a
 *	  read-only server, the payload limit and the role's privileges.
 */
#define _GNU_SOURCE				/* strverscmp(): 1.10 is newer than 1.9 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "environment/facts.h"
#include "pg/conninfo.h"
#include "util/memory.h"
#include "util/numbers.h"

#define OLDEST_SERVER 130000
#define NEWEST_SERVER_MAJOR 19

#define VERSION_MATTERS "client and server should be of one version"

/* a constant of command/portable.sql: it has no setting for it */
#define PORTABLE_PAYLOAD_BYTES 268435456

static void
judge_version(const Environment *read, Environment *environment)
{
	int			major = read->server_version_num / 10000;
	const char *matters = "13 to 19 are supported";

	if (read->server_version_num < OLDEST_SERVER)
		judge_add(environment, "server version", LEVEL_CANNOT, xstrdup(read->server_version), matters,
				  xasprintf("PostgreSQL %s is too old; 13 and later are supported.", read->server_version));
	else
		judge_add(environment, "server version",
				  major > NEWEST_SERVER_MAJOR ? LEVEL_WARNING : LEVEL_OK,
				  xstrdup(read->server_version), matters,
				  xasprintf("PostgreSQL %s is newer than all versions that this was tried with (13 to %d).",
							read->server_version, NEWEST_SERVER_MAJOR));
}

/* A standby, or a session that may not write. */
static void
judge_read_only(const Facts *facts, Environment *environment)
{
	const char *read_only = fact_setting(facts, "transaction_read_only");
	const char *matters = "a standby or a read-only session cannot record";

	if (*fact(facts->server, SERVER_IN_RECOVERY) == 't')
		judge_add(environment, "read-only", LEVEL_CANNOT, xstrdup("standby"), matters,
				  xstrdup("server is read-only: it is a standby (in recovery), and steps can only be recorded on the primary. Connect there (target_session_attrs=read-write picks it from a list of hosts)."));
	else if (read_only != NULL && strcmp(read_only, "on") == 0)
		judge_add(environment, "read-only", LEVEL_CANNOT, xstrdup("yes"), matters,
				  xstrdup("server is read-only: default_transaction_read_only is on for this session. Set it to off, for this connection by PGOPTIONS='-c default_transaction_read_only=off'."));
	else
		judge_add(environment, "read-only", LEVEL_OK, xstrdup("no"), matters, NULL);
}

/*
 * Neither the extension nor its portable part is there: what works is said with who can
 * do what about it.
 */
static void
judge_nothing(const Facts *facts, Environment *environment)
{
	char	   *argument = conninfo_shell_argument(facts->connection->conninfo);
	char	   *advice = installed_advice(&facts->installed, argument);
	bool		profiles = has_profiles(facts->parameters);

	judge_add(environment, "extension", profiles ? LEVEL_WARNING : LEVEL_CANNOT, xstrdup("missing"), VERSION_MATTERS,
			  xasprintf("extension dbos_payload is not in the database %s%s. %s", facts->installed.database,
						profiles ? ": run --profile measures the profiles alone, and nothing of ours beside them" : "",
						advice));
	free(advice);
	free(argument);
}

/*
 * The portable part makes no payloads and times nothing; what was not asked for by name is
 * left out, see parameters_without_extension().
 */
static void
judge_portable(const Facts *facts, Environment *environment)
{
	const Parameters *parameters = facts->parameters;
	const char *version = environment->portable_version;
	bool		server = parameters->origins[ORIGIN_SERVER];
	bool		procedure = parameters->drives[DRIVE_PROCEDURE];

	if (strcmp(version, DBOS_PAYLOAD_VERSION) != 0)
		judge_add(environment, "extension", LEVEL_CANNOT, xasprintf("none; portable part %s", version), VERSION_MATTERS,
				  xasprintf("version mismatch: the database %s has the portable part %s and this client is %s. Use the client of that version, or make it anew, which takes its workflows away:\n\tDROP SCHEMA dbos_payload CASCADE;",
							facts->installed.database, version, DBOS_PAYLOAD_VERSION));
	else if (server || procedure)
		judge_add(environment, "extension", LEVEL_CANNOT, xasprintf("none; portable part %s", version), VERSION_MATTERS,
				  xasprintf("%s%s%s %s the extension's functions in C, and this database has its portable part alone: run --origin client works here, by --drive calls and pipeline.",
							server ? "--origin server" : "", server && procedure ? " and " : "",
							procedure ? "--drive procedure" : "", server && procedure ? "need" : "needs"));
	else
		judge_add(environment, "extension", LEVEL_WARNING, xasprintf("none; portable part %s", version), VERSION_MATTERS,
				  xasprintf("not here, only its portable part: payloads are the client's, and what the server does is not told apart (n/a)%s",
							parameters->split_commit ? ", but for the commit." : ". --split-commit tells the commit."));
}

static void
judge_extension(const Facts *facts, Environment *environment)
{
	const char *client = DBOS_PAYLOAD_VERSION;
	const char *extension = environment->extension_version;
	const char *library = environment->library_version;
	const char *matters = VERSION_MATTERS;
	char	   *value;

	if (extension == NULL)
	{
		if (environment->portable_version != NULL)
			judge_portable(facts, environment);
		else
			judge_nothing(facts, environment);
		return;
	}
	value = xasprintf("%s, library %s, client %s", extension, library ? library : "unknown", client);
	if (strtol(extension, NULL, 10) != strtol(client, NULL, 10) ||
		strverscmp(extension, client) < 0)
		judge_add(environment, "extension", LEVEL_CANNOT, value, matters,
				  xasprintf("version mismatch: the database %s has dbos_payload %s and this client is %s. %s",
							fact(facts->server, SERVER_DATABASE), extension, client,
							strverscmp(extension, client) < 0 ?
							"Install that version on the server, then:\n\tALTER EXTENSION dbos_payload UPDATE;" :
							"Use the client of the extension's version."));
	else if (library != NULL && strcmp(library, extension) != 0)
		judge_add(environment, "extension", LEVEL_WARNING, value, matters,
				  strverscmp(library, extension) > 0 ?
				  xasprintf("the server's library is %s and the extension's SQL %s. Bring it up to date:\n\tALTER EXTENSION dbos_payload UPDATE;", library, extension) :
				  xasprintf("the extension's SQL is %s and the server's library %s. Install the library of that version, and restart the server if it preloads it.", extension, library));
	else
		judge_add(environment, "extension",
				  strcmp(extension, client) != 0 ? LEVEL_WARNING : LEVEL_OK, value, matters,
				  xasprintf("version mismatch: the database %s has dbos_payload %s and this client is %s. Use the client of the extension's version.",
							fact(facts->server, SERVER_DATABASE), extension, client));
}

/* The library is there, or privileges are missing (which is said elsewhere)? */
static void
judge_library(const Facts *facts, Environment *environment)
{
	if (facts->library_error == NULL ||
		facts->privileges == NULL || PQntuples(facts->privileges) > 0)
		return;
	judge_add(environment, "library", LEVEL_CANNOT, xstrdup("not loaded"),
			  "without it no function works",
			  xasprintf("the server cannot load the extension's library: %s", facts->library_error));
}

/* The largest payload is the batched step's: all sizes together. */
static void
judge_payload_limit(const Facts *facts, Environment *environment)
{
	bool		portable = facts->environment->portable_version != NULL;
	double		limit = portable ? PORTABLE_PAYLOAD_BYTES : fact_number(facts, "dbos_payload.max_payload_bytes");
	int64_t		total = 0;
	char		total_text[32];
	char		limit_text[32];

	if (isnan(limit))
		return;
	for (int i = 0; i < facts->parameters->nsizes; i++)
		total += facts->parameters->sizes[i];
	format_integer(total, total_text, (int) sizeof(total_text));
	format_integer((int64_t) limit, limit_text, (int) sizeof(limit_text));
	judge_add(environment, "payload limit", (double) total > limit ? LEVEL_CANNOT : LEVEL_OK,
			  xasprintf("%s bytes, needed %s", limit_text, total_text),
			  "the batched step holds all sizes together",
			  portable ?
			  xasprintf("the batched step has %s bytes (all --sizes together) and the portable part's limit is %s. Take smaller --sizes.",
						total_text, limit_text) :
			  xasprintf("the batched step has %s bytes (all --sizes together) and the server's limit, dbos_payload.max_payload_bytes, is %s. Take smaller --sizes, or let a superuser raise it:\n\tALTER DATABASE %s SET dbos_payload.max_payload_bytes = %lld;",
						total_text, limit_text, fact(facts->server, SERVER_DATABASE),
						(long long) total));
}

/*
 * A run holds one connection that looks after its rows, and one that makes the first
 * calls and measures, anew for each of them and for each block.
 */
static void
judge_connections(const Facts *facts, Environment *environment)
{
	static const struct
	{
		int			limit;
		int			used;
		bool		for_superusers;
		const char *whose;
		const char *remedy;
	}			limits[] = {
		{CONNECTIONS_ROLE_LIMIT, CONNECTIONS_ROLE, false, "the role's",
		"ALTER ROLE ... CONNECTION LIMIT gives it more"},
		{CONNECTIONS_DATABASE_LIMIT, CONNECTIONS_DATABASE, false, "the database's",
		"ALTER DATABASE ... CONNECTION LIMIT gives it more"},
		{CONNECTIONS_LIMIT, CONNECTIONS_ALL, true, "the server's",
		"max_connections and what is reserved of it decide"},
	};
	const PGresult *found = facts->connections;
	const int	needed = 2;
	const char *matters = "run opens two at a time";

	/* behind a pooler they are not the server's */
	if (found == NULL || PQntuples(found) == 0 ||
		strtol(fact(facts->server, SERVER_BACKEND_PID), NULL, 10) != PQbackendPID(facts->conn))
		return;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
	{
		long		limit = strtol(fact(found, limits[i].limit), NULL, 10);
		long		used = strtol(fact(found, limits[i].used), NULL, 10);

		/* this connection is one of those in use, and one of those needed */
		if (limit < 0 || limit - used >= needed - 1 ||
			(!limits[i].for_superusers && *fact(found, CONNECTIONS_SUPERUSER) == 't'))
			continue;
		judge_add(environment, "connection limit", LEVEL_CANNOT, xasprintf("%ld", limit), matters,
				  xasprintf("run opens %d connections at a time, and %s limit is %ld, with %ld in use now, this one among them: %s, or close others.",
							needed, limits[i].whose, limit, used, limits[i].remedy));
		return;
	}
	judge_add(environment, "connection limit", LEVEL_OK, xstrdup("high enough"), matters, NULL);
}

/* What profiles write into is a schema that the run makes. */
static void
judge_profiles(const Facts *facts, Environment *environment)
{
	bool		may = facts->installed.may_create;

	if (!has_profiles(facts->parameters))
		return;
	judge_add(environment, "profiles", may ? LEVEL_OK : LEVEL_CANNOT, xstrdup(may ? "may make schemas" : "may not make schemas"),
			  "they write into a schema of the run's own",
			  xasprintf("--profile makes a schema of its own, and the role %s may not make one in the database %s. A superuser or its owner can allow that:\n\tGRANT CREATE ON DATABASE %s TO %s;",
						fact(facts->server, SERVER_ROLE), fact(facts->server, SERVER_DATABASE),
						fact(facts->server, SERVER_DATABASE), fact(facts->server, SERVER_ROLE)));
}

void
judge_server(const Facts *facts, Environment *environment)
{
	judge_version(environment, environment);
	judge_read_only(facts, environment);
	judge_connections(facts, environment);
	judge_extension(facts, environment);
	judge_profiles(facts, environment);
	if (environment->extension_version == NULL && environment->portable_version == NULL)
		return;
	judge_library(facts, environment);
	judge_privileges(facts, environment);
	judge_payload_limit(facts, environment);
}
