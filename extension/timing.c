/*
 * timing.c
 *		Stamps of timed steps, from their first line to their commit.
 *
 * A timed step is in one of three lists: pending, while the transaction that
 * it belongs to is open; the ring of committed steps; or the free list.  The
 * pending list is ordered by time, and so by depth of subtransaction: what a
 * subtransaction did is at its end.
 *
 * Each phase has a stamp of its own at either end, and the step as a whole has
 * two more.  What no phase claims is then a real remainder.
 *
 * Output and commit happen after the step's function has returned, so they are
 * stamped by a transaction callback: output ends when the commit begins.  Only
 * the last step of a transaction can have them, and only where the commit is
 * that of the same statement.  Where a transaction block is open the client
 * decides when it ends, and the step's total ends at its return.
 */
#include "dbos_payload.h"

#include <time.h>

#include "access/xact.h"
#include "executor/instrument.h"
#include "executor/spi.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* a message that seems to be older than this: the wall clock was set */
#define MAX_PARSE_US	USECS_PER_HOUR

static MemoryContext timing_context = NULL;

static dlist_head free_list = DLIST_STATIC_INIT(free_list);
static dlist_head pending = DLIST_STATIC_INIT(pending);
static dlist_head ring = DLIST_STATIC_INIT(ring);
static int	pending_count = 0;
static int	ring_count = 0;
static int64 committed_steps = 0;
static int	next_cpu_phase = 0;

/* has this transaction had a timed step? */
static bool xact_is_timed = false;

/* start of the last statement of this transaction whose parse was taken */
static TimestampTz parsed_statement = 0;

/* the step whose output is under way */
static StepTiming *returned_step = NULL;

static void XactEnds(XactEvent event, void *arg);
static void SubXactEnds(SubXactEvent event, SubTransactionId subid,
						SubTransactionId parent, void *arg);

/*
 * CPU time of this backend, in ns.  A system call, unlike the other clocks.
 */
static int64
CpuClock(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
		return 0;
	return (int64) now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
BeginUsage(StepTiming *timing)
{
	StepUsage  *begin = &timing->usage_begin;

	begin->wal_bytes = (int64) pgWalUsage.wal_bytes;
	begin->wal_records = (int64) pgWalUsage.wal_records;
	begin->wal_fpi = (int64) pgWalUsage.wal_fpi;
	begin->shared_blks_hit = (int64) pgBufferUsage.shared_blks_hit;
	begin->shared_blks_read = (int64) pgBufferUsage.shared_blks_read;
	begin->shared_blks_dirtied = (int64) pgBufferUsage.shared_blks_dirtied;
}

/*
 * Notes what the counters have grown by; the latest call counts.
 */
static void
EndUsage(StepTiming *timing)
{
	const StepUsage *begin = &timing->usage_begin;
	StepUsage  *usage = &timing->usage;

	usage->wal_bytes = (int64) pgWalUsage.wal_bytes - begin->wal_bytes;
	usage->wal_records = (int64) pgWalUsage.wal_records - begin->wal_records;
	usage->wal_fpi = (int64) pgWalUsage.wal_fpi - begin->wal_fpi;
	usage->shared_blks_hit = (int64) pgBufferUsage.shared_blks_hit - begin->shared_blks_hit;
	usage->shared_blks_read = (int64) pgBufferUsage.shared_blks_read - begin->shared_blks_read;
	usage->shared_blks_dirtied =
		(int64) pgBufferUsage.shared_blks_dirtied - begin->shared_blks_dirtied;
}

/*
 * The CPU clock is read inside the two stamps, so that a phase pays for its
 * own instrument and never has more CPU than wall time.
 */
void
StampPhaseBegin(StepTiming *timing, StepPhase phase)
{
	PhaseStamps *stamps = &timing->phases[phase];

	stamps->begun = true;
	INSTR_TIME_SET_CURRENT(stamps->begin);
	if (timing->cpu_phase < 0 || timing->cpu_phase == (int) phase)
		stamps->cpu_begin = CpuClock();
}

void
StampPhaseEnd(StepTiming *timing, StepPhase phase)
{
	PhaseStamps *stamps = &timing->phases[phase];

	if (timing->cpu_phase < 0 || timing->cpu_phase == (int) phase)
	{
		stamps->cpu_end = CpuClock();
		stamps->cpu_ended = true;
	}
	INSTR_TIME_SET_CURRENT(stamps->end);
	stamps->ended = true;
}

/*
 * Takes a StepTiming out of whichever list it is in and frees it.
 */
static void
Discard(StepTiming *timing)
{
	if (timing == returned_step)
		returned_step = NULL;
	dlist_delete(&timing->node);
	dlist_push_head(&free_list, &timing->node);
}

/*
 * Keeps a batch from piling up more pending steps than the ring could take:
 * drops the oldest of those that share the fate of the step to come.
 */
static void
TrimPending(SubTransactionId subid)
{
	StepTiming *oldest = NULL;
	dlist_iter	iter;
	int			count = 0;

	if (pending_count < TIMING_RING_SIZE)
		return;

	/* usually they are all of one subtransaction */
	oldest = dlist_head_element(StepTiming, node, &pending);
	if (oldest->subid == subid)
		count = pending_count;
	else
	{
		dlist_reverse_foreach(iter, &pending)
		{
			StepTiming *timing = dlist_container(StepTiming, node, iter.cur);

			if (timing->subid != subid)
				break;
			oldest = timing;
			count++;
		}
	}

	/* a step still running below, whose trigger runs this one, stays */
	if (count >= TIMING_RING_SIZE && oldest->returned)
	{
		Discard(oldest);
		pending_count--;
	}
}

/*
 * Returns the microseconds since the message began that led to the call, or
 * -1 where that cannot be told.  To be called first thing.
 *
 * Where this is the transaction's first step and the transaction is the
 * statement's own, the message began with it; otherwise with the statement,
 * which in the extended protocol leaves out Bind.  Only the first step of a
 * statement has a parse, and none that a procedure calls: what came before it
 * was not parsing.
 */
int64
TimingParse(void)
{
	TimestampTz now;
	TimestampTz begin;
	TimestampTz statement;

	if (!timing_enabled || SPI_inside_nonatomic_context())
		return -1;

	now = GetCurrentTimestamp();
	statement = GetCurrentStatementStartTimestamp();
	if (statement == parsed_statement)
		return -1;

	begin = statement;
	if (!xact_is_timed && !IsTransactionBlock())
		begin = GetCurrentTransactionStartTimestamp();
	if (now < begin || now - begin > MAX_PARSE_US)
		return -1;

	return now - begin;
}

/*
 * Begins to time a step; operation is a constant, parse_us TimingParse's
 * answer.  Returns NULL where timing is off.
 */
StepTiming *
TimingBegin(const char *operation, int64 parse_us)
{
	instr_time	first;
	StepTiming *timing;
	SubTransactionId subid;

	if (!timing_enabled)
	{
		/* what is not timed must not count as the output of what was */
		returned_step = NULL;
		return NULL;
	}
	INSTR_TIME_SET_CURRENT(first);

	if (timing_context == NULL)
	{
		MemoryContext context = AllocSetContextCreate(TopMemoryContext,
													  "dbos_payload timing",
													  ALLOCSET_DEFAULT_SIZES);

		RegisterXactCallback(XactEnds, NULL);
		RegisterSubXactCallback(SubXactEnds, NULL);
		timing_context = context;
	}

	subid = GetCurrentSubTransactionId();
	TrimPending(subid);
	if (dlist_is_empty(&free_list))
		timing = (StepTiming *) MemoryContextAlloc(timing_context, sizeof(StepTiming));
	else
		timing = dlist_container(StepTiming, node, dlist_pop_head_node(&free_list));

	memset(timing, 0, offsetof(StepTiming, workflow_id));
	timing->subid = subid;
	timing->operation = operation;
	timing->parse_us = parse_us;
	timing->first = first;
	timing->cpu_phase = next_cpu_phase;
	next_cpu_phase = (next_cpu_phase + 1) % NUM_PHASES;
	BeginUsage(timing);

	dlist_push_tail(&pending, &timing->node);
	pending_count++;
	xact_is_timed = true;
	if (parse_us >= 0)
		parsed_statement = GetCurrentStatementStartTimestamp();

	return timing;
}

/*
 * Notes what a step works on, before its first phase; workflow_id may be NULL.
 */
void
TimingDescribe(StepTiming *timing, const text *workflow_id, int32 function_id,
			   int64 bytes)
{
	if (timing == NULL)
		return;

	if (workflow_id != NULL)
	{
		timing->workflow_id_len = (int) Min(VARSIZE_ANY_EXHDR(workflow_id), TIMING_ID_BYTES);
		memcpy(timing->workflow_id, VARDATA_ANY(workflow_id), timing->workflow_id_len);
	}
	timing->function_id = function_id;
	timing->payload_bytes = bytes;
	if (bytes >= TIMING_ALL_CPU_BYTES)
		timing->cpu_phase = -1;
}

/*
 * Ends the part of a step that its function can see.  To be called last thing.
 */
void
TimingEnd(StepTiming *timing, bool replayed, int64 bytes)
{
	if (timing == NULL)
		return;

	timing->replayed = replayed;
	timing->payload_bytes = bytes;
	timing->returned = true;
	EndUsage(timing);
	INSTR_TIME_SET_CURRENT(timing->last);

	returned_step = NULL;
	if (!IsTransactionBlock())
	{
		returned_step = timing;
		StampPhaseBegin(timing, PHASE_OUTPUT);
	}
}

/*
 * Returns the committed steps, oldest first.
 */
dlist_head *
TimingRing(void)
{
	return &ring;
}

/*
 * Moves what the transaction did into the ring.  Allocates nothing: it is too
 * late to fail.
 */
static void
KeepPending(void)
{
	while (!dlist_is_empty(&pending))
	{
		StepTiming *timing = dlist_head_element(StepTiming, node, &pending);

		timing->number = ++committed_steps;
		dlist_delete(&timing->node);
		dlist_push_tail(&ring, &timing->node);
		if (ring_count < TIMING_RING_SIZE)
			ring_count++;
		else
			Discard(dlist_head_element(StepTiming, node, &ring));
	}
}

static void
DiscardPending(void)
{
	while (!dlist_is_empty(&pending))
		Discard(dlist_head_element(StepTiming, node, &pending));
}

/*
 * Transaction callback.  A prepared transaction's steps are forgotten: another
 * session may commit it.
 */
static void
XactEnds(XactEvent event, void *arg)
{
	(void) arg;

	if (!xact_is_timed)
		return;

	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			if (returned_step != NULL)
			{
				StampPhaseEnd(returned_step, PHASE_OUTPUT);
				StampPhaseBegin(returned_step, PHASE_COMMIT);
			}
			return;

		case XACT_EVENT_COMMIT:
			if (returned_step != NULL)
			{
				StampPhaseEnd(returned_step, PHASE_COMMIT);
				EndUsage(returned_step);
				INSTR_TIME_SET_CURRENT(returned_step->last);
			}
			KeepPending();
			break;

		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			DiscardPending();
			break;

		default:
			return;
	}

	pending_count = 0;
	returned_step = NULL;
	xact_is_timed = false;
	parsed_statement = 0;
}

/*
 * Subtransaction callback: what a subtransaction did becomes its parent's, or
 * is forgotten.
 */
static void
SubXactEnds(SubXactEvent event, SubTransactionId subid,
			SubTransactionId parent, void *arg)
{
	(void) arg;

	if (!xact_is_timed)
		return;

	if (event == SUBXACT_EVENT_COMMIT_SUB)
	{
		dlist_iter	iter;

		dlist_reverse_foreach(iter, &pending)
		{
			StepTiming *timing = dlist_container(StepTiming, node, iter.cur);

			if (timing->subid != subid)
				break;
			timing->subid = parent;
		}
	}
	else if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		while (!dlist_is_empty(&pending))
		{
			StepTiming *timing = dlist_tail_element(StepTiming, node, &pending);

			if (timing->subid != subid)
				break;
			Discard(timing);
			pending_count--;
		}
	}
}
