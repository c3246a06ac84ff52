/*
 * stop.h
 *	  When a run has measured enough.
 */
#ifndef STOP_H
#define STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "sample/measured.h"

typedef struct StopRule
{
	int64_t		until_ns;		/* now_ns() at which the time is over; 0: there is no such time */
	bool		strict;			/* the time ends a block too (-T); else only the run, and not
								 * before LEAST_BLOCKS */
	int			blocks;			/* that end the run; 0: any number */
	int64_t		block_ns;		/* a block is cut short after so long; 0: it is not */
	int64_t		iteration_ns;	/* the shortest so far; 0: there was none */
	int			next_look;		/* the precision is looked at from that many blocks on */
} StopRule;

/* the measuring begins now */
extern void stop_begin(StopRule *rule, const Parameters *parameters);

/* an iteration, of whatever purpose, took so long */
extern void stop_note_iteration(StopRule *rule, int64_t ns);

/* is the time of a strict rule over, or will be before so many iterations more are done? */
extern bool stop_in_block(const StopRule *rule, int iterations);

/*
 * Is a block long enough that began at that instant and has had so many measured
 * iterations?  Where steps are slow, LEAST_BLOCKS whole ones would take minutes.
 */
extern bool stop_block(const StopRule *rule, int64_t began_ns, int iterations);

/*
 * With fewer measured iterations a block that the time or a signal cut short is left out,
 * for a block counts as much as any other: half of what each of the first nblocks blocks has
 * on average, LEAST_BLOCK_ITERATIONS at most.  1 where there is none of these yet.
 */
extern int	stop_least_iterations(const Measured *measured, int nblocks);

/*
 * After so many blocks: is it enough?  It is too where a strict rule has no time for the
 * warm-up and the least iterations of another one.  *reason is set where it is.
 */
extern bool stop_after_block(StopRule *rule, const Measured *measured, int blocks, StopReason *reason);

/*
 * The widest interval of all steps' median round trips (of a drive whose steps have
 * none, of the workflow's), in percent of its value; NAN: there is none.
 */
extern double worst_precision_percent(const Measured *measured);

#endif							/* STOP_H */
