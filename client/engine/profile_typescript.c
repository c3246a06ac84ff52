/*
 * profile_typescript.c
 *	  DBOS for TypeScript: pg (node-postgres).
 *
 * The driver sends every parameter as text and every statement's SQL with each call.
 */
#include "engine/profile.h"

#define TEXT(kind) {kind, FORM_TEXT, 0, NULL, 0}
#define GIVEN(text) {VALUE_TEXT, FORM_TEXT, 0, text, 0}

static const Value status_values[] = {
	TEXT(VALUE_WORKFLOW_ID), GIVEN("PENDING"), TEXT(VALUE_WORKFLOW_NAME), TEXT(VALUE_NULL), TEXT(VALUE_NULL),
	TEXT(VALUE_NULL), GIVEN(""), GIVEN(""), GIVEN("[]"), GIVEN("local"), GIVEN(PROFILE_VERSION), GIVEN(""), GIVEN("1"),
	TEXT(VALUE_NULL), TEXT(VALUE_NULL), TEXT(VALUE_NULL), TEXT(VALUE_NULL), GIVEN("0"), TEXT(VALUE_NULL),
	TEXT(VALUE_NULL), TEXT(VALUE_NULL), TEXT(VALUE_SERIALIZATION), TEXT(VALUE_OWNER), TEXT(VALUE_NULL),
	TEXT(VALUE_NULL), TEXT(VALUE_NULL), TEXT(VALUE_NULL), GIVEN("false"), GIVEN(PROFILE_APPLICATION),
	TEXT(VALUE_OWNER),
};
static const Value input_values[] = {TEXT(VALUE_WORKFLOW_ID), TEXT(VALUE_INPUTS)};
static const Value id_values[] = {TEXT(VALUE_WORKFLOW_ID)};
static const Value step_values[] = {TEXT(VALUE_WORKFLOW_ID), TEXT(VALUE_FUNCTION_ID)};
static const Value output_values[] = {
	TEXT(VALUE_WORKFLOW_ID), TEXT(VALUE_FUNCTION_ID), TEXT(VALUE_OUTPUT), TEXT(VALUE_NULL),
	TEXT(VALUE_FUNCTION_NAME), TEXT(VALUE_NULL), TEXT(VALUE_STARTED), TEXT(VALUE_COMPLETED),
	TEXT(VALUE_SERIALIZATION), GIVEN(PROFILE_APPLICATION),
};
static const Value end_values[] = {
	TEXT(VALUE_WORKFLOW_ID), GIVEN("SUCCESS"), TEXT(VALUE_NULL), GIVEN("PENDING"), TEXT(VALUE_OWNER),
};
static const Value result_values[] = {TEXT(VALUE_WORKFLOW_ID), TEXT(VALUE_RESULT), TEXT(VALUE_NULL)};

static const Message start[] = {
	SIMPLE("BEGIN ISOLATION LEVEL READ COMMITTED"),
	UNNAMED("INSERT INTO dbos.workflow_status ( workflow_uuid, status, name, class_name, config_name, queue_name,"
			" authenticated_user, assumed_role, authenticated_roles, executor_id, application_version,"
			" application_id, recovery_attempts, workflow_timeout_ms, workflow_deadline_epoch_ms, inputs,"
			" deduplication_id, priority, queue_partition_key, forked_from, parent_workflow_id, serialization,"
			" creator_xid, delay_until_epoch_ms, attributes, schedule_name, debounce_deadline_epoch_ms,"
			" is_debounced, application_name, owner_xid ) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
			" $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)"
			" ON CONFLICT (workflow_uuid) DO UPDATE SET creator_xid = workflow_status.creator_xid"
			" RETURNING status, name, class_name, config_name, queue_name, executor_id, creator_xid, serialization",
			status_values),
	UNNAMED("INSERT INTO dbos.workflow_input (workflow_uuid, inputs) VALUES ($1, $2)"
			" ON CONFLICT (workflow_uuid) DO NOTHING", input_values),
	SIMPLE("COMMIT"),
};

static const Message check[] = {
	UNNAMED("SELECT status FROM dbos.workflow_status WHERE workflow_uuid=$1", id_values),
	UNNAMED("SELECT status FROM dbos.workflow_status WHERE workflow_uuid=$1", id_values),
	UNNAMED("SELECT output, error, child_workflow_id, function_name, serialization FROM dbos.operation_outputs"
			" WHERE workflow_uuid=$1 AND function_id=$2", step_values),
};

static const Message record[] = {
	SIMPLE("BEGIN ISOLATION LEVEL READ COMMITTED"),
	UNNAMED("SELECT owner_xid FROM dbos.workflow_status WHERE workflow_uuid = $1 FOR NO KEY UPDATE", id_values),
	UNNAMED("INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, output, error, function_name,"
			" child_workflow_id, started_at_epoch_ms, completed_at_epoch_ms, serialization, application_name,"
			" retention_timestamp) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
			" (EXTRACT(EPOCH FROM now()) * 1000)::bigint) ON CONFLICT (workflow_uuid, function_id)"
			" DO UPDATE SET completed_at_epoch_ms = operation_outputs.completed_at_epoch_ms"
			" RETURNING completed_at_epoch_ms;", output_values),
	SIMPLE("COMMIT"),
};

static const Message end[] = {
	SIMPLE("BEGIN ISOLATION LEVEL READ COMMITTED"),
	UNNAMED("UPDATE dbos.workflow_status SET status=$2, updated_at=(EXTRACT(EPOCH FROM now()) * 1000)::bigint,"
			" deduplication_id = NULL, completed_at=(EXTRACT(EPOCH FROM now()) * 1000)::bigint, owner_xid=$3"
			" WHERE workflow_uuid=$1 AND status=$4 AND owner_xid=$5", end_values),
	UNNAMED("INSERT INTO dbos.workflow_output (workflow_uuid, output, error) VALUES ($1, $2, $3)"
			" ON CONFLICT (workflow_uuid) DO UPDATE SET output = EXCLUDED.output, error = EXCLUDED.error",
			result_values),
	SIMPLE("COMMIT"),
};

const Sdk sdk_typescript = {
	.name = "DBOS for TypeScript 5.3.0 (pg 8.23.1)",
	.layout = LAYOUT_125,
	.connect = "SET idle_in_transaction_session_timeout = 60000",
	.disconnect = "RESET idle_in_transaction_session_timeout",
	.stages = {LIST(start), LIST(check), LIST(record), LIST(end)},
};
