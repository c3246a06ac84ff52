/*
 * json_model.c
 *	  The model in the result file: fits, predictions beside measurements, and
 *	  what an assumed round-trip time would make of it.
 */
#include <math.h>

#include "report/json_values.h"
#include "statistics/summary.h"

static const char *const prediction_names[PREDICTION_COUNT] = {
	[PREDICT_MULTIPLE_BY_FIT] = "multiple_by_fit",
	[PREDICT_BATCHED_BY_FIT] = "batched_by_fit",
	[PREDICT_BATCHED_BY_FLOORS] = "batched_by_floors",
	[PREDICT_ONE_WAIT] = "one_wait"
};

static json_t *
interval_json(const Interval *interval)
{
	json_t	   *object = json_object();

	put(object, "estimate", real_or_null(interval->estimate));
	put(object, "ci_low", real_or_null(interval->low));
	put(object, "ci_high", real_or_null(interval->high));
	return object;
}

static json_t *
fit_json(const Fit *fit)
{
	json_t	   *object = json_object();

	if (!fit->known)
	{
		json_decref(object);
		return json_null();
	}
	put(object, "points", json_integer(fit->npoints));
	put(object, "floor_ms", interval_json(&fit->floor_ms));
	put(object, "slope_ms_per_mb", interval_json(&fit->slope_ms_per_mb));
	put(object, "r_squared", real_or_null(fit->r_squared));
	put(object, "worst_percent", real_or_null(fit->worst_percent));
	put(object, "worst_bytes", json_integer(fit->worst_bytes));
	return object;
}

static json_t *
pair_json(const PairModel *pair)
{
	json_t	   *object = json_object();
	json_t	   *fits = json_object();
	json_t	   *predictions = json_object();

	for (int m = METRIC_ROUND_TRIP; m < METRIC_UNATTRIBUTED; m++)
		put(fits, metric_names[m], fit_json(&pair->fits[m]));
	put(fits, metric_names[METRIC_SERVER_TOTAL], fit_json(&pair->fits[METRIC_SERVER_TOTAL]));
	for (int p = 0; p < PREDICTION_COUNT; p++)
	{
		const Prediction *prediction = &pair->predictions[p];
		json_t	   *values = json_object();

		put(values, "predicted_ms", real_or_null(prediction->known ? prediction->predicted_ms : NAN));
		put(values, "measured_ms", real_or_null(prediction->known ? prediction->measured_ms : NAN));
		put(predictions, prediction_names[p], values);
	}
	put(object, "drive", json_string(drive_names[pair->multiple->drive]));
	put(object, "origin", json_string(origin_names[pair->multiple->origin]));
	put(object, "rtt_ms", real_or_null(pair->rtt_ms));
	put(object, "floor_ms", real_or_null(pair->floor_ms));
	put(object, "break_even_10_percent_rtt_ms", real_or_null(pair->break_even_10_ms));
	put(object, "break_even_half_rtt_ms", real_or_null(pair->break_even_half_ms));
	put(object, "fits", fits);
	put(object, "predictions", predictions);
	return object;
}

/* What every drive and origin would take at --assume-rtt. */
static json_t *
at_rtt_json(const ModelResult *model, double rtt_ms)
{
	json_t	   *array = json_array();

	for (int drive = 0; drive < DRIVE_COUNT; drive++)
	{
		for (int origin = 0; origin < ORIGIN_COUNT; origin++)
		{
			for (int kind = WORKFLOW_MULTIPLE; kind <= WORKFLOW_BATCHED; kind++)
			{
				bool		measured = false;
				double		total = model_at_rtt(model, (WorkflowKind) kind, (Drive) drive,
												 (Origin) origin, rtt_ms, &measured);
				json_t	   *object;

				if (!isfinite(total))
					continue;
				object = json_object();
				put(object, "workflow", json_string(workflow_names[kind]));
				put(object, "drive", json_string(drive_names[drive]));
				put(object, "origin", json_string(origin_names[origin]));
				put(object, "total_ms", json_real(total));
				put(object, "from_measurement", json_boolean(measured));
				json_array_append_new(array, object);
			}
		}
	}
	return array;
}

json_t *
model_json(const Result *result)
{
	json_t	   *object = json_object();
	json_t	   *pairs = json_array();
	double		rtt_ms = result->options->assume_rtt_ms;
	ModelResult model;

	model_make(result, &model);
	for (int i = 0; i < model.npairs; i++)
		json_array_append_new(pairs, pair_json(&model.pairs[i]));
	put(object, "pairs", pairs);
	put(object, "assumed_rtt_ms", real_or_null(rtt_ms));
	put(object, "at_assumed_rtt", isfinite(rtt_ms) ? at_rtt_json(&model, rtt_ms) : json_null());
	model_free(&model);
	return object;
}
