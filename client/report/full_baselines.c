/*
 * full_baselines.c
 *	  The same payload with parts of the way left out, and the kernel's own view
 *	  of the network.
 */
#include <math.h>

#include "report/full.h"

static const char *const titles[BASELINE_COUNT] = {
	[BASELINE_NO_OP] = "no-op",
	[BASELINE_RECEIVE] = "sent, dropped",
	[BASELINE_SEND] = "made, returned",
	[BASELINE_SEND_HEX] = "made, returned as hex",
	[BASELINE_REPLAY] = "replayed",
	[BASELINE_INSERT] = "bare INSERT",
	[BASELINE_IDLE] = "step after 5 ms of idling",
	[BASELINE_EMPTY] = "empty query"
};

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
			table_text(table, titles[kind]);
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
