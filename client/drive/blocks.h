/*
 * blocks.h
 *	  How a run goes: blocks of iterations, each block on fresh connections.
 */
#ifndef BLOCKS_H
#define BLOCKS_H

#include <stdbool.h>
#include <stdio.h>

#include "drive/side.h"
#include "drive/stop.h"
#include "drive/workload.h"
#include "sample/measured.h"
#include "util/random.h"

typedef struct Run
{
	/* set by the caller */
	const Parameters *parameters;
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
	bool		block_over;		/* a connection was lost: the next block has new ones */
} Run;

/* make the workload and what is measured of it; run_free frees all of the run */
extern void run_prepare(Run *run);
extern void run_free(Run *run);

/* payload bytes that a block writes to one side's tables, and those of the whole run; -1: not known */
extern int64_t run_block_bytes(const Run *run);
extern int64_t run_total_bytes(const Run *run);

/*
 * Measure until the stop rule, a signal, too many failures or the end of memory stops
 * it; measured->stopped says which.  What was measured until then is kept.
 */
extern void run_blocks(Run *run);

#endif							/* BLOCKS_H */
