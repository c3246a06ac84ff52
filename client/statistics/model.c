/*
 * model.c
 *	  From the fits to predictions, break-even points and other round-trip times.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "statistics/model.h"
#include "statistics/summary.h"
#include "util/memory.h"

static int
compare_times(const void *left, const void *right)
{
	int64_t		a = *(const int64_t *) left;
	int64_t		b = *(const int64_t *) right;

	return (a > b) - (a < b);
}

static void
fit_metric(const Series *series, Metric metric, Fit *fit)
{
	size_t		nsteps = (size_t) series->nsteps;
	int64_t   **values = xcalloc(nsteps, sizeof(int64_t *));
	int64_t    *bytes = xcalloc(nsteps, sizeof(int64_t));
	int		   *count = xcalloc(nsteps, sizeof(int));

	for (int s = 0; s < series->nsteps; s++)
	{
		bytes[s] = series->steps[s].payload_bytes;
		count[s] = series_step_times(series, s, metric, &values[s]);
		qsort(values[s], (size_t) count[s], sizeof(int64_t), compare_times);
	}
	fit_make(series->nsteps, bytes, values, count, fit);
	for (int s = 0; s < series->nsteps; s++)
		free(values[s]);
	free(values);
	free(bytes);
	free(count);
}

double
model_break_even_rtt_ms(double multiple_ms, double batched_ms, int n, double rtt_ms, double share)
{
	/*
	 * With d added to each round trip, batched + d = (1 - share) (multiple + n d).
	 */
	double		gain = (1.0 - share) * n - 1.0;
	double		rtt;

	if (gain <= 0.0)
		return NAN;
	rtt = rtt_ms + (batched_ms - (1.0 - share) * multiple_ms) / gain;
	return rtt < 0.0 ? 0.0 : rtt;
}

static void
set_prediction(Prediction *prediction, double predicted, double measured)
{
	prediction->known = isfinite(predicted);
	prediction->predicted_ms = predicted;
	prediction->measured_ms = measured;
}

static const PairModel *
find_pair(const ModelResult *model, Drive drive, Origin origin)
{
	for (int i = 0; i < model->npairs; i++)
	{
		const Series *series = model->pairs[i].multiple;

		if (series->drive == drive && series->origin == origin)
			return &model->pairs[i];
	}
	return NULL;
}

static double
total_of(const Series *series)
{
	return series == NULL ? NAN : series_summary(series, -1, METRIC_ROUND_TRIP).p50;
}

/* what each drive waits for the network: n times, or once */
static int
round_trips(const Series *multiple)
{
	return multiple->drive == DRIVE_CALLS ? multiple->nsteps : 1;
}

static void
pair_make(const Result *result, const Series *multiple, const Series *batched, PairModel *pair)
{
	int			smallest = series_smallest_step(multiple);
	double		total = total_of(multiple);
	double		batch = total_of(batched);
	double		by_fit = 0.0;

	pair->multiple = multiple;
	pair->batched = batched;
	pair->rtt_ms = NAN;
	pair->floor_ms = NAN;
	if (smallest >= 0)
	{
		pair->rtt_ms = series_summary(multiple, smallest, METRIC_NETWORK).p50;
		pair->floor_ms = series_summary(multiple, smallest, METRIC_ROUND_TRIP).p50;
	}
	if (!isfinite(pair->rtt_ms))
		pair->rtt_ms = result->environment->rtt_ms;

	for (int m = METRIC_ROUND_TRIP; m < METRIC_UNATTRIBUTED; m++)
		fit_metric(multiple, (Metric) m, &pair->fits[m]);
	fit_metric(multiple, METRIC_SERVER_TOTAL, &pair->fits[METRIC_SERVER_TOTAL]);

	for (int s = 0; s < multiple->nsteps; s++)
		by_fit += fit_at(&pair->fits[METRIC_ROUND_TRIP], multiple->steps[s].payload_bytes);
	set_prediction(&pair->predictions[PREDICT_MULTIPLE_BY_FIT], by_fit, total);
	if (batched != NULL && batched->nsteps > 0)
	{
		set_prediction(&pair->predictions[PREDICT_BATCHED_BY_FIT],
					   fit_at(&pair->fits[METRIC_ROUND_TRIP], batched->steps[0].payload_bytes), batch);
		set_prediction(&pair->predictions[PREDICT_BATCHED_BY_FLOORS],
					   total - (multiple->nsteps - 1) * pair->floor_ms, batch);
	}
	pair->break_even_10_ms = NAN;
	pair->break_even_half_ms = NAN;
	if (multiple->drive == DRIVE_CALLS)
	{
		pair->break_even_10_ms = model_break_even_rtt_ms(total, batch, multiple->nsteps, pair->rtt_ms, 0.1);
		pair->break_even_half_ms = model_break_even_rtt_ms(total, batch, multiple->nsteps, pair->rtt_ms, 0.5);
	}
}

/* a pipeline or procedure is what the calls are, with one wait instead of n */
static void
predict_one_wait(const ModelResult *model, PairModel *pair)
{
	const PairModel *calls = find_pair(model, DRIVE_CALLS, pair->multiple->origin);

	if (pair->multiple->drive == DRIVE_CALLS || calls == NULL)
		return;
	set_prediction(&pair->predictions[PREDICT_ONE_WAIT],
				   total_of(calls->multiple) - (calls->multiple->nsteps - 1) * calls->rtt_ms,
				   total_of(pair->multiple));
}

void
model_make(const Result *result, ModelResult *model)
{
	model->npairs = 0;
	model->pairs = xcalloc(result->nseries > 0 ? (size_t) result->nseries : 1, sizeof(PairModel));
	for (int i = 0; i < result->nseries; i++)
	{
		if (result->series[i]->kind == WORKFLOW_MULTIPLE)
			pair_make(result, result->series[i], report_partner(result, i),
					  &model->pairs[model->npairs++]);
	}
	for (int i = 0; i < model->npairs; i++)
		predict_one_wait(model, &model->pairs[i]);
}

void
model_free(ModelResult *model)
{
	free(model->pairs);
	memset(model, 0, sizeof(*model));
}

double
model_at_rtt(const ModelResult *model, WorkflowKind kind, Drive drive, Origin origin,
			 double rtt_ms, bool *measured)
{
	const PairModel *pair = find_pair(model, drive, origin);
	const PairModel *calls = find_pair(model, DRIVE_CALLS, origin);
	double		longer = NAN;

	/*
	 * A pipeline's or procedure's steps have no network part of their own: the
	 * round-trip time is that of the calls where they were driven.
	 */
	if (calls != NULL || pair != NULL)
		longer = rtt_ms - (calls != NULL ? calls : pair)->rtt_ms;
	*measured = true;
	if (kind == WORKFLOW_BATCHED)
		return pair == NULL ? NAN : total_of(pair->batched) + longer;
	if (pair != NULL && isfinite(total_of(pair->multiple)))
		return total_of(pair->multiple) + round_trips(pair->multiple) * longer;
	*measured = false;
	if (calls == NULL || drive == DRIVE_CALLS)
		return NAN;
	return total_of(calls->multiple) - calls->multiple->nsteps * calls->rtt_ms + rtt_ms;
}
