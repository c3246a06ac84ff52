-- every function with an empty search_path, and with one full of look-alikes

\set VERBOSITY terse
SET client_min_messages = warning;

SET search_path = '';
SELECT dbos_payload.version() = extversion AS version FROM pg_catalog.pg_extension WHERE extname = 'dbos_payload';
CREATE FUNCTION pg_temp.everything(id text) RETURNS TABLE (what text, result text) LANGUAGE plpgsql AS $$ BEGIN
	RETURN QUERY SELECT 'random_payload', dbos_payload.random_payload(4, 42)::text;
	RETURN QUERY SELECT 'start_workflow', dbos_payload.start_workflow(id, 'test');
	RETURN QUERY SELECT 'start_workflow again', dbos_payload.start_workflow(id, 'test');
	RETURN QUERY SELECT 'payload_step', dbos_payload.payload_step(id, 0, 4, 42)::text;
	RETURN QUERY SELECT 'payload_step again', dbos_payload.payload_step(id, 0, 4, 42)::text;
	RETURN QUERY SELECT 'size_step', dbos_payload.size_step(id, 1, 0, 42)::text;
	RETURN QUERY SELECT 'batch_size_step', dbos_payload.batch_size_step(id, 2, 1, 42)::text;
	RETURN QUERY SELECT 'payload_steps', function_id || ' ' || outcome FROM dbos_payload.payload_steps(id, 3, '{1,2}', 42);
	RETURN QUERY SELECT 'record_step', dbos_payload.record_step(id, 5, 'a', '\x00');
	RETURN QUERY SELECT 'record_step again', dbos_payload.record_step(id, 5, 'a', '\x00');
	RETURN QUERY SELECT 'record_step otherwise', dbos_payload.record_step(id, 5, 'a', '\x01');
	RETURN QUERY SELECT 'record_steps', function_id || ' ' || outcome FROM dbos_payload.record_steps(id, 6, '{a,b}', ARRAY['\x00', '\x01']::bytea[]);
	RETURN QUERY SELECT 'step_output', dbos_payload.step_output(id, 7, 'b')::text;
	RETURN QUERY SELECT 'list_steps', pg_catalog.string_agg(function_id || ':' || function_name || ':' || output_bytes, ' ' ORDER BY function_id) FROM dbos_payload.list_steps(id);
	RETURN QUERY SELECT 'finish_workflow', dbos_payload.finish_workflow(id);
	RETURN QUERY SELECT 'cancel_workflow', dbos_payload.cancel_workflow(id);
	RETURN QUERY SELECT 'no_op', dbos_payload.no_op()::text;
	RETURN QUERY SELECT 'receive_payload', dbos_payload.receive_payload('\x00')::text;
	RETURN QUERY SELECT 'send_payload', dbos_payload.send_payload(4, 42)::text;
	RETURN QUERY SELECT 'backend_usage', ((dbos_payload.backend_usage()).cpu_ms OPERATOR(pg_catalog.>) 0)::text;
	RETURN QUERY SELECT 'step_timings', (pg_catalog.count(*) >= 0)::text FROM dbos_payload.step_timings();
	RETURN QUERY SELECT 'last_step_timing', (pg_catalog.count(*))::text FROM dbos_payload.last_step_timing();
END $$;
SELECT * FROM pg_temp.everything('search_path empty');
CALL dbos_payload.size_workflow('search_path s', 2);
CALL dbos_payload.batch_size_workflow('search_path b', 2);
CALL dbos_payload.commit_payload_steps('search_path p', 0, '{1}');
SELECT dbos_payload.start_workflow('search_path p', 'test');
CALL dbos_payload.commit_payload_steps('search_path p', 0, '{1}');
CALL dbos_payload.commit_record_steps('search_path p', 1, '{a}', ARRAY['\x00']::bytea[]);
SELECT pg_catalog.pg_sleep(0.01);
CALL dbos_payload.purge('0');

-- look-alikes of everything that our statements name, as exact matches for
-- their types; each one fails when it is called
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.trap() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$;
CREATE FUNCTION hostile.trap_text(text, text) RETURNS bool LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE FUNCTION hostile.trap_int4(int, int) RETURNS bool LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE FUNCTION hostile.trap_int8(bigint, bigint) RETURNS bool LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE FUNCTION hostile.trap_int84(bigint, int) RETURNS bool LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE FUNCTION hostile.plus(bigint, int) RETURNS bigint LANGUAGE sql AS 'SELECT hostile.trap()::int::bigint';
CREATE FUNCTION hostile.octet_length(bytea) RETURNS int LANGUAGE sql AS 'SELECT hostile.trap()::int';
CREATE FUNCTION hostile.pg_column_size(bytea) RETURNS int LANGUAGE sql AS 'SELECT hostile.trap()::int';
CREATE FUNCTION hostile.array_length(anyarray, int) RETURNS int LANGUAGE sql AS 'SELECT hostile.trap()::int';
CREATE FUNCTION hostile.array_agg(text) RETURNS text[] LANGUAGE sql AS $$ SELECT ARRAY[hostile.trap()::text] $$;
CREATE FUNCTION hostile.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$;
CREATE FUNCTION hostile.gen_random_uuid() RETURNS uuid LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$;
CREATE FUNCTION hostile.random_payload(bigint, bigint DEFAULT NULL, int DEFAULT 0) RETURNS bytea LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$;
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.trap_text);
CREATE OPERATOR hostile.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.trap_text);
CREATE OPERATOR hostile.= (LEFTARG = int, RIGHTARG = int, FUNCTION = hostile.trap_int4);
CREATE OPERATOR hostile.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.trap_int8);
CREATE OPERATOR hostile.<= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.trap_int8);
CREATE OPERATOR hostile.< (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.trap_int8);
CREATE OPERATOR hostile.<= (LEFTARG = bigint, RIGHTARG = int, FUNCTION = hostile.trap_int84);
CREATE OPERATOR hostile.+ (LEFTARG = bigint, RIGHTARG = int, FUNCTION = hostile.plus);
CREATE TABLE hostile.workflow_status (workflow_uuid int);
CREATE TABLE hostile.operation_outputs (workflow_uuid int);
CREATE DOMAIN hostile.text AS pg_catalog.int4;
CREATE DOMAIN hostile.bytea AS pg_catalog.int4;
CREATE DOMAIN hostile.bool AS pg_catalog.int4;
CREATE DOMAIN hostile.int8 AS pg_catalog.int2;

-- the traps work
SET search_path = hostile, pg_catalog;
SELECT octet_length('\x00'::pg_catalog.bytea);
SELECT 'a'::pg_catalog.text = 'a'::pg_catalog.text;

-- a new session has no plans that were kept before (and creates the extension among the look-alikes)
\c -
\set VERBOSITY terse
SET client_min_messages = warning;
SET search_path = '';
DROP EXTENSION dbos_payload;
SET search_path = hostile, pg_catalog;
CREATE EXTENSION dbos_payload;
SELECT dbos_payload.random_payload(4, 42);
SELECT dbos_payload.start_workflow('search_path h', 'test');
SELECT dbos_payload.start_workflow('search_path h', 'test');
SELECT dbos_payload.payload_step('search_path h', 0, 4, 42);
SELECT dbos_payload.payload_step('search_path h', 0, 4, 42);
SELECT dbos_payload.size_step('search_path h', 1, 0, 42);
SELECT dbos_payload.batch_size_step('search_path h', 2, 1, 42);
SELECT function_id, outcome FROM dbos_payload.payload_steps('search_path h', 3, '{1,2}', 42);
SELECT dbos_payload.record_step('search_path h', 5, 'a', '\x00');
SELECT dbos_payload.record_step('search_path h', 5, 'a', '\x00');
SELECT dbos_payload.record_step('search_path h', 5, 'a', '\x01');
SELECT function_id, outcome FROM dbos_payload.record_steps('search_path h', 6, '{a,b}', ARRAY['\x00'::pg_catalog.bytea, '\x01'::pg_catalog.bytea]);
SELECT dbos_payload.step_output('search_path h', 7, 'b');
SELECT function_id, output_bytes FROM dbos_payload.list_steps('search_path h');
SELECT dbos_payload.no_op(), dbos_payload.receive_payload('\x00'), dbos_payload.send_payload(4, 42);
SELECT (dbos_payload.backend_usage()).cpu_ms OPERATOR(pg_catalog.>) 0 AS backend_usage;
SELECT operation, workflow_uuid, function_id FROM dbos_payload.step_timings('search_path h');
SELECT operation, workflow_uuid, function_id FROM dbos_payload.last_step_timing();
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT dbos_payload.record_step('search_path h', 8, 'a', '\x00');
SELECT dbos_payload.record_step('search_path h', 8, 'a', '\x01');
COMMIT;
SELECT dbos_payload.finish_workflow('search_path h');
SELECT dbos_payload.finish_workflow('search_path h');
SELECT dbos_payload.cancel_workflow('search_path h');
CALL dbos_payload.size_workflow('search_path s', 2);
CALL dbos_payload.size_workflow('search_path s', 2);
CALL dbos_payload.batch_size_workflow(NULL, 2);
SELECT dbos_payload.start_workflow('search_path p', 'test');
CALL dbos_payload.commit_payload_steps('search_path p', 0, '{1}');
CALL dbos_payload.commit_record_steps('search_path p', 1, '{a}', ARRAY['\x00'::pg_catalog.bytea]);
SELECT pg_catalog.pg_sleep(0.01);
CALL dbos_payload.purge('0');
SELECT dbos_payload.cancel_workflow('search_path p');

-- the same in pg_temp, which is looked in first for tables and types whatever the path
SET search_path = '';
DROP SCHEMA hostile CASCADE;
CREATE TEMP TABLE workflow_status (workflow_uuid int);
CREATE TEMP TABLE operation_outputs (workflow_uuid int);
CREATE DOMAIN pg_temp.text AS pg_catalog.int4;
CREATE DOMAIN pg_temp.bytea AS pg_catalog.int4;
\c -
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE TEMP TABLE workflow_status (workflow_uuid int);
CREATE TEMP TABLE operation_outputs (workflow_uuid int);
CREATE DOMAIN pg_temp.text AS pg_catalog.int4;
CREATE DOMAIN pg_temp.bytea AS pg_catalog.int4;
CREATE DOMAIN pg_temp.int8 AS pg_catalog.int4;
SELECT dbos_payload.start_workflow('search_path t', 'test');
SELECT dbos_payload.payload_step('search_path t', 0, 4, 42);
SELECT dbos_payload.record_step('search_path t', 1, 'a', '\x00');
SELECT dbos_payload.step_output('search_path t', 1, 'a');
SELECT function_id, output_bytes FROM dbos_payload.list_steps('search_path t');
SELECT dbos_payload.finish_workflow('search_path t');
SELECT pg_catalog.pg_sleep(0.01);
CALL dbos_payload.purge('0');
DROP EXTENSION dbos_payload;
CREATE EXTENSION dbos_payload;
SELECT pg_catalog.pg_typeof(status) AS status, pg_catalog.pg_typeof(created_at) AS created_at FROM (VALUES (1)) AS v
	LEFT JOIN dbos_payload.workflow_status ON true;
