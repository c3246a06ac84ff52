/*
 * end_workflows.c
 *		Finishing and cancelling many workflows, a batch to a commit.
 *
 * They are taken one after the other in the order of their ids, so that two
 * calls that share some wait for each other and never deadlock; one that has
 * steps under way is waited for.
 */
#include "compat.h"

#include "checks.h"
#include "committing.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "rows.h"
#include "text.h"
#include "utils/builtins.h"
#include "workflows.h"

PG_FUNCTION_INFO_V1(dbos_payload_cancel_workflows);
PG_FUNCTION_INFO_V1(dbos_payload_finish_workflows);

/*
 * Ends one workflow; returns whether it was pending.
 */
static bool
EndOne(text *workflow_id, text *status, bool cancel, SkippedWorkflows *skipped)
{
	MemoryContext caller = CurrentMemoryContext;
	text	   *known_status;
	bool		ended;

	SPI_connect();
	known_status = TryEndWorkflow(workflow_id, status, &ended);
	MemoryContextSwitchTo(caller);
	if (known_status == NULL)
		AddSkipped(skipped, workflow_id, "does not exist", "");
	else if (!cancel && !SameText(known_status, status))
		AddSkipped(skipped, workflow_id, "has already ended; its status is ",
				   text_to_cstring(known_status));
	SPI_finish();

	return ended;
}

/*
 * Ends the workflows whose ids are the first argument with a status that has
 * been checked, batch_size to a commit.  Returns the row of how many were
 * pending.
 */
static Datum
EndMany(FunctionCallInfo fcinfo, text *status, bool cancel, int32 batch_size)
{
	IdList		list;
	SkippedWorkflows skipped = {0};
	int64		ended = 0;
	int			i;

	CheckNotNull(fcinfo, 0, "workflow_ids");
	list = CheckedWorkflowIds(PG_GETARG_ARRAYTYPE_P_COPY(0));
	initStringInfo(&skipped.named);

	for (i = 0; i < list.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (EndOne(list.ids[i], status, cancel, &skipped))
			ended++;
		if ((i + 1) % batch_size == 0)
			CommitAndGoOn();
	}
	CommitAndGoOn();
	WarnOfSkipped(&skipped, NULL);

	SPI_finish();
	return MakeCountRow(fcinfo, ended);
}

/*
 * CALL cancel_workflows(workflow_ids, batch_size, INOUT cancelled_workflows)
 */
Datum
dbos_payload_cancel_workflows(PG_FUNCTION_ARGS)
{
	BeginCommitting(fcinfo, "cancel_workflows");
	return EndMany(fcinfo, cstring_to_text("CANCELLED"), true,
				   CheckedRange(fcinfo, 1, "batch_size", 1, MAX_BATCH_SIZE));
}

/*
 * CALL finish_workflows(workflow_ids, status, batch_size, INOUT
 * finished_workflows)
 */
Datum
dbos_payload_finish_workflows(PG_FUNCTION_ARGS)
{
	BeginCommitting(fcinfo, "finish_workflows");
	return EndMany(fcinfo, CheckedEndStatus(fcinfo, 1), false,
				   CheckedRange(fcinfo, 2, "batch_size", 1, MAX_BATCH_SIZE));
}
