-- record_step(): the three outcomes, errors as results, names
-- (also run on what init --portable makes, which has CONTEXT lines of its own)
\set SHOW_CONTEXT never

SELECT dbos_payload.start_workflow('record', 'test');

-- recorded; the same again is one's own retry and a success; other bytes are a conflict
SELECT dbos_payload.record_step('record', 0, 'a', '\x0001ff');
SELECT dbos_payload.record_step('record', 0, 'a', '\x0001ff');
SELECT dbos_payload.record_step('record', 0, 'a', '\x0001fe');
SELECT dbos_payload.record_step('record', 0, 'a', '\x0001');
SELECT dbos_payload.record_step('record', 0, 'a', '\x0001ff00');
SELECT dbos_payload.record_step('record', 0, 'a', '');
SELECT dbos_payload.step_output('record', 0, 'a');

-- an empty output is not a missing one
SELECT dbos_payload.record_step('record', 1, 'a', '');
SELECT dbos_payload.record_step('record', 1, 'a', '');
SELECT dbos_payload.record_step('record', 1, 'a', '\x00');
SELECT dbos_payload.step_output('record', 1, 'a') = ''::bytea AS empty;

-- large ones, random and compressible, that differ in the last byte or in the length only
CREATE TEMP TABLE payload AS
	SELECT 'random' AS kind, decode(string_agg(md5(i::text), '' ORDER BY i), 'hex') AS output FROM generate_series(1, 62500) AS i
	UNION ALL SELECT 'zeros', decode(repeat('00', 1000000), 'hex');
SELECT kind, dbos_payload.record_step('record', 10, kind, output) FROM payload WHERE kind = 'random';
SELECT kind, dbos_payload.record_step('record', 11, kind, output) FROM payload WHERE kind = 'zeros';
SELECT kind, dbos_payload.record_step('record', 10, kind, output) AS same,
	dbos_payload.record_step('record', 10, kind, set_byte(output, 999999, 7)) AS last_byte,
	dbos_payload.record_step('record', 10, kind, substring(output FOR 999999)) AS shorter,
	dbos_payload.record_step('record', 10, kind, output || '\x00') AS longer
FROM payload WHERE kind = 'random';
SELECT kind, dbos_payload.record_step('record', 11, kind, output) AS same,
	dbos_payload.record_step('record', 11, kind, set_byte(output, 999999, 7)) AS last_byte,
	dbos_payload.record_step('record', 11, kind, substring(output FOR 999999)) AS shorter,
	dbos_payload.record_step('record', 11, kind, output || '\x00') AS longer
FROM payload WHERE kind = 'zeros';
SELECT kind, dbos_payload.step_output('record', CASE kind WHEN 'random' THEN 10 ELSE 11 END, kind) = output AS unchanged FROM payload;
DROP TABLE payload;

-- an error as the step's result, instead of an output
SELECT dbos_payload.record_step('record', 20, 'fails', NULL, 'it failed');
SELECT dbos_payload.record_step('record', 20, 'fails', NULL, 'it failed');
SELECT dbos_payload.record_step('record', 20, 'fails', NULL, 'it failed otherwise');
SELECT dbos_payload.record_step('record', 20, 'fails', '\x00');
SELECT dbos_payload.record_step('record', 0, 'a', NULL, 'it failed');
SELECT dbos_payload.step_output('record', 20, 'fails');
\echo :SQLSTATE

-- another name is an error that tells both, and changes nothing (a checkpoint of another operation)
SELECT dbos_payload.record_step('record', 0, 'b', '\x0001ff');
\echo :SQLSTATE
SELECT dbos_payload.step_output('record', 0, 'b');
\echo :SQLSTATE
SELECT dbos_payload.step_output('record', 0, 'a');
SELECT function_id, function_name, output_bytes, error FROM dbos_payload.list_steps('record');

-- every byte of the payload is data, zeros too
SELECT dbos_payload.record_step('record', 40, 'bytes', decode(string_agg(lpad(to_hex(i), 2, '0'), '' ORDER BY i), 'hex'))
FROM generate_series(0, 255) AS i;
SELECT dbos_payload.step_output('record', 40, 'bytes');
SELECT dbos_payload.record_step('record', 41, 'bytes', decode(repeat('00', 10), 'hex'));
SELECT dbos_payload.step_output('record', 41, 'bytes');

-- ids and names are data, stored as given
CREATE TEMP TABLE odd(n int, id text);
INSERT INTO odd VALUES (1, 'record a-b'), (2, 'record a"b'), (3, 'record o''brien'),
	(4, 'record ''; DROP TABLE x;--'), (5, 'record a$$b'), (6, 'record %I%s%n'), (7, E'record \\'),
	(8, E'record \t\n'), (9, 'record $1'), (10, repeat('record', 50)), (11, 'record {},"NULL"'), (12, ' record ');
SELECT n, dbos_payload.start_workflow(id, id) FROM odd ORDER BY n;
SELECT n, dbos_payload.record_step(id, n, id, convert_to(id, 'SQL_ASCII')) FROM odd ORDER BY n;
SELECT n, dbos_payload.record_step(id, n, id, convert_to(id, 'SQL_ASCII')) FROM odd ORDER BY n;
SELECT n, convert_from(dbos_payload.step_output(id, n, id), 'SQL_ASCII') = id AS same FROM odd ORDER BY n;
SELECT n, (SELECT count(*) FROM dbos_payload.workflow_status AS s WHERE s.workflow_uuid = o.id AND s.name = o.id) AS workflow,
	(SELECT count(*) FROM dbos_payload.operation_outputs AS s
		WHERE s.workflow_uuid = o.id AND s.function_name = o.id AND s.function_id = o.n) AS step
FROM odd AS o ORDER BY n;

DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid LIKE '%record%';
DELETE FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE '%record%';
