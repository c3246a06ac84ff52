/*
 * trace_figures.c
 *	  The figures of a trace.
 *
 * What tracing adds is taken out of the other parts by the calibration: of each gap
 * between two turns what the way between the program and us takes, of each turn what we
 * add to its way through us.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sample/sample.h"
#include "statistics/percentile.h"
#include "trace/trace_internal.h"
#include "util/clock.h"
#include "util/memory.h"

const char *const step_time_names[STEP_TIME_COUNT] = {
	[STEP_TOTAL] = "total",
	[STEP_APPLICATION] = "application",
	[STEP_BEFORE] = "application_before",
	[STEP_BETWEEN] = "application_between",
	[STEP_WAITING] = "waiting",
	[STEP_NETWORK] = "network",
	[STEP_SERVER] = "server",
	[STEP_SENDING] = "sending",
	[STEP_TRACE] = "trace",
	[STEP_CHECK] = "check",
	[STEP_RECORD] = "record",
};

const char *const workflow_time_names[WORKFLOW_TIME_COUNT] = {
	[WORKFLOW_WHOLE] = "whole",
	[WORKFLOW_START] = "start",
	[WORKFLOW_STEPS] = "steps",
	[WORKFLOW_BETWEEN] = "between",
	[WORKFLOW_END] = "end",
	[WORKFLOW_APPLICATION] = "application",
	[WORKFLOW_WAITING] = "waiting",
	[WORKFLOW_NETWORK] = "network",
	[WORKFLOW_SERVER] = "server",
	[WORKFLOW_SENDING] = "sending",
	[WORKFLOW_TRACE] = "trace",
};

const char *const trace_volume_names[TRACE_VOLUME_COUNT] = {
	[TRACE_ROUND_TRIPS] = "round_trips",
	[TRACE_STATEMENTS] = "statements",
	[TRACE_TRANSACTIONS] = "transactions",
	[TRACE_BYTES_UP] = "bytes_up",
	[TRACE_BYTES_DOWN] = "bytes_down",
	[TRACE_TEXT_BYTES] = "text_bytes",
};

/* --- one step, one workflow --------------------------------------------- */

/* what is left of a gap without the program's way to us; what is less than that is left as none */
static double
without(double gap, double ours)
{
	return gap < 0 || ours < 0 ? gap : fmax(0, gap - ours);
}

typedef struct Waiting
{
	double		waiting;
	double		network;
	double		sending;
	double		trace;
} Waiting;

/* waiting without what we add to it, and its split */
static Waiting
split_waiting(const TraceCalibration *calibration, double waiting, double sending, int turns,
			  double bytes_up, double bytes_down)
{
	double		ours = fmax(0, (double) (calibration->through_ns - calibration->program_side_ns - calibration->direct_ns));
	Waiting		split;

	split.trace = fmin(waiting, turns * ours + bytes_up * fmax(0, calibration->up_ns_per_byte) +
					   bytes_down * fmax(0, calibration->down_ns_per_byte));
	split.waiting = waiting - split.trace;
	split.sending = fmin(sending, split.waiting);
	split.network = fmin(split.waiting, turns * (double) calibration->direct_ns + split.sending);
	return split;
}

void
step_times(const Trace *trace, const StepSample *sample, double ns[STEP_TIME_COUNT])
{
	const TraceCalibration *calibration = &trace->calibration;
	double		side = (double) calibration->program_side_ns;
	double		ends = fmax(0, sample->turns - sample->gaps_before - sample->gaps_between) * side;
	double		before = without((double) sample->before, sample->gaps_before * side);
	double		between = without((double) sample->between, sample->gaps_between * side);
	Waiting		split = split_waiting(calibration, (double) sample->waiting, (double) sample->sending, sample->turns,
									  (double) sample->bytes_up, (double) sample->bytes_down);
	double		share = sample->waiting > 0 ? split.waiting / (double) sample->waiting : 1;

	ns[STEP_TOTAL] = (double) (sample->end - sample->start) + ends;
	ns[STEP_BEFORE] = before;
	ns[STEP_BETWEEN] = between;
	ns[STEP_APPLICATION] = before + between;
	ns[STEP_WAITING] = split.waiting;
	ns[STEP_NETWORK] = split.network;
	ns[STEP_SERVER] = split.waiting - split.network;
	ns[STEP_SENDING] = split.sending;
	ns[STEP_TRACE] = ns[STEP_TOTAL] - ns[STEP_APPLICATION] - ns[STEP_WAITING];
	ns[STEP_CHECK] = (double) sample->check * share;
	ns[STEP_RECORD] = (double) sample->record * share;
}

static void
workflow_times(const Trace *trace, const WorkflowSample *sample, double ns[WORKFLOW_TIME_COUNT])
{
	const TraceCalibration *calibration = &trace->calibration;
	double		side = (double) calibration->program_side_ns;
	double		span = (double) (sample->end - sample->start);
	Waiting		split = split_waiting(calibration, (double) sample->waiting, (double) sample->sending, sample->turns,
									  (double) sample->bytes_up, (double) sample->bytes_down);

	ns[WORKFLOW_WHOLE] = span + side;
	ns[WORKFLOW_START] = (double) sample->start_ns;
	ns[WORKFLOW_STEPS] = (double) sample->steps_ns;
	ns[WORKFLOW_END] = (double) sample->end_ns;
	ns[WORKFLOW_BETWEEN] = ns[WORKFLOW_WHOLE] - ns[WORKFLOW_START] - ns[WORKFLOW_STEPS] - ns[WORKFLOW_END];

	/* side by side, waiting is no part of the whole */
	for (int t = WORKFLOW_APPLICATION; sample->overlapping && t <= WORKFLOW_TRACE; t++)
		ns[t] = NAN;
	if (sample->overlapping)
		return;
	ns[WORKFLOW_APPLICATION] = without(span - (double) sample->waiting, (sample->turns - 1) * side);
	ns[WORKFLOW_WAITING] = split.waiting;
	ns[WORKFLOW_NETWORK] = split.network;
	ns[WORKFLOW_SERVER] = split.waiting - split.network;
	ns[WORKFLOW_SENDING] = split.sending;
	ns[WORKFLOW_TRACE] = ns[WORKFLOW_WHOLE] - ns[WORKFLOW_APPLICATION] - ns[WORKFLOW_WAITING];
}

/* --- many --------------------------------------------------------------- */

static int
block_count(int n)
{
	int			blocks = n / LEAST_STEPS_OF_BLOCK;

	return blocks < LEAST_INTERVAL_BLOCKS ? 1 : blocks > MOST_BLOCKS ? MOST_BLOCKS : blocks;
}

/* of values in time order, of which NANs are left out; sorts them */
static TraceSummary
summarise(double *values, int n)
{
	TraceSummary summary = {.median = NAN, .p95 = NAN, .p99 = NAN, .min = NAN, .max = NAN};
	double		means[MOST_BLOCKS];
	int			known = 0;
	int			nblocks;

	for (int i = 0; i < n; i++)
		if (!isnan(values[i]))
			values[known++] = values[i];
	n = known;
	nblocks = block_count(n);
	for (int b = 0; b < nblocks; b++)
	{
		int			first = (int) ((int64_t) n * b / nblocks);
		int			end = (int) ((int64_t) n * (b + 1) / nblocks);
		double		sum = 0;

		for (int i = first; i < end; i++)
			sum += values[i];
		means[b] = end > first ? sum / (end - first) : NAN;
	}
	summary.mean = estimate_blocks(means, nblocks);
	if (n == 0)
		return summary;
	sort_doubles(values, n);
	summary.median = percentile_double(values, n, 50);
	summary.p95 = percentile_double(values, n, 95);
	summary.p99 = percentile_double(values, n, 99);
	summary.min = values[0];
	summary.max = values[n - 1];
	return summary;
}

/* what one sample has of each time, in ns, or of each volume */
typedef void (*Measure) (const Trace *trace, const void *sample, double *values);

/* Each of the nvalues, over n samples, in units of so much. */
static void
summarise_each(const Trace *trace, const void *samples, int n, Measure measure, int nvalues, double unit,
			   TraceSummary *summaries)
{
	const void *const *each = samples;
	double	   *all = xcalloc((size_t) n * (size_t) nvalues, sizeof(double));
	double	   *values = xcalloc((size_t) n, sizeof(double));

	for (int i = 0; i < n; i++)
		measure(trace, each[i], &all[(size_t) i * (size_t) nvalues]);
	for (int v = 0; v < nvalues; v++)
	{
		for (int i = 0; i < n; i++)
			values[i] = all[(size_t) i * (size_t) nvalues + (size_t) v] / unit;
		summaries[v] = summarise(values, n);
	}
	free(all);
	free(values);
}

static void
measure_step(const Trace *trace, const void *sample, double *values)
{
	step_times(trace, sample, values);
}

static void
measure_workflow(const Trace *trace, const void *sample, double *values)
{
	workflow_times(trace, sample, values);
}

/* of a step or a workflow, which count these alike */
#define SET_VOLUMES(values, sample) \
	((values)[TRACE_ROUND_TRIPS] = (sample)->turns, \
	 (values)[TRACE_STATEMENTS] = (sample)->statements, \
	 (values)[TRACE_TRANSACTIONS] = (sample)->transactions, \
	 (values)[TRACE_BYTES_UP] = (double) (sample)->bytes_up, \
	 (values)[TRACE_BYTES_DOWN] = (double) (sample)->bytes_down, \
	 (values)[TRACE_TEXT_BYTES] = (sample)->text_bytes >= 0 ? (double) (sample)->text_bytes : NAN)

static void
step_volumes(const Trace *trace __attribute__((unused)), const void *sample, double *values)
{
	SET_VOLUMES(values, (const StepSample *) sample);
}

static void
workflow_volumes(const Trace *trace __attribute__((unused)), const void *sample, double *values)
{
	SET_VOLUMES(values, (const WorkflowSample *) sample);
}

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
	group->nblocks = block_count(n);
	qsort(samples, (size_t) n, sizeof(*samples), compare_ends);
	for (int i = 0; i < n; i++)
	{
		group->failed += samples[i]->state == STEP_FAILED;
		group->checked += samples[i]->checked;
		group->attempts += samples[i]->attempts - 1;
	}
	summarise_each(trace, samples, n, measure_step, STEP_TIME_COUNT, NS_PER_MS, group->time);
	summarise_each(trace, samples, n, step_volumes, TRACE_VOLUME_COUNT, 1, group->volume);
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
	figures->replayed.total = summarise(replayed, figures->replayed.n);
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
	group->nblocks = block_count(n);
	for (int i = 0; i < n; i++)
		group->overlapping += samples[i]->overlapping;
	summarise_each(trace, samples, n, measure_workflow, WORKFLOW_TIME_COUNT, NS_PER_MS, group->time);
	summarise_each(trace, samples, n, workflow_volumes, TRACE_VOLUME_COUNT, 1, group->volume);
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
