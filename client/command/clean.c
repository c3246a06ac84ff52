/*
 * clean.c
 *	  The command clean: find what dead runs left, and delete it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/options.h"
#include "drive/leftovers.h"
#include "drive/schemas.h"
#include "util/message.h"
#include "util/numbers.h"

/* "40 s", "3 h": roughly how long ago something was */
static void
format_age(double seconds, char *buffer, size_t size)
{
	if (seconds < 120)
		snprintf(buffer, size, "%.0f s", seconds > 0 ? seconds : 0);
	else if (seconds < 7200)
		snprintf(buffer, size, "%.0f min", seconds / 60);
	else if (seconds < 172800)
		snprintf(buffer, size, "%.0f h", seconds / 3600);
	else
		snprintf(buffer, size, "%.0f days", seconds / 86400);
}

/*
 * Does nobody wait for a standby with what is in a schema in his hands?  Else that is
 * said: who deletes would wait for him.
 */
static bool
is_free(Session *session, const char *schema)
{
	char	   *pids = leftovers_held_by(session, schema);

	if (pids == NULL)
		return true;
	print_error("what dead runs left in the schema %s is held by processes that wait for a standby: %s", schema, pids);
	print_hint("once a standby is connected they end by themselves; SELECT pg_terminate_backend(...) ends one, whose commit stands");
	free(pids);
	return false;
}

/* Delete what one run left; false, with a message on stderr, where that failed. */
static bool
clean_run(Session *session, const Leftover *leftover)
{
	int64_t		deleted = 0;
	bool		ok = leftovers_delete(session, leftover->run_id, &deleted);
	char		age[32];

	format_age(leftover->age_s, age, sizeof(age));
	printf("run %s: deleted %" PRId64 " of %" PRId64 " workflow%s, the last of %s ago\n",
		   run_id_uuid(leftover->run_id), deleted, leftover->workflows,
		   plural(leftover->workflows), age);
	if (!ok)
		leftovers_explain(session);
	return ok;
}

/* Drop a schema that a dead run left; false, with a message on stderr, where that failed. */
static bool
clean_schema(Session *session, const char *schema)
{
	if (!is_free(session, schema))
		return false;
	if (!schema_drop(session, schema))
	{
		print_error("the schema %s of a dead run was not dropped: %s", schema, session->error);
		return false;
	}
	printf("schema %s: dropped\n", schema);
	return true;
}

/* Drop the schemas of dead runs' profiles; false, with a message on stderr, where that failed. */
static bool
clean_schemas(Session *session, int *found)
{
	const SessionSettings *settings = session->settings;
	SessionSettings bounded = settings_bounded(settings);
	DeadSchemas schemas;
	bool		ok = dead_schemas_find(session, &schemas);

	*found = schemas.n;
	if (!ok)
		print_error("could not look for schemas that runs left: %s", session->error);
	session->settings = &bounded;
	for (int i = 0; i < schemas.n && ok; i++)
		ok = clean_schema(session, schemas.names[i]);
	session->settings = settings;
	if (ok && schemas.nalive > 0)
		printf("%d schema%s of runs under way: left alone\n", schemas.nalive, plural(schemas.nalive));
	dead_schemas_free(&schemas);
	return ok;
}

int
clean_command(const Options *options)
{
	Session		session;
	Leftovers	leftovers = {0};
	int			nschemas;
	bool		ok = false;

	if (!session_open(&session, &options->sides[0]))
		print_connection_error(session.error);
	else if (!leftovers_find(&session, &leftovers))
	{
		print_error("could not look for what runs left: %s", session.error);
		if (strcmp(session.sqlstate, "42501") == 0)
			print_hint("it needs USAGE on the schema dbos_payload, and SELECT and DELETE on its tables: connect as the role that ran, or as their owner");
	}
	else
	{
		ok = clean_schemas(&session, &nschemas);
		if (ok && leftovers.n == 0 && nschemas == 0)
			puts("no dead run has left anything");
		ok = ok && (leftovers.n == 0 || is_free(&session, "dbos_payload"));
		for (int i = 0; i < leftovers.n && ok; i++)
			ok = clean_run(&session, &leftovers.runs[i]);
		if (leftovers.nalive > 0)
			printf("%d run%s under way: %s rows were left alone\n", leftovers.nalive,
				   leftovers.nalive == 1 ? " is" : "s are",
				   leftovers.nalive == 1 ? "its" : "their");
	}
	leftovers_free(&leftovers);
	session_close(&session);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
