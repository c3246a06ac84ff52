/*
 * plans.h
 *		Statements whose plans the session keeps.
 */
#ifndef DBOS_PAYLOAD_PLANS_H
#define DBOS_PAYLOAD_PLANS_H

#include "compat.h"

#include "executor/spi.h"
#include "lookups.h"

#define MAX_STATEMENT_ARGS	7

/* what is planned */
typedef struct StatementText
{
	const char *text;
	int			nargs;
	Oid			argtypes[MAX_STATEMENT_ARGS];
	int			options;		/* CURSOR_OPT_GENERIC_PLAN or CURSOR_OPT_CUSTOM_PLAN */
} StatementText;

/* and what is kept of it; all zero before the first run */
typedef struct KeptPlan
{
	SPIPlanPtr	plan;
	int			generation;		/* of the plan that was looked at last */
	int64		scanned_blocks; /* of the tables that it reads whole, when it was
								 * made; -1 where it reads none */
	Lookup		lookup;			/* what of it needs no executor */
} KeptPlan;

#pragma GCC visibility push(hidden)

extern uint64 RunKept(KeptPlan *kept, const StatementText *statement,
					  Datum *values, const char *nulls, bool read_only);
extern Portal OpenKept(KeptPlan *kept, const StatementText *statement, Datum *values);
extern bool FetchKept(KeptPlan *kept, const StatementText *statement,
					  Datum *values, bool read_only, Datum *columns, bool *nulls);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_PLANS_H */
