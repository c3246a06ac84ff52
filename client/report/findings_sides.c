/*
 * findings_sides.c
 *	  Two sides measured in one run: which cells differ, by how much, and how
 *	  small a difference would have been seen in the others.
 */
#include <math.h>
#include <stdlib.h>

#include "report/findings.h"
#include "util/memory.h"

/* as many are named in the answer; the rest is in the tables */
#define MOST_NAMED 4

/* "storing of 1 MB", "the round trip of the workflow of 7 steps" */
static char *
cell_words(const Figures *figures, const Difference *difference)
{
	char	   *text = NULL;
	char		size[FORMAT_BYTES_SIZE];

	text_add(&text, "%s of ", difference->metric == METRIC_ROUND_TRIP ? "round trip" :
			 difference->metric == METRIC_SERVER_TOTAL ? "server's time" : metric_names[difference->metric]);
	if (difference->kind == WORKFLOW_BATCHED)
		text_add(&text, "the batch");
	else if (difference->step < 0)
		text_add(&text, "all steps");
	else
		text_add(&text, "%s", format_bytes(difference->payload_bytes, size, sizeof(size)));
	if (figures->nworkflows > 2 * figures->nsides)
		text_add(&text, " (%s, %s)", drive_names[difference->drive], origin_names[difference->origin]);
	return text;
}

/* qsort: round trips before their parts, and what differs most surely first */
static int
compare_differences(const void *left, const void *right)
{
	const Difference *a = *(const Difference *const *) left;
	const Difference *b = *(const Difference *const *) right;
	bool		main_a = a->metric == METRIC_ROUND_TRIP || a->metric == METRIC_SERVER_TOTAL;
	bool		main_b = b->metric == METRIC_ROUND_TRIP || b->metric == METRIC_SERVER_TOTAL;

	if (main_a != main_b)
		return main_a ? -1 : 1;
	if (a->p != b->p)
		return a->p < b->p ? -1 : 1;
	return (a > b) - (a < b);
}

void
findings_of_sides(const Figures *figures, Findings *findings)
{
	const Difference **order;
	int			differ = 0;
	int			judged = 0;
	double		least = INFINITY;
	double		most = 0.0;
	const char *first;
	const char *second;

	if (figures->nsides < 2 || figures->ndifferences == 0)
		return;
	first = figures->sides[0].label;
	second = figures->sides[1].label;
	order = xcalloc((size_t) figures->ndifferences, sizeof(*order));
	for (int i = 0; i < figures->ndifferences; i++)
	{
		const Difference *here = &figures->differences[i];

		if (!isfinite(here->ratio.low))
			continue;
		judged++;
		if (here->differs)
			order[differ++] = here;
		else if (isfinite(here->detectable_percent))
		{
			least = fmin(least, here->detectable_percent);
			most = fmax(most, here->detectable_percent);
		}
	}
	qsort(order, (size_t) differ, sizeof(*order), compare_differences);
	if (judged == 0)
		finding(findings, "sides-few", TOPIC_COST,
				"Too few blocks to judge %s against %s: the ratios below are without intervals.", second, first);
	for (int i = 0; i < differ && i < MOST_NAMED; i++)
	{
		const Difference *here = order[i];
		char	   *words = cell_words(figures, here);

		finding(findings, "sides-differ", TOPIC_COST, "%s: %s takes %.1f %% %s than %s (ratio %.3f, %.3f .. %.3f).",
				words, second, 100.0 * fabs(here->ratio.value - 1.0), here->ratio.value > 1.0 ? "longer" : "less",
				first, here->ratio.value, here->ratio.low, here->ratio.high);
		free(words);
	}
	if (differ > MOST_NAMED)
		finding(findings, "sides-more", TOPIC_COST, "%d more cells differ: see the table; --full has each part.",
				differ - MOST_NAMED);
	if (judged > 0 && differ == 0)
		finding(findings, "sides-same", TOPIC_COST,
				"No difference shown between %s and %s in any of %d cells.", first, second, judged);
	if (judged > differ && most > 0.0)
		finding(findings, "sides-detectable", TOPIC_COST,
				"In the %d cells where none is shown, one of %.1f to %.1f %%, by the cell, would be found in 4 runs of 5.",
				judged - differ, least, most);
	free(order);
}
