/*
 * page.c
 *	  The page around its sections.
 */
#include <stdlib.h>
#include <string.h>

#include "page/page.h"
#include "page/style.h"
#include "report/report.h"
#include "util/memory.h"
#include "util/output.h"
#include "util/timestamp.h"

/* A line of the contents, for the section that comes as the n-th. */
static void
put_entry(Page *page, int section, const char *kind, const char *title)
{
	fprintf(page->file, "<li><a href=\"#s%d\">", section);
	html_text(page, kind);
	fputs(": ", page->file);
	html_text(page, title);
	fputs("</a></li>\n", page->file);
}

/* Of one file; returns how many sections it has. */
static int
put_entries(Page *page, int section, const PageItem *item)
{
	if (item->kind == RESULT_EXPERIMENT)
	{
		const Experiments *experiments = item->figures;

		for (int i = 0; i < experiments->nresults; i++)
			put_entry(page, section + i, experiments->results[i].name, experiments->results[i].question);
		return experiments->nresults;
	}
	if (item->kind == RESULT_RUN)
	{
		RunFacts		facts;

		run_facts(item->figures, &facts);
		put_entry(page, section, "run", facts.texts[0]);
		run_facts_free(&facts);
	}
	else if (item->kind == RESULT_TRACE)
		put_entry(page, section, "trace", TRACE_QUESTION);
	else if (item->kind == RESULT_INSPECTION)
		put_entry(page, section, "inspection", INSPECTION_QUESTION);
	else if (item->kind == RESULT_PEERS)
		put_entry(page, section, "peers", PEERS_QUESTION);
	return 1;
}

static void
put_section(Page *page, const PageItem *item)
{
	switch (item->kind)
	{
		case RESULT_RUN:
			page_run(page, item->figures);
			break;
		case RESULT_EXPERIMENT:
			page_experiments(page, item->figures);
			break;
		case RESULT_TRACE:
			page_trace(page, item->figures);
			break;
		case RESULT_INSPECTION:
			page_inspection(page, item->figures);
			break;
		case RESULT_PEERS:
			page_peers(page, item->figures);
			break;
		default:
			break;
	}
}

static void
put_page(Page *page, const PageItem *items, int n)
{
	int			section = 1;
	char		made[TIMESTAMP_SIZE];

	timestamp_now(made);
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		  "<meta name=\"color-scheme\" content=\"light dark\">\n"
		  "<title>What checkpoints cost: dbos_payload</title>\n<style>\n", page->file);
	fputs(page_style, page->file);
	fputs("</style>\n</head>\n<body>\n<header>\n<h1>What checkpoints cost</h1>\n", page->file);
	fprintf(page->file, "<p class=\"soft\">Measured by dbos_payload_bench %s; this page was made %s. Times are ms "
			"unless it says otherwise; kB and MB are 1,000 and 1,000,000 bytes; (a .. b) and 95 %% are intervals of 95 %%.</p>\n",
			DBOS_PAYLOAD_VERSION, made);
	fputs("<nav aria-label=\"Contents\"><ol>\n", page->file);
	for (int i = 0; i < n; i++)
		section += put_entries(page, section, &items[i]);
	fputs("</ol></nav>\n</header>\n<main>\n", page->file);
	for (int i = 0; i < n; i++)
		put_section(page, &items[i]);
	fputs("</main>\n<footer><p>One file, nothing else is loaded. Made of the result files that --json writes, "
		  "by dbos_payload_bench report FILES --html.</p></footer>\n</body>\n</html>\n", page->file);
}

bool
page_write(const PageItem *items, int n, const char *path)
{
	Page		page = {.good = true};
	Output		output;

	if (!output_open(path, &output))
		return false;
	page.file = output.file;
	put_page(&page, items, n);
	return output_close(path, &output, true) && page.good;
}
