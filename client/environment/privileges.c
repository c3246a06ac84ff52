/*
 * privileges.c
 *	  What the run's options need and the role lacks, and the statements that give
 *	  it: that, and nothing more.
 */
#include <stdlib.h>
#include <string.h>

#include "environment/facts.h"
#include "util/memory.h"

/*
 * A row for each object: what is missing of it in words, what a GRANT says, and
 * whether steps would fail without it.  $1: the routines that are called; $2: are
 * rows deleted in the end?
 */
#define SQL_PRIVILEGES \
	"SELECT 'USAGE on SCHEMA dbos_payload' AS what, 'USAGE ON SCHEMA dbos_payload', true, 1 AS place" \
	" WHERE NOT pg_catalog.has_schema_privilege('dbos_payload', 'USAGE')" \
	" UNION ALL" \
	" SELECT pg_catalog.format('%s on TABLE dbos_payload.%s', t.privileges, t.relname)," \
	" pg_catalog.format('%s ON TABLE dbos_payload.%s', t.privileges, t.relname), true," \
	" CASE WHEN t.relname OPERATOR(pg_catalog.=) 'workflow_status' THEN 2 ELSE 3 END" \
	" FROM (SELECT c.relname, pg_catalog.string_agg(p.privilege, ', ' ORDER BY p.privilege) AS privileges" \
	"  FROM (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS p (privilege)" \
	"  CROSS JOIN pg_catalog.pg_class AS c" \
	"  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace" \
	"  WHERE n.nspname OPERATOR(pg_catalog.=) 'dbos_payload'" \
	"  AND (p.privilege OPERATOR(pg_catalog.<>) 'DELETE' OR $2::pg_catalog.bool)" \
	"  AND (c.relname OPERATOR(pg_catalog.=) 'workflow_status'" \
	"   OR (c.relname OPERATOR(pg_catalog.=) 'operation_outputs'" \
	"    AND p.privilege OPERATOR(pg_catalog.<>) 'UPDATE'))" \
	"  AND NOT pg_catalog.has_table_privilege(c.oid, p.privilege)" \
	"  GROUP BY c.relname) AS t" \
	" UNION ALL" \
	" SELECT pg_catalog.concat('EXECUTE on ', pg_catalog.string_agg(f.proname::pg_catalog.text, ', ' ORDER BY f.proname))," \
	" pg_catalog.concat('EXECUTE ON ROUTINE dbos_payload.'," \
	"  pg_catalog.string_agg(f.proname::pg_catalog.text, ', dbos_payload.' ORDER BY f.proname))," \
	" pg_catalog.bool_or(f.proname OPERATOR(pg_catalog.<>) 'backend_usage'), 4" \
	" FROM pg_catalog.pg_proc AS f" \
	" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) f.pronamespace" \
	" WHERE n.nspname OPERATOR(pg_catalog.=) 'dbos_payload'" \
	" AND f.proname OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.name[])" \
	" AND NOT pg_catalog.has_function_privilege(f.oid, 'EXECUTE')" \
	" HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0" \
	" ORDER BY place"

/* The routines that a run with these options calls, as an array; malloc'd. */
char *
routines_needed(const Parameters *parameters)
{
	bool		server = parameters->origins[ORIGIN_SERVER];
	bool		client = parameters->origins[ORIGIN_CLIENT];
	bool		procedure = parameters->drives[DRIVE_PROCEDURE];
	bool		steps = parameters->drives[DRIVE_CALLS] || parameters->drives[DRIVE_PIPELINE];
	bool		resumes = parameters->workflow_id != NULL;
	bool		baselines = parameters->baselines && !resumes;
	int			npowers = 0;
	char	   *names = NULL;

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
			text_add(&names, "%s%s", names == NULL ? "{" : ",", routines[i].name);
	text_add(&names, "}");
	return names;
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

/* Everything that the role lacks at once. */
void
judge_privileges(const Facts *facts, Environment *environment)
{
	const char *matters = "without them steps would fail";
	bool		enough = true;
	char	   *what = NULL;
	char	   *grants = NULL;

	if (facts->privileges == NULL)
		return;
	for (int i = 0; i < PQntuples(facts->privileges); i++)
	{
		text_add(&what, "%s%s", what != NULL ? "; " : "", PQgetvalue(facts->privileges, i, 0));
		text_add(&grants, "\n\tGRANT %s TO %s;", PQgetvalue(facts->privileges, i, 1), fact(facts->server, SERVER_ROLE));
		enough = enough && *PQgetvalue(facts->privileges, i, 2) == 'f';
	}
	if (!enough)
		judge_add(environment, "privileges", LEVEL_CANNOT, xstrdup("missing"), matters,
				  xasprintf("permission denied: the role %s lacks %s. %sThe extension's owner or a superuser gives them by:%s",
							fact(facts->server, SERVER_ROLE), what,
							strstr(what, "DELETE") ? "(DELETE is not needed with --keep.) " : "",
							grants));
	else if (what != NULL)
		judge_add(environment, "privileges", LEVEL_WARNING, xstrdup("all but one"), matters,
				  xasprintf("the role %s lacks %s: nobody says how long the server waited for a processor. The extension's owner or a superuser gives it by:%s",
							fact(facts->server, SERVER_ROLE), what, grants));
	else
		judge_add(environment, "privileges", LEVEL_OK, xstrdup("complete"), matters, NULL);
	free(what);
	free(grants);
}
