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

#include "parts.h"

#define TIMING_COLUMNS \
	"function_id, outcome <> 'recorded' IS TRUE, total_ms, coalesce(arrival_ms, 0) + parse_ms, check_ms, generate_ms, store_ms," \
	" output_ms, commit_ms, unattributed_ms, check_cpu_ms, generate_cpu_ms," \
	" store_cpu_ms, output_cpu_ms, commit_cpu_ms, wal_bytes, wal_records, wal_fpi," \
	" shared_blks_hit, shared_blks_read, shared_blks_dirtied, heap_bytes, toast_bytes"

/* the metrics of total_ms … commit_cpu_ms, in the order of TIMING_COLUMNS */
static const Metric timing_metrics[] = {
	METRIC_SERVER_TOTAL, METRIC_PARSE, METRIC_CHECK, METRIC_GENERATE, METRIC_STORE,
	METRIC_OUTPUT, METRIC_COMMIT, METRIC_UNATTRIBUTED, METRIC_CHECK_CPU,
	METRIC_GENERATE_CPU, METRIC_STORE_CPU, METRIC_OUTPUT_CPU, METRIC_COMMIT_CPU
};

/* the volumes of wal_bytes … toast_bytes */
static const Volume timing_volumes[] = {
	VOLUME_WAL_BYTES, VOLUME_WAL_RECORDS, VOLUME_WAL_FPI, VOLUME_BLKS_HIT,
	VOLUME_BLKS_READ, VOLUME_BLKS_DIRTIED, VOLUME_HEAP_BYTES, VOLUME_TOAST_BYTES
};

#define N_TIMES ((int) (sizeof(timing_metrics) / sizeof(timing_metrics[0])))
#define N_VOLUMES ((int) (sizeof(timing_volumes) / sizeof(timing_volumes[0])))
#define FIRST_TIME_COLUMN 2

void
parts_from_trip(const RoundTrip *trip, Sample *sample)
{
	sample->ns[METRIC_ROUND_TRIP] = trip->end - trip->start;
	sample->ns[METRIC_ENCODE] = trip->encode_end - trip->encode_start;
	sample->ns[METRIC_WAIT] = trip->last_byte - trip->encode_end;
	sample->ns[METRIC_FIRST_BYTE] = trip->first_byte - trip->encode_end;
	sample->ns[METRIC_TRANSFER] = trip->last_byte - trip->first_byte;
	sample->ns[METRIC_DECODE] = trip->decode_end - trip->last_byte;
	sample->volume[VOLUME_WIRE_SENT] = trip->sent;
	sample->volume[VOLUME_WIRE_RECEIVED] = trip->received;
}

/* Put one row of TIMING_COLUMNS into a sample. */
static void
take_row(const PGresult *rows, int row, Sample *sample)
{
	sample->replayed = PQgetvalue(rows, row, 1)[0] == 't';
	for (int i = 0; i < N_TIMES; i++)
	{
		int			column = FIRST_TIME_COLUMN + i;

		if (!PQgetisnull(rows, row, column))
			sample->ns[timing_metrics[i]] =
				llround(strtod(PQgetvalue(rows, row, column), NULL) * (double) NS_PER_MS);
	}
	for (int i = 0; i < N_VOLUMES; i++)
	{
		int			column = FIRST_TIME_COLUMN + N_TIMES + i;

		if (!PQgetisnull(rows, row, column))
			sample->volume[timing_volumes[i]] = strtoll(PQgetvalue(rows, row, column), NULL, 10);
	}
}

bool
parts_fetch_workflow(Session *session, const char *workflow_id, int first_function_id,
					 Sample *samples, int nsamples)
{
	const char *values[] = {workflow_id};
	PGresult   *rows = session_query(session,
									 "SELECT " TIMING_COLUMNS " FROM dbos_payload.step_timings($1)",
									 1, values);

	if (rows == NULL)
		return false;

	/* oldest first: a step that was tried again keeps its newest row */
	for (int row = 0; row < PQntuples(rows); row++)
	{
		int			place = (int) strtol(PQgetvalue(rows, row, 0), NULL, 10) - first_function_id;

		if (place >= 0 && place < nsamples)
			take_row(rows, row, &samples[place]);
	}
	PQclear(rows);
	return true;
}

bool
parts_fetch_last(Session *session, const char *operation, Sample *sample)
{
	PGresult   *rows = session_query(session,
									 "SELECT " TIMING_COLUMNS ", operation FROM dbos_payload.last_step_timing()",
									 0, NULL);

	if (rows == NULL)
		return false;

	/* another operation's row: timing is off or a pooler gave us another backend */
	if (PQntuples(rows) == 1 &&
		strcmp(PQgetvalue(rows, 0, PQnfields(rows) - 1), operation) == 0)
	{
		bool		replayed = sample->replayed;

		take_row(rows, 0, sample);
		sample->replayed = replayed;	/* an arm that replays is measured for it */
	}
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
	return metric < METRIC_PARSE || metric > METRIC_COMMIT;
}

void
parts_sum_server(const Sample *steps, int nsteps, Sample *whole)
{
	for (int i = 0; i < N_TIMES; i++)
	{
		Metric		m = timing_metrics[i];
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
	for (int i = 0; i < N_VOLUMES; i++)
	{
		Volume		v = timing_volumes[i];
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
