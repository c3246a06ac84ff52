/*
 * experiments.c
 *	  Experiments on the page, a section each.
 */
#include <stdlib.h>
#include <string.h>

#include "page/page.h"
#include "report/experiment.h"
#include "report/report.h"
#include "report/text.h"
#include "util/memory.h"

static void
put_parameters(Page *page, const char *name, const ExperimentParameter *list, int n)
{
	char	   *text = NULL;

	for (int i = 0; i < n; i++)
		text_add(&text, "%s%s %s", i > 0 ? "; " : "", list[i].name, list[i].value);
	if (text != NULL)
		html_fact(page, name, text);
	free(text);
}

static void
put_items(Page *page, const char *heading, const char *style, char *const *texts, int n)
{
	if (n == 0)
		return;
	html_heading(page, 3, "%s", heading);
	html_list_begin(page, style);
	for (int i = 0; i < n; i++)
		html_item(page, texts[i]);
	html_list_end(page);
}

static void
put_tables(Page *page, const ExperimentResult *result, bool brief)
{
	for (int t = 0; t < result->ntables; t++)
	{
		const ExperimentTable *shown = &result->tables[t];
		Table	   *table;

		if (shown->nrows == 0 || shown->brief != brief)
			continue;
		table = experiment_table(shown);
		html_table(page, table, shown->title);
		table_free(table);
		html_folded_begin(page, "What the columns are");
		html_facts_begin(page);
		for (int c = 0; c < shown->ncolumns; c++)
			html_fact(page, shown->columns[c].title, shown->columns[c].meaning);
		html_facts_end(page);
		html_folded_end(page);
	}
}

static bool
has_more_tables(const ExperimentResult *result)
{
	for (int t = 0; t < result->ntables; t++)
		if (result->tables[t].nrows > 0 && !result->tables[t].brief)
			return true;
	return false;
}

static void
put_environment(Page *page, const Environment *environment)
{
	char	   *text = NULL;
	size_t		length;
	FILE	   *out = open_memstream(&text, &length);

	if (out == NULL)
		return;
	report_environment(environment, out);
	fclose(out);
	html_folded_begin(page, "Method and environment");
	html_paragraph(page, "What is compared takes turns within a block, in an order drawn anew; each block is on a fresh connection. "
				   "95 %%: Student's t over the blocks' values. kB, MB: 1,000 and 1,000,000 bytes.");
	html_lines(page, text);
	html_folded_end(page);
	free(text);
}

void
page_result(Page *page, const char *kind, const char *on, const ExperimentResult *result)
{
	Pictures	pictures = {.for_page = true,.dir = html_dir_begin()};

	html_section_begin(page, kind, result->question);
	html_facts_begin(page);
	put_parameters(page, "Measured", result->parameters, result->nparameters);
	html_fact(page, "On", on);
	put_parameters(page, "With", result->conditions, result->nconditions);
	html_facts_end(page);
	put_items(page, "The answer", "answer", result->conclusions, result->nconclusions);
	put_items(page, "What to keep in mind", "caveats", result->caveats, result->ncaveats);
	if (result->nplots > 0 || result->ntables > 0)
		html_heading(page, 3, "The figures");
	if (pictures.dir == NULL || !experiment_plots_for_page(result, &pictures))
		page->good = false;
	html_pictures(page, &pictures, "The tables below have the same figures.");
	put_tables(page, result, true);
	if (has_more_tables(result))
	{
		html_folded_begin(page, "More tables");
		put_tables(page, result, false);
		html_folded_end(page);
	}
	html_dir_end((char *) pictures.dir);
}

static void
put_experiment(Page *page, const Experiments *experiments, const ExperimentResult *result)
{
	char	   *kind = xasprintf("experiment %s", result->name);
	char	   *on = xasprintf("%s; %.0f s, %s%s", words_server(&experiments->environment), result->measured_s, result->started_at,
							   result->partial ? "; stopped before its end: what there is until then" : "");

	page_result(page, kind, on, result);
	put_environment(page, &experiments->environment);
	html_section_end(page);
	free(kind);
	free(on);
}

void
page_experiments(Page *page, const Experiments *experiments)
{
	for (int i = 0; i < experiments->nresults; i++)
		put_experiment(page, experiments, &experiments->results[i]);
}
