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
	" SELECT 'routine', f.proname::pg_catalog.text" \
	" FROM pg_catalog.pg_proc AS f" \
	" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) f.pronamespace" \
	" WHERE n.nspname OPERATOR(pg_catalog.=) 'dbos_payload'" \
	" AND f.proname OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.name[])" \
	" AND NOT pg_catalog.has_function_privilege(f.oid, 'EXECUTE')" \
	" ORDER BY 1, 2"

/* Append an item to a list; frees the old list. */
static char *
append(char *list, const char *separator, const char *item)
{
	char	   *longer = xasprintf("%s%s%s", list, *list ? separator : "", item);

	free(list);
	return longer;
}

/* Are some of the sizes powers of ten, are all? */
static void
look_at_sizes(const Parameters *parameters, bool *some_powers, bool *all_powers)
{
	*some_powers = false;
	*all_powers = true;
	for (int i = 0; i < parameters->nsizes; i++)
	{
		int64_t		size = parameters->sizes[i];

		while (size > 0 && size % 10 == 0)
			size /= 10;
		*some_powers = *some_powers || size == 1;
		*all_powers = *all_powers && size == 1;
	}
}

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
	bool		some_powers;
	bool		all_powers;
	char	   *array = xstrdup("");

	look_at_sizes(parameters, &some_powers, &all_powers);

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
		{"list_steps", resumes || procedure},
		{"step_output", procedure && !resumes && (client || parameters->has_seed)},
		{"size_step", server && some_powers && (steps || baselines)},
		{"payload_step", (steps && server && (!all_powers || !resumes)) || baselines},
		{"record_step", client && (steps || baselines)},
		{"commit_payload_steps", procedure && server},
		{"commit_record_steps", procedure && client},
		{"no_op", baselines},
		{"receive_payload", baselines},
		{"send_payload", baselines},
	};

	for (size_t i = 0; i < sizeof(routines) / sizeof(routines[0]); i++)
		if (routines[i].needed)
			array = append(array, ",", routines[i].name);
	array = append(xstrdup("{"), "", array);
	return append(array, "", "}");
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

/* What is missing of one kind, each behind a prefix, with commas; malloc'd. */
static char *
missing(const PGresult *privileges, const char *kind, const char *prefix)
{
	char	   *list = xstrdup("");

	for (int i = 0; i < PQntuples(privileges); i++)
	{
		if (strcmp(PQgetvalue(privileges, i, 0), kind) == 0)
		{
			list = append(list, ", ", prefix);
			list = append(list, "", PQgetvalue(privileges, i, 1));
		}
	}
	return list;
}

/* What is missing of one kind in words and as a GRANT; frees the old texts. */
static void
add_missing(const Facts *facts, const char *kind, const char *in_words, const char *object,
			char **what, char **grants)
{
	bool		routines = strcmp(kind, "routine") == 0;
	char	   *list = missing(facts->privileges, kind, "");
	char	   *text;

	if (*list != '\0')
	{
		text = routines ? xasprintf("EXECUTE on %s", list) : xasprintf("%s on %s", list, in_words);
		*what = append(*what, "; ", text);
		free(text);
		if (routines)
		{
			free(list);
			list = missing(facts->privileges, kind, "dbos_payload.");
			text = xasprintf("\n\tGRANT EXECUTE ON ROUTINE %s TO %s;", list,
							 fact(facts->server, SERVER_ROLE));
		}
		else
			text = xasprintf("\n\tGRANT %s ON %s TO %s;", list, object,
							 fact(facts->server, SERVER_ROLE));
		*grants = append(*grants, "", text);
		free(text);
	}
	free(list);
}

/* Everything that the role lacks at once. */
void
judge_privileges(const Facts *facts, Environment *environment)
{
	const PGresult *privileges = facts->privileges;
	char	   *what;
	char	   *grants;

	if (privileges == NULL)
		return;
	if (PQntuples(privileges) == 0)
	{
		judge_add(environment, "privileges", LEVEL_OK, xstrdup("complete"),
				  "without them steps would fail", NULL);
		return;
	}
	what = xstrdup("");
	grants = xstrdup("");
	add_missing(facts, "schema", "schema dbos_payload", "SCHEMA dbos_payload", &what, &grants);
	for (int t = 0; t < TABLE_COUNT; t++)
	{
		char	   *in_words = xasprintf("table %s", table_names[t]);
		char	   *object = xasprintf("TABLE dbos_payload.%s", table_names[t]);

		add_missing(facts, table_names[t], in_words, object, &what, &grants);
		free(in_words);
		free(object);
	}
	add_missing(facts, "routine", "", "", &what, &grants);
	judge_add(environment, "privileges", LEVEL_CANNOT, xstrdup("missing"),
			  "without them steps would fail",
			  xasprintf("permission denied: the role %s lacks %s. %sThe extension's owner or a superuser gives them by:%s",
						fact(facts->server, SERVER_ROLE), what,
						strstr(what, "DELETE") ? "(DELETE is not needed with --keep.) " : "",
						grants));
	free(what);
	free(grants);
}
