/*
 * iteration.h
 *	  One iteration: everything that is compared, once.
 */
#ifndef ITERATION_H
#define ITERATION_H

#include "drive/blocks.h"

/* what an iteration's samples are for */
typedef enum Purpose
{
	PURPOSE_FIRST,				/* on a connection of its own */
	PURPOSE_WARMUP,
	PURPOSE_MEASURE,
	PURPOSE_CPU					/* with dbos_payload.track_cpu on */
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

/* all series, and the baselines that have their turn, in an order drawn anew */
extern void run_iteration(Run *run, Purpose purpose);

#endif							/* ITERATION_H */
