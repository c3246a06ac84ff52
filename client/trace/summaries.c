/*
 * summaries.c
 *	  Times and volumes of a step or a workflow, and of many: numbers alone.
 *
 * What tracing adds is taken out of the other parts by the calibration: of each gap
 * between two turns what the way between the program and us takes, of each turn what we
 * add to its way through us.
 */
#include <math.h>
#include <stdlib.h>

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

int
trace_block_count(int n)
{
	int			blocks = n / LEAST_STEPS_OF_BLOCK;

	return blocks < LEAST_INTERVAL_BLOCKS ? 1 : blocks > MOST_BLOCKS ? MOST_BLOCKS : blocks;
}

TraceSummary
trace_summarise(double *values, int n)
{
	TraceSummary summary = {.median = NAN, .p95 = NAN, .p99 = NAN, .min = NAN, .max = NAN};
	double		means[MOST_BLOCKS];
	int			known = 0;
	int			nblocks;

	for (int i = 0; i < n; i++)
		if (!isnan(values[i]))
			values[known++] = values[i];
	n = known;
	nblocks = trace_block_count(n);
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
		summaries[v] = trace_summarise(values, n);
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

void
steps_summarise(const Trace *trace, const StepSample **samples, int n, StepGroup *group)
{
	summarise_each(trace, samples, n, measure_step, STEP_TIME_COUNT, NS_PER_MS, group->time);
	summarise_each(trace, samples, n, step_volumes, TRACE_VOLUME_COUNT, 1, group->volume);
}

void
workflows_summarise(const Trace *trace, const WorkflowSample **samples, int n, WorkflowGroup *group)
{
	summarise_each(trace, samples, n, measure_workflow, WORKFLOW_TIME_COUNT, NS_PER_MS, group->time);
	summarise_each(trace, samples, n, workflow_volumes, TRACE_VOLUME_COUNT, 1, group->volume);
}
