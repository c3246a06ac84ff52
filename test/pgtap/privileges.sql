-- the three documented roles, and everybody else: what each may do, and may not

\set QUIET 1
BEGIN;
SELECT no_plan();

CREATE ROLE regress_dbos_payload_public;
CREATE ROLE regress_dbos_payload_reader;
CREATE ROLE regress_dbos_payload_recorder;
CREATE ROLE regress_dbos_payload_maintainer;

-- reader: looks at what is recorded
GRANT USAGE ON SCHEMA dbos_payload TO regress_dbos_payload_reader;
GRANT SELECT ON dbos_payload.workflow_status, dbos_payload.operation_outputs TO regress_dbos_payload_reader;
GRANT EXECUTE ON FUNCTION dbos_payload.list_steps(text), dbos_payload.step_output(text, int, text),
	dbos_payload.step_timings(text), dbos_payload.last_step_timing() TO regress_dbos_payload_reader;
-- recorder: runs workflows
GRANT regress_dbos_payload_reader TO regress_dbos_payload_recorder;
GRANT INSERT ON dbos_payload.workflow_status, dbos_payload.operation_outputs TO regress_dbos_payload_recorder;
GRANT UPDATE ON dbos_payload.workflow_status TO regress_dbos_payload_recorder;
GRANT EXECUTE ON FUNCTION dbos_payload.start_workflow(text, text), dbos_payload.finish_workflow(text, text), dbos_payload.cancel_workflow(text),
	dbos_payload.record_step(text, int, text, bytea, text), dbos_payload.record_steps(text, int, text[], bytea[]),
	dbos_payload.payload_step(text, int, bigint, bigint, int, text), dbos_payload.payload_steps(text, int, bigint[], bigint, int),
	dbos_payload.size_step(text, int, int, bigint, int), dbos_payload.batch_size_step(text, int, int, bigint, int),
	dbos_payload.no_op(), dbos_payload.receive_payload(bytea, bool), dbos_payload.send_payload(bigint, bigint, int, bool), dbos_payload.backend_usage() TO regress_dbos_payload_recorder;
GRANT EXECUTE ON PROCEDURE dbos_payload.size_workflow(text, int, bool), dbos_payload.batch_size_workflow(text, int, bool),
	dbos_payload.commit_payload_steps(text, int, bigint[], bigint, int, text), dbos_payload.commit_record_steps(text, int, text[], bytea[]),
	dbos_payload.cancel_workflows(text[], int, bigint), dbos_payload.finish_workflows(text[], text, int, bigint) TO regress_dbos_payload_recorder;
-- maintainer: deletes as well
GRANT regress_dbos_payload_recorder TO regress_dbos_payload_maintainer;
GRANT DELETE ON dbos_payload.workflow_status, dbos_payload.operation_outputs TO regress_dbos_payload_maintainer;
GRANT EXECUTE ON PROCEDURE dbos_payload.purge(interval, int, bigint) TO regress_dbos_payload_maintainer;

SELECT dbos_payload.start_workflow('privileges', 'test') AS w, dbos_payload.record_step('privileges', 0, 'a', '\x00') AS s \gset
INSERT INTO dbos_payload.operation_outputs VALUES ('privileges orphan', 0, 'a', '\x00');

-- runs a statement as a role and takes back what it did; returns the SQLSTATE
CREATE FUNCTION pg_temp.as_role(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', 'regress_dbos_payload_' || role);
	EXECUTE statement;
	RAISE SQLSTATE 'DBOK1';
EXCEPTION WHEN OTHERS THEN
	RETURN CASE SQLSTATE WHEN 'DBOK1' THEN 'ok' ELSE SQLSTATE END;
END $$;

-- who is the first that may; 2D000 is a procedure's refusal of a transaction block, which
-- comes after the check of the privilege
CREATE TEMP TABLE statements (first_role int, statement text, result text DEFAULT 'ok');
INSERT INTO statements VALUES
	(1, 'SELECT dbos_payload.version()'), (1, 'SELECT dbos_payload.random_payload(1)'),
	(1, 'SELECT * FROM dbos_payload.list_steps(''privileges'')'), (1, 'SELECT dbos_payload.step_output(''privileges'', 0, ''a'')'),
	(1, 'SELECT * FROM dbos_payload.step_timings()'), (1, 'SELECT * FROM dbos_payload.last_step_timing()'),
	(1, 'SELECT * FROM dbos_payload.workflow_status'), (1, 'SELECT * FROM dbos_payload.operation_outputs'),
	(2, 'SELECT dbos_payload.start_workflow(''privileges new'', ''test'')'), (2, 'SELECT dbos_payload.start_workflow(''privileges'', ''test'')'),
	(2, 'SELECT dbos_payload.finish_workflow(''privileges'')'), (2, 'SELECT dbos_payload.cancel_workflow(''privileges'')'),
	(2, 'SELECT dbos_payload.record_step(''privileges'', 1, ''a'', ''\x00'')'), (2, 'SELECT dbos_payload.record_step(''privileges'', 0, ''a'', ''\x00'')'),
	(2, 'SELECT dbos_payload.record_steps(''privileges'', 1, ''{a}'', ''{a}'')'),
	(2, 'SELECT dbos_payload.payload_step(''privileges'', 1, 1)'), (2, 'SELECT dbos_payload.payload_steps(''privileges'', 1, ''{1}'')'),
	(2, 'SELECT dbos_payload.size_step(''privileges'', 1, 1)'), (2, 'SELECT dbos_payload.batch_size_step(''privileges'', 1, 1)'),
	(2, 'SELECT dbos_payload.no_op()'), (2, 'SELECT dbos_payload.receive_payload(''\x00'')'), (2, 'SELECT dbos_payload.send_payload(1)'), (2, 'SELECT dbos_payload.backend_usage()'),
	(2, 'INSERT INTO dbos_payload.operation_outputs VALUES (''privileges'', 5, ''a'', ''\x00'')'),
	(3, 'SELECT dbos_payload.start_workflow(''privileges orphan'', ''test'')'),
	(3, 'DELETE FROM dbos_payload.operation_outputs'), (3, 'DELETE FROM dbos_payload.workflow_status'),
	(4, 'UPDATE dbos_payload.operation_outputs SET output = NULL'), (4, 'TRUNCATE dbos_payload.operation_outputs'),
	(4, 'SELECT output FROM dbos_payload.operation_outputs FOR UPDATE'),
	(4, 'DROP TABLE dbos_payload.operation_outputs'), (4, 'CREATE TABLE dbos_payload.x (i int)'),
	(4, 'CREATE FUNCTION dbos_payload.version(int) RETURNS int LANGUAGE sql AS ''SELECT 1'''),
	(4, 'ALTER TABLE dbos_payload.operation_outputs ADD x int'), (4, 'DROP EXTENSION dbos_payload'),
	(4, 'SET dbos_payload.max_payload_bytes = 1');
INSERT INTO statements VALUES
	(2, 'CALL dbos_payload.size_workflow()', '2D000'), (2, 'CALL dbos_payload.batch_size_workflow()', '2D000'),
	(2, 'CALL dbos_payload.commit_payload_steps(''privileges'', 1, ''{1}'')', '2D000'), (2, 'CALL dbos_payload.commit_record_steps(''privileges'', 1, ''{a}'', ''{a}'')', '2D000'),
	(2, 'CALL dbos_payload.cancel_workflows(''{privileges}'')', '2D000'), (2, 'CALL dbos_payload.finish_workflows(''{privileges}'')', '2D000'),
	(3, 'CALL dbos_payload.purge(''1 day'')', '2D000');

SELECT is(pg_temp.as_role(role, statement), CASE WHEN n >= first_role THEN result ELSE '42501' END,
	format('%s %s: %s', role, CASE WHEN n >= first_role THEN 'may' ELSE 'may not' END, statement))
FROM statements, unnest('{public,reader,recorder,maintainer}'::text[]) WITH ORDINALITY AS r(role, i), LATERAL (SELECT i::int - 1) AS v(n)
ORDER BY i, statement COLLATE "C";

-- with the schema alone: the harmless two
GRANT USAGE ON SCHEMA dbos_payload TO regress_dbos_payload_public;
SELECT is(pg_temp.as_role('public', statement), CASE WHEN statement ~ '(version|random_payload)\(1?\)$' THEN 'ok' ELSE '42501' END,
	format('with the schema alone: %s', statement)) FROM statements ORDER BY statement COLLATE "C";

-- PUBLIC has nothing that writes, nor reads
SELECT is_empty($$ SELECT oid::regprocedure, privilege_type FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
	WHERE pronamespace = 'dbos_payload'::regnamespace AND grantee = 0 AND proname NOT IN ('version', 'random_payload') $$, 'PUBLIC: functions');
SELECT is_empty($$ SELECT oid::regclass, privilege_type FROM pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner)))
	WHERE relnamespace = 'dbos_payload'::regnamespace AND relkind = 'r' AND grantee = 0 $$, 'PUBLIC: tables');
SELECT is_empty($$ SELECT attrelid::regclass, attname FROM pg_attribute, aclexplode(attacl)
	WHERE attrelid IN ('dbos_payload.workflow_status'::regclass, 'dbos_payload.operation_outputs'::regclass) AND grantee = 0 $$, 'PUBLIC: columns');
SELECT is_empty($$ SELECT privilege_type FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
	WHERE nspname = 'dbos_payload' AND grantee = 0 $$, 'PUBLIC: schema');

-- the timings of a role that may not read the table: no error, no lengths
GRANT EXECUTE ON FUNCTION dbos_payload.step_timings(text) TO regress_dbos_payload_public;
SELECT is(pg_temp.as_role('public', 'SELECT * FROM dbos_payload.step_timings()'), 'ok', 'timings without the right to read the table');

SELECT * FROM finish();
ROLLBACK;
