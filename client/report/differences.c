/*
 * differences.c
 *	  Two sides in tables: each step's time, and in full each of its parts.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/full.h"
#include "util/memory.h"

/* columns for the names of parts; where cells' names are long, for fewer */
#define PARTS_WIDTH 22
#define FEW_PARTS_WIDTH 12

/* the figure of a side that a difference is about */
static double
median_of_side(const Figures *figures, int side, const Difference *difference)
{
	return difference_cell(figures, side, difference)->time[difference->metric].median.value;
}

static const char *
verdict(const Difference *difference)
{
	if (!isfinite(difference->ratio.low))
		return "n/a";
	return difference->differs ? difference->ratio.value > 1.0 ? "longer" : "shorter" : "none shown";
}

/* qsort: what differs most surely first */
static int
compare_parts(const void *left, const void *right)
{
	const Difference *a = *(const Difference *const *) left;
	const Difference *b = *(const Difference *const *) right;

	return a->p != b->p ? (a->p < b->p ? -1 : 1) : (a > b) - (a < b);
}

/* "commit, parse +2": the parts of a step that differ; malloc'd */
static char *
parts_that_differ(const Figures *figures, const Difference *whole)
{
	const Difference *parts[METRIC_COUNT];
	char	   *text = NULL;
	int			n = 0;
	int			shown = 0;

	for (int i = 0; i < figures->ndifferences && n < METRIC_COUNT; i++)
	{
		const Difference *part = &figures->differences[i];

		if (!is_of_main_time(part) && part->differs && part->kind == whole->kind && part->drive == whole->drive &&
			part->origin == whole->origin && part->step == whole->step)
			parts[n++] = part;
	}
	qsort(parts, (size_t) n, sizeof(parts[0]), compare_parts);
	while (shown < n && (text == NULL || strlen(text) + strlen(metric_names[parts[shown]->metric]) + 2 <=
						 (has_many_pairs(figures) ? FEW_PARTS_WIDTH : PARTS_WIDTH)))
	{
		text_add(&text, "%s%s", text ? ", " : "", metric_names[parts[shown]->metric]);
		shown++;
	}
	if (shown < n)
		text_add(&text, " +%d", n - shown);
	return text ? text : xstrdup("");
}

/* a workflow of one call is that call */
static bool
is_shown(const Figures *figures, const Difference *here, bool in_full)
{
	const WorkflowFigures *workflow = figures_workflow(figures, 0, here->kind, here->drive, here->origin);

	return workflow != NULL && (in_full || is_of_main_time(here)) &&
		!(here->step < 0 && workflow->own_round_trips && workflow->nsteps == 1);
}

void
report_differences(const Figures *figures, bool in_full, FILE *out)
{
	Table	   *table = table_create();
	bool		in_server = false;

	print_heading(out, "%s (B) against %s (A), p50 in ms", figures->sides[1].label, figures->sides[0].label);
	table_column(table, "payload", has_many_pairs(figures) ? COLUMN_TEXT : COLUMN_LABEL);
	if (in_full)
		table_column(table, "of", COLUMN_TEXT);
	table_columns(table, "A", COLUMN_MS, "B", COLUMN_MS, "B / A", COLUMN_RATIO,
				  "95 % interval", COLUMN_INTERVAL, "found %", COLUMN_PERCENT, "difference", COLUMN_TEXT,
				  NULL);
	if (!in_full)
		table_column(table, "of its parts", COLUMN_TEXT);
	for (int i = 0; i < figures->ndifferences; i++)
	{
		const Difference *here = &figures->differences[i];
		bool		starred = !in_full && here->metric == METRIC_SERVER_TOTAL;
		char	   *text;

		if (!is_shown(figures, here, in_full))
			continue;
		in_server = in_server || starred;
		text = xasprintf("%s%s", words_cell(here, has_many_pairs(figures)), starred ? " *" : "");
		table_text(table, text);
		free(text);
		if (in_full)
			table_text(table, metric_title(here->metric));
		table_number(table, median_of_side(figures, 0, here));
		table_number(table, median_of_side(figures, 1, here));
		table_estimate(table, &here->ratio);
		table_number(table, here->detectable_percent);
		table_text(table, verdict(here));
		if (in_full)
			continue;
		text = parts_that_differ(figures, here);
		table_text(table, text);
		free(text);
	}
	finish_table(table, out);
	print_item(out, "", "Ratios are of the same iteration, intervals of each cell by itself; \"longer\" and \"shorter\" "
			   "hold for all cells together (Holm, 5 %). found: a true difference this large is found in 4 runs of 5.");
	if (in_server)
		print_item(out, "", "* of steps that share a round trip: their time in the server.");
}
