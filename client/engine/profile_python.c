/*
 * profile_python.c
 *	  DBOS for Python: SQLAlchemy with psycopg.
 *
 * SQLAlchemy asks for a sign of life (an empty query) before it takes a connection
 * from its pool.  psycopg sends integers in binary, as small as they fit, and leaves
 * the types of texts to the server.
 */
#include "engine/profile.h"

#define TEXT(kind) {kind, FORM_TEXT, 0, NULL, 0}
#define GIVEN(text) {VALUE_TEXT, FORM_TEXT, 0, text, 0}
#define SMALL(kind, number) {kind, FORM_INT2, INT2_OID, NULL, number}
#define LARGE(kind) {kind, FORM_INT8, INT8_OID, NULL, 0}

static const Value status_values[] = {
	TEXT(VALUE_WORKFLOW_ID), GIVEN("PENDING"), TEXT(VALUE_WORKFLOW_NAME), TEXT(VALUE_NULL), TEXT(VALUE_NULL),
	TEXT(VALUE_NULL), GIVEN("local"), GIVEN(PROFILE_VERSION), GIVEN(""), TEXT(VALUE_NULL), TEXT(VALUE_NULL),
	SMALL(VALUE_NUMBER, 1), TEXT(VALUE_NULL), TEXT(VALUE_NULL), TEXT(VALUE_NULL), TEXT(VALUE_NULL),
	SMALL(VALUE_NUMBER, 0), TEXT(VALUE_NULL), TEXT(VALUE_OWNER), TEXT(VALUE_OWNER), TEXT(VALUE_NULL),
	TEXT(VALUE_SERIALIZATION), TEXT(VALUE_NULL), {VALUE_TEXT, FORM_TEXT, JSONB_OID, "null", 0},
	TEXT(VALUE_NULL), TEXT(VALUE_NULL), {VALUE_NUMBER, FORM_BOOL, BOOL_OID, NULL, 0}, GIVEN(PROFILE_APPLICATION),
};
static const Value input_values[] = {TEXT(VALUE_WORKFLOW_ID), TEXT(VALUE_INPUTS)};
static const Value id_values[] = {TEXT(VALUE_WORKFLOW_ID)};
static const Value step_values[] = {TEXT(VALUE_WORKFLOW_ID), SMALL(VALUE_FUNCTION_ID, 0)};
static const Value output_values[] = {
	TEXT(VALUE_WORKFLOW_ID), SMALL(VALUE_FUNCTION_ID, 0), TEXT(VALUE_FUNCTION_NAME), TEXT(VALUE_OUTPUT),
	TEXT(VALUE_NULL), TEXT(VALUE_NULL), LARGE(VALUE_STARTED), LARGE(VALUE_COMPLETED), TEXT(VALUE_SERIALIZATION),
	GIVEN(PROFILE_APPLICATION), SMALL(VALUE_NUMBER, 1000),
};
static const Value end_values[] = {
	GIVEN("SUCCESS"), SMALL(VALUE_NUMBER, 1000), TEXT(VALUE_NULL), TEXT(VALUE_NULL), TEXT(VALUE_WORKFLOW_ID),
	GIVEN("PENDING"), TEXT(VALUE_OWNER), TEXT(VALUE_RESULT), TEXT(VALUE_NULL),
};

static const Message start[] = {
	SIMPLE(";"),
	SIMPLE("BEGIN ISOLATION LEVEL READ COMMITTED"),
	NAMED("INSERT INTO dbos.workflow_status (workflow_uuid, status, name, authenticated_user, assumed_role,"
		  " authenticated_roles, executor_id, application_version, application_id, class_name, config_name,"
		  " recovery_attempts, queue_name, workflow_timeout_ms, workflow_deadline_epoch_ms, deduplication_id,"
		  " priority, queue_partition_key, owner_xid, creator_xid, parent_workflow_id, serialization,"
		  " delay_until_epoch_ms, attributes, schedule_name, debounce_deadline_epoch_ms, is_debounced,"
		  " application_name) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR,"
		  " $6::VARCHAR, $7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::VARCHAR, $12::BIGINT,"
		  " $13::VARCHAR, $14::BIGINT, $15::BIGINT, $16::VARCHAR, $17::INTEGER, $18::VARCHAR, $19::VARCHAR,"
		  " $20::VARCHAR, $21::VARCHAR, $22::VARCHAR, $23::BIGINT, $24::JSONB, $25::VARCHAR, $26::BIGINT, $27,"
		  " $28::VARCHAR) ON CONFLICT (workflow_uuid) DO UPDATE SET creator_xid = dbos.workflow_status.creator_xid"
		  " RETURNING dbos.workflow_status.status, dbos.workflow_status.name, dbos.workflow_status.class_name,"
		  " dbos.workflow_status.config_name, dbos.workflow_status.queue_name, dbos.workflow_status.creator_xid,"
		  " dbos.workflow_status.serialization", status_values),
	NAMED("INSERT INTO dbos.workflow_input (workflow_uuid, inputs) VALUES ($1::VARCHAR, $2::VARCHAR)"
		  " ON CONFLICT (workflow_uuid) DO NOTHING", input_values),
	SIMPLE("COMMIT"),
};

static const Message check[] = {
	SIMPLE(";"),
	SIMPLE("BEGIN ISOLATION LEVEL READ COMMITTED"),
	NAMED("SELECT dbos.workflow_status.status FROM dbos.workflow_status"
		  " WHERE dbos.workflow_status.workflow_uuid = $1::VARCHAR", id_values),
	NAMED("SELECT dbos.operation_outputs.output, dbos.operation_outputs.error,"
		  " dbos.operation_outputs.function_name, dbos.operation_outputs.child_workflow_id,"
		  " dbos.operation_outputs.serialization FROM dbos.operation_outputs"
		  " WHERE dbos.operation_outputs.workflow_uuid = $1::VARCHAR"
		  " AND dbos.operation_outputs.function_id = $2::INTEGER", step_values),
	SIMPLE("COMMIT"),
};

static const Message record[] = {
	SIMPLE(";"),
	SIMPLE("BEGIN ISOLATION LEVEL READ COMMITTED"),
	NAMED("SELECT dbos.workflow_status.owner_xid FROM dbos.workflow_status"
		  " WHERE dbos.workflow_status.workflow_uuid = $1::VARCHAR FOR NO KEY UPDATE", id_values),
	NAMED("INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, function_name, output, error,"
		  " child_workflow_id, started_at_epoch_ms, completed_at_epoch_ms, serialization, application_name,"
		  " retention_timestamp) VALUES ($1::VARCHAR, $2::INTEGER, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR,"
		  " $6::VARCHAR, $7::BIGINT, $8::BIGINT, $9::VARCHAR, $10::VARCHAR,"
		  " CAST(EXTRACT(epoch FROM now()) * $11::INTEGER AS BIGINT)) ON CONFLICT (workflow_uuid, function_id)"
		  " DO UPDATE SET completed_at_epoch_ms = dbos.operation_outputs.completed_at_epoch_ms"
		  " RETURNING dbos.operation_outputs.completed_at_epoch_ms", output_values),
	SIMPLE("COMMIT"),
};

static const Message end[] = {
	SIMPLE(";"),
	NAMED("WITH updated AS (UPDATE dbos.workflow_status SET status=$1::VARCHAR,"
		  " updated_at=CAST(EXTRACT(epoch FROM now()) * $2::INTEGER AS BIGINT), deduplication_id=$3::VARCHAR,"
		  " owner_xid=$4::VARCHAR, completed_at=CAST(EXTRACT(epoch FROM now()) * $2::INTEGER AS BIGINT)"
		  " WHERE dbos.workflow_status.workflow_uuid = $5::VARCHAR AND dbos.workflow_status.status = $6::VARCHAR"
		  " AND dbos.workflow_status.owner_xid = $7::VARCHAR RETURNING 1), stored AS"
		  " (INSERT INTO dbos.workflow_output (workflow_uuid, output, error) SELECT $5::VARCHAR AS anon_1,"
		  " $8::VARCHAR AS anon_2, $9::VARCHAR AS anon_3 WHERE EXISTS (SELECT 1 FROM updated)"
		  " ON CONFLICT (workflow_uuid) DO UPDATE SET output = excluded.output, error = excluded.error RETURNING 1)"
		  " SELECT count(*) AS count_1 FROM updated", end_values),
};

const Sdk sdk_python = {
	.name = "DBOS for Python 3.4.0 (SQLAlchemy 2.1.9, psycopg 3.3.9)",
	.layout = LAYOUT_125,
	.first_function_id = 1,
	.statement_name = "_pg3_%d",
	.connect = "SET idle_in_transaction_session_timeout = 60000",
	.disconnect = "RESET idle_in_transaction_session_timeout",
	.stages = {LIST(start), LIST(check), LIST(record), LIST(end)},
};
