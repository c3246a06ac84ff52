/*
 * drive.h
 *	  One run of one workflow: start, steps by one of the three drives, the
 *	  server's timings, finish.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include "drive/workload.h"
#include "pg/session.h"
#include "sample/sample.h"

typedef struct WorkflowRun
{
	/* what to drive */
	Session    *session;
	const Options *options;
	WorkflowKind kind;
	Drive		drive;
	Origin		origin;
	const Step *steps;
	int			nsteps;
	const char *workflow_id;
	unsigned char **payloads;	/* origin client: one per step, else NULL */
	const bool *recorded_before;	/* resumed: which steps are there already, else NULL */

	/* what came of it */
	Sample	   *samples;		/* one per step */
	Sample		whole;
	int			failed_step;	/* index, -1: none */
	int			ntries_again;	/* after 40001 and 40P01 */
} WorkflowRun;

/*
 * Drive the workflow; false, with session->error set, where a step failed.  The
 * run's samples are filled all the same, the failed ones marked.
 */
extern bool drive_workflow(WorkflowRun *run);

/* allocate and free what a run of these steps needs */
extern void workflow_run_init(WorkflowRun *run, Session *session, const Workload *workload,
							  WorkflowKind kind, Drive drive, Origin origin);
extern void workflow_run_free(WorkflowRun *run);

/* the drives; each fills samples and whole as far as the client knows them */
extern bool drive_calls(WorkflowRun *run);
extern bool drive_pipeline(WorkflowRun *run);
extern bool drive_procedure(WorkflowRun *run);

/*
 * Take a step's answer: *failure is NULL where it is right, else a message
 * (malloc'd, the caller's).  decode() makes the payload usable and is timed;
 * verify() looks whether it is the right one and is not.
 */
typedef struct Decoded
{
	const unsigned char *bytes;
	size_t		size;
	unsigned char *owned;		/* to be freed by PQfreemem */
} Decoded;

extern bool decode_answer(const WorkflowRun *run, const PGresult *result, Decoded *decoded);
extern char *verify_answer(const WorkflowRun *run, int step, const PGresult *result,
						   const Decoded *decoded);

#endif							/* DRIVE_H */
