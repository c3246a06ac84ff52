/*
 * sample.c
 *	  The series in which samples are kept.
 */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "sample.h"

const char *const metric_names[METRIC_COUNT] = {
	[METRIC_ROUND_TRIP] = "round_trip",
	[METRIC_ENCODE] = "encode",
	[METRIC_NETWORK] = "network",
	[METRIC_PARSE] = "parse",
	[METRIC_CHECK] = "check",
	[METRIC_GENERATE] = "generate",
	[METRIC_STORE] = "store",
	[METRIC_OUTPUT] = "output",
	[METRIC_COMMIT] = "commit",
	[METRIC_DECODE] = "decode",
	[METRIC_UNATTRIBUTED] = "unattributed",
	[METRIC_WAIT] = "wait",
	[METRIC_FIRST_BYTE] = "first_byte",
	[METRIC_TRANSFER] = "transfer",
	[METRIC_SERVER_TOTAL] = "server_total",
	[METRIC_CHECK_CPU] = "check_cpu",
	[METRIC_GENERATE_CPU] = "generate_cpu",
	[METRIC_STORE_CPU] = "store_cpu",
	[METRIC_OUTPUT_CPU] = "output_cpu",
	[METRIC_COMMIT_CPU] = "commit_cpu",
};

const char *const volume_names[VOLUME_COUNT] = {
	[VOLUME_WIRE_SENT] = "wire_sent",
	[VOLUME_WIRE_RECEIVED] = "wire_received",
	[VOLUME_WAL_BYTES] = "wal_bytes",
	[VOLUME_WAL_RECORDS] = "wal_records",
	[VOLUME_WAL_FPI] = "wal_fpi",
	[VOLUME_BLKS_HIT] = "shared_blks_hit",
	[VOLUME_BLKS_READ] = "shared_blks_read",
	[VOLUME_BLKS_DIRTIED] = "shared_blks_dirtied",
	[VOLUME_HEAP_BYTES] = "heap_bytes",
	[VOLUME_TOAST_BYTES] = "toast_bytes",
};

const char *const workflow_names[2] = {"size_workflow", "batch_size_workflow"};
const char *const drive_names[DRIVE_COUNT] = {"calls", "pipeline", "procedure"};
const char *const origin_names[ORIGIN_COUNT] = {"server", "client"};
const char *const arm_names[ARM_COUNT] = {"no_op", "receive", "send", "send_hex", "replay", "insert"};

/* Set every time and volume of a sample to UNKNOWN. */
void
sample_reset(Sample *sample)
{
	memset(sample, 0, sizeof(*sample));
	for (int m = 0; m < METRIC_COUNT; m++)
		sample->ns[m] = UNKNOWN;
	for (int v = 0; v < VOLUME_COUNT; v++)
		sample->volume[v] = UNKNOWN;
}

/* An empty series; the steps stay the caller's. Free with series_free. */
Series *
series_create(WorkflowKind kind, Drive drive, Origin origin,
			  const Step *steps, int nsteps)
{
	Series	   *series = xcalloc(1, sizeof(Series));

	series->kind = kind;
	series->drive = drive;
	series->origin = origin;
	series->steps = steps;
	series->nsteps = nsteps;
	series->first = xcalloc((size_t) nsteps, sizeof(Sample));
	for (int s = 0; s < nsteps; s++)
		sample_reset(&series->first[s]);
	sample_reset(&series->first_whole);
	return series;
}

void
series_free(Series *series)
{
	if (series == NULL)
		return;
	free(series->samples);
	free(series->whole);
	free(series->first);
	free(series);
}

/* Copy one iteration (nsteps samples and the whole) to the end of the series. */
void
series_append(Series *series, const Sample *steps, const Sample *whole)
{
	size_t		row = (size_t) series->nsteps;

	if (series->niterations == series->capacity)
	{
		series->capacity = series->capacity ? 2 * series->capacity : 32;
		series->samples = xrealloc(series->samples,
								   (size_t) series->capacity * row * sizeof(Sample));
		series->whole = xrealloc(series->whole,
								 (size_t) series->capacity * sizeof(Sample));
	}
	memcpy(series->samples + (size_t) series->niterations * row, steps, row * sizeof(Sample));
	series->whole[series->niterations] = *whole;
	series->niterations++;
}

void
arm_append(Arm *arm, const Sample *sample)
{
	if (arm->niterations == arm->capacity)
	{
		arm->capacity = arm->capacity ? 2 * arm->capacity : 32;
		arm->samples = xrealloc(arm->samples, (size_t) arm->capacity * sizeof(Sample));
	}
	arm->samples[arm->niterations++] = *sample;
}

void
arm_free(Arm *arm)
{
	free(arm->samples);
	memset(arm, 0, sizeof(*arm));
}

/* Does the sample enter statistics? */
static bool
counts(const Sample *sample)
{
	return !sample->failed && !sample->replayed && !sample->retried;
}

/*
 * The known values of one metric in n samples that lie stride apart, without
 * those that do not count.  Returns their number.
 */
static int
collect(const Sample *samples, int n, int stride, Metric metric, int64_t **values)
{
	int			found = 0;

	*values = xcalloc(n > 0 ? (size_t) n : 1, sizeof(int64_t));
	for (int i = 0; i < n; i++)
	{
		const Sample *sample = &samples[(size_t) i * (size_t) stride];

		if (counts(sample) && sample->ns[metric] != UNKNOWN)
			(*values)[found++] = sample->ns[metric];
	}
	return found;
}

int
series_step_times(const Series *series, int step, Metric metric, int64_t **values)
{
	return collect(series->samples + step, series->niterations, series->nsteps, metric, values);
}

int
series_whole_times(const Series *series, Metric metric, int64_t **values)
{
	return collect(series->whole, series->niterations, 1, metric, values);
}

int
arm_times(const Arm *arm, Metric metric, int64_t **values)
{
	return collect(arm->samples, arm->niterations, 1, metric, values);
}
