/*
 * experiment.c
 *	  Filling an experiment's result, and looking things up in it.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figures/experiment.h"
#include "util/memory.h"

const char *const unit_names[UNIT_COUNT_OF_UNITS] = {
	"label", "bytes", "ms", "count", "ratio", "percent", "per_s", "mb_per_s"
};
const char *const unit_words[UNIT_COUNT_OF_UNITS] = {"", "B", "ms", "", "x", "%", "/s", "MB/s"};
const char *const plot_kind_names[PLOT_KIND_COUNT] = {"lines", "bars", "stacked"};

/* malloc'd */
static char *
format_text(const char *format, va_list args)
{
	va_list		again;
	char	   *text;
	int			length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	text = xcalloc((size_t) length + 1, 1);
	vsnprintf(text, (size_t) length + 1, format, args);
	return text;
}

void
result_begin(ExperimentResult *result, const char *name, const char *question)
{
	memset(result, 0, sizeof(*result));
	result->name = xstrdup(name);
	result->question = xstrdup(question);
	/* so that tables and plots stay where they are */
	result->tables = xcalloc(MAX_EXPERIMENT_TABLES, sizeof(ExperimentTable));
	result->plots = xcalloc(MAX_EXPERIMENT_PLOTS, sizeof(ExperimentPlot));
}

static void
add_parameter(ExperimentParameter **list, int *n, const char *name, char *value)
{
	*list = xrealloc(*list, (size_t) (*n + 1) * sizeof(ExperimentParameter));
	(*list)[(*n)++] = (ExperimentParameter) {.name = xstrdup(name),.value = value};
}

void
result_parameter(ExperimentResult *result, const char *name, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	add_parameter(&result->parameters, &result->nparameters, name, format_text(format, args));
	va_end(args);
}

void
result_condition(ExperimentResult *result, const char *name, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	add_parameter(&result->conditions, &result->nconditions, name, format_text(format, args));
	va_end(args);
}

ExperimentTable *
result_table(ExperimentResult *result, const char *name, const char *title, bool brief)
{
	ExperimentTable *table;

	if (result->ntables == MAX_EXPERIMENT_TABLES)
		abort();
	table = &result->tables[result->ntables++];
	*table = (ExperimentTable) {.name = xstrdup(name),.title = xstrdup(title),.brief = brief};
	table->columns = xcalloc(MAX_EXPERIMENT_COLUMNS, sizeof(ExperimentColumn));
	return table;
}

void
result_column(ExperimentTable *table, const char *name, const char *title, Unit unit, Show show,
			  const char *meaning)
{
	if (table->ncolumns == MAX_EXPERIMENT_COLUMNS || table->nrows > 0)
		abort();
	table->columns[table->ncolumns++] = (ExperimentColumn) {
		.name = xstrdup(name),.title = xstrdup(title),.meaning = xstrdup(meaning),.unit = unit,
		.brief = show != SHOW_FULL,.interval = show == SHOW_INTERVAL,
	};
}

/* The next cell: of the last row, or of a new one where that is full. */
static ExperimentCell *
next_cell(ExperimentTable *table)
{
	ExperimentRow *row = table->nrows > 0 ? &table->rows[table->nrows - 1] : NULL;

	if (row == NULL || row->ncells == table->ncolumns)
	{
		table->rows = xrealloc(table->rows, (size_t) (table->nrows + 1) * sizeof(ExperimentRow));
		row = &table->rows[table->nrows++];
		row->ncells = 0;
		row->cells = xcalloc((size_t) table->ncolumns, sizeof(ExperimentCell));
	}
	return &row->cells[row->ncells++];
}

void
result_label(ExperimentTable *table, const char *format,...)
{
	ExperimentCell *cell = next_cell(table);
	va_list		args;

	va_start(args, format);
	cell->text = format_text(format, args);
	va_end(args);
	cell->estimate = estimate_unknown();
}

void
result_estimate(ExperimentTable *table, Estimate estimate, int64_t n)
{
	ExperimentCell *cell = next_cell(table);

	cell->estimate = estimate;
	cell->n = n;
}

void
result_exact(ExperimentTable *table, double value)
{
	next_cell(table)->estimate = estimate_exact(value);
}

ExperimentPlot *
result_plot(ExperimentResult *result, PlotKind kind, const char *name, const char *title,
			const char *caption, const char *table, const char *x, const char *y, const char *by)
{
	ExperimentPlot *plot;

	if (result->nplots == MAX_EXPERIMENT_PLOTS)
		abort();
	plot = &result->plots[result->nplots++];
	*plot = (ExperimentPlot) {
		.name = xstrdup(name),.title = xstrdup(title),.caption = xstrdup(caption),.kind = kind,
		.table = xstrdup(table),.x = xstrdup(x),.by = by != NULL ? xstrdup(by) : NULL,
	};
	while (*y != '\0')
	{
		size_t		length = strcspn(y, ",");

		plot->y = xrealloc(plot->y, (size_t) (plot->ny + 1) * sizeof(char *));
		plot->y[plot->ny++] = xasprintf("%.*s", (int) length, y);
		y += length + (y[length] == ',');
	}
	return plot;
}

void
result_plot_where(ExperimentPlot *plot, const char *where, const char *is)
{
	plot->where = xstrdup(where);
	plot->is = xstrdup(is);
}

void
result_plot_log(ExperimentPlot *plot, bool x, bool y)
{
	plot->log_x = x;
	plot->log_y = y;
}

static void
add_sentence(char ***list, int *n, char *text)
{
	*list = xrealloc(*list, (size_t) (*n + 1) * sizeof(char *));
	(*list)[(*n)++] = text;
}

void
result_conclude(ExperimentResult *result, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	add_sentence(&result->conclusions, &result->nconclusions, format_text(format, args));
	va_end(args);
}

void
result_caveat(ExperimentResult *result, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	add_sentence(&result->caveats, &result->ncaveats, format_text(format, args));
	va_end(args);
}

Estimate
estimate_exact(double value)
{
	return (Estimate) {.value = value,.low = NAN,.high = NAN,.nblocks = isfinite(value) ? 1 : 0};
}

Estimate
estimate_unknown(void)
{
	return estimate_exact(NAN);
}

const ExperimentTable *
result_find_table(const ExperimentResult *result, const char *name)
{
	for (int i = 0; i < result->ntables; i++)
		if (strcmp(result->tables[i].name, name) == 0)
			return &result->tables[i];
	return NULL;
}

int
table_find_column(const ExperimentTable *table, const char *name)
{
	for (int i = 0; i < table->ncolumns; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return i;
	return -1;
}

static const char *
label_at(const ExperimentTable *table, int row, int column)
{
	const char *text = table->rows[row].cells[column].text;

	return text != NULL ? text : "";
}

bool
series_has_row(const PlotSeries *series, int row)
{
	return (series->where < 0 || strcmp(label_at(series->table, row, series->where), series->plot->is) == 0) &&
		(series->by < 0 || strcmp(label_at(series->table, row, series->by), series->text) == 0);
}

/* The i-th different text of the column by, among the rows of the plot; NULL: no more. */
static const char *
text_at(const PlotSeries *series, int i)
{
	PlotSeries	one = *series;

	for (int row = 0; row < series->table->nrows; row++)
	{
		bool		seen = false;

		one.text = label_at(series->table, row, series->by);
		for (int before = 0; before < row && !seen; before++)
			seen = series_has_row(&one, before);
		if (!seen && series_has_row(&one, row) && i-- == 0)
			return one.text;
	}
	return NULL;
}

bool
plot_series_at(const ExperimentResult *result, const ExperimentPlot *plot, int i, PlotSeries *series)
{
	const char *title;

	*series = (PlotSeries) {.table = result_find_table(result, plot->table),.plot = plot};
	if (series->table == NULL || plot->ny == 0)
		return false;
	series->x = table_find_column(series->table, plot->x);
	series->y = table_find_column(series->table, plot->y[i % plot->ny]);
	series->by = plot->by != NULL ? table_find_column(series->table, plot->by) : -1;
	series->where = plot->where != NULL ? table_find_column(series->table, plot->where) : -1;
	if (series->x < 0 || series->y < 0 || (plot->by != NULL && series->by < 0) ||
		(plot->where != NULL && series->where < 0))
		return false;
	title = series->table->columns[series->y].title;
	if (series->by < 0)
	{
		snprintf(series->title, sizeof(series->title), "%s", title);
		return i < plot->ny;
	}
	series->text = text_at(series, i / plot->ny);
	if (series->text == NULL)
		return false;
	snprintf(series->title, sizeof(series->title), "%s%s%s", series->text,
			 plot->ny > 1 ? ": " : "", plot->ny > 1 ? title : "");
	return true;
}
