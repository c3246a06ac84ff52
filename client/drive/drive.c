/*
 * drive.c
 *	  One run of one workflow.
 */
#include <stdlib.h>
#include <string.h>

#include "drive/drive.h"
#include "drive/parts.h"
#include "pg/session_internal.h"
#include "util/memory.h"

void
workflow_run_init(WorkflowRun *run, Session *session, const Workload *workload,
				  WorkflowKind kind, Drive drive, Origin origin)
{
	memset(run, 0, sizeof(*run));
	run->session = session;
	run->options = workload->options;
	run->kind = kind;
	run->drive = drive;
	run->origin = origin;
	run->steps = workload_steps(workload, kind, &run->nsteps);
	run->samples = xcalloc((size_t) run->nsteps, sizeof(Sample));
}

void
workflow_run_free(WorkflowRun *run)
{
	free(run->samples);
	run->samples = NULL;
}

/* start_workflow, finish_workflow: around the measurement, not in it */
static bool
call_workflow_function(WorkflowRun *run, const char *sql, const char *argument)
{
	const char *values[] = {run->workflow_id, argument};
	PGresult   *result = session_query(run->session, sql, 2, values);

	PQclear(result);
	return result != NULL;
}

static void
make_payloads(WorkflowRun *run)
{
	run->payloads = xcalloc((size_t) run->nsteps, sizeof(unsigned char *));
	for (int s = 0; s < run->nsteps; s++)
	{
		run->payloads[s] = xcalloc((size_t) run->steps[s].payload_bytes + 1, 1);
		step_fill_payload(run->options, &run->steps[s], run->payloads[s]);
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

/* Add the server's view to the client's. */
static bool
add_server_parts(WorkflowRun *run)
{
	if (!parts_fetch_workflow(run->session, run->workflow_id, run->steps[0].function_id,
							  run->samples, run->nsteps))
		return false;
	if (run->recorded_before != NULL)
	{
		for (int s = 0; s < run->nsteps; s++)
			run->samples[s].replayed = run->recorded_before[s];
	}
	for (int s = 0; s < run->nsteps; s++)
	{
		parts_finish(&run->samples[s]);
		run->whole.replayed = run->whole.replayed || run->samples[s].replayed;
		run->whole.retried = run->whole.retried || run->samples[s].retried;
	}

	/* of separate calls the whole has its unattributed time between them too */
	parts_sum_server(run->samples, run->nsteps, &run->whole);
	if (run->drive == DRIVE_CALLS)
	{
		int64_t		server_unattributed = 0;

		for (int s = 0; s < run->nsteps && server_unattributed != UNKNOWN; s++)
		{
			const int64_t *ns = run->samples[s].ns;

			if (ns[METRIC_UNATTRIBUTED] == UNKNOWN || ns[METRIC_ROUND_TRIP] == UNKNOWN)
				server_unattributed = UNKNOWN;
			else
				server_unattributed += ns[METRIC_UNATTRIBUTED] -
					(ns[METRIC_ROUND_TRIP] - ns[METRIC_ENCODE] - ns[METRIC_WAIT] - ns[METRIC_DECODE]);
		}
		run->whole.ns[METRIC_UNATTRIBUTED] = server_unattributed;
	}
	parts_finish(&run->whole);
	return true;
}

bool
drive_workflow(WorkflowRun *run)
{
	char	   *step_error = NULL;
	char		step_sqlstate[6];
	bool		ok;

	run->failed_step = -1;
	run->ntries_again = 0;
	sample_reset(&run->whole);
	for (int s = 0; s < run->nsteps; s++)
		sample_reset(&run->samples[s]);

	/* before the workflow starts, so that the first step finds caches as the others do */
	if (run->origin == ORIGIN_CLIENT)
		make_payloads(run);
	if (!call_workflow_function(run, "SELECT dbos_payload.start_workflow($1, $2)",
								workflow_names[run->kind]))
	{
		free_payloads(run);
		run->whole.failed = true;
		return false;
	}
	switch (run->drive)
	{
		case DRIVE_PIPELINE:
			ok = drive_pipeline(run);
			break;
		case DRIVE_PROCEDURE:
			ok = drive_procedure(run);
			break;
		default:
			ok = drive_calls(run);
			break;
	}
	free_payloads(run);
	if (ok)
		return add_server_parts(run) &&
			call_workflow_function(run, "SELECT dbos_payload.finish_workflow($1, $2)", "SUCCESS");

	/* the step's failure is the one to tell; a resumable workflow stays pending */
	run->whole.failed = true;
	if (run->session->lost || run->options->workflow_id != NULL)
		return false;
	step_error = xstrdup(run->session->error);
	memcpy(step_sqlstate, run->session->sqlstate, sizeof(step_sqlstate));
	call_workflow_function(run, "SELECT dbos_payload.finish_workflow($1, $2)", "ERROR");
	session_fail(run->session, step_error, step_sqlstate);
	free(step_error);
	return false;
}

/*
 * Make the payload of an answer usable: where it is binary it is so already,
 * hex text is turned into bytes.  The answer of origin client is a word.
 */
bool
decode_answer(const WorkflowRun *run, const PGresult *result, Decoded *decoded)
{
	memset(decoded, 0, sizeof(*decoded));
	if (PQntuples(result) != 1 || PQnfields(result) < 1 || PQgetisnull(result, 0, 0))
		return false;
	decoded->bytes = (const unsigned char *) PQgetvalue(result, 0, 0);
	decoded->size = (size_t) PQgetlength(result, 0, 0);
	if (run->origin == ORIGIN_SERVER && !run->options->binary)
	{
		decoded->owned = PQunescapeBytea(decoded->bytes, &decoded->size);
		decoded->bytes = decoded->owned;
	}
	return decoded->bytes != NULL;
}

char *
verify_answer(const WorkflowRun *run, int step, const PGresult *result, const Decoded *decoded)
{
	const Step *wanted = &run->steps[step];

	if (decoded->bytes == NULL)
		return xasprintf("step %d: the server's answer holds no value", wanted->function_id);
	if (run->origin == ORIGIN_CLIENT)
	{
		const char *outcome = PQgetvalue(result, 0, 0);

		if (strcmp(outcome, "recorded") != 0 && strcmp(outcome, "already_recorded") != 0)
			return xasprintf("step %d: the server answered \"%s\": other bytes are recorded there",
							 wanted->function_id, outcome);
		return NULL;
	}
	if (run->recorded_before != NULL && run->recorded_before[step])
		return NULL;			/* what was recorded then counts, whatever it is */
	if (decoded->size != (size_t) wanted->payload_bytes)
		return xasprintf("step %d: asked for %lld bytes, got %zu", wanted->function_id,
						 (long long) wanted->payload_bytes, decoded->size);
	if (run->options->has_seed && !step_payload_matches(run->options, wanted, decoded->bytes))
		return xasprintf("step %d: the bytes are not those of seed %lld", wanted->function_id,
						 (long long) step_seed(run->options, wanted));
	return NULL;
}
