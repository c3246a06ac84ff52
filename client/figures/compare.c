/*
 * compare.c
 *	  In which order runs came, which make a pair, and what the pairs say.
 */
#include <math.h>
#include <stdlib.h>

#include "figures/blocks.h"
#include "figures/compare.h"
#include "figures/make.h"
#include "util/memory.h"

/* so many pairs that all have the same side first are no coincidence, and so */
#define ONE_WAY_PAIRS 3

/* many of which less than a quarter have the other first */
#define LOPSIDED_PAIRS 8

/*
 * Neighbours of either side are a pair; who has no such neighbour has none.  In
 * A A B B that leaves one pair of two.
 */
static void
make_pairs(Comparison *comparison)
{
	const char *sequence = comparison->sequence;

	comparison->pairs = xcalloc((size_t) comparison->nruns + 1, sizeof(RunPair));
	for (int i = 0; i + 1 < comparison->nruns; i++)
	{
		if (sequence[i] == sequence[i + 1])
			continue;
		comparison->pairs[comparison->npairs++] = sequence[i] == 'A' ? (RunPair) {i, i + 1} : (RunPair) {i + 1, i};
		i++;
	}
}

static RunOrder
judge_order(const Comparison *comparison)
{
	int			nleft = 0;
	int			fewer;
	int			left_first = 0;
	int			less_often;
	int			changes = 0;

	if (comparison->nruns == 2)
		return ORDER_SINGLE;
	for (int i = 0; i < comparison->nruns; i++)
	{
		nleft += comparison->sequence[i] == 'A';
		changes += i > 0 && comparison->sequence[i] != comparison->sequence[i - 1];
	}
	fewer = nleft < comparison->nruns - nleft ? nleft : comparison->nruns - nleft;
	if ((changes == 1 && fewer > 1) || 2 * comparison->npairs < fewer)
		return ORDER_SEPARATE;
	for (int i = 0; i < comparison->npairs; i++)
		left_first += comparison->pairs[i].left < comparison->pairs[i].right;
	less_often = left_first < comparison->npairs - left_first ? left_first : comparison->npairs - left_first;
	if (less_often == 0 && (comparison->npairs >= ONE_WAY_PAIRS || changes == comparison->nruns - 1))
		return ORDER_ALTERNATING;
	if (comparison->npairs >= LOPSIDED_PAIRS && 4 * less_often < comparison->npairs)
		return ORDER_ALTERNATING;
	return ORDER_MIXED;
}

/* Is the cell known in every file, and large enough in one? */
static bool
is_in_all(const Comparison *comparison, const Difference *cell, bool *large)
{
	bool		in_all = true;

	*large = false;
	for (int f = 0; f < comparison->nruns; f++)
	{
		const Figures *file = &comparison->runs[f].figures;
		const Cell *in_file = difference_cell(file, 0, cell);

		*large = *large || (in_file != NULL &&
							is_compared(figures_workflow(file, 0, cell->kind, cell->drive, cell->origin), in_file,
										cell->metric));
		in_all = in_all && in_file != NULL && in_file->time[cell->metric].n > 0;
	}
	return in_all;
}

static double
median_of(const Comparison *comparison, int file, const Difference *cell)
{
	return difference_cell(&comparison->runs[file].figures, 0, cell)->time[cell->metric].median.value;
}

/* The pairs' log ratios; the caller's. */
static double *
pair_logs(const Comparison *comparison, const Difference *cell)
{
	double	   *logs = xcalloc((size_t) comparison->npairs + 1, sizeof(double));

	for (int p = 0; p < comparison->npairs; p++)
		logs[p] = log_ratio(median_of(comparison, comparison->pairs[p].right, cell),
							median_of(comparison, comparison->pairs[p].left, cell));
	return logs;
}

double
comparison_ms(const Comparison *comparison, const Difference *cell, bool right)
{
	double		sum = 0.0;

	for (int p = 0; p < comparison->npairs; p++)
	{
		const RunPair *pair = &comparison->pairs[p];

		sum += log_ratio(median_of(comparison, right ? pair->right : pair->left, cell), 1.0);
	}
	return exp(sum / comparison->npairs);
}

/* The cells of the first run that every run has and that are large enough in some. */
static void
find_cells(Comparison *comparison)
{
	const Figures *first = &comparison->runs[0].figures;
	size_t		most = 1;

	for (int w = 0; w < first->nworkflows; w++)
		most += (size_t) (first->workflows[w].nsteps + 1) * METRIC_COUNT;
	comparison->cells = xcalloc(most, sizeof(Difference));
	for (int w = 0; w < first->nworkflows; w++)
	{
		const WorkflowFigures *workflow = &first->workflows[w];

		for (int s = 0; s <= workflow->nsteps; s++)
		{
			for (int m = 0; m < METRIC_COUNT; m++)
			{
				Difference *cell = &comparison->cells[comparison->ncells];
				bool		large;

				*cell = (Difference) {
					.kind = workflow->kind,
					.drive = workflow->drive,
					.origin = workflow->origin,
					.step = s < workflow->nsteps ? s : -1,
					.payload_bytes = (s < workflow->nsteps ? &workflow->steps[s] : &workflow->whole)->payload_bytes,
					.metric = (Metric) m
				};
				if (is_in_all(comparison, cell, &large))
					comparison->ncells += large;
				else
					comparison->nmissing += large;
			}
		}
	}
}

void
comparison_make(Comparison *comparison)
{
	double	  **logs;

	comparison->sequence = xcalloc((size_t) comparison->nruns + 1, 1);
	for (int i = 0; i < comparison->nruns; i++)
		comparison->sequence[i] = comparison->runs[i].side;
	make_pairs(comparison);
	comparison->order = judge_order(comparison);
	find_cells(comparison);

	logs = xcalloc((size_t) comparison->ncells + 1, sizeof(double *));
	for (int i = 0; i < comparison->ncells; i++)
		logs[i] = pair_logs(comparison, &comparison->cells[i]);
	differences_judge(comparison->cells, comparison->ncells, logs, comparison->npairs);
	for (int i = 0; i < comparison->ncells; i++)
		free(logs[i]);
	free(logs);
}
