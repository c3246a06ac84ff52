/*
 * made_samples.h
 *	  Made-up runs for tests and simulations: samples by hand.
 */
#ifndef MADE_SAMPLES_H
#define MADE_SAMPLES_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figures/figures.h"
#include "made_settings.h"
#include "util/memory.h"

#define MADE_SIZES 3

typedef struct Made
{
	Parameters	parameters;
	Measured	measured;
	Step		steps[MADE_SIZES];
	Step		batched;
	Environment environments[MAX_SIDES];
	const char *conninfos[MAX_SIDES];
	Protocol	protocols[MAX_SIDES];
	FiguresContext context;
} Made;

static inline void
made_environment(Environment *environment)
{
	environment->server_version_num = 150020;
	environment->server_version = xstrdup("15.20");
	environment->extension_version = xstrdup("1.0");
	environment->library_version = xstrdup("1.0");
	environment->libpq_version = 150020;
	environment->transport = "loopback";
	environment->rtt_ms = 0.1;
	environment->tcp_rtt_ms = 0.05;
	environment->conninfo = xstrdup("host=127.0.0.1 dbname=made");
	made_setting(&environment->settings, &environment->nsettings, "fsync", "on");
	made_setting(&environment->settings, &environment->nsettings, "bytea_output", "hex");
	made_setting(&environment->settings, &environment->nsettings, "table.bytes", "8192");
	made_setting(&environment->host, &environment->nhost, "cpu", "made up");
}

/* Both workflows by calls, origin server, of 1, 1,000 and 1,000,000 bytes, on each side. */
static inline void
made_init(Made *made, int nsides)
{
	memset(made, 0, sizeof(*made));
	made->parameters.iterations = 30;
	made->parameters.warmup = 3;
	made->parameters.nsides = nsides;
	made->parameters.nsizes = MADE_SIZES;
	made->parameters.drives[DRIVE_CALLS] = true;
	made->parameters.origins[ORIGIN_SERVER] = true;
	made->parameters.binary = true;
	made->parameters.max_tries = 1;
	made->batched = (Step) {"batch_size_step", 1, 0, -1, 0};
	for (int s = 0; s < MADE_SIZES; s++)
	{
		made->parameters.sizes[s] = s == 0 ? 1 : s == 1 ? 1000 : 1000000;
		made->steps[s] = (Step) {"size_step", s + 1, made->parameters.sizes[s], 3 * s, 0};
		made->batched.payload_bytes += made->parameters.sizes[s];
	}
	measured_init(&made->measured, &made->parameters);
	for (int side = 0; side < nsides; side++)
	{
		made_environment(&made->environments[side]);
		made->conninfos[side] = "dbname=made password=secret";
		made->protocols[side] = PROTOCOL_EXTENDED;
		measured_add_series(&made->measured, side, WORKFLOW_MULTIPLE, DRIVE_CALLS, ORIGIN_SERVER,
							made->steps, MADE_SIZES);
		measured_add_series(&made->measured, side, WORKFLOW_BATCHED, DRIVE_CALLS, ORIGIN_SERVER,
							&made->batched, 1);
	}
	made->context.started_at = "2026-11-25T12:00:00.000Z";
	made->context.run_id = "3b241101-e2bb-4255-8caf-4136c566a962";
	made->context.assume_rtt_ms = NAN;
	made->context.measured_s = 12.5;
	made->context.environments = made->environments;
	made->context.conninfos = made->conninfos;
	made->context.protocols = made->protocols;
}

static inline void
made_free(Made *made)
{
	measured_free(&made->measured);
}

static inline int64_t
made_ns(double ms)
{
	return llround(ms * 1e6);
}

/* a step that took so long, of which so much is store; the rest is network */
static inline void
made_sample(Sample *sample, double ms, double store_ms)
{
	sample->state = SAMPLE_MEASURED;
	sample->ns[METRIC_ROUND_TRIP] = made_ns(ms);
	sample->ns[METRIC_STORE] = made_ns(store_ms);
	sample->ns[METRIC_SERVER_TOTAL] = made_ns(store_ms);
	sample->ns[METRIC_NETWORK] = made_ns(ms) - made_ns(store_ms);
	sample->volume[VOLUME_HEAP_BYTES] = 100;
	sample->volume[VOLUME_TOAST_BYTES] = 1000;
}

/* the newest iteration of a series: a time per step, half of it store; the whole is their sum */
static inline void
made_row(Made *made, int series, const double *ms)
{
	const Series *of = &made->measured.series[series];
	Sample	   *row = series_row(&made->measured, of);
	double		sum = 0.0;

	for (int s = 0; s < of->nsteps; s++)
	{
		made_sample(&row[s], ms[s], ms[s] / 2.0);
		sum += ms[s];
	}
	made_sample(&row[of->nsteps], sum, sum / 2.0);
}

#endif							/* MADE_SAMPLES_H */
