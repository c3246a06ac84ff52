/*
 * summary.h
 *	  Statistics of what a series or an arm holds, as reports and files ask for
 *	  them.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "result.h"
#include "sample.h"
#include "stats.h"

/* how every interval comes about, for readers of reports and files */
#define INTERVAL_METHOD "95 %; medians: order statistics (binomial ranks); " \
	"ratios: bootstrap of paired medians, 2000 resamples, fixed seed"

/* the network twice, at p50: from the step, and from the arm like it */
typedef struct NetworkCheck
{
	ArmKind		arm;
	double		step_ms;
	double		arm_ms;
	double		difference_ms;	/* step - arm */
	double		difference_percent; /* of the arm's */
	bool		agrees;			/* within 5 % or 10 us */
} NetworkCheck;

/* does the sample enter statistics? */
extern bool sample_counts(const Sample *sample);

/* one metric in ms; step -1: the workflow as one */
extern Summary series_summary(const Series *series, int step, Metric metric);
extern Summary arm_summary(const Arm *arm, Metric metric);


/* median of a volume; step -1: the workflow as one; UNKNOWN where there is none */
extern int64_t series_volume(const Series *series, int step, Volume volume);

/* median of heap + TOAST bytes, likewise */
extern int64_t series_stored_bytes(const Series *series, int step);

/* how many measured calls of a step failed, or had to be sent again */
extern int	series_step_failed(const Series *series, int step);
extern int	series_step_retried(const Series *series, int step);

/* the step with the smallest payload, -1 where there are none */
extern int	series_smallest_step(const Series *series);

/* has each step a round trip of its own (calls), or do they share one? */
extern bool series_has_step_round_trips(const Series *series);

/* false where one of the two figures is not known */
extern bool network_check(const Result *result, const Series *series, int step,
						  NetworkCheck *check);

#endif							/* SUMMARY_H */
