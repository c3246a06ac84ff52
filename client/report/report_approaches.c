/*
 * report_approaches.c
 *	  One step per size against one step for all, and the drives and origins
 *	  side by side.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/report.h"
#include "sample/result.h"
#include "statistics/summary.h"
#include "util/memory.h"
#include "util/table.h"

/*
 * What the ratio multiple / batched says of the batch: "12.3 % faster" only
 * where its interval leaves out 1.  In the caller's buffer.
 */
static const char *
verdict(const Interval *ratio, char *buffer, size_t size)
{
	if (isnan(ratio->estimate))
		snprintf(buffer, size, "n/a");
	else if (isnan(ratio->low))
		snprintf(buffer, size, "n/a (n < 6)");
	else if (ratio->low > 1.0)
		snprintf(buffer, size, "%.1f %% faster", 100.0 * (1.0 - 1.0 / ratio->estimate));
	else if (ratio->high < 1.0)
		snprintf(buffer, size, "%.1f %% slower", 100.0 * (1.0 / ratio->estimate - 1.0));
	else
		snprintf(buffer, size, "no difference shown");
	return buffer;
}

static int64_t
payload_of(const Series *series)
{
	int64_t		sum = 0;

	for (int s = 0; s < series->nsteps; s++)
		sum += series->steps[s].payload_bytes;
	return sum;
}

static void
add_approach(Table *table, const Series *series, const Summary *total, double overhead)
{
	char		payload[FORMAT_BYTES_SIZE];

	table_text(table, series->kind == WORKFLOW_MULTIPLE ? "multiple steps" : "one batched step");
	table_integer(table, series->nsteps);
	table_text(table, format_bytes(payload_of(series), payload, sizeof(payload)));
	table_integer(table, total->n);
	table_number(table, total->p50);
	table_interval(table, total->ci_low, total->ci_high);
	table_number(table, total->first);
	table_number(table, total->p50 / series->nsteps);
	if (series->nsteps > 1)
		table_number(table, overhead);
	else
		table_text(table, "-");
}

static void
print_ratio(const Interval *ratio)
{
	char		text[60];

	if (isnan(ratio->estimate))
		return;
	if (isnan(ratio->low))
		printf("Ratio multiple / batched: %.3f; too few iterations to say more.\n", ratio->estimate);
	else
		printf("Ratio multiple / batched: %.3f (95 %%: %.3f to %.3f): %s%s.\n", ratio->estimate,
			   ratio->low, ratio->high, ratio->low > 1.0 || ratio->high < 1.0 ? "batched is " : "",
			   verdict(ratio, text, sizeof(text)));
}

static void
print_saving(const Comparison *comparison)
{
	int			more = comparison->multiple->nsteps - 1;
	bool		own = series_has_step_round_trips(comparison->multiple);

	if (more < 1 || isnan(comparison->floor_ms))
		return;
	printf("What batching should have saved: (%d - 1) x floor %.3f ms = %.3f ms; what it did save: %.3f ms.\n",
		   more + 1, comparison->floor_ms, comparison->expected_saving_ms, comparison->saved_ms);
	if (!own)
		printf("The steps share one round trip: the floor is the smallest step's time in the server.\n");
}

static void
print_pair(const Series *multiple, const Series *batched)
{
	Comparison	comparison;
	Table	   *table = table_create();

	comparison_make(multiple, batched, &comparison);
	report_heading("The two approaches (ms): drive %s, origin %s",
				   drive_names[multiple->drive], origin_names[multiple->origin]);
	table_column(table, "approach", COLUMN_TEXT);
	table_column(table, "steps", COLUMN_INTEGER);
	table_column(table, "payload", COLUMN_LABEL);
	table_column(table, "n", COLUMN_INTEGER);
	table_column(table, "total p50", COLUMN_MS);
	table_column(table, "95 % interval", COLUMN_INTERVAL);
	table_column(table, "first", COLUMN_MS);
	table_column(table, "per step", COLUMN_MS);
	table_column(table, "overhead/step", COLUMN_MS);
	add_approach(table, multiple, &comparison.multiple_ms,
				 comparison.saved_ms / (multiple->nsteps - 1));
	add_approach(table, batched, &comparison.batched_ms, NAN);
	table_print(table, stdout);
	table_free(table);

	print_ratio(&comparison.ratio);
	print_saving(&comparison);
}

/* Every drive and origin on a line. */
static void
print_side_by_side(const Result *result)
{
	Table	   *table = table_create();
	char		text[60];

	report_heading("Drives and origins side by side (total, ms)");
	table_column(table, "drive", COLUMN_TEXT);
	table_column(table, "origin", COLUMN_TEXT);
	table_column(table, "multiple", COLUMN_MS);
	table_column(table, "95 %", COLUMN_INTERVAL);
	table_column(table, "batched", COLUMN_MS);
	table_column(table, "95 %", COLUMN_INTERVAL);
	table_column(table, "ratio", COLUMN_RATIO);
	table_column(table, "batched is", COLUMN_TEXT);
	for (int i = 0; i < result->nseries; i++)
	{
		const Series *multiple = result->series[i];
		const Series *batched = report_partner(result, i);
		Comparison	comparison;

		if (multiple->kind != WORKFLOW_MULTIPLE || batched == NULL)
			continue;
		comparison_make(multiple, batched, &comparison);
		table_text(table, drive_names[multiple->drive]);
		table_text(table, origin_names[multiple->origin]);
		table_number(table, comparison.multiple_ms.p50);
		table_interval(table, comparison.multiple_ms.ci_low, comparison.multiple_ms.ci_high);
		table_number(table, comparison.batched_ms.p50);
		table_interval(table, comparison.batched_ms.ci_low, comparison.batched_ms.ci_high);
		table_number(table, comparison.ratio.estimate);
		table_text(table, verdict(&comparison.ratio, text, sizeof(text)));
	}
	table_print(table, stdout);
	table_free(table);
}

/* The same step by every drive and origin: what it costs the server. */
static void
print_steps_side_by_side(const Result *result, Metric metric, const char *heading)
{
	const Series *columns[DRIVE_COUNT * ORIGIN_COUNT];
	int			ncolumns = 0;
	Table	   *table;

	for (int i = 0; i < result->nseries && ncolumns < DRIVE_COUNT * ORIGIN_COUNT; i++)
	{
		const Series *series = result->series[i];

		if (series->kind == WORKFLOW_MULTIPLE && series->nsteps > 0 &&
			series_summary(series, 0, metric).n > 0)
			columns[ncolumns++] = series;
	}
	if (ncolumns < 2)
		return;

	report_heading("%s side by side (p50, ms)", heading);
	table = table_create();
	table_column(table, "payload", COLUMN_LABEL);
	for (int c = 0; c < ncolumns; c++)
	{
		char	   *name = xasprintf("%s/%s", drive_names[columns[c]->drive],
									 origin_names[columns[c]->origin]);

		table_column(table, name, COLUMN_MS);
		free(name);
	}
	for (int s = 0; s < columns[0]->nsteps; s++)
	{
		char		payload[FORMAT_BYTES_SIZE];

		table_text(table, format_bytes(columns[0]->steps[s].payload_bytes, payload, sizeof(payload)));
		for (int c = 0; c < ncolumns; c++)
			table_number(table, s < columns[c]->nsteps ?
						 series_summary(columns[c], s, metric).p50 : NAN);
	}
	table_print(table, stdout);
	table_free(table);
}

void
report_approaches(const Result *result)
{
	int			npairs = 0;

	for (int i = 0; i < result->nseries; i++)
	{
		if (result->series[i]->kind == WORKFLOW_MULTIPLE && report_partner(result, i) != NULL)
		{
			print_pair(result->series[i], report_partner(result, i));
			if (npairs++ == 0)
				printf("floor: p50 of the smallest step's round trip. per step: total / steps. overhead/step: what\n"
					   "each step more than one cost, (multiple - batched) / (steps - 1).\n");
		}
	}
	if (npairs > 1)
	{
		print_side_by_side(result);
		print_steps_side_by_side(result, METRIC_ROUND_TRIP, "Round trip per step");
		print_steps_side_by_side(result, METRIC_SERVER_TOTAL, "Server's time per step");
	}
	printf("\nPercentiles: nearest rank. Interval of a median: order statistics, 95 %%. Interval of a\n"
		   "ratio: bootstrap of the two medians, drawn in pairs, 2000 resamples, 95 %%.\n");
}
