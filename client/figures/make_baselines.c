/*
 * make_baselines.c
 *	  The baselines, each against what it is a part of, within the iteration.
 */
#include <math.h>
#include <stdlib.h>

#include "figures/blocks.h"
#include "figures/make.h"
#include "util/memory.h"

/* where a step's samples are; series < 0: there is no such step */
typedef struct Place
{
	int			series;
	int			step;
} Place;

/* The first step of this size that has a round trip of its own. */
static Place
find_step(const Making *making, int side, Origin origin, int64_t payload_bytes)
{
	for (int i = 0; i < making->measured->nseries; i++)
	{
		const Series *series = &making->measured->series[i];

		if (series->side != side || series->origin != origin ||
			series->drive != DRIVE_CALLS)
			continue;
		for (int s = 0; s < series->nsteps; s++)
		{
			if (series->steps[s].payload_bytes == payload_bytes)
				return (Place) {i, s};
		}
	}
	return (Place) {-1, -1};
}

/*
 * A payload that goes the client's way stands beside a step whose payload does,
 * where the run has one.
 */
static Place
step_beside(const Making *making, const Baseline *baseline)
{
	bool		sent = baseline->kind == BASELINE_RECEIVE || baseline->kind == BASELINE_INSERT;
	Origin		origin = sent ? ORIGIN_CLIENT : ORIGIN_SERVER;
	Origin		other = sent ? ORIGIN_SERVER : ORIGIN_CLIENT;
	Place		place = find_step(making, baseline->side, origin, baseline->payload_bytes);

	return place.series >= 0 ? place :
		find_step(making, baseline->side, other, baseline->payload_bytes);
}

static const Baseline *
find_baseline(const Measured *measured, int side, BaselineKind kind, int64_t payload_bytes)
{
	for (int b = 0; b < measured->nbaselines; b++)
	{
		const Baseline *baseline = &measured->baselines[b];

		if (baseline->side == side && baseline->kind == kind &&
			baseline->payload_bytes == payload_bytes)
			return baseline;
	}
	return NULL;
}

/* What the baseline is held against, in every iteration; NAN where there is none. */
static void
collect_other(const Making *making, const Baseline *baseline, double *values)
{
	const Measured *measured = making->measured;
	const Baseline *other = NULL;
	Place		place = {-1, -1};

	if (baseline->kind == BASELINE_SEND_HEX)
		other = find_baseline(measured, baseline->side, BASELINE_SEND, baseline->payload_bytes);
	else if (baseline->kind != BASELINE_NO_OP && baseline->kind != BASELINE_EMPTY)
		place = step_beside(making, baseline);
	for (int i = 0; i < measured->niterations; i++)
	{
		values[i] = NAN;
		if (other != NULL)
			values[i] = sample_ms(&other->samples[i], METRIC_ROUND_TRIP);
		else if (place.series >= 0)
			values[i] = sample_ms(series_sample(&measured->series[place.series], place.step, i),
								  METRIC_ROUND_TRIP);
	}
}

static void
make_baseline(const Making *making, const Baseline *baseline, BaselineFigures *figures)
{
	const Measured *measured = making->measured;
	size_t		n = (size_t) measured->niterations + 1;
	double	   *values = xcalloc(n, sizeof(double));
	double	   *differences = xcalloc(n, sizeof(double));
	double	   *ratios = xcalloc(n, sizeof(double));

	figures->side = baseline->side;
	figures->kind = baseline->kind;
	figures->payload_bytes = baseline->payload_bytes;
	collect_other(making, baseline, values);
	for (int i = 0; i < measured->niterations; i++)
	{
		double		own = sample_ms(&baseline->samples[i], METRIC_ROUND_TRIP);

		differences[i] = own - values[i];
		ratios[i] = log_ratio(own, values[i]);
	}
	figures->difference_ms = estimate_medians(measured, differences);
	figures->ratio = estimate_ratio(measured, ratios);
	for (int m = 0; m < METRIC_COUNT; m++)
	{
		for (int i = 0; i < measured->niterations; i++)
			values[i] = sample_ms(&baseline->samples[i], (Metric) m);
		summary_make(measured, values, NULL, &figures->time[m]);
	}
	free(values);
	free(differences);
	free(ratios);
}

void
make_baselines(Making *making)
{
	int			n = making->measured->nbaselines;

	making->figures->nbaselines = n;
	making->figures->baselines = xcalloc((size_t) n + 1, sizeof(BaselineFigures));
	for (int b = 0; b < n; b++)
		make_baseline(making, &making->measured->baselines[b], &making->figures->baselines[b]);
}
