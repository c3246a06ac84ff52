/*
 * findings_cost.c
 *	  What a checkpoint costs by its size.
 */
#include <math.h>

#include "report/findings.h"

/* a first call is worth a sentence from this many medians on */
#define SLOW_FIRST 2.0

/* a larger step is called quicker than the smallest below this share of its time */
#define QUICKER 0.9

static const Estimate *
median_at(const Pair *pair, int i)
{
	return &cell_time(pair->multiple, pair->cells[i].cell)->median;
}

/* the smallest and the largest, as they are */
static void
say_range(const Pair *pair, Findings *findings)
{
	const char *takes = pair->multiple->own_round_trips ? "takes" : "takes the server";
	const NamedCell *least = &pair->cells[0];
	const NamedCell *most = &pair->cells[pair->nsteps - 1];

	if (!isfinite(median_at(pair, 0)->value) || !isfinite(median_at(pair, pair->nsteps - 1)->value))
		return;
	if (least->cell->payload_bytes == most->cell->payload_bytes)
		finding(findings, "range", TOPIC_COST, "A step of %s %s %s.", least->name, takes, words_ms(median_at(pair, 0)));
	else
		finding(findings, "range", TOPIC_COST, "A step of %s %s %s, one of %s %s.", least->name, takes,
				words_ms(median_at(pair, 0)), most->name, words_ms(median_at(pair, pair->nsteps - 1)));
}

/*
 * Up to which size does no step take twice what the smallest takes, and from
 * which on does every step?  Each size in between is asked.
 */
static void
say_doubling(const Pair *pair, Findings *findings)
{
	const Estimate *smallest = median_at(pair, 0);
	const Estimate *slowest = smallest;
	const char *least = pair->cells[0].name;
	int			n = pair->nsteps;
	int			below = 0;		/* the last one that surely takes less, and all before it */
	int			above = n;		/* the first one that surely takes more, and all after it */

	while (below + 1 < n && median_at(pair, below + 1)->high < 2.0 * smallest->low)
	{
		below++;
		if (median_at(pair, below)->value > slowest->value)
			slowest = median_at(pair, below);
	}
	while (above > 1 && median_at(pair, above - 1)->low > 2.0 * smallest->high)
		above--;
	if (below > 0)
		finding(findings, "doubling", TOPIC_COST, "Up to %s no measured size takes twice as long as %s, at most %s%s%s%s.",
				pair->cells[below].name, least, words_ms(slowest), above < n ? "; from " : "",
				above < n ? pair->cells[above].name : "", above < n ? " on each does" : "");
	else if (above < n - 1)		/* of the last alone, the range says it */
		finding(findings, "doubling", TOPIC_COST, "From %s on each measured size takes more than twice as long as %s.",
				pair->cells[above].name, least);
}

/* the price of a byte, where a line describes it */
static void
say_slope(const Pair *pair, Findings *findings)
{
	const Fit  *fit;

	if (pair->model == NULL || pair_has_delayed_acknowledgements(pair))
		return;
	fit = &pair->model->fits[pair->multiple->own_round_trips ? METRIC_ROUND_TRIP : METRIC_SERVER_TOTAL];
	if (fit->known && !fit->poor && isfinite(fit->slope_ms_per_mb.low))
		finding(findings, "slope", TOPIC_COST, "Above its floor a step costs %s for each MB of payload.",
				words_ms(&fit->slope_ms_per_mb));
}

/* a larger step that is quicker than the smallest: the floor is not where it is looked for */
void
say_floor(const Pair *pair, Findings *findings)
{
	int			quickest = 0;

	for (int i = 1; i < pair->nsteps; i++)
		if (median_at(pair, i)->value < median_at(pair, quickest)->value)
			quickest = i;
	if (median_at(pair, quickest)->high < QUICKER * median_at(pair, 0)->low)
		finding(findings, "floor", TOPIC_CAVEAT,
				"A step of %s is quicker than one of %s: %s. What is called the floor here, the smallest step's "
				"time, is not the least that a step costs.", pair->cells[quickest].name, pair->cells[0].name,
				words_ms(median_at(pair, quickest)));
}

static void
say_first(const Pair *pair, Findings *findings)
{
	const Estimate *first = &pair->cells[0].cell->first;

	if (first->low > SLOW_FIRST * median_at(pair, 0)->high)
		finding(findings, "first", TOPIC_COST, "A connection's first call (%s) takes %s; no other figure holds first calls.",
				pair->cells[0].name, words_ms(first));
}

/*
 * The floor of a workflow that works between its steps.  The ratio alone: it is of the
 * same iterations, and the two p50s, each over its own, may differ the other way.
 */
static void
say_idle(const Pair *pair, Findings *findings)
{
	const BaselineFigures *idle = figures_baseline(pair->figures, pair->multiple->side, BASELINE_IDLE,
												   pair->cells[0].cell->payload_bytes);
	const char *verdict;

	if (idle == NULL || pair->figures->parameters.think_ns > 0 || pair->multiple->drive != DRIVE_CALLS ||
		!isfinite(idle->ratio.value))
		return;
	if (idle->ratio.low > 1.0 || idle->ratio.high < 1.0)
		verdict = "nearer to what a workflow pays that works between its steps";
	else
		verdict = isfinite(idle->ratio.low) ? "no difference shown" : "too few blocks to say more";
	finding(findings, "idle", TOPIC_COST, "After 5 ms without a call %s takes %.2f times%s as long as at once, in the same "
			"iteration: %s.", pair->cells[0].name, idle->ratio.value, words_interval(&idle->ratio, 2), verdict);
}

void
say_cost(const Pair *pair, Findings *findings)
{
	say_range(pair, findings);
	say_doubling(pair, findings);
	say_slope(pair, findings);
	say_idle(pair, findings);
	say_first(pair, findings);
}
