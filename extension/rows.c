/*
 * rows.c
 *		Returning rows: one, or a set.
 */
#include "rows.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"

static TupleDesc
RowType(FunctionCallInfo fcinfo)
{
	TupleDesc	tupdesc;

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	return BlessTupleDesc(tupdesc);
}

/*
 * Returns a row of the type that the function, or procedure, returns.
 */
Datum
MakeRow(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	return HeapTupleGetDatum(heap_form_tuple(RowType(fcinfo), values, nulls));
}

/*
 * Likewise of a procedure whose one INOUT argument is an int8.
 */
Datum
MakeCountRow(FunctionCallInfo fcinfo, int64 count)
{
	Datum		value = Int64GetDatum(count);
	bool		isnull = false;

	return MakeRow(fcinfo, &value, &isnull);
}

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

	/* both are read after we have returned */
	oldcontext = MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	*tupdesc = RowType(fcinfo);
	set = tuplestore_begin_heap((rsinfo->allowedModes & SFRM_Materialize_Random) != 0,
								false, work_mem);
	MemoryContextSwitchTo(oldcontext);

	rsinfo->returnMode = SFRM_Materialize;
	rsinfo->setResult = set;
	rsinfo->setDesc = *tupdesc;

	return set;
}
