/*
 * checkpoint_result.c
 *	  What results of writing and reading checkpoints have in common: columns of times
 *	  by part, speeds, and ratios that are judged together.
 */
#include <math.h>
#include <stdlib.h>

#include "experiment/checkpoint.h"
#include "util/memory.h"

void
time_columns(ExperimentTable *table, const TimeColumn *times, int n)
{
	for (int t = 0; t < n; t++)
		result_column(table, times[t].name, times[t].name, UNIT_MS, SHOW_FULL, times[t].meaning);
}

void
time_cells(ExperimentTable *table, const Plan *plan, int cell, const TimeColumn *times, int n)
{
	int64_t		measured = plan_n(plan, cell, times[0].metric);

	for (int t = 0; t < n; t++)
		result_estimate(table, plan_mean(plan, cell, times[t].metric), measured);
}

Estimate
plan_speed(const Plan *plan, int cell, int metric, size_t size)
{
	Estimate	ms = plan_median(plan, cell, metric);
	Estimate	speed = ms;
	double		mb = (double) size / 1000.0;

	if (!(ms.value > 0.0))
		return estimate_unknown();
	speed.value = mb / ms.value;
	speed.low = ms.low > 0.0 ? mb / ms.high : NAN;
	speed.high = ms.low > 0.0 ? mb / ms.low : NAN;
	return speed;
}

void
ratios_judge(const Plan *plan, JudgedRatio *ratios, int n)
{
	double	   *p = xcalloc((size_t) n + 1, sizeof(double));
	bool	   *rejected = xcalloc((size_t) n + 1, sizeof(bool));

	for (int i = 0; i < n; i++)
		ratios[i].ratio = plan_ratio(plan, ratios[i].cell, ratios[i].metric, ratios[i].against, ratios[i].metric, &p[i]);
	holm(p, n, rejected);
	for (int i = 0; i < n; i++)
		ratios[i].differs = rejected[i] && estimate_has_interval(&ratios[i].ratio);
	free(p);
	free(rejected);
}

void
caveat_few_blocks(ExperimentResult *result, const Plan *plan)
{
	if (plan->nblocks < LEAST_INTERVAL_BLOCKS)
		result_caveat(result, "Only %d blocks were measured: there are no intervals, and so no difference is shown. More time (-T) or fewer --sizes would give them.", plan->nblocks);
}
