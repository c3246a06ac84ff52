/*
 * conditions.c
 *	  Of what a result file holds of a run's parameters and of a side, everything
 *	  counts as a condition, but for a list of what says nothing about times.
 */
#include <stdlib.h>
#include <string.h>

#include "figures/conditions.h"
#include "figures/fields.h"
#include "util/memory.h"

/* how much is measured and what becomes of it, how it is called, what is never twice the same, or a list of its own */
static const char *const weightless[] = {
	"parameters.blocks", "parameters.time_s", "parameters.labels", "parameters.workflow_id", "parameters.max_tries",
	"parameters.reconnect", "parameters.keep", "server_version", "rtt_ms", "tcp_rtt_ms", "conninfo", "warnings",
	"settings.table.bytes", "settings.table.rows", "host.busy", "host.load", "host.clock_read", NULL
};

/* may be just what is compared */
static const char *const noted[] = {
	"extension_version", "library_version", "libpq_version", "parameters.iterations", "parameters.warmup", NULL
};

static bool
is_one_of(const char *name, const char *const *names)
{
	while (*names != NULL && strcmp(name, *names) != 0)
		names++;
	return *names != NULL;
}

bool
condition_matters(const char *name)
{
	return !is_one_of(name, noted);
}

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

/* "on", "12.5", "1, 10, 100" */
static void
add_value(char **text, const json_t *value)
{
	const json_t *element;
	size_t		i;

	if (json_is_boolean(value))
		text_add(text, "%s", json_is_true(value) ? "on" : "off");
	else if (json_is_integer(value))
		text_add(text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		text_add(text, "%g", json_real_value(value));
	else if (json_is_string(value))
		text_add(text, "%s", json_string_value(value));
	json_array_foreach(value, i, element)
	{
		if (i > 0)
			text_add(text, ", ");
		add_value(text, element);
	}
}

static void
add(json_t *conditions, const char *prefix, const char *key, json_t *value)
{
	char	   *full = xasprintf("%s%s", prefix, key);
	char	   *name = printable(full);
	char	   *text = NULL;
	json_t	   *inner;

	if (json_is_object(value))
	{
		text_add(&text, "%s.", full);
		json_object_foreach(value, key, inner)
			add(conditions, text, key, inner);
	}
	else if (!is_one_of(full, weightless))
	{
		char	   *shown;

		add_value(&text, value);
		shown = printable(text != NULL && *text != '\0' ? text : "''");
		json_object_set_new(conditions, name, json_string(shown));
		free(shown);
	}
	free(text);
	free(name);
	free(full);
}

json_t *
conditions_of(const Figures *figures, int side)
{
	json_t	   *conditions = json_object();
	json_t	   *file = fields_write(&figures_fields, figures);
	const json_t *of = json_array_get(json_object_get(file, "sides"), (size_t) side);
	const char *key;
	json_t	   *value;

	add(conditions, "", "protocol", json_object_get(of, "protocol"));
	json_object_foreach(json_object_get(of, "environment"), key, value)
		add(conditions, "", key, value);
	add(conditions, "", "parameters", json_object_get(file, "parameters"));
	json_decref(file);
	return conditions;
}
