/*
 * simulate_coverage.c
 *	  How often do intervals hold the truth, under each kind of noise?
 */
#include <stdio.h>

#include "simulate.h"

#define BLOCK_EFFECT 0.05		/* of a connection */

typedef struct Noise
{
	const char *name;
	double		phi;
	double		block;
	Pace		pace;
	double		low;			/* what is asked for */
	double		high;
} Noise;

static const Noise noises[] = {
	{"independent", 0.0, 0.0, PACE_STEADY, 0.92, 0.97},
	{"AR(1) 0.3", 0.3, 0.0, PACE_STEADY, 0.92, 0.97},
	{"AR(1) 0.6", 0.6, 0.0, PACE_STEADY, 0.92, 0.97},
	{"an effect per block", 0.0, BLOCK_EFFECT, PACE_STEADY, 0.92, 0.97},
	{"AR(1) 0.9", 0.9, 0.0, PACE_STEADY, 0.88, 1.0},
	{"linear drift", 0.0, 0.0, PACE_LINEAR, 0.95, 1.0},
	{"a step", 0.0, 0.0, PACE_STEP, 0.95, 1.0},
};

#define NNOISES ((int) (sizeof(noises) / sizeof(noises[0])))

typedef struct Source
{
	double		common;
	double		own[MADE_SIZES + 1];
} Source;

static void
source_step(Source *source, double phi)
{
	ar_step(&source->common, phi);
	for (int c = 0; c <= MADE_SIZES; c++)
		ar_step(&source->own[c], phi);
}

static double
source_log(const Source *source, int cell)
{
	return NOISE * (source->common + source->own[cell]) / M_SQRT2;
}

/*
 * One block of one side's iterations; shocks are half common to an iteration and
 * half each call's own, and go on through the blocks.  Returns the sum of the
 * paces.
 */
static double
add_block(Made *made, const Noise *noise, Source *source, Machine *machine, int block, int nblocks)
{
	double		effects[MADE_SIZES + 1];
	double		paces = 0.0;

	for (int c = 0; c <= MADE_SIZES; c++)
		effects[c] = noise->block * normal();
	measured_begin_block(&made->measured);
	for (int i = 0; i < DEFAULT_WARMUP; i++)
		source_step(source, noise->phi);
	for (int i = 0; i < ITERATIONS; i++)
	{
		double		pace = machine_move(machine, (block + (i + 0.5) / ITERATIONS) / nblocks);
		double		ms[MADE_SIZES + 1];

		source_step(source, noise->phi);
		for (int c = 0; c <= MADE_SIZES; c++)
			ms[c] = base_ms[c] * exp(source_log(source, c) + effects[c] + pace);
		measured_begin_iteration(&made->measured);
		made_row(made, 0, ms);
		made_row(made, 1, &ms[MADE_SIZES]);
		paces += exp(pace);
	}
	return paces;
}

typedef enum Kind
{
	KIND_MEDIAN,
	KIND_PART,
	KIND_BATCH,
	KIND_MEAN,
	KIND_RATIO,
	KIND_SAVED,
	KIND_SHORTFALL,
	KIND_BREAK_EVEN,
	KIND_FLOOR,
	KIND_SLOPE,
	KIND_COUNT
} Kind;

static const char *const kind_names[KIND_COUNT] = {
	"median", "median of a part", "median of the batch", "mean", "ratio", "saving", "shortfall", "break-even",
	"model's floor", "model's slope"
};

/* known from how the times are made; NAN: the mean of all trials stands in for it */
static double
truth_of(Kind kind, double pace)
{
	switch (kind)
	{
		case KIND_MEDIAN:
			return base_ms[0] * pace;
		case KIND_PART:
			return base_ms[1] / 2.0 * pace;
		case KIND_BATCH:
			return base_ms[MADE_SIZES] * pace;
		case KIND_MEAN:
			return base_ms[0] * exp(NOISE * NOISE / 2.0) * pace;
		default:
			return NAN;
	}
}

static Estimate
estimate_of(const Figures *figures, Kind kind)
{
	const WorkflowFigures *multiple = &figures->workflows[0];
	const Approaches *approaches = &figures->approaches[0];
	const Fit  *fit = &figures->models[0].fits[METRIC_ROUND_TRIP];

	switch (kind)
	{
		case KIND_MEDIAN:
			return multiple->steps[0].time[METRIC_ROUND_TRIP].median;
		case KIND_PART:
			return multiple->steps[1].time[METRIC_STORE].median;
		case KIND_BATCH:
			return figures->workflows[1].whole.time[METRIC_ROUND_TRIP].median;
		case KIND_MEAN:
			return multiple->steps[0].time[METRIC_ROUND_TRIP].mean;
		case KIND_RATIO:
			return approaches->ratio;
		case KIND_SAVED:
			return approaches->saved_ms;
		case KIND_SHORTFALL:
			return approaches->shortfall_ms;
		case KIND_BREAK_EVEN:
			return approaches->break_even_rtt_ms;
		case KIND_FLOOR:
			return fit->floor_ms;
		default:
			return fit->slope_ms_per_mb;
	}
}

/* what all trials of one kind came to */
typedef struct Trials
{
	Estimate   *estimates[KIND_COUNT];
	double	   *paces;
} Trials;

static void
say_coverage(const Trials *trials, int ntrials, const Noise *noise, const char *blocks)
{
	bool		drifts = noise->pace != PACE_STEADY;

	for (int kind = 0; kind < (drifts ? KIND_RATIO : KIND_COUNT); kind++)
	{
		double		mean = 0.0;
		int			held = 0;

		for (int t = 0; t < ntrials; t++)
			mean += trials->estimates[kind][t].value / ntrials;
		for (int t = 0; t < ntrials; t++)
		{
			double		truth = truth_of((Kind) kind, trials->paces[t]);

			if (isnan(truth))
				truth = mean;
			held += trials->estimates[kind][t].low <= truth && truth <= trials->estimates[kind][t].high;
		}
		printf("coverage of the %s, %s, %s\t%.3f\t%g\t%g\t%d\n", kind_names[kind], noise->name, blocks,
			   (double) held / ntrials, noise->low, noise->high, ntrials);
	}
	fflush(stdout);
}

/* Are the steps known as well as a run without options wants to know them? */
static bool
is_precise(const Made *made)
{
	const Measured *measured = &made->measured;

	for (int c = 0; c <= MADE_SIZES; c++)
	{
		const Series *series = &measured->series[c < MADE_SIZES ? 0 : 1];
		double		medians[200];
		Estimate	estimate;

		for (int b = 0; b < measured->nblocks; b++)
		{
			double		ns[ITERATIONS];

			for (int i = 0; i < ITERATIONS; i++)
				ns[i] = (double) series->samples[(b * ITERATIONS + i) * (series->nsteps + 1) +
												 (c < MADE_SIZES ? c : 0)].ns[METRIC_ROUND_TRIP];
			for (int i = 1; i < ITERATIONS; i++)
			{
				for (int j = i; j > 0 && ns[j - 1] > ns[j]; j--)
				{
					double		other = ns[j];

					ns[j] = ns[j - 1];
					ns[j - 1] = other;
				}
			}
			medians[b] = (ns[ITERATIONS / 2 - 1] + ns[ITERATIONS / 2]) / 2.0;
		}
		estimate = estimate_blocks(medians, measured->nblocks);
		if (!(estimate_precision_percent(&estimate) <= DEFAULT_PRECISION_PERCENT))
			return false;
	}
	return true;
}

/* least blocks, and more up to most until the medians are known; both the same: so many */
static void
simulate_coverage(const Noise *noise, int least, int most, int ntrials)
{
	Trials		trials;
	char		blocks[60];

	for (int kind = 0; kind < KIND_COUNT; kind++)
		trials.estimates[kind] = xcalloc((size_t) ntrials, sizeof(Estimate));
	trials.paces = xcalloc((size_t) ntrials, sizeof(double));
	for (int t = 0; t < ntrials; t++)
	{
		Machine		machine = machine_begin(noise->pace, most * ITERATIONS);
		Source		source;
		Made		made;
		Figures		figures;
		double		paces = 0.0;

		source.common = normal();
		for (int c = 0; c <= MADE_SIZES; c++)
			source.own[c] = normal();
		made_init(&made, 1);
		for (int b = 0; b < most && (b < least || !is_precise(&made)); b++)
			paces += add_block(&made, noise, &source, &machine, b, most);
		trials.paces[t] = paces / made.measured.niterations;
		figures_make(&made.measured, &made.context, &figures);
		for (int kind = 0; kind < KIND_COUNT; kind++)
			trials.estimates[kind][t] = estimate_of(&figures, (Kind) kind);
		figures_free(&figures);
		made_free(&made);
	}
	if (least == most)
		snprintf(blocks, sizeof(blocks), "%d blocks", most);
	else
		snprintf(blocks, sizeof(blocks), "until the medians are known");
	say_coverage(&trials, ntrials, noise, blocks);
	for (int kind = 0; kind < KIND_COUNT; kind++)
		free(trials.estimates[kind]);
	free(trials.paces);
}

void
simulate_coverages(int ntrials)
{
	for (int n = 0; n < NNOISES; n++)
	{
		simulate_coverage(&noises[n], 10, 10, ntrials);
		simulate_coverage(&noises[n], 20, 20, ntrials);
	}
	simulate_coverage(&noises[0], LEAST_BLOCKS, 60, ntrials);
	simulate_coverage(&noises[3], LEAST_BLOCKS, 60, ntrials);
}
