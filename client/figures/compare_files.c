/*
 * compare_files.c
 *	  The files of a comparison, and which of them cannot be compared.
 */
#include <stdlib.h>
#include <string.h>

#include "figures/compare.h"
#include "figures/conditions.h"
#include "util/memory.h"
#include "util/message.h"

/* Every run once; false, with a message for each that is there again. */
static bool
refuse_copies(const Comparison *comparison)
{
	bool		good = true;

	for (int f = 1; f < comparison->nruns; f++)
	{
		for (int g = 0; g < f; g++)
		{
			if (strcmp(comparison->runs[f].figures.run_id, comparison->runs[g].figures.run_id) != 0)
				continue;
			print_error("\"%s\" and \"%s\" are the same run; a run counts once",
						comparison->runs[g].path, comparison->runs[f].path);
			good = false;
			break;
		}
	}
	return good;
}

/* What in a file makes its figures less than they look. */
static void
warn_of_file(const Figures *figures, const char *path)
{
	if (figures->interrupted || figures->connection_lost)
		print_warning("\"%s\" %s: it has %d blocks", path,
					  figures->interrupted ? "was interrupted" : "lost its connection", figures->nblocks);
	for (int w = 0; w < figures->nworkflows; w++)
	{
		const WorkflowFigures *workflow = &figures->workflows[w];

		if (workflow->failed > 0)
			print_warning("\"%s\": %d iterations of %s failed; they are not in its figures", path,
						  workflow->failed, workflow_names[workflow->kind]);
	}
}

/* One warning that the runs were measured in spite of, unless an earlier file's named it. */
static void
warn_of_subject(const Comparison *comparison, int file, const char *subject)
{
	char	   *holders = NULL;
	char	   *shown;
	int			n = 0;

	for (int f = 0; f < comparison->nruns; f++)
	{
		if (!environment_has_warning(&comparison->runs[f].figures.sides[0].environment, subject))
			continue;
		if (f < file)
		{
			free(holders);
			return;
		}
		text_add(&holders, "%s\"%s\"", n++ > 0 ? ", " : "", comparison->runs[f].path);
	}
	shown = printable(subject);
	if (n == comparison->nruns)
		print_warning("every run was measured in spite of a warning: %s", shown);
	else
		print_warning("measured in spite of a warning, %s: %s", shown, holders);
	free(shown);
	free(holders);
}

static void
warn_of_files(const Comparison *comparison)
{
	for (int f = 0; f < comparison->nruns; f++)
	{
		const Environment *environment = &comparison->runs[f].figures.sides[0].environment;

		warn_of_file(&comparison->runs[f].figures, comparison->runs[f].path);
		for (int w = 0; w < environment->nwarnings; w++)
			warn_of_subject(comparison, f, environment->warnings[w].subject);
	}
}

/* what a file does not say is a value too */
static const char *
value_of(const json_t *conditions, const char *name)
{
	const char *value = json_string_value(json_object_get(conditions, name));

	return value != NULL ? value : "not in the file";
}

/* "on (a.json, b.json), off (c.json)"; NULL: it is the same in all files; the caller's */
static char *
values_text(const Comparison *comparison, json_t *const *conditions, const char *name)
{
	char	   *text = NULL;
	int			nvalues = 0;

	for (int f = 0; f < comparison->nruns; f++)
	{
		const char *value = value_of(conditions[f], name);
		int			first = 0;

		while (strcmp(value_of(conditions[first], name), value) != 0)
			first++;
		if (first < f)
			continue;			/* that file has named it */
		text_add(&text, "%s%s (%s", nvalues++ > 0 ? ", " : "", value, comparison->runs[f].path);
		for (int g = f + 1; g < comparison->nruns; g++)
			if (strcmp(value_of(conditions[g], name), value) == 0)
				text_add(&text, ", %s", comparison->runs[g].path);
		text_add(&text, ")");
	}
	if (nvalues > 1)
		return text;
	free(text);
	return NULL;
}

/* Say what differs; how many of it matter. */
static int
report_conditions(const Comparison *comparison)
{
	json_t	  **conditions = xcalloc((size_t) comparison->nruns, sizeof(json_t *));
	json_t	   *all = json_object();
	const char *name;
	json_t	   *value;
	int			matter = 0;

	for (int f = 0; f < comparison->nruns; f++)
	{
		conditions[f] = conditions_of(&comparison->runs[f].figures, 0);
		json_object_update_missing(all, conditions[f]);
	}
	json_object_foreach(all, name, value)
	{
		char	   *text = values_text(comparison, conditions, name);

		if (text == NULL)
			continue;
		if (condition_matters(name))
			print_warning("conditions differ: %s is %s", name, text);
		else
			print_warning("not the same, compared all the same: %s is %s", name, text);
		matter += condition_matters(name);
		free(text);
	}
	for (int f = 0; f < comparison->nruns; f++)
		json_decref(conditions[f]);
	json_decref(all);
	free(conditions);
	return matter;
}

/* qsort: by their start; those of one time stay as they were given */
static int
compare_runs(const void *left, const void *right)
{
	const ComparedRun *a = left;
	const ComparedRun *b = right;
	int			order = strcmp(a->figures.started_at, b->figures.started_at);

	return order != 0 ? order : a->place - b->place;
}

bool
comparison_read(const char *const *left, int nleft, const char *const *right, int nright,
				bool ignore_conditions, Comparison *comparison)
{
	bool		good = true;
	int			matter;

	memset(comparison, 0, sizeof(*comparison));
	comparison->nruns = nleft + nright;
	comparison->runs = xcalloc((size_t) comparison->nruns + 1, sizeof(ComparedRun));
	for (int f = 0; f < comparison->nruns; f++)
	{
		ComparedRun *run = &comparison->runs[f];

		run->place = f;
		run->side = f < nleft ? 'A' : 'B';
		run->path = f < nleft ? left[f] : right[f - nleft];
		if (!figures_read(run->path, &run->figures))
			good = false;
		else if (run->figures.nsides > 1)
		{
			print_error("\"%s\" holds two sides, compared within the run; its report shows what differs", run->path);
			good = false;
		}
	}
	if (!good || !refuse_copies(comparison))
		return false;
	qsort(comparison->runs, (size_t) comparison->nruns, sizeof(ComparedRun), compare_runs);
	warn_of_files(comparison);
	matter = report_conditions(comparison);
	if (matter > 0 && !ignore_conditions)
	{
		print_error("the runs were not measured under the same conditions");
		print_hint("if just that is to be compared: --ignore-conditions; where both can be connected to "
				   "at once, \"run CONNINFO --against CONNINFO\" sees smaller differences");
		return false;
	}
	return true;
}

void
comparison_free(Comparison *comparison)
{
	for (int f = 0; f < comparison->nruns; f++)
		figures_free(&comparison->runs[f].figures);
	free(comparison->runs);
	free(comparison->sequence);
	free(comparison->pairs);
	free(comparison->cells);
	memset(comparison, 0, sizeof(*comparison));
}
