/*
 * cells.c
 *	  From files to cells.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/cells.h"
#include "util/memory.h"

/* half the width of a 95 % interval in standard errors */
#define NORMAL_95 1.959964

static bool
same_cell(const Cell *a, const Cell *b)
{
	return a->kind == b->kind && a->drive == b->drive && a->origin == b->origin &&
		a->function_id == b->function_id && a->payload_bytes == b->payload_bytes &&
		a->metric == b->metric;
}

/* the workflow of a cell in a file, or NULL */
static const FileWorkflow *
find_workflow(const ResultFile *file, const Cell *cell)
{
	for (int w = 0; w < file->nworkflows; w++)
	{
		const FileWorkflow *workflow = &file->workflows[w];

		if (workflow->kind == cell->kind && workflow->drive == cell->drive &&
			workflow->origin == cell->origin)
			return workflow;
	}
	return NULL;
}

/* the times of a cell's step or workflow in a file, or NULL */
static const Summary *
find_times(const ResultFile *file, const Cell *cell)
{
	const FileWorkflow *workflow = find_workflow(file, cell);

	if (workflow == NULL)
		return NULL;
	if (cell->function_id == NO_STEP)
		return workflow->times;
	for (int s = 0; s < workflow->nsteps; s++)
	{
		if (workflow->steps[s].function_id == cell->function_id &&
			workflow->steps[s].payload_bytes == cell->payload_bytes)
			return workflow->steps[s].times;
	}
	return NULL;
}

/* what a part is a share of: the round trip, else the sum of the parts */
static double
whole_of(const Summary *times)
{
	double		sum = 0.0;

	if (times[METRIC_ROUND_TRIP].n > 0)
		return times[METRIC_ROUND_TRIP].p50;
	for (int m = FIRST_PART; m <= (int) LAST_PART; m++)
	{
		if (times[m].n > 0)
			sum += times[m].p50;
	}
	return sum;
}

static void
add_cell(Cells *cells, int *capacity, const Cell *cell)
{
	for (int i = 0; i < cells->n; i++)
	{
		if (same_cell(&cells->cells[i], cell))
			return;
	}
	if (cells->n == *capacity)
	{
		*capacity = *capacity ? 2 * *capacity : 64;
		cells->cells = xrealloc(cells->cells, (size_t) *capacity * sizeof(Cell));
	}
	cells->cells[cells->n++] = *cell;
}

/* is the metric known of any step, so that the workflow's is but their sum? */
static bool
steps_have(const FileWorkflow *workflow, Metric metric)
{
	for (int s = 0; s < workflow->nsteps; s++)
	{
		if (workflow->steps[s].times[metric].n > 0)
			return true;
	}
	return false;
}

static void
add_workflow(Cells *cells, int *capacity, const FileWorkflow *workflow)
{
	Cell		cell;

	memset(&cell, 0, sizeof(cell));
	cell.kind = workflow->kind;
	cell.drive = workflow->drive;
	cell.origin = workflow->origin;
	for (int s = 0; s < workflow->nsteps; s++)
	{
		cell.function_id = workflow->steps[s].function_id;
		cell.payload_bytes = workflow->steps[s].payload_bytes;
		for (int m = METRIC_ROUND_TRIP; m < METRIC_UNATTRIBUTED; m++)
		{
			cell.metric = (Metric) m;
			if (workflow->steps[s].times[m].n > 0)
				add_cell(cells, capacity, &cell);
		}
	}
	cell.function_id = NO_STEP;
	cell.payload_bytes = UNKNOWN;
	for (int m = METRIC_ROUND_TRIP; m < METRIC_UNATTRIBUTED; m++)
	{
		cell.metric = (Metric) m;
		if (workflow->times[m].n == 0)
			continue;
		if (!steps_have(workflow, cell.metric) ||
			(m == METRIC_ROUND_TRIP && workflow->nsteps > 1))
			add_cell(cells, capacity, &cell);
	}
}

/* the medians of one side; false where one cannot be compared */
static bool
take_side(Cell *cell, const ResultFile *files, int n, double *logs, double *mean_ms, bool *large)
{
	double		sum = 0.0;
	bool		good = true;

	for (int f = 0; f < n; f++)
	{
		const Summary *times = find_times(&files[f], cell);
		const Summary *summary = times ? &times[cell->metric] : NULL;

		if (summary == NULL || summary->n == 0)
		{
			cell->nmissing++;
			good = false;
			continue;
		}
		if (!(summary->p50 > 0.0))
		{
			good = false;
			continue;
		}
		logs[f] = log(summary->p50);
		sum += logs[f];
		*large = *large || (summary->p50 >= CELL_LEAST_MS &&
							100.0 * summary->p50 >= CELL_LEAST_PERCENT * whole_of(times));
	}
	*mean_ms = good ? exp(sum / n) : NAN;
	return good;
}

/* variance of log p50, from the width of its interval; NAN: unknown */
static double
median_variance(const ResultFile *file, const Cell *cell)
{
	const Summary *summary = &find_times(file, cell)[cell->metric];
	double		error;

	if (!(summary->ci_low > 0.0) || !(summary->ci_high > 0.0))
		return NAN;
	error = log(summary->ci_high / summary->ci_low) / (2.0 * NORMAL_95);
	return error * error;
}

static void
fill_cell(Cell *cell, const ResultFile *left, int nleft, const ResultFile *right, int nright)
{
	bool		large = false;
	bool		good;

	cell->left = xcalloc((size_t) nleft, sizeof(double));
	cell->right = xcalloc((size_t) nright, sizeof(double));
	cell->single_variance = NAN;
	good = take_side(cell, left, nleft, cell->left, &cell->left_ms, &large);
	good = take_side(cell, right, nright, cell->right, &cell->right_ms, &large) && good;
	if (good && nleft == 1 && nright == 1)
	{
		cell->single_variance = median_variance(left, cell) + median_variance(right, cell);
		good = !isnan(cell->single_variance);
	}
	if (cell->nmissing > 0)
		cell->state = CELL_MISSING;
	else if (!large)
		cell->state = CELL_TOO_SMALL;
	else
		cell->state = good ? CELL_LOOKED_AT : CELL_NOT_COMPARABLE;
}

/* by workflow, drive, origin, metric, size: cells that lend each other stand together */
static int
compare_cells(const void *left, const void *right)
{
	const Cell *a = left;
	const Cell *b = right;

	if (a->metric != b->metric)
		return a->metric < b->metric ? -1 : 1;
	if (a->origin != b->origin)
		return a->origin < b->origin ? -1 : 1;
	if (a->drive != b->drive)
		return a->drive < b->drive ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->payload_bytes != b->payload_bytes)
		return a->payload_bytes < b->payload_bytes ? -1 : 1;
	return (a->function_id > b->function_id) - (a->function_id < b->function_id);
}

void
cells_collect(const ResultFile *left, int nleft, const ResultFile *right, int nright, Cells *cells)
{
	int			capacity = 0;

	cells->n = 0;
	cells->cells = NULL;
	for (int f = 0; f < nleft + nright; f++)
	{
		const ResultFile *file = f < nleft ? &left[f] : &right[f - nleft];

		for (int w = 0; w < file->nworkflows; w++)
			add_workflow(cells, &capacity, &file->workflows[w]);
	}
	for (int i = 0; i < cells->n; i++)
		fill_cell(&cells->cells[i], left, nleft, right, nright);
	if (cells->n > 0)
		qsort(cells->cells, (size_t) cells->n, sizeof(Cell), compare_cells);
}

void
cells_free(Cells *cells)
{
	for (int i = 0; i < cells->n; i++)
	{
		free(cells->cells[i].left);
		free(cells->cells[i].right);
	}
	free(cells->cells);
	memset(cells, 0, sizeof(*cells));
}

int
cells_contrasts(const Cells *cells, int nleft, int nright, Contrast **contrasts)
{
	int			n = 0;

	*contrasts = xcalloc(cells->n > 0 ? (size_t) cells->n : 1, sizeof(Contrast));
	for (int i = 0; i < cells->n; i++)
	{
		const Cell *cell = &cells->cells[i];
		Contrast   *contrast = &(*contrasts)[n];

		if (cell->state != CELL_LOOKED_AT)
			continue;
		contrast->group = cell->metric;
		contrast->nleft = nleft;
		contrast->nright = nright;
		contrast->left = cell->left;
		contrast->right = cell->right;
		contrast->single_variance = cell->single_variance;
		n++;
	}
	return n;
}

double *
files_reference(const ResultFile *files, int n)
{
	double	   *logs = xcalloc((size_t) n, sizeof(double));

	for (int f = 0; f < n; f++)
	{
		if (isnan(files[f].reference_ms))
		{
			free(logs);
			return NULL;
		}
		logs[f] = log(files[f].reference_ms);
	}
	return logs;
}

static int
compare_starts(const void *left, const void *right)
{
	const ResultFile *a = left;
	const ResultFile *b = right;

	return (a->started_at_us > b->started_at_us) - (a->started_at_us < b->started_at_us);
}

bool
runs_alternate(ResultFile *left, int nleft, ResultFile *right, int nright)
{
	if (nleft != nright || nleft < 2)
		return false;
	qsort(left, (size_t) nleft, sizeof(ResultFile), compare_starts);
	qsort(right, (size_t) nright, sizeof(ResultFile), compare_starts);
	for (int i = 0; i < nleft; i++)
	{
		int64_t		first = left[i].started_at_us;
		int64_t		second = right[i].started_at_us;

		/* started in the same second: nothing says which was first, and nothing needs to */
		if (i + 1 < nleft &&
			(first >= right[i + 1].started_at_us || first >= left[i + 1].started_at_us ||
			 second >= left[i + 1].started_at_us || second >= right[i + 1].started_at_us))
			return false;
	}
	return true;
}
