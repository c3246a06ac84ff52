-- what the catalogs tell of each function and procedure, and that every object has a comment

\set QUIET 1
BEGIN;
SELECT no_plan();

CREATE TEMP TABLE expected (name text, arguments text, kind "char", volatility "char", parallel "char", strict bool, returns text);
INSERT INTO expected VALUES
	('version', '', 'f', 'i', 's', true, 'text'),
	('random_payload', 'size bigint, seed bigint DEFAULT NULL::bigint, compressible integer DEFAULT 0', 'f', 'v', 's', false, 'bytea'),
	('payload_step', 'workflow_id text, function_id integer, size bigint, seed bigint DEFAULT NULL::bigint, compressible integer DEFAULT 0, function_name text DEFAULT ''payload_step''::text', 'f', 'v', 'u', false, 'bytea'),
	('size_step', 'workflow_id text, function_id integer, payload_size integer, seed bigint DEFAULT NULL::bigint, compressible integer DEFAULT 0', 'f', 'v', 'u', false, 'bytea'),
	('batch_size_step', 'workflow_id text, function_id integer, iterations integer, seed bigint DEFAULT NULL::bigint, compressible integer DEFAULT 0', 'f', 'v', 'u', false, 'bytea'),
	('payload_steps', 'workflow_id text, first_function_id integer, sizes bigint[], seed bigint DEFAULT NULL::bigint, compressible integer DEFAULT 0, OUT function_id integer, OUT outcome text', 'f', 'v', 'u', false, 'SETOF record'),
	('start_workflow', 'workflow_id text, name text', 'f', 'v', 'u', false, 'text'),
	('finish_workflow', 'workflow_id text, status text DEFAULT ''SUCCESS''::text', 'f', 'v', 'u', false, 'text'),
	('cancel_workflow', 'workflow_id text', 'f', 'v', 'u', false, 'text'),
	('record_step', 'workflow_id text, function_id integer, function_name text, output bytea, error text DEFAULT NULL::text', 'f', 'v', 'u', false, 'text'),
	('record_steps', 'workflow_id text, first_function_id integer, function_names text[], outputs bytea[], OUT function_id integer, OUT outcome text', 'f', 'v', 'u', false, 'SETOF record'),
	('step_output', 'workflow_id text, function_id integer, function_name text', 'f', 's', 'r', false, 'bytea'),
	('list_steps', 'workflow_id text, OUT function_id integer, OUT function_name text, OUT output_bytes bigint, OUT stored_bytes bigint, OUT error text, OUT started_at_epoch_ms bigint, OUT completed_at_epoch_ms bigint', 'f', 's', 's', true, 'SETOF record'),
	('size_workflow', 'workflow_id text DEFAULT NULL::text, iterations integer DEFAULT 7, INOUT completed boolean DEFAULT NULL::boolean', 'p', 'v', 'u', false, NULL),
	('batch_size_workflow', 'workflow_id text DEFAULT NULL::text, iterations integer DEFAULT 7, INOUT completed boolean DEFAULT NULL::boolean', 'p', 'v', 'u', false, NULL),
	('commit_payload_steps', 'workflow_id text, first_function_id integer, sizes bigint[], seed bigint DEFAULT NULL::bigint, compressible integer DEFAULT 0, function_name text DEFAULT ''payload_step''::text', 'p', 'v', 'u', false, NULL),
	('commit_record_steps', 'workflow_id text, first_function_id integer, function_names text[], outputs bytea[]', 'p', 'v', 'u', false, NULL),
	('cancel_workflows', 'workflow_ids text[], batch_size integer DEFAULT 1000, INOUT cancelled_workflows bigint DEFAULT NULL::bigint', 'p', 'v', 'u', false, NULL),
	('finish_workflows', 'workflow_ids text[], status text DEFAULT ''SUCCESS''::text, batch_size integer DEFAULT 1000, INOUT finished_workflows bigint DEFAULT NULL::bigint', 'p', 'v', 'u', false, NULL),
	('purge', 'older_than interval, batch_size integer DEFAULT 1000, INOUT purged_workflows bigint DEFAULT NULL::bigint', 'p', 'v', 'u', false, NULL),
	('step_timings', 'workflow_id text DEFAULT NULL::text', 'f', 'v', 'r', false, 'SETOF dbos_payload.step_timing'),
	('last_step_timing', '', 'f', 'v', 'r', false, 'dbos_payload.step_timing'),
	('backend_usage', 'OUT cpu_ms double precision, OUT delay_ms double precision, OUT voluntary_switches bigint, OUT involuntary_switches bigint', 'f', 'v', 'r', false, 'record'),
	('no_op', '', 'f', 'v', 'u', false, 'void'),
	('receive_payload', 'payload bytea, durable boolean DEFAULT false', 'f', 'v', 'u', true, 'bigint'),
	('send_payload', 'size bigint, seed bigint DEFAULT NULL::bigint, compressible integer DEFAULT 0, durable boolean DEFAULT false', 'f', 'v', 'u', false, 'bytea');

CREATE TEMP VIEW routines AS SELECT p.* FROM pg_proc AS p WHERE p.pronamespace = 'dbos_payload'::regnamespace;

SELECT bag_eq($$ SELECT proname::text FROM routines $$, $$ SELECT name FROM expected $$, 'these functions and procedures, and no others');
SELECT is(pg_get_function_arguments(p.oid), arguments, name || ': arguments')
FROM (SELECT name, arguments FROM expected WHERE arguments IS NOT NULL AND kind = 'f') AS e JOIN routines AS p ON proname = name ORDER BY name;
-- from 14 on the arguments of a procedure are written with IN
SELECT is(regexp_replace(pg_get_function_arguments(p.oid), '\mIN ', '', 'g'), arguments, name || ': arguments')
FROM (SELECT name, arguments FROM expected WHERE kind = 'p') AS e JOIN routines AS p ON proname = name ORDER BY name;
SELECT is(pg_get_function_result(p.oid), returns, name || ': result') FROM expected JOIN routines AS p ON proname = name
WHERE returns IS NOT NULL ORDER BY name;
SELECT is(p.prokind, kind, name || ': kind') FROM expected JOIN routines AS p ON proname = name ORDER BY name;
SELECT is(p.provolatile, volatility, name || ': volatility') FROM expected JOIN routines AS p ON proname = name ORDER BY name;
SELECT is(p.proparallel, parallel, name || ': parallel safety') FROM expected JOIN routines AS p ON proname = name ORDER BY name;
SELECT is(p.proisstrict, strict, name || ': strictness') FROM expected JOIN routines AS p ON proname = name ORDER BY name;
SELECT is_empty($$ SELECT proname FROM routines WHERE prosecdef $$, 'none runs with its owner''s rights');
SELECT is_empty($$ SELECT proname FROM routines WHERE proconfig IS NOT NULL $$, 'none has a SET clause');
SELECT is_empty($$ SELECT proname FROM routines WHERE probin LIKE '%$libdir%' $$, 'none names $libdir');

-- the timings' columns, in the order that clients know
SELECT is((SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
	WHERE attrelid = 'dbos_payload.step_timing'::regclass AND attnum > 0 AND NOT attisdropped),
	'step_number bigint, operation text, workflow_uuid text, function_id integer, payload_bytes bigint, outcome text, '
	'total_ms double precision, arrival_ms double precision, parse_ms double precision, check_ms double precision, '
	'generate_ms double precision, store_ms double precision, output_ms double precision, commit_ms double precision, '
	'unattributed_ms double precision, check_cpu_ms double precision, generate_cpu_ms double precision, store_cpu_ms double precision, '
	'output_cpu_ms double precision, commit_cpu_ms double precision, check_delay_ms double precision, generate_delay_ms double precision, '
	'store_delay_ms double precision, output_delay_ms double precision, commit_delay_ms double precision, wal_bytes bigint, '
	'wal_records bigint, wal_fpi bigint, shared_blks_hit bigint, shared_blks_read bigint, shared_blks_dirtied bigint, '
	'heap_bytes bigint, toast_bytes bigint', 'step_timing: columns');
SELECT is(deptype, 'e', 'step_timing: a member of the extension') FROM pg_depend
WHERE classid = 'pg_type'::regclass AND objid = 'dbos_payload.step_timing'::regtype AND refclassid = 'pg_extension'::regclass;
SELECT isnt(obj_description('dbos_payload.step_timing'::regtype, 'pg_type'), NULL, 'step_timing has a comment');

-- the tables
SELECT tables_are('dbos_payload', ARRAY['workflow_status', 'operation_outputs']);
SELECT columns_are('dbos_payload', 'workflow_status', ARRAY['workflow_uuid', 'name', 'status', 'created_at', 'updated_at', 'completed_at', 'recovery_attempts']);
SELECT columns_are('dbos_payload', 'operation_outputs', ARRAY['workflow_uuid', 'function_id', 'function_name', 'output', 'error', 'started_at_epoch_ms', 'completed_at_epoch_ms']);
SELECT col_is_pk('dbos_payload'::name, 'workflow_status'::name, 'workflow_uuid'::name, 'workflow_status: key');
SELECT col_is_pk('dbos_payload'::name, 'operation_outputs'::name, ARRAY['workflow_uuid', 'function_id']::name[], 'operation_outputs: key');
SELECT col_type_is('dbos_payload'::name, 'operation_outputs'::name, 'output'::name, 'bytea', 'operation_outputs: output is bytes');
SELECT is_empty($$ SELECT conname FROM pg_constraint WHERE connamespace = 'dbos_payload'::regnamespace AND contype NOT IN ('p', 'c', 'n') $$, 'no constraint between workflows');
SELECT is_empty($$ SELECT relname FROM pg_class WHERE relnamespace = 'dbos_payload'::regnamespace AND relkind = 'S' $$, 'no sequence');
-- each index of a distributed or partitioned table begins with the key, but for purge's
SELECT is_empty($$ SELECT indexrelid::regclass FROM pg_index JOIN pg_attribute ON attrelid = indexrelid AND attnum = 1
	WHERE indrelid IN ('dbos_payload.workflow_status'::regclass, 'dbos_payload.operation_outputs'::regclass) AND indisunique AND attname <> 'workflow_uuid' $$, 'each key begins with the workflow');

-- nothing outside the schema, nothing of the cluster
SELECT is_empty($$ SELECT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
	WHERE extname = 'dbos_payload' AND deptype = 'e' AND pg_describe_object(d.classid, d.objid, 0) !~ 'dbos_payload(\.|$|\[)' $$, 'no object outside the schema');

-- comments
SELECT isnt(obj_description(oid, 'pg_extension'), NULL, 'the extension has a comment') FROM pg_extension WHERE extname = 'dbos_payload';
SELECT isnt(obj_description(oid, 'pg_proc'), NULL, proname || ' has a comment') FROM routines ORDER BY proname;
SELECT isnt(obj_description(oid, 'pg_class'), NULL, relname || ' has a comment') FROM pg_class
WHERE relnamespace = 'dbos_payload'::regnamespace AND relkind = 'r' OR oid = 'dbos_payload.workflow_status_completed_at'::regclass ORDER BY relname;
SELECT isnt(col_description(attrelid, attnum), NULL, attrelid::regclass || '.' || attname || ' has a comment')
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'dbos_payload'::regnamespace AND relkind IN ('r', 'c') AND attnum > 0 AND NOT attisdropped ORDER BY attrelid, attnum;

-- the settings, once the library is loaded
SELECT is(dbos_payload.version(), extversion, 'the library and the script are of one version') FROM pg_extension WHERE extname = 'dbos_payload';
SELECT is((SELECT array_agg(name ORDER BY name COLLATE "C") FROM pg_settings WHERE name LIKE 'dbos_payload.%'), '{dbos_payload.max_payload_bytes,dbos_payload.timing,dbos_payload.track_cpu}', 'three settings');
SELECT is_empty($$ SELECT name FROM pg_settings WHERE name LIKE 'dbos_payload.%' AND short_desc IS NULL $$, 'with descriptions');
CREATE FUNCTION pg_temp.placeholder() RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	SET LOCAL dbos_payload.no_such = 1;
	RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SELECT is(pg_temp.placeholder(), CASE WHEN current_setting('server_version_num')::int >= 150000 THEN '42602' ELSE 'taken' END, 'a setting that there is not is refused, from 15 on');

SELECT * FROM finish();
ROLLBACK;
