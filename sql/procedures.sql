-- the procedures that commit: what they leave behind, and where they refuse
-- (their NOTICEs tell times: test/t/020_procedures.pl reads those)

SET client_min_messages = warning;
\set SHOW_CONTEXT never

-- each step in a transaction of its own
CALL dbos_payload.size_workflow('procedures s', 4);
SELECT function_id, function_name, output_bytes, error FROM dbos_payload.list_steps('procedures s');
SELECT count(DISTINCT xmin::text) AS transactions FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'procedures s';
SELECT name, status, recovery_attempts FROM dbos_payload.workflow_status WHERE workflow_uuid = 'procedures s';

-- again: nothing is left to do
CALL dbos_payload.size_workflow('procedures s', 4);
CALL dbos_payload.size_workflow('procedures s', 7);
SELECT count(*) FROM dbos_payload.list_steps('procedures s');
SELECT status, recovery_attempts FROM dbos_payload.workflow_status WHERE workflow_uuid = 'procedures s';

-- seven by default, and a new id for none
CALL dbos_payload.size_workflow();
SELECT name, status, workflow_uuid ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' AS uuid, count(*), sum(octet_length(output))
FROM dbos_payload.workflow_status JOIN dbos_payload.operation_outputs USING (workflow_uuid)
WHERE name = 'size_workflow' AND workflow_uuid <> 'procedures s' GROUP BY workflow_uuid;
CALL dbos_payload.batch_size_workflow();
CALL dbos_payload.batch_size_workflow('procedures b', iterations => 3);
SELECT name, status, function_id, function_name, octet_length(output)
FROM dbos_payload.workflow_status JOIN dbos_payload.operation_outputs USING (workflow_uuid)
WHERE name = 'batch_size_workflow' ORDER BY 5;

-- one that was cut off goes on from its last step
SELECT dbos_payload.start_workflow('procedures r', 'size_workflow');
SELECT octet_length(dbos_payload.size_step('procedures r', n, n - 1)) FROM generate_series(1, 2) AS n;
CREATE TEMP TABLE before AS SELECT function_id, output FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'procedures r';
CALL dbos_payload.size_workflow('procedures r', 4);
SELECT count(*), count(b.function_id) AS from_before, bool_and(o.output = b.output) AS unchanged
FROM dbos_payload.operation_outputs AS o LEFT JOIN before AS b USING (function_id) WHERE workflow_uuid = 'procedures r';
SELECT status, recovery_attempts FROM dbos_payload.workflow_status WHERE workflow_uuid = 'procedures r';
DROP TABLE before;

-- one that was cancelled, or that belongs to another workflow's name, does not
SELECT dbos_payload.start_workflow('procedures c', 'size_workflow'), dbos_payload.cancel_workflow('procedures c');
CALL dbos_payload.size_workflow('procedures c', 2);
\echo :SQLSTATE
CALL dbos_payload.batch_size_workflow('procedures s', 2);
\echo :SQLSTATE

-- a step that had recorded an error fails the workflow, for good
SELECT dbos_payload.start_workflow('procedures e', 'size_workflow');
SELECT dbos_payload.record_step('procedures e', 2, 'size_step', NULL, 'no more');
CALL dbos_payload.size_workflow('procedures e', 3);
\echo :SQLSTATE
SELECT status FROM dbos_payload.workflow_status WHERE workflow_uuid = 'procedures e';
SELECT function_id, output_bytes, error FROM dbos_payload.list_steps('procedures e');

-- a size over the limit is refused before the workflow is started
CALL dbos_payload.size_workflow('procedures x', 0);
\echo :SQLSTATE
CALL dbos_payload.size_workflow('procedures x', 10);
\echo :SQLSTATE
CALL dbos_payload.size_workflow('procedures x', NULL);
\echo :SQLSTATE
CALL dbos_payload.batch_size_workflow('procedures x', 0);
\echo :SQLSTATE
SET dbos_payload.max_payload_bytes = 999;
CALL dbos_payload.size_workflow('procedures x', 4);
\echo :SQLSTATE
CALL dbos_payload.batch_size_workflow('procedures x', 4);
\echo :SQLSTATE
RESET dbos_payload.max_payload_bytes;
CALL dbos_payload.size_workflow('', 1);
\echo :SQLSTATE
CALL dbos_payload.size_workflow(repeat('x', 1025), 1);
\echo :SQLSTATE
SELECT count(*) FROM dbos_payload.workflow_status WHERE workflow_uuid = 'procedures x';

-- payload_steps and record_steps, a commit after each
SELECT dbos_payload.start_workflow('procedures p', 'test');
CALL dbos_payload.commit_payload_steps('procedures p', 0, '{1,0,1000}', 42);
CALL dbos_payload.commit_payload_steps('procedures p', 0, '{1,0,1000,7}', 42);
CALL dbos_payload.commit_payload_steps('procedures p', 10, '{}');
SELECT function_id, function_name, output_bytes,
	dbos_payload.step_output('procedures p', function_id, function_name) = dbos_payload.random_payload(output_bytes, 42 + function_id) AS as_seeded
FROM dbos_payload.list_steps('procedures p');
SELECT count(DISTINCT xmin::text) AS transactions FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'procedures p';
CALL dbos_payload.commit_record_steps('procedures p', 20, '{a,b,c}', ARRAY['\x01', '', '\x03']::bytea[]);
CALL dbos_payload.commit_record_steps('procedures p', 20, '{a,b,c}', ARRAY['\x01', '', '\x03']::bytea[]);
SELECT function_id, function_name, dbos_payload.step_output('procedures p', function_id, function_name)
FROM dbos_payload.list_steps('procedures p') WHERE function_id >= 20;
SELECT count(DISTINCT xmin::text) AS transactions FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'procedures p' AND function_id >= 20;

-- what cannot be right is refused before the first step; a conflict keeps the steps before it
CALL dbos_payload.commit_payload_steps('procedures p', 30, '{1,-1}');
\echo :SQLSTATE
CALL dbos_payload.commit_record_steps('procedures p', 30, '{a,b}', ARRAY['\x01']::bytea[]);
\echo :SQLSTATE
CALL dbos_payload.commit_record_steps('procedures p', 30, '{a,b}', ARRAY['\x01', NULL]::bytea[]);
\echo :SQLSTATE
SELECT count(*) FROM dbos_payload.list_steps('procedures p') WHERE function_id >= 30;
SELECT dbos_payload.record_step('procedures p', 41, 'b', '\xff');
CALL dbos_payload.commit_record_steps('procedures p', 40, '{a,b,c}', ARRAY['\x01', '\x02', '\x03']::bytea[]);
\echo :SQLSTATE
CALL dbos_payload.commit_payload_steps('procedures p', 40, '{1}');
\echo :SQLSTATE
SELECT function_id, function_name, output_bytes FROM dbos_payload.list_steps('procedures p') WHERE function_id >= 40;
CALL dbos_payload.commit_payload_steps('procedures unknown', 0, '{1}');
\echo :SQLSTATE

-- inside a transaction block they say what to do, and nothing has happened
BEGIN;
CALL dbos_payload.size_workflow('procedures t');
\echo :SQLSTATE
ROLLBACK;
BEGIN;
CALL dbos_payload.batch_size_workflow('procedures t');
\echo :SQLSTATE
ROLLBACK;
BEGIN;
CALL dbos_payload.commit_payload_steps('procedures p', 50, '{1}');
\echo :SQLSTATE
ROLLBACK;
BEGIN;
CALL dbos_payload.commit_record_steps('procedures p', 50, '{a}', ARRAY['\x01']::bytea[]);
\echo :SQLSTATE
ROLLBACK;
BEGIN;
CALL dbos_payload.purge('1 year');
\echo :SQLSTATE
ROLLBACK;
DO $$ BEGIN
	BEGIN
		CALL dbos_payload.commit_payload_steps('procedures p', 50, '{1}');
	EXCEPTION WHEN invalid_transaction_termination THEN
		RAISE WARNING 'refused in an exception block: %', SQLERRM;
	END;
END $$;
CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CALL dbos_payload.commit_payload_steps('procedures p', 50, '{1}'); END $$;
SELECT pg_temp.f();
\echo :SQLSTATE
CREATE PROCEDURE pg_temp.with_set() LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN CALL dbos_payload.commit_payload_steps('procedures p', 50, '{1}'); END $$;
CALL pg_temp.with_set();
\echo :SQLSTATE
SELECT count(*) FROM dbos_payload.list_steps('procedures p') WHERE function_id = 50;
SELECT count(*) FROM dbos_payload.workflow_status WHERE workflow_uuid = 'procedures t';

-- but a procedure or DO block that may commit may call them
DO $$ BEGIN CALL dbos_payload.commit_payload_steps('procedures p', 60, '{1,2}'); END $$;
SELECT count(*) FROM dbos_payload.list_steps('procedures p') WHERE function_id >= 60;
DO $$ DECLARE done bool; BEGIN
	CALL dbos_payload.size_workflow('procedures d', 3, done);
	RAISE WARNING 'completed: %', done;
END $$;

-- each step has a snapshot of its own, whatever the isolation level
SET default_transaction_isolation = 'serializable';
CALL dbos_payload.size_workflow('procedures i', 3);
CALL dbos_payload.size_workflow('procedures i', 3);
CALL dbos_payload.commit_payload_steps('procedures p', 70, '{1,2,3}');
CALL dbos_payload.commit_payload_steps('procedures p', 70, '{1,2,3,4}');
CALL dbos_payload.commit_record_steps('procedures p', 80, '{a,b}', ARRAY['\x01', '\x02']::bytea[]);
RESET default_transaction_isolation;
SELECT function_id, output_bytes FROM dbos_payload.list_steps('procedures p') WHERE function_id >= 70;

-- a trigger of the table's may record steps of its own
CREATE FUNCTION pg_temp.record_another() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF NEW.function_id BETWEEN 90 AND 92 THEN
		PERFORM dbos_payload.record_step(NEW.workflow_uuid, NEW.function_id + 1, 'nested', NEW.output);
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER record_another AFTER INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION pg_temp.record_another();
CALL dbos_payload.commit_payload_steps('procedures p', 90, '{4}', 42);
DROP TRIGGER record_another ON dbos_payload.operation_outputs;
SELECT function_id, function_name, dbos_payload.step_output('procedures p', function_id, function_name) FROM dbos_payload.list_steps('procedures p') WHERE function_id >= 90;
SELECT operation, function_id, commit_ms IS NOT NULL AS commit FROM dbos_payload.step_timings('procedures p') WHERE function_id >= 90 ORDER BY step_number;

DELETE FROM dbos_payload.operation_outputs;
DELETE FROM dbos_payload.workflow_status;
