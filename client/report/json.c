/*
 * json.c
 *	  The result file, schema_version 1.
 *
 * Times are milliseconds, sizes are integers, and a figure that cannot be had
 * is null.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "json_values.h"
#include "memory.h"
#include "output.h"
#include "result.h"
#include "summary.h"

#define SCHEMA_VERSION 1

/* enough for every nanosecond of a year, and 0.1 stays 0.1 */
#define DUMP_FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(15))

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
		put(object, name, series_times(series, step, (Metric) m));
		free(name);
	}
	return object;
}

/* What a step and a workflow have in common; step -1: the workflow as one. */
static void
set_measured(json_t *object, const Series *series, int step)
{
	json_t	   *wire = json_object();

	put(object, "parts_ms", metrics_json(series, step, FIRST_PART, LAST_PART, ""));
	put(object, "server_cpu_ms",
		metrics_json(series, step, METRIC_CHECK_CPU, METRIC_COMMIT_CPU, "_cpu"));
	put(object, "server_total_ms", series_times(series, step, METRIC_SERVER_TOTAL));
	put(object, "client_ms", metrics_json(series, step, METRIC_WAIT, METRIC_TRANSFER, ""));
	put(wire, "sent", integer_or_null(series_volume(series, step, VOLUME_WIRE_SENT)));
	put(wire, "received", integer_or_null(series_volume(series, step, VOLUME_WIRE_RECEIVED)));
	put(object, "wire_bytes", wire);
	for (int v = VOLUME_WAL_BYTES; v < VOLUME_COUNT; v++)
		put(object, volume_names[v], integer_or_null(series_volume(series, step, (Volume) v)));
	put(object, "stored_bytes", integer_or_null(series_stored_bytes(series, step)));
}

static json_t *
workflow_json(const Series *series)
{
	json_t	   *object = json_object();
	json_t	   *steps = json_array();

	put(object, "workflow", json_string(workflow_names[series->kind]));
	put(object, "drive", json_string(drive_names[series->drive]));
	put(object, "origin", json_string(origin_names[series->origin]));
	put(object, "iterations", json_integer(series->niterations));
	put(object, "failed", json_integer(series->nfailed));
	put(object, "replayed", json_integer(series->nreplayed));
	put(object, "partial", json_boolean(series->partial));
	put(object, "total_ms", series_times(series, -1, METRIC_ROUND_TRIP));
	set_measured(object, series, -1);
	for (int s = 0; s < series->nsteps; s++)
	{
		json_t	   *step = json_object();

		put(step, "step", json_string(series->steps[s].name));
		put(step, "function_id", json_integer(series->steps[s].function_id));
		put(step, "payload_bytes", json_integer(series->steps[s].payload_bytes));
		put(step, "failed", json_integer(series_step_failed(series, s)));
		put(step, "retried", json_integer(series_step_retried(series, s)));
		put(step, "round_trip_ms", series_times(series, s, METRIC_ROUND_TRIP));
		set_measured(step, series, s);
		json_array_append_new(steps, step);
	}
	put(object, "steps", steps);
	return object;
}

static json_t *
comparison_json(const Series *multiple, const Series *batched)
{
	json_t	   *object = json_object();
	Comparison	comparison;

	comparison_make(multiple, batched, &comparison);
	put(object, "drive", json_string(drive_names[multiple->drive]));
	put(object, "origin", json_string(origin_names[multiple->origin]));
	put(object, "multiple_ms", real_or_null(comparison.multiple_ms.p50));
	put(object, "batched_ms", real_or_null(comparison.batched_ms.p50));
	put(object, "ratio", real_or_null(comparison.ratio.estimate));
	put(object, "ratio_ci", json_pack("[o, o]", real_or_null(comparison.ratio.low),
									  real_or_null(comparison.ratio.high)));
	put(object, "predicted_ratio", real_or_null(comparison.predicted_ratio));
	put(object, "floor_ms", real_or_null(comparison.floor_ms));
	put(object, "expected_saving_ms", real_or_null(comparison.expected_saving_ms));
	put(object, "saved_ms", real_or_null(comparison.saved_ms));
	put(object, "break_even_rtt_ms", real_or_null(comparison.break_even_rtt_ms));
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
arm_parts_json(const Arm *arm)
{
	json_t	   *object = json_object();

	for (int m = FIRST_PART; m <= (int) LAST_PART; m++)
		put(object, metric_names[m], arm_times_json(arm, (Metric) m));
	return object;
}

static json_t *
arms_json(const Result *result)
{
	json_t	   *array = json_array();

	for (int i = 0; i < result->narms; i++)
	{
		const Arm  *arm = &result->arms[i];
		json_t	   *object = json_object();

		put(object, "arm", json_string(arm_names[arm->kind]));
		put(object, "payload_bytes", json_integer(arm->payload_bytes));
		put(object, "round_trip_ms", arm_times_json(arm, METRIC_ROUND_TRIP));
		put(object, "network_ms", arm_times_json(arm, METRIC_NETWORK));
		put(object, "server_total_ms", arm_times_json(arm, METRIC_SERVER_TOTAL));
		put(object, "parts_ms", arm_parts_json(arm));
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
			put(object, "workflow", json_string(workflow_names[series->kind]));
			put(object, "drive", json_string(drive_names[series->drive]));
			put(object, "origin", json_string(origin_names[series->origin]));
			put(object, "payload_bytes", json_integer(series->steps[s].payload_bytes));
			put(object, "network_ms", real_or_null(check.step_ms));
			put(object, "arm", json_string(arm_names[check.arm]));
			put(object, "arm_network_ms", real_or_null(check.arm_ms));
			put(object, "difference_ms", real_or_null(check.difference_ms));
			put(object, "agrees", json_boolean(check.agrees));
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
		put(object, settings[i].name, string_or_null(settings[i].value));
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
	put(object, "server_version_num", json_integer(environment->server_version_num));
	put(object, "server_version", string_or_null(environment->server_version));
	put(object, "extension_version", string_or_null(environment->extension_version));
	put(object, "library_version", string_or_null(environment->library_version));
	put(object, "libpq_version", json_integer(environment->libpq_version));
	put(object, "transport", string_or_null(environment->transport));
	put(object, "ssl", json_boolean(environment->ssl));
	put(object, "rtt_ms", real_or_null(environment->rtt_ms));
	put(object, "tcp_rtt_ms", real_or_null(environment->tcp_rtt_ms));
	put(object, "conninfo", string_or_null(environment->conninfo));
	put(object, "settings", settings_json(environment->settings, environment->nsettings));
	put(object, "host", settings_json(environment->host, environment->nhost));
	put(object, "warnings", warnings);
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
	put(object, "conninfo", redacted_or_null(options->conninfo));
	put(object, "iterations", json_integer(options->iterations));
	put(object, "warmup", json_integer(options->warmup));
	put(object, "sizes", sizes);
	put(object, "drives", chosen_json(options->drives, drive_names, DRIVE_COUNT));
	put(object, "origins", chosen_json(options->origins, origin_names, ORIGIN_COUNT));
	put(object, "result_format", json_string(options->binary ? "binary" : "text"));
	put(object, "protocol", json_string(protocol_names[options->protocol]));
	put(object, "seed", options->has_seed ? json_integer(options->seed) : json_null());
	put(object, "compressible", json_integer(options->compressible));
	put(object, "arms", json_boolean(options->arms));
	put(object, "workflow_id", string_or_null(options->workflow_id));
	put(object, "time_s", options->time_limit_s > 0 ? json_integer(options->time_limit_s) : json_null());
	put(object, "max_tries", json_integer(options->max_tries));
	put(object, "reconnect", json_boolean(options->reconnect));
	put(object, "keep", json_boolean(options->keep));
	put(object, "allow_unsafe", json_boolean(options->allow_unsafe));
	put(object, "timeout_s", options->timeout_s > 0 ? json_integer(options->timeout_s) : json_null());
	put(object, "progress_s", options->progress_s > 0 ? json_integer(options->progress_s) : json_null());
	put(object, "label", string_or_null(options->label));
	put(object, "assume_rtt_ms", real_or_null(options->assume_rtt_ms));
	put(object, "json", string_or_null(options->json_path));
	put(object, "csv", string_or_null(options->csv_path));
	put(object, "samples", string_or_null(options->samples_path));
	put(object, "plot", string_or_null(options->plot_dir));
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

	put(tool, "name", json_string("dbos_payload_bench"));
	put(tool, "version", json_string(DBOS_PAYLOAD_VERSION));
	for (int i = 0; i < result->options->argc; i++)
		json_array_append_new(command, redacted_or_null(result->options->argv[i]));
	for (int i = 0; i < result->nseries; i++)
		json_array_append_new(workflows, workflow_json(result->series[i]));
	comparisons = comparisons_json(result);

	put(root, "schema_version", json_integer(SCHEMA_VERSION));
	put(root, "tool", tool);
	put(root, "started_at", string_or_null(result->started_at));
	put(root, "command", command);
	put(root, "environment", environment_json(result->environment));
	put(root, "parameters", parameters_json(result->options));
	put(root, "interrupted", json_boolean(result->interrupted));
	put(root, "connection_lost", json_boolean(result->connection_lost));
	put(root, "reconnects", json_integer(result->nreconnects));
	put(root, "retries", json_integer(result->nretries));
	put(root, "tcp_rtt_ms", real_or_null(result->tcp_rtt_ms));
	put(root, "tcp_retransmits", integer_or_null(result->tcp_retransmits));
	put(root, "workflows", workflows);
	json_object_set(root, "comparison", json_array_size(comparisons) > 0 ?
					json_array_get(comparisons, 0) : json_null());
	put(root, "comparisons", comparisons);
	put(root, "arms", arms_json(result));
	put(root, "network_check", network_check_json(result));
	put(root, "model", model_json(result));
	put(root, "percentiles", json_string("nearest rank"));
	put(root, "intervals", json_string(INTERVAL_METHOD));
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

	json_values_begin();
	root = result_json(result);
	good = json_dumpf(root, output.file, DUMP_FLAGS) == 0;
	good = putc('\n', output.file) != EOF && good;
	json_decref(root);
	return output_close(path, &output, good);
}
