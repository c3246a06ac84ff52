/*
 * json.c
 *	  The result file, schema_version 1.
 *
 * Times are milliseconds, sizes are integers, and a figure that cannot be had
 * is null.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "memory.h"
#include "output.h"
#include "redact.h"
#include "result.h"
#include "summary.h"

#define SCHEMA_VERSION 1

/* enough for every nanosecond of a year, and 0.1 stays 0.1 */
#define DUMP_FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(15))

static void *
allocate(size_t size)
{
	return xcalloc(1, size);
}

/* A number, null where it is NAN. */
static json_t *
real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *
integer_or_null(int64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer(value);
}

/* Text, null where it is NULL; a byte that is not UTF-8 becomes "?". */
static json_t *
string_or_null(const char *text)
{
	json_t	   *string;
	char	   *ascii;

	if (text == NULL)
		return json_null();
	string = json_string(text);
	if (string == NULL)
	{
		ascii = xstrdup(text);
		for (char *c = ascii; *c != '\0'; c++)
		{
			if ((unsigned char) *c >= 0x80)
				*c = '?';
		}
		string = json_string(ascii);
		free(ascii);
	}
	return string;
}

/* Text that can be a connection string, without its password. */
static json_t *
redacted_or_null(const char *text)
{
	json_t	   *string;
	char	   *redacted;

	if (text == NULL)
		return json_null();
	redacted = redact_password(text);
	string = string_or_null(redacted);
	free(redacted);
	return string;
}

static void
set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

/* The object of times that the whole file is made of. */
static json_t *
times_json(const Summary *summary)
{
	json_t	   *object = json_object();

	set(object, "n", json_integer(summary->n));
	set(object, "first", real_or_null(summary->first));
	set(object, "min", real_or_null(summary->min));
	set(object, "p50", real_or_null(summary->p50));
	set(object, "p90", real_or_null(summary->p90));
	set(object, "p95", real_or_null(summary->p95));
	set(object, "p99", real_or_null(summary->p99));
	set(object, "max", real_or_null(summary->max));
	set(object, "mean", real_or_null(summary->mean));
	set(object, "stddev", real_or_null(summary->stddev));
	set(object, "ci_low", real_or_null(summary->ci_low));
	set(object, "ci_high", real_or_null(summary->ci_high));
	return object;
}

static json_t *
series_times(const Series *series, int step, Metric metric)
{
	Summary		summary = series_summary(series, step, metric);

	return times_json(&summary);
}

static json_t *
arm_times_json(const Arm *arm, Metric metric)
{
	Summary		summary = arm_summary(arm, metric);

	return times_json(&summary);
}

/* An object of the metrics from first to last, named without their suffix. */
static json_t *
metrics_json(const Series *series, int step, Metric first, Metric last, const char *suffix)
{
	json_t	   *object = json_object();

	for (int m = (int) first; m <= (int) last; m++)
	{
		char	   *name = xstrdup(metric_names[m]);
		size_t		length = strlen(name);
		size_t		cut = strlen(suffix);

		if (length > cut && strcmp(name + length - cut, suffix) == 0)
			name[length - cut] = '\0';
		set(object, name, series_times(series, step, (Metric) m));
		free(name);
	}
	return object;
}

/* What a step and a workflow have in common; step -1: the workflow as one. */
static void
set_measured(json_t *object, const Series *series, int step)
{
	json_t	   *wire = json_object();

	set(object, "parts_ms", metrics_json(series, step, FIRST_PART, LAST_PART, ""));
	set(object, "server_cpu_ms",
		metrics_json(series, step, METRIC_CHECK_CPU, METRIC_COMMIT_CPU, "_cpu"));
	set(object, "server_total_ms", series_times(series, step, METRIC_SERVER_TOTAL));
	set(object, "client_ms", metrics_json(series, step, METRIC_WAIT, METRIC_TRANSFER, ""));
	set(wire, "sent", integer_or_null(series_volume(series, step, VOLUME_WIRE_SENT)));
	set(wire, "received", integer_or_null(series_volume(series, step, VOLUME_WIRE_RECEIVED)));
	set(object, "wire_bytes", wire);
	for (int v = VOLUME_WAL_BYTES; v < VOLUME_COUNT; v++)
		set(object, volume_names[v], integer_or_null(series_volume(series, step, (Volume) v)));
	set(object, "stored_bytes", integer_or_null(series_stored_bytes(series, step)));
}

static json_t *
workflow_json(const Series *series)
{
	json_t	   *object = json_object();
	json_t	   *steps = json_array();

	set(object, "workflow", json_string(workflow_names[series->kind]));
	set(object, "drive", json_string(drive_names[series->drive]));
	set(object, "origin", json_string(origin_names[series->origin]));
	set(object, "iterations", json_integer(series->niterations));
	set(object, "failed", json_integer(series->nfailed));
	set(object, "replayed", json_integer(series->nreplayed));
	set(object, "partial", json_boolean(series->partial));
	set(object, "total_ms", series_times(series, -1, METRIC_ROUND_TRIP));
	set_measured(object, series, -1);
	for (int s = 0; s < series->nsteps; s++)
	{
		json_t	   *step = json_object();

		set(step, "step", json_string(series->steps[s].name));
		set(step, "function_id", json_integer(series->steps[s].function_id));
		set(step, "payload_bytes", json_integer(series->steps[s].payload_bytes));
		set(step, "failed", json_integer(series_step_failed(series, s)));
		set(step, "retried", json_integer(series_step_retried(series, s)));
		set(step, "round_trip_ms", series_times(series, s, METRIC_ROUND_TRIP));
		set_measured(step, series, s);
		json_array_append_new(steps, step);
	}
	set(object, "steps", steps);
	return object;
}

static json_t *
comparison_json(const Series *multiple, const Series *batched)
{
	json_t	   *object = json_object();
	Comparison	comparison;

	comparison_make(multiple, batched, &comparison);
	set(object, "drive", json_string(drive_names[multiple->drive]));
	set(object, "origin", json_string(origin_names[multiple->origin]));
	set(object, "multiple_ms", real_or_null(comparison.multiple_ms.p50));
	set(object, "batched_ms", real_or_null(comparison.batched_ms.p50));
	set(object, "ratio", real_or_null(comparison.ratio.estimate));
	set(object, "ratio_ci", json_pack("[o, o]", real_or_null(comparison.ratio.low),
									  real_or_null(comparison.ratio.high)));
	set(object, "predicted_ratio", real_or_null(comparison.predicted_ratio));
	set(object, "floor_ms", real_or_null(comparison.floor_ms));
	set(object, "expected_saving_ms", real_or_null(comparison.expected_saving_ms));
	set(object, "saved_ms", real_or_null(comparison.saved_ms));
	set(object, "break_even_rtt_ms", real_or_null(comparison.break_even_rtt_ms));
	return object;
}

/* One for each drive and origin that was driven. */
static json_t *
comparisons_json(const Result *result)
{
	json_t	   *array = json_array();

	for (int i = 0; i + 1 < result->nseries; i += 2)
		json_array_append_new(array, comparison_json(result->series[i], result->series[i + 1]));
	return array;
}

static json_t *
arms_json(const Result *result)
{
	json_t	   *array = json_array();

	for (int i = 0; i < result->narms; i++)
	{
		const Arm  *arm = &result->arms[i];
		json_t	   *object = json_object();

		set(object, "arm", json_string(arm_names[arm->kind]));
		set(object, "payload_bytes", json_integer(arm->payload_bytes));
		set(object, "round_trip_ms", arm_times_json(arm, METRIC_ROUND_TRIP));
		set(object, "network_ms", arm_times_json(arm, METRIC_NETWORK));
		set(object, "server_total_ms", arm_times_json(arm, METRIC_SERVER_TOTAL));
		set(object, "encode_ms", arm_times_json(arm, METRIC_ENCODE));
		set(object, "parse_ms", arm_times_json(arm, METRIC_PARSE));
		set(object, "decode_ms", arm_times_json(arm, METRIC_DECODE));
		json_array_append_new(array, object);
	}
	return array;
}

/* The network twice: as the rest of the step, and by the arm like it. */
static json_t *
network_check_json(const Result *result)
{
	json_t	   *array = json_array();

	for (int i = 0; i < result->nseries; i++)
	{
		const Series *series = result->series[i];

		for (int s = 0; s < series->nsteps; s++)
		{
			NetworkCheck check;
			json_t	   *object;

			if (!network_check(result, series, s, &check))
				continue;
			object = json_object();
			set(object, "workflow", json_string(workflow_names[series->kind]));
			set(object, "drive", json_string(drive_names[series->drive]));
			set(object, "origin", json_string(origin_names[series->origin]));
			set(object, "payload_bytes", json_integer(series->steps[s].payload_bytes));
			set(object, "network_ms", real_or_null(check.step_ms));
			set(object, "arm", json_string(arm_names[check.arm]));
			set(object, "arm_network_ms", real_or_null(check.arm_ms));
			set(object, "difference_ms", real_or_null(check.difference_ms));
			set(object, "agrees", json_boolean(check.agrees));
			json_array_append_new(array, object);
		}
	}
	return array;
}

static json_t *
settings_json(const Setting *settings, int nsettings)
{
	json_t	   *object = json_object();

	for (int i = 0; i < nsettings; i++)
		set(object, settings[i].name, string_or_null(settings[i].value));
	return object;
}

static json_t *
environment_json(const Environment *environment)
{
	json_t	   *object = json_object();
	json_t	   *warnings = json_array();

	for (int i = 0; i < environment->nwarnings; i++)
	{
		char	   *text = xasprintf("%s: %s", environment->warnings[i].subject,
									 environment->warnings[i].text);

		json_array_append_new(warnings, string_or_null(text));
		free(text);
	}
	set(object, "server_version_num", json_integer(environment->server_version_num));
	set(object, "server_version", string_or_null(environment->server_version));
	set(object, "extension_version", string_or_null(environment->extension_version));
	set(object, "library_version", string_or_null(environment->library_version));
	set(object, "libpq_version", json_integer(environment->libpq_version));
	set(object, "transport", string_or_null(environment->transport));
	set(object, "ssl", json_boolean(environment->ssl));
	set(object, "rtt_ms", real_or_null(environment->rtt_ms));
	set(object, "tcp_rtt_ms", real_or_null(environment->tcp_rtt_ms));
	set(object, "conninfo", string_or_null(environment->conninfo));
	set(object, "settings", settings_json(environment->settings, environment->nsettings));
	set(object, "host", settings_json(environment->host, environment->nhost));
	set(object, "warnings", warnings);
	return object;
}

/* The names of those that were chosen. */
static json_t *
chosen_json(const bool *chosen, const char *const *names, int n)
{
	json_t	   *array = json_array();

	for (int i = 0; i < n; i++)
	{
		if (chosen[i])
			json_array_append_new(array, json_string(names[i]));
	}
	return array;
}

/* Every option in effect, given or not. */
static json_t *
parameters_json(const Options *options)
{
	json_t	   *object = json_object();
	json_t	   *sizes = json_array();

	for (int i = 0; i < options->nsizes; i++)
		json_array_append_new(sizes, json_integer(options->sizes[i]));
	set(object, "conninfo", redacted_or_null(options->conninfo));
	set(object, "iterations", json_integer(options->iterations));
	set(object, "warmup", json_integer(options->warmup));
	set(object, "sizes", sizes);
	set(object, "drives", chosen_json(options->drives, drive_names, DRIVE_COUNT));
	set(object, "origins", chosen_json(options->origins, origin_names, ORIGIN_COUNT));
	set(object, "result_format", json_string(options->binary ? "binary" : "text"));
	set(object, "protocol", json_string(protocol_names[options->protocol]));
	set(object, "seed", options->has_seed ? json_integer(options->seed) : json_null());
	set(object, "compressible", json_integer(options->compressible));
	set(object, "arms", json_boolean(options->arms));
	set(object, "workflow_id", string_or_null(options->workflow_id));
	set(object, "time_s", options->time_limit_s > 0 ? json_integer(options->time_limit_s) : json_null());
	set(object, "max_tries", json_integer(options->max_tries));
	set(object, "reconnect", json_boolean(options->reconnect));
	set(object, "allow_unsafe", json_boolean(options->allow_unsafe));
	set(object, "timeout_s", options->timeout_s > 0 ? json_integer(options->timeout_s) : json_null());
	set(object, "progress_s", options->progress_s > 0 ? json_integer(options->progress_s) : json_null());
	set(object, "label", string_or_null(options->label));
	set(object, "assume_rtt_ms", real_or_null(options->assume_rtt_ms));
	set(object, "json", string_or_null(options->json_path));
	set(object, "csv", string_or_null(options->csv_path));
	set(object, "samples", string_or_null(options->samples_path));
	set(object, "plot", string_or_null(options->plot_dir));
	return object;
}

/* Everything, in the order in which a person reads it; the caller's reference. */
static json_t *
result_json(const Result *result)
{
	json_t	   *root = json_object();
	json_t	   *tool = json_object();
	json_t	   *command = json_array();
	json_t	   *workflows = json_array();
	json_t	   *comparisons;

	set(tool, "name", json_string("dbos_payload_bench"));
	set(tool, "version", json_string(DBOS_PAYLOAD_VERSION));
	for (int i = 0; i < result->options->argc; i++)
		json_array_append_new(command, redacted_or_null(result->options->argv[i]));
	for (int i = 0; i < result->nseries; i++)
		json_array_append_new(workflows, workflow_json(result->series[i]));
	comparisons = comparisons_json(result);

	set(root, "schema_version", json_integer(SCHEMA_VERSION));
	set(root, "tool", tool);
	set(root, "started_at", string_or_null(result->started_at));
	set(root, "command", command);
	set(root, "environment", environment_json(result->environment));
	set(root, "parameters", parameters_json(result->options));
	set(root, "interrupted", json_boolean(result->interrupted));
	set(root, "connection_lost", json_boolean(result->connection_lost));
	set(root, "reconnects", json_integer(result->nreconnects));
	set(root, "retries", json_integer(result->nretries));
	set(root, "workflows", workflows);
	json_object_set(root, "comparison", json_array_size(comparisons) > 0 ?
					json_array_get(comparisons, 0) : json_null());
	set(root, "comparisons", comparisons);
	set(root, "arms", arms_json(result));
	set(root, "network_check", network_check_json(result));
	set(root, "percentiles", json_string("nearest rank"));
	set(root, "intervals", json_string(INTERVAL_METHOD));
	return root;
}

/* False, with a message on standard error, unless the file is there and whole. */
bool
json_write(const Result *result, const char *path)
{
	Output		output;
	json_t	   *root;
	bool		good;

	if (!output_open(path, &output))
		return false;

	/* with memory that ends the program, no value is ever left out in silence */
	json_set_alloc_funcs(allocate, free);
	root = result_json(result);
	good = json_dumpf(root, output.file, DUMP_FLAGS) == 0;
	good = putc('\n', output.file) != EOF && good;
	json_decref(root);
	return output_close(path, &output, good);
}
