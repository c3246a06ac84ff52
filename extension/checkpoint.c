/*
 * checkpoint.c
 *		One step's way: is it recorded, make its output, store it.
 *
 * The first writer wins.  A step that is recorded is never written again;
 * whoever comes later gets what is recorded.
 */
#include "checkpoint.h"

#include "access/xact.h"
#include "distribution.h"
#include "epoch.h"
#include "executor/spi.h"
#include "statements.h"
#include "text.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "workflows.h"

/* what is recorded at a key; valid until SPI_finish */
typedef struct StoredStep
{
	bool		has_output;
	Datum		output;			/* as stored, perhaps still a TOAST pointer */
	text	   *error;			/* NULL where there is none */
} StoredStep;

const char *const outcome_names[] = {
	[STEP_RECORDED] = "recorded",
	[STEP_ALREADY_RECORDED] = "already_recorded",
	[STEP_CONFLICT] = "conflict",
};

pg_noreturn static void
RaiseEnded(const text *workflow_id, const text *status)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("workflow \"%s\" is not pending", text_to_cstring(workflow_id)),
			 errdetail("Its status is %s.", text_to_cstring(status)),
			 errhint("An ended workflow takes no more steps; read its recorded ones with dbos_payload.step_output(), or start a new workflow.")));
}

/*
 * A step that recorded an error raises it whenever its output is asked for.
 */
void
RaiseStepError(const StepKey *key, const text *error)
{
	ereport(ERROR,
			(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
			 errmsg("step %d of workflow \"%s\" recorded an error",
					key->function_id, text_to_cstring(key->workflow_id)),
			 errdetail("%s", text_to_cstring(error))));
}

/*
 * Another name at the same key means that the workflow's code has changed or
 * that two programs share an id: what is recorded is not this step's.
 */
static void
CheckFunctionName(const StepKey *key, const text *known_name)
{
	if (SameText(known_name, key->function_name))
		return;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("step %d of workflow \"%s\" was recorded by another function",
					key->function_id, text_to_cstring(key->workflow_id)),
			 errdetail("It was recorded as \"%s\", the function name given now is \"%s\".",
					   text_to_cstring(known_name),
					   text_to_cstring(key->function_name)),
			 errhint("Use the same function name to resume the workflow, or another function_id.")));
}

/*
 * Raises an error unless a workflow is there and pending.
 */
static void
CheckPending(text *workflow_id)
{
	text	   *name;
	text	   *status;

	if (!ReadWorkflow(workflow_id, &name, &status))
		RaiseUnknownWorkflow(workflow_id);
	if (!TextIs(status, "PENDING"))
		RaiseEnded(workflow_id, status);
}

/*
 * Looks for a step inside an SPI connection and returns whether it is recorded.
 * Where it is, its workflow must be pending if to_run.  Whether a new step's
 * workflow is, only its INSERT asks, which has to in any case.  Locks nothing.
 */
static bool
ReadStep(const StepKey *key, bool to_run, StoredStep *stored)
{
	Datum		values[2];
	Datum		columns[3];		/* function_name, output, error */
	bool		nulls[3];

	values[0] = PointerGetDatum(key->workflow_id);
	values[1] = Int32GetDatum(key->function_id);
	if (!FetchRow(STATEMENT_READ_STEP, values, !to_run, columns, nulls))
		return false;

	if (to_run)
		CheckPending(key->workflow_id);
	CheckFunctionName(key, DatumGetTextPP(columns[0]));
	stored->output = columns[1];
	stored->has_output = !nulls[1];
	stored->error = nulls[2] ? NULL : DatumGetTextPP(columns[2]);
	return true;
}

/*
 * Inserts a step unless it is there or its workflow is not pending.  Returns
 * whether it did.
 */
static bool
InsertStep(Datum *values, const char *nulls)
{
	if (!StepsAreDistributed())
		return RunStatement(STATEMENT_INSERT_STEP, values, nulls, false) > 0;

	return RunStatement(STATEMENT_SHARE_WORKFLOW, values, NULL, false) > 0 &&
		RunStatement(STATEMENT_INSERT_SHARED_STEP, values, nulls, false) > 0;
}

/*
 * Inserts a step, which locks its workflow's row against being ended until
 * this transaction is over.  Returns false where somebody else was first, and
 * then what they recorded; raises an error where the workflow has ended since
 * it was looked at (40001 where the transaction keeps its snapshot).
 */
static bool
StoreStep(const StepKey *key, bool has_output, Datum output, text *error,
		  int64 started_ms, StoredStep *stored)
{
	Datum		values[7];
	char		nulls[7];

	memset(nulls, ' ', sizeof(nulls));
	values[0] = PointerGetDatum(key->workflow_id);
	values[1] = Int32GetDatum(key->function_id);
	values[2] = PointerGetDatum(key->function_name);
	values[3] = output;
	nulls[3] = has_output ? ' ' : 'n';
	values[4] = PointerGetDatum(error);
	nulls[4] = error != NULL ? ' ' : 'n';
	values[5] = Int64GetDatum(started_ms);
	nulls[5] = started_ms >= 0 ? ' ' : 'n';
	values[6] = Int64GetDatum(EpochMsNow());

	if (InsertStep(values, nulls))
		return true;

	/*
	 * Somebody was first, or there is no such workflow, or it has ended: a new
	 * snapshot sees it, where there can be a new snapshot.
	 */
	if (ReadStep(key, true, stored))
		return false;
	CheckPending(key->workflow_id);

	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to concurrent update"),
				 errdetail("Step %d of workflow \"%s\" was recorded by another transaction.",
						   key->function_id, text_to_cstring(key->workflow_id)),
				 errhint("The transaction might succeed if retried.")));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("step %d of workflow \"%s\" could not be recorded",
					key->function_id, text_to_cstring(key->workflow_id)),
			 errdetail("A trigger, rule or policy on dbos_payload.operation_outputs, or a policy for UPDATE on dbos_payload.workflow_status, kept the row from being written or read.")));
}

/*
 * Fills in the result of a step that was recorded before, in the given context.
 * The output is handed back as it is stored, perhaps as a TOAST pointer, as a
 * plain SELECT hands it: whoever reads it fetches it, and only then.  The
 * caller's snapshot keeps it from being vacuumed until then.
 */
static void
ReplayStep(const StepKey *key, const StoredStep *stored, bool want_output,
		   MemoryContext context, StepResult *result)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(context);

	result->outcome = STEP_ALREADY_RECORDED;
	if (stored->error != NULL)
		result->error = (text *) PG_DETOAST_DATUM_COPY(PointerGetDatum(stored->error));
	else if (!stored->has_output)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("step %d of workflow \"%s\" has neither output nor error",
						key->function_id, text_to_cstring(key->workflow_id)),
				 errdetail("Its row was not written by this extension.")));
	else
	{
		result->bytes = (int64) toast_raw_datum_size(stored->output) - VARHDRSZ;
		if (want_output)
			result->output = (bytea *) DatumGetPointer(datumCopy(stored->output, false, -1));
	}

	MemoryContextSwitchTo(oldcontext);
}

/*
 * A step replayed with another size returns what is recorded, but says so.
 */
static void
WarnOfSize(const StepKey *key, int64 recorded, int64 asked)
{
	ereport(WARNING,
			(errmsg("step %d of workflow \"%s\" was recorded with %lld bytes, %lld were asked for",
					key->function_id, text_to_cstring(key->workflow_id),
					(long long) recorded, (long long) asked),
			 errdetail("The recorded bytes are returned.")));
}

/*
 * Runs a step that makes its payload here.  result->output is NULL unless
 * want_output.  An error that the step recorded earlier is handed back in
 * result->error for the caller to raise.
 *
 * The payload is made once, in the caller's context; that copy is what is
 * stored and what is returned.
 */
void
RunPayloadStep(const StepKey *key, const PayloadSpec *spec, bool want_output,
			   StepTiming *timing, StepResult *result)
{
	MemoryContext caller = CurrentMemoryContext;
	int64		started_ms = EpochMsNow();
	StoredStep	stored;
	bytea	   *payload;

	memset(result, 0, sizeof(*result));
	TimingDescribe(timing, key->workflow_id, key->function_id, spec->size);

	PhaseBegin(timing, PHASE_CHECK);
	SPI_connect();
	if (ReadStep(key, true, &stored))
	{
		ReplayStep(key, &stored, want_output, caller, result);
		SPI_finish();
		PhaseEnd(timing, PHASE_CHECK);
	}
	else
	{
		PhaseEnd(timing, PHASE_CHECK);

		PhaseBegin(timing, PHASE_GENERATE);
		MemoryContextSwitchTo(caller);
		payload = MakePayload(spec);
		PhaseEnd(timing, PHASE_GENERATE);

		PhaseBegin(timing, PHASE_STORE);
		if (StoreStep(key, true, PointerGetDatum(payload), NULL, started_ms, &stored))
		{
			result->bytes = spec->size;
			result->output = payload;
		}
		else
		{
			pfree(payload);
			ReplayStep(key, &stored, want_output, caller, result);
		}
		SPI_finish();
		PhaseEnd(timing, PHASE_STORE);
	}

	if (result->error == NULL && result->bytes != spec->size)
		WarnOfSize(key, result->bytes, spec->size);
}

/*
 * Are two values of bytea or text the same bytes?  Their lengths are compared
 * first, which needs no bytes.
 */
static bool
SameBytes(Datum a, Datum b)
{
	Size		size = toast_raw_datum_size(a);

	if (toast_raw_datum_size(b) != size)
		return false;

	return SameText((text *) PG_DETOAST_DATUM_PACKED(a),
					(text *) PG_DETOAST_DATUM_PACKED(b));
}

/*
 * Runs a step whose output, or error, the client made.  Nothing but the
 * outcome and the recorded length is handed back.
 */
void
RunRecordStep(const StepKey *key, bool has_output, Datum output, text *error,
			  StepTiming *timing, StepResult *result)
{
	StoredStep	stored;
	bool		recorded;

	memset(result, 0, sizeof(*result));
	result->outcome = STEP_RECORDED;
	if (has_output)
		result->bytes = (int64) toast_raw_datum_size(output) - VARHDRSZ;
	TimingDescribe(timing, key->workflow_id, key->function_id, result->bytes);

	PhaseBegin(timing, PHASE_CHECK);
	SPI_connect();
	recorded = ReadStep(key, true, &stored);
	PhaseEnd(timing, PHASE_CHECK);

	/* the server cannot know when the step began */
	PhaseBegin(timing, PHASE_STORE);
	if (recorded || !StoreStep(key, has_output, output, error, -1, &stored))
	{
		bool		same = stored.has_output == has_output &&
			(stored.error != NULL) == (error != NULL);

		if (same && has_output)
			same = SameBytes(stored.output, output);
		if (same && error != NULL)
			same = SameText(stored.error, error);
		result->outcome = same ? STEP_ALREADY_RECORDED : STEP_CONFLICT;
	}
	SPI_finish();
	PhaseEnd(timing, PHASE_STORE);
}

/*
 * Reads what a step has recorded, whatever state its workflow is in.  Both
 * result->output and result->error are NULL where it is not recorded.
 */
void
ReadRecordedStep(const StepKey *key, StepResult *result)
{
	MemoryContext caller = CurrentMemoryContext;
	StoredStep	stored;

	memset(result, 0, sizeof(*result));
	SPI_connect();
	if (ReadStep(key, false, &stored))
		ReplayStep(key, &stored, true, caller, result);
	SPI_finish();
}
