/*
 * timing_report.c
 *		The ring of timed steps as rows.
 *
 * Whatever is slow, such as looking up how a step is stored, is done here,
 * when the row is read, and not by the step.
 */
#include "timing.h"

#include <math.h>

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "distribution.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "rows.h"
#include "statements.h"
#include "text.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#define TIMING_COLS	33

/* what a step used of WAL and buffers */
#define USAGE_COLS	6

/* where STATEMENT_MEASURE_STEP has the output */
#define MEASURED_OUTPUT_COLUMN	4

PG_FUNCTION_INFO_V1(dbos_payload_step_timings);
PG_FUNCTION_INFO_V1(dbos_payload_last_step_timing);

/* where a step's row is */
typedef enum StoragePlace
{
	STORED_AS_EVER,				/* in the table itself */
	STORED_IN_SHARD,			/* with us, in a table that Citus looks after */
	STORED_ELSEWHERE			/* on another server */
} StoragePlace;

/* a row that is being filled in, from left to right */
typedef struct TimingRow
{
	int			next;
	Datum		values[TIMING_COLS];
	bool		nulls[TIMING_COLS];
} TimingRow;

static void
AddDatum(TimingRow *row, Datum value)
{
	row->nulls[row->next] = false;
	row->values[row->next++] = value;
}

/*
 * Adds columns that are not known.
 */
static void
AddNulls(TimingRow *row, int count)
{
	while (count-- > 0)
	{
		row->nulls[row->next] = true;
		row->values[row->next++] = (Datum) 0;
	}
}

/*
 * Whole nanoseconds are added and subtracted as integers, so that the sums
 * are exact; versions before 16 have no macro that gives them.
 */
static int64
NsOf(instr_time interval)
{
	return (int64) rint(INSTR_TIME_GET_DOUBLE(interval) * 1e9);
}

static int64
NsBetween(instr_time begin, instr_time end)
{
	INSTR_TIME_SUBTRACT(end, begin);
	return NsOf(end);
}

static void
AddMs(TimingRow *row, int64 ns)
{
	AddDatum(row, Float8GetDatum((double) ns / 1e6));
}

static text *
WorkflowId(const StepTiming *timing)
{
	return cstring_to_text_with_len(timing->workflow_id, timing->workflow_id_len);
}

/*
 * May the current user read the steps that are to be measured?  Finding out
 * here gives NULL where the statement would raise an error.
 */
static bool
MayMeasure(void)
{
	Oid			table_oid = get_relname_relid("operation_outputs",
											  get_namespace_oid("dbos_payload", true));

	return OidIsValid(table_oid) &&
		pg_class_aclcheck(table_oid, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

/*
 * Says whose WAL and buffers a step used: on another server, none of ours.
 * What belongs to no workflow stores nothing in a table.
 */
static StoragePlace
WhereStored(const StepTiming *timing)
{
	if (timing->workflow_id_len == 0 || !StepsAreDistributed())
		return STORED_AS_EVER;
	return WorkflowIsHere(WorkflowId(timing)) ? STORED_IN_SHARD : STORED_ELSEWHERE;
}

/*
 * Adds the length of the step's row, and that of its output outside the row:
 * what TOAST stored after compression, without its chunks' own headers.
 */
static void
AddStoredBytes(TimingRow *row, const StepTiming *timing, bool may_measure)
{
	MemoryContext caller = CurrentMemoryContext;
	Datum		values[2];
	int64		heap_bytes = -1;
	int64		toast_bytes = 0;

	if (may_measure && timing->workflow_id_len > 0)
	{
		SPI_connect();
		values[0] = PointerGetDatum(WorkflowId(timing));
		values[1] = Int32GetDatum(timing->function_id);
		if (RunStatement(STATEMENT_MEASURE_STEP, values, NULL, true) > 0)
		{
			HeapTuple	tuple = SPI_tuptable->vals[0];
			bool		isnull;
			struct varlena *output;

			output = (struct varlena *)
				DatumGetPointer(SPI_getbinval(tuple, SPI_tuptable->tupdesc,
											  MEASURED_OUTPUT_COLUMN, &isnull));
			heap_bytes = tuple->t_len;
			if (!isnull && VARATT_IS_EXTERNAL_ONDISK(output))
			{
				struct varatt_external toast_pointer;

				VARATT_EXTERNAL_GET_POINTER(toast_pointer, output);
				toast_bytes = VARATT_EXTERNAL_GET_EXTSIZE(toast_pointer);
			}
		}
		SPI_finish();
		MemoryContextSwitchTo(caller);
	}

	if (heap_bytes < 0)
		AddNulls(row, 2);
	else
	{
		AddDatum(row, Int64GetDatum(heap_bytes));
		AddDatum(row, Int64GetDatum(toast_bytes));
	}
}

/*
 * Adds a time in us that may not be known.  Returns it in ns, 0 for that.
 */
static int64
AddUs(TimingRow *row, int64 us)
{
	if (us < 0)
	{
		AddNulls(row, 1);
		return 0;
	}
	AddMs(row, us * 1000);
	return us * 1000;
}

/*
 * Adds the phases' wall times and what they leave of the total.
 */
static void
AddWallTimes(TimingRow *row, const StepTiming *timing)
{
	int64		total = NsBetween(timing->first, timing->last) - NsOf(timing->between);
	int64		claimed = 0;
	int			phase;

	if (timing->entry.before > 0)
		total += timing->entry.before * 1000;

	AddMs(row, total);
	claimed += AddUs(row, timing->entry.arrival);
	claimed += AddUs(row, timing->entry.parse);

	for (phase = 0; phase < NUM_PHASES; phase++)
	{
		const PhaseStamps *stamps = &timing->phases[phase];

		if ((timing->ended & (1 << phase)) != 0)
		{
			int64		ns = NsBetween(stamps->begin, stamps->end);

			claimed += ns;
			AddMs(row, ns);
		}
		else
			AddNulls(row, 1);
	}

	AddMs(row, total - claimed);
}

/*
 * Adds what each phase had of a processor, or how long it waited for one.
 */
static void
AddProcessorTimes(TimingRow *row, const StepTiming *timing, bool delay)
{
	int			phase;

	for (phase = 0; phase < NUM_PHASES; phase++)
	{
		const PhaseStamps *stamps = &timing->phases[phase];
		int64		begin = delay ? stamps->processor_begin.delay : stamps->processor_begin.cpu;
		int64		end = delay ? stamps->processor_end.delay : stamps->processor_end.cpu;

		if (timing->track_cpu && (timing->ended & (1 << phase)) != 0 &&
			begin >= 0 && end >= 0)
			AddMs(row, end - begin);
		else
			AddNulls(row, 1);
	}
}

/*
 * Fills in the row of one step.
 */
static void
FillRow(TimingRow *row, const StepTiming *timing, bool may_measure)
{
	const StepUsage *usage = &timing->usage;
	StoragePlace where;

	row->next = 0;
	AddDatum(row, Int64GetDatum(timing->number));
	AddDatum(row, CStringGetTextDatum(timing->operation));
	if (timing->workflow_id_len > 0)
	{
		AddDatum(row, PointerGetDatum(WorkflowId(timing)));
		AddDatum(row, Int32GetDatum(timing->function_id));
	}
	else
		AddNulls(row, 2);
	AddDatum(row, Int64GetDatum(timing->payload_bytes));
	if (timing->outcome != NULL)
		AddDatum(row, CStringGetTextDatum(timing->outcome));
	else
		AddNulls(row, 1);

	AddWallTimes(row, timing);
	AddProcessorTimes(row, timing, false);
	AddProcessorTimes(row, timing, true);

	where = WhereStored(timing);
	if (where == STORED_ELSEWHERE)
		AddNulls(row, USAGE_COLS);
	else
	{
		AddDatum(row, Int64GetDatum((int64) usage->wal.wal_bytes));
		AddDatum(row, Int64GetDatum((int64) usage->wal.wal_records));
		AddDatum(row, Int64GetDatum((int64) usage->wal.wal_fpi));
		AddDatum(row, Int64GetDatum((int64) usage->buffers.shared_blks_hit));
		AddDatum(row, Int64GetDatum((int64) usage->buffers.shared_blks_read));
		AddDatum(row, Int64GetDatum((int64) usage->buffers.shared_blks_dirtied));
	}
	AddStoredBytes(row, timing, may_measure && where == STORED_AS_EVER);
	Assert(row->next == TIMING_COLS);
}

/*
 * May the current user see this step?  A pooler's next client may be another
 * role.  What SET ROLE says counts, not a function that runs with its owner's
 * rights.
 */
static bool
MaySee(const StepTiming *timing)
{
	return timing->role == GetOuterUserId();
}

/*
 * step_timings(workflow_id) returns the ring's rows, oldest first; those of
 * one workflow unless workflow_id is NULL.
 */
Datum
dbos_payload_step_timings(PG_FUNCTION_ARGS)
{
	text	   *workflow_id = PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0);
	bool		may_measure = MayMeasure();
	TupleDesc	tupdesc;
	Tuplestorestate *set = BeginSet(fcinfo, &tupdesc);
	MemoryContext per_row = AllocSetContextCreate(CurrentMemoryContext,
												  "dbos_payload timing row",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext oldcontext = MemoryContextSwitchTo(per_row);
	int			i;

	for (i = 0; i < TimingCount(); i++)
	{
		const StepTiming *timing = TimingAt(i);
		TimingRow	row;

		CHECK_FOR_INTERRUPTS();
		if (!MaySee(timing) ||
			(workflow_id != NULL && !SameText(workflow_id, WorkflowId(timing))))
			continue;

		FillRow(&row, timing, may_measure);
		tuplestore_putvalues(set, tupdesc, row.values, row.nulls);
		MemoryContextReset(per_row);
	}

	MemoryContextSwitchTo(oldcontext);
	MemoryContextDelete(per_row);
	PG_RETURN_NULL();
}

/*
 * last_step_timing() returns the newest of the ring's rows, or one of NULLs.
 */
Datum
dbos_payload_last_step_timing(PG_FUNCTION_ARGS)
{
	TimingRow	row;
	int			i = TimingCount() - 1;

	while (i >= 0 && !MaySee(TimingAt(i)))
		i--;
	if (i < 0)
	{
		row.next = 0;
		AddNulls(&row, TIMING_COLS);
	}
	else
		FillRow(&row, TimingAt(i), MayMeasure());

	return MakeRow(fcinfo, row.values, row.nulls);
}
