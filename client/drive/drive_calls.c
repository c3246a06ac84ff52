/*
 * drive_calls.c
 *	  A round trip per step, as the experiment did it.
 */
#include <stdlib.h>
#include <string.h>

#include "drive/drive.h"
#include "drive/parts.h"
#include "pg/session_internal.h"
#include "util/memory.h"

/* one's own turn came too late; the step may simply be called again */
static bool
may_try_again(const Session *session)
{
	return !session->lost &&
		(strcmp(session->sqlstate, "40001") == 0 || strcmp(session->sqlstate, "40P01") == 0);
}

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
	step_params_make(run->options, wanted, run->origin, run->workflow_id, payload,
					 &answer->params);
	answer->result = session_call(run->session, step_statement(wanted, run->origin),
								  answer->params.params, run->options->binary, trip);
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
		if (tries >= run->options->max_tries || !may_try_again(run->session))
			return false;
		run->samples[step].retried = true;
		run->ntries_again++;
	}
}

/* Are all answers right?  The first that is not is the error kept. */
static bool
verify_answers(WorkflowRun *run, const Answer *answers)
{
	for (int s = 0; s < run->nsteps; s++)
	{
		char	   *failure = verify_answer(run, s, answers[s].result, &answers[s].decoded);

		if (failure != NULL)
		{
			session_fail(run->session, failure, NULL);
			free(failure);
			run->samples[s].failed = true;
			run->failed_step = s;
			return false;
		}
	}
	return true;
}

bool
drive_calls(WorkflowRun *run)
{
	Sample	   *whole = &run->whole;
	Answer	   *answers = xcalloc((size_t) run->nsteps, sizeof(Answer));
	int64_t		sums[METRIC_COUNT] = {0};
	int64_t		sent = 0;
	int64_t		received = 0;
	RoundTrip	trip = {0};
	int64_t		began = 0;
	bool		ok = true;

	for (int s = 0; s < run->nsteps && ok; s++)
		ok = session_prepare(run->session, step_statement(&run->steps[s], run->origin));
	for (int s = 0; s < run->nsteps && ok; s++)
	{
		Sample	   *sample = &run->samples[s];

		ok = call_step_with_tries(run, s, &answers[s], &trip);
		if (!ok)
		{
			sample->failed = true;
			run->failed_step = s;
			break;
		}
		if (s == 0)
			began = trip.start;
		parts_from_trip(&trip, sample);
		for (Metric m = 0; m < METRIC_COUNT; m++)
			sums[m] += sample->ns[m] == UNKNOWN ? 0 : sample->ns[m];
		sent += trip.sent;
		received += trip.received;
	}
	ok = ok && verify_answers(run, answers);
	for (int s = 0; s < run->nsteps; s++)
		answer_free(&answers[s]);
	free(answers);
	if (!ok)
		return false;

	/* one interval for the workflow, sums for what lies in it */
	whole->ns[METRIC_ROUND_TRIP] = trip.end - began;
	whole->ns[METRIC_ENCODE] = sums[METRIC_ENCODE];
	whole->ns[METRIC_WAIT] = sums[METRIC_WAIT];
	whole->ns[METRIC_DECODE] = sums[METRIC_DECODE];
	whole->volume[VOLUME_WIRE_SENT] = sent;
	whole->volume[VOLUME_WIRE_RECEIVED] = received;
	return true;
}
