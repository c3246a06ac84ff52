/*
 * purge.c
 *		Deleting workflows that ended long ago, a batch to a commit.
 */
#include "dbos_payload.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(dbos_payload_purge);

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
	return DatumGetTimestampTz(cutoff) / 1000 +
		(int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY * 1000;
}

/*
 * Deletes up to batch_size workflows that ended at the cutoff or before, with
 * their steps; returns how many.  Workflows that somebody else has locked,
 * another purge say, are skipped.
 */
static int64
PurgeBatch(int64 cutoff_ms, int32 batch_size)
{
	Datum		values[2];
	Datum		ids;
	bool		none;
	uint64		deleted;

	SPI_connect();

	values[0] = Int64GetDatum(cutoff_ms);
	values[1] = Int64GetDatum((int64) batch_size);
	(void) RunStatement(STATEMENT_PURGE_PICK, values, NULL, false);
	ids = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &none);
	if (none)
	{
		SPI_finish();
		return 0;
	}

	values[0] = ids;
	(void) RunStatement(STATEMENT_PURGE_STEPS, values, NULL, false);
	deleted = RunStatement(STATEMENT_PURGE_WORKFLOWS, values, NULL, false);

	/* the next batch would be the same, and so on for ever */
	if (deleted == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("ended workflows could not be deleted"),
				 errdetail("A trigger, rule or policy on dbos_payload.workflow_status kept the rows from being deleted.")));

	SPI_finish();
	return (int64) deleted;
}

/*
 * CALL purge(older_than, batch_size, INOUT purged_workflows)
 */
Datum
dbos_payload_purge(PG_FUNCTION_ARGS)
{
	int32		batch_size;
	int64		cutoff_ms;
	int64		purged = 0;
	int64		batch;

	CheckNotNull(fcinfo, 0, "older_than");
	batch_size = CheckedRange(fcinfo, 1, "batch_size", 1, MAX_BATCH_SIZE);
	cutoff_ms = CutoffMs(PG_GETARG_INTERVAL_P(0));

	BeginCommitting(fcinfo, "dbos_payload.purge()");
	do
	{
		CHECK_FOR_INTERRUPTS();
		batch = PurgeBatch(cutoff_ms, batch_size);
		purged += batch;
		CommitAndGoOn();
	} while (batch > 0);

	return EndCommittingInt64("purged_workflows", purged);
}
