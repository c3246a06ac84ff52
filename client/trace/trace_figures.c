/*
 * trace_figures.c
 *	  The figures of a trace: steps and workflows in groups, what passed; and the texts
 *	  in them, which are theirs.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sample/sample.h"
#include "statistics/percentile.h"
#include "trace/trace_internal.h"
#include "util/clock.h"
#include "util/memory.h"

/* --- steps -------------------------------------------------------------- */

static int
compare_steps(const void *left, const void *right)
{
	const StepSample *a = *(const StepSample *const *) left;
	const StepSample *b = *(const StepSample *const *) right;

	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	if (a->serialization != b->serialization)
		return a->serialization < b->serialization ? -1 : 1;
	if (a->engine != b->engine)
		return a->engine < b->engine ? -1 : 1;
	return (a->text_bytes > b->text_bytes) - (a->text_bytes < b->text_bytes);
}

static int
compare_ends(const void *left, const void *right)
{
	const StepSample *a = *(const StepSample *const *) left;
	const StepSample *b = *(const StepSample *const *) right;

	return (a->end > b->end) - (a->end < b->end);
}

static bool
same_kind(const StepSample *a, const StepSample *b)
{
	return a->name == b->name && a->serialization == b->serialization && a->engine == b->engine;
}

/* so many steps of a group are asked about */
#define STORED_SAMPLES 5

static int64_t
stored_bytes(const Trace *trace, const StepSample **samples, int n)
{
	int64_t		stored[STORED_SAMPLES];
	int			known = 0;

	for (int i = 0; i < n && i < STORED_SAMPLES; i++)
	{
		int64_t		bytes = server_stored_bytes(trace->server_time, trace, samples[(int64_t) i * n / (n < STORED_SAMPLES ? n : STORED_SAMPLES)]);

		if (bytes >= 0)
			stored[known++] = bytes;
	}
	return known > 0 ? median_int64(stored, known) : UNKNOWN;
}

static int64_t
known_bytes(int64_t bytes)
{
	return bytes >= 0 ? bytes : UNKNOWN;
}

/* a group of the samples, which are sorted by their sizes */
static void
add_group(const Trace *trace, TraceFigures *figures, const StepSample **samples, int n)
{
	StepGroup  *group;

	figures->steps = xrealloc(figures->steps, (size_t) (figures->nsteps + 1) * sizeof(StepGroup));
	group = &figures->steps[figures->nsteps++];
	memset(group, 0, sizeof(*group));
	group->name = xstrdup(samples[0]->name >= 0 ? trace->names[samples[0]->name] : "");
	group->engine = xstrdup(samples[0]->engine);
	group->serialization = samples[0]->serialization >= 0 ? xstrdup(trace->names[samples[0]->serialization]) : NULL;
	group->text_bytes = known_bytes(samples[(n - 1) / 2]->text_bytes);
	group->text_least = known_bytes(samples[0]->text_bytes);
	group->text_most = known_bytes(samples[n - 1]->text_bytes);
	group->stored_bytes = stored_bytes(trace, samples, n);
	group->n = n;
	group->nblocks = trace_block_count(n);
	qsort(samples, (size_t) n, sizeof(*samples), compare_ends);
	for (int i = 0; i < n; i++)
	{
		group->failed += samples[i]->state == STEP_FAILED;
		group->checked += samples[i]->checked;
		group->attempts += samples[i]->attempts - 1;
	}
	steps_summarise(trace, samples, n, group);
}

/* by powers of ten: for steps whose sizes are all over the place */
static int
decade(int64_t bytes)
{
	int			decade = 0;

	for (; bytes >= 10; bytes /= 10)
		decade++;
	return decade;
}

/*
 * Steps of one name, sorted by size: a gap of more than a few bytes and 5 % is
 * between two groups; where a group then still has sizes of many kinds it is cut by
 * powers of ten.
 */
static void
group_by_size(const Trace *trace, TraceFigures *figures, const StepSample **samples, int n)
{
	for (int first = 0, end; first < n; first = end)
	{
		int64_t		least = samples[first]->text_bytes;

		for (end = first + 1; end < n; end++)
		{
			int64_t		last = samples[end - 1]->text_bytes;
			int64_t		gap = samples[end]->text_bytes - last;

			if (gap > 4 && gap > last / 20)
				break;
		}
		if (samples[end - 1]->text_bytes > least + least / 4 + 64)
		{
			for (int start = first, i = first + 1; start < end; i++)
			{
				if (i < end && decade(samples[i]->text_bytes) == decade(samples[start]->text_bytes))
					continue;
				add_group(trace, figures, samples + start, i - start);
				start = i;
			}
		}
		else
			add_group(trace, figures, samples + first, end - first);
	}
}

static void
make_steps(const Trace *trace, TraceFigures *figures)
{
	const StepSample **samples = xcalloc((size_t) trace->nsteps + 1, sizeof(*samples));
	double	   *replayed = xcalloc((size_t) trace->nsteps + 1, sizeof(double));
	int			n = 0;

	for (int i = 0; i < trace->nsteps; i++)
	{
		const StepSample *sample = &trace->steps[i];

		if (sample->state == STEP_RECORDED || sample->state == STEP_FAILED)
			samples[n++] = sample;
		else if (sample->state == STEP_REPLAYED)
		{
			double		ns[STEP_TIME_COUNT];

			step_times(trace, sample, ns);
			replayed[figures->replayed.n++] = ns[STEP_TOTAL] / NS_PER_MS;
		}
	}
	figures->replayed.total = trace_summarise(replayed, figures->replayed.n);
	qsort(samples, (size_t) n, sizeof(*samples), compare_steps);
	for (int first = 0, end; first < n; first = end)
	{
		for (end = first + 1; end < n && same_kind(samples[first], samples[end]);)
			end++;
		group_by_size(trace, figures, samples + first, end - first);
	}
	free(samples);
	free(replayed);
}

/* --- workflows ---------------------------------------------------------- */

static int
compare_workflows(const void *left, const void *right)
{
	const WorkflowSample *a = *(const WorkflowSample *const *) left;
	const WorkflowSample *b = *(const WorkflowSample *const *) right;

	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	if (a->nsteps != b->nsteps)
		return a->nsteps < b->nsteps ? -1 : 1;
	return (a->end > b->end) - (a->end < b->end);
}

static void
add_workflow_group(const Trace *trace, TraceFigures *figures, const WorkflowSample **samples, int n)
{
	WorkflowGroup *group;

	figures->workflows = xrealloc(figures->workflows, (size_t) (figures->nworkflows + 1) * sizeof(WorkflowGroup));
	group = &figures->workflows[figures->nworkflows++];
	memset(group, 0, sizeof(*group));
	group->name = xstrdup(trace->names[samples[0]->name]);
	group->engine = xstrdup(samples[0]->engine);
	group->nsteps = samples[0]->nsteps;
	group->n = n;
	group->nblocks = trace_block_count(n);
	for (int i = 0; i < n; i++)
		group->overlapping += samples[i]->overlapping;
	workflows_summarise(trace, samples, n, group);
}

static void
make_workflows(const Trace *trace, TraceFigures *figures)
{
	const WorkflowSample **samples = xcalloc((size_t) trace->nended + 1, sizeof(*samples));

	for (int i = 0; i < trace->nended; i++)
		samples[i] = &trace->ended_workflows[i];
	qsort(samples, (size_t) trace->nended, sizeof(*samples), compare_workflows);
	for (int first = 0, end; first < trace->nended; first = end)
	{
		for (end = first + 1; end < trace->nended && samples[end]->name == samples[first]->name &&
			 samples[end]->nsteps == samples[first]->nsteps;)
			end++;
		add_workflow_group(trace, figures, samples + first, end - first);
	}
	free(samples);
}

/* --- what passed -------------------------------------------------------- */

static void
make_calibration(const TraceCalibration *measured, TraceRoundTrip *figures)
{
	double		ms = measured->rounds > 0 ? 1e-6 : NAN;

	*figures = (TraceRoundTrip) {
		.direct_ms = ms * (double) measured->direct_ns,
		.through_ms = ms * (double) measured->through_ns,
		.program_side_ms = ms * (double) measured->program_side_ns,
		.rounds = measured->rounds,
		.up_ns_per_byte = measured->rounds > 0 ? measured->up_ns_per_byte : NAN,
		.down_ns_per_byte = measured->rounds > 0 ? measured->down_ns_per_byte : NAN,
	};
}

static void
make_seen(const Seen *seen, TraceFigures *figures)
{
	figures->seen = (TraceSeen) {
		.connections = seen->connections,
		.lost = seen->lost,
		.round_trips = seen->turns,
		.statements = seen->statements,
		.transactions = seen->transactions,
		.bytes_up = seen->bytes_up,
		.bytes_down = seen->bytes_down,
		.errors = seen->errors,
	};
	figures->steps_seen = (TraceStepsSeen) {
		.recorded = seen->steps[STEP_RECORDED] + seen->steps[STEP_FAILED],
		.failed = seen->steps[STEP_FAILED],
		.replayed = seen->steps[STEP_REPLAYED],
		.unfinished = seen->steps[STEP_UNFINISHED],
		.repeated = seen->repeated,
		.not_kept = seen->steps_not_kept,
	};
	figures->workflows_seen = (TraceWorkflowsSeen) {
		.ended = seen->workflows,
		.unfinished = seen->workflows_given_up,
		.not_kept = seen->workflows_not_kept,
	};
	figures->statements = xcalloc(ROLE_COUNT, sizeof(TraceStatements));
	for (int role = 0; role < ROLE_COUNT; role++)
		if (seen->roles[role].n > 0)
			figures->statements[figures->nstatements++] = (TraceStatements) {
				.role = xstrdup(role_names[role]),
				.n = seen->roles[role].n,
				.failed = seen->roles[role].failed,
			};
}

static void
make_not_understood(const NotUnderstood *seen, TraceNotUnderstood *figures)
{
	*figures = (TraceNotUnderstood) {
		.statements = seen->statements,
		.ntexts = seen->ntexts,
		.texts = xcalloc((size_t) seen->ntexts + 1, sizeof(TraceText)),
		.messages = seen->messages,
		.not_attributed = seen->not_attributed,
		.connections = seen->connections,
		.why = seen->why[0] != '\0' ? xstrdup(seen->why) : NULL,
	};
	for (int i = 0; i < seen->ntexts; i++)
		figures->texts[i] = (TraceText) {.text = xstrdup(seen->texts[i].shown), .n = seen->texts[i].n};
}

void
trace_figures_make(Trace *trace, TraceFigures *figures)
{
	memset(figures, 0, sizeof(*figures));
	figures->program_version = xstrdup(DBOS_PAYLOAD_VERSION);
	figures->started_at = xstrdup(trace->started_at);
	figures->duration_ms = (double) (trace->ended - trace->began) / NS_PER_MS;
	figures->server = trace->server != NULL ? xstrdup(trace->server) : NULL;
	make_calibration(&trace->calibration, &figures->calibration);
	make_seen(&trace->seen, figures);
	make_steps(trace, figures);
	make_workflows(trace, figures);
	server_time_end(trace->server_time, figures->steps_seen.recorded, &figures->server_time);
	make_not_understood(&trace->not_understood, &figures->not_understood);
	trace_figures_tidy(figures);
}
