/*
 * record.c
 *		Checkpoints that a client makes, and many in one call.
 */
#include "dbos_payload.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(dbos_payload_record_step);
PG_FUNCTION_INFO_V1(dbos_payload_record_steps);
PG_FUNCTION_INFO_V1(dbos_payload_payload_steps);

const char *
OutcomeName(StepOutcome outcome)
{
	switch (outcome)
	{
		case STEP_RECORDED:
			return "recorded";
		case STEP_ALREADY_RECORDED:
			return "already_recorded";
		case STEP_CONFLICT:
			return "conflict";
	}
	pg_unreachable();
}

/*
 * In a batch a conflict is an error; position counts from 1.
 */
void
RaiseConflict(const StepKey *key, int position)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("step %d of workflow \"%s\" was recorded with another output",
					key->function_id, text_to_cstring(key->workflow_id)),
			 errdetail("Element %d of outputs differs from what is recorded.", position),
			 errhint("The recorded output stays; read it with dbos_payload.step_output().")));
}

/*
 * record_step(workflow_id, function_id, function_name, output, error) returns
 * recorded, already_recorded or conflict.
 */
Datum
dbos_payload_record_step(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	StepTiming *timing = TimingBegin("record_step", &entry);
	bool		has_output = !PG_ARGISNULL(3);
	bool		has_error = !PG_ARGISNULL(4);
	StepKey		key;
	StepResult	result;

	key.workflow_id = CheckedWorkflowId(fcinfo, 0);
	key.function_id = CheckedFunctionId(fcinfo, 1, "function_id");
	key.function_name = CheckedName(fcinfo, 2, "function_name");
	if (!has_error)
		CheckNotNull(fcinfo, 3, "output");
	if (has_output && has_error)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a step has either an output or an error"),
				 errhint("Give NULL for the output of a step that failed.")));
	if (has_output)
		CheckPayloadSize((int64) toast_raw_datum_size(PG_GETARG_DATUM(3)) - VARHDRSZ,
						 "output");
	if (has_error)
		CheckPayloadSize((int64) toast_raw_datum_size(PG_GETARG_DATUM(4)) - VARHDRSZ,
						 "error");

	PreventCommandIfReadOnly("dbos_payload.record_step()");
	RunRecordStep(&key, has_output, has_output ? PG_GETARG_DATUM(3) : (Datum) 0,
				  has_error ? PG_GETARG_TEXT_PP(4) : NULL, timing, &result);

	TimingEnd(timing, OutcomeName(result.outcome), result.bytes);
	PG_RETURN_TEXT_P(cstring_to_text(OutcomeName(result.outcome)));
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
 * record_steps(workflow_id, first_function_id, function_names, outputs)
 * records all or none of the steps.
 */
Datum
dbos_payload_record_steps(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	TupleDesc	tupdesc;
	Tuplestorestate *set;
	MemoryContext per_step;
	MemoryContext oldcontext;
	StepKey		key;
	int32		first;
	OutputList	list;
	int			i;

	key.workflow_id = CheckedWorkflowId(fcinfo, 0);
	first = CheckedFunctionId(fcinfo, 1, "first_function_id");
	CheckNotNull(fcinfo, 2, "function_names");
	CheckNotNull(fcinfo, 3, "outputs");
	list = CheckedOutputs(PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3),
						  first, true);
	PreventCommandIfReadOnly("dbos_payload.record_steps()");
	set = BeginSet(fcinfo, &tupdesc);

	per_step = AllocSetContextCreate(CurrentMemoryContext, "dbos_payload step",
									 ALLOCSET_DEFAULT_SIZES);
	oldcontext = MemoryContextSwitchTo(per_step);
	for (i = 0; i < list.count; i++)
	{
		StepTiming *timing = TimingBegin("record_steps", i == 0 ? &entry : NULL);
		StepResult	result;

		CHECK_FOR_INTERRUPTS();
		key.function_id = first + i;
		key.function_name = list.names[i];
		RunRecordStep(&key, true, PointerGetDatum(list.outputs[i]), NULL,
					  timing, &result);
		if (result.outcome == STEP_CONFLICT)
			RaiseConflict(&key, i + 1);
		AddOutcome(set, tupdesc, key.function_id, result.outcome);
		TimingEnd(timing, OutcomeName(result.outcome), result.bytes);
		MemoryContextReset(per_step);
	}
	MemoryContextSwitchTo(oldcontext);
	MemoryContextDelete(per_step);

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
	TupleDesc	tupdesc;
	Tuplestorestate *set;
	MemoryContext per_step;
	MemoryContext oldcontext;
	StepKey		key;
	PayloadSpec spec;
	uint64		seed;
	int32		first;
	SizeList	list;
	int			i;

	key.workflow_id = CheckedWorkflowId(fcinfo, 0);
	key.function_name = cstring_to_text("payload_step");
	first = CheckedFunctionId(fcinfo, 1, "first_function_id");
	CheckNotNull(fcinfo, 2, "sizes");
	CheckedSpec(fcinfo, 3, &spec);
	seed = spec.seed;
	list = CheckedSizes(PG_GETARG_ARRAYTYPE_P(2), first, true);
	PreventCommandIfReadOnly("dbos_payload.payload_steps()");
	set = BeginSet(fcinfo, &tupdesc);

	per_step = AllocSetContextCreate(CurrentMemoryContext, "dbos_payload step",
									 ALLOCSET_DEFAULT_SIZES);
	oldcontext = MemoryContextSwitchTo(per_step);
	for (i = 0; i < list.count; i++)
	{
		StepTiming *timing = TimingBegin("payload_steps", i == 0 ? &entry : NULL);
		StepResult	result;

		CHECK_FOR_INTERRUPTS();
		key.function_id = first + i;
		spec.size = list.sizes[i];
		spec.seed = seed + (uint64) i;
		RunPayloadStep(&key, &spec, false, timing, &result);
		if (result.error != NULL)
			RaiseStepError(&key, result.error);
		AddOutcome(set, tupdesc, key.function_id, result.outcome);
		TimingEnd(timing, OutcomeName(result.outcome), result.bytes);
		MemoryContextReset(per_step);
	}
	MemoryContextSwitchTo(oldcontext);
	MemoryContextDelete(per_step);

	PG_RETURN_NULL();
}
