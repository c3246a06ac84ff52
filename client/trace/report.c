/*
 * report.c
 *	  The figures of a trace on one screen.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "report/text.h"
#include "trace/trace_internal.h"
#include "util/memory.h"
#include "util/numbers.h"
#include "util/table.h"

/* rows of a screen; the others are in the JSON file */
#define MOST_STEP_ROWS 16
#define MOST_WORKFLOW_ROWS 5

#define NAME_COLUMNS 22

/* where the format of steps stands beside their names */
#define NAME_COLUMNS_BESIDE 16
#define FORMAT_COLUMNS 13

/* who is told the sentences */
typedef struct Listener
{
	TraceSay	say;
	void	   *context;
} Listener;

/* a sentence, and free it */
static void
say(const Listener *listener, char *text)
{
	listener->say(listener->context, text);
	free(text);
}

/* "1.33 MB" in 16 bytes */
const char *
trace_words_size(int64_t bytes, char *buffer, size_t size)
{
	static const char *const units[] = {"B", "kB", "MB", "GB"};
	double		value = (double) bytes;
	int			unit = 0;

	while (value >= 999.5 && unit < 3)
	{
		value /= 1000;
		unit++;
	}
	if (bytes < 0)
		snprintf(buffer, size, "none");
	else
		snprintf(buffer, size, "%.*f %s", unit == 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2, value, units[unit]);
	return buffer;
}

/* a name in so many columns: only ASCII goes into a table */
static void
table_name(Table *table, const char *name, size_t most)
{
	char		shown[NAME_COLUMNS + 1];
	size_t		n = 0;

	for (const char *c = name; *c != '\0' && n < most; c++)
	{
		if (((unsigned char) *c & 0xC0) == 0x80)
			continue;
		shown[n++] = (unsigned char) *c >= 0x80 ? '?' : *c;
	}
	shown[n] = '\0';
	if (strlen(name) > most && n == most)
		memcpy(shown + most - 2, "..", 2);
	table_text(table, n > 0 ? shown : "(no name)");
}

static void
table_words(Table *table, const char *format, double value)
{
	char		words[32];

	snprintf(words, sizeof(words), format, value);
	table_text(table, isnan(value) ? "" : words);
}

/* which groups are shown: those that took most of the time, in their own order */
static bool *
choose_rows(const double *weights, int n, int most)
{
	bool	   *chosen = xcalloc((size_t) n + 1, sizeof(bool));

	for (int row = 0; row < most && row < n; row++)
	{
		int			best = -1;

		for (int i = 0; i < n; i++)
			if (!chosen[i] && (best < 0 || weights[i] > weights[best]))
				best = i;
		chosen[best] = true;
	}
	return chosen;
}

static const char *
format_of(const StepGroup *group)
{
	return group->serialization != NULL ? group->serialization : "none";
}

/* by name, of one name by size, of one size by format */
static int
compare_groups(const void *left, const void *right)
{
	const StepGroup *a = left;
	const StepGroup *b = right;
	int			by_size = (a->text_bytes > b->text_bytes) - (a->text_bytes < b->text_bytes);
	int			by_name = strcmp(a->name, b->name);

	return by_name != 0 ? by_name : by_size != 0 ? by_size : strcmp(format_of(a), format_of(b));
}

/* are there steps of one name in several formats? */
static bool
has_formats(const TraceFigures *figures)
{
	for (int i = 1; i < figures->nsteps; i++)
		for (int before = 0; before < i; before++)
			if (strcmp(figures->steps[i].name, figures->steps[before].name) == 0 &&
				strcmp(format_of(&figures->steps[i]), format_of(&figures->steps[before])) != 0)
				return true;
	return false;
}

/* has any group an interval? */
static bool
has_precision(const TraceFigures *figures)
{
	for (int i = 0; i < figures->nsteps; i++)
		if (estimate_has_interval(&figures->steps[i].time[STEP_TOTAL].mean))
			return true;
	return false;
}

static void
report_steps(const TraceFigures *figures, FILE *out)
{
	static const StepTime columns[] = {STEP_TOTAL, STEP_BEFORE, STEP_BETWEEN, STEP_NETWORK, STEP_SERVER, STEP_TRACE};
	double	   *weights = xcalloc((size_t) figures->nsteps + 1, sizeof(double));
	bool	   *chosen;
	bool		formats = has_formats(figures);
	bool		precision = has_precision(figures);
	Table	   *table = table_create();

	qsort(figures->steps, (size_t) figures->nsteps, sizeof(StepGroup), compare_groups);
	for (int i = 0; i < figures->nsteps; i++)
		weights[i] = figures->steps[i].n * figures->steps[i].time[STEP_TOTAL].mean.value;
	chosen = choose_rows(weights, figures->nsteps, MOST_STEP_ROWS);
	print_heading(out, "Steps: ms, means; total = before + between + network + server + trace");
	table_column(table, "step", COLUMN_TEXT);
	if (formats)
		table_column(table, "format", COLUMN_TEXT);
	table_columns(table, "text", COLUMN_LABEL, "n", COLUMN_INTEGER, "total", COLUMN_MS, NULL);
	if (precision)
		table_column(table, "+-", COLUMN_LABEL);
	table_columns(table, "before", COLUMN_MS, "between", COLUMN_MS, "network", COLUMN_MS,
				  "server", COLUMN_MS, "trace", COLUMN_MS, "trips", COLUMN_LABEL, NULL);
	for (int i = 0; i < figures->nsteps; i++)
	{
		const StepGroup *group = &figures->steps[i];
		char		size[32];

		if (!chosen[i])
			continue;
		table_name(table, group->name, formats ? NAME_COLUMNS_BESIDE : NAME_COLUMNS);
		if (formats)
			table_name(table, format_of(group), FORMAT_COLUMNS);
		table_text(table, trace_words_size(group->text_bytes, size, sizeof(size)));
		table_integer(table, group->n);
		for (int c = 0; c < (int) (sizeof(columns) / sizeof(columns[0])); c++)
		{
			table_number(table, group->time[columns[c]].mean.value);
			if (precision && columns[c] == STEP_TOTAL)
				table_words(table, "%.0f%%", estimate_precision_percent(&group->time[STEP_TOTAL].mean));
		}
		table_words(table, "%.3g", group->volume[TRACE_ROUND_TRIPS].mean.value);
	}
	finish_table(table, out);
	if (figures->nsteps > MOST_STEP_ROWS)
		fprintf(out, "and %d more by name and size in the JSON file\n", figures->nsteps - MOST_STEP_ROWS);
	free(weights);
	free(chosen);
}

static void
report_workflows(const TraceFigures *figures, FILE *out)
{
	static const WorkflowTime columns[] = {WORKFLOW_WHOLE, WORKFLOW_START, WORKFLOW_STEPS, WORKFLOW_BETWEEN, WORKFLOW_END};
	double	   *weights = xcalloc((size_t) figures->nworkflows + 1, sizeof(double));
	bool	   *chosen;
	Table	   *table = table_create();

	for (int i = 0; i < figures->nworkflows; i++)
		weights[i] = figures->workflows[i].n * figures->workflows[i].time[WORKFLOW_WHOLE].mean.value;
	chosen = choose_rows(weights, figures->nworkflows, MOST_WORKFLOW_ROWS);
	print_heading(out, "Workflows: ms, means; whole = start + steps + between + end");
	table_columns(table, "workflow", COLUMN_TEXT, "steps", COLUMN_INTEGER, "n", COLUMN_INTEGER,
				  "whole", COLUMN_MS, "start", COLUMN_MS, "steps", COLUMN_MS, "between", COLUMN_MS, "end", COLUMN_MS,
				  "app./network/server", COLUMN_LABEL, "trips", COLUMN_LABEL, NULL);
	for (int i = 0; i < figures->nworkflows; i++)
	{
		const WorkflowGroup *group = &figures->workflows[i];
		double		whole = group->time[WORKFLOW_WHOLE].mean.value;
		char		split[48] = "side by side";

		if (!chosen[i])
			continue;
		table_name(table, group->name, NAME_COLUMNS);
		table_integer(table, group->nsteps);
		table_integer(table, group->n);
		for (int c = 0; c < (int) (sizeof(columns) / sizeof(columns[0])); c++)
			table_number(table, group->time[columns[c]].mean.value);
		if (group->overlapping == 0)
			snprintf(split, sizeof(split), "%.0f/%.0f/%.0f %%",
					 100 * group->time[WORKFLOW_APPLICATION].mean.value / whole,
					 100 * group->time[WORKFLOW_NETWORK].mean.value / whole,
					 100 * group->time[WORKFLOW_SERVER].mean.value / whole);
		table_text(table, split);
		table_words(table, "%.3g", group->volume[TRACE_ROUND_TRIPS].mean.value);
	}
	finish_table(table, out);
	if (figures->nworkflows > MOST_WORKFLOW_ROWS)
		fprintf(out, "and %d more by name and number of steps in the JSON file\n",
				figures->nworkflows - MOST_WORKFLOW_ROWS);
	free(weights);
	free(chosen);
}

/* the server's part over all steps, for the second way to stand beside it */
static double
mean_server_ms(const TraceFigures *figures)
{
	double		sum = 0;
	int			n = 0;

	for (int i = 0; i < figures->nsteps; i++)
	{
		sum += figures->steps[i].n * figures->steps[i].time[STEP_SERVER].mean.value;
		n += figures->steps[i].n;
	}
	return n > 0 ? sum / n : NAN;
}

static void
report_calibration(const TraceFigures *figures, const Listener *to)
{
	const TraceRoundTrip *calibration = &figures->calibration;

	if (calibration->rounds == 0)
	{
		say(to, xasprintf("No round trip of our own was measured: network is the sending of requests alone, what"
						   " tracing adds is in the other parts."));
		return;
	}
	say(to, xasprintf("A round trip of our own took %.3f ms directly and %.3f ms through us (medians of %d): network is"
					   " round trips x %.3f ms and the sending of requests; the %.3f ms that tracing adds to each turn"
					   " stand under trace and in no other part.",
					   calibration->direct_ms, calibration->through_ms, calibration->rounds,
					   calibration->direct_ms, calibration->through_ms - calibration->direct_ms));
}

static void
report_server_time(const TraceFigures *figures, const Listener *to)
{
	if (figures->server_time.why_not != NULL)
		say(to, xasprintf("The server's time has no second figure: %s.", figures->server_time.why_not));
	else if (figures->nsteps > 0)
		say(to, xasprintf("By pg_stat_statements%s the statements of a step took %.3f ms of the server, without"
						   " BEGIN, COMMIT and its flush; server above is %.3f ms a step.",
						   figures->server_time.reset ? " (which was reset meanwhile)" : "", figures->server_time.step_ms,
						   mean_server_ms(figures)));
}

/* where what is on disk is not what was sent */
static void
report_stored(const TraceFigures *figures, const Listener *to)
{
	const StepGroup *most = NULL;
	char		text[32];
	char		stored[32];

	for (int i = 0; i < figures->nsteps; i++)
	{
		const StepGroup *group = &figures->steps[i];

		if (group->stored_bytes >= 0 && (double) group->stored_bytes < 0.95 * (double) group->text_bytes &&
			(most == NULL || group->text_bytes > most->text_bytes))
			most = group;
	}
	if (most != NULL)
		say(to, xasprintf("Of the %s that %s sends the server stores %s, compressed.",
						   trace_words_size(most->text_bytes, text, sizeof(text)), most->name[0] != '\0' ? most->name : "a step",
						   trace_words_size(most->stored_bytes, stored, sizeof(stored))));
}

static void
report_outcomes(const TraceFigures *figures, const Listener *to)
{
	const TraceStepsSeen *steps = &figures->steps_seen;
	int64_t		lost = figures->seen.lost;

	if (steps->failed > 0)
		say(to, xasprintf("%" PRId64 " step%s recorded an error.", steps->failed,
						   plural(steps->failed)));
	if (steps->replayed > 0)
		say(to, xasprintf("%" PRId64 " step%s recorded before and replayed: %.3f ms each, in no row above.",
						   steps->replayed, steps->replayed == 1 ? " was" : "s were",
						   figures->replayed.total.mean.value));
	if (steps->repeated > 0)
		say(to, xasprintf("%" PRId64 " record%s stored nothing: the step was there already.", steps->repeated,
						   plural(steps->repeated)));
	if (steps->unfinished > 0)
		say(to, xasprintf("%" PRId64 " step%s begun and not recorded; in no row above.", steps->unfinished,
						   steps->unfinished == 1 ? " was" : "s were"));
	if (lost > 0)
		say(to, xasprintf("%" PRId64 " connection%s lost in the middle of something.", lost,
						   lost == 1 ? " was" : "s were"));
	if (steps->not_kept > 0)
		say(to, xasprintf("%" PRId64 " steps beyond the first %d are counted and in no figure.", steps->not_kept,
						   MOST_STEP_SAMPLES));
	if (figures->workflows_seen.not_kept > 0)
		say(to, xasprintf("%" PRId64 " workflows beyond the first %d are counted and in no figure.",
						   figures->workflows_seen.not_kept, MOST_WORKFLOW_SAMPLES));
}

static void
report_not_understood(const TraceNotUnderstood *not_understood, const Listener *to)
{
	if (not_understood->not_attributed > 0)
		say(to, xasprintf("%" PRId64 " statement%s of steps or workflows named none that could be read: in no row above.",
						   not_understood->not_attributed, plural(not_understood->not_attributed)));
	if (not_understood->connections > 0)
		say(to, xasprintf("%" PRId64 " connection%s forwarded without being understood: %s.", not_understood->connections,
						   not_understood->connections == 1 ? " was" : "s were", not_understood->why));
	if (not_understood->messages > 0)
		say(to, xasprintf("%" PRId64 " answer%s not expected.", not_understood->messages,
						   not_understood->messages == 1 ? " was" : "s were"));
	if (not_understood->statements > 0)
		say(to, xasprintf("%" PRId64 " statement%s of no engine that is known, the first: %s",
						   not_understood->statements, not_understood->statements == 1 ? " was" : "s were",
						   not_understood->ntexts > 0 ? not_understood->texts[0].text : "(no text)"));
}

void
trace_say(const TraceFigures *figures, TraceSay tell, void *context)
{
	const Listener listener = {tell, context};

	if (figures->steps_seen.recorded == 0)
		say(&listener, xasprintf("No step of an engine that is known was recorded: does the program's database URL lead here?"));
	if (figures->nsteps > 0)
	{
		say(&listener, xasprintf("before is what the program does between the check's answer and the record's request: the"
								 " function itself, serialization, the interpreter; between are the other gaps of a step."));
		report_calibration(figures, &listener);
		report_server_time(figures, &listener);
		report_stored(figures, &listener);
	}
	report_outcomes(figures, &listener);
	report_not_understood(&figures->not_understood, &listener);
}

/* A TraceSay. */
static void
print_sentence(void *context, const char *text)
{
	print_item(context, "- ", text);
}

void
trace_report(const TraceFigures *figures, FILE *out)
{
	const TraceSeen *seen = &figures->seen;
	int64_t		recorded = figures->steps_seen.recorded;
	int64_t		ended = figures->workflows_seen.ended;
	char		up[32];
	char		down[32];

	fprintf(out, "trace: %" PRId64 " step%s and %" PRId64 " workflow%s in %.1f s%s%s\n", recorded, plural(recorded),
			ended, plural(ended), figures->duration_ms / 1000,
			figures->server != NULL ? "; " : "", figures->server != NULL ? figures->server : "");
	fprintf(out, "%" PRId64 " connection%s, %" PRId64 " round trips, %" PRId64 " statements, %" PRId64
			" transactions, %s up, %s down\n", seen->connections, plural(seen->connections), seen->round_trips,
			seen->statements, seen->transactions, trace_words_size(seen->bytes_up, up, sizeof(up)),
			trace_words_size(seen->bytes_down, down, sizeof(down)));
	if (figures->nsteps > 0)
		report_steps(figures, out);
	if (figures->nworkflows > 0)
		report_workflows(figures, out);
	putc('\n', out);
	trace_say(figures, print_sentence, out);
}
