/*
 * workflows.c
 *		Starting, finishing and cancelling workflows.
 */
#include "workflows.h"

#include "checks.h"
#include "epoch.h"
#include "executor/spi.h"
#include "statements.h"
#include "text.h"
#include "utils/builtins.h"

/* how often a statement that met a concurrent change looks again */
#define MAX_ATTEMPTS		3

PG_FUNCTION_INFO_V1(dbos_payload_start_workflow);
PG_FUNCTION_INFO_V1(dbos_payload_finish_workflow);
PG_FUNCTION_INFO_V1(dbos_payload_cancel_workflow);

/*
 * Raises 42704.
 */
void
RaiseUnknownWorkflow(const text *workflow_id)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("workflow \"%s\" does not exist", text_to_cstring(workflow_id)),
			 errhint("Start it with dbos_payload.start_workflow() first.")));
}

pg_noreturn static void
RaiseSuppressed(const text *workflow_id)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("workflow \"%s\" could not be changed", text_to_cstring(workflow_id)),
			 errdetail("A trigger, rule or policy on dbos_payload.workflow_status kept the row from being written or read.")));
}

/*
 * Reads a workflow inside an SPI connection.  Returns false where there is
 * none; the texts are valid until SPI_finish.
 */
bool
ReadWorkflow(text *workflow_id, text **name, text **status)
{
	Datum		values[1];
	Datum		columns[2];
	bool		nulls[2];

	values[0] = PointerGetDatum(workflow_id);
	if (!FetchRow(STATEMENT_READ_WORKFLOW, values, false, columns, nulls))
		return false;

	*name = DatumGetTextPP(columns[0]);
	*status = DatumGetTextPP(columns[1]);
	return true;
}

/*
 * Deletes the steps that a workflow of this id left behind when only its own
 * row was deleted, so that a new one never replays them.  Looks first, so that
 * the privilege to delete is needed only where there is something to delete.
 */
static void
DeleteOrphans(text *workflow_id)
{
	Datum		values[1];

	values[0] = PointerGetDatum(workflow_id);
	if (RunStatement(STATEMENT_FIND_ORPHAN, values, NULL, false) > 0)
		(void) RunStatement(STATEMENT_DELETE_ORPHANS, values, NULL, false);
}

/*
 * Starts a workflow, or starts it again.  Returns its status, PENDING where it
 * may go on; raises an error where the id belongs to a workflow of another
 * name.
 */
text *
StartWorkflow(text *workflow_id, text *name)
{
	MemoryContext caller = CurrentMemoryContext;
	text	   *result = NULL;
	int			attempt;

	SPI_connect();

	for (attempt = 0; result == NULL && attempt < MAX_ATTEMPTS; attempt++)
	{
		Datum		values[3];
		text	   *known_name;
		text	   *status;

		values[0] = PointerGetDatum(workflow_id);
		values[1] = PointerGetDatum(name);
		values[2] = Int64GetDatum(EpochMsNow());
		if (RunStatement(STATEMENT_INSERT_WORKFLOW, values, NULL, false) > 0)
		{
			DeleteOrphans(workflow_id);
			MemoryContextSwitchTo(caller);
			result = cstring_to_text("PENDING");
			break;
		}

		/* it was there; or it was purged just now, and we try again */
		if (!ReadWorkflow(workflow_id, &known_name, &status))
			continue;

		if (!SameText(known_name, name))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("workflow \"%s\" was started with another name",
							text_to_cstring(workflow_id)),
					 errdetail("It was started as \"%s\", the name given now is \"%s\".",
							   text_to_cstring(known_name), text_to_cstring(name)),
					 errhint("Use the same name to resume it, or another workflow id.")));

		if (TextIs(status, "PENDING"))
		{
			values[1] = values[2];
			/* none is updated where somebody ended it since */
			if (RunStatement(STATEMENT_RESTART_WORKFLOW, values, NULL, false) == 0)
				continue;
		}

		MemoryContextSwitchTo(caller);
		result = (text *) PG_DETOAST_DATUM_COPY(PointerGetDatum(status));
	}

	if (result == NULL)
		RaiseSuppressed(workflow_id);

	SPI_finish();
	return result;
}

/*
 * Gives a pending workflow its last status, inside an SPI connection; waits for
 * the steps under way, so that none commits into an ended workflow.  Returns
 * the status that the workflow has then, which is not the given one where it
 * had ended before, or NULL where there is no such workflow.  *ended says
 * whether we ended it.  The text is valid until SPI_finish.
 */
text *
TryEndWorkflow(text *workflow_id, text *status, bool *ended)
{
	int			attempt;

	*ended = false;
	for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
	{
		Datum		values[3];
		text	   *name;
		text	   *known_status;

		values[0] = PointerGetDatum(workflow_id);
		values[1] = PointerGetDatum(status);
		values[2] = Int64GetDatum(EpochMsNow());

		/* changing the status alone would not wait for the steps */
		if (RunStatement(STATEMENT_LOCK_WORKFLOW, values, NULL, false) > 0)
		{
			if (RunStatement(STATEMENT_END_WORKFLOW, values, NULL, false) == 0)
				break;
			*ended = true;
			return status;
		}

		if (!ReadWorkflow(workflow_id, &name, &known_status))
			return NULL;

		/* otherwise it was started after we looked */
		if (!TextIs(known_status, "PENDING"))
			return known_status;
	}

	RaiseSuppressed(workflow_id);
}

/*
 * Ends a workflow and returns its status.  One that has ended keeps what it
 * has: cancelling it is then a success, and so is finishing it with that same
 * status; anything else raises an error.
 */
text *
EndWorkflow(text *workflow_id, text *status, bool cancel)
{
	MemoryContext caller = CurrentMemoryContext;
	text	   *result;
	bool		ended;

	SPI_connect();

	result = TryEndWorkflow(workflow_id, status, &ended);
	if (result == NULL)
		RaiseUnknownWorkflow(workflow_id);
	if (!cancel && !SameText(result, status))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("workflow \"%s\" has already ended",
						text_to_cstring(workflow_id)),
				 errdetail("Its status is %s, the one given now is %s.",
						   text_to_cstring(result), text_to_cstring(status)),
				 errhint("An ended workflow keeps its status; a new run needs a new workflow id.")));

	MemoryContextSwitchTo(caller);
	result = (text *) PG_DETOAST_DATUM_COPY(PointerGetDatum(result));
	SPI_finish();
	return result;
}

/*
 * Returns a copy of the argument status, with which a workflow may be finished.
 */
text *
CheckedEndStatus(FunctionCallInfo fcinfo, int argno)
{
	text	   *status;

	CheckNotNull(fcinfo, argno, "status");
	status = PG_GETARG_TEXT_P_COPY(argno);
	if (!TextIs(status, "SUCCESS") && !TextIs(status, "ERROR"))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("status must be SUCCESS or ERROR"),
				 VARSIZE_ANY_EXHDR(status) <= MAX_NAME_BYTES ?
				 errdetail("The given one is \"%s\".", text_to_cstring(status)) : 0,
				 errhint("To cancel a workflow, use dbos_payload.cancel_workflow().")));

	return status;
}

/*
 * start_workflow(workflow_id, name) returns the workflow's status.
 */
Datum
dbos_payload_start_workflow(PG_FUNCTION_ARGS)
{
	text	   *workflow_id = CheckedWorkflowId(fcinfo, 0);
	text	   *name = CheckedName(fcinfo, 1, "name");

	CheckMayWrite("start_workflow");
	PG_RETURN_TEXT_P(StartWorkflow(workflow_id, name));
}

/*
 * finish_workflow(workflow_id, status) returns the workflow's status.
 */
Datum
dbos_payload_finish_workflow(PG_FUNCTION_ARGS)
{
	text	   *workflow_id = CheckedWorkflowId(fcinfo, 0);
	text	   *status = CheckedEndStatus(fcinfo, 1);

	CheckMayWrite("finish_workflow");
	PG_RETURN_TEXT_P(EndWorkflow(workflow_id, status, false));
}

/*
 * cancel_workflow(workflow_id) returns the workflow's status.
 */
Datum
dbos_payload_cancel_workflow(PG_FUNCTION_ARGS)
{
	text	   *workflow_id = CheckedWorkflowId(fcinfo, 0);

	CheckMayWrite("cancel_workflow");
	PG_RETURN_TEXT_P(EndWorkflow(workflow_id, cstring_to_text("CANCELLED"), true));
}
