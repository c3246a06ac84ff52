/*
 * full_model.c
 *	  The fits time = floor + slope x bytes, and what they miss.
 */
#include <math.h>

#include "report/full.h"

void
full_model(const Pair *pair, FILE *out)
{
	Table	   *table;
	bool		any = false;
	bool		poor = false;

	if (pair->model == NULL)
		return;
	for (Metric m = 0; m < METRIC_COUNT; m++)
		any = any || pair->model->fits[m].known;
	if (!any)
		return;
	table = table_create();
	table_columns(table, "part", COLUMN_TEXT, "floor ms", COLUMN_MS, "95 %", COLUMN_INTERVAL,
				  "ms per MB", COLUMN_MS, "95 %", COLUMN_INTERVAL, "worst miss %", COLUMN_PERCENT,
				  "at", COLUMN_LABEL, "", COLUMN_TEXT, NULL);
	for (Metric m = 0; m < METRIC_COUNT; m++)
	{
		const Fit  *fit = &pair->model->fits[m];

		if (!fit->known)
			continue;
		table_text(table, metric_title(m));
		if (fit->poor)
		{
			/* a line that is not one has no floor and no slope */
			poor = true;
			for (int c = 0; c < 4; c++)
				table_text(table, "-");
		}
		else
		{
			table_estimate(table, &fit->floor_ms);
			table_estimate(table, &fit->slope_ms_per_mb);
		}
		table_number(table, fit->worst_percent);
		table_text(table, words_bytes(fit->worst_bytes));
		table_text(table, fit->poor ? "no line" : "");
		if (m == METRIC_ROUND_TRIP)
			table_rule(table);
	}
	print_heading(out, "The model, time = floor + slope x bytes");
	finish_table(table, out);
	print_item(out, "", "Fitted in each block on its medians. An interval says how well the line is known, not that a line is right.");
	if (poor)
		fprintf(out, "no line: the best one misses a median by more than %.0f %%; read the measured table there.\n",
				MODEL_POOR_PERCENT);
}
