-- what is recorded is found, whatever the tables have become since it was asked last

-- the first time by the executor, then by the plan's own search
SELECT dbos_payload.start_workflow('lookups', 'test'), dbos_payload.start_workflow('lookups', 'test');
SELECT dbos_payload.record_step('lookups', i, 'a', '\x01') FROM generate_series(0, 2) AS i;
SELECT dbos_payload.record_step('lookups', i, 'a', '\x01') FROM generate_series(0, 2) AS i;
SELECT dbos_payload.record_step('lookups', 1, 'a', '\x02'), dbos_payload.step_output('lookups', 1, 'a');
SELECT dbos_payload.record_step('lookups', 1, 'b', '\x01');
SELECT dbos_payload.record_step('lookups', 3, 'a', NULL, 'failed'), dbos_payload.record_step('lookups', 3, 'a', NULL, 'failed');
SELECT dbos_payload.step_output('lookups', 3, 'a');
SELECT dbos_payload.record_step('lookups no such', 0, 'a', '\x01');

-- what this transaction has done, and has taken back
BEGIN;
SELECT dbos_payload.record_step('lookups', 10, 'a', '\x01'), dbos_payload.record_step('lookups', 10, 'a', '\x01');
SAVEPOINT s;
SELECT dbos_payload.record_step('lookups', 11, 'a', '\x01'), dbos_payload.record_step('lookups', 11, 'a', '\x01');
ROLLBACK TO s;
SELECT dbos_payload.record_step('lookups', 11, 'a', '\x02'), dbos_payload.record_step('lookups', 11, 'a', '\x02');
ROLLBACK;
SELECT dbos_payload.step_output('lookups', 10, 'a') IS NULL AS gone;

-- a snapshot that is kept
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT dbos_payload.record_step('lookups', 1, 'a', '\x01');
SELECT dbos_payload.record_step('lookups', 12, 'a', '\x01'), dbos_payload.record_step('lookups', 12, 'a', '\x01');
COMMIT;

-- large ones, as they are stored
SELECT dbos_payload.record_step('lookups', 13, 'a', dbos_payload.random_payload(100000, 1));
SELECT dbos_payload.record_step('lookups', 13, 'a', dbos_payload.random_payload(100000, 1));
SELECT dbos_payload.step_output('lookups', 13, 'a') = dbos_payload.random_payload(100000, 1) AS same;

-- other columns, and an index of another order
BEGIN;
ALTER TABLE dbos_payload.operation_outputs ADD COLUMN extra int NOT NULL DEFAULT 7;
SELECT dbos_payload.record_step('lookups', 1, 'a', '\x01'), dbos_payload.record_step('lookups', 20, 'a', '\x01');
SELECT dbos_payload.record_step('lookups', 1, 'a', '\x01'), dbos_payload.record_step('lookups', 20, 'a', '\x01');
ALTER TABLE dbos_payload.operation_outputs DROP COLUMN extra;
ALTER TABLE dbos_payload.operation_outputs DROP CONSTRAINT operation_outputs_pkey;
ALTER TABLE dbos_payload.operation_outputs ADD PRIMARY KEY (function_id, workflow_uuid);
SELECT dbos_payload.record_step('lookups', 1, 'a', '\x01'), dbos_payload.record_step('lookups', 21, 'a', '\x01');
SELECT dbos_payload.record_step('lookups', 1, 'a', '\x01'), dbos_payload.record_step('lookups', 21, 'a', '\x01');
SELECT dbos_payload.record_step('lookups', 2, 'a', '\x02'), dbos_payload.step_output('lookups', 99, 'a') IS NULL AS none;
ROLLBACK;
SELECT dbos_payload.record_step('lookups', 1, 'a', '\x01'), dbos_payload.step_output('lookups', 21, 'a') IS NULL AS gone;

-- an index of another kind, which finds more than what is searched for
BEGIN;
ALTER TABLE dbos_payload.workflow_status DROP CONSTRAINT workflow_status_pkey;
CREATE INDEX ON dbos_payload.workflow_status USING hash (workflow_uuid);
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT dbos_payload.record_step('lookups', 1, 'a', '\x01'), dbos_payload.record_step('lookups', 1, 'a', '\x02');
SELECT dbos_payload.record_step('lookups', 1, 'a', '\x01'), dbos_payload.record_step('lookups', 1, 'a', '\x02');
ROLLBACK;

-- ids that another collation takes for the same
SELECT dbos_payload.start_workflow('LOOKUPS', 'test');
SELECT dbos_payload.record_step('LOOKUPS', 1, 'a', '\x03'), dbos_payload.step_output('LOOKUPS', 1, 'a'), dbos_payload.step_output('lookups', 1, 'a');

-- a role's policies, and its privileges, from one call to the next
CREATE ROLE regress_dbos_payload_tenant;
GRANT USAGE ON SCHEMA dbos_payload TO regress_dbos_payload_tenant;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA dbos_payload TO regress_dbos_payload_tenant;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA dbos_payload TO regress_dbos_payload_tenant;
SET ROLE regress_dbos_payload_tenant;
SELECT dbos_payload.step_output('lookups', 1, 'a'), dbos_payload.step_output('lookups', 2, 'a');
RESET ROLE;
ALTER TABLE dbos_payload.operation_outputs ENABLE ROW LEVEL SECURITY;
CREATE POLICY odd ON dbos_payload.operation_outputs USING (function_id % 2 = 1);
SET ROLE regress_dbos_payload_tenant;
SELECT dbos_payload.step_output('lookups', 1, 'a'), dbos_payload.step_output('lookups', 2, 'a');
SELECT dbos_payload.step_output('lookups', 1, 'a'), dbos_payload.step_output('lookups', 2, 'a');
RESET ROLE;
SELECT dbos_payload.step_output('lookups', 1, 'a'), dbos_payload.step_output('lookups', 2, 'a');
SELECT dbos_payload.step_output('lookups', 1, 'a'), dbos_payload.step_output('lookups', 2, 'a');
SET ROLE regress_dbos_payload_tenant;
SELECT dbos_payload.step_output('lookups', 1, 'a'), dbos_payload.step_output('lookups', 2, 'a');
RESET ROLE;
DROP POLICY odd ON dbos_payload.operation_outputs;
ALTER TABLE dbos_payload.operation_outputs DISABLE ROW LEVEL SECURITY;
SET ROLE regress_dbos_payload_tenant;
SELECT dbos_payload.step_output('lookups', 1, 'a'), dbos_payload.step_output('lookups', 2, 'a');
SELECT dbos_payload.step_output('lookups', 1, 'a'), dbos_payload.step_output('lookups', 2, 'a');
RESET ROLE;
CREATE ROLE regress_dbos_payload_other;
GRANT USAGE ON SCHEMA dbos_payload TO regress_dbos_payload_other;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA dbos_payload TO regress_dbos_payload_other;
SET ROLE regress_dbos_payload_other;
-- where an error says which statement it was in is not what is tested
\set VERBOSITY sqlstate
SELECT dbos_payload.step_output('lookups', 1, 'a');
SELECT dbos_payload.step_output('lookups', 1, 'a');
\set VERBOSITY default
RESET ROLE;
DROP OWNED BY regress_dbos_payload_tenant, regress_dbos_payload_other;
DROP ROLE regress_dbos_payload_tenant, regress_dbos_payload_other;

-- a table without the key, which nothing but the executor can read
BEGIN;
ALTER TABLE dbos_payload.operation_outputs DROP CONSTRAINT operation_outputs_pkey;
SELECT dbos_payload.step_output('lookups', 1, 'a'), dbos_payload.step_output('lookups', 99, 'a') IS NULL AS none;
ROLLBACK;
SELECT dbos_payload.step_output('lookups', 1, 'a'), dbos_payload.step_output('lookups', 99, 'a') IS NULL AS none;

DELETE FROM dbos_payload.operation_outputs;
DELETE FROM dbos_payload.workflow_status;
