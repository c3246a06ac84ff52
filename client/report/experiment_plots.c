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

/* a line of names under so many bars has so many characters, as wide as a picture is */
#define NAME_CHARACTERS 110

/* more bars than these have their names across, in one line */
#define MOST_UPRIGHT_BARS 9

/* up to where a name can be broken, with the blank there; a number keeps its unit */
static int
word_length(const char *text)
{
	int			length = 0;

	for (;;)
	{
		length += (int) strcspn(text + length, " _");
		if (text[length] == '\0')
			return length;
		length++;
		if (length < 2 || text[length - 1] != ' ' || text[length - 2] < '0' || text[length - 2] > '9')
			return length;
	}
}

/*
 * A name between double quotes in a data file, in lines of at most width characters, where
 * it has places to break; returns how many.  \n is gnuplot's there.
 */
static int
put_wrapped(FILE *file, const char *name, int width)
{
	int			lines = 1;
	int			used = 0;
	bool		blank = false;

	fputc('"', file);
	for (const char *c = name; *c != '\0';)
	{
		int			length = word_length(c);
		const char *end = c + length;

		length -= end[-1] == ' ';
		if (used > 0 && used + length > width)
		{
			fputs("\\n", file);
			lines++;
			used = 0;
		}
		else if (blank)
			fputc(' ', file);
		blank = end[-1] == ' ';
		used += length + blank;
		for (; length > 0; length--, c++)
			fputc(*c == '"' || *c == '\\' || (unsigned char) *c < 0x20 ? ' ' : *c, file);
		c = end;
	}
	fputc('"', file);
	return lines;
}

/* malloc'd */
static char *
words_name(const ExperimentTable *table, const ExperimentCell *cell, int column)
{
	if (cell->text != NULL)
		return xstrdup(cell->text);
	if (table->columns[column].unit == UNIT_BYTES && fabs(cell->estimate.value) < 1e18)
		return xstrdup(words_bytes(llround(cell->estimate.value)));
	return xasprintf("%g", cell->estimate.value);
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

/* does the row begin a bar, which those after it of the same name belong to? */
static bool
begins_bar(const ExperimentResult *result, const ExperimentPlot *plot, int r)
{
	const ExperimentTable *table = result_find_table(result, plot->table);
	PlotSeries	series;
	bool		of_plot = false;

	for (int i = 0; plot_series_at(result, plot, i, &series); i++)
		of_plot = of_plot || series_has_row(&series, r);
	for (int before = 0; of_plot && before < r; before++)
		of_plot = !(same_place(table, series.x, before, r) &&
					(series.where < 0 || series_has_row(&(PlotSeries) {.table = table,.plot = plot,.by = -1,.where = series.where}, before)));
	return of_plot;
}

typedef struct Bars
{
	int			series;
	int			name_lines;		/* of the name that has most */
	int			longest_name;	/* characters, in one line */
} Bars;

/*
 * Bars: a row for each name, then "value low high" for each series, then what they
 * add up to.
 */
static Bars
put_bars(FILE *file, const ExperimentResult *result, const ExperimentPlot *plot)
{
	const ExperimentTable *table = result_find_table(result, plot->table);
	PlotSeries	series;
	Bars		bars = {0, 1, 0};
	int			rows = 0;

	fputs("# name; of each series: value, its 95 % interval; their sum\n", file);
	while (plot_series_at(result, plot, bars.series, &series))
		bars.series++;
	for (int r = 0; r < table->nrows; r++)
		rows += begins_bar(result, plot, r);
	for (int r = 0; bars.series > 0 && r < table->nrows; r++)
	{
		double		sum = NAN;
		char	   *name;
		int			lines;

		if (!begins_bar(result, plot, r))
			continue;
		plot_series_at(result, plot, 0, &series);
		name = words_name(table, &table->rows[r].cells[series.x], series.x);
		lines = put_wrapped(file, name, rows > MOST_UPRIGHT_BARS ? NAME_CHARACTERS : NAME_CHARACTERS / rows);
		bars.name_lines = lines > bars.name_lines ? lines : bars.name_lines;
		bars.longest_name = (int) strlen(name) > bars.longest_name ? (int) strlen(name) : bars.longest_name;
		free(name);
		for (int i = 0; plot_series_at(result, plot, i, &series); i++)
		{
			Estimate	estimate = estimate_unknown();

			for (int other = r; other < table->nrows; other++)
				if (series_has_row(&series, other) && same_place(table, series.x, r, other))
					estimate = table->rows[other].cells[series.y].estimate;
			put_estimate(file, &estimate);
			if (isfinite(estimate.value))
				sum = isfinite(sum) ? sum + estimate.value : estimate.value;
		}
		put_figure(file, sum, NAN);
		fputc('\n', file);
	}
	return bars;
}

/* "title, unit"; of several columns, which the legend names, the unit alone */
static void
put_axis(FILE *file, const char *name, const ExperimentColumn *column, int ncolumns)
{
	/* bytes have theirs on the axis: "36 MB" */
	const char *unit = column->unit == UNIT_RATIO || column->unit == UNIT_BYTES ? "" : unit_words[column->unit];
	const char *title = ncolumns == 1 ? column->title : "";
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

/* is any of what is drawn an interval? */
static bool
has_intervals(const ExperimentResult *result, const ExperimentPlot *plot)
{
	PlotSeries	series;

	for (int i = 0; plot_series_at(result, plot, i, &series); i++)
		for (int r = 0; r < series.table->nrows; r++)
			if (series_has_row(&series, r) && isfinite(series.table->rows[r].cells[series.y].estimate.low))
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
	Bars		bars = {0, 1, 0};
	int			longest = 0;
	int			n;
	char	   *caption;
	FILE	   *file;

	if (data != NULL && lines)
		bars.series = put_lines(data, result, plot);
	else if (data != NULL)
		bars = put_bars(data, result, plot);
	n = bars.series;
	good = plots_close(data, pictures->dir, name, PLOT_DATA);
	if (good && n > 0)
	{
		caption = xasprintf("%s%s", plot->caption, strstr(plot->caption, "95 % interval") == NULL ||
							has_intervals(result, plot) ? "" : " Here no interval is known.");
		file = picture_begin(pictures, name, plot->title, caption);
		free(caption);
		if (file != NULL)
		{
			fprintf(file, "data = '%s" PLOT_DATA "'\nseries = %d\narray titles[%d]\n", name, n, n);
			for (int i = 0; plot_series_at(result, plot, i, &series); i++)
			{
				fprintf(file, "titles[%d] = ", i + 1);
				plots_put_quoted(file, series.title, (int) strlen(series.title));
				fputc('\n', file);
				longest = (int) strlen(series.title) > longest ? (int) strlen(series.title) : longest;
			}
			plot_series_at(result, plot, 0, &series);
			put_axis(file, "x_text", &series.table->columns[series.x], 1);
			put_axis(file, "y_text", &series.table->columns[series.y], plot->ny);
			fprintf(file, "longest = %d\nname_lines = %d\nlongest_name = %d\ny_bytes = %d\n", longest,
					bars.name_lines, bars.longest_name, series.table->columns[series.y].unit == UNIT_BYTES);
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
