/*
 * rows.h
 *		Returning rows: one, or a set.
 */
#ifndef DBOS_PAYLOAD_ROWS_H
#define DBOS_PAYLOAD_ROWS_H

#include "compat.h"

#include "utils/tuplestore.h"

#pragma GCC visibility push(hidden)

extern Datum MakeRow(FunctionCallInfo fcinfo, Datum *values, bool *nulls);
extern Datum MakeCountRow(FunctionCallInfo fcinfo, int64 count);
extern Tuplestorestate *BeginSet(FunctionCallInfo fcinfo, TupleDesc *tupdesc);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_ROWS_H */
