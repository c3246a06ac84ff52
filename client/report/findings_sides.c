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

/* qsort: what is not judged last, what differs first: main times before their parts, and the surest before others */
static int
compare_differences(const void *left, const void *right)
{
	const Difference *a = *(const Difference *const *) left;
	const Difference *b = *(const Difference *const *) right;

	if (isfinite(a->ratio.low) != isfinite(b->ratio.low))
		return isfinite(a->ratio.low) ? -1 : 1;
	if (a->differs != b->differs)
		return a->differs ? -1 : 1;
	if (is_of_main_time(a) != is_of_main_time(b))
		return is_of_main_time(a) ? -1 : 1;
	if (a->p != b->p)
		return a->p < b->p ? -1 : 1;
	return (a > b) - (a < b);
}

static void
say_difference(const Figures *figures, const Difference *here, Findings *findings)
{
	finding(findings, "sides-differ", TOPIC_DIFFERENCE, "%s of %s: %s takes %.1f %% %s than %s (ratio %.3f, %.3f .. %.3f).",
			metric_title(here->metric), words_cell(here, has_many_pairs(figures)), figures->sides[1].label,
			100.0 * fabs(here->ratio.value - 1.0), here->ratio.value > 1.0 ? "longer" : "less", figures->sides[0].label,
			here->ratio.value, here->ratio.low, here->ratio.high);
}

void
findings_of_sides(const Figures *figures, Findings *findings)
{
	const char *first = figures->sides[0].label;
	const char *second = figures->sides[1].label;
	const Difference **order;
	int			differ = 0;
	int			judged = 0;
	double		least;
	double		most;

	if (figures->nsides < 2 || figures->ndifferences == 0)
		return;
	order = xcalloc((size_t) figures->ndifferences, sizeof(*order));
	for (int i = 0; i < figures->ndifferences; i++)
	{
		order[i] = &figures->differences[i];
		judged += isfinite(order[i]->ratio.low);
		differ += isfinite(order[i]->ratio.low) && order[i]->differs;
	}
	qsort(order, (size_t) figures->ndifferences, sizeof(*order), compare_differences);
	if (judged == 0)
		finding(findings, "sides-few", TOPIC_DIFFERENCE,
				"Too few blocks to judge %s against %s: the ratios below are without intervals.", second, first);
	for (int i = 0; i < differ && i < MOST_NAMED; i++)
		say_difference(figures, order[i], findings);
	if (differ > MOST_NAMED)
		finding(findings, "sides-more", TOPIC_DIFFERENCE, "%d more cells differ: see the table; --full has each part.",
				differ - MOST_NAMED);
	if (judged > 0 && differ == 0)
		finding(findings, "sides-same", TOPIC_DIFFERENCE,
				"No difference shown between %s and %s in any of %d cells.", first, second, judged);
	if (judged > differ && detectable_range(figures->differences, figures->ndifferences, &least, &most))
		finding(findings, "sides-detectable", TOPIC_DIFFERENCE,
				"In the %d cells where none is shown, one of %.1f to %.1f %%, by the cell, would be found in 4 runs of 5.",
				judged - differ, least, most);
	free(order);
}
