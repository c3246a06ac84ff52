/*
 * full_approaches.c
 *	  One step per size against one step for all, and the same step by every
 *	  drive and origin.
 */
#include <math.h>
#include <stdlib.h>

#include "report/full.h"
#include "util/memory.h"

static void
add_approach(Table *table, const char *name, const WorkflowFigures *workflow, double overhead)
{
	const Summary *time = &workflow->whole.time[METRIC_ROUND_TRIP];
	char		payload[FORMAT_BYTES_SIZE];

	table_text(table, name);
	table_integer(table, workflow->nsteps);
	table_text(table, format_bytes(workflow->whole.payload_bytes, payload, sizeof(payload)));
	table_integer(table, time->n);
	table_number(table, time->median.value);
	table_interval(table, time->median.low, time->median.high);
	table_number(table, workflow->whole.first.value);
	table_number(table, time->median.value / workflow->nsteps);
	if (isnan(overhead))
		table_text(table, "-");
	else
		table_number(table, overhead);
}

static void
add_estimate(Table *table, const char *name, const Estimate *estimate)
{
	table_text(table, name);
	table_number(table, estimate->value);
	table_interval(table, estimate->low, estimate->high);
}

void
full_approaches(const Pair *pair, FILE *out)
{
	const Approaches *a = pair->approaches;
	Table	   *table;

	if (a == NULL || pair->batched == NULL)
		return;
	print_heading(out, "The two approaches, ms");
	table = table_create();
	table_column(table, "approach", COLUMN_TEXT);
	table_column(table, "steps", COLUMN_INTEGER);
	table_column(table, "payload", COLUMN_LABEL);
	table_column(table, "n", COLUMN_INTEGER);
	table_column(table, "total p50", COLUMN_MS);
	table_column(table, "95 % interval", COLUMN_INTERVAL);
	table_column(table, "first", COLUMN_MS);
	table_column(table, "per step", COLUMN_MS);
	table_column(table, "overhead/step", COLUMN_MS);
	add_approach(table, "multiple steps", pair->multiple,
				 a->nsteps > 1 ? a->saved_ms.value / (a->nsteps - 1) : NAN);
	add_approach(table, "one batched step", pair->batched, NAN);
	finish_table(table, out);
	fputc('\n', out);
	table = table_create();
	table_column(table, "multiple against batched", COLUMN_TEXT);
	table_column(table, "", COLUMN_MS);
	table_column(table, "95 % interval", COLUMN_INTERVAL);
	add_estimate(table, "ratio multiple / batched", &a->ratio);
	add_estimate(table, "saved, ms", &a->saved_ms);
	add_estimate(table, "floor, ms", &a->floor_ms);
	add_estimate(table, "(steps - 1) x floor, ms", &a->expected_saving_ms);
	add_estimate(table, "saved beyond that, ms", &a->shortfall_ms);
	add_estimate(table, "saves 10 % from a round-trip time of, ms", &a->break_even_rtt_ms);
	finish_table(table, out);
	print_item(out, "", "Each per iteration and then by block. floor: the smallest step's time. overhead/step: what each step more than "
			   "one cost, saved / (steps - 1).");
}

/* the same step by every drive and origin, where there are several */
static void
print_side_by_side(const Figures *figures, int side, Metric metric, const char *heading, FILE *out)
{
	const WorkflowFigures *columns[DRIVE_COUNT * ORIGIN_COUNT];
	int			n = 0;
	Table	   *table;

	for (int w = 0; w < figures->nworkflows && n < DRIVE_COUNT * ORIGIN_COUNT; w++)
	{
		const WorkflowFigures *workflow = &figures->workflows[w];

		if (workflow->side == side && workflow->kind == WORKFLOW_MULTIPLE && workflow->nsteps > 0 &&
			isfinite(workflow->steps[0].time[metric].median.value))
			columns[n++] = workflow;
	}
	if (n < 2)
		return;
	print_heading(out, "%s side by side, p50 in ms%s%s", heading, figures->nsides > 1 ? ": " : "",
				  figures->nsides > 1 ? figures->sides[side].label : "");
	table = table_create();
	table_column(table, "payload", COLUMN_LABEL);
	for (int c = 0; c < n; c++)
	{
		char	   *name = xasprintf("%s/%s", drive_names[columns[c]->drive], origin_names[columns[c]->origin]);

		table_column(table, name, COLUMN_MS);
		free(name);
	}
	for (int s = 0; s < columns[0]->nsteps; s++)
	{
		char		payload[FORMAT_BYTES_SIZE];

		table_text(table, format_bytes(columns[0]->steps[s].payload_bytes, payload, sizeof(payload)));
		for (int c = 0; c < n; c++)
			table_number(table, s < columns[c]->nsteps ? columns[c]->steps[s].time[metric].median.value : NAN);
	}
	finish_table(table, out);
}

void
full_steps_side_by_side(const Figures *figures, int side, FILE *out)
{
	print_side_by_side(figures, side, METRIC_ROUND_TRIP, "Round trip per step", out);
	print_side_by_side(figures, side, METRIC_SERVER_TOTAL, "Server's time per step", out);
}
