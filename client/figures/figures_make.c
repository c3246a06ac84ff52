/*
 * figures_make.c
 *	  From samples to figures: what was asked, what it came to, and then each
 *	  kind of figure by a file of its own.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figures/blocks.h"
#include "figures/fields.h"
#include "figures/make.h"
#include "pg/conninfo.h"
#include "util/memory.h"

double *
making_medians(const Making *making, int series, int step, Metric metric)
{
	size_t		place = (size_t) step * METRIC_COUNT + (size_t) metric;

	return making->medians[series] + place * (size_t) making->measured->nblocks;
}

Metric
making_main_metric(const Making *making, int series)
{
	return making->figures->workflows[series].own_round_trips ? METRIC_ROUND_TRIP :
		METRIC_SERVER_TOTAL;
}

int
making_series(const Making *making, int side, WorkflowKind kind, Drive drive, Origin origin)
{
	for (int i = 0; i < making->measured->nseries; i++)
	{
		const Series *series = &making->measured->series[i];

		if (series->side == side && series->kind == kind && series->drive == drive &&
			series->origin == origin)
			return i;
	}
	return -1;
}

int
making_smallest(const Series *series)
{
	int			smallest = -1;

	for (int s = 0; s < series->nsteps; s++)
	{
		if (smallest < 0 || series->steps[s].payload_bytes < series->steps[smallest].payload_bytes)
			smallest = s;
	}
	return smallest;
}

double
making_rtt(const Making *making, int side, int series, int block)
{
	int			smallest = series >= 0 ? making_smallest(&making->measured->series[series]) : -1;
	double		rtt_ms = smallest >= 0 ? making_medians(making, series, smallest, METRIC_NETWORK)[block] : NAN;

	return isnan(rtt_ms) ? making->figures->sides[side].environment.rtt_ms : rtt_ms;
}

static char *
copy_or_null(const char *text)
{
	return text == NULL ? NULL : xstrdup(text);
}

static void
copy_asked(const Measured *measured, const FiguresContext *context, Figures *figures)
{
	figures->tool_version = xstrdup(DBOS_PAYLOAD_VERSION);
	figures->started_at = xstrdup(context->started_at);
	figures->run_id = copy_or_null(context->run_id);
	figures->ncommand = context->argc;
	figures->command = xcalloc((size_t) context->argc + 1, sizeof(char *));
	for (int i = 0; i < context->argc; i++)
		figures->command[i] = redact_password(context->argv[i]);
	figures->parameters = *measured->parameters;
	figures->parameters.workflow_id = copy_or_null(measured->parameters->workflow_id);
	for (int side = 0; side < MAX_SIDES; side++)
		figures->parameters.labels[side] = copy_or_null(measured->parameters->labels[side]);
	figures->assume_rtt_ms = context->assume_rtt_ms;
}

/*
 * How well the least well known of the round trips is known, as the rule that
 * stops a run asks it; NAN where one has no interval at all.
 */
static double
worst_precision(const Figures *figures)
{
	double		worst = NAN;

	for (int w = 0; w < figures->nworkflows; w++)
	{
		const WorkflowFigures *workflow = &figures->workflows[w];

		for (int s = 0; s < (workflow->own_round_trips ? workflow->nsteps : 1); s++)
		{
			const Cell *cell = workflow->own_round_trips ? &workflow->steps[s] : &workflow->whole;
			const Estimate *median = &cell->time[METRIC_ROUND_TRIP].median;

			if (!estimate_has_interval(median))
				return NAN;
			worst = fmax(worst, estimate_precision_percent(median));
		}
	}
	return worst;
}

void
figures_make(const Measured *measured, const FiguresContext *context, Figures *figures)
{
	Making		making = {measured, context, figures, NULL};

	memset(figures, 0, sizeof(*figures));
	copy_asked(measured, context, figures);
	figures->nblocks = measured->nblocks;
	figures->niterations = measured->niterations;
	figures->every = measured->every;
	figures->measured_s = context->measured_s;
	figures->stopped = measured->stopped;
	figures->interrupted = context->interrupted;
	figures->connection_lost = context->connection_lost;
	figures->nreconnects = measured->nreconnects;
	figures->nretries = measured->nretries;
	figures->sends_unseen = measured->sends_unseen;

	make_sides(&making);
	make_workflows(&making);
	make_baselines(&making);
	make_approaches(&making);
	make_models(&making);
	make_profiles(&making);
	make_differences(&making);
	figures->worst_precision_percent = worst_precision(figures);

	for (int i = 0; i < measured->nseries; i++)
		free(making.medians[i]);
	free(making.medians);
	fields_tidy(&figures_fields, figures);
}
