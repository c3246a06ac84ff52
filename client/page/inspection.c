/*
 * inspection.c
 *	  An inspection on the page.
 */
#include <math.h>
#include <stddef.h>
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

#define NAME_WIDTH 60

/* ------------------------------------------------------------------------
 * Tables: a row is a structure, a column a member of it
 * ------------------------------------------------------------------------
 */

typedef enum Kind
{
	NAME,						/* char *, which can be as long as it likes; NULL: "NULL" */
	LABEL,						/* what a function makes of the row */
	INT,						/* int */
	COUNT,						/* int64_t */
	BYTES,						/* int64_t */
	MS,							/* double */
	KINDS
} Kind;

typedef struct Column
{
	const char *name;			/* NULL: after the last */
	const char *title;
	Kind		kind;
	size_t		offset;			/* of the member */
	const char *meaning;
	void		(*label) (ExperimentTable *table, const void *row);
} Column;

#define MEMBER(name_, title_, kind_, type, member, meaning_) \
	{.name = name_,.title = title_,.kind = kind_,.offset = offsetof(type, member),.meaning = meaning_}
#define MADE(name_, title_, label_, meaning_) \
	{.name = name_,.title = title_,.kind = LABEL,.label = label_,.meaning = meaning_}
#define LAST {.name = NULL}

/* three columns of an Amount */
#define AMOUNT(type, amount, of_rows) \
	MEMBER("rows", of_rows, COUNT, type, amount.rows, "How many."), \
	MEMBER("text", "text", BYTES, type, amount.text_bytes, "Bytes of their outputs' text, as the SDK wrote it."), \
	MEMBER("stored", "stored", BYTES, type, amount.stored_bytes, "The same on disk, compressed where it is.")

static double
known(int64_t value)
{
	return value != UNKNOWN ? (double) value : NAN;
}

static void
put_cell(ExperimentTable *table, const Column *column, const void *row)
{
	const void *member = (const char *) row + column->offset;
	const char *name;

	switch (column->kind)
	{
		case NAME:
			name = *(char *const *) member;
			result_label(table, "%s", short_name(name != NULL ? name : "NULL", NAME_WIDTH));
			break;
		case LABEL:
			column->label(table, row);
			break;
		case INT:
			result_exact(table, *(const int *) member);
			break;
		case MS:
			result_exact(table, *(const double *) member);
			break;
		default:
			result_exact(table, known(*(const int64_t *) member));
	}
}

/* n rows of a size, of which most are shown */
static void
put_table(ExperimentResult *result, const char *name, const char *title, bool brief, const Column *columns,
		  const void *rows, size_t size, int n, int most)
{
	static const Unit units[KINDS] = {
		[NAME] = UNIT_LABEL,[LABEL] = UNIT_LABEL,[INT] = UNIT_COUNT,[COUNT] = UNIT_COUNT,[BYTES] = UNIT_BYTES,[MS] = UNIT_MS
	};
	ExperimentTable *table = result_table(result, name, title, brief);

	for (const Column *column = columns; column->name != NULL; column++)
		result_column(table, column->name, column->title, units[column->kind], SHOW_BRIEF, column->meaning);
	for (int i = 0; i < n && i < most; i++)
		for (const Column *column = columns; column->name != NULL; column++)
			put_cell(table, column, (const char *) rows + (size_t) i * size);
}

/* a list of the inspection */
#define PUT(result, name, title, brief, columns, list, n) \
	put_table(result, name, title, brief, columns, list, sizeof((list)[0]), n, MOST_ROWS)

static const Column disk_columns[] = {
	MEMBER("table", "table", NAME, TableSize, name, "Its name."),
	MEMBER("rows", "rows", COUNT, TableSize, rows, "Counted, or estimated from a sample."),
	MEMBER("heap", "table itself", BYTES, TableSize, heap_bytes, "Rows, with the maps of free space and visibility."),
	MEMBER("toast", "TOAST", BYTES, TableSize, toast_bytes, "Values that were moved out of their rows, with their index."),
	MEMBER("indexes", "indexes", BYTES, TableSize, index_bytes, "All of them."),
	LAST
};

static int64_t
table_bytes(const TableSize *table)
{
	return table->heap_bytes + table->toast_bytes + table->index_bytes;
}

/* the largest first */
static int
compare_tables(const void *left, const void *right)
{
	const TableSize *a = left;
	const TableSize *b = right;
	int64_t		of_a = table_bytes(a);
	int64_t		of_b = table_bytes(b);

	return of_a != of_b ? (of_a < of_b ? 1 : -1) : strcmp(a->name, b->name);
}

static void
put_tables(ExperimentResult *result, const Inspection *in)
{
	TableSize  *sorted = xcalloc((size_t) in->ntables + 1, sizeof(TableSize));

	for (int i = 0; i < in->ntables; i++)
		sorted[i] = in->tables[i];
	qsort(sorted, (size_t) in->ntables, sizeof(TableSize), compare_tables);
	put_table(result, "tables", "Bytes on disk, the largest tables", true, disk_columns, sorted, sizeof(TableSize),
			  in->ntables, MOST_BARS);
	if (in->ntables > 0)
		result_plot(result, PLOT_STACKED, "tables", "Bytes on disk",
					"Bars: what a table takes, which its rows, TOAST and indexes add up to; that is written on them.",
					"tables", "table", "heap,toast,indexes", NULL);
	free(sorted);
}

static void
label_size(ExperimentTable *table, const void *row)
{
	int64_t		from = ((const SizeClass *) row)->from_bytes;

	if (from == 0)
		result_label(table, "0 B");
	else
		result_label(table, "%s to %s", words_bytes(from), words_bytes(10 * from));
}

static const Column size_columns[] = {
	MADE("size", "size of an output", label_size, "From so many bytes of text on, up to ten times as many."),
	AMOUNT(SizeClass, amount, "outputs"),
	MEMBER("p50", "step, p50", MS, SizeClass, duration_p50_ms, "As the SDK recorded it, in whole ms."),
	MEMBER("p99", "step, p99", MS, SizeClass, duration_p99_ms, "Likewise."),
	LAST
};

static void
put_sizes(ExperimentResult *result, const Inspection *in)
{
	SizeClass  *there = xcalloc((size_t) in->nsizes + 1, sizeof(SizeClass));
	int			n = 0;

	for (int i = 0; i < in->nsizes; i++)
		if (in->sizes[i].amount.rows != 0)
			there[n++] = in->sizes[i];
	PUT(result, "sizes", "Outputs of steps by their size", true, size_columns, there, n);
	free(there);
	if (n == 0)
		return;
	result_plot(result, PLOT_BARS, "outputs", "How many outputs there are of each size",
				"Bars: outputs of steps whose text has so many bytes.", "sizes", "size", "rows", NULL);
	result_plot(result, PLOT_BARS, "bytes", "What outputs of each size take",
				"Bars: bytes of all outputs of that size, as text and on disk.", "sizes", "size", "text,stored", NULL);
}

static const Column name_columns[] = {
	MEMBER("name", "step", NAME, NamedSteps, name, "Its name."),
	AMOUNT(NamedSteps, amount, "rows"),
	MEMBER("errors", "errors", COUNT, NamedSteps, errors, "Steps that stored one."),
	MEMBER("p50", "output, p50", BYTES, NamedSteps, p50_bytes, "Bytes of text, nearest rank."),
	MEMBER("p99", "output, p99", BYTES, NamedSteps, p99_bytes, "Likewise."),
	MEMBER("largest", "largest", BYTES, NamedSteps, largest_bytes, "Bytes of text."),
	MEMBER("time_p50", "time, p50", MS, NamedSteps, duration_p50_ms, "As the SDK recorded it, in whole ms."),
	MEMBER("time_p99", "time, p99", MS, NamedSteps, duration_p99_ms, "Likewise."),
	LAST
};

static const Column workflow_columns[] = {
	MEMBER("name", "workflow", NAME, NamedWorkflows, name, "Its name."),
	MEMBER("number", "number", COUNT, NamedWorkflows, count, "How many there are."),
	MEMBER("failed", "failed", COUNT, NamedWorkflows, failed, "With those that were cancelled or given up."),
	MEMBER("unfinished", "unfinished", COUNT, NamedWorkflows, unfinished, "Not ended yet."),
	MEMBER("steps", "steps, p50", COUNT, NamedWorkflows, steps_p50, "Steps of a workflow."),
	MEMBER("most", "most", COUNT, NamedWorkflows, steps_most, "Likewise."),
	MEMBER("p50", "time, p50", MS, NamedWorkflows, duration_p50_ms, "From start to end."),
	MEMBER("p99", "time, p99", MS, NamedWorkflows, duration_p99_ms, "Likewise."),
	MEMBER("in_steps", "in steps, p50", MS, NamedWorkflows, in_steps_p50_ms, "The recorded time of a workflow's steps together."),
	LAST
};

static const Column format_columns[] = {
	MEMBER("format", "serialization", NAME, FormatAmount, format, "As the column says."),
	AMOUNT(FormatAmount, amount, "outputs"),
	LAST
};

static void
label_place(ExperimentTable *table, const void *row)
{
	const PayloadColumn *column = row;

	result_label(table, "%s.%s", column->table, column->column);
}

static void
label_storage(ExperimentTable *table, const void *row)
{
	result_label(table, "%s", ((const PayloadColumn *) row)->storage);
}

static const Column payload_columns[] = {
	MADE("column", "column", label_place, "Table and column."),
	MADE("storage", "storage", label_storage, "The column's own setting."),
	AMOUNT(PayloadColumn, amount, "values"),
	MEMBER("outside", "in TOAST", COUNT, PayloadColumn, outside, "Values that were moved out of their row."),
	MEMBER("largest", "largest", BYTES, PayloadColumn, largest_bytes, "Bytes of text."),
	LAST
};

static const Column day_columns[] = {
	MEMBER("ago", "days ago", INT, DayAmount, days_ago, "0: the last 24 hours."),
	AMOUNT(DayAmount, amount, "steps"),
	LAST
};

static void
label_step(ExperimentTable *table, const void *row)
{
	const LargeOutput *output = row;

	result_label(table, "%d: %s", output->function_id, short_name(output->name, NAME_WIDTH));
}

static const Column largest_columns[] = {
	MEMBER("workflow", "workflow", NAME, LargeOutput, workflow_uuid, "Its identifier."),
	MADE("step", "step", label_step, "Its number and name."),
	MEMBER("text", "text", BYTES, LargeOutput, text_bytes, "Bytes of its text."),
	MEMBER("stored", "stored", BYTES, LargeOutput, stored_bytes, "The same on disk."),
	LAST
};

static const Column deletable_columns[] = {
	MEMBER("days", "days at least", INT, Deletable, days, "Since their end."),
	MEMBER("workflows", "workflows", COUNT, Deletable, workflows, "How many."),
	AMOUNT(Deletable, steps, "steps"),
	MEMBER("own", "inputs and outputs, stored", BYTES, Deletable, own_stored_bytes, "Of the workflows themselves."),
	LAST
};

/* ------------------------------------------------------------------------
 * The section
 * ------------------------------------------------------------------------
 */

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
	PUT(result, "names", "Steps by name", true, name_columns, in->names, in->nnames);
	PUT(result, "workflows", "Workflows by name", false, workflow_columns, in->workflows, in->nworkflows);
	PUT(result, "formats", "Outputs by format", false, format_columns, in->formats, in->nformats);
	PUT(result, "columns", "Columns that hold payloads", false, payload_columns, in->columns, in->ncolumns);
	PUT(result, "days", "Steps by day", false, day_columns, in->days, in->ndays);
	PUT(result, "largest", "Largest outputs", false, largest_columns, in->largest, in->nlargest);
	PUT(result, "deletable", "Finished workflows, by how long ago they ended", false, deletable_columns, in->deletables,
		in->ndeletables);
	free(reading);
}

void
page_inspection(Page *page, const Inspection *inspection)
{
	Experiments one = {.nresults = 1,.results = xcalloc(1, sizeof(ExperimentResult))};
	char	   *on = xasprintf("PostgreSQL %s%s; schema \"%s\" of database \"%s\"; %s", inspection->server_version,
							   inspection->standby ? ", a standby" : "", short_name(inspection->schema, NAME_WIDTH),
							   short_name(inspection->database, NAME_WIDTH), inspection->started_at);

	fill(one.results, inspection);
	page_result(page, "inspection", on, one.results);
	html_section_end(page);
	free(on);
	experiments_free(&one);
}
