/*
 * iteration.c
 *	  One iteration: everything that is compared, once.
 */
#include <stdlib.h>
#include <string.h>

#include "drive/drive.h"
#include "drive/blocks.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"

/* a run that fails this often in a row will not recover */
#define MAX_FAILURES_IN_A_ROW 5

/* one thing that an iteration does; one of the two is set */
typedef struct Task
{
	Series	   *series;
	Baseline   *baseline;
} Task;

bool
goes_on(const Run *run)
{
	return !interrupted() && !run->given_up;
}

bool
block_goes_on(const Run *run)
{
	return goes_on(run) && !run->block_over;
}

void
next_workflow_id(Run *run, const RunSide *side, char id[WORKFLOW_ID_SIZE])
{
	run_workflow_id(id, side->run_id, run->parameters->keep, ++run->nworkflows);
}

void
give_up(Run *run)
{
	run->failed = true;
	run->given_up = true;
}

const char *
side_prefix(const Run *run, int side)
{
	if (run->parameters->nsides == 1)
		return "";
	return side == 0 ? "first side, " : "second side, ";
}

static void
report_failure(Run *run, const Series *series, const WorkflowRun *workflow)
{
	char		step[32] = "";

	if (workflow->failed_step >= 0)
		snprintf(step, sizeof(step), "step %d failed: ", series->steps[workflow->failed_step].function_id);
	print_error("%s%s, drive %s, origin %s: %s%s", side_prefix(run, series->side),
				workflow_names[series->kind], drive_names[series->drive], origin_names[series->origin],
				step, workflow->session->error ? workflow->session->error : "unknown");
}

/* After a failure: is there a connection still, and is it worth going on? */
void
after_failure(Run *run, const Session *session)
{
	run->failed = run->block_failed = true;
	if (session->lost)
	{
		run->connection_lost = true;
		run->block_over = true;
		if (!run->parameters->reconnect)
			give_up(run);
	}
	if (++run->failures_in_a_row >= MAX_FAILURES_IN_A_ROW && !run->given_up)
	{
		print_error("%d calls failed one after the other: giving up", MAX_FAILURES_IN_A_ROW);
		give_up(run);
	}
}

static int64_t
payload_bytes(const Series *series)
{
	int64_t		sum = 0;

	for (int s = 0; s < series->nsteps; s++)
		sum += series->steps[s].payload_bytes;
	return sum;
}

/* The newest iteration's samples; the commits of its twin may have been there first. */
static void
keep_samples(Sample *row, const Sample *samples, int nsteps)
{
	for (int s = 0; s <= nsteps; s++)
	{
		int64_t		flush = row[s].ns[METRIC_FLUSH];

		row[s] = samples[s];
		row[s].ns[METRIC_FLUSH] = flush;
	}
}

/* Commits of its twin, which waited for no standby. */
static void
keep_flushes(Sample *row, const Sample *samples, int nsteps)
{
	for (int s = 0; s <= nsteps; s++)
		if (samples[s].state == SAMPLE_MEASURED)
			row[s].ns[METRIC_FLUSH] = samples[s].ns[METRIC_COMMIT];
}

void
run_workflow(Run *run, Series *series, Session *session, Purpose purpose)
{
	const Parameters *parameters = run->parameters;
	RunSide    *side = &run->sides[series->side];
	size_t		row_bytes = (size_t) (series->nsteps + 1) * sizeof(Sample);
	char		id[WORKFLOW_ID_SIZE];
	WorkflowRun workflow;
	bool		ok;

	workflow_run_init(&workflow, session, &run->workload, series->kind, series->drive,
					  series->origin);
	workflow.random = &run->random;
	workflow.schemas = &side->schemas;
	workflow.untimed = !side->has_extension;
	workflow.others_times = side->others_times;
	workflow.read_back = purpose == PURPOSE_FIRST;
	workflow.workflow_id = id;
	if (parameters->workflow_id != NULL)
	{
		workflow.workflow_id = parameters->workflow_id;
		workflow.recorded_before = run->recorded_before;
	}
	else
		next_workflow_id(run, side, id);
	if (purpose == PURPOSE_CPU)
		workflow.cpu = series_add_cpu(series);

	ok = drive_workflow(&workflow);
	side->undeleted_bytes += payload_bytes(series);
	run->measured.nretries += workflow.ntries_again;
	run->measured.sends_unseen |= session->sends_unseen;
	if (ok || !interrupted())	/* else it is neither measured nor failed */
	{
		if (purpose == PURPOSE_FIRST)
			memcpy(series_first_row(&run->measured, series), workflow.samples, row_bytes);
		if (purpose == PURPOSE_MEASURE)
			keep_samples(series_row(&run->measured, series), workflow.samples, series->nsteps);
		if (purpose == PURPOSE_FLUSH)
			keep_flushes(series_row(&run->measured, series), workflow.samples, series->nsteps);
		if (ok)
			run->failures_in_a_row = 0;
		else
		{
			report_failure(run, series, &workflow);
			after_failure(run, session);
		}
	}
	workflow_run_free(&workflow);
}

static void
run_baseline(Run *run, Baseline *baseline, Purpose purpose)
{
	RunSide    *side = &run->sides[baseline->side];
	Sample		sample;
	bool		ok;

	if (!side->baselines_open)
		return;
	ok = baseline_call(&side->baselines, baseline, &sample);
	if (!ok && interrupted())
		return;
	if (baseline->kind == BASELINE_INSERT || baseline->kind == BASELINE_IDLE)
		side->undeleted_bytes += baseline->payload_bytes;
	if (purpose == PURPOSE_MEASURE)
		*baseline_sample(&run->measured, baseline) = sample;
	if (!ok)
	{
		print_error("%sbaseline %s: %s; this block has no more baselines",
					side_prefix(run, baseline->side), baseline_names[baseline->kind],
					side->session.error);
		side->baselines_open = false;
		after_failure(run, &side->session);
	}
}

/* What of the newest iteration takes more than one call: commits that were split off. */
static void
finish_iteration(Run *run)
{
	Measured   *measured = &run->measured;

	for (int b = 0; run->parameters->split_commit && b < measured->nbaselines; b++)
	{
		const Baseline *baseline = &measured->baselines[b];

		if (baseline->kind != BASELINE_EMPTY)
			continue;
		for (int i = 0; i < measured->nseries; i++)
		{
			Series	   *series = &measured->series[i];
			Sample	   *row = series_row(measured, series);

			for (int s = 0; series->side == baseline->side && s <= series->nsteps; s++)
				parts_split_commit(&row[s], baseline_sample(measured, baseline), s < series->nsteps ? 1 : series->nsteps);
		}
	}
}

void
finish_pair(Run *run)
{
	for (int i = 0; i < run->measured.nseries; i++)
	{
		const Series *series = &run->measured.series[i];
		Sample	   *row = series_row(&run->measured, series);

		for (int s = 0; s <= series->nsteps; s++)
			parts_split_standby(&row[s]);
	}
}

bool
takes_part(const Run *run, const Series *series, Purpose purpose)
{
	bool		ours = !drive_is_profile(series->drive);

	switch (purpose)
	{
		case PURPOSE_CPU:
			return ours;
		case PURPOSE_FLUSH:
			return ours && run->sides[series->side].waits_for_standby;
		default:
			return true;
	}
}

static bool
has_size(const Baseline *baseline)
{
	return baseline->kind >= BASELINE_RECEIVE && baseline->kind <= BASELINE_INSERT;
}

/*
 * Everything that is compared, once, in an order drawn anew.  Baselines of one
 * size take part, those without a size always.  What is for one part of our own steps
 * alone is done with these alone.
 */
void
run_iteration(Run *run, Purpose purpose)
{
	Measured   *measured = &run->measured;
	bool		ours = purpose == PURPOSE_CPU || purpose == PURPOSE_FLUSH;
	Task	   *tasks = xcalloc((size_t) (measured->nseries + measured->nbaselines), sizeof(Task));
	size_t		ntasks = 0;
	const Baseline *turn = NULL;

	/* each size has as many */
	while (run->parameters->baselines && measured->nbaselines > 0 && (turn == NULL || !has_size(turn)))
		turn = &measured->baselines[random_below(&run->random, (uint64_t) measured->nbaselines)];
	for (int i = 0; i < measured->nseries; i++)
		if (takes_part(run, &measured->series[i], purpose))
			tasks[ntasks++].series = &measured->series[i];
	for (int i = 0; i < measured->nbaselines && !ours; i++)
	{
		Baseline   *baseline = &measured->baselines[i];

		if (!has_size(baseline) || (turn != NULL && baseline->payload_bytes == turn->payload_bytes))
			tasks[ntasks++].baseline = baseline;
	}
	random_shuffle(&run->random, tasks, ntasks, sizeof(Task));
	for (size_t i = 0; i < ntasks && block_goes_on(run); i++)
	{
		Series	   *series = tasks[i].series;

		if (series != NULL)
			run_workflow(run, series, &run->sides[series->side].session, purpose);
		else
			run_baseline(run, tasks[i].baseline, purpose);
	}
	if (purpose == PURPOSE_MEASURE)
		finish_iteration(run);
	free(tasks);
}
