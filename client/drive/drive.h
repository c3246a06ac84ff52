/*
 * drive.h
 *	  One run of one workflow: start, steps by one of the drives, the server's
 *	  timings, finish.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include "drive/schemas.h"
#include "drive/workload.h"
#include "pg/session.h"
#include "sample/sample.h"
#include "util/random.h"

typedef struct WorkflowRun
{
	/* what to drive */
	Session    *session;
	const Parameters *parameters;
	WorkflowKind kind;
	Drive		drive;
	Origin		origin;
	const Step *steps;
	int			nsteps;
	const char *workflow_id;
	unsigned char **payloads;	/* origin client: one per step, else NULL */
	const ProfileSchemas *schemas;	/* of a profile; else NULL */
	const bool *recorded_before;	/* resumed: which steps are there already, else NULL */
	Random	   *random;			/* of --think=exp: */
	CpuSample  *cpu;			/* nsteps + 1 to be filled, or NULL */
	bool		untimed;		/* the server has nothing that times its steps */
	bool		others_times;	/* its times can be those of another server's session */
	bool		read_back;		/* procedure: compare the recorded bytes too, where they can be known */

	/* what came of it */
	Sample	   *samples;		/* one per step, then the workflow as one */
	int			failed_step;	/* index, -1: none, or it is not known which */
	int			ntries_again;	/* after 40001 and 40P01 */
} WorkflowRun;

/*
 * Drive the workflow; false, with session->error set, where it failed.  Of a
 * failed workflow the step that failed and the whole are marked so, the others are
 * absent.
 */
extern bool drive_workflow(WorkflowRun *run);

/* allocate and free what a run of these steps needs */
extern void workflow_run_init(WorkflowRun *run, Session *session, const Workload *workload,
							  WorkflowKind kind, Drive drive, Origin origin);
extern void workflow_run_free(WorkflowRun *run);

/* the workflow as one */
#define WHOLE(run) (&(run)->samples[(run)->nsteps])

/* the drives; each fills the samples as far as the client knows them */
extern bool drive_calls(WorkflowRun *run);
extern bool drive_pipeline(WorkflowRun *run);
extern bool drive_procedure(WorkflowRun *run);

/*
 * A profile: the workflow as a whole, from its start to its end, with all samples.  With
 * read_back the stored texts are compared.
 */
extern bool drive_with_profile(WorkflowRun *run);

/*
 * What a workflow does before each of its steps, and what is set beside a step waits for
 * too: nothing here, for as long as --think says; random is for exp:.  Adds how long that
 * took to *thought; false, with the session's error set, where a signal ended it.
 */
extern bool think(Session *session, const Parameters *parameters, Random *random, int64_t *thought);

/* was the last failure one after which the same may simply be called again, and may it be? */
extern bool may_try_again(const WorkflowRun *run, int tries);

/*
 * What is recorded, for a drive whose answers do not tell: the lengths of all
 * steps, and with read_back their bytes.  False, with session->error and
 * failed_step set, where something else is there.
 */
extern bool verify_recorded(WorkflowRun *run);

/*
 * Which step of a procedure has failed: the one that the server's message names, or
 * the first that is not recorded; an index, -1: unknown.
 */
extern int	find_failed_step(WorkflowRun *run);

/*
 * Take a step's answer.  decode() makes the payload usable and is timed;
 * verify() looks whether it is the right one and is not: NULL where it is, else a
 * message, malloc'd, the caller's.
 */
typedef struct Decoded
{
	const unsigned char *bytes;
	size_t		size;
	unsigned char *owned;		/* to be freed by PQfreemem */
	bool		no_memory;		/* there was none for the bytes of a text */
} Decoded;

extern bool decode_answer(const WorkflowRun *run, const PGresult *result, Decoded *decoded);
extern char *verify_answer(const WorkflowRun *run, int step, const PGresult *result,
						   const Decoded *decoded);

/* is it the answer "conflict": has another author recorded other bytes there? */
extern bool is_conflict(const WorkflowRun *run, const Decoded *decoded);

/*
 * parts.c: splits a round trip into parts that add up.  Client and server are
 * different clocks: only durations are ever subtracted from one another.
 */

/* the client's intervals of a finished round trip; the sample is measured then */
extern void parts_from_trip(const RoundTrip *trip, Sample *sample);

/*
 * Fetch the server's rows of a workflow, outside any measured time, and put
 * them into the samples (sample i is step first_function_id + i), and into cpu, one
 * per step, unless it is NULL.  Rows and columns that are not there (timing off, a
 * pooler in between, another version of the extension) leave what they would tell
 * unknown.  false where the query failed.
 */
extern bool parts_fetch_workflow(Session *session, const char *workflow_id,
								 int first_function_id, Sample *samples, CpuSample *cpu,
								 int nsamples);

/* the newest row of this session, for a call that is no step of a workflow */
extern bool parts_fetch_last(Session *session, const char *operation, Sample *sample);

/*
 * What is left: network, unless the server's times can be those of a session of another
 * server, and what no phase claims.
 */
extern void parts_finish(Sample *sample, bool others_times);

/*
 * A commit that was split off is what its message waited less what an empty query did, for
 * each of nsteps of them; it is the part commit where the server does not tell it.
 */
extern void parts_split_commit(Sample *sample, const Sample *empty, int nsteps);

/*
 * A commit that waited for standbys is its twin's flush and, beyond that, their wait; both
 * or, where one of the two commits is not known, neither.
 */
extern void parts_split_standby(Sample *sample);

/*
 * The workflow as one: the server's times and volumes of its steps, summed.  The
 * total is known only where it is known of every step.
 */
extern void parts_sum_server(const Sample *steps, int nsteps, Sample *whole);
extern void parts_sum_cpu(const CpuSample *steps, int nsteps, CpuSample *whole);

/* a sum that is UNKNOWN where one of its values is */
extern void add_known(int64_t *sum, int64_t value);
extern void add_difference(int64_t *sum, int64_t after, int64_t before);

#endif							/* DRIVE_H */
