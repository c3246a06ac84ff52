-- record_steps(): many checkpoints, all of them or none
-- (also run on what init --portable makes, which has CONTEXT lines of its own)
\set SHOW_CONTEXT never

SELECT dbos_payload.start_workflow('record_steps', 'test');

-- recorded; the same again; one that is longer; and none at all
SELECT * FROM dbos_payload.record_steps('record_steps', 100, '{a,b,c}', ARRAY['\x01', '', '\x000102']::bytea[]);
SELECT * FROM dbos_payload.record_steps('record_steps', 100, '{a,b,c}', ARRAY['\x01', '', '\x000102']::bytea[]);
SELECT * FROM dbos_payload.record_steps('record_steps', 102, '{c,d}', ARRAY['\x000102', '\x04']::bytea[]);
SELECT * FROM dbos_payload.record_steps('record_steps', 110, '{}', '{}');
SELECT function_id, function_name, dbos_payload.step_output('record_steps', function_id, function_name)
FROM dbos_payload.list_steps('record_steps') WHERE function_id BETWEEN 100 AND 119;

-- other bytes are an error that tells where; nothing of the call stays
SELECT * FROM dbos_payload.record_steps('record_steps', 99, '{z,a,b}', ARRAY['\x00', '\x01', '\xff']::bytea[]);
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('record_steps', 120, '{a,b}', ARRAY['\x01', NULL]::bytea[]);
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('record_steps', 120, '{a,NULL}', ARRAY['\x01', '\x02']::bytea[]);
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('record_steps', 120, '{a}', ARRAY['\x01', '\x02']::bytea[]);
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('record_steps', 120, '{a,""}', ARRAY['\x01', '\x02']::bytea[]);
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('record_steps', 120, array_fill('a'::text, ARRAY[10001]), array_fill('\x01'::bytea, ARRAY[10001]));
\echo :SQLSTATE
SELECT count(*) FROM dbos_payload.list_steps('record_steps') WHERE function_id = 99 OR function_id >= 120 AND function_id < 2147483647;

-- more dimensions; step numbers that do not exist; other bounds are only other bounds
SELECT * FROM dbos_payload.record_steps('record_steps', 120, '{{a,b},{c,d}}', ARRAY[ARRAY['\x01', '\x02'], ARRAY['\x03', '\x04']]::bytea[]);
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('record_steps', 120, '{a}', ARRAY[ARRAY['\x01']]::bytea[]);
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('record_steps', 2147483647, '{a,b}', ARRAY['\x01', '\x02']::bytea[]);
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('record_steps', 2147483647, '{a}', ARRAY['\x01']::bytea[]);
SELECT * FROM dbos_payload.record_steps('record_steps', 130, '[7:8]={a,b}', '[0:1]={"\\x01","\\x02"}');
SELECT * FROM dbos_payload.record_steps('record_steps', 140, '[7:8]={a,NULL}', '[0:1]={"\\x01","\\x02"}');
\echo :SQLSTATE

-- a step that is there under another name fails them all
SELECT dbos_payload.record_step('record_steps', 152, 'other', '\x01');
SELECT * FROM dbos_payload.record_steps('record_steps', 150, '{a,b,c}', '{"\\x01","\\x02","\\x03"}');
\echo :SQLSTATE
SELECT function_id, function_name FROM dbos_payload.list_steps('record_steps') WHERE function_id BETWEEN 150 AND 159;

-- as many as are allowed
SELECT count(*), count(DISTINCT function_id), min(outcome), max(outcome)
FROM dbos_payload.record_steps('record_steps', 1000, array_fill('a'::text, ARRAY[10000]), array_fill('\x01'::bytea, ARRAY[10000]));
SELECT count(*), sum(output_bytes) FROM dbos_payload.list_steps('record_steps') WHERE function_id BETWEEN 1000 AND 10999;

-- in a select list, with a LIMIT; a failure of the statement that holds the call takes all of them with it
SELECT (dbos_payload.record_steps('record_steps', 160, '{a,b}', ARRAY['\x01', '\x02']::bytea[])).outcome;
SELECT * FROM dbos_payload.record_steps('record_steps', 170, '{a,b,c}', ARRAY['\x01', '\x02', '\x03']::bytea[]) LIMIT 1;
SELECT count(*) FROM dbos_payload.list_steps('record_steps') WHERE function_id BETWEEN 170 AND 172;
SELECT 1 / (function_id - 201) FROM dbos_payload.record_steps('record_steps', 200, '{a,b}', ARRAY['\x01', '\x02']::bytea[]);
SELECT count(*) FROM dbos_payload.list_steps('record_steps') WHERE function_id BETWEEN 200 AND 299;

DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'record_steps';
DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid = 'record_steps';
