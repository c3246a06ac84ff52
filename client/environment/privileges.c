/*
 * privileges.c
 *	  What the run's options need and the role lacks, and the statements that give
 *	  it: that, and nothing more.
 */
#include <stdlib.h>
#include <string.h>

#include "environment/facts.h"
#include "util/memory.h"

/* $1: the routines that are called; $2: are rows deleted in the end? */
#define SQL_PRIVILEGES \
	"SELECT 'schema' AS kind, 'USAGE' AS name" \
	" WHERE NOT pg_catalog.has_schema_privilege('dbos_payload', 'USAGE')" \
	" UNION ALL" \
	" SELECT c.relname::pg_catalog.text, p.privilege" \
	" FROM (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS p (privilege)" \
	" CROSS JOIN pg_catalog.pg_class AS c" \
	" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace" \
	" WHERE n.nspname OPERATOR(pg_catalog.=) 'dbos_payload'" \
	" AND (p.privilege OPERATOR(pg_catalog.<>) 'DELETE' OR $2::pg_catalog.bool)" \
	" AND (c.relname OPERATOR(pg_catalog.=) 'workflow_status'" \
	"  OR (c.relname OPERATOR(pg_catalog.=) 'operation_outputs'" \
	"   AND p.privilege OPERATOR(pg_catalog.<>) 'UPDATE'))" \
	" AND NOT pg_catalog.has_table_privilege(c.oid, p.privilege)" \
	" UNION ALL" \
	" SELECT CASE WHEN f.proname OPERATOR(pg_catalog.=) 'backend_usage'" \
	"  THEN 'optional' ELSE 'routine' END, f.proname::pg_catalog.text" \
	" FROM pg_catalog.pg_proc AS f" \
	" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) f.pronamespace" \
	" WHERE n.nspname OPERATOR(pg_catalog.=) 'dbos_payload'" \
	" AND f.proname OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.name[])" \
	" AND NOT pg_catalog.has_function_privilege(f.oid, 'EXECUTE')" \
	" ORDER BY 1, 2"

/* The routines that a run with these options calls, as an array; malloc'd. */
static char *
routines_needed(const Parameters *parameters)
{
	bool		server = parameters->origins[ORIGIN_SERVER];
	bool		client = parameters->origins[ORIGIN_CLIENT];
	bool		procedure = parameters->drives[DRIVE_PROCEDURE];
	bool		steps = parameters->drives[DRIVE_CALLS] || parameters->drives[DRIVE_PIPELINE];
	bool		resumes = parameters->workflow_id != NULL;
	bool		baselines = parameters->baselines && !resumes;
	int			npowers = 0;
	char	   *names = xstrdup("");
	char	   *array;

	for (int i = 0; i < parameters->nsizes; i++)
		npowers += size_exponent(parameters->sizes[i]) >= 0;

	const struct
	{
		const char *name;
		bool		needed;
	}			routines[] = {
		{"start_workflow", true},
		{"finish_workflow", true},
		{"last_step_timing", true},
		{"step_timings", true},
		{"backend_usage", true},
		{"size_step", server && npowers > 0 && (steps || baselines)},
		/* the batch is made by it too */
		{"payload_step", (steps && server && (!resumes || npowers < parameters->nsizes)) || baselines},
		{"record_step", client && (steps || baselines)},
		{"commit_payload_steps", procedure && server},
		{"commit_record_steps", procedure && client},
		{"list_steps", procedure || resumes},
		{"step_output", procedure && !resumes && (client || parameters->has_seed)},
		{"no_op", baselines},
		{"receive_payload", baselines},
		{"send_payload", baselines},
	};

	for (size_t i = 0; i < sizeof(routines) / sizeof(routines[0]); i++)
		if (routines[i].needed)
			names = xappend(names, ",", routines[i].name);
	array = xasprintf("{%s}", names);
	free(names);
	return array;
}

PGresult *
privileges_read(Session *session, const Parameters *parameters)
{
	char	   *routines = routines_needed(parameters);
	const char *values[2] = {
		routines, parameters->keep || parameters->workflow_id != NULL ? "false" : "true"
	};
	PGresult   *result = session_query(session, SQL_PRIVILEGES, 2, values);

	free(routines);
	return result;
}

/* What is missing of a kind, each behind a prefix, with commas; malloc'd. */
static char *
missing(const PGresult *privileges, const char *kind, const char *prefix)
{
	char	   *list = xstrdup("");

	for (int i = 0; i < PQntuples(privileges); i++)
	{
		const char *found = PQgetvalue(privileges, i, 0);

		/* routines include those without which run only knows less */
		if (strcmp(found, kind) == 0 ||
			(strcmp(kind, "routine") == 0 && strcmp(found, "optional") == 0))
		{
			list = xappend(list, ", ", prefix);
			list = xappend(list, "", PQgetvalue(privileges, i, 1));
		}
	}
	return list;
}

/* "name on object" to what, and a GRANT of it to grants; frees the old texts. */
static void
add_missing(const Facts *facts, const char *kind, const char *object, char **what, char **grants)
{
	char	   *list = missing(facts->privileges, kind, "");

	if (*list != '\0')
	{
		char	   *item = xasprintf("%s on %s", list, object);
		char	   *grant = xasprintf("\n\tGRANT %s ON %s TO %s;", list, object,
									  fact(facts->server, SERVER_ROLE));

		*what = xappend(*what, "; ", item);
		*grants = xappend(*grants, "", grant);
		free(item);
		free(grant);
	}
	free(list);
}

/* Likewise for routines, which are named one by one. */
static void
add_missing_routines(const Facts *facts, char **what, char **grants)
{
	char	   *names = missing(facts->privileges, "routine", "");
	char	   *routines = missing(facts->privileges, "routine", "dbos_payload.");

	if (*names != '\0')
	{
		char	   *item = xasprintf("EXECUTE on %s", names);
		char	   *grant = xasprintf("\n\tGRANT EXECUTE ON ROUTINE %s TO %s;", routines,
									  fact(facts->server, SERVER_ROLE));

		*what = xappend(*what, "; ", item);
		*grants = xappend(*grants, "", grant);
		free(item);
		free(grant);
	}
	free(names);
	free(routines);
}

/* Everything that the role lacks at once. */
void
judge_privileges(const Facts *facts, Environment *environment)
{
	const char *matters = "without them steps would fail";
	bool		enough = true;
	char	   *what;
	char	   *grants;

	if (facts->privileges == NULL)
		return;
	for (int i = 0; i < PQntuples(facts->privileges); i++)
		enough = enough && strcmp(PQgetvalue(facts->privileges, i, 0), "optional") == 0;

	what = xstrdup("");
	grants = xstrdup("");
	add_missing(facts, "schema", "SCHEMA dbos_payload", &what, &grants);
	for (int t = 0; t < TABLE_COUNT; t++)
	{
		char	   *table = xasprintf("TABLE dbos_payload.%s", table_names[t]);

		add_missing(facts, table_names[t], table, &what, &grants);
		free(table);
	}
	add_missing_routines(facts, &what, &grants);

	if (!enough)
		judge_add(environment, "privileges", LEVEL_CANNOT, xstrdup("missing"), matters,
				  xasprintf("permission denied: the role %s lacks %s. %sThe extension's owner or a superuser gives them by:%s",
							fact(facts->server, SERVER_ROLE), what,
							strstr(what, "DELETE") ? "(DELETE is not needed with --keep.) " : "",
							grants));
	else if (*what != '\0')
		judge_add(environment, "privileges", LEVEL_WARNING, xstrdup("all but one"), matters,
				  xasprintf("the role %s lacks %s: nobody says how long the server waited for a processor. The extension's owner or a superuser gives it by:%s",
							fact(facts->server, SERVER_ROLE), what, grants));
	else
		judge_add(environment, "privileges", LEVEL_OK, xstrdup("complete"), matters, NULL);
	free(what);
	free(grants);
}
