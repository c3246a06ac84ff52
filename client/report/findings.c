/*
 * findings.c
 *	  The list of findings, and which rules are asked of what.
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "report/findings.h"
#include "util/memory.h"

/* from this share of a step's calls on its figures are not those of its payload */
#define DELAYED_ACK_SHARE 0.01

/* and this count: one or two may be anything */
#define DELAYED_ACK_COUNT 5

/* processors are waited for from this share of a phase on */
#define WAITED_OF_PHASE 0.2

const char *const topic_headings[TOPIC_COUNT] = {
	[TOPIC_DIFFERENCE] = "What differs",
	[TOPIC_COST] = "What a checkpoint costs",
	[TOPIC_BATCHING] = "One step per size, or one for all",
	[TOPIC_WHERE] = "Where the time goes",
	[TOPIC_REMEDY] = "What could be done about it",
	[TOPIC_CAVEAT] = "What to keep in mind",
};

void
finding(Findings *findings, const char *rule, Topic topic, const char *format,...)
{
	char	   *text = NULL;
	va_list		args;

	if (findings->n == findings->capacity)
	{
		findings->capacity = findings->capacity ? 2 * findings->capacity : 32;
		findings->items = xrealloc(findings->items, (size_t) findings->capacity * sizeof(Finding));
	}
	if (*findings->whose)
		text_add(&text, "%s: ", findings->whose);
	va_start(args, format);
	text_add_list(&text, format, args);
	va_end(args);
	findings->items[findings->n++] = (Finding) {rule, topic, text};
}

void
findings_free(Findings *findings)
{
	for (int i = 0; i < findings->n; i++)
		free(findings->items[i].text);
	free(findings->items);
}

void
findings_print(const Findings *findings, const char *of, FILE *out)
{
	for (Topic topic = 0; topic < TOPIC_COUNT; topic++)
	{
		bool		any = false;

		for (int i = 0; i < findings->n; i++)
		{
			if (findings->items[i].topic != topic)
				continue;
			if (!any)
				fprintf(out, "\n%s%s\n", topic_headings[topic], topic == TOPIC_CAVEAT || topic == TOPIC_DIFFERENCE ? "" : of);
			any = true;
			print_item(out, "- ", findings->items[i].text);
		}
	}
}

bool
delayed_acknowledgements(const Cell *cell)
{
	return cell->shape.delayed_ack_share >= DELAYED_ACK_SHARE &&
		cell->shape.delayed_ack_share * (double) cell->time[METRIC_NETWORK].n >= DELAYED_ACK_COUNT - 0.5;
}

bool
is_one_call(const Pair *pair, int i)
{
	return i != pair->nsteps || !pair->multiple->own_round_trips;
}

bool
pair_has_delayed_acknowledgements(const Pair *pair)
{
	for (int i = 0; i < pair->ncells; i++)
		if (is_one_call(pair, i) && delayed_acknowledgements(pair->cells[i].cell))
			return true;
	return false;
}

Metric
clear_leader(const Cell *cell)
{
	double		rest = main_time(cell)->mean.value;
	Metric		leader = METRIC_COUNT;

	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
	{
		if (!isfinite(cell->time[m].mean.value))
			continue;
		rest -= cell->time[m].mean.value;
		if (leader == METRIC_COUNT || cell->time[m].mean.value > cell->time[leader].mean.value)
			leader = m;
	}

	/* where the server tells no times, one of its parts may be all of what is not told */
	if (leader < METRIC_COUNT && !isfinite(cell->time[METRIC_SERVER_TOTAL].mean.value) &&
		!(rest < cell->time[leader].mean.low))
		return METRIC_COUNT;
	for (Metric m = FIRST_PART; leader < METRIC_COUNT && m <= LAST_PART; m++)
		if (m != leader && isfinite(cell->time[m].mean.value) &&
			!(cell->time[m].mean.high < cell->time[leader].mean.low))
			return METRIC_COUNT;
	return leader;
}

const PhaseUse *
leader_use(const Cell *cell)
{
	Metric		leader = clear_leader(cell);
	const PhaseUse *use = leader >= METRIC_CHECK && leader <= METRIC_COMMIT ? &cell->use[leader - METRIC_CHECK] : NULL;

	return use != NULL && use->n >= LEAST_CPU_CALLS && use->wall_ms > 0.0 && isfinite(use->cpu_ms) ? use : NULL;
}

bool
waited_for_processors(const PhaseUse *use)
{
	return use->n >= LEAST_CPU_CALLS && use->delay_ms > WAITED_OF_PHASE * use->wall_ms;
}

void
findings_of_pair(const Pair *pair, Findings *findings)
{
	/* most of a profile's parts are not known: report_profiles says what there is to say */
	if (drive_is_profile(pair->multiple->drive))
		return;
	say_cost(pair, findings);
	if (!pair->figures->parameters.split_commit)
		say_batching(pair, findings);	/* what it saves is other where a step is two round trips */
	say_where(pair, findings);
	say_remedies(pair, findings);
}
