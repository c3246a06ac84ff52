/*
 * result_set.h
 *		Functions that return a set of rows.
 */
#ifndef DBOS_PAYLOAD_RESULT_SET_H
#define DBOS_PAYLOAD_RESULT_SET_H

#include "compat.h"

#include "utils/tuplestore.h"

#pragma GCC visibility push(hidden)

extern Tuplestorestate *BeginSet(FunctionCallInfo fcinfo, TupleDesc *tupdesc);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_RESULT_SET_H */
