-- what steps and ends lock: rows, so that no number of workflows fills the lock table

CREATE FUNCTION pg_temp.locks() RETURNS TABLE (locktype text, locks bigint) LANGUAGE sql AS $$
	SELECT locktype, count(*) FROM pg_locks
	WHERE pid = pg_backend_pid() AND locktype NOT IN ('relation', 'virtualxid', 'transactionid')
	GROUP BY 1 ORDER BY 1 $$;

BEGIN;
SELECT count(dbos_payload.start_workflow('locks ' || i, 'test')) FROM generate_series(1, 100) AS i;
SELECT count(dbos_payload.record_step('locks ' || i, 0, 'a', '\x00')) FROM generate_series(1, 100) AS i;
SELECT count(dbos_payload.payload_step('locks ' || i, 1, 10)) FROM generate_series(1, 100) AS i;
SELECT count(dbos_payload.finish_workflow('locks ' || i)) FROM generate_series(1, 50) AS i;
SELECT count(dbos_payload.cancel_workflow('locks ' || i)) FROM generate_series(51, 100) AS i;
SELECT * FROM pg_temp.locks();
ROLLBACK;

-- a replay locks no row: it takes no transaction id, a new step does
SELECT dbos_payload.start_workflow('locks', 'test'), dbos_payload.record_step('locks', 0, 'a', '\x00');
CREATE FUNCTION pg_temp.has_xid() RETURNS bool LANGUAGE sql AS $$
	SELECT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'transactionid') $$;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT dbos_payload.record_step('locks', 0, 'a', '\x00');
SELECT dbos_payload.record_step('locks', 0, 'a', '\x01');
SELECT pg_temp.has_xid();
SELECT dbos_payload.record_step('locks', 1, 'a', '\x00');
SELECT pg_temp.has_xid();
COMMIT;

DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid LIKE 'locks%';
DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'locks%';
