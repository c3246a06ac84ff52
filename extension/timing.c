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
 * Output and commit come after the step's function has returned; only the last
 * step of a statement can have them.  Output ends when the statement does.  The
 * commit begins there, so that it holds the deferred triggers, if nothing can
 * come between: after a Query, and where the next message is there and is the
 * Sync.  Elsewhere the client may be pausing, which is nobody's time: the commit
 * then begins where the server tells of it, after the deferred triggers, and
 * what came between is left out of the total too.  It ends when the transaction's
 * locks have been released.
 *
 * There is no commit where another statement came before it, or where a
 * transaction block is open: the client decides when that ends.
 */
#include "timing.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "module.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

/* the ring; NULL until the first step is timed */
static StepTiming *ring = NULL;
static int64 committed_steps = 0;
static int64 forgotten_steps = 0;	/* the first of those */

/*
 * The pending steps: those numbered from pending_begin up to, not including,
 * pending_end.  Each transaction counts from 0, so that one of one step always
 * uses the same slot, which the processor's cache may still hold.
 */
static StepTiming *pending = NULL;
static int64 pending_begin = 0;
static int64 pending_end = 0;

#define SLOT(array, n) (&(array)[(n) % TIMING_RING_SIZE])

/* has this transaction had a timed step? */
static bool xact_is_timed = false;

/*
 * The step that returned last, while its statement or its commit is awaited;
 * when the message began in which it ran, and which stamps it has already.
 */
static StepTiming *returned_step = NULL;
static TimestampTz returned_message;
static bool output_begun;
static bool statement_over;
static bool commit_begun;
static bool begun_by_statement = false; /* in a message that may not be the one that commits */

/* has its transaction committed, and is now letting go of what it held? */
static bool releasing = false;

static void XactEnds(XactEvent event, void *arg);
static void SubXactEnds(SubXactEvent event, SubTransactionId subid,
						SubTransactionId parent, void *arg);
static void ResourcesReleased(ResourceReleasePhase phase, bool is_commit,
							  bool is_top_level, void *arg);

/*
 * Notes what the counters have grown by; the latest call counts.
 */
static void
EndUsage(StepTiming *timing)
{
	memset(&timing->usage, 0, sizeof(timing->usage));
	WalUsageAccumDiff(&timing->usage.wal, &pgWalUsage, &timing->usage_begin.wal);
	BufferUsageAccumDiff(&timing->usage.buffers, &pgBufferUsage,
						 &timing->usage_begin.buffers);
}

/*
 * The processor's account is read inside the two stamps, so that a phase pays
 * for its own instrument and never has more of a processor than wall time.
 */
void
StampPhaseBegin(StepTiming *timing, StepPhase phase)
{
	PhaseStamps *stamps = &timing->phases[phase];

	INSTR_TIME_SET_CURRENT(stamps->begin);
	if (timing->track_cpu)
		stamps->processor_begin = ReadProcessorTime();
}

void
StampPhaseEnd(StepTiming *timing, StepPhase phase)
{
	PhaseStamps *stamps = &timing->phases[phase];

	if (timing->track_cpu)
		stamps->processor_end = ReadProcessorTime();
	INSTR_TIME_SET_CURRENT(stamps->end);
	timing->ended |= (uint8) (1 << phase);
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
 * Begins to time a step; operation is a constant, entry TimingEnter's answer or
 * NULL where nothing of it is this step's.  Returns NULL where timing is off.
 */
StepTiming *
TimingBegin(const char *operation, const TimingEntry *entry)
{
	static const TimingEntry none = {-1, -1, -1};
	instr_time	first;
	StepTiming *timing;

	/* what comes now is not the output of the step before it */
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

	timing->subid = GetCurrentSubTransactionId();
	timing->role = GetOuterUserId();
	timing->returned = false;
	timing->track_cpu = track_cpu;
	timing->ended = 0;
	timing->operation = operation;
	timing->outcome = NULL;
	timing->entry = entry != NULL ? *entry : none;
	timing->payload_bytes = 0;
	timing->function_id = 0;
	timing->workflow_id_len = 0;
	timing->first = first;
	INSTR_TIME_SET_ZERO(timing->between);
	timing->usage_begin.wal = pgWalUsage;
	timing->usage_begin.buffers = pgBufferUsage;

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
}

/*
 * Ends the part of a step that its function can see.  To be called last thing;
 * outcome is a constant, NULL for a baseline.
 *
 * A procedure may go on to other things before it commits: its steps have no
 * output.
 */
void
TimingEnd(StepTiming *timing, const char *outcome, int64 bytes)
{
	if (timing == NULL)
		return;

	timing->outcome = outcome;
	timing->payload_bytes = bytes;
	timing->in_block = IsTransactionBlock();
	timing->returned = true;
	EndUsage(timing);

	returned_step = timing;
	returned_message = GetCurrentStatementStartTimestamp();
	statement_over = false;
	commit_begun = false;
	output_begun = !SPI_inside_nonatomic_context();
	WatchMessage();

	INSTR_TIME_SET_CURRENT(timing->last);
	if (output_begun)
		StampPhaseBegin(timing, PHASE_OUTPUT);
}

static void
BeginCommit(void)
{
	StampPhaseBegin(returned_step, PHASE_COMMIT);
	commit_begun = true;
}

/*
 * Says that a procedure commits now, right after TimingEnd where it is one of
 * steps.  (A step that some trigger has run before has output.)
 */
void
TimingCommit(void)
{
	if (returned_step != NULL && !output_begun)
	{
		statement_over = true;
		BeginCommit();
	}
}

static void
EndOutput(void)
{
	if (output_begun)
	{
		StampPhaseEnd(returned_step, PHASE_OUTPUT);
		returned_step->last = returned_step->phases[PHASE_OUTPUT].end;
	}
	statement_over = true;
}

/*
 * A commit has begun, and the deferred triggers have run.
 */
static void
CommitBegins(void)
{
	if (returned_step == NULL || returned_step->in_block || commit_begun)
		return;

	/* nothing has told of the statement's end: this is the first that does */
	if (output_begun && !statement_over)
		EndOutput();
	BeginCommit();
	returned_step->between = returned_step->phases[PHASE_COMMIT].begin;
	INSTR_TIME_SUBTRACT(returned_step->between, returned_step->last);
}

/*
 * The client's next statement has come: the commit is no longer that of the
 * returned step.  Within the same message it is not another one, but what a
 * deferred trigger runs.
 */
void
TimingNextStatement(void)
{
	if (returned_step != NULL && statement_over &&
		GetCurrentStatementStartTimestamp() != returned_message)
		returned_step = NULL;
}

/*
 * The client's statement ends.  After a Query, its commit follows.
 */
void
TimingStatementEnds(bool simple)
{
	if (returned_step == NULL || statement_over || !simple)
		return;

	EndOutput();
	if (!returned_step->in_block && output_begun)
		BeginCommit();
}

/*
 * The statement that returned the step goes, in a message behind its own: where that is
 * the one that commits, the commit begins with it, as it does where it follows at once.
 * Freeing the statement's parameters is part of both.
 */
void
TimingStatementGoes(void)
{
	if (returned_step == NULL || !statement_over || commit_begun)
		return;
	CommitBegins();
	begun_by_statement = commit_begun;
	if (begun_by_statement)
		WatchMessage();
}

/*
 * The client's message ends, in which a step has returned.
 */
void
TimingMessageEnds(bool sync_follows)
{
	/* it was closed, and its transaction goes on */
	if (begun_by_statement)
		commit_begun = begun_by_statement = false;
	if (returned_step == NULL || statement_over)
		return;

	EndOutput();
	if (!returned_step->in_block && sync_follows)
		BeginCommit();
}

/*
 * Forgets all steps of this session, their ids too.
 */
void
TimingForget(void)
{
	if (ring == NULL || forgotten_steps == committed_steps)
		return;
	forgotten_steps = committed_steps;
	memset(pending, 0, 2 * TIMING_RING_SIZE * sizeof(StepTiming));
}

/*
 * Returns how many committed steps the ring holds.
 */
int
TimingCount(void)
{
	return (int) Min(committed_steps - forgotten_steps, TIMING_RING_SIZE);
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
			CommitBegins();
			return;

		case XACT_EVENT_COMMIT:
			if (returned_step != NULL && commit_begun)
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
