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

/* processors are waited for from this share of a phase on */
#define WAITED_OF_PHASE 0.2

void
finding(Findings *findings, const char *rule, Topic topic, const char *format,...)
{
	va_list		args;
	va_list		again;
	int			length;
	Finding    *item;

	if (findings->n == findings->capacity)
	{
		findings->capacity = findings->capacity ? 2 * findings->capacity : 32;
		findings->items = xrealloc(findings->items, (size_t) findings->capacity * sizeof(Finding));
	}
	item = &findings->items[findings->n++];
	item->rule = rule;
	item->topic = topic;
	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	item->text = xcalloc((size_t) length + 1, 1);
	vsnprintf(item->text, (size_t) length + 1, format, again);
	va_end(again);
	va_end(args);
}

void
findings_free(Findings *findings)
{
	for (int i = 0; i < findings->n; i++)
		free(findings->items[i].text);
	free(findings->items);
}

int
findings_print(const Findings *findings, Topic topic, FILE *out)
{
	int			n = 0;

	for (int i = 0; i < findings->n; i++)
	{
		if (findings->items[i].topic != topic)
			continue;
		print_item(out, "- ", findings->items[i].text);
		n++;
	}
	return n;
}

bool
delayed_acknowledgements(const Cell *cell)
{
	return cell->shape.delayed_ack_share >= DELAYED_ACK_SHARE;
}

bool
pair_has_delayed_acknowledgements(const Pair *pair)
{
	for (int s = 0; s < pair->multiple->nsteps; s++)
		if (delayed_acknowledgements(&pair->multiple->steps[s]))
			return true;
	return delayed_acknowledgements(&pair->multiple->whole) ||
		(pair->batched != NULL && delayed_acknowledgements(batch_cell(pair->batched)));
}

Metric
clear_leader(const Cell *cell)
{
	Metric		leader = METRIC_COUNT;

	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		if (isfinite(cell->time[m].mean.value) &&
			(leader == METRIC_COUNT || cell->time[m].mean.value > cell->time[leader].mean.value))
			leader = m;
	for (Metric m = FIRST_PART; leader < METRIC_COUNT && m <= LAST_PART; m++)
		if (m != leader && isfinite(cell->time[m].mean.value) &&
			!(cell->time[m].mean.high < cell->time[leader].mean.low))
			return METRIC_COUNT;
	return leader;
}

bool
waited_for_processors(const PhaseUse *use)
{
	return use->n >= LEAST_CPU_CALLS && use->delay_ms > WAITED_OF_PHASE * use->wall_ms;
}

void
findings_caveats_of_side(const Pair *pair, Findings *findings)
{
	const Cell **cells = cells_by_size(pair->multiple);
	Findings	here = {0};

	say_caveats(pair, cells, &here);
	for (int i = 0; i < here.n; i++)
		finding(findings, here.items[i].rule, TOPIC_CAVEAT, "%s (%s, %s): %s", pair->side->label,
				drive_names[pair->multiple->drive], origin_names[pair->multiple->origin], here.items[i].text);
	findings_free(&here);
	free(cells);
}

void
findings_of_pair(const Pair *pair, Findings *findings)
{
	const Cell **cells = cells_by_size(pair->multiple);

	say_cost(pair, cells, findings);
	say_batching(pair, findings);
	say_where(pair, cells, findings);
	say_remedies(pair, cells, findings);
	say_caveats(pair, cells, findings);
	free(cells);
}
