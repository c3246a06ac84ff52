/*
 * steps.c
 *		The functions that record one step, or read it.
 */
#include "checkpoint.h"

#include "checks.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "rows.h"
#include "statements.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(dbos_payload_payload_step);
PG_FUNCTION_INFO_V1(dbos_payload_size_step);
PG_FUNCTION_INFO_V1(dbos_payload_batch_size_step);
PG_FUNCTION_INFO_V1(dbos_payload_record_step);
PG_FUNCTION_INFO_V1(dbos_payload_step_output);
PG_FUNCTION_INFO_V1(dbos_payload_list_steps);

/* rows that list_steps holds in memory at a time */
#define LIST_ROWS	1000

static void
CheckKey(FunctionCallInfo fcinfo, StepKey *key)
{
	key->workflow_id = CheckedWorkflowId(fcinfo, 0);
	key->function_id = CheckedFunctionId(fcinfo, 1, "function_id");
}

/*
 * The body that payload_step, size_step and batch_size_step share: their
 * arguments but for the size, which what says where it is from.
 */
static Datum
ReturnPayloadStep(FunctionCallInfo fcinfo, const char *operation, int64 size,
				  const char *what, int parts, text *function_name)
{
	TimingEntry entry = TimingEnter();
	StepTiming *timing = TimingBegin(operation, &entry);
	StepKey		key;
	PayloadSpec spec;
	StepResult	result;

	CheckKey(fcinfo, &key);
	key.function_name = function_name;
	CheckedSpec(fcinfo, 3, &spec);
	spec.size = size;
	spec.parts = parts;
	CheckPayloadSize(size, what);
	CheckMayWrite(operation);

	RunPayloadStep(&key, &spec, true, timing, &result);
	if (result.error != NULL)
		RaiseStepError(&key, result.error);

	TimingEnd(timing, outcome_names[result.outcome], result.bytes);
	PG_RETURN_BYTEA_P(result.output);
}

/*
 * payload_step(workflow_id, function_id, size, seed, compressible,
 * function_name) returns the recorded payload.
 */
Datum
dbos_payload_payload_step(PG_FUNCTION_ARGS)
{
	CheckNotNull(fcinfo, 2, "size");
	return ReturnPayloadStep(fcinfo, "payload_step", PG_GETARG_INT64(2), "size", 0,
							 CheckedName(fcinfo, 5, "function_name"));
}

/*
 * size_step(workflow_id, function_id, payload_size, seed, compressible)
 * returns the recorded payload of 10^payload_size bytes.
 */
Datum
dbos_payload_size_step(PG_FUNCTION_ARGS)
{
	int			exponent = CheckedRange(fcinfo, 2, "payload_size",
										0, MAX_PAYLOAD_EXPONENT);

	return ReturnPayloadStep(fcinfo, "size_step", PowerOfTen(exponent),
							 "10^payload_size", 0, cstring_to_text("size_step"));
}

/*
 * batch_size_step(workflow_id, function_id, iterations, seed, compressible)
 * returns the recorded payloads of 10^0 ... 10^(iterations - 1) bytes.
 */
Datum
dbos_payload_batch_size_step(PG_FUNCTION_ARGS)
{
	int			parts = CheckedRange(fcinfo, 2, "iterations",
									 1, MAX_PAYLOAD_EXPONENT + 1);

	return ReturnPayloadStep(fcinfo, "batch_size_step", PowersTotal(parts),
							 "the payload of all iterations", parts,
							 cstring_to_text("batch_size_step"));
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

	CheckKey(fcinfo, &key);
	key.function_name = CheckedName(fcinfo, 2, "function_name");
	if (!has_error)
		CheckNotNull(fcinfo, 3, "output");
	if (has_output && has_error)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a step has either an output or an error"),
				 errhint("Give NULL for the output of a step that failed.")));
	CheckPayloadSize((int64) toast_raw_datum_size(PG_GETARG_DATUM(has_error ? 4 : 3)) - VARHDRSZ,
					 has_error ? "error" : "output");

	CheckMayWrite("record_step");
	RunRecordStep(&key, has_output, has_output ? PG_GETARG_DATUM(3) : (Datum) 0,
				  has_error ? PG_GETARG_TEXT_PP(4) : NULL, timing, &result);

	TimingEnd(timing, outcome_names[result.outcome], result.bytes);
	PG_RETURN_TEXT_P(cstring_to_text(outcome_names[result.outcome]));
}

/*
 * step_output(workflow_id, function_id, function_name) returns a step's
 * recorded output, NULL where it is not recorded.
 */
Datum
dbos_payload_step_output(PG_FUNCTION_ARGS)
{
	StepKey		key;
	StepResult	result;

	CheckKey(fcinfo, &key);
	key.function_name = CheckedName(fcinfo, 2, "function_name");

	ReadRecordedStep(&key, &result);
	if (result.error != NULL)
		RaiseStepError(&key, result.error);
	if (result.output == NULL)
		PG_RETURN_NULL();
	PG_RETURN_BYTEA_P(result.output);
}

/*
 * list_steps(workflow_id) returns what is recorded, never payloads.
 */
Datum
dbos_payload_list_steps(PG_FUNCTION_ARGS)
{
	TupleDesc	tupdesc;
	Tuplestorestate *set = BeginSet(fcinfo, &tupdesc);
	Datum		values[1];
	Portal		portal;
	uint64		count;

	values[0] = PG_GETARG_DATUM(0);
	SPI_connect();
	portal = OpenStatement(STATEMENT_LIST_STEPS, values);
	do
	{
		uint64		i;

		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, LIST_ROWS);
		count = SPI_processed;
		for (i = 0; i < count; i++)
			tuplestore_puttuple(set, SPI_tuptable->vals[i]);
		SPI_freetuptable(SPI_tuptable);
	} while (count == LIST_ROWS);
	SPI_cursor_close(portal);
	SPI_finish();

	PG_RETURN_NULL();
}
