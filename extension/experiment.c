/*
 * experiment.c
 *		The experiment's two workflows, as procedures that commit each step.
 */
#include "checkpoint.h"

#include "checks.h"
#include "committing.h"
#include "text.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"
#include "workflows.h"

PG_FUNCTION_INFO_V1(dbos_payload_size_workflow);
PG_FUNCTION_INFO_V1(dbos_payload_batch_size_workflow);

/*
 * Returns the argument workflow_id, or a new one where it is NULL.
 */
static text *
WorkflowIdOrNew(FunctionCallInfo fcinfo, int argno)
{
	Datum		uuid;

	if (!PG_ARGISNULL(argno))
		return (text *) PG_DETOAST_DATUM_COPY(PointerGetDatum(CheckedWorkflowId(fcinfo, argno)));

	uuid = DirectFunctionCall1(gen_random_uuid, (Datum) 0);
	return cstring_to_text(DatumGetCString(DirectFunctionCall1(uuid_out, uuid)));
}

/*
 * Starts a workflow and commits.  Returns false where it has succeeded before;
 * raises an error where it ended otherwise.
 */
static bool
BeginWorkflow(text *workflow_id, const char *name)
{
	text	   *status = StartWorkflow(workflow_id, cstring_to_text(name));

	CommitAndGoOn();
	if (TextIs(status, "SUCCESS"))
		return false;
	if (!TextIs(status, "PENDING"))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("workflow \"%s\" has already ended", text_to_cstring(workflow_id)),
				 errdetail("Its status is %s.", text_to_cstring(status)),
				 errhint("A new run needs a new workflow id.")));

	return true;
}

/*
 * Runs one step, with the snapshot that reading what is recorded needs, and
 * commits it.
 */
static void
CommitPayloadStep(const StepKey *key, const PayloadSpec *spec,
				  const char *operation, const TimingEntry *entry, StepResult *result)
{
	StepTiming *timing = TimingBegin(operation, entry);

	PushActiveSnapshot(GetTransactionSnapshot());
	RunPayloadStep(key, spec, false, timing, result);
	PopActiveSnapshot();
	TimingEnd(timing, OutcomeName(result->outcome), result->bytes);
	TimingCommit(timing);
	CommitAndGoOn();
}

/*
 * One step of the experiment's workflows.  A step that had recorded an error
 * fails the workflow.  Returns the ms that the step took, its commit included.
 */
static double
WorkflowStep(const StepKey *key, const PayloadSpec *spec, const char *operation,
			 const TimingEntry *entry)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext per_step = AllocSetContextCreate(caller, "dbos_payload step",
												   ALLOCSET_DEFAULT_SIZES);
	StepResult	result;
	instr_time	begin;
	instr_time	took;

	MemoryContextSwitchTo(per_step);
	INSTR_TIME_SET_CURRENT(begin);
	CommitPayloadStep(key, spec, operation, entry, &result);
	INSTR_TIME_SET_CURRENT(took);
	INSTR_TIME_SUBTRACT(took, begin);

	if (result.error != NULL)
	{
		(void) EndWorkflow(key->workflow_id, cstring_to_text("ERROR"), false);
		CommitAndGoOn();
		RaiseStepError(key, result.error);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(per_step);

	ereport(NOTICE,
			(errmsg("Workflow: Payload size is %lld bytes, took %.2f ms",
					(long long) result.bytes, INSTR_TIME_GET_MILLISEC(took))));
	return INSTR_TIME_GET_MILLISEC(took);
}

/*
 * Ends a workflow with success and commits.
 */
static void
SucceedWorkflow(text *workflow_id)
{
	(void) EndWorkflow(workflow_id, cstring_to_text("SUCCESS"), false);
	CommitAndGoOn();
}

/*
 * CALL size_workflow(workflow_id, iterations, INOUT completed)
 *
 * All sizes are checked before the workflow is started, so that one over the
 * limit leaves nothing half-done.  What interrupts it later leaves it pending,
 * to be called again.
 */
Datum
dbos_payload_size_workflow(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	int			iterations = CheckedRange(fcinfo, 1, "iterations",
										  1, MAX_PAYLOAD_EXPONENT + 1);
	PayloadSpec spec = {0};
	StepKey		key;
	double		total = 0;
	int			i;

	CheckPayloadSize(PowerOfTen(iterations - 1), "the last iteration's payload");
	if (!PG_ARGISNULL(0))
		(void) CheckedWorkflowId(fcinfo, 0);
	BeginCommitting(fcinfo, "dbos_payload.size_workflow()");
	key.workflow_id = WorkflowIdOrNew(fcinfo, 0);
	key.function_name = cstring_to_text("size_step");

	if (BeginWorkflow(key.workflow_id, "size_workflow"))
	{
		ereport(NOTICE, (errmsg("Workflow: Starting")));
		for (i = 0; i < iterations; i++)
		{
			key.function_id = i + 1;
			spec.size = PowerOfTen(i);
			ereport(NOTICE, (errmsg("Workflow: Iteration %d/%d", i + 1, iterations)));
			ereport(NOTICE, (errmsg("Step: Size step with payload size %lld bytes",
									(long long) spec.size)));
			total += WorkflowStep(&key, &spec, "size_step", i == 0 ? &entry : NULL);
		}
		SucceedWorkflow(key.workflow_id);
		ereport(NOTICE, (errmsg("Workflow: Completed successfully in %.2f ms", total)));
	}

	return EndCommittingBool("completed", true);
}

/*
 * CALL batch_size_workflow(workflow_id, iterations, INOUT completed)
 */
Datum
dbos_payload_batch_size_workflow(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	int			iterations = CheckedRange(fcinfo, 1, "iterations",
										  1, MAX_PAYLOAD_EXPONENT + 1);
	PayloadSpec spec = {0};
	StepKey		key;
	int			i;

	spec.parts = iterations;
	spec.size = PowerOfTen(iterations) / 9;
	CheckPayloadSize(spec.size, "the payload of all iterations");
	if (!PG_ARGISNULL(0))
		(void) CheckedWorkflowId(fcinfo, 0);
	BeginCommitting(fcinfo, "dbos_payload.batch_size_workflow()");
	key.workflow_id = WorkflowIdOrNew(fcinfo, 0);
	key.function_id = 1;
	key.function_name = cstring_to_text("batch_size_step");

	if (BeginWorkflow(key.workflow_id, "batch_size_workflow"))
	{
		ereport(NOTICE, (errmsg("Workflow: Starting")));
		for (i = 0; i < iterations; i++)
			ereport(NOTICE, (errmsg("Step: Batch size step iteration %d/%d",
									i + 1, iterations)));
		(void) WorkflowStep(&key, &spec, "batch_size_step", &entry);
		SucceedWorkflow(key.workflow_id);
	}

	return EndCommittingBool("completed", true);
}
