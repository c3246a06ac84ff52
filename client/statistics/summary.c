/*
 * summary.c
 *	  From samples to figures.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "summary.h"

/* two figures of the network disagree when they are further apart than both */
#define NETWORK_TOLERANCE_PERCENT 5.0
#define NETWORK_TOLERANCE_MS 0.010

/* sample i of a step, or of the workflow as one where step is -1 */
static const Sample *
series_sample(const Series *series, int step, int i)
{
	if (step < 0)
		return &series->whole[i];
	return &series->samples[(size_t) i * (size_t) series->nsteps + (size_t) step];
}

bool
sample_counts(const Sample *sample)
{
	return !sample->failed && !sample->replayed && !sample->retried;
}

/* The first call's time, UNKNOWN where it does not count or there is none. */
static int64_t
first_time(bool has_first, const Sample *first, Metric metric)
{
	if (!has_first || !sample_counts(first))
		return UNKNOWN;
	return first->ns[metric];
}

Summary
series_summary(const Series *series, int step, Metric metric)
{
	const Sample *first = step < 0 ? &series->first_whole : &series->first[step];
	Summary		summary;
	int64_t    *values;
	int			n;

	if (step < 0)
		n = series_whole_times(series, metric, &values);
	else
		n = series_step_times(series, step, metric, &values);
	summarize(values, n, first_time(series->has_first, first, metric), &summary);
	free(values);
	return summary;
}

Summary
arm_summary(const Arm *arm, Metric metric)
{
	Summary		summary;
	int64_t    *values;
	int			n = arm_times(arm, metric, &values);

	summarize(values, n, first_time(arm->has_first, &arm->first, metric), &summary);
	free(values);
	return summary;
}

/* Median of one volume, or of the sum of two (other < 0: of one). */
static int64_t
volume_median(const Series *series, int step, int volume, int other)
{
	size_t		room = series->niterations > 0 ? (size_t) series->niterations : 1;
	int64_t    *values = xcalloc(room, sizeof(int64_t));
	int64_t		median;
	int			n = 0;

	for (int i = 0; i < series->niterations; i++)
	{
		const Sample *sample = series_sample(series, step, i);
		int64_t		value = sample->volume[volume];

		if (!sample_counts(sample) || value == UNKNOWN)
			continue;
		if (other >= 0)
		{
			if (sample->volume[other] == UNKNOWN)
				continue;
			value += sample->volume[other];
		}
		values[n++] = value;
	}
	median = median_int64(values, n);
	free(values);
	return median;
}

int64_t
series_volume(const Series *series, int step, Volume volume)
{
	return volume_median(series, step, volume, -1);
}

int64_t
series_stored_bytes(const Series *series, int step)
{
	return volume_median(series, step, VOLUME_HEAP_BYTES, VOLUME_TOAST_BYTES);
}

int
series_step_failed(const Series *series, int step)
{
	int			failed = 0;

	for (int i = 0; i < series->niterations; i++)
		failed += series_sample(series, step, i)->failed;
	return failed;
}

int
series_step_retried(const Series *series, int step)
{
	int			retried = 0;

	for (int i = 0; i < series->niterations; i++)
		retried += series_sample(series, step, i)->retried;
	return retried;
}

int
series_smallest_step(const Series *series)
{
	int			smallest = -1;

	for (int s = 0; s < series->nsteps; s++)
	{
		if (smallest < 0 || series->steps[s].payload_bytes < series->steps[smallest].payload_bytes)
			smallest = s;
	}
	return smallest;
}

bool
series_has_step_round_trips(const Series *series)
{
	for (int s = 0; s < series->nsteps; s++)
	{
		if (series_summary(series, s, METRIC_ROUND_TRIP).n > 0)
			return true;
	}
	return series->drive == DRIVE_CALLS;
}

bool
network_check(const Result *result, const Series *series, int step, NetworkCheck *check)
{
	check->arm = series->origin == ORIGIN_SERVER ? ARM_SEND : ARM_RECEIVE;
	check->step_ms = series_summary(series, step, METRIC_NETWORK).p50;
	check->arm_ms = NAN;
	for (int i = 0; i < result->narms; i++)
	{
		const Arm  *arm = &result->arms[i];

		if (arm->kind == check->arm && arm->payload_bytes == series->steps[step].payload_bytes)
			check->arm_ms = arm_summary(arm, METRIC_NETWORK).p50;
	}
	check->difference_ms = check->step_ms - check->arm_ms;
	check->difference_percent = 100.0 * check->difference_ms / check->arm_ms;
	check->agrees = fabs(check->difference_ms) <= NETWORK_TOLERANCE_MS ||
		fabs(check->difference_percent) <= NETWORK_TOLERANCE_PERCENT;
	return !isnan(check->difference_ms);
}
