/*
 * growth_result.c
 *	  What the experiment growth came to.
 */
#include <math.h>
#include <stdlib.h>

#include "experiment/growth.h"
#include "report/experiment.h"
#include "util/memory.h"
#include "util/numbers.h"

/* a cost that is within this of the first is the same */
#define SAME_PERCENT 10.0

static const struct
{
	int			metric;
	const char *name;
	const char *title;
	Unit		unit;
	const char *meaning;
}			causes[] = {
	{M_BUFFERS, "buffers", "pages", UNIT_COUNT, "Pages that a step uses, by EXPLAIN (ANALYZE, BUFFERS) of another such step: the mean."},
	{M_READ, "read", "read", UNIT_COUNT, "Of these, pages that were not in shared buffers: the mean."},
	{M_IMAGES, "images", "images", UNIT_COUNT, "Full-page images that it writes into WAL: the mean."},
	{M_WAL, "wal", "WAL", UNIT_BYTES, "Its WAL without the commit: the mean."},
};

#define NCAUSES ((int) (sizeof(causes) / sizeof(causes[0])))

static void
add_levels(const Growth *g, const Plan *plan, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "levels", "A step, by how many are recorded already", true);

	result_column(table, "place", "workflow", UNIT_LABEL, SHOW_BRIEF, "The next step of the workflow that had the last one, whose pages are in shared buffers; or one of any workflow, whose pages are where the server has them.");
	result_column(table, "steps", "recorded", UNIT_COUNT, SHOW_BRIEF, "Steps in the table when measuring began.");
	result_column(table, "time", "step", UNIT_MS, SHOW_INTERVAL, "From handing it over until it is durable: the blocks' medians.");
	result_column(table, "ratio", "against none", UNIT_RATIO, SHOW_INTERVAL, "That time against the empty table's of the same kind, in the same turn.");
	for (int c = 0; c < NCAUSES; c++)
		result_column(table, causes[c].name, causes[c].title, causes[c].unit, SHOW_FULL, causes[c].meaning);
	result_column(table, "height", "index levels", UNIT_COUNT, SHOW_BRIEF, "Pages from the primary key's root to a leaf, both counted.");
	result_column(table, "n", "n", UNIT_COUNT, SHOW_FULL, "Steps that were timed; as many were explained.");
	for (Place place = 0; place < PLACE_COUNT; place++)
	{
		for (int i = 0; i < g->nready; i++)
		{
			int			cell = CELL(i, place);
			int64_t		n = plan_n(plan, cell, M_TIME);

			if (n == 0)
				continue;
			result_label(table, "%s", place_names[place]);
			result_exact(table, (double) g->levels[i].steps);
			result_estimate(table, plan_median(plan, cell, M_TIME), n);
			result_estimate(table, i > 0 ? plan_ratio(plan, cell, M_TIME, CELL(0, place), M_TIME, NULL) : estimate_exact(1.0), n);
			for (int c = 0; c < NCAUSES; c++)
				result_estimate(table, plan_mean(plan, cell, causes[c].metric), n);
			result_exact(table, g->levels[i].height);
			result_exact(table, (double) n);
		}
	}
	result_plot(result, PLOT_LINES, "time", "A step by how many are recorded", "Points: the blocks' medians, 95 % interval.", "levels", "steps", "time", "place");
	result_plot(result, PLOT_LINES, "wal", "A step's WAL by how many are recorded", "Points: means over blocks, 95 % interval; without the commit.", "levels", "steps", "wal", "place");
}

static void
add_files(const Growth *g, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "files", "The tables that were filled", false);

	result_column(table, "steps", "recorded", UNIT_COUNT, SHOW_FULL, "Steps.");
	result_column(table, "heap", "heap", UNIT_BYTES, SHOW_FULL, "pg_relation_size() of the table.");
	result_column(table, "index", "index", UNIT_BYTES, SHOW_FULL, "pg_relation_size() of its primary key's index.");
	result_column(table, "total", "total", UNIT_BYTES, SHOW_FULL, "pg_total_relation_size() of the table.");
	result_column(table, "height", "index levels", UNIT_COUNT, SHOW_FULL, "Pages from root to leaf.");
	result_column(table, "filled", "filled", UNIT_MS, SHOW_FULL, "How long filling it took, with its workflows.");
	for (int i = 0; i < g->nready; i++)
	{
		const Level *level = &g->levels[i];

		result_exact(table, (double) level->steps);
		result_exact(table, level->bytes.heap);
		result_exact(table, level->bytes.index);
		result_exact(table, level->bytes.total);
		result_exact(table, level->height);
		result_exact(table, level->filled_s * 1000.0);
	}
}

/* What a step of the last level does more of, where that is shown; malloc'd, NULL: nothing. */
static char *
why(const Growth *g, const Plan *plan, Place place)
{
	int			last = g->nready - 1;
	char	   *text = NULL;

	for (int c = 0; c < NCAUSES; c++)
	{
		Estimate	first = plan_mean(plan, CELL(0, place), causes[c].metric);
		Estimate	then = plan_mean(plan, CELL(last, place), causes[c].metric);

		if (estimate_has_interval(&first) && estimate_has_interval(&then) && then.low > first.high)
			text_add(&text, "%s%s %.*f in place of %.*f", text ? ", " : "", causes[c].title,
					 causes[c].unit == UNIT_BYTES ? 0 : 1, then.value, causes[c].unit == UNIT_BYTES ? 0 : 1, first.value);
	}
	if (g->levels[last].height > g->levels[0].height)
		text_add(&text, "%sindex levels %d in place of %d", text ? ", " : "", g->levels[last].height, g->levels[0].height);
	return text;
}

/* "costs 8 % more than in an empty table, within 10 %", where the interval says that it is not the same; malloc'd */
static char *
within_words(const Estimate *ratio)
{
	double		percent = 100.0 * fabs(ratio->value - 1.0);
	bool		more = ratio->low > 1.0;

	if (!more && !(ratio->high < 1.0))
		return xasprintf("costs what it costs in an empty table, to within %.0f %%", SAME_PERCENT);
	/* less by any amount is not "within" */
	if (ratio->low > 1.0 - SAME_PERCENT / 100.0)
		return xasprintf("costs %.*f %% %s than in an empty table, within %.0f %%", percent < 1.0 ? 1 : 0, percent,
						 more ? "more" : "less", SAME_PERCENT);
	return xasprintf("costs %.*f %% less than in an empty table", percent < 1.0 ? 1 : 0, percent);
}

static void
conclude(const Growth *g, const Plan *plan, ExperimentResult *result)
{
	int			last = g->nready - 1;
	char		steps[28];

	if (last < 1)
		return;
	format_integer(g->levels[last].steps, steps, sizeof(steps));
	for (Place place = 0; place < PLACE_COUNT; place++)
	{
		Estimate	ratio = plan_ratio(plan, CELL(last, place), M_TIME, CELL(0, place), M_TIME, NULL);
		const char *whose = place == PLACE_SAME ? "the workflow just used" : "any workflow";
		const char *figure = words_figure(&ratio, UNIT_RATIO);
		char	   *reasons = why(g, plan, place);
		char	   *within = within_words(&ratio);

		if (isnan(ratio.value))
			;					/* it was stopped before */
		else if (!estimate_has_interval(&ratio))
			result_conclude(result, "With %s steps recorded a step of %s takes %s of the time that it takes in an empty table; there were too few blocks for an interval.", steps, whose, figure);
		else if (ratio.low > 1.0 + SAME_PERCENT / 100.0)
			result_conclude(result, "With %s steps recorded a step of %s takes %s as long as in an empty table. What it does more of: %s.", steps, whose, figure,
							reasons != NULL ? reasons : "nothing that was counted is shown to be more");
		else if (ratio.high < 1.0 + SAME_PERCENT / 100.0)
			result_conclude(result, "With %s steps recorded a step of %s %s: %s.%s%s%s", steps, whose, within, figure,
							reasons != NULL ? " What it does more of: " : "", reasons != NULL ? reasons : "", reasons != NULL ? "." : "");
		else
			result_conclude(result, "With %s steps recorded a step of %s is not shown to be within 10 %% of one in an empty table, nor to be beyond: %s.%s%s%s", steps, whose, figure,
							reasons != NULL ? " What it does more of: " : "", reasons != NULL ? reasons : "", reasons != NULL ? "." : "");
		free(reasons);
		free(within);
	}
}

void
growth_result(const Lab *lab, const Growth *g, const Plan *plan, ExperimentResult *result)
{
	const Level *last = &g->levels[g->nready > 0 ? g->nready - 1 : 0];

	add_levels(g, plan, result);
	if (plan->nvalues > 0)
		add_files(g, result);
	conclude(g, plan, result);
	result_parameter(result, "payload", "%lld B", (long long) g->payload_bytes);
	result_parameter(result, "to", "%lld steps", (long long) g->levels[g->nlevels - 1].steps);
	if (isfinite(g->shared_buffers))
		result_condition(result, "shared_buffers", "%.0f bytes", g->shared_buffers);
	if (g->nready < g->nlevels && !lab_is_alive(lab))
		result_caveat(result, "It was stopped before a table of %lld steps was filled.", (long long) g->levels[g->nready].steps);
	else if (g->nready < g->nlevels)
		result_caveat(result, "There was no time to fill a table of %lld steps: give it more, -T.", (long long) g->levels[g->nready].steps);
	if (plan->nvalues > 0 && last->bytes.total < g->shared_buffers)
		result_caveat(result, "The largest table (%.0f MB) fits into shared buffers (%.0f MB): steps of any workflow find their pages there too.",
					  last->bytes.total / 1e6, g->shared_buffers / 1e6);
	result_caveat(result, "Pages that are not in shared buffers come from the operating system's cache, which no role can empty: that takes root on the server (drop_caches) or a restart of the machine, and pg_buffercache_evict() from PostgreSQL 17 on empties shared buffers for superusers.");
	result_caveat(result, "A page's first change after a checkpoint is written into WAL whole: the larger the table, the more often a step is the first on its page.");
}
