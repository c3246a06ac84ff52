/*
 * batches.c
 *		Many steps in one call: all or none of them, or a commit after each.
 */
#include "checkpoint.h"

#include "checks.h"
#include "committing.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "result_set.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

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
	bool		payloads;		/* of sizes, or outputs? */
	SizeList	sizes;
	PayloadSpec spec;			/* of the first payload, but for its size */
	OutputList	outputs;
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
	values[1] = CStringGetTextDatum(OutcomeName(outcome));
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
	if (batch->payloads)
	{
		PayloadSpec spec = batch->spec;

		spec.size = batch->sizes.sizes[i];
		spec.seed += (uint64) i;
		RunPayloadStep(&key, &spec, false, timing, result);
		if (result->error != NULL)
			RaiseStepError(&key, result->error);
	}
	else
	{
		key.function_name = batch->outputs.names[i];
		RunRecordStep(&key, true, PointerGetDatum(batch->outputs.outputs[i]), NULL,
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
	int			count = batch->payloads ? batch->sizes.count : batch->outputs.count;
	MemoryContext per_step = AllocSetContextCreate(CurrentMemoryContext,
												   "dbos_payload step",
												   ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(per_step);
	int			i;

	for (i = 0; i < count; i++)
	{
		StepTiming *timing = TimingBegin(batch->operation, i == 0 ? entry : NULL);
		StepResult	result;

		CHECK_FOR_INTERRUPTS();
		if (batch->set != NULL)
		{
			RunStep(batch, i, timing, &result);
			AddOutcome(batch->set, batch->tupdesc, batch->first + i, result.outcome);
			TimingEnd(timing, OutcomeName(result.outcome), result.bytes);
		}
		else
		{
			/* what is recorded may have to be read, which takes a snapshot */
			PushActiveSnapshot(GetTransactionSnapshot());
			RunStep(batch, i, timing, &result);
			PopActiveSnapshot();
			TimingEnd(timing, OutcomeName(result.outcome), result.bytes);
			TimingCommit(timing);
			CommitAndGoOn();
			MemoryContextSwitchTo(per_step);
		}
		MemoryContextReset(per_step);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(per_step);
}

/*
 * Checks the arguments workflow_id, first_function_id, function_names and
 * outputs, and describes the batch that they are.  What it refers to is the
 * arguments' own memory, or where they are to be copied the current context's.
 */
static void
CheckRecordBatch(FunctionCallInfo fcinfo, bool one_commit, bool copy, Batch *batch)
{
	memset(batch, 0, sizeof(*batch));
	batch->key.workflow_id = CheckedWorkflowId(fcinfo, 0);
	batch->first = CheckedFunctionId(fcinfo, 1, "first_function_id");
	CheckNotNull(fcinfo, 2, "function_names");
	CheckNotNull(fcinfo, 3, "outputs");
	if (copy)
		batch->key.workflow_id = (text *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
	batch->outputs = CheckedOutputs(copy ? PG_GETARG_ARRAYTYPE_P_COPY(2) : PG_GETARG_ARRAYTYPE_P(2),
									copy ? PG_GETARG_ARRAYTYPE_P_COPY(3) : PG_GETARG_ARRAYTYPE_P(3),
									batch->first, one_commit);
}

/*
 * Likewise workflow_id, first_function_id, sizes, seed and compressible.
 */
static void
CheckPayloadBatch(FunctionCallInfo fcinfo, bool one_commit, bool copy, Batch *batch)
{
	memset(batch, 0, sizeof(*batch));
	batch->payloads = true;
	batch->key.workflow_id = CheckedWorkflowId(fcinfo, 0);
	batch->first = CheckedFunctionId(fcinfo, 1, "first_function_id");
	CheckNotNull(fcinfo, 2, "sizes");
	CheckedSpec(fcinfo, 3, &batch->spec);
	if (copy)
		batch->key.workflow_id = (text *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
	batch->sizes = CheckedSizes(copy ? PG_GETARG_ARRAYTYPE_P_COPY(2) : PG_GETARG_ARRAYTYPE_P(2),
								batch->first, one_commit);
}

/*
 * record_steps(workflow_id, first_function_id, function_names, outputs)
 * records all or none of the steps.
 */
Datum
dbos_payload_record_steps(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	Batch		batch;

	CheckRecordBatch(fcinfo, true, false, &batch);
	batch.operation = "record_steps";
	PreventCommandIfReadOnly("dbos_payload.record_steps()");
	batch.set = BeginSet(fcinfo, &batch.tupdesc);
	RunBatch(&batch, &entry);

	PG_RETURN_NULL();
}

/*
 * payload_steps(workflow_id, first_function_id, sizes, seed, compressible)
 * makes and records all or none of the steps.
 */
Datum
dbos_payload_payload_steps(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	Batch		batch;

	CheckPayloadBatch(fcinfo, true, false, &batch);
	batch.operation = "payload_steps";
	batch.key.function_name = cstring_to_text("payload_step");
	PreventCommandIfReadOnly("dbos_payload.payload_steps()");
	batch.set = BeginSet(fcinfo, &batch.tupdesc);
	RunBatch(&batch, &entry);

	PG_RETURN_NULL();
}

/*
 * CALL commit_record_steps(workflow_id, first_function_id, function_names,
 * outputs)
 */
Datum
dbos_payload_commit_record_steps(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	Batch		batch;

	CheckRecordBatch(fcinfo, false, false, &batch);
	BeginCommitting(fcinfo, "dbos_payload.commit_record_steps()");
	CheckRecordBatch(fcinfo, false, true, &batch);
	batch.operation = "commit_record_steps";
	RunBatch(&batch, &entry);

	SPI_finish();
	PG_RETURN_VOID();
}

/*
 * CALL commit_payload_steps(workflow_id, first_function_id, sizes, seed,
 * compressible, function_name)
 */
Datum
dbos_payload_commit_payload_steps(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	Batch		batch;

	CheckPayloadBatch(fcinfo, false, false, &batch);
	(void) CheckedName(fcinfo, 5, "function_name");
	BeginCommitting(fcinfo, "dbos_payload.commit_payload_steps()");
	CheckPayloadBatch(fcinfo, false, true, &batch);
	batch.operation = "commit_payload_steps";
	batch.key.function_name = (text *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(5));
	RunBatch(&batch, &entry);

	SPI_finish();
	PG_RETURN_VOID();
}
