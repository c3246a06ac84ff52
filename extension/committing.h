/*
 * committing.h
 *		What procedures that commit as they go have in common.
 */
#ifndef DBOS_PAYLOAD_COMMITTING_H
#define DBOS_PAYLOAD_COMMITTING_H

#include "compat.h"

#include "lib/stringinfo.h"

#pragma GCC visibility push(hidden)

/* the workflows that a procedure passed over while it went on; 0 and empty at first */
typedef struct SkippedWorkflows
{
	int64		count;
	StringInfoData named;		/* the first of them, and why */
} SkippedWorkflows;

extern void BeginCommitting(FunctionCallInfo fcinfo, const char *procedure);
extern void CommitAndGoOn(void);
extern void AddSkipped(SkippedWorkflows *skipped, const text *workflow_id,
					   const char *why, const char *what);
extern void WarnOfSkipped(const SkippedWorkflows *skipped, const char *hint);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_COMMITTING_H */
