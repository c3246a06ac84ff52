/*
 * parts.h
 *	  Splits a round trip into parts that add up: the client's intervals from
 *	  its own stamps, the server's from its timing rows.
 */
#ifndef PARTS_H
#define PARTS_H

#include "pg/session.h"
#include "sample/sample.h"

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

/* what is left: network, and what no phase claims */
extern void parts_finish(Sample *sample);

/*
 * The workflow as one: the server's times and volumes of its steps, summed.  The
 * total is known only where it is known of every step.
 */
extern void parts_sum_server(const Sample *steps, int nsteps, Sample *whole);
extern void parts_sum_cpu(const CpuSample *steps, int nsteps, CpuSample *whole);

#endif							/* PARTS_H */
