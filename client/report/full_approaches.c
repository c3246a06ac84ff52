/*
 * full_approaches.c
 *	  One step per size against one step for all, and the same step by every
 *	  drive and origin.
 */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "report/full.h"
#include "util/memory.h"

static void
add_approach(Table *table, const char *name, const WorkflowFigures *workflow, double overhead)
{
	const Summary *time = &workflow->whole.time[METRIC_ROUND_TRIP];

	table_text(table, name);
	table_integer(table, workflow->nsteps);
	table_text(table, words_bytes(workflow->whole.payload_bytes));
	table_integer(table, time->n);
	table_estimate(table, &time->median);
	table_number(table, workflow->whole.first.value);
	table_number(table, time->median.value / workflow->nsteps);
	if (isnan(overhead))
		table_text(table, "-");
	else
		table_number(table, overhead);
}

void
full_approaches(const Pair *pair, FILE *out)
{
	static const struct
	{
		const char *name;
		size_t		estimate;	/* where in Approaches */
	}			rows[] = {
		{"ratio multiple / batched", offsetof(Approaches, ratio)},
		{"saved, ms", offsetof(Approaches, saved_ms)},
		{"floor, ms", offsetof(Approaches, floor_ms)},
		{"(steps - 1) x floor, ms", offsetof(Approaches, expected_saving_ms)},
		{"saved beyond that, ms", offsetof(Approaches, shortfall_ms)},
		{"saves 10 % from a round-trip time of, ms", offsetof(Approaches, break_even_rtt_ms)}
	};
	const Approaches *a = pair->approaches;
	Table	   *table;

	if (a == NULL || pair->batched == NULL)
		return;
	print_heading(out, "The two approaches, ms");
	table = table_create();
	table_columns(table, "approach", COLUMN_TEXT, "steps", COLUMN_INTEGER, "payload", COLUMN_LABEL,
				  "n", COLUMN_INTEGER, "total p50", COLUMN_MS, "95 % interval", COLUMN_INTERVAL,
				  "first", COLUMN_MS, "per step", COLUMN_MS, "overhead/step", COLUMN_MS, NULL);
	add_approach(table, "multiple steps", pair->multiple,
				 a->nsteps > 1 ? a->saved_ms.value / (a->nsteps - 1) : NAN);
	add_approach(table, "one batched step", pair->batched, NAN);
	finish_table(table, out);
	fputc('\n', out);
	table = table_create();
	table_columns(table, "multiple against batched", COLUMN_TEXT, "", COLUMN_MS,
				  "95 % interval", COLUMN_INTERVAL, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		table_text(table, rows[i].name);
		table_estimate(table, (const Estimate *) ((const char *) a + rows[i].estimate));
	}
	finish_table(table, out);
	print_item(out, "", "Each per iteration and then by block. floor: the smallest step's time. overhead/step: what each step more than "
			   "one cost, saved / (steps - 1).");
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
