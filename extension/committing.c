/*
 * committing.c
 *		What procedures that commit as they go have in common.
 *
 * Between BeginCommitting and EndCommitting... we are in an SPI connection that
 * may commit, and the current memory context is one that survives a commit.
 * Arguments are copied into it before the first one.
 */
#include "committing.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"

/*
 * Enters a procedure that commits.  Raises 2D000 where it could not commit,
 * 25006 where it could not write, before anything is done.
 */
void
BeginCommitting(FunctionCallInfo fcinfo, const char *name)
{
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		((CallContext *) fcinfo->context)->atomic || IsSubTransaction())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("%s cannot run inside a transaction block", name),
				 errdetail("It commits its work as it goes."),
				 errhint("CALL it outside a transaction block, as a statement of its own.")));
	PreventCommandIfReadOnly(name);

	SPI_connect_ext(SPI_OPT_NONATOMIC);
}

/*
 * Commits.  Newer servers have begun the next transaction by then, older ones
 * need to be asked.
 */
void
CommitAndGoOn(void)
{
	SPI_commit();
	SPI_start_transaction();
}

/*
 * Returns the row of a procedure's one INOUT column.
 */
static Datum
MakeRow(const char *column, Oid type, Datum value)
{
	TupleDesc	tupdesc = CreateTemplateTupleDesc(1);
	bool		isnull = false;

	TupleDescInitEntry(tupdesc, (AttrNumber) 1, column, type, -1, 0);
	BlessTupleDesc(tupdesc);

	return HeapTupleGetDatum(heap_form_tuple(tupdesc, &value, &isnull));
}

/*
 * Leave a procedure that commits; return the row of its one INOUT column.  They
 * take no Datum: where an int8 is passed by reference, one made before would go
 * with the memory that SPI_finish frees.
 */
Datum
EndCommittingBool(const char *column, bool value)
{
	SPI_finish();
	return MakeRow(column, BOOLOID, BoolGetDatum(value));
}

Datum
EndCommittingInt64(const char *column, int64 value)
{
	SPI_finish();
	return MakeRow(column, INT8OID, Int64GetDatum(value));
}
