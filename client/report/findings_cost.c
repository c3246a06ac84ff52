/*
 * findings_cost.c
 *	  What a checkpoint costs by its size.
 */
#include <math.h>
#include <stdlib.h>

#include "report/findings.h"

/* a first call is worth a sentence from this many medians on */
#define SLOW_FIRST 2.0

/* a larger step is called quicker than the smallest below this share of its time */
#define QUICKER 0.9

static const Estimate *
median_of(const Pair *pair, const Cell *cell)
{
	return &cell_time(pair->multiple, cell)->median;
}

/* what is timed of a step */
static const char *
step_words(const Pair *pair)
{
	return pair->multiple->own_round_trips ? "takes" : "takes the server";
}

/* the smallest and the largest, as they are */
static void
say_range(const Pair *pair, const Cell *const *cells, Findings *findings)
{
	int			n = pair->multiple->nsteps;
	char		least[FORMAT_BYTES_SIZE];
	char		most[FORMAT_BYTES_SIZE];
	char	   *floor = text_ms(median_of(pair, cells[0]));
	char	   *ceiling = text_ms(median_of(pair, cells[n - 1]));

	format_bytes(cells[0]->payload_bytes, least, sizeof(least));
	format_bytes(cells[n - 1]->payload_bytes, most, sizeof(most));
	if (!isfinite(median_of(pair, cells[0])->value) || !isfinite(median_of(pair, cells[n - 1])->value))
		;
	else if (cells[0]->payload_bytes == cells[n - 1]->payload_bytes)
		finding(findings, "range", TOPIC_COST, "A step of %s %s %s.", least, step_words(pair), floor);
	else
		finding(findings, "range", TOPIC_COST, "A step of %s %s %s, one of %s %s.",
				least, step_words(pair), floor, most, ceiling);
	free(floor);
	free(ceiling);
}

/*
 * Up to which size does no step take twice what the smallest takes, and from
 * which on does every step?  Each size in between is asked.
 */
static void
say_doubling(const Pair *pair, const Cell *const *cells, Findings *findings)
{
	const Estimate *smallest = median_of(pair, cells[0]);
	int			n = pair->multiple->nsteps;
	int			below = 0;		/* the last one that surely takes less, and all before it */
	int			above = n;		/* the first one that surely takes more, and all after it */
	const Estimate *slowest;
	char		least[FORMAT_BYTES_SIZE];
	char		size[FORMAT_BYTES_SIZE];
	char		from[FORMAT_BYTES_SIZE];
	char	   *figure;

	while (below + 1 < n && median_of(pair, cells[below + 1])->high < 2.0 * smallest->low)
		below++;
	while (above > 1 && median_of(pair, cells[above - 1])->low > 2.0 * smallest->high)
		above--;
	format_bytes(cells[0]->payload_bytes, least, sizeof(least));
	format_bytes(cells[below]->payload_bytes, size, sizeof(size));
	slowest = median_of(pair, cells[0]);
	for (int i = 1; i <= below; i++)
		if (median_of(pair, cells[i])->value > slowest->value)
			slowest = median_of(pair, cells[i]);
	figure = text_ms(slowest);
	if (above < n)
		format_bytes(cells[above]->payload_bytes, from, sizeof(from));
	if (below > 0 && above < n)
		finding(findings, "doubling", TOPIC_COST,
				"Up to %s no measured size takes twice as long as %s, at most %s; from %s on each does.",
				size, least, figure, from);
	else if (below > 0)
		finding(findings, "doubling", TOPIC_COST,
				"Up to %s no measured size takes twice as long as %s, at most %s.", size, least, figure);
	else if (above < n)
		finding(findings, "doubling", TOPIC_COST,
				"From %s on each measured size takes more than twice as long as %s.", from, least);
	free(figure);
}

/* the price of a byte, where a line describes it */
static void
say_slope(const Pair *pair, Findings *findings)
{
	const Fit  *fit;
	char	   *slope;

	if (pair->model == NULL || pair_has_delayed_acknowledgements(pair))
		return;
	fit = &pair->model->fits[pair->multiple->own_round_trips ? METRIC_ROUND_TRIP : METRIC_SERVER_TOTAL];
	if (!fit->known || fit->poor || !isfinite(fit->slope_ms_per_mb.low))
		return;
	slope = text_ms(&fit->slope_ms_per_mb);
	finding(findings, "slope", TOPIC_COST, "Above its floor a step costs %s for each MB of payload.", slope);
	free(slope);
}

/* a larger step that is quicker than the smallest: the floor is not where it is looked for */
static void
say_floor(const Pair *pair, const Cell *const *cells, Findings *findings)
{
	const Estimate *smallest = median_of(pair, cells[0]);
	int			quickest = 0;
	char		least[FORMAT_BYTES_SIZE];
	char		size[FORMAT_BYTES_SIZE];
	char	   *here;

	for (int i = 1; i < pair->multiple->nsteps; i++)
		if (median_of(pair, cells[i])->value < median_of(pair, cells[quickest])->value)
			quickest = i;
	if (!(median_of(pair, cells[quickest])->high < QUICKER * smallest->low))
		return;
	format_bytes(cells[0]->payload_bytes, least, sizeof(least));
	format_bytes(cells[quickest]->payload_bytes, size, sizeof(size));
	here = text_ms(median_of(pair, cells[quickest]));
	finding(findings, "floor", TOPIC_CAVEAT,
			"A step of %s is quicker than one of %s: %s. What is called the floor here, the smallest step's "
			"time, is not the least that a step costs.", size, least, here);
	free(here);
}

static void
say_first(const Pair *pair, const Cell *const *cells, Findings *findings)
{
	const Estimate *first = &cells[0]->first;
	const Estimate *median = median_of(pair, cells[0]);
	char		size[FORMAT_BYTES_SIZE];
	char	   *figure;

	if (!(first->low > SLOW_FIRST * median->high))
		return;
	format_bytes(cells[0]->payload_bytes, size, sizeof(size));
	figure = text_ms(first);
	finding(findings, "first", TOPIC_COST,
			"A connection's first call (%s) takes %s, and is in no other figure.",
			size, figure);
	free(figure);
}

/* the floor of a workflow that works between its steps */
static void
say_idle(const Pair *pair, const Cell *const *cells, Findings *findings)
{
	const BaselineFigures *idle = figures_baseline(pair->figures, pair->multiple->side, BASELINE_IDLE,
												   cells[0]->payload_bytes);
	char		size[FORMAT_BYTES_SIZE];
	char	   *figure;
	char	   *ratio = NULL;

	if (idle == NULL || pair->figures->parameters.think_ns > 0 || pair->multiple->drive != DRIVE_CALLS ||
		!isfinite(idle->time[METRIC_ROUND_TRIP].median.value))
		return;
	format_bytes(cells[0]->payload_bytes, size, sizeof(size));
	figure = text_ms(&idle->time[METRIC_ROUND_TRIP].median);
	if (isfinite(idle->ratio.value))
	{
		char	   *interval = text_interval(&idle->ratio, 2);

		text_add(&ratio, ", %.2f times%s", idle->ratio.value, interval);
		free(interval);
	}
	finding(findings, "idle", TOPIC_COST,
			"After 5 ms without a call %s takes %s%s: nearer to the floor of a workflow that works between its "
			"steps.", size, figure, ratio ? ratio : "");
	free(ratio);
	free(figure);
}

void
say_cost(const Pair *pair, const Cell *const *cells, Findings *findings)
{
	say_range(pair, cells, findings);
	say_doubling(pair, cells, findings);
	say_slope(pair, findings);
	say_idle(pair, cells, findings);
	say_first(pair, cells, findings);
	say_floor(pair, cells, findings);
}
