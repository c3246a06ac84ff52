/*
 * report.c
 *	  An inspection on one screen, or with all of its tables: what stands around these.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/inspect.h"
#include "inspect/tables.h"
#include "inspect/words.h"
#include "report/report.h"
#include "report/text.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"

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

char *
inspection_words_head(const Inspection *in)
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
	return text;
}

char *
inspection_words_reading(const Inspection *in)
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
	free(sampled);
	return text;
}

/* what is there, and how it was read */
static void
print_head(const Inspection *in, FILE *out)
{
	char	   *head = inspection_words_head(in);
	char	   *reading = inspection_words_reading(in);

	print_wrapped_at(out, REPORT_WIDTH, 0, 0, head);
	print_wrapped_at(out, REPORT_WIDTH, 0, 0, reading);
	for (int i = 0; i < in->nnotes; i++)
		print_item(out, "! ", in->notes[i]);
	free(head);
	free(reading);
}

char *
inspection_words_advice(const Advice *advice)
{
	char	   *saved = NULL;
	char	   *text;

	if (isfinite(advice->bytes))
		text_add(&saved, "%s on disk now", short_bytes(advice->bytes));
	if (isfinite(advice->ms_per_day))
		text_add(&saved, "%s%s ms a day", saved ? ", " : "", short_count(advice->ms_per_day));
	if (isfinite(advice->wal_bytes_per_day))
		text_add(&saved, "%s%s of WAL a day", saved ? ", " : "", short_bytes(advice->wal_bytes_per_day));
	text = xasprintf("%s%s%s%s", advice->text, saved ? " Estimated saving, at most: " : "", saved ? saved : "", saved ? "." : "");
	free(saved);
	return text;
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

/* Does the advice say something of it, with the figures? */
static bool
is_advised(const Inspection *in, const char *rule)
{
	for (int i = 0; i < in->nadvice; i++)
		if (strcmp(in->advice[i].rule, rule) == 0)
			return true;
	return false;
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
	for (int i = 0; i < in->ndeletables && !in_full && !is_advised(in, "retention"); i++)
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
		char	   *text = inspection_words_advice(&in->advice[i]);

		print_item(out, "- ", text);
		free(text);
	}
	if (in->nadvice > 1)
		fputs("One saves what another would: the savings do not add up.\n", out);
}

void
inspection_report(const Inspection *in, bool in_full, FILE *out)
{
	print_head(in, out);
	if (in->steps.rows == 0 && in->nworkflows == 0)
	{
		fputs("\nNo step and no workflow is recorded here.\n", out);
		return;
	}
	print_advice(in, out);
	inspection_tables(in, in_full, out);
	print_lines(in, in_full, out);
	if (!in_full)
		fputs("\nMore: --full (every table), --json FILE, --model FILE (what advice saves, in ms and WAL).\n", out);
}
