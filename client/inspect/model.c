/*
 * model.c
 *	  What a step costs by the bytes that it stores, of the figures of a run.
 */
#include <math.h>
#include <string.h>

#include "inspect/model.h"

/* Put a size in its place; one that is there already stays as it is. */
static void
add_size(Model *model, double bytes, double ms, double wal)
{
	int			at = model->n;

	while (at > 0 && model->bytes[at - 1] > bytes)
		at--;
	if (at > 0 && model->bytes[at - 1] == bytes)
		return;
	for (int i = model->n; i > at; i--)
	{
		model->bytes[i] = model->bytes[i - 1];
		model->ms[i] = model->ms[i - 1];
		model->wal[i] = model->wal[i - 1];
	}
	model->bytes[at] = bytes;
	model->ms[at] = ms;
	model->wal[at] = wal;
	model->n++;
}

bool
model_make(const Figures *run, int side, Model *model)
{
	const WorkflowFigures *workflow = figures_workflow(run, side, WORKFLOW_MULTIPLE, DRIVE_CALLS, ORIGIN_CLIENT);

	memset(model, 0, sizeof(*model));
	if (workflow == NULL)
		workflow = figures_workflow(run, side, WORKFLOW_MULTIPLE, DRIVE_CALLS, ORIGIN_SERVER);
	if (workflow == NULL)
		return false;
	model->origin = workflow->origin;
	for (int s = 0; s < workflow->nsteps && model->n < MAX_SIZES; s++)
	{
		const Cell *cell = &workflow->steps[s];
		double		ms = cell->time[METRIC_ROUND_TRIP].mean.value;
		int64_t		wal = cell->volume[VOLUME_WAL_BYTES];

		if (isfinite(ms))
			add_size(model, (double) cell->payload_bytes, ms, wal == UNKNOWN ? NAN : (double) wal);
	}
	return model->n >= 2;
}

static double
on_lines(const Model *model, const double *values, double bytes)
{
	int			i = 1;

	if (bytes <= model->bytes[0])
		return values[0];
	while (i < model->n - 1 && model->bytes[i] < bytes)
		i++;
	return values[i - 1] + (values[i] - values[i - 1]) * (bytes - model->bytes[i - 1]) / (model->bytes[i] - model->bytes[i - 1]);
}

double
model_ms(const Model *model, double bytes)
{
	return on_lines(model, model->ms, bytes);
}

double
model_wal(const Model *model, double bytes)
{
	return on_lines(model, model->wal, bytes);
}
