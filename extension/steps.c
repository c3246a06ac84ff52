/*
 * steps.c
 *		The functions that record one step, or read it.
 */
#include "checkpoint.h"

#include "checks.h"
#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(dbos_payload_payload_step);
PG_FUNCTION_INFO_V1(dbos_payload_size_step);
PG_FUNCTION_INFO_V1(dbos_payload_batch_size_step);
PG_FUNCTION_INFO_V1(dbos_payload_record_step);
PG_FUNCTION_INFO_V1(dbos_payload_step_output);

/*
 * The body that payload_step, size_step and batch_size_step share.
 */
static Datum
ReturnPayloadStep(const StepKey *key, const PayloadSpec *spec, StepTiming *timing)
{
	StepResult	result;

	RunPayloadStep(key, spec, true, timing, &result);
	if (result.error != NULL)
		RaiseStepError(key, result.error);

	TimingEnd(timing, OutcomeName(result.outcome), result.bytes);
	PG_RETURN_BYTEA_P(result.output);
}

/*
 * payload_step(workflow_id, function_id, size, seed, compressible,
 * function_name) returns the recorded payload.
 */
Datum
dbos_payload_payload_step(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	StepTiming *timing = TimingBegin("payload_step", &entry);
	StepKey		key;
	PayloadSpec spec;

	key.workflow_id = CheckedWorkflowId(fcinfo, 0);
	key.function_id = CheckedFunctionId(fcinfo, 1, "function_id");
	CheckNotNull(fcinfo, 2, "size");
	CheckedSpec(fcinfo, 3, &spec);
	spec.size = PG_GETARG_INT64(2);
	CheckPayloadSize(spec.size, "size");
	key.function_name = CheckedName(fcinfo, 5, "function_name");

	PreventCommandIfReadOnly("dbos_payload.payload_step()");
	return ReturnPayloadStep(&key, &spec, timing);
}

/*
 * size_step(workflow_id, function_id, payload_size, seed, compressible)
 * returns the recorded payload of 10^payload_size bytes.
 */
Datum
dbos_payload_size_step(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	StepTiming *timing = TimingBegin("size_step", &entry);
	StepKey		key;
	PayloadSpec spec;

	key.workflow_id = CheckedWorkflowId(fcinfo, 0);
	key.function_id = CheckedFunctionId(fcinfo, 1, "function_id");
	CheckedSpec(fcinfo, 3, &spec);
	spec.size = PowerOfTen(CheckedRange(fcinfo, 2, "payload_size",
										0, MAX_PAYLOAD_EXPONENT));
	CheckPayloadSize(spec.size, "10^payload_size");
	key.function_name = cstring_to_text("size_step");

	PreventCommandIfReadOnly("dbos_payload.size_step()");
	return ReturnPayloadStep(&key, &spec, timing);
}

/*
 * batch_size_step(workflow_id, function_id, iterations, seed, compressible)
 * returns the recorded payloads of 10^0 ... 10^(iterations - 1) bytes.
 */
Datum
dbos_payload_batch_size_step(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	StepTiming *timing = TimingBegin("batch_size_step", &entry);
	StepKey		key;
	PayloadSpec spec;

	key.workflow_id = CheckedWorkflowId(fcinfo, 0);
	key.function_id = CheckedFunctionId(fcinfo, 1, "function_id");
	CheckedSpec(fcinfo, 3, &spec);
	spec.parts = CheckedRange(fcinfo, 2, "iterations", 1, MAX_PAYLOAD_EXPONENT + 1);
	spec.size = PowerOfTen(spec.parts) / 9; /* 1, 11, 111 ... */
	CheckPayloadSize(spec.size, "the payload of all iterations");
	key.function_name = cstring_to_text("batch_size_step");

	PreventCommandIfReadOnly("dbos_payload.batch_size_step()");
	return ReturnPayloadStep(&key, &spec, timing);
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

/*
 * step_output(workflow_id, function_id, function_name) returns a step's
 * recorded output, NULL where it is not recorded.
 */
Datum
dbos_payload_step_output(PG_FUNCTION_ARGS)
{
	StepKey		key;
	StepResult	result;

	key.workflow_id = CheckedWorkflowId(fcinfo, 0);
	key.function_id = CheckedFunctionId(fcinfo, 1, "function_id");
	key.function_name = CheckedName(fcinfo, 2, "function_name");

	ReadRecordedStep(&key, &result);
	if (result.error != NULL)
		RaiseStepError(&key, result.error);
	if (result.output == NULL)
		PG_RETURN_NULL();
	PG_RETURN_BYTEA_P(result.output);
}
