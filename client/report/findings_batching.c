/*
 * findings_batching.c
 *	  One step per size against one batched step: whether it pays, whether the
 *	  floors that it leaves out say how much, and from which round-trip time on.
 */
#include <math.h>
#include <stdlib.h>

#include "report/findings.h"
#include "util/numbers.h"

/* a saving is what the floors predict where it is surely within this share of it */
#define AGREES 0.10

static void
say_ratio(const Pair *pair, Findings *findings)
{
	const Approaches *a = pair->approaches;
	char	   *multiple = text_ms(&a->multiple_ms);
	char	   *batched = text_ms(&a->batched_ms);
	char	   *ratio = text_interval(&a->ratio, 3);
	char	   *saved = text_ms(&a->saved_ms);
	char	   *verdict = NULL;

	if (a->ratio.low > 1.0)
		text_add(&verdict, "batching saves %s, %.0f %%", saved, 100.0 * (1.0 - 1.0 / a->ratio.value));
	else if (a->ratio.high < 1.0)
		text_add(&verdict, "batching does not pay, it takes %.0f %% more",
				 100.0 * (1.0 / a->ratio.value - 1.0));
	else if (isfinite(a->ratio.low))
		text_add(&verdict, "no difference shown");
	else
		text_add(&verdict, "too few blocks to say more");
	finding(findings, "batching", TOPIC_BATCHING, "%d step%s %s %s, one batched step %s: ratio %.3f%s, %s.",
			a->nsteps, plural(a->nsteps), a->nsteps == 1 ? "takes" : "take", multiple, batched, a->ratio.value, ratio, verdict);
	free(multiple);
	free(batched);
	free(ratio);
	free(saved);
	free(verdict);
}

/* Batching leaves out n - 1 times what a step costs that carries nothing.  Was that so? */
static void
say_expected(const Pair *pair, Findings *findings)
{
	const Approaches *a = pair->approaches;
	double		band = AGREES * a->expected_saving_ms.value;
	int			more = a->nsteps - 1;
	double		shortfall = fabs(a->shortfall_ms.value) < 0.0005 ? 0.0 : a->shortfall_ms.value;	/* no "-0.000" */
	char	   *off;
	char	   *floors = NULL;

	/* an answer held back for 40 ms is no property of floors and pieces */
	if (more < 1 || !pair->multiple->own_round_trips || !(band > 0.0) || !isfinite(a->shortfall_ms.low) ||
		pair_has_delayed_acknowledgements(pair))
		return;
	text_add(&floors, "%d floor%s of %.3f ms", more, plural(more), a->floor_ms.value);
	off = text_interval(&a->shortfall_ms, 3);
	if (a->shortfall_ms.low >= -band && a->shortfall_ms.high <= band)
		finding(findings, "expected", TOPIC_BATCHING,
				"That is what leaving out %s predicts, %.3f ms, to within 10 %%: it is off by %.3f ms%s.",
				floors, a->expected_saving_ms.value, shortfall, off);
	else if (a->shortfall_ms.high < 0.0 || a->shortfall_ms.low > 0.0)
		finding(findings, "expected", TOPIC_BATCHING,
				"Leaving out %s would save %.3f ms; it is %s by %.3f ms%s: the floors alone do not say what "
				"batching saves here.", floors, a->expected_saving_ms.value,
				a->shortfall_ms.high < 0.0 ? "less" : "more", fabs(a->shortfall_ms.value), off);
	else
		finding(findings, "expected", TOPIC_BATCHING,
				"Leaving out %s would save %.3f ms; whether it does is too uncertain to say: off by %.3f ms%s.",
				floors, a->expected_saving_ms.value, shortfall, off);
	free(floors);
	free(off);
}

static void
say_break_even(const Pair *pair, Findings *findings)
{
	const Estimate *rtt = &pair->approaches->break_even_rtt_ms;
	char	   *figure;

	if (pair->multiple->drive != DRIVE_CALLS || pair->approaches->nsteps < 2 || !isfinite(rtt->value))
		return;
	figure = text_ms(rtt);
	if (isfinite(rtt->low) && rtt->high <= 0.0)
		finding(findings, "break-even", TOPIC_BATCHING, "Batching saves 10 %% or more at any round-trip time.");
	else if (isfinite(rtt->low) && rtt->low <= 0.0)
		finding(findings, "break-even", TOPIC_BATCHING,
				"Batching saves 10 %% or more from a round-trip time on that is at most %.3f ms.", rtt->high);
	else if (rtt->value > 0.0)
		finding(findings, "break-even", TOPIC_BATCHING,
				"Batching saves 10 %% or more from a round-trip time of %s on; bandwidth and TCP's slow start "
				"are not in this.", figure);
	free(figure);
}

/* --assume-rtt */
static void
say_assumed(const Pair *pair, Findings *findings)
{
	char	   *text = NULL;

	if (!isfinite(pair->figures->assume_rtt_ms) || pair->model == NULL || pair->multiple->drive != DRIVE_CALLS)
		return;
	for (Drive d = 0; d < DRIVE_COUNT; d++)
	{
		char	   *figure = text_ms(&pair->model->assumed_ms[d]);

		if (isfinite(pair->model->assumed_ms[d].value))
			text_add(&text, "%s%d step%s by %s %s", text ? ", " : "", pair->multiple->nsteps,
					 plural(pair->multiple->nsteps), drive_names[d], figure);
		free(figure);
	}
	if (isfinite(pair->model->assumed_batched_ms.value))
	{
		char	   *figure = text_ms(&pair->model->assumed_batched_ms);

		text_add(&text, "%sone batched step %s", text ? ", " : "", figure);
		free(figure);
	}
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
