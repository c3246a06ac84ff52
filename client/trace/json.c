/*
 * json.c
 *	  Result files of traces, key by key in the order of the file; docs/trace.md
 *	  says the same in words.
 */
#include <stdlib.h>
#include <string.h>

#include "figures/field_rows.h"
#include "figures/result_file.h"
#include "trace/trace_figures.h"
#include "util/memory.h"

#define SCHEMA_VERSION 1

static const Fields time_fields = {sizeof(TraceSummary), false, (const Field[]) {
	REAL(TraceSummary, "mean", mean.value),
	REAL(TraceSummary, "low", mean.low),
	REAL(TraceSummary, "high", mean.high),
	REAL(TraceSummary, "median", median),
	REAL(TraceSummary, "p95", p95),
	REAL(TraceSummary, "p99", p99),
	REAL(TraceSummary, "min", min),
	REAL(TraceSummary, "max", max),
	END
}};

/* of counts: no interval, and no percentiles but the median */
static const Fields volume_fields = {sizeof(TraceSummary), false, (const Field[]) {
	REAL(TraceSummary, "mean", mean.value),
	REAL(TraceSummary, "median", median),
	REAL(TraceSummary, "min", min),
	REAL(TraceSummary, "max", max),
	END
}};

static const Fields calibration_fields = {sizeof(TraceRoundTrip), true, (const Field[]) {
	REAL(TraceRoundTrip, "direct_ms", direct_ms),
	REAL(TraceRoundTrip, "through_ms", through_ms),
	REAL(TraceRoundTrip, "program_side_ms", program_side_ms),
	INT(TraceRoundTrip, "rounds", rounds),
	REAL(TraceRoundTrip, "up_ns_per_byte", up_ns_per_byte),
	REAL(TraceRoundTrip, "down_ns_per_byte", down_ns_per_byte),
	END
}};

static const Fields seen_fields = {sizeof(TraceSeen), false, (const Field[]) {
	INT64(TraceSeen, "connections", connections),
	INT64(TraceSeen, "connections_lost", lost),
	INT64(TraceSeen, "round_trips", round_trips),
	INT64(TraceSeen, "statements", statements),
	INT64(TraceSeen, "transactions", transactions),
	INT64(TraceSeen, "bytes_up", bytes_up),
	INT64(TraceSeen, "bytes_down", bytes_down),
	INT64(TraceSeen, "errors", errors),
	END
}};

static const Fields steps_seen_fields = {sizeof(TraceStepsSeen), false, (const Field[]) {
	INT64(TraceStepsSeen, "recorded", recorded),
	INT64(TraceStepsSeen, "failed", failed),
	INT64(TraceStepsSeen, "replayed", replayed),
	INT64(TraceStepsSeen, "unfinished", unfinished),
	INT64(TraceStepsSeen, "repeated", repeated),
	INT64(TraceStepsSeen, "not_kept", not_kept),
	END
}};

static const Fields workflows_seen_fields = {sizeof(TraceWorkflowsSeen), false, (const Field[]) {
	INT64(TraceWorkflowsSeen, "ended", ended),
	INT64(TraceWorkflowsSeen, "unfinished", unfinished),
	INT64(TraceWorkflowsSeen, "not_kept", not_kept),
	END
}};

static const Fields step_fields = {sizeof(StepGroup), false, (const Field[]) {
	TEXT(StepGroup, "name", name),
	TEXT(StepGroup, "engine", engine),
	TEXT_OR_NULL(StepGroup, "serialization", serialization),
	COUNTED(StepGroup, "text_bytes", text_bytes),
	COUNTED(StepGroup, "text_bytes_least", text_least),
	COUNTED(StepGroup, "text_bytes_most", text_most),
	COUNTED(StepGroup, "stored_bytes", stored_bytes),
	INT(StepGroup, "n", n),
	INT(StepGroup, "failed", failed),
	INT(StepGroup, "checked", checked),
	INT64(StepGroup, "attempts", attempts),
	INT(StepGroup, "blocks", nblocks),
	BY_NAME(StepGroup, "time", time, step_time_names, STEP_TIME_COUNT, time_fields),
	BY_NAME(StepGroup, "volume", volume, trace_volume_names, TRACE_VOLUME_COUNT, volume_fields),
	END
}};

static const Fields workflow_fields = {sizeof(WorkflowGroup), false, (const Field[]) {
	TEXT(WorkflowGroup, "name", name),
	TEXT(WorkflowGroup, "engine", engine),
	INT(WorkflowGroup, "steps", nsteps),
	INT(WorkflowGroup, "n", n),
	INT(WorkflowGroup, "overlapping", overlapping),
	INT(WorkflowGroup, "blocks", nblocks),
	BY_NAME(WorkflowGroup, "time", time, workflow_time_names, WORKFLOW_TIME_COUNT, time_fields),
	BY_NAME(WorkflowGroup, "volume", volume, trace_volume_names, TRACE_VOLUME_COUNT, volume_fields),
	END
}};

static const Fields replayed_time_fields = {sizeof(TraceSummary), false, (const Field[]) {
	{.type = FIELD_STRUCT, .key = "total", .offset = 0, .inner = &time_fields},
	END
}};

static const Fields replayed_fields = {sizeof(TraceReplayed), false, (const Field[]) {
	INT(TraceReplayed, "n", n),
	STRUCT(TraceReplayed, "time", total, replayed_time_fields),
	END
}};

static const Fields statement_fields = {sizeof(TraceStatements), false, (const Field[]) {
	TEXT(TraceStatements, "role", role),
	INT64(TraceStatements, "n", n),
	INT64(TraceStatements, "failed", failed),
	END
}};

static const Fields role_fields = {sizeof(ServerRole), false, (const Field[]) {
	TEXT(ServerRole, "role", role),
	INT64(ServerRole, "calls", calls),
	REAL(ServerRole, "ms", ms),
	END
}};

static const Fields server_time_fields = {sizeof(TraceServerTime), false, (const Field[]) {
	TEXT_OR_NULL(TraceServerTime, "why_not", why_not),
	REAL(TraceServerTime, "step_ms", step_ms),
	BOOL(TraceServerTime, "reset", reset),
	LIST(TraceServerTime, "by_role", roles, nroles, role_fields),
	END
}};

static const Fields text_fields = {sizeof(TraceText), false, (const Field[]) {
	TEXT(TraceText, "text", text),
	INT64(TraceText, "n", n),
	END
}};

static const Fields not_understood_fields = {sizeof(TraceNotUnderstood), false, (const Field[]) {
	INT64(TraceNotUnderstood, "statements", statements),
	LIST(TraceNotUnderstood, "texts", texts, ntexts, text_fields),
	INT64(TraceNotUnderstood, "messages", messages),
	INT64(TraceNotUnderstood, "not_attributed", not_attributed),
	INT64(TraceNotUnderstood, "connections", connections),
	TEXT_OR_NULL(TraceNotUnderstood, "why", why),
	END
}};

static const Fields trace_fields = {sizeof(TraceFigures), false, (const Field[]) {
	TEXT(TraceFigures, "program_version", program_version),
	TEXT(TraceFigures, "started_at", started_at),
	REAL(TraceFigures, "duration_ms", duration_ms),
	TEXT_OR_NULL(TraceFigures, "server", server),
	STRUCT(TraceFigures, "calibration", calibration, calibration_fields),
	STRUCT(TraceFigures, "seen", seen, seen_fields),
	STRUCT(TraceFigures, "steps_seen", steps_seen, steps_seen_fields),
	STRUCT(TraceFigures, "workflows_seen", workflows_seen, workflows_seen_fields),
	LIST(TraceFigures, "steps", steps, nsteps, step_fields),
	LIST(TraceFigures, "workflows", workflows, nworkflows, workflow_fields),
	STRUCT(TraceFigures, "replayed", replayed, replayed_fields),
	LIST(TraceFigures, "statements", statements, nstatements, statement_fields),
	STRUCT(TraceFigures, "pg_stat_statements", server_time, server_time_fields),
	STRUCT(TraceFigures, "not_understood", not_understood, not_understood_fields),
	END
}};

bool
trace_write_json(const TraceFigures *figures, const char *path)
{
	return result_file_write(path, json_pack("{s:i, s:s}", "schema_version", SCHEMA_VERSION, "kind", "trace"),
							 fields_write(&trace_fields, figures), RESULT_DIGITS);
}

static char *
take_root(const json_t *root, TraceFigures *figures)
{
	const json_t *version = json_object_get(root, "schema_version");
	char	   *error;

	if (!json_is_integer(version) || json_integer_value(version) != SCHEMA_VERSION)
		return xasprintf("its schema_version is not %d, which this program reads of a trace", SCHEMA_VERSION);
	fields_read(&trace_fields, root, figures, &error);
	return error;
}

bool
trace_parse(const char *text, size_t length, const char *path, TraceFigures *figures)
{
	char	   *error;
	json_t	   *root = result_file_parse(text, length, RESULT_TRACE, &error);

	memset(figures, 0, sizeof(*figures));
	if (root != NULL)
		error = take_root(root, figures);
	json_decref(root);
	if (error != NULL)
		trace_figures_free(figures);
	return result_file_is_good(path, error);
}

void
trace_figures_tidy(TraceFigures *figures)
{
	fields_tidy(&trace_fields, figures);
}

void
trace_figures_free(TraceFigures *figures)
{
	fields_free(&trace_fields, figures);
}
