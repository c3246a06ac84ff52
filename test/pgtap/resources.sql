-- memory, parallel query, and what is read from disk

\set QUIET 1
BEGIN;
SELECT no_plan();

-- memory of this backend: its contexts (from 14 on) and, on Linux, its peak
CREATE FUNCTION pg_temp.context_bytes() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	bytes bigint := 0;
BEGIN
	IF current_setting('server_version_num')::int >= 140000 THEN
		EXECUTE 'SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts' INTO bytes;
	END IF;
	RETURN bytes;
END $$;
CREATE FUNCTION pg_temp.peak_bytes() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	RETURN substring(pg_read_file(format('/proc/%s/status', pg_backend_pid()), 0, 100000) FROM 'VmHWM:\s+(\d+) kB')::bigint * 1024;
EXCEPTION WHEN OTHERS THEN
	RETURN 0;				-- no such file
END $$;
SELECT dbos_payload.start_workflow('resources', 'test') AS w, octet_length(dbos_payload.payload_step('resources', 0, 1000000)) AS s \gset
SELECT sum(octet_length(dbos_payload.random_payload(1000000))) AS n, pg_temp.context_bytes() AS c, pg_temp.peak_bytes() AS p FROM generate_series(1, 2) \gset
SELECT pg_temp.context_bytes() AS contexts, pg_temp.peak_bytes() AS peak \gset
SELECT is((SELECT sum(octet_length(dbos_payload.random_payload(1000000))) FROM generate_series(1, 2000)), 2000000000::bigint, '2,000 payloads of 1 MB in one query');
SELECT cmp_ok(pg_temp.context_bytes() - :contexts, '<', 1000000::bigint, '... leave no memory behind');
SELECT cmp_ok(pg_temp.peak_bytes() - :peak, '<', 10000000::bigint, '... and take no more than a few at a time');
SELECT is((SELECT sum(octet_length(dbos_payload.random_payload(1000000, i, 50))) FROM generate_series(1, 500) AS i), 500000000::bigint, '500 seeded ones');
SELECT cmp_ok(pg_temp.context_bytes() - :contexts, '<', 1000000::bigint, '... leave no memory behind');

SELECT count(*) AS n FROM dbos_payload.payload_steps('resources', 1, array_fill(10::bigint, ARRAY[300])) \gset
SELECT pg_temp.context_bytes() AS contexts, pg_temp.peak_bytes() AS peak \gset
SELECT is((SELECT count(*) FROM dbos_payload.payload_steps('resources', 1000, array_fill(1000::bigint, ARRAY[10000]))), 10000::bigint, '10,000 steps in one call');
SELECT cmp_ok(pg_temp.context_bytes() - :contexts, '<', 2000000::bigint, '... leave no memory behind');
SELECT is((SELECT count(*) FROM dbos_payload.payload_steps('resources', 1000, array_fill(1000::bigint, ARRAY[10000])) WHERE outcome = 'already_recorded'), 10000::bigint, '... replayed');
SELECT cmp_ok(pg_temp.context_bytes() - :contexts, '<', 2000000::bigint, '... leave no memory behind');
SELECT pg_temp.context_bytes() AS contexts \gset
SELECT is((SELECT count(*) FROM dbos_payload.payload_steps('resources', 20000, array_fill(1000000::bigint, ARRAY[50]))), 50::bigint, '50 steps of 1 MB in one call');
SELECT is((SELECT sum(octet_length(dbos_payload.payload_step('resources', 20000 + i, 1000000))) FROM generate_series(0, 49) AS i), 50000000::bigint, '... replayed');
SELECT is((SELECT count(*) FROM generate_series(0, 49) AS i WHERE dbos_payload.record_step('resources', 20000 + i, 'payload_step', dbos_payload.random_payload(1000000)) = 'conflict'), 50::bigint, '... and compared');
SELECT is((SELECT sum(octet_length(dbos_payload.step_output('resources', 20000 + i, 'payload_step'))) FROM generate_series(0, 49) AS i), 50000000::bigint, '... and read');
SELECT cmp_ok(pg_temp.context_bytes() - :contexts, '<', 2000000::bigint, '... leave no memory behind');

-- listing large steps reads their rows, not their payloads
CREATE FUNCTION pg_temp.blocks(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE query;			-- catalogs are cached then
	EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' || query INTO plan;
	RETURN (plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint;
END $$;
SELECT dbos_payload.start_workflow('resources large', 'test') AS w, dbos_payload.start_workflow('resources small', 'test') AS s \gset
SELECT count(dbos_payload.payload_step('resources large', i, 1000000)) AS n FROM generate_series(1, 30) AS i \gset
SELECT count(dbos_payload.payload_step('resources small', i, 1)) AS n FROM generate_series(1, 30) AS i \gset
SELECT cmp_ok(pg_temp.blocks('SELECT * FROM dbos_payload.list_steps(''resources large'')'), '<=', pg_temp.blocks('SELECT * FROM dbos_payload.list_steps(''resources small'')') + 40, 'list_steps: 30 steps of 1 MB are listed by as many blocks as 30 of 1 byte');
SELECT cmp_ok(pg_temp.blocks('SELECT max(md5(dbos_payload.step_output(''resources large'', i, ''payload_step''))) FROM generate_series(1, 30) AS i'), '>', 3000::bigint, '... while reading the payloads takes thousands');
SELECT cmp_ok(pg_temp.blocks('SELECT dbos_payload.record_step(''resources large'', 1, ''payload_step'', ''\x00'')'), '<', 60::bigint, 'record_step: a conflict of lengths reads no payload');

-- parallel query, as often as the planner can
SELECT set_config(CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'debug_parallel_query' ELSE 'force_parallel_mode' END, 'on', true) AS forced,
	set_config('parallel_setup_cost', '0', true) AS setup_cost, set_config('parallel_tuple_cost', '0', true) AS tuple_cost, set_config('min_parallel_table_scan_size', '0', true) AS scan_size,
	set_config('max_parallel_workers_per_gather', '2', true) AS workers \gset
CREATE TABLE public.dbos_payload_parallel AS SELECT i FROM generate_series(1, 3000) AS i;
ANALYZE public.dbos_payload_parallel;
CREATE FUNCTION pg_temp.is_parallel(query text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
	line text;
	found bool := false;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS off) ' || query LOOP
		found := found OR line LIKE '%Gather%';
	END LOOP;
	RETURN found;
END $$;
SELECT ok(pg_temp.is_parallel('SELECT count(DISTINCT dbos_payload.random_payload(8)) FROM public.dbos_payload_parallel'), 'random_payload: runs in parallel');
SELECT is((SELECT count(DISTINCT dbos_payload.random_payload(8)) FROM public.dbos_payload_parallel), 3000::bigint, '... and no two workers make the same');
SELECT is((SELECT count(DISTINCT p) FROM (SELECT dbos_payload.random_payload(8) AS p FROM public.dbos_payload_parallel WHERE octet_length(dbos_payload.random_payload(100 + i)) = 100 + i) AS s), 3000::bigint, '... nor below a filter');
SELECT is((SELECT count(*) FROM public.dbos_payload_parallel WHERE dbos_payload.random_payload(8, i) = dbos_payload.random_payload(8, i)), 3000::bigint, '... with a seed');
SELECT ok(pg_temp.is_parallel('SELECT * FROM dbos_payload.list_steps(''resources large'')'), 'list_steps: runs in parallel');
SELECT is((SELECT sum(output_bytes) FROM dbos_payload.list_steps('resources large')), 30000000::numeric, '... with the same result');
SELECT is((SELECT count(*) FROM public.dbos_payload_parallel AS p, LATERAL dbos_payload.list_steps('resources small') AS l WHERE p.i <= 10), 300::bigint, '... joined, too');
SELECT is((SELECT count(dbos_payload.version()) FROM public.dbos_payload_parallel), 3000::bigint, 'version');
SELECT ok(NOT pg_temp.is_parallel('SELECT ' || call || ' FROM public.dbos_payload_parallel'), call || ': never in a worker') FROM (VALUES
	('dbos_payload.record_step(''w'', i, ''a'', '''')'), ('dbos_payload.payload_step(''w'', i, 1)'), ('dbos_payload.size_step(''w'', i, 1)'), ('dbos_payload.batch_size_step(''w'', i, 1)'),
	('dbos_payload.payload_steps(''w'', i, ''{1}'')'), ('dbos_payload.record_steps(''w'', i, ''{a}'', ''{a}'')'), ('dbos_payload.start_workflow(''w'', ''w'')'), ('dbos_payload.finish_workflow(''w'')'),
	('dbos_payload.cancel_workflow(''w'')'), ('dbos_payload.no_op()'), ('dbos_payload.receive_payload(i::text::bytea)'), ('dbos_payload.send_payload(1)')) AS v(call);
SELECT is((SELECT count(*) FROM public.dbos_payload_parallel WHERE dbos_payload.step_output('resources small', i, 'payload_step') IS NOT NULL), 30::bigint, 'step_output: in the leader');
SELECT is((SELECT count(*) FROM public.dbos_payload_parallel WHERE i <= 10 AND (dbos_payload.backend_usage()).cpu_ms > 0), 10::bigint, 'backend_usage: in the leader');
SELECT is((SELECT count(dbos_payload.record_step('resources small', 100 + i, 'a', '\x00')) FROM public.dbos_payload_parallel), 3000::bigint, 'record_step of each row of a table that could be read in parallel');
CREATE TABLE public.dbos_payload_parallel_2 AS SELECT dbos_payload.record_step('resources small', 100 + i, 'a', '\x00') AS outcome FROM public.dbos_payload_parallel;
SELECT is((SELECT count(*) FROM public.dbos_payload_parallel_2 WHERE outcome = 'already_recorded'), 3000::bigint, '... into another table');
SELECT is((SELECT sum(octet_length(dbos_payload.payload_step('resources small', 10000 + i, 2))) FROM public.dbos_payload_parallel), 6000::bigint, 'payload_step of each row of it');

SELECT * FROM finish();
ROLLBACK;
