/*
 * figures.h
 *	  The figures of a run: all that reports, files, plots and comparisons show.
 *
 * Built once, from the samples (figures_make) or from a result file
 * (figures_read): the very same structure either way.  Nobody who shows it
 * calls statistics.  Times are in milliseconds, sizes in bytes; a figure that
 * cannot be had is NAN (UNKNOWN for integers).
 */
#ifndef FIGURES_H
#define FIGURES_H

#include <stdbool.h>
#include <stdint.h>

#include "environment/environment.h"
#include "sample/measured.h"
#include "statistics/estimate.h"

/* percentiles are nearest rank over all iterations of all blocks */
typedef struct Summary
{
	int64_t		n;				/* iterations that count */
	Estimate	median;			/* over the blocks' medians */
	Estimate	mean;			/* over the blocks' means: what adds up, and shares are of */
	double		min;
	double		p95;
	double		p99;
	double		max;
	double		stddev;
} Summary;

/* computing and waiting in one phase, means over the iterations with track_cpu on */
typedef struct PhaseUse
{
	int			n;
	double		wall_ms;
	double		cpu_ms;
	double		delay_ms;		/* able to run, and waiting for a processor; NAN: unknown */
} PhaseUse;

/* what a median alone would hide */
typedef struct Shape
{
	double		slow_share;		/* share of iterations slower than SLOW_MODE medians, 0 to 1 */
	double		slow_ms;		/* their median; NAN: there are none */
	double		delayed_ack_share;	/* share whose network looks like a delayed acknowledgement */
	double		delayed_ack_ms;	/* the median of their network; NAN: there are none */
} Shape;

#define SLOW_MODE 3.0

/* one step of a workflow, or the workflow as one */
typedef struct Cell
{
	char	   *name;			/* function_name; of the whole: the workflow's */
	int			function_id;	/* 0: the whole */
	int64_t		payload_bytes;
	int			failed;			/* iterations in which it failed, was replayed, sent again: */
	int			replayed;		/* none of these is in any figure */
	int			retried;
	Summary		time[METRIC_COUNT];
	Estimate	first;			/* main time of the first call of a fresh connection */
	int64_t		volume[VOLUME_COUNT];	/* medians */
	int64_t		stored_bytes;	/* median of heap + TOAST */
	int64_t		usage_n;		/* calls of which WAL and buffers are known: of others they are another server's */
	PhaseUse	use[PHASE_COUNT];
	Shape		shape;			/* of the round trip */
} Cell;

typedef struct WorkflowFigures
{
	int			side;
	WorkflowKind kind;
	Drive		drive;
	Origin		origin;
	int			failed;			/* iterations in which a step failed */
	int			nsteps;
	Cell	   *steps;
	Cell		whole;
	bool		own_round_trips;	/* each step has a round trip of its own (calls) */
} WorkflowFigures;

typedef struct BaselineFigures
{
	int			side;
	BaselineKind kind;
	int64_t		payload_bytes;
	Summary		time[METRIC_COUNT];

	/* against the step (insert, replay, receive, send) or the baseline (send_hex against
	 * send) of that size, within the same iteration; NAN where there is none */
	Estimate	difference_ms;	/* this - that */
	Estimate	ratio;			/* this / that */
} BaselineFigures;

/* one step per size against one step for all, of one side, drive and origin */
typedef struct Approaches
{
	int			side;
	Drive		drive;
	Origin		origin;
	int			nsteps;			/* of multiple */
	Estimate	multiple_ms;
	Estimate	batched_ms;
	Estimate	ratio;			/* multiple / batched */
	Estimate	floor_ms;		/* the smallest step's round trip (its server total where
								 * steps have none) */
	Estimate	saved_ms;		/* multiple - batched */
	Estimate	expected_saving_ms; /* (nsteps - 1) x floor */
	Estimate	shortfall_ms;	/* saved - expected, within the iteration */
	Estimate	break_even_rtt_ms;	/* round-trip time at which batching saves 10 % */
} Approaches;

/* time = floor + slope x bytes, fitted in each block on its medians */
typedef struct Fit
{
	bool		known;			/* at least three sizes */
	bool		poor;			/* it misses a median by more than MODEL_POOR_PERCENT */
	Estimate	floor_ms;
	Estimate	slope_ms_per_mb;	/* 1 MB = 1,000,000 bytes */
	double		worst_percent;	/* largest (measured - line) / measured, with its sign */
	int64_t		worst_bytes;	/* the size where that is */
} Fit;

#define MODEL_POOR_PERCENT 20.0

typedef struct ModelFigures
{
	int			side;
	Drive		drive;
	Origin		origin;
	Fit			fits[METRIC_COUNT]; /* round trip, the parts, the server's total */

	/* at parameters' --assume-rtt: one step per size by calls, pipeline, procedure, and
	 * the batch; NAN value: cannot be said */
	Estimate	assumed_ms[DRIVE_COUNT];	/* of drives that the run does not have: pipeline and procedure
									 * as the calls' times tell */
	Estimate	assumed_batched_ms;
} ModelFigures;

/*
 * What the statements and the encoding of an SDK cost beyond a call of ours (calls,
 * origin client), in the same iteration.  The three parts add up to the difference, in
 * every block and so in their values: each is a difference of the block's medians.
 */
typedef struct ProfileFigures
{
	int			side;
	WorkflowKind kind;
	Drive		drive;			/* a profile, no plain twin */
	int			step;			/* -1: the workflow as one, with its start and end */
	int64_t		payload_bytes;
	int64_t		text_bytes;
	int			turns;			/* round trips */
	int			own_turns;		/* of ours */
	Estimate	profile_ms;
	Estimate	own_ms;			/* NAN, as what follows from it: the run has no calls with origin client */
	Estimate	difference_ms;	/* profile - own */
	Estimate	network_ms;		/* turns x an empty query */
	Estimate	round_trips_ms;	/* (turns - own turns) x an empty query */
	Estimate	format_ms;		/* profile - the same with a plain text of the payload's length */
	Estimate	database_ms;	/* what is left: statements, transactions, indexes */
} ProfileFigures;

/* side 1 against side 0, in the same iteration */
typedef struct Difference
{
	WorkflowKind kind;
	Drive		drive;
	Origin		origin;
	int			step;			/* -1: the workflow as one */
	int64_t		payload_bytes;
	Metric		metric;
	Estimate	ratio;			/* side 1 / side 0 */
	double		p;
	bool		differs;		/* by Holm over all of them */
	double		detectable_percent; /* a true difference this large is found in 4 runs of 5 */
} Difference;

/* what a side's backends used while it was measured, over the blocks */
typedef struct BackendFigures
{
	Estimate	cpu_share;		/* of the blocks' wall time, 0 to 1 */
	Estimate	delay_share;	/* waiting for a processor */
	Estimate	involuntary_per_s;
} BackendFigures;

typedef struct Side
{
	char	   *label;			/* never NULL: as given, or what differs, or "A" and "B" */
	char	   *conninfo;		/* without its password */
	Protocol	protocol;
	Environment environment;
	BackendFigures backend;
	double		tcp_rtt_ms;
	int64_t		tcp_retransmits;
	int			nmoves;			/* to other servers, after lost connections */
	Move	   *moves;
} Side;

typedef struct Figures
{
	/* what was asked */
	char	   *tool_version;
	char	   *started_at;		/* ISO 8601, UTC */
	char	   *run_id;			/* no two runs have the same (the uuid in their workflows' ids) */
	int			ncommand;
	char	  **command;		/* without passwords */
	Parameters	parameters;		/* its strings belong to the figures */
	double		assume_rtt_ms;	/* NAN: not asked */

	/* what it came to */
	int			nblocks;
	int			niterations;
	int			every;			/* every how-manieth block was kept */
	double		measured_s;		/* wall time of the blocks, warm-up and all */
	StopReason	stopped;
	double		worst_precision_percent;	/* of the steps' round trips, or of all at once; NAN: one has no interval */
	bool		interrupted;
	bool		connection_lost;
	int			nreconnects;
	int			nretries;
	bool		sends_unseen;	/* encode ends before the message is built: see Session */

	int			nsides;
	Side		sides[MAX_SIDES];
	int			nworkflows;
	WorkflowFigures *workflows;	/* multiple, batched, multiple … per side, drive, origin */
	int			nbaselines;
	BaselineFigures *baselines;
	int			napproaches;
	Approaches *approaches;
	int			nmodels;
	ModelFigures *models;
	int			nprofiles;
	ProfileFigures *profiles;
	int			ndifferences;
	Difference *differences;	/* of two sides */
} Figures;

extern void figures_free(Figures *figures);

/* from samples; the environments are taken over, everything else is copied */
typedef struct FiguresContext
{
	const char *started_at;
	const char *run_id;
	int			argc;
	char	  **argv;
	double		assume_rtt_ms;
	double		measured_s;
	bool		interrupted;
	bool		connection_lost;
	Environment *environments;	/* [parameters->nsides] */
	const char *const *conninfos;	/* as given; NULL: none given */
	const Protocol *protocols;	/* [parameters->nsides] */
} FiguresContext;

extern void figures_make(const Measured *measured, const FiguresContext *context, Figures *figures);

/*
 * Result files (--json).  Both return false with a message on stderr; what is
 * read is checked key by key, and the message says where the file is wrong.
 */
extern bool figures_write(const Figures *figures, const char *path);
extern bool figures_read(const char *path, Figures *figures);

/* the same of a text in memory; path: what messages call it */
extern bool figures_parse(const char *text, size_t length, const char *path, Figures *figures);

/* look things up; NULL where there is no such thing */
extern const WorkflowFigures *figures_workflow(const Figures *figures, int side, WorkflowKind kind,
											   Drive drive, Origin origin);
extern const Cell *difference_cell(const Figures *figures, int side, const Difference *difference);
extern const BaselineFigures *figures_baseline(const Figures *figures, int side, BaselineKind kind,
											   int64_t payload_bytes);

/* a cell's main time: its round trip, or the server's total where it has none */
extern const Summary *cell_time(const WorkflowFigures *workflow, const Cell *cell);

#endif							/* FIGURES_H */
