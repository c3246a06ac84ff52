-- record_step() and its like inside transactions: savepoints, rollback, isolation levels, read only; what they lock
-- (also run on what init --portable makes, which has CONTEXT lines of its own)
\set SHOW_CONTEXT never

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
SELECT 1 / (length(dbos_payload.record_step('transactions', 3, 'a', '\x00')) - length('recorded'));
SELECT dbos_payload.record_step('transactions', 3, 'a', '\x04');
DO $$ BEGIN
	PERFORM dbos_payload.record_step('transactions', 4, 'a', '\x01');
	RAISE division_by_zero;
EXCEPTION WHEN division_by_zero THEN
	PERFORM dbos_payload.record_step('transactions', 4, 'a', '\x0102');
END $$;
SELECT function_id, output_bytes, error FROM dbos_payload.list_steps('transactions') WHERE function_id > 2;

-- whole workflows in one transaction, also with its end undone
BEGIN;
SELECT dbos_payload.start_workflow('transactions one', 'test');
SELECT dbos_payload.record_step('transactions one', 0, 'a', '\x01');
SAVEPOINT s;
SELECT dbos_payload.finish_workflow('transactions one');
SELECT dbos_payload.record_step('transactions one', 1, 'a', '\x02');
ROLLBACK TO s;
SELECT dbos_payload.record_step('transactions one', 1, 'a', '\x02');
SELECT dbos_payload.finish_workflow('transactions one', 'ERROR');
COMMIT;
SELECT status, (SELECT count(*) FROM dbos_payload.list_steps(workflow_uuid)) AS steps
FROM dbos_payload.workflow_status WHERE workflow_uuid = 'transactions one';

-- the other isolation levels
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT dbos_payload.record_step('transactions', 10, 'a', '\x00');
SELECT dbos_payload.record_step('transactions', 10, 'a', '\x00');
SELECT dbos_payload.record_step('transactions', 10, 'a', '\x01');
SELECT * FROM dbos_payload.record_steps('transactions', 12, '{a,b}', ARRAY['\x01', '\x02']::bytea[]);
SELECT dbos_payload.start_workflow('transactions rr', 'test'), dbos_payload.finish_workflow('transactions rr');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT dbos_payload.record_step('transactions', 20, 'a', '\x00');
SELECT dbos_payload.record_step('transactions', 20, 'a', '\x00');
SELECT dbos_payload.record_step('transactions', 20, 'a', '\x01');
SELECT dbos_payload.start_workflow('transactions sr', 'test'), dbos_payload.cancel_workflow('transactions sr');
COMMIT;
SELECT function_id, output_bytes FROM dbos_payload.list_steps('transactions') WHERE function_id >= 10;
SELECT workflow_uuid, status FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'transactions _r' ORDER BY workflow_uuid COLLATE "C";

-- read only: what reads works, what would write says so, replays too
BEGIN READ ONLY;
SELECT dbos_payload.step_output('transactions', 1, 'a'),
	(SELECT count(*) FROM dbos_payload.list_steps('transactions')) AS steps;
SAVEPOINT s;
SELECT dbos_payload.record_step('transactions', 1, 'a', '\x01');
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
ROLLBACK;
SET default_transaction_read_only = on;
CALL dbos_payload.purge('0');
\echo :SQLSTATE
RESET default_transaction_read_only;
SELECT count(*) FROM dbos_payload.list_steps('transactions') WHERE function_id >= 30;

-- purge in a transaction block
BEGIN;
\set VERBOSITY sqlstate
CALL dbos_payload.purge('0');
\set VERBOSITY default
ROLLBACK;

-- from a function and a cursor
CREATE FUNCTION pg_temp.f(i int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN dbos_payload.record_step('transactions', i, 'a', '\x01'); END $$;
SELECT pg_temp.f(40), pg_temp.f(40);
BEGIN;
DECLARE c CURSOR WITH HOLD FOR SELECT i, dbos_payload.record_step('transactions', i, 'a', '\x01') FROM generate_series(41, 44) AS i;
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
SELECT count(dbos_payload.record_step('transactions l' || i, 0, 'a', '\x00')) FROM generate_series(1, 100) AS i;
SELECT count(dbos_payload.finish_workflow('transactions l' || i)) FROM generate_series(1, 50) AS i;
SELECT count(dbos_payload.cancel_workflow('transactions l' || i)) FROM generate_series(51, 100) AS i;
SELECT * FROM pg_temp.locks();
ROLLBACK;

-- a replay locks no row: it takes no transaction id, a new step does
CREATE FUNCTION pg_temp.has_xid() RETURNS bool LANGUAGE sql AS $$
	SELECT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'transactionid') $$;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT dbos_payload.record_step('transactions', 10, 'a', '\x00');
SELECT dbos_payload.record_step('transactions', 10, 'a', '\x01');
SELECT pg_temp.has_xid();
SELECT dbos_payload.record_step('transactions', 50, 'a', '\x00');
SELECT pg_temp.has_xid();
COMMIT;

DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid LIKE 'transactions%';
DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'transactions%';
