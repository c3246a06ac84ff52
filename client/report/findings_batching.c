/*
 * findings_batching.c
 *	  One step per size against one batched step: whether it pays, whether the
 *	  calls that it leaves out say how much, and from which round-trip time on.
 */
#include <math.h>
#include <stdlib.h>

#include "report/findings.h"
#include "util/memory.h"
#include "util/numbers.h"

/* a saving is what the smallest steps predict where it is surely within this share of it */
#define AGREES 0.10

/* what of the time is saved, in percent, with multiple / batched as given */
static double
saved_percent(double ratio)
{
	return 100.0 * (1.0 - 1.0 / ratio);
}

static void
say_ratio(const Pair *pair, Findings *findings)
{
	const Approaches *a = pair->approaches;
	const Estimate *ratio = &a->ratio;
	char	   *verdict = NULL;

	if (ratio->low > 1.0)
		text_add(&verdict, "batching saves %s, %.0f %% (%.0f .. %.0f) within an iteration", words_ms(&a->saved_ms),
				 saved_percent(ratio->value), saved_percent(ratio->low), saved_percent(ratio->high));
	else if (ratio->high < 1.0)
		text_add(&verdict, "batching does not pay, it takes %.0f %% more (%.0f .. %.0f)", 100.0 / ratio->value - 100.0,
				 100.0 / ratio->high - 100.0, 100.0 / ratio->low - 100.0);
	else if (isfinite(ratio->low))
		text_add(&verdict, "ratio %.3f%s, no difference shown", ratio->value, words_interval(ratio, 3));
	else
		text_add(&verdict, "ratio %.3f, too few blocks to say more", ratio->value);
	finding(findings, "batching", TOPIC_BATCHING, "%d step%s %s %s, one batched step %s: %s.", a->nsteps, plural(a->nsteps),
			a->nsteps == 1 ? "takes" : "take", words_ms(&a->multiple_ms), words_ms(&a->batched_ms), verdict);
	free(verdict);
}

/* Batching leaves out n - 1 times what the smallest step costs, which carries next to nothing.  Was that so? */
static void
say_expected(const Pair *pair, Findings *findings)
{
	const Approaches *a = pair->approaches;
	const Estimate *off = &a->shortfall_ms;
	double		band = AGREES * a->expected_saving_ms.value;
	char	   *expected;

	/* an answer held back for 40 ms is no property of floors and pieces */
	if (a->nsteps < 2 || !pair->multiple->own_round_trips || !(band > 0.0) || !isfinite(off->low) ||
		pair_has_delayed_acknowledgements(pair))
		return;
	expected = xasprintf("%d call%s less at the %.3f ms of %s would save %.3f ms", a->nsteps - 1, plural(a->nsteps - 1),
						 a->floor_ms.value, pair->cells[0].name, a->expected_saving_ms.value);
	if (off->low >= -band && off->high <= band)
		finding(findings, "expected", TOPIC_BATCHING, "%s: that is it to within 10 %%.", expected);
	else if (off->high < 0.0)
		finding(findings, "expected", TOPIC_BATCHING, "%s; it is less by %.3f ms (%.3f .. %.3f): they alone do not say "
				"what batching saves.", expected, -off->value, -off->high, -off->low);
	else if (off->low > 0.0)
		finding(findings, "expected", TOPIC_BATCHING, "%s; it is more by %.3f ms (%.3f .. %.3f): they alone do not say "
				"what batching saves.", expected, off->value, off->low, off->high);
	else
		finding(findings, "expected", TOPIC_BATCHING, "%s; it is off by %.3f ms%s: too uncertain to say whether "
				"that is it.", expected, fabs(off->value) < 0.0005 ? 0.0 : off->value, words_interval(off, 3));
	free(expected);
}

static void
say_break_even(const Pair *pair, Findings *findings)
{
	const Estimate *rtt = &pair->approaches->break_even_rtt_ms;

	if (pair->multiple->drive != DRIVE_CALLS || pair->approaches->nsteps < 2 || !isfinite(rtt->value))
		return;
	if (isfinite(rtt->low) && rtt->high <= 0.0)
		finding(findings, "break-even", TOPIC_BATCHING, "Batching saves 10 %% or more at any round-trip time.");
	else if (isfinite(rtt->low) && rtt->low <= 0.0)
		finding(findings, "break-even", TOPIC_BATCHING,
				"Batching saves 10 %% or more from a round-trip time on that is at most %.3f ms.", rtt->high);
	else if (rtt->value > 0.0)
		finding(findings, "break-even", TOPIC_BATCHING,
				"Batching saves 10 %% or more from a round-trip time of %s on; bandwidth and TCP's slow start "
				"are not in this.", words_ms(rtt));
}

/* --assume-rtt */
static void
say_assumed(const Pair *pair, Findings *findings)
{
	char	   *text = NULL;

	if (!isfinite(pair->figures->assume_rtt_ms) || pair->model == NULL || pair->multiple->drive != DRIVE_CALLS)
		return;
	for (Drive d = 0; d < DRIVE_COUNT; d++)
		if (isfinite(pair->model->assumed_ms[d].value))
			text_add(&text, "%s%d step%s by %s %s", text ? ", " : "", pair->nsteps, plural(pair->nsteps), drive_names[d],
					 words_ms(&pair->model->assumed_ms[d]));
	if (isfinite(pair->model->assumed_batched_ms.value))
		text_add(&text, "%sone batched step %s", text ? ", " : "", words_ms(&pair->model->assumed_batched_ms));
	if (text != NULL)
		finding(findings, "assumed", TOPIC_BATCHING,
				"At a round-trip time of %g ms it would be: %s. Bandwidth and TCP's slow start are left out: "
				"on a slow or long line large payloads take longer.", pair->figures->assume_rtt_ms, text);
	free(text);
}

void
say_batching(const Pair *pair, Findings *findings)
{
	if (pair->approaches != NULL && isfinite(pair->approaches->ratio.value))
	{
		say_ratio(pair, findings);
		say_expected(pair, findings);
		say_break_even(pair, findings);
	}
	say_assumed(pair, findings);
}
