/*
 * result_file.c
 *	  Fuzzes the reading of result files, which come from anywhere.
 *
 * Beyond not crashing: what was read lies within the bounds that everything
 * which shows figures relies on, and is written and read again as it is.
 */
#include <stdlib.h>
#include <string.h>

#include "figures/conditions.h"
#include "figures/fields.h"
#include "figures/figures.h"
#include "fuzz.h"

static void
check_cell(const Cell *cell)
{
	must(cell->name != NULL);
	must(cell->payload_bytes >= 0 && cell->failed >= 0 && cell->replayed >= 0 && cell->retried >= 0);
	for (int m = 0; m < METRIC_COUNT; m++)
	{
		must(cell->time[m].n >= 0 && cell->time[m].median.nblocks >= 0);
		must(!(cell->time[m].median.low > cell->time[m].median.high));
	}
}

static void
check_figures(const Figures *figures)
{
	must(figures->tool_version != NULL && figures->started_at != NULL);
	must(figures->nsides >= 1 && figures->nsides <= MAX_SIDES);
	must(figures->parameters.nsides == figures->nsides);
	must(figures->parameters.nsizes >= 0 && figures->parameters.nsizes <= MAX_SIZES);
	for (int w = 0; w < figures->nworkflows; w++)
	{
		const WorkflowFigures *workflow = &figures->workflows[w];

		must(workflow->side >= 0 && workflow->side < figures->nsides);
		must(workflow->kind < WORKFLOW_COUNT && workflow->drive < DRIVE_COUNT && workflow->origin < ORIGIN_COUNT);
		for (int s = 0; s < workflow->nsteps; s++)
			check_cell(&workflow->steps[s]);
		check_cell(&workflow->whole);
	}
	for (int i = 0; i < figures->ndifferences; i++)
	{
		const Difference *d = &figures->differences[i];

		must(d->metric < METRIC_COUNT && d->step >= -1);
		must(figures_workflow(figures, 1, d->kind, d->drive, d->origin) != NULL);
	}
	for (int side = 0; side < figures->nsides; side++)
	{
		json_t	   *conditions = conditions_of(figures, side);

		must(figures->sides[side].label != NULL && json_object_size(conditions) > 0);
		json_decref(conditions);
	}
}

/* What is read is what was written. */
static void
check_inverse(const Figures *figures)
{
	json_t	   *json = fields_write(&figures_fields, figures);
	json_t	   *again;
	Figures		read;
	char	   *error;

	memset(&read, 0, sizeof(read));
	must(fields_read(&figures_fields, json, &read, &error));
	again = fields_write(&figures_fields, &read);
	must(json_equal(json, again));
	json_decref(json);
	json_decref(again);
	figures_free(&read);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Figures		figures;

	/* without the zero that a string would end in */
	char	   *text = malloc(size > 0 ? size : 1);
	bool		good;

	must(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	good = figures_parse(text, size, "fuzzed", &figures);
	free(text);					/* nothing of it may be needed any more */
	if (good)
	{
		check_figures(&figures);
		check_inverse(&figures);
	}
	figures_free(&figures);
	return 0;
}
