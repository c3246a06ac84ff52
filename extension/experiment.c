/*
 * experiment.c
 *		The experiment's two workflows, as procedures that commit each step.
 */
#include "checkpoint.h"

#include "checks.h"
#include "committing.h"
#include "executor/spi.h"
#include "rows.h"
#include "text.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/uuid.h"
#include "workflows.h"

PG_FUNCTION_INFO_V1(dbos_payload_size_workflow);
PG_FUNCTION_INFO_V1(dbos_payload_batch_size_workflow);

/*
 * Returns a copy of the argument workflow_id, or a new one where it is NULL.
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
 * One step of the experiment's workflows, and its commit.  A step that had
 * recorded an error fails the workflow.  Returns the ms that both took.
 */
static double
WorkflowStep(const StepKey *key, const char *operation, const PayloadSpec *spec,
			 const TimingEntry *entry)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext per_step = AllocSetContextCreate(caller, "dbos_payload step",
												   ALLOCSET_DEFAULT_SIZES);
	StepTiming *timing;
	StepResult	result;
	instr_time	begin;
	instr_time	took;

	MemoryContextSwitchTo(per_step);
	INSTR_TIME_SET_CURRENT(begin);
	timing = TimingBegin(operation, entry);
	RunPayloadStep(key, spec, false, timing, &result);
	TimingEnd(timing, outcome_names[result.outcome], result.bytes);
	CommitAndGoOn();
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

static void
EndWithSuccess(text *workflow_id)
{
	(void) EndWorkflow(workflow_id, cstring_to_text("SUCCESS"), false);
	CommitAndGoOn();
}

/*
 * The workflow of a growing step for each iteration.
 */
static void
RunSizes(StepKey *key, int iterations, const TimingEntry *entry)
{
	PayloadSpec spec = {0};
	double		total = 0;
	int			i;

	for (i = 0; i < iterations; i++)
	{
		key->function_id = i + 1;
		spec.size = PowerOfTen(i);
		ereport(NOTICE, (errmsg("Workflow: Iteration %d/%d", i + 1, iterations)));
		ereport(NOTICE, (errmsg("Step: Size step with payload size %lld bytes",
								(long long) spec.size)));
		total += WorkflowStep(key, "size_step", &spec, i == 0 ? entry : NULL);
	}
	EndWithSuccess(key->workflow_id);
	ereport(NOTICE, (errmsg("Workflow: Completed successfully in %.2f ms", total)));
}

/*
 * The workflow of one step for all iterations.
 */
static void
RunBatched(StepKey *key, int iterations, const TimingEntry *entry)
{
	PayloadSpec spec = {0};
	int			i;

	key->function_id = 1;
	spec.parts = iterations;
	spec.size = PowersTotal(iterations);
	for (i = 0; i < iterations; i++)
		ereport(NOTICE, (errmsg("Step: Batch size step iteration %d/%d",
								i + 1, iterations)));
	(void) WorkflowStep(key, "batch_size_step", &spec, entry);
	EndWithSuccess(key->workflow_id);
}

/*
 * The body of both procedures.
 *
 * All sizes are checked before the workflow is started, so that one over the
 * limit leaves nothing half-done.  What interrupts it later leaves it pending,
 * to be called again.
 */
static Datum
CallWorkflow(FunctionCallInfo fcinfo, const char *name, bool batched)
{
	TimingEntry entry = TimingEnter();
	Datum		completed = BoolGetDatum(true);
	bool		isnull = false;
	int			iterations;
	StepKey		key;

	BeginCommitting(fcinfo, name);
	iterations = CheckedRange(fcinfo, 1, "iterations", 1, MAX_PAYLOAD_EXPONENT + 1);
	if (batched)
		CheckPayloadSize(PowersTotal(iterations), "the payload of all iterations");
	else
		CheckPayloadSize(PowerOfTen(iterations - 1), "the last iteration's payload");
	key.workflow_id = WorkflowIdOrNew(fcinfo, 0);
	key.function_name = cstring_to_text(batched ? "batch_size_step" : "size_step");

	if (BeginWorkflow(key.workflow_id, name))
	{
		ereport(NOTICE, (errmsg("Workflow: Starting")));
		(batched ? RunBatched : RunSizes) (&key, iterations, &entry);
	}

	SPI_finish();
	return MakeRow(fcinfo, &completed, &isnull);
}

/*
 * CALL size_workflow(workflow_id, iterations, INOUT completed)
 */
Datum
dbos_payload_size_workflow(PG_FUNCTION_ARGS)
{
	return CallWorkflow(fcinfo, "size_workflow", false);
}

/*
 * CALL batch_size_workflow(workflow_id, iterations, INOUT completed)
 */
Datum
dbos_payload_batch_size_workflow(PG_FUNCTION_ARGS)
{
	return CallWorkflow(fcinfo, "batch_size_workflow", true);
}
