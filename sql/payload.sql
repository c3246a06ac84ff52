-- random_payload(): lengths, seeds, compressible, NULL

SELECT dbos_payload.version();

-- exactly as many bytes as asked for; none is an empty payload, not NULL
SELECT size, octet_length(dbos_payload.random_payload(size)) = size AS exact
FROM unnest('{0,1,2,7,8,9,63,64,65,511,512,513,1024,1025,4096,1000000,1048575,1048576,1048577,1111111,2097153}'::bigint[]) AS size;
SELECT dbos_payload.random_payload(0) = ''::bytea AS empty, dbos_payload.random_payload(0) IS NULL AS is_null;

-- without a seed each row has its own, and so has each call
SELECT count(DISTINCT dbos_payload.random_payload(8)) FROM generate_series(1, 5);
SELECT dbos_payload.random_payload(16) <> dbos_payload.random_payload(16) AS differ;
SELECT dbos_payload.random_payload(16, NULL) <> dbos_payload.random_payload(16, NULL) AS differ;

-- with a seed: SplitMix64 as a counter, little-endian (known answers)
SELECT dbos_payload.random_payload(16, 0);
SELECT dbos_payload.random_payload(20, 42);
SELECT dbos_payload.random_payload(8, -1);
SELECT dbos_payload.random_payload(9, seed => 1234567);
SELECT dbos_payload.random_payload(3, '-9223372036854775808');
SELECT dbos_payload.random_payload(24, 9223372036854775807);
SELECT dbos_payload.random_payload(0, 42);
SELECT count(DISTINCT dbos_payload.random_payload(8, 42)) FROM generate_series(1, 5);

-- a shorter payload is the beginning of a longer one, across chunks of 1 MiB too
SELECT size, substring(dbos_payload.random_payload(2100000, 5) FOR size) = dbos_payload.random_payload(size, 5) AS prefix
FROM unnest('{1,7,8,9,1000,1048575,1048576,1048577,1048585,2097152,2097153}'::int[]) AS size;

-- neighbouring seeds share nothing
SELECT count(DISTINCT dbos_payload.random_payload(4, seed)) FROM generate_series(-500, 500) AS seed;

-- compressible: the last c percent of each 512 bytes are zero, the others as without
SELECT c, encode(sha256(dbos_payload.random_payload(1024, 1, c)), 'hex') = encode(sha256(
		substring(dbos_payload.random_payload(1024, 1) FROM 1 FOR 512 - 512 * c / 100)
		|| decode(repeat('00', 512 * c / 100), 'hex')
		|| substring(dbos_payload.random_payload(1024, 1) FROM 513 FOR 512 - 512 * c / 100)
		|| decode(repeat('00', 512 * c / 100), 'hex')), 'hex') AS as_defined
FROM unnest('{0,1,33,50,99,100}'::int[]) AS c;
SELECT dbos_payload.random_payload(20, 42, 100);
SELECT octet_length(dbos_payload.random_payload(10, compressible => 100)) AS bytes,
	dbos_payload.random_payload(10, compressible => 100) = decode(repeat('00', 10), 'hex') AS zero;
SELECT octet_length(dbos_payload.random_payload(513, NULL, 50)) AS bytes,
	substring(dbos_payload.random_payload(513, NULL, 50) FROM 257 FOR 256) = decode(repeat('00', 256), 'hex') AS zero;

-- NULL where the size or compressible is
SELECT dbos_payload.random_payload(NULL) IS NULL AS size,
	dbos_payload.random_payload(NULL, 1, 0) IS NULL AS size_with_seed,
	dbos_payload.random_payload(1, 1, NULL) IS NULL AS compressible,
	dbos_payload.random_payload(-1, 1, NULL) IS NULL AS before_the_size_is_read;

-- the same in a prepared statement, and with parameters
PREPARE p(bigint, bigint, int) AS SELECT dbos_payload.random_payload($1, $2, $3);
EXECUTE p(4, 42, 0);
EXECUTE p(4, 42, 100);
EXECUTE p(NULL, 42, 0);
DEALLOCATE p;

-- a function that returns void and one that drops what it gets
SELECT dbos_payload.no_op();
SELECT dbos_payload.receive_payload('\x00ff00'), dbos_payload.receive_payload(''), dbos_payload.receive_payload(NULL);
SELECT dbos_payload.receive_payload(dbos_payload.random_payload(1000000)) AS a_large_one;
SELECT dbos_payload.receive_payload(convert_to(repeat('a', 1000000), 'SQL_ASCII')) AS one_that_compresses;
SELECT dbos_payload.receive_payload('\x00ff00', durable => true), dbos_payload.receive_payload('\x00', NULL);
SELECT dbos_payload.send_payload(4, 42) = dbos_payload.random_payload(4, 42) AS as_random_payload,
	octet_length(dbos_payload.send_payload(1000)) AS unseeded,
	octet_length(dbos_payload.send_payload(1000, NULL, 50, true)) AS durable;
SELECT count(*) FROM dbos_payload.operation_outputs WHERE workflow_uuid LIKE 'payload%';
