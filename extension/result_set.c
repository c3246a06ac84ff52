/*
 * result_set.c
 *		Functions that return a set of rows.
 */
#include "result_set.h"

#include "funcapi.h"
#include "miscadmin.h"

/*
 * Prepares a function that returns a set to put its rows, described by
 * *tupdesc, into the tuplestore that is returned.
 */
Tuplestorestate *
BeginSet(FunctionCallInfo fcinfo, TupleDesc *tupdesc)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext oldcontext;
	Tuplestorestate *set;

	if (rsinfo == NULL || !IsA(rsinfo, ReturnSetInfo) ||
		(rsinfo->allowedModes & SFRM_Materialize) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set"),
				 errhint("Call it in FROM.")));

	if (get_call_result_type(fcinfo, NULL, tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	/* both are read after we have returned */
	oldcontext = MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	*tupdesc = CreateTupleDescCopy(*tupdesc);
	set = tuplestore_begin_heap((rsinfo->allowedModes & SFRM_Materialize_Random) != 0,
								false, work_mem);
	MemoryContextSwitchTo(oldcontext);

	rsinfo->returnMode = SFRM_Materialize;
	rsinfo->setResult = set;
	rsinfo->setDesc = *tupdesc;

	return set;
}
