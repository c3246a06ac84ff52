/*
 * dbos_payload.h
 *		Limits, structures and functions shared by the extension's files.
 *
 * Text and bytea arguments of these functions belong to the caller; results
 * are in the caller's current memory context unless a comment says otherwise.
 */
#ifndef DBOS_PAYLOAD_H
#define DBOS_PAYLOAD_H

#include "compat.h"

#include "lib/stringinfo.h"
#include "timing.h"
#include "utils/array.h"
#include "utils/tuplestore.h"

#define MAX_WORKFLOW_ID_BYTES	1024
#define MAX_NAME_BYTES			1024
#define MAX_STEPS_PER_CALL		10000
#define MAX_BATCH_SIZE			100000

/* a payload this long can still be shown as hex in a message under 1 GB */
#define MAX_MAX_PAYLOAD_BYTES		536870000
#define DEFAULT_MAX_PAYLOAD_BYTES	268435456

/* 10^8 is the largest power of ten below MAX_MAX_PAYLOAD_BYTES */
#define MAX_PAYLOAD_EXPONENT	8

/*
 * Versions before 16 export every symbol of a module that is not static, and
 * a module that was loaded earlier would win.
 */
#pragma GCC visibility push(hidden)

/* module.c: the settings */
extern int	max_payload_bytes;
extern bool timing_enabled;
extern bool track_cpu;

/* checks.c: sizes of one call's steps, in the argument's own memory */
typedef struct SizeList
{
	int			count;
	const int64 *sizes;
} SizeList;

/* checks.c: names and outputs of one call's steps */
typedef struct OutputList
{
	int			count;
	text	  **names;
	bytea	  **outputs;
} OutputList;

/* checks.c: workflow ids, in the argument's own memory */
typedef struct IdList
{
	int			count;
	text	  **ids;
} IdList;

extern void CheckNotNull(FunctionCallInfo fcinfo, int argno, const char *name);
extern text *CheckedWorkflowId(FunctionCallInfo fcinfo, int argno);
extern text *CheckedName(FunctionCallInfo fcinfo, int argno, const char *name);
extern int32 CheckedFunctionId(FunctionCallInfo fcinfo, int argno,
							   const char *name);
extern int32 CheckedRange(FunctionCallInfo fcinfo, int argno, const char *name,
						  int32 min, int32 max);
extern void CheckPayloadSize(int64 size, const char *name);
extern SizeList CheckedSizes(ArrayType *array, int32 first_function_id,
							 bool one_commit);
extern OutputList CheckedOutputs(ArrayType *names, ArrayType *outputs,
								 int32 first_function_id, bool one_commit);
extern IdList CheckedWorkflowIds(ArrayType *array);
extern int64 PowerOfTen(int exponent);
extern Tuplestorestate *BeginSet(FunctionCallInfo fcinfo, TupleDesc *tupdesc);

/* random.c: what a payload is made from */
typedef struct PayloadSpec
{
	int64		size;			/* bytes in all */
	int			parts;			/* 0, or how many parts of 10^0, 10^1 ... bytes */
	bool		seeded;
	uint64		seed;			/* part i is made with seed + i */
	int32		compressible;	/* percent */
} PayloadSpec;

extern bytea *MakePayload(const PayloadSpec *spec);
extern void CheckedSpec(FunctionCallInfo fcinfo, int seed_argno,
						PayloadSpec *spec);

/* statements.c: the statements that we run, as kept plans */
typedef enum Statement
{
	STATEMENT_INSERT_STEP,
	STATEMENT_READ_STEP,
	STATEMENT_MEASURE_STEP,
	STATEMENT_FIND_ORPHAN,
	STATEMENT_DELETE_ORPHANS,
	STATEMENT_INSERT_WORKFLOW,
	STATEMENT_READ_WORKFLOW,
	STATEMENT_RESTART_WORKFLOW,
	STATEMENT_LOCK_WORKFLOW,
	STATEMENT_END_WORKFLOW,
	STATEMENT_PURGE_PICK,
	STATEMENT_PURGE_STEPS,
	STATEMENT_PURGE_WORKFLOWS,
	STATEMENT_CHECK_DEFERRED,
	NUM_STATEMENTS
} Statement;

extern uint64 RunStatement(Statement statement, Datum *values,
						   const char *nulls, bool read_only);

/* workflows.c */
extern bool TextIs(const text *value, const char *expected);
extern bool SameText(const text *a, const text *b);
extern int64 EpochMs(void);
pg_noreturn extern void RaiseUnknownWorkflow(const text *workflow_id);
extern bool ReadWorkflow(text *workflow_id, text **name, text **status);
extern void CheckEndStatus(const text *status);
extern text *StartWorkflow(text *workflow_id, text *name);
extern text *TryEndWorkflow(text *workflow_id, text *status, bool *ended);
extern text *EndWorkflow(text *workflow_id, text *status, bool cancel);

/* steps.c: which step, and what became of it */
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

extern void RunPayloadStep(const StepKey *key, const PayloadSpec *spec,
						   bool want_output, StepTiming *timing,
						   StepResult *result);
extern void RunRecordStep(const StepKey *key, bool has_output, Datum output,
						  text *error, StepTiming *timing, StepResult *result);
pg_noreturn extern void RaiseStepError(const StepKey *key, const text *error);
pg_noreturn extern void RaiseConflict(const StepKey *key, int position);

/* skipped.c: workflows that a procedure passed over */
typedef struct SkippedWorkflows
{
	int64		count;
	StringInfoData named;		/* why, for the first of them */
} SkippedWorkflows;

extern void InitSkipped(SkippedWorkflows *skipped);
extern void AddSkipped(SkippedWorkflows *skipped, const text *workflow_id,
					   const char *why, const char *what);
extern void WarnOfSkipped(const SkippedWorkflows *skipped, const char *hint);
/* record.c */
extern const char *OutcomeName(StepOutcome outcome);

/* procedures.c */
extern void BeginCommitting(FunctionCallInfo fcinfo, const char *name);
extern void CommitAndGoOn(void);
extern Datum EndCommittingInt64(const char *column, int64 value);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_H */
