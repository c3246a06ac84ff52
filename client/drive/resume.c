/*
 * resume.c
 *	  --workflow-id: may that workflow go on with what was asked for?
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive/workload.h"
#include "util/message.h"

/* Is it pending, and one of ours?  Says why not. */
static bool
check_workflow(Session *session, const char *workflow_id)
{
	PGresult   *rows = session_query(session,
									 "SELECT w.name, w.status FROM dbos_payload.workflow_status AS w"
									 " WHERE w.workflow_uuid OPERATOR(pg_catalog.=) $1", 1, &workflow_id);
	bool		fits = false;

	if (rows == NULL)
		print_error("could not look for the workflow: %s", session->error);
	else if (PQntuples(rows) == 0)
		fits = true;			/* a new one */
	else if (strcmp(PQgetvalue(rows, 0, 0), workflow_names[WORKFLOW_MULTIPLE]) != 0)
	{
		print_error("workflow \"%s\" is of another kind: its name is \"%s\", not \"%s\"", workflow_id,
					PQgetvalue(rows, 0, 0), workflow_names[WORKFLOW_MULTIPLE]);
		print_hint("give the id of a workflow that run --workflow-id started, or a new one");
	}
	else if (strcmp(PQgetvalue(rows, 0, 1), "PENDING") != 0)
	{
		print_error("workflow \"%s\" has ended: its status is %s", workflow_id,
					PQgetvalue(rows, 0, 1));
		print_hint("there is nothing to resume; a new run needs a new id");
	}
	else
		fits = true;
	PQclear(rows);
	return fits;
}

/* Does one recorded step fit?  Says why not. */
static bool
check_step(const PGresult *rows, int row, const Workload *workload, bool *recorded_before)
{
	int			function_id = (int) strtol(PQgetvalue(rows, row, 0), NULL, 10);
	const char *name = PQgetvalue(rows, row, 1);
	const Step *step;

	if (function_id < 1 || function_id > workload->nsteps)
	{
		print_error("step %d is recorded, and --sizes asks for %d step%s", function_id,
					workload->nsteps, workload->nsteps == 1 ? "" : "s");
		return false;
	}
	step = &workload->steps[function_id - 1];
	if (strcmp(name, step->name) != 0)
	{
		print_error("step %d was recorded by another function: it is named \"%s\", not \"%s\"",
					function_id, name, step->name);
		return false;
	}
	if (!PQgetisnull(rows, row, 3))
	{
		print_error("step %d has recorded an error: %s", function_id, PQgetvalue(rows, row, 3));
		return false;
	}
	if (strtoll(PQgetvalue(rows, row, 2), NULL, 10) != step->payload_bytes)
	{
		print_error("step %d was recorded with %s bytes, and --sizes asks for %" PRId64,
					function_id, PQgetvalue(rows, row, 2), step->payload_bytes);
		return false;
	}
	recorded_before[function_id - 1] = true;
	return true;
}

bool
resume_check(Session *session, const Workload *workload, bool *recorded_before)
{
	const char *workflow_id = workload->parameters->workflow_id;
	PGresult   *rows;
	bool		fits = true;
	int			found;

	if (!check_workflow(session, workflow_id))
		return false;
	rows = session_query(session, "SELECT function_id, function_name, output_bytes, error"
						 " FROM dbos_payload.list_steps($1)", 1, &workflow_id);
	if (rows == NULL)
	{
		print_error("could not read the workflow's steps: %s", session->error);
		return false;
	}
	found = PQntuples(rows);
	for (int row = 0; row < found && fits; row++)
		fits = check_step(rows, row, workload, recorded_before);
	PQclear(rows);
	if (!fits)
		print_hint("give the --sizes that workflow \"%s\" was started with, or another id; nothing was written",
				   workflow_id);
	else if (found > 0)
		printf("Resuming workflow \"%s\": %d of %d steps are recorded and will be replayed;"
			   " replayed steps enter no statistics.\n\n", workflow_id, found, workload->nsteps);
	return fits;
}
