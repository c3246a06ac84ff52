-- What both layouts have beside workflows and steps.
--   psql -v schema=dbos -f other_tables.sql

SET search_path = :"schema";

CREATE TABLE notifications (
	message_uuid text PRIMARY KEY, destination_uuid text NOT NULL REFERENCES workflow_status
		ON UPDATE CASCADE ON DELETE CASCADE, topic text, message text NOT NULL,
	created_at_epoch_ms bigint NOT NULL DEFAULT (EXTRACT(epoch FROM now()) * 1000.0)::bigint,
	serialization text, consumed boolean NOT NULL DEFAULT false);
CREATE INDEX ON notifications (destination_uuid, topic);
CREATE TABLE workflow_events (
	workflow_uuid text NOT NULL REFERENCES workflow_status ON UPDATE CASCADE ON DELETE CASCADE,
	key text NOT NULL, value text NOT NULL, serialization text, PRIMARY KEY (workflow_uuid, key));
CREATE TABLE workflow_events_history (
	workflow_uuid text NOT NULL REFERENCES workflow_status ON UPDATE CASCADE ON DELETE CASCADE,
	function_id integer NOT NULL, key text NOT NULL, value text NOT NULL, serialization text,
	PRIMARY KEY (workflow_uuid, function_id, key));
CREATE TABLE streams (
	workflow_uuid text NOT NULL REFERENCES workflow_status ON UPDATE CASCADE ON DELETE CASCADE,
	key text NOT NULL, value text NOT NULL, "offset" integer NOT NULL, function_id integer NOT NULL DEFAULT 0,
	serialization text, PRIMARY KEY (workflow_uuid, key, "offset"));
CREATE TABLE queues (name text PRIMARY KEY, concurrency integer);
