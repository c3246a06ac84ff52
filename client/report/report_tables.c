/*
 * report_tables.c
 *	  The table per size: how long a step takes, and how much longer than the
 *	  one before.
 */
#include <math.h>
#include <stdio.h>

#include "report/report.h"
#include "sample/result.h"
#include "statistics/summary.h"
#include "util/table.h"

/* A step's round trip; by the server's clock where its steps share one. */
static Summary
step_summary(const Series *series, int step, bool own_round_trip)
{
	return series_summary(series, step,
						  own_round_trip ? METRIC_ROUND_TRIP : METRIC_SERVER_TOTAL);
}

static void
add_step(Table *table, const Series *series, int step, bool own_round_trip, double previous)
{
	Summary		summary = step_summary(series, step, own_round_trip);
	char		payload[FORMAT_BYTES_SIZE];

	table_text(table, format_bytes(series->steps[step].payload_bytes, payload, sizeof(payload)));
	table_integer(table, summary.n);
	table_number(table, summary.p50);
	table_interval(table, summary.ci_low, summary.ci_high);
	table_number(table, summary.p95);
	table_number(table, summary.min);
	table_number(table, summary.max);
	table_number(table, summary.mean);
	table_number(table, summary.stddev);
	table_number(table, summary.first);
	if (isnan(previous))
		table_text(table, "-");
	else
		table_number(table, summary.p50 - previous);
	table_integer(table, series_step_failed(series, step));
}

static Table *
size_table(void)
{
	Table	   *table = table_create();

	table_column(table, "payload", COLUMN_LABEL);
	table_column(table, "n", COLUMN_INTEGER);
	table_column(table, "p50", COLUMN_MS);
	table_column(table, "95 % interval", COLUMN_INTERVAL);
	table_column(table, "p95", COLUMN_MS);
	table_column(table, "min", COLUMN_MS);
	table_column(table, "max", COLUMN_MS);
	table_column(table, "mean", COLUMN_MS);
	table_column(table, "stddev", COLUMN_MS);
	table_column(table, "first", COLUMN_MS);
	table_column(table, "delta", COLUMN_DELTA);
	table_column(table, "failed", COLUMN_INTEGER);
	return table;
}

/* What was left out of the figures, if anything. */
static void
print_left_out(const Series *series)
{
	int			retried = 0;

	for (int s = 0; s < series->nsteps; s++)
		retried += series_step_retried(series, s);
	if (series->partial)
		printf("PARTIAL: the run ended early; iterations of %s measured: %d\n",
			   workflow_names[series->kind], series->niterations);
	if (series->nfailed > 0)
		printf("FAILED iterations of %s, in no figure: %d\n", workflow_names[series->kind],
			   series->nfailed);
	if (series->nreplayed > 0)
		printf("Steps of %s that were recorded before and only replayed, in no figure: %d\n",
			   workflow_names[series->kind], series->nreplayed);
	if (retried > 0)
		printf("Calls of %s that were sent again after 40001 or 40P01, in no figure: %d\n",
			   workflow_names[series->kind], retried);
}

static void
print_pair(const Series *multiple, const Series *batched)
{
	bool		own = series_has_step_round_trips(multiple);
	Table	   *table = size_table();
	double		previous = NAN;

	report_heading("%s (ms): drive %s, origin %s",
				   own ? "Round trip per step" : "Server's time per step",
				   drive_names[multiple->drive], origin_names[multiple->origin]);
	for (int s = 0; s < multiple->nsteps; s++)
	{
		add_step(table, multiple, s, own, previous);
		previous = step_summary(multiple, s, own).p50;
	}
	if (batched != NULL)
	{
		table_rule(table);
		for (int s = 0; s < batched->nsteps; s++)
			add_step(table, batched, s, own, NAN);
	}
	table_print(table, stdout);
	table_free(table);
	if (!own)
		printf("With drive %s the steps share one round trip: what is timed per step is the server.\n",
			   drive_names[multiple->drive]);
	print_left_out(multiple);
	if (batched != NULL)
		print_left_out(batched);
}

void
report_tables(const Result *result)
{
	bool		explained = false;

	for (int i = 0; i < result->nseries; i++)
	{
		const Series *series = result->series[i];

		if (series->kind != WORKFLOW_MULTIPLE)
			continue;
		print_pair(series, report_partner(result, i));
		if (!explained)
			printf("1 kB is 1,000 bytes; the last line is the batched step. n: iterations, after %d of warm-up.\n"
				   "first: the first call of a fresh connection, in no other figure. delta: p50 against the\n"
				   "size before.\n", result->options->warmup);
		explained = true;
	}
}
