-- The tables of a DBOS database by migration 41 (of the SDK for Java), as far as they
-- hold payloads: inputs and outputs of workflows are columns of workflow_status.
--   psql -v schema=dbos -f status_holds_all.sql

CREATE SCHEMA :"schema";
SET search_path = :"schema";

CREATE TABLE dbos_migrations (version bigint PRIMARY KEY);
INSERT INTO dbos_migrations VALUES (41);

CREATE TABLE workflow_status (
	workflow_uuid text PRIMARY KEY, status text, name text, authenticated_user text, assumed_role text,
	authenticated_roles text, output text, error text, executor_id text,
	created_at bigint NOT NULL DEFAULT (EXTRACT(epoch FROM now()) * 1000::numeric)::bigint,
	updated_at bigint NOT NULL DEFAULT (EXTRACT(epoch FROM now()) * 1000::numeric)::bigint,
	application_version text, application_id text, class_name varchar(255), config_name varchar(255),
	recovery_attempts bigint DEFAULT 0, queue_name text, workflow_timeout_ms bigint,
	workflow_deadline_epoch_ms bigint, inputs text, started_at_epoch_ms bigint, deduplication_id text,
	priority integer NOT NULL DEFAULT 0, queue_partition_key text, forked_from text, owner_xid text,
	parent_workflow_id text, serialization text, delay_until_epoch_ms bigint,
	was_forked_from boolean NOT NULL DEFAULT false, rate_limited boolean NOT NULL DEFAULT false,
	completed_at bigint, attributes jsonb, schedule_name text, request text);
CREATE INDEX ON workflow_status (created_at);
CREATE INDEX ON workflow_status (completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX ON workflow_status (status, created_at) WHERE status IN ('ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');
CREATE INDEX ON workflow_status (queue_name, status, priority, created_at) WHERE status IN ('ENQUEUED', 'PENDING');
CREATE INDEX ON workflow_status (parent_workflow_id) WHERE parent_workflow_id IS NOT NULL;
CREATE UNIQUE INDEX ON workflow_status (queue_name, deduplication_id);

CREATE TABLE operation_outputs (
	workflow_uuid text NOT NULL REFERENCES workflow_status ON UPDATE CASCADE ON DELETE CASCADE,
	function_id integer NOT NULL, function_name text NOT NULL DEFAULT '', output text, error text,
	child_workflow_id text, started_at_epoch_ms bigint, completed_at_epoch_ms bigint, serialization text,
	PRIMARY KEY (workflow_uuid, function_id));
CREATE INDEX ON operation_outputs (completed_at_epoch_ms, function_name);
