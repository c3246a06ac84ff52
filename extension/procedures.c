/*
 * procedures.c
 *		The procedures that commit after each step.
 *
 * Between BeginCommitting and EndCommitting... we are in an SPI connection that
 * may commit, and the current memory context is one that survives a commit.
 * Arguments are copied into it before the first one.
 */
#include "dbos_payload.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(dbos_payload_size_workflow);
PG_FUNCTION_INFO_V1(dbos_payload_batch_size_workflow);
PG_FUNCTION_INFO_V1(dbos_payload_commit_payload_steps);
PG_FUNCTION_INFO_V1(dbos_payload_commit_record_steps);

/*
 * Enters a procedure that commits.  Raises 2D000 where it could not commit,
 * 25006 where it could not write, before anything is done.
 */
void
BeginCommitting(FunctionCallInfo fcinfo, const char *name)
{
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		((CallContext *) fcinfo->context)->atomic || IsSubTransaction())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("%s cannot run inside a transaction block", name),
				 errdetail("It commits its work as it goes."),
				 errhint("CALL it outside a transaction block, as a statement of its own.")));
	PreventCommandIfReadOnly(name);

	SPI_connect_ext(SPI_OPT_NONATOMIC);
}

/*
 * Commits.  Newer servers have begun the next transaction by then, older ones
 * need to be asked.
 */
void
CommitAndGoOn(void)
{
	SPI_commit();
	SPI_start_transaction();
}

/*
 * Returns the row of a procedure's one INOUT column.
 */
static Datum
MakeRow(const char *column, Oid type, Datum value)
{
	TupleDesc	tupdesc = CreateTemplateTupleDesc(1);
	bool		isnull = false;

	TupleDescInitEntry(tupdesc, (AttrNumber) 1, column, type, -1, 0);
	BlessTupleDesc(tupdesc);

	return HeapTupleGetDatum(heap_form_tuple(tupdesc, &value, &isnull));
}

/*
 * Leave a procedure that commits; return the row of its one INOUT column.  They
 * take no Datum: where an int8 is passed by reference, one made before would go
 * with the memory that SPI_finish frees.
 */
static Datum
EndCommittingBool(const char *column, bool value)
{
	SPI_finish();
	return MakeRow(column, BOOLOID, BoolGetDatum(value));
}

Datum
EndCommittingInt64(const char *column, int64 value)
{
	SPI_finish();
	return MakeRow(column, INT8OID, Int64GetDatum(value));
}

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

/*
 * CALL commit_payload_steps(workflow_id, first_function_id, sizes, seed,
 * compressible, function_name)
 */
Datum
dbos_payload_commit_payload_steps(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	MemoryContext per_step;
	StepKey		key;
	PayloadSpec spec;
	uint64		seed;
	int32		first;
	SizeList	list;
	int			i;

	(void) CheckedWorkflowId(fcinfo, 0);
	first = CheckedFunctionId(fcinfo, 1, "first_function_id");
	CheckNotNull(fcinfo, 2, "sizes");
	CheckedSpec(fcinfo, 3, &spec);
	seed = spec.seed;
	(void) CheckedSizes(PG_GETARG_ARRAYTYPE_P(2), first, false);
	(void) CheckedName(fcinfo, 5, "function_name");

	BeginCommitting(fcinfo, "dbos_payload.commit_payload_steps()");
	key.workflow_id = (text *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
	key.function_name = (text *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(5));
	list = CheckedSizes(PG_GETARG_ARRAYTYPE_P_COPY(2), first, false);

	per_step = AllocSetContextCreate(CurrentMemoryContext, "dbos_payload step",
									 ALLOCSET_DEFAULT_SIZES);
	for (i = 0; i < list.count; i++)
	{
		MemoryContext oldcontext = MemoryContextSwitchTo(per_step);
		StepResult	result;

		CHECK_FOR_INTERRUPTS();
		key.function_id = first + i;
		spec.size = list.sizes[i];
		spec.seed = seed + (uint64) i;
		CommitPayloadStep(&key, &spec, "commit_payload_steps",
						  i == 0 ? &entry : NULL, &result);
		if (result.error != NULL)
			RaiseStepError(&key, result.error);
		MemoryContextSwitchTo(oldcontext);
		MemoryContextReset(per_step);
	}

	SPI_finish();
	PG_RETURN_VOID();
}

/*
 * CALL commit_record_steps(workflow_id, first_function_id, function_names,
 * outputs)
 */
Datum
dbos_payload_commit_record_steps(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	MemoryContext per_step;
	StepKey		key;
	int32		first;
	OutputList	list;
	int			i;

	(void) CheckedWorkflowId(fcinfo, 0);
	first = CheckedFunctionId(fcinfo, 1, "first_function_id");
	CheckNotNull(fcinfo, 2, "function_names");
	CheckNotNull(fcinfo, 3, "outputs");

	BeginCommitting(fcinfo, "dbos_payload.commit_record_steps()");
	key.workflow_id = (text *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
	list = CheckedOutputs(PG_GETARG_ARRAYTYPE_P_COPY(2),
						  PG_GETARG_ARRAYTYPE_P_COPY(3), first, false);

	per_step = AllocSetContextCreate(CurrentMemoryContext, "dbos_payload step",
									 ALLOCSET_DEFAULT_SIZES);
	for (i = 0; i < list.count; i++)
	{
		MemoryContext oldcontext = MemoryContextSwitchTo(per_step);
		StepTiming *timing = TimingBegin("commit_record_steps",
										 i == 0 ? &entry : NULL);
		StepResult	result;

		CHECK_FOR_INTERRUPTS();
		key.function_id = first + i;
		key.function_name = list.names[i];
		PushActiveSnapshot(GetTransactionSnapshot());
		RunRecordStep(&key, true, PointerGetDatum(list.outputs[i]), NULL,
					  timing, &result);
		PopActiveSnapshot();
		if (result.outcome == STEP_CONFLICT)
			RaiseConflict(&key, i + 1);
		TimingEnd(timing, OutcomeName(result.outcome), result.bytes);
		TimingCommit(timing);
		CommitAndGoOn();
		MemoryContextSwitchTo(oldcontext);
		MemoryContextReset(per_step);
	}

	SPI_finish();
	PG_RETURN_VOID();
}
