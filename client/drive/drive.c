/*
 * drive.c
 *	  One run of one workflow.
 */
#include <stdlib.h>
#include <string.h>

#include "drive/drive.h"
#include "pg/session_internal.h"
#include "util/interrupt.h"
#include "util/memory.h"

void
workflow_run_init(WorkflowRun *run, Session *session, const Workload *workload,
				  WorkflowKind kind, Drive drive, Origin origin)
{
	memset(run, 0, sizeof(*run));
	run->session = session;
	run->parameters = workload->parameters;
	run->kind = kind;
	run->drive = drive;
	run->origin = origin;
	run->steps = workload_steps(workload, kind, &run->nsteps);
	run->samples = xcalloc((size_t) run->nsteps + 1, sizeof(Sample));
}

void
workflow_run_free(WorkflowRun *run)
{
	free(run->samples);
	run->samples = NULL;
}

bool
think(Session *session, const Parameters *parameters, Random *random, int64_t *thought)
{
	int64_t		ns = parameters->think_ns;
	int64_t		began = now_ns();

	if (ns == 0)
		return true;
	if (parameters->think_exponential)
		ns = (int64_t) random_exponential(random, (double) ns);
	if (!interruptible_sleep(ns))
	{
		session_fail(session, "interrupted", NULL);
		return false;
	}
	*thought += now_ns() - began;
	return true;
}

/* one's own turn came too late; the call may simply be made again */
bool
may_try_again(const WorkflowRun *run, int tries)
{
	const Session *session = run->session;

	return tries < run->parameters->max_tries && !session->lost &&
		(strcmp(session->sqlstate, "40001") == 0 || strcmp(session->sqlstate, "40P01") == 0);
}

/* start_workflow, finish_workflow: around the steps, timed by themselves */
static bool
call_workflow_function(WorkflowRun *run, const char *sql, const char *argument, Metric metric)
{
	const char *values[] = {run->workflow_id, argument};

	for (int tries = 1;; tries++)
	{
		int64_t		began = now_ns();

		if (session_do(run->session, sql, 2, values))
		{
			WHOLE(run)->ns[metric] = now_ns() - began;
			return true;
		}
		if (!may_try_again(run, tries))
			return false;
		run->ntries_again++;
	}
}

static void
make_payloads(WorkflowRun *run)
{
	run->payloads = xcalloc((size_t) run->nsteps, sizeof(unsigned char *));
	for (int s = 0; s < run->nsteps; s++)
	{
		run->payloads[s] = xcalloc((size_t) run->steps[s].payload_bytes + 1, 1);
		step_fill_payload(run->parameters, &run->steps[s], run->payloads[s]);
	}
}

static void
free_payloads(WorkflowRun *run)
{
	if (run->payloads == NULL)
		return;
	for (int s = 0; s < run->nsteps; s++)
		free(run->payloads[s]);
	free(run->payloads);
	run->payloads = NULL;
}

/* A workflow counts as what its steps came to. */
static void
mark_whole(WorkflowRun *run)
{
	Sample	   *whole = WHOLE(run);

	for (int s = 0; s < run->nsteps; s++)
	{
		Sample	   *sample = &run->samples[s];

		if (run->recorded_before != NULL && run->recorded_before[s])
			sample->state = SAMPLE_REPLAYED;
		else if (sample->state == SAMPLE_ABSENT)
			sample->state = SAMPLE_MEASURED;	/* a drive that times the whole alone */
		if (sample->state == SAMPLE_REPLAYED ||
			(sample->state == SAMPLE_RETRIED && whole->state == SAMPLE_MEASURED))
			whole->state = sample->state;
	}
}

/* Add the server's view to the client's. */
static bool
add_server_parts(WorkflowRun *run)
{
	Sample	   *whole = WHOLE(run);
	int64_t		unattributed = 0;

	if (!run->untimed && !parts_fetch_workflow(run->session, run->workflow_id, run->steps[0].function_id,
											   run->samples, run->cpu, run->nsteps))
		return false;
	if (run->cpu != NULL)
		parts_sum_cpu(run->cpu, run->nsteps, &run->cpu[run->nsteps]);
	mark_whole(run);
	parts_sum_server(run->samples, run->nsteps, whole);

	/* of separate calls the whole has its unattributed time between them too */
	for (int s = 0; s < run->nsteps; s++)
	{
		add_known(&unattributed, run->samples[s].ns[METRIC_UNATTRIBUTED]);
		parts_finish(&run->samples[s], run->others_times);
	}
	whole->ns[METRIC_UNATTRIBUTED] = unattributed;
	parts_finish(whole, run->others_times);
	return true;
}

/* Steps before and after the one that failed are not half a measurement. */
static void
mark_failed(WorkflowRun *run)
{
	for (int s = 0; s <= run->nsteps; s++)
		sample_reset(&run->samples[s]);
	if (run->failed_step >= 0)
		run->samples[run->failed_step].state = SAMPLE_FAILED;
	WHOLE(run)->state = SAMPLE_FAILED;
}

static bool
drive_steps(WorkflowRun *run)
{
	switch (run->drive)
	{
		case DRIVE_PIPELINE:
			return drive_pipeline(run);
		case DRIVE_PROCEDURE:
			return drive_procedure(run);
		default:
			return drive_calls(run);
	}
}

/* From start to finish; false with session->error set. */
static bool
drive_whole(WorkflowRun *run)
{
	char	   *step_error;
	char		step_sqlstate[6];

	if (drive_is_profile(run->drive))
		return drive_with_profile(run);
	if (!call_workflow_function(run, "SELECT dbos_payload.start_workflow($1, $2)",
								workflow_names[run->kind], METRIC_START))
		return false;
	if (drive_steps(run))
		return add_server_parts(run) &&
			call_workflow_function(run, "SELECT dbos_payload.finish_workflow($1, $2)", "SUCCESS", METRIC_END);

	/* the step's failure is the one to tell; a resumable workflow stays pending */
	if (run->session->lost || run->parameters->workflow_id != NULL)
		return false;
	step_error = xstrdup(run->session->error);
	memcpy(step_sqlstate, run->session->sqlstate, sizeof(step_sqlstate));
	call_workflow_function(run, "SELECT dbos_payload.finish_workflow($1, $2)", "ERROR", METRIC_END);
	session_fail(run->session, step_error, step_sqlstate);
	free(step_error);
	return false;
}

bool
drive_workflow(WorkflowRun *run)
{
	bool		ok;

	run->failed_step = -1;
	run->ntries_again = 0;
	for (int s = 0; s <= run->nsteps; s++)
		sample_reset(&run->samples[s]);

	/* before the workflow starts, so that the first step finds caches as the others do */
	if (run->origin == ORIGIN_CLIENT)
		make_payloads(run);
	ok = drive_whole(run);
	free_payloads(run);
	if (!ok)
		mark_failed(run);
	return ok;
}
