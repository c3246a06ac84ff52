/*
 * sample.c
 *	  The names of what is measured.
 */

#include "sample/sample.h"

const char *const metric_names[METRIC_COUNT] = {
	[METRIC_ROUND_TRIP] = "round_trip",
	[METRIC_ENCODE] = "encode",
	[METRIC_NETWORK] = "network",
	[METRIC_ARRIVAL] = "arrival",
	[METRIC_PARSE] = "parse",
	[METRIC_CHECK] = "check",
	[METRIC_GENERATE] = "generate",
	[METRIC_STORE] = "store",
	[METRIC_OUTPUT] = "output",
	[METRIC_COMMIT] = "commit",
	[METRIC_DECODE] = "decode",
	[METRIC_UNATTRIBUTED] = "unattributed",
	[METRIC_WAIT] = "wait",
	[METRIC_SENDING] = "sending",
	[METRIC_FIRST_BYTE] = "first_byte",
	[METRIC_TRANSFER] = "transfer",
	[METRIC_SERVER_TOTAL] = "server_total",
	[METRIC_COMMIT_WAIT] = "commit_wait",
	[METRIC_CLIENT_COMMIT] = "client_commit",
	[METRIC_START] = "workflow_start",
	[METRIC_END] = "workflow_end",
	[METRIC_FLUSH] = "flush",
	[METRIC_STANDBY] = "standby",
};

const char *const volume_names[VOLUME_COUNT] = {
	[VOLUME_WIRE_SENT] = "wire_sent",
	[VOLUME_WIRE_RECEIVED] = "wire_received",
	[VOLUME_TURNS] = "turns",
	[VOLUME_TEXT_BYTES] = "text_bytes",
	[VOLUME_WAL_BYTES] = "wal_bytes",
	[VOLUME_WAL_RECORDS] = "wal_records",
	[VOLUME_WAL_FPI] = "wal_fpi",
	[VOLUME_BLKS_HIT] = "shared_blks_hit",
	[VOLUME_BLKS_READ] = "shared_blks_read",
	[VOLUME_BLKS_DIRTIED] = "shared_blks_dirtied",
	[VOLUME_HEAP_BYTES] = "heap_bytes",
	[VOLUME_TOAST_BYTES] = "toast_bytes",
};

const char *const phase_names[PHASE_COUNT] = {
	[PHASE_CHECK] = "check",
	[PHASE_GENERATE] = "generate",
	[PHASE_STORE] = "store",
	[PHASE_OUTPUT] = "output",
	[PHASE_COMMIT] = "commit",
};

const char *const workflow_names[WORKFLOW_COUNT] = {"size_workflow", "batch_size_workflow"};
const char *const drive_names[DRIVE_COUNT] = {
	[DRIVE_CALLS] = "calls",
	[DRIVE_PIPELINE] = "pipeline",
	[DRIVE_PROCEDURE] = "procedure",
	[DRIVE_DBOS_PYTHON] = "dbos-python",
	[DRIVE_DBOS_TYPESCRIPT] = "dbos-typescript",
	[DRIVE_DBOS_TYPESCRIPT_BUFFER] = "dbos-typescript-buffer",
	[DRIVE_DBOS_GO] = "dbos-go",
	[DRIVE_DBOS_GO_PORTABLE] = "dbos-go-portable",
	[DRIVE_DBOS_JAVA] = "dbos-java",
	[DRIVE_PLAIN_PYTHON] = "dbos-python-plain",
	[DRIVE_PLAIN_TYPESCRIPT] = "dbos-typescript-plain",
	[DRIVE_PLAIN_GO] = "dbos-go-plain",
	[DRIVE_PLAIN_JAVA] = "dbos-java-plain",
};
const char *const origin_names[ORIGIN_COUNT] = {"server", "client"};
const char *const baseline_names[BASELINE_COUNT] = {
	"no_op", "receive", "send", "send_hex", "replay", "insert", "idle", "empty"
};

bool
drive_is_profile(Drive drive)
{
	return drive >= FIRST_PROFILE;
}

bool
drive_is_plain(Drive drive)
{
	return drive >= DRIVE_PLAIN_PYTHON;
}

Drive
drive_plain(Drive profile)
{
	switch (profile)
	{
		case DRIVE_DBOS_PYTHON:
			return DRIVE_PLAIN_PYTHON;
		case DRIVE_DBOS_TYPESCRIPT:
		case DRIVE_DBOS_TYPESCRIPT_BUFFER:
			return DRIVE_PLAIN_TYPESCRIPT;
		case DRIVE_DBOS_GO:
		case DRIVE_DBOS_GO_PORTABLE:
			return DRIVE_PLAIN_GO;
		default:
			return DRIVE_PLAIN_JAVA;
	}
}

bool
drive_has_round_trips(Drive drive)
{
	return drive == DRIVE_CALLS || drive_is_profile(drive);
}

void
sample_reset(Sample *sample)
{
	sample->state = SAMPLE_ABSENT;
	for (int m = 0; m < METRIC_COUNT; m++)
		sample->ns[m] = UNKNOWN;
	for (int v = 0; v < VOLUME_COUNT; v++)
		sample->volume[v] = UNKNOWN;
}

void
cpu_sample_reset(CpuSample *sample)
{
	sample->state = SAMPLE_ABSENT;
	for (int p = 0; p < PHASE_COUNT; p++)
		sample->wall_ns[p] = sample->cpu_ns[p] = sample->delay_ns[p] = UNKNOWN;
}

int
size_exponent(int64_t size)
{
	int			exponent = 0;

	if (size < 1)
		return -1;
	for (; size % 10 == 0; size /= 10)
		exponent++;
	return size == 1 ? exponent : -1;
}
