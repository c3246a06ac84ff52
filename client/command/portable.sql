/*
 * portable.sql
 *	  What "dbos_payload_bench init --portable" runs: the tables of the extension
 *	  dbos_payload, and its functions for payloads that a client makes, in SQL and
 *	  PL/pgSQL alone, for servers where C cannot be installed.
 *
 * The owner of a database may run it, by psql too; the schema then is theirs, and
 * DROP SCHEMA dbos_payload CASCADE takes all of it away.  Names, contracts, messages and
 * SQLSTATEs are the extension's; docs/portable.md says where they differ.  Payloads are
 * never made here, and nothing is timed.
 *
 * As in the extension everything is named with its schema, operators too, so that no
 * search_path takes part; hence no IN, BETWEEN, NULLIF or IS DISTINCT FROM of values.
 * Parameters are $1, $2 ... inside of statements, since columns have their names.
 */

BEGIN;

CREATE SCHEMA dbos_payload;
COMMENT ON SCHEMA dbos_payload IS
'dbos_payload portable 1.0: workflow step checkpoints in SQL and PL/pgSQL, without the extension';

--
-- Tables, as in the extension
--

CREATE TABLE dbos_payload.workflow_status (
	workflow_uuid pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
	name pg_catalog.text NOT NULL,
	status pg_catalog.text NOT NULL,
	created_at pg_catalog.int8 NOT NULL,
	updated_at pg_catalog.int8 NOT NULL,
	completed_at pg_catalog.int8,
	recovery_attempts pg_catalog.int8 NOT NULL DEFAULT 0,
	PRIMARY KEY (workflow_uuid),
	CHECK (status OPERATOR(pg_catalog.=) 'PENDING' OR status OPERATOR(pg_catalog.=) 'SUCCESS'
		OR status OPERATOR(pg_catalog.=) 'ERROR' OR status OPERATOR(pg_catalog.=) 'CANCELLED')
);
COMMENT ON TABLE dbos_payload.workflow_status IS
'one row per workflow: its state and its times';
COMMENT ON COLUMN dbos_payload.workflow_status.workflow_uuid IS 'workflow id, any text of 1 to 1,024 bytes';
COMMENT ON COLUMN dbos_payload.workflow_status.name IS 'name given to start_workflow';
COMMENT ON COLUMN dbos_payload.workflow_status.status IS 'PENDING, SUCCESS, ERROR or CANCELLED';
COMMENT ON COLUMN dbos_payload.workflow_status.created_at IS 'when it was first started, ms since 1970-01-01 UTC';
COMMENT ON COLUMN dbos_payload.workflow_status.updated_at IS 'when this row last changed, ms since 1970-01-01 UTC';
COMMENT ON COLUMN dbos_payload.workflow_status.completed_at IS 'when it finished or was cancelled, ms since 1970-01-01 UTC';
COMMENT ON COLUMN dbos_payload.workflow_status.recovery_attempts IS 'how often a pending workflow was started again';

CREATE INDEX workflow_status_completed_at ON dbos_payload.workflow_status (completed_at, workflow_uuid)
	WHERE completed_at IS NOT NULL;
COMMENT ON INDEX dbos_payload.workflow_status_completed_at IS 'finds the workflows that purge may delete';

CREATE TABLE dbos_payload.operation_outputs (
	workflow_uuid pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
	function_id pg_catalog.int4 NOT NULL,
	function_name pg_catalog.text NOT NULL,
	output pg_catalog.bytea,
	error pg_catalog.text,
	started_at_epoch_ms pg_catalog.int8,
	completed_at_epoch_ms pg_catalog.int8,
	PRIMARY KEY (workflow_uuid, function_id)
);
COMMENT ON TABLE dbos_payload.operation_outputs IS
'one row per recorded step: its checkpoint';
COMMENT ON COLUMN dbos_payload.operation_outputs.workflow_uuid IS 'workflow id';
COMMENT ON COLUMN dbos_payload.operation_outputs.function_id IS 'the step''s number in its workflow';
COMMENT ON COLUMN dbos_payload.operation_outputs.function_name IS 'the step''s name';
COMMENT ON COLUMN dbos_payload.operation_outputs.output IS 'the step''s payload; NULL where it recorded an error';
COMMENT ON COLUMN dbos_payload.operation_outputs.error IS 'the error that the step recorded, if any';
COMMENT ON COLUMN dbos_payload.operation_outputs.started_at_epoch_ms IS 'NULL: only the client knows when the step began';
COMMENT ON COLUMN dbos_payload.operation_outputs.completed_at_epoch_ms IS 'when its payload was ready to be stored, ms since 1970-01-01 UTC';

--
-- What the functions have in common.  Everybody who may use the schema may call these:
-- they do nothing that their caller could not do with the tables alone.
--

CREATE FUNCTION dbos_payload.portable_now_ms() RETURNS pg_catalog.int8
LANGUAGE sql VOLATILE PARALLEL SAFE
AS $$
	SELECT pg_catalog.floor(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())
		OPERATOR(pg_catalog.*) 1000::pg_catalog.float8)::pg_catalog.int8
$$;
COMMENT ON FUNCTION dbos_payload.portable_now_ms() IS
'for the functions of this schema: now, in ms since 1970-01-01 UTC';

CREATE FUNCTION dbos_payload.portable_check_bytes(
	bytes pg_catalog.int8,
	what pg_catalog.text,
	least_bytes pg_catalog.int4,
	most_bytes pg_catalog.int4,
	element pg_catalog.int8 DEFAULT 0)
RETURNS pg_catalog.void
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
	IF bytes IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = pg_catalog.format('%s must not be null', what);
	END IF;
	IF bytes OPERATOR(pg_catalog.<) least_bytes OR bytes OPERATOR(pg_catalog.>) most_bytes THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format('%s must be between %s and %s bytes', what, least_bytes, most_bytes),
			DETAIL = CASE WHEN element OPERATOR(pg_catalog.>) 0 THEN
				pg_catalog.format('Element %s has %s bytes.', element, bytes)
				ELSE pg_catalog.format('The given one has %s bytes.', bytes) END;
	END IF;
END
$$;
COMMENT ON FUNCTION dbos_payload.portable_check_bytes(pg_catalog.int8, pg_catalog.text, pg_catalog.int4, pg_catalog.int4, pg_catalog.int8) IS
'for the functions of this schema: raises an error where a length is NULL (22004) or out of range (22023)';

CREATE FUNCTION dbos_payload.portable_check_number(
	value pg_catalog.int4,
	what pg_catalog.text,
	least_value pg_catalog.int4,
	most_value pg_catalog.int4)
RETURNS pg_catalog.void
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
	IF value IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = pg_catalog.format('%s must not be null', what);
	END IF;
	IF value OPERATOR(pg_catalog.<) least_value OR value OPERATOR(pg_catalog.>) most_value THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format('%s must be between %s and %s', what, least_value, most_value),
			DETAIL = pg_catalog.format('The given one is %s.', value);
	END IF;
END
$$;
COMMENT ON FUNCTION dbos_payload.portable_check_number(pg_catalog.int4, pg_catalog.text, pg_catalog.int4, pg_catalog.int4) IS
'for the functions of this schema: raises an error where a number is NULL (22004) or out of range (22023)';

CREATE FUNCTION dbos_payload.portable_check_array(
	dimensions pg_catalog.int4,
	count pg_catalog.int4,
	null_element pg_catalog.int4,
	what pg_catalog.text,
	first_function_id pg_catalog.int4)
RETURNS pg_catalog.void
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
	IF dimensions OPERATOR(pg_catalog.>) 1 THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format('%s must be a one-dimensional array', what),
			DETAIL = pg_catalog.format('The given one has %s dimensions.', dimensions);
	END IF;
	IF count OPERATOR(pg_catalog.>) 10000 THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format('%s must have at most 10000 elements', what),
			DETAIL = pg_catalog.format('The given array has %s elements.', count),
			HINT = 'Use several calls.';
	END IF;
	IF null_element IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004',
			MESSAGE = pg_catalog.format('%s must not have null elements', what),
			DETAIL = pg_catalog.format('Element %s is null.', null_element);
	END IF;
	IF first_function_id::pg_catalog.int8 OPERATOR(pg_catalog.+) count::pg_catalog.int8
		OPERATOR(pg_catalog.>) 2147483648 THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format('first_function_id must be at most %s for %s steps',
				2147483648 OPERATOR(pg_catalog.-) count::pg_catalog.int8, count),
			DETAIL = pg_catalog.format('The given one is %s.', first_function_id);
	END IF;
END
$$;
COMMENT ON FUNCTION dbos_payload.portable_check_array(pg_catalog.int4, pg_catalog.int4, pg_catalog.int4, pg_catalog.text, pg_catalog.int4) IS
'for the functions of this schema: raises an error unless an array has an element for each step of one call';

CREATE FUNCTION dbos_payload.portable_check_may_write(what pg_catalog.text) RETURNS pg_catalog.void
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
	IF pg_catalog.current_setting('transaction_read_only') OPERATOR(pg_catalog.=) 'on' THEN
		RAISE EXCEPTION USING ERRCODE = '25006',
			MESSAGE = pg_catalog.format('cannot execute dbos_payload.%s() in a read-only transaction', what);
	END IF;
END
$$;
COMMENT ON FUNCTION dbos_payload.portable_check_may_write(pg_catalog.text) IS
'for the functions of this schema: raises 25006 in a transaction that is read only';

CREATE FUNCTION dbos_payload.portable_check_pending(workflow_id pg_catalog.text) RETURNS pg_catalog.void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
DECLARE
	known pg_catalog.text;
BEGIN
	SELECT s.status INTO known FROM dbos_payload.workflow_status AS s
		WHERE s.workflow_uuid OPERATOR(pg_catalog.=) ($1 COLLATE pg_catalog."C");
	IF known IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42704',
			MESSAGE = pg_catalog.format('workflow "%s" does not exist', workflow_id),
			HINT = 'Start it with dbos_payload.start_workflow() first.';
	END IF;
	IF known OPERATOR(pg_catalog.<>) 'PENDING' THEN
		RAISE EXCEPTION USING ERRCODE = '55000',
			MESSAGE = pg_catalog.format('workflow "%s" is not pending', workflow_id),
			DETAIL = pg_catalog.format('Its status is %s.', known),
			HINT = 'An ended workflow takes no more steps; read its recorded ones with dbos_payload.step_output(), or start a new workflow.';
	END IF;
END
$$;
COMMENT ON FUNCTION dbos_payload.portable_check_pending(pg_catalog.text) IS
'for the functions of this schema: raises an error unless a workflow is there (42704) and pending (55000)';

CREATE FUNCTION dbos_payload.portable_check_name(
	workflow_id pg_catalog.text,
	function_id pg_catalog.int4,
	known pg_catalog.text,
	given pg_catalog.text)
RETURNS pg_catalog.void
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
	IF (known COLLATE pg_catalog."C") OPERATOR(pg_catalog.<>) (given COLLATE pg_catalog."C") THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format('step %s of workflow "%s" was recorded by another function', function_id, workflow_id),
			DETAIL = pg_catalog.format('It was recorded as "%s", the function name given now is "%s".', known, given),
			HINT = 'Use the same function name to resume the workflow, or another function_id.';
	END IF;
END
$$;
COMMENT ON FUNCTION dbos_payload.portable_check_name(pg_catalog.text, pg_catalog.int4, pg_catalog.text, pg_catalog.text) IS
'for the functions of this schema: raises 22023 where a step was recorded under another name';

/*
 * A step's way, as in the extension: is it recorded, then its INSERT from the workflow's
 * row, which it locks against being ended; who comes second gets what is recorded.
 */
CREATE FUNCTION dbos_payload.portable_store_step(
	workflow_id pg_catalog.text,
	function_id pg_catalog.int4,
	function_name pg_catalog.text,
	output pg_catalog.bytea,
	error pg_catalog.text)
RETURNS pg_catalog.text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
#variable_conflict use_column
DECLARE
	known_name pg_catalog.text;
	same pg_catalog.bool;
BEGIN
	FOR attempt IN 1..2 LOOP
		SELECT o.function_name,
			(o.output IS NULL) OPERATOR(pg_catalog.=) ($4 IS NULL)
			AND (o.error IS NULL) OPERATOR(pg_catalog.=) ($5 IS NULL)
			AND ($4 IS NULL OR o.output OPERATOR(pg_catalog.=) $4)
			AND ($5 IS NULL OR (o.error COLLATE pg_catalog."C") OPERATOR(pg_catalog.=) ($5 COLLATE pg_catalog."C"))
			INTO known_name, same
			FROM dbos_payload.operation_outputs AS o
			WHERE o.workflow_uuid OPERATOR(pg_catalog.=) ($1 COLLATE pg_catalog."C")
			AND o.function_id OPERATOR(pg_catalog.=) $2;
		IF FOUND THEN
			PERFORM dbos_payload.portable_check_pending($1);
			PERFORM dbos_payload.portable_check_name($1, $2, known_name, $3);
			RETURN CASE WHEN same THEN 'already_recorded' ELSE 'conflict' END;
		END IF;
		EXIT WHEN attempt OPERATOR(pg_catalog.=) 2;

		INSERT INTO dbos_payload.operation_outputs
			(workflow_uuid, function_id, function_name, output, error, completed_at_epoch_ms)
			SELECT p.workflow_uuid, $2, $3, $4, $5, dbos_payload.portable_now_ms()
			FROM (SELECT s.workflow_uuid FROM dbos_payload.workflow_status AS s
				WHERE s.workflow_uuid OPERATOR(pg_catalog.=) ($1 COLLATE pg_catalog."C")
				AND s.status OPERATOR(pg_catalog.=) 'PENDING' FOR KEY SHARE) AS p
			ON CONFLICT (workflow_uuid, function_id) DO NOTHING;
		IF FOUND THEN
			RETURN 'recorded';
		END IF;
	END LOOP;

	PERFORM dbos_payload.portable_check_pending($1);
	IF pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.=) 'repeatable read'
		OR pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.=) 'serializable' THEN
		RAISE EXCEPTION USING ERRCODE = '40001',
			MESSAGE = 'could not serialize access due to concurrent update',
			DETAIL = pg_catalog.format('Step %s of workflow "%s" was recorded by another transaction.', $2, $1),
			HINT = 'The transaction might succeed if retried.';
	END IF;
	RAISE EXCEPTION USING ERRCODE = '55000',
		MESSAGE = pg_catalog.format('step %s of workflow "%s" could not be recorded', $2, $1),
		DETAIL = 'A trigger, rule or policy on dbos_payload.operation_outputs, or a policy for UPDATE on dbos_payload.workflow_status, kept the row from being written or read.';
END
$$;
COMMENT ON FUNCTION dbos_payload.portable_store_step(pg_catalog.text, pg_catalog.int4, pg_catalog.text, pg_catalog.bytea, pg_catalog.text) IS
'for the functions of this schema: record one step, whose arguments are right; recorded, already_recorded or conflict';

CREATE FUNCTION dbos_payload.portable_raise_suppressed(workflow_id pg_catalog.text) RETURNS pg_catalog.void
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = '55000',
		MESSAGE = pg_catalog.format('workflow "%s" could not be changed', workflow_id),
		DETAIL = 'A trigger, rule or policy on dbos_payload.workflow_status kept the row from being written or read.';
END
$$;
COMMENT ON FUNCTION dbos_payload.portable_raise_suppressed(pg_catalog.text) IS
'for the functions of this schema: raises 55000 for a row that could not be written or read';

/* Waits for the steps under way, so that none commits into an ended workflow. */
CREATE FUNCTION dbos_payload.portable_end_workflow(
	workflow_id pg_catalog.text,
	status pg_catalog.text)
RETURNS pg_catalog.text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
#variable_conflict use_column
DECLARE
	known pg_catalog.text;
	now_ms pg_catalog.int8;
BEGIN
	FOR attempt IN 1..3 LOOP
		now_ms := dbos_payload.portable_now_ms();
		PERFORM 1 FROM dbos_payload.workflow_status AS s
			WHERE s.workflow_uuid OPERATOR(pg_catalog.=) ($1 COLLATE pg_catalog."C")
			AND s.status OPERATOR(pg_catalog.=) 'PENDING' FOR UPDATE;
		IF FOUND THEN
			UPDATE dbos_payload.workflow_status AS s
				SET status = $2, updated_at = now_ms, completed_at = now_ms
				WHERE s.workflow_uuid OPERATOR(pg_catalog.=) ($1 COLLATE pg_catalog."C")
				AND s.status OPERATOR(pg_catalog.=) 'PENDING';
			EXIT WHEN NOT FOUND;
			RETURN $2;
		END IF;

		SELECT s.status INTO known FROM dbos_payload.workflow_status AS s
			WHERE s.workflow_uuid OPERATOR(pg_catalog.=) ($1 COLLATE pg_catalog."C");
		IF known IS NULL THEN
			RAISE EXCEPTION USING ERRCODE = '42704',
				MESSAGE = pg_catalog.format('workflow "%s" does not exist', $1),
				HINT = 'Start it with dbos_payload.start_workflow() first.';
		END IF;
		IF known OPERATOR(pg_catalog.<>) 'PENDING' THEN
			RETURN known;
		END IF;
	END LOOP;
	PERFORM dbos_payload.portable_raise_suppressed($1);
END
$$;
COMMENT ON FUNCTION dbos_payload.portable_end_workflow(pg_catalog.text, pg_catalog.text) IS
'for the functions of this schema: give a pending workflow its last status and return the one that it then has';

--
-- Checkpoints for any client, as in the extension
--

CREATE FUNCTION dbos_payload.start_workflow(
	workflow_id pg_catalog.text,
	name pg_catalog.text)
RETURNS pg_catalog.text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
#variable_conflict use_column
DECLARE
	known_name pg_catalog.text;
	known pg_catalog.text;
	now_ms pg_catalog.int8;
BEGIN
	PERFORM dbos_payload.portable_check_bytes(pg_catalog.octet_length($1), 'workflow_id', 1, 1024);
	PERFORM dbos_payload.portable_check_bytes(pg_catalog.octet_length($2), 'name', 1, 1024);
	PERFORM dbos_payload.portable_check_may_write('start_workflow');

	FOR attempt IN 1..3 LOOP
		now_ms := dbos_payload.portable_now_ms();
		INSERT INTO dbos_payload.workflow_status (workflow_uuid, name, status, created_at, updated_at)
			VALUES ($1, $2, 'PENDING', now_ms, now_ms)
			ON CONFLICT (workflow_uuid) DO NOTHING;
		IF FOUND THEN
			-- steps that were left behind when the workflow's own row alone was deleted
			PERFORM o.function_id FROM dbos_payload.operation_outputs AS o
				WHERE o.workflow_uuid OPERATOR(pg_catalog.=) ($1 COLLATE pg_catalog."C")
				ORDER BY o.workflow_uuid, o.function_id LIMIT 1;
			IF FOUND THEN
				DELETE FROM dbos_payload.operation_outputs AS o
					WHERE o.workflow_uuid OPERATOR(pg_catalog.=) ($1 COLLATE pg_catalog."C");
			END IF;
			RETURN 'PENDING';
		END IF;

		-- it was there; or it was purged just now, and we try again
		SELECT s.name, s.status INTO known_name, known FROM dbos_payload.workflow_status AS s
			WHERE s.workflow_uuid OPERATOR(pg_catalog.=) ($1 COLLATE pg_catalog."C");
		CONTINUE WHEN NOT FOUND;
		IF (known_name COLLATE pg_catalog."C") OPERATOR(pg_catalog.<>) ($2 COLLATE pg_catalog."C") THEN
			RAISE EXCEPTION USING ERRCODE = '22023',
				MESSAGE = pg_catalog.format('workflow "%s" was started with another name', $1),
				DETAIL = pg_catalog.format('It was started as "%s", the name given now is "%s".', known_name, $2),
				HINT = 'Use the same name to resume it, or another workflow id.';
		END IF;
		IF known OPERATOR(pg_catalog.=) 'PENDING' THEN
			UPDATE dbos_payload.workflow_status AS s
				SET recovery_attempts = s.recovery_attempts OPERATOR(pg_catalog.+) 1, updated_at = now_ms
				WHERE s.workflow_uuid OPERATOR(pg_catalog.=) ($1 COLLATE pg_catalog."C")
				AND s.status OPERATOR(pg_catalog.=) 'PENDING';
			CONTINUE WHEN NOT FOUND;
		END IF;
		RETURN known;
	END LOOP;
	PERFORM dbos_payload.portable_raise_suppressed($1);
END
$$;
COMMENT ON FUNCTION dbos_payload.start_workflow(pg_catalog.text, pg_catalog.text) IS
'start a workflow, or start it again (which counts a recovery attempt while it is pending), and return its status';

CREATE FUNCTION dbos_payload.finish_workflow(
	workflow_id pg_catalog.text,
	status pg_catalog.text DEFAULT 'SUCCESS')
RETURNS pg_catalog.text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
DECLARE
	ended pg_catalog.text;
BEGIN
	PERFORM dbos_payload.portable_check_bytes(pg_catalog.octet_length($1), 'workflow_id', 1, 1024);
	IF $2 IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'status must not be null';
	END IF;
	IF $2 OPERATOR(pg_catalog.<>) 'SUCCESS' AND $2 OPERATOR(pg_catalog.<>) 'ERROR' THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = 'status must be SUCCESS or ERROR',
			DETAIL = pg_catalog.format('The given one is "%s".', pg_catalog."left"($2, 1024)),
			HINT = 'To cancel a workflow, use dbos_payload.cancel_workflow().';
	END IF;
	PERFORM dbos_payload.portable_check_may_write('finish_workflow');

	ended := dbos_payload.portable_end_workflow($1, $2);
	IF ended OPERATOR(pg_catalog.<>) $2 THEN
		RAISE EXCEPTION USING ERRCODE = '55000',
			MESSAGE = pg_catalog.format('workflow "%s" has already ended', $1),
			DETAIL = pg_catalog.format('Its status is %s, the one given now is %s.', ended, $2),
			HINT = 'An ended workflow keeps its status; a new run needs a new workflow id.';
	END IF;
	RETURN ended;
END
$$;
COMMENT ON FUNCTION dbos_payload.finish_workflow(pg_catalog.text, pg_catalog.text) IS
'end a pending workflow with status SUCCESS or ERROR and return that status; the same status again is a success, another one an error';

CREATE FUNCTION dbos_payload.cancel_workflow(
	workflow_id pg_catalog.text)
RETURNS pg_catalog.text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
BEGIN
	PERFORM dbos_payload.portable_check_bytes(pg_catalog.octet_length($1), 'workflow_id', 1, 1024);
	PERFORM dbos_payload.portable_check_may_write('cancel_workflow');
	RETURN dbos_payload.portable_end_workflow($1, 'CANCELLED');
END
$$;
COMMENT ON FUNCTION dbos_payload.cancel_workflow(pg_catalog.text) IS
'cancel a pending workflow and return its status; a workflow that has ended keeps its status';

CREATE FUNCTION dbos_payload.record_step(
	workflow_id pg_catalog.text,
	function_id pg_catalog.int4,
	function_name pg_catalog.text,
	output pg_catalog.bytea,
	error pg_catalog.text DEFAULT NULL)
RETURNS pg_catalog.text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
BEGIN
	PERFORM dbos_payload.portable_check_bytes(pg_catalog.octet_length($1), 'workflow_id', 1, 1024);
	PERFORM dbos_payload.portable_check_number($2, 'function_id', 0, 2147483647);
	PERFORM dbos_payload.portable_check_bytes(pg_catalog.octet_length($3), 'function_name', 1, 1024);
	IF $4 IS NOT NULL AND $5 IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = 'a step has either an output or an error',
			HINT = 'Give NULL for the output of a step that failed.';
	END IF;
	IF $5 IS NOT NULL THEN
		PERFORM dbos_payload.portable_check_bytes(pg_catalog.octet_length($5), 'error', 0, 268435456);
	ELSE
		PERFORM dbos_payload.portable_check_bytes(pg_catalog.octet_length($4), 'output', 0, 268435456);
	END IF;
	PERFORM dbos_payload.portable_check_may_write('record_step');
	RETURN dbos_payload.portable_store_step($1, $2, $3, $4, $5);
END
$$;
COMMENT ON FUNCTION dbos_payload.record_step(pg_catalog.text, pg_catalog.int4, pg_catalog.text, pg_catalog.bytea, pg_catalog.text) IS
'record a step''s output, or its error, as a checkpoint; returns recorded, already_recorded (the same bytes are there) or conflict (others are there and stay)';

CREATE FUNCTION dbos_payload.record_steps(
	workflow_id pg_catalog.text,
	first_function_id pg_catalog.int4,
	function_names pg_catalog.text[],
	outputs pg_catalog.bytea[],
	OUT function_id pg_catalog.int4,
	OUT outcome pg_catalog.text)
RETURNS SETOF pg_catalog.record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
#variable_conflict use_column
DECLARE
	step pg_catalog.record;
	total pg_catalog.int8 := 0;
BEGIN
	PERFORM dbos_payload.portable_check_bytes(pg_catalog.octet_length($1), 'workflow_id', 1, 1024);
	PERFORM dbos_payload.portable_check_number($2, 'first_function_id', 0, 2147483647);
	IF $3 IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'function_names must not be null';
	END IF;
	IF $4 IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'outputs must not be null';
	END IF;
	-- (of an array with more dimensions array_position() would raise an error of its own)
	PERFORM dbos_payload.portable_check_array(pg_catalog.array_ndims($3), pg_catalog.cardinality($3),
		CASE WHEN pg_catalog.array_ndims($3) OPERATOR(pg_catalog.=) 1 THEN
			pg_catalog.array_position($3, NULL::pg_catalog.text) OPERATOR(pg_catalog.-) pg_catalog.array_lower($3, 1)
			OPERATOR(pg_catalog.+) 1 END, 'function_names', $2);
	PERFORM dbos_payload.portable_check_array(pg_catalog.array_ndims($4), pg_catalog.cardinality($4),
		CASE WHEN pg_catalog.array_ndims($4) OPERATOR(pg_catalog.=) 1 THEN
			pg_catalog.array_position($4, NULL::pg_catalog.bytea) OPERATOR(pg_catalog.-) pg_catalog.array_lower($4, 1)
			OPERATOR(pg_catalog.+) 1 END, 'outputs', $2);
	IF pg_catalog.cardinality($3) OPERATOR(pg_catalog.<>) pg_catalog.cardinality($4) THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = 'function_names and outputs must have the same number of elements',
			DETAIL = pg_catalog.format('There are %s names and %s outputs.', pg_catalog.cardinality($3), pg_catalog.cardinality($4));
	END IF;
	FOR step IN
		SELECT pg_catalog.octet_length(u.name) AS name_bytes, pg_catalog.octet_length(u.output) AS bytes, u.n
		FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4)) WITH ORDINALITY AS u (name, output, n)
	LOOP
		PERFORM dbos_payload.portable_check_bytes(step.name_bytes, 'function_name', 1, 1024, step.n);
		PERFORM dbos_payload.portable_check_bytes(step.bytes, 'output', 0, 268435456, step.n);
		total := total OPERATOR(pg_catalog.+) step.bytes::pg_catalog.int8;
		IF total OPERATOR(pg_catalog.>) 268435456 THEN
			RAISE EXCEPTION USING ERRCODE = '22023',
				MESSAGE = 'outputs together must be at most 268435456 bytes in one call',
				DETAIL = pg_catalog.format('Up to element %s they are %s bytes.', step.n, total),
				HINT = 'Use several calls.';
		END IF;
	END LOOP;
	PERFORM dbos_payload.portable_check_may_write('record_steps');

	function_id := $2;
	FOR step IN
		SELECT u.name, u.output, u.n
		FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4)) WITH ORDINALITY AS u (name, output, n)
	LOOP
		outcome := dbos_payload.portable_store_step($1, record_steps.function_id, step.name, step.output, NULL);
		IF record_steps.outcome OPERATOR(pg_catalog.=) 'conflict' THEN
			RAISE EXCEPTION USING ERRCODE = '23505',
				MESSAGE = pg_catalog.format('step %s of workflow "%s" was recorded with another output', record_steps.function_id, $1),
				DETAIL = pg_catalog.format('Element %s of outputs differs from what is recorded.', step.n),
				HINT = 'The recorded output stays; read it with dbos_payload.step_output().';
		END IF;
		RETURN NEXT;
		EXIT WHEN record_steps.function_id OPERATOR(pg_catalog.=) 2147483647;
		function_id := record_steps.function_id OPERATOR(pg_catalog.+) 1;
	END LOOP;
END
$$;
COMMENT ON FUNCTION dbos_payload.record_steps(pg_catalog.text, pg_catalog.int4, pg_catalog.text[], pg_catalog.bytea[]) IS
'record one checkpoint per name and output, all or none, in one commit; outcome is recorded or already_recorded, a conflict is an error';

CREATE FUNCTION dbos_payload.step_output(
	workflow_id pg_catalog.text,
	function_id pg_catalog.int4,
	function_name pg_catalog.text)
RETURNS pg_catalog.bytea
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
AS $$
#variable_conflict use_column
DECLARE
	known pg_catalog.record;
BEGIN
	PERFORM dbos_payload.portable_check_bytes(pg_catalog.octet_length($1), 'workflow_id', 1, 1024);
	PERFORM dbos_payload.portable_check_number($2, 'function_id', 0, 2147483647);
	PERFORM dbos_payload.portable_check_bytes(pg_catalog.octet_length($3), 'function_name', 1, 1024);

	SELECT o.function_name AS name, o.output AS bytes, o.error AS failure INTO known
		FROM dbos_payload.operation_outputs AS o
		WHERE o.workflow_uuid OPERATOR(pg_catalog.=) ($1 COLLATE pg_catalog."C")
		AND o.function_id OPERATOR(pg_catalog.=) $2;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	PERFORM dbos_payload.portable_check_name($1, $2, known.name, $3);
	IF known.failure IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '38000',
			MESSAGE = pg_catalog.format('step %s of workflow "%s" recorded an error', $2, $1),
			DETAIL = known.failure;
	END IF;
	IF known.bytes IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'XX001',
			MESSAGE = pg_catalog.format('step %s of workflow "%s" has neither output nor error', $2, $1),
			DETAIL = 'Its row was not written by this extension.';
	END IF;
	RETURN known.bytes;
END
$$;
COMMENT ON FUNCTION dbos_payload.step_output(pg_catalog.text, pg_catalog.int4, pg_catalog.text) IS
'the recorded output of a step, NULL where it is not recorded; a step that recorded an error raises it';

CREATE FUNCTION dbos_payload.list_steps(
	workflow_id pg_catalog.text,
	OUT function_id pg_catalog.int4,
	OUT function_name pg_catalog.text,
	OUT output_bytes pg_catalog.int8,
	OUT stored_bytes pg_catalog.int8,
	OUT error pg_catalog.text,
	OUT started_at_epoch_ms pg_catalog.int8,
	OUT completed_at_epoch_ms pg_catalog.int8)
RETURNS SETOF pg_catalog.record
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE	-- Citus knows no parameters in LANGUAGE sql
AS $$
BEGIN
	RETURN QUERY SELECT o.function_id, o.function_name,
		pg_catalog.octet_length(o.output)::pg_catalog.int8,
		pg_catalog.pg_column_size(o.output)::pg_catalog.int8,
		o.error, o.started_at_epoch_ms, o.completed_at_epoch_ms
	FROM dbos_payload.operation_outputs AS o
	WHERE o.workflow_uuid OPERATOR(pg_catalog.=) ($1 COLLATE pg_catalog."C")
	ORDER BY o.function_id;
END
$$;
COMMENT ON FUNCTION dbos_payload.list_steps(pg_catalog.text) IS
'the recorded steps of a workflow: lengths before and after compression, never payloads';

--
-- Deleting, a batch to a commit
--

/* All of these workflows, or none; NULL, or what keeps one. */
CREATE FUNCTION dbos_payload.portable_try_delete(ids pg_catalog.text[]) RETURNS pg_catalog.text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
DECLARE
	deleted pg_catalog.int8;
	kept_by pg_catalog.text;
	kept_table pg_catalog.text;
BEGIN
	DELETE FROM dbos_payload.operation_outputs AS o
		WHERE o.workflow_uuid OPERATOR(pg_catalog.=) ANY ($1 COLLATE pg_catalog."C");
	DELETE FROM dbos_payload.workflow_status AS s
		WHERE s.workflow_uuid OPERATOR(pg_catalog.=) ANY ($1 COLLATE pg_catalog."C");
	GET DIAGNOSTICS deleted = ROW_COUNT;
	SET CONSTRAINTS ALL IMMEDIATE;
	IF deleted OPERATOR(pg_catalog.<>) pg_catalog.cardinality($1)::pg_catalog.int8 THEN
		RAISE EXCEPTION USING ERRCODE = 'DPKPT', MESSAGE = 'kept';	-- undoes the block
	END IF;
	RETURN NULL;
EXCEPTION
	WHEN SQLSTATE 'DPKPT' THEN
		RETURN 'a trigger, rule or policy';
	WHEN foreign_key_violation OR restrict_violation THEN
		GET STACKED DIAGNOSTICS kept_by = CONSTRAINT_NAME, kept_table = TABLE_NAME;
		IF kept_by OPERATOR(pg_catalog.=) '' THEN
			RAISE;		-- what a trigger raises by itself names no constraint
		END IF;
		RETURN pg_catalog.format('foreign key "%s" of table "%s"', kept_by, kept_table);
END
$$;
COMMENT ON FUNCTION dbos_payload.portable_try_delete(pg_catalog.text[]) IS
'for the functions of this schema: delete all of these workflows, or none; NULL, or what keeps one';

/* Which are kept is found by halves. */
CREATE FUNCTION dbos_payload.portable_delete(
	ids pg_catalog.text[],
	OUT id pg_catalog.text,
	OUT kept_by pg_catalog.text)
RETURNS SETOF pg_catalog.record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
DECLARE
	why pg_catalog.text := dbos_payload.portable_try_delete($1);
	half pg_catalog.int4 := pg_catalog.cardinality($1) OPERATOR(pg_catalog./) 2;
BEGIN
	IF why IS NULL THEN
		RETURN;
	END IF;
	IF half OPERATOR(pg_catalog.=) 0 THEN
		id := ($1)[1];
		kept_by := why;
		RETURN NEXT;
		RETURN;
	END IF;
	RETURN QUERY SELECT d.id, d.kept_by FROM dbos_payload.portable_delete(($1)[1:half]) AS d;
	RETURN QUERY SELECT d.id, d.kept_by FROM dbos_payload.portable_delete(($1)[half OPERATOR(pg_catalog.+) 1:]) AS d;
END
$$;
COMMENT ON FUNCTION dbos_payload.portable_delete(pg_catalog.text[]) IS
'for the functions of this schema: delete these workflows and return those that are kept, and by what';

CREATE PROCEDURE dbos_payload.purge(
	older_than pg_catalog.interval,
	batch_size pg_catalog.int4 DEFAULT 1000,
	INOUT purged_workflows pg_catalog.int8 DEFAULT NULL)
LANGUAGE plpgsql
AS $$
DECLARE
	cutoff pg_catalog.timestamptz;
	cutoff_ms pg_catalog.int8 := -9223372036854775808;
	last_ms pg_catalog.int8 := -9223372036854775808;
	last_id pg_catalog.text := '';
	id pg_catalog.text;
	picked pg_catalog.text[];
	ids pg_catalog.text[];
	times pg_catalog.int8[];
	kept pg_catalog.record;
	nkept pg_catalog.int8 := 0;
	named pg_catalog.text := '';
BEGIN
	COMMIT;		-- which raises 2D000 inside a transaction block, before anything is done
	PERFORM dbos_payload.portable_check_may_write('purge');
	IF older_than IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'older_than must not be null';
	END IF;
	PERFORM dbos_payload.portable_check_number(batch_size, 'batch_size', 1, 100000);
	IF older_than OPERATOR(pg_catalog.<) '0'::pg_catalog.interval THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'older_than must not be negative';
	END IF;
	cutoff := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) older_than;
	IF pg_catalog.isfinite(cutoff) THEN
		cutoff_ms := pg_catalog.floor(pg_catalog.date_part('epoch', cutoff)
			OPERATOR(pg_catalog.*) 1000::pg_catalog.float8)::pg_catalog.int8;
	END IF;

	purged_workflows := 0;
	LOOP
		SELECT pg_catalog.array_agg(p.workflow_uuid ORDER BY p.completed_at, p.workflow_uuid),
			pg_catalog.array_agg(p.completed_at ORDER BY p.completed_at, p.workflow_uuid)
			INTO picked, times
			FROM (SELECT s.workflow_uuid, s.completed_at FROM dbos_payload.workflow_status AS s
				WHERE s.completed_at OPERATOR(pg_catalog.<=) cutoff_ms
				AND s.status OPERATOR(pg_catalog.<>) 'PENDING'
				AND ROW(s.completed_at, s.workflow_uuid) OPERATOR(pg_catalog.>)
					ROW(last_ms, last_id COLLATE pg_catalog."C")
				ORDER BY s.completed_at, s.workflow_uuid LIMIT batch_size) AS p;
		EXIT WHEN picked IS NULL;
		last_ms := times[pg_catalog.cardinality(times)];
		last_id := picked[pg_catalog.cardinality(picked)];

		/* each by itself, since tables that are distributed over nodes lock no more at once */
		ids := '{}';
		FOREACH id IN ARRAY picked LOOP
			PERFORM FROM dbos_payload.workflow_status AS s
				WHERE s.workflow_uuid OPERATOR(pg_catalog.=) (id COLLATE pg_catalog."C")
				AND s.status OPERATOR(pg_catalog.<>) 'PENDING' FOR UPDATE SKIP LOCKED;
			IF FOUND THEN
				ids := pg_catalog.array_append(ids, id);
			END IF;
		END LOOP;
		purged_workflows := purged_workflows OPERATOR(pg_catalog.+) pg_catalog.cardinality(ids)::pg_catalog.int8;
		FOR kept IN SELECT d.id, d.kept_by FROM dbos_payload.portable_delete(ids) AS d LOOP
			purged_workflows := purged_workflows OPERATOR(pg_catalog.-) 1;
			nkept := nkept OPERATOR(pg_catalog.+) 1;
			IF nkept OPERATOR(pg_catalog.<=) 5 THEN
				named := pg_catalog.concat(named, CASE WHEN nkept OPERATOR(pg_catalog.>) 1 THEN pg_catalog.chr(10) END,
					pg_catalog.format('Workflow "%s" is kept by %s.', kept.id, kept.kept_by));
			END IF;
		END LOOP;
		COMMIT;
	END LOOP;
	COMMIT;

	IF nkept OPERATOR(pg_catalog.>) 5 THEN
		named := pg_catalog.format(E'%s\nAnd %s more.', named, nkept OPERATOR(pg_catalog.-) 5);
	END IF;
	IF nkept OPERATOR(pg_catalog.>) 0 THEN
		RAISE WARNING USING
			MESSAGE = pg_catalog.format(CASE WHEN nkept OPERATOR(pg_catalog.=) 1 THEN '%s workflow was left as it is'
				ELSE '%s workflows were left as they are' END, nkept),
			DETAIL = named,
			HINT = 'Delete what refers to them first, or declare the foreign key ON DELETE CASCADE.';
	END IF;
END
$$;
COMMENT ON PROCEDURE dbos_payload.purge(pg_catalog.interval, pg_catalog.int4, pg_catalog.int8) IS
'delete the workflows that ended older_than ago or longer, with their steps, batch_size workflows to a commit; pending and locked ones stay, and those that a foreign key or trigger keeps, which a warning counts and names';

--
-- Nobody but the owner may read or write until the GRANTs of docs/portable.md are given.
--

REVOKE ALL ON ALL TABLES IN SCHEMA dbos_payload FROM PUBLIC;
REVOKE ALL ON FUNCTION
	dbos_payload.start_workflow(pg_catalog.text, pg_catalog.text),
	dbos_payload.finish_workflow(pg_catalog.text, pg_catalog.text),
	dbos_payload.cancel_workflow(pg_catalog.text),
	dbos_payload.record_step(pg_catalog.text, pg_catalog.int4, pg_catalog.text, pg_catalog.bytea, pg_catalog.text),
	dbos_payload.record_steps(pg_catalog.text, pg_catalog.int4, pg_catalog.text[], pg_catalog.bytea[]),
	dbos_payload.step_output(pg_catalog.text, pg_catalog.int4, pg_catalog.text),
	dbos_payload.list_steps(pg_catalog.text)
	FROM PUBLIC;
REVOKE ALL ON PROCEDURE dbos_payload.purge(pg_catalog.interval, pg_catalog.int4, pg_catalog.int8) FROM PUBLIC;

COMMIT;
