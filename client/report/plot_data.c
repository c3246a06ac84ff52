/*
 * plot_data.c
 *	  What the pictures show, as rows of figures.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/plot_internal.h"
#include "statistics/summary.h"
#include "util/memory.h"
#include "util/table.h"

static int
compare_times(const void *left, const void *right)
{
	int64_t		a = *(const int64_t *) left;
	int64_t		b = *(const int64_t *) right;

	return (a > b) - (a < b);
}

static int
times_of(const Series *series, int step, Metric metric, int64_t **values)
{
	if (step < 0)
		return series_whole_times(series, metric, values);
	return series_step_times(series, step, metric, values);
}

static void
fill_row(PlotRow *row)
{
	int64_t    *values;

	row->n = times_of(row->series, row->step, METRIC_ROUND_TRIP, &values);
	if (row->n == 0)
	{
		free(values);
		row->n = times_of(row->series, row->step, METRIC_SERVER_TOTAL, &values);
	}
	row->low = row->p50 = row->high = NAN;
	if (row->n > 0)
	{
		qsort(values, (size_t) row->n, sizeof(int64_t), compare_times);
		row->low = (double) percentile_int64(values, row->n, 5.0) / 1e6;
		row->p50 = (double) percentile_int64(values, row->n, 50.0) / 1e6;
		row->high = (double) percentile_int64(values, row->n, 95.0) / 1e6;
	}
	free(values);
	for (int p = 0; p < PLOT_PARTS; p++)
	{
		double		part = series_summary(row->series, row->step, (Metric) (FIRST_PART + p)).p50;

		row->parts[p] = part > 0.0 ? part : 0.0;
		row->sum += row->parts[p];
	}
}

/* what is set side by side needs the median's interval; p95 of a busy host would dwarf the bars */
static void
take_interval(PlotRow *row)
{
	Summary		summary = series_summary(row->series, row->step, METRIC_ROUND_TRIP);

	row->low = isnan(summary.ci_low) ? row->p50 : summary.ci_low;
	row->high = isnan(summary.ci_high) ? row->p50 : summary.ci_high;
}

static int
compare_rows(const void *left, const void *right)
{
	const PlotRow *a = left;
	const PlotRow *b = right;

	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? -1 : 1;
	return (a->step > b->step) - (a->step < b->step);
}

int
plot_step_rows(const Series *series, PlotRow **rows)
{
	int			n = 0;

	*rows = xcalloc((size_t) series->nsteps + 1, sizeof(PlotRow));
	for (int s = 0; s < series->nsteps; s++)
	{
		PlotRow    *row = &(*rows)[n];

		row->series = series;
		row->step = s;
		row->bytes = series->steps[s].payload_bytes;
		format_bytes(row->bytes, row->name, sizeof(row->name));
		if (row->bytes == 0)
			continue;
		fill_row(row);
		if (row->n > 0)
			n++;
		else
			memset(row, 0, sizeof(*row));
	}
	qsort(*rows, (size_t) n, sizeof(PlotRow), compare_rows);
	return n;
}

int
plot_workflow_rows(const Result *result, PlotRow **rows)
{
	int			n = 0;

	*rows = xcalloc((size_t) result->nseries + 1, sizeof(PlotRow));
	for (int i = 0; i < result->nseries; i++)
	{
		const Series *series = result->series[i];
		PlotRow    *row = &(*rows)[n];
		char		name[PLOT_NAME_SIZE];

		row->series = series;
		row->step = -1;
		if (series->kind == WORKFLOW_BATCHED)
			snprintf(name, sizeof(name), "batch");
		else
			snprintf(name, sizeof(name), "%d steps", series->nsteps);
		/* \n is gnuplot's, between double quotes in the data file */
		snprintf(row->name, sizeof(row->name), "%.30s\\n%s\\n%s", name,
				 drive_names[series->drive], origin_names[series->origin]);
		for (int s = 0; s < series->nsteps; s++)
			row->bytes += series->steps[s].payload_bytes;
		fill_row(row);
		take_interval(row);
		if (row->n > 0)
			n++;
		else
			memset(row, 0, sizeof(*row));
	}
	return n;
}

bool
plot_has_part(const PlotRow *rows, int nrows, int part)
{
	for (int i = 0; i < nrows; i++)
	{
		if (rows[i].parts[part] > 0.0)
			return true;
	}
	return false;
}

bool
plot_write_rows(FILE *file, const PlotRow *rows, int nrows, bool percent)
{
	fprintf(file, "# name, bytes, n, low, p50, high (ms; steps: p5, p95, workflows: 95 %% interval), then the parts' p50 in %s:\n#",
			percent ? "percent of their sum" : "ms");
	for (int m = FIRST_PART; m <= (int) LAST_PART; m++)
		fprintf(file, " %s", metric_names[m]);
	fputc('\n', file);
	for (int i = 0; i < nrows; i++)
	{
		const PlotRow *row = &rows[i];
		double		scale = !percent ? 1.0 : row->sum > 0.0 ? 100.0 / row->sum : 0.0;

		fprintf(file, "\"%s\" %lld %d %.6f %.6f %.6f", row->name, (long long) row->bytes, row->n,
				row->low, row->p50, row->high);
		for (int p = 0; p < PLOT_PARTS; p++)
			fprintf(file, " %.6f", scale * row->parts[p]);
		fputc('\n', file);
	}
	return ferror(file) == 0;
}
