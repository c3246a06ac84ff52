/*
 * compare_files.c
 *	  The files of a comparison, and which of them cannot be compared.
 */
#include <stdlib.h>
#include <string.h>

#include "figures/compare.h"
#include "figures/conditions.h"
#include "figures/fields.h"
#include "util/memory.h"
#include "util/message.h"

/* one file's conditions */
typedef struct Conditions
{
	Condition  *conditions;
	int			n;
} Conditions;

static bool
same_figures(const Figures *a, const Figures *b)
{
	json_t	   *left = fields_write(&figures_fields, a);
	json_t	   *right = fields_write(&figures_fields, b);
	bool		same = json_equal(left, right);

	json_decref(left);
	json_decref(right);
	return same;
}

/* Are the two of one run? */
static bool
same_run(const Figures *a, const Figures *b)
{
	if (a->run_id != NULL && b->run_id != NULL)
		return strcmp(a->run_id, b->run_id) == 0;
	return strcmp(a->started_at, b->started_at) == 0 && same_figures(a, b);
}

/* Every run once; false, with a message for each that is there again. */
static bool
refuse_copies(const Comparison *comparison)
{
	bool		good = true;

	for (int f = 1; f < comparison->nfiles; f++)
	{
		for (int g = 0; g < f; g++)
		{
			if (!same_run(&comparison->files[f], &comparison->files[g]))
				continue;
			print_error("\"%s\" and \"%s\" are the same run; a run counts once",
						comparison->paths[g], comparison->paths[f]);
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

static bool
carries(const Figures *figures, const char *subject)
{
	const Environment *environment = &figures->sides[0].environment;

	for (int w = 0; w < environment->nwarnings; w++)
	{
		if (strcmp(environment->warnings[w].subject, subject) == 0)
			return true;
	}
	return false;
}

/* One warning that the runs were measured in spite of, unless an earlier file's named it. */
static void
warn_of_subject(const Comparison *comparison, int file, const char *subject)
{
	char	   *holders = NULL;
	char	   *shown;
	int			n = 0;

	for (int f = 0; f < comparison->nfiles; f++)
	{
		if (!carries(&comparison->files[f], subject))
			continue;
		if (f < file)
		{
			free(holders);
			return;
		}
		text_add(&holders, "%s\"%s\"", n++ > 0 ? ", " : "", comparison->paths[f]);
	}
	shown = printable(subject);
	if (n == comparison->nfiles)
		print_warning("every run was measured in spite of a warning: %s", shown);
	else
		print_warning("measured in spite of a warning, %s: %s", shown, holders);
	free(shown);
	free(holders);
}

static void
warn_of_files(const Comparison *comparison)
{
	for (int f = 0; f < comparison->nfiles; f++)
	{
		const Environment *environment = &comparison->files[f].sides[0].environment;

		warn_of_file(&comparison->files[f], comparison->paths[f]);
		for (int w = 0; w < environment->nwarnings; w++)
			warn_of_subject(comparison, f, environment->warnings[w].subject);
	}
}

/* what a file does not say is a value too */
static const char *
value_of(const Conditions *file, const char *name)
{
	const Condition *condition = condition_find(file->conditions, file->n, name);

	return condition != NULL ? condition->value : "not in the file";
}

/* "on (a.json, b.json), off (c.json)"; the caller's */
static char *
values_text(const Comparison *comparison, const Conditions *all, const char *name)
{
	char	   *text = NULL;

	for (int f = 0; f < comparison->nfiles; f++)
	{
		const char *value = value_of(&all[f], name);
		const char *before = text ? ", " : "";
		int			n = 0;

		for (int g = 0; g < f && n == 0; g++)
			n -= strcmp(value_of(&all[g], name), value) == 0;
		if (n < 0)
			continue;			/* an earlier file has it too */
		text_add(&text, "%s%s (", before, value);
		for (int g = f; g < comparison->nfiles; g++)
			if (strcmp(value_of(&all[g], name), value) == 0)
				text_add(&text, "%s%s", n++ > 0 ? ", " : "", comparison->paths[g]);
		text_add(&text, ")");
	}
	return text;
}

/* Is this condition the first of its name that differs among the files? */
static bool
is_first_that_differs(const Comparison *comparison, const Conditions *all, int file, const char *name)
{
	bool		differs = false;

	for (int f = 0; f < comparison->nfiles; f++)
	{
		if (f < file && condition_find(all[f].conditions, all[f].n, name) != NULL)
			return false;
		differs = differs || strcmp(value_of(&all[f], name), value_of(&all[file], name)) != 0;
	}
	return differs;
}

/* Say what differs; how many of it matter. */
static int
report_conditions(const Comparison *comparison)
{
	Conditions *all = xcalloc((size_t) comparison->nfiles, sizeof(Conditions));
	int			matter = 0;

	for (int f = 0; f < comparison->nfiles; f++)
		all[f].conditions = conditions_of(&comparison->files[f], 0, &all[f].n);
	for (int f = 0; f < comparison->nfiles; f++)
	{
		for (int i = 0; i < all[f].n; i++)
		{
			const Condition *condition = &all[f].conditions[i];
			char	   *text;

			if (condition->weight == WEIGHT_NONE ||
				!is_first_that_differs(comparison, all, f, condition->name))
				continue;
			text = values_text(comparison, all, condition->name);
			if (condition->weight == WEIGHT_MATTERS)
				print_warning("conditions differ: %s is %s", condition->name, text);
			else
				print_warning("not the same, compared all the same: %s is %s", condition->name, text);
			matter += condition->weight == WEIGHT_MATTERS;
			free(text);
		}
	}
	for (int f = 0; f < comparison->nfiles; f++)
		conditions_free(all[f].conditions, all[f].n);
	free(all);
	return matter;
}

bool
comparison_read(const char *const *left, int nleft, const char *const *right, int nright,
				bool ignore_conditions, Comparison *comparison)
{
	bool		good = true;
	int			matter;

	memset(comparison, 0, sizeof(*comparison));
	comparison->nleft = nleft;
	comparison->nfiles = nleft + nright;
	comparison->paths = xcalloc((size_t) comparison->nfiles + 1, sizeof(char *));
	comparison->files = xcalloc((size_t) comparison->nfiles + 1, sizeof(Figures));
	for (int f = 0; f < comparison->nfiles; f++)
	{
		comparison->paths[f] = f < nleft ? left[f] : right[f - nleft];
		if (!figures_read(comparison->paths[f], &comparison->files[f]))
			good = false;
		else if (comparison->files[f].nsides > 1)
		{
			print_error("\"%s\" holds two sides, compared within the run; its report shows what differs",
						comparison->paths[f]);
			good = false;
		}
	}
	if (!good || !refuse_copies(comparison))
		return false;
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
	for (int f = 0; f < comparison->nfiles; f++)
		figures_free(&comparison->files[f]);
	free(comparison->files);
	free(comparison->paths);
	free(comparison->sequence);
	free(comparison->pairs);
	free(comparison->cells);
	memset(comparison, 0, sizeof(*comparison));
}
