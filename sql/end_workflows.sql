-- cancel_workflows(), finish_workflows(): many, a batch to a commit

CREATE FUNCTION pg_temp.show(OUT status text, OUT ids text) RETURNS SETOF record LANGUAGE sql AS $$
	SELECT s.status, string_agg(replace(s.workflow_uuid, 'end ', ''), ' ' ORDER BY s.workflow_uuid COLLATE "C")
	FROM dbos_payload.workflow_status AS s WHERE s.workflow_uuid LIKE 'end %' GROUP BY s.status ORDER BY s.status COLLATE "C"
$$;
CREATE FUNCTION pg_temp.start(ids text[]) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(dbos_payload.start_workflow('end ' || i, 'test')) FROM unnest(ids) AS i
$$;
SELECT pg_temp.start('{a,b,c,d,e,f,g,h,i}');

-- in any order, some twice
CALL dbos_payload.cancel_workflows('{end b,end a,end b,end b}');
CALL dbos_payload.finish_workflows('{end d,end c}');
CALL dbos_payload.finish_workflows('{end e,end f,end e}', 'ERROR', 1);
SELECT * FROM pg_temp.show();

-- those that have ended keep their status: cancelled without a word; finished so before, likewise
CALL dbos_payload.cancel_workflows('{end a,end c,end e,end g}');
CALL dbos_payload.finish_workflows('{end c,end d}');
-- otherwise, or unknown: the others are ended all the same, and these are named
CALL dbos_payload.finish_workflows('{end a,end e,end c,end h,end unknown}', batch_size => 2);
SELECT array_agg('end unknown ' || i) || 'end i'::text AS ids FROM generate_series(1, 9) AS i \gset
CALL dbos_payload.cancel_workflows(:'ids');
SELECT * FROM pg_temp.show();

-- none at all
CALL dbos_payload.cancel_workflows('{}');
CALL dbos_payload.finish_workflows('{}');

-- checked before any work
SELECT pg_temp.start('{j,k}');
CALL dbos_payload.cancel_workflows('{end j,NULL,end k}');
\echo :SQLSTATE
CALL dbos_payload.cancel_workflows('{end j,"",end k}');
\echo :SQLSTATE
CALL dbos_payload.cancel_workflows(ARRAY['end j', repeat('x', 1025)]);
\echo :SQLSTATE
CALL dbos_payload.cancel_workflows('{{end j},{end k}}');
\echo :SQLSTATE
CALL dbos_payload.cancel_workflows(NULL);
\echo :SQLSTATE
CALL dbos_payload.cancel_workflows('{end j}', 0);
\echo :SQLSTATE
CALL dbos_payload.cancel_workflows('{end j}', 100001);
\echo :SQLSTATE
CALL dbos_payload.finish_workflows('{end j,NULL}');
\echo :SQLSTATE
CALL dbos_payload.finish_workflows('{end j}', 'CANCELLED');
\echo :SQLSTATE
CALL dbos_payload.finish_workflows('{end j}', NULL);
\echo :SQLSTATE
CALL dbos_payload.finish_workflows('{end j}', 'ERROR', -1);
\echo :SQLSTATE
BEGIN;
CALL dbos_payload.cancel_workflows('{end j}');
\echo :SQLSTATE
ROLLBACK;
SET default_transaction_read_only = on;
CALL dbos_payload.finish_workflows('{end j}');
\echo :SQLSTATE
RESET default_transaction_read_only;
SELECT * FROM pg_temp.show();

-- each batch is a transaction of its own: what was committed before an error stays
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF OLD.workflow_uuid = 'end t5' THEN RAISE EXCEPTION 'not this one'; END IF;
	RETURN NEW;
END $$;
SELECT pg_temp.start('{t1,t2,t3,t4,t5,t6}');
CREATE TRIGGER refuse BEFORE UPDATE ON dbos_payload.workflow_status FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
\set SHOW_CONTEXT never
CALL dbos_payload.cancel_workflows('{end t6,end t5,end t4,end t3,end t2,end t1}', 2);
\set SHOW_CONTEXT errors
DROP TRIGGER refuse ON dbos_payload.workflow_status;
SELECT workflow_uuid, status FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'end t%' ORDER BY workflow_uuid COLLATE "C";

-- many
INSERT INTO dbos_payload.workflow_status (workflow_uuid, name, status, created_at, updated_at)
SELECT 'end many ' || i, 'test', 'PENDING', 0, 0 FROM generate_series(1, 4000) AS i;
DO $$ DECLARE
	ids text[] := ARRAY(SELECT workflow_uuid FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'end many %' ORDER BY random());
	cancelled bigint;
BEGIN
	CALL dbos_payload.cancel_workflows(ids, 200, cancelled);
	RAISE NOTICE '% cancelled', cancelled;
END $$;
SELECT status, count(*), count(completed_at), count(DISTINCT xmin::text) FROM dbos_payload.workflow_status WHERE workflow_uuid LIKE 'end many %' GROUP BY 1;

DELETE FROM dbos_payload.workflow_status;
