/*
 * arms.h
 *	  Differential arms: calls with parts of a step's way left out, interleaved
 *	  with the steps, from which a second network figure and the cost of a
 *	  replay follow.
 */
#ifndef ARMS_H
#define ARMS_H

#include "drive/workload.h"
#include "pg/session.h"
#include "sample/sample.h"

typedef struct Arms
{
	Session    *session;
	const Options *options;
	const char *workflow_id;	/* of the rows that arms replay and insert */
	int			narms;
	Arm		   *arms;			/* no_op, then the other kinds per size */
	int			next_function_id;	/* of the next bare INSERT */
} Arms;

/* start the arms' workflow and record what is to be replayed; false with session->error set */
extern bool arms_open(Arms *arms, Session *session, const Workload *workload,
					  const char *workflow_id);

/* call every arm once; its sample is kept where record is true */
extern bool arms_call_all(Arms *arms, bool record);

extern bool arms_finish(Arms *arms);
extern void arms_free(Arms *arms);

#endif							/* ARMS_H */
