/*
 * simulate.c
 *	  Do intervals hold what they say?  Runs are made up of which the truth is
 *	  known, and go through the same code as real ones.  Not installed.
 *
 *	  simulate [TRIALS]: a line per figure, fields between tabs: what it is, the
 *	  share that was found, from where to where it should lie, and of how many.
 */
#include <stdio.h>

#include "figures/compare.h"
#include "made_samples.h"
#include "util/random.h"

#define ITERATIONS 30
#define NOISE 0.25				/* of a single time, on the logarithm */
#define BLOCK_EFFECT 0.05		/* of a connection */
#define SIDE_EFFECT 0.03		/* of a side's connection, anew in every block */

static const double base_ms[MADE_SIZES + 1] = {0.4, 0.5, 8.0, 8.5};	/* the last: the batch */

static Random state;

/* --- what machines do --------------------------------------------------- */

static double
normal(void)
{
	double		u = 1.0 - random_fraction(&state);

	return sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * random_fraction(&state));
}

/* one step of an AR(1) of variance 1 */
static void
ar_step(double *z, double phi)
{
	*z = phi * *z + sqrt(1.0 - phi * phi) * normal();
}

typedef enum Pace
{
	PACE_STEADY,
	PACE_LINEAR,
	PACE_STEP,
	PACE_WALK,
	PACE_COUNT
} Pace;

static const char *const pace_names[PACE_COUNT] = {
	"a steady pace", "linear drift", "a step", "a random walk"
};

/* the logarithm of a machine's pace, by how far it is through its work */
typedef struct Machine
{
	Pace		pace;
	double		step_at;
	double		walked;
	double		walk;			/* standard deviation of one move */
} Machine;

static Machine
machine_begin(Pace pace, double nmoves)
{
	return (Machine) {pace, random_fraction(&state), 0.0, 0.3 / sqrt(nmoves)};
}

/* at the done-th part of it, 0 to 1 */
static double
machine_move(Machine *machine, double done)
{
	switch (machine->pace)
	{
		case PACE_LINEAR:
			return 0.3 * (done - 0.5);
		case PACE_STEP:
			return done < machine->step_at ? 0.0 : 0.2;
		case PACE_WALK:
			return machine->walked += machine->walk * normal();
		default:
			return 0.0;
	}
}

/* --- coverage ----------------------------------------------------------- */

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

/* --- two sides ---------------------------------------------------------- */

#define CALLS (2 * (MADE_SIZES + 1))

/* An iteration of two equal sides: all calls in random order, on a machine that goes on. */
static void
add_two_sided(Made *made, Machine *machine, double effects[MAX_SIDES][MADE_SIZES + 1], double slower,
			  double done, double length)
{
	double		ms[MAX_SIDES][MADE_SIZES + 1];
	int			order[CALLS];

	for (int i = 0; i < CALLS; i++)
		order[i] = i;
	random_shuffle(&state, order, CALLS, sizeof(int));
	for (int i = 0; i < CALLS; i++)
	{
		int			side = order[i] / (MADE_SIZES + 1);
		int			cell = order[i] % (MADE_SIZES + 1);

		ms[side][cell] = base_ms[cell] * exp(NOISE * normal() + effects[side][cell] +
											 machine_move(machine, done + length * i / CALLS));
		if (side == 1 && cell == 1)
			ms[side][cell] *= slower;
	}
	measured_begin_iteration(&made->measured);
	for (int side = 0; side < MAX_SIDES; side++)
	{
		made_row(made, 2 * side, ms[side]);
		made_row(made, 2 * side + 1, &ms[side][MADE_SIZES]);
	}
}

/* How many of the trials find a difference, by the one in the middle size or by any. */
static void
simulate_sides(Pace pace, int nblocks, double slower, int ntrials)
{
	int			any = 0;
	int			found = 0;

	for (int t = 0; t < ntrials; t++)
	{
		Machine		machine = machine_begin(pace, nblocks * ITERATIONS * CALLS);
		Made		made;
		Figures		figures;
		bool		differs = false;

		made_init(&made, 2);
		for (int b = 0; b < nblocks; b++)
		{
			double		effects[MAX_SIDES][MADE_SIZES + 1];

			for (int side = 0; side < MAX_SIDES; side++)
				for (int c = 0; c <= MADE_SIZES; c++)
					effects[side][c] = SIDE_EFFECT * normal();
			measured_begin_block(&made.measured);
			for (int i = 0; i < ITERATIONS; i++)
				add_two_sided(&made, &machine, effects, slower,
							  (b + (double) i / ITERATIONS) / nblocks, 1.0 / (nblocks * ITERATIONS));
		}
		figures_make(&made.measured, &made.context, &figures);
		for (int i = 0; i < figures.ndifferences; i++)
		{
			const Difference *d = &figures.differences[i];

			differs = differs || d->differs;
			found += d->differs && d->kind == WORKFLOW_MULTIPLE && d->step == 1 && d->metric == METRIC_ROUND_TRIP;
		}
		any += differs;
		figures_free(&figures);
		made_free(&made);
	}
	if (slower == 1.0)
		printf("two equal sides in one run, any difference found, %s, %d blocks\t%.3f\t0\t0.07\t%d\n",
			   pace_names[pace], nblocks, (double) any / ntrials, ntrials);
	else
		printf("a step %.0f %% slower on one side found, %s, %d blocks\t%.3f\t\t\t%d\n", 100.0 * (slower - 1.0),
			   pace_names[pace], nblocks, (double) found / ntrials, ntrials);
	fflush(stdout);
}

/* --- files -------------------------------------------------------------- */

#define MOST_FILES 60
#define RUN_EFFECT 0.05			/* of a run, on each of its figures */

/* A file's figures: nothing in it but what a comparison looks at. */
static void
make_file(Figures *figures, int place, double pace, double slower)
{
	memset(figures, 0, sizeof(*figures));
	figures->nsides = 1;
	figures->started_at = xasprintf("2026-11-25T%02d:%02d:00.000Z", place / 60, place % 60);
	figures->nworkflows = 1;
	figures->workflows = xcalloc(1, sizeof(WorkflowFigures));
	figures->workflows[0].own_round_trips = true;
	figures->workflows[0].nsteps = MADE_SIZES;
	figures->workflows[0].steps = xcalloc(MADE_SIZES, sizeof(Cell));
	for (int s = 0; s < MADE_SIZES; s++)
	{
		Cell	   *cell = &figures->workflows[0].steps[s];

		cell->function_id = s + 1;
		cell->payload_bytes = s;
		for (int m = METRIC_ROUND_TRIP; m < METRIC_UNATTRIBUTED; m++)
		{
			double		ms = base_ms[s] * (m == METRIC_ROUND_TRIP ? 1.0 : 0.1) *
				exp(pace + RUN_EFFECT * normal());

			if (s == 1)
				ms *= slower;
			cell->time[m].n = 300;
			cell->time[m].median.value = cell->time[m].mean.value = ms;
		}
	}
}

/* Pairs of runs in random order within each, or turned round from pair to pair. */
static void
simulate_files(Pace pace, int npairs, bool drawn, double slower, int ntrials)
{
	int			any = 0;
	int			found = 0;

	for (int t = 0; t < ntrials; t++)
	{
		Machine		machine = machine_begin(pace, 2 * npairs);
		Comparison	comparison;
		bool		differs = false;

		memset(&comparison, 0, sizeof(comparison));
		comparison.nruns = 2 * npairs;
		comparison.runs = xcalloc((size_t) comparison.nruns, sizeof(ComparedRun));
		for (int p = 0; p < npairs; p++)
		{
			bool		right_first = drawn ? random_below(&state, 2) == 1 : p % 2 == 1;

			for (int i = 0; i < 2; i++)
			{
				int			place = 2 * p + i;
				bool		right = (i == 1) != right_first;

				comparison.runs[place].side = right ? 'B' : 'A';
				make_file(&comparison.runs[place].figures, place,
						  machine_move(&machine, place / (2.0 * npairs)), right ? slower : 1.0);
			}
		}
		comparison_make(&comparison);
		for (int i = 0; i < comparison.ncells; i++)
		{
			const Difference *d = &comparison.cells[i];

			differs = differs || d->differs;
			found += d->differs && d->step == 1 && d->metric == METRIC_ROUND_TRIP;
		}
		any += differs;
		comparison_free(&comparison);
	}
	if (slower == 1.0)
		printf("compare, equal sides, any difference found, %s, %d pairs %s\t%.3f\t0\t0.07\t%d\n", pace_names[pace],
			   npairs, drawn ? "in random order" : "turned round", (double) any / ntrials, ntrials);
	else
		printf("compare, a step %.0f %% slower found, %s, %d pairs\t%.3f\t\t\t%d\n", 100.0 * (slower - 1.0),
			   pace_names[pace], npairs, (double) found / ntrials, ntrials);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	int			ntrials = argc > 1 ? atoi(argv[1]) : 1000;

	if (ntrials < 10)
		ntrials = 10;
	random_seed(&state, 20251015);
	for (int n = 0; n < NNOISES; n++)
	{
		simulate_coverage(&noises[n], 10, 10, ntrials);
		simulate_coverage(&noises[n], 20, 20, ntrials);
	}
	simulate_coverage(&noises[0], LEAST_BLOCKS, 60, ntrials);
	simulate_coverage(&noises[3], LEAST_BLOCKS, 60, ntrials);
	for (int pace = 0; pace < PACE_COUNT; pace++)
	{
		simulate_sides((Pace) pace, 10, 1.0, ntrials / 2);
		simulate_sides((Pace) pace, 20, 1.0, ntrials / 2);
	}
	simulate_sides(PACE_WALK, 20, 1.05, ntrials / 5);
	simulate_sides(PACE_WALK, 60, 1.05, ntrials / 5);
	for (int pace = 0; pace < PACE_COUNT; pace++)
	{
		simulate_files((Pace) pace, 6, false, 1.0, ntrials);
		simulate_files((Pace) pace, 15, false, 1.0, ntrials);
		simulate_files((Pace) pace, 15, true, 1.0, ntrials);
	}
	simulate_files(PACE_WALK, 15, false, 1.1, ntrials);
	return 0;
}
