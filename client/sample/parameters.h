/*
 * parameters.h
 *	  What a run is to do.  The command line fills it, the drives follow it, the
 *	  figures and the result file carry it.
 */
#ifndef PARAMETERS_H
#define PARAMETERS_H

#include <stdbool.h>
#include <stdint.h>

#include "sample/sample.h"

#define MAX_SIZES 100
#define MAX_SIDES 2
#define MAX_PAYLOAD_BYTES INT64_C(536870000)	/* what the extension's own limit can be set to */
#define MAX_BLOCK_ITERATIONS 10000
#define MAX_WORKFLOW_ID_BYTES 1024

/* without --blocks, -T and -n: until this is known, but not longer than that */
#define DEFAULT_PRECISION_PERCENT 5.0
#define DEFAULT_TIME_LIMIT_S 20
#define LEAST_BLOCKS 10
#define DEFAULT_BLOCK_ITERATIONS 30
#define LEAST_BLOCK_ITERATIONS 5	/* where a block of the default does not fit into its time */
#define DEFAULT_WARMUP 3

typedef struct Parameters
{
	/* how long */
	int			iterations;		/* of a block (-n) */
	int			warmup;			/* of a block, before them, not counted */
	int			blocks;			/* --blocks; 0: until the time is over or the medians are known */
	int			time_limit_s;	/* -T; 0: not given */

	/* what */
	int			nsides;			/* 2: --against */
	const char *labels[MAX_SIDES];	/* NULL: none given */
	int			nsizes;
	int64_t		sizes[MAX_SIZES];
	bool		drives[DRIVE_COUNT];
	bool		origins[ORIGIN_COUNT];
	bool		origins_by_default;	/* nobody asked for these; in no result file, nor is the next */
	bool		portable;		/* a side has no functions in C */
	bool		split_commit;	/* a step and its commit in messages of their own (calls) */
	bool		baselines;		/* --no-baselines leaves them out */
	bool		has_seed;		/* of the payloads, and of the order of everything */
	int64_t		seed;
	int			compressible;	/* percent */
	int64_t		think_ns;		/* before each step of a workflow; 0: none */
	bool		think_exponential;	/* think_ns is a mean, else each time the same */
	const char *workflow_id;	/* resume this one, once (one block of one iteration,
								 * no warm-up, one drive and origin); NULL: new ones */

	/* how */
	bool		binary;			/* payloads cross the wire as binary, else as hex text */
	int			max_tries;		/* per call on 40001/40P01; 1: none */
	bool		reconnect;
	bool		keep;			/* leave the rows that the run wrote */
} Parameters;

/*
 * Leave out what takes the extension's functions in C, where it was not asked for by name:
 * the payloads are the client's then, and there are fewer baselines.
 */
extern void parameters_without_extension(Parameters *parameters);

/*
 * Does a block end after its share of the run's time, with LEAST_BLOCK_ITERATIONS at least?
 * Else it has all its iterations, unless -T ends it.
 */
extern bool has_timed_blocks(const Parameters *parameters);

/* does the run have profiles? */
extern bool has_profiles(const Parameters *parameters);

/* has it a drive that uses the extension? */
extern bool has_own_drives(const Parameters *parameters);

#endif							/* PARAMETERS_H */
