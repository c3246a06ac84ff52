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

/*
 * Steps of a workflow that others can know of stop at the first conflict, which
 * takes another statement; a run's own ids are known to nobody else.
 */
static const Statement *
pipelined_statement(const WorkflowRun *run, const Step *step)
{
	if (run->origin == ORIGIN_CLIENT && run->parameters->workflow_id != NULL)
		return &statements[STATEMENT_RECORD_STEP_GUARDED];
	return step_statement(step, run->origin);
}

bool
drive_pipeline(WorkflowRun *run)
{
	Answers		answers = {run, NULL, ""};
	const PipelineListener listener = {.arrived = answer_arrived,.context = &answers};
	RoundTrip	trip = {0};
	PipelineCall *calls = xcalloc((size_t) run->nsteps, sizeof(PipelineCall));
	StepParams *params = xcalloc((size_t) run->nsteps, sizeof(StepParams));
	bool		ok = true;
	int			nanswered = 0;

	for (int s = 0; s < run->nsteps && ok; s++)
		ok = session_prepare(run->session, pipelined_statement(run, &run->steps[s]));
	if (ok)
	{
		trip.start = now_ns();
		trip.encode_start = now_ns();
		for (int s = 0; s < run->nsteps; s++)
		{
			step_params_make(run->parameters, &run->steps[s], run->origin, run->workflow_id,
							 run->payloads ? run->payloads[s] : NULL, &params[s]);
			calls[s].statement = pipelined_statement(run, &run->steps[s]);
			calls[s].params = params[s].params;
		}
		ok = session_pipeline(run->session, calls, run->nsteps, run->parameters->binary,
							  &listener, &trip, &nanswered);
		trip.decode_end = now_ns();
		trip.end = now_ns();
		for (int s = 0; s < run->nsteps; s++)
			step_params_free(&params[s]);
	}
	if (!ok)
	{
		/* what hung is the first that was not answered */
		if (run->failed_step < 0 && nanswered < run->nsteps)
			run->failed_step = nanswered;
	}
	else if (answers.failure != NULL)
	{
		session_fail(run->session, answers.failure, answers.sqlstate);
		ok = false;
	}
	else
		parts_from_trip(&trip, WHOLE(run));
	free(answers.failure);
	free(params);
	free(calls);
	return ok;
}
