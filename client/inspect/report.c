/*
 * report.c
 *	  An inspection on one screen, or with all of its tables.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/inspect.h"
#include "inspect/words.h"
#include "report/report.h"
#include "report/text.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"

/* rows of a table on one screen */
#define FEW_ROWS 4
#define NAME_WIDTH 32
#define FULL_NAME_WIDTH 60

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

/* what of n is shown, and how many are not */
static int
shown(int n, bool in_full)
{
	return in_full || n <= FEW_ROWS + 1 ? n : FEW_ROWS;
}

static void
print_rest(FILE *out, int n, bool in_full, const char *what)
{
	if (shown(n, in_full) < n)
		fprintf(out, "and %d more %s (--full)\n", n - shown(n, in_full), what);
}

/* Workflows' payloads: columns that are there say where they can be, rows where they are. */
static const char *
words_layout(const Inspection *in)
{
	bool		older = false;

	for (int i = 0; i < in->ncolumns; i++)
		older = older || (strcmp(in->columns[i].table, "workflow_status") == 0 && in->columns[i].amount.rows > 0);
	if (in->payloads_in_tables)
		return older ? "tables of their own, older ones in workflow_status" : "tables of their own";
	return in->payloads_in_status ? "workflow_status" : "no table";
}

static void
print_head(const Inspection *in, FILE *out)
{
	int64_t		all = 0;
	int64_t		workflows = 0;
	char	   *text = NULL;

	for (int i = 0; i < in->ntables; i++)
		all += in->tables[i].heap_bytes + in->tables[i].toast_bytes + in->tables[i].index_bytes;
	for (int i = 0; i < in->nworkflows; i++)
		workflows += in->workflows[i].count;
	text_add(&text, "Schema \"%s\" of database \"%s\"", short_name(in->schema, 60), short_name(in->database, 60));
	if (in->migration != UNKNOWN)
		text_add(&text, ", migration %" PRId64, in->migration);
	text_add(&text, "; payloads of workflows in %s; PostgreSQL %s%s.\n",
			 words_layout(in), in->server_version, in->standby ? ", a standby" : "");
	text_add(&text, "%s step%s of %s workflow%s: %s of outputs as text, %s stored; %s on disk with all tables and indexes.",
			 short_count((double) in->steps.rows), plural(in->steps.rows), short_count((double) workflows),
			 plural(workflows), short_bytes((double) in->steps.text_bytes), short_bytes((double) in->steps.stored_bytes),
			 short_bytes((double) all));
	print_wrapped_at(out, REPORT_WIDTH, 0, 0, text);
	free(text);
}

/* How was it read? */
static void
print_reading(const Inspection *in, FILE *out)
{
	char	   *sampled = NULL;
	char	   *text = NULL;

	for (int i = 0; i < in->ntables; i++)
		if (in->tables[i].read_pages > 0 && in->tables[i].read_pages < in->tables[i].pages)
			text_add(&sampled, "%s%s: %s of %s pages", sampled ? "; " : "", in->tables[i].name,
					 short_count((double) in->tables[i].read_pages), short_count((double) in->tables[i].pages));
	text_add(&text, "Read in %.1f s, read-only, no payload. ", in->took_s);
	if (sampled != NULL)
		text_add(&text, "From samples of pages, times the share that was read (%s); --exact reads all. ", sampled);
	else
		text_add(&text, "Counts and bytes are exact. ");
	if (in->percentiles_sampled)
		text_add(&text, "Percentiles of steps are of a sample. ");
	if (in->workflows_sampled)
		text_add(&text, "Steps per workflow and what can be deleted are of a small sample. ");
	print_wrapped_at(out, REPORT_WIDTH, 0, 0, text);
	for (int i = 0; i < in->nnotes; i++)
		print_item(out, "! ", in->notes[i]);
	free(sampled);
	free(text);
}

static void
print_names(const Inspection *in, bool in_full, FILE *out)
{
	Table	   *table = table_create();

	print_heading(out, "Steps by name");
	table_columns(table, "step", COLUMN_TEXT, "rows", COLUMN_LABEL, "errors", COLUMN_LABEL, "text", COLUMN_LABEL,
				  "stored", COLUMN_LABEL, "p50", COLUMN_LABEL, "p99", COLUMN_LABEL, "largest", COLUMN_LABEL,
				  "p50 ms", COLUMN_LABEL, "p99 ms", COLUMN_LABEL, NULL);
	for (int i = 0; i < shown(in->nnames, in_full); i++)
	{
		const NamedSteps *n = &in->names[i];

		table_text(table, short_name(n->name, in_full ? FULL_NAME_WIDTH : NAME_WIDTH));
		table_count(table, (double) n->amount.rows);
		table_count(table, (double) n->errors);
		table_bytes(table, (double) n->amount.text_bytes);
		table_bytes(table, (double) n->amount.stored_bytes);
		table_bytes(table, (double) n->p50_bytes);
		table_bytes(table, (double) n->p99_bytes);
		table_bytes(table, (double) n->largest_bytes);
		table_ms(table, n->duration_p50_ms);
		table_ms(table, n->duration_p99_ms);
	}
	finish_table(table, out);
	print_rest(out, in->nnames, in_full, "names");
}

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
print_workflows(const Inspection *in, bool in_full, FILE *out)
{
	Table	   *table = table_create();

	print_heading(out, "Workflows by name");
	table_columns(table, "workflow", COLUMN_TEXT, "number", COLUMN_LABEL, "failed", COLUMN_LABEL, "unfinished", COLUMN_LABEL,
				  "steps p50", COLUMN_LABEL, "p99", COLUMN_LABEL, "most", COLUMN_LABEL, "p50 ms", COLUMN_LABEL,
				  "p99 ms", COLUMN_LABEL, "in steps", COLUMN_LABEL, NULL);
	for (int i = 0; i < shown(in->nworkflows, in_full); i++)
	{
		const NamedWorkflows *w = &in->workflows[i];

		table_text(table, short_name(w->name, in_full ? FULL_NAME_WIDTH : NAME_WIDTH));
		table_count(table, (double) w->count);
		table_count(table, (double) w->failed);
		table_count(table, (double) w->unfinished);
		table_count(table, (double) w->steps_p50);
		table_count(table, (double) w->steps_p99);
		table_count(table, (double) w->steps_most);
		table_ms(table, w->duration_p50_ms);
		table_ms(table, w->duration_p99_ms);
		table_ms(table, w->in_steps_p50_ms);
	}
	finish_table(table, out);
	print_rest(out, in->nworkflows, in_full, "names");
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

		table_text(table, short_name(t->name, FULL_NAME_WIDTH));
		table_count(table, (double) t->rows);
		table_bytes(table, (double) t->heap_bytes);
		table_bytes(table, (double) t->toast_bytes);
		table_bytes(table, (double) t->index_bytes);
		table_text(table, t->read_pages == 0 ? "none" : t->read_pages < t->pages ? short_count((double) t->read_pages) : "all");
		for (int x = 0; x < t->nindexes; x++)
		{
			char	   *name = xasprintf("  %s", short_name(t->indexes[x].name, FULL_NAME_WIDTH));

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

static void
print_columns(const Inspection *in, FILE *out)
{
	Table	   *table = table_create();

	print_heading(out, "Columns that hold payloads");
	table_columns(table, "column", COLUMN_TEXT, "values", COLUMN_LABEL, "text", COLUMN_LABEL, "stored", COLUMN_LABEL,
				  "in TOAST", COLUMN_LABEL, "largest", COLUMN_LABEL, "storage", COLUMN_TEXT, "pglz", COLUMN_LABEL,
				  "to", COLUMN_LABEL, "lz4", COLUMN_LABEL, "to", COLUMN_LABEL, NULL);
	for (int i = 0; i < in->ncolumns; i++)
	{
		const PayloadColumn *c = &in->columns[i];
		char	   *name = xasprintf("%s.%s", c->table, c->column);

		table_text(table, name);
		table_count(table, (double) c->amount.rows);
		table_bytes(table, (double) c->amount.text_bytes);
		table_bytes(table, (double) c->amount.stored_bytes);
		table_count(table, (double) c->outside);
		table_bytes(table, (double) c->largest_bytes);
		table_text(table, c->storage);
		table_bytes(table, (double) c->pglz.text_bytes);
		table_bytes(table, (double) c->pglz.stored_bytes);
		table_bytes(table, (double) c->lz4.text_bytes);
		table_bytes(table, (double) c->lz4.stored_bytes);
		free(name);
	}
	finish_table(table, out);
}

static void
print_days(const Inspection *in, FILE *out)
{
	Table	   *table = table_create();

	print_heading(out, "Steps by day");
	table_columns(table, "days ago", COLUMN_INTEGER, "steps", COLUMN_LABEL, "text", COLUMN_LABEL, "stored", COLUMN_LABEL, NULL);
	for (int i = 0; i < in->ndays; i++)
	{
		table_integer(table, in->days[i].days_ago);
		table_count(table, (double) in->days[i].amount.rows);
		table_bytes(table, (double) in->days[i].amount.text_bytes);
		table_bytes(table, (double) in->days[i].amount.stored_bytes);
	}
	finish_table(table, out);
}

static void
print_deletables(const Inspection *in, FILE *out)
{
	Table	   *table = table_create();

	print_heading(out, "Finished workflows, by how long ago");
	table_columns(table, "days at least", COLUMN_INTEGER, "workflows", COLUMN_LABEL, "steps", COLUMN_LABEL,
				  "their stored bytes", COLUMN_LABEL, "of inputs and outputs", COLUMN_LABEL, NULL);
	for (int i = 0; i < in->ndeletables; i++)
	{
		const Deletable *d = &in->deletables[i];

		table_integer(table, d->days);
		table_count(table, (double) d->workflows);
		table_count(table, (double) d->steps.rows);
		table_bytes(table, (double) d->steps.stored_bytes);
		table_bytes(table, (double) d->own_stored_bytes);
	}
	finish_table(table, out);
}

static void
print_largest(const Inspection *in, FILE *out)
{
	Table	   *table = table_create();

	print_heading(out, "Largest outputs");
	table_columns(table, "workflow", COLUMN_TEXT, "function_id", COLUMN_INTEGER, "step", COLUMN_TEXT, "text", COLUMN_LABEL,
				  "stored", COLUMN_LABEL, NULL);
	for (int i = 0; i < in->nlargest; i++)
	{
		const LargeOutput *l = &in->largest[i];

		table_text(table, short_name(l->workflow_uuid, FULL_NAME_WIDTH));
		table_integer(table, l->function_id);
		table_text(table, short_name(l->name, NAME_WIDTH));
		table_bytes(table, (double) l->text_bytes);
		table_bytes(table, (double) l->stored_bytes);
	}
	finish_table(table, out);
}

/* Formats and tables, which have tables of their own in the full report. */
static void
add_short_lists(const Inspection *in, char **text)
{
	int			n = 0;

	for (int i = 0; i < in->nformats && i < FEW_ROWS + 2; i++)
		text_add(text, "%s%s %s", n++ == 0 ? "By format: " : ", ",
				 in->formats[i].format ? short_name(in->formats[i].format, NAME_WIDTH) : "NULL",
				 short_bytes((double) in->formats[i].amount.text_bytes));
	text_add(text, "%s", n > 0 ? ".\n" : "");
	n = 0;
	for (int i = 0; i < in->ntables && i < FEW_ROWS; i++)
	{
		const TableSize *t = &in->tables[i];

		text_add(text, "%s%s %s", n++ == 0 ? "On disk: " : ", ", short_name(t->name, NAME_WIDTH),
				 short_bytes((double) (t->heap_bytes + t->toast_bytes + t->index_bytes)));
		if (t->toast_bytes > t->heap_bytes)
			text_add(text, " (TOAST %s)", short_bytes((double) t->toast_bytes));
	}
	text_add(text, ".\n");
}

/* A day's growth, the largest and what is stored twice, in a line each. */
static void
print_lines(const Inspection *in, bool in_full, FILE *out)
{
	Amount		recent = {0, 0, 0};
	char	   *text = NULL;

	for (int i = 0; i < RECENT_DAYS; i++)
	{
		recent.rows += in->days[i].amount.rows;
		recent.text_bytes += in->days[i].amount.text_bytes;
		recent.stored_bytes += in->days[i].amount.stored_bytes;
	}
	text_add(&text, "\n");
	if (!in_full)
		add_short_lists(in, &text);
	if (in->recent_days > 1)
		text_add(&text, "A day (mean of the last %.0f): ", in->recent_days);
	else if (in->recent_days > 0)
		text_add(&text, "In the last 24 hours, which are all there is: ");
	if (in->recent_days > 0)
		text_add(&text, "%s steps, %s of outputs, %s stored.\n",
				 short_count((double) recent.rows / in->recent_days), short_bytes((double) recent.text_bytes / in->recent_days),
				 short_bytes((double) recent.stored_bytes / in->recent_days));
	if (in->nlargest > 0)
		text_add(&text, "The largest output: %s, step %d (\"%s\") of workflow \"%s\".\n",
				 short_bytes((double) in->largest[0].text_bytes), in->largest[0].function_id,
				 short_name(in->largest[0].name, NAME_WIDTH), short_name(in->largest[0].workflow_uuid, FULL_NAME_WIDTH));
	for (int i = 0; i < in->ndeletables; i++)
		if (in->deletables[i].days == 30)
			text_add(&text, "Ended 30 days ago or more: %s workflows with %s steps and %s of payloads.\n",
					 short_count((double) in->deletables[i].workflows), short_count((double) in->deletables[i].steps.rows),
					 short_bytes((double) (in->deletables[i].steps.stored_bytes + in->deletables[i].own_stored_bytes)));
	if (in->duplicates.results.rows > 0)
		text_add(&text, "Children's results in steps of their parents: %s, %s; of the same length as the child's output: %s, %s.\n",
				 short_count((double) in->duplicates.results.rows), short_bytes((double) in->duplicates.results.text_bytes),
				 short_count((double) in->duplicates.same_length.rows), short_bytes((double) in->duplicates.same_length.text_bytes));
	text[strlen(text) - 1] = '\0';
	print_wrapped_at(out, REPORT_WIDTH, 0, 0, text);
	free(text);
}

static void
print_advice(const Inspection *in, FILE *out)
{
	print_heading(out, "What could be done");
	if (in->nadvice == 0)
		fputs("Nothing that these figures support.\n", out);
	for (int i = 0; i < in->nadvice; i++)
	{
		const Advice *advice = &in->advice[i];
		char	   *saved = NULL;
		char	   *text;

		if (isfinite(advice->bytes))
			text_add(&saved, "%s on disk now", short_bytes(advice->bytes));
		if (isfinite(advice->ms_per_day))
			text_add(&saved, "%s%s ms a day", saved ? ", " : "", short_count(advice->ms_per_day));
		if (isfinite(advice->wal_bytes_per_day))
			text_add(&saved, "%s%s of WAL a day", saved ? ", " : "", short_bytes(advice->wal_bytes_per_day));
		text = xasprintf("%s%s%s%s", advice->text, saved ? " Estimated saving, at most: " : "", saved ? saved : "", saved ? "." : "");
		print_item(out, "- ", text);
		free(text);
		free(saved);
	}
	if (in->nadvice > 1)
		fputs("One saves what another would: the savings do not add up.\n", out);
}

void
inspection_report(const Inspection *in, bool in_full, FILE *out)
{
	print_head(in, out);
	print_reading(in, out);
	if (in->steps.rows == 0 && in->nworkflows == 0)
	{
		fputs("\nNo step and no workflow is recorded here.\n", out);
		return;
	}
	print_advice(in, out);
	print_workflows(in, in_full, out);
	if (in->steps.rows > 0)
	{
		print_names(in, in_full, out);
		print_sizes(in, out);
	}
	if (in_full)
	{
		print_formats(in, out);
		print_columns(in, out);
		print_largest(in, out);
		print_days(in, out);
		print_deletables(in, out);
		print_tables(in, out);
	}
	print_lines(in, in_full, out);
	if (!in_full)
		fputs("\nMore: --full (every table), --json FILE, --model FILE (what advice saves, in ms and WAL).\n", out);
}
