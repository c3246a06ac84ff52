/*
 * report_arms.c
 *	  The differential arms, and the network measured twice.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/report.h"
#include "sample/result.h"
#include "statistics/summary.h"
#include "util/memory.h"
#include "util/table.h"

/* of "step, server's payload" */
#define NAMES_WIDTH 22

static const char *const arm_titles[ARM_COUNT] = {
	"no-op",
	"sent, dropped",
	"made, returned",
	"made, returned as hex",
	"replayed",
	"bare INSERT"
};

static const Arm *
find_arm(const Result *result, ArmKind kind, int64_t payload_bytes)
{
	for (int i = 0; i < result->narms; i++)
	{
		if (result->arms[i].kind == kind && result->arms[i].payload_bytes == payload_bytes)
			return &result->arms[i];
	}
	return NULL;
}

static int
compare_sizes(const void *left, const void *right)
{
	int64_t		a = *(const int64_t *) left;
	int64_t		b = *(const int64_t *) right;

	return (a > b) - (a < b);
}

/* The payload sizes that any arm was run with, ascending; *sizes is malloc'd. */
static int
arm_sizes(const Result *result, int64_t **sizes)
{
	int			n = 0;
	int			distinct = 0;

	*sizes = xcalloc((size_t) result->narms, sizeof(int64_t));
	for (int i = 0; i < result->narms; i++)
	{
		/* a call without a payload is not one of a size */
		if (result->arms[i].kind != ARM_NO_OP)
			(*sizes)[n++] = result->arms[i].payload_bytes;
	}
	qsort(*sizes, (size_t) n, sizeof(int64_t), compare_sizes);
	for (int i = 0; i < n; i++)
	{
		if (distinct == 0 || (*sizes)[distinct - 1] != (*sizes)[i])
			(*sizes)[distinct++] = (*sizes)[i];
	}
	return distinct;
}

/* p50 of the round trip of the whole step with that payload, NAN if there is none */
static double
recorded_step(const Result *result, Origin origin, int64_t payload_bytes)
{
	for (int i = 0; i < result->nseries; i++)
	{
		const Series *series = result->series[i];

		if (series->drive != DRIVE_CALLS || series->origin != origin)
			continue;
		for (int s = 0; s < series->nsteps; s++)
		{
			if (series->steps[s].payload_bytes == payload_bytes)
				return series_summary(series, s, METRIC_ROUND_TRIP).p50;
		}
	}
	return NAN;
}

static void
print_arms(const Result *result, const int64_t *sizes, int nsizes)
{
	Table	   *table = table_create();

	table_column(table, "round trip, ms (p50)", COLUMN_TEXT);
	for (int s = 0; s < nsizes; s++)
	{
		char		payload[FORMAT_BYTES_SIZE];

		table_column(table, format_bytes(sizes[s], payload, sizeof(payload)), COLUMN_MS);
	}
	for (int kind = ARM_NO_OP + 1; kind < ARM_COUNT; kind++)
	{
		bool		any = false;

		for (int i = 0; i < result->narms; i++)
			any = any || (int) result->arms[i].kind == kind;
		if (!any)
			continue;
		table_text(table, arm_titles[kind]);
		for (int s = 0; s < nsizes; s++)
		{
			const Arm  *arm = find_arm(result, (ArmKind) kind, sizes[s]);

			table_number(table, arm != NULL ? arm_summary(arm, METRIC_ROUND_TRIP).p50 : NAN);
		}
	}
	table_rule(table);
	for (int origin = 0; origin < ORIGIN_COUNT; origin++)
	{
		bool		any = false;

		for (int s = 0; s < nsizes; s++)
			any = any || !isnan(recorded_step(result, (Origin) origin, sizes[s]));
		if (!any)
			continue;
		table_text(table, origin == ORIGIN_SERVER ? "step, server's payload" : "step, client's payload");
		for (int s = 0; s < nsizes; s++)
			table_number(table, recorded_step(result, (Origin) origin, sizes[s]));
	}
	table_print(table, stdout);
	table_free(table);
}

static void
print_network(const Result *result)
{
	Table	   *table = table_create();
	int			nlines = 0;
	int			disagree = 0;

	table_column(table, "origin", COLUMN_TEXT);
	table_column(table, "payload", COLUMN_LABEL);
	table_column(table, "in the step", COLUMN_MS);
	table_column(table, "by the arm", COLUMN_MS);
	table_column(table, "arm", COLUMN_TEXT);
	table_column(table, "difference", COLUMN_DELTA);
	table_column(table, "percent", COLUMN_PERCENT);
	table_column(table, "", COLUMN_TEXT);
	for (int i = 0; i < result->nseries; i++)
	{
		const Series *series = result->series[i];

		for (int s = 0; s < series->nsteps; s++)
		{
			char		payload[FORMAT_BYTES_SIZE];
			NetworkCheck check;

			if (!network_check(result, series, s, &check))
				continue;
			table_text(table, origin_names[series->origin]);
			table_text(table, format_bytes(series->steps[s].payload_bytes, payload, sizeof(payload)));
			table_number(table, check.step_ms);
			table_number(table, check.arm_ms);
			table_text(table, arm_titles[check.arm]);
			table_number(table, check.difference_ms);
			table_number(table, check.difference_percent);
			table_text(table, check.agrees ? "" : "!");
			nlines++;
			disagree += !check.agrees;
		}
	}
	if (nlines > 0)
	{
		report_heading("The network, measured twice (p50, ms)");
		table_print(table, stdout);
		if (disagree > 0)
			printf("! The two disagree by more than 5 %% and more than 0.010 ms (%d of %d).\n",
				   disagree, nlines);
		else
			printf("All %d agree within 5 %% or 0.010 ms.\n", nlines);
		if (!isnan(result->tcp_rtt_ms))
			printf("The kernel's own view of the connection: round trip %.3f ms (smoothed), %lld\n"
				   "segments sent again.\n",
				   result->tcp_rtt_ms, (long long) result->tcp_retransmits);
	}
	table_free(table);
}

static void
print_no_op(const Result *result)
{
	for (int i = 0; i < result->narms; i++)
	{
		Summary		summary;

		if (result->arms[i].kind != ARM_NO_OP)
			continue;
		summary = arm_summary(&result->arms[i], METRIC_ROUND_TRIP);
		if (summary.n == 0)
			continue;
		if (isnan(summary.ci_low))
			printf("A call that does nothing takes %.3f ms.\n", summary.p50);
		else
			printf("A call that does nothing takes %.3f ms (95 %%: %.3f to %.3f).\n",
				   summary.p50, summary.ci_low, summary.ci_high);
		return;
	}
}

/* The arms' table, in several where not all sizes fit. */
static void
print_pages(const Result *result, const int64_t *sizes, int nsizes)
{
	char		(*text)[FORMAT_BYTES_SIZE] = xcalloc((size_t) nsizes, sizeof(*text));
	const char **names = xcalloc((size_t) nsizes, sizeof(char *));

	for (int s = 0; s < nsizes; s++)
		names[s] = format_bytes(sizes[s], text[s], FORMAT_BYTES_SIZE);
	for (int s = 0; s < nsizes;)
	{
		int			fitting = report_fitting(NAMES_WIDTH, names + s, nsizes - s);

		if (s > 0)
			putchar('\n');
		print_arms(result, sizes + s, fitting);
		s += fitting;
	}
	free(names);
	free(text);
}

void
report_arms(const Result *result)
{
	int64_t    *sizes;
	int			nsizes;

	if (result->narms == 0)
		return;
	nsizes = arm_sizes(result, &sizes);
	report_heading("Differential arms: parts of the way left out");
	print_pages(result, sizes, nsizes);
	print_no_op(result);
	free(sizes);
	print_network(result);
}
