/*
 * schema.c
 *	  The tables that a workflow of DBOS writes.
 *
 * Those that a workflow of ours never writes are there for their foreign keys: an
 * update of a row of workflow_status asks each of them.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "engine/schema.h"
#include "util/memory.h"

#define NOW "(EXTRACT(epoch FROM now()) * 1000.0)::bigint"
#define REFERENCE(column) "FOREIGN KEY (" column ") REFERENCES dbos.workflow_status (workflow_uuid)" \
	" ON UPDATE CASCADE ON DELETE CASCADE"

#define STATUS_COLUMNS \
	"workflow_uuid text NOT NULL PRIMARY KEY, status text, name text, authenticated_user text," \
	" assumed_role text, authenticated_roles text, request text, output text, error text, executor_id text," \
	" created_at bigint NOT NULL DEFAULT " NOW ", updated_at bigint NOT NULL DEFAULT " NOW "," \
	" application_version text, application_id text, class_name varchar(255) DEFAULT NULL," \
	" config_name varchar(255) DEFAULT NULL, recovery_attempts bigint DEFAULT 0, queue_name text," \
	" workflow_timeout_ms bigint, workflow_deadline_epoch_ms bigint, inputs text, started_at_epoch_ms bigint," \
	" deduplication_id text, priority integer NOT NULL DEFAULT 0, queue_partition_key text, forked_from text," \
	" owner_xid text, parent_workflow_id text, serialization text, delay_until_epoch_ms bigint," \
	" was_forked_from boolean NOT NULL DEFAULT false, rate_limited boolean NOT NULL DEFAULT false," \
	" completed_at bigint, attributes jsonb, schedule_name text"

#define OUTPUT_COLUMNS \
	"workflow_uuid text NOT NULL, function_id integer NOT NULL, function_name text NOT NULL DEFAULT ''," \
	" output text, error text, child_workflow_id text, started_at_epoch_ms bigint," \
	" completed_at_epoch_ms bigint, serialization text"

#define NOTIFICATION_COLUMNS \
	"message_uuid text NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY, destination_uuid text NOT NULL," \
	" topic text, message text NOT NULL, created_at_epoch_ms bigint NOT NULL DEFAULT " NOW "," \
	" serialization text, consumed boolean NOT NULL DEFAULT false"

#define INDEX(name, on) "CREATE INDEX " name " ON dbos." on
#define STATUS_INDEX(name, what) INDEX("idx_workflow_status_" name, "workflow_status " what)

/* in both layouts, after workflow_status */
#define COMMON \
	"CREATE TABLE dbos.workflow_events (workflow_uuid text NOT NULL, key text NOT NULL, value text NOT NULL," \
	" serialization text, PRIMARY KEY (workflow_uuid, key), " REFERENCE("workflow_uuid") ")", \
	"CREATE TABLE dbos.workflow_events_history (workflow_uuid text NOT NULL, function_id integer NOT NULL," \
	" key text NOT NULL, value text NOT NULL, serialization text," \
	" PRIMARY KEY (workflow_uuid, function_id, key), " REFERENCE("workflow_uuid") ")", \
	"CREATE TABLE dbos.streams (workflow_uuid text NOT NULL, key text NOT NULL, value text NOT NULL," \
	" \"offset\" integer NOT NULL, function_id integer NOT NULL DEFAULT 0, serialization text," \
	" PRIMARY KEY (workflow_uuid, key, \"offset\"), " REFERENCE("workflow_uuid") ")", \
	INDEX("idx_workflow_topic", "notifications (destination_uuid, topic)"), \
	INDEX("workflow_status_created_at_index", "workflow_status (created_at)"), \
	STATUS_INDEX("attributes", "USING gin (attributes) WHERE attributes IS NOT NULL"), \
	STATUS_INDEX("completed_at", "(completed_at) WHERE completed_at IS NOT NULL"), \
	STATUS_INDEX("delayed", "(delay_until_epoch_ms) WHERE status = 'DELAYED'"), \
	STATUS_INDEX("failed", "(status, created_at)" \
				 " WHERE status IN ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')"), \
	STATUS_INDEX("forked_from", "(forked_from) WHERE forked_from IS NOT NULL"), \
	STATUS_INDEX("parent_workflow_id", "(parent_workflow_id) WHERE parent_workflow_id IS NOT NULL"), \
	STATUS_INDEX("pending", "(created_at) WHERE status = 'PENDING'"), \
	STATUS_INDEX("rate_limited", "(queue_name, started_at_epoch_ms) WHERE rate_limited = true"), \
	STATUS_INDEX("schedule_name", "(schedule_name) WHERE schedule_name IS NOT NULL"), \
	STATUS_INDEX("started_at", "(started_at_epoch_ms) WHERE started_at_epoch_ms IS NOT NULL"), \
	"CREATE UNIQUE INDEX uq_workflow_status_dedup_id ON dbos.workflow_status (queue_name, deduplication_id)" \
	" WHERE deduplication_id IS NOT NULL"

static const char *const layout_125[] = {
	"CREATE TABLE dbos.workflow_status (" STATUS_COLUMNS ", debounce_deadline_epoch_ms bigint,"
	" is_debounced boolean NOT NULL DEFAULT false, application_name text, creator_xid text)",
	"CREATE TABLE dbos.operation_outputs (" OUTPUT_COLUMNS ", application_name text,"
	" retention_timestamp bigint NOT NULL DEFAULT " NOW ", PRIMARY KEY (workflow_uuid, function_id))",
	"CREATE TABLE dbos.workflow_input (workflow_uuid text NOT NULL PRIMARY KEY, inputs text,"
	" retention_timestamp bigint NOT NULL DEFAULT " NOW ")",
	"CREATE TABLE dbos.workflow_output (workflow_uuid text NOT NULL PRIMARY KEY, output text, error text,"
	" retention_timestamp bigint NOT NULL DEFAULT " NOW ")",
	"CREATE TABLE dbos.notifications (" NOTIFICATION_COLUMNS ", consumed_by_function_id integer, "
	REFERENCE("destination_uuid") ")",
	COMMON,
	INDEX("idx_operation_outputs_completed_at_function_name_v2",
		  "operation_outputs (completed_at_epoch_ms, function_name) INCLUDE (application_name)"),
	INDEX("idx_operation_outputs_retention", "operation_outputs (retention_timestamp)"),
	INDEX("idx_workflow_input_retention", "workflow_input (retention_timestamp)"),
	INDEX("idx_workflow_output_retention", "workflow_output (retention_timestamp)"),
	STATUS_INDEX("deadline", "(workflow_deadline_epoch_ms) WHERE status IN ('ENQUEUED', 'PENDING', 'DELAYED')"
				 " AND workflow_deadline_epoch_ms IS NOT NULL"),
	STATUS_INDEX("in_flight_v2", "(queue_name, status, priority, created_at) INCLUDE (application_name)"
				 " WHERE status IN ('ENQUEUED', 'PENDING')"),
	STATUS_INDEX("partition_dequeue_v3", "(queue_name, status, queue_partition_key, priority, created_at,"
				 " workflow_uuid) INCLUDE (application_name) WHERE status IN ('ENQUEUED', 'PENDING')"
				 " AND queue_partition_key IS NOT NULL"),
	NULL
};

static const char *const layout_41[] = {
	"CREATE TABLE dbos.workflow_status (" STATUS_COLUMNS ")",
	"CREATE TABLE dbos.operation_outputs (" OUTPUT_COLUMNS ", PRIMARY KEY (workflow_uuid, function_id), "
	REFERENCE("workflow_uuid") ")",
	"CREATE TABLE dbos.notifications (" NOTIFICATION_COLUMNS ", " REFERENCE("destination_uuid") ")",
	COMMON,
	INDEX("idx_notifications", "notifications (destination_uuid, topic)"),
	INDEX("idx_operation_outputs_completed_at_function_name",
		  "operation_outputs (completed_at_epoch_ms, function_name)"),
	STATUS_INDEX("in_flight", "(queue_name, status, priority, created_at)"
				 " WHERE status IN ('ENQUEUED', 'PENDING')"),
	NULL
};

static const char *const *const layouts[LAYOUT_COUNT] = {layout_125, layout_41};

const int	layout_migrations[LAYOUT_COUNT] = {125, 41};

const char *
layout_statement(Layout layout, int i)
{
	return layouts[layout][i];
}

const char *
layout_truncate(Layout layout)
{
	return layout == LAYOUT_41 ?
		"TRUNCATE dbos.workflow_status, dbos.operation_outputs, dbos.notifications, dbos.workflow_events,"
		" dbos.workflow_events_history, dbos.streams" :
		"TRUNCATE dbos.workflow_status, dbos.operation_outputs, dbos.notifications, dbos.workflow_events,"
		" dbos.workflow_events_history, dbos.streams, dbos.workflow_input, dbos.workflow_output";
}

char *
text_with_schema(const char *text, const char *schema)
{
	static const char own[] = "dbos.";
	char	   *out = NULL;
	const char *found;

	while ((found = strstr(text, own)) != NULL)
	{
		text_add(&out, "%.*s%s.", (int) (found - text), text, schema);
		text = found + strlen(own);
	}
	text_add(&out, "%s", text);
	return out;
}
