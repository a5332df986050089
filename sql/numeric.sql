-- Decimals in the three modes.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, n52 numeric(5,2), n40 numeric(4), n3810 numeric(38,10), nbig numeric(1000,0), n numeric);
CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$
	TRUNCATE t;
	-- PostgreSQL 13 has no infinite numbers
	INSERT INTO t VALUES (1, 123.45, 128, 1.1, 123456789012345678901234567890, 10.1111),
		(2, 0, -128, -1234567890123456789012345678.0123456789, -1, 0),
		(3, -1.28, -129, 0.0000000001, -1e64, 100),
		(4, 1.28, 255, 922337203.6854775807, 1e200, 1e-20),
		(5, -0.01, 256, 922337203.6854775808, 9223372036854775808, '-1.2300'),
		(6, 'NaN', 9999, 'NaN', 'NaN', 'NaN'),
		(7, NULL, -1, -922337203.6854775808, -9223372036854775808,
			(CASE WHEN current_setting('server_version_num')::int < 140000 THEN 'NaN' ELSE 'Infinity' END)::numeric),
		(8, NULL, 0, 0, 0,
			(CASE WHEN current_setting('server_version_num')::int < 140000 THEN 'NaN' ELSE '-Infinity' END)::numeric);
$$;
SELECT fill();
SELECT * FROM changes();
SELECT fill();
SELECT * FROM changes('decimal.handling.mode', 'string');
SELECT fill();
SELECT * FROM changes('decimal.handling.mode', 'double');

-- base64 says the same number as the text, for many numbers
TRUNCATE t;
INSERT INTO t (id, n3810) SELECT i, (random() - 0.5)::numeric * 10 ^ (random() * 28)::int FROM generate_series(1, 2000) i;
WITH bytes AS (
	SELECT (data::json->'after'->>'id')::int AS id, decode(data::json->'after'->>'n3810', 'base64') AS b
	FROM pg_logical_slot_get_changes('s', NULL, NULL))
SELECT count(*), bool_and(n3810 = value) FROM t JOIN LATERAL (
	SELECT (sum(get_byte(b, i) * 256::numeric ^ (length(b) - 1 - i)) -
		CASE WHEN get_byte(b, 0) > 127 THEN 256::numeric ^ length(b) ELSE 0 END) / 10::numeric ^ 10 AS value
	FROM bytes, generate_series(0, length(b) - 1) i WHERE bytes.id = t.id GROUP BY b) x ON true;
DROP FUNCTION fill();
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
