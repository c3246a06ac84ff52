/*
 * experiment_plots.c
 *	  Pictures of experiments: for each plot that they describe its data, in series,
 *	  and one of two gnuplot programs.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/experiment.h"
#include "report/plots.h"
#include "report/text.h"
#include "util/memory.h"
#include "util/numbers.h"

/* gnuplot reads this as nothing to draw */
static void
put_figure(FILE *file, double value, double otherwise)
{
	if (!isfinite(value))
		value = otherwise;
	if (isfinite(value))
		fprintf(file, " %.9g", value);
	else
		fputs(" NaN", file);
}

static void
put_estimate(FILE *file, const Estimate *estimate)
{
	put_figure(file, estimate->value, NAN);
	put_figure(file, estimate->low, estimate->value);
	put_figure(file, estimate->high, estimate->value);
}

/* Lines: a block of rows for each series, "x y low high", and two empty lines between blocks. */
static int
put_lines(FILE *file, const ExperimentResult *result, const ExperimentPlot *plot)
{
	PlotSeries	series;
	int			n = 0;

	for (; plot_series_at(result, plot, n, &series); n++)
	{
		fprintf(file, "%s# series %d: x, value, its 95 %% interval\n", n > 0 ? "\n\n" : "", n + 1);
		for (int r = 0; r < series.table->nrows; r++)
		{
			if (!series_has_row(&series, r))
				continue;
			put_figure(file, series.table->rows[r].cells[series.x].estimate.value, NAN);
			put_estimate(file, &series.table->rows[r].cells[series.y].estimate);
			fputc('\n', file);
		}
	}
	return n;
}

/* a name between double quotes in a data file */
static void
put_name(FILE *file, const ExperimentTable *table, const ExperimentCell *cell, int column)
{
	fputc('"', file);
	if (cell->text != NULL)
	{
		for (const char *c = cell->text; *c != '\0'; c++)
			fputc(*c == '"' || *c == '\\' || (unsigned char) *c < 0x20 ? ' ' : *c, file);
	}
	else if (table->columns[column].unit == UNIT_BYTES && fabs(cell->estimate.value) < 1e18)
		fputs(words_bytes(llround(cell->estimate.value)), file);
	else
		fprintf(file, "%g", cell->estimate.value);
	fputc('"', file);
}

/* have two rows the same name on the axis? */
static bool
same_place(const ExperimentTable *table, int column, int a, int b)
{
	const ExperimentCell *left = &table->rows[a].cells[column];
	const ExperimentCell *right = &table->rows[b].cells[column];

	return left->text != NULL && right->text != NULL ? strcmp(left->text, right->text) == 0 :
		left->estimate.value == right->estimate.value;
}

/* Bars: a row for each name, then "value low high" for each series. */
static int
put_bars(FILE *file, const ExperimentResult *result, const ExperimentPlot *plot)
{
	const ExperimentTable *table = result_find_table(result, plot->table);
	PlotSeries	series;
	int			n = 0;

	fputs("# name; of each series: value, its 95 % interval\n", file);
	while (plot_series_at(result, plot, n, &series))
		n++;
	for (int r = 0; n > 0 && r < table->nrows; r++)
	{
		bool		of_plot = false;
		bool		seen = false;

		for (int i = 0; plot_series_at(result, plot, i, &series); i++)
			of_plot = of_plot || series_has_row(&series, r);
		for (int before = 0; before < r; before++)
			seen = seen || (same_place(table, series.x, before, r) &&
							(series.where < 0 || series_has_row(&(PlotSeries) {.table = table,.plot = plot,.by = -1,.where = series.where}, before)));
		if (!of_plot || seen)
			continue;
		put_name(file, table, &table->rows[r].cells[series.x], series.x);
		for (int i = 0; plot_series_at(result, plot, i, &series); i++)
		{
			Estimate	estimate = estimate_unknown();

			for (int other = r; other < table->nrows; other++)
				if (series_has_row(&series, other) && same_place(table, series.x, r, other))
					estimate = table->rows[other].cells[series.y].estimate;
			put_estimate(file, &estimate);
		}
		fputc('\n', file);
	}
	return n;
}

/* "title, unit"; of several columns the unit alone, where it has a word */
static void
put_axis(FILE *file, const char *name, const ExperimentColumn *column, int ncolumns)
{
	const char *unit = column->unit == UNIT_RATIO ? "" : unit_words[column->unit];
	const char *title = ncolumns == 1 || *unit == '\0' ? column->title : "";
	char	   *text = xasprintf("%s%s%s", title, *title && *unit ? ", " : "", unit);

	fprintf(file, "%s = ", name);
	plots_put_quoted(file, text, (int) strlen(text));
	fputc('\n', file);
	free(text);
}

/* is there anything to draw? */
static bool
has_figures(const ExperimentResult *result, const ExperimentPlot *plot)
{
	PlotSeries	series;

	for (int i = 0; plot_series_at(result, plot, i, &series); i++)
		for (int r = 0; r < series.table->nrows; r++)
			if (series_has_row(&series, r) && isfinite(series.table->rows[r].cells[series.y].estimate.value))
				return true;
	return false;
}

static bool
write_plot(Pictures *pictures, const ExperimentResult *result, const ExperimentPlot *plot)
{
	char	   *name = xasprintf("%s-%s", result->name, plot->name);
	FILE	   *data = plots_open(pictures->dir, name, PLOT_DATA);
	bool		lines = plot->kind == PLOT_LINES;
	PlotSeries	series;
	bool		good;
	int			n = 0;
	FILE	   *file;

	if (data != NULL)
		n = lines ? put_lines(data, result, plot) : put_bars(data, result, plot);
	good = plots_close(data, pictures->dir, name, PLOT_DATA);
	if (good && n > 0)
	{
		file = picture_begin(pictures, name, plot->title, plot->caption);
		if (file != NULL)
		{
			fprintf(file, "data = '%s" PLOT_DATA "'\nseries = %d\narray titles[%d]\n", name, n, n);
			for (int i = 0; plot_series_at(result, plot, i, &series); i++)
			{
				fprintf(file, "titles[%d] = ", i + 1);
				plots_put_quoted(file, series.title, (int) strlen(series.title));
				fputc('\n', file);
			}
			plot_series_at(result, plot, 0, &series);
			put_axis(file, "x_text", &series.table->columns[series.x], 1);
			put_axis(file, "y_text", &series.table->columns[series.y], plot->ny);
			fprintf(file, "x_bytes = %d\ny_ratio = %d\nlog_x = %d\nlog_y = %d\nstacked = %d\n",
					series.table->columns[series.x].unit == UNIT_BYTES,
					series.table->columns[series.y].unit == UNIT_RATIO, plot->log_x, plot->log_y,
					plot->kind == PLOT_STACKED);
		}
		good = picture_end(pictures, file, lines ? "series" : "bars");
	}
	free(name);
	return good;
}

static bool
write_plots(Pictures *pictures, const ExperimentResult *result)
{
	bool		good = true;

	for (int p = 0; p < result->nplots; p++)
		if (has_figures(result, &result->plots[p]))
			good = write_plot(pictures, result, &result->plots[p]) && good;
	return good;
}

bool
experiment_plots_write(const Experiments *experiments, const char *dir)
{
	Pictures	pictures = {0};
	char	   *conditions = xasprintf("%s; dbos_payload %s, %s", words_server(&experiments->environment),
									   experiments->tool_version, experiments->started_at);
	bool		good = pictures_begin(&pictures, dir, conditions);

	for (int i = 0; i < experiments->nresults; i++)
		good = write_plots(&pictures, &experiments->results[i]) && good;
	good = pictures_end(&pictures, good);
	free(conditions);
	return good;
}

bool
experiment_plots_for_page(const ExperimentResult *result, Pictures *pictures)
{
	bool		good = pictures_begin(pictures, pictures->dir, "");

	return pictures_end(pictures, write_plots(pictures, result) && good);
}
