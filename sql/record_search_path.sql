-- the functions for payloads that a client makes, with a search_path full of look-alikes
-- (also run on what init --portable makes, which has CONTEXT lines of its own)
\set SHOW_CONTEXT never
SET client_min_messages = warning;

-- of everything that the statements name, as exact matches for their types; each one fails when it is called
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.trap() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$;
CREATE FUNCTION hostile.trap_text(text, text) RETURNS bool LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE FUNCTION hostile.trap_bytea(bytea, bytea) RETURNS bool LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE FUNCTION hostile.trap_bool(bool, bool) RETURNS bool LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE FUNCTION hostile.trap_int4(int, int) RETURNS bool LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE FUNCTION hostile.trap_int8(bigint, bigint) RETURNS bool LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE FUNCTION hostile.trap_int84(bigint, int) RETURNS bool LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE FUNCTION hostile.trap_interval(interval, interval) RETURNS bool LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE FUNCTION hostile.plus(bigint, int) RETURNS bigint LANGUAGE sql AS 'SELECT hostile.trap()::int::bigint';
CREATE FUNCTION hostile.plus(bigint, bigint) RETURNS bigint LANGUAGE sql AS 'SELECT hostile.trap()::int::bigint';
CREATE FUNCTION hostile.plus(int, int) RETURNS int LANGUAGE sql AS 'SELECT hostile.trap()::int';
CREATE FUNCTION hostile.minus(timestamptz, interval) RETURNS timestamptz LANGUAGE sql AS $$ SELECT hostile.trap()::text::timestamptz $$;
CREATE FUNCTION hostile.octet_length(bytea) RETURNS int LANGUAGE sql AS 'SELECT hostile.trap()::int';
CREATE FUNCTION hostile.octet_length(text) RETURNS int LANGUAGE sql AS 'SELECT hostile.trap()::int';
CREATE FUNCTION hostile.format(text, text) RETURNS text LANGUAGE sql AS 'SELECT hostile.trap()::text';
CREATE FUNCTION hostile.unnest(text[]) RETURNS SETOF text LANGUAGE sql AS 'SELECT hostile.trap()::text';
CREATE FUNCTION hostile.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$;
CREATE FUNCTION hostile.current_setting(text) RETURNS text LANGUAGE sql AS 'SELECT hostile.trap()::text';
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.trap_text);
CREATE OPERATOR hostile.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.trap_text);
CREATE OPERATOR hostile.= (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = hostile.trap_bytea);
CREATE OPERATOR hostile.= (LEFTARG = bool, RIGHTARG = bool, FUNCTION = hostile.trap_bool);
CREATE OPERATOR hostile.= (LEFTARG = int, RIGHTARG = int, FUNCTION = hostile.trap_int4);
CREATE OPERATOR hostile.< (LEFTARG = int, RIGHTARG = int, FUNCTION = hostile.trap_int4);
CREATE OPERATOR hostile.> (LEFTARG = int, RIGHTARG = int, FUNCTION = hostile.trap_int4);
CREATE OPERATOR hostile.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.trap_int8);
CREATE OPERATOR hostile.<= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.trap_int8);
CREATE OPERATOR hostile.< (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.trap_int8);
CREATE OPERATOR hostile.> (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.trap_int8);
CREATE OPERATOR hostile.< (LEFTARG = bigint, RIGHTARG = int, FUNCTION = hostile.trap_int84);
CREATE OPERATOR hostile.> (LEFTARG = bigint, RIGHTARG = int, FUNCTION = hostile.trap_int84);
CREATE OPERATOR hostile.< (LEFTARG = interval, RIGHTARG = interval, FUNCTION = hostile.trap_interval);
CREATE OPERATOR hostile.+ (LEFTARG = bigint, RIGHTARG = int, FUNCTION = hostile.plus);
CREATE OPERATOR hostile.+ (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.plus);
CREATE OPERATOR hostile.+ (LEFTARG = int, RIGHTARG = int, FUNCTION = hostile.plus);
CREATE OPERATOR hostile.- (LEFTARG = timestamptz, RIGHTARG = interval, FUNCTION = hostile.minus);
CREATE TABLE hostile.workflow_status (workflow_uuid int);
CREATE TABLE hostile.operation_outputs (workflow_uuid int);
CREATE DOMAIN hostile.text AS pg_catalog.int4;
CREATE DOMAIN hostile.bytea AS pg_catalog.int4;
CREATE DOMAIN hostile.bool AS pg_catalog.int4;
CREATE DOMAIN hostile.int8 AS pg_catalog.int2;

-- a new session has no plans that were kept before
\c -
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
SET search_path = hostile, pg_catalog;
SELECT 'a'::pg_catalog.text = 'a'::pg_catalog.text AS the_traps_work;
SELECT dbos_payload.start_workflow('search_path h', 'test');
SELECT dbos_payload.start_workflow('search_path h', 'test');
SELECT dbos_payload.start_workflow('search_path h', 'other');
SELECT dbos_payload.record_step('search_path h', 5, 'a', '\x00');
SELECT dbos_payload.record_step('search_path h', 5, 'a', '\x00');
SELECT dbos_payload.record_step('search_path h', 5, 'a', '\x01');
SELECT dbos_payload.record_step('search_path h', 5, 'b', '\x01');
SELECT dbos_payload.record_step('search_path h', 9, 'a', NULL, 'it failed');
SELECT dbos_payload.record_step('search_path h', 9, 'a', NULL, 'it failed');
SELECT dbos_payload.record_step('search_path h', -1, 'a', '\x00');
SELECT dbos_payload.record_step('', 5, 'a', '\x00');
SELECT function_id, outcome FROM dbos_payload.record_steps('search_path h', 6, '{a,b}', ARRAY['\x00'::pg_catalog.bytea, '\x01'::pg_catalog.bytea]);
SELECT dbos_payload.step_output('search_path h', 7, 'b');
SELECT dbos_payload.step_output('search_path h', 9, 'a');
SELECT function_id, output_bytes FROM dbos_payload.list_steps('search_path h');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT dbos_payload.record_step('search_path h', 8, 'a', '\x00');
SELECT dbos_payload.record_step('search_path h', 8, 'a', '\x01');
COMMIT;
SELECT dbos_payload.finish_workflow('search_path h');
SELECT dbos_payload.finish_workflow('search_path h', 'ERROR');
SELECT dbos_payload.record_step('search_path h', 10, 'a', '\x01');
SELECT dbos_payload.cancel_workflow('search_path h');
SELECT dbos_payload.start_workflow('search_path p', 'test'), dbos_payload.cancel_workflow('search_path p');
SELECT pg_catalog.pg_sleep(0.01);
CALL dbos_payload.purge('0', 1);

SET search_path = '';
DROP SCHEMA hostile CASCADE;
