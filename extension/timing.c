/*
 * timing.c
 *		Stamps of timed steps, from their first line to their commit.
 *
 * The steps of the open transaction are pending: a stack, so that those of a
 * subtransaction are on top and go with it.  A commit copies them into the
 * ring of committed steps.  Both hold TIMING_RING_SIZE; of a transaction with
 * more the newest are kept.
 *
 * Each phase has a stamp of its own at either end, and the step as a whole has
 * two more.  What no phase claims is then a real remainder.
 *
 * Output and commit happen after the step's function has returned, so they are
 * stamped by transaction callbacks: output ends when the commit begins, and the
 * commit when the transaction's locks have been released.  Only
 * the last step of a transaction can have them, and only where the commit is
 * that of the same statement.  Where a transaction block is open the client
 * decides when it ends, and the step's total ends at its return.
 */
#include "dbos_payload.h"

#include <time.h>

#include "access/xact.h"
#include "executor/instrument.h"
#include "executor/spi.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

/* a message that seems to be older than this: the wall clock was set */
#define MAX_PARSE_US	USECS_PER_HOUR

/* the ring; NULL until the first step is timed */
static StepTiming *ring = NULL;
static int64 committed_steps = 0;

/*
 * The pending steps: those numbered from pending_begin up to, not including,
 * pending_end.  Each transaction counts from 0, so that one of one step always
 * uses the same slot, which the processor's cache may still hold.
 */
static StepTiming *pending = NULL;
static int64 pending_begin = 0;
static int64 pending_end = 0;

#define SLOT(array, n) (&(array)[(n) % TIMING_RING_SIZE])

/* timed steps so far of 0 bytes, 1, 2 to 3, 4 to 7, ... */
#define SIZE_CLASSES	33
#define CPU_EVERY		5
static uint32 size_class_steps[SIZE_CLASSES];

/* has this transaction had a timed step? */
static bool xact_is_timed = false;

/* start of the last statement of this transaction whose parse was taken */
static TimestampTz parsed_statement = 0;

/* the step whose output is under way */
static StepTiming *returned_step = NULL;

/* has its transaction committed, and is now letting go of what it held? */
static bool releasing = false;

static void XactEnds(XactEvent event, void *arg);
static void SubXactEnds(SubXactEvent event, SubTransactionId subid,
						SubTransactionId parent, void *arg);
static void ResourcesReleased(ResourceReleasePhase phase, bool is_commit,
							  bool is_top_level, void *arg);

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

static inline bool
ReadsCpu(const StepTiming *timing, StepPhase phase)
{
	return timing->cpu_phase == (int) phase ||
		timing->cpu_phase == CPU_IN_ALL_PHASES;
}

/*
 * Where should a step of so many bytes read the CPU clock?  Twice that clock
 * costs as much as all the rest of the timing, which a large step does not
 * notice.  Of the small ones every fifth reads it, around one phase, the
 * phases taking turns.  Each class of sizes counts for itself: in a workflow
 * of growing steps a common count might give a size the same phase for ever.
 */
static int
ChooseCpuPhase(int64 bytes)
{
	uint32		turn;

	if (bytes >= TIMING_ALL_CPU_BYTES)
		return CPU_IN_ALL_PHASES;

	turn = size_class_steps[bytes <= 0 ? 0 : pg_leftmost_one_pos32((uint32) bytes) + 1]++;
	return turn % CPU_EVERY == 0 ?
		(int) (turn / CPU_EVERY % NUM_PHASES) : CPU_IN_NO_PHASE;
}

/*
 * The CPU clock is read inside the two stamps, so that a phase pays for its
 * own instrument and never has more CPU than wall time.
 */
void
StampPhaseBegin(StepTiming *timing, StepPhase phase)
{
	PhaseStamps *stamps = &timing->phases[phase];

	INSTR_TIME_SET_CURRENT(stamps->begin);
	if (ReadsCpu(timing, phase))
		stamps->cpu_begin = CpuClock();
}

void
StampPhaseEnd(StepTiming *timing, StepPhase phase)
{
	PhaseStamps *stamps = &timing->phases[phase];

	if (ReadsCpu(timing, phase))
	{
		stamps->cpu_end = CpuClock();
		timing->cpu_ended |= (uint8) (1 << phase);
	}
	INSTR_TIME_SET_CURRENT(stamps->end);
	timing->ended |= (uint8) (1 << phase);
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
 * Allocates both lists and registers the callbacks; done when the first step is
 * timed, so that a session without one pays nothing.
 */
static void
AllocateTimings(void)
{
	pending = (StepTiming *)
		MemoryContextAlloc(TopMemoryContext,
						   2 * TIMING_RING_SIZE * sizeof(StepTiming));
	ring = pending + TIMING_RING_SIZE;
	RegisterXactCallback(XactEnds, NULL);
	RegisterSubXactCallback(SubXactEnds, NULL);
	RegisterResourceReleaseCallback(ResourcesReleased, NULL);
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

	/* this one ends the output of the step before it */
	returned_step = NULL;
	if (!timing_enabled)
		return NULL;
	INSTR_TIME_SET_CURRENT(first);

	if (ring == NULL)
		AllocateTimings();

	if (pending_end - pending_begin == TIMING_RING_SIZE)
	{
		/* a step whose trigger runs this one is still using its slot */
		if (!SLOT(pending, pending_begin)->returned)
			return NULL;
		pending_begin++;
	}

	timing = SLOT(pending, pending_end);
	pending_end++;
	xact_is_timed = true;
	if (parse_us >= 0)
		parsed_statement = GetCurrentStatementStartTimestamp();

	timing->subid = GetCurrentSubTransactionId();
	timing->returned = false;
	timing->replayed = false;
	timing->ended = 0;
	timing->cpu_ended = 0;
	timing->cpu_phase = CPU_IN_NO_PHASE;
	timing->operation = operation;
	timing->parse_us = parse_us;
	timing->payload_bytes = 0;
	timing->function_id = 0;
	timing->workflow_id_len = 0;
	timing->first = first;
	BeginUsage(timing);

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

	/* the arms between the steps must not take the steps' turns */
	if (workflow_id != NULL || bytes >= TIMING_ALL_CPU_BYTES)
		timing->cpu_phase = ChooseCpuPhase(bytes);
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

	if (!IsTransactionBlock())
	{
		returned_step = timing;
		StampPhaseBegin(timing, PHASE_OUTPUT);
	}
}

/*
 * Returns how many committed steps the ring holds.
 */
int
TimingCount(void)
{
	return (int) Min(committed_steps, TIMING_RING_SIZE);
}

/*
 * Returns the ring's step i, the oldest being 0.
 */
const StepTiming *
TimingAt(int i)
{
	return SLOT(ring, committed_steps - TimingCount() + i);
}

/*
 * Copies what the transaction did into the ring.  Allocates nothing: it is too
 * late to fail.
 */
static void
KeepPending(void)
{
	int64		n;

	for (n = pending_begin; n < pending_end; n++)
	{
		const StepTiming *from = SLOT(pending, n);
		StepTiming *to = SLOT(ring, committed_steps);

		if (!from->returned)
			continue;
		memcpy(to, from, offsetof(StepTiming, workflow_id) + from->workflow_id_len);
		to->number = ++committed_steps;
	}
}

static void
ForgetTransaction(void)
{
	pending_begin = 0;
	pending_end = 0;
	returned_step = NULL;
	releasing = false;
	xact_is_timed = false;
	parsed_statement = 0;
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
				releasing = true;
				return;
			}
			KeepPending();
			break;

		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			break;

		default:
			return;
	}

	ForgetTransaction();
}

/*
 * Resource owner callback: the last that we see of a transaction that has
 * committed.  Called for every owner and phase, so it leaves at once.
 */
static void
ResourcesReleased(ResourceReleasePhase phase, bool is_commit, bool is_top_level,
				  void *arg)
{
	(void) is_commit;
	(void) arg;

	if (!releasing || !is_top_level || phase != RESOURCE_RELEASE_AFTER_LOCKS)
		return;

	StampPhaseEnd(returned_step, PHASE_COMMIT);
	EndUsage(returned_step);
	INSTR_TIME_SET_CURRENT(returned_step->last);
	KeepPending();
	ForgetTransaction();
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
		int64		n;

		for (n = pending_end; n > pending_begin; n--)
		{
			StepTiming *timing = SLOT(pending, n - 1);

			if (timing->subid != subid)
				break;
			timing->subid = parent;
		}
	}
	else if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		while (pending_end > pending_begin &&
			   SLOT(pending, pending_end - 1)->subid == subid)
		{
			pending_end--;
			returned_step = NULL;
		}
	}
}
