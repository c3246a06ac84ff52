/*
 * workflows.h
 *		Starting, finishing and cancelling workflows.
 */
#ifndef DBOS_PAYLOAD_WORKFLOWS_H
#define DBOS_PAYLOAD_WORKFLOWS_H

#include "compat.h"

#pragma GCC visibility push(hidden)

pg_noreturn extern void RaiseUnknownWorkflow(const text *workflow_id);
extern bool ReadWorkflow(text *workflow_id, text **name, text **status);
extern text *StartWorkflow(text *workflow_id, text *name);
extern text *CheckedEndStatus(FunctionCallInfo fcinfo, int argno);
extern text *TryEndWorkflow(text *workflow_id, text *status, bool *ended);
extern text *EndWorkflow(text *workflow_id, text *status, bool cancel);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_WORKFLOWS_H */
