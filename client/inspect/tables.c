/*
 * tables.c
 *	  The tables of an inspection's report.
 */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/tables.h"
#include "inspect/words.h"
#include "report/report.h"
#include "report/text.h"
#include "util/memory.h"

/* indexes are indented, and have four columns of figures beside them */
#define INDEX_NAME_WIDTH 46

static void
table_bytes(Table *table, double bytes)
{
	table_text(table, short_bytes(bytes));
}

static void
table_count(Table *table, double count)
{
	table_text(table, short_count(count));
}

/* whole milliseconds, as they are recorded */
static void
table_ms(Table *table, double ms)
{
	if (isfinite(ms))
		table_count(table, ms);
	else
		table_text(table, "n/a");
}

/* ------------------------------------------------------------------------
 * Tables whose rows are structures: a label, and columns that are members of them
 * ------------------------------------------------------------------------
 */

typedef enum Shown
{
	SHOWN_INT,					/* int, as a number */
	SHOWN_COUNT,				/* int64_t */
	SHOWN_BYTES,				/* int64_t */
	SHOWN_MS,					/* double */
	SHOWN_NAME,					/* char *, cut; from here on to the left */
	SHOWN_WORD,					/* char *, as it is */
	SHOWN_PLACE					/* two char *: "table.column" */
} Shown;

typedef struct Column
{
	const char *title;
	Shown		shown;
	size_t		offset;			/* of the member */
} Column;

typedef struct Rows
{
	const Column *label;		/* stands before the columns of each page */
	int			label_width;	/* of a SHOWN_NAME */
	const Column *columns;
	const void *rows;
	size_t		size;			/* of a row */
	int			n;
} Rows;

#define COLUMNS(list) list, (int) (sizeof(list) / sizeof(list[0]))

static void
table_cell(Table *table, const Column *column, const void *row, int width)
{
	const void *member = (const char *) row + column->offset;
	char	   *place;

	switch (column->shown)
	{
		case SHOWN_INT:
			table_integer(table, *(const int *) member);
			break;
		case SHOWN_COUNT:
			table_count(table, (double) *(const int64_t *) member);
			break;
		case SHOWN_BYTES:
			table_bytes(table, (double) *(const int64_t *) member);
			break;
		case SHOWN_MS:
			table_ms(table, *(const double *) member);
			break;
		case SHOWN_NAME:
			table_text(table, short_name(*(char *const *) member, width));
			break;
		case SHOWN_WORD:
			table_text(table, *(char *const *) member);
			break;
		case SHOWN_PLACE:
			place = xasprintf("%s.%s", ((char *const *) member)[0], ((char *const *) member)[1]);
			table_text(table, place);
			free(place);
			break;
	}
}

static void
add_column(Table *table, const Column *column)
{
	table_column(table, column->title, column->shown == SHOWN_INT ? COLUMN_INTEGER :
				 column->shown >= SHOWN_NAME ? COLUMN_TEXT : COLUMN_LABEL);
}

static Table *
make_rows(const void *context, int first, int n)
{
	const Rows *rows = context;
	Table	   *table = table_create();

	add_column(table, rows->label);
	for (int c = first; c < first + n; c++)
		add_column(table, &rows->columns[c]);
	for (int i = 0; i < rows->n; i++)
	{
		const void *row = (const char *) rows->rows + (size_t) i * rows->size;

		table_cell(table, rows->label, row, rows->label_width);
		for (int c = first; c < first + n; c++)
			table_cell(table, &rows->columns[c], row, NAME_WIDTH);
	}
	return table;
}

/* Under a heading, in as many pages as the width takes. */
static void
print_rows(FILE *out, const char *heading, const Column *label, int label_width, const Column *columns, int ncolumns,
		   const void *rows, size_t size, int n)
{
	Rows		context = {label, label_width, columns, rows, size, n};

	print_heading(out, "%s", heading);
	print_in_pages(out, make_rows, &context, ncolumns);
}

/* what of n is shown, and how many are not */
static int
shown(int n, bool in_full)
{
	return in_full || n <= FEW_ROWS + 1 ? n : FEW_ROWS;
}

static void
print_rest(FILE *out, int n, bool in_full)
{
	if (shown(n, in_full) < n)
		fprintf(out, "and %d more names (--full)\n", n - shown(n, in_full));
}

static void
print_names(const Inspection *in, bool in_full, FILE *out)
{
	static const Column label = {"step", SHOWN_NAME, offsetof(NamedSteps, name)};
	static const Column columns[] = {
		{"rows", SHOWN_COUNT, offsetof(NamedSteps, amount.rows)},
		{"errors", SHOWN_COUNT, offsetof(NamedSteps, errors)},
		{"text", SHOWN_BYTES, offsetof(NamedSteps, amount.text_bytes)},
		{"stored", SHOWN_BYTES, offsetof(NamedSteps, amount.stored_bytes)},
		{"p50", SHOWN_BYTES, offsetof(NamedSteps, p50_bytes)},
		{"p99", SHOWN_BYTES, offsetof(NamedSteps, p99_bytes)},
		{"largest", SHOWN_BYTES, offsetof(NamedSteps, largest_bytes)},
		{"p50 ms", SHOWN_MS, offsetof(NamedSteps, duration_p50_ms)},
		{"p99 ms", SHOWN_MS, offsetof(NamedSteps, duration_p99_ms)},
	};

	print_rows(out, "Steps by name", &label, in_full ? FULL_NAME_WIDTH : NAME_WIDTH, COLUMNS(columns), in->names,
			   sizeof(in->names[0]), shown(in->nnames, in_full));
	print_rest(out, in->nnames, in_full);
}

static void
print_workflows(const Inspection *in, bool in_full, FILE *out)
{
	static const Column label = {"workflow", SHOWN_NAME, offsetof(NamedWorkflows, name)};
	static const Column columns[] = {
		{"number", SHOWN_COUNT, offsetof(NamedWorkflows, count)},
		{"failed", SHOWN_COUNT, offsetof(NamedWorkflows, failed)},
		{"unfinished", SHOWN_COUNT, offsetof(NamedWorkflows, unfinished)},
		{"steps p50", SHOWN_COUNT, offsetof(NamedWorkflows, steps_p50)},
		{"p99", SHOWN_COUNT, offsetof(NamedWorkflows, steps_p99)},
		{"most", SHOWN_COUNT, offsetof(NamedWorkflows, steps_most)},
		{"p50 ms", SHOWN_MS, offsetof(NamedWorkflows, duration_p50_ms)},
		{"p99 ms", SHOWN_MS, offsetof(NamedWorkflows, duration_p99_ms)},
		{"in steps", SHOWN_MS, offsetof(NamedWorkflows, in_steps_p50_ms)},
	};

	print_rows(out, "Workflows by name", &label, in_full ? FULL_NAME_WIDTH : NAME_WIDTH, COLUMNS(columns), in->workflows,
			   sizeof(in->workflows[0]), shown(in->nworkflows, in_full));
	print_rest(out, in->nworkflows, in_full);
}

_Static_assert(offsetof(PayloadColumn, column) == offsetof(PayloadColumn, table) + sizeof(char *), "SHOWN_PLACE");

static void
print_columns(const Inspection *in, FILE *out)
{
	static const Column label = {"column", SHOWN_PLACE, offsetof(PayloadColumn, table)};
	static const Column columns[] = {
		{"values", SHOWN_COUNT, offsetof(PayloadColumn, amount.rows)},
		{"text", SHOWN_BYTES, offsetof(PayloadColumn, amount.text_bytes)},
		{"stored", SHOWN_BYTES, offsetof(PayloadColumn, amount.stored_bytes)},
		{"in TOAST", SHOWN_COUNT, offsetof(PayloadColumn, outside)},
		{"largest", SHOWN_BYTES, offsetof(PayloadColumn, largest_bytes)},
		{"storage", SHOWN_WORD, offsetof(PayloadColumn, storage)},
		{"pglz", SHOWN_BYTES, offsetof(PayloadColumn, pglz.text_bytes)},
		{"to", SHOWN_BYTES, offsetof(PayloadColumn, pglz.stored_bytes)},
		{"lz4", SHOWN_BYTES, offsetof(PayloadColumn, lz4.text_bytes)},
		{"to", SHOWN_BYTES, offsetof(PayloadColumn, lz4.stored_bytes)},
	};

	print_rows(out, "Columns that hold payloads", &label, 0, COLUMNS(columns), in->columns, sizeof(in->columns[0]), in->ncolumns);
}

static void
print_days(const Inspection *in, FILE *out)
{
	static const Column label = {"days ago", SHOWN_INT, offsetof(DayAmount, days_ago)};
	static const Column columns[] = {
		{"steps", SHOWN_COUNT, offsetof(DayAmount, amount.rows)},
		{"text", SHOWN_BYTES, offsetof(DayAmount, amount.text_bytes)},
		{"stored", SHOWN_BYTES, offsetof(DayAmount, amount.stored_bytes)},
	};

	print_rows(out, "Steps by day", &label, 0, COLUMNS(columns), in->days, sizeof(in->days[0]), in->ndays);
}

static void
print_deletables(const Inspection *in, FILE *out)
{
	static const Column label = {"days at least", SHOWN_INT, offsetof(Deletable, days)};
	static const Column columns[] = {
		{"workflows", SHOWN_COUNT, offsetof(Deletable, workflows)},
		{"steps", SHOWN_COUNT, offsetof(Deletable, steps.rows)},
		{"their stored bytes", SHOWN_BYTES, offsetof(Deletable, steps.stored_bytes)},
		{"of inputs and outputs", SHOWN_BYTES, offsetof(Deletable, own_stored_bytes)},
	};

	print_rows(out, "Finished workflows, by how long ago", &label, 0, COLUMNS(columns), in->deletables,
			   sizeof(in->deletables[0]), in->ndeletables);
}

static void
print_largest(const Inspection *in, FILE *out)
{
	static const Column label = {"workflow", SHOWN_NAME, offsetof(LargeOutput, workflow_uuid)};
	static const Column columns[] = {
		{"function_id", SHOWN_INT, offsetof(LargeOutput, function_id)},
		{"step", SHOWN_NAME, offsetof(LargeOutput, name)},
		{"text", SHOWN_BYTES, offsetof(LargeOutput, text_bytes)},
		{"stored", SHOWN_BYTES, offsetof(LargeOutput, stored_bytes)},
	};

	print_rows(out, "Largest outputs", &label, FULL_NAME_WIDTH, COLUMNS(columns), in->largest, sizeof(in->largest[0]), in->nlargest);
}

/* ------------------------------------------------------------------------
 * Tables of more than that
 * ------------------------------------------------------------------------
 */

/* "10 kB to 100 kB" */
static void
table_size_class(Table *table, const SizeClass *size)
{
	char	   *text = size->from_bytes == 0 ? xstrdup("0 B") :
		xasprintf("%s to %s", words_bytes(size->from_bytes), words_bytes(10 * size->from_bytes));

	table_text(table, text);
	free(text);
}

static void
print_sizes(const Inspection *in, FILE *out)
{
	Table	   *table = table_create();

	print_heading(out, "Outputs by size");
	table_columns(table, "text", COLUMN_LABEL, "outputs", COLUMN_LABEL, "% of them", COLUMN_PERCENT, "text", COLUMN_LABEL,
				  "% of it", COLUMN_PERCENT, "stored", COLUMN_LABEL, "step p50 ms", COLUMN_LABEL, "p99 ms", COLUMN_LABEL, NULL);
	for (int i = 0; i < in->nsizes; i++)
	{
		const SizeClass *size = &in->sizes[i];

		if (size->amount.rows == 0)
			continue;
		table_size_class(table, size);
		table_count(table, (double) size->amount.rows);
		table_number(table, 100.0 * (double) size->amount.rows / (double) in->columns[0].amount.rows);
		table_bytes(table, (double) size->amount.text_bytes);
		table_number(table, 100.0 * (double) size->amount.text_bytes / (double) in->steps.text_bytes);
		table_bytes(table, (double) size->amount.stored_bytes);
		table_ms(table, size->duration_p50_ms);
		table_ms(table, size->duration_p99_ms);
	}
	finish_table(table, out);
}

/*
 * What a format makes of a byte of a value of bytes, where that is known: measured
 * with the SDKs for 1,000,000 bytes.
 */
static const char *
per_byte(const char *format)
{
	static const struct
	{
		const char *format;
		const char *text;
	}			known[] = {
		{"py_pickle", "1.33"}, {"DBOS_JSON", "1.78"}, {"DBOS_GOB", "1.33"}, {"portable_json", "1.33"},
		{"js_superjson", "1.33; Buffer 3.57"},
	};

	/* the SDK for Java writes none, but it is not alone in that */
	if (format == NULL)
		return "n/a";
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].format, format) == 0)
			return known[i].text;
	return "n/a";
}

static void
print_formats(const Inspection *in, FILE *out)
{
	Table	   *table = table_create();

	print_heading(out, "Outputs by format");
	table_columns(table, "serialization", COLUMN_TEXT, "outputs", COLUMN_LABEL, "text", COLUMN_LABEL, "stored", COLUMN_LABEL,
				  "stored / text", COLUMN_RATIO, "text per byte of bytes", COLUMN_LABEL, NULL);
	for (int i = 0; i < in->nformats; i++)
	{
		const FormatAmount *f = &in->formats[i];

		table_text(table, f->format ? short_name(f->format, NAME_WIDTH) : "NULL");
		table_count(table, (double) f->amount.rows);
		table_bytes(table, (double) f->amount.text_bytes);
		table_bytes(table, (double) f->amount.stored_bytes);
		table_number(table, (double) f->amount.stored_bytes / (double) f->amount.text_bytes);
		table_text(table, per_byte(f->format));
	}
	finish_table(table, out);
}

static void
print_tables(const Inspection *in, FILE *out)
{
	Table	   *table = table_create();

	print_heading(out, "Bytes on disk");
	table_columns(table, "table", COLUMN_TEXT, "rows", COLUMN_LABEL, "table", COLUMN_LABEL, "TOAST", COLUMN_LABEL,
				  "indexes", COLUMN_LABEL, "pages read", COLUMN_LABEL, NULL);
	for (int i = 0; i < in->ntables; i++)
	{
		const TableSize *t = &in->tables[i];

		table_text(table, short_name(t->name, INDEX_NAME_WIDTH));
		table_count(table, (double) t->rows);
		table_bytes(table, (double) t->heap_bytes);
		table_bytes(table, (double) t->toast_bytes);
		table_bytes(table, (double) t->index_bytes);
		table_text(table, t->read_pages == 0 ? "none" : t->read_pages < t->pages ? short_count((double) t->read_pages) : "all");
		for (int x = 0; x < t->nindexes; x++)
		{
			char	   *name = xasprintf("  %s", short_name(t->indexes[x].name, INDEX_NAME_WIDTH));

			table_text(table, name);
			for (int blank = 0; blank < 3; blank++)
				table_text(table, "");
			table_bytes(table, (double) t->indexes[x].bytes);
			table_text(table, "");
			free(name);
		}
	}
	finish_table(table, out);
}

void
inspection_tables(const Inspection *in, bool in_full, FILE *out)
{
	print_workflows(in, in_full, out);
	if (in->steps.rows > 0)
	{
		print_names(in, in_full, out);
		print_sizes(in, out);
	}
	if (!in_full)
		return;
	print_formats(in, out);
	print_columns(in, out);
	print_largest(in, out);
	print_days(in, out);
	print_deletables(in, out);
	print_tables(in, out);
}
