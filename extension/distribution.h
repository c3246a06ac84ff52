/*
 * distribution.h
 *		Tables that Citus has spread over several servers.
 */
#ifndef DBOS_PAYLOAD_DISTRIBUTION_H
#define DBOS_PAYLOAD_DISTRIBUTION_H

#include "compat.h"

#pragma GCC visibility push(hidden)

extern bool StepsAreDistributed(void);
extern bool WorkflowIsHere(text *workflow_id);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_DISTRIBUTION_H */
