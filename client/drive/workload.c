/*
 * workload.c
 *	  The steps of the two workflows, and the SQL that drives them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "drive/workload.h"

/* type OIDs; they never change (pg_type.dat) */
#define BYTEAOID 17
#define INT8OID 20
#define INT4OID 23
#define TEXTOID 25
#define INT8ARRAYOID 1016
#define BYTEAARRAYOID 1001
#define TEXTARRAYOID 1009

#define STATEMENT(id, sql, ...) [STATEMENT_##id] = {STATEMENT_##id, sql, \
	sizeof((Oid[]) {0, ##__VA_ARGS__}) / sizeof(Oid) - 1, {__VA_ARGS__}}

const Statement statements[STATEMENT_COUNT] = {
	STATEMENT(SIZE_STEP, "SELECT dbos_payload.size_step($1, $2, $3, $4, $5)",
			  TEXTOID, INT4OID, INT4OID, INT8OID, INT4OID),
	STATEMENT(PAYLOAD_STEP, "SELECT dbos_payload.payload_step($1, $2, $3, $4, $5, $6)",
			  TEXTOID, INT4OID, INT8OID, INT8OID, INT4OID, TEXTOID),
	STATEMENT(RECORD_STEP, "SELECT dbos_payload.record_step($1, $2, $3, $4)",
			  TEXTOID, INT4OID, TEXTOID, BYTEAOID),

	/*
	 * Of calls that are sent at once the later ones must not be recorded when one
	 * before them met another author's bytes, although each commits for itself: the
	 * session remembers it.
	 */
	STATEMENT(RECORD_STEP_GUARDED,
			  "SELECT pg_catalog.set_config('dbos_payload_bench.outcome', CASE"
			  " WHEN pg_catalog.current_setting('dbos_payload_bench.outcome', true)"
			  " OPERATOR(pg_catalog.=) 'conflict' THEN 'conflict'"
			  " ELSE dbos_payload.record_step($1, $2, $3, $4) END, false)",
			  TEXTOID, INT4OID, TEXTOID, BYTEAOID),
	STATEMENT(COMMIT_PAYLOAD_STEPS, "CALL dbos_payload.commit_payload_steps($1, $2, $3, $4, $5, $6)",
			  TEXTOID, INT4OID, INT8ARRAYOID, INT8OID, INT4OID, TEXTOID),
	STATEMENT(COMMIT_RECORD_STEPS, "CALL dbos_payload.commit_record_steps($1, $2, $3, $4)",
			  TEXTOID, INT4OID, TEXTARRAYOID, BYTEAARRAYOID),
	STATEMENT(NO_OP, "SELECT dbos_payload.no_op()"),

	/* durable: a commit follows the payload, as in a step */
	STATEMENT(RECEIVE_PAYLOAD, "SELECT dbos_payload.receive_payload($1, true)", BYTEAOID),
	STATEMENT(SEND_PAYLOAD, "SELECT dbos_payload.send_payload($1, $2, $3, true)",
			  INT8OID, INT8OID, INT4OID),
	STATEMENT(INSERT, "INSERT INTO dbos_payload.operation_outputs (workflow_uuid, function_id, function_name,"
			  " output, started_at_epoch_ms, completed_at_epoch_ms) VALUES ($1, $2, $3, $4, $5, $6)",
			  TEXTOID, INT4OID, TEXTOID, BYTEAOID, INT8OID, INT8OID),
};

/* The steps that the parameters ask for. */
void
workload_make(const Parameters *parameters, Workload *workload)
{
	bool		decades = true; /* 10^0, 10^1, … as in the experiment */
	int64_t		sum = 0;

	workload->parameters = parameters;
	workload->nsteps = parameters->nsizes;
	for (int i = 0; i < parameters->nsizes; i++)
	{
		int			exponent = size_exponent(parameters->sizes[i]);

		/* of that name whatever makes it, so that every drive can resume it */
		workload->steps[i] = (Step) {"size_step", i + 1, parameters->sizes[i], exponent, 0};
		decades = decades && exponent == i;
		sum += parameters->sizes[i];
	}
	workload->batched = (Step) {"batch_size_step", 1, sum, -1, decades ? parameters->nsizes : 0};
}

const Step *
workload_steps(const Workload *workload, WorkflowKind kind, int *nsteps)
{
	*nsteps = kind == WORKFLOW_MULTIPLE ? workload->nsteps : 1;
	return kind == WORKFLOW_MULTIPLE ? workload->steps : &workload->batched;
}

const Statement *
step_statement(const Step *step, Origin origin)
{
	if (origin == ORIGIN_CLIENT)
		return &statements[STATEMENT_RECORD_STEP];
	if (step->exponent >= 0)
		return &statements[STATEMENT_SIZE_STEP];
	return &statements[STATEMENT_PAYLOAD_STEP];
}

const char *
step_operation(const Step *step, Origin origin)
{
	if (origin == ORIGIN_CLIENT)
		return "record_step";
	return step->exponent >= 0 ? "size_step" : "payload_step";
}

int64_t
step_seed(const Parameters *parameters, const Step *step)
{
	return (int64_t) ((uint64_t) parameters->seed + (uint64_t) (step->function_id - 1));
}

void
step_fill_payload(const Parameters *parameters, const Step *step, unsigned char *buffer)
{
	payload_fill(buffer, (size_t) step->payload_bytes, parameters->has_seed,
				 step_seed(parameters, step), parameters->compressible);
}

bool
step_payload_matches(const Parameters *parameters, const Step *step, const unsigned char *buffer)
{
	return payload_matches(buffer, (size_t) step->payload_bytes, step_seed(parameters, step),
						   parameters->compressible);
}

Param
number_param(char text[NUMBER_TEXT_SIZE], int64_t number)
{
	Param		param = {text, 0, false};

	snprintf(text, NUMBER_TEXT_SIZE, "%" PRId64, number);
	return param;
}

void
payload_param(const Parameters *parameters, const unsigned char *payload, int64_t size,
			  Param *param, char **hex)
{
	if (parameters->binary)
		*param = (Param) {(const char *) payload, (int) size, true};
	else
	{
		*hex = payload_to_hex(payload, (size_t) size);
		*param = (Param) {*hex, 0, false};
	}
}

void
step_params_make(const Parameters *parameters, const Step *step, Origin origin,
				 const char *workflow_id, const unsigned char *payload, StepParams *params)
{
	params->hex = NULL;
	params->params[0] = (Param) {workflow_id, 0, false};
	params->params[1] = number_param(params->text[1], step->function_id);
	if (origin == ORIGIN_CLIENT)
	{
		params->params[2] = (Param) {step->name, 0, false};
		payload_param(parameters, payload, step->payload_bytes, &params->params[3], &params->hex);
		return;
	}
	params->params[2] = number_param(params->text[2],
									 step->exponent >= 0 ? step->exponent : step->payload_bytes);
	if (parameters->has_seed)
		params->params[3] = number_param(params->text[3], step_seed(parameters, step));
	else
		params->params[3] = (Param) {NULL, 0, false};
	params->params[4] = number_param(params->text[4], parameters->compressible);
	params->params[5] = (Param) {step->name, 0, false};	/* payload_step's alone */
}

void
step_params_free(StepParams *params)
{
	free(params->hex);
	params->hex = NULL;
}
