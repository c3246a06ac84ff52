/*
 * statements.h
 *		The statements that we run.
 */
#ifndef DBOS_PAYLOAD_STATEMENTS_H
#define DBOS_PAYLOAD_STATEMENTS_H

#include "compat.h"

#include "utils/portal.h"

#pragma GCC visibility push(hidden)

typedef enum Statement
{
	STATEMENT_INSERT_STEP,
	STATEMENT_SHARE_WORKFLOW,
	STATEMENT_INSERT_SHARED_STEP,
	STATEMENT_READ_STEP,
	STATEMENT_LIST_STEPS,
	STATEMENT_MEASURE_STEP,
	STATEMENT_FIND_ORPHAN,
	STATEMENT_DELETE_ORPHANS,
	STATEMENT_INSERT_WORKFLOW,
	STATEMENT_READ_WORKFLOW,
	STATEMENT_RESTART_WORKFLOW,
	STATEMENT_LOCK_WORKFLOW,
	STATEMENT_END_WORKFLOW,
	STATEMENT_PURGE_PICK,
	STATEMENT_PURGE_PICK_UNLOCKED,
	STATEMENT_PURGE_LOCK,
	STATEMENT_PURGE_STEPS,
	STATEMENT_PURGE_WORKFLOWS,
	STATEMENT_CHECK_DEFERRED,
	NUM_STATEMENTS
} Statement;

extern uint64 RunStatement(Statement statement, Datum *values,
						   const char *nulls, bool read_only);
extern Portal OpenStatement(Statement statement, Datum *values);
extern bool FetchRow(Statement statement, Datum *values, bool read_only,
					 Datum *columns, bool *nulls);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_STATEMENTS_H */
