/*
 * findings_approaches.c
 *	  Sentences that set one thing beside another: seven steps and one, the
 *	  round trip and its parts, two figures of the network, drives and origins.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings_internal.h"
#include "util/table.h"

/* |unattributed| may be this much of the round trip, or this long */
#define UNATTRIBUTED_PERCENT 1.0
#define UNATTRIBUTED_MS 0.002

/* an interval wider than this share of a prediction bears nothing out */
#define VAGUE 0.5

/*
 * Batching leaves out n - 1 times what a step costs that carries nothing.  Was
 * that so?  Both sides of the question have an interval.
 */
static void
say_prediction(int *count, const Comparison *comparison, const Interval *saved)
{
	const Series *multiple = comparison->multiple;
	int			smallest = series_smallest_step(multiple);
	int			n = multiple->nsteps;
	Summary		floor;
	bool		agrees;
	bool		vague;

	if (smallest < 0 || n < 2 || !series_has_step_round_trips(multiple))
		return;
	floor = series_summary(multiple, smallest, METRIC_ROUND_TRIP);
	if (isnan(floor.ci_low) || isnan(saved->low))
		return;
	agrees = saved->low <= (n - 1) * floor.ci_high && saved->high >= (n - 1) * floor.ci_low;
	vague = saved->high - saved->low > VAGUE * (n - 1) * floor.p50;
	finding(count, "Leaving out %d steps should save %d floors of %.3f ms, %.3f ms in all; saved were "
			"%.3f ms (95 %% %.3f .. %.3f): %s.",
			n - 1, n - 1, floor.p50, (n - 1) * floor.p50, saved->estimate, saved->low, saved->high,
			agrees && vague ? "too uncertain to say whether this is what the floors predict" :
			agrees ? "the two agree" :
			saved->estimate < (n - 1) * floor.p50 ?
			"less, so above the floor the one large payload costs more than its pieces" :
			"more, so above the floor the pieces cost more than the one large payload");
}

void
say_batching(int *count, const Series *multiple, const Series *batched)
{
	Comparison	comparison;
	Interval	saved;
	int64_t    *a;
	int64_t    *b;
	int			na = series_whole_times(multiple, METRIC_ROUND_TRIP, &a);
	int			nb = series_whole_times(batched, METRIC_ROUND_TRIP, &b);

	comparison_make(multiple, batched, &comparison);
	if (na > 0 && nb > 0 && isfinite(comparison.ratio.low))
	{
		double		m = comparison.multiple_ms.p50;
		double		one = comparison.batched_ms.p50;

		saved = difference_of_medians(a, na, b, nb, false);
		if (comparison.ratio.low > 1.0)
			finding(count, "One batched step instead of %d saved %.3f ms, %.0f %% of %.3f ms.",
					multiple->nsteps, m - one, 100.0 * (m - one) / m, m);
		else if (comparison.ratio.high < 1.0)
			finding(count, "One batched step instead of %d did not pay: it took %.3f ms more, %.0f %% of %.3f ms.",
					multiple->nsteps, one - m, 100.0 * (one - m) / m, m);
		else
			finding(count, "No difference shown between %d steps and one batched step: ratio %.3f "
					"(95 %% %.3f .. %.3f).", multiple->nsteps, comparison.ratio.estimate,
					comparison.ratio.low, comparison.ratio.high);
		say_prediction(count, &comparison, &saved);
	}
	free(a);
	free(b);
}

void
say_unattributed(int *count, const Series *series)
{
	for (int s = 0; s < series->nsteps; s++)
	{
		double		rest = series_summary(series, s, METRIC_UNATTRIBUTED).p50;
		double		whole = series_summary(series, s, METRIC_ROUND_TRIP).p50;
		char		size[FORMAT_BYTES_SIZE];

		if (isnan(whole))
			whole = series_summary(series, s, METRIC_SERVER_TOTAL).p50;
		if (isnan(rest) || !(whole > 0.0) || fabs(rest) <= UNATTRIBUTED_MS ||
			100.0 * fabs(rest) / whole <= UNATTRIBUTED_PERCENT)
			continue;
		finding(count, "At %s, no part claims %.1f %% of the time (%.4f ms): more than the %.0f %% or "
				"%.0f us that the split allows itself. Do not trust the split there.",
				step_size(series, s, size), 100.0 * rest / whole, rest,
				UNATTRIBUTED_PERCENT, 1000.0 * UNATTRIBUTED_MS);
	}
}

void
say_network(int *count, const Result *result, const Series *series)
{
	NetworkCheck worst = {.difference_percent = 0.0};
	char		worst_size[FORMAT_BYTES_SIZE] = "";
	char		text[400] = "";
	int			n = 0;

	for (int s = 0; s < series->nsteps; s++)
	{
		NetworkCheck check;
		char		size[FORMAT_BYTES_SIZE];
		size_t		used = strlen(text);

		if (!network_check(result, series, s, &check) || check.agrees)
			continue;
		step_size(series, s, size);
		snprintf(text + used, sizeof(text) - used, "%s%s", n > 0 ? ", " : "", size);
		if (n == 0 || fabs(check.difference_percent) > fabs(worst.difference_percent))
		{
			worst = check;
			snprintf(worst_size, sizeof(worst_size), "%s", size);
		}
		n++;
	}
	if (n > 0)
		finding(count, "The two figures of the network disagree at %s%s%s: %.3f ms as the rest of the "
				"step, %.3f ms by the arm \"%s\" (%+.1f %%).", text, n > 1 ? "; most at " : "",
				n > 1 ? worst_size : "",
				worst.step_ms, worst.arm_ms, arm_names[worst.arm], worst.difference_percent);
}

/* the arm of this kind with the largest payload among the steps, NULL: none was run */
static const Arm *
largest_arm(const Result *result, ArmKind kind)
{
	const Series *multiple = result->series[0];
	const Arm  *largest = NULL;

	for (int i = 0; i < result->narms; i++)
	{
		const Arm  *arm = &result->arms[i];

		for (int s = 0; arm->kind == kind && s < multiple->nsteps; s++)
		{
			if (arm->payload_bytes == multiple->steps[s].payload_bytes &&
				(largest == NULL || arm->payload_bytes > largest->payload_bytes))
				largest = arm;
		}
	}
	return largest;
}

/* what the answer would cost as hex text instead of binary */
void
say_hex(int *count, const Result *result)
{
	const Arm  *binary = largest_arm(result, ARM_SEND);
	const Arm  *hex = largest_arm(result, ARM_SEND_HEX);
	int64_t    *a;
	int64_t    *b;
	int			na;
	int			nb;
	Interval	added;
	char		size[FORMAT_BYTES_SIZE];

	if (binary == NULL || hex == NULL)
		return;
	na = arm_times(hex, METRIC_ROUND_TRIP, &a);
	nb = arm_times(binary, METRIC_ROUND_TRIP, &b);
	if (na > 0 && nb > 0)
	{
		added = difference_of_medians(a, na, b, nb, na == nb);
		if (added.low > 0.0)
			finding(count, "At %s, a payload returned as hex text instead of binary would add %.3f ms "
					"(95 %% %.3f .. %.3f).",
					format_bytes(hex->payload_bytes, size, sizeof(size)),
					added.estimate, added.low, added.high);
	}
	free(a);
	free(b);
}

/* two series of one workflow: which is quicker, if the interval says so */
static void
say_pair(int *count, const Series *left, const Series *right, const char *left_name,
		 const char *right_name, const char *rest)
{
	int64_t    *a;
	int64_t    *b;
	int			na = series_whole_times(left, METRIC_ROUND_TRIP, &a);
	int			nb = series_whole_times(right, METRIC_ROUND_TRIP, &b);

	if (na > 0 && nb > 0)
	{
		/* both sort their input, so the medians are asked for first */
		double		left_ms = series_summary(left, -1, METRIC_ROUND_TRIP).p50;
		double		right_ms = series_summary(right, -1, METRIC_ROUND_TRIP).p50;
		Interval	ratio = ratio_of_medians(a, na, b, nb, false);

		if (ratio.low > 1.0 || ratio.high < 1.0)
			finding(count, "%s (%s): %s takes %.3f ms, %s %.3f ms, %.2f times (95 %% %.2f .. %.2f).",
					workflow_names[left->kind], rest, left_name, left_ms, right_name, right_ms,
					ratio.estimate, ratio.low, ratio.high);
		else if (isfinite(ratio.low))
			finding(count, "%s (%s): no difference shown between %s and %s (ratio 95 %% %.2f .. %.2f).",
					workflow_names[left->kind], rest, left_name, right_name, ratio.low, ratio.high);
	}
	free(a);
	free(b);
}

void
say_between_series(int *count, const Result *result)
{
	printf("Drives and origins beside each other:\n");
	for (int i = 0; i < result->nseries; i++)
	{
		for (int j = 0; j < result->nseries; j++)
		{
			const Series *left = result->series[i];
			const Series *right = result->series[j];
			char		rest[100];

			if (left->kind != WORKFLOW_MULTIPLE || right->kind != WORKFLOW_MULTIPLE)
				continue;
			if (left->origin == right->origin && left->drive == DRIVE_CALLS && right->drive != DRIVE_CALLS)
			{
				snprintf(rest, sizeof(rest), "origin %s", origin_names[left->origin]);
				say_pair(count, left, right, drive_names[left->drive], drive_names[right->drive], rest);
			}
			else if (left->drive == right->drive && left->origin == ORIGIN_CLIENT && right->origin == ORIGIN_SERVER)
			{
				snprintf(rest, sizeof(rest), "drive %s", drive_names[left->drive]);
				say_pair(count, left, right, "origin client", "origin server", rest);
			}
		}
	}
}
