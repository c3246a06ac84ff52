/*
 * compare.c
 *	  In which order runs came, which make a pair, and what the pairs say.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figures/blocks.h"
#include "figures/compare.h"
#include "figures/make.h"
#include "util/memory.h"

/* so many pairs that all have the same side first are no coincidence, and so */
#define ONE_WAY_PAIRS 3

/* many of which less than a quarter have the other first */
#define LOPSIDED_PAIRS 8

static bool
is_left(const Comparison *comparison, int file)
{
	return file < comparison->nleft;
}

/* The files' places in the order of their start; the caller's. */
static int *
by_start(const Comparison *comparison)
{
	int		   *order = xcalloc((size_t) comparison->nfiles + 1, sizeof(int));

	/* by insertion: there are few, and those of one time stay as they were given */
	for (int f = 0; f < comparison->nfiles; f++)
	{
		int			place = f;

		while (place > 0 && strcmp(comparison->files[order[place - 1]].started_at,
								   comparison->files[f].started_at) > 0)
		{
			order[place] = order[place - 1];
			place--;
		}
		order[place] = f;
	}
	return order;
}

/*
 * Neighbours of either side are a pair; who has no such neighbour has none.  In
 * A A B B that leaves one pair of two.
 */
static void
make_pairs(Comparison *comparison, const int *order)
{
	comparison->pairs = xcalloc((size_t) comparison->nfiles + 1, sizeof(RunPair));
	for (int i = 0; i + 1 < comparison->nfiles; i++)
	{
		int			first = order[i];
		int			second = order[i + 1];

		if (is_left(comparison, first) == is_left(comparison, second))
			continue;
		comparison->pairs[comparison->npairs++] = is_left(comparison, first) ?
			(RunPair) {first, second} : (RunPair) {second, first};
		i++;
	}
}

static RunOrder
judge_order(const Comparison *comparison)
{
	const char *sequence = comparison->sequence;
	int			fewer = comparison->nleft < comparison->nfiles - comparison->nleft ?
		comparison->nleft : comparison->nfiles - comparison->nleft;
	int			left_first = 0;
	int			less_often;
	int			changes = 0;

	if (comparison->nfiles == 2)
		return ORDER_SINGLE;
	for (int i = 1; i < comparison->nfiles; i++)
		changes += sequence[i] != sequence[i - 1];
	if ((changes == 1 && fewer > 1) || 2 * comparison->npairs < fewer)
		return ORDER_SEPARATE;
	for (int i = 0; i < comparison->npairs; i++)
		left_first += strcmp(comparison->files[comparison->pairs[i].left].started_at,
							 comparison->files[comparison->pairs[i].right].started_at) <= 0;
	less_often = left_first < comparison->npairs - left_first ? left_first : comparison->npairs - left_first;
	if (less_often == 0 && (comparison->npairs >= ONE_WAY_PAIRS || changes == comparison->nfiles - 1))
		return ORDER_ALTERNATING;
	if (comparison->npairs >= LOPSIDED_PAIRS && 4 * less_often < comparison->npairs)
		return ORDER_ALTERNATING;
	return ORDER_MIXED;
}

/* The cell of a file, with its workflow; NULL where it is not there or was never measured. */
static const Cell *
find_cell(const Figures *file, const ComparedCell *cell, const WorkflowFigures **workflow)
{
	const Difference *d = &cell->difference;

	*workflow = figures_workflow(file, 0, d->kind, d->drive, d->origin);
	if (*workflow == NULL)
		return NULL;
	if (d->step < 0)
		return &(*workflow)->whole;
	for (int s = 0; s < (*workflow)->nsteps; s++)
	{
		const Cell *step = &(*workflow)->steps[s];

		if (step->function_id == cell->function_id && step->payload_bytes == d->payload_bytes)
			return step;
	}
	return NULL;
}

/* Is the cell known in every file, and large enough in one? */
static bool
is_in_all(const Comparison *comparison, const ComparedCell *cell, bool *large)
{
	Metric		metric = cell->difference.metric;
	bool		in_all = true;

	*large = false;
	for (int f = 0; f < comparison->nfiles; f++)
	{
		const WorkflowFigures *workflow;
		const Cell *in_file = find_cell(&comparison->files[f], cell, &workflow);

		*large = *large || (in_file != NULL && is_compared(workflow, in_file, metric));
		in_all = in_all && in_file != NULL && in_file->time[metric].n > 0;
	}
	return in_all;
}

static double
median_of(const Comparison *comparison, int file, const ComparedCell *cell)
{
	const WorkflowFigures *workflow;

	return find_cell(&comparison->files[file], cell, &workflow)->time[cell->difference.metric].median.value;
}

/* The pairs' log ratios; the caller's. */
static double *
pair_logs(const Comparison *comparison, ComparedCell *cell)
{
	double	   *logs = xcalloc((size_t) comparison->npairs + 1, sizeof(double));
	double		left = 0.0;
	double		right = 0.0;

	for (int p = 0; p < comparison->npairs; p++)
	{
		double		left_ms = median_of(comparison, comparison->pairs[p].left, cell);
		double		right_ms = median_of(comparison, comparison->pairs[p].right, cell);

		logs[p] = log_ratio(right_ms, left_ms);
		left += left_ms > 0.0 ? log(left_ms) : NAN;
		right += right_ms > 0.0 ? log(right_ms) : NAN;
	}
	cell->left_ms = exp(left / comparison->npairs);
	cell->right_ms = exp(right / comparison->npairs);
	return logs;
}

/* The cells of the first file that every file has and that are large enough in some. */
static void
find_cells(Comparison *comparison)
{
	const Figures *first = &comparison->files[0];
	size_t		most = 1;

	for (int w = 0; w < first->nworkflows; w++)
		most += (size_t) (first->workflows[w].nsteps + 1) * METRIC_COUNT;
	comparison->cells = xcalloc(most, sizeof(ComparedCell));
	for (int w = 0; w < first->nworkflows; w++)
	{
		const WorkflowFigures *workflow = &first->workflows[w];

		for (int s = 0; s <= workflow->nsteps; s++)
		{
			const Cell *of = s < workflow->nsteps ? &workflow->steps[s] : &workflow->whole;

			for (int m = 0; m < METRIC_COUNT; m++)
			{
				ComparedCell *cell = &comparison->cells[comparison->ncells];
				bool		large;

				*cell = (ComparedCell) {
					.difference = {
						.kind = workflow->kind,
						.drive = workflow->drive,
						.origin = workflow->origin,
						.step = s < workflow->nsteps ? s : -1,
						.payload_bytes = of->payload_bytes,
						.metric = (Metric) m
					},
					.function_id = of->function_id
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
	int		   *order = by_start(comparison);
	Difference *differences;
	double	  **logs;

	comparison->sequence = xcalloc((size_t) comparison->nfiles + 1, 1);
	for (int i = 0; i < comparison->nfiles; i++)
		comparison->sequence[i] = is_left(comparison, order[i]) ? 'A' : 'B';
	make_pairs(comparison, order);
	free(order);
	comparison->order = judge_order(comparison);
	find_cells(comparison);

	differences = xcalloc((size_t) comparison->ncells + 1, sizeof(Difference));
	logs = xcalloc((size_t) comparison->ncells + 1, sizeof(double *));
	for (int i = 0; i < comparison->ncells; i++)
	{
		logs[i] = pair_logs(comparison, &comparison->cells[i]);
		differences[i] = comparison->cells[i].difference;
	}
	differences_judge(differences, comparison->ncells, logs, comparison->npairs);
	for (int i = 0; i < comparison->ncells; i++)
	{
		comparison->cells[i].difference = differences[i];
		free(logs[i]);
	}
	free(differences);
	free(logs);
}
