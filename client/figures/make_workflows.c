/*
 * make_workflows.c
 *	  The figures of each step and each workflow.
 */
#include <math.h>
#include <stdlib.h>

#include "figures/blocks.h"
#include "figures/make.h"
#include "statistics/percentile.h"
#include "util/clock.h"
#include "util/memory.h"

/*
 * A delayed acknowledgement holds an answer back for 40 ms (Linux) and what the
 * timer adds.
 */
#define DELAYED_ACK_LEAST_MS 35.0
#define DELAYED_ACK_MOST_MS 60.0

static void
count_states(const Measured *measured, const Series *series, int step, Cell *cell)
{
	for (int i = 0; i < measured->niterations; i++)
	{
		SampleState state = series_sample(series, step, i)->state;

		cell->failed += state == SAMPLE_FAILED;
		cell->replayed += state == SAMPLE_REPLAYED;
		cell->retried += state == SAMPLE_RETRIED;
	}
}

static void
collect(const Measured *measured, const Series *series, int step, Metric metric, double *values)
{
	for (int i = 0; i < measured->niterations; i++)
		values[i] = sample_ms(series_sample(series, step, i), metric);
}

/* Median of the sum of two volumes; the same one twice: of that one. */
static int64_t
volume_median(const Measured *measured, const Series *series, int step, Volume one, Volume two)
{
	int64_t    *values = xcalloc((size_t) measured->niterations + 1, sizeof(int64_t));
	int64_t		median;
	int			n = 0;

	for (int i = 0; i < measured->niterations; i++)
	{
		const Sample *sample = series_sample(series, step, i);

		if (sample->state == SAMPLE_MEASURED && sample->volume[one] != UNKNOWN && sample->volume[two] != UNKNOWN)
			values[n++] = sample->volume[one] + (one != two ? sample->volume[two] : 0);
	}
	median = median_int64(values, n);
	free(values);
	return median;
}

/* Of how many calls the server's WAL is known. */
static int64_t
count_usage(const Measured *measured, const Series *series, int step)
{
	int64_t		n = 0;

	for (int i = 0; i < measured->niterations; i++)
	{
		const Sample *sample = series_sample(series, step, i);

		n += sample->state == SAMPLE_MEASURED && sample->volume[VOLUME_WAL_BYTES] != UNKNOWN;
	}
	return n;
}

static Estimate
first_estimate(const Measured *measured, const Series *series, int step, Metric metric)
{
	double	   *values = xcalloc((size_t) measured->nblocks + 1, sizeof(double));
	Estimate	estimate;

	for (int b = 0; b < measured->nblocks; b++)
		values[b] = sample_ms(&series->first[(size_t) b * ((size_t) series->nsteps + 1) + (size_t) step],
							  metric);
	estimate = estimate_blocks(values, measured->nblocks);
	free(values);
	return estimate;
}

/* The mean of one phase over the iterations with track_cpu on. */
static PhaseUse
phase_use(const Series *series, int step, Phase phase)
{
	PhaseUse	use = {0, 0.0, 0.0, 0.0};

	for (int i = 0; i < series->ncpu; i++)
	{
		const CpuSample *sample = &series->cpu[(size_t) i * ((size_t) series->nsteps + 1) + (size_t) step];

		if (sample->state != SAMPLE_MEASURED || sample->wall_ns[phase] == UNKNOWN ||
			sample->cpu_ns[phase] == UNKNOWN)
			continue;
		use.n++;
		use.wall_ms += (double) sample->wall_ns[phase] / (double) NS_PER_MS;
		use.cpu_ms += (double) sample->cpu_ns[phase] / (double) NS_PER_MS;
		use.delay_ms += sample->delay_ns[phase] != UNKNOWN ? (double) sample->delay_ns[phase] / (double) NS_PER_MS : NAN;
	}
	/* of none: 0 / 0, not known */
	use.wall_ms /= use.n;
	use.cpu_ms /= use.n;
	use.delay_ms /= use.n;
	return use;
}

/* The share of values between two bounds, and their median. */
static double
share_between(const double *values, int n, double low, double high, double *median)
{
	double	   *within = xcalloc((size_t) n + 1, sizeof(double));
	int			known = 0;
	int			nwithin = 0;

	for (int i = 0; i < n; i++)
	{
		if (isnan(values[i]))
			continue;
		known++;
		if (values[i] >= low && values[i] <= high)
			within[nwithin++] = values[i];
	}
	*median = median_double(within, nwithin);
	free(within);
	return known > 0 ? (double) nwithin / known : NAN;
}

static void
make_cell(Making *making, int place, int step, Cell *cell)
{
	const Measured *measured = making->measured;
	const Series *series = &measured->series[place];
	Metric		main_metric = step == series->nsteps ? METRIC_ROUND_TRIP : making_main_metric(making, place);
	double		usual_rtt = making->figures->sides[series->side].environment.rtt_ms;
	double	   *values = xcalloc((size_t) measured->niterations + 1, sizeof(double));

	if (isnan(usual_rtt))
		usual_rtt = 0.0;
	count_states(measured, series, step, cell);
	for (int m = 0; m < METRIC_COUNT; m++)
	{
		collect(measured, series, step, (Metric) m, values);
		summary_make(measured, values, making_medians(making, place, step, (Metric) m),
					 &cell->time[m]);
	}
	cell->first = first_estimate(measured, series, step, main_metric);
	for (int v = 0; v < VOLUME_COUNT; v++)
		cell->volume[v] = volume_median(measured, series, step, (Volume) v, (Volume) v);
	cell->stored_bytes = volume_median(measured, series, step, VOLUME_HEAP_BYTES, VOLUME_TOAST_BYTES);
	cell->usage_n = count_usage(measured, series, step);
	for (int p = 0; p < PHASE_COUNT; p++)
		cell->use[p] = phase_use(series, step, (Phase) p);

	collect(measured, series, step, main_metric, values);
	cell->shape.slow_share = share_between(values, measured->niterations,
										   SLOW_MODE * cell->time[main_metric].median.value,
										   INFINITY, &cell->shape.slow_ms);
	collect(measured, series, step, METRIC_NETWORK, values);
	cell->shape.delayed_ack_share = share_between(values, measured->niterations,
												  usual_rtt + DELAYED_ACK_LEAST_MS,
												  usual_rtt + DELAYED_ACK_MOST_MS,
												  &cell->shape.delayed_ack_ms);
	free(values);
}

static int
count_failed(const Measured *measured, const Series *series)
{
	int			failed = 0;

	for (int i = 0; i < measured->niterations; i++)
	{
		bool		any = false;

		for (int s = 0; s <= series->nsteps; s++)
			any = any || series_sample(series, s, i)->state == SAMPLE_FAILED;
		failed += any;
	}
	return failed;
}

static void
make_workflow(Making *making, int place)
{
	const Measured *measured = making->measured;
	const Series *series = &measured->series[place];
	WorkflowFigures *workflow = &making->figures->workflows[place];

	making->medians[place] = xcalloc(((size_t) series->nsteps + 1) * METRIC_COUNT *
									 (size_t) (measured->nblocks + 1), sizeof(double));
	workflow->side = series->side;
	workflow->kind = series->kind;
	workflow->drive = series->drive;
	workflow->origin = series->origin;
	workflow->failed = count_failed(measured, series);
	workflow->own_round_trips = drive_has_round_trips(series->drive);
	workflow->nsteps = series->nsteps;
	workflow->steps = xcalloc((size_t) series->nsteps + 1, sizeof(Cell));
	for (int s = 0; s < series->nsteps; s++)
	{
		Cell	   *cell = &workflow->steps[s];

		cell->name = xstrdup(series->steps[s].name);
		cell->function_id = series->steps[s].function_id;
		cell->payload_bytes = series->steps[s].payload_bytes;
		workflow->whole.payload_bytes += cell->payload_bytes;
		make_cell(making, place, s, cell);
	}
	workflow->whole.name = xstrdup(workflow_names[series->kind]);
	make_cell(making, place, series->nsteps, &workflow->whole);
}

void
make_workflows(Making *making)
{
	int			n = making->measured->nseries;

	making->medians = xcalloc((size_t) n + 1, sizeof(double *));
	making->figures->nworkflows = n;
	making->figures->workflows = xcalloc((size_t) n + 1, sizeof(WorkflowFigures));
	for (int i = 0; i < n; i++)
		make_workflow(making, i);
}
