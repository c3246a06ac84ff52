/* extension/dbos_payload--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION dbos_payload" to load this file. \quit

--
-- A schema of our own, which goes with the extension.  One that the control
-- file names would stay; and one that is there already is refused, since its
-- owner could put functions of his own beside ours.
--

CREATE SCHEMA dbos_payload;
COMMENT ON SCHEMA dbos_payload IS
'payloads and workflow step checkpoints, timed';

--
-- Tables.  Payload rows are only ever inserted and deleted, never updated.
-- Ids compare by their bytes: quickly, and whatever becomes of the operating
-- system's collations.
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

-- what purge looks for, in the order that it goes through it
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
COMMENT ON COLUMN dbos_payload.operation_outputs.started_at_epoch_ms IS 'when the step began, ms since 1970-01-01 UTC; NULL where a client made the output';
COMMENT ON COLUMN dbos_payload.operation_outputs.completed_at_epoch_ms IS 'when its payload was ready to be stored, ms since 1970-01-01 UTC';

-- pg_dump keeps the rows
SELECT pg_catalog.pg_extension_config_dump('dbos_payload.workflow_status', '');
SELECT pg_catalog.pg_extension_config_dump('dbos_payload.operation_outputs', '');

--
-- Payloads
--

CREATE FUNCTION dbos_payload.version() RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'dbos_payload_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION dbos_payload.version() IS
'version of the loaded library';

CREATE FUNCTION dbos_payload.random_payload(
	size pg_catalog.int8,
	seed pg_catalog.int8 DEFAULT NULL,
	compressible pg_catalog.int4 DEFAULT 0)
RETURNS pg_catalog.bytea
AS 'MODULE_PATHNAME', 'dbos_payload_random_payload'
LANGUAGE C VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION dbos_payload.random_payload(pg_catalog.int8, pg_catalog.int8, pg_catalog.int4) IS
'size random bytes; the same ones for the same seed; compressible: percent of them that a compressor can remove; NULL size or compressible gives NULL';

--
-- Steps that make their payload in the server.  A NULL argument other than
-- seed is an error in every one of them.
--

CREATE FUNCTION dbos_payload.payload_step(
	workflow_id pg_catalog.text,
	function_id pg_catalog.int4,
	size pg_catalog.int8,
	seed pg_catalog.int8 DEFAULT NULL,
	compressible pg_catalog.int4 DEFAULT 0,
	function_name pg_catalog.text DEFAULT 'payload_step')
RETURNS pg_catalog.bytea
AS 'MODULE_PATHNAME', 'dbos_payload_payload_step'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dbos_payload.payload_step(pg_catalog.text, pg_catalog.int4, pg_catalog.int8, pg_catalog.int8, pg_catalog.int4, pg_catalog.text) IS
'make size random bytes, record them as the step''s checkpoint and return them; a step already recorded returns what was recorded';

CREATE FUNCTION dbos_payload.size_step(
	workflow_id pg_catalog.text,
	function_id pg_catalog.int4,
	payload_size pg_catalog.int4,
	seed pg_catalog.int8 DEFAULT NULL,
	compressible pg_catalog.int4 DEFAULT 0)
RETURNS pg_catalog.bytea
AS 'MODULE_PATHNAME', 'dbos_payload_size_step'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dbos_payload.size_step(pg_catalog.text, pg_catalog.int4, pg_catalog.int4, pg_catalog.int8, pg_catalog.int4) IS
'payload_step with 10^payload_size bytes, recorded under the name size_step';

CREATE FUNCTION dbos_payload.batch_size_step(
	workflow_id pg_catalog.text,
	function_id pg_catalog.int4,
	iterations pg_catalog.int4,
	seed pg_catalog.int8 DEFAULT NULL,
	compressible pg_catalog.int4 DEFAULT 0)
RETURNS pg_catalog.bytea
AS 'MODULE_PATHNAME', 'dbos_payload_batch_size_step'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dbos_payload.batch_size_step(pg_catalog.text, pg_catalog.int4, pg_catalog.int4, pg_catalog.int8, pg_catalog.int4) IS
'one step whose payload is the payloads of 10^0 to 10^(iterations-1) bytes, one after the other; part i is made with seed + i';

CREATE FUNCTION dbos_payload.payload_steps(
	workflow_id pg_catalog.text,
	first_function_id pg_catalog.int4,
	sizes pg_catalog.int8[],
	seed pg_catalog.int8 DEFAULT NULL,
	compressible pg_catalog.int4 DEFAULT 0,
	OUT function_id pg_catalog.int4,
	OUT outcome pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'dbos_payload_payload_steps'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dbos_payload.payload_steps(pg_catalog.text, pg_catalog.int4, pg_catalog.int8[], pg_catalog.int8, pg_catalog.int4) IS
'record one payload_step checkpoint per size, all or none, in one commit; step i is made with seed + i; outcome is recorded or already_recorded';

--
-- Checkpoints for any client
--

CREATE FUNCTION dbos_payload.start_workflow(
	workflow_id pg_catalog.text,
	name pg_catalog.text)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'dbos_payload_start_workflow'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dbos_payload.start_workflow(pg_catalog.text, pg_catalog.text) IS
'start a workflow, or start it again (which counts a recovery attempt while it is pending), and return its status';

CREATE FUNCTION dbos_payload.finish_workflow(
	workflow_id pg_catalog.text,
	status pg_catalog.text DEFAULT 'SUCCESS')
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'dbos_payload_finish_workflow'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dbos_payload.finish_workflow(pg_catalog.text, pg_catalog.text) IS
'end a pending workflow with status SUCCESS or ERROR and return that status; the same status again is a success, another one an error';

CREATE FUNCTION dbos_payload.cancel_workflow(
	workflow_id pg_catalog.text)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'dbos_payload_cancel_workflow'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dbos_payload.cancel_workflow(pg_catalog.text) IS
'cancel a pending workflow and return its status; a workflow that has ended keeps its status';

CREATE FUNCTION dbos_payload.record_step(
	workflow_id pg_catalog.text,
	function_id pg_catalog.int4,
	function_name pg_catalog.text,
	output pg_catalog.bytea,
	error pg_catalog.text DEFAULT NULL)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'dbos_payload_record_step'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
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
AS 'MODULE_PATHNAME', 'dbos_payload_record_steps'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dbos_payload.record_steps(pg_catalog.text, pg_catalog.int4, pg_catalog.text[], pg_catalog.bytea[]) IS
'record one checkpoint per name and output, all or none, in one commit; outcome is recorded or already_recorded, a conflict is an error';

CREATE FUNCTION dbos_payload.step_output(
	workflow_id pg_catalog.text,
	function_id pg_catalog.int4,
	function_name pg_catalog.text)
RETURNS pg_catalog.bytea
AS 'MODULE_PATHNAME', 'dbos_payload_step_output'
LANGUAGE C STABLE PARALLEL RESTRICTED;
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
AS 'MODULE_PATHNAME', 'dbos_payload_list_steps'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION dbos_payload.list_steps(pg_catalog.text) IS
'the recorded steps of a workflow: lengths before and after compression, never payloads';

--
-- Procedures that commit.  They run as their caller, outside a transaction
-- block.
--

CREATE PROCEDURE dbos_payload.size_workflow(
	workflow_id pg_catalog.text DEFAULT NULL,
	iterations pg_catalog.int4 DEFAULT 7,
	INOUT completed pg_catalog.bool DEFAULT NULL)
AS 'MODULE_PATHNAME', 'dbos_payload_size_workflow'
LANGUAGE C;
COMMENT ON PROCEDURE dbos_payload.size_workflow(pg_catalog.text, pg_catalog.int4, pg_catalog.bool) IS
'the experiment''s workflow of growing steps, each with a commit of its own; a NULL workflow_id gets a new one';

CREATE PROCEDURE dbos_payload.batch_size_workflow(
	workflow_id pg_catalog.text DEFAULT NULL,
	iterations pg_catalog.int4 DEFAULT 7,
	INOUT completed pg_catalog.bool DEFAULT NULL)
AS 'MODULE_PATHNAME', 'dbos_payload_batch_size_workflow'
LANGUAGE C;
COMMENT ON PROCEDURE dbos_payload.batch_size_workflow(pg_catalog.text, pg_catalog.int4, pg_catalog.bool) IS
'the experiment''s workflow of one batched step; a NULL workflow_id gets a new one';

CREATE PROCEDURE dbos_payload.commit_payload_steps(
	workflow_id pg_catalog.text,
	first_function_id pg_catalog.int4,
	sizes pg_catalog.int8[],
	seed pg_catalog.int8 DEFAULT NULL,
	compressible pg_catalog.int4 DEFAULT 0,
	function_name pg_catalog.text DEFAULT 'payload_step')
AS 'MODULE_PATHNAME', 'dbos_payload_commit_payload_steps'
LANGUAGE C;
COMMENT ON PROCEDURE dbos_payload.commit_payload_steps(pg_catalog.text, pg_catalog.int4, pg_catalog.int8[], pg_catalog.int8, pg_catalog.int4, pg_catalog.text) IS
'payload_steps with a commit after each step, recorded under function_name';

CREATE PROCEDURE dbos_payload.commit_record_steps(
	workflow_id pg_catalog.text,
	first_function_id pg_catalog.int4,
	function_names pg_catalog.text[],
	outputs pg_catalog.bytea[])
AS 'MODULE_PATHNAME', 'dbos_payload_commit_record_steps'
LANGUAGE C;
COMMENT ON PROCEDURE dbos_payload.commit_record_steps(pg_catalog.text, pg_catalog.int4, pg_catalog.text[], pg_catalog.bytea[]) IS
'record_steps with a commit after each step';

CREATE PROCEDURE dbos_payload.cancel_workflows(
	workflow_ids pg_catalog.text[],
	batch_size pg_catalog.int4 DEFAULT 1000,
	INOUT cancelled_workflows pg_catalog.int8 DEFAULT NULL)
AS 'MODULE_PATHNAME', 'dbos_payload_cancel_workflows'
LANGUAGE C;
COMMENT ON PROCEDURE dbos_payload.cancel_workflows(pg_catalog.text[], pg_catalog.int4, pg_catalog.int8) IS
'cancel_workflow for each of many, batch_size to a commit; counts those that were pending, gives a warning about those that do not exist';

CREATE PROCEDURE dbos_payload.finish_workflows(
	workflow_ids pg_catalog.text[],
	status pg_catalog.text DEFAULT 'SUCCESS',
	batch_size pg_catalog.int4 DEFAULT 1000,
	INOUT finished_workflows pg_catalog.int8 DEFAULT NULL)
AS 'MODULE_PATHNAME', 'dbos_payload_finish_workflows'
LANGUAGE C;
COMMENT ON PROCEDURE dbos_payload.finish_workflows(pg_catalog.text[], pg_catalog.text, pg_catalog.int4, pg_catalog.int8) IS
'finish_workflow for each of many, batch_size to a commit; counts those that were pending, gives a warning about those that do not exist or had ended otherwise';

CREATE PROCEDURE dbos_payload.purge(
	older_than pg_catalog.interval,
	batch_size pg_catalog.int4 DEFAULT 1000,
	INOUT purged_workflows pg_catalog.int8 DEFAULT NULL)
AS 'MODULE_PATHNAME', 'dbos_payload_purge'
LANGUAGE C;
COMMENT ON PROCEDURE dbos_payload.purge(pg_catalog.interval, pg_catalog.int4, pg_catalog.int8) IS
'delete the workflows that ended older_than ago or longer, with their steps, batch_size workflows to a commit; pending and locked ones stay, and those that a foreign key or trigger keeps, which a warning counts and names';

--
-- The instrument
--

CREATE TYPE dbos_payload.step_timing AS (
	step_number pg_catalog.int8,
	operation pg_catalog.text,
	workflow_uuid pg_catalog.text,
	function_id pg_catalog.int4,
	payload_bytes pg_catalog.int8,
	outcome pg_catalog.text,
	total_ms pg_catalog.float8,
	arrival_ms pg_catalog.float8,
	parse_ms pg_catalog.float8,
	check_ms pg_catalog.float8,
	generate_ms pg_catalog.float8,
	store_ms pg_catalog.float8,
	output_ms pg_catalog.float8,
	commit_ms pg_catalog.float8,
	unattributed_ms pg_catalog.float8,
	check_cpu_ms pg_catalog.float8,
	generate_cpu_ms pg_catalog.float8,
	store_cpu_ms pg_catalog.float8,
	output_cpu_ms pg_catalog.float8,
	commit_cpu_ms pg_catalog.float8,
	check_delay_ms pg_catalog.float8,
	generate_delay_ms pg_catalog.float8,
	store_delay_ms pg_catalog.float8,
	output_delay_ms pg_catalog.float8,
	commit_delay_ms pg_catalog.float8,
	wal_bytes pg_catalog.int8,
	wal_records pg_catalog.int8,
	wal_fpi pg_catalog.int8,
	shared_blks_hit pg_catalog.int8,
	shared_blks_read pg_catalog.int8,
	shared_blks_dirtied pg_catalog.int8,
	heap_bytes pg_catalog.int8,
	toast_bytes pg_catalog.int8);
COMMENT ON TYPE dbos_payload.step_timing IS
'what the server measured of one step: times in milliseconds, by the server''s clock';
COMMENT ON COLUMN dbos_payload.step_timing.step_number IS 'which of this session''s timed steps it was, counted from 1';
COMMENT ON COLUMN dbos_payload.step_timing.operation IS 'the function or procedure that ran it';
COMMENT ON COLUMN dbos_payload.step_timing.workflow_uuid IS 'workflow id; NULL for a baseline';
COMMENT ON COLUMN dbos_payload.step_timing.function_id IS 'the step''s number in its workflow; NULL for a baseline';
COMMENT ON COLUMN dbos_payload.step_timing.payload_bytes IS 'length of the payload: of the one that came in, else of the one that was returned; of a conflict the refused one''s';
COMMENT ON COLUMN dbos_payload.step_timing.outcome IS 'recorded, already_recorded (it was there: nothing was written) or conflict (other bytes were there and stayed); NULL for a baseline';
COMMENT ON COLUMN dbos_payload.step_timing.total_ms IS 'the server''s time for the step, from its first stamp to its last, measured apart from the phases';
COMMENT ON COLUMN dbos_payload.step_timing.arrival_ms IS 'waiting for the messages after the first and for the bytes of parameters, and their input (Bind); NULL in the simple protocol, where all has arrived before the first stamp';
COMMENT ON COLUMN dbos_payload.step_timing.parse_ms IS 'analysis, planning and executor start, up to the function; NULL where it was another step''s or cannot be told';
COMMENT ON COLUMN dbos_payload.step_timing.check_ms IS 'is the step recorded';
COMMENT ON COLUMN dbos_payload.step_timing.generate_ms IS 'making the payload; NULL where it came from a client or was there';
COMMENT ON COLUMN dbos_payload.step_timing.store_ms IS 'the INSERT, if the workflow is pending, whose row it locks: TOAST, compression, heap, indexes and their WAL; of a step already recorded, comparing the bytes';
COMMENT ON COLUMN dbos_payload.step_timing.output_ms IS 'from the function''s return to the end of its statement: conversion and sending of the result; NULL where the statement has not ended with the step';
COMMENT ON COLUMN dbos_payload.step_timing.commit_ms IS 'deferred triggers, flush of the WAL, synchronous standbys, until the transaction''s locks are released; NULL where another statement came before the commit';
COMMENT ON COLUMN dbos_payload.step_timing.unattributed_ms IS 'total_ms without all phases';
COMMENT ON COLUMN dbos_payload.step_timing.check_cpu_ms IS 'processor time of this phase; NULL unless dbos_payload.track_cpu is on';
COMMENT ON COLUMN dbos_payload.step_timing.generate_cpu_ms IS 'see check_cpu_ms';
COMMENT ON COLUMN dbos_payload.step_timing.store_cpu_ms IS 'see check_cpu_ms';
COMMENT ON COLUMN dbos_payload.step_timing.output_cpu_ms IS 'see check_cpu_ms';
COMMENT ON COLUMN dbos_payload.step_timing.commit_cpu_ms IS 'see check_cpu_ms';
COMMENT ON COLUMN dbos_payload.step_timing.check_delay_ms IS 'time in this phase that the server process could have run and waited for a processor; NULL unless dbos_payload.track_cpu is on, and where the system does not tell';
COMMENT ON COLUMN dbos_payload.step_timing.generate_delay_ms IS 'see check_delay_ms';
COMMENT ON COLUMN dbos_payload.step_timing.store_delay_ms IS 'see check_delay_ms';
COMMENT ON COLUMN dbos_payload.step_timing.output_delay_ms IS 'see check_delay_ms';
COMMENT ON COLUMN dbos_payload.step_timing.commit_delay_ms IS 'see check_delay_ms';
COMMENT ON COLUMN dbos_payload.step_timing.wal_bytes IS 'bytes of WAL that the step wrote; NULL, as are the five that follow, where another server of Citus keeps the workflow';
COMMENT ON COLUMN dbos_payload.step_timing.wal_records IS 'WAL records';
COMMENT ON COLUMN dbos_payload.step_timing.wal_fpi IS 'full-page images among them';
COMMENT ON COLUMN dbos_payload.step_timing.shared_blks_hit IS 'blocks found in shared buffers';
COMMENT ON COLUMN dbos_payload.step_timing.shared_blks_read IS 'blocks read';
COMMENT ON COLUMN dbos_payload.step_timing.shared_blks_dirtied IS 'blocks dirtied';
COMMENT ON COLUMN dbos_payload.step_timing.heap_bytes IS 'length of the step''s row as it is stored now; NULL where it is gone, may not be read or is a shard''s row';
COMMENT ON COLUMN dbos_payload.step_timing.toast_bytes IS 'length of its output outside the row, compressed as it is; 0 where it is inside';

CREATE FUNCTION dbos_payload.step_timings(
	workflow_id pg_catalog.text DEFAULT NULL)
RETURNS SETOF dbos_payload.step_timing
AS 'MODULE_PATHNAME', 'dbos_payload_step_timings'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dbos_payload.step_timings(pg_catalog.text) IS
'the timings of this session''s last 256 committed steps, oldest first, of one workflow or (NULL) of all; of those only what the current role recorded, and nothing from before a DISCARD ALL';

CREATE FUNCTION dbos_payload.last_step_timing() RETURNS dbos_payload.step_timing
AS 'MODULE_PATHNAME', 'dbos_payload_last_step_timing'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dbos_payload.last_step_timing() IS
'the newest row of step_timings(); all NULL where there is none';

CREATE FUNCTION dbos_payload.backend_usage(
	OUT cpu_ms pg_catalog.float8,
	OUT delay_ms pg_catalog.float8,
	OUT voluntary_switches pg_catalog.int8,
	OUT involuntary_switches pg_catalog.int8)
RETURNS pg_catalog.record
AS 'MODULE_PATHNAME', 'dbos_payload_backend_usage'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dbos_payload.backend_usage() IS
'what this session''s server process has used since it began: processor time, time that it waited for a processor (NULL where the system does not tell), and how often it gave the processor up or lost it; the difference of two calls is what came between them';

CREATE FUNCTION dbos_payload.no_op() RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'dbos_payload_no_op'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dbos_payload.no_op() IS
'baseline: a call that does nothing, timed like a step';

CREATE FUNCTION dbos_payload.receive_payload(
	payload pg_catalog.bytea,
	durable pg_catalog.bool DEFAULT false)
RETURNS pg_catalog.int8
AS 'MODULE_PATHNAME', 'dbos_payload_receive_payload'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION dbos_payload.receive_payload(pg_catalog.bytea, pg_catalog.bool) IS
'baseline: a payload sent and dropped, timed like a step; returns its length; durable as for send_payload';

CREATE FUNCTION dbos_payload.send_payload(
	size pg_catalog.int8,
	seed pg_catalog.int8 DEFAULT NULL,
	compressible pg_catalog.int4 DEFAULT 0,
	durable pg_catalog.bool DEFAULT false)
RETURNS pg_catalog.bytea
AS 'MODULE_PATHNAME', 'dbos_payload_send_payload'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dbos_payload.send_payload(pg_catalog.int8, pg_catalog.int8, pg_catalog.int4, pg_catalog.bool) IS
'baseline: a payload generated and returned but not stored, timed like a step; durable adds an empty WAL message, so that the commit has something to flush';

--
-- Nobody but the owner may write, read or time until the GRANTs of docs/extension.md are
-- given.  Payloads and the version are harmless.
--

REVOKE ALL ON ALL TABLES IN SCHEMA dbos_payload FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA dbos_payload FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dbos_payload.version() TO PUBLIC;
GRANT EXECUTE ON FUNCTION dbos_payload.random_payload(pg_catalog.int8, pg_catalog.int8, pg_catalog.int4) TO PUBLIC;
