/*
 * drive_profile.c
 *	  A workflow by the statements of one of DBOS's SDKs, message by message.
 *
 * A step's round trip is from the first byte of its check to the last byte of its
 * record's answer: all its turns, and what the client does between them, which is to
 * encode the payload.  What the server does cannot be told apart from the network here,
 * since none of it passes the extension.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drive/drive.h"
#include "drive/leftovers.h"
#include "pg/session_internal.h"
#include "util/memory.h"

typedef struct ProfileRun
{
	WorkflowRun *run;
	const Profile *profile;
	const Sdk  *sdk;
	char		owner[RUN_ID_SIZE];

	/* of the step under way */
	const Step *step;
	const char *output;
	int64_t		started_ms;
	int64_t		completed_ms;
} ProfileRun;

/* a message's parameters, and the numbers among them, as text or bytes */
typedef struct MessageParams
{
	Param		params[TURN_MAX_PARAMS];
	char		numbers[TURN_MAX_PARAMS][NUMBER_TEXT_SIZE];
} MessageParams;

static int64_t
wall_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

/* the number that an SDK gives our i-th step */
static int
function_id(const ProfileRun *profile)
{
	return profile->step->function_id - 1 + profile->sdk->first_function_id;
}

/* in network order */
static Param
binary_number(char bytes[NUMBER_TEXT_SIZE], int64_t number, int size)
{
	uint64_t	rest = (uint64_t) number;

	for (int i = size - 1; i >= 0; i--, rest >>= 8)
		bytes[i] = (char) rest;
	return (Param) {bytes, size, true};
}

static Param
make_number(char buffer[NUMBER_TEXT_SIZE], ValueForm form, int64_t number)
{
	static const int sizes[] = {[FORM_INT2] = 2, [FORM_INT4] = 4, [FORM_INT8] = 8, [FORM_BOOL] = 1};

	return form == FORM_TEXT ? number_param(buffer, number) : binary_number(buffer, number, sizes[form]);
}

static Param
make_param(const ProfileRun *profile, const Value *value, char buffer[NUMBER_TEXT_SIZE])
{
	switch (value->kind)
	{
		case VALUE_NULL:
			return (Param) {NULL, 0, value->form != FORM_TEXT};
		case VALUE_TEXT:
			return (Param) {value->text, 0, false};
		case VALUE_NUMBER:
			return make_number(buffer, value->form, value->number);
		case VALUE_WORKFLOW_ID:
			return (Param) {profile->run->workflow_id, 0, false};
		case VALUE_WORKFLOW_NAME:
			return (Param) {workflow_names[profile->run->kind], 0, false};
		case VALUE_OWNER:
			return (Param) {profile->owner, 0, false};
		case VALUE_INPUTS:
			return (Param) {profile->profile->inputs, 0, false};
		case VALUE_RESULT:
			return (Param) {profile->profile->result, 0, false};
		case VALUE_FUNCTION_ID:
			return make_number(buffer, value->form, function_id(profile));
		case VALUE_FUNCTION_NAME:
			return (Param) {profile->step->name, 0, false};
		case VALUE_OUTPUT:
			return (Param) {profile->output, 0, false};
		case VALUE_STARTED:
			return make_number(buffer, value->form, profile->started_ms);
		case VALUE_COMPLETED:
			return make_number(buffer, value->form, profile->completed_ms);
		default:
			return (Param) {profile->profile->serialization, 0, false};
	}
}

/* A message as a turn; name and types are the caller's to keep as long as it is used. */
static Turn
make_turn(const ProfileRun *profile, Stage stage, int i, char name[SCHEMA_NAME_SIZE], Oid types[TURN_MAX_PARAMS])
{
	const Message *message = &profile->sdk->stages[stage].messages[i];
	int			place = sdk_message_place(profile->sdk, stage, i);
	Turn		turn = {
		.kind = message->kind,
		.id = FIRST_TURN_ID + (int) profile->profile->sdk * MAX_SDK_MESSAGES + place,
		.name = name,
		.sql = profile->run->schemas->texts[profile->profile->sdk][place],
		.nparams = message->nvalues,
	};

	if (message->kind == TURN_NAMED)
		snprintf(name, SCHEMA_NAME_SIZE, profile->sdk->statement_name, place);
	for (int p = 0; p < message->nvalues; p++)
	{
		types[p] = message->values[p].type;
		if (types[p] != 0)
			turn.types = types;
	}
	return turn;
}

/* what the steady state has behind it: every statement that the driver prepares */
static bool
prepare_all(const ProfileRun *profile)
{
	char		name[SCHEMA_NAME_SIZE];
	Oid			types[TURN_MAX_PARAMS];

	for (Stage stage = 0; stage < STAGE_COUNT; stage++)
		for (int i = 0; i < profile->sdk->stages[stage].n; i++)
		{
			Turn		turn = make_turn(profile, stage, i, name, types);

			if (!session_prepare_turn(profile->run->session, &turn))
				return false;
		}
	return true;
}

static void
add_trip(const RoundTrip *trip, Sample *sample)
{
	sample->ns[METRIC_ENCODE] += trip->encode_end - trip->encode_start;
	sample->ns[METRIC_WAIT] += trip->last_byte - trip->encode_end;
	sample->ns[METRIC_FIRST_BYTE] += trip->first_byte - trip->encode_end;
	sample->ns[METRIC_TRANSFER] += trip->last_byte - trip->first_byte;
	sample->ns[METRIC_DECODE] += trip->decode_end - trip->last_byte;
	if (trip->send_end != 0)
		sample->ns[METRIC_SENDING] += trip->send_end - trip->encode_end;
	else
		sample->ns[METRIC_SENDING] = UNKNOWN;
	sample->volume[VOLUME_WIRE_SENT] += trip->sent;
	sample->volume[VOLUME_WIRE_RECEIVED] += trip->received;
	sample->volume[VOLUME_TURNS]++;
}

static void
zero_sample(Sample *sample)
{
	static const Metric summed[] = {METRIC_ENCODE, METRIC_WAIT, METRIC_FIRST_BYTE, METRIC_TRANSFER, METRIC_DECODE,
	METRIC_SENDING};

	for (size_t i = 0; i < sizeof(summed) / sizeof(summed[0]); i++)
		sample->ns[summed[i]] = 0;
	sample->volume[VOLUME_WIRE_SENT] = sample->volume[VOLUME_WIRE_RECEIVED] = 0;
	sample->volume[VOLUME_TURNS] = sample->volume[VOLUME_TEXT_BYTES] = 0;
}

/* One turn; its times and bytes are added to the sample, unless that is NULL. */
static bool
send_message(const ProfileRun *profile, Stage stage, int i, Sample *sample)
{
	const Message *message = &profile->sdk->stages[stage].messages[i];
	char		name[SCHEMA_NAME_SIZE];
	Oid			types[TURN_MAX_PARAMS];
	MessageParams params;
	RoundTrip	trip = {0};
	Turn		turn;
	PGresult   *result;

	trip.start = trip.encode_start = now_ns();
	turn = make_turn(profile, stage, i, name, types);
	for (int p = 0; p < message->nvalues; p++)
		params.params[p] = make_param(profile, &message->values[p], params.numbers[p]);
	result = session_turn(profile->run->session, &turn, params.params, message->binary_result, &trip);
	trip.decode_end = now_ns();
	if (result != NULL && sample != NULL)
		add_trip(&trip, sample);
	PQclear(result);
	return result != NULL;
}

static bool
send_stage(const ProfileRun *profile, Stage stage, Sample *sample)
{
	for (int i = 0; i < profile->sdk->stages[stage].n; i++)
		if (!send_message(profile, stage, i, sample))
			return false;
	return true;
}

/* A stage around the steps: how long it took. */
static bool
timed_stage(const ProfileRun *profile, Stage stage, int64_t *ns)
{
	int64_t		began = now_ns();
	bool		ok = send_stage(profile, stage, NULL);

	*ns = now_ns() - began;
	return ok;
}

/*
 * One step.  The plain twin's text is in hand as a payload is: what the payload's
 * encoding costs is all that it does not have.
 */
static bool
run_step(ProfileRun *profile, int s, char *text)
{
	WorkflowRun *run = profile->run;
	Sample	   *sample = &run->samples[s];
	Encoding	encoding = profile->profile->encoding;
	size_t		size = (size_t) run->steps[s].payload_bytes;
	size_t		length = size;
	int64_t		began;
	int64_t		before_encoding;

	profile->step = &run->steps[s];
	profile->output = text;
	zero_sample(sample);
	if (encoding == ENCODING_NONE)
		encoding_write(encoding, run->payloads[s], size, text);

	began = now_ns();
	profile->started_ms = wall_clock_ms();
	if (!send_stage(profile, STAGE_CHECK, sample))
		return false;
	before_encoding = now_ns();
	if (encoding != ENCODING_NONE)
		length = encoding_write(encoding, run->payloads[s], size, text);
	sample->ns[METRIC_ENCODE] += now_ns() - before_encoding;
	profile->completed_ms = wall_clock_ms();
	if (!send_stage(profile, STAGE_RECORD, sample))
		return false;
	sample->ns[METRIC_ROUND_TRIP] = now_ns() - began;
	sample->volume[VOLUME_TEXT_BYTES] = (int64_t) length;
	sample->state = SAMPLE_MEASURED;
	return true;
}

/* All turns of the steps as one; the time is theirs, from the first to the last. */
static void
sum_steps(WorkflowRun *run, int64_t took)
{
	static const Metric summed[] = {METRIC_ENCODE, METRIC_WAIT, METRIC_FIRST_BYTE, METRIC_TRANSFER, METRIC_DECODE,
	METRIC_SENDING};
	Sample	   *whole = WHOLE(run);

	zero_sample(whole);
	for (int s = 0; s < run->nsteps; s++)
	{
		for (size_t m = 0; m < sizeof(summed) / sizeof(summed[0]); m++)
			add_known(&whole->ns[summed[m]], run->samples[s].ns[summed[m]]);
		for (Volume v = VOLUME_WIRE_SENT; v <= VOLUME_TEXT_BYTES; v++)
			add_known(&whole->volume[v], run->samples[s].volume[v]);
	}
	whole->ns[METRIC_ROUND_TRIP] = took;
	whole->state = SAMPLE_MEASURED;
}

/* Is the text of each step there, to the last byte?  The error kept where one is not. */
static bool
verify_stored(ProfileRun *profile, char *text)
{
	WorkflowRun *run = profile->run;
	char	   *sql = text_with_schema("SELECT output FROM dbos.operation_outputs"
									   " WHERE workflow_uuid OPERATOR(pg_catalog.=) $1"
									   " AND function_id OPERATOR(pg_catalog.=) $2::pg_catalog.int4",
									   run->schemas->names[profile->sdk->layout]);
	bool		ok = true;

	for (int s = 0; s < run->nsteps && ok; s++)
	{
		char		number[NUMBER_TEXT_SIZE];
		const char *values[] = {run->workflow_id, number};
		size_t		length = encoding_write(profile->profile->encoding, run->payloads[s],
											(size_t) run->steps[s].payload_bytes, text);
		PGresult   *result;

		profile->step = &run->steps[s];
		snprintf(number, sizeof(number), "%d", function_id(profile));
		result = session_query(run->session, sql, 2, values);
		ok = result != NULL;
		if (ok && (PQntuples(result) != 1 || (size_t) PQgetlength(result, 0, 0) != length ||
				   memcmp(PQgetvalue(result, 0, 0), text, length) != 0))
		{
			session_fail(run->session, "what is stored is not the text that was sent", NULL);
			ok = false;
		}
		PQclear(result);
		if (!ok)
			run->failed_step = s;
	}
	free(sql);
	return ok;
}

/* The workflow from its start to its end, on a connection that is set for it. */
static bool
run_profile(ProfileRun *profile, char *text)
{
	WorkflowRun *run = profile->run;
	Sample	   *whole = WHOLE(run);
	int64_t		start_ns;
	int64_t		end_ns;
	int64_t		took = 0;

	profile->started_ms = profile->completed_ms = wall_clock_ms();
	if (!timed_stage(profile, STAGE_START, &start_ns))
		return false;
	for (int s = 0; s < run->nsteps; s++)
	{
		if (!run_step(profile, s, text))
		{
			run->failed_step = s;
			return false;
		}

		/* what is made ready between two steps is none of theirs */
		took += run->samples[s].ns[METRIC_ROUND_TRIP];
	}
	profile->completed_ms = wall_clock_ms();
	if (!timed_stage(profile, STAGE_END, &end_ns))
		return false;
	sum_steps(run, took);
	whole->ns[METRIC_START] = start_ns;
	whole->ns[METRIC_END] = end_ns;
	return !run->read_back || verify_stored(profile, text);
}

/* Whatever a failed turn left behind: no transaction, and the connection's settings as they were. */
static bool
clear_up(const ProfileRun *profile, bool ok)
{
	Session    *session = profile->run->session;
	char	   *error = NULL;
	char		sqlstate[6];

	if (session->lost)
		return false;
	if (!ok)
	{
		error = xstrdup(session->error);
		memcpy(sqlstate, session->sqlstate, sizeof(sqlstate));
		if (PQtransactionStatus(session->conn) != PQTRANS_IDLE)
			session_do(session, "ROLLBACK", 0, NULL);
	}
	if (profile->sdk->disconnect != NULL && !session->lost)
		ok = session_do(session, profile->sdk->disconnect, 0, NULL) && ok;
	if (error != NULL)
		session_fail(session, error, sqlstate);
	free(error);
	return ok;
}

bool
drive_with_profile(WorkflowRun *run)
{
	const Profile *found = drive_profile(run->drive);
	ProfileRun	profile = {.run = run, .profile = found, .sdk = sdks[found->sdk]};
	size_t		room = 1;
	char	   *text;
	bool		ok;

	run_id_make(profile.owner);
	for (int s = 0; s < run->nsteps; s++)
	{
		size_t		step_room = encoding_room(found->encoding, (size_t) run->steps[s].payload_bytes);

		room = step_room > room ? step_room : room;
	}
	text = xcalloc(room, 1);
	ok = (profile.sdk->connect == NULL || session_do(run->session, profile.sdk->connect, 0, NULL)) &&
		prepare_all(&profile) && run_profile(&profile, text);
	ok = clear_up(&profile, ok);
	free(text);
	return ok;
}
