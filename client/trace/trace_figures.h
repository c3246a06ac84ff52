/*
 * trace_figures.h
 *	  The figures of a trace: made once of what was kept, or read from its file, and
 *	  shown by report.c and json.c, which compute none.
 *
 * Times are in ms; NAN: cannot be had.  Means add up, and percentiles do not.  Bytes
 * that cannot be had are UNKNOWN, below zero.
 */
#ifndef TRACE_FIGURES_H
#define TRACE_FIGURES_H

#include "statistics/estimate.h"
#include "trace/observe.h"

struct StepSample;
typedef struct ServerTime ServerTime;

/* blocks of a group: equal slices of its steps in time order, each of at least so many */
#define MOST_BLOCKS 10
#define LEAST_STEPS_OF_BLOCK 6

typedef enum StepTime
{
	STEP_TOTAL,					/* application + waiting + trace */
	STEP_APPLICATION,			/* before + between */
	STEP_BEFORE,
	STEP_BETWEEN,
	STEP_WAITING,				/* network + server */
	STEP_NETWORK,
	STEP_SERVER,
	STEP_SENDING,				/* of network */
	STEP_TRACE,
	STEP_CHECK,					/* of waiting */
	STEP_RECORD,
	STEP_TIME_COUNT
} StepTime;

typedef enum WorkflowTime
{
	WORKFLOW_WHOLE,				/* start + steps + between + end; application + waiting + trace */
	WORKFLOW_START,
	WORKFLOW_STEPS,
	WORKFLOW_BETWEEN,
	WORKFLOW_END,
	WORKFLOW_APPLICATION,
	WORKFLOW_WAITING,
	WORKFLOW_NETWORK,
	WORKFLOW_SERVER,
	WORKFLOW_SENDING,
	WORKFLOW_TRACE,
	WORKFLOW_TIME_COUNT
} WorkflowTime;

typedef enum TraceVolume
{
	TRACE_ROUND_TRIPS,
	TRACE_STATEMENTS,
	TRACE_TRANSACTIONS,
	TRACE_BYTES_UP,
	TRACE_BYTES_DOWN,
	TRACE_TEXT_BYTES,
	TRACE_VOLUME_COUNT
} TraceVolume;

extern const char *const step_time_names[STEP_TIME_COUNT];
extern const char *const workflow_time_names[WORKFLOW_TIME_COUNT];
extern const char *const trace_volume_names[TRACE_VOLUME_COUNT];

typedef struct TraceSummary
{
	Estimate	mean;			/* over the blocks' means */
	double		median;
	double		p95;
	double		p99;
	double		min;
	double		max;
} TraceSummary;

typedef struct StepGroup
{
	char	   *name;			/* "": it has none */
	char	   *engine;
	char	   *serialization;	/* NULL: none was given */
	int64_t		text_bytes;		/* the median; UNKNOWN: nothing was stored */
	int64_t		text_least;
	int64_t		text_most;
	int64_t		stored_bytes;	/* on disk, the median of a few */
	int			n;
	int			failed;			/* that recorded an error */
	int			checked;		/* whose check was seen */
	int64_t		attempts;		/* records beyond the first */
	int			nblocks;
	TraceSummary time[STEP_TIME_COUNT];
	TraceSummary volume[TRACE_VOLUME_COUNT];
} StepGroup;

typedef struct WorkflowGroup
{
	char	   *name;
	char	   *engine;
	int			nsteps;
	int			n;
	int			overlapping;	/* with steps at the same time: in no part but whole and its four */
	int			nblocks;
	TraceSummary time[WORKFLOW_TIME_COUNT];
	TraceSummary volume[TRACE_VOLUME_COUNT];
} WorkflowGroup;

/* what our own session measured; all NAN, and no rounds: nothing */
typedef struct TraceRoundTrip
{
	double		direct_ms;
	double		through_ms;
	double		program_side_ms;	/* of through_ms */
	int			rounds;
	double		up_ns_per_byte;
	double		down_ns_per_byte;
} TraceRoundTrip;

/* all that passed */
typedef struct TraceSeen
{
	int64_t		connections;
	int64_t		lost;			/* connections, in the middle of something */
	int64_t		round_trips;
	int64_t		statements;
	int64_t		transactions;
	int64_t		bytes_up;
	int64_t		bytes_down;
	int64_t		errors;
} TraceSeen;

typedef struct TraceStepsSeen
{
	int64_t		recorded;		/* with those that failed */
	int64_t		failed;			/* recorded an error */
	int64_t		replayed;
	int64_t		unfinished;
	int64_t		repeated;		/* records that stored nothing, since the step was there */
	int64_t		not_kept;
} TraceStepsSeen;

typedef struct TraceWorkflowsSeen
{
	int64_t		ended;
	int64_t		unfinished;
	int64_t		not_kept;
} TraceWorkflowsSeen;

typedef struct TraceStatements
{
	char	   *role;
	int64_t		n;
	int64_t		failed;
} TraceStatements;

/* what the server says of the statements of one role, over the trace */
typedef struct ServerRole
{
	char	   *role;
	int64_t		calls;
	double		ms;
} ServerRole;

typedef struct TraceServerTime
{
	char	   *why_not;		/* why there is no second figure; NULL: there is one */
	double		step_ms;		/* of the statements of steps, by the steps that were seen */
	bool		reset;			/* its statistics were reset meanwhile */
	int			nroles;
	ServerRole *roles;
} TraceServerTime;

typedef struct TraceText
{
	char	   *text;
	int64_t		n;
} TraceText;

typedef struct TraceNotUnderstood
{
	int64_t		statements;
	int			ntexts;
	TraceText  *texts;			/* the first of them */
	int64_t		messages;
	int64_t		not_attributed;
	int64_t		connections;
	char	   *why;			/* the last connection's; NULL: there is none */
} TraceNotUnderstood;

typedef struct TraceReplayed
{
	int			n;
	TraceSummary total;
} TraceReplayed;

typedef struct TraceFigures
{
	char	   *program_version;
	char	   *started_at;		/* ISO 8601, UTC */
	double		duration_ms;
	char	   *server;			/* in words; NULL: unknown */
	TraceRoundTrip calibration;
	TraceSeen	seen;
	TraceStepsSeen steps_seen;
	TraceWorkflowsSeen workflows_seen;
	int			nsteps;			/* groups, by name, size and format */
	StepGroup  *steps;
	int			nworkflows;
	WorkflowGroup *workflows;
	TraceReplayed replayed;
	int			nstatements;
	TraceStatements *statements;
	TraceServerTime server_time;
	TraceNotUnderstood not_understood;
} TraceFigures;

/* summaries.c: times of one step in ns by the calibration; for the file of samples too. */
extern void step_times(const Trace *trace, const struct StepSample *sample, double ns[STEP_TIME_COUNT]);

/* What was seen; its numbers have as many digits as a file keeps. */
extern void trace_figures_make(Trace *trace, TraceFigures *figures);
extern void trace_figures_free(TraceFigures *figures);

/* server_time.c: NULL, with a sentence kept, where there is none */
extern ServerTime *server_time_begin(const char *conninfo);

/* what the server stores of a step's text, by its own word; below zero: unknown.  Reads no payload. */
extern int64_t server_stored_bytes(ServerTime *time, const Trace *trace, const struct StepSample *sample);
extern void server_time_end(ServerTime *time, int64_t steps, TraceServerTime *figures);
extern void server_time_free(ServerTime *time);

/* one screen; of it the sentences alone, one by one: what is measured how, and what was left out */
typedef void (*TraceSay) (void *context, const char *text);

extern void trace_report(const TraceFigures *figures, FILE *out);
extern void trace_say(const TraceFigures *figures, TraceSay tell, void *context);

/* "1.33 MB" in size bytes, "none" below zero */
extern const char *trace_words_size(int64_t bytes, char *buffer, size_t size);
extern bool trace_write_samples(const Trace *trace, const char *path);

/*
 * json.c: false, with a message on stderr, where the file could not be written; or
 * where the text is no whole result file of a trace: there is then nothing to free.
 */
extern bool trace_write_json(const TraceFigures *figures, const char *path);
extern bool trace_parse(const char *text, size_t length, const char *path, TraceFigures *figures);
extern void trace_figures_tidy(TraceFigures *figures);

#endif							/* TRACE_FIGURES_H */
