/*
 * run.c
 *	  A run on the page: what was asked, the answer, caveats, pictures, their figures,
 *	  and folded away everything else.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "page/page.h"
#include "report/findings.h"
#include "report/report.h"
#include "report/text.h"
#include "util/memory.h"

/* The sentences of one topic; the heading only where there are any. */
static void
put_topic(Page *page, const Findings *findings, Topic topic, const char *of)
{
	bool		any = false;

	for (int i = 0; i < findings->n; i++)
	{
		if (findings->items[i].topic != topic)
			continue;
		if (!any)
		{
			html_heading(page, 3, "%s%s", topic_headings[topic], of);
			html_list_begin(page, topic == TOPIC_CAVEAT ? "caveats" : "answer");
		}
		any = true;
		html_item(page, findings->items[i].text);
	}
	if (any)
		html_list_end(page);
}

static void
put_answer(Page *page, const Figures *figures)
{
	Findings	whole = {0};
	Pair		pair;

	findings_of_sides(figures, &whole);
	findings_of_run(figures, &whole);
	put_topic(page, &whole, TOPIC_DIFFERENCE, "");
	for (int i = 0; pair_at(figures, i, &pair); i++)
	{
		Findings	findings = {0};
		char	   *of = has_many_pairs(figures) || figures->nsides > 1 ?
			xasprintf(" (%s)", words_whose(figures, pair.multiple)) : xstrdup("");

		findings_of_pair(&pair, &findings);
		for (Topic topic = TOPIC_COST; topic < TOPIC_CAVEAT; topic++)
			put_topic(page, &findings, topic, of);
		for (int f = 0; f < findings.n; f++)
			if (findings.items[f].topic == TOPIC_CAVEAT)
				finding(&whole, "pair", TOPIC_CAVEAT, "%s", findings.items[f].text);
		findings_free(&findings);
		free(of);
	}
	put_topic(page, &whole, TOPIC_CAVEAT, "");
	findings_free(&whole);
}

static void
add_cell(Table *table, const char *name, const Cell *cell)
{
	const Summary *time = main_time(cell);

	table_text(table, name);
	table_integer(table, time->n);
	table_estimate(table, &time->median);
	table_number(table, time->p95);
	table_number(table, time->p99);
	table_estimate(table, &time->mean);
	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		table_number(table, cell->time[m].mean.value);
}

/* Each part of each step, with n and intervals. */
static void
put_parts(Page *page, const Pair *pair)
{
	Table	   *table = table_create();

	table_columns(table, "payload", COLUMN_TEXT, "part", COLUMN_TEXT, "n", COLUMN_INTEGER, "mean, ms", COLUMN_MS,
				  "95 %", COLUMN_INTERVAL, "p50, ms", COLUMN_MS, "95 %", COLUMN_INTERVAL, "p95, ms", COLUMN_MS, NULL);
	for (int c = 0; c < pair->ncells; c++)
	{
		for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		{
			const Summary *part = &pair->cells[c].cell->time[m];

			if (part->n == 0)
				continue;
			table_text(table, pair->cells[c].name);
			table_text(table, metric_title(m));
			table_integer(table, part->n);
			table_estimate(table, &part->mean);
			table_estimate(table, &part->median);
			table_number(table, part->p95);
		}
	}
	html_folded_begin(page, "The parts with n and intervals");
	html_table(page, table, "");
	html_folded_end(page);
	table_free(table);
}

/* The figures of the pictures of one drive and origin. */
static void
put_steps(Page *page, const Pair *pair)
{
	Table	   *table = table_create();
	char	   *caption = xasprintf("%s, ms (%s): p50, p95, p99, mean, and the parts' means, which add up to it",
									pair->multiple->own_round_trips ? "A step's round trip" : "A step's time in the server",
									words_whose(pair->figures, pair->multiple));

	table_columns(table, "payload", COLUMN_TEXT, "n", COLUMN_INTEGER, "p50", COLUMN_MS, "95 %", COLUMN_INTERVAL,
				  "p95", COLUMN_MS, "p99", COLUMN_MS, "mean", COLUMN_MS, "95 %", COLUMN_INTERVAL, NULL);
	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		table_column(table, metric_title(m), COLUMN_MS);
	for (int c = 0; c < pair->ncells; c++)
		add_cell(table, pair->cells[c].name, pair->cells[c].cell);
	html_table(page, table, caption);
	put_parts(page, pair);
	table_free(table);
	free(caption);
}

static void
put_approaches(Page *page, const Figures *figures)
{
	Table	   *table = table_create();
	bool		any = false;

	table_columns(table, "drive, origin", COLUMN_TEXT, "all steps, ms", COLUMN_MS, "95 %", COLUMN_INTERVAL,
				  "batched, ms", COLUMN_MS, "95 %", COLUMN_INTERVAL, "ratio", COLUMN_RATIO, "95 %", COLUMN_INTERVAL,
				  "blocks", COLUMN_INTEGER, NULL);
	for (int i = 0; i < figures->napproaches; i++)
	{
		const Approaches *here = &figures->approaches[i];

		if (drive_is_plain(here->drive))
			continue;
		any = true;
		table_text(table, words_way(here->drive, here->origin));
		table_estimate(table, &here->multiple_ms);
		table_estimate(table, &here->batched_ms);
		table_estimate(table, &here->ratio);
		table_integer(table, here->ratio.nblocks);
	}
	if (any)
		html_table(page, table, "One step per size against one step for all");
	table_free(table);
}

static void
put_differences(Page *page, const Figures *figures)
{
	Table	   *table = table_create();

	table_columns(table, "step", COLUMN_TEXT, "time", COLUMN_TEXT, "B / A", COLUMN_RATIO, "95 %", COLUMN_INTERVAL,
				  "blocks", COLUMN_INTEGER, "differs", COLUMN_TEXT, NULL);
	for (int i = 0; i < figures->ndifferences; i++)
	{
		const Difference *here = &figures->differences[i];

		if (!is_of_main_time(here) && !here->differs)
			continue;
		table_text(table, words_cell(here, has_many_pairs(figures)));
		table_text(table, metric_title(here->metric));
		table_number(table, here->ratio.value);
		table_interval(table, here->ratio.low, here->ratio.high);
		table_integer(table, here->ratio.nblocks);
		table_text(table, here->differs ? "yes" : "not shown");
	}
	if (figures->ndifferences > 0)
		html_table(page, table, "Side B against side A: whole steps, and parts that differ (by Holm over all of them)");
	table_free(table);
}

/* What the terminal's full report has. */
static void
put_everything(Page *page, const Figures *figures)
{
	char	   *text = NULL;
	size_t		length;
	FILE	   *out = open_memstream(&text, &length);

	if (out == NULL)
		return;
	report_full(figures, out);
	fclose(out);
	html_folded_begin(page, "Every table, and the environment");
	html_lines(page, text);
	html_folded_end(page);
	free(text);
}

static void
put_method(Page *page)
{
	html_folded_begin(page, "Method");
	html_paragraph(page, "A run is blocks, each on new connections; in each iteration everything that is compared is done "
				   "once, in an order drawn anew. An interval (a .. b) is of 95 %%: Student's t over the blocks' values. n counts calls. "
				   "p50, p95 and p99 are over all calls, by the nearest rank; p50's interval is over the blocks' medians, the mean's over their means; p95 and p99 have none.");
	html_paragraph(page, "A step's round trip is measured as a whole, from the payload in hand to the answer that can be used, and apart from "
				   "it in parts: encode and decode by the client's clock; arrival, parse, check, generate, store, output and commit by the "
				   "server's; network is the wait less the server's total; unattributed is what no part claims. Means add up, medians do not.");
	html_paragraph(page, "Two sides are compared within the iteration; what differs holds for all cells together (Holm).");
	html_folded_end(page);
}

void
page_run(Page *page, const Figures *figures)
{
	Pictures	pictures = {.for_page = true,.dir = html_dir_begin()};
	RunFacts		facts;
	Pair		pair;

	run_facts(figures, &facts);
	html_section_begin(page, "run", facts.texts[0]);
	html_facts_begin(page);
	for (int i = 1; i < facts.n; i++)
		html_fact(page, facts.names[i], facts.texts[i]);
	html_facts_end(page);
	run_facts_free(&facts);
	put_answer(page, figures);
	if (figures->niterations > 0)
	{
		html_heading(page, 3, "The figures");
		if (pictures.dir == NULL || !plots_for_page(figures, &pictures))
			page->good = false;
		html_pictures(page, &pictures, "The tables below have the same figures.");
		put_differences(page, figures);
		for (int i = 0; pair_at(figures, i, &pair); i++)
			put_steps(page, &pair);
		put_approaches(page, figures);
	}
	put_method(page);
	put_everything(page, figures);
	html_section_end(page);
	html_dir_end((char *) pictures.dir);
}
