/*
 * profile_java.c
 *	  DBOS for Java: pgjdbc.
 *
 * Its steps run in autocommit and lock no row of the workflow; the payload's insert
 * names no serialization.  pgjdbc names a statement at its fifth execution, declares
 * texts as varchar and sends integers in binary, without a Describe then.
 */
#include <stddef.h>

#include "engine/profile.h"

#define TEXT(kind) {kind, FORM_TEXT, VARCHAR_OID, NULL, 0}
#define GIVEN(text) {VALUE_TEXT, FORM_TEXT, VARCHAR_OID, text, 0}
#define UNKNOWN_NULL {VALUE_NULL, FORM_TEXT, 0, NULL, 0}
#define INT4(kind, number) {kind, FORM_INT4, INT4_OID, NULL, number}
#define INT8(kind) {kind, FORM_INT8, INT8_OID, NULL, 0}

static const Value status_values[] = {
	TEXT(VALUE_WORKFLOW_ID), GIVEN("PENDING"), TEXT(VALUE_INPUTS), TEXT(VALUE_WORKFLOW_NAME),
	GIVEN("Workflows"), TEXT(VALUE_NULL), TEXT(VALUE_NULL), TEXT(VALUE_NULL), INT4(VALUE_NUMBER, 0),
	TEXT(VALUE_NULL), UNKNOWN_NULL, TEXT(VALUE_NULL), TEXT(VALUE_NULL), TEXT(VALUE_NULL), GIVEN("local"),
	GIVEN(PROFILE_VERSION PROFILE_VERSION), GIVEN(""), INT8(VALUE_STARTED), INT8(VALUE_STARTED),
	INT4(VALUE_NUMBER, 1), UNKNOWN_NULL, UNKNOWN_NULL, TEXT(VALUE_NULL), TEXT(VALUE_OWNER),
	TEXT(VALUE_SERIALIZATION), TEXT(VALUE_NULL), TEXT(VALUE_NULL), INT4(VALUE_NUMBER, 0),
};
static const Value id_values[] = {TEXT(VALUE_WORKFLOW_ID)};
static const Value step_values[] = {TEXT(VALUE_WORKFLOW_ID), INT4(VALUE_FUNCTION_ID, 0)};
static const Value output_values[] = {
	TEXT(VALUE_WORKFLOW_ID), INT4(VALUE_FUNCTION_ID, 0), TEXT(VALUE_FUNCTION_NAME), TEXT(VALUE_OUTPUT),
	TEXT(VALUE_NULL), TEXT(VALUE_NULL), INT8(VALUE_STARTED), INT8(VALUE_COMPLETED),
};
static const Value stamp_values[] = {GIVEN("local"), TEXT(VALUE_WORKFLOW_ID), GIVEN("local")};
static const Value end_values[] = {
	GIVEN("SUCCESS"), TEXT(VALUE_RESULT), TEXT(VALUE_NULL), INT8(VALUE_COMPLETED), INT8(VALUE_COMPLETED),
	TEXT(VALUE_WORKFLOW_ID), GIVEN("CANCELLED"),
};

static const Message start[] = {
	{TURN_UNNAMED, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED", 0, NULL, false},
	SIMPLE("BEGIN"),
	NAMED("INSERT INTO dbos.workflow_status ( workflow_uuid, status, inputs, name, class_name, config_name,"
		  " queue_name, deduplication_id, priority, queue_partition_key, delay_until_epoch_ms,"
		  " authenticated_user, assumed_role, authenticated_roles, executor_id, application_version,"
		  " application_id, created_at, updated_at, recovery_attempts, workflow_timeout_ms,"
		  " workflow_deadline_epoch_ms, parent_workflow_id, owner_xid, serialization, attributes, schedule_name )"
		  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,"
		  " $21, $22, $23, $24, $25, $26::jsonb, $27) ON CONFLICT (workflow_uuid) DO UPDATE SET"
		  " recovery_attempts = CASE WHEN workflow_status.status !='ENQUEUED' AND workflow_status.status !='DELAYED'"
		  " THEN workflow_status.recovery_attempts + $28 ELSE workflow_status.recovery_attempts END,"
		  " updated_at = EXCLUDED.updated_at, executor_id = CASE WHEN EXCLUDED.status != 'ENQUEUED'"
		  " AND EXCLUDED.status != 'DELAYED' THEN EXCLUDED.executor_id ELSE workflow_status.executor_id END"
		  " RETURNING recovery_attempts, status, name, class_name, config_name, queue_name,"
		  " workflow_deadline_epoch_ms, owner_xid, serialization", status_values),
	{TURN_NAMED, "COMMIT", 0, NULL, false},
};

static const Message check[] = {
	NAMED("SELECT status FROM dbos.workflow_status WHERE workflow_uuid = $1", id_values),
	NAMED("SELECT output, error, function_name, serialization FROM dbos.operation_outputs"
		  " WHERE workflow_uuid = $1 AND function_id = $2", step_values),
};

static const Message record[] = {
	{TURN_NAMED, "INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, function_name, output, error,"
		" child_workflow_id, started_at_epoch_ms, completed_at_epoch_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
		" ON CONFLICT DO NOTHING RETURNING completed_at_epoch_ms",
	sizeof(output_values) / sizeof(output_values[0]), output_values, true},
	NAMED("UPDATE dbos.workflow_status SET executor_id = $1 WHERE workflow_uuid = $2"
		  " AND executor_id IS DISTINCT FROM $3", stamp_values),
};

static const Message end[] = {
	NAMED("UPDATE dbos.workflow_status SET status = $1, output = $2, error = $3, updated_at = $4,"
		  " completed_at = $5, deduplication_id = NULL WHERE workflow_uuid = $6 AND status != $7", end_values),
};

const Sdk sdk_java = {
	.name = "DBOS for Java 1.1.0-m6 (pgjdbc 42.7.11)",
	.layout = LAYOUT_41,
	.statement_name = "S_%d",
	.disconnect = "RESET default_transaction_isolation",
	.stages = {LIST(start), LIST(check), LIST(record), LIST(end)},
};
