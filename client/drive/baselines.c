/*
 * baselines.c
 *	  Calls with parts of a step's way left out.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "drive/baselines.h"
#include "drive/drive.h"
#include "pg/session_internal.h"
#include "util/interrupt.h"
#include "util/memory.h"

/* bare INSERTs and idle steps take numbers from here on, after the replayed steps */
#define FIRST_NEW_ID 1000

typedef struct Kind
{
	StatementId statement;
	const char *operation;		/* in the server's timing row; NULL: it times no such call */
	bool		sends;			/* the client makes a payload */
	bool		returns;		/* the server answers with one */
} Kind;

/* idle is a step like any other, an empty query no statement: not among them */
static const Kind kinds[BASELINE_COUNT] = {
	[BASELINE_NO_OP] = {STATEMENT_NO_OP, "no_op", false, false},
	[BASELINE_RECEIVE] = {STATEMENT_RECEIVE_PAYLOAD, "receive_payload", true, false},
	[BASELINE_SEND] = {STATEMENT_SEND_PAYLOAD, "send_payload", false, true},
	[BASELINE_SEND_HEX] = {STATEMENT_SEND_PAYLOAD, "send_payload", false, true},
	[BASELINE_REPLAY] = {STATEMENT_PAYLOAD_STEP, "payload_step", false, true},
	[BASELINE_INSERT] = {STATEMENT_INSERT, NULL, true, false},
};

/* The step of the i-th different size; NULL where there are no more. */
static const Step *
different_step(const Workload *workload, int i)
{
	for (int s = 0; s <= workload->nsteps; s++)
	{
		const Step *step = s < workload->nsteps ? &workload->steps[s] : &workload->batched;
		bool		seen = false;

		for (int t = 0; t < s && !seen; t++)
			seen = workload->steps[t].payload_bytes == step->payload_bytes;
		if (!seen && i-- == 0)
			return step;
	}
	return NULL;
}

/* An empty query: what the network and waking up take, and nothing else. */
static bool
empty_query(Session *session, Sample *sample)
{
	static const Turn turn = {.kind = TURN_SIMPLE, .sql = ";"};
	RoundTrip	trip = {0};
	PGresult   *result;

	trip.start = trip.encode_start = now_ns();
	result = session_turn(session, &turn, NULL, false, &trip);
	trip.decode_end = trip.end = now_ns();
	if (result != NULL)
		parts_from_trip(&trip, sample);
	PQclear(result);
	return result != NULL;
}

static const Step *
smallest_step(const Workload *workload)
{
	const Step *smallest = &workload->steps[0];

	for (int s = 1; s < workload->nsteps; s++)
		if (workload->steps[s].payload_bytes < smallest->payload_bytes)
			smallest = &workload->steps[s];
	return smallest;
}

void
baselines_add(Measured *measured, int side, const Workload *workload)
{
	bool		portable = workload->parameters->portable;
	const Step *step;

	if (has_profiles(workload->parameters) || workload->parameters->split_commit)
		measured_add_baseline(measured, side, BASELINE_EMPTY, 0);
	if (!workload->parameters->baselines)
		return;
	if (!portable)
		measured_add_baseline(measured, side, BASELINE_NO_OP, 0);
	measured_add_baseline(measured, side, BASELINE_IDLE, smallest_step(workload)->payload_bytes);
	for (int i = 0; (step = different_step(workload, i)) != NULL; i++)
	{
		for (BaselineKind kind = BASELINE_RECEIVE; kind <= BASELINE_INSERT; kind++)
		{
			if (kind == BASELINE_SEND_HEX && !workload->parameters->binary)
				continue;		/* they are all of them hex */
			if (portable && kind != BASELINE_INSERT)
				continue;		/* the others are functions in C */
			measured_add_baseline(measured, side, kind, step->payload_bytes)->function_id = i + 1;
		}
	}
}

/* Call a step's function, its payload dropped; false with session->error set. */
static bool
record_replayed_step(Baselines *baselines, int function_id, const Step *step)
{
	const Parameters *parameters = baselines->workload->parameters;
	char		text[4][NUMBER_TEXT_SIZE];
	const char *values[5] = {baselines->workflow_id};

	values[1] = number_param(text[0], function_id).value;
	values[2] = number_param(text[1], step->payload_bytes).value;
	values[3] = parameters->has_seed ?
		number_param(text[2], step_seed(parameters, step)).value : NULL;
	values[4] = number_param(text[3], parameters->compressible).value;
	return session_do(baselines->session,
					  "SELECT dbos_payload.payload_step($1, $2, $3, $4, $5) IS NULL", 5, values);
}

bool
baselines_open(Baselines *baselines, Session *session, const Workload *workload,
			   const char *workflow_id, Random *random, bool untimed)
{
	const char *values[] = {workflow_id};
	const Step *step;

	*baselines = (Baselines) {session, workload, workflow_id, FIRST_NEW_ID, random, untimed};
	if (!workload->parameters->baselines)
		return true;
	if (!session_do(session, "SELECT dbos_payload.start_workflow($1, 'baselines')", 1, values))
		return false;
	for (int i = 0; !workload->parameters->portable && (step = different_step(workload, i)) != NULL; i++)
		if (!record_replayed_step(baselines, i + 1, step))
			return false;
	return true;
}

/* The step whose payload a baseline's is like: its seed, its bytes. */
static const Step *
step_of_baseline(const Baselines *baselines, const Baseline *baseline)
{
	return baseline->kind == BASELINE_IDLE ? smallest_step(baselines->workload) :
		different_step(baselines->workload, baseline->function_id - 1);
}

/* Parameters of a baseline's statement, as StepParams of another statement. */
static void
make_params(Baselines *baselines, const Baseline *baseline, const Step *step,
			const unsigned char *payload, StepParams *out)
{
	const Parameters *parameters = baselines->workload->parameters;
	Param	   *params = out->params;
	Param		seed = {NULL, 0, false};

	out->hex = NULL;
	if (parameters->has_seed && step != NULL)
		seed = number_param(out->text[0], step_seed(parameters, step));
	switch (baseline->kind)
	{
		case BASELINE_RECEIVE:
			payload_param(parameters, payload, baseline->payload_bytes, &params[0], &out->hex);
			break;
		case BASELINE_SEND:
		case BASELINE_SEND_HEX:
			params[0] = number_param(out->text[1], baseline->payload_bytes);
			params[1] = seed;
			params[2] = number_param(out->text[2], parameters->compressible);
			break;
		case BASELINE_REPLAY:
			params[0] = (Param) {baselines->workflow_id, 0, false};
			params[1] = number_param(out->text[1], baseline->function_id);
			params[2] = number_param(out->text[2], baseline->payload_bytes);
			params[3] = seed;
			params[4] = number_param(out->text[3], parameters->compressible);
			params[5] = (Param) {"payload_step", 0, false};	/* as it was recorded */
			break;
		case BASELINE_INSERT:
			params[0] = (Param) {baselines->workflow_id, 0, false};
			params[1] = number_param(out->text[1], baselines->next_function_id++);
			params[2] = (Param) {"bare_insert", 0, false};
			payload_param(parameters, payload, baseline->payload_bytes, &params[3], &out->hex);
			params[4] = number_param(out->text[2], 0);
			params[5] = number_param(out->text[3], 0);
			break;
		default:
			break;
	}
}

/* The origin of an idle step: the server, where the run has it. */
static Origin
idle_origin(const Baselines *baselines)
{
	return baselines->workload->parameters->origins[ORIGIN_SERVER] ? ORIGIN_SERVER : ORIGIN_CLIENT;
}

/*
 * An idle step waits its own time, the others what the steps wait that they are set beside;
 * false with session->error set.
 */
static bool
wait_before(Baselines *baselines, bool idle)
{
	int64_t		thought = 0;

	if (!idle)
		return think(baselines->session, baselines->workload->parameters, baselines->random, &thought);
	if (interruptible_sleep(BASELINE_IDLE_NS))
		return true;
	session_fail(baselines->session, "interrupted", NULL);
	return false;
}

/*
 * One timed call; the payload, if any, was made before.  False with
 * session->error set.
 */
static bool
timed_call(Baselines *baselines, const Baseline *baseline, const Step *step,
		   const unsigned char *payload, Sample *sample)
{
	Session    *session = baselines->session;
	bool		idle = baseline->kind == BASELINE_IDLE;
	Origin		origin = idle_origin(baselines);
	const Statement *statement = idle ? step_statement(step, origin) :
		&statements[kinds[baseline->kind].statement];
	bool		returns = idle ? origin == ORIGIN_SERVER : kinds[baseline->kind].returns;
	bool		binary = baselines->workload->parameters->binary && baseline->kind != BASELINE_SEND_HEX;
	unsigned char *decoded = NULL;
	StepParams	params;
	RoundTrip	trip = {0};
	PGresult   *result;
	size_t		size = 0;

	if (!session_prepare(session, statement))
		return false;
	if (!wait_before(baselines, idle))
		return false;
	trip.start = now_ns();
	trip.encode_start = now_ns();
	if (idle)
	{
		step_params_make(baselines->workload->parameters, step, origin, baselines->workflow_id,
						 payload, &params);
		params.params[1] = number_param(params.text[1], baselines->next_function_id++);
	}
	else
		make_params(baselines, baseline, step, payload, &params);
	result = session_call(session, statement, params.params, binary, &trip);
	if (result != NULL && returns)
	{
		size = (size_t) PQgetlength(result, 0, 0);
		if (!binary)
			decoded = PQunescapeBytea((unsigned char *) PQgetvalue(result, 0, 0), &size);
	}
	trip.decode_end = now_ns();
	trip.end = now_ns();

	if (result != NULL)
		parts_from_trip(&trip, sample);
	if (result != NULL && returns && size != (size_t) baseline->payload_bytes)
	{
		session_fail(session, "it returned a payload of the wrong length", NULL);
		PQclear(result);
		result = NULL;
	}
	PQfreemem(decoded);
	step_params_free(&params);
	PQclear(result);
	return result != NULL;
}

bool
baseline_call(Baselines *baselines, const Baseline *baseline, Sample *sample)
{
	const Parameters *parameters = baselines->workload->parameters;
	bool		idle = baseline->kind == BASELINE_IDLE;
	const Step *step = step_of_baseline(baselines, baseline);
	const char *operation = idle ? step_operation(step, idle_origin(baselines)) :
		kinds[baseline->kind].operation;
	unsigned char *payload = NULL;
	bool		ok;

	sample_reset(sample);
	if (baseline->kind == BASELINE_EMPTY)
	{
		ok = empty_query(baselines->session, sample);
		sample->state = ok ? SAMPLE_MEASURED : SAMPLE_FAILED;
		return ok;
	}
	if (idle ? idle_origin(baselines) == ORIGIN_CLIENT : kinds[baseline->kind].sends)
	{
		payload = xcalloc((size_t) baseline->payload_bytes + 1, 1);
		payload_fill(payload, (size_t) baseline->payload_bytes, parameters->has_seed,
					 step_seed(parameters, step), parameters->compressible);
	}
	ok = timed_call(baselines, baseline, step, payload, sample);
	free(payload);
	ok = ok && (operation == NULL || baselines->untimed || parts_fetch_last(baselines->session, operation, sample));
	if (ok)
		parts_finish(sample, false);
	else
	{
		sample_reset(sample);
		sample->state = SAMPLE_FAILED;
	}
	return ok;
}

bool
baselines_close(Baselines *baselines)
{
	const char *values[] = {baselines->workflow_id};

	return !baselines->workload->parameters->baselines ||
		session_do(baselines->session, "SELECT dbos_payload.finish_workflow($1)", 1, values);
}
