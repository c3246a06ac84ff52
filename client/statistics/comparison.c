/*
 * comparison.c
 *	  The two approaches: one step per size against one step for all.
 */
#include <math.h>
#include <stdlib.h>

#include "sample/result.h"
#include "statistics/model.h"
#include "statistics/summary.h"

/* what the break-even round-trip time has to save */
#define BREAK_EVEN_SAVING 0.10

/*
 * Whole round trips of both series, iteration by iteration, so that a pair was
 * measured one after the other; false where the series do not run in step.
 */
static bool
paired_times(const Series *left, const Series *right, int64_t *a, int64_t *b, int *n)
{
	*n = 0;
	if (left->niterations != right->niterations)
		return false;
	for (int i = 0; i < left->niterations; i++)
	{
		const Sample *one = &left->whole[i];
		const Sample *two = &right->whole[i];

		if (!sample_counts(one) || one->ns[METRIC_ROUND_TRIP] == UNKNOWN ||
			!sample_counts(two) || two->ns[METRIC_ROUND_TRIP] == UNKNOWN)
			continue;
		a[*n] = one->ns[METRIC_ROUND_TRIP];
		b[*n] = two->ns[METRIC_ROUND_TRIP];
		(*n)++;
	}
	return true;
}

/* multiple / batched; its estimate is that of the medians that are printed */
static Interval
ratio_of_totals(const Series *multiple, const Series *batched)
{
	Interval	ratio;
	int64_t    *a;
	int64_t    *b;
	int			na = series_whole_times(multiple, METRIC_ROUND_TRIP, &a);
	int			nb = series_whole_times(batched, METRIC_ROUND_TRIP, &b);
	int			npairs = 0;

	ratio = ratio_of_medians(a, na, b, nb, false);
	if (paired_times(multiple, batched, a, b, &npairs))
	{
		Interval	paired = ratio_of_medians(a, npairs, b, npairs, true);

		ratio.low = paired.low;
		ratio.high = paired.high;
	}
	free(a);
	free(b);
	return ratio;
}

/* Fill *comparison; the series stay the caller's and have to live as long. */
void
comparison_make(const Series *multiple, const Series *batched, Comparison *comparison)
{
	int			smallest = series_smallest_step(multiple);

	comparison->multiple = multiple;
	comparison->batched = batched;
	comparison->multiple_ms = series_summary(multiple, -1, METRIC_ROUND_TRIP);
	comparison->batched_ms = series_summary(batched, -1, METRIC_ROUND_TRIP);
	comparison->ratio = ratio_of_totals(multiple, batched);

	/* where the steps share one round trip, what a step costs is the server's time */
	comparison->floor_ms = NAN;
	if (smallest >= 0)
	{
		comparison->floor_ms = series_summary(multiple, smallest, METRIC_ROUND_TRIP).p50;
		if (isnan(comparison->floor_ms))
			comparison->floor_ms = series_summary(multiple, smallest, METRIC_SERVER_TOTAL).p50;
	}
	comparison->saved_ms = comparison->multiple_ms.p50 - comparison->batched_ms.p50;
	comparison->expected_saving_ms = (multiple->nsteps - 1) * comparison->floor_ms;
	comparison->predicted_ratio =
		(comparison->batched_ms.p50 + comparison->expected_saving_ms) / comparison->batched_ms.p50;

	/* only separate calls each wait for the network */
	comparison->break_even_rtt_ms = NAN;
	if (multiple->drive == DRIVE_CALLS && smallest >= 0)
		comparison->break_even_rtt_ms =
			model_break_even_rtt_ms(comparison->multiple_ms.p50, comparison->batched_ms.p50,
									multiple->nsteps,
									series_summary(multiple, smallest, METRIC_NETWORK).p50,
									BREAK_EVEN_SAVING);
}
