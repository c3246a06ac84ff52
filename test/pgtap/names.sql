-- workflow ids and names: any text of 1 to 1,024 bytes is data, stored as it is

\set QUIET 1
BEGIN;
SELECT no_plan();

-- text of these bytes in UTF-8, where the database's encoding can hold it
CREATE FUNCTION pg_temp.utf8(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN untranslatable_character OR undefined_function THEN
	RETURN NULL;
END $$;

CREATE TEMP TABLE names (what text, id text);
INSERT INTO names VALUES
	('a hyphen', 'a-b'), ('a quote', 'a"b'), ('an apostrophe', 'o''brien'), ('an injection', '''; DROP TABLE dbos_payload.workflow_status;--'),
	('dollar quotes', 'a$$b'), ('formats', '%I%s%d%n%%'), ('a backslash', E'\\'), ('a parameter', '$1'), ('a space', ' '), ('spaces around', ' a '),
	('a newline', E'\n'), ('control characters', E'\x01\x1f\x7f'), ('an array', '{a,NULL}'), ('NULL', 'NULL'), ('a LIKE pattern', '%'),
	('300 characters', repeat('abc', 100)), ('1024 bytes', repeat('x', 1024)), ('1023 bytes', repeat('y', 1023)),
	('1024 random bytes', substring(translate(encode(dbos_payload.random_payload(1024), 'base64'), E'\n', '') FOR 1024)),
	('a Latin letter', pg_temp.utf8('\xc3a9')), ('Japanese', pg_temp.utf8('\xe697a5e69cac')), ('an emoji', pg_temp.utf8('\xf09f9880')),
	('1024 bytes of emoji', pg_temp.utf8(decode(repeat('f09f9880', 256), 'hex')));
DELETE FROM names WHERE id IS NULL OR octet_length(id) > 1024;

SELECT is(dbos_payload.start_workflow(id, id), 'PENDING', what || ': started') FROM names;
SELECT is(dbos_payload.record_step(id, 1, id, decode(md5(id), 'hex')), 'recorded', what || ': recorded') FROM names;
SELECT is(dbos_payload.record_step(id, 1, id, decode(md5(id), 'hex')), 'already_recorded', what || ': known') FROM names;
SELECT is(octet_length(dbos_payload.payload_step(id, 2, 10, 1, 0, id)), 10, what || ': made') FROM names;
SELECT is((SELECT count(*) FROM dbos_payload.payload_steps(id, 3, '{1,2}')), 2::bigint, what || ': made several') FROM names;
SELECT is((SELECT string_agg(outcome, ' ') FROM dbos_payload.record_steps(id, 5, ARRAY[id, id], ARRAY['\x01', '\x02']::bytea[])), 'recorded recorded', what || ': recorded several') FROM names;
SELECT is(dbos_payload.step_output(id, 1, id), decode(md5(id), 'hex'), what || ': read') FROM names;
SELECT is((SELECT array_agg(function_name ORDER BY function_id) FROM dbos_payload.list_steps(id)),
	ARRAY[id, id, 'payload_step', 'payload_step', id, id], what || ': listed') FROM names;
SELECT is((SELECT count(*) FROM dbos_payload.workflow_status AS s WHERE s.workflow_uuid = id AND s.name = id AND octet_length(s.workflow_uuid) = octet_length(id)), 1::bigint, what || ': stored as it is') FROM names;
SELECT is(dbos_payload.finish_workflow(id), 'SUCCESS', what || ': finished') FROM names;
SELECT is((SELECT count(*) FROM dbos_payload.workflow_status), (SELECT count(*) FROM names), 'as many workflows as names');

-- too long, too short: the same for what compresses and what does not, in characters of
-- one byte and of several, in every argument that is a name
CREATE TEMP TABLE bad (what text, id text);
INSERT INTO bad VALUES ('empty', ''), ('1025 bytes', repeat('x', 1025)), ('9000 x', repeat('x', 9000)), ('1 MB', repeat('x', 1000000)),
	('1025 random bytes', substring(translate(encode(dbos_payload.random_payload(1025), 'base64'), E'\n', '') FOR 1025)),
	('2700 random bytes', substring(translate(encode(dbos_payload.random_payload(2700), 'base64'), E'\n', '') FOR 2700)),
	('1028 bytes of emoji', pg_temp.utf8(decode(repeat('f09f9880', 257), 'hex')));
DELETE FROM bad WHERE id IS NULL OR octet_length(id) BETWEEN 1 AND 1024;
SELECT dbos_payload.start_workflow('names', 'test') AS w \gset
SELECT throws_ok(format(call, id), '22023', format('%s must be between 1 and 1024 bytes', argument), format('%s: %s', what, call))
FROM bad, (VALUES
	('SELECT dbos_payload.start_workflow(%L, ''a'')', 'workflow_id'), ('SELECT dbos_payload.start_workflow(''names 2'', %L)', 'name'),
	('SELECT dbos_payload.finish_workflow(%L)', 'workflow_id'), ('SELECT dbos_payload.cancel_workflow(%L)', 'workflow_id'),
	('SELECT dbos_payload.record_step(%L, 0, ''a'', '''')', 'workflow_id'), ('SELECT dbos_payload.record_step(''names'', 0, %L, '''')', 'function_name'),
	('SELECT dbos_payload.record_steps(%L, 0, ''{a}'', ''{a}'')', 'workflow_id'), ('SELECT dbos_payload.record_steps(''names'', 0, ARRAY[%L], ''{a}'')', 'function_name'),
	('SELECT dbos_payload.payload_step(%L, 0, 1)', 'workflow_id'), ('SELECT dbos_payload.payload_step(''names'', 0, 1, function_name => %L)', 'function_name'),
	('SELECT dbos_payload.payload_steps(%L, 0, ''{1}'')', 'workflow_id'), ('SELECT dbos_payload.size_step(%L, 0, 1)', 'workflow_id'),
	('SELECT dbos_payload.batch_size_step(%L, 0, 1)', 'workflow_id'), ('SELECT dbos_payload.step_output(%L, 0, ''a'')', 'workflow_id'),
	('SELECT dbos_payload.step_output(''names'', 0, %L)', 'function_name')) AS c(call, argument)
WHERE octet_length(id) < 100000 OR call LIKE '%start_workflow(\%L%';
SELECT is((SELECT count(*) FROM dbos_payload.list_steps('names')), 0::bigint, 'none of them left anything');

-- a collation of the caller's does not matter
SELECT lives_ok(format('SELECT dbos_payload.%s', call), call) FROM (VALUES
	('list_steps(''names'' COLLATE "POSIX")'), ('start_workflow(''names c'' COLLATE "POSIX", ''a'' COLLATE "POSIX")'), ('record_step(''names'' COLLATE "POSIX", 9, ''a'' COLLATE "POSIX", '''')'),
	('step_output(''names'' COLLATE "POSIX", 9, ''a'' COLLATE "POSIX")'), ('finish_workflow(''names'' COLLATE "POSIX")'), ('cancel_workflow(''names'' COLLATE "POSIX")'),
	('step_timings(''names'' COLLATE "POSIX")')) AS v(call);
CREATE TEMP TABLE collated AS SELECT 'names' COLLATE "POSIX" AS id;
SELECT is((SELECT count(*) FROM collated, dbos_payload.list_steps(id)), 1::bigint, 'list_steps of a column of another collation');
SELECT is((SELECT count(*) FROM dbos_payload.workflow_status AS s, dbos_payload.list_steps(s.workflow_uuid) WHERE s.workflow_uuid = 'names'), 1::bigint, 'list_steps of the table''s own column');

SELECT * FROM finish();
ROLLBACK;
