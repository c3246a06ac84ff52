/*
 * stop.c
 *	  When a run has measured enough.
 */
#include <math.h>
#include <stdlib.h>

#include "drive/stop.h"
#include "statistics/estimate.h"
#include "statistics/percentile.h"
#include "util/clock.h"
#include "util/memory.h"

void
stop_begin(StopRule *rule, const Parameters *parameters)
{
	int			seconds = parameters->time_limit_s;

	rule->strict = seconds > 0;
	rule->blocks = parameters->workflow_id != NULL ? 1 : parameters->blocks;
	rule->next_look = LEAST_BLOCKS;
	rule->iteration_ns = 0;
	if (seconds == 0 && rule->blocks == 0)
		seconds = DEFAULT_TIME_LIMIT_S;
	rule->until_ns = seconds > 0 ? now_ns() + seconds * NS_PER_S : 0;
	rule->block_ns = has_timed_blocks(parameters) ? seconds * NS_PER_S / LEAST_BLOCKS : 0;
}

void
stop_note_iteration(StopRule *rule, int64_t ns)
{
	if (rule->iteration_ns == 0 || ns < rule->iteration_ns)
		rule->iteration_ns = ns;
}

bool
stop_in_block(const StopRule *rule, int iterations)
{
	return rule->strict && now_ns() + iterations * rule->iteration_ns >= rule->until_ns;
}

bool
stop_block(const StopRule *rule, int64_t began_ns, int iterations)
{
	return rule->block_ns > 0 && iterations >= LEAST_BLOCK_ITERATIONS &&
		now_ns() - began_ns >= rule->block_ns;
}

int
stop_least_iterations(const Measured *measured, int nblocks)
{
	int			niterations = 0;
	int			half;

	if (nblocks == 0)
		return 1;
	for (int b = 0; b < nblocks; b++)
		niterations += measured->blocks[b].niterations;
	half = (int) ceil(niterations / (2.0 * nblocks));
	return half < 1 ? 1 : half > LEAST_BLOCK_ITERATIONS ? LEAST_BLOCK_ITERATIONS : half;
}

/* Half the interval of a median round trip in percent of it; row s of the series. */
static double
precision_percent(const Measured *measured, const Series *series, int s)
{
	double	   *medians = xcalloc((size_t) measured->nblocks, sizeof(double));
	int64_t    *values = xcalloc((size_t) measured->niterations + 1, sizeof(int64_t));
	Estimate	estimate;

	for (int b = 0; b < measured->nblocks; b++)
	{
		const Block *block = &measured->blocks[b];
		int			n = 0;

		for (int i = 0; i < block->niterations; i++)
		{
			const Sample *sample = &series->samples[(size_t) (block->first_iteration + i) *
													((size_t) series->nsteps + 1) + (size_t) s];

			if (sample->state == SAMPLE_MEASURED && sample->ns[METRIC_ROUND_TRIP] != UNKNOWN)
				values[n++] = sample->ns[METRIC_ROUND_TRIP];
		}
		medians[b] = n > 0 ? (double) median_int64(values, n) : NAN;
	}
	estimate = estimate_blocks(medians, measured->nblocks);
	free(values);
	free(medians);
	return estimate_precision_percent(&estimate);
}

double
worst_precision_percent(const Measured *measured)
{
	double		worst = NAN;

	for (int i = 0; i < measured->nseries; i++)
	{
		const Series *series = &measured->series[i];
		int			first = drive_has_round_trips(series->drive) ? 0 : series->nsteps;
		int			last = drive_has_round_trips(series->drive) ? series->nsteps - 1 : series->nsteps;

		for (int s = first; s <= last; s++)
		{
			double		percent = precision_percent(measured, series, s);

			if (isnan(percent))
				return NAN;
			worst = isnan(worst) ? percent : fmax(worst, percent);
		}
	}
	return worst;
}

bool
stop_after_block(StopRule *rule, const Measured *measured, int blocks, StopReason *reason)
{
	bool		least = rule->strict || rule->blocks > 0 || blocks >= LEAST_BLOCKS;

	if (rule->blocks > 0 && blocks >= rule->blocks)
	{
		*reason = STOPPED_BY_BLOCKS;
		return true;
	}
	if (rule->until_ns > 0 && least &&
		(now_ns() >= rule->until_ns ||
		 stop_in_block(rule, measured->parameters->warmup + stop_least_iterations(measured, measured->nblocks))))
	{
		*reason = STOPPED_BY_TIME;
		return true;
	}

	/* a look takes time that grows with the blocks: seldom enough to stay unnoticed */
	if (!rule->strict && rule->blocks == 0 && blocks >= rule->next_look)
	{
		rule->next_look = blocks + blocks / 10 + 1;
		if (worst_precision_percent(measured) <= DEFAULT_PRECISION_PERCENT)
		{
			*reason = STOPPED_BY_PRECISION;
			return true;
		}
	}
	return false;
}
