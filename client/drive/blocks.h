/*
 * blocks.h
 *	  How a run goes: blocks of iterations, each block on fresh connections.
 */
#ifndef BLOCKS_H
#define BLOCKS_H

#include <stdbool.h>

#include "drive/side.h"
#include "drive/stop.h"
#include "drive/workload.h"
#include "environment/environment.h"
#include "sample/measured.h"
#include "util/random.h"

typedef struct Run
{
	/* set by the caller */
	const Parameters *parameters;
	const Environment *environments;	/* of the sides, as they were at first */
	int			progress_s;
	RunSide		sides[MAX_SIDES];

	/* what is measured */
	Workload	workload;
	Measured	measured;
	double		measured_s;		/* wall time of the blocks, warm-up and all */
	bool		failed;			/* something did, and was said on stderr */
	bool		connection_lost;

	/* of the run under way */
	Random		random;
	StopRule	stop;
	int			nblocks;		/* begun, those that were forgotten too */
	int64_t		nworkflows;		/* that have a name */
	bool		recorded_before[MAX_SIZES];
	int			failures_in_a_row;
	bool		given_up;
	bool		block_failed;	/* something has in this block */
	bool		block_over;		/* a connection was lost: the next block has new ones */
} Run;

/* make the workload and what is measured of it; run_free frees all of the run */
extern void run_prepare(Run *run);
extern void run_free(Run *run);

/*
 * Measure until the stop rule, a signal, too many failures or the end of memory stops
 * it; measured->stopped says which.  What was measured until then is kept.
 */
extern void run_blocks(Run *run);

/* ------------------------------------------------------------------------
 * reconnect.c: connections of a block, and what they are to after one was lost
 * ------------------------------------------------------------------------
 */

/*
 * A side's connection; with --reconnect it is waited for, and where it was lost before
 * the server is looked at anew: it can be another.  False where there is none, or the
 * run cannot go on there; that was said then.
 */
extern bool connect_side(Run *run, int number, bool lost_before);
extern void disconnect_side(RunSide *side);

/* ------------------------------------------------------------------------
 * iteration.c: one iteration is everything that is compared, once
 * ------------------------------------------------------------------------
 */

/* what an iteration's samples are for */
typedef enum Purpose
{
	PURPOSE_FIRST,				/* on a connection of its own */
	PURPOSE_WARMUP,
	PURPOSE_MEASURE,
	PURPOSE_CPU,				/* with dbos_payload.track_cpu on */
	PURPOSE_FLUSH				/* without waiting for standbys: what commit is without them */
} Purpose;

/* does the run go on, and its current block? */
extern bool goes_on(const Run *run);
extern bool block_goes_on(const Run *run);

/* the name of the run's next workflow on that side */
extern void next_workflow_id(Run *run, const RunSide *side, char id[WORKFLOW_ID_SIZE]);

/* something failed on that session: the block, or the run, ends where it must */
extern void after_failure(Run *run, const Session *session);
extern void give_up(Run *run);

/* which side it was, for messages; empty where there is one */
extern const char *side_prefix(const Run *run, int side);

/* run one workflow of a series on a session and keep its samples */
extern void run_workflow(Run *run, Series *series, Session *session, Purpose purpose);

/* is a series in an iteration for that? */
extern bool takes_part(const Run *run, const Series *series, Purpose purpose);

/* all that take part, and the baselines that have their turn, in an order drawn anew */
extern void run_iteration(Run *run, Purpose purpose);

/* after PURPOSE_MEASURE and PURPOSE_FLUSH of one iteration, in either order: split its commits */
extern void finish_pair(Run *run);

/* ------------------------------------------------------------------------
 * progress.c: how far a run is, on standard error: a line that is written over on a
 * terminal, a line every so many seconds with --progress, nothing in a pipe
 * ------------------------------------------------------------------------
 */

typedef struct Progress
{
	int			blocks;			/* that will be made at least */
	bool		at_least;		/* there can be more of them */
	int64_t		until_ns;		/* now_ns() at which it ends; 0: there is no such time */
	int64_t		began;
	int64_t		shown;			/* when it was last shown */
	int			every_s;		/* --progress; 0: none */
	bool		terminal;
	bool		on_line;		/* a line that is written over stands there */
} Progress;

/*
 * every_s: --progress, 0 for what the terminal is.  A run ends after so many blocks,
 * or at until_ns where that is not 0: whichever is later with at_least, else whichever
 * is earlier.
 */
extern void progress_begin(Progress *progress, int every_s, int blocks, bool at_least,
						   int64_t until_ns);

/* what: "warm-up", "measuring"; block from 1; done of total iterations of it */
extern void progress_show(Progress *progress, const char *what, int block, int done, int total);
extern void progress_end(Progress *progress);

#endif							/* BLOCKS_H */
