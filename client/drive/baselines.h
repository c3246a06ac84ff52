/*
 * baselines.h
 *	  Baselines: calls with parts of a step's way left out, among the steps, which
 *	  say what those parts cost; and the smallest step after idling.
 */
#ifndef BASELINES_H
#define BASELINES_H

#include "drive/workload.h"
#include "pg/session.h"
#include "sample/measured.h"
#include "util/random.h"

/* the baselines of one side in one block */
typedef struct Baselines
{
	Session    *session;
	const Workload *workload;
	const char *workflow_id;	/* of the rows that they replay and insert */
	int			next_function_id;	/* of the next row */
	Random	   *random;			/* of --think=exp: */
	bool		untimed;		/* the server has nothing that times its calls */
} Baselines;

/*
 * Add a side's baselines: no_op and idle, the other kinds for each size and the batch,
 * and beside profiles and split commits an empty query, also where there are no others.
 */
extern void baselines_add(Measured *measured, int side, const Workload *workload);

/*
 * Start the workflow and record, one by one, what is to be replayed; false with
 * session->error set.  workflow_id and random must live as long as the baselines.
 */
extern bool baselines_open(Baselines *baselines, Session *session, const Workload *workload,
						   const char *workflow_id, Random *random, bool untimed);

/* one call into *sample, the server's parts and all; false with session->error set */
extern bool baseline_call(Baselines *baselines, const Baseline *baseline, Sample *sample);

/* end the workflow; false with session->error set */
extern bool baselines_close(Baselines *baselines);

#endif							/* BASELINES_H */
