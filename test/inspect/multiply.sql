-- Makes so many copies of what fill.sql made, with ids of their own: many rows in
-- little time.  Values above 2,000 bytes are in every 16th copy alone.
--   psql -v schema=dbos -v copies=80 -f multiply.sql

SET search_path = :"schema";
SET synchronous_commit = off;

CREATE TEMPORARY TABLE copy AS SELECT k, '+' || k AS suffix, k % 16 = 1 AS whole FROM generate_series(1, :copies) AS k;

INSERT INTO workflow_status (workflow_uuid, status, name, created_at, updated_at, completed_at, serialization)
SELECT workflow_uuid || suffix, status, name, created_at, updated_at, completed_at, serialization
FROM copy, workflow_status;
INSERT INTO workflow_output (workflow_uuid, output, error, retention_timestamp)
SELECT workflow_uuid || suffix, output, error, retention_timestamp
FROM copy, workflow_output WHERE whole OR octet_length(output) <= 2000 OR output IS NULL;
INSERT INTO workflow_input (workflow_uuid, inputs, retention_timestamp)
SELECT workflow_uuid || suffix, inputs, retention_timestamp FROM copy, workflow_input;
INSERT INTO operation_outputs (workflow_uuid, function_id, function_name, output, error, child_workflow_id,
	started_at_epoch_ms, completed_at_epoch_ms, serialization, retention_timestamp)
SELECT workflow_uuid || suffix, function_id, function_name, output, error, child_workflow_id || suffix,
	started_at_epoch_ms, completed_at_epoch_ms, serialization, retention_timestamp
FROM copy, operation_outputs WHERE (whole AND octet_length(output) < 1000000) OR octet_length(output) <= 2000 OR output IS NULL;
VACUUM ANALYZE operation_outputs, workflow_status, workflow_input, workflow_output;
