/*
 * drive_pipeline.c
 *	  All steps sent at once, each a transaction of its own: one network wait.
 *
 * What the client does for one step overlaps with what the server does for
 * another, so that only the workflow as a whole has parts on the client's side:
 * encode until the first step is handed over, decode from the last byte on.
 */
#include <stdlib.h>

#include "drive/drive.h"
#include "drive/parts.h"
#include "pg/session_internal.h"
#include "util/memory.h"

typedef struct Answers
{
	WorkflowRun *run;
	char	   *failure;		/* the first one */
	char		sqlstate[6];
} Answers;

static void
answer_arrived(void *context, int step, const PGresult *result)
{
	Answers    *answers = context;
	WorkflowRun *run = answers->run;
	char	   *failure = NULL;

	if (result == NULL)
		failure = xstrdup(run->session->error);
	else
	{
		Decoded		decoded;

		decode_answer(run, result, &decoded);
		failure = verify_answer(run, step, result, &decoded);
		PQfreemem(decoded.owned);
	}
	if (failure == NULL)
		return;

	run->samples[step].failed = true;
	if (answers->failure == NULL)
	{
		answers->failure = failure;
		run->failed_step = step;
		for (int i = 0; i < 6; i++)
			answers->sqlstate[i] = result == NULL ? run->session->sqlstate[i] : '\0';
	}
	else
		free(failure);
}

bool
drive_pipeline(WorkflowRun *run)
{
	Answers		answers = {run, NULL, ""};
	RoundTrip	trip = {0};
	PipelineCall *calls = xcalloc((size_t) run->nsteps, sizeof(PipelineCall));
	StepParams *params = xcalloc((size_t) run->nsteps, sizeof(StepParams));
	bool		ok = true;

	for (int s = 0; s < run->nsteps && ok; s++)
		ok = session_prepare(run->session, step_statement(&run->steps[s], run->origin));
	if (ok)
	{
		trip.start = now_ns();
		trip.encode_start = now_ns();
		for (int s = 0; s < run->nsteps; s++)
		{
			step_params_make(run->options, &run->steps[s], run->origin, run->workflow_id,
							 run->payloads ? run->payloads[s] : NULL, &params[s]);
			calls[s].statement = step_statement(&run->steps[s], run->origin);
			calls[s].params = params[s].params;
		}
		ok = session_pipeline(run->session, calls, run->nsteps, run->options->binary,
							  answer_arrived, &answers, &trip);
		trip.decode_end = now_ns();
		trip.end = now_ns();
		for (int s = 0; s < run->nsteps; s++)
			step_params_free(&params[s]);
	}
	if (!ok)
		run->failed_step = run->failed_step < 0 ? 0 : run->failed_step;
	else if (answers.failure != NULL)
	{
		session_fail(run->session, answers.failure, answers.sqlstate);
		ok = false;
	}
	else
		parts_from_trip(&trip, &run->whole);
	free(answers.failure);
	free(params);
	free(calls);
	return ok;
}
