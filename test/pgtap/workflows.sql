-- the states of a workflow, each call in each of them; and that the first writer wins

\set QUIET 1
BEGIN;
SELECT no_plan();

-- the result, or the SQLSTATE, of a call; what it did stays
CREATE FUNCTION pg_temp.result(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE 'SELECT dbos_payload.' || call INTO result;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;

CREATE TEMP TABLE transitions (state text, call text, result text, state_after text);
INSERT INTO transitions VALUES
	('unknown', 'start_workflow(%L, ''test'')', 'PENDING', 'PENDING'), ('unknown', 'finish_workflow(%L)', '42704', NULL), ('unknown', 'finish_workflow(%L, ''ERROR'')', '42704', NULL),
	('unknown', 'cancel_workflow(%L)', '42704', NULL), ('unknown', 'record_step(%L, 0, ''a'', ''\x01'')', '42704', NULL), ('unknown', 'record_step(%L, 1, ''a'', ''\x01'')', '42704', NULL),
	('unknown', 'payload_step(%L, 1, 1, 42)', '42704', NULL), ('unknown', 'step_output(%L, 1, ''a'')', NULL, NULL),
	('PENDING', 'start_workflow(%L, ''test'')', 'PENDING', 'PENDING'), ('PENDING', 'start_workflow(%L, ''other'')', '22023', 'PENDING'),
	('PENDING', 'finish_workflow(%L)', 'SUCCESS', 'SUCCESS'), ('PENDING', 'finish_workflow(%L, ''ERROR'')', 'ERROR', 'ERROR'), ('PENDING', 'finish_workflow(%L, ''CANCELLED'')', '22023', 'PENDING'),
	('PENDING', 'finish_workflow(%L, ''PENDING'')', '22023', 'PENDING'), ('PENDING', 'cancel_workflow(%L)', 'CANCELLED', 'CANCELLED'),
	('PENDING', 'record_step(%L, 0, ''a'', ''\x01'')', 'already_recorded', 'PENDING'), ('PENDING', 'record_step(%L, 0, ''a'', ''\x02'')', 'conflict', 'PENDING'),
	('PENDING', 'record_step(%L, 0, ''b'', ''\x01'')', '22023', 'PENDING'), ('PENDING', 'record_step(%L, 1, ''a'', ''\x01'')', 'recorded', 'PENDING'),
	('PENDING', 'payload_step(%L, 1, 1, 42)', '\x95', 'PENDING'), ('PENDING', 'payload_step(%L, 0, 1, 42, 0, ''a'')', '\x01', 'PENDING'), ('PENDING', 'payload_step(%L, 0, 1, 42)', '22023', 'PENDING'),
	('PENDING', 'step_output(%L, 0, ''a'')', '\x01', 'PENDING'), ('PENDING', 'step_output(%L, 0, ''b'')', '22023', 'PENDING'), ('PENDING', 'step_output(%L, 1, ''a'')', NULL, 'PENDING'),
	('SUCCESS', 'finish_workflow(%L)', 'SUCCESS', 'SUCCESS'), ('SUCCESS', 'finish_workflow(%L, ''ERROR'')', '55000', 'SUCCESS'),
	('ERROR', 'finish_workflow(%L)', '55000', 'ERROR'), ('ERROR', 'finish_workflow(%L, ''ERROR'')', 'ERROR', 'ERROR'),
	('CANCELLED', 'finish_workflow(%L)', '55000', 'CANCELLED'), ('CANCELLED', 'finish_workflow(%L, ''ERROR'')', '55000', 'CANCELLED');
INSERT INTO transitions SELECT state, call, coalesce(result, state), state
FROM unnest('{SUCCESS,ERROR,CANCELLED}'::text[]) AS state, (VALUES
	('start_workflow(%L, ''test'')', NULL), ('start_workflow(%L, ''other'')', '22023'), ('cancel_workflow(%L)', NULL),
	('record_step(%L, 0, ''a'', ''\x01'')', '55000'), ('record_step(%L, 1, ''a'', ''\x01'')', '55000'), ('record_step(%L, 0, ''a'', ''\x02'')', '55000'),
	('payload_step(%L, 1, 1, 42)', '55000'), ('payload_step(%L, 0, 1, 42, 0, ''a'')', '55000'), ('size_step(%L, 1, 1)', '55000'), ('batch_size_step(%L, 1, 1)', '55000'),
	('step_output(%L, 0, ''a'')', '\x01')) AS c(call, result);
INSERT INTO transitions SELECT state, 'step_output(%L, 1, ''a'')', NULL, state FROM unnest('{SUCCESS,ERROR,CANCELLED}'::text[]) AS state;

CREATE FUNCTION pg_temp.in_state(id text, state text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF state <> 'unknown' THEN
		PERFORM dbos_payload.start_workflow(id, 'test');
		PERFORM dbos_payload.record_step(id, 0, 'a', '\x01');
		IF state = 'CANCELLED' THEN
			PERFORM dbos_payload.cancel_workflow(id);
		ELSIF state <> 'PENDING' THEN
			PERFORM dbos_payload.finish_workflow(id, state);
		END IF;
	END IF;
	RETURN id;
END $$;

SELECT is(pg_temp.result(format(call, pg_temp.in_state(state || ' ' || call, state))), result, format('%s: %s', state, call)) FROM transitions;
SELECT is((SELECT status FROM dbos_payload.workflow_status WHERE workflow_uuid = state || ' ' || call), state_after, format('%s: state after %s', state, call)) FROM transitions;
SELECT is((SELECT output FROM dbos_payload.operation_outputs WHERE workflow_uuid = state || ' ' || call AND function_id = 0), CASE WHEN state <> 'unknown' THEN '\x01'::bytea END,
	format('%s: the first output stays after %s', state, call)) FROM transitions;
SELECT is_empty($$ SELECT * FROM dbos_payload.workflow_status WHERE (status = 'PENDING') <> (completed_at IS NULL) OR created_at > updated_at OR completed_at > updated_at OR completed_at < created_at $$, 'times and states agree');
SELECT is_empty($$ SELECT * FROM dbos_payload.operation_outputs AS o LEFT JOIN dbos_payload.workflow_status AS s USING (workflow_uuid) WHERE s.workflow_uuid IS NULL $$, 'no step without a workflow');
SELECT is_empty($$ SELECT * FROM dbos_payload.operation_outputs WHERE num_nonnulls(output, error) <> 1 $$, 'each step has an output or an error');

-- recovery attempts are counted while it is pending
SELECT pg_temp.in_state('attempts', 'unknown') AS id, count(dbos_payload.start_workflow('attempts', 'test')) AS n FROM generate_series(1, 5) \gset
SELECT dbos_payload.finish_workflow('attempts') AS s, dbos_payload.start_workflow('attempts', 'test') AS t \gset
SELECT is((SELECT recovery_attempts FROM dbos_payload.workflow_status WHERE workflow_uuid = 'attempts'), 4::bigint, 'recovery attempts');

-- first writer wins: 500 steps at random, by three executors with payloads of their own,
-- end as the first of each
SELECT dbos_payload.start_workflow('first', 'test') AS w \gset
CREATE TEMP TABLE calls AS SELECT n, (random() * 99)::int AS function_id, (random() * 2)::int AS executor FROM generate_series(1, 500) AS n;
ALTER TABLE calls ADD made bytea, ADD returned bytea, ADD outcome text;
DO $$
DECLARE
	c calls;
BEGIN
	FOR c IN SELECT * FROM calls ORDER BY n LOOP
		c.made := dbos_payload.random_payload(20 + c.executor, c.function_id * 10 + c.executor);
		IF c.executor = 0 THEN
			c.outcome := dbos_payload.record_step('first', c.function_id, 'payload_step', c.made);
		ELSE
			SET LOCAL client_min_messages = error;
			c.returned := dbos_payload.payload_step('first', c.function_id, 20 + c.executor, c.function_id * 10 + c.executor);
			RESET client_min_messages;
		END IF;
		UPDATE calls SET made = c.made, returned = c.returned, outcome = c.outcome WHERE n = c.n;
	END LOOP;
END $$;
CREATE TEMP VIEW firsts AS SELECT DISTINCT ON (function_id) * FROM calls ORDER BY function_id, n;
SELECT is_empty($$ SELECT * FROM firsts AS f FULL JOIN (SELECT * FROM dbos_payload.operation_outputs WHERE workflow_uuid = 'first') AS o USING (function_id) WHERE f.made IS DISTINCT FROM o.output $$, 'what is stored is what the first one had');
SELECT is_empty($$ SELECT * FROM calls JOIN firsts AS f USING (function_id) WHERE calls.returned <> f.made $$, 'what is returned is what the first one had');
SELECT is_empty($$ SELECT * FROM calls AS c JOIN firsts AS f USING (function_id) WHERE c.outcome <>
	CASE WHEN c.n = f.n THEN 'recorded' WHEN c.made = f.made THEN 'already_recorded' ELSE 'conflict' END $$, 'the outcomes tell how it went');

-- nothing is ever updated in the table of payloads
SELECT is((SELECT pg_stat_get_xact_tuples_updated('dbos_payload.operation_outputs'::regclass)), 0::bigint, 'no row of a payload is ever updated');
SELECT is((SELECT pg_stat_get_xact_tuples_deleted('dbos_payload.operation_outputs'::regclass)), 0::bigint, 'or deleted');
SELECT * FROM finish();
ROLLBACK;
