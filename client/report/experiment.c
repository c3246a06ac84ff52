/*
 * experiment.c
 *	  Print what experiments came to.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/experiment.h"
#include "report/report.h"
#include "report/text.h"
#include "util/memory.h"

static const ColumnType column_types[UNIT_COUNT_OF_UNITS] = {
	[UNIT_LABEL] = COLUMN_TEXT,
	[UNIT_BYTES] = COLUMN_INTEGER,
	[UNIT_MS] = COLUMN_MS,
	[UNIT_COUNT] = COLUMN_INTEGER,
	[UNIT_RATIO] = COLUMN_RATIO,
	[UNIT_PERCENT] = COLUMN_PERCENT,
	[UNIT_PER_S] = COLUMN_PERCENT,
	[UNIT_MB_PER_S] = COLUMN_PERCENT,
};

/* decimals of an interval in a sentence */
static const int decimals[UNIT_COUNT_OF_UNITS] = {
	[UNIT_MS] = 3,[UNIT_RATIO] = 3,[UNIT_PERCENT] = 1,[UNIT_PER_S] = 1,[UNIT_MB_PER_S] = 1,
};

/* what is larger is no whole number of a table */
#define MOST_WHOLE 1e18

#define FIGURE_BYTES 160

const char *
words_figure(const Estimate *estimate, Unit unit)
{
	static char ring[WORDS_KEPT][FIGURE_BYTES];
	static int	next = 0;
	char	   *text = ring[next++ % WORDS_KEPT];

	if (!isfinite(estimate->value))
		return "n/a";
	snprintf(text, FIGURE_BYTES, "%.*f%s%s%s", decimals[unit], estimate->value,
			 *unit_words[unit] && unit != UNIT_RATIO && unit != UNIT_PER_S ? " " : "", unit_words[unit],
			 words_interval(estimate, decimals[unit]));
	return text;
}

static bool
is_shown(const ExperimentColumn *column, bool in_full)
{
	return in_full || column->brief;
}

/* does any cell of the column have an interval? a table of one block has none */
static bool
has_intervals(const ExperimentTable *table, int column)
{
	for (int r = 0; r < table->nrows; r++)
		if (estimate_has_interval(&table->rows[r].cells[column].estimate))
			return true;
	return false;
}

/* is there any measurement behind the column's figures? */
static bool
has_n(const ExperimentTable *table, int column)
{
	for (int r = 0; r < table->nrows; r++)
		if (table->rows[r].cells[column].n > 0)
			return true;
	return false;
}

static bool
shows_interval(const ExperimentTable *table, int column, bool in_full)
{
	return (in_full || table->columns[column].interval) && table->columns[column].unit != UNIT_LABEL &&
		has_intervals(table, column);
}

static void
put_cell(Table *out, const ExperimentCell *cell, Unit unit)
{
	bool		whole = unit == UNIT_BYTES || unit == UNIT_COUNT;

	if (unit == UNIT_LABEL)
		table_text(out, cell->text != NULL ? cell->text : "");
	else if (whole && fabs(cell->estimate.value) < MOST_WHOLE)
		table_integer(out, (int64_t) llround(cell->estimate.value));
	else
		table_number(out, cell->estimate.value);
}

/* The first n columns of the given ones, with the labels before them repeated. */
static Table *
make_table(const ExperimentTable *table, const int *columns, int n, bool in_full, bool with_n)
{
	Table	   *out = table_create();

	for (int i = 0; i < n; i++)
	{
		const ExperimentColumn *column = &table->columns[columns[i]];
		/* a ratio has no unit, and says so by its title */
		const char *unit = column->unit == UNIT_RATIO ? "" : unit_words[column->unit];
		char	   *title = xasprintf("%s%s%s", column->title, *unit ? " " : "", unit);

		table_column(out, title, column_types[column->unit]);
		if (shows_interval(table, columns[i], in_full))
			table_column(out, "95 %", COLUMN_INTERVAL);
		if (with_n && has_n(table, columns[i]))
			table_column(out, "n", COLUMN_INTEGER);
		free(title);
	}
	for (int r = 0; r < table->nrows; r++)
	{
		for (int i = 0; i < n; i++)
		{
			const ExperimentCell *cell = &table->rows[r].cells[columns[i]];

			put_cell(out, cell, table->columns[columns[i]].unit);
			if (shows_interval(table, columns[i], in_full))
				table_interval(out, cell->estimate.low, cell->estimate.high);
			if (with_n && has_n(table, columns[i]))
				table_integer(out, cell->n);
		}
	}
	return out;
}

/* In several tables under one another where not all columns fit on a page: each with the labels. */
static void
print_table(const ExperimentTable *table, bool in_full, FILE *out)
{
	int			shown[MAX_EXPERIMENT_COLUMNS];
	int			nlabels = 0;
	int			n = 0;

	while (nlabels < table->ncolumns && table->columns[nlabels].unit == UNIT_LABEL)
		shown[nlabels] = nlabels, nlabels++;
	/* nothing but texts */
	if (nlabels == table->ncolumns)
		finish_table(make_table(table, shown, nlabels, in_full, false), out);
	for (int done = nlabels; done < table->ncolumns;)
	{
		Table	   *made = NULL;
		int			next = done;
		bool		first = done == nlabels;

		n = nlabels;
		for (int c = done; c < table->ncolumns && n < MAX_EXPERIMENT_COLUMNS; c++)
		{
			Table	   *wider;

			next = c + 1;
			if (!is_shown(&table->columns[c], in_full))
				continue;
			shown[n] = c;
			wider = make_table(table, shown, n + 1, in_full, false);
			/* with a gap of one, if it must be */
			if (made != NULL && table_width(wider) - n > REPORT_WIDTH)
			{
				table_free(wider);
				next = c;
				break;
			}
			if (made != NULL)
				table_free(made);
			made = wider;
			n++;
		}
		if (made != NULL)
		{
			if (!first)
				fputc('\n', out);
			finish_table(made, out);
		}
		done = next;
	}
}

Table *
experiment_table(const ExperimentTable *table)
{
	int			columns[MAX_EXPERIMENT_COLUMNS];

	for (int c = 0; c < table->ncolumns; c++)
		columns[c] = c;
	return make_table(table, columns, table->ncolumns, true, true);
}

char *
words_parameters(const ExperimentParameter *list, int n)
{
	char	   *text = NULL;

	for (int i = 0; i < n; i++)
		text_add(&text, "%s%s %s", i > 0 ? "; " : "", list[i].name, list[i].value);
	return text;
}

static void
print_list(const char *mark, const ExperimentParameter *list, int n, FILE *out)
{
	char	   *text = words_parameters(list, n);

	if (text != NULL)
		print_item(out, mark, text);
	free(text);
}

static void
print_tables(const ExperimentResult *result, bool in_full, FILE *out)
{
	for (int t = 0; t < result->ntables; t++)
	{
		const ExperimentTable *table = &result->tables[t];

		if (table->nrows == 0 || (!in_full && !table->brief))
			continue;
		print_heading(out, "%s", table->title);
		print_table(table, in_full, out);
		for (int c = 0; c < table->ncolumns && in_full; c++)
		{
			char	   *mark = xasprintf("  %s: ", table->columns[c].title);

			print_item(out, mark, table->columns[c].meaning);
			free(mark);
		}
	}
}

static void
print_result(const Experiments *experiments, const ExperimentResult *result, bool in_full, FILE *out)
{
	char	   *text = xasprintf("%s: %s", result->name, result->question);

	print_item(out, "", text);
	free(text);
	print_list("Measured  ", result->parameters, result->nparameters, out);
	text = xasprintf("%s; %.0f s%s", words_server(&experiments->environment), result->measured_s,
					 result->partial ? "; stopped before its end: what there is until then" : "");
	print_item(out, "On        ", text);
	free(text);
	if (in_full)
		print_list("With      ", result->conditions, result->nconditions, out);
	fputc('\n', out);
	for (int i = 0; i < result->nconclusions; i++)
		print_item(out, "- ", result->conclusions[i]);
	for (int i = 0; i < result->ncaveats; i++)
		print_item(out, i == 0 ? "Caveats: - " : "         - ", result->caveats[i]);
	print_tables(result, in_full, out);
}

void
report_experiments(const Experiments *experiments, bool in_full, FILE *out)
{
	for (int i = 0; i < experiments->nresults; i++)
	{
		if (i > 0)
			fputs("\n\n", out);
		print_result(experiments, &experiments->results[i], in_full, out);
	}
	if (in_full && experiments->nresults > 0)
	{
		print_heading(out, "Environment");
		report_environment(&experiments->environment, out);
	}
	fprintf(out, "\n95 %%: Student's t over the blocks' values, each block on a fresh connection. kB, MB: 1,000 and\n"
			"1,000,000 bytes.%s\n", in_full ? "" : " --full: every table, what each column is, and the environment.");
}
