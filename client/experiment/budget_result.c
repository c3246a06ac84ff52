/*
 * budget_result.c
 *	  What the experiment budget came to.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/budget.h"
#include "report/experiment.h"
#include "report/text.h"
#include "statistics/percentile.h"
#include "util/compare.h"
#include "util/memory.h"

/* sizes that fewer turns were measured of are in no table: of so few there is no 95th percentile */
#define LEAST_POINT_TURNS LEAST_TURNS

static double
share_of_mean(const Budget *b, int way, int part)
{
	int64_t		n;
	Estimate	ms = budget_confirmed_part(b, way, part, &n);

	return 100.0 * ms.value / budget_confirmed_mean(b, way).value;
}

/* The largest part of the size that was found; -1: none is known. */
static int
largest_part(const Budget *b, int way)
{
	int			largest = -1;
	double		share = 0.0;

	for (int part = 0; part < NPARTS; part++)
		if (share_of_mean(b, way, part) > share)
		{
			largest = part;
			share = share_of_mean(b, way, part);
		}
	return largest;
}

static bool
was_confirmed(const Budget *b, int way, Estimate *p95, int64_t *n)
{
	*p95 = budget_confirmed_p95(b, way, n);
	return b->ways[way].rounds > 0 && *n > 0;
}

static const char *
budget_words(const Budget *b)
{
	static char text[40];

	snprintf(text, sizeof(text), "%.6g ms", b->ms);
	return text;
}

/* ------------------------------------------------------------------------
 * Tables
 * ------------------------------------------------------------------------
 */

/* The largest payload that was shown to keep it; of a way of which none did, NAN. */
static double
kept(const Budget *b, int way)
{
	Estimate	p95;
	int64_t		n;

	return was_confirmed(b, way, &p95, &n) && p95.value <= b->ms ? (double) b->ways[way].found : NAN;
}

/* what is not known stays so */
static double
within(const Budget *b, double size)
{
	return isnan(size) ? size : fmin(fmax(size, 0.0), (double) b->largest);
}

static void
add_ways(const Budget *b, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "ways", "The largest payload of which 95 % of the steps stay within the budget", true);

	result_column(table, "drive", "drive", UNIT_LABEL, SHOW_BRIEF, "How the steps are called: four of a workflow, one after the other, all sent at once, or in one CALL.");
	result_column(table, "origin", "origin", UNIT_LABEL, SHOW_BRIEF, "Who makes the payload.");
	result_column(table, "payload", "largest", UNIT_BYTES, SHOW_BRIEF, "The largest payload that was found and, measured again in blocks of its own, kept the budget; not known where none did.");
	result_column(table, "edge", "edge", UNIT_BYTES, SHOW_INTERVAL, "The size at which the 95th percentile is the budget: over blocks of sizes around it. What is below the interval keeps it, what is above breaks it.");
	result_column(table, "p95", "p95", UNIT_MS, SHOW_INTERVAL, "Of the largest, measured again: a step's round trip, or its share of a turn; over the blocks' 95th percentiles.");
	result_column(table, "within", "within", UNIT_PERCENT, SHOW_FULL, "How many of these were within the budget.");
	result_column(table, "tried", "tried", UNIT_BYTES, SHOW_FULL, "The payload that was measured last.");
	result_column(table, "rounds", "rounds", UNIT_COUNT, SHOW_FULL, "How often one was measured again: above 1, the first did not keep the budget, and the next were smaller by a fifth each.");
	result_column(table, "eats", "most of it", UNIT_LABEL, SHOW_BRIEF, "The largest part of the mean time of the size that was measured last, and its share in percent.");
	result_column(table, "n", "n", UNIT_COUNT, SHOW_FULL, "Round trips of which p95 is, when it was measured again; those of the sizes around are in the other table.");
	for (int way = 0; way < b->nways; way++)
	{
		const BudgetWay *w = &b->ways[way];
		Estimate	p95;
		int64_t		n;
		int			part = largest_part(b, way);
		Estimate	edge = w->edge;
		TurnFilter	filter = {way, BUDGET_AROUND, -1, -1, -1};
		double	   *values = xcalloc((size_t) b->nturns + 1, sizeof(double));

		if (!was_confirmed(b, way, &p95, &n) && isnan(edge.value))
		{
			free(values);
			continue;
		}
		/* there is no payload below nothing, and none was tried above the largest */
		edge.value = within(b, edge.value);
		edge.low = within(b, edge.low);
		edge.high = within(b, edge.high);
		result_label(table, "%s", drive_names[w->drive]);
		result_label(table, "%s", origin_names[w->origin]);
		result_exact(table, kept(b, way));
		result_estimate(table, edge, budget_times(b, &filter, values));
		result_estimate(table, p95, n);
		result_exact(table, budget_confirmed_share(b, way));
		result_exact(table, w->rounds > 0 ? (double) w->found : NAN);
		result_exact(table, w->rounds);
		if (part >= 0)
			result_label(table, "%s %.0f %%", metric_names[FIRST_PART + part], share_of_mean(b, way, part));
		else
			result_label(table, "n/a");
		result_exact(table, (double) n);
		free(values);
	}
}

static void
add_parts(const Lab *lab, const Budget *b, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "parts", "What takes the time at the size that was measured again", false);

	result_column(table, "way", "way", UNIT_LABEL, SHOW_FULL, "Drive and origin.");
	result_column(table, "payload", "payload", UNIT_BYTES, SHOW_FULL, "Of each step.");
	result_column(table, "part", "part", UNIT_LABEL, SHOW_FULL, "As in the tables of run.");
	result_column(table, "time", "time", UNIT_MS, SHOW_FULL, "The mean, a step's share: the parts add up to the mean of the round trip.");
	result_column(table, "share", "share", UNIT_PERCENT, SHOW_FULL, "Of the mean of the round trip.");
	for (int way = 0; way < b->nways; way++)
		for (int part = 0; part < NPARTS; part++)
		{
			int64_t		n;
			Estimate	ms = budget_confirmed_part(b, way, part, &n);

			if (isnan(ms.value))
				continue;
			result_label(table, "%s, %s", drive_names[b->ways[way].drive], origin_names[b->ways[way].origin]);
			result_exact(table, (double) b->ways[way].found);
			result_label(table, "%s", part_words(FIRST_PART + part, lab->environment));
			result_estimate(table, ms, n);
			result_exact(table, share_of_mean(b, way, part));
		}
	if (table->nrows == 0)
		return;
	for (int way = 0; way < b->nways; way++)
	{
		char	   *name = xasprintf("parts_%s_%s", drive_names[b->ways[way].drive], origin_names[b->ways[way].origin]);
		char	   *title = xasprintf("Parts of a step at its budget: %s, %s", drive_names[b->ways[way].drive], origin_names[b->ways[way].origin]);
		char	   *is = xasprintf("%s, %s", drive_names[b->ways[way].drive], origin_names[b->ways[way].origin]);

		if (b->ways[way].rounds > 0)
			result_plot_where(result_plot(result, PLOT_BARS, name, title, "Bars: means over blocks, 95 % interval, of the size that was measured again.", "parts", "part", "time", NULL), "way", is);
		free(name);
		free(title);
		free(is);
	}
}

/* Every size that was tried often enough. */
static void
add_sizes(const Budget *b, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "sizes", "Every size that was tried often enough", false);
	int64_t    *sizes = xcalloc((size_t) b->nturns + 1, sizeof(int64_t));
	double	   *values = xcalloc((size_t) b->nturns + 1, sizeof(double));

	result_column(table, "way", "way", UNIT_LABEL, SHOW_FULL, "Drive and origin.");
	result_column(table, "payload", "payload", UNIT_BYTES, SHOW_FULL, "Of each step.");
	result_column(table, "median", "median", UNIT_MS, SHOW_FULL, "Of all round trips of that size, whatever the block.");
	result_column(table, "p95", "p95", UNIT_MS, SHOW_FULL, "Likewise.");
	result_column(table, "n", "n", UNIT_COUNT, SHOW_FULL, "Round trips.");
	for (int way = 0; way < b->nways; way++)
	{
		int			n = 0;

		for (int i = 0; i < b->nturns; i++)
			if (b->turns[i].way == way)
				sizes[n++] = b->turns[i].size;
		qsort(sizes, (size_t) n, sizeof(int64_t), compare_int64);
		for (int i = 0; i < n; i++)
		{
			TurnFilter	filter = {way, -1, -1, -1, sizes[i]};
			int			nvalues;

			if (i > 0 && sizes[i] == sizes[i - 1])
				continue;
			nvalues = budget_times(b, &filter, values);
			if (nvalues < LEAST_POINT_TURNS)
				continue;
			result_label(table, "%s, %s", drive_names[b->ways[way].drive], origin_names[b->ways[way].origin]);
			result_exact(table, (double) sizes[i]);
			result_estimate(table, estimate_exact(median_double(values, nvalues)), nvalues);
			result_estimate(table, estimate_exact(budget_p95(values, nvalues)), nvalues);
			result_exact(table, nvalues);
		}
	}
	if (table->nrows > 0)
		result_plot_log(result_plot(result, PLOT_LINES, "sizes", "95th percentile by size", "Points: of all round trips of a size that was tried.", "sizes", "payload", "p95", "way"), true, true);
	free(sizes);
	free(values);
}

/* ------------------------------------------------------------------------
 * Sentences
 * ------------------------------------------------------------------------
 */

static void
conclude_way(const Lab *lab, const Budget *b, int way, ExperimentResult *result)
{
	const BudgetWay *w = &b->ways[way];
	const char *whose = words_way(w->drive, w->origin);
	int			part = largest_part(b, way);
	char	   *most = part < 0 ? xstrdup("") :
		xasprintf("; most of a mean step is %s, %.0f %%", part_words(FIRST_PART + part, lab->environment), share_of_mean(b, way, part));
	Estimate	p95;
	int64_t		n;

	if (!was_confirmed(b, way, &p95, &n))
	{
		/* what was stopped before found nothing out either way */
		if (lab_is_alive(lab))
			result_conclude(result, "With %s nothing was found: there was no time to measure it again.", whose);
	}
	else if (w->too_slow)
		result_conclude(result, "With %s no payload stays within %s: at %s p95 is %s (n = %lld)%s.",
						whose, budget_words(b), words_bytes(w->found), words_figure(&p95, UNIT_MS), (long long) n, most);
	else if (p95.value > b->ms)
		result_conclude(result, "With %s none was found that keeps %s: %s, the last that was measured again, has a p95 of %s (n = %lld)%s.",
						whose, budget_words(b), words_bytes(w->found), words_figure(&p95, UNIT_MS), (long long) n, most);
	else
		result_conclude(result, "With %s%s %s %s within %s: measured again, p95 is %s (n = %lld)%s%s.",
						whose, w->all_fit ? " the largest payload that was tried," : "", words_bytes(w->found), w->all_fit ? "stays" : "stay",
						budget_words(b), words_figure(&p95, UNIT_MS), (long long) n,
						estimate_has_interval(&p95) && p95.high > b->ms ? ", an interval that does not exclude more than that" : "", most);
	free(most);
}

/* The ways with the largest and the smallest size, and whether that is shown. */
static void
conclude_best(const Budget *b, ExperimentResult *result)
{
	int			best = -1;
	int			worst = -1;

	for (int way = 0; way < b->nways; way++)
	{
		if (isnan(kept(b, way)) || isnan(b->ways[way].edge.value) || b->ways[way].all_fit)
			continue;
		if (best < 0 || kept(b, way) > kept(b, best))
			best = way;
		if (worst < 0 || kept(b, way) < kept(b, worst))
			worst = way;
	}
	if (best < 0 || best == worst)
		return;
	if (estimate_has_interval(&b->ways[best].edge) && b->ways[best].edge.low > b->ways[worst].edge.high)
		result_conclude(result, "%s takes the largest payload, and %s the smallest: their intervals do not meet.",
						words_way(b->ways[best].drive, b->ways[best].origin), words_way(b->ways[worst].drive, b->ways[worst].origin));
	else
		result_conclude(result, "No difference is shown between the ways: the intervals of the largest and the smallest meet.");
}

static void
add_caveats(const Lab *lab, const Budget *b, ExperimentResult *result)
{
	int			fewest = -1;
	bool		many = false;
	bool		stepped = false;

	for (int way = 0; way < b->nways; way++)
	{
		int64_t		n;
		Estimate	p95 = budget_confirmed_p95(b, way, &n);

		many = many || b->ways[way].drive != DRIVE_CALLS;
		stepped = stepped || b->ways[way].rounds > 1;
		if (p95.nblocks > 0)
			n /= p95.nblocks;
		if (p95.nblocks > 0 && (fewest < 0 || n < fewest))
			fewest = (int) n;
	}
	result_caveat(result, "One client at a time, and nothing else that this program does: with many, steps wait for one another (experiment concurrency).");
	if (many)
		result_caveat(result, "By pipeline and procedure a step's time is its share of a turn of %d: the first is not answered sooner.", BUDGET_STEPS);
	if (stepped)
		result_caveat(result, "Where a size did not keep the budget when it was measured again, a smaller one was taken until one did: the machine was slower then, or chance was kind to the last one.");
	if (fewest >= 0 && fewest < LEAST_TURNS)
		result_caveat(result, "Some blocks had only %d round trips of a way, and a 95th percentile takes %d: it is lower than it would be of more. Take more time (-T), or fewer --drive and --origin.",
					  fewest, LEAST_TURNS);
	if (lab->options->budget_ns == 0)
		result_caveat(result, "The budget is the one by default; yours is --budget TIME.");
}

void
budget_result(const Lab *lab, const Budget *b, ExperimentResult *result)
{
	result_parameter(result, "budget", "%s", budget_words(b));
	result_parameter(result, "largest payload tried", "%s", words_bytes(b->largest));
	result_parameter(result, "steps of a workflow", "%d", BUDGET_STEPS);
	result_condition(result, "blocks", "%d of sizes around, %d of the size found", b->naround, LEAST_INTERVAL_BLOCKS);
	result_condition(result, "round trips", "%d", b->nturns);

	for (int way = 0; way < b->nways; way++)
		conclude_way(lab, b, way, result);
	conclude_best(b, result);
	add_ways(b, result);
	add_parts(lab, b, result);
	add_sizes(b, result);
	add_caveats(lab, b, result);
}
