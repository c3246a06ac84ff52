/*
 * compare.c
 *	  The command compare: read both sides' files, refuse what cannot be
 *	  compared, print the ratios and which of them differ.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "command/options.h"
#include "figures/compare.h"
#include "figures/conditions.h"
#include "report/text.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"

#define EXIT_SLOWER 3

static const char *const how_to_run =
"make pairs of runs, one of either side, and turn the order round from pair to pair: A B, B A, A B, B A";

/* "A  2026-11-25T12:00:00.000Z  a.json  label" */
static void
print_files(const Comparison *comparison)
{
	for (int f = 0; f < comparison->nruns; f++)
	{
		const Figures *figures = &comparison->runs[f].figures;
		const char *label = figures->parameters.labels[0];
		char	   *shown = printable(label != NULL ? label : "");

		printf("%c  %s  %s%s%s\n", comparison->runs[f].side, figures->started_at,
			   comparison->runs[f].path, *shown ? "  " : "", shown);
		free(shown);
	}
}

/* False, with a message, where the order of the runs says that nothing can be said. */
static bool
judge_order(const Comparison *comparison)
{
	if (comparison->order == ORDER_SEPARATE)
	{
		print_error("the runs of a side lie together (%s): what differs between the sides cannot be told from what changed with time",
					comparison->sequence);
		print_hint("%s", how_to_run);
		return false;
	}
	if (comparison->order == ORDER_ALTERNATING)
	{
		print_warning("the same side came first in all or most pairs (%s): a machine that becomes slower or faster all the while looks like a difference",
					  comparison->sequence);
		print_hint("%s", how_to_run);
	}
	return true;
}

/* The main times, and the parts that differ; how many parts are not shown. */
static int
print_cells(const Comparison *comparison)
{
	Table	   *table = table_create();
	bool		way = has_many_pairs(&comparison->runs[0].figures);
	int			hidden = 0;

	table_columns(table, "step", COLUMN_TEXT, "part", COLUMN_TEXT, "A ms", COLUMN_MS, "B ms", COLUMN_MS,
				  "B / A", COLUMN_RATIO, "95 %", COLUMN_INTERVAL, NULL);
	if (comparison->order != ORDER_SINGLE)
		table_column(table, "", COLUMN_TEXT);
	for (int i = 0; i < comparison->ncells; i++)
	{
		const Difference *d = &comparison->cells[i];

		if (!is_of_main_time(d) && !d->differs && comparison->order != ORDER_SINGLE)
		{
			hidden++;
			continue;
		}
		table_text(table, words_cell(d, way));
		table_text(table, metric_title(d->metric));
		table_number(table, comparison_ms(comparison, d, false));
		table_number(table, comparison_ms(comparison, d, true));
		table_estimate(table, &d->ratio);
		if (comparison->order != ORDER_SINGLE)
			table_text(table, d->differs ? "differs" : estimate_has_interval(&d->ratio) ?
					   "no difference shown" : "cannot be said");
	}
	finish_table(table, stdout);
	return hidden;
}

/* What was looked at, and how small a difference would have been found. */
static void
print_verdict(const Comparison *comparison, int hidden)
{
	int			differ = 0;
	double		least;
	double		most;
	int			unpaired = comparison->nruns - 2 * comparison->npairs;

	for (int i = 0; i < comparison->ncells; i++)
		differ += comparison->cells[i].differs;
	if (comparison->order == ORDER_SINGLE)
		printf("\nOne run a side: the ratios have no interval, for runs of one and the same server differ by\n"
			   "some percent, and nothing in a run says by how many. Nothing is said to differ.\n");
	else if (comparison->npairs < LEAST_INTERVAL_BLOCKS)
		printf("\n%d pair%s of runs: from %d on the ratios have intervals. Nothing is said to differ.\n",
			   comparison->npairs, plural(comparison->npairs), LEAST_INTERVAL_BLOCKS);
	else
		printf("\n%d pair%s of runs, %d figure%s compared, %d differ%s (Student's t over the pairs; Holm over the\n"
			   "figures: 5 %% for a false one among all of them).\n",
			   comparison->npairs, plural(comparison->npairs), comparison->ncells, plural(comparison->ncells),
			   differ, differ == 1 ? "s" : "");
	if (detectable_range(comparison->cells, comparison->ncells, &least, &most))
		printf("Where no difference is shown, one of %.1f to %.1f %%, by the figure, would have been found in 4\n"
			   "comparisons of 5.\n", least, most);
	if (hidden > 0)
		printf("Not in the table: %d part%s in which no difference is shown.\n", hidden, plural(hidden));
	if (unpaired > 0 && comparison->order != ORDER_SINGLE)
		printf("%d run%s without a neighbour of the other side %s in no figure (%s).\n", unpaired,
			   plural(unpaired), unpaired == 1 ? "is" : "are", comparison->sequence);
	if (comparison->nmissing > 0)
		printf("%d figure%s of \"%s\" %s not in every file.\n", comparison->nmissing,
			   plural(comparison->nmissing), comparison->runs[0].path, comparison->nmissing == 1 ? "is" : "are");
}

/* A time that all files were to have, and that cannot be judged, must not pass for one that is not slower. */
static bool
can_be_judged(const Comparison *comparison, const Slowdown *slowdowns)
{
	int			unknown = 0;

	for (int i = 0; i < comparison->ncells; i++)
		unknown += is_of_main_time(&comparison->cells[i]) && !estimate_has_interval(&slowdowns[i].ratio);
	if (comparison->nmissing > 0)
		print_error("--fail-if-slower cannot be said: %d figure%s not in every file", comparison->nmissing,
					comparison->nmissing == 1 ? " is" : "s are");
	else if (unknown > 0)
	{
		print_error("--fail-if-slower cannot be said: %d time%s no interval", unknown, unknown == 1 ? " has" : "s have");
		print_hint("take %d pairs of runs or more, or one run a side, of %d blocks or more each",
				   LEAST_INTERVAL_BLOCKS, LEAST_INTERVAL_BLOCKS);
	}
	return comparison->nmissing == 0 && unknown == 0;
}

/* Name the times of B that take more than the limit longer; the exit status. */
static int
judge_slower(const Comparison *comparison, double percent)
{
	Slowdown   *slowdowns = xcalloc((size_t) comparison->ncells + 1, sizeof(Slowdown));
	bool		way = has_many_pairs(&comparison->runs[0].figures);
	int			status = EXIT_FAILURE;
	int			slower = 0;

	comparison_slower(comparison, percent, slowdowns);
	if (can_be_judged(comparison, slowdowns))
	{
		putchar('\n');
		for (int i = 0; i < comparison->ncells; i++)
		{
			const Difference *cell = &comparison->cells[i];

			if (!slowdowns[i].slower || !is_of_main_time(cell))
				continue;
			slower++;
			printf("Slower by more than %g %%: %s, %s: B / A %.3f (%.3f .. %.3f)\n", percent, words_cell(cell, way),
				   metric_title(cell->metric), slowdowns[i].ratio.value, slowdowns[i].ratio.low,
				   slowdowns[i].ratio.high);
		}
		if (slower == 0)
			printf("No time is shown to be longer by more than %g %%.\n", percent);
		if (comparison->order == ORDER_SINGLE)
			printf("(By the blocks within either run, with Holm over the figures: what differs from one run of the\n"
				   "same server to the next is not in that.)\n");
		status = slower > 0 ? EXIT_SLOWER : EXIT_SUCCESS;
	}
	free(slowdowns);
	return status;
}

int
compare_command(const Options *options)
{
	Comparison	comparison;
	int			status = EXIT_FAILURE;
	bool		good;

	good = comparison_read(options->left, options->nleft, options->right, options->nright,
						   options->ignore_conditions, &comparison);
	if (good)
	{
		comparison_make(&comparison);
		good = judge_order(&comparison);
	}
	if (good && comparison.ncells == 0)
	{
		print_error("there is nothing that all files have, and so nothing to compare");
		good = false;
	}
	if (good)
	{
		print_files(&comparison);
		putchar('\n');
		print_verdict(&comparison, print_cells(&comparison));
		status = isnan(options->slower_percent) ? EXIT_SUCCESS : judge_slower(&comparison, options->slower_percent);
	}
	comparison_free(&comparison);
	return status;
}
