/*
 * purge.c
 *		Deleting workflows that ended long ago, a batch to a commit.
 *
 * They are gone through once, in the order of when they ended; what is locked or
 * cannot be deleted stays behind, and is never picked a second time.  Nothing
 * waits for a workflow that somebody else has locked, another purge say.
 */
#include "compat.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "checks.h"
#include "committing.h"
#include "distribution.h"
#include "epoch.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "rows.h"
#include "statements.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(dbos_payload_purge);

/* one call, and how far it has come */
typedef struct Purge
{
	int64		cutoff_ms;		/* what ended then or before goes */
	int32		batch_size;
	MemoryContext context;		/* of last_id */
	int64		last_ms;		/* when the last one picked ended, */
	text	   *last_id;		/* and its id */
	int64		purged;
	SkippedWorkflows kept;		/* could not be deleted */
} Purge;

/*
 * Returns the moment, in ms since 1970-01-01 UTC, that lies an interval ago.
 */
static int64
CutoffMs(Interval *older_than)
{
	Interval	zero = {0};
	Datum		cutoff;

	if (DatumGetInt32(DirectFunctionCall2(interval_cmp,
										  IntervalPGetDatum(older_than),
										  IntervalPGetDatum(&zero))) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("older_than must not be negative")));

	cutoff = DirectFunctionCall2(timestamptz_mi_interval,
								 TimestampTzGetDatum(GetCurrentTimestamp()),
								 IntervalPGetDatum(older_than));

	/* an infinite interval is longer ago than anything */
	if (TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(cutoff)))
		return PG_INT64_MIN;
	return EpochMs(DatumGetTimestampTz(cutoff));
}

/*
 * Locks each of the workflows by itself, which leaves out those that somebody
 * else has locked or deleted since they were picked.  Returns how many are left,
 * at the front.
 */
static int
LockPicked(const Purge *purge, Datum *ids, int count)
{
	int			locked = 0;
	int			i;

	for (i = 0; i < count; i++)
	{
		Datum		values[2];

		CHECK_FOR_INTERRUPTS();
		values[0] = ids[i];
		values[1] = Int64GetDatum(purge->cutoff_ms);
		if (RunStatement(STATEMENT_PURGE_LOCK, values, NULL, false) > 0)
			ids[locked++] = ids[i];
	}

	return locked;
}

/*
 * Picks and locks the next workflows.  Returns their ids, in the current memory
 * context, and how many they are.  Returns false at the end.
 */
static bool
PickBatch(Purge *purge, Datum **ids, int *locked)
{
	MemoryContext caller = CurrentMemoryContext;
	bool		one_by_one;
	Datum		values[4];
	int			count;
	int			i;

	SPI_connect();

	values[0] = Int64GetDatum(purge->cutoff_ms);
	values[1] = Int64GetDatum((int64) purge->batch_size);
	values[2] = Int64GetDatum(purge->last_ms);
	values[3] = PointerGetDatum(purge->last_id);
	one_by_one = StepsAreDistributed();
	count = (int) RunStatement(one_by_one ? STATEMENT_PURGE_PICK_UNLOCKED :
							   STATEMENT_PURGE_PICK, values, NULL, false);

	MemoryContextSwitchTo(caller);
	*ids = (Datum *) palloc(sizeof(Datum) * Max(count, 1));
	for (i = 0; i < count; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	tupdesc = SPI_tuptable->tupdesc;
		bool		isnull;

		(*ids)[i] = PointerGetDatum(PG_DETOAST_DATUM_COPY(SPI_getbinval(tuple, tupdesc, 1, &isnull)));
		purge->last_ms = DatumGetInt64(SPI_getbinval(tuple, tupdesc, 2, &isnull));
	}
	if (count > 0)
	{
		pfree(purge->last_id);
		MemoryContextSwitchTo(purge->context);
		purge->last_id = (text *) PG_DETOAST_DATUM_COPY((*ids)[count - 1]);
		MemoryContextSwitchTo(caller);
	}

	*locked = one_by_one ? LockPicked(purge, *ids, count) : count;
	SPI_finish();
	return count > 0;
}

/*
 * Deletes workflows with their steps, and has constraints that are deferred
 * checked too.  Returns whether all of them are gone.
 */
static bool
DeleteWorkflows(Datum *ids, int count)
{
	Datum		values[1];
	uint64		deleted;

	SPI_connect();
	values[0] = PointerGetDatum(construct_array(ids, count, TEXTOID, -1, false,
												TYPALIGN_INT));
	(void) RunStatement(STATEMENT_PURGE_STEPS, values, NULL, false);
	deleted = RunStatement(STATEMENT_PURGE_WORKFLOWS, values, NULL, false);
	(void) RunStatement(STATEMENT_CHECK_DEFERRED, NULL, NULL, false);
	SPI_finish();

	return deleted == (uint64) count;
}

/*
 * Is this a foreign key that keeps a row?  (What a trigger raises by itself
 * names no constraint.)
 */
static bool
IsKeptByForeignKey(const ErrorData *error)
{
	return (error->sqlerrcode == ERRCODE_FOREIGN_KEY_VIOLATION ||
			error->sqlerrcode == ERRCODE_RESTRICT_VIOLATION) &&
		error->constraint_name != NULL;
}

/*
 * Deletes all of these workflows, or none, where a foreign key, trigger, rule
 * or policy keeps one; any other error is raised.  Returns NULL, or what keeps
 * it, in the current memory context.
 */
static const char *
TryDelete(Datum *ids, int count)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	const char *volatile kept_by = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(caller);
	PG_TRY();
	{
		if (DeleteWorkflows(ids, count))
			ReleaseCurrentSubTransaction();
		else
		{
			RollbackAndReleaseCurrentSubTransaction();
			kept_by = "a trigger, rule or policy";
		}
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(caller);
		CurrentResourceOwner = owner;
		if (!IsKeptByForeignKey(error))
			ReThrowError(error);
		kept_by = psprintf("foreign key \"%s\" of table \"%s\"", error->constraint_name,
						   error->table_name != NULL ? error->table_name : "");
		FreeErrorData(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	CurrentResourceOwner = owner;

	return kept_by;
}

/*
 * Deletes these workflows but for those that are kept, which it finds by halves:
 * k of n take at most about k * log2(n) tries more.
 */
static void
DeleteAllBut(Purge *purge, Datum *ids, int count)
{
	const char *kept_by;

	CHECK_FOR_INTERRUPTS();
	kept_by = TryDelete(ids, count);
	if (kept_by == NULL)
		purge->purged += count;
	else if (count == 1)
		AddSkipped(&purge->kept, DatumGetTextPP(ids[0]), "is kept by ", kept_by);
	else
	{
		DeleteAllBut(purge, ids, count / 2);
		DeleteAllBut(purge, ids + count / 2, count - count / 2);
	}
}

/*
 * CALL purge(older_than, batch_size, INOUT purged_workflows)
 */
Datum
dbos_payload_purge(PG_FUNCTION_ARGS)
{
	Purge		purge = {0};
	MemoryContext per_batch;
	bool		any;

	BeginCommitting(fcinfo, "purge");
	CheckNotNull(fcinfo, 0, "older_than");
	purge.batch_size = CheckedRange(fcinfo, 1, "batch_size", 1, MAX_BATCH_SIZE);
	purge.cutoff_ms = CutoffMs(PG_GETARG_INTERVAL_P(0));
	purge.last_ms = PG_INT64_MIN;
	purge.last_id = cstring_to_text("");
	initStringInfo(&purge.kept.named);

	purge.context = CurrentMemoryContext;
	per_batch = AllocSetContextCreate(purge.context, "dbos_payload batch",
									  ALLOCSET_DEFAULT_SIZES);
	do
	{
		Datum	   *ids;
		int			count;

		MemoryContextSwitchTo(per_batch);
		any = PickBatch(&purge, &ids, &count);
		if (count > 0)
			DeleteAllBut(&purge, ids, count);
		MemoryContextSwitchTo(purge.context);
		CommitAndGoOn();
		MemoryContextReset(per_batch);
	} while (any);
	WarnOfSkipped(&purge.kept, "Delete what refers to them first, or declare the foreign key ON DELETE CASCADE.");

	SPI_finish();
	return MakeCountRow(fcinfo, purge.purged);
}
