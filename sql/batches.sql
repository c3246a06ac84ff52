-- payload_steps(): many checkpoints, all of them or none

SELECT dbos_payload.start_workflow('batches', 'test');

-- one step per size, step i made with seed + i
SELECT * FROM dbos_payload.payload_steps('batches', 0, '{1,10,0,1000}', 42);
SELECT function_id, function_name, output_bytes,
	dbos_payload.step_output('batches', function_id, function_name) = dbos_payload.random_payload(output_bytes, 42 + function_id) AS as_seeded
FROM dbos_payload.list_steps('batches');
SELECT * FROM dbos_payload.payload_steps('batches', 10, '{1000,100}', 42, 100);
SELECT function_id, octet_length(dbos_payload.step_output('batches', function_id, 'payload_step')) AS bytes,
	dbos_payload.step_output('batches', function_id, 'payload_step') = decode(repeat('00', output_bytes::int), 'hex') AS zeros
FROM dbos_payload.list_steps('batches') WHERE function_id >= 10;

-- the same again; one that is longer; and none at all
SELECT * FROM dbos_payload.payload_steps('batches', 0, '{1,10,0,1000}', 42);
SELECT * FROM dbos_payload.payload_steps('batches', 0, '{1,10,0,1000,5}');
SELECT * FROM dbos_payload.payload_steps('batches', 20, '{}');
SELECT * FROM dbos_payload.payload_steps('batches', 2147483647, '{3}');

-- other bounds of the array are only other bounds
SELECT * FROM dbos_payload.payload_steps('batches', 30, '[7:8]={1,2}');

-- in a select list, with a LIMIT, joined
SELECT (dbos_payload.payload_steps('batches', 40, '{1,2}')).outcome;
SELECT * FROM dbos_payload.payload_steps('batches', 50, '{1,2,3}') LIMIT 1;
SELECT count(*) FROM dbos_payload.list_steps('batches') WHERE function_id BETWEEN 50 AND 52;
SELECT sizes, outcome FROM (VALUES ('{1}'::bigint[]), ('{2}')) AS v(sizes), dbos_payload.payload_steps('batches', 60, sizes);

-- one bad element: nothing is recorded, and the error tells which
SELECT * FROM dbos_payload.payload_steps('batches', 70, '{1,10,-5}');
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('batches', 70, '{1,NULL,5}');
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('batches', 70, '{1,10,268435457,-1}');
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('batches', 70, '{9223372036854775807,9223372036854775807}');
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('batches', 70, '{200000000,1,200000000}');
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('batches', 70, '{{1,2},{3,4}}');
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('batches', 2147483647, '{1,2}');
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('batches', 70, array_fill(1::bigint, ARRAY[10001]));
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('batches', 70, array_fill(1::bigint, ARRAY[1000000]));
\echo :SQLSTATE
SELECT count(*) FROM dbos_payload.list_steps('batches') WHERE function_id BETWEEN 70 AND 79;

-- a step that is there under another name fails them all
SELECT dbos_payload.record_step('batches', 82, 'other', '\x01');
SELECT * FROM dbos_payload.payload_steps('batches', 80, '{1,1,1}');
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('batches', 80, '{a,b,c}', '{"\\x01","\\x02","\\x03"}');
\echo :SQLSTATE
SELECT function_id, function_name FROM dbos_payload.list_steps('batches') WHERE function_id BETWEEN 80 AND 89;

-- as many as are allowed
SELECT count(*), count(DISTINCT function_id), min(outcome), max(outcome)
FROM dbos_payload.payload_steps('batches', 1000, array_fill(1::bigint, ARRAY[10000]));
SELECT count(*), sum(output_bytes) FROM dbos_payload.list_steps('batches') WHERE function_id BETWEEN 1000 AND 10999;

-- a failure of the statement that holds the call takes all of them with it
SELECT 1 / (function_id - 201) FROM dbos_payload.payload_steps('batches', 200, '{1,2,3}');
SELECT count(*) FROM dbos_payload.list_steps('batches') WHERE function_id BETWEEN 200 AND 299;

DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid LIKE 'batches%';
DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'batches%';
