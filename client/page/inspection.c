/*
 * inspection.c
 *	  An inspection on the page.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/words.h"
#include "page/page.h"
#include "report/text.h"
#include "sample/sample.h"
#include "util/memory.h"

/* bars of a picture, and rows of the table that has its figures */
#define MOST_BARS 8

/* rows of any other table: a page is read by people */
#define MOST_ROWS 200

static double
known(int64_t value)
{
	return value != UNKNOWN ? (double) value : NAN;
}

/* names can be as long as they like */
static void
put_name(ExperimentTable *table, const char *name)
{
	result_label(table, "%s", short_name(name, 60));
}

static void
put_amount(ExperimentTable *table, const Amount *amount)
{
	result_exact(table, known(amount->rows));
	result_exact(table, known(amount->text_bytes));
	result_exact(table, known(amount->stored_bytes));
}

static void
amount_columns(ExperimentTable *table, const char *rows)
{
	result_column(table, "rows", rows, UNIT_COUNT, SHOW_BRIEF, "How many.");
	result_column(table, "text", "text", UNIT_BYTES, SHOW_BRIEF, "Bytes of their outputs' text, as the SDK wrote it.");
	result_column(table, "stored", "stored", UNIT_BYTES, SHOW_BRIEF, "The same on disk, compressed where it is.");
}

static int64_t
table_bytes(const TableSize *table)
{
	return table->heap_bytes + table->toast_bytes + table->index_bytes;
}

/* the largest first */
static int
compare_tables(const void *left, const void *right)
{
	const TableSize *a = *(const TableSize *const *) left;
	const TableSize *b = *(const TableSize *const *) right;
	int64_t		of_a = table_bytes(a);
	int64_t		of_b = table_bytes(b);

	return of_a != of_b ? (of_a < of_b ? 1 : -1) : strcmp(a->name, b->name);
}

static void
put_tables(ExperimentResult *result, const Inspection *in)
{
	const TableSize **order = xcalloc((size_t) in->ntables + 1, sizeof(*order));
	ExperimentTable *table = result_table(result, "tables", "Bytes on disk, the largest tables", true);

	for (int i = 0; i < in->ntables; i++)
		order[i] = &in->tables[i];
	qsort(order, (size_t) in->ntables, sizeof(*order), compare_tables);
	result_column(table, "table", "table", UNIT_LABEL, SHOW_BRIEF, "Its name.");
	result_column(table, "rows", "rows", UNIT_COUNT, SHOW_BRIEF, "Counted, or estimated from a sample.");
	result_column(table, "heap", "table itself", UNIT_BYTES, SHOW_BRIEF, "Rows, with the maps of free space and visibility.");
	result_column(table, "toast", "TOAST", UNIT_BYTES, SHOW_BRIEF, "Values that were moved out of their rows, with their index.");
	result_column(table, "indexes", "indexes", UNIT_BYTES, SHOW_BRIEF, "All of them.");
	for (int i = 0; i < in->ntables && i < MOST_BARS; i++)
	{
		put_name(table, order[i]->name);
		result_exact(table, known(order[i]->rows));
		result_exact(table, known(order[i]->heap_bytes));
		result_exact(table, known(order[i]->toast_bytes));
		result_exact(table, known(order[i]->index_bytes));
	}
	if (in->ntables > 0)
		result_plot(result, PLOT_STACKED, "tables", "Bytes on disk",
					"Bars: what a table takes, which its rows, TOAST and indexes add up to; that is written on them.",
					"tables", "table", "heap,toast,indexes", NULL);
	free(order);
}

static void
put_sizes(ExperimentResult *result, const Inspection *in)
{
	ExperimentTable *table = result_table(result, "sizes", "Outputs of steps by their size", true);

	result_column(table, "size", "size of an output", UNIT_LABEL, SHOW_BRIEF, "From so many bytes of text on, up to ten times as many.");
	amount_columns(table, "outputs");
	result_column(table, "p50", "step, p50", UNIT_MS, SHOW_BRIEF, "As the SDK recorded it, in whole ms.");
	result_column(table, "p99", "step, p99", UNIT_MS, SHOW_BRIEF, "Likewise.");
	for (int i = 0; i < in->nsizes; i++)
	{
		const SizeClass *size = &in->sizes[i];

		if (size->amount.rows == 0)
			continue;
		if (size->from_bytes == 0)
			result_label(table, "0 B");
		else
			result_label(table, "%s to %s", words_bytes(size->from_bytes), words_bytes(10 * size->from_bytes));
		put_amount(table, &size->amount);
		result_exact(table, size->duration_p50_ms);
		result_exact(table, size->duration_p99_ms);
	}
	if (table->nrows == 0)
		return;
	result_plot(result, PLOT_BARS, "outputs", "How many outputs there are of each size",
				"Bars: outputs of steps whose text has so many bytes.", "sizes", "size", "rows", NULL);
	result_plot(result, PLOT_BARS, "bytes", "What outputs of each size take",
				"Bars: bytes of all outputs of that size, as text and on disk.", "sizes", "size", "text,stored", NULL);
}

static void
put_names(ExperimentResult *result, const Inspection *in)
{
	ExperimentTable *table = result_table(result, "names", "Steps by name", true);

	result_column(table, "name", "step", UNIT_LABEL, SHOW_BRIEF, "Its name.");
	amount_columns(table, "rows");
	result_column(table, "errors", "errors", UNIT_COUNT, SHOW_BRIEF, "Steps that stored one.");
	result_column(table, "p50", "output, p50", UNIT_BYTES, SHOW_BRIEF, "Bytes of text, nearest rank.");
	result_column(table, "p99", "output, p99", UNIT_BYTES, SHOW_BRIEF, "Likewise.");
	result_column(table, "largest", "largest", UNIT_BYTES, SHOW_BRIEF, "Bytes of text.");
	result_column(table, "time_p50", "time, p50", UNIT_MS, SHOW_BRIEF, "As the SDK recorded it, in whole ms.");
	result_column(table, "time_p99", "time, p99", UNIT_MS, SHOW_BRIEF, "Likewise.");
	for (int i = 0; i < in->nnames && i < MOST_ROWS; i++)
	{
		const NamedSteps *name = &in->names[i];

		put_name(table, name->name);
		put_amount(table, &name->amount);
		result_exact(table, known(name->errors));
		result_exact(table, known(name->p50_bytes));
		result_exact(table, known(name->p99_bytes));
		result_exact(table, known(name->largest_bytes));
		result_exact(table, name->duration_p50_ms);
		result_exact(table, name->duration_p99_ms);
	}
}

static void
put_workflows(ExperimentResult *result, const Inspection *in)
{
	ExperimentTable *table = result_table(result, "workflows", "Workflows by name", false);

	result_column(table, "name", "workflow", UNIT_LABEL, SHOW_BRIEF, "Its name.");
	result_column(table, "number", "number", UNIT_COUNT, SHOW_BRIEF, "How many there are.");
	result_column(table, "failed", "failed", UNIT_COUNT, SHOW_BRIEF, "With those that were cancelled or given up.");
	result_column(table, "unfinished", "unfinished", UNIT_COUNT, SHOW_BRIEF, "Not ended yet.");
	result_column(table, "steps", "steps, p50", UNIT_COUNT, SHOW_BRIEF, "Steps of a workflow.");
	result_column(table, "most", "most", UNIT_COUNT, SHOW_BRIEF, "Likewise.");
	result_column(table, "p50", "time, p50", UNIT_MS, SHOW_BRIEF, "From start to end.");
	result_column(table, "p99", "time, p99", UNIT_MS, SHOW_BRIEF, "Likewise.");
	result_column(table, "in_steps", "in steps, p50", UNIT_MS, SHOW_BRIEF, "The recorded time of a workflow's steps together.");
	for (int i = 0; i < in->nworkflows && i < MOST_ROWS; i++)
	{
		const NamedWorkflows *name = &in->workflows[i];

		put_name(table, name->name);
		result_exact(table, known(name->count));
		result_exact(table, known(name->failed));
		result_exact(table, known(name->unfinished));
		result_exact(table, known(name->steps_p50));
		result_exact(table, known(name->steps_most));
		result_exact(table, name->duration_p50_ms);
		result_exact(table, name->duration_p99_ms);
		result_exact(table, name->in_steps_p50_ms);
	}
}

static void
put_formats(ExperimentResult *result, const Inspection *in)
{
	ExperimentTable *table = result_table(result, "formats", "Outputs by format", false);

	result_column(table, "format", "serialization", UNIT_LABEL, SHOW_BRIEF, "As the column says.");
	amount_columns(table, "outputs");
	for (int i = 0; i < in->nformats && i < MOST_ROWS; i++)
	{
		put_name(table, in->formats[i].format != NULL ? in->formats[i].format : "NULL");
		put_amount(table, &in->formats[i].amount);
	}
}

static void
put_columns(ExperimentResult *result, const Inspection *in)
{
	ExperimentTable *table = result_table(result, "columns", "Columns that hold payloads", false);

	result_column(table, "column", "column", UNIT_LABEL, SHOW_BRIEF, "Table and column.");
	result_column(table, "storage", "storage", UNIT_LABEL, SHOW_BRIEF, "The column's own setting.");
	amount_columns(table, "values");
	result_column(table, "outside", "in TOAST", UNIT_COUNT, SHOW_BRIEF, "Values that were moved out of their row.");
	result_column(table, "largest", "largest", UNIT_BYTES, SHOW_BRIEF, "Bytes of text.");
	for (int i = 0; i < in->ncolumns && i < MOST_ROWS; i++)
	{
		const PayloadColumn *column = &in->columns[i];

		result_label(table, "%s.%s", column->table, column->column);
		result_label(table, "%s", column->storage);
		put_amount(table, &column->amount);
		result_exact(table, known(column->outside));
		result_exact(table, known(column->largest_bytes));
	}
}

static void
put_days(ExperimentResult *result, const Inspection *in)
{
	ExperimentTable *table = result_table(result, "days", "Steps by day", false);

	result_column(table, "ago", "days ago", UNIT_COUNT, SHOW_BRIEF, "0: the last 24 hours.");
	amount_columns(table, "steps");
	for (int i = 0; i < in->ndays && i < MOST_ROWS; i++)
	{
		result_exact(table, in->days[i].days_ago);
		put_amount(table, &in->days[i].amount);
	}
}

static void
put_largest(ExperimentResult *result, const Inspection *in)
{
	ExperimentTable *table = result_table(result, "largest", "Largest outputs", false);

	result_column(table, "workflow", "workflow", UNIT_LABEL, SHOW_BRIEF, "Its identifier.");
	result_column(table, "step", "step", UNIT_LABEL, SHOW_BRIEF, "Its number and name.");
	result_column(table, "text", "text", UNIT_BYTES, SHOW_BRIEF, "Bytes of its text.");
	result_column(table, "stored", "stored", UNIT_BYTES, SHOW_BRIEF, "The same on disk.");
	for (int i = 0; i < in->nlargest && i < MOST_ROWS; i++)
	{
		put_name(table, in->largest[i].workflow_uuid);
		result_label(table, "%d: %s", in->largest[i].function_id, short_name(in->largest[i].name, 60));
		result_exact(table, known(in->largest[i].text_bytes));
		result_exact(table, known(in->largest[i].stored_bytes));
	}
}

static void
put_deletable(ExperimentResult *result, const Inspection *in)
{
	ExperimentTable *table = result_table(result, "deletable", "Finished workflows, by how long ago they ended", false);

	result_column(table, "days", "days at least", UNIT_COUNT, SHOW_BRIEF, "Since their end.");
	result_column(table, "workflows", "workflows", UNIT_COUNT, SHOW_BRIEF, "How many.");
	amount_columns(table, "steps");
	result_column(table, "own", "inputs and outputs, stored", UNIT_BYTES, SHOW_BRIEF, "Of the workflows themselves.");
	for (int i = 0; i < in->ndeletables && i < MOST_ROWS; i++)
	{
		result_exact(table, in->deletables[i].days);
		result_exact(table, known(in->deletables[i].workflows));
		put_amount(table, &in->deletables[i].steps);
		result_exact(table, known(in->deletables[i].own_stored_bytes));
	}
}

/* each line of a text */
static void
conclude_lines(ExperimentResult *result, char *text)
{
	char	   *rest = text;

	for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n"))
		result_conclude(result, "%s", line);
	free(text);
}

static void
fill(ExperimentResult *result, const Inspection *in)
{
	char	   *reading = inspection_words_reading(in);

	result_begin(result, "inspection", INSPECTION_QUESTION);
	conclude_lines(result, inspection_words_head(in));
	for (int i = 0; i < in->nadvice; i++)
		conclude_lines(result, inspection_words_advice(&in->advice[i]));
	if (in->steps.rows == 0 && in->nworkflows == 0)
		result_conclude(result, "No step and no workflow is recorded here.");
	else if (in->nadvice == 0)
		result_conclude(result, "Nothing need be done that these figures support.");
	result_caveat(result, "%s", reading);
	if (in->nadvice > 1)
		result_caveat(result, "One piece of advice saves what another would: the savings do not add up.");
	for (int i = 0; i < in->nnotes; i++)
		result_caveat(result, "%s", in->notes[i]);
	put_tables(result, in);
	put_sizes(result, in);
	put_names(result, in);
	put_workflows(result, in);
	put_formats(result, in);
	put_columns(result, in);
	put_days(result, in);
	put_largest(result, in);
	put_deletable(result, in);
	free(reading);
}

void
page_inspection(Page *page, const Inspection *inspection)
{
	Experiments one = {.nresults = 1,.results = xcalloc(1, sizeof(ExperimentResult))};
	char	   *on = xasprintf("PostgreSQL %s%s; schema \"%s\" of database \"%s\"; %s", inspection->server_version,
							   inspection->standby ? ", a standby" : "", short_name(inspection->schema, 60),
							   short_name(inspection->database, 60), inspection->started_at);

	fill(one.results, inspection);
	page_result(page, "inspection", on, one.results);
	html_section_end(page);
	free(on);
	experiments_free(&one);
}
