/*
 * committing.h
 *		What procedures that commit as they go have in common.
 */
#ifndef DBOS_PAYLOAD_COMMITTING_H
#define DBOS_PAYLOAD_COMMITTING_H

#include "compat.h"

#pragma GCC visibility push(hidden)

extern void BeginCommitting(FunctionCallInfo fcinfo, const char *name);
extern void CommitAndGoOn(void);
extern Datum EndCommittingBool(const char *column, bool value);
extern Datum EndCommittingInt64(const char *column, int64 value);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_COMMITTING_H */
