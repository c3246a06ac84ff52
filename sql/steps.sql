-- payload_step(), size_step(), batch_size_step(), step_output(), list_steps():
-- the first call records, the others replay

SELECT dbos_payload.start_workflow('steps', 'test');

-- recorded and returned
SELECT dbos_payload.payload_step('steps', 0, 4, seed => 42);
SELECT dbos_payload.payload_step('steps', 1, 0);
SELECT octet_length(dbos_payload.payload_step('steps', 2, 100000));
SELECT dbos_payload.payload_step('steps', 3, 4, 42, 100);
SELECT dbos_payload.payload_step('steps', 4, 4, 42, 0, 'a name');
SELECT dbos_payload.payload_step('steps', 2147483647, 1, 1);

-- 10^n bytes, and the same ones as payload_step makes
SELECT n, octet_length(dbos_payload.size_step('steps', 10 + n, n)) AS bytes FROM generate_series(0, 6) AS n;
SELECT dbos_payload.size_step('steps', 20, 1, 42);
SELECT dbos_payload.random_payload(10, 42);
SELECT octet_length(dbos_payload.size_step('steps', 21, 3, NULL, 100));

-- 10^0 to 10^(iterations-1) bytes in a row, part i made with seed + i
SELECT n, octet_length(dbos_payload.batch_size_step('steps', 30 + n, n)) AS bytes FROM generate_series(1, 7) AS n;
SELECT dbos_payload.batch_size_step('steps', 40, 3, 42)
	= dbos_payload.random_payload(1, 42) || dbos_payload.random_payload(10, 43) || dbos_payload.random_payload(100, 44) AS parts;
SELECT encode(sha256(dbos_payload.batch_size_step('steps', 41, 7, 42)), 'hex')
	= encode(sha256(string_agg(dbos_payload.random_payload((10 ^ i)::bigint, 42 + i), '' ORDER BY i)), 'hex') AS parts
FROM generate_series(0, 6) AS i;
SELECT dbos_payload.batch_size_step('steps', 42, 3, 42, 50)
	= dbos_payload.random_payload(1, 42, 50) || dbos_payload.random_payload(10, 43, 50) || dbos_payload.random_payload(100, 44, 50) AS parts;

SELECT function_id, function_name, output_bytes, error,
	started_at_epoch_ms <= completed_at_epoch_ms AS in_order
FROM dbos_payload.list_steps('steps');
SELECT function_id, stored_bytes BETWEEN output_bytes AND output_bytes + 4 AS stored_whole
FROM dbos_payload.list_steps('steps') WHERE function_id IN (0, 2, 16, 37) ORDER BY function_id;

-- replayed: what was recorded comes back, whatever the seed says now
SELECT dbos_payload.payload_step('steps', 0, 4, seed => 42);
SELECT dbos_payload.payload_step('steps', 0, 4, seed => 7);
SELECT dbos_payload.payload_step('steps', 0, 4);
SELECT dbos_payload.payload_step('steps', 1, 0);
SELECT dbos_payload.size_step('steps', 20, 1);
SELECT octet_length(dbos_payload.batch_size_step('steps', 37, 7));
SELECT encode(sha256(dbos_payload.batch_size_step('steps', 41, 7)), 'hex')
	= encode(sha256(dbos_payload.step_output('steps', 41, 'batch_size_step')), 'hex') AS same;

-- asked for with another size: what was recorded comes back, with a warning
SELECT dbos_payload.payload_step('steps', 0, 10, 42);
SELECT dbos_payload.payload_step('steps', 1, 1000000);
SELECT octet_length(dbos_payload.payload_step('steps', 2, 0));
SELECT dbos_payload.size_step('steps', 20, 2);
SELECT octet_length(dbos_payload.batch_size_step('steps', 33, 4));

-- the output alone
SELECT dbos_payload.step_output('steps', 0, 'payload_step');
SELECT dbos_payload.step_output('steps', 1, 'payload_step') = ''::bytea AS empty;
SELECT dbos_payload.step_output('steps', 4, 'a name');
SELECT dbos_payload.step_output('steps', 99, 'payload_step') IS NULL AS not_recorded;
SELECT dbos_payload.step_output('steps no such', 0, 'payload_step') IS NULL AS not_recorded;

-- and the list of no workflow
SELECT * FROM dbos_payload.list_steps('steps no such');
SELECT * FROM dbos_payload.list_steps(NULL);

-- outputs can be read when the workflow has ended; step calls are refused
SELECT dbos_payload.finish_workflow('steps');
SELECT dbos_payload.step_output('steps', 0, 'payload_step');
SELECT count(*) FROM dbos_payload.list_steps('steps');
\set VERBOSITY terse
SELECT dbos_payload.payload_step('steps', 0, 4);
SELECT dbos_payload.payload_step('steps', 5, 4);
\set VERBOSITY default

-- many steps in one statement, each of its own
SELECT dbos_payload.start_workflow('steps many', 'test');
SELECT count(*), sum(octet_length(dbos_payload.payload_step('steps many', i, i))) FROM generate_series(1, 100) AS i;
SELECT count(*), sum(output_bytes), count(DISTINCT function_id) FROM dbos_payload.list_steps('steps many');

-- what record_step recorded, payload_step knows, errors and names too, and the other way round
SELECT dbos_payload.start_workflow('steps record', 'test');
SELECT dbos_payload.record_step('steps record', 0, 'a', '\x0001ff'), dbos_payload.record_step('steps record', 20, 'fails', NULL, 'it failed');
SELECT dbos_payload.payload_step('steps record', 20, 4, function_name => 'fails');
\echo :SQLSTATE
SELECT dbos_payload.payload_step('steps record', 0, 3);
\echo :SQLSTATE
SELECT dbos_payload.size_step('steps record', 0, 1);
\echo :SQLSTATE
SELECT dbos_payload.step_output('steps record', 0, 'a');
SELECT dbos_payload.payload_step('steps record', 30, 4, 42, 0, 'shared');
SELECT dbos_payload.record_step('steps record', 30, 'shared', dbos_payload.random_payload(4, 42));
SELECT dbos_payload.record_step('steps record', 30, 'shared', '\x00000000');
SELECT dbos_payload.payload_step('steps record', 0, 3, function_name => 'a');

-- a step that makes its payload needs a pending workflow, too
SELECT dbos_payload.payload_step('steps unknown', 0, 1);
\echo :SQLSTATE
SELECT dbos_payload.start_workflow('steps s', 'test'), dbos_payload.finish_workflow('steps s');
SELECT dbos_payload.payload_step('steps s', 0, 1);
\echo :SQLSTATE
SELECT dbos_payload.start_workflow('steps e', 'test'), dbos_payload.finish_workflow('steps e', 'ERROR');
SELECT dbos_payload.payload_step('steps e', 0, 1);
\echo :SQLSTATE
SELECT dbos_payload.start_workflow('steps c', 'test'), dbos_payload.cancel_workflow('steps c');
SELECT dbos_payload.payload_step('steps c', 0, 1);
\echo :SQLSTATE
SELECT dbos_payload.size_step('steps c', 0, 1);
\echo :SQLSTATE
SELECT dbos_payload.batch_size_step('steps c', 0, 1);
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('steps c', 0, '{1,2}');
\echo :SQLSTATE
SELECT count(*) FROM dbos_payload.operation_outputs WHERE workflow_uuid ~ '^steps .$';

DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid LIKE 'steps%';
DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'steps%';
