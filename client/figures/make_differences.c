/*
 * make_differences.c
 *	  Two sides of one run: side 1 against side 0, within the iteration.
 */
#include <math.h>
#include <stdlib.h>

#include "figures/blocks.h"
#include "figures/make.h"
#include "util/memory.h"

/* the chance with which a difference of detectable_percent is found */
#define POWER 0.8

/* does any step have this metric, so that the workflow's is but their sum? */
static bool
steps_have(const WorkflowFigures *workflow, Metric metric)
{
	for (int s = 0; s < workflow->nsteps; s++)
	{
		if (workflow->steps[s].time[metric].n > 0)
			return true;
	}
	return false;
}

bool
is_compared(const WorkflowFigures *workflow, const Cell *cell, Metric metric)
{
	const Summary *time = cell_time(workflow, cell);

	if (cell->time[metric].n == 0)
		return false;
	if (cell == &workflow->whole && steps_have(workflow, metric) &&
		(metric != METRIC_ROUND_TRIP || workflow->nsteps == 1))
		return false;
	if (time == &cell->time[metric])
		return true;
	return metric >= FIRST_PART && metric < METRIC_UNATTRIBUTED &&
		cell->time[metric].mean.value >= DIFFERENCE_LEAST_SHARE * time->mean.value;
}

void
differences_judge(Difference *differences, int n, double *const *logs, int nlogs)
{
	double	   *p = xcalloc((size_t) n + 1, sizeof(double));
	bool	   *differs = xcalloc((size_t) n + 1, sizeof(bool));
	int			left = n;

	for (int i = 0; i < n; i++)
	{
		differences[i].ratio = estimate_exp(estimate_blocks(logs[i], nlogs));
		differences[i].p = p[i] = estimate_p_value(logs[i], nlogs);
	}
	holm(p, n, differs);
	for (int i = 0; i < n; i++)
		left -= differs[i];
	if (left < 1)
		left = 1;

	/* the bound that Holm's procedure stopped at is the one that had to be passed */
	for (int i = 0; i < n; i++)
	{
		const Estimate *ratio = &differences[i].ratio;
		int			df = ratio->nblocks - 1;

		differences[i].differs = differs[i];
		differences[i].detectable_percent = NAN;
		if (estimate_has_interval(ratio))
		{
			double		alpha = 1.0 - CONFIDENCE_PERCENT / 100.0;
			double		error = log(ratio->high / ratio->low) / 2.0 / student_critical(alpha, df);

			differences[i].detectable_percent =
				100.0 * expm1(error * (student_critical(alpha / left, df) +
									   student_critical(2.0 * (1.0 - POWER), df)));	/* in one direction */
		}
	}
	free(p);
	free(differs);
}

/* The blocks' median log ratios of one metric. */
static double *
block_logs(const Measured *measured, const Series *a, const Series *b, int step, Metric metric)
{
	double	   *values = xcalloc((size_t) measured->niterations + 1, sizeof(double));
	double	   *logs = xcalloc((size_t) measured->nblocks + 1, sizeof(double));

	for (int i = 0; i < measured->niterations; i++)
		values[i] = log_ratio(sample_ms(series_sample(b, step, i), metric),
							  sample_ms(series_sample(a, step, i), metric));
	block_medians(measured, values, logs);
	free(values);
	return logs;
}

static const Cell *
cell_of(const WorkflowFigures *workflow, int step)
{
	return step < workflow->nsteps ? &workflow->steps[step] : &workflow->whole;
}

/* All of one series against the other side's, added at *n. */
static void
add_series(const Making *making, int place, int other, double **logs)
{
	const Series *series = &making->measured->series[place];
	Figures    *figures = making->figures;
	const WorkflowFigures *a = &figures->workflows[place];
	const WorkflowFigures *b = &figures->workflows[other];

	for (int step = 0; step <= series->nsteps; step++)
	{
		for (int m = 0; m < METRIC_COUNT; m++)
		{
			Difference *difference = &figures->differences[figures->ndifferences];

			if (!is_compared(a, cell_of(a, step), (Metric) m) &&
				!is_compared(b, cell_of(b, step), (Metric) m))
				continue;
			logs[figures->ndifferences++] = block_logs(making->measured, series,
													   &making->measured->series[other], step, (Metric) m);
			difference->kind = series->kind;
			difference->drive = series->drive;
			difference->origin = series->origin;
			difference->step = step < series->nsteps ? step : -1;
			difference->payload_bytes = cell_of(a, step)->payload_bytes;
			difference->metric = (Metric) m;
		}
	}
}

void
make_differences(Making *making)
{
	const Measured *measured = making->measured;
	Figures    *figures = making->figures;
	size_t		most = 1;
	double	  **logs;

	if (figures->nsides < 2)
		return;
	for (int i = 0; i < measured->nseries; i++)
		most += (size_t) (measured->series[i].nsteps + 1) * METRIC_COUNT;
	figures->differences = xcalloc(most, sizeof(Difference));
	logs = xcalloc(most, sizeof(double *));
	for (int i = 0; i < measured->nseries; i++)
	{
		const Series *series = &measured->series[i];
		int			other = making_series(making, 1, series->kind, series->drive, series->origin);

		if (series->side == 0 && other >= 0 && measured->series[other].nsteps == series->nsteps)
			add_series(making, i, other, logs);
	}
	differences_judge(figures->differences, figures->ndifferences, logs, measured->nblocks);
	for (int i = 0; i < figures->ndifferences; i++)
		free(logs[i]);
	free(logs);
}
