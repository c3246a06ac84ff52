/*
 * timing_statement.c
 *		The statement around a step: what came before the step's function, and
 *		when the statement ends.
 *
 * A client's statement reaches the function in one message (Query) or in three
 * (Parse, Bind, Execute).  The server notes when each of them began, after its
 * bytes had arrived; hooks note the rest:
 *
 *		Parse begins .. analysis ends			parse
 *		  .. Bind arrives, its input ..			arrival
 *		planner, or executor start, begins .. executor start ends	parse
 *		  .. Execute arrives ..					arrival
 *		Execute begins .. function is entered	parse
 *
 * Without a Parse (a prepared statement) the first line begins with Bind.  What
 * had arrived before the first message began is the network's.  All that a
 * Query's text carries arrives before that, so it has no arrival.
 *
 * A stamp belongs to the client's own statement, never to one inside of it.  The
 * hooks do nothing but one test of a flag before a message has ended in which a
 * step was timed; so of a session's first step less is known.
 */
#include "timing.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "module.h"
#include "nodes/parsenodes.h"
#include "optimizer/planner.h"
#include "parser/analyze.h"
#include "tcop/pquery.h"
#include "tcop/utility.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/timestamp.h"

/* more than this before a step: the wall clock was set */
#define MAX_BEFORE_US	USECS_PER_HOUR

/* the end of the analysis that a Parse asked for */
typedef struct Analysis
{
	TimestampTz xact;			/* when its transaction began; 0: none */
	TimestampTz message;		/* when its message began */
	TimestampTz end;
} Analysis;

/* planning and executor start in one message */
typedef struct Binding
{
	TimestampTz xact;
	TimestampTz message;
	TimestampTz begin;
	TimestampTz end;
	Portal		portal;			/* NULL: the executor was not started */
} Binding;

/* the client's statement that runs */
typedef struct Running
{
	Portal		portal;
	QueryDesc  *query;			/* NULL: it has none, or its executor has ended */
	bool		simple;			/* did it come as a Query? */
	bool		resumed;		/* has it run before, up to a row limit? */
	bool		nested;			/* has it run other statements, as functions do? */
} Running;

static bool watching = false;
static bool message_watched = false;

/*
 * The message in which a hook has called the server: what runs meanwhile is not
 * the client's own statement, but inside of it.  An error leaves it as it is,
 * and ends the message.
 */
static TimestampTz inside = 0;

static Analysis analysis;
static Binding binding;
static Running running;

/* transaction and message of the last statement that was run to its end */
static TimestampTz ran_xact = 0;
static TimestampTz ran_message = 0;

/* the statement that returned a step and outlasts that message; NULL: there is none */
static QueryDesc *step_query = NULL;

/* the message that some step was entered in */
static TimestampTz entered_message = 0;

static post_parse_analyze_hook_type previous_analyze = NULL;
static planner_hook_type previous_planner = NULL;
static ExecutorStart_hook_type previous_start = NULL;
static ExecutorRun_hook_type previous_run = NULL;
static ExecutorFinish_hook_type previous_finish = NULL;
static ExecutorEnd_hook_type previous_end = NULL;
static ProcessUtility_hook_type previous_utility = NULL;

static inline bool
Inside(void)
{
	return inside == GetCurrentStatementStartTimestamp();
}

static inline bool
AtTop(void)
{
	return watching && timing_enabled && !Inside();
}

static void
AnalyzedHook(ANALYZE_PARAMETERS)
{
	if (previous_analyze)
		previous_analyze(ANALYZE_ARGUMENTS);
	if (!AtTop())
		return;

	TimingNextStatement();
	analysis.xact = GetCurrentTransactionStartTimestamp();
	analysis.message = GetCurrentStatementStartTimestamp();
	analysis.end = GetCurrentTimestamp();
}

/*
 * Planning may run functions, which plan and execute statements of their own.
 */
static PlannedStmt *
PlanHook(PLANNER_PARAMETERS)
{
	planner_hook_type next = previous_planner ? previous_planner : standard_planner;
	PlannedStmt *result;

	if (!AtTop())
		return next(PLANNER_ARGUMENTS);

	binding.xact = GetCurrentTransactionStartTimestamp();
	binding.message = GetCurrentStatementStartTimestamp();
	binding.portal = NULL;
	binding.begin = GetCurrentTimestamp();
	inside = GetCurrentStatementStartTimestamp();
	result = next(PLANNER_ARGUMENTS);
	inside = 0;
	binding.end = GetCurrentTimestamp();

	return result;
}

/*
 * Where a message binds a statement its executor is started in the same one; a
 * plan that is kept has seen no planner then.  What is started only when it is
 * executed belongs to that message as a whole.
 */
static void
StartHook(QueryDesc *query, int eflags)
{
	ExecutorStart_hook_type next = previous_start ? previous_start : standard_ExecutorStart;

	if (!AtTop())
	{
		running.nested = true;
		next(query, eflags);
		return;
	}

	TimingNextStatement();
	if (ActivePortal == NULL || ActivePortal->status != PORTAL_DEFINED)
	{
		next(query, eflags);
		return;
	}

	if (binding.message != GetCurrentStatementStartTimestamp())
	{
		binding.xact = GetCurrentTransactionStartTimestamp();
		binding.message = GetCurrentStatementStartTimestamp();
		binding.begin = GetCurrentTimestamp();
	}
	next(query, eflags);
	binding.portal = ActivePortal;
	binding.end = GetCurrentTimestamp();
}

/*
 * The client's statement begins to run, and has run.  Only portals of the
 * extended protocol are visible to SQL.
 */
static void
BeginRunning(QueryDesc *query)
{
	running.portal = ActivePortal;
	running.query = query;
	running.simple = ActivePortal != NULL && !ActivePortal->visible;
	running.resumed = ActivePortal != NULL && !ActivePortal->atStart;
	running.nested = false;
}

static void
EndRunning(void)
{
	ran_xact = GetCurrentTransactionStartTimestamp();
	ran_message = GetCurrentStatementStartTimestamp();
	analysis.xact = 0;
	binding.xact = 0;
}

static void
RunHook(RUN_PARAMETERS)
{
	ExecutorRun_hook_type next = previous_run ? previous_run : standard_ExecutorRun;

	if (!AtTop())
	{
		next(RUN_ARGUMENTS);
		return;
	}

	BeginRunning(query);
	inside = GetCurrentStatementStartTimestamp();
	next(RUN_ARGUMENTS);
	inside = 0;
	EndRunning();
}

/*
 * Triggers that run once the statement has its rows: what they run is not the
 * client's.
 */
static void
FinishHook(QueryDesc *query)
{
	ExecutorFinish_hook_type next = previous_finish ? previous_finish : standard_ExecutorFinish;

	if (!AtTop())
	{
		next(query);
		return;
	}

	inside = GetCurrentStatementStartTimestamp();
	next(query);
	inside = 0;
}

static void
EndHook(QueryDesc *query)
{
	if (query == step_query)
	{
		step_query = NULL;
		if (AtTop())
			TimingStatementGoes();
	}
	if (query == running.query)
		running.query = NULL;
	if (previous_end)
		previous_end(query);
	else
		standard_ExecutorEnd(query);
	if (AtTop())
		TimingStatementEnds(running.simple);
}

static void
UtilityHook(UTILITY_PARAMETERS)
{
	ProcessUtility_hook_type next = previous_utility ? previous_utility : standard_ProcessUtility;
	bool		discards;

	if (!watching || Inside())
	{
		next(UTILITY_ARGUMENTS);
		return;
	}

	/* it may be gone afterwards */
	discards = IsA(pstmt->utilityStmt, DiscardStmt) &&
		((DiscardStmt *) pstmt->utilityStmt)->target == DISCARD_ALL;

	TimingNextStatement();
	BeginRunning(NULL);
	inside = GetCurrentStatementStartTimestamp();
	next(UTILITY_ARGUMENTS);
	inside = 0;

	if (discards)
		TimingForget();
	EndRunning();
	TimingStatementEnds(running.simple);
}

/*
 * Chains the hooks.  To be called when the library is loaded.
 */
void
InstallHooks(void)
{
	previous_analyze = post_parse_analyze_hook;
	post_parse_analyze_hook = AnalyzedHook;
	previous_planner = planner_hook;
	planner_hook = PlanHook;
	previous_start = ExecutorStart_hook;
	ExecutorStart_hook = StartHook;
	previous_run = ExecutorRun_hook;
	ExecutorRun_hook = RunHook;
	previous_finish = ExecutorFinish_hook;
	ExecutorFinish_hook = FinishHook;
	previous_end = ExecutorEnd_hook;
	ExecutorEnd_hook = EndHook;
	previous_utility = ProcessUtility_hook;
	ProcessUtility_hook = UtilityHook;
}

/*
 * Is the next message here, and is it Sync?  Looks at what has been received
 * already; never waits.
 */
static bool
SyncFollows(void)
{
	int			type;

	if (MyProcPort == NULL || !pq_buffer_has_data())
		return false;
	pq_startmsgread();
	type = pq_peekbyte();
	pq_endmsgread();

	return type == 'S';
}

/*
 * The server resets its memory for a message before it reads the next one.
 * Only from then on the hooks stamp: so they never see half a statement.
 */
static void
MessageEnds(void *arg)
{
	(void) arg;

	message_watched = false;
	watching = true;
	step_query = running.query;
	TimingMessageEnds(SyncFollows());
}

/*
 * Has the end of the client's present message told to TimingMessageEnds.  In
 * a background worker there is none.
 */
void
WatchMessage(void)
{
	static MemoryContextCallback callback = {.func = MessageEnds};

	if (message_watched || MessageContext == NULL)
		return;
	MemoryContextRegisterResetCallback(MessageContext, &callback);
	message_watched = true;
}

/*
 * What came before in a statement that came as a Query?  Where others came in
 * the same one, what was this one's cannot be told.
 */
static void
EnterSimple(TimingEntry *entry, TimestampTz now, TimestampTz message)
{
	bool		alone;

	if (watching)
		alone = ran_message != message;
	else
		alone = !(IsTransactionBlock() && GetCurrentTransactionStartTimestamp() == message);
	if (alone)
		entry->before = entry->parse = now - message;
}

/*
 * Likewise in the extended protocol.  A transaction that is the statement's own
 * began with its first message, which is what is left to go by where the hooks
 * have seen nothing of it.
 *
 * In a transaction block a Parse may be followed by a Sync and a pause of the
 * client before it is bound: of a statement with a name its analysis is left
 * out there.  So is one that Bind itself had to repeat.
 */
static void
EnterExtended(TimingEntry *entry, TimestampTz now, TimestampTz message, Portal portal)
{
	TimestampTz xact = GetCurrentTransactionStartTimestamp();
	bool		bound = binding.xact == xact && binding.message < message &&
		(binding.portal == NULL || binding.portal == portal);
	bool		analyzed = analysis.xact == xact && analysis.message < message &&
		!(bound && analysis.message >= binding.message) &&
		!(portal->prepStmtName != NULL && IsTransactionBlock());
	TimestampTz begin = message;

	if (analyzed)
		begin = analysis.message;
	else if (bound)
		begin = binding.message;
	else if (!IsTransactionBlock() && ran_xact != xact)
		begin = xact;
	entry->before = now - begin;
	if (!watching)
		return;

	entry->parse = now - message;
	if (analyzed)
		entry->parse += analysis.end - analysis.message;
	if (bound)
		entry->parse += binding.end - binding.begin;
	if (begin < message)
		entry->arrival = entry->before - entry->parse;
}

/*
 * Returns what came before the function that calls this, first thing.
 *
 * Only a statement's first step has anything before it, and none that other
 * functions or procedures run with statements of theirs: what came before such
 * a one was more than parsing.
 */
TimingEntry
TimingEnter(void)
{
	TimingEntry entry = {-1, -1, -1};
	TimestampTz now;
	TimestampTz message;
	Portal		portal;

	if (!timing_enabled || SPI_inside_nonatomic_context())
		return entry;

	now = GetCurrentTimestamp();
	message = GetCurrentStatementStartTimestamp();
	portal = Inside() ? running.portal : ActivePortal;
	if (portal == NULL || message == entered_message ||
		(Inside() && (running.resumed || running.nested)))
		return entry;
	entered_message = message;

	if (portal->visible)
		EnterExtended(&entry, now, message, portal);
	else
		EnterSimple(&entry, now, message);

	/* the wall clock was set */
	if (entry.before < 0 || entry.before > MAX_BEFORE_US ||
		entry.parse > entry.before || entry.arrival > entry.before)
		entry.before = entry.arrival = entry.parse = -1;

	return entry;
}
