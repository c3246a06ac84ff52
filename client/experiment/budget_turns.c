/*
 * budget_turns.c
 *	  Turns of the experiment budget: one workflow, percentiles, and the line that
 *	  leads from a time to a size.
 */
#include <math.h>
#include <stdlib.h>

#include "drive/drive.h"
#include "experiment/budget.h"
#include "experiment/checkpoint.h"
#include "statistics/line.h"
#include "statistics/percentile.h"
#include "util/interrupt.h"
#include "util/memory.h"

#define NS_TO_MS(ns) ((double) (ns) / (double) NS_PER_MS)

static void
add_turn(Budget *b, BudgetTurn turn, const Sample *sample, int nsteps)
{
	if (sample->state != SAMPLE_MEASURED || sample->ns[METRIC_ROUND_TRIP] == UNKNOWN)
		return;
	turn.ms = NS_TO_MS(sample->ns[METRIC_ROUND_TRIP]) / nsteps;
	for (int part = 0; part < NPARTS; part++)
	{
		int64_t		ns = sample->ns[FIRST_PART + part];

		/* a phase that was not gone through took no time */
		turn.parts[part] = sample->ns[METRIC_SERVER_TOTAL] == UNKNOWN ? NAN : ns == UNKNOWN ? 0.0 : NS_TO_MS(ns) / nsteps;
	}
	if (b->nturns == b->capacity)
	{
		b->capacity = b->capacity > 0 ? 2 * b->capacity : 4096;
		b->turns = xrealloc(b->turns, (size_t) b->capacity * sizeof(BudgetTurn));
	}
	b->turns[b->nturns++] = turn;
}

static bool
delete_rows(Lab *lab, Budget *b)
{
	b->undeleted = 0;
	if (leftovers_delete(&lab->control, lab->run_id, NULL))
		return true;
	if (!interrupted())
	{
		leftovers_explain(&lab->control);
		lab->failed = true;
	}
	return false;
}

bool
budget_workflow(Lab *lab, Budget *b, Session *session, int way, int64_t size,
				BudgetPhase phase, int round, int block, bool counts)
{
	Parameters	parameters = *lab->options->run;
	BudgetTurn	turn = {.way = way,.phase = phase,.round = round,.block = block,.size = size};
	Drive		drive = b->ways[way].drive;
	Workload	workload;
	WorkflowRun run;
	char		id[WORKFLOW_ID_SIZE];
	bool		good;

	if (b->undeleted > MOST_UNDELETED_BYTES && !delete_rows(lab, b))
		return false;
	parameters.nsizes = BUDGET_STEPS;
	for (int s = 0; s < BUDGET_STEPS; s++)
		parameters.sizes[s] = size;
	parameters.binary = true;
	workload_make(&parameters, &workload);
	workflow_run_init(&run, session, &workload, WORKFLOW_MULTIPLE, drive, b->ways[way].origin);
	run.random = &lab->random;
	run.workflow_id = id;
	run_workflow_id(id, lab->run_id, false, ++b->nworkflows);
	good = drive_workflow(&run);
	b->undeleted += size * BUDGET_STEPS;
	if (!good)
		lab_fail(lab, session, lab->name);
	else if (counts && drive == DRIVE_CALLS)
		for (int s = 0; s < run.nsteps; s++)
			add_turn(b, turn, &run.samples[s], 1);
	else if (counts)
		add_turn(b, turn, WHOLE(&run), run.nsteps);
	workflow_run_free(&run);
	return good;
}

/* ------------------------------------------------------------------------
 * What was measured
 * ------------------------------------------------------------------------
 */

double
budget_p95(double *values, int n)
{
	/* the k-th of n is on average above k / (n + 1) of all that there could be */
	int			rank = (int) ceil(BUDGET_PERCENTILE / 100.0 * (n + 1) - 1e-9);

	if (n < 1)
		return NAN;
	sort_doubles(values, n);
	return values[(rank < n ? rank : n) - 1];
}

static bool
passes(const BudgetTurn *turn, const TurnFilter *filter)
{
	return turn->way == filter->way &&
		(filter->phase < 0 || (int) turn->phase == filter->phase) &&
		(filter->round < 0 || turn->round == filter->round) &&
		(filter->block < 0 || turn->block == filter->block) &&
		(filter->size < 0 || turn->size == filter->size);
}

int
budget_times(const Budget *b, const TurnFilter *filter, double *values)
{
	int			n = 0;

	for (int i = 0; i < b->nturns; i++)
		if (passes(&b->turns[i], filter))
			values[n++] = b->turns[i].ms;
	return n;
}

static int
count_blocks(const Budget *b, const TurnFilter *filter)
{
	int			nblocks = 0;

	for (int i = 0; i < b->nturns; i++)
		if (passes(&b->turns[i], filter) && b->turns[i].block >= nblocks)
			nblocks = b->turns[i].block + 1;
	return nblocks;
}

static TurnFilter
last_round(const Budget *b, int way)
{
	return (TurnFilter) {way, BUDGET_CONFIRM, b->ways[way].rounds - 1, -1, -1};
}

/* part: from FIRST_PART; -1: the mean of the whole; -2: its p95 */
static Estimate
over_blocks(const Budget *b, TurnFilter filter, int part, int64_t *n)
{
	int			nblocks = count_blocks(b, &filter);
	double	   *blocks = xcalloc((size_t) nblocks + 1, sizeof(double));
	double	   *values = xcalloc((size_t) b->nturns + 1, sizeof(double));
	Estimate	estimate;

	*n = 0;
	for (int block = 0; block < nblocks; block++)
	{
		int			nvalues = 0;
		double		sum = 0.0;

		filter.block = block;
		for (int i = 0; i < b->nturns; i++)
		{
			double		value = part >= 0 ? b->turns[i].parts[part] : b->turns[i].ms;

			if (!passes(&b->turns[i], &filter) || isnan(value))
				continue;
			values[nvalues++] = value;
			sum += value;
		}
		*n += nvalues;
		blocks[block] = nvalues == 0 ? NAN : part == -2 ? budget_p95(values, nvalues) : sum / nvalues;
	}
	estimate = estimate_blocks(blocks, nblocks);
	free(blocks);
	free(values);
	return estimate;
}

Estimate
budget_confirmed_p95(const Budget *b, int way, int64_t *n)
{
	return over_blocks(b, last_round(b, way), -2, n);
}

Estimate
budget_confirmed_part(const Budget *b, int way, int part, int64_t *n)
{
	return over_blocks(b, last_round(b, way), part, n);
}

Estimate
budget_confirmed_mean(const Budget *b, int way)
{
	int64_t		n;

	return over_blocks(b, last_round(b, way), -1, &n);
}

double
budget_confirmed_share(const Budget *b, int way)
{
	TurnFilter	filter = last_round(b, way);
	int			n = 0;
	int			within = 0;

	for (int i = 0; i < b->nturns; i++)
		if (passes(&b->turns[i], &filter))
		{
			n++;
			within += b->turns[i].ms <= b->ms;
		}
	return n > 0 ? 100.0 * within / n : NAN;
}

/* ------------------------------------------------------------------------
 * From a time to a size
 * ------------------------------------------------------------------------
 */

bool
budget_fit(const Budget *b, int way, BudgetPhase phase, BudgetLine *line)
{
	double	   *values = xcalloc((size_t) b->nturns + 1, sizeof(double));
	Points		points = {0};
	Line		fitted;

	/* one point for each block and size: its median, weighed so that relative errors count alike */
	for (int i = 0; i < b->nturns; i++)
	{
		const BudgetTurn *turn = &b->turns[i];
		TurnFilter	filter = {way, (int) phase, -1, turn->block, turn->size};
		bool		first = passes(turn, &filter);
		double		ms;

		for (int j = i - 1; j >= 0 && first; j--)
			first = !passes(&b->turns[j], &filter);
		if (!first)
			continue;
		ms = median_double(values, budget_times(b, &filter, values));
		line_add(&points, (double) turn->size, ms, 1.0 / (ms * ms));
	}
	free(values);
	if (!line_through(&points, &fitted) || fitted.slope <= 0.0)
		return false;
	*line = (BudgetLine) {.base = fitted.at_zero,.slope = fitted.slope,.known = true};
	return true;
}

Estimate
budget_edge(const Budget *b, int way)
{
	const BudgetLine *line = &b->ways[way].line;
	TurnFilter	filter = {way, BUDGET_AROUND, -1, -1, -1};
	int			nblocks = count_blocks(b, &filter);
	double	   *edges = xcalloc((size_t) nblocks + 1, sizeof(double));
	double	   *values = xcalloc((size_t) b->nturns + 1, sizeof(double));
	Estimate	estimate;

	for (int block = 0; block < nblocks; block++)
	{
		int			n = 0;

		/* how much longer than the line says p95 is, of all sizes together: a single one has too few turns */
		filter.block = block;
		for (int i = 0; i < b->nturns; i++)
		{
			double		ms = line->base + line->slope * (double) b->turns[i].size;

			if (passes(&b->turns[i], &filter) && ms > 0.0)
				values[n++] = b->turns[i].ms / ms;
		}
		edges[block] = n > 0 ? (b->ms / budget_p95(values, n) - line->base) / line->slope : NAN;
	}
	estimate = estimate_blocks(edges, nblocks);
	free(edges);
	free(values);
	return estimate;
}

int64_t
budget_round(double size)
{
	double		unit;

	if (!(size > LEAST_SIZE))
		return LEAST_SIZE;
	unit = pow(10.0, fmax(0.0, floor(log10(size)) - 1.0));
	return (int64_t) (floor(size / unit) * unit);
}
