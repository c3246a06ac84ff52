/*
 * figures_json.c
 *	  Result files: the figures of a run as JSON.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "figures/fields.h"
#include "figures/figures.h"
#include "figures/result_file.h"
#include "util/memory.h"

#define SCHEMA_VERSION 1

bool
figures_write(const Figures *figures, const char *path)
{
	return result_file_write(path, json_pack("{s:i}", "schema_version", SCHEMA_VERSION),
							 fields_write(&figures_fields, figures), RESULT_DIGITS);
}

/* how the figures of a summary must lie, where both are known */
static bool
in_order(double a, double b)
{
	return !(a > b);
}

static bool
summary_is_in_order(const Summary *summary)
{
	return in_order(summary->min, summary->p95) && in_order(summary->p95, summary->p99) &&
		in_order(summary->p99, summary->max) && in_order(summary->min, summary->max) &&
		in_order(summary->median.low, summary->median.value) &&
		in_order(summary->median.value, summary->median.high);
}

static char *
check_workflow(const Figures *figures, int w)
{
	const WorkflowFigures *workflow = &figures->workflows[w];

	if (workflow->side >= figures->nsides)
		return xasprintf("\"workflows[%d].side\" is %d, there are %d", w, workflow->side, figures->nsides);
	if (figures_workflow(figures, workflow->side, workflow->kind, workflow->drive,
						 workflow->origin) != workflow)
		return xasprintf("\"workflows[%d]\" is the same side, workflow, drive and origin as one before it", w);
	if (workflow->nsteps > MAX_SIZES)
		return xasprintf("\"workflows[%d].steps\" are %d, more than %d", w, workflow->nsteps, MAX_SIZES);
	for (int s = 0; s <= workflow->nsteps; s++)
	{
		const Cell *cell = s < workflow->nsteps ? &workflow->steps[s] : &workflow->whole;

		for (int other = 0; other < s && s < workflow->nsteps; other++)
		{
			if (workflow->steps[other].function_id == cell->function_id)
				return xasprintf("\"workflows[%d].steps\" holds function_id %d twice", w, cell->function_id);
		}
		for (int m = 0; m < METRIC_COUNT; m++)
		{
			if (!summary_is_in_order(&cell->time[m]))
				return xasprintf("\"workflows[%d]\": the figures of \"%s\" of %s, %" PRId64 " bytes, are not in order",
							 w, metric_names[m], s < workflow->nsteps ? "the step" : "the whole", cell->payload_bytes);
		}
	}
	return NULL;
}

/* Times in this form, all in UTC, come in the order of their texts. */
static bool
is_started_at(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00";
	size_t		length = strlen(text);

	if (length < sizeof(form) || text[length - 1] != 'Z')
		return false;
	for (size_t i = 0; form[i] != '\0'; i++)
	{
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	}
	return true;
}

/* What the keys one by one do not say; NULL, or what is wrong: the caller's. */
static char *
check_figures(const Figures *figures)
{
	if (!is_started_at(figures->started_at))
		return xasprintf("\"started_at\" is no time in the form 2026-11-25T02:46:18Z");
	if (figures->parameters.nsides != figures->nsides)
		return xasprintf("\"parameters.labels\" is of %d sides, \"sides\" of %d",
					 figures->parameters.nsides, figures->nsides);
	for (int w = 0; w < figures->nworkflows; w++)
	{
		char	   *error = check_workflow(figures, w);

		if (error != NULL)
			return error;
	}
	for (int b = 0; b < figures->nbaselines; b++)
	{
		if (figures->baselines[b].side >= figures->nsides)
			return xasprintf("\"baselines[%d].side\" is not one of the sides", b);
	}
	for (int i = 0; i < figures->napproaches; i++)
	{
		const Approaches *a = &figures->approaches[i];

		for (int kind = 0; kind < WORKFLOW_COUNT; kind++)
		{
			if (figures_workflow(figures, a->side, (WorkflowKind) kind, a->drive, a->origin) == NULL)
				return xasprintf("\"approaches[%d]\" is of a workflow that is not in the file", i);
		}
	}
	for (int i = 0; i < figures->nmodels; i++)
	{
		const ModelFigures *model = &figures->models[i];

		if (figures_workflow(figures, model->side, WORKFLOW_MULTIPLE, model->drive, model->origin) == NULL)
			return xasprintf("\"models[%d]\" is of a workflow that is not in the file", i);
	}
	for (int i = 0; i < figures->nprofiles; i++)
	{
		const ProfileFigures *p = &figures->profiles[i];
		const WorkflowFigures *workflow = figures_workflow(figures, p->side, p->kind, p->drive, ORIGIN_CLIENT);

		if (workflow == NULL || p->step >= workflow->nsteps)
			return xasprintf("\"profiles[%d]\" is of a step that is not in the file", i);
	}
	for (int i = 0; i < figures->ndifferences; i++)
	{
		for (int side = 0; side < MAX_SIDES; side++)
			if (difference_cell(figures, side, &figures->differences[i]) == NULL)
				return xasprintf("\"differences[%d]\" is of a step that is not in the file", i);
	}
	return NULL;
}

/* NULL, or what is wrong: the caller's. */
static char *
take_root(const json_t *root, Figures *figures)
{
	const json_t *version = json_object_get(root, "schema_version");
	char	   *error;

	if (json_integer_value(version) != SCHEMA_VERSION)
		return xasprintf("schema_version is %" JSON_INTEGER_FORMAT ", this program reads %d",
					 json_integer_value(version), SCHEMA_VERSION);
	if (!fields_read(&figures_fields, root, figures, &error))
		return error;
	return check_figures(figures);
}

bool
figures_parse(const char *text, size_t length, const char *path, Figures *figures)
{
	char	   *error;
	json_t	   *root = result_file_parse(text, length, RESULT_RUN, &error);

	memset(figures, 0, sizeof(*figures));
	if (root != NULL)
		error = take_root(root, figures);
	json_decref(root);
	if (result_file_is_good(path, error))
		return true;
	figures_free(figures);
	return false;
}

bool
figures_read(const char *path, Figures *figures)
{
	size_t		length;
	char	   *text = result_file_text(path, &length);
	bool		good;

	memset(figures, 0, sizeof(*figures));
	good = text != NULL && figures_parse(text, length, path, figures);
	free(text);
	return good;
}
