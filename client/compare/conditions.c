/*
 * conditions.c
 *	  Everything in a file's environment and parameters counts as a condition,
 *	  but for a list of what says nothing about times.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "compare/conditions.h"
#include "util/memory.h"
#include "util/message.h"

typedef enum Weight
{
	WEIGHT_NONE,				/* says nothing about times */
	WEIGHT_NOTED,				/* may be just what is compared */
	WEIGHT_MATTERS
} Weight;

static const struct
{
	const char *name;
	Weight		weight;
}			weights[] = {
	{"extension_version", WEIGHT_NOTED},
	{"libpq_version", WEIGHT_NOTED},
	{"parameters.warmup", WEIGHT_NOTED},
	{"parameters.iterations", WEIGHT_NONE},
	{"parameters.conninfo", WEIGHT_NONE},
	{"parameters.label", WEIGHT_NONE},
	{"parameters.workflow_id", WEIGHT_NONE},
	{"parameters.time_s", WEIGHT_NONE},
	{"parameters.timeout_s", WEIGHT_NONE},
	{"parameters.max_tries", WEIGHT_NONE},
	{"parameters.reconnect", WEIGHT_NONE},
	{"parameters.allow_unsafe", WEIGHT_NONE},
	{"parameters.progress_s", WEIGHT_NONE},
	{"parameters.assume_rtt_ms", WEIGHT_NONE},
	{"parameters.json", WEIGHT_NONE},
	{"parameters.csv", WEIGHT_NONE},
	{"parameters.samples", WEIGHT_NONE},
	{"parameters.plot", WEIGHT_NONE},
	/* these are never twice the same */
	{"settings.table.bytes", WEIGHT_NONE},
	{"settings.table.rows", WEIGHT_NONE},
	{"host.busy", WEIGHT_NONE},
	{"host.load", WEIGHT_NONE},
	{"host.clock_read", WEIGHT_NONE},
};

static Weight
weight_of(const char *name)
{
	for (size_t i = 0; i < sizeof(weights) / sizeof(weights[0]); i++)
	{
		if (strcmp(weights[i].name, name) == 0)
			return weights[i].weight;
	}
	return WEIGHT_MATTERS;
}

/* as text; what a file does not say is a value too */
static const char *
value_of(const ResultFile *file, const char *name)
{
	for (int i = 0; i < file->nconditions; i++)
	{
		if (strcmp(file->conditions[i].name, name) == 0)
			return file->conditions[i].value;
	}
	return "not in the file";
}

static bool
differs(const ResultFile *files, int nfiles, const char *name)
{
	for (int f = 1; f < nfiles; f++)
	{
		if (strcmp(value_of(&files[0], name), value_of(&files[f], name)) != 0)
			return true;
	}
	return false;
}

/* "on (a.json, b.json), off (c.json)"; malloc'd, the caller's */
static char *
values_text(const ResultFile *files, int nfiles, const char *name)
{
	char	   *text = xstrdup("");

	for (int f = 0; f < nfiles; f++)
	{
		const char *value = value_of(&files[f], name);
		bool		told = false;
		char	   *holders = xstrdup("");
		char	   *longer;

		for (int g = 0; g < nfiles; g++)
		{
			if (strcmp(value_of(&files[g], name), value) != 0)
				continue;
			told = told || g < f;
			longer = xasprintf("%s%s%s", holders, *holders ? ", " : "", files[g].path);
			free(holders);
			holders = longer;
		}
		if (!told)
		{
			longer = xasprintf("%s%s%s (%s)", text, *text ? ", " : "", *value ? value : "''", holders);
			free(text);
			text = longer;
		}
		free(holders);
	}
	return text;
}

/* is this condition named by an earlier file? */
static bool
seen_before(const ResultFile *files, int f, const char *name)
{
	for (int earlier = 0; earlier < f; earlier++)
	{
		for (int i = 0; i < files[earlier].nconditions; i++)
		{
			if (strcmp(files[earlier].conditions[i].name, name) == 0)
				return true;
		}
	}
	return false;
}

int
conditions_report(const ResultFile *files, int nfiles)
{
	int			matter = 0;

	for (int f = 0; f < nfiles; f++)
	{
		for (int i = 0; i < files[f].nconditions; i++)
		{
			const char *name = files[f].conditions[i].name;
			Weight		weight = weight_of(name);
			char	   *text;

			if (weight == WEIGHT_NONE || seen_before(files, f, name) || !differs(files, nfiles, name))
				continue;
			text = values_text(files, nfiles, name);
			if (weight == WEIGHT_MATTERS)
			{
				print_warning("conditions differ: %s is %s", name, text);
				matter++;
			}
			else
				print_warning("not the same, compared all the same: %s is %s", name, text);
			free(text);
		}
	}
	return matter;
}
