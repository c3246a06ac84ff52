-- compressible = c is the share of a payload that a compressor can remove: what pglz and
-- lz4 make of a stored value, as pg_column_size() tells it
--
-- lz4 removes the zeros but for a few bytes per 512, and stores literals as they are.
-- pglz spends a bit on each literal byte, one eighth, and gives up where it does not save
-- a quarter in all: it stores 1.125 * (1 - c) where that is less than 0.75, else the lot.

\set QUIET 1
BEGIN;
SELECT no_plan();

CREATE TEMP TABLE stored (method text, size int, c int, payload bytea);
CREATE FUNCTION pg_temp.store(method text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF current_setting('server_version_num')::int >= 140000 THEN
		EXECUTE format('ALTER TABLE stored ALTER payload SET COMPRESSION %I', method);
	ELSIF method <> 'pglz' THEN
		RETURN NULL;
	END IF;
	INSERT INTO stored SELECT method, size, c, dbos_payload.random_payload(size, 11, c)
	FROM unnest('{10000,100000,1000000}'::int[]) AS size, unnest('{0,5,10,20,25,30,40,50,60,75,80,90,99,100}'::int[]) AS c;
	RETURN method;
EXCEPTION WHEN feature_not_supported THEN
	RETURN NULL;			-- a server built without lz4
END $$;
SELECT is(pg_temp.store('pglz'), 'pglz', 'stored with pglz');
SELECT coalesce('# lz4: ' || pg_temp.store('lz4'), '# this server has no lz4');

-- kept: the share of bytes that are not made zero, the last 512 being incomplete
CREATE TEMP VIEW ratios AS
	SELECT method, size, c, pg_column_size(payload)::float8 / size AS ratio,
		1 - (size / 512 * (512 * c / 100) + greatest(size % 512 - (512 - 512 * c / 100), 0))::float8 / size AS kept
	FROM stored;
SELECT is_empty($$ SELECT * FROM ratios WHERE abs(kept - (1 - c / 100.0)) > 0.02 $$, 'the share of bytes that are not zero is 100 - c percent, to 2 percent of the payload');

SELECT is_empty($$ SELECT * FROM ratios WHERE c = 0 AND ratio NOT BETWEEN 1 AND 1.01 $$, '0: nothing can be removed');
SELECT is_empty($$ SELECT * FROM ratios WHERE c = 100 AND ratio > 0.02 $$, '100: nearly everything can');
SELECT is_empty($$ SELECT * FROM ratios WHERE method = 'lz4' AND ratio NOT BETWEEN kept AND kept + 0.03 $$, 'lz4: that share is left, to 3 percent of the payload');
SELECT is_empty($$ SELECT * FROM ratios WHERE method = 'pglz' AND c >= 40 AND ratio NOT BETWEEN kept AND 1.125 * kept + 0.03 $$, 'pglz, 40 and more: that share is left and at most its eighth, to 3 percent of the payload');
SELECT is_empty($$ SELECT * FROM ratios WHERE method = 'pglz' AND c <= 30 AND ratio NOT BETWEEN 1 AND 1.01 $$, 'pglz, up to 30: not worth its while');
SELECT is_empty($$ SELECT * FROM ratios AS a JOIN ratios AS b USING (method, size) WHERE a.c < b.c AND a.ratio < b.ratio $$, 'more compressible is never larger');

-- the steps' own storage, and what list_steps tells of it
SELECT dbos_payload.start_workflow('compression', 'test') \gset
SELECT count(dbos_payload.payload_step('compression', c, 100000, 5, c)) AS n FROM unnest('{0,50,100}'::int[]) AS c \gset
SELECT is_empty($$ SELECT * FROM dbos_payload.list_steps('compression') WHERE output_bytes <> 100000 $$, 'list_steps: the bytes of the payload');
SELECT is_empty($$ SELECT * FROM dbos_payload.list_steps('compression') JOIN dbos_payload.operation_outputs AS o USING (function_id)
	WHERE o.workflow_uuid = 'compression' AND stored_bytes <> pg_column_size(o.output) $$, 'list_steps: the bytes that are stored');
SELECT ok((SELECT bool_and(stored_bytes BETWEEN output_bytes * (1 - function_id / 100.0) AND output_bytes * (1.125 * (1 - function_id / 100.0) + 0.03)) FROM dbos_payload.list_steps('compression')), 'list_steps: fewer of them, the more compressible');

SELECT * FROM finish();
ROLLBACK;
