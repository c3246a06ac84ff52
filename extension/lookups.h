/*
 * lookups.h
 *		Rows that are looked up by their key, without the executor.
 */
#ifndef DBOS_PAYLOAD_LOOKUPS_H
#define DBOS_PAYLOAD_LOOKUPS_H

#include "compat.h"

#include "access/attnum.h"
#include "nodes/plannodes.h"

#define MAX_LOOKUP_KEYS		2
#define MAX_LOOKUP_COLUMNS	3

/* a plan that is a search in an index and nothing else */
typedef struct Lookup
{
	int			nkeys;			/* 0: the plan is something else */
	int			ncolumns;
	Oid			table;
	Oid			index;
	struct
	{
		AttrNumber	column;
		int			argument;	/* which of the statement's, from 0 */
		Oid			equal;		/* the function */
		Oid			collation;
	}			keys[MAX_LOOKUP_KEYS];
	AttrNumber	columns[MAX_LOOKUP_COLUMNS];
} Lookup;

#pragma GCC visibility push(hidden)

extern void DescribeLookup(const PlannedStmt *stmt, Lookup *lookup);
extern bool RunLookup(const Lookup *lookup, PlannedStmt *stmt, const Datum *values,
					  bool read_only, Datum *columns, bool *nulls);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_LOOKUPS_H */
