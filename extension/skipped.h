/*
 * skipped.h
 *		The workflows that a procedure passed over while it went on.
 */
#ifndef DBOS_PAYLOAD_SKIPPED_H
#define DBOS_PAYLOAD_SKIPPED_H

#include "compat.h"

#include "lib/stringinfo.h"

#pragma GCC visibility push(hidden)

typedef struct SkippedWorkflows
{
	int64		count;
	StringInfoData named;		/* why, for the first of them */
} SkippedWorkflows;

extern void InitSkipped(SkippedWorkflows *skipped);
extern void AddSkipped(SkippedWorkflows *skipped, const text *workflow_id,
					   const char *why, const char *what);
extern void WarnOfSkipped(const SkippedWorkflows *skipped, const char *hint);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_SKIPPED_H */
