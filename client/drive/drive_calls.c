/*
 * drive_calls.c
 *	  A round trip per step, as the experiment did it.
 */
#include <stdlib.h>
#include <string.h>

#include "drive/drive.h"
#include "pg/session_internal.h"
#include "util/memory.h"

/*
 * What a call leaves behind.  It is looked at and freed after the workflow, so
 * that neither lies between two steps.
 */
typedef struct Answer
{
	StepParams	params;
	PGresult   *result;
	Decoded		decoded;
} Answer;

static void
answer_free(Answer *answer)
{
	step_params_free(&answer->params);
	PQfreemem(answer->decoded.owned);
	PQclear(answer->result);
	memset(answer, 0, sizeof(*answer));
}

/* One step, one call; false with the error kept. */
static bool
call_step(WorkflowRun *run, int step, Answer *answer, RoundTrip *trip)
{
	const Step *wanted = &run->steps[step];
	const unsigned char *payload = run->payloads ? run->payloads[step] : NULL;

	trip->start = now_ns();
	trip->encode_start = now_ns();
	step_params_make(run->parameters, wanted, run->origin, run->workflow_id, payload,
					 &answer->params);
	answer->result = (run->parameters->split_commit ? session_call_split : session_call)
		(run->session, step_statement(wanted, run->origin), answer->params.params, run->parameters->binary, trip);
	if (answer->result == NULL)
		return false;
	decode_answer(run, answer->result, &answer->decoded);
	trip->decode_end = now_ns();
	trip->end = now_ns();
	return true;
}

/* The same, again where the server asks for it and --max-tries allows it. */
static bool
call_step_with_tries(WorkflowRun *run, int step, Answer *answer, RoundTrip *trip)
{
	for (int tries = 1;; tries++)
	{
		if (call_step(run, step, answer, trip))
			return true;
		answer_free(answer);
		if (!may_try_again(run, tries))
			return false;
		run->samples[step].state = SAMPLE_RETRIED;
		run->ntries_again++;
	}
}

/* Are all answers right?  The first that is not is the error kept. */
static bool
verify_answers(WorkflowRun *run, const Answer *answers, int nanswers)
{
	for (int s = 0; s < nanswers; s++)
	{
		char	   *failure = verify_answer(run, s, answers[s].result, &answers[s].decoded);

		if (failure != NULL)
		{
			session_fail(run->session, failure, NULL);
			free(failure);
			run->failed_step = s;
			return false;
		}
	}
	return true;
}

bool
drive_calls(WorkflowRun *run)
{
	static const Metric summed[] = {METRIC_ENCODE, METRIC_WAIT, METRIC_SENDING, METRIC_DECODE, METRIC_COMMIT_WAIT};
	Sample	   *whole = WHOLE(run);
	Answer	   *answers = xcalloc((size_t) run->nsteps, sizeof(Answer));
	RoundTrip	trip = {0};
	int64_t		began = 0;
	int64_t		thought = 0;
	int			ndone = 0;
	bool		ok = true;

	for (int s = 0; s < run->nsteps && ok; s++)
		ok = session_prepare(run->session, step_statement(&run->steps[s], run->origin));
	for (int s = 0; s < run->nsteps && ok; s++)
	{
		Sample	   *sample = &run->samples[s];
		bool		retried;

		ok = think(run->session, run->parameters, run->random, &thought) &&
			call_step_with_tries(run, s, &answers[s], &trip);
		if (!ok)
		{
			run->failed_step = s;
			break;
		}
		ndone++;
		if (s == 0)
		{
			began = trip.start;
			thought = 0;		/* that came before */
		}
		retried = sample->state == SAMPLE_RETRIED;
		parts_from_trip(&trip, sample);
		if (retried)
			sample->state = SAMPLE_RETRIED;

		/* a workflow has one author: whoever comes second stops */
		if (is_conflict(run, &answers[s].decoded))
			break;
	}
	if (ok)
		ok = verify_answers(run, answers, ndone);
	for (int s = 0; s < run->nsteps; s++)
		answer_free(&answers[s]);
	free(answers);
	if (!ok)
		return false;

	/* one interval for the workflow, its thinking left out; sums for what lies in it */
	whole->state = SAMPLE_MEASURED;
	whole->ns[METRIC_ROUND_TRIP] = trip.end - began - thought;
	whole->volume[VOLUME_WIRE_SENT] = whole->volume[VOLUME_WIRE_RECEIVED] = whole->volume[VOLUME_TURNS] = 0;
	for (size_t m = 0; m < sizeof(summed) / sizeof(summed[0]); m++)
		whole->ns[summed[m]] = 0;
	for (int s = 0; s < run->nsteps; s++)
	{
		const Sample *sample = &run->samples[s];

		for (size_t m = 0; m < sizeof(summed) / sizeof(summed[0]); m++)
			add_known(&whole->ns[summed[m]], sample->ns[summed[m]]);
		whole->volume[VOLUME_WIRE_SENT] += sample->volume[VOLUME_WIRE_SENT];
		whole->volume[VOLUME_WIRE_RECEIVED] += sample->volume[VOLUME_WIRE_RECEIVED];
		whole->volume[VOLUME_TURNS] += sample->volume[VOLUME_TURNS];
	}
	return true;
}
