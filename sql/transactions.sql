-- payloads that the server makes, inside transactions: savepoints, rollback, isolation levels, read only; what they lock
-- (start, record_step() and end: record_transactions.sql)

SELECT dbos_payload.start_workflow('transactions', 'test');
SELECT dbos_payload.record_step('transactions', 1, 'a', '\x01');

-- an error of the statement is not recorded as a result of the step
SELECT 1 / (octet_length(dbos_payload.payload_step('transactions', 3, 1, 42)) - 1);
SELECT dbos_payload.payload_step('transactions', 3, 2, 42);
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
SELECT dbos_payload.payload_step('transactions', 11, 3, 42);
SELECT * FROM dbos_payload.payload_steps('transactions', 12, '{1,2}');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT dbos_payload.payload_step('transactions', 21, 3, 42);
SELECT * FROM dbos_payload.payload_steps('transactions', 22, '{1,2}');
COMMIT;
SELECT function_id, output_bytes FROM dbos_payload.list_steps('transactions') WHERE function_id >= 10;

-- read only: what reads works, what would write says so, replays too
BEGIN READ ONLY;
SELECT octet_length(dbos_payload.random_payload(10));
SELECT count(*) > 0 AS timings FROM dbos_payload.step_timings();
SELECT dbos_payload.no_op(), octet_length(dbos_payload.send_payload(10)), dbos_payload.receive_payload('\x00');
SAVEPOINT s;
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

-- what is locked is rows, so that no number of workflows fills the lock table
CREATE FUNCTION pg_temp.locks() RETURNS TABLE (locktype text, locks bigint) LANGUAGE sql AS $$
	SELECT locktype, count(*) FROM pg_locks
	WHERE pid = pg_backend_pid() AND locktype NOT IN ('relation', 'virtualxid', 'transactionid')
	GROUP BY 1 ORDER BY 1 $$;
BEGIN;
SELECT count(dbos_payload.start_workflow('transactions l' || i, 'test')) FROM generate_series(1, 100) AS i;
SELECT count(dbos_payload.payload_step('transactions l' || i, 0, 10)) FROM generate_series(1, 100) AS i;
SELECT * FROM pg_temp.locks();
ROLLBACK;

DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid LIKE 'transactions%';
DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'transactions%';
