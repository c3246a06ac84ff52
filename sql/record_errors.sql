-- every error that an argument or a state can raise in the functions for payloads that a client makes
-- (also run on what init --portable makes, which has CONTEXT lines of its own)
\set SHOW_CONTEXT never

SELECT dbos_payload.start_workflow('errors', 'test');

-- NULL arguments
SELECT dbos_payload.start_workflow(NULL, 'test');
\echo :SQLSTATE
SELECT dbos_payload.start_workflow('errors', NULL);
\echo :SQLSTATE
SELECT dbos_payload.finish_workflow(NULL);
\echo :SQLSTATE
SELECT dbos_payload.finish_workflow('errors', NULL);
\echo :SQLSTATE
SELECT dbos_payload.cancel_workflow(NULL);
\echo :SQLSTATE
SELECT dbos_payload.record_step(NULL, 0, 'a', '\x00');
\echo :SQLSTATE
SELECT dbos_payload.record_step('errors', NULL, 'a', '\x00');
\echo :SQLSTATE
SELECT dbos_payload.record_step('errors', 0, NULL, '\x00');
\echo :SQLSTATE
SELECT dbos_payload.record_step('errors', 0, 'a', NULL);
\echo :SQLSTATE
SELECT dbos_payload.record_step('errors', 0, 'a', '\x00', 'both');
\echo :SQLSTATE
SELECT dbos_payload.record_steps(NULL, 0, '{a}', '{a}');
\echo :SQLSTATE
SELECT dbos_payload.record_steps('errors', NULL, '{a}', '{a}');
\echo :SQLSTATE
SELECT dbos_payload.record_steps('errors', 0, NULL, '{a}');
\echo :SQLSTATE
SELECT dbos_payload.record_steps('errors', 0, '{a}', NULL);
\echo :SQLSTATE
SELECT dbos_payload.step_output(NULL, 0, 'a');
\echo :SQLSTATE
SELECT dbos_payload.step_output('errors', NULL, 'a');
\echo :SQLSTATE
SELECT dbos_payload.step_output('errors', 0, NULL);
\echo :SQLSTATE
CALL dbos_payload.purge(NULL);
\echo :SQLSTATE
CALL dbos_payload.purge('1 day', NULL);
\echo :SQLSTATE

-- what is wrong is said for the first argument that is, before anything is looked up
SELECT dbos_payload.record_step('errors unknown', -1, '', NULL);
\echo :SQLSTATE

-- step numbers
SELECT dbos_payload.record_step('errors', -1, 'a', '\x00');
\echo :SQLSTATE
SELECT dbos_payload.step_output('errors', -1, 'a');
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('errors', -1, '{a}', ARRAY['\x00']::bytea[]);
\echo :SQLSTATE

-- ids and names: 1 to 1,024 bytes, whether they would compress or not
SELECT dbos_payload.start_workflow('', 'test');
\echo :SQLSTATE
SELECT dbos_payload.start_workflow('record_errors empty name', '');
\echo :SQLSTATE
SELECT dbos_payload.start_workflow(repeat('x', 1024), repeat('y', 1024));
SELECT dbos_payload.record_step(repeat('x', 1024), 0, repeat('z', 1024), '\x00');
SELECT dbos_payload.step_output(repeat('x', 1024), 0, repeat('z', 1024));
SELECT dbos_payload.start_workflow(repeat('x', 1025), 'test');
\echo :SQLSTATE
SELECT dbos_payload.start_workflow(repeat('x', 9000), 'test');
\echo :SQLSTATE
CREATE TEMP TABLE random AS SELECT n, substring(string_agg(md5((n + i)::text), '' ORDER BY i) FOR n) AS id
FROM unnest('{1024,1025,2700}'::int[]) AS n, generate_series(1, 100) AS i GROUP BY n;
SELECT dbos_payload.start_workflow(id, 'record_errors random') FROM random WHERE n = 1024;
SELECT dbos_payload.start_workflow(id, 'record_errors random') FROM random WHERE n = 1025;
SELECT dbos_payload.start_workflow(id, 'record_errors random') FROM random WHERE n = 2700;
\echo :SQLSTATE
SELECT dbos_payload.start_workflow('record_errors long name', repeat('x', 1025));
\echo :SQLSTATE
SELECT dbos_payload.record_step('errors', 100, repeat('x', 1025), '\x00');
\echo :SQLSTATE
SELECT dbos_payload.record_step('errors', 100, '', '\x00');
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('errors', 100, ARRAY['a', repeat('x', 1025)], ARRAY['\x00', '\x00']::bytea[]);
\echo :SQLSTATE
SELECT dbos_payload.record_step(repeat('x', 1025), 0, 'a', '\x00');
\echo :SQLSTATE
SELECT dbos_payload.step_output(repeat('x', 1025), 0, 'a');
\echo :SQLSTATE
SELECT dbos_payload.finish_workflow(repeat('x', 1025));
\echo :SQLSTATE
SELECT dbos_payload.cancel_workflow(repeat('x', 1025));
\echo :SQLSTATE
SELECT count(*) FROM dbos_payload.list_steps(repeat('x', 1025));

-- a row that somebody else wrote
INSERT INTO dbos_payload.operation_outputs VALUES ('errors', 50, 'neither', NULL, NULL, 0, 0);
SELECT dbos_payload.step_output('errors', 50, 'neither');
\echo :SQLSTATE
SELECT dbos_payload.record_step('errors', 50, 'neither', '\x00');
SELECT function_id, function_name, output_bytes, stored_bytes, error FROM dbos_payload.list_steps('errors');

-- a trigger that drops rows is told, not mistaken for success
CREATE FUNCTION pg_temp.drop_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER drop_row BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION pg_temp.drop_row();
SELECT dbos_payload.record_step('errors', 60, 'a', '\x00');
\echo :SQLSTATE
DROP TRIGGER drop_row ON dbos_payload.operation_outputs;
CREATE TRIGGER drop_row BEFORE INSERT OR UPDATE OR DELETE ON dbos_payload.workflow_status FOR EACH ROW EXECUTE FUNCTION pg_temp.drop_row();
SELECT dbos_payload.start_workflow('errors dropped', 'test');
\echo :SQLSTATE
SELECT dbos_payload.start_workflow('errors', 'test');
\echo :SQLSTATE
SELECT dbos_payload.finish_workflow('errors');
\echo :SQLSTATE
SELECT dbos_payload.cancel_workflow('errors');
\echo :SQLSTATE
DROP TRIGGER drop_row ON dbos_payload.workflow_status;

-- the table's own rules
INSERT INTO dbos_payload.workflow_status VALUES ('errors w', 'test', 'RUNNING', 0, 0);
\echo :SQLSTATE

DELETE FROM dbos_payload.operation_outputs;
DELETE FROM dbos_payload.workflow_status;
