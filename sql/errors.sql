-- every error that an argument or a state can raise and that no other file shows (record_errors.sql: of what a client's
-- payloads take)

\set SHOW_CONTEXT never
SELECT dbos_payload.start_workflow('errors', 'test');

-- NULL arguments
SELECT dbos_payload.payload_step(NULL, 0, 1);
\echo :SQLSTATE
SELECT dbos_payload.payload_step('errors', NULL, 1);
\echo :SQLSTATE
SELECT dbos_payload.payload_step('errors', 0, NULL);
\echo :SQLSTATE
SELECT dbos_payload.payload_step('errors', 0, 1, 1, NULL);
\echo :SQLSTATE
SELECT dbos_payload.payload_step('errors', 0, 1, 1, 0, NULL);
\echo :SQLSTATE
SELECT dbos_payload.size_step(NULL, 0, 1);
\echo :SQLSTATE
SELECT dbos_payload.size_step('errors', NULL, 1);
\echo :SQLSTATE
SELECT dbos_payload.size_step('errors', 0, NULL);
\echo :SQLSTATE
SELECT dbos_payload.size_step('errors', 0, 1, 1, NULL);
\echo :SQLSTATE
SELECT dbos_payload.batch_size_step(NULL, 0, 1);
\echo :SQLSTATE
SELECT dbos_payload.batch_size_step('errors', NULL, 1);
\echo :SQLSTATE
SELECT dbos_payload.batch_size_step('errors', 0, NULL);
\echo :SQLSTATE
SELECT dbos_payload.batch_size_step('errors', 0, 1, 1, NULL);
\echo :SQLSTATE
SELECT dbos_payload.payload_steps(NULL, NULL, NULL);
\echo :SQLSTATE
SELECT dbos_payload.payload_steps('errors', NULL, '{1}');
\echo :SQLSTATE
SELECT dbos_payload.payload_steps('errors', 0, NULL);
\echo :SQLSTATE
SELECT dbos_payload.payload_steps('errors', 0, '{1}', 1, NULL);
\echo :SQLSTATE
SET dbos_payload.max_payload_bytes = 1000;
SELECT dbos_payload.record_step('errors', 0, 'a', NULL, repeat('x', 1001));
\echo :SQLSTATE
RESET dbos_payload.max_payload_bytes;
CALL dbos_payload.commit_payload_steps(NULL, 0, '{1}');
\echo :SQLSTATE
CALL dbos_payload.commit_payload_steps('errors', NULL, '{1}');
\echo :SQLSTATE
CALL dbos_payload.commit_payload_steps('errors', 0, NULL);
\echo :SQLSTATE
CALL dbos_payload.commit_payload_steps('errors', 0, '{1}', 1, NULL);
\echo :SQLSTATE
CALL dbos_payload.commit_record_steps(NULL, 0, '{a}', '{a}');
\echo :SQLSTATE
CALL dbos_payload.commit_record_steps('errors', NULL, '{a}', '{a}');
\echo :SQLSTATE
CALL dbos_payload.commit_record_steps('errors', 0, NULL, '{a}');
\echo :SQLSTATE
CALL dbos_payload.commit_record_steps('errors', 0, '{a}', NULL);
\echo :SQLSTATE
CALL dbos_payload.batch_size_workflow('errors b', NULL);
\echo :SQLSTATE
SELECT dbos_payload.send_payload(NULL);
\echo :SQLSTATE
SELECT dbos_payload.send_payload(1, 1, NULL);
\echo :SQLSTATE
SELECT dbos_payload.send_payload(1, 1, 0, NULL);
\echo :SQLSTATE

-- what is wrong is said for the first argument that is, before anything is looked up
SELECT dbos_payload.payload_step('errors unknown', -1, -1);
\echo :SQLSTATE

-- a set where there can be none
SELECT 1 WHERE dbos_payload.step_timings() IS NULL;
\echo :SQLSTATE

-- a row that somebody else wrote
INSERT INTO dbos_payload.operation_outputs VALUES ('errors', 50, 'neither', NULL, NULL, 0, 0);
SELECT dbos_payload.payload_step('errors', 50, 1, function_name => 'neither');
\echo :SQLSTATE

-- a trigger that drops rows is told, not mistaken for success
CREATE FUNCTION pg_temp.drop_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER drop_row BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION pg_temp.drop_row();
SELECT dbos_payload.payload_step('errors', 60, 1);
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('errors', 60, '{1}');
\echo :SQLSTATE
DROP TRIGGER drop_row ON dbos_payload.operation_outputs;

-- settings
SET dbos_payload.timing = 'perhaps';
\echo :SQLSTATE

DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid LIKE 'errors%';
DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'errors%';
