/*
 * warnings_server.c
 *	  Judge what decides whether run can do its work at all: versions, a
 *	  read-only server, the payload limit and the role's privileges.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "environment/facts.h"
#include "util/memory.h"
#include "util/numbers.h"

#define OLDEST_SERVER 130000
#define NEWEST_SERVER_MAJOR 18

static void
judge_version(const Environment *read, Environment *environment)
{
	int			major = read->server_version_num / 10000;
	const char *matters = "13 to 18 are supported";

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

/* 1.10 is newer than 1.9; < 0, 0 or > 0 as by strcmp. */
static int
compare_versions(const char *a, const char *b)
{
	while (*a != '\0' || *b != '\0')
	{
		char	   *a_end;
		char	   *b_end;
		long		a_part = strtol(a, &a_end, 10);
		long		b_part = strtol(b, &b_end, 10);

		if (a_part != b_part)
			return a_part < b_part ? -1 : 1;
		if (a_end == a && b_end == b)
			return strcmp(a, b);	/* no numbers */
		a = a_end + (*a_end == '.');
		b = b_end + (*b_end == '.');
	}
	return 0;
}

static void
judge_extension(const Facts *facts, Environment *environment)
{
	const char *client = DBOS_PAYLOAD_VERSION;
	const char *extension = environment->extension_version;
	const char *library = environment->library_version;
	const char *matters = "client and server should be of one version";
	char	   *value;

	if (extension == NULL)
	{
		judge_add(environment, "extension", LEVEL_CANNOT, xstrdup("missing"), matters,
				  xasprintf("extension dbos_payload is not in the database %s. Create it:\n\tdbos_payload_bench init",
							fact(facts->server, SERVER_DATABASE)));
		return;
	}
	value = xasprintf("%s, library %s, client %s", extension, library ? library : "unknown", client);
	if (strtol(extension, NULL, 10) != strtol(client, NULL, 10) ||
		compare_versions(extension, client) < 0)
		judge_add(environment, "extension", LEVEL_CANNOT, value, matters,
				  xasprintf("version mismatch: the database has dbos_payload %s and this client is %s. %s",
							extension, client,
							compare_versions(extension, client) < 0 ?
							"Install that version on the server, then:\n\tALTER EXTENSION dbos_payload UPDATE;" :
							"Use the client of the extension's version."));
	else if (library != NULL && strcmp(library, extension) != 0)
		judge_add(environment, "extension", LEVEL_WARNING, value, matters,
				  compare_versions(library, extension) > 0 ?
				  xasprintf("the server's library is %s and the extension's SQL %s. Bring it up to date:\n\tALTER EXTENSION dbos_payload UPDATE;", library, extension) :
				  xasprintf("the extension's SQL is %s and the server's library %s. Install the library of that version, and restart the server if it preloads it.", extension, library));
	else
		judge_add(environment, "extension",
				  strcmp(extension, client) != 0 ? LEVEL_WARNING : LEVEL_OK, value, matters,
				  xasprintf("version mismatch: the database has dbos_payload %s and this client is %s. Use the client of the extension's version.", extension, client));
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

/* Append an item to a list; frees the old list. */
static char *
append(char *list, const char *separator, const char *item)
{
	char	   *longer = xasprintf("%s%s%s", list, *list ? separator : "", item);

	free(list);
	return longer;
}

/* The privileges of one kind that are missing, with commas; malloc'd. */
static char *
missing(const PGresult *privileges, const char *kind)
{
	char	   *list = xstrdup("");

	for (int i = 0; i < PQntuples(privileges); i++)
		if (strcmp(PQgetvalue(privileges, i, 0), kind) == 0)
			list = append(list, ", ", PQgetvalue(privileges, i, 1));
	return list;
}

/*
 * Everything that the role lacks at once, and the statements that give it.
 * Routines are given all together: without privileges on the tables they do
 * nothing more than the role already may.
 */
static void
judge_privileges(const Facts *facts, Environment *environment)
{
	static const char *const tables[TABLE_COUNT] = {"workflow_status", "operation_outputs"};
	const char *role = fact(facts->server, SERVER_ROLE);
	const PGresult *privileges = facts->privileges;
	char	   *what = xstrdup("");
	char	   *grants = xstrdup("");
	char	   *list;

	if (privileges == NULL || PQntuples(privileges) == 0)
	{
		if (privileges != NULL)
			judge_add(environment, "privileges", LEVEL_OK, xstrdup("complete"),
					  "without them steps would fail", NULL);
		free(what);
		free(grants);
		return;
	}

	list = missing(privileges, "schema");
	if (*list != '\0')
	{
		char	   *grant = xasprintf("%s\n\tGRANT USAGE ON SCHEMA dbos_payload TO %s;", grants, role);

		free(grants);
		grants = grant;
		what = append(what, "; ", "USAGE on schema dbos_payload");
	}
	free(list);
	for (int t = 0; t < TABLE_COUNT; t++)
	{
		list = missing(privileges, tables[t]);
		if (*list != '\0')
		{
			char	   *grant = xasprintf("%s\n\tGRANT %s ON dbos_payload.%s TO %s;",
										  grants, list, tables[t], role);
			char	   *item = xasprintf("%s on table %s", list, tables[t]);

			free(grants);
			grants = grant;
			what = append(what, "; ", item);
			free(item);
		}
		free(list);
	}
	list = missing(privileges, "routine");
	if (*list != '\0')
	{
		char	   *grant = xasprintf("%s\n\tGRANT EXECUTE ON ALL ROUTINES IN SCHEMA dbos_payload TO %s;",
									  grants, role);
		char	   *item = xasprintf("EXECUTE on %s", list);

		free(grants);
		grants = grant;
		what = append(what, "; ", item);
		free(item);
	}
	free(list);
	judge_add(environment, "privileges", LEVEL_CANNOT, xstrdup("missing"),
			  "without them steps would fail",
			  xasprintf("permission denied: the role %s lacks %s. %sThe extension's owner or a superuser gives them by:%s",
						role, what,
						strstr(what, "DELETE") ? "(DELETE is not needed with --keep.) " : "",
						grants));
	free(what);
	free(grants);
}

/* The largest payload is the batched step's: all sizes together. */
static void
judge_payload_limit(const Facts *facts, Environment *environment)
{
	double		limit = fact_number(facts, "dbos_payload.max_payload_bytes");
	int64_t		total = 0;
	char		total_text[32];
	char		limit_text[32];

	if (isnan(limit))
		return;
	for (int i = 0; i < facts->options->nsizes; i++)
		total += facts->options->sizes[i];
	format_integer(total, total_text, (int) sizeof(total_text));
	format_integer((int64_t) limit, limit_text, (int) sizeof(limit_text));
	judge_add(environment, "payload limit", (double) total > limit ? LEVEL_CANNOT : LEVEL_OK,
			  xasprintf("%s bytes, needed %s", limit_text, total_text),
			  "the batched step holds all sizes together",
			  xasprintf("the batched step has %s bytes (all --sizes together) and the server's limit, dbos_payload.max_payload_bytes, is %s. Take smaller --sizes, or let a superuser raise it:\n\tALTER DATABASE %s SET dbos_payload.max_payload_bytes = %lld;",
						total_text, limit_text, fact(facts->server, SERVER_DATABASE),
						(long long) total));
}

void
judge_server(const Facts *facts, Environment *environment)
{
	judge_version(environment, environment);
	judge_read_only(facts, environment);
	judge_extension(facts, environment);
	if (environment->extension_version == NULL)
		return;
	judge_library(facts, environment);
	judge_privileges(facts, environment);
	judge_payload_limit(facts, environment);
}
