/*
 * trace_figures.h
 *	  The figures of a trace: made once of what was kept, and shown by report.c and
 *	  json.c, which compute none.
 *
 * Times are in ms; NAN: cannot be had.  Means add up, and percentiles do not.
 */
#ifndef TRACE_FIGURES_H
#define TRACE_FIGURES_H

#include "statistics/estimate.h"
#include "trace/trace_internal.h"

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
	const char *name;
	const char *engine;
	const char *serialization;	/* NULL: none was given */
	int64_t		text_bytes;		/* the median; -1: nothing was stored */
	int64_t		text_least;
	int64_t		text_most;
	int64_t		stored_bytes;	/* on disk, the median of a few; -1: unknown */
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
	const char *name;
	const char *engine;
	int			nsteps;
	int			n;
	int			overlapping;	/* with steps at the same time: in no part but whole and its four */
	int			nblocks;
	TraceSummary time[WORKFLOW_TIME_COUNT];
	TraceSummary volume[TRACE_VOLUME_COUNT];
} WorkflowGroup;

/* what the server says of the statements of one role, over the trace */
typedef struct ServerRole
{
	Role		role;
	int64_t		calls;
	double		ms;
} ServerRole;

typedef struct TraceFigures
{
	const Trace *trace;
	double		duration_ms;
	int			nsteps;			/* groups */
	StepGroup  *steps;
	int			nworkflows;
	WorkflowGroup *workflows;
	int			nreplayed;
	TraceSummary replayed;		/* their total */
	const char *no_server_time;	/* why there is no second figure; NULL: there is one */
	bool		server_reset;	/* its statistics were reset meanwhile */
	int			nserver;
	ServerRole	server[ROLE_COUNT];
	double		server_per_step_ms; /* of the statements of steps, by the steps that were seen */
} TraceFigures;

/* Times of one step in ns by the calibration; for the file of samples too. */
extern void step_times(const Trace *trace, const StepSample *sample, double ns[STEP_TIME_COUNT]);

extern void trace_figures_make(Trace *trace, TraceFigures *figures);
extern void trace_figures_free(TraceFigures *figures);

/* server_time.c: NULL, with a sentence kept, where there is none */
extern ServerTime *server_time_begin(const char *conninfo);

/* what the server stores of a step's text, by its own word; -1: unknown.  Reads no payload. */
extern int64_t server_stored_bytes(ServerTime *time, const Trace *trace, const StepSample *sample);
extern void server_time_end(ServerTime *time, TraceFigures *figures);
extern void server_time_free(ServerTime *time);

extern void trace_report(const TraceFigures *figures, FILE *out);
extern bool trace_write_json(const TraceFigures *figures, const char *path);
extern bool trace_write_samples(const Trace *trace, const char *path);

#endif							/* TRACE_FIGURES_H */
