/*
 * steps.c
 *	  To which step of which workflow a unit belongs, on whatever connection it was.
 *
 * The check opens a step and the record ends it: both name workflow and function id.
 * What names the workflow alone is given to a step by time: a status read to the
 * check that follows it, a restamp to the record before it.
 */
#include <string.h>

#include "trace/trace_internal.h"
#include "util/clock.h"
#include "util/memory.h"

/* A status read goes with the check or record that follows it, unless that is this long after. */
#define STATUS_NS (1000 * NS_PER_MS)

const char *const step_state_names[STEP_STATE_COUNT] = {
	[STEP_OPEN] = "open",
	[STEP_RECORDED] = "recorded",
	[STEP_FAILED] = "failed",
	[STEP_REPLAYED] = "replayed",
	[STEP_UNFINISHED] = "unfinished",
};

typedef enum Phase
{
	PHASE_CHECK,
	PHASE_RECORD
} Phase;

/* The step has this unit too: its time, and what lies between it and the step's last. */
static void
attach(OpenStep *step, const Unit *unit, Phase phase, bool behind_function)
{
	StepSample *sample = &step->sample;
	int64_t		inner = unit->end - unit->start - unit->waiting;

	if (sample->start == 0)
		sample->start = unit->start;
	else if (behind_function)
	{
		sample->before += unit->start - sample->end;
		sample->gaps_before++;
	}
	else
	{
		sample->between += unit->start - sample->end;
		sample->gaps_between++;
	}
	sample->between += inner;
	sample->gaps_between += unit->gaps;
	sample->end = unit->end;
	SAMPLE_ADD_UNIT(sample, unit);
	*(phase == PHASE_CHECK ? &sample->check : &sample->record) += unit->waiting;
}

/* --- status reads ------------------------------------------------------- */

static void
pending_drop(Workflow *workflow, int i)
{
	workflow->npending--;
	memmove(&workflow->pending[i], &workflow->pending[i + 1],
			(size_t) (workflow->npending - i) * sizeof(Unit));
}

/* The room of all others' status reads, from those workflows on that were used the longest ago, until so much can be had. */
static void
pending_make_room(Trace *trace, const Workflow *workflow, int room)
{
	for (Workflow *other = trace->oldest; other != NULL && trace->pending_size + room > MOST_PENDING_IN_ALL; other = other->newer)
		if (other != workflow)
			workflow_forget_pending(trace, other);
}

static void
pending_add(Trace *trace, Workflow *workflow, const Unit *unit)
{
	/* a workflow that somebody polls has many, and those that are too old serve nothing */
	while (workflow->npending > 0 && (workflow->npending == MOST_PENDING ||
									  unit->start - workflow->pending[0].end > STATUS_NS))
		pending_drop(workflow, 0);
	if (workflow->npending == workflow->pending_size)
	{
		int			room = workflow->pending_size == 0 ? 4 : workflow->pending_size;

		pending_make_room(trace, workflow, room);
		trace->pending_size += room;
		workflow->pending_size += room;
		workflow->pending = xrealloc(workflow->pending, (size_t) workflow->pending_size * sizeof(Unit));
	}
	workflow->pending[workflow->npending++] = *unit;
}

/* the status read that ended last before then, and not too long before; -1: none */
static int
pending_before(const Workflow *workflow, int64_t then, int64_t since)
{
	int			best = -1;

	for (int i = 0; i < workflow->npending; i++)
	{
		const Unit *unit = &workflow->pending[i];

		if (unit->end <= then && unit->start >= since && then - unit->end <= STATUS_NS &&
			(best < 0 || unit->end > workflow->pending[best].end))
			best = i;
	}
	return best;
}

/*
 * The status reads that led to something that began then, each after the one before
 * it, are attached to the step, the earliest first.
 */
static void
attach_pending(Workflow *workflow, OpenStep *step, int64_t then, int64_t since, bool behind_function)
{
	Unit		chain[MOST_PENDING];
	int			n = 0;
	int			i;

	while (n < MOST_PENDING && (i = pending_before(workflow, then, since)) >= 0)
	{
		chain[n] = workflow->pending[i];
		then = chain[n++].start;
		pending_drop(workflow, i);
	}
	while (n > 0)
		attach(step, &chain[--n], PHASE_CHECK, behind_function);
}

/* --- check, record, restamp --------------------------------------------- */

static bool
is_only_open(const Workflow *workflow, const OpenStep *step)
{
	for (const OpenStep *other = workflow->steps; other != NULL; other = other->next)
		if (other != step && !other->recorded)
			return false;
	return true;
}

static void
check(Trace *trace, const Unit *unit)
{
	Workflow   *workflow = workflow_find(trace, &unit->step_values, true);
	OpenStep   *step = workflow_step(workflow, unit->step_values.function_id);

	if (step != NULL && step->recorded)
	{
		/* the same step again, in another run of the workflow */
		workflow_end_step(trace, workflow, step, step->sample.state);
		step = NULL;
	}
	if (step == NULL)
		step = workflow_add_step(trace, workflow, unit->step_values.function_id);
	step->sample.engine = unit->engine;
	step->sample.checked = true;
	attach_pending(workflow, step, unit->start, 0, false);
	attach(step, unit, PHASE_CHECK, false);
	workflow_add_unit(workflow, unit);
	if (!unit->failed && unit->found)
	{
		step->sample.text_bytes = unit->found_bytes;
		trace->seen.steps[STEP_REPLAYED]++;
		workflow_end_step(trace, workflow, step, STEP_REPLAYED);
	}
}

static void
record(Trace *trace, const Unit *unit)
{
	const Values *values = &unit->step_values;
	Workflow   *workflow = workflow_find(trace, values, true);
	OpenStep   *step = workflow_step(workflow, values->function_id);
	StepSample *sample;

	if (step != NULL && step->recorded)
	{
		workflow_end_step(trace, workflow, step, step->sample.state);
		step = NULL;
	}
	if (step == NULL)
		step = workflow_add_step(trace, workflow, values->function_id);
	sample = &step->sample;
	sample->engine = unit->engine;

	/* asked again whether the workflow may go on, in a retry */
	if (sample->start != 0 && sample->attempts == 0 && is_only_open(workflow, step))
		attach_pending(workflow, step, unit->start, sample->end, true);
	attach(step, unit, PHASE_RECORD, sample->attempts == 0);
	workflow_add_unit(workflow, unit);
	sample->attempts++;
	if (unit->failed)
		return;
	step->connection = unit->connection;
	step->recorded = true;
	sample->name = trace_name(trace, values->name[0] != '\0' || unit->function == NULL ? values->name : unit->function);
	sample->serialization = values->serialization[0] != '\0' ? trace_name(trace, values->serialization) : -1;
	sample->schema = unit->step == ROLE_RECORD && unit->schema[0] != '\0' ? trace_name(trace, unit->schema) : -1;
	sample->state = values->output_bytes < 0 && values->error_bytes >= 0 ? STEP_FAILED : STEP_RECORDED;
	sample->text_bytes = sample->state == STEP_FAILED ? values->error_bytes : values->output_bytes;
	workflow->sample.text_bytes += sample->text_bytes > 0 ? sample->text_bytes : 0;
	trace->seen.steps[sample->state]++;
	trace->seen.repeated += unit->step == ROLE_RECORD && unit->affected == 0;
	if (unit->step == ROLE_STEP)
		workflow_end_step(trace, workflow, step, sample->state);
}

/* the record that it follows: of the same connection rather than of another */
static void
restamp(Trace *trace, const Unit *unit)
{
	Workflow   *workflow = workflow_find(trace, &unit->status_values, false);
	OpenStep   *best = NULL;

	if (workflow == NULL)
		return;
	for (OpenStep *step = workflow->steps; step != NULL; step = step->next)
	{
		bool		same = step->connection == unit->connection;

		if (!step->recorded || step->sample.end > unit->start)
			continue;
		if (best == NULL || (same && best->connection != unit->connection) ||
			(same == (best->connection == unit->connection) && step->sample.end > best->sample.end))
			best = step;
	}
	workflow_add_unit(workflow, unit);
	if (best == NULL)
		return;
	attach(best, unit, PHASE_RECORD, false);
	workflow_end_step(trace, workflow, best, best->sample.state);
}

static bool
names_step(const Values *values)
{
	return values->id_length > 0 && values->has_function_id;
}

void
steps_unit(Trace *trace, const Unit *unit)
{
	bool		has_step = unit->step != ROLE_UNKNOWN;

	if (HAS_ROLE(unit, ROLE_START) || HAS_ROLE(unit, ROLE_END))
	{
		Workflow   *workflow = unit->workflow_values.id_length > 0 ?
			workflow_find(trace, &unit->workflow_values, HAS_ROLE(unit, ROLE_START)) : NULL;

		if (unit->workflow_values.id_length == 0)
			trace->not_understood.not_attributed++;
		else if (workflow != NULL && HAS_ROLE(unit, ROLE_START) && !unit->failed)
			workflow_start(trace, workflow, unit);
		else if (workflow != NULL && !HAS_ROLE(unit, ROLE_START) && !has_step)
		{
			workflow_add_unit(workflow, unit);
			if (!unit->failed)
				workflow_end(trace, workflow, unit);
			return;
		}
	}
	if (has_step && !names_step(&unit->step_values))
		trace->not_understood.not_attributed++;
	else if (unit->step == ROLE_CHECK)
		check(trace, unit);
	else if (has_step)
		record(trace, unit);
	else if (unit->status_values.id_length == 0)
		return;
	else if (HAS_ROLE(unit, ROLE_RESTAMP))
		restamp(trace, unit);
	else if (HAS_ROLE(unit, ROLE_STATUS))
	{
		Workflow   *workflow = workflow_find(trace, &unit->status_values, true);

		workflow_add_unit(workflow, unit);
		pending_add(trace, workflow, unit);
	}
}
