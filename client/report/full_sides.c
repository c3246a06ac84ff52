/*
 * full_sides.c
 *	  The tables of one side: the baselines, and the same step by every drive and origin.
 */
#include <math.h>
#include <stdlib.h>

#include "report/full.h"
#include "util/memory.h"

static const char *const baseline_titles[BASELINE_COUNT] = {
	[BASELINE_NO_OP] = "no-op",
	[BASELINE_RECEIVE] = "sent, dropped",
	[BASELINE_SEND] = "made, returned",
	[BASELINE_SEND_HEX] = "made, returned as hex",
	[BASELINE_REPLAY] = "replayed",
	[BASELINE_INSERT] = "bare INSERT",
	[BASELINE_IDLE] = "step after 5 ms of idling",
	[BASELINE_EMPTY] = "empty query"
};

/* the same payload with parts of the way left out, and the kernel's own view of the network */
void
full_baselines(const Figures *figures, int side, FILE *out)
{
	const Side *here = &figures->sides[side];
	Table	   *table = table_create();
	int			n = 0;
	BaselineKind last = BASELINE_COUNT;

	table_columns(table, "baseline", COLUMN_TEXT, "payload", COLUMN_LABEL, "n", COLUMN_INTEGER,
				  "p50", COLUMN_MS, "95 % interval", COLUMN_INTERVAL, "less step", COLUMN_DELTA,
				  "95 % interval", COLUMN_INTERVAL, "ratio", COLUMN_RATIO, NULL);
	for (int kind = 0; kind < BASELINE_COUNT; kind++)
	{
		for (int i = 0; i < figures->nbaselines; i++)
		{
			const BaselineFigures *baseline = &figures->baselines[i];
			const Summary *time = &baseline->time[METRIC_ROUND_TRIP];

			if ((int) baseline->kind != kind || baseline->side != side || time->n == 0)
				continue;
			if (n++ > 0 && baseline->kind != last)
				table_rule(table);
			last = baseline->kind;
			table_text(table, baseline_titles[kind]);
			table_text(table, kind == BASELINE_NO_OP || kind == BASELINE_EMPTY ? "" : words_bytes(baseline->payload_bytes));
			table_integer(table, time->n);
			table_estimate(table, &time->median);
			table_estimate(table, &baseline->difference_ms);
			table_number(table, baseline->ratio.value);
		}
	}
	if (n > 0)
	{
		print_heading(out, "Baselines: parts of the way left out, round trip in ms%s", words_of_side(figures, side));
		finish_table(table, out);
		print_item(out, "", "less step: against the recorded step of that size in the same iteration, hex against \"made, returned\".");
	}
	else
		table_free(table);
	if (isfinite(here->tcp_rtt_ms) && here->tcp_retransmits != UNKNOWN)
		fprintf(out, "The kernel's own view of the connection: round trip %.3f ms (smoothed), segments sent again: %lld.\n",
				here->tcp_rtt_ms, (long long) here->tcp_retransmits);
}

/* the pairs of a side whose steps have a metric */
typedef struct Columns
{
	Pair		pairs[DRIVE_COUNT * ORIGIN_COUNT];
	int			n;
	Metric		metric;
} Columns;

static Table *
make_side_by_side(const void *context, int first, int n)
{
	const Columns *columns = context;
	const Pair *pairs = columns->pairs + first;
	Table	   *table = table_create();

	table_column(table, "payload", COLUMN_LABEL);
	for (int c = 0; c < n; c++)
	{
		Drive		drive = pairs[c].multiple->drive;
		char	   *name = drive_is_profile(drive) ? xstrdup(drive_names[drive]) :
			xasprintf("%s/%s", drive_names[drive], origin_names[pairs[c].multiple->origin]);

		table_column(table, name, COLUMN_MS);
		free(name);
	}
	for (int s = 0; s < pairs[0].nsteps; s++)
	{
		table_text(table, pairs[0].cells[s].name);
		for (int c = 0; c < n; c++)
			table_number(table, s < pairs[c].nsteps ?
						 pairs[c].cells[s].cell->time[columns->metric].median.value : NAN);
	}
	return table;
}

/* the same step by every drive and origin, where there are several */
static void
print_side_by_side(const Figures *figures, int side, Metric metric, const char *heading, FILE *out)
{
	Columns    *columns = xcalloc(1, sizeof(Columns));
	Pair		pair;

	columns->metric = metric;
	for (int i = 0; columns->n < DRIVE_COUNT * ORIGIN_COUNT && pair_at(figures, i, &pair); i++)
	{
		if (pair.multiple->side == side && isfinite(pair.cells[0].cell->time[metric].median.value))
			columns->pairs[columns->n++] = pair;
	}
	if (columns->n > 1)
	{
		print_heading(out, "%s side by side, p50 in ms%s", heading, words_of_side(figures, side));
		print_in_pages(out, make_side_by_side, columns, columns->n);
	}
	free(columns);
}

void
full_steps_side_by_side(const Figures *figures, int side, FILE *out)
{
	print_side_by_side(figures, side, METRIC_ROUND_TRIP, "Round trip per step", out);
	print_side_by_side(figures, side, METRIC_SERVER_TOTAL, "Server's time per step", out);
}
