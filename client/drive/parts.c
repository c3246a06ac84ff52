/*
 * parts.c
 *	  Splits a round trip into parts that add up.
 *
 * Client and server are different clocks: only durations are ever subtracted
 * from one another.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "drive/parts.h"

/* columns of dbos_payload.step_timing; they are looked up by their names */
static const struct
{
	const char *column;
	Metric		metric;
}			times[] = {
	{"total_ms", METRIC_SERVER_TOTAL},
	{"arrival_ms", METRIC_ARRIVAL},
	{"parse_ms", METRIC_PARSE},
	{"check_ms", METRIC_CHECK},
	{"generate_ms", METRIC_GENERATE},
	{"store_ms", METRIC_STORE},
	{"output_ms", METRIC_OUTPUT},
	{"commit_ms", METRIC_COMMIT},
	{"unattributed_ms", METRIC_UNATTRIBUTED},
};

static const struct
{
	const char *column;
	Volume		volume;
}			volumes[] = {
	{"wal_bytes", VOLUME_WAL_BYTES},
	{"wal_records", VOLUME_WAL_RECORDS},
	{"wal_fpi", VOLUME_WAL_FPI},
	{"shared_blks_hit", VOLUME_BLKS_HIT},
	{"shared_blks_read", VOLUME_BLKS_READ},
	{"shared_blks_dirtied", VOLUME_BLKS_DIRTIED},
	{"heap_bytes", VOLUME_HEAP_BYTES},
	{"toast_bytes", VOLUME_TOAST_BYTES},
};

static const struct
{
	const char *wall;
	const char *cpu;
	const char *delay;
}			phases[PHASE_COUNT] = {
	[PHASE_CHECK] = {"check_ms", "check_cpu_ms", "check_delay_ms"},
	[PHASE_GENERATE] = {"generate_ms", "generate_cpu_ms", "generate_delay_ms"},
	[PHASE_STORE] = {"store_ms", "store_cpu_ms", "store_delay_ms"},
	[PHASE_OUTPUT] = {"output_ms", "output_cpu_ms", "output_delay_ms"},
	[PHASE_COMMIT] = {"commit_ms", "commit_cpu_ms", "commit_delay_ms"},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

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
}

/* One value as text; NULL where it, or its column, is not there. */
static const char *
field(const PGresult *rows, int row, const char *column)
{
	int			number = PQfnumber(rows, column);

	return number < 0 || PQgetisnull(rows, row, number) ? NULL : PQgetvalue(rows, row, number);
}

static int64_t
field_ns(const PGresult *rows, int row, const char *column)
{
	const char *text = field(rows, row, column);

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
	for (size_t i = 0; i < LENGTH(times); i++)
		sample->ns[times[i].metric] = field_ns(rows, row, times[i].column);
	for (size_t i = 0; i < LENGTH(volumes); i++)
	{
		const char *text = field(rows, row, volumes[i].column);

		sample->volume[volumes[i].volume] = text ? strtoll(text, NULL, 10) : UNKNOWN;
	}
}

static void
take_cpu(const PGresult *rows, int row, CpuSample *sample)
{
	sample->state = SAMPLE_MEASURED;
	for (Phase p = 0; p < PHASE_COUNT; p++)
	{
		sample->wall_ns[p] = field_ns(rows, row, phases[p].wall);
		sample->cpu_ns[p] = field_ns(rows, row, phases[p].cpu);
		sample->delay_ns[p] = field_ns(rows, row, phases[p].delay);
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
parts_finish(Sample *sample)
{
	int64_t		client = sample->ns[METRIC_ROUND_TRIP] - sample->ns[METRIC_ENCODE] -
		sample->ns[METRIC_WAIT] - sample->ns[METRIC_DECODE];

	if (sample->ns[METRIC_ROUND_TRIP] == UNKNOWN || sample->ns[METRIC_SERVER_TOTAL] == UNKNOWN)
		return;
	sample->ns[METRIC_NETWORK] = sample->ns[METRIC_WAIT] - sample->ns[METRIC_SERVER_TOTAL];
	if (sample->ns[METRIC_UNATTRIBUTED] != UNKNOWN)
		sample->ns[METRIC_UNATTRIBUTED] += client;
}

/* Must a metric be known of every step for the sum to mean anything? */
static bool
needs_every_step(Metric metric)
{
	return metric < METRIC_ARRIVAL || metric > METRIC_COMMIT;
}

void
parts_sum_server(const Sample *steps, int nsteps, Sample *whole)
{
	for (size_t i = 0; i < LENGTH(times); i++)
	{
		Metric		m = times[i].metric;
		int64_t		sum = 0;
		int			known = 0;

		for (int s = 0; s < nsteps; s++)
		{
			if (steps[s].ns[m] == UNKNOWN)
				continue;
			sum += steps[s].ns[m];
			known++;
		}
		if (known == nsteps || (known > 0 && !needs_every_step(m)))
			whole->ns[m] = sum;
	}
	for (size_t i = 0; i < LENGTH(volumes); i++)
	{
		Volume		v = volumes[i].volume;
		int64_t		sum = 0;
		bool		known = true;

		for (int s = 0; s < nsteps && known; s++)
		{
			known = steps[s].volume[v] != UNKNOWN;
			if (known)
				sum += steps[s].volume[v];
		}
		if (known)
			whole->volume[v] = sum;
	}
}

static void
add_known(int64_t *sum, int64_t value)
{
	*sum = *sum == UNKNOWN || value == UNKNOWN ? UNKNOWN : *sum + value;
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
