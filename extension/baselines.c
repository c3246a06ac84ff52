/*
 * baselines.c
 *		Baselines: calls that leave out one part of a step or more, so
 *		that what they leave out can be told from the difference.
 */
#include "checks.h"
#include "payload.h"
#include "timing.h"

PG_FUNCTION_INFO_V1(dbos_payload_no_op);
PG_FUNCTION_INFO_V1(dbos_payload_receive_payload);
PG_FUNCTION_INFO_V1(dbos_payload_send_payload);

/*
 * no_op() does nothing.
 */
Datum
dbos_payload_no_op(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	StepTiming *timing = TimingBegin("no_op", &entry);

	(void) fcinfo;				/* takes no arguments */

	TimingEnd(timing, NULL, 0);
	PG_RETURN_VOID();
}

/*
 * A durable baseline writes an empty message to the WAL, which its commit flushes as
 * it would a step's row.
 */
static void
WriteMessage(StepTiming *timing)
{
	PhaseBegin(timing, PHASE_STORE);
	(void) LogMessage("dbos_payload", "", 0);
	PhaseEnd(timing, PHASE_STORE);
}

/*
 * receive_payload(payload, durable) returns its length and drops it.
 */
Datum
dbos_payload_receive_payload(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	StepTiming *timing = TimingBegin("receive_payload", &entry);
	int64		bytes = (int64) toast_raw_datum_size(PG_GETARG_DATUM(0)) - VARHDRSZ;

	if (PG_GETARG_BOOL(1))
		CheckMayWrite("receive_payload");
	TimingDescribe(timing, NULL, 0, bytes);
	if (PG_GETARG_BOOL(1))
		WriteMessage(timing);
	TimingEnd(timing, NULL, bytes);
	PG_RETURN_INT64(bytes);
}

/*
 * send_payload(size, seed, compressible, durable) makes a payload and returns
 * it.
 */
Datum
dbos_payload_send_payload(PG_FUNCTION_ARGS)
{
	TimingEntry entry = TimingEnter();
	StepTiming *timing = TimingBegin("send_payload", &entry);
	PayloadSpec spec;
	bytea	   *payload;

	CheckNotNull(fcinfo, 0, "size");
	CheckedSpec(fcinfo, 1, &spec);
	spec.size = PG_GETARG_INT64(0);
	CheckPayloadSize(spec.size, "size");
	CheckNotNull(fcinfo, 3, "durable");
	if (PG_GETARG_BOOL(3))
		CheckMayWrite("send_payload");
	TimingDescribe(timing, NULL, 0, spec.size);

	PhaseBegin(timing, PHASE_GENERATE);
	payload = MakePayload(&spec);
	PhaseEnd(timing, PHASE_GENERATE);

	if (PG_GETARG_BOOL(3))
		WriteMessage(timing);

	TimingEnd(timing, NULL, spec.size);
	PG_RETURN_BYTEA_P(payload);
}
