-- sizes, counts and lengths at their limits, one below and one above

SELECT dbos_payload.start_workflow('limits', 'test');

-- negative, and around what a value, an int4 and an int8 can hold: refused before anything is allocated
SELECT dbos_payload.random_payload(-1);
\echo :SQLSTATE
SELECT dbos_payload.random_payload(-2147483648);
\echo :SQLSTATE
SELECT dbos_payload.random_payload('-9223372036854775808');
\echo :SQLSTATE
SELECT dbos_payload.random_payload(268435457);
\echo :SQLSTATE
SELECT dbos_payload.random_payload(1073741819);
SELECT dbos_payload.random_payload(1073741820);
SELECT dbos_payload.random_payload(1073741823);
SELECT dbos_payload.random_payload(2147483647);
SELECT dbos_payload.random_payload(4294967297);
SELECT dbos_payload.random_payload(9223372036854775807);
\echo :SQLSTATE
SELECT dbos_payload.payload_step('limits', 0, 9223372036854775807);
\echo :SQLSTATE
SELECT dbos_payload.send_payload(-1);
\echo :SQLSTATE

-- the setting
SHOW dbos_payload.max_payload_bytes;
SELECT unit, vartype, context, min_val, max_val, boot_val FROM pg_settings WHERE name = 'dbos_payload.max_payload_bytes';
SELECT vartype, context, boot_val FROM pg_settings WHERE name IN ('dbos_payload.timing', 'dbos_payload.track_cpu') ORDER BY name;
\set VERBOSITY sqlstate
SET dbos_payload.max_payload_bytes = 0;
SET dbos_payload.max_payload_bytes = 536870001;
\set VERBOSITY default
SET dbos_payload.max_payload_bytes = '1kB';
SHOW dbos_payload.max_payload_bytes;

-- it bounds the bytes of a payload, however well they compress
SET dbos_payload.max_payload_bytes = 1000;
SELECT octet_length(dbos_payload.random_payload(1000)) AS random, octet_length(dbos_payload.random_payload(1000, 1, 100)) AS zeros;
SELECT dbos_payload.random_payload(1001);
\echo :SQLSTATE
SELECT dbos_payload.random_payload(1001, 1, 100);
\echo :SQLSTATE
SELECT octet_length(dbos_payload.payload_step('limits', 0, 1000)) AS random, octet_length(dbos_payload.payload_step('limits', 1, 1000, 1, 100)) AS zeros;
SELECT dbos_payload.payload_step('limits', 2, 1001);
\echo :SQLSTATE
SELECT dbos_payload.payload_step('limits', 2, 1001, 1, 100);
\echo :SQLSTATE
SELECT octet_length(dbos_payload.size_step('limits', 3, 3));
SELECT dbos_payload.size_step('limits', 4, 4);
\echo :SQLSTATE
SELECT octet_length(dbos_payload.batch_size_step('limits', 5, 3));
SELECT dbos_payload.batch_size_step('limits', 6, 4);
\echo :SQLSTATE
SELECT dbos_payload.record_step('limits', 7, 'random', dbos_payload.random_payload(1000)) AS random,
	dbos_payload.record_step('limits', 8, 'zeros', decode(repeat('00', 1000), 'hex')) AS zeros;
SELECT dbos_payload.record_step('limits', 9, 'zeros', decode(repeat('00', 1001), 'hex'));
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('limits', 10, '{400,600}');
SELECT * FROM dbos_payload.payload_steps('limits', 12, '{400,600,1,3}');
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('limits', 12, '{1,1001}');
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('limits', 12, '{a,b}', ARRAY['\x00', decode(repeat('00', 1000), 'hex')]);
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('limits', 12, '{a,b}', ARRAY['\x00', decode(repeat('00', 1001), 'hex')]);
\echo :SQLSTATE
SELECT * FROM dbos_payload.record_steps('limits', 12, '{a,b}', ARRAY['\x00', decode(repeat('00', 999), 'hex')]);
CALL dbos_payload.commit_payload_steps('limits', 20, '{1000,1000}');
CALL dbos_payload.commit_payload_steps('limits', 22, '{1000,1001}');
\echo :SQLSTATE
CALL dbos_payload.commit_record_steps('limits', 22, '{a,b}', ARRAY[decode(repeat('00', 1000), 'hex'), decode(repeat('00', 1001), 'hex')]);
\echo :SQLSTATE
SELECT function_id, output_bytes FROM dbos_payload.list_steps('limits');

-- what is recorded is replayed, also where the limit has become lower
SET dbos_payload.max_payload_bytes = 10;
SELECT octet_length(dbos_payload.payload_step('limits', 0, 10));
SELECT octet_length(dbos_payload.step_output('limits', 0, 'payload_step'));
RESET dbos_payload.max_payload_bytes;

-- compressible
SELECT dbos_payload.random_payload(1, 1, -1);
\echo :SQLSTATE
SELECT dbos_payload.random_payload(1, 1, 101);
\echo :SQLSTATE
SELECT dbos_payload.payload_step('limits', 100, 1, 1, 101);
\echo :SQLSTATE

-- powers of ten
SELECT dbos_payload.size_step('limits', 100, -1);
\echo :SQLSTATE
SELECT dbos_payload.size_step('limits', 100, 9);
\echo :SQLSTATE
SELECT dbos_payload.size_step('limits', 100, 2147483647);
\echo :SQLSTATE
SELECT dbos_payload.batch_size_step('limits', 100, 0);
\echo :SQLSTATE
SELECT dbos_payload.batch_size_step('limits', 100, 10);
\echo :SQLSTATE

-- step numbers
SELECT dbos_payload.payload_step('limits', -1, 1);
\echo :SQLSTATE
SELECT * FROM dbos_payload.payload_steps('limits', -1, '{1}');
\echo :SQLSTATE

-- names of payload_step: 1 to 1,024 bytes
SELECT dbos_payload.payload_step('limits', 100, 1, function_name => repeat('x', 1025));
\echo :SQLSTATE

-- a long-running one answers a cancel
SET statement_timeout = '50ms';
SELECT length(dbos_payload.random_payload(50000000)) FROM generate_series(1, 1000);
\echo :SQLSTATE
RESET statement_timeout;

DELETE FROM dbos_payload.operation_outputs;
DELETE FROM dbos_payload.workflow_status;
