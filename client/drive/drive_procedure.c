/*
 * drive_procedure.c
 *	  One CALL for the whole workflow; the server commits after each step.
 */
#include <stdlib.h>

#include "drive/drive.h"
#include "util/byte_buffer.h"

#define BYTEAOID 17

/* {1,10,100}, or of origin client {size_step,size_step}: the names need no quotes */
static char *
sizes_or_names_array(const WorkflowRun *run)
{
	ByteBuffer	text = {0};

	for (int s = 0; s < run->nsteps; s++)
	{
		char		number[NUMBER_TEXT_SIZE];

		buffer_add_text(&text, s == 0 ? "{" : ",");
		buffer_add_text(&text, run->origin == ORIGIN_CLIENT ? run->steps[s].name :
						number_param(number, run->steps[s].payload_bytes).value);
	}
	buffer_add_text(&text, "}");
	return buffer_take(&text, NULL);
}

/* The payloads as one bytea[], in the format of --result-format. */
static char *
payloads_array(const WorkflowRun *run, size_t *length)
{
	ByteBuffer	array = {0};

	if (run->parameters->binary)
	{
		buffer_add_int32(&array, 1);	/* dimensions */
		buffer_add_int32(&array, 0);	/* no NULLs */
		buffer_add_int32(&array, BYTEAOID);
		buffer_add_int32(&array, (uint32_t) run->nsteps);
		buffer_add_int32(&array, 1);	/* lower bound */
		for (int s = 0; s < run->nsteps; s++)
		{
			buffer_add_int32(&array, (uint32_t) run->steps[s].payload_bytes);
			buffer_add(&array, run->payloads[s], (size_t) run->steps[s].payload_bytes);
		}
		return buffer_take(&array, length);
	}
	for (int s = 0; s < run->nsteps; s++)
	{
		buffer_add_text(&array, s == 0 ? "{\"\\\\x" : ",\"\\\\x");
		buffer_add_hex(&array, run->payloads[s], (size_t) run->steps[s].payload_bytes);
		buffer_add_text(&array, "\"");
	}
	buffer_add_text(&array, "}");
	return buffer_take(&array, length);
}

bool
drive_procedure(WorkflowRun *run)
{
	const Statement *statement = &statements[run->origin == ORIGIN_CLIENT ?
											 STATEMENT_COMMIT_RECORD_STEPS :
											 STATEMENT_COMMIT_PAYLOAD_STEPS];
	const Parameters *parameters = run->parameters;
	char		first_id[NUMBER_TEXT_SIZE];
	char		seed[NUMBER_TEXT_SIZE];
	char		compressible[NUMBER_TEXT_SIZE];
	Param		params[6] = {{run->workflow_id, 0, false}};
	char	   *sizes_or_names;
	char	   *payloads = NULL;
	RoundTrip	trip = {0};
	PGresult   *result;

	if (!session_prepare(run->session, statement))
		return false;
	params[1] = number_param(first_id, run->steps[0].function_id);

	trip.start = now_ns();
	trip.encode_start = now_ns();
	sizes_or_names = sizes_or_names_array(run);
	if (run->origin == ORIGIN_CLIENT)
	{
		size_t		length;

		payloads = payloads_array(run, &length);
		params[3] = (Param) {payloads, (int) length, parameters->binary};
	}
	else
	{
		params[3] = parameters->has_seed ? number_param(seed, parameters->seed) : (Param) {NULL, 0, false};
		params[4] = number_param(compressible, parameters->compressible);
		params[5] = (Param) {run->steps[0].name, 0, false};
	}
	params[2] = (Param) {sizes_or_names, 0, false};
	result = session_call(run->session, statement, params, parameters->binary, &trip);
	trip.decode_end = now_ns();
	trip.end = now_ns();

	PQclear(result);
	free(payloads);
	free(sizes_or_names);
	if (result == NULL)
	{
		run->failed_step = find_failed_step(run);
		return false;
	}
	parts_from_trip(&trip, WHOLE(run));
	return verify_recorded(run);
}
