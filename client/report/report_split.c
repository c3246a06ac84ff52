/*
 * report_split.c
 *	  Where the time of a step goes, what it writes and sends, and whether two
 *	  ways of measuring the network agree.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "report.h"
#include "result.h"
#include "summary.h"
#include "table.h"

/* of the names of the parts */
#define NAMES_WIDTH 12

/* what stands in one column of the split */
typedef struct Across
{
	const Series *series;
	int			step;			/* -1: the workflow as one */
	char		name[FORMAT_BYTES_SIZE];
	double		p50[METRIC_COUNT];	/* ms */
} Across;

/* What the parts are parts of: the round trip, else the server's own total. */
static double
whole_of(const Across *across)
{
	double		round_trip = across->p50[METRIC_ROUND_TRIP];

	return isnan(round_trip) ? across->p50[METRIC_SERVER_TOTAL] : round_trip;
}

static void
set_across(Across *across, const Series *series, int step, const char *name)
{
	across->series = series;
	across->step = step;
	snprintf(across->name, sizeof(across->name), "%s", name);
	for (int m = 0; m < METRIC_COUNT; m++)
		across->p50[m] = series_summary(series, step, (Metric) m).p50;
}

/* The columns of one drive and origin: each step, all steps, the batch. */
static int
make_across(const Series *multiple, const Series *batched, Across **across)
{
	int			n = 0;
	char		payload[FORMAT_BYTES_SIZE];

	*across = xcalloc((size_t) multiple->nsteps + 2, sizeof(Across));
	for (int s = 0; s < multiple->nsteps; s++)
		set_across(&(*across)[n++], multiple, s,
				   format_bytes(multiple->steps[s].payload_bytes, payload, sizeof(payload)));
	set_across(&(*across)[n++], multiple, -1, "all steps");

	/* a batch of one call is that call; else only the workflow has all parts */
	if (batched != NULL)
		set_across(&(*across)[n++], batched, series_has_step_round_trips(batched) ? 0 : -1, "batch");
	return n;
}

static Table *
across_table(const char *title, const Across *across, int n, ColumnType type)
{
	Table	   *table = table_create();

	table_column(table, title, COLUMN_TEXT);
	for (int c = 0; c < n; c++)
		table_column(table, across[c].name, type);
	return table;
}

static void
add_metric(Table *table, const char *name, Metric metric, const Across *across, int n)
{
	table_text(table, name);
	for (int c = 0; c < n; c++)
		table_number(table, across[c].p50[metric]);
}

static void
finish(Table *table)
{
	table_print(table, stdout);
	table_free(table);
}

static void
print_milliseconds(const Across *across, int n)
{
	Table	   *table = across_table("ms (p50)", across, n, COLUMN_MS);

	for (int m = FIRST_PART; m <= (int) LAST_PART; m++)
		add_metric(table, metric_names[m], (Metric) m, across, n);
	table_rule(table);
	table_text(table, "sum of parts");
	for (int c = 0; c < n; c++)
	{
		double		sum = 0.0;
		int			known = 0;

		for (int m = FIRST_PART; m <= (int) LAST_PART; m++)
		{
			double		part = across[c].p50[m];

			if (isnan(part))
				continue;
			sum += part;
			known++;
		}
		table_number(table, known > 0 ? sum : NAN);
	}
	add_metric(table, "round trip", METRIC_ROUND_TRIP, across, n);
	add_metric(table, "server total", METRIC_SERVER_TOTAL, across, n);
	finish(table);
}

static void
print_percent(const Across *across, int n)
{
	Table	   *table = across_table("percent", across, n, COLUMN_PERCENT);

	for (int m = FIRST_PART; m <= (int) LAST_PART; m++)
	{
		table_text(table, metric_names[m]);
		for (int c = 0; c < n; c++)
			table_number(table, 100.0 * across[c].p50[m] / whole_of(&across[c]));
	}
	finish(table);
}

/* Wall and CPU time under one another, for the phases that have both. */
static void
print_cpu(const Across *across, int n)
{
	static const Metric phases[][2] = {
		{METRIC_CHECK, METRIC_CHECK_CPU},
		{METRIC_GENERATE, METRIC_GENERATE_CPU},
		{METRIC_STORE, METRIC_STORE_CPU},
		{METRIC_OUTPUT, METRIC_OUTPUT_CPU},
		{METRIC_COMMIT, METRIC_COMMIT_CPU}
	};
	Table	   *table = across_table("ms (p50)", across, n, COLUMN_MS);

	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
	{
		add_metric(table, metric_names[phases[i][0]], phases[i][0], across, n);
		add_metric(table, "  of it CPU", phases[i][1], across, n);
	}
	finish(table);
}

/* The largest unattributed time, so that nobody has to look for it. */
static void
print_unattributed(const Across *across, int n)
{
	const Across *worst = NULL;
	double		worst_percent = 0.0;

	for (int c = 0; c < n; c++)
	{
		double		percent = 100.0 * fabs(across[c].p50[METRIC_UNATTRIBUTED]) / whole_of(&across[c]);

		if (percent >= worst_percent)
		{
			worst = &across[c];
			worst_percent = percent;
		}
	}
	if (worst != NULL)
		printf("Unattributed is at most %.1f %% (%.4f ms, %s).\n", worst_percent,
			   worst->p50[METRIC_UNATTRIBUTED], worst->name);
}

/* Why half of the table is "n/a", where it is. */
static void
print_unknown_server(const Across *across, int n)
{
	for (int c = 0; c < n; c++)
	{
		if (!isnan(across[c].p50[METRIC_SERVER_TOTAL]))
			return;
	}
	printf("The server told no times: dbos_payload.timing is off, or a pooler is in between.\n");
}

static void
print_volumes(const Across *across, int n)
{
	static const struct
	{
		Volume		volume;
		const char *name;
	}			columns[] = {
		{VOLUME_WIRE_SENT, "sent"},
		{VOLUME_WIRE_RECEIVED, "received"},
		{VOLUME_WAL_BYTES, "WAL"},
		{VOLUME_HEAP_BYTES, "heap"},
		{VOLUME_TOAST_BYTES, "TOAST"},
		{VOLUME_WAL_RECORDS, "WAL records"},
		{VOLUME_WAL_FPI, "FPIs"},
		{VOLUME_BLKS_HIT, "hit"},
		{VOLUME_BLKS_READ, "read"},
		{VOLUME_BLKS_DIRTIED, "dirtied"}
	};
	int			ncolumns = (int) (sizeof(columns) / sizeof(columns[0]));
	Table	   *table = table_create();

	table_column(table, "payload", COLUMN_LABEL);
	for (int v = 0; v < ncolumns; v++)
		table_column(table, columns[v].name, COLUMN_INTEGER);
	for (int c = 0; c < n; c++)
	{
		if (across[c].step < 0 || across[c].series->kind == WORKFLOW_BATCHED)
			table_rule(table);
		table_text(table, across[c].name);
		for (int v = 0; v < ncolumns; v++)
			table_integer(table, series_volume(across[c].series, across[c].step, columns[v].volume));
	}
	finish(table);
	printf("Medians. sent, received: bytes on the wire. WAL, heap, TOAST: bytes. FPIs: full-page images.\n"
		   "hit, read, dirtied: shared buffers.\n");
}

typedef void (*PrintAcross) (const Across *across, int n);

/* A table, or several under one another where not all columns fit. */
static void
print_pages(PrintAcross print, const Across *across, int n)
{
	const char **names = xcalloc((size_t) n, sizeof(char *));

	for (int c = 0; c < n; c++)
		names[c] = across[c].name;
	for (int c = 0; c < n;)
	{
		int			fitting = report_fitting(NAMES_WIDTH, names + c, n - c);

		if (c > 0)
			putchar('\n');
		print(across + c, fitting);
		c += fitting;
	}
	free(names);
}

/* in_full: with CPU times and volumes too */
static void
print_pair(const Series *multiple, const Series *batched, bool in_full)
{
	const char *drive = drive_names[multiple->drive];
	const char *origin = origin_names[multiple->origin];
	Across	   *across;
	int			n = make_across(multiple, batched, &across);

	report_heading("Where the time goes: drive %s, origin %s", drive, origin);
	print_pages(print_milliseconds, across, n);
	printf("Each line is a median of its own: the sum of parts need not be the round trip exactly.\n");
	print_unattributed(across, n);
	print_unknown_server(across, n);

	report_heading("The same in percent of the round trip: drive %s, origin %s", drive, origin);
	print_pages(print_percent, across, n);
	if (!series_has_step_round_trips(multiple))
		printf("The steps share one round trip: each step's column is in percent of its time in the server.\n");

	if (!in_full)
	{
		free(across);
		return;
	}
	report_heading("Computing and waiting in the server: drive %s, origin %s", drive, origin);
	print_pages(print_cpu, across, n);

	report_heading("What a step writes and sends: drive %s, origin %s", drive, origin);
	print_volumes(across, n);
	free(across);
}

void
report_split(const Result *result)
{
	for (int i = 0; i < result->nseries; i++)
	{
		if (result->series[i]->kind == WORKFLOW_MULTIPLE)
			print_pair(result->series[i], report_partner(result, i), i == 0);
	}
	if (result->nseries > 2)
		printf("CPU times and volumes of the other drives and origins are in the result file (--json).\n");
	report_arms(result);
	report_approaches(result);
}
