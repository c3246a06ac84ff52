/*
 * json.c
 *	  The figures of a trace as JSON.
 */
#include <math.h>
#include <stdlib.h>

#include "figures/result_file.h"
#include "trace/trace_figures.h"
#include "util/memory.h"

#define SCHEMA_VERSION 1
#define DIGITS 12

static json_t *
number(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *
text(const char *value)
{
	json_t	   *string = value == NULL ? json_null() : json_string(value);
	char	   *ascii;

	if (string != NULL)
		return string;

	/* of another encoding than UTF-8 */
	ascii = xstrdup(value);
	for (char *c = ascii; *c != '\0'; c++)
		if ((unsigned char) *c >= 0x80)
			*c = '?';
	string = json_string(ascii);
	free(ascii);
	return string;
}

static json_t *
bytes(int64_t value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static json_t *
summary(const TraceSummary *summary)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
					 "mean", number(summary->mean.value), "low", number(summary->mean.low),
					 "high", number(summary->mean.high), "median", number(summary->median),
					 "p95", number(summary->p95), "p99", number(summary->p99),
					 "min", number(summary->min), "max", number(summary->max));
}

static json_t *
volume(const TraceSummary *summary)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "mean", number(summary->mean.value), "median", number(summary->median),
					 "min", number(summary->min), "max", number(summary->max));
}

static json_t *
named(const TraceSummary *list, const char *const *names, int n, json_t *(*make) (const TraceSummary *))
{
	json_t	   *object = json_object();

	for (int i = 0; i < n; i++)
		json_object_set_new(object, names[i], make(&list[i]));
	return object;
}

static json_t *
steps(const TraceFigures *figures)
{
	json_t	   *list = json_array();

	for (int i = 0; i < figures->nsteps; i++)
	{
		const StepGroup *group = &figures->steps[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:I, s:i, s:o, s:o}",
											  "name", text(group->name), "engine", text(group->engine),
											  "serialization", text(group->serialization),
											  "text_bytes", bytes(group->text_bytes),
											  "text_bytes_least", bytes(group->text_least),
											  "text_bytes_most", bytes(group->text_most),
											  "stored_bytes", bytes(group->stored_bytes),
											  "n", group->n, "failed", group->failed, "checked", group->checked,
											  "attempts", (json_int_t) group->attempts, "blocks", group->nblocks,
											  "time", named(group->time, step_time_names, STEP_TIME_COUNT, summary),
											  "volume", named(group->volume, trace_volume_names, TRACE_VOLUME_COUNT, volume)));
	}
	return list;
}

static json_t *
workflows(const TraceFigures *figures)
{
	json_t	   *list = json_array();

	for (int i = 0; i < figures->nworkflows; i++)
	{
		const WorkflowGroup *group = &figures->workflows[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:i, s:i, s:i, s:i, s:o, s:o}",
											  "name", text(group->name), "engine", text(group->engine),
											  "steps", group->nsteps, "n", group->n,
											  "overlapping", group->overlapping, "blocks", group->nblocks,
											  "time", named(group->time, workflow_time_names, WORKFLOW_TIME_COUNT, summary),
											  "volume", named(group->volume, trace_volume_names, TRACE_VOLUME_COUNT, volume)));
	}
	return list;
}

static json_t *
statements(const Trace *trace)
{
	json_t	   *list = json_array();

	for (int role = 0; role < ROLE_COUNT; role++)
		if (trace->seen.roles[role].n > 0)
			json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "role", role_names[role],
												  "n", (json_int_t) trace->seen.roles[role].n,
												  "failed", (json_int_t) trace->seen.roles[role].failed));
	return list;
}

static json_t *
server_time(const TraceFigures *figures)
{
	json_t	   *roles = json_array();

	if (figures->no_server_time != NULL)
	{
		json_decref(roles);
		return json_pack("{s:s}", "why_not", figures->no_server_time);
	}
	for (int i = 0; i < figures->nserver; i++)
		json_array_append_new(roles, json_pack("{s:s, s:I, s:f}", "role", role_names[figures->server[i].role],
											   "calls", (json_int_t) figures->server[i].calls, "ms", figures->server[i].ms));
	return json_pack("{s:f, s:b, s:o}", "step_ms", figures->server_per_step_ms, "reset", figures->server_reset,
					 "by_role", roles);
}

static json_t *
not_understood(const NotUnderstood *not_understood)
{
	json_t	   *texts = json_array();

	for (int i = 0; i < not_understood->ntexts; i++)
		json_array_append_new(texts, json_pack("{s:o, s:I}", "text", text(not_understood->texts[i].shown),
											   "n", (json_int_t) not_understood->texts[i].n));
	return json_pack("{s:I, s:o, s:I, s:I, s:I, s:o}", "statements", (json_int_t) not_understood->statements,
					 "texts", texts, "messages", (json_int_t) not_understood->messages,
					 "not_attributed", (json_int_t) not_understood->not_attributed,
					 "connections", (json_int_t) not_understood->connections,
					 "why", text(not_understood->why[0] != '\0' ? not_understood->why : NULL));
}

static json_t *
calibration(const TraceCalibration *calibration)
{
	if (calibration->rounds == 0)
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:i, s:f, s:f}", "direct_ms", (double) calibration->direct_ns / 1e6,
					 "through_ms", (double) calibration->through_ns / 1e6,
					 "program_side_ms", (double) calibration->program_side_ns / 1e6, "rounds", calibration->rounds,
					 "up_ns_per_byte", calibration->up_ns_per_byte, "down_ns_per_byte", calibration->down_ns_per_byte);
}

bool
trace_write_json(const TraceFigures *figures, const char *path)
{
	const Trace *trace = figures->trace;
	const Seen *seen = &trace->seen;
	json_t	   *root;

	root = json_pack("{s:i, s:s, s:s, s:s, s:f, s:o, s:o}", "schema_version", SCHEMA_VERSION, "kind", "trace",
					 "program_version", DBOS_PAYLOAD_VERSION, "started_at", trace->started_at,
					 "duration_ms", figures->duration_ms, "server", text(trace->server),
					 "calibration", calibration(&trace->calibration));
	json_object_set_new(root, "seen", json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
												"connections", (json_int_t) seen->connections,
												"connections_lost", (json_int_t) seen->lost,
												"round_trips", (json_int_t) seen->turns,
												"statements", (json_int_t) seen->statements,
												"transactions", (json_int_t) seen->transactions,
												"bytes_up", (json_int_t) seen->bytes_up,
												"bytes_down", (json_int_t) seen->bytes_down,
												"errors", (json_int_t) seen->errors));
	json_object_set_new(root, "steps_seen", json_pack("{s:I, s:I, s:I, s:I, s:I}",
													  "recorded", (json_int_t) (seen->steps[STEP_RECORDED] + seen->steps[STEP_FAILED]),
													  "replayed", (json_int_t) seen->steps[STEP_REPLAYED],
													  "unfinished", (json_int_t) seen->steps[STEP_UNFINISHED],
													  "repeated", (json_int_t) seen->repeated,
													  "not_kept", (json_int_t) seen->steps_not_kept));
	json_object_set_new(root, "workflows_seen", json_pack("{s:I, s:I, s:I}", "ended", (json_int_t) seen->workflows,
														  "unfinished", (json_int_t) seen->workflows_given_up,
														  "not_kept", (json_int_t) seen->workflows_not_kept));
	json_object_set_new(root, "steps", steps(figures));
	json_object_set_new(root, "workflows", workflows(figures));
	json_object_set_new(root, "replayed", json_pack("{s:i, s:{s:o}}", "n", figures->nreplayed,
													"time", "total", summary(&figures->replayed)));
	json_object_set_new(root, "statements", statements(trace));
	json_object_set_new(root, "pg_stat_statements", server_time(figures));
	json_object_set_new(root, "not_understood", not_understood(&trace->not_understood));
	return result_file_write(path, root, NULL, DIGITS);
}
