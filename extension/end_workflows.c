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
#include "skipped.h"
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
 * Ends the workflows whose ids are the first argument; returns how many were
 * pending.  The arguments have been checked.
 */
static int64
EndInBatches(FunctionCallInfo fcinfo, text *status, bool cancel, int32 batch_size)
{
	IdList		list = CheckedWorkflowIds(PG_GETARG_ARRAYTYPE_P_COPY(0));
	SkippedWorkflows skipped;
	int64		ended = 0;
	int			i;

	InitSkipped(&skipped);
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

	return ended;
}

/*
 * CALL cancel_workflows(workflow_ids, batch_size, INOUT cancelled_workflows)
 */
Datum
dbos_payload_cancel_workflows(PG_FUNCTION_ARGS)
{
	int32		batch_size;
	int64		ended;

	CheckNotNull(fcinfo, 0, "workflow_ids");
	(void) CheckedWorkflowIds(PG_GETARG_ARRAYTYPE_P(0));
	batch_size = CheckedRange(fcinfo, 1, "batch_size", 1, MAX_BATCH_SIZE);

	BeginCommitting(fcinfo, "dbos_payload.cancel_workflows()");
	ended = EndInBatches(fcinfo, cstring_to_text("CANCELLED"), true, batch_size);

	return EndCommittingInt64("cancelled_workflows", ended);
}

/*
 * CALL finish_workflows(workflow_ids, status, batch_size, INOUT
 * finished_workflows)
 */
Datum
dbos_payload_finish_workflows(PG_FUNCTION_ARGS)
{
	int32		batch_size;
	int64		ended;

	CheckNotNull(fcinfo, 0, "workflow_ids");
	(void) CheckedWorkflowIds(PG_GETARG_ARRAYTYPE_P(0));
	CheckNotNull(fcinfo, 1, "status");
	CheckEndStatus(PG_GETARG_TEXT_PP(1));
	batch_size = CheckedRange(fcinfo, 2, "batch_size", 1, MAX_BATCH_SIZE);

	BeginCommitting(fcinfo, "dbos_payload.finish_workflows()");
	ended = EndInBatches(fcinfo, PG_GETARG_TEXT_P_COPY(1), false, batch_size);

	return EndCommittingInt64("finished_workflows", ended);
}
