/*
 * make_approaches.c
 *	  One step per size against one step for all.
 */
#include <math.h>
#include <stdlib.h>

#include "figures/blocks.h"
#include "figures/make.h"
#include "util/memory.h"

/* the share of the time that batching saves at the break-even point */
#define BREAK_EVEN_SHARE 0.1

/*
 * The round-trip time at which one call instead of n saves that share: with d
 * added to each round trip, batched + d = (1 - share) (multiple + n d).
 */
static double
break_even_rtt_ms(double multiple_ms, double batched_ms, int n, double rtt_ms)
{
	double		gain = (1.0 - BREAK_EVEN_SHARE) * n - 1.0;

	if (gain <= 0.0)
		return NAN;
	return rtt_ms + (batched_ms - (1.0 - BREAK_EVEN_SHARE) * multiple_ms) / gain;
}

/* Of the blocks' medians; no round trip is shorter than none. */
static Estimate
estimate_break_even(const Making *making, int multiple, int batched)
{
	const Measured *measured = making->measured;
	const Series *series = &measured->series[multiple];
	const double *multiple_ms = making_medians(making, multiple, series->nsteps, METRIC_ROUND_TRIP);
	const double *batched_ms = making_medians(making, batched, measured->series[batched].nsteps,
											  METRIC_ROUND_TRIP);
	double	   *values = xcalloc((size_t) measured->nblocks + 1, sizeof(double));
	Estimate	estimate;

	for (int b = 0; b < measured->nblocks; b++)
		values[b] = series->drive != DRIVE_CALLS ? NAN :
			break_even_rtt_ms(multiple_ms[b], batched_ms[b], series->nsteps, making_rtt(making, series->side, multiple, b));
	estimate = estimate_blocks(values, measured->nblocks);
	free(values);

	/* fmax() would make a figure of what is not known */
	estimate.value = estimate.value < 0.0 ? 0.0 : estimate.value;
	estimate.low = estimate.low < 0.0 ? 0.0 : estimate.low;
	estimate.high = estimate.high < 0.0 ? 0.0 : estimate.high;
	return estimate;
}

static void
make_pair(const Making *making, int multiple, int batched, int smallest, Approaches *approaches)
{
	const Measured *measured = making->measured;
	const Series *left = &measured->series[multiple];
	const Series *right = &measured->series[batched];
	Metric		floor_metric = making_main_metric(making, multiple);
	size_t		n = (size_t) measured->niterations + 1;
	double	   *ratio = xcalloc(n, sizeof(double));
	double	   *saved = xcalloc(n, sizeof(double));
	double	   *expected = xcalloc(n, sizeof(double));
	double	   *shortfall = xcalloc(n, sizeof(double));

	for (int i = 0; i < measured->niterations; i++)
	{
		double		multiple_ms = sample_ms(series_sample(left, left->nsteps, i), METRIC_ROUND_TRIP);
		double		batched_ms = sample_ms(series_sample(right, right->nsteps, i), METRIC_ROUND_TRIP);
		double		floor_ms = sample_ms(series_sample(left, smallest, i), floor_metric);

		ratio[i] = log_ratio(multiple_ms, batched_ms);
		saved[i] = multiple_ms - batched_ms;
		expected[i] = (left->nsteps - 1) * floor_ms;
		shortfall[i] = saved[i] - expected[i];
	}
	approaches->side = left->side;
	approaches->drive = left->drive;
	approaches->origin = left->origin;
	approaches->nsteps = left->nsteps;
	approaches->multiple_ms = making->figures->workflows[multiple].whole.time[METRIC_ROUND_TRIP].median;
	approaches->batched_ms = making->figures->workflows[batched].whole.time[METRIC_ROUND_TRIP].median;
	approaches->floor_ms = making->figures->workflows[multiple].steps[smallest].time[floor_metric].median;
	approaches->ratio = estimate_ratio(measured, ratio);
	approaches->saved_ms = estimate_medians(measured, saved);
	approaches->expected_saving_ms = estimate_medians(measured, expected);
	approaches->shortfall_ms = estimate_medians(measured, shortfall);
	approaches->break_even_rtt_ms = estimate_break_even(making, multiple, batched);
	free(ratio);
	free(saved);
	free(expected);
	free(shortfall);
}

void
make_approaches(Making *making)
{
	const Measured *measured = making->measured;
	Figures    *figures = making->figures;

	figures->approaches = xcalloc((size_t) measured->nseries + 1, sizeof(Approaches));
	for (int i = 0; i < measured->nseries; i++)
	{
		const Series *series = &measured->series[i];
		int			smallest = making_smallest(series);
		int			batched = making_series(making, series->side, WORKFLOW_BATCHED, series->drive,
											series->origin);

		if (series->kind == WORKFLOW_MULTIPLE && batched >= 0 && smallest >= 0)
			make_pair(making, i, batched, smallest, &figures->approaches[figures->napproaches++]);
	}
}
