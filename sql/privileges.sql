-- who may do what: nobody anything that writes, then the three documented roles
-- (what each function answers to each role is in test/pgtap/privileges.sql)

\set SHOW_CONTEXT never
SELECT dbos_payload.start_workflow('privileges', 'test');
SELECT dbos_payload.record_step('privileges', 0, 'a', '\x00');
SELECT dbos_payload.start_workflow('privileges ended', 'test'), dbos_payload.finish_workflow('privileges ended');

-- nothing of the extension is writable, or readable, by everybody
SELECT p.proname, a.privilege_type
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace,
	aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
WHERE n.nspname = 'dbos_payload' AND a.grantee = 0 ORDER BY 1, 2;
SELECT c.relname, a.privilege_type
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace,
	aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS a
WHERE n.nspname = 'dbos_payload' AND c.relkind IN ('r', 'p', 'v', 'S') AND a.grantee = 0 ORDER BY 1, 2;
SELECT a.privilege_type
FROM pg_namespace AS n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
WHERE n.nspname = 'dbos_payload' AND a.grantee = 0;
SELECT count(*) AS security_definer FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = 'dbos_payload' AND p.prosecdef;

SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_dbos_payload_nobody;
RESET client_min_messages;
CREATE ROLE regress_dbos_payload_nobody;

-- with no more than a login: the first error tells what is missing, one after the other
SET ROLE regress_dbos_payload_nobody;
SELECT dbos_payload.version();
\echo :SQLSTATE
RESET ROLE;
GRANT USAGE ON SCHEMA dbos_payload TO regress_dbos_payload_nobody;
SET ROLE regress_dbos_payload_nobody;
SELECT dbos_payload.version() = extversion AS version FROM pg_extension WHERE extname = 'dbos_payload';
SELECT dbos_payload.random_payload(4, 42);
SELECT dbos_payload.payload_step('privileges', 1, 1);
\echo :SQLSTATE
SELECT dbos_payload.record_step('privileges', 1, 'a', '\x00');
\echo :SQLSTATE
SELECT dbos_payload.step_output('privileges', 0, 'a');
\echo :SQLSTATE
SELECT * FROM dbos_payload.list_steps('privileges');
\echo :SQLSTATE
CALL dbos_payload.purge('0');
\echo :SQLSTATE
CALL dbos_payload.size_workflow();
\echo :SQLSTATE
SELECT * FROM dbos_payload.step_timings();
\echo :SQLSTATE
SELECT count(*) FROM dbos_payload.operation_outputs;
\echo :SQLSTATE
INSERT INTO dbos_payload.workflow_status VALUES ('privileges x', 'x', 'PENDING', 0, 0);
\echo :SQLSTATE
CREATE TABLE dbos_payload.mine (i int);
\echo :SQLSTATE
SET dbos_payload.max_payload_bytes = 500000000;
\echo :SQLSTATE
SET dbos_payload.timing = off;
RESET ROLE;
RESET dbos_payload.timing;

-- the functions give nobody more than he has on the tables
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA dbos_payload TO regress_dbos_payload_nobody;
SET ROLE regress_dbos_payload_nobody;
SELECT dbos_payload.payload_step('privileges', 1, 1);
\echo :SQLSTATE
SELECT dbos_payload.record_step('privileges', 1, 'a', '\x00');
\echo :SQLSTATE
SELECT dbos_payload.step_output('privileges', 0, 'a');
\echo :SQLSTATE
SELECT * FROM dbos_payload.list_steps('privileges');
\echo :SQLSTATE
SELECT dbos_payload.start_workflow('privileges x', 'test');
\echo :SQLSTATE
SELECT dbos_payload.finish_workflow('privileges');
\echo :SQLSTATE
SELECT dbos_payload.cancel_workflow('privileges');
\echo :SQLSTATE
CALL dbos_payload.purge('0');
\echo :SQLSTATE
SELECT octet_length(dbos_payload.send_payload(10)), dbos_payload.receive_payload('\x00');
RESET ROLE;
SELECT workflow_uuid, status FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'privileges%' ORDER BY workflow_uuid COLLATE "C";

-- the table's policies hold in our functions: a row that may not be seen is not there
ALTER TABLE dbos_payload.workflow_status ENABLE ROW LEVEL SECURITY;
ALTER TABLE dbos_payload.operation_outputs ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dbos_payload TO regress_dbos_payload_nobody;
CREATE POLICY own ON dbos_payload.workflow_status TO regress_dbos_payload_nobody USING (workflow_uuid LIKE 'nobody %');
CREATE POLICY own ON dbos_payload.operation_outputs TO regress_dbos_payload_nobody USING (workflow_uuid LIKE 'nobody %');
SET ROLE regress_dbos_payload_nobody;
SELECT dbos_payload.start_workflow('nobody 1', 'test'), dbos_payload.record_step('nobody 1', 0, 'a', '\x00');
SELECT dbos_payload.start_workflow('privileges', 'test');
\echo :SQLSTATE
SELECT dbos_payload.record_step('privileges', 0, 'a', '\x01');
\echo :SQLSTATE
SELECT dbos_payload.step_output('privileges', 0, 'a') IS NULL AS not_seen;
SELECT dbos_payload.cancel_workflow('privileges');
\echo :SQLSTATE
CALL dbos_payload.purge('0');
RESET ROLE;
DROP POLICY own ON dbos_payload.workflow_status;
DROP POLICY own ON dbos_payload.operation_outputs;
ALTER TABLE dbos_payload.workflow_status DISABLE ROW LEVEL SECURITY;
ALTER TABLE dbos_payload.operation_outputs DISABLE ROW LEVEL SECURITY;
SELECT workflow_uuid, status FROM dbos_payload.workflow_status ORDER BY workflow_uuid COLLATE "C";

-- recording needs UPDATE of some column of workflow_status, since it locks the
-- workflow's row; that of one column is enough, and ends no workflow
REVOKE ALL ON ALL TABLES IN SCHEMA dbos_payload FROM regress_dbos_payload_nobody;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA dbos_payload TO regress_dbos_payload_nobody;
SET ROLE regress_dbos_payload_nobody;
SELECT dbos_payload.start_workflow('privileges u', 'test');
SELECT dbos_payload.record_step('privileges u', 0, 'a', '\x00');
\echo :SQLSTATE
RESET ROLE;
GRANT UPDATE (updated_at) ON dbos_payload.workflow_status TO regress_dbos_payload_nobody;
SET ROLE regress_dbos_payload_nobody;
SELECT dbos_payload.record_step('privileges u', 0, 'a', '\x00'), dbos_payload.record_step('privileges u', 0, 'a', '\x00');
SELECT dbos_payload.finish_workflow('privileges u');
\echo :SQLSTATE
RESET ROLE;

-- ... and, where there are row policies, one for UPDATE that lets the row through
ALTER TABLE dbos_payload.workflow_status ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_select ON dbos_payload.workflow_status FOR SELECT TO regress_dbos_payload_nobody USING (workflow_uuid = 'privileges u');
SET ROLE regress_dbos_payload_nobody;
SELECT dbos_payload.record_step('privileges u', 0, 'a', '\x00');
SELECT dbos_payload.record_step('privileges u', 1, 'a', '\x00');
\echo :SQLSTATE
RESET ROLE;
CREATE POLICY own_update ON dbos_payload.workflow_status FOR UPDATE TO regress_dbos_payload_nobody USING (workflow_uuid = 'privileges u');
SET ROLE regress_dbos_payload_nobody;
SELECT dbos_payload.record_step('privileges u', 1, 'a', '\x00');
RESET ROLE;
DROP POLICY own_select ON dbos_payload.workflow_status;
DROP POLICY own_update ON dbos_payload.workflow_status;
ALTER TABLE dbos_payload.workflow_status DISABLE ROW LEVEL SECURITY;
SELECT dbos_payload.cancel_workflow('privileges u');

-- a recorder's procedures, and a maintainer's purge, which no transaction can take back
REVOKE ALL ON ALL TABLES IN SCHEMA dbos_payload FROM regress_dbos_payload_nobody;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA dbos_payload TO regress_dbos_payload_nobody;
GRANT UPDATE ON dbos_payload.workflow_status TO regress_dbos_payload_nobody;
SET ROLE regress_dbos_payload_nobody;
SET client_min_messages = warning;
CALL dbos_payload.size_workflow('privileges s', 3);
CALL dbos_payload.batch_size_workflow('privileges b', 3);
RESET client_min_messages;
SELECT dbos_payload.start_workflow('privileges p', 'test');
CALL dbos_payload.commit_payload_steps('privileges p', 0, '{1,2}');
CALL dbos_payload.commit_record_steps('privileges p', 2, '{a}', ARRAY['\x00'::bytea]);
SELECT operation, workflow_uuid, heap_bytes > 0 AS heap FROM dbos_payload.last_step_timing();
SELECT dbos_payload.finish_workflow('privileges p');
CALL dbos_payload.purge('0');
\echo :SQLSTATE
RESET ROLE;
SELECT count(*) FROM dbos_payload.list_steps('privileges p');
GRANT DELETE ON ALL TABLES IN SCHEMA dbos_payload TO regress_dbos_payload_nobody;
SET ROLE regress_dbos_payload_nobody;
CALL dbos_payload.purge('0');
RESET ROLE;
SELECT workflow_uuid, status FROM dbos_payload.workflow_status ORDER BY workflow_uuid COLLATE "C";

REVOKE ALL ON ALL TABLES IN SCHEMA dbos_payload FROM regress_dbos_payload_nobody;
REVOKE ALL ON ALL ROUTINES IN SCHEMA dbos_payload FROM regress_dbos_payload_nobody;
REVOKE ALL ON SCHEMA dbos_payload FROM regress_dbos_payload_nobody;
DROP ROLE regress_dbos_payload_nobody;
DELETE FROM dbos_payload.operation_outputs;
DELETE FROM dbos_payload.workflow_status;
