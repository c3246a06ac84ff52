/*
 * checkpoint.h
 *		One step's way: is it recorded, make its output, store it.
 *
 * Texts and payloads given belong to the caller; what is handed back is in its
 * current memory context.
 */
#ifndef DBOS_PAYLOAD_CHECKPOINT_H
#define DBOS_PAYLOAD_CHECKPOINT_H

#include "compat.h"

#include "payload.h"
#include "timing.h"

#pragma GCC visibility push(hidden)

/* which step, and what became of it */
typedef struct StepKey
{
	text	   *workflow_id;
	int32		function_id;
	text	   *function_name;
} StepKey;

typedef enum StepOutcome
{
	STEP_RECORDED,				/* by us, now */
	STEP_ALREADY_RECORDED,		/* earlier, or by somebody else */
	STEP_CONFLICT				/* already recorded, with other bytes */
} StepOutcome;

typedef struct StepResult
{
	StepOutcome outcome;
	int64		bytes;			/* length of the recorded output */
	bytea	   *output;			/* NULL where it was not wanted */
	text	   *error;			/* the error that was recorded, or NULL */
} StepResult;

/* what SQL calls them */
extern const char *const outcome_names[];

extern void RunPayloadStep(const StepKey *key, const PayloadSpec *spec,
						   bool want_output, StepTiming *timing,
						   StepResult *result);
extern void RunRecordStep(const StepKey *key, bool has_output, Datum output,
						  text *error, StepTiming *timing, StepResult *result);
extern void ReadRecordedStep(const StepKey *key, StepResult *result);
pg_noreturn extern void RaiseStepError(const StepKey *key, const text *error);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_CHECKPOINT_H */
