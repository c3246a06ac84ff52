-- purge(): by when a workflow ended, a batch to a commit, never what is pending
-- (also run on what init --portable makes, which has CONTEXT lines of its own)
\set SHOW_CONTEXT never

CREATE FUNCTION pg_temp.ended(id text, how text, ago interval) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
	PERFORM dbos_payload.start_workflow(id, 'test');
	PERFORM dbos_payload.record_step(id, 0, 'a', '\x00'), dbos_payload.record_step(id, 1, 'a', '\x00');
	IF how = 'CANCELLED' THEN PERFORM dbos_payload.cancel_workflow(id);
	ELSIF how <> 'PENDING' THEN PERFORM dbos_payload.finish_workflow(id, how);
	END IF;
	UPDATE dbos_payload.workflow_status SET created_at = created_at - extract(epoch FROM ago)::bigint * 1000,
		completed_at = completed_at - extract(epoch FROM ago)::bigint * 1000 WHERE workflow_uuid = id;
END $$;
SELECT pg_temp.ended('purge old ' || how, how, '10 days'), pg_temp.ended('purge new ' || how, how, '0')
FROM unnest('{PENDING,SUCCESS,ERROR,CANCELLED}'::text[]) AS how;

-- nothing is that old
CALL dbos_payload.purge('11 days');
CALL dbos_payload.purge('1000 years');
SELECT count(*) FROM dbos_payload.workflow_status;

-- what ended ten days ago goes; what runs since then stays
CALL dbos_payload.purge('9 days');
SELECT workflow_uuid, (SELECT count(*) FROM dbos_payload.list_steps(workflow_uuid)) AS steps
FROM dbos_payload.workflow_status ORDER BY workflow_uuid COLLATE "C";
SELECT count(*) FROM dbos_payload.operation_outputs;
CALL dbos_payload.purge('9 days');

-- all that has ended
SELECT pg_sleep(0.01);
CALL dbos_payload.purge('0');
SELECT workflow_uuid, (SELECT count(*) FROM dbos_payload.list_steps(workflow_uuid)) AS steps
FROM dbos_payload.workflow_status ORDER BY workflow_uuid COLLATE "C";

-- a purged id can be used again
SELECT dbos_payload.start_workflow('purge old SUCCESS', 'other'), dbos_payload.step_output('purge old SUCCESS', 0, 'a') IS NULL AS fresh;

-- in batches
SELECT count(pg_temp.ended('purge b' || i, 'SUCCESS', '1 day')) FROM generate_series(1, 25) AS i;
CALL dbos_payload.purge('1 hour', 10);
SELECT count(pg_temp.ended('purge b' || i, 'SUCCESS', '1 day')) FROM generate_series(1, 10) AS i;
CALL dbos_payload.purge('1 hour', batch_size => 1);
SELECT count(pg_temp.ended('purge b' || i, 'SUCCESS', '1 day')) FROM generate_series(1, 10) AS i;
CALL dbos_payload.purge('1 hour', 10);
CALL dbos_payload.purge('1 hour', 100000);
SELECT count(*) FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'purge b%';

-- each batch in a transaction of its own: what was committed before an error stays deleted
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF OLD.workflow_uuid = 'purge c5' THEN RAISE EXCEPTION 'not this one'; END IF;
	RETURN OLD;
END $$;
SELECT pg_temp.ended('purge c' || i, 'SUCCESS', make_interval(days => 20 - i)) FROM generate_series(1, 9) AS i;
CREATE TRIGGER refuse BEFORE DELETE ON dbos_payload.workflow_status FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
CALL dbos_payload.purge('1 hour', 2);
SELECT workflow_uuid, (SELECT count(*) FROM dbos_payload.list_steps(workflow_uuid)) AS steps
FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'purge c%' ORDER BY workflow_uuid COLLATE "C";
CREATE OR REPLACE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CALL dbos_payload.purge('1 hour', 2);
\echo :SQLSTATE
DROP TRIGGER refuse ON dbos_payload.workflow_status;
CALL dbos_payload.purge('1 hour', 2);

-- what a user's foreign key keeps stays, is counted and named; everything else goes
CREATE TABLE public.purge_orders (id text CONSTRAINT purge_orders_id REFERENCES dbos_payload.workflow_status);
SELECT count(pg_temp.ended('purge f' || i, 'SUCCESS', make_interval(days => 20 - i))) FROM generate_series(1, 9) AS i;
INSERT INTO public.purge_orders VALUES ('purge f1'), ('purge f4'), ('purge f4');
CALL dbos_payload.purge('1 hour', 1);
SELECT workflow_uuid, (SELECT count(*) FROM dbos_payload.list_steps(workflow_uuid)) AS steps
FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'purge f%' ORDER BY workflow_uuid COLLATE "C";
SELECT count(pg_temp.ended('purge g' || i, 'SUCCESS', make_interval(days => 20 - i))) FROM generate_series(1, 9) AS i;
INSERT INTO public.purge_orders SELECT 'purge g' || i FROM generate_series(1, 9, 2) AS i;
CALL dbos_payload.purge('1 hour');
SELECT workflow_uuid, (SELECT count(*) FROM dbos_payload.list_steps(workflow_uuid)) AS steps
FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'purge %' AND workflow_uuid ~ '[fg]\d$' ORDER BY workflow_uuid COLLATE "C";
-- ... in batches; when what refers to them is gone, so are they
DELETE FROM public.purge_orders WHERE id <> 'purge g5';
CALL dbos_payload.purge('1 hour', 2);
DELETE FROM public.purge_orders;
CALL dbos_payload.purge('1 hour', 2);

-- RESTRICT; deferred until the commit; of a table that is deleted from in turn; of the steps
SELECT count(pg_temp.ended('purge h' || i, 'SUCCESS', '1 day')) FROM generate_series(1, 9) AS i;
ALTER TABLE public.purge_orders DROP CONSTRAINT purge_orders_id,
	ADD CONSTRAINT purge_orders_restrict FOREIGN KEY (id) REFERENCES dbos_payload.workflow_status ON DELETE RESTRICT;
INSERT INTO public.purge_orders VALUES ('purge h3');
CALL dbos_payload.purge('1 hour', 100);
ALTER TABLE public.purge_orders DROP CONSTRAINT purge_orders_restrict,
	ADD CONSTRAINT purge_orders_deferred FOREIGN KEY (id) REFERENCES dbos_payload.workflow_status DEFERRABLE INITIALLY DEFERRED;
SELECT count(pg_temp.ended('purge i' || i, 'SUCCESS', '1 day')) FROM generate_series(1, 9) AS i;
CALL dbos_payload.purge('1 hour', 100);
ALTER TABLE public.purge_orders DROP CONSTRAINT purge_orders_deferred,
	ADD PRIMARY KEY (id),
	ADD CONSTRAINT purge_orders_cascade FOREIGN KEY (id) REFERENCES dbos_payload.workflow_status ON DELETE CASCADE;
CREATE TABLE public.purge_items (id text CONSTRAINT purge_items_order REFERENCES public.purge_orders);
INSERT INTO public.purge_items VALUES ('purge h3');
CALL dbos_payload.purge('1 hour', 100);
DELETE FROM public.purge_items;
CALL dbos_payload.purge('1 hour', 100);
SELECT * FROM public.purge_orders;
DROP TABLE public.purge_items, public.purge_orders;
CREATE TABLE public.purge_files (id text, step int, CONSTRAINT purge_files_step FOREIGN KEY (id, step) REFERENCES dbos_payload.operation_outputs);
SELECT count(pg_temp.ended('purge j' || i, 'SUCCESS', '1 day')) FROM generate_series(1, 9) AS i;
INSERT INTO public.purge_files VALUES ('purge j2', 1);
CALL dbos_payload.purge('1 hour', 100);
SELECT workflow_uuid, (SELECT count(*) FROM dbos_payload.list_steps(workflow_uuid)) AS steps
FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'purge j%';
DROP TABLE public.purge_files;
CALL dbos_payload.purge('1 hour', 100);

-- an error that a trigger raises is raised, whatever it calls it
CREATE OR REPLACE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	RAISE foreign_key_violation USING MESSAGE = 'not this one either';
END $$;
SELECT pg_temp.ended('purge k', 'SUCCESS', '1 day');
CREATE TRIGGER refuse BEFORE DELETE ON dbos_payload.workflow_status FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
CALL dbos_payload.purge('1 hour', 2);
\echo :SQLSTATE
DROP TRIGGER refuse ON dbos_payload.workflow_status;
CALL dbos_payload.purge('1 hour', 2);

-- no time, or one that is to come
CALL dbos_payload.purge('-1 day');
\echo :SQLSTATE
CALL dbos_payload.purge('1 day', 0);
\echo :SQLSTATE
CALL dbos_payload.purge('1 day', 100001);
\echo :SQLSTATE
CALL dbos_payload.purge('1 day', -1);
\echo :SQLSTATE
CALL dbos_payload.purge('178000000 years');
\echo :SQLSTATE

DELETE FROM dbos_payload.operation_outputs;
DELETE FROM dbos_payload.workflow_status;
