/*
 * arms.c
 *	  Differential arms.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive/baselines.h"
#include "drive/parts.h"
#include "drive/payload.h"
#include "pg/session_internal.h"
#include "util/byte_buffer.h"
#include "util/memory.h"

/* bare INSERTs take numbers from here on, out of the way of the replayed steps */
#define FIRST_INSERT_ID 1000000

/* the name in the server's timing row; NULL: the server times no such call */
static const char *const operations[ARM_COUNT] = {
	[ARM_NO_OP] = "no_op",
	[ARM_RECEIVE] = "receive_payload",
	[ARM_SEND] = "send_payload",
	[ARM_SEND_HEX] = "send_payload",
	[ARM_REPLAY] = "payload_step",
	[ARM_INSERT] = NULL,
};

static const StatementId arm_statements[ARM_COUNT] = {
	[ARM_NO_OP] = STATEMENT_NO_OP,
	[ARM_RECEIVE] = STATEMENT_RECEIVE_PAYLOAD,
	[ARM_SEND] = STATEMENT_SEND_PAYLOAD,
	[ARM_SEND_HEX] = STATEMENT_SEND_PAYLOAD,
	[ARM_REPLAY] = STATEMENT_PAYLOAD_STEP,
	[ARM_INSERT] = STATEMENT_INSERT,
};

static Arm *
add_arm(Arms *arms, ArmKind kind, int64_t payload_bytes)
{
	Arm		   *arm = &arms->arms[arms->narms++];

	memset(arm, 0, sizeof(*arm));
	arm->kind = kind;
	arm->payload_bytes = payload_bytes;
	sample_reset(&arm->first);
	return arm;
}

/* Record one step per size, to be replayed. */
static bool
record_replayed_steps(Arms *arms, const Workload *workload)
{
	ByteBuffer	sizes = {0};
	const char *values[2] = {arms->workflow_id, NULL};
	char	   *array;
	PGresult   *result;

	for (int s = 0; s <= workload->nsteps; s++)
	{
		int64_t		size = s < workload->nsteps ? workload->steps[s].payload_bytes :
			workload->batched.payload_bytes;
		char		number[NUMBER_TEXT_SIZE];

		snprintf(number, sizeof(number), "%c%" PRId64, s == 0 ? '{' : ',', size);
		buffer_add_text(&sizes, number);
	}
	buffer_add_text(&sizes, "}");
	array = buffer_take(&sizes, NULL);
	values[1] = array;
	result = session_query(arms->session,
						   "SELECT pg_catalog.count(*) FROM dbos_payload.payload_steps($1, 1, $2)",
						   2, values);
	free(array);
	PQclear(result);
	return result != NULL;
}

bool
arms_open(Arms *arms, Session *session, const Workload *workload, const char *workflow_id)
{
	const char *values[] = {workflow_id};
	PGresult   *result;

	memset(arms, 0, sizeof(*arms));
	arms->session = session;
	arms->options = workload->options;
	arms->workflow_id = workflow_id;
	arms->next_function_id = FIRST_INSERT_ID;
	arms->arms = xcalloc((size_t) (1 + (workload->nsteps + 1) * (ARM_COUNT - 1)), sizeof(Arm));
	add_arm(arms, ARM_NO_OP, 0);
	for (int s = 0; s <= workload->nsteps; s++)
	{
		for (ArmKind kind = ARM_RECEIVE; kind < ARM_COUNT; kind++)
		{
			Arm		   *arm;

			if (kind == ARM_SEND_HEX && !workload->options->binary)
				continue;		/* they are all of them hex */
			arm = add_arm(arms, kind, s < workload->nsteps ?
						  workload->steps[s].payload_bytes : workload->batched.payload_bytes);
			arm->function_id = s + 1;
		}
	}

	result = session_query(session,
						   "SELECT dbos_payload.start_workflow($1, 'differential arms')", 1, values);
	PQclear(result);
	return result != NULL && record_replayed_steps(arms, workload);
}

/* Parameters of an arm's statement; text and hex must live as long as they. */
static void
arm_params(Arms *arms, const Arm *arm, const unsigned char *payload,
		   Param *params, char text[][NUMBER_TEXT_SIZE], char **hex)
{
	const Options *options = arms->options;
	Param		seed = {NULL, 0, false};

	if (options->has_seed)
		seed = number_param(text[0], options->seed);
	switch (arm->kind)
	{
		case ARM_RECEIVE:
			payload_param(options, payload, arm->payload_bytes, &params[0], hex);
			break;
		case ARM_SEND:
		case ARM_SEND_HEX:
			params[0] = number_param(text[1], arm->payload_bytes);
			params[1] = seed;
			params[2] = number_param(text[2], options->compressible);
			break;
		case ARM_REPLAY:
			params[0] = (Param) {arms->workflow_id, 0, false};
			params[1] = number_param(text[1], arm->function_id);
			params[2] = number_param(text[2], arm->payload_bytes);
			params[3] = seed;
			params[4] = number_param(text[3], options->compressible);
			params[5] = (Param) {"payload_step", 0, false};	/* as payload_steps recorded it */
			break;
		case ARM_INSERT:
			params[0] = (Param) {arms->workflow_id, 0, false};
			params[1] = number_param(text[1], arms->next_function_id++);
			params[2] = (Param) {"bare_insert", 0, false};
			payload_param(options, payload, arm->payload_bytes, &params[3], hex);
			params[4] = number_param(text[2], 0);
			params[5] = number_param(text[3], 0);
			break;
		default:
			break;
	}
}

/* One call of one arm into *sample; false with session->error set. */
static bool
call_arm(Arms *arms, const Arm *arm, Sample *sample)
{
	Session    *session = arms->session;
	const Options *options = arms->options;
	const Statement *statement = &statements[arm_statements[arm->kind]];
	bool		sends = arm->kind == ARM_RECEIVE || arm->kind == ARM_INSERT;
	bool		returns = arm->kind == ARM_SEND || arm->kind == ARM_SEND_HEX ||
		arm->kind == ARM_REPLAY;
	bool		binary = options->binary && arm->kind != ARM_SEND_HEX;
	unsigned char *payload = NULL;
	unsigned char *decoded = NULL;
	char	   *hex = NULL;
	char		text[4][NUMBER_TEXT_SIZE];
	Param		params[SESSION_MAX_PARAMS];
	RoundTrip	trip = {0};
	PGresult   *result;
	size_t		size = 0;

	if (!session_prepare(session, statement))
		return false;
	if (sends)
	{
		payload = xcalloc((size_t) arm->payload_bytes + 1, 1);
		payload_fill(payload, (size_t) arm->payload_bytes, options->has_seed, options->seed,
					 options->compressible);
	}

	trip.start = now_ns();
	trip.encode_start = now_ns();
	arm_params(arms, arm, payload, params, text, &hex);
	result = session_call(session, statement, params, binary, &trip);
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
	if (result != NULL && returns && size != (size_t) arm->payload_bytes)
	{
		session_fail(session, "an arm returned a payload of the wrong length", NULL);
		PQclear(result);
		result = NULL;
	}
	PQfreemem(decoded);
	free(payload);
	free(hex);
	PQclear(result);
	return result != NULL;
}

bool
arms_call_all(Arms *arms, bool record)
{
	for (int i = 0; i < arms->narms; i++)
	{
		Arm		   *arm = &arms->arms[i];
		Sample		sample;

		sample_reset(&sample);
		if (!call_arm(arms, arm, &sample))
			return false;
		if (operations[arm->kind] != NULL &&
			!parts_fetch_last(arms->session, operations[arm->kind], &sample))
			return false;
		parts_finish(&sample);
		if (record)
			arm_append(arm, &sample);
		else if (!arm->has_first)
		{
			arm->first = sample;
			arm->has_first = true;
		}
	}
	return true;
}

bool
arms_finish(Arms *arms)
{
	const char *values[] = {arms->workflow_id};
	PGresult   *result = session_query(arms->session,
									   "SELECT dbos_payload.finish_workflow($1)", 1, values);

	PQclear(result);
	return result != NULL;
}

void
arms_free(Arms *arms)
{
	for (int i = 0; i < arms->narms; i++)
		arm_free(&arms->arms[i]);
	free(arms->arms);
	memset(arms, 0, sizeof(*arms));
}
