-- start_workflow(), finish_workflow(), cancel_workflow(): the states of a workflow
-- (also run on what init --portable makes, which has CONTEXT lines of its own)
\set SHOW_CONTEXT never

CREATE FUNCTION pg_temp.show(id text, OUT name text, OUT status text, OUT recovery_attempts bigint, OUT completed boolean, OUT times_in_order boolean)
LANGUAGE sql AS $$
	SELECT name, status, recovery_attempts, completed_at IS NOT NULL,
		created_at <= updated_at AND (completed_at IS NULL OR completed_at BETWEEN created_at AND updated_at)
		AND abs(created_at - extract(epoch FROM clock_timestamp()) * 1000) < 3600000
	FROM dbos_payload.workflow_status WHERE workflow_uuid = id
$$;

-- started once, then again: a recovery attempt
SELECT dbos_payload.start_workflow('workflows s', 'first');
SELECT * FROM pg_temp.show('workflows s');
SELECT dbos_payload.start_workflow('workflows s', 'first');
SELECT dbos_payload.start_workflow('workflows s', 'first');
SELECT * FROM pg_temp.show('workflows s');

-- finished; finished again; then neither another state nor another start
SELECT dbos_payload.finish_workflow('workflows s');
SELECT * FROM pg_temp.show('workflows s');
SELECT dbos_payload.finish_workflow('workflows s', 'SUCCESS');
SELECT dbos_payload.finish_workflow('workflows s', 'ERROR');
\echo :SQLSTATE
SELECT dbos_payload.cancel_workflow('workflows s');
SELECT dbos_payload.start_workflow('workflows s', 'first');
SELECT * FROM pg_temp.show('workflows s');

-- ended with an error
SELECT dbos_payload.start_workflow('workflows e', 'second');
SELECT dbos_payload.finish_workflow('workflows e', 'ERROR');
SELECT dbos_payload.finish_workflow('workflows e', status => 'ERROR');
SELECT dbos_payload.finish_workflow('workflows e');
\echo :SQLSTATE
SELECT dbos_payload.cancel_workflow('workflows e');
SELECT dbos_payload.start_workflow('workflows e', 'second');
SELECT * FROM pg_temp.show('workflows e');

-- cancelled
SELECT dbos_payload.start_workflow('workflows c', 'third');
SELECT dbos_payload.cancel_workflow('workflows c');
SELECT dbos_payload.cancel_workflow('workflows c');
SELECT dbos_payload.finish_workflow('workflows c');
\echo :SQLSTATE
SELECT dbos_payload.start_workflow('workflows c', 'third');
SELECT * FROM pg_temp.show('workflows c');

-- states that nobody may ask for
SELECT dbos_payload.start_workflow('workflows x', 'fourth');
SELECT dbos_payload.finish_workflow('workflows x', 'PENDING');
\echo :SQLSTATE
SELECT dbos_payload.finish_workflow('workflows x', 'CANCELLED');
\echo :SQLSTATE
SELECT dbos_payload.finish_workflow('workflows x', 'success');
\echo :SQLSTATE
SELECT dbos_payload.finish_workflow('workflows x', '');
\echo :SQLSTATE
SELECT * FROM pg_temp.show('workflows x');

-- another name for a known id
SELECT dbos_payload.start_workflow('workflows x', 'fifth');
\echo :SQLSTATE
SELECT dbos_payload.start_workflow('workflows s', 'fifth');
\echo :SQLSTATE
SELECT * FROM pg_temp.show('workflows x');

-- an unknown id
SELECT dbos_payload.finish_workflow('workflows unknown');
\echo :SQLSTATE
SELECT dbos_payload.cancel_workflow('workflows unknown');
\echo :SQLSTATE

-- a step needs a pending workflow
SELECT dbos_payload.record_step('workflows unknown', 0, 'a', '\x00');
\echo :SQLSTATE
SELECT dbos_payload.record_step('workflows s', 0, 'a', '\x00');
\echo :SQLSTATE
SELECT dbos_payload.record_step('workflows e', 0, 'a', '\x00');
\echo :SQLSTATE
SELECT dbos_payload.record_step('workflows c', 0, 'a', '\x00');
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('workflows c', 0, '{a}', ARRAY['\x00'::bytea]);
\echo :SQLSTATE
SELECT count(*) FROM dbos_payload.operation_outputs WHERE workflow_uuid LIKE 'workflows%';

-- the workflow's row alone was deleted (an interrupted clean-up): a new run
-- under the same id does not see the old steps
SELECT dbos_payload.start_workflow('workflows o', 'sixth');
SELECT dbos_payload.record_step('workflows o', 0, 'a', '\x01'), dbos_payload.record_step('workflows o', 1, 'a', '\x01');
DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid = 'workflows o';
SELECT dbos_payload.start_workflow('workflows o', 'sixth');
SELECT count(*) FROM dbos_payload.list_steps('workflows o');
SELECT dbos_payload.record_step('workflows o', 0, 'a', '\x02');
SELECT dbos_payload.start_workflow('workflows o', 'sixth');
SELECT dbos_payload.step_output('workflows o', 0, 'a');

-- ids differ by each byte, also by trailing spaces and case
SELECT dbos_payload.start_workflow('workflows ', 'seventh'), dbos_payload.start_workflow('workflows', 'eighth'),
	dbos_payload.start_workflow('WORKFLOWS', 'ninth');
SELECT count(*) FROM dbos_payload.workflow_status WHERE workflow_uuid IN ('workflows ', 'workflows', 'WORKFLOWS');

DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid ILIKE 'workflows%';
DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid ILIKE 'workflows%';
