/*
 * simulate.c
 *	  Do intervals hold what they say, and are differences found where there are
 *	  some?  Runs are made up of which the truth is known, and go through the same
 *	  code as real ones.  Not installed.
 *
 *	  simulate [TRIALS]: a line per figure, fields between tabs: what it is, the
 *	  share that was found, from where to where it should lie, and of how many.
 */
#include <stdio.h>

#include "figures/compare.h"
#include "simulate.h"

#define SIDE_EFFECT 0.03		/* of a side's connection, anew in every block */

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
	simulate_coverages(ntrials);
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
