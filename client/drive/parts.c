/*
 * parts.c
 *	  Splits a round trip into parts that add up: the client's intervals from its
 *	  own stamps, the server's from its timing rows.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive/drive.h"

/* the server's times and volumes; in dbos_payload.step_timing they have the same names */
#define FIRST_TIME METRIC_ARRIVAL
#define LAST_TIME METRIC_COMMIT
#define FIRST_VOLUME VOLUME_WAL_BYTES

void
parts_from_trip(const RoundTrip *trip, Sample *sample)
{
	sample->state = SAMPLE_MEASURED;
	sample->ns[METRIC_ROUND_TRIP] = trip->end - trip->start;
	sample->ns[METRIC_ENCODE] = trip->encode_end - trip->encode_start;
	sample->ns[METRIC_WAIT] = trip->last_byte - trip->encode_end;
	if (trip->send_end != 0)
		sample->ns[METRIC_SENDING] = trip->send_end - trip->encode_end;
	sample->ns[METRIC_FIRST_BYTE] = trip->first_byte - trip->encode_end;
	sample->ns[METRIC_TRANSFER] = trip->last_byte - trip->first_byte;
	sample->ns[METRIC_DECODE] = trip->decode_end - trip->last_byte;
	sample->volume[VOLUME_WIRE_SENT] = trip->sent;
	sample->volume[VOLUME_WIRE_RECEIVED] = trip->received;
	if (trip->commit_wait != 0)
		sample->ns[METRIC_COMMIT_WAIT] = trip->commit_wait;
	sample->volume[VOLUME_TURNS] = trip->commit_wait != 0 ? 2 : 1;
}

/* One value as text; NULL where it, or its column, is not there. */
static const char *
field(const PGresult *rows, int row, const char *column)
{
	int			number = PQfnumber(rows, column);

	return number < 0 || PQgetisnull(rows, row, number) ? NULL : PQgetvalue(rows, row, number);
}

/* A time of that name, which has "_ms" behind it there. */
static int64_t
field_ns(const PGresult *rows, int row, const char *name, const char *kind)
{
	char		column[64];
	const char *text;

	snprintf(column, sizeof(column), "%s%s_ms", name, kind);
	text = field(rows, row, column);
	return text ? llround(strtod(text, NULL) * (double) NS_PER_MS) : UNKNOWN;
}

static bool
field_is(const PGresult *rows, int row, const char *column, const char *value)
{
	const char *text = field(rows, row, column);

	return text != NULL && strcmp(text, value) == 0;
}

static void
take_row(const PGresult *rows, int row, Sample *sample)
{
	sample->ns[METRIC_SERVER_TOTAL] = field_ns(rows, row, "total", "");
	sample->ns[METRIC_UNATTRIBUTED] = field_ns(rows, row, "unattributed", "");
	for (Metric m = FIRST_TIME; m <= LAST_TIME; m++)
		sample->ns[m] = field_ns(rows, row, metric_names[m], "");
	for (Volume v = FIRST_VOLUME; v < VOLUME_COUNT; v++)
	{
		const char *text = field(rows, row, volume_names[v]);

		sample->volume[v] = text ? strtoll(text, NULL, 10) : UNKNOWN;
	}
}

static void
take_cpu(const PGresult *rows, int row, CpuSample *sample)
{
	sample->state = SAMPLE_MEASURED;
	for (Phase p = 0; p < PHASE_COUNT; p++)
	{
		sample->wall_ns[p] = field_ns(rows, row, phase_names[p], "");
		sample->cpu_ns[p] = field_ns(rows, row, phase_names[p], "_cpu");
		sample->delay_ns[p] = field_ns(rows, row, phase_names[p], "_delay");
	}
}

bool
parts_fetch_workflow(Session *session, const char *workflow_id, int first_function_id,
					 Sample *samples, CpuSample *cpu, int nsamples)
{
	const char *values[] = {workflow_id};
	PGresult   *rows = session_query(session, "SELECT * FROM dbos_payload.step_timings($1)",
									 1, values);

	if (rows == NULL)
		return false;

	/* oldest first: a step that was tried again keeps its newest row */
	for (int row = 0; row < PQntuples(rows); row++)
	{
		const char *function_id = field(rows, row, "function_id");
		int			place = function_id ? (int) strtol(function_id, NULL, 10) - first_function_id : -1;

		if (place < 0 || place >= nsamples)
			continue;
		take_row(rows, row, &samples[place]);

		/* somebody else has recorded it in the meantime */
		if (field_is(rows, row, "outcome", "already_recorded") &&
			samples[place].state != SAMPLE_RETRIED)
			samples[place].state = SAMPLE_REPLAYED;
		if (cpu != NULL)
			take_cpu(rows, row, &cpu[place]);
	}
	PQclear(rows);
	return true;
}

bool
parts_fetch_last(Session *session, const char *operation, Sample *sample)
{
	PGresult   *rows = session_query(session, "SELECT * FROM dbos_payload.last_step_timing()",
									 0, NULL);

	if (rows == NULL)
		return false;

	/* another operation's row: timing is off or a pooler gave us another backend */
	if (PQntuples(rows) == 1 && field_is(rows, 0, "operation", operation))
		take_row(rows, 0, sample);
	PQclear(rows);
	return true;
}

void
parts_finish(Sample *sample, bool others_times)
{
	if (sample->ns[METRIC_ROUND_TRIP] == UNKNOWN || sample->ns[METRIC_SERVER_TOTAL] == UNKNOWN)
		return;
	if (!others_times)
		sample->ns[METRIC_NETWORK] = sample->ns[METRIC_WAIT] - sample->ns[METRIC_SERVER_TOTAL];
	if (sample->ns[METRIC_UNATTRIBUTED] != UNKNOWN)
		sample->ns[METRIC_UNATTRIBUTED] += sample->ns[METRIC_ROUND_TRIP] - sample->ns[METRIC_ENCODE] -
			sample->ns[METRIC_WAIT] - sample->ns[METRIC_DECODE];
}

void
parts_split_commit(Sample *sample, const Sample *empty, int nsteps)
{
	if (sample->ns[METRIC_COMMIT_WAIT] == UNKNOWN || empty->ns[METRIC_WAIT] == UNKNOWN)
		return;
	sample->ns[METRIC_CLIENT_COMMIT] = sample->ns[METRIC_COMMIT_WAIT] - nsteps * empty->ns[METRIC_WAIT];
	if (sample->ns[METRIC_SERVER_TOTAL] == UNKNOWN)
		sample->ns[METRIC_COMMIT] = sample->ns[METRIC_CLIENT_COMMIT];
}

void
add_known(int64_t *sum, int64_t value)
{
	*sum = *sum == UNKNOWN || value == UNKNOWN ? UNKNOWN : *sum + value;
}

/* The sum of a time over the steps, known where it is known of each; of a phase, of one. */
static int64_t
sum_times(const Sample *steps, int nsteps, Metric metric)
{
	bool		is_phase = metric >= FIRST_TIME && metric <= LAST_TIME;
	int64_t		sum = 0;
	int			known = 0;

	for (int s = 0; s < nsteps; s++)
	{
		if (steps[s].ns[metric] == UNKNOWN)
			continue;
		sum += steps[s].ns[metric];
		known++;
	}
	return known == nsteps || (known > 0 && is_phase) ? sum : UNKNOWN;
}

void
parts_sum_server(const Sample *steps, int nsteps, Sample *whole)
{
	whole->ns[METRIC_SERVER_TOTAL] = sum_times(steps, nsteps, METRIC_SERVER_TOTAL);
	whole->ns[METRIC_UNATTRIBUTED] = sum_times(steps, nsteps, METRIC_UNATTRIBUTED);
	for (Metric m = FIRST_TIME; m <= LAST_TIME; m++)
		whole->ns[m] = sum_times(steps, nsteps, m);
	for (Volume v = FIRST_VOLUME; v < VOLUME_COUNT; v++)
	{
		whole->volume[v] = 0;
		for (int s = 0; s < nsteps; s++)
			add_known(&whole->volume[v], steps[s].volume[v]);
	}
}

void
parts_sum_cpu(const CpuSample *steps, int nsteps, CpuSample *whole)
{
	whole->state = SAMPLE_MEASURED;
	for (Phase p = 0; p < PHASE_COUNT; p++)
	{
		whole->wall_ns[p] = whole->cpu_ns[p] = whole->delay_ns[p] = 0;
		for (int s = 0; s < nsteps; s++)
		{
			add_known(&whole->wall_ns[p], steps[s].wall_ns[p]);
			add_known(&whole->cpu_ns[p], steps[s].cpu_ns[p]);
			add_known(&whole->delay_ns[p], steps[s].delay_ns[p]);
		}
	}
}
