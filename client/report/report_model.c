/*
 * report_model.c
 *	  The model in tables: the fits, predicted beside measured, break-even, and
 *	  an assumed round-trip time.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/report.h"
#include "statistics/model.h"
#include "statistics/summary.h"
#include "util/memory.h"
#include "util/table.h"

static void
print_fits(const PairModel *pair)
{
	Table	   *table = table_create();
	bool		poor = false;
	bool		any = false;

	table_column(table, "part", COLUMN_TEXT);
	table_column(table, "floor ms", COLUMN_MS);
	table_column(table, "95 %", COLUMN_INTERVAL);
	table_column(table, "ms per MB", COLUMN_MS);
	table_column(table, "95 %", COLUMN_INTERVAL);
	table_column(table, "R2", COLUMN_RATIO);
	table_column(table, "worst miss %", COLUMN_PERCENT);
	table_column(table, "at", COLUMN_LABEL);
	table_column(table, "", COLUMN_TEXT);
	for (int m = METRIC_ROUND_TRIP; m < METRIC_COUNT; m++)
	{
		const Fit  *fit = &pair->fits[m];
		char		size[FORMAT_BYTES_SIZE];
		bool		this_poor;

		if (!fit->known)
			continue;
		this_poor = fabs(fit->worst_percent) > MODEL_POOR_PERCENT;
		poor = poor || this_poor;
		any = true;
		table_text(table, m == METRIC_ROUND_TRIP ? "round trip" :
				   m == METRIC_SERVER_TOTAL ? "server total" : metric_names[m]);
		table_number(table, fit->floor_ms.estimate);
		table_interval(table, fit->floor_ms.low, fit->floor_ms.high);
		table_number(table, fit->slope_ms_per_mb.estimate);
		table_interval(table, fit->slope_ms_per_mb.low, fit->slope_ms_per_mb.high);
		table_number(table, fit->r_squared);
		table_number(table, fit->worst_percent);
		table_text(table, format_bytes(fit->worst_bytes, size, sizeof(size)));
		table_text(table, this_poor ? "poor" : "");
		if (m == METRIC_ROUND_TRIP)
			table_rule(table);
	}
	if (any)
	{
		report_heading("The model, time = floor + slope x bytes: drive %s, origin %s",
					   drive_names[pair->multiple->drive], origin_names[pair->multiple->origin]);
		table_print(table, stdout);
		printf("Least squares on the medians, weighted by 1 / median^2; 1 MB = 1,000,000 bytes.\n"
			   "The intervals say how well the line is known, not that a line is right.\n");
		if (poor)
			printf("poor: the line misses a median by more than %.0f %%; read the measured table there.\n",
				   MODEL_POOR_PERCENT);
	}
	table_free(table);
}

static void
add_prediction(Table *table, const char *what, const Prediction *prediction)
{
	if (!prediction->known || !isfinite(prediction->measured_ms))
		return;
	table_text(table, what);
	table_number(table, prediction->predicted_ms);
	table_number(table, prediction->measured_ms);
	table_number(table, 100.0 * (prediction->predicted_ms / prediction->measured_ms - 1.0));
}

static void
print_predictions(const ModelResult *model)
{
	bool		any = false;
	Table	   *table = table_create();

	table_column(table, "predicted beside measured", COLUMN_TEXT);
	table_column(table, "predicted ms", COLUMN_MS);
	table_column(table, "measured ms", COLUMN_MS);
	table_column(table, "off by %", COLUMN_PERCENT);
	for (int i = 0; i < model->npairs; i++)
	{
		const PairModel *pair = &model->pairs[i];
		const char *drive = drive_names[pair->multiple->drive];
		const char *origin = origin_names[pair->multiple->origin];
		int			n = pair->multiple->nsteps;
		char	   *text[PREDICTION_COUNT];

		text[PREDICT_MULTIPLE_BY_FIT] = xasprintf("%s, %s: %d steps by the fit", drive, origin, n);
		text[PREDICT_BATCHED_BY_FIT] = xasprintf("%s, %s: batch by the fit", drive, origin);
		text[PREDICT_BATCHED_BY_FLOORS] = xasprintf("%s, %s: batch = %d steps - %d floors",
													drive, origin, n, n - 1);
		text[PREDICT_ONE_WAIT] = xasprintf("%s, %s: calls - %d network waits", drive, origin, n - 1);
		for (int p = 0; p < PREDICTION_COUNT; p++)
		{
			any = any || pair->predictions[p].known;
			add_prediction(table, text[p], &pair->predictions[p]);
			free(text[p]);
		}
	}
	if (any)
	{
		report_heading("Predicted beside measured (p50)");
		table_print(table, stdout);
	}
	table_free(table);
}

static void
print_saving(double rtt, const char *saving)
{
	if (isnan(rtt))
		printf("it never saves %s", saving);
	else if (rtt <= 0.0)
		printf("it saves %s at any round-trip time", saving);
	else
		printf("it saves %s from a round-trip time of %.3f ms on", saving, rtt);
}

static void
print_break_even(const PairModel *pair)
{
	if (pair->multiple->drive != DRIVE_CALLS || pair->batched == NULL ||
		pair->multiple->nsteps < 2 || !isfinite(pair->rtt_ms) ||
		!isfinite(series_summary(pair->multiple, -1, METRIC_ROUND_TRIP).p50) ||
		!isfinite(series_summary(pair->batched, -1, METRIC_ROUND_TRIP).p50))
		return;
	report_heading("Break-even: drive calls, origin %s", origin_names[pair->multiple->origin]);
	printf("One batched call instead of %d: ", pair->multiple->nsteps);
	print_saving(pair->break_even_10_ms, "10 %");
	printf(",\nand ");
	print_saving(pair->break_even_half_ms, "half");
	printf(".\nFrom the measured medians; the round-trip time now is %.3f ms\n"
		   "(the network's part of the smallest step).\n", pair->rtt_ms);
}

static void
print_assumed(const ModelResult *model, Origin origin, double rtt)
{
	Table	   *table;
	bool		any = false;
	bool		measured;

	for (int d = 0; d < DRIVE_COUNT; d++)
		any = any || isfinite(model_at_rtt(model, WORKFLOW_MULTIPLE, (Drive) d, origin, rtt, &measured));
	if (!any)
		return;
	report_heading("At a round-trip time of %g ms: origin %s", rtt, origin_names[origin]);
	table = table_create();
	table_column(table, "approach", COLUMN_TEXT);
	table_column(table, "ms", COLUMN_MS);
	table_column(table, "from", COLUMN_TEXT);
	for (int d = 0; d < DRIVE_COUNT; d++)
	{
		double		ms = model_at_rtt(model, WORKFLOW_MULTIPLE, (Drive) d, origin, rtt, &measured);
		char	   *text;

		if (!isfinite(ms))
			continue;
		text = xasprintf("one step per size, %s", drive_names[d]);
		table_text(table, text);
		table_number(table, ms);
		table_text(table, measured ? "this drive, measured here" : "the calls' time, with one wait");
		free(text);
	}
	for (int d = 0; d < DRIVE_COUNT; d++)
	{
		double		ms = model_at_rtt(model, WORKFLOW_BATCHED, (Drive) d, origin, rtt, &measured);
		char	   *text;

		if (!isfinite(ms))
			continue;
		text = xasprintf("one batched step, %s", drive_names[d]);
		table_text(table, text);
		table_number(table, ms);
		table_text(table, "this drive, measured here");
		free(text);
	}
	table_print(table, stdout);
	printf("Each wait for the network is longer by the difference to the round-trip time here.\n"
		   "Bandwidth is not modelled: on a slow or long line large payloads take longer than this.\n");
	table_free(table);
}

/* the server's parts by another drive are those of the calls over again */
static bool
shows_fits(const ModelResult *model, const PairModel *pair)
{
	if (pair->multiple->drive == DRIVE_CALLS)
		return true;
	for (int i = 0; i < model->npairs; i++)
	{
		if (model->pairs[i].multiple->drive == DRIVE_CALLS &&
			model->pairs[i].multiple->origin == pair->multiple->origin)
			return false;
	}
	return true;
}

void
report_model(const Result *result)
{
	ModelResult model;

	model_make(result, &model);
	for (int i = 0; i < model.npairs; i++)
	{
		if (shows_fits(&model, &model.pairs[i]))
			print_fits(&model.pairs[i]);
	}
	print_predictions(&model);
	for (int i = 0; i < model.npairs; i++)
		print_break_even(&model.pairs[i]);
	if (isfinite(result->options->assume_rtt_ms))
	{
		for (int o = 0; o < ORIGIN_COUNT; o++)
			print_assumed(&model, (Origin) o, result->options->assume_rtt_ms);
	}
	model_free(&model);
}
