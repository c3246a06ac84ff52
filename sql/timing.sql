-- step_timings() and last_step_timing(): what is measured, and what is NULL
-- (only relations between the figures are stable)

-- a session that has timed nothing
SELECT count(*) FROM dbos_payload.step_timings();
SELECT t IS NULL AS all_null FROM dbos_payload.last_step_timing() AS t;

-- what must hold in each row, whatever the figures
CREATE FUNCTION pg_temp.faults() RETURNS TABLE (operation text, function_id int, fault text) LANGUAGE sql AS $$
	SELECT t.operation, t.function_id, f.fault
	FROM dbos_payload.step_timings() AS t, LATERAL (VALUES
		('a negative time', least(total_ms, arrival_ms, parse_ms, check_ms, generate_ms, store_ms, output_ms, commit_ms,
			check_cpu_ms, generate_cpu_ms, store_cpu_ms, output_cpu_ms, commit_cpu_ms,
			check_delay_ms, generate_delay_ms, store_delay_ms, output_delay_ms, commit_delay_ms) < 0),
		('negative unattributed', unattributed_ms < -0.001),
		('no total', total_ms IS NULL OR total_ms <= 0),
		('parts do not add up', abs(total_ms - unattributed_ms - coalesce(arrival_ms, 0) - coalesce(parse_ms, 0) - coalesce(check_ms, 0)
			- coalesce(generate_ms, 0) - coalesce(store_ms, 0) - coalesce(output_ms, 0) - coalesce(commit_ms, 0)) > 0.000001),
		('arrival in a Query', arrival_ms IS NOT NULL),
		('a phase and its processor time are not together', check_cpu_ms IS NOT NULL
			AND ((check_ms IS NULL) <> (check_cpu_ms IS NULL) OR (generate_ms IS NULL) <> (generate_cpu_ms IS NULL)
				OR (store_ms IS NULL) <> (store_cpu_ms IS NULL) OR (output_ms IS NULL) <> (output_cpu_ms IS NULL)
				OR (commit_ms IS NULL) <> (commit_cpu_ms IS NULL))),
		('more of a processor than wall time', check_cpu_ms > check_ms OR generate_cpu_ms > generate_ms OR store_cpu_ms > store_ms
			OR output_cpu_ms > output_ms OR commit_cpu_ms > commit_ms),
		('a negative count', least(wal_bytes, wal_records, wal_fpi, shared_blks_hit, shared_blks_read, shared_blks_dirtied) < 0),
		('a baseline and an outcome', (workflow_uuid IS NULL) <> (outcome IS NULL)),
		('step number and ring disagree', step_number IS NULL OR step_number <= 0)) AS f(fault, is_so)
	WHERE f.is_so
$$;

-- a step of its own transaction: every phase
SELECT dbos_payload.start_workflow('timing', 'test');
SELECT octet_length(dbos_payload.payload_step('timing', 0, 100000));
SELECT step_number, operation, workflow_uuid, function_id, payload_bytes, outcome, arrival_ms,
	parse_ms IS NOT NULL AS parse, check_ms IS NOT NULL AS check, generate_ms IS NOT NULL AS generate, store_ms IS NOT NULL AS store,
	output_ms IS NOT NULL AS output, commit_ms IS NOT NULL AS commit, total_ms > commit_ms AS total,
	wal_bytes > 100000 AS wal_bytes, wal_records > 50 AS wal_records, wal_fpi >= 0 AS wal_fpi,
	shared_blks_hit > 0 AS hit, shared_blks_dirtied > 0 AS dirtied,
	heap_bytes BETWEEN 60 AND 200 AS heap_bytes, toast_bytes BETWEEN 100000 AND 101000 AS toast_bytes
FROM dbos_payload.last_step_timing();

-- replayed: nothing is made, stored or written
SELECT octet_length(dbos_payload.payload_step('timing', 0, 100000));
SELECT step_number, payload_bytes, outcome, generate_ms, store_ms, check_ms IS NOT NULL AS check,
	output_ms IS NOT NULL AS output, commit_ms IS NOT NULL AS commit, wal_bytes < 10000 AS wal_bytes
FROM dbos_payload.last_step_timing();

-- a small one: inline
SELECT octet_length(dbos_payload.payload_step('timing', i, 1)) FROM generate_series(1, 10) AS i;
SELECT count(*), bool_and(heap_bytes > 0) AS heap, max(toast_bytes) AS toast
FROM dbos_payload.step_timings('timing') WHERE payload_bytes = 1;

-- what became of it; of a conflict the length that was refused, and what is stored
SELECT dbos_payload.record_step('timing', 11, 'a', '\x0102');
SELECT dbos_payload.record_step('timing', 11, 'a', '\x0102');
SELECT dbos_payload.record_step('timing', 11, 'a', '\x010203');
SELECT outcome, payload_bytes, store_ms IS NOT NULL AS store FROM dbos_payload.step_timings('timing')
WHERE function_id = 11 ORDER BY step_number;
SELECT count(DISTINCT heap_bytes) FROM dbos_payload.step_timings('timing') WHERE function_id = 11;

-- several steps in one statement: the first has the parse, the last output and commit
SELECT function_id, parse_ms IS NOT NULL AS parse, output_ms IS NOT NULL AS output, commit_ms IS NOT NULL AS commit
FROM dbos_payload.step_timings('timing') WHERE function_id IN (1, 2, 9, 10) ORDER BY step_number;
SELECT * FROM dbos_payload.payload_steps('timing', 20, '{1,1,1}');
SELECT function_id, operation, parse_ms IS NOT NULL AS parse, output_ms IS NOT NULL AS output, commit_ms IS NOT NULL AS commit
FROM dbos_payload.step_timings('timing') WHERE function_id BETWEEN 20 AND 29 ORDER BY step_number;

-- several in one message: what came before the second cannot be told from the first, and who commits is neither
-- of several statements in one message, psql before 15 shows the last result only
\set SHOW_ALL_RESULTS off
SELECT dbos_payload.record_step('timing', 25, 'a', '\x00')\; SELECT dbos_payload.record_step('timing', 26, 'a', '\x00');
SELECT pg_sleep(1)\; SELECT dbos_payload.record_step('timing', 27, 'a', '\x00')\; SELECT pg_sleep(1);
SELECT function_id, parse_ms IS NOT NULL AS parse, output_ms IS NOT NULL AS output, commit_ms, total_ms < 1000 AS total
FROM dbos_payload.step_timings('timing') WHERE function_id BETWEEN 25 AND 29 ORDER BY step_number;

-- steps of an open block: no commit; there once it is committed
BEGIN;
SELECT dbos_payload.record_step('timing', 30, 'a', '\x00');
SELECT dbos_payload.record_step('timing', 31, 'a', '\x00');
SELECT count(*) FROM dbos_payload.step_timings('timing') WHERE function_id >= 30;
COMMIT;
SELECT operation, function_id, outcome, parse_ms IS NOT NULL AS parse, check_ms IS NOT NULL AS check, generate_ms, store_ms IS NOT NULL AS store,
	output_ms IS NOT NULL AS output, commit_ms FROM dbos_payload.step_timings('timing') WHERE function_id >= 30 ORDER BY step_number;

-- deferred triggers are the commit's, in a step's own transaction and in a procedure's
CREATE FUNCTION pg_temp.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	PERFORM pg_sleep(0.2);
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON dbos_payload.operation_outputs DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION pg_temp.dawdle();
SELECT dbos_payload.record_step('timing', 32, 'a', '\x00');
CALL dbos_payload.commit_payload_steps('timing', 33, '{1}');
CALL dbos_payload.commit_record_steps('timing', 34, '{a}', ARRAY['\x00']::bytea[]);
DROP TRIGGER dawdle ON dbos_payload.operation_outputs;
SELECT function_id, commit_ms >= 200 AS commit, total_ms - commit_ms < 200 AS rest FROM dbos_payload.step_timings('timing')
WHERE function_id BETWEEN 32 AND 34 ORDER BY step_number;

-- what is rolled back is forgotten, with its savepoint or its transaction
BEGIN;
SELECT dbos_payload.record_step('timing', 40, 'a', '\x00');
SAVEPOINT s;
SELECT dbos_payload.record_step('timing', 41, 'a', '\x00');
ROLLBACK TO s;
SAVEPOINT s;
SELECT dbos_payload.record_step('timing', 42, 'a', '\x00');
RELEASE s;
COMMIT;
BEGIN;
SELECT dbos_payload.record_step('timing', 43, 'a', '\x00');
ROLLBACK;
SELECT dbos_payload.record_step('timing', 44, 'a', '\x00') || 1 / 0;
SELECT dbos_payload.record_step('timing', 45, NULL, '\x00');
SELECT function_id FROM dbos_payload.step_timings('timing') WHERE function_id >= 40 ORDER BY step_number;
SELECT count(*) = max(step_number) AS numbered FROM dbos_payload.step_timings();

-- the others that are timed
SELECT dbos_payload.no_op();
SELECT operation, workflow_uuid, function_id, payload_bytes, outcome, check_ms, generate_ms, store_ms, heap_bytes, toast_bytes,
	parse_ms IS NOT NULL AS parse, output_ms IS NOT NULL AS output, commit_ms IS NOT NULL AS commit FROM dbos_payload.last_step_timing();
SELECT dbos_payload.receive_payload('\x0001');
SELECT operation, payload_bytes FROM dbos_payload.last_step_timing();
SELECT dbos_payload.receive_payload('\x0001', durable => true);
SELECT operation, payload_bytes, wal_records > 0 AS wal FROM dbos_payload.last_step_timing();
SELECT octet_length(dbos_payload.send_payload(1000));
SELECT operation, payload_bytes, generate_ms IS NOT NULL AS generate, store_ms FROM dbos_payload.last_step_timing();
SELECT octet_length(dbos_payload.send_payload(1000, durable => true));
SELECT operation, payload_bytes, wal_records > 0 AS wal FROM dbos_payload.last_step_timing();
SELECT octet_length(dbos_payload.size_step('timing', 50, 1)), octet_length(dbos_payload.batch_size_step('timing', 51, 2));
SELECT operation, payload_bytes FROM dbos_payload.step_timings('timing') WHERE function_id IN (50, 51) ORDER BY step_number;
SELECT outcome FROM dbos_payload.record_steps('timing', 52, '{a}', ARRAY['\x00']::bytea[]);
SELECT operation FROM dbos_payload.last_step_timing();

-- procedures: each step has its commit, the first one alone a parse
SET client_min_messages = warning;
CALL dbos_payload.size_workflow('timing s', 5);
RESET client_min_messages;
SELECT operation, function_id, payload_bytes, parse_ms IS NOT NULL AS parse, generate_ms IS NOT NULL AS generate,
	output_ms, commit_ms IS NOT NULL AS commit
FROM dbos_payload.step_timings('timing s') ORDER BY step_number;
CALL dbos_payload.commit_payload_steps('timing', 60, '{1,1}');
SELECT operation, parse_ms IS NOT NULL AS parse, commit_ms IS NOT NULL AS commit
FROM dbos_payload.step_timings('timing') WHERE function_id >= 60 ORDER BY step_number;

-- a procedure of somebody else's goes on to other things before it commits
CREATE PROCEDURE pg_temp.goes_on() LANGUAGE plpgsql AS $$ BEGIN
	PERFORM dbos_payload.record_step('timing', 65, 'a', '\x00');
	PERFORM pg_sleep(0.2);
	COMMIT;
END $$;
CALL pg_temp.goes_on();
SELECT output_ms, commit_ms IS NOT NULL AS commit, total_ms < 200 AS total FROM dbos_payload.last_step_timing();

SELECT * FROM pg_temp.faults();

-- reading them is no step; nor is starting a workflow
SELECT max(step_number) AS number FROM dbos_payload.step_timings() \gset
SELECT dbos_payload.start_workflow('timing n', 'test'), dbos_payload.finish_workflow('timing n');
SELECT max(step_number) = :number AS same FROM dbos_payload.step_timings();
SELECT count(*) FROM dbos_payload.step_timings('timing no such');

-- what cannot be measured any more is NULL
DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'timing' AND function_id = 0;
SELECT payload_bytes, heap_bytes, toast_bytes FROM dbos_payload.step_timings('timing') WHERE function_id = 0;

-- off
SET dbos_payload.timing = off;
SELECT dbos_payload.record_step('timing', 70, 'a', '\x00');
SELECT max(step_number) = :number AS same FROM dbos_payload.step_timings();
SET dbos_payload.timing = on;
SELECT dbos_payload.record_step('timing', 71, 'a', '\x00');
SELECT function_id, step_number - :number AS after FROM dbos_payload.last_step_timing();

-- the last 256 of them, oldest first
SELECT count(dbos_payload.record_step('timing', 1000 + i, 'a', '\x00')) FROM generate_series(1, 300) AS i;
SELECT count(*), min(function_id), max(function_id), max(step_number) - min(step_number) AS span FROM dbos_payload.step_timings();
SELECT string_agg(function_id::text, ' ') = (SELECT string_agg(i::text, ' ') FROM generate_series(1045, 1300) AS i) AS in_order
FROM dbos_payload.step_timings();
SELECT function_id, output_ms IS NOT NULL AS output, commit_ms IS NOT NULL AS commit FROM dbos_payload.last_step_timing();
SELECT * FROM pg_temp.faults();

-- the commit is what a commit takes
SET commit_siblings = 0;
SET synchronous_commit = on;
SET commit_delay = 20000;
SELECT dbos_payload.record_step('timing', 2000, 'a', '\x00');
SELECT commit_ms >= 15 OR current_setting('fsync') = 'off' AS commit FROM dbos_payload.last_step_timing();

RESET commit_delay;

-- processors, where they are asked for
SELECT count(*) FROM dbos_payload.step_timings()
WHERE num_nonnulls(check_cpu_ms, generate_cpu_ms, store_cpu_ms, output_cpu_ms, commit_cpu_ms,
	check_delay_ms, generate_delay_ms, store_delay_ms, output_delay_ms, commit_delay_ms) > 0;
SET dbos_payload.track_cpu = on;
SELECT octet_length(dbos_payload.payload_step('timing', 3000, 1000000));
CALL dbos_payload.commit_payload_steps('timing', 3001, '{1}');
SELECT count(check_cpu_ms), count(generate_cpu_ms), count(store_cpu_ms), count(output_cpu_ms), count(commit_cpu_ms) FROM dbos_payload.step_timings();
SELECT * FROM pg_temp.faults();
SELECT cpu_ms > 0 AS cpu, delay_ms >= 0 IS NOT FALSE AS delay, voluntary_switches >= 0 AS voluntary, involuntary_switches >= 0 AS involuntary
FROM dbos_payload.backend_usage();

-- another role does not see them, nor does anybody after DISCARD ALL
CREATE ROLE regress_dbos_payload_other;
GRANT USAGE ON SCHEMA dbos_payload TO regress_dbos_payload_other;
GRANT EXECUTE ON FUNCTION dbos_payload.step_timings(text), dbos_payload.last_step_timing() TO regress_dbos_payload_other;
SET ROLE regress_dbos_payload_other;
SELECT count(*) FROM dbos_payload.step_timings();
SELECT t IS NULL AS all_null FROM dbos_payload.last_step_timing() AS t;
RESET ROLE;
SET SESSION AUTHORIZATION regress_dbos_payload_other;
SELECT count(*) FROM dbos_payload.step_timings();
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM dbos_payload.step_timings();
DISCARD PLANS;
SELECT count(*) FROM dbos_payload.step_timings();
DISCARD ALL;
SELECT count(*) FROM dbos_payload.step_timings();
SELECT t IS NULL AS all_null FROM dbos_payload.last_step_timing() AS t;
REVOKE ALL ON SCHEMA dbos_payload FROM regress_dbos_payload_other;
REVOKE ALL ON FUNCTION dbos_payload.step_timings(text), dbos_payload.last_step_timing() FROM regress_dbos_payload_other;
DROP ROLE regress_dbos_payload_other;

DELETE FROM dbos_payload.operation_outputs;
DELETE FROM dbos_payload.workflow_status;
