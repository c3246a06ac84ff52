/*
 * profile_go.c
 *	  DBOS for Go: pgx.
 *
 * pgx prepares every statement once a connection, lets the server find the types, and
 * sends integers in binary.  Its Bind, Execute and Sync come without a Describe.
 */
#include "engine/profile.h"

#define TEXT(kind) {kind, FORM_TEXT, 0, NULL, 0}
#define GIVEN(text) {VALUE_TEXT, FORM_TEXT, 0, text, 0}
#define INT4(kind, number) {kind, FORM_INT4, 0, NULL, number}
#define INT8(kind, number) {kind, FORM_INT8, 0, NULL, number}

static const Value status_values[] = {
	TEXT(VALUE_WORKFLOW_ID), GIVEN("PENDING"), TEXT(VALUE_WORKFLOW_NAME), TEXT(VALUE_NULL), GIVEN(""), GIVEN(""),
	GIVEN("null"), GIVEN("local"), GIVEN(PROFILE_VERSION PROFILE_VERSION), GIVEN(""), INT8(VALUE_NUMBER, 1),
	INT8(VALUE_NULL, 0), INT8(VALUE_NULL, 0), TEXT(VALUE_NULL), INT4(VALUE_NUMBER, 0), TEXT(VALUE_NULL),
	TEXT(VALUE_OWNER), TEXT(VALUE_OWNER), TEXT(VALUE_NULL), TEXT(VALUE_NULL), TEXT(VALUE_NULL),
	TEXT(VALUE_SERIALIZATION), INT8(VALUE_NULL, 0), TEXT(VALUE_NULL), TEXT(VALUE_NULL), INT8(VALUE_NULL, 0),
	{VALUE_NUMBER, FORM_BOOL, 0, NULL, 0}, GIVEN(PROFILE_APPLICATION),
};
static const Value input_values[] = {TEXT(VALUE_WORKFLOW_ID), TEXT(VALUE_INPUTS)};
static const Value id_values[] = {TEXT(VALUE_WORKFLOW_ID)};
static const Value step_values[] = {TEXT(VALUE_WORKFLOW_ID), INT4(VALUE_FUNCTION_ID, 0)};
static const Value output_values[] = {
	TEXT(VALUE_WORKFLOW_ID), INT4(VALUE_FUNCTION_ID, 0), TEXT(VALUE_OUTPUT), TEXT(VALUE_NULL),
	TEXT(VALUE_FUNCTION_NAME), INT8(VALUE_STARTED, 0), INT8(VALUE_COMPLETED, 0), TEXT(VALUE_SERIALIZATION),
	GIVEN(PROFILE_APPLICATION),
};
static const Value end_values[] = {
	GIVEN("SUCCESS"), TEXT(VALUE_WORKFLOW_ID), GIVEN("PENDING"), TEXT(VALUE_OWNER),
};
static const Value result_values[] = {TEXT(VALUE_WORKFLOW_ID), TEXT(VALUE_RESULT), GIVEN("")};

static const Message start[] = {
	SIMPLE("begin read write"),
	NAMED("INSERT INTO dbos.workflow_status ( workflow_uuid, status, name, queue_name, authenticated_user,"
		  " assumed_role, authenticated_roles, executor_id, application_version, application_id, created_at,"
		  " recovery_attempts, updated_at, workflow_timeout_ms, workflow_deadline_epoch_ms, deduplication_id,"
		  " priority, queue_partition_key, creator_xid, owner_xid, parent_workflow_id, class_name, config_name,"
		  " serialization, delay_until_epoch_ms, attributes, schedule_name, debounce_deadline_epoch_ms,"
		  " is_debounced, application_name ) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
		  " (EXTRACT(EPOCH FROM now()) * 1000)::bigint, $11, (EXTRACT(EPOCH FROM now()) * 1000)::bigint, $12, $13,"
		  " $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28) ON CONFLICT (workflow_uuid)"
		  " DO UPDATE SET creator_xid = workflow_status.creator_xid RETURNING status, name, queue_name,"
		  " queue_partition_key, workflow_timeout_ms, workflow_deadline_epoch_ms, creator_xid", status_values),
	NAMED("INSERT INTO dbos.workflow_input (workflow_uuid, inputs) VALUES ($1, $2)"
		  " ON CONFLICT (workflow_uuid) DO NOTHING", input_values),
	SIMPLE("commit"),
};

static const Message check[] = {
	SIMPLE("begin read write"),
	NAMED("SELECT status FROM dbos.workflow_status WHERE workflow_uuid = $1", id_values),
	NAMED("SELECT output, error, function_name, serialization FROM dbos.operation_outputs"
		  " WHERE workflow_uuid = $1 AND function_id = $2", step_values),
	SIMPLE("rollback"),
};

static const Message record[] = {
	SIMPLE("begin read write"),
	NAMED("SELECT owner_xid FROM dbos.workflow_status WHERE workflow_uuid = $1 FOR NO KEY UPDATE", id_values),
	NAMED("INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, output, error, function_name,"
		  " started_at_epoch_ms, completed_at_epoch_ms, serialization, application_name) VALUES ($1, $2, $3, $4,"
		  " $5, $6, $7, $8, $9) ON CONFLICT (workflow_uuid, function_id) DO NOTHING", output_values),
	SIMPLE("commit"),
};

static const Message end[] = {
	SIMPLE("begin read write"),
	NAMED("UPDATE dbos.workflow_status SET status = $1, updated_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint,"
		  " completed_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint, deduplication_id = NULL, owner_xid = NULL"
		  " WHERE workflow_uuid = $2 AND status = $3 AND owner_xid = $4", end_values),
	NAMED("INSERT INTO dbos.workflow_output (workflow_uuid, output, error) VALUES ($1, $2, $3)"
		  " ON CONFLICT (workflow_uuid) DO UPDATE SET output = EXCLUDED.output, error = EXCLUDED.error",
		  result_values),
	SIMPLE("commit"),
};

const Sdk sdk_go = {
	.name = "DBOS for Go 1.8.0 (pgx 5.10.0)",
	.layout = LAYOUT_125,
	.statement_name = "stmtcache_%048d",
	.connect = "SET idle_in_transaction_session_timeout = 60000",
	.disconnect = "RESET idle_in_transaction_session_timeout",
	.stages = {LIST(start), LIST(check), LIST(record), LIST(end)},
};
