/*
 * figures_fields.c
 *	  What the figures of a run hold, key by key, in the order of the file.
 *	  docs/result-file.md says the same in words.
 */
#include "figures/field_rows.h"
#include "figures/figures.h"

static const char *const stop_names[] = {
	"precision", "time", "blocks", "interrupt", "failure", "memory"
};
static const char *const transport_names[] = {"unix", "loopback", "tcp"};

/* an enum is read and written as an int; a new reason to stop needs a name */
_Static_assert(sizeof(WorkflowKind) == sizeof(int) && sizeof(Protocol) == sizeof(int), "enums are ints");
_Static_assert(sizeof(stop_names) / sizeof(stop_names[0]) == STOPPED_BY_MEMORY + 1, "each has a name");

const Fields estimate_fields = {sizeof(Estimate), true, (const Field[]) {
	REAL(Estimate, "value", value),
	REAL(Estimate, "low", low),
	REAL(Estimate, "high", high),
	INT(Estimate, "blocks", nblocks),
	END
}};

static const Fields summary = {sizeof(Summary), true, (const Field[]) {
	INT64(Summary, "n", n),
	ESTIMATE(Summary, "median", median),
	ESTIMATE(Summary, "mean", mean),
	REAL(Summary, "min", min),
	REAL(Summary, "p95", p95),
	REAL(Summary, "p99", p99),
	REAL(Summary, "max", max),
	REAL(Summary, "stddev", stddev),
	END
}};

static const Fields phase_use = {sizeof(PhaseUse), true, (const Field[]) {
	INT(PhaseUse, "n", n),
	REAL(PhaseUse, "wall_ms", wall_ms),
	REAL(PhaseUse, "cpu_ms", cpu_ms),
	REAL(PhaseUse, "delay_ms", delay_ms),
	END
}};

static const Fields shape = {sizeof(Shape), true, (const Field[]) {
	REAL(Shape, "slow_share", slow_share),
	REAL(Shape, "slow_ms", slow_ms),
	REAL(Shape, "delayed_ack_share", delayed_ack_share),
	REAL(Shape, "delayed_ack_ms", delayed_ack_ms),
	END
}};

static const Fields cell = {sizeof(Cell), false, (const Field[]) {
	TEXT(Cell, "name", name),
	INT(Cell, "function_id", function_id),
	INT64(Cell, "payload_bytes", payload_bytes),
	INT(Cell, "failed", failed),
	INT(Cell, "replayed", replayed),
	INT(Cell, "retried", retried),
	BY_NAME(Cell, "times_ms", time, metric_names, METRIC_COUNT, summary),
	ESTIMATE(Cell, "first_ms", first),
	FIELD(FIELD_COUNTED, Cell, "volumes", volume, .shape = SHAPE_BY_NAME, .names = volume_names, .n = VOLUME_COUNT),
	COUNTED(Cell, "stored_bytes", stored_bytes),
	INT64(Cell, "usage_n", usage_n),
	BY_NAME(Cell, "cpu", use, phase_names, PHASE_COUNT, phase_use),
	STRUCT(Cell, "shape", shape, shape),
	END
}};

static const Fields workflow = {sizeof(WorkflowFigures), false, (const Field[]) {
	INT(WorkflowFigures, "side", side),
	WORD(WorkflowFigures, "workflow", kind, workflow_names, WORKFLOW_COUNT),
	WORD(WorkflowFigures, "drive", drive, drive_names, DRIVE_COUNT),
	WORD(WorkflowFigures, "origin", origin, origin_names, ORIGIN_COUNT),
	INT(WorkflowFigures, "failed", failed),
	BOOL(WorkflowFigures, "own_round_trips", own_round_trips),
	LIST(WorkflowFigures, "steps", steps, nsteps, cell),
	STRUCT(WorkflowFigures, "whole", whole, cell),
	END
}};

static const Fields baseline = {sizeof(BaselineFigures), false, (const Field[]) {
	INT(BaselineFigures, "side", side),
	WORD(BaselineFigures, "baseline", kind, baseline_names, BASELINE_COUNT),
	INT64(BaselineFigures, "payload_bytes", payload_bytes),
	BY_NAME(BaselineFigures, "times_ms", time, metric_names, METRIC_COUNT, summary),
	ESTIMATE(BaselineFigures, "difference_ms", difference_ms),
	ESTIMATE(BaselineFigures, "ratio", ratio),
	END
}};

static const Fields approaches = {sizeof(Approaches), false, (const Field[]) {
	INT(Approaches, "side", side),
	WORD(Approaches, "drive", drive, drive_names, DRIVE_COUNT),
	WORD(Approaches, "origin", origin, origin_names, ORIGIN_COUNT),
	INT(Approaches, "steps", nsteps),
	ESTIMATE(Approaches, "multiple_ms", multiple_ms),
	ESTIMATE(Approaches, "batched_ms", batched_ms),
	ESTIMATE(Approaches, "ratio", ratio),
	ESTIMATE(Approaches, "floor_ms", floor_ms),
	ESTIMATE(Approaches, "saved_ms", saved_ms),
	ESTIMATE(Approaches, "expected_saving_ms", expected_saving_ms),
	ESTIMATE(Approaches, "shortfall_ms", shortfall_ms),
	ESTIMATE(Approaches, "break_even_rtt_ms", break_even_rtt_ms),
	END
}};

static const Fields fit = {sizeof(Fit), true, (const Field[]) {
	BOOL(Fit, "known", known),
	BOOL(Fit, "poor", poor),
	ESTIMATE(Fit, "floor_ms", floor_ms),
	ESTIMATE(Fit, "slope_ms_per_mb", slope_ms_per_mb),
	REAL(Fit, "worst_percent", worst_percent),
	INT64(Fit, "worst_bytes", worst_bytes),
	END
}};

static const Fields model = {sizeof(ModelFigures), false, (const Field[]) {
	INT(ModelFigures, "side", side),
	WORD(ModelFigures, "drive", drive, drive_names, DRIVE_COUNT),
	WORD(ModelFigures, "origin", origin, origin_names, ORIGIN_COUNT),
	BY_NAME(ModelFigures, "lines", fits, metric_names, METRIC_COUNT, fit),
	BY_NAME(ModelFigures, "assumed_ms", assumed_ms, drive_names, DRIVE_COUNT, estimate_fields),
	ESTIMATE(ModelFigures, "assumed_batched_ms", assumed_batched_ms),
	END
}};

static const Fields profile = {sizeof(ProfileFigures), false, (const Field[]) {
	INT(ProfileFigures, "side", side),
	WORD(ProfileFigures, "workflow", kind, workflow_names, WORKFLOW_COUNT),
	WORD(ProfileFigures, "drive", drive, drive_names, DRIVE_COUNT),
	FIELD(FIELD_INT, ProfileFigures, "step", step, .low = -1),
	INT64(ProfileFigures, "payload_bytes", payload_bytes),
	COUNTED(ProfileFigures, "text_bytes", text_bytes),
	INT(ProfileFigures, "turns", turns),
	INT(ProfileFigures, "own_turns", own_turns),
	ESTIMATE(ProfileFigures, "profile_ms", profile_ms),
	ESTIMATE(ProfileFigures, "own_ms", own_ms),
	ESTIMATE(ProfileFigures, "difference_ms", difference_ms),
	ESTIMATE(ProfileFigures, "network_ms", network_ms),
	ESTIMATE(ProfileFigures, "round_trips_ms", round_trips_ms),
	ESTIMATE(ProfileFigures, "format_ms", format_ms),
	ESTIMATE(ProfileFigures, "database_ms", database_ms),
	END
}};

static const Fields difference = {sizeof(Difference), false, (const Field[]) {
	WORD(Difference, "workflow", kind, workflow_names, WORKFLOW_COUNT),
	WORD(Difference, "drive", drive, drive_names, DRIVE_COUNT),
	WORD(Difference, "origin", origin, origin_names, ORIGIN_COUNT),
	FIELD(FIELD_INT, Difference, "step", step, .low = -1),
	INT64(Difference, "payload_bytes", payload_bytes),
	WORD(Difference, "metric", metric, metric_names, METRIC_COUNT),
	ESTIMATE(Difference, "ratio", ratio),
	REAL(Difference, "p", p),
	BOOL(Difference, "differs", differs),
	REAL(Difference, "detectable_percent", detectable_percent),
	END
}};

static const Fields warning = {sizeof(Warning), false, (const Field[]) {
	TEXT(Warning, "subject", subject),
	TEXT(Warning, "text", text),
	BOOL(Warning, "unsafe", unsafe),
	BOOL(Warning, "fatal", fatal),
	END
}};

/* a map's: written as an object, name by name */
static const Fields setting = {sizeof(Setting), false, (const Field[]) {
	TEXT(Setting, "name", name),
	TEXT_OR_NULL(Setting, "value", value),
	END
}};

const Fields environment_fields = {sizeof(Environment), false, (const Field[]) {
	INT(Environment, "server_version_num", server_version_num),
	TEXT_OR_NULL(Environment, "server_version", server_version),
	TEXT_OR_NULL(Environment, "extension_version", extension_version),
	TEXT_OR_NULL(Environment, "library_version", library_version),
	TEXT_OR_NULL(Environment, "portable_version", portable_version),
	INT(Environment, "libpq_version", libpq_version),
	FIELD(FIELD_WORD_TEXT, Environment, "transport", transport, .optional = true,
	.names = transport_names, .n = COUNT(transport_names)),
	BOOL(Environment, "ssl", ssl),
	REAL(Environment, "rtt_ms", rtt_ms),
	REAL(Environment, "tcp_rtt_ms", tcp_rtt_ms),
	TEXT_OR_NULL(Environment, "conninfo", conninfo),
	FIELD(FIELD_STRUCT, Environment, "settings", settings, .shape = SHAPE_MAP, .count = offsetof(Environment, nsettings), .inner = &setting),
	FIELD(FIELD_STRUCT, Environment, "host", host, .shape = SHAPE_MAP, .count = offsetof(Environment, nhost), .inner = &setting),
	LIST(Environment, "warnings", warnings, nwarnings, warning),
	END
}};

static const Fields backend = {sizeof(BackendFigures), true, (const Field[]) {
	ESTIMATE(BackendFigures, "cpu_share", cpu_share),
	ESTIMATE(BackendFigures, "delay_share", delay_share),
	ESTIMATE(BackendFigures, "involuntary_per_s", involuntary_per_s),
	END
}};

static const Fields move = {sizeof(Move), false, (const Field[]) {
	INT(Move, "first_iteration", first_iteration),
	TEXT(Move, "server", server),
	TEXT(Move, "changed", changed),
	END
}};

static const Fields side = {sizeof(Side), false, (const Field[]) {
	TEXT(Side, "label", label),
	TEXT_OR_NULL(Side, "conninfo", conninfo),
	WORD(Side, "protocol", protocol, protocol_names, PROTOCOL_COUNT),
	STRUCT(Side, "environment", environment, environment_fields),
	STRUCT(Side, "backend", backend, backend),
	REAL(Side, "tcp_rtt_ms", tcp_rtt_ms),
	COUNTED(Side, "tcp_retransmits", tcp_retransmits),
	LIST(Side, "moves", moves, nmoves, move),
	END
}};

static const Fields parameters = {sizeof(Parameters), false, (const Field[]) {
	INT(Parameters, "iterations", iterations),
	INT(Parameters, "warmup", warmup),
	INT(Parameters, "blocks", blocks),
	INT(Parameters, "time_s", time_limit_s),
	FIELD(FIELD_TEXT, Parameters, "labels", labels, .shape = SHAPE_ARRAY, .count = offsetof(Parameters, nsides),
	.optional = true, .low = 1, .n = MAX_SIDES),
	FIELD(FIELD_INT64, Parameters, "sizes", sizes, .shape = SHAPE_ARRAY, .count = offsetof(Parameters, nsizes),
	.n = MAX_SIZES),
	SET(Parameters, "drives", drives, drive_names, DRIVE_COUNT),
	SET(Parameters, "origins", origins, origin_names, ORIGIN_COUNT),
	BOOL(Parameters, "split_commit", split_commit),
	BOOL(Parameters, "baselines", baselines),
	FIELD(FIELD_OPTIONAL, Parameters, "seed", seed, .count = offsetof(Parameters, has_seed)),
	INT(Parameters, "compressible", compressible),
	FIELD(FIELD_NS, Parameters, "think_ms", think_ns),
	BOOL(Parameters, "think_exponential", think_exponential),
	TEXT_OR_NULL(Parameters, "workflow_id", workflow_id),
	BOOL(Parameters, "binary", binary),
	INT(Parameters, "max_tries", max_tries),
	BOOL(Parameters, "reconnect", reconnect),
	BOOL(Parameters, "keep", keep),
	END
}};

const Fields figures_fields = {sizeof(Figures), false, (const Field[]) {
	TEXT(Figures, "tool_version", tool_version),
	TEXT(Figures, "started_at", started_at),
	TEXT(Figures, "run_id", run_id),
	FIELD(FIELD_TEXT, Figures, "command", command, .shape = SHAPE_LIST, .count = offsetof(Figures, ncommand)),
	STRUCT(Figures, "parameters", parameters, parameters),
	REAL(Figures, "assume_rtt_ms", assume_rtt_ms),
	INT(Figures, "blocks", nblocks),
	INT(Figures, "iterations", niterations),
	FIELD(FIELD_INT, Figures, "kept_every", every, .low = 1),
	REAL(Figures, "measured_s", measured_s),
	WORD(Figures, "stopped_by", stopped, stop_names, COUNT(stop_names)),
	REAL(Figures, "worst_precision_percent", worst_precision_percent),
	BOOL(Figures, "interrupted", interrupted),
	BOOL(Figures, "connection_lost", connection_lost),
	INT(Figures, "reconnects", nreconnects),
	INT(Figures, "retries", nretries),
	BOOL(Figures, "sends_unseen", sends_unseen),
	FIELD(FIELD_STRUCT, Figures, "sides", sides, .shape = SHAPE_ARRAY, .count = offsetof(Figures, nsides), .low = 1,
	.n = MAX_SIDES, .inner = &side),
	LIST(Figures, "workflows", workflows, nworkflows, workflow),
	LIST(Figures, "baselines", baselines, nbaselines, baseline),
	LIST(Figures, "approaches", approaches, napproaches, approaches),
	LIST(Figures, "models", models, nmodels, model),
	LIST(Figures, "profiles", profiles, nprofiles, profile),
	LIST(Figures, "differences", differences, ndifferences, difference),
	END
}};
