/*
 * print_reports.c
 *	  The reports and result files of a made-up run, to look at them without a
 *	  server: print_reports [-f] [JSON [CSV [SAMPLES]]].  -f: with failures, and
 *	  interrupted.  Not installed.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sample/result.h"
#include "util/memory.h"

#define NSIZES 7
#define ITERATIONS 30

static uint64_t state = 15;

/* 0 … 1, mostly small: a latency's tail */
static double
tail(void)
{
	double		u;

	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	u = (double) (state >> 11) / 9007199254740992.0;
	return u * u * u;
}

static int64_t
around(double us)
{
	return (int64_t) (us * 1000.0 * (1.0 + 0.3 * tail()));
}

static void
make_server(Sample *sample, int64_t bytes, Origin origin, bool parse)
{
	double		mb = (double) bytes / 1e6;
	int64_t    *ns = sample->ns;
	int64_t		total = 0;

	ns[METRIC_PARSE] = parse ? around(8 + (origin == ORIGIN_CLIENT ? 400 * mb : 0)) : UNKNOWN;
	ns[METRIC_CHECK] = around(6);
	ns[METRIC_GENERATE] = around(origin == ORIGIN_SERVER ? 1 + 150 * mb : 0.2);
	ns[METRIC_STORE] = around(12 + 3200 * mb);
	ns[METRIC_OUTPUT] = around(1 + 90 * mb);
	ns[METRIC_COMMIT] = around(110 + 900 * mb);
	for (int m = METRIC_PARSE; m <= METRIC_COMMIT; m++)
		total += ns[m] == UNKNOWN ? 0 : ns[m];
	ns[METRIC_UNATTRIBUTED] = around(0.6);
	ns[METRIC_SERVER_TOTAL] = total + ns[METRIC_UNATTRIBUTED];
	ns[METRIC_CHECK_CPU] = ns[METRIC_CHECK] * 9 / 10;
	ns[METRIC_GENERATE_CPU] = ns[METRIC_GENERATE];
	ns[METRIC_STORE_CPU] = ns[METRIC_STORE] * 8 / 10;
	ns[METRIC_COMMIT_CPU] = ns[METRIC_COMMIT] / 20;
	sample->volume[VOLUME_WAL_BYTES] = 350 + bytes * 107 / 100;
	sample->volume[VOLUME_WAL_RECORDS] = 3 + bytes / 1000;
	sample->volume[VOLUME_WAL_FPI] = 0;
	sample->volume[VOLUME_BLKS_HIT] = 12 + bytes / 700;
	sample->volume[VOLUME_BLKS_READ] = 0;
	sample->volume[VOLUME_BLKS_DIRTIED] = 4 + bytes / 8000;
	sample->volume[VOLUME_HEAP_BYTES] = bytes < 2000 ? 90 + bytes : 108;
	sample->volume[VOLUME_TOAST_BYTES] = bytes < 2000 ? 0 : bytes * 1045 / 1000;
}

static void
make_client(Sample *sample, int64_t bytes, Origin origin)
{
	double		mb = (double) bytes / 1e6;
	int64_t    *ns = sample->ns;

	ns[METRIC_ENCODE] = around(2 + (origin == ORIGIN_CLIENT ? 80 * mb : 0));
	ns[METRIC_DECODE] = around(1 + 60 * mb);
	ns[METRIC_NETWORK] = around(25 + 600 * mb);
	ns[METRIC_WAIT] = ns[METRIC_NETWORK] + ns[METRIC_SERVER_TOTAL];
	ns[METRIC_TRANSFER] = around(1 + 500 * mb);
	ns[METRIC_FIRST_BYTE] = ns[METRIC_WAIT] - ns[METRIC_TRANSFER];
	ns[METRIC_UNATTRIBUTED] += 200;
	ns[METRIC_ROUND_TRIP] = ns[METRIC_ENCODE] + ns[METRIC_WAIT] + ns[METRIC_DECODE] + 200;
	sample->volume[VOLUME_WIRE_SENT] = 90 + (origin == ORIGIN_CLIENT ? bytes : 0);
	sample->volume[VOLUME_WIRE_RECEIVED] = 60 + (origin == ORIGIN_SERVER ? bytes : 0);
}

static void
make_iteration(const Series *series, Sample *steps, Sample *whole)
{
	int64_t		bytes = 0;

	sample_reset(whole);
	for (int s = 0; s < series->nsteps; s++)
	{
		sample_reset(&steps[s]);
		bytes += series->steps[s].payload_bytes;
		make_server(&steps[s], series->steps[s].payload_bytes, series->origin,
					series->drive == DRIVE_CALLS || s == 0);
		if (series->drive == DRIVE_CALLS)
			make_client(&steps[s], series->steps[s].payload_bytes, series->origin);
		for (int m = 0; m < METRIC_COUNT; m++)
		{
			if (steps[s].ns[m] != UNKNOWN)
				whole->ns[m] = steps[s].ns[m] + (whole->ns[m] == UNKNOWN ? 0 : whole->ns[m]);
		}
		for (int v = 0; v < VOLUME_COUNT; v++)
		{
			if (steps[s].volume[v] != UNKNOWN)
				whole->volume[v] = steps[s].volume[v] +
					(whole->volume[v] == UNKNOWN ? 0 : whole->volume[v]);
		}
	}
	if (series->drive != DRIVE_CALLS)
		make_client(whole, bytes, series->origin);
}

static Series *
make_series(WorkflowKind kind, Drive drive, Origin origin, const Step *steps, int nsteps, bool bad)
{
	Series	   *series = series_create(kind, drive, origin, steps, nsteps);
	Sample	   *samples = xcalloc((size_t) nsteps, sizeof(Sample));
	Sample		whole;

	make_iteration(series, samples, &whole);
	memcpy(series->first, samples, (size_t) nsteps * sizeof(Sample));
	series->first_whole = whole;
	series->has_first = true;
	for (int i = 0; i < (bad ? 4 : ITERATIONS); i++)
	{
		make_iteration(series, samples, &whole);
		if (bad && i == 1)
		{
			samples[nsteps - 1].failed = whole.failed = true;
			series->nfailed++;
		}
		series_append(series, samples, &whole);
	}
	series->partial = bad;
	free(samples);
	return series;
}

static Arm
make_arm(ArmKind kind, int64_t bytes)
{
	Arm			arm = {.kind = kind,.payload_bytes = bytes};
	Sample		sample;

	for (int i = 0; i < ITERATIONS; i++)
	{
		double		server[ARM_COUNT] = {3, 3, 5, 20, 130};

		sample_reset(&sample);
		sample.ns[METRIC_SERVER_TOTAL] = around(server[kind] + (double) bytes / 1e4);
		sample.ns[METRIC_NETWORK] = around(25 + (bytes == 100000 ? 700e-6 : 610e-6) * (double) bytes);
		sample.ns[METRIC_ROUND_TRIP] = sample.ns[METRIC_SERVER_TOTAL] + sample.ns[METRIC_NETWORK];
		arm_append(&arm, &sample);
	}
	return arm;
}

int
main(int argc, char **argv)
{
	static Step steps[NSIZES];
	static const Step batch = {"batch_size_step", 1, 1111111, -1, 7};
	static Setting settings[] = {{"fsync", "on"}, {"synchronous_commit", "on"}};
	static Setting host[] = {{"cores", "2"}};
	static Warning warnings[] = {{.subject = "log_statement",.text = "every payload is written to the log too",.unsafe = true}};
	Environment environment = {.server_version_num = 150020,.server_version = "15.20",
		.extension_version = "1.0",.library_version = "1.0",.libpq_version = 150020,
		.transport = "loopback",.rtt_ms = 0.031,.tcp_rtt_ms = NAN,.conninfo = "host=localhost",
		.nsettings = 2,.settings = settings,.nhost = 1,.host = host,
		.nwarnings = 1,.warnings = warnings};
	Options		options = {.iterations = ITERATIONS,.warmup = 3,.binary = true,
		.protocol = PROTOCOL_EXTENDED,.arms = true,.assume_rtt_ms = NAN,.argc = argc,.argv = argv,
		.max_tries = 1,.label = "caf\xe9",.conninfo = "host=localhost password='a b'"};
	Result		result = {.options = &options,.environment = &environment,
		.started_at = "2026-11-25T02:00:00Z"};
	Series	   *series[DRIVE_COUNT * ORIGIN_COUNT * 2];
	bool		bad = argc > 1 && strcmp(argv[1], "-f") == 0;
	int64_t		bytes = 1;
	bool		good = true;

	argc -= bad;
	argv += bad;
	for (int s = 0; s < NSIZES; s++)
	{
		steps[s].name = "size_step";
		steps[s].function_id = s + 1;
		steps[s].payload_bytes = bytes;
		steps[s].exponent = s;
		options.sizes[options.nsizes++] = bytes;
		bytes *= 10;
	}
	for (int drive = 0; drive < DRIVE_COUNT; drive++)
	{
		for (int origin = 0; origin < ORIGIN_COUNT; origin++)
		{
			if (drive == DRIVE_PROCEDURE && origin == ORIGIN_CLIENT)
				continue;
			options.drives[drive] = options.origins[origin] = true;
			series[result.nseries++] = make_series(WORKFLOW_MULTIPLE, (Drive) drive, (Origin) origin,
												   steps, NSIZES, bad);
			series[result.nseries++] = make_series(WORKFLOW_BATCHED, (Drive) drive, (Origin) origin,
												   &batch, 1, bad);
		}
	}
	result.series = series;
	result.interrupted = bad;
	result.arms = xcalloc(ARM_COUNT * (NSIZES + 1), sizeof(Arm));
	result.arms[result.narms++] = make_arm(ARM_NO_OP, 0);
	for (int kind = ARM_NO_OP + 1; kind < ARM_COUNT; kind++)
	{
		for (int s = 0; s < NSIZES; s++)
			result.arms[result.narms++] = make_arm((ArmKind) kind, steps[s].payload_bytes);
		result.arms[result.narms++] = make_arm((ArmKind) kind, batch.payload_bytes);
	}

	report_tables(&result);
	report_split(&result);
	if (argc > 1)
		good = output_path_check(argv[1]) && json_write(&result, argv[1]);
	if (argc > 2)
		good = output_path_check(argv[2]) && csv_write(&result, argv[2]) && good;
	if (argc > 3)
		good = output_path_check(argv[3]) && samples_write(&result, argv[3]) && good;
	for (int i = 0; i < result.nseries; i++)
		series_free(series[i]);
	for (int i = 0; i < result.narms; i++)
		arm_free(&result.arms[i]);
	free(result.arms);
	return good ? 0 : 2;
}
