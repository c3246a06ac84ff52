-- random_payload(): what holds for many sizes and seeds

\set QUIET 1
BEGIN;
SELECT no_plan();

CREATE TEMP TABLE sizes AS
	SELECT DISTINCT size FROM (
		SELECT generate_series(0, 40) AS size
		UNION ALL SELECT (1 << n) + d FROM generate_series(3, 21) AS n, generate_series(-1, 1) AS d
		UNION ALL SELECT (10 ^ n)::int FROM generate_series(0, 6) AS n
		UNION ALL SELECT 1111111) AS s;
CREATE TEMP TABLE seeds AS
	SELECT unnest('{0,1,2,42,-1,-2,1234567,4294967295,4294967296,9223372036854775807,-9223372036854775808,-9223372036854775807}'::bigint[]) AS seed;

-- lengths
SELECT is_empty($$ SELECT size FROM sizes WHERE octet_length(dbos_payload.random_payload(size)) <> size $$,
	'unseeded: exactly as long as asked for');
SELECT is_empty($$ SELECT size, seed FROM sizes, seeds WHERE size <= 70000 AND octet_length(dbos_payload.random_payload(size, seed)) <> size $$,
	'seeded: exactly as long as asked for');
SELECT is_empty($$ SELECT size, c FROM sizes, unnest('{1,17,50,99,100}'::int[]) AS c
	WHERE octet_length(dbos_payload.random_payload(size, NULL, c)) <> size $$,
	'compressible: exactly as long as asked for');

-- SplitMix64, written again with nothing but bit strings and numerics: word i, counted
-- from 0, is mix(seed + (i + 1) * increment) modulo 2^64, laid out little-endian
CREATE FUNCTION pg_temp.to_numeric(b bit(64)) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT (b >> 32)::bit(64)::bigint::numeric * 4294967296 + (b & x'00000000FFFFFFFF')::bit(64)::bigint::numeric
$$;
CREATE FUNCTION pg_temp.to_bits(n numeric) RETURNS bit(64) LANGUAGE sql IMMUTABLE AS $$
	SELECT (div(m, 4294967296)::bigint::bit(64) << 32) | mod(m, 4294967296)::bigint::bit(64)
	FROM (SELECT mod(n, 18446744073709551616)) AS v(m)
$$;
CREATE FUNCTION pg_temp.mix(z bit(64)) RETURNS bit(64) LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	z := pg_temp.to_bits(pg_temp.to_numeric(z # (z >> 30)) * pg_temp.to_numeric(x'BF58476D1CE4E5B9'));
	z := pg_temp.to_bits(pg_temp.to_numeric(z # (z >> 27)) * pg_temp.to_numeric(x'94D049BB133111EB'));
	RETURN z # (z >> 31);
END $$;
CREATE FUNCTION pg_temp.word(seed bigint, i bigint) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
	SELECT string_agg(decode(lpad(to_hex((w >> (8 * n))::bit(64)::bigint & 255), 2, '0'), 'hex'), '' ORDER BY n)
	FROM pg_temp.mix(pg_temp.to_bits(pg_temp.to_numeric(seed::bit(64)) + (i + 1)::numeric * pg_temp.to_numeric(x'9E3779B97F4A7C15'))) AS w,
		generate_series(0, 7) AS n
$$;
SELECT is(pg_temp.word(0, 0), '\xafcd1d7b39a820e2', 'the published first word of SplitMix64 with seed 0 (our second writing of it)');
SELECT is_empty($$ SELECT seed, i FROM seeds, generate_series(0, 20) AS i
	WHERE substring(dbos_payload.random_payload(168, seed) FROM 8 * i + 1 FOR 8) <> pg_temp.word(seed, i) $$,
	'seeded: the words of SplitMix64');
SELECT is_empty($$ SELECT seed, i FROM seeds, unnest('{131071,131072,131073,262143,262144,262149}'::int[]) AS i
	WHERE substring(dbos_payload.random_payload(2097200, seed) FROM 8 * i + 1 FOR 8) <> pg_temp.word(seed, i) $$,
	'seeded: the words of SplitMix64 where one chunk of 1 MiB ends and the next begins');

-- known answers, computed by another program
SELECT is(encode(sha256(dbos_payload.random_payload(size, seed, c)), 'hex'), hash, format('known answer: %s bytes, seed %s, compressible %s', size, seed, c))
FROM (VALUES
	(1000, 42, 0, '9478da224d93883893008c657d547a0a4f40ed3244d0f1cc527e2ee281d03f44'),
	(10000, 7, 0, 'd2d6e7099ea3755f50b74c4d3eae8dc709d5876c512d9d755ba81fc59c1bba13'),
	(1000, 42, 50, '892bbed736add8c5cd77d2543aa9123513a0cec248984e8f247c7606394df19d'),
	(1500, 5, 1, '3933760bc1427852196afa0abb2e79b6b4c4d92fe068e1bb9b801a286808c08a'),
	(5000, -5, 25, '3ecdf52e4f150bf7bc5c4cab3d51b057566bc36837ebe8cb58602d440c06cf97'),
	(512, 3, 99, '822b6f57e544416414e1ef3f1f947321ad251e5777c9fef80c5211358e87d9df'),
	(513, 3, 100, '8ae7498b01f40e9d2a04df8a8a91cc0b180eb9eb64b78129f59a6d6ab547816b'),
	(1000000, 1, 0, '408a12070e3a469429491a2483bcd51929226e5bb4d205f5115c926ff20223e4'),
	(1111111, 99, 33, '090e5d5dea8a6b1d469265b792d74d2805f5352ce588026ec9373cd63bb1b9d6'),
	(2000000, 11, 0, '65b883b5f20c90a98242cfc13310cddeed8e694c8bbe2b75c8f11fd8b31a6935')) AS v(size, seed, c, hash);

-- the same seed, the same bytes: whatever the size, and however often
SELECT is_empty($$ SELECT size, seed FROM sizes, seeds WHERE size <= 70000
	AND dbos_payload.random_payload(size, seed) <> dbos_payload.random_payload(size, seed) $$, 'seeded: the same bytes twice');
SELECT is_empty($$ SELECT size, seed FROM sizes, seeds WHERE size <= 70000
	AND dbos_payload.random_payload(size, seed) <> substring(dbos_payload.random_payload(70000, seed) FOR size) $$, 'seeded: a shorter one is the beginning of a longer one');
SELECT is((SELECT count(DISTINCT dbos_payload.random_payload(8, seed)) FROM generate_series(-2000, 2000) AS seed), 4001::bigint, 'seeded: other seeds, other bytes');

-- compressible, byte by byte: byte j is 0 when j mod 512 >= 512 - (512 * c) / 100, else that of the stream
SELECT is_empty($$ SELECT c FROM generate_series(0, 100) AS c WHERE dbos_payload.random_payload(1100, 7, c) <> (
	SELECT string_agg(CASE WHEN j % 512 >= 512 - 512 * c / 100 THEN '\x00' ELSE substring(r FROM j + 1 FOR 1) END, '' ORDER BY j)
	FROM dbos_payload.random_payload(1100, 7) AS r, generate_series(0, 1099) AS j) $$, 'compressible: the bytes as defined, for 0 to 100');
SELECT is_empty($$ SELECT size, c FROM sizes, unnest('{25,50}'::int[]) AS c WHERE size BETWEEN 1000000 AND 1200000
	AND dbos_payload.random_payload(size, 3, c) <> dbos_payload.random_payload(2097153, 3, c) AND
	dbos_payload.random_payload(size, 3, c) <> substring(dbos_payload.random_payload(2097153, 3, c) FOR size) $$, 'compressible: across chunks of 1 MiB');

-- without a seed
SELECT is((SELECT count(DISTINCT dbos_payload.random_payload(16)) FROM generate_series(1, 5000)), 5000::bigint, 'unseeded: no 16 bytes come twice');
SELECT is((SELECT count(DISTINCT dbos_payload.random_payload(8)) FROM generate_series(1, 5)), 5::bigint, 'unseeded: each row has its own');
SELECT is((SELECT count(DISTINCT substring(r FROM 8 * i + 1 FOR 8)) FROM dbos_payload.random_payload(80000) AS r, generate_series(0, 9999) AS i),
	10000::bigint, 'unseeded: no 8 bytes come twice in one payload');
SELECT is((SELECT count(DISTINCT substring(dbos_payload.random_payload(1000000) FROM 999985)) FROM generate_series(1, 50)), 50::bigint, 'unseeded: nor at the end of large ones');
SELECT is((SELECT count(DISTINCT r) FROM generate_series(1, 300) AS i, dbos_payload.random_payload(1000 + i % 50) AS r), 300::bigint, 'unseeded: nor around the size where the source changes');

-- chi-square of the bytes' frequencies: 255 on average, with a standard deviation of
-- 22.6; beyond these bounds once in 10^17 runs
CREATE FUNCTION pg_temp.chi_square(payload bytea) RETURNS float8 LANGUAGE sql AS $$
	SELECT sum((coalesce(n, 0) - expected) ^ 2 / expected)
	FROM (SELECT octet_length(payload) / 256.0::float8) AS e(expected), generate_series(0, 255) AS b
		LEFT JOIN (SELECT get_byte(payload, i) AS b, count(*) AS n FROM generate_series(0, octet_length(payload) - 1) AS i GROUP BY 1) AS f USING (b)
$$;
SELECT cmp_ok(pg_temp.chi_square(dbos_payload.random_payload(200000)), '<', 500::float8, 'unseeded: bytes are equally frequent');
SELECT cmp_ok(pg_temp.chi_square(dbos_payload.random_payload(200000)), '>', 100::float8, 'unseeded: and not too equally');
SELECT cmp_ok(pg_temp.chi_square((SELECT string_agg(dbos_payload.random_payload(50), '') FROM generate_series(1, 4000))), '<', 500::float8, 'unseeded: nor in small ones');
SELECT cmp_ok(pg_temp.chi_square(dbos_payload.random_payload(200000, seed)), '<', 400::float8, format('seed %s: bytes are equally frequent', seed)) FROM seeds WHERE seed IN (0, 42, -1);

SELECT * FROM finish();
ROLLBACK;
