/*
 * make_models.c
 *	  A line through the medians of the sizes, for the round trip and each part,
 *	  and what other round-trip times would make of the drives.
 */
#include <math.h>
#include <stdlib.h>

#include "engine/profile.h"
#include "figures/make.h"
#include "statistics/line.h"
#include "util/memory.h"

#define BYTES_PER_MB 1000000.0
#define LEAST_POINTS 3

/* medians below this are read off the clock's own grain: no more weight than here */
#define LEAST_MS 0.0001

/* the sizes that a line is drawn through */
typedef struct Sizes
{
	int			n;
	int			step[MAX_SIZES];
	double		mb[MAX_SIZES];
	double		median_ms[MAX_SIZES];	/* of the whole run: an error of 10 % counts the same at 1 B and 1 MB */
} Sizes;

static double
weight(double median_ms)
{
	return 1.0 / (fmax(median_ms, LEAST_MS) * fmax(median_ms, LEAST_MS));
}

/* The line through a block's times in ms; false where one is missing. */
static bool
fit_line(const Sizes *sizes, const double *ms, double *floor_ms, double *slope)
{
	Points		points = {0};
	Line		line;

	for (int i = 0; i < sizes->n; i++)
		line_add(&points, sizes->mb[i], ms[i], weight(sizes->median_ms[i]));
	if (!line_through(&points, &line))
		return false;
	*floor_ms = line.at_zero;
	*slope = line.slope;
	return true;
}

/* The sizes whose median is above zero; how many different ones there are. */
static int
take_points(const WorkflowFigures *workflow, Metric metric, Sizes *sizes)
{
	int			different = 0;

	sizes->n = 0;
	for (int s = 0; s < workflow->nsteps; s++)
	{
		double		median_ms = workflow->steps[s].time[metric].median.value;
		double		mb = (double) workflow->steps[s].payload_bytes / BYTES_PER_MB;
		bool		seen = false;

		if (!(median_ms > 0.0))
			continue;
		for (int i = 0; i < sizes->n; i++)
			seen = seen || sizes->mb[i] == mb;
		different += !seen;
		sizes->step[sizes->n] = s;
		sizes->mb[sizes->n] = mb;
		sizes->median_ms[sizes->n++] = median_ms;
	}
	return different;
}

static void
fit_reset(Fit *fit)
{
	const Estimate none = {NAN, NAN, NAN, 0};

	*fit = (Fit) {false, false, none, none, NAN, 0};
}

/* How far the line is off the medians. */
static void
judge_fit(const WorkflowFigures *workflow, const Sizes *sizes, Fit *fit)
{
	for (int i = 0; i < sizes->n; i++)
	{
		double		line_ms = fit->floor_ms.value + fit->slope_ms_per_mb.value * sizes->mb[i];
		double		percent = 100.0 * (sizes->median_ms[i] - line_ms) / fmax(sizes->median_ms[i], LEAST_MS);

		if (isnan(fit->worst_percent) || fabs(percent) > fabs(fit->worst_percent))
		{
			fit->worst_percent = percent;
			fit->worst_bytes = workflow->steps[sizes->step[i]].payload_bytes;
		}
	}
	fit->poor = fabs(fit->worst_percent) > MODEL_POOR_PERCENT;
}

static void
make_fit(const Making *making, int place, Metric metric, Fit *fit)
{
	const WorkflowFigures *workflow = &making->figures->workflows[place];
	size_t		nblocks = (size_t) making->measured->nblocks;
	double	   *floors = xcalloc(nblocks + 1, sizeof(double));
	double	   *slopes = xcalloc(nblocks + 1, sizeof(double));
	double		ms[MAX_SIZES];
	Sizes		sizes;

	fit_reset(fit);
	if (take_points(workflow, metric, &sizes) >= LEAST_POINTS)
	{
		for (size_t b = 0; b < nblocks; b++)
		{
			for (int i = 0; i < sizes.n; i++)
				ms[i] = making_medians(making, place, sizes.step[i], metric)[b];
			if (!fit_line(&sizes, ms, &floors[b], &slopes[b]))
				floors[b] = slopes[b] = NAN;
		}
		fit->floor_ms = estimate_blocks(floors, (int) nblocks);
		fit->slope_ms_per_mb = estimate_blocks(slopes, (int) nblocks);
		fit->known = !isnan(fit->floor_ms.value);
		if (fit->known)
			judge_fit(workflow, &sizes, fit);
	}
	free(floors);
	free(slopes);
}

static bool
is_fitted(Metric metric)
{
	return (metric >= METRIC_ROUND_TRIP && metric < METRIC_UNATTRIBUTED) ||
		metric == METRIC_SERVER_TOTAL;
}

/*
 * A drive's time in one block if a round trip took longer than it did: with the
 * calls' round trip in place of the drive's own wait, bandwidth is not modelled.
 * A drive that was not measured is what the calls are with one wait.
 */
static double
assumed_in_block(const Making *making, int block, int calls, int own, Drive drive, double own_rtt_ms)
{
	const Measured *measured = making->measured;
	double		rtt_ms = making->context->assume_rtt_ms;

	if (own >= 0)
	{
		const Series *series = &measured->series[own];
		int			waits = drive_is_profile(drive) ?
			series->nsteps * (profile_turns(drive, STAGE_CHECK) + profile_turns(drive, STAGE_RECORD)) :
			drive == DRIVE_CALLS ? series->nsteps : 1;

		return making_medians(making, own, series->nsteps, METRIC_ROUND_TRIP)[block] +
			waits * (rtt_ms - own_rtt_ms);
	}
	if (calls < 0 || drive == DRIVE_CALLS || drive_is_profile(drive))
		return NAN;
	return making_medians(making, calls, measured->series[calls].nsteps, METRIC_ROUND_TRIP)[block] -
		measured->series[calls].nsteps * own_rtt_ms + rtt_ms;
}

static Estimate
estimate_assumed(const Making *making, int calls, int own, int side, Drive drive)
{
	const Measured *measured = making->measured;
	double	   *values = xcalloc((size_t) measured->nblocks + 1, sizeof(double));
	Estimate	estimate;

	for (int b = 0; b < measured->nblocks; b++)
		values[b] = assumed_in_block(making, b, calls, own, drive, making_rtt(making, side, calls, b));
	estimate = estimate_blocks(values, measured->nblocks);
	free(values);
	return estimate;
}

static void
make_model(const Making *making, int place, ModelFigures *model)
{
	const Series *series = &making->measured->series[place];
	int			calls = making_series(making, series->side, WORKFLOW_MULTIPLE, DRIVE_CALLS, series->origin);
	int			batched = making_series(making, series->side, WORKFLOW_BATCHED, series->drive,
										series->origin);

	model->side = series->side;
	model->drive = series->drive;
	model->origin = series->origin;
	for (int m = 0; m < METRIC_COUNT; m++)
	{
		if (is_fitted((Metric) m))
			make_fit(making, place, (Metric) m, &model->fits[m]);
		else
			fit_reset(&model->fits[m]);
	}
	for (int d = 0; d < DRIVE_COUNT; d++)
	{
		int			own = making_series(making, series->side, WORKFLOW_MULTIPLE, (Drive) d, series->origin);

		model->assumed_ms[d] = estimate_assumed(making, calls, own, series->side, (Drive) d);
	}
	model->assumed_batched_ms = batched < 0 ? (Estimate) {NAN, NAN, NAN, 0} :
		estimate_assumed(making, calls, batched, series->side, series->drive);
}

void
make_models(Making *making)
{
	const Measured *measured = making->measured;
	Figures    *figures = making->figures;

	figures->models = xcalloc((size_t) measured->nseries + 1, sizeof(ModelFigures));
	for (int i = 0; i < measured->nseries; i++)
		if (measured->series[i].kind == WORKFLOW_MULTIPLE)
			make_model(making, i, &figures->models[figures->nmodels++]);
}
