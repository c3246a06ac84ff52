-- creating and dropping the extension, in a session that has used it

\set VERBOSITY terse
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS dbos_payload;
RESET client_min_messages;
SELECT count(*) FROM pg_namespace WHERE nspname = 'dbos_payload';

-- no other schema; and nothing is left behind by the attempt
CREATE SCHEMA contrib;
CREATE EXTENSION dbos_payload SCHEMA contrib;
\echo :SQLSTATE
SELECT count(*) FROM pg_extension WHERE extname = 'dbos_payload';
SELECT count(*) FROM pg_proc WHERE probin LIKE '%dbos_payload%';
SELECT count(*) FROM pg_class WHERE relname IN ('workflow_status', 'operation_outputs');
DROP SCHEMA contrib;
CREATE EXTENSION dbos_payload VERSION '0.0';
\echo :SQLSTATE

-- a schema of that name that is somebody else's is not moved into: its owner could
-- put functions of his own beside ours
CREATE SCHEMA dbos_payload;
CREATE EXTENSION dbos_payload;
\echo :SQLSTATE
SELECT count(*) FROM pg_proc WHERE probin LIKE '%dbos_payload%';
DROP SCHEMA dbos_payload CASCADE;

CREATE EXTENSION dbos_payload;
CREATE EXTENSION dbos_payload;
\echo :SQLSTATE
CREATE EXTENSION IF NOT EXISTS dbos_payload;
ALTER EXTENSION dbos_payload SET SCHEMA public;
\echo :SQLSTATE
ALTER EXTENSION dbos_payload UPDATE;
SELECT extname, extrelocatable, extversion = dbos_payload.version() AS version
FROM pg_extension WHERE extname = 'dbos_payload';

-- the members, and that dumps keep both tables' rows
SELECT object FROM pg_depend, pg_describe_object(classid, objid, 0) AS object
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
	AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'dbos_payload')
	AND classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_namespace'::regclass, 'pg_type'::regclass)
	-- tables' row types and arrays are members only from 17 on
	AND NOT EXISTS (SELECT FROM pg_type AS t LEFT JOIN pg_class AS c ON c.oid = typrelid
		WHERE classid = 'pg_type'::regclass AND t.oid = objid AND c.relkind IS DISTINCT FROM 'c')
ORDER BY object COLLATE "C";
SELECT t.oid::regclass, t.condition = '' AS all_rows
FROM pg_extension, unnest(extconfig, extcondition) AS t(oid, condition) WHERE extname = 'dbos_payload' ORDER BY 1;
SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname = 'dbos_payload' AND relkind = 'S';
SELECT count(*) FROM pg_constraint AS c JOIN pg_namespace AS n ON n.oid = connamespace WHERE nspname = 'dbos_payload' AND contype = 'f';
SELECT count(*) FROM pg_trigger WHERE tgrelid::regclass::text LIKE 'dbos_payload.%';

-- used, then dropped without CASCADE: nothing stays
SET client_min_messages = warning;
CALL dbos_payload.size_workflow('install', 3);
RESET client_min_messages;
SELECT dbos_payload.start_workflow('install 2', 'test'), dbos_payload.record_step('install 2', 0, 'a', '\x00'), dbos_payload.finish_workflow('install 2');
CALL dbos_payload.purge('1 day');
DROP EXTENSION dbos_payload;
SELECT count(*) FROM pg_class WHERE relname LIKE '%dbos_payload%' OR relname IN ('workflow_status', 'operation_outputs');
SELECT count(*) FROM pg_proc WHERE proname LIKE '%dbos_payload%' OR probin LIKE '%dbos_payload%';
SELECT count(*) FROM pg_type WHERE typname LIKE '%dbos_payload%';
SELECT count(*) FROM pg_namespace WHERE nspname LIKE '%dbos_payload%';
SELECT count(*) FROM pg_description WHERE description LIKE '%workflow%' AND classoid = 'pg_proc'::regclass;

-- the library alone changes nothing
CREATE TABLE install_test (i int PRIMARY KEY, workflow_uuid text);
INSERT INTO install_test SELECT i, i FROM generate_series(1, 10) AS i;
DROP TABLE install_test;
SHOW dbos_payload.timing;

-- created again in the same session, whose kept plans and timings are of the old tables
CREATE EXTENSION dbos_payload;
SELECT dbos_payload.start_workflow('install', 'test'), dbos_payload.record_step('install', 0, 'a', '\x00'),
	dbos_payload.record_step('install', 0, 'a', '\x00'), dbos_payload.finish_workflow('install');
SELECT dbos_payload.step_output('install', 0, 'a');
SELECT operation, function_id, heap_bytes > 0 AS heap FROM dbos_payload.last_step_timing();
SELECT function_id, output_bytes FROM dbos_payload.list_steps('install');
CALL dbos_payload.purge('0');

-- in a transaction that is rolled back
BEGIN;
DROP EXTENSION dbos_payload;
CREATE EXTENSION dbos_payload;
SELECT dbos_payload.start_workflow('install 3', 'test'), dbos_payload.record_step('install 3', 0, 'a', '\x00');
ROLLBACK;
SELECT dbos_payload.start_workflow('install 3', 'test'), dbos_payload.record_step('install 3', 0, 'a', '\x01');

-- changed tables: added columns and indexes do no harm
ALTER TABLE dbos_payload.operation_outputs ADD COLUMN mine int DEFAULT 7;
CREATE INDEX mine ON dbos_payload.operation_outputs (mine);
SELECT dbos_payload.record_step('install 3', 1, 'a', '\x00');
SELECT dbos_payload.step_output('install 3', 1, 'a');
ALTER TABLE dbos_payload.operation_outputs DROP COLUMN mine;
SELECT dbos_payload.record_step('install 3', 2, 'a', '\x00');
SELECT dbos_payload.step_output('install 3', 2, 'a');
DROP EXTENSION dbos_payload;

-- by somebody who may not
CREATE ROLE regress_dbos_payload_creator;
SET ROLE regress_dbos_payload_creator;
CREATE EXTENSION dbos_payload;
\echo :SQLSTATE
RESET ROLE;
DROP ROLE regress_dbos_payload_creator;

CREATE EXTENSION dbos_payload;
