/*
 * checks.h
 *		Checking arguments, before anything is allocated or written.
 */
#ifndef DBOS_PAYLOAD_CHECKS_H
#define DBOS_PAYLOAD_CHECKS_H

#include "compat.h"

#include "utils/array.h"

#pragma GCC visibility push(hidden)

#define MAX_WORKFLOW_ID_BYTES	1024
#define MAX_NAME_BYTES			1024
#define MAX_STEPS_PER_CALL		10000
#define MAX_BATCH_SIZE			100000

/* workflow ids, in the argument's own memory */
typedef struct IdList
{
	int			count;
	text	  **ids;
} IdList;

extern void CheckMayWrite(const char *function);
extern void CheckNotNull(FunctionCallInfo fcinfo, int argno, const char *name);
extern text *CheckedWorkflowId(FunctionCallInfo fcinfo, int argno);
extern text *CheckedName(FunctionCallInfo fcinfo, int argno, const char *name);
extern int32 CheckedFunctionId(FunctionCallInfo fcinfo, int argno,
							   const char *name);
extern int32 CheckedRange(FunctionCallInfo fcinfo, int argno, const char *name,
						  int32 min, int32 max);
extern void CheckPayloadSize(int64 size, const char *name);
extern int	CheckedSizes(ArrayType *array, int32 first_function_id,
						 bool one_commit, const int64 **sizes);
extern int	CheckedOutputs(ArrayType *names_array, ArrayType *outputs_array,
						   int32 first_function_id, bool one_commit,
						   text ***names, bytea ***outputs);
extern IdList CheckedWorkflowIds(ArrayType *array);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_CHECKS_H */
