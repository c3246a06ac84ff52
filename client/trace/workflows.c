/*
 * workflows.c
 *	  Workflows and steps that are under way, and those that have ended.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/trace_internal.h"
#include "util/memory.h"

/* of names beyond MOST_NAMES */
#define OTHER_NAMES "(others)"

int
trace_name(Trace *trace, const char *name)
{
	for (int i = 0; i < trace->nnames; i++)
		if (strcmp(trace->names[i], name) == 0)
			return i;
	if (trace->nnames >= MOST_NAMES - 1 && strcmp(name, OTHER_NAMES) != 0)
		return trace_name(trace, OTHER_NAMES);
	if ((trace->nnames & (trace->nnames + 1)) == 0)
		trace->names = xrealloc(trace->names, (size_t) (2 * trace->nnames + 2) * sizeof(char *));
	trace->names[trace->nnames] = xstrdup(name);
	return trace->nnames++;
}

/* --- the list of workflows ---------------------------------------------- */

static void
unlink_from_age(Trace *trace, Workflow *workflow)
{
	*(workflow->older != NULL ? &workflow->older->newer : &trace->oldest) = workflow->newer;
	*(workflow->newer != NULL ? &workflow->newer->older : &trace->newest) = workflow->older;
	workflow->older = workflow->newer = NULL;
}

static void
make_newest(Trace *trace, Workflow *workflow)
{
	workflow->older = trace->newest;
	workflow->newer = NULL;
	*(trace->newest != NULL ? &trace->newest->newer : &trace->oldest) = workflow;
	trace->newest = workflow;
}

void
workflow_forget_pending(Trace *trace, Workflow *workflow)
{
	free(workflow->pending);
	trace->pending_size -= workflow->pending_size;
	workflow->pending = NULL;
	workflow->npending = workflow->pending_size = 0;
}

/* its steps that are open end as they are */
static void
workflow_free(Trace *trace, Workflow *workflow)
{
	Workflow  **at = &trace->workflows[workflow->id_hash % WORKFLOW_BUCKETS];

	while (workflow->steps != NULL)
	{
		OpenStep   *step = workflow->steps;

		if (!step->recorded)
			trace->seen.steps[STEP_UNFINISHED]++;
		workflow_end_step(trace, workflow, step, step->recorded ? step->sample.state : STEP_UNFINISHED);
	}
	while (*at != workflow)
		at = &(*at)->next;
	*at = workflow->next;
	unlink_from_age(trace, workflow);
	trace->nworkflows--;
	workflow_forget_pending(trace, workflow);
	free(workflow);
}

/* the one that was used the longest ago */
static void
workflow_give_up_oldest(Trace *trace)
{
	trace->seen.workflows_given_up += trace->oldest->start_seen;
	workflow_free(trace, trace->oldest);
}

Workflow *
workflow_find(Trace *trace, const Values *values, bool make)
{
	Workflow  **bucket = &trace->workflows[values->id_hash % WORKFLOW_BUCKETS];
	Workflow   *workflow = *bucket;

	while (workflow != NULL && (workflow->id_hash != values->id_hash || workflow->id_length != values->id_length))
		workflow = workflow->next;
	if (workflow != NULL)
	{
		unlink_from_age(trace, workflow);
		make_newest(trace, workflow);
		return workflow;
	}
	if (!make)
		return NULL;
	if (trace->nworkflows >= MOST_WORKFLOWS)
		workflow_give_up_oldest(trace);
	workflow = xcalloc(1, sizeof(Workflow));
	memcpy(workflow->id, values->id, sizeof(workflow->id));
	workflow->id_hash = values->id_hash;
	workflow->id_length = values->id_length;
	workflow->sample.name = -1;
	workflow->next = *bucket;
	*bucket = workflow;
	make_newest(trace, workflow);
	trace->nworkflows++;
	return workflow;
}

void
workflows_finish(Trace *trace)
{
	while (trace->oldest != NULL)
		workflow_give_up_oldest(trace);
}

/* --- its steps ---------------------------------------------------------- */

OpenStep *
workflow_step(Workflow *workflow, int64_t function_id)
{
	for (OpenStep *step = workflow->steps; step != NULL; step = step->next)
		if (step->sample.function_id == function_id)
			return step;
	return NULL;
}

OpenStep *
workflow_add_step(Trace *trace, Workflow *workflow, int64_t function_id)
{
	OpenStep   *step;

	if (workflow->nsteps >= MOST_OPEN_STEPS)
	{
		OpenStep   *oldest = workflow->steps;

		while (oldest->next != NULL)
			oldest = oldest->next;
		if (!oldest->recorded)
			trace->seen.steps[STEP_UNFINISHED]++;
		workflow_end_step(trace, workflow, oldest, oldest->recorded ? oldest->sample.state : STEP_UNFINISHED);
	}
	while (trace->nopen >= MOST_OPEN_STEPS_IN_ALL && trace->oldest != workflow)
		workflow_give_up_oldest(trace);
	step = xcalloc(1, sizeof(OpenStep));
	trace->nopen++;
	memcpy(step->sample.workflow_id, workflow->id, sizeof(workflow->id));
	step->sample.function_id = function_id;
	step->sample.name = step->sample.serialization = step->sample.schema = -1;
	step->sample.workflow_name = workflow->sample.name;
	step->sample.text_bytes = -1;
	step->next = workflow->steps;
	workflow->steps = step;
	workflow->nsteps++;
	return step;
}

/* Of the workflow's time this much was steps: those at the same time are one stretch. */
static void
add_interval(Workflow *workflow, int64_t start, int64_t end)
{
	int			first = 0;
	int			last;

	workflow->summed_ns += end - start;
	while (first < workflow->nintervals && workflow->intervals[first][1] < start)
		first++;
	for (last = first; last < workflow->nintervals && workflow->intervals[last][0] <= end; last++)
	{
		start = workflow->intervals[last][0] < start ? workflow->intervals[last][0] : start;
		end = workflow->intervals[last][1] > end ? workflow->intervals[last][1] : end;
	}
	if (last == first && workflow->nintervals == MOST_INTERVALS)
	{
		/* the earliest one is over: nothing will meet it any more */
		workflow->retired_ns += workflow->intervals[0][1] - workflow->intervals[0][0];
		memmove(workflow->intervals[0], workflow->intervals[1],
				(size_t) (MOST_INTERVALS - 1) * sizeof(workflow->intervals[0]));
		workflow->nintervals--;
		first = last = first > 0 ? first - 1 : 0;
	}
	memmove(workflow->intervals[first + 1], workflow->intervals[last],
			(size_t) (workflow->nintervals - last) * sizeof(workflow->intervals[0]));
	workflow->nintervals += 1 - (last - first);
	workflow->intervals[first][0] = start;
	workflow->intervals[first][1] = end;
}

/* The step is over and goes to the samples; free. */
void
workflow_end_step(Trace *trace, Workflow *workflow, OpenStep *step, StepState state)
{
	OpenStep  **at = &workflow->steps;

	while (*at != step)
		at = &(*at)->next;
	*at = step->next;
	workflow->nsteps--;
	trace->nopen--;
	step->sample.state = state;
	if (state != STEP_UNFINISHED)
	{
		add_interval(workflow, step->sample.start, step->sample.end);
		workflow->sample.nsteps++;
	}
	if (trace->nsteps < MOST_STEP_SAMPLES)
	{
		if (trace->nsteps == trace->steps_size)
		{
			trace->steps_size = trace->steps_size == 0 ? 256 : 2 * trace->steps_size;
			trace->steps = xrealloc(trace->steps, (size_t) trace->steps_size * sizeof(StepSample));
		}
		trace->steps[trace->nsteps++] = step->sample;
	}
	else
		trace->seen.steps_not_kept++;
	free(step);
}

/* --- start and end ------------------------------------------------------ */

void
workflow_add_unit(Workflow *workflow, const Unit *unit)
{
	SAMPLE_ADD_UNIT(&workflow->sample, unit);
}

void
workflow_start(Trace *trace, Workflow *workflow, const Unit *unit)
{
	WorkflowSample *sample = &workflow->sample;

	workflow_add_unit(workflow, unit);
	if (workflow->start_seen)
		return;					/* started again, while it is under way */
	workflow->start_seen = true;
	sample->engine = unit->engine;
	sample->name = trace_name(trace, unit->workflow_values.name);
	sample->start = unit->start;
	sample->start_ns = unit->end - unit->start;
}

static OpenStep *
oldest_recorded(const Workflow *workflow)
{
	OpenStep   *oldest = NULL;

	for (OpenStep *step = workflow->steps; step != NULL; step = step->next)
		if (step->recorded)
			oldest = step;
	return oldest;
}

void
workflow_end(Trace *trace, Workflow *workflow, const Unit *unit)
{
	WorkflowSample *sample = &workflow->sample;
	OpenStep   *recorded;

	trace->seen.workflows++;

	/* its steps that were recorded have all their units */
	while ((recorded = oldest_recorded(workflow)) != NULL)
		workflow_end_step(trace, workflow, recorded, recorded->sample.state);
	if (workflow->start_seen)
	{
		sample->end = unit->end;
		sample->end_ns = unit->end - unit->start;
		sample->steps_ns = workflow->retired_ns;
		for (int i = 0; i < workflow->nintervals; i++)
			sample->steps_ns += workflow->intervals[i][1] - workflow->intervals[i][0];
		sample->overlapping = sample->steps_ns < workflow->summed_ns;
		if (trace->nended < MOST_WORKFLOW_SAMPLES)
		{
			if (trace->nended == trace->ended_size)
			{
				trace->ended_size = trace->ended_size == 0 ? 256 : 2 * trace->ended_size;
				trace->ended_workflows = xrealloc(trace->ended_workflows,
												  (size_t) trace->ended_size * sizeof(WorkflowSample));
			}
			trace->ended_workflows[trace->nended++] = *sample;
		}
		else
			trace->seen.workflows_not_kept++;
		workflow->start_seen = false;
	}
	workflow_free(trace, workflow);
}
