/*
 * trace.c
 *	  A trace on the page.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "page/page.h"
#include "report/experiment.h"
#include "util/memory.h"
#include "util/numbers.h"

/* rows of a picture, and of the table that has its figures */
#define MOST_ROWS 8

static const struct
{
	StepTime	time;
	const char *name;
	const char *title;
	const char *meaning;
}			step_columns[] = {
	{STEP_TOTAL, "total", "total", "From the first byte of the step's first request to the last of its last answer: before + between + network + server + tracing."},
	{STEP_BEFORE, "before", "before", "What the program does between the check's answer and the record's request: the function, serialization, the interpreter."},
	{STEP_BETWEEN, "between", "between", "The program's other gaps, within check and record."},
	{STEP_NETWORK, "network", "network", "Round trips times what one of our own took, and the sending of large requests."},
	{STEP_SERVER, "server", "server", "The rest of the waiting: the server's work, with its flushes."},
	{STEP_TRACE, "tracing", "tracing", "What tracing itself adds; it is in no other part."},
};

#define STEP_COLUMNS ((int) (sizeof(step_columns) / sizeof(step_columns[0])))

static const struct
{
	WorkflowTime time;
	const char *name;
	const char *title;
	const char *meaning;
}			workflow_columns[] = {
	{WORKFLOW_WHOLE, "whole", "whole", "From the start's request to the end's answer: start + steps + between + end."},
	{WORKFLOW_START, "start", "start", "The workflow's row is made."},
	{WORKFLOW_STEPS, "steps", "steps", "Its steps; those at the same time count once."},
	{WORKFLOW_BETWEEN, "between", "between", "What lies between these."},
	{WORKFLOW_END, "end", "end", "The workflow's last status is stored."},
	{WORKFLOW_APPLICATION, "application", "application", "The same whole, split otherwise: the program's own time."},
	{WORKFLOW_NETWORK, "network", "network", "Of the whole, likewise."},
	{WORKFLOW_SERVER, "server", "server", "Of the whole, likewise."},
};

#define WORKFLOW_COLUMNS ((int) (sizeof(workflow_columns) / sizeof(workflow_columns[0])))

/* "charge, 1.33 MB, py_pickle": told apart from all others */
static void
put_step_name(ExperimentTable *table, const StepGroup *group)
{
	char		size[32];

	result_label(table, "%s, %s%s%s", group->name[0] != '\0' ? group->name : "(no name)",
				 trace_words_size(group->text_bytes, size, sizeof(size)),
				 group->serialization != NULL ? ", " : "", group->serialization != NULL ? group->serialization : "");
}

/* the first: the number of figures, whose order the rest have */
typedef struct Order
{
	int			index;
	double		weight;
} Order;

static int
compare_weights(const void *left, const void *right)
{
	const Order *a = left;
	const Order *b = right;

	return a->weight != b->weight ? (a->weight < b->weight ? 1 : -1) : a->index - b->index;
}

/* groups by the time that they took together, the most first; free() */
static Order *
order_steps(const TraceFigures *figures)
{
	Order	   *order = xcalloc((size_t) figures->nsteps + 1, sizeof(Order));

	for (int i = 0; i < figures->nsteps; i++)
		order[i] = (Order) {i, figures->steps[i].n * figures->steps[i].time[STEP_TOTAL].mean.value};
	qsort(order, (size_t) figures->nsteps, sizeof(Order), compare_weights);
	return order;
}

static Order *
order_workflows(const TraceFigures *figures)
{
	Order	   *order = xcalloc((size_t) figures->nworkflows + 1, sizeof(Order));

	for (int i = 0; i < figures->nworkflows; i++)
		order[i] = (Order) {i, figures->workflows[i].n * figures->workflows[i].time[WORKFLOW_WHOLE].mean.value};
	qsort(order, (size_t) figures->nworkflows, sizeof(Order), compare_weights);
	return order;
}

static void
put_steps(ExperimentResult *result, const TraceFigures *figures, const Order *order, int first, int n,
		  const char *name, const char *title, bool brief)
{
	ExperimentTable *table = result_table(result, name, title, brief);

	result_column(table, "step", "step", UNIT_LABEL, SHOW_BRIEF, "Name, size of the text that it stores, format.");
	result_column(table, "n", "n", UNIT_COUNT, SHOW_BRIEF, "Steps of this name, size and format.");
	for (int c = 0; c < STEP_COLUMNS; c++)
		result_column(table, step_columns[c].name, step_columns[c].title, UNIT_MS, c == 0 ? SHOW_INTERVAL : SHOW_BRIEF,
					  step_columns[c].meaning);
	result_column(table, "p50", "total, p50", UNIT_MS, SHOW_FULL, "Half of the steps took no longer.");
	result_column(table, "p99", "total, p99", UNIT_MS, SHOW_FULL, "99 of 100 steps took no longer.");
	result_column(table, "trips", "round trips, p50", UNIT_COUNT, SHOW_BRIEF, "Round trips of a step.");
	result_column(table, "stored", "stored", UNIT_BYTES, SHOW_BRIEF, "What the server says that the text takes, of up to five steps.");
	for (int i = first; i < first + n; i++)
	{
		const StepGroup *group = &figures->steps[order[i].index];

		put_step_name(table, group);
		result_exact(table, group->n);
		for (int c = 0; c < STEP_COLUMNS; c++)
			result_estimate(table, group->time[step_columns[c].time].mean, group->n);
		result_exact(table, group->time[STEP_TOTAL].median);
		result_exact(table, group->time[STEP_TOTAL].p99);
		result_exact(table, group->volume[TRACE_ROUND_TRIPS].median);
		result_exact(table, group->stored_bytes >= 0 ? (double) group->stored_bytes : NAN);
	}
}

static void
put_workflows(ExperimentResult *result, const TraceFigures *figures)
{
	Order	   *order = order_workflows(figures);
	ExperimentTable *table = result_table(result, "workflows", "Workflows, by name and number of steps: means", true);

	result_column(table, "workflow", "workflow", UNIT_LABEL, SHOW_BRIEF, "Name and number of steps.");
	result_column(table, "n", "n", UNIT_COUNT, SHOW_BRIEF, "Workflows whose start and end were seen.");
	for (int c = 0; c < WORKFLOW_COLUMNS; c++)
		result_column(table, workflow_columns[c].name, workflow_columns[c].title, UNIT_MS, c == 0 ? SHOW_INTERVAL : SHOW_BRIEF,
					  workflow_columns[c].meaning);
	for (int i = 0; i < figures->nworkflows && i < 2 * MOST_ROWS; i++)
	{
		const WorkflowGroup *group = &figures->workflows[order[i].index];

		result_label(table, "%s, %d step%s", group->name[0] != '\0' ? group->name : "(no name)", group->nsteps, plural(group->nsteps));
		result_exact(table, group->n);
		for (int c = 0; c < WORKFLOW_COLUMNS; c++)
			result_estimate(table, group->time[workflow_columns[c].time].mean, group->n);
	}
	if (figures->nworkflows <= MOST_ROWS)
		result_plot(result, PLOT_STACKED, "workflows", "What a workflow takes",
					"Bars: the mean of each part of a workflow; they add up to its whole, which is written on them.",
					"workflows", "workflow", "start,steps,between,end", NULL);
	free(order);
}

/* What of all steps' time is whose. */
static void
conclude_shares(ExperimentResult *result, const TraceFigures *figures)
{
	double		sums[STEP_TIME_COUNT] = {0};
	int			n = 0;

	for (int i = 0; i < figures->nsteps; i++)
	{
		n += figures->steps[i].n;
		for (int t = 0; t < STEP_TIME_COUNT; t++)
			sums[t] += figures->steps[i].n * figures->steps[i].time[t].mean.value;
	}
	if (n > 0 && sums[STEP_TOTAL] > 0)
		result_conclude(result, "Of the time of all %d steps %.0f %% is the application's (%.0f %% between the check and the record:"
						" the function and serialization), %.0f %% the server's, %.0f %% the network's; %.0f %% is what tracing adds.", n,
						100 * sums[STEP_APPLICATION] / sums[STEP_TOTAL], 100 * sums[STEP_BEFORE] / sums[STEP_TOTAL],
						100 * sums[STEP_SERVER] / sums[STEP_TOTAL], 100 * sums[STEP_NETWORK] / sums[STEP_TOTAL],
						100 * sums[STEP_TRACE] / sums[STEP_TOTAL]);
}

/* Those that took the most time together. */
static void
conclude_most(ExperimentResult *result, const TraceFigures *figures, const Order *order)
{
	const StepGroup *most = figures->nsteps > 1 ? &figures->steps[order[0].index] : NULL;
	double		all = 0;
	char		size[32];

	for (int i = 0; i < figures->nsteps; i++)
		all += order[i].weight;
	if (most != NULL && all > 0)
		result_conclude(result, "The most time, %.0f %% of it, took %s of %s: %d step%s of %s each, %.0f %% of it the server's.",
						100 * order[0].weight / all, most->name[0] != '\0' ? most->name : "a step without a name",
						trace_words_size(most->text_bytes, size, sizeof(size)), most->n, plural(most->n),
						words_figure(&most->time[STEP_TOTAL].mean, UNIT_MS),
						100 * most->time[STEP_SERVER].mean.value / most->time[STEP_TOTAL].mean.value);
}

/* A TraceSay. */
static void
add_caveat(void *context, const char *text)
{
	result_caveat(context, "%s", text);
}

static void
fill(ExperimentResult *result, const TraceFigures *figures)
{
	Order	   *order = order_steps(figures);
	int			most = figures->nsteps < MOST_ROWS ? figures->nsteps : MOST_ROWS;
	char		up[32];
	char		down[32];

	result_begin(result, "trace", TRACE_QUESTION);
	result_condition(result, "traffic", "%" PRId64 " connection%s; %" PRId64 " round trips; %" PRId64 " statements; %" PRId64
					 " transactions; %s up, %s down", figures->seen.connections, plural(figures->seen.connections),
					 figures->seen.round_trips, figures->seen.statements, figures->seen.transactions,
					 trace_words_size(figures->seen.bytes_up, up, sizeof(up)),
					 trace_words_size(figures->seen.bytes_down, down, sizeof(down)));
	conclude_shares(result, figures);
	conclude_most(result, figures, order);
	trace_say(figures, add_caveat, result);
	if (figures->nsteps > 0)
	{
		result_plot(result, PLOT_STACKED, "steps", figures->nsteps > most ? "What a step takes: those that took the most time together" :
					"What a step takes",
					"Bars: the mean of each part of a step; they add up to its total, which is written on them.",
					"most", "step", "before,between,network,server,tracing", NULL);
		put_steps(result, figures, order, 0, most, "most", figures->nsteps > most ?
				  "Steps that took the most time together: means" : "Steps: means", true);
		if (figures->nsteps > most)
			put_steps(result, figures, order, most, figures->nsteps - most, "rest", "All other steps: means", false);
	}
	if (figures->nworkflows > 0)
		put_workflows(result, figures);
	free(order);
}

void
page_trace(Page *page, const TraceFigures *figures)
{
	Experiments one = {.nresults = 1,.results = xcalloc(1, sizeof(ExperimentResult))};
	char	   *on = xasprintf("%s%s%" PRId64 " step%s and %" PRId64 " workflow%s of a program in %.1f s, %s",
							   figures->server != NULL ? figures->server : "", figures->server != NULL ? "; " : "",
							   figures->steps_seen.recorded, plural(figures->steps_seen.recorded),
							   figures->workflows_seen.ended, plural(figures->workflows_seen.ended), figures->duration_ms / 1000,
							   figures->started_at);

	fill(one.results, figures);
	page_result(page, "trace", on, one.results);
	html_folded_begin(page, "Method");
	html_paragraph(page, "A proxy stood between the program and its server and read what passed, without changing it. A step is what"
				   " lies between its check and its record; network is round trips times one of our own, measured beside. Means are of"
				   " up to ten blocks of steps in the order of time, and 95 %% by Student's t over these, from six blocks of six steps on.");
	html_folded_end(page);
	html_section_end(page);
	free(on);
	experiments_free(&one);
}
