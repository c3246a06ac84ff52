-- steps inside transactions: savepoints, rollback, isolation levels, read only

SELECT dbos_payload.start_workflow('transactions', 'test');

-- a step is its transaction's: rolled back with it
BEGIN;
SELECT dbos_payload.record_step('transactions', 0, 'a', '\x00');
SELECT dbos_payload.record_step('transactions', 0, 'a', '\x00');
SELECT dbos_payload.step_output('transactions', 0, 'a');
ROLLBACK;
SELECT dbos_payload.step_output('transactions', 0, 'a') IS NULL AS gone;

-- savepoints
BEGIN;
SELECT dbos_payload.record_step('transactions', 1, 'a', '\x01');
SAVEPOINT s;
SELECT dbos_payload.record_step('transactions', 2, 'a', '\x02');
SELECT dbos_payload.record_step('transactions', 1, 'b', '\x01');
ROLLBACK TO s;
SELECT dbos_payload.record_step('transactions', 2, 'a', '\x03');
RELEASE s;
COMMIT;
SELECT function_id, dbos_payload.step_output('transactions', function_id, function_name) FROM dbos_payload.list_steps('transactions');

-- an error of the statement is not recorded as a result of the step
SELECT dbos_payload.record_step('transactions', 3, 'a', '\x00') || 1 / 0;
SELECT dbos_payload.record_step('transactions', 3, 'a', '\x04');
DO $$ BEGIN
	PERFORM dbos_payload.payload_step('transactions', 4, 3, 1);
	RAISE division_by_zero;
EXCEPTION WHEN division_by_zero THEN
	PERFORM dbos_payload.payload_step('transactions', 4, 4, 1);
END $$;
SELECT function_id, output_bytes, error FROM dbos_payload.list_steps('transactions') WHERE function_id > 2;

-- whole workflows in one transaction, also with its end undone
BEGIN;
SELECT dbos_payload.start_workflow('transactions one', 'test');
SELECT dbos_payload.payload_step('transactions one', 0, 3, 42);
SAVEPOINT s;
SELECT dbos_payload.finish_workflow('transactions one');
SELECT dbos_payload.payload_step('transactions one', 1, 3, 42);
ROLLBACK TO s;
SELECT dbos_payload.payload_step('transactions one', 1, 3, 42);
SELECT dbos_payload.finish_workflow('transactions one', 'ERROR');
COMMIT;
SELECT status, (SELECT count(*) FROM dbos_payload.list_steps(workflow_uuid)) AS steps
FROM dbos_payload.workflow_status WHERE workflow_uuid = 'transactions one';

-- the other isolation levels
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT dbos_payload.record_step('transactions', 10, 'a', '\x00');
SELECT dbos_payload.record_step('transactions', 10, 'a', '\x00');
SELECT dbos_payload.record_step('transactions', 10, 'a', '\x01');
SELECT dbos_payload.payload_step('transactions', 11, 3, 42);
SELECT * FROM dbos_payload.payload_steps('transactions', 12, '{1,2}');
SELECT dbos_payload.start_workflow('transactions rr', 'test'), dbos_payload.finish_workflow('transactions rr');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT dbos_payload.record_step('transactions', 20, 'a', '\x00');
SELECT dbos_payload.record_step('transactions', 20, 'a', '\x00');
SELECT dbos_payload.record_step('transactions', 20, 'a', '\x01');
SELECT dbos_payload.payload_step('transactions', 21, 3, 42);
SELECT * FROM dbos_payload.payload_steps('transactions', 22, '{1,2}');
SELECT dbos_payload.start_workflow('transactions sr', 'test'), dbos_payload.cancel_workflow('transactions sr');
COMMIT;
SELECT function_id, output_bytes FROM dbos_payload.list_steps('transactions') WHERE function_id >= 10;
SELECT workflow_uuid, status FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'transactions _r' ORDER BY workflow_uuid COLLATE "C";

-- read only: what reads works, what would write says so, replays too
BEGIN READ ONLY;
SELECT octet_length(dbos_payload.random_payload(10)), dbos_payload.step_output('transactions', 1, 'a'),
	(SELECT count(*) FROM dbos_payload.list_steps('transactions')) AS steps;
SELECT count(*) > 0 AS timings FROM dbos_payload.step_timings();
SELECT dbos_payload.no_op(), octet_length(dbos_payload.send_payload(10)), dbos_payload.receive_payload('\x00');
SAVEPOINT s;
SELECT dbos_payload.record_step('transactions', 1, 'a', '\x01');
\echo :SQLSTATE
ROLLBACK TO s;
SELECT dbos_payload.payload_step('transactions', 1, 1, function_name => 'a');
\echo :SQLSTATE
ROLLBACK TO s;
SELECT dbos_payload.size_step('transactions', 30, 1);
\echo :SQLSTATE
ROLLBACK TO s;
SELECT dbos_payload.batch_size_step('transactions', 30, 1);
\echo :SQLSTATE
ROLLBACK TO s;
SELECT dbos_payload.payload_steps('transactions', 30, '{1}');
\echo :SQLSTATE
ROLLBACK TO s;
SELECT dbos_payload.record_steps('transactions', 30, '{a}', '{a}');
\echo :SQLSTATE
ROLLBACK TO s;
SELECT dbos_payload.start_workflow('transactions', 'test');
\echo :SQLSTATE
ROLLBACK TO s;
SELECT dbos_payload.finish_workflow('transactions');
\echo :SQLSTATE
ROLLBACK TO s;
SELECT dbos_payload.cancel_workflow('transactions');
\echo :SQLSTATE
ROLLBACK TO s;
SELECT dbos_payload.send_payload(10, durable => true);
\echo :SQLSTATE
ROLLBACK TO s;
SELECT dbos_payload.receive_payload('\x00', durable => true);
\echo :SQLSTATE
ROLLBACK;
SET default_transaction_read_only = on;
CALL dbos_payload.size_workflow('transactions p');
\echo :SQLSTATE
CALL dbos_payload.batch_size_workflow('transactions p');
\echo :SQLSTATE
CALL dbos_payload.commit_payload_steps('transactions', 30, '{1}');
\echo :SQLSTATE
CALL dbos_payload.commit_record_steps('transactions', 30, '{a}', '{a}');
\echo :SQLSTATE
CALL dbos_payload.purge('0');
\echo :SQLSTATE
RESET default_transaction_read_only;
SELECT count(*) FROM dbos_payload.list_steps('transactions') WHERE function_id >= 30;

-- from a function and a cursor
CREATE FUNCTION pg_temp.f(i int) RETURNS bytea LANGUAGE plpgsql AS $$ BEGIN RETURN dbos_payload.payload_step('transactions', i, 4, 42); END $$;
SELECT pg_temp.f(40), pg_temp.f(40);
BEGIN;
DECLARE c CURSOR WITH HOLD FOR SELECT i, octet_length(dbos_payload.payload_step('transactions', i, i)) FROM generate_series(41, 44) AS i;
FETCH 2 FROM c;
COMMIT;
FETCH ALL FROM c;
CLOSE c;
SELECT function_id, output_bytes FROM dbos_payload.list_steps('transactions') WHERE function_id >= 40;

DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid LIKE 'transactions%';
DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'transactions%';
