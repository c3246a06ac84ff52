/*
 * answers.c
 *	  Is what a step answered, or what is recorded of it, what was asked for?
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive/drive.h"
#include "pg/session_internal.h"
#include "util/memory.h"

/* as text it would not fit into an answer */
#define MAX_READ_BACK_BYTES INT64_C(100000000)

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
	if (run->origin == ORIGIN_SERVER && !run->parameters->binary)
	{
		decoded->owned = PQunescapeBytea(decoded->bytes, &decoded->size);
		decoded->bytes = decoded->owned;
		decoded->no_memory = decoded->owned == NULL;
	}
	return decoded->bytes != NULL;
}

static bool
answers(const Decoded *decoded, const char *word)
{
	return decoded->size == strlen(word) && memcmp(decoded->bytes, word, decoded->size) == 0;
}

bool
is_conflict(const WorkflowRun *run, const Decoded *decoded)
{
	return run->origin == ORIGIN_CLIENT && decoded->bytes != NULL && answers(decoded, "conflict");
}

char *
verify_answer(const WorkflowRun *run, int step, const PGresult *result, const Decoded *decoded)
{
	const Step *wanted = &run->steps[step];

	if (decoded->no_memory)
		return xstrdup("out of memory for the payload of the server's answer");
	if (decoded->bytes == NULL)
		return xstrdup("the server's answer holds no value");
	if (is_conflict(run, decoded))
		return xasprintf("other bytes are recorded there (the server answered \"conflict\"), and no further step was recorded: %s",
						 run->recorded_before != NULL && run->recorded_before[step] ?
						 "with --origin client a workflow is resumed with the --seed that it was started with" :
						 "somebody else runs this workflow too");
	if (run->origin == ORIGIN_CLIENT)
	{
		if (!answers(decoded, "recorded") && !answers(decoded, "already_recorded"))
			return xasprintf("the server answered \"%s\"", PQgetvalue(result, 0, 0));
		return NULL;
	}
	if (run->recorded_before != NULL && run->recorded_before[step])
		return NULL;			/* what was recorded then counts, whatever it is */
	if (decoded->size != (size_t) wanted->payload_bytes)
		return xasprintf("asked for %lld bytes, got %zu", (long long) wanted->payload_bytes,
						 decoded->size);
	if (run->parameters->has_seed &&
		!step_payload_matches(run->parameters, wanted, decoded->bytes))
		return xasprintf("the bytes are not those of seed %lld",
						 (long long) step_seed(run->parameters, wanted));
	return NULL;
}

/* The recorded steps and their lengths, or NULL with session->error set. */
static PGresult *
list_steps(WorkflowRun *run)
{
	const char *values[] = {run->workflow_id};

	return session_query(run->session,
						 "SELECT function_id, output_bytes FROM dbos_payload.list_steps($1)", 1, values);
}

/* The recorded length of a step, -1 where it is not there. */
static int64_t
recorded_bytes(const PGresult *rows, int function_id)
{
	for (int row = 0; row < PQntuples(rows); row++)
	{
		if (strtol(PQgetvalue(rows, row, 0), NULL, 10) == function_id)
			return PQgetisnull(rows, row, 1) ? -1 : strtoll(PQgetvalue(rows, row, 1), NULL, 10);
	}
	return -1;
}

/* The step that the server's own message names, as an index; -1: none. */
static int
step_in_message(const WorkflowRun *run, const char *message)
{
	const char *found = strstr(message, "step ");
	int			function_id = 0;

	for (; found != NULL; found = strstr(found + 1, "step "))
		if (sscanf(found, "step %d of workflow", &function_id) == 1 &&
			function_id >= run->steps[0].function_id &&
			function_id < run->steps[0].function_id + run->nsteps)
			return function_id - run->steps[0].function_id;
	return -1;
}

int
find_failed_step(WorkflowRun *run)
{
	char	   *error = xstrdup(run->session->error);
	char		sqlstate[6];
	PGresult   *rows;
	int			missing = step_in_message(run, error);

	memcpy(sqlstate, run->session->sqlstate, sizeof(sqlstate));
	rows = missing >= 0 || run->session->lost ? NULL : list_steps(run);
	for (int s = 0; rows != NULL && s < run->nsteps && missing < 0; s++)
		if (recorded_bytes(rows, run->steps[s].function_id) < 0)
			missing = s;
	PQclear(rows);
	session_fail(run->session, error, sqlstate);
	free(error);
	return missing;
}

/* Are the bytes of a recorded step the ones that were made here, or the seed's? */
static bool
matches_recorded(WorkflowRun *run, int step)
{
	const Step *wanted = &run->steps[step];
	char		function_id[NUMBER_TEXT_SIZE];
	const char *values[] = {run->workflow_id, function_id, wanted->name};
	PGresult   *result;
	unsigned char *bytes = NULL;
	size_t		size = 0;
	bool		same = false;

	number_param(function_id, wanted->function_id);
	result = session_query(run->session, "SELECT dbos_payload.step_output($1, $2, $3)", 3, values);
	if (result == NULL)
		return false;
	if (PQntuples(result) == 1 && !PQgetisnull(result, 0, 0))
		bytes = PQunescapeBytea((unsigned char *) PQgetvalue(result, 0, 0), &size);
	if (bytes != NULL && size == (size_t) wanted->payload_bytes)
		same = run->payloads != NULL ? memcmp(bytes, run->payloads[step], size) == 0 :
			step_payload_matches(run->parameters, wanted, bytes);
	if (!same)
		session_fail(run->session, "other bytes are recorded than were asked for", NULL);
	PQfreemem(bytes);
	PQclear(result);
	return same;
}

bool
verify_recorded(WorkflowRun *run)
{
	bool		known = run->payloads != NULL || run->parameters->has_seed;
	PGresult   *rows = list_steps(run);

	if (rows == NULL)
		return false;
	for (int s = 0; s < run->nsteps && run->failed_step < 0; s++)
	{
		const Step *wanted = &run->steps[s];
		int64_t		bytes = recorded_bytes(rows, wanted->function_id);

		if (run->recorded_before != NULL && run->recorded_before[s])
			continue;
		if (bytes != wanted->payload_bytes)
		{
			char	   *message = bytes < 0 ?
				xstrdup("nothing is recorded") :
				xasprintf("asked for %lld bytes, %lld are recorded",
						  (long long) wanted->payload_bytes, (long long) bytes);

			session_fail(run->session, message, NULL);
			free(message);
			run->failed_step = s;
		}
		else if (run->read_back && known && bytes <= MAX_READ_BACK_BYTES && !matches_recorded(run, s))
			run->failed_step = s;
	}
	PQclear(rows);
	return run->failed_step < 0;
}
