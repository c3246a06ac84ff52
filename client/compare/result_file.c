/*
 * result_file.c
 *	  Reads a result file into plain structs.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/json_reader.h"
#include "compare/result_file.h"

#define SCHEMA_VERSION 1

/* a result file has some 100 kB; what is larger than this is none */
#define MAX_FILE_BYTES (64 * 1024 * 1024)

/* of one workflow; the tool itself has at most 100 */
#define MAX_STEPS 1000

/* room for "workflows[N].steps[M].parts_ms" with any N and M */
#define PLACE_SIZE 256

static void
summary_reset(Summary *summary)
{
	memset(summary, 0, sizeof(*summary));
	summary->first = summary->min = summary->p50 = summary->p90 = summary->p95 = NAN;
	summary->p99 = summary->max = summary->mean = summary->stddev = NAN;
	summary->ci_low = summary->ci_high = NAN;
}

static bool
in_order(double a, double b)
{
	return isnan(a) || isnan(b) || a <= b;
}

/* one {} of times, which may be null */
static bool
read_summary(Reader *reader, const json_t *object, const char *place, const char *key,
			 Summary *summary)
{
	json_t	   *value = member(reader, object, place, key);
	char		inner[PLACE_SIZE];

	summary_reset(summary);
	if (value == NULL)
		return false;
	if (json_is_null(value))
		return true;
	if (!json_is_object(value))
		return wrong_type(reader, place, key, "an object or null", value);
	snprintf(inner, sizeof(inner), "%.200s.%.40s", place, key);
	if (!integer_member(reader, value, inner, "n", 0, &summary->n) ||
		!time_member(reader, value, inner, "first", &summary->first) ||
		!time_member(reader, value, inner, "min", &summary->min) ||
		!time_member(reader, value, inner, "p50", &summary->p50) ||
		!time_member(reader, value, inner, "p90", &summary->p90) ||
		!time_member(reader, value, inner, "p95", &summary->p95) ||
		!time_member(reader, value, inner, "p99", &summary->p99) ||
		!time_member(reader, value, inner, "max", &summary->max) ||
		!time_member(reader, value, inner, "mean", &summary->mean) ||
		!time_member(reader, value, inner, "stddev", &summary->stddev) ||
		!time_member(reader, value, inner, "ci_low", &summary->ci_low) ||
		!time_member(reader, value, inner, "ci_high", &summary->ci_high))
		return false;
	if (summary->n > 0 && isnan(summary->p50))
		return reader_fail(reader, "key \"%s.p50\" is null although n is %" PRId64, inner, summary->n);
	if (summary->n == 0 && !isnan(summary->p50))
		return reader_fail(reader, "key \"%s.p50\" is a number although n is 0", inner);
	if (!in_order(summary->min, summary->p50) || !in_order(summary->p50, summary->max) ||
		!in_order(summary->p50, summary->p95) || !in_order(summary->p95, summary->p99) ||
		!in_order(summary->ci_low, summary->p50) || !in_order(summary->p50, summary->ci_high))
		return reader_fail(reader, "the figures of \"%s\" are not in order", inner);
	return true;
}

/* parts_ms{}: parts that the file does not know are left empty */
static bool
read_parts(Reader *reader, const json_t *object, const char *place, bool required, Summary *times)
{
	json_t	   *parts = json_object_get(object, "parts_ms");
	char		inner[PLACE_SIZE];

	if (parts == NULL && !required)
		return true;
	parts = object_member(reader, object, place, "parts_ms");
	if (parts == NULL)
		return false;
	snprintf(inner, sizeof(inner), "%.200s.parts_ms", place);
	for (int m = FIRST_PART; m <= (int) LAST_PART; m++)
	{
		if (!read_summary(reader, parts, inner, metric_names[m], &times[m]))
			return false;
	}
	return true;
}

static bool
read_step(Reader *reader, const json_t *object, const char *place, FileStep *step)
{
	for (int m = 0; m < METRIC_COUNT; m++)
		summary_reset(&step->times[m]);
	return string_member(reader, object, place, "step", &step->name) &&
		integer_member(reader, object, place, "function_id", 0, &step->function_id) &&
		integer_member(reader, object, place, "payload_bytes", 0, &step->payload_bytes) &&
		integer_member(reader, object, place, "failed", 0, &step->failed) &&
		read_summary(reader, object, place, "round_trip_ms", &step->times[METRIC_ROUND_TRIP]) &&
		read_parts(reader, object, place, true, step->times);
}

/* one of n words, as its place among them */
static bool
word_member(Reader *reader, const json_t *object, const char *place, const char *key,
			const char *const *words, int n, int *word)
{
	char	   *text;

	if (!string_member(reader, object, place, key, &text))
		return false;
	for (*word = 0; *word < n; (*word)++)
	{
		if (strcmp(text, words[*word]) == 0)
			break;
	}
	if (*word == n)
		reader_fail(reader, "key \"%s.%s\" is \"%.60s\", which is not known here", place, key, text);
	free(text);
	return *word < n;
}

static bool
read_workflow(Reader *reader, const json_t *object, const char *place, FileWorkflow *workflow)
{
	json_t	   *steps;
	size_t		n;
	int			kind;
	int			drive;
	int			origin;

	for (int m = 0; m < METRIC_COUNT; m++)
		summary_reset(&workflow->times[m]);
	if (!word_member(reader, object, place, "workflow", workflow_names, 2, &kind) ||
		!word_member(reader, object, place, "drive", drive_names, DRIVE_COUNT, &drive) ||
		!word_member(reader, object, place, "origin", origin_names, ORIGIN_COUNT, &origin) ||
		!integer_member(reader, object, place, "iterations", 0, &workflow->iterations) ||
		!integer_member(reader, object, place, "failed", 0, &workflow->failed) ||
		!boolean_member(reader, object, place, "partial", &workflow->partial) ||
		!read_summary(reader, object, place, "total_ms", &workflow->times[METRIC_ROUND_TRIP]) ||
		!read_parts(reader, object, place, false, workflow->times))
		return false;
	workflow->kind = (WorkflowKind) kind;
	workflow->drive = (Drive) drive;
	workflow->origin = (Origin) origin;
	steps = array_member(reader, object, place, "steps");
	if (steps == NULL)
		return false;
	n = json_array_size(steps);
	if (n > MAX_STEPS)
		return reader_fail(reader, "\"%s.steps\" holds %zu steps, more than %d", place, n, MAX_STEPS);
	workflow->steps = calloc(n + 1, sizeof(FileStep));
	if (workflow->steps == NULL)
		return reader_out_of_memory(reader);
	for (size_t s = 0; s < n; s++)
	{
		char		inner[PLACE_SIZE];
		json_t	   *step = json_array_get(steps, s);

		snprintf(inner, sizeof(inner), "%.100s.steps[%zu]", place, s);
		if (!json_is_object(step))
			return reader_fail(reader, "\"%s\" should be an object and is %s", inner, json_type_name(step));
		workflow->nsteps++;
		if (!read_step(reader, step, inner, &workflow->steps[s]))
			return false;
		for (size_t other = 0; other < s; other++)
		{
			if (workflow->steps[other].function_id == workflow->steps[s].function_id)
				return reader_fail(reader, "\"%s.steps\" holds function_id %" PRId64 " twice",
								   place, workflow->steps[s].function_id);
		}
	}
	return true;
}

static bool
read_workflows(Reader *reader, const json_t *root, ResultFile *file)
{
	json_t	   *workflows = array_member(reader, root, "", "workflows");
	size_t		n;

	if (workflows == NULL)
		return false;
	n = json_array_size(workflows);
	file->workflows = calloc(n + 1, sizeof(FileWorkflow));
	if (file->workflows == NULL)
		return reader_out_of_memory(reader);
	for (size_t i = 0; i < n; i++)
	{
		char		place[PLACE_SIZE];
		json_t	   *workflow = json_array_get(workflows, i);

		snprintf(place, sizeof(place), "workflows[%zu]", i);
		if (!json_is_object(workflow))
			return reader_fail(reader, "\"%s\" should be an object and is %s", place, json_type_name(workflow));
		file->nworkflows++;
		if (!read_workflow(reader, workflow, place, &file->workflows[i]))
			return false;
		for (size_t other = 0; other < i; other++)
		{
			if (file->workflows[other].kind == file->workflows[i].kind &&
				file->workflows[other].drive == file->workflows[i].drive &&
				file->workflows[other].origin == file->workflows[i].origin)
				return reader_fail(reader, "\"%s\" is the same workflow, drive and origin as \"workflows[%zu]\"",
								   place, other);
		}
	}
	return true;
}

/* conditions are printed */
static void
blank_controls(char *text)
{
	for (; *text != '\0'; text++)
	{
		if ((unsigned char) *text < 0x20 || *text == 0x7f)
			*text = ' ';
	}
}

/* add name = value to the conditions; the name may be given in two pieces */
static bool
add_condition(Reader *reader, ResultFile *file, const char *prefix, const char *key,
			  const json_t *value)
{
	Condition  *condition = &file->conditions[file->nconditions];
	size_t		size = strlen(prefix) + strlen(key) + 1;

	condition->name = malloc(size);
	condition->value = json_is_string(value) ? strdup(json_string_value(value)) :
		json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
	if (condition->name == NULL || condition->value == NULL)
	{
		free(condition->name);
		free(condition->value);
		return reader_out_of_memory(reader);
	}
	snprintf(condition->name, size, "%s%s", prefix, key);
	blank_controls(condition->name);
	blank_controls(condition->value);
	file->nconditions++;
	return true;
}

static bool
add_conditions(Reader *reader, ResultFile *file, const char *prefix, json_t *object)
{
	const char *key;
	json_t	   *value;

	json_object_foreach(object, key, value)
	{
		if (!add_condition(reader, file, prefix, key, value))
			return false;
	}
	return true;
}

static bool
read_conditions(Reader *reader, const json_t *root, ResultFile *file)
{
	static const char *const single[] = {"server_version_num", "extension_version",
	"libpq_version", "transport", "ssl"};
	json_t	   *environment = object_member(reader, root, "", "environment");
	json_t	   *parameters = object_member(reader, root, "", "parameters");
	json_t	   *settings;
	json_t	   *host;
	int64_t		number;
	bool		flag;

	if (environment == NULL || parameters == NULL)
		return false;
	settings = object_member(reader, environment, "environment", "settings");
	host = object_member(reader, environment, "environment", "host");
	if (settings == NULL || host == NULL ||
		!integer_member(reader, environment, "environment", "server_version_num", 0, &number) ||
		!boolean_member(reader, environment, "environment", "ssl", &flag))
		return false;
	file->conditions = calloc(json_object_size(settings) + json_object_size(host)
							  + json_object_size(parameters) + sizeof(single) / sizeof(single[0]),
							  sizeof(Condition));
	if (file->conditions == NULL)
		return reader_out_of_memory(reader);
	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
	{
		json_t	   *value = member(reader, environment, "environment", single[i]);

		if (value == NULL || !add_condition(reader, file, "", single[i], value))
			return false;
	}
	return add_conditions(reader, file, "parameters.", parameters) &&
		add_conditions(reader, file, "settings.", settings) &&
		add_conditions(reader, file, "host.", host);
}

/* ISO 8601 in UTC, as the tool writes it: 2026-11-25T02:46:18.123Z */
static bool
read_started_at(Reader *reader, const json_t *root, ResultFile *file)
{
	int			year, month, day, hour, minute, second;
	int			used = 0;
	int64_t		micros = 0;
	int64_t		scale = 100000;
	int64_t		y, days;
	const char *rest;

	if (!string_member(reader, root, "", "started_at", &file->started_at))
		return false;
	if (strlen(file->started_at) < 20 ||
		sscanf(file->started_at, "%4d-%2d-%2dT%2d:%2d:%2d%n",
			   &year, &month, &day, &hour, &minute, &second, &used) != 6 || used != 19 ||
		year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return reader_fail(reader, "key \"started_at\" is no time in the form 2026-11-25T02:46:18Z");
	rest = file->started_at + used;
	if (*rest == '.')
	{
		for (rest++; *rest >= '0' && *rest <= '9'; rest++, scale /= 10)
			micros += (*rest - '0') * scale;
	}
	if (strcmp(rest, "Z") != 0 && strcmp(rest, "+00:00") != 0)
		return reader_fail(reader, "key \"started_at\" is not in UTC");

	/* days since 1970 by counting years from March, so that leap days come last */
	y = month > 2 ? year : year - 1;
	days = 365 * y + y / 4 - y / 100 + y / 400
		+ (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1 - 719468;
	file->started_at_us = ((days * 24 + hour) * 60 + minute) * INT64_C(60000000)
		+ second * INT64_C(1000000) + micros;
	return true;
}

/* files of before there was reference work lack the key */
static bool
read_reference(Reader *reader, const json_t *root, ResultFile *file)
{
	Summary		summary;

	file->reference_ms = NAN;
	if (json_object_get(root, "reference_ms") == NULL)
		return true;
	if (!read_summary(reader, root, "", "reference_ms", &summary))
		return false;
	if (summary.n > 0 && summary.p50 > 0.0)
		file->reference_ms = summary.p50;
	return true;
}

static bool
read_root(Reader *reader, const json_t *root, ResultFile *file)
{
	json_t	   *tool;
	json_t	   *label;
	int64_t		version;

	if (!json_is_object(root))
		return reader_fail(reader, "this is no result file: its outermost value is %s", json_type_name(root));
	if (!integer_member(reader, root, "", "schema_version", 0, &version))
		return false;
	if (version != SCHEMA_VERSION)
		return reader_fail(reader, "schema_version is %" PRId64 ", this program reads %d",
					version, SCHEMA_VERSION);
	tool = object_member(reader, root, "", "tool");
	if (tool == NULL || !string_member(reader, tool, "tool", "version", &file->tool_version) ||
		!read_started_at(reader, root, file) ||
		!read_conditions(reader, root, file))
		return false;
	label = json_object_get(json_object_get(root, "parameters"), "label");
	if (json_is_string(label) &&
		!string_member(reader, json_object_get(root, "parameters"), "parameters", "label", &file->label))
		return false;
	return read_reference(reader, root, file) && read_workflows(reader, root, file);
}

bool
result_file_parse(const char *text, size_t length, const char *path, ResultFile *file, char **error)
{
	Reader		reader = {path, NULL};
	json_error_t parse_error;
	json_t	   *root;
	bool		good;

	memset(file, 0, sizeof(*file));
	root = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &parse_error);
	if (root == NULL)
		good = reader_fail(&reader, "line %d: this is not JSON, or not all of it: %s",
					parse_error.line, parse_error.text);
	else
	{
		file->path = strdup(path);
		good = file->path != NULL ? read_root(&reader, root, file) : reader_out_of_memory(&reader);
		json_decref(root);
	}
	if (!good)
		result_file_free(file);
	*error = reader.error;
	return good;
}

bool
result_file_read(const char *path, ResultFile *file, char **error)
{
	Reader		reader = {path, NULL};
	FILE	   *stream = fopen(path, "rb");
	char	   *text = NULL;
	size_t		length = 0;
	size_t		capacity = 0;
	bool		good = true;

	memset(file, 0, sizeof(*file));
	if (stream == NULL)
		good = reader_fail(&reader, "could not open it: %s", strerror(errno));
	while (good && !feof(stream))
	{
		if (length == capacity)
		{
			char	   *larger;

			capacity = capacity ? 2 * capacity : 65536;
			larger = capacity <= MAX_FILE_BYTES ? realloc(text, capacity) : NULL;
			if (larger == NULL)
			{
				good = capacity > MAX_FILE_BYTES ?
					reader_fail(&reader, "too large for a result file") : reader_out_of_memory(&reader);
				break;
			}
			text = larger;
		}
		length += fread(text + length, 1, capacity - length, stream);
		if (ferror(stream))
			good = reader_fail(&reader, "could not read it: %s", strerror(errno));
	}
	if (stream != NULL)
		fclose(stream);
	*error = reader.error;
	if (good)
		good = result_file_parse(text, length, path, file, error);
	free(text);
	return good;
}

void
result_file_free(ResultFile *file)
{
	free(file->path);
	free(file->label);
	free(file->tool_version);
	free(file->started_at);
	for (int i = 0; i < file->nconditions; i++)
	{
		free(file->conditions[i].name);
		free(file->conditions[i].value);
	}
	free(file->conditions);
	for (int w = 0; w < file->nworkflows; w++)
	{
		FileWorkflow *workflow = &file->workflows[w];

		for (int s = 0; s < workflow->nsteps; s++)
			free(workflow->steps[s].name);
		free(workflow->steps);
	}
	free(file->workflows);
	memset(file, 0, sizeof(*file));
}
