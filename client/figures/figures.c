/*
 * figures.c
 *	  Looking figures up, and freeing them.
 */
#include <string.h>

#include "figures/fields.h"
#include "figures/figures.h"

void
figures_free(Figures *figures)
{
	fields_free(&figures_fields, figures);
	for (int side = 0; side < MAX_SIDES; side++)
		environment_free(&figures->sides[side].environment);
	memset(figures, 0, sizeof(*figures));
}

const WorkflowFigures *
figures_workflow(const Figures *figures, int side, WorkflowKind kind, Drive drive, Origin origin)
{
	for (int w = 0; w < figures->nworkflows; w++)
	{
		const WorkflowFigures *workflow = &figures->workflows[w];

		if (workflow->side == side && workflow->kind == kind && workflow->drive == drive &&
			workflow->origin == origin)
			return workflow;
	}
	return NULL;
}

const Cell *
difference_cell(const Figures *figures, int side, const Difference *difference)
{
	const WorkflowFigures *workflow = figures_workflow(figures, side, difference->kind, difference->drive,
													   difference->origin);

	if (workflow == NULL || difference->step >= workflow->nsteps)
		return NULL;
	if (difference->step < 0)
		return &workflow->whole;
	return workflow->steps[difference->step].payload_bytes == difference->payload_bytes ?
		&workflow->steps[difference->step] : NULL;
}

const BaselineFigures *
figures_baseline(const Figures *figures, int side, BaselineKind kind, int64_t payload_bytes)
{
	for (int b = 0; b < figures->nbaselines; b++)
	{
		const BaselineFigures *baseline = &figures->baselines[b];

		if (baseline->side == side && baseline->kind == kind &&
			baseline->payload_bytes == payload_bytes)
			return baseline;
	}
	return NULL;
}

const Summary *
cell_time(const WorkflowFigures *workflow, const Cell *cell)
{
	bool		whole = cell == &workflow->whole;

	return &cell->time[whole || workflow->own_round_trips ? METRIC_ROUND_TRIP : METRIC_SERVER_TOTAL];
}
