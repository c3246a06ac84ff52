/*
 * conditions.c
 *	  Everything in a side's environment counts as a condition, but for a list of
 *	  what says nothing about times; of the parameters, what the statements and
 *	  payloads are made by.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "figures/conditions.h"
#include "util/memory.h"

#define MOST_OF_OWN 20			/* conditions that are neither settings nor the host's */

/* what is never twice the same */
static const char *const weightless[] = {
	"settings.table.bytes", "settings.table.rows", "host.busy", "host.load", "host.clock_read"
};

typedef struct List
{
	Condition  *conditions;
	int			n;
} List;

char *
printable(const char *text)
{
	char	   *copy = xstrdup(text);

	for (char *c = copy; *c != '\0'; c++)
	{
		if ((unsigned char) *c < 0x20 || *c == 0x7f)
			*c = ' ';
	}
	return copy;
}

static void
add(List *list, Weight weight, const char *prefix, const char *name, const char *value)
{
	char	   *full = xasprintf("%s%s", prefix, name);
	Condition  *condition = &list->conditions[list->n++];

	for (size_t i = 0; i < sizeof(weightless) / sizeof(weightless[0]); i++)
	{
		if (strcmp(full, weightless[i]) == 0)
			weight = WEIGHT_NONE;
	}
	condition->name = printable(full);
	condition->value = printable(value != NULL && *value != '\0' ? value : "''");
	condition->weight = weight;
	free(full);
}

/* the same of a text that is freed here */
static void
add_made(List *list, Weight weight, const char *prefix, const char *name, char *value)
{
	add(list, weight, prefix, name, value);
	free(value);
}

/* "calls, pipeline" */
static void
add_set(List *list, const char *name, const bool *chosen, const char *const *names, int n)
{
	char	   *text = NULL;

	for (int i = 0; i < n; i++)
		if (chosen[i])
			text_add(&text, "%s%s", text ? ", " : "", names[i]);
	add_made(list, WEIGHT_MATTERS, "parameters.", name, text);
}

static void
add_parameters(List *list, const Parameters *parameters)
{
	const char *prefix = "parameters.";
	char	   *sizes = NULL;

	for (int i = 0; i < parameters->nsizes; i++)
		text_add(&sizes, "%s%" PRId64, i > 0 ? ", " : "", parameters->sizes[i]);
	add_made(list, WEIGHT_MATTERS, prefix, "sizes", sizes);
	add_set(list, "drives", parameters->drives, drive_names, DRIVE_COUNT);
	add_set(list, "origins", parameters->origins, origin_names, ORIGIN_COUNT);
	add(list, WEIGHT_MATTERS, prefix, "result_format", parameters->binary ? "binary" : "text");
	add(list, WEIGHT_MATTERS, prefix, "baselines", parameters->baselines ? "on" : "off");
	add_made(list, WEIGHT_MATTERS, prefix, "seed", parameters->has_seed ? xasprintf("%" PRId64, parameters->seed) :
			 xstrdup("none"));
	add_made(list, WEIGHT_MATTERS, prefix, "compressible", xasprintf("%d %%", parameters->compressible));
	add_made(list, WEIGHT_MATTERS, prefix, "think", xasprintf("%s%g ms", parameters->think_exponential ?
															  "exponential, " : "", (double) parameters->think_ns / 1e6));
	add_made(list, WEIGHT_NOTED, prefix, "iterations", xasprintf("%d", parameters->iterations));
	add_made(list, WEIGHT_NOTED, prefix, "warmup", xasprintf("%d", parameters->warmup));
}

Condition *
conditions_of(const Figures *figures, int side, int *n)
{
	const Side *of = &figures->sides[side];
	const Environment *environment = &of->environment;
	List		list;

	list.n = 0;
	list.conditions = xcalloc((size_t) (environment->nsettings + environment->nhost + MOST_OF_OWN),
							  sizeof(Condition));
	add_made(&list, WEIGHT_MATTERS, "", "server_version_num", xasprintf("%d", environment->server_version_num));
	add(&list, WEIGHT_NOTED, "", "extension_version", environment->extension_version);
	add(&list, WEIGHT_NOTED, "", "library_version", environment->library_version);
	add_made(&list, WEIGHT_NOTED, "", "libpq_version", xasprintf("%d", environment->libpq_version));
	add(&list, WEIGHT_MATTERS, "", "transport", environment->transport);
	add(&list, WEIGHT_MATTERS, "", "ssl", environment->ssl ? "on" : "off");
	add(&list, WEIGHT_MATTERS, "", "protocol", protocol_names[of->protocol]);
	add_parameters(&list, &figures->parameters);
	for (int i = 0; i < environment->nsettings; i++)
		add(&list, WEIGHT_MATTERS, "settings.", environment->settings[i].name, environment->settings[i].value);
	for (int i = 0; i < environment->nhost; i++)
		add(&list, WEIGHT_MATTERS, "host.", environment->host[i].name, environment->host[i].value);
	*n = list.n;
	return list.conditions;
}

void
conditions_free(Condition *conditions, int n)
{
	for (int i = 0; i < n; i++)
	{
		free(conditions[i].name);
		free(conditions[i].value);
	}
	free(conditions);
}

const Condition *
condition_find(const Condition *conditions, int n, const char *name)
{
	for (int i = 0; i < n; i++)
	{
		if (strcmp(conditions[i].name, name) == 0)
			return &conditions[i];
	}
	return NULL;
}
