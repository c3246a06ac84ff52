/*
 * batches.c
 *		Many steps in one call: all or none of them, or a commit after each.
 */
#include "checkpoint.h"

#include "checks.h"
#include "committing.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "rows.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(dbos_payload_record_steps);
PG_FUNCTION_INFO_V1(dbos_payload_payload_steps);
PG_FUNCTION_INFO_V1(dbos_payload_commit_record_steps);
PG_FUNCTION_INFO_V1(dbos_payload_commit_payload_steps);

/* the steps of one call, which are numbered from first on */
typedef struct Batch
{
	const char *operation;
	StepKey		key;			/* workflow; for payloads the function's name */
	int32		first;
	int			count;
	const int64 *sizes;			/* of the payloads to be made; */
	PayloadSpec spec;			/* of the first of them, but for its size */
	text	  **names;			/* or, where sizes is NULL, names */
	bytea	  **outputs;		/* and outputs */
	Tuplestorestate *set;		/* takes the outcomes; NULL: commit each step */
	TupleDesc	tupdesc;
} Batch;

/*
 * In a batch a conflict is an error; position counts from 1.
 */
pg_noreturn static void
RaiseConflict(const StepKey *key, int position)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("step %d of workflow \"%s\" was recorded with another output",
					key->function_id, text_to_cstring(key->workflow_id)),
			 errdetail("Element %d of outputs differs from what is recorded.", position),
			 errhint("The recorded output stays; read it with dbos_payload.step_output().")));
}

static void
AddOutcome(Tuplestorestate *set, TupleDesc tupdesc, int32 function_id,
		   StepOutcome outcome)
{
	Datum		values[2];
	bool		nulls[2] = {false, false};

	values[0] = Int32GetDatum(function_id);
	values[1] = CStringGetTextDatum(outcome_names[outcome]);
	tuplestore_putvalues(set, tupdesc, values, nulls);
}

/*
 * Runs step i of a batch, counted from 0.
 */
static void
RunStep(const Batch *batch, int i, StepTiming *timing, StepResult *result)
{
	StepKey		key = batch->key;

	key.function_id = batch->first + i;
	if (batch->sizes != NULL)
	{
		PayloadSpec spec = batch->spec;

		spec.size = batch->sizes[i];
		spec.seed += (uint64) i;
		RunPayloadStep(&key, &spec, false, timing, result);
		if (result->error != NULL)
			RaiseStepError(&key, result->error);
	}
	else
	{
		key.function_name = batch->names[i];
		RunRecordStep(&key, true, PointerGetDatum(batch->outputs[i]), NULL,
					  timing, result);
		if (result->outcome == STEP_CONFLICT)
			RaiseConflict(&key, i + 1);
	}
}

/*
 * Runs the steps of a batch, one after the other.
 */
static void
RunBatch(const Batch *batch, const TimingEntry *entry)
{
	MemoryContext per_step = AllocSetContextCreate(CurrentMemoryContext,
												   "dbos_payload step",
												   ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(per_step);
	int			i;

	for (i = 0; i < batch->count; i++)
	{
		StepTiming *timing = TimingBegin(batch->operation, i == 0 ? entry : NULL);
		StepResult	result;

		CHECK_FOR_INTERRUPTS();
		RunStep(batch, i, timing, &result);
		if (batch->set != NULL)
			AddOutcome(batch->set, batch->tupdesc, batch->first + i, result.outcome);
		TimingEnd(timing, outcome_names[result.outcome], result.bytes);
		if (batch->set == NULL)
			CommitAndGoOn();
		MemoryContextReset(per_step);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(per_step);
}

/*
 * Reads the arguments function_names and outputs.  What a batch refers to is the
 * arguments' own memory; where it commits they are copied.
 */
static void
ReadOutputs(FunctionCallInfo fcinfo, bool commits, Batch *batch)
{
	CheckNotNull(fcinfo, 2, "function_names");
	CheckNotNull(fcinfo, 3, "outputs");
	batch->count = CheckedOutputs(commits ? PG_GETARG_ARRAYTYPE_P_COPY(2) : PG_GETARG_ARRAYTYPE_P(2),
								  commits ? PG_GETARG_ARRAYTYPE_P_COPY(3) : PG_GETARG_ARRAYTYPE_P(3),
								  batch->first, !commits, &batch->names, &batch->outputs);
}

/*
 * Likewise sizes, seed, compressible and, where the batch commits,
 * function_name.
 */
static void
ReadSizes(FunctionCallInfo fcinfo, bool commits, Batch *batch)
{
	CheckNotNull(fcinfo, 2, "sizes");
	CheckedSpec(fcinfo, 3, &batch->spec);
	batch->count = CheckedSizes(commits ? PG_GETARG_ARRAYTYPE_P_COPY(2) : PG_GETARG_ARRAYTYPE_P(2),
								batch->first, !commits, &batch->sizes);
	batch->key.function_name = commits ?
		(text *) PG_DETOAST_DATUM_COPY(PointerGetDatum(CheckedName(fcinfo, 5, "function_name"))) :
		cstring_to_text("payload_step");
}

/*
 * The body of all four: read are the arguments after workflow_id and
 * first_function_id.
 */
static Datum
CallBatch(FunctionCallInfo fcinfo, const char *operation, bool commits,
		  void (*read) (FunctionCallInfo fcinfo, bool commits, Batch *batch))
{
	TimingEntry entry = TimingEnter();
	Batch		batch = {0};

	if (commits)
		BeginCommitting(fcinfo, operation);
	batch.operation = operation;
	batch.key.workflow_id = CheckedWorkflowId(fcinfo, 0);
	if (commits)
		batch.key.workflow_id = (text *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
	batch.first = CheckedFunctionId(fcinfo, 1, "first_function_id");
	read(fcinfo, commits, &batch);
	if (!commits)
	{
		CheckMayWrite(operation);
		batch.set = BeginSet(fcinfo, &batch.tupdesc);
	}

	RunBatch(&batch, &entry);

	if (commits)
		SPI_finish();
	PG_RETURN_NULL();
}

/*
 * record_steps(workflow_id, first_function_id, function_names, outputs)
 * records all or none of the steps.
 */
Datum
dbos_payload_record_steps(PG_FUNCTION_ARGS)
{
	return CallBatch(fcinfo, "record_steps", false, ReadOutputs);
}

/*
 * payload_steps(workflow_id, first_function_id, sizes, seed, compressible)
 * makes and records all or none of the steps.
 */
Datum
dbos_payload_payload_steps(PG_FUNCTION_ARGS)
{
	return CallBatch(fcinfo, "payload_steps", false, ReadSizes);
}

/*
 * CALL commit_record_steps(workflow_id, first_function_id, function_names,
 * outputs)
 */
Datum
dbos_payload_commit_record_steps(PG_FUNCTION_ARGS)
{
	return CallBatch(fcinfo, "commit_record_steps", true, ReadOutputs);
}

/*
 * CALL commit_payload_steps(workflow_id, first_function_id, sizes, seed,
 * compressible, function_name)
 */
Datum
dbos_payload_commit_payload_steps(PG_FUNCTION_ARGS)
{
	return CallBatch(fcinfo, "commit_payload_steps", true, ReadSizes);
}
