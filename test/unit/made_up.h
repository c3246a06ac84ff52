/*
 * made_up.h
 *	  The figures of a run that never was, for tests of what shows them.
 *
 * made_up() is a plain run: seven sizes by every drive and origin that is asked
 * for, each part a little and a slope.  Tests change what they are about.
 */
#ifndef MADE_UP_H
#define MADE_UP_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figures/figures.h"
#include "made_settings.h"
#include "util/memory.h"

#define MADE_UP_SIZES 7
#define MADE_UP_BLOCKS 12

/* half of an interval's width, as a share of the value */
#define MADE_UP_WIDTH 0.02

static inline Estimate
made_up_estimate(double value, int nblocks)
{
	Estimate	estimate = {value, NAN, NAN, nblocks};

	if (nblocks >= LEAST_INTERVAL_BLOCKS)
	{
		estimate.low = value - MADE_UP_WIDTH * fabs(value);
		estimate.high = value + MADE_UP_WIDTH * fabs(value);
	}
	return estimate;
}

/* median and mean apart by a tail; NAN: nothing was measured */
static inline Summary
made_up_summary(double ms, int nblocks, int n)
{
	Summary		summary = {.n = isnan(ms) ? 0 : n,.min = 0.9 * ms,.p95 = 1.4 * ms,.p99 = 1.9 * ms,
	.max = 3.1 * ms,.stddev = 0.2 * ms};

	summary.median = made_up_estimate(ms, nblocks);
	summary.mean = made_up_estimate(1.06 * ms, nblocks);
	return summary;
}

static inline void
made_up_cell(Cell *cell, int64_t bytes, Drive drive, Origin origin, bool whole, int steps, int nblocks)
{
	double		mb = (double) bytes / 1e6;
	double		ms[METRIC_COUNT];
	double		server = 0.0;
	bool		own = drive == DRIVE_CALLS || whole;
	int			n = nblocks * 30;

	for (int m = 0; m < METRIC_COUNT; m++)
		ms[m] = NAN;
	ms[METRIC_ARRIVAL] = 0.002 * steps + (origin == ORIGIN_CLIENT ? 1.5 * mb : 0.0);
	ms[METRIC_PARSE] = 0.010 * steps;
	ms[METRIC_CHECK] = 0.012 * steps;
	ms[METRIC_GENERATE] = origin == ORIGIN_SERVER ? 0.001 * steps + 0.35 * mb : 0.0;
	ms[METRIC_STORE] = 0.015 * steps + 3.3 * mb;
	ms[METRIC_OUTPUT] = 0.003 * steps + (origin == ORIGIN_SERVER ? 2.4 * mb : 0.01 * mb);
	ms[METRIC_COMMIT] = 0.133 * steps + 0.85 * mb;
	ms[METRIC_UNATTRIBUTED] = 0.0006 * steps;
	for (int m = METRIC_ARRIVAL; m <= METRIC_UNATTRIBUTED; m++)
		server += isnan(ms[m]) ? 0.0 : ms[m];
	ms[METRIC_SERVER_TOTAL] = server;
	if (own)
	{
		int			waits = drive == DRIVE_CALLS ? steps : 1;

		ms[METRIC_ENCODE] = 0.002 * waits + (origin == ORIGIN_CLIENT ? 0.1 * mb : 0.0);
		ms[METRIC_NETWORK] = 0.094 * waits + 0.02 * mb;
		ms[METRIC_DECODE] = 0.001 * waits + 0.06 * mb;
		ms[METRIC_WAIT] = ms[METRIC_NETWORK] + server;
		ms[METRIC_SENDING] = 0.001;
		ms[METRIC_FIRST_BYTE] = ms[METRIC_WAIT] - 0.02;
		ms[METRIC_TRANSFER] = 0.02;
		ms[METRIC_ROUND_TRIP] = ms[METRIC_ENCODE] + ms[METRIC_WAIT] + ms[METRIC_DECODE];
	}
	for (int m = 0; m < METRIC_COUNT; m++)
		cell->time[m] = made_up_summary(ms[m], nblocks, n);
	cell->payload_bytes = bytes;
	cell->first = own ? made_up_estimate(3.0 * ms[METRIC_ROUND_TRIP] + 3.0, nblocks) :
		(Estimate) {NAN, NAN, NAN, 0};
	cell->volume[VOLUME_WIRE_SENT] = 90 * steps + (origin == ORIGIN_CLIENT ? bytes : 0);
	cell->volume[VOLUME_WIRE_RECEIVED] = 60 * steps + (origin == ORIGIN_SERVER ? bytes : 0);
	cell->volume[VOLUME_WAL_BYTES] = 350 * steps + bytes * 107 / 100;
	cell->volume[VOLUME_WAL_RECORDS] = 3 * steps + bytes / 1000;
	cell->volume[VOLUME_WAL_FPI] = 0;
	cell->volume[VOLUME_BLKS_HIT] = 12 * steps + bytes / 700;
	cell->volume[VOLUME_BLKS_READ] = 0;
	cell->volume[VOLUME_BLKS_DIRTIED] = 4 * steps + bytes / 8000;
	cell->volume[VOLUME_HEAP_BYTES] = bytes < 2000 ? 90 + bytes : 108;
	cell->volume[VOLUME_TOAST_BYTES] = bytes < 2000 ? 0 : bytes * 1045 / 1000;
	cell->stored_bytes = cell->volume[VOLUME_HEAP_BYTES] + cell->volume[VOLUME_TOAST_BYTES];
	cell->usage_n = n;
	for (int p = 0; p < PHASE_COUNT; p++)
	{
		double		wall = 1.02 * ms[METRIC_CHECK + p];

		cell->use[p] = (PhaseUse) {.n = nblocks,.wall_ms = wall,
		.cpu_ms = p == PHASE_COMMIT ? 0.06 * wall : 0.97 * wall,.delay_ms = 0.01 * wall};
	}
	cell->shape = (Shape) {.slow_share = 0.0,.slow_ms = NAN,.delayed_ack_share = 0.0,.delayed_ack_ms = NAN};
}

static inline void
made_up_workflow(WorkflowFigures *workflow, int side, WorkflowKind kind, Drive drive, Origin origin, int nblocks)
{
	int64_t		bytes = 1;

	memset(workflow, 0, sizeof(*workflow));
	workflow->side = side;
	workflow->kind = kind;
	workflow->drive = drive;
	workflow->origin = origin;
	workflow->own_round_trips = drive == DRIVE_CALLS;
	workflow->nsteps = kind == WORKFLOW_MULTIPLE ? MADE_UP_SIZES : 1;
	workflow->steps = xcalloc((size_t) workflow->nsteps, sizeof(Cell));
	for (int s = 0; s < workflow->nsteps; s++, bytes *= 10)
	{
		made_up_cell(&workflow->steps[s], kind == WORKFLOW_MULTIPLE ? bytes : 1111111, drive, origin, false, 1, nblocks);
		workflow->steps[s].name = xstrdup(kind == WORKFLOW_MULTIPLE ? "size_step" : "batch_size_step");
		workflow->steps[s].function_id = s + 1;
	}
	made_up_cell(&workflow->whole, 1111111, drive, origin, true, workflow->nsteps, nblocks);
	workflow->whole.name = xstrdup(kind == WORKFLOW_MULTIPLE ? "size_workflow" : "batch_size_workflow");
}

static inline void
made_up_approaches(Approaches *a, const WorkflowFigures *multiple, const WorkflowFigures *batched, int nblocks)
{
	double		many = multiple->whole.time[METRIC_ROUND_TRIP].median.value;
	double		one = batched->whole.time[METRIC_ROUND_TRIP].median.value;
	double		floor = cell_time(multiple, &multiple->steps[0])->median.value;

	memset(a, 0, sizeof(*a));
	a->side = multiple->side;
	a->drive = multiple->drive;
	a->origin = multiple->origin;
	a->nsteps = multiple->nsteps;
	a->multiple_ms = made_up_estimate(many, nblocks);
	a->batched_ms = made_up_estimate(one, nblocks);
	a->ratio = made_up_estimate(many / one, nblocks);
	a->floor_ms = made_up_estimate(floor, nblocks);
	a->saved_ms = made_up_estimate(many - one, nblocks);
	a->expected_saving_ms = made_up_estimate((a->nsteps - 1) * floor, nblocks);
	a->shortfall_ms = (Estimate) {many - one - (a->nsteps - 1) * floor, NAN, NAN, nblocks};
	if (nblocks >= LEAST_INTERVAL_BLOCKS)
	{
		a->shortfall_ms.low = a->shortfall_ms.value - 0.03;
		a->shortfall_ms.high = a->shortfall_ms.value + 0.03;
	}
	a->break_even_rtt_ms = made_up_estimate(0.41, nblocks);
}

static inline void
made_up_model(ModelFigures *model, const WorkflowFigures *multiple, int nblocks)
{
	memset(model, 0, sizeof(*model));
	model->side = multiple->side;
	model->drive = multiple->drive;
	model->origin = multiple->origin;
	for (int m = 0; m < METRIC_COUNT; m++)
	{
		double		floor = multiple->steps[0].time[m].median.value;
		double		top = multiple->steps[MADE_UP_SIZES - 1].time[m].median.value;

		model->fits[m].known = isfinite(floor);
		model->fits[m].floor_ms = made_up_estimate(floor, nblocks);
		model->fits[m].slope_ms_per_mb = made_up_estimate(top - floor, nblocks);
		model->fits[m].worst_percent = -2.5;
		model->fits[m].worst_bytes = 10000;
	}
	for (int d = 0; d < DRIVE_COUNT; d++)
		model->assumed_ms[d] = made_up_estimate(d == DRIVE_CALLS ? 16.0 : 10.0, nblocks);
	model->assumed_batched_ms = made_up_estimate(9.5, nblocks);
}

static inline void
made_up_baseline(Figures *figures, int side, BaselineKind kind, int64_t bytes, double ms, double difference,
				 double ratio, int nblocks)
{
	BaselineFigures *baseline = &figures->baselines[figures->nbaselines++];

	memset(baseline, 0, sizeof(*baseline));
	baseline->side = side;
	baseline->kind = kind;
	baseline->payload_bytes = bytes;
	for (int m = 0; m < METRIC_COUNT; m++)
		baseline->time[m] = made_up_summary(NAN, nblocks, 0);
	baseline->time[METRIC_ROUND_TRIP] = made_up_summary(ms, nblocks, nblocks * 4);
	baseline->time[METRIC_SERVER_TOTAL] = made_up_summary(0.6 * ms, nblocks, nblocks * 4);
	baseline->difference_ms = made_up_estimate(difference, nblocks);
	baseline->ratio = made_up_estimate(ratio, nblocks);
}

static inline void
made_up_warning(Environment *environment, const char *subject, const char *text, bool unsafe)
{
	environment->warnings = xrealloc(environment->warnings,
									 (size_t) (environment->nwarnings + 1) * sizeof(Warning));
	environment->warnings[environment->nwarnings++] =
		(Warning) {.subject = xstrdup(subject),.text = xstrdup(text),.unsafe = unsafe};
}

static inline void
made_up_environment(Environment *e)
{
	static const char *const settings[][2] = {
		{"fsync", "on"}, {"synchronous_commit", "on"}, {"wal_sync_method", "fdatasync"},
		{"full_page_writes", "on"}, {"commit_delay", "0"}, {"shared_buffers", "128MB"}
	};
	static const char *const host[][2] = {
		{"cpu", "Intel(R) Xeon(R) Processor @ 2.70GHz"}, {"cores", "2"}, {"virtual", "yes"},
		{"memory", "8.3 GB"}, {"kernel", "Linux 6.1.0"}
	};

	memset(e, 0, sizeof(*e));
	e->server_version_num = 150020;
	e->server_version = xstrdup("15.20 (Debian 15.20-0+deb12u1)");
	e->extension_version = xstrdup("1.0");
	e->library_version = xstrdup("1.0");
	e->libpq_version = 150020;
	e->transport = "loopback";
	e->rtt_ms = 0.043;
	e->tcp_rtt_ms = 0.031;
	e->conninfo = xstrdup("host=localhost dbname=postgres");
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		made_setting(&e->settings, &e->nsettings, settings[i][0], settings[i][1]);
	for (size_t i = 0; i < sizeof(host) / sizeof(host[0]); i++)
		made_setting(&e->host, &e->nhost, host[i][0], host[i][1]);
	made_up_warning(e, "transport", "loopback: there is no real network between client and server, and they share "
					"this host's processors. What batching saves over a network does not show; --assume-rtt 1ms "
					"works it out.", false);
}

/* every metric of every cell, side 1 a little slower */
static inline void
made_up_differences(Figures *figures)
{
	figures->differences = xcalloc(1000, sizeof(Difference));
	for (int w = 0; w < figures->nworkflows; w++)
	{
		const WorkflowFigures *workflow = &figures->workflows[w];

		if (workflow->side != 0)
			continue;
		for (int s = -1; s < workflow->nsteps; s++)
		{
			Difference *here = &figures->differences[figures->ndifferences++];

			here->kind = workflow->kind;
			here->drive = workflow->drive;
			here->origin = workflow->origin;
			here->step = s;
			here->payload_bytes = s < 0 ? workflow->whole.payload_bytes : workflow->steps[s].payload_bytes;
			here->metric = s < 0 || workflow->own_round_trips ? METRIC_ROUND_TRIP : METRIC_SERVER_TOTAL;
			here->ratio = made_up_estimate(1.004, MADE_UP_BLOCKS);
			here->p = 0.6;
			here->detectable_percent = 2.1 + 0.3 * s;
		}
	}
}

/* drives and origins by a letter each: c(alls), p(ipeline), (p)r(ocedure); s(erver), c(lient) */
static inline Figures *
made_up(int nsides, const char *drives, const char *origins, int nblocks)
{
	Figures    *figures = xcalloc(1, sizeof(Figures));
	int64_t		bytes = 1;

	figures->tool_version = xstrdup("1.0");
	figures->started_at = xstrdup("2026-11-25T02:00:00Z");
	figures->parameters = (Parameters) {.iterations = 30,.warmup = 3,.nsides = nsides,.nsizes = MADE_UP_SIZES,
	.baselines = true,.binary = true,.max_tries = 1};
	for (int s = 0; s < MADE_UP_SIZES; s++, bytes *= 10)
		figures->parameters.sizes[s] = bytes;
	figures->assume_rtt_ms = NAN;
	figures->nblocks = nblocks;
	figures->niterations = nblocks * 30;
	figures->every = 1;
	figures->measured_s = 14.2;
	figures->stopped = STOPPED_BY_PRECISION;
	figures->worst_precision_percent = nblocks >= LEAST_INTERVAL_BLOCKS ? 4.6 : NAN;
	figures->nsides = nsides;
	figures->workflows = xcalloc(4 * DRIVE_COUNT * ORIGIN_COUNT, sizeof(WorkflowFigures));
	figures->approaches = xcalloc(2 * DRIVE_COUNT * ORIGIN_COUNT, sizeof(Approaches));
	figures->models = xcalloc(2 * DRIVE_COUNT * ORIGIN_COUNT, sizeof(ModelFigures));
	figures->baselines = xcalloc(2 * BASELINE_COUNT * (MADE_UP_SIZES + 1), sizeof(BaselineFigures));
	for (int side = 0; side < nsides; side++)
	{
		Side	   *here = &figures->sides[side];

		here->label = xstrdup(side == 0 ? "pglz" : "lz4");
		here->conninfo = xstrdup("host=localhost");
		here->protocol = PROTOCOL_EXTENDED;
		made_up_environment(&here->environment);
		here->backend.cpu_share = made_up_estimate(0.31, nblocks);
		here->backend.delay_share = made_up_estimate(0.004, nblocks);
		here->backend.involuntary_per_s = made_up_estimate(3.0, nblocks);
		here->tcp_rtt_ms = 0.031;
		for (int drive = 0; drive < DRIVE_COUNT; drive++)
		{
			for (int origin = 0; origin < ORIGIN_COUNT; origin++)
			{
				WorkflowFigures *multiple = &figures->workflows[figures->nworkflows];

				if (strchr(drives, drive_names[drive][drive == DRIVE_PROCEDURE ? 1 : 0]) == NULL ||
					strchr(origins, origin_names[origin][0]) == NULL)
					continue;
				figures->parameters.drives[drive] = figures->parameters.origins[origin] = true;
				made_up_workflow(multiple, side, WORKFLOW_MULTIPLE, (Drive) drive, (Origin) origin, nblocks);
				made_up_workflow(multiple + 1, side, WORKFLOW_BATCHED, (Drive) drive, (Origin) origin, nblocks);
				figures->nworkflows += 2;
				made_up_approaches(&figures->approaches[figures->napproaches++], multiple, multiple + 1, nblocks);
				made_up_model(&figures->models[figures->nmodels++], multiple, nblocks);
			}
		}
		made_up_baseline(figures, side, BASELINE_NO_OP, 0, 0.11, NAN, NAN, nblocks);
		made_up_baseline(figures, side, BASELINE_IDLE, 1, 0.62, NAN, 2.24, nblocks);
		for (int s = 0; s < MADE_UP_SIZES; s++)
		{
			double		mb = (double) figures->parameters.sizes[s] / 1e6;

			made_up_baseline(figures, side, BASELINE_INSERT, figures->parameters.sizes[s], 0.24 + 6.5 * mb,
							 -0.033 - 0.1 * mb, 0.88, nblocks);
			made_up_baseline(figures, side, BASELINE_SEND, figures->parameters.sizes[s], 0.14 + 2.5 * mb,
							 -0.13 - 4.0 * mb, 0.4, nblocks);
			made_up_baseline(figures, side, BASELINE_SEND_HEX, figures->parameters.sizes[s], 0.14 + 5.5 * mb,
							 0.001 + 3.0 * mb, 2.0, nblocks);
		}
	}
	if (nsides > 1)
		made_up_differences(figures);
	return figures;
}

#endif							/* MADE_UP_H */
