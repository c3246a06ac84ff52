-- Fills either layout: workflows of every SDK's format, of several names and ages,
-- with errors, children and unfinished ones; outputs from nothing to 10 MB.
--   psql -v schema=dbos -v workflows=3000 -v own_tables=1 -f fill.sql
-- own_tables: 1: inputs and outputs go to their own tables; 0: to workflow_status;
-- 2: those of the older half of the workflows, from before a migration, to workflow_status.

SET search_path = :"schema";
SET synchronous_commit = off;

CREATE TEMPORARY TABLE pool AS
	SELECT string_agg(sha512(int8send(i)), '' ORDER BY i) AS noise FROM generate_series(1, 125000) AS i;
ALTER TABLE pool ALTER noise SET STORAGE EXTERNAL;
UPDATE pool SET noise = noise || '';

-- text of so many bytes that no compressor makes shorter, and the array of numbers
-- that a Buffer is in superjson
CREATE FUNCTION pg_temp.noise(bytes integer, at integer) RETURNS text LANGUAGE SQL STABLE AS
$$SELECT left(encode(substr(noise, 1 + (abs($2::bigint) * 7919 % greatest(1, 8000000 - $1))::integer, $1 * 3 / 4 + 3), 'base64'), $1) FROM pool$$;
CREATE FUNCTION pg_temp.numbers(bytes integer, at integer) RETURNS text LANGUAGE SQL STABLE AS
$$SELECT '{"json":[' || string_agg(((i * i * 7919 + $2 * 31) % 256)::text, ',') || '],"__dbos_serializer":"superjson"}'
	FROM generate_series(1, greatest(1, $1 / 4)::bigint) AS i$$;

CREATE TEMPORARY TABLE made AS
SELECT i, format('%s-%s', lpad(i::text, 9, '0'), md5(i::text)) AS id,
	(ARRAY['checkout', 'nightly report', 'import "big"', 'checkout'])[1 + i % 4] AS name,
	CASE WHEN i % 97 = 0 THEN 'PENDING' WHEN i % 31 = 0 THEN 'ERROR' WHEN i % 211 = 0 THEN 'ENQUEUED' ELSE 'SUCCESS' END AS status,
	(ARRAY['py_pickle', 'js_superjson', 'DBOS_JSON', NULL, 'portable_json', 'DBOS_GOB'])[1 + i % 6] AS format,
	(EXTRACT(epoch FROM now()) * 1000)::bigint - 3600000 * ((i::bigint * 53) % (24 * 400)) AS at,
	(ARRAY[3, 7, 1, 12])[1 + i % 4] AS steps
FROM generate_series(1, :workflows) AS i;
ALTER TABLE made ADD PRIMARY KEY (i);
ANALYZE made;

INSERT INTO workflow_status (workflow_uuid, status, name, created_at, updated_at, completed_at, serialization, parent_workflow_id)
SELECT id, status, name, at, at + 500, CASE WHEN status IN ('SUCCESS', 'ERROR') THEN at + 200 + i % 300 END,
	coalesce(format, 'java_jackson'), CASE WHEN i % 10 = 3 THEN (SELECT p.id FROM made AS p WHERE p.i = made.i - 1) END
FROM made;

-- the steps: most small, one in 25 large; a PENDING one has recorded half of them
INSERT INTO operation_outputs (workflow_uuid, function_id, function_name, output, error, started_at_epoch_ms,
	completed_at_epoch_ms, serialization)
SELECT id, s, format('%s step %s', split_part(name, ' ', 1), s),
	CASE WHEN s = 5 OR (status = 'ERROR' AND s = steps) THEN NULL
		WHEN format = 'js_superjson' AND s % 2 = 1 THEN pg_temp.numbers(bytes, i + s)
		ELSE pg_temp.noise(bytes, i * 131 + s * 17) END,
	CASE WHEN status = 'ERROR' AND s = steps THEN 'Error: ' || pg_temp.noise(40 + i % 400, i) END,
	at + s * 10, at + s * 10 + 1 + bytes / 100000 + i % 7, format
FROM made, generate_series(1, steps) AS s,
	LATERAL (SELECT CASE WHEN i % 500 = 2 AND s = 1 THEN 1000000 WHEN i % 25 = 2 AND s = 1 THEN 60000 + i % 977
		WHEN s % 3 = 0 THEN 3000 + i % 555 WHEN s % 4 = 0 THEN (i + s) % 5 ELSE 20 + (i * s) % 300 END AS bytes) AS b
WHERE status <> 'ENQUEUED' AND (status <> 'PENDING' OR s <= steps / 2);

-- some of 10 MB
UPDATE operation_outputs SET output = pg_temp.noise(10000000 + function_id, 7)
WHERE function_id = 1 AND workflow_uuid IN (SELECT id FROM made WHERE i IN (2, 26, 50));

-- a parent's step that starts a child, and one that holds its result
INSERT INTO operation_outputs (workflow_uuid, function_id, function_name, child_workflow_id, started_at_epoch_ms, completed_at_epoch_ms)
SELECT p.id, 100, 'child', c.id, c.at, c.at FROM made AS p JOIN made AS c ON c.i = p.i + 1 WHERE c.i % 10 = 3;
INSERT INTO operation_outputs (workflow_uuid, function_id, function_name, output, child_workflow_id, started_at_epoch_ms,
	completed_at_epoch_ms, serialization)
SELECT p.id, 101, 'DBOS.getResult', pg_temp.noise(500 + 40 * (c.i % 100), c.i), c.id, c.at, c.at + 600, c.format
FROM made AS p JOIN made AS c ON c.i = p.i + 1 WHERE c.i % 10 = 3 AND c.status = 'SUCCESS';

-- inputs and outputs
CREATE TEMPORARY TABLE results AS
SELECT i, id, at, pg_temp.noise(60 + i % 200, i) AS inputs,
	CASE WHEN status = 'SUCCESS' THEN pg_temp.noise(500 + 40 * (i % 100), i) END AS output,
	CASE WHEN status = 'ERROR' THEN 'Error: ' || pg_temp.noise(100, i) END AS error
FROM made;
SELECT :own_tables = 0 AS all_in_status, :own_tables = 2 AS half_in_status \gset
\if :all_in_status
UPDATE workflow_status SET inputs = r.inputs, output = r.output, error = r.error FROM results AS r WHERE workflow_uuid = id;
\else
\if :half_in_status
UPDATE workflow_status SET inputs = r.inputs, output = r.output, error = r.error
FROM results AS r WHERE workflow_uuid = id AND i <= :workflows / 2;
DELETE FROM results WHERE i <= :workflows / 2;
\endif
INSERT INTO workflow_input SELECT id, inputs, at FROM results;
INSERT INTO workflow_output SELECT id, output, error, at FROM results WHERE output IS NOT NULL OR error IS NOT NULL;
UPDATE operation_outputs SET retention_timestamp = completed_at_epoch_ms;
\endif

-- and the rest
INSERT INTO notifications (message_uuid, destination_uuid, topic, message)
SELECT 'm' || i, id, 'paid', pg_temp.noise(100 + i % 50, i) FROM made WHERE i % 20 = 0;
INSERT INTO workflow_events SELECT id, 'state', pg_temp.noise(30, i) FROM made WHERE i % 15 = 0;
INSERT INTO workflow_events_history SELECT id, 2, 'state', pg_temp.noise(30, i) FROM made WHERE i % 15 = 0;
INSERT INTO streams SELECT id, 'log', pg_temp.noise(2500, i), 0 FROM made WHERE i % 40 = 0;
