-- Floating point numbers in Java's notation.
SET synchronous_commit = on;
SET extra_float_digits = 1;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id serial PRIMARY KEY, r real, d float8);
INSERT INTO t (r, d) VALUES (3.3, 3.3), (3, 3), (0, 0), ('-0', '-0'), ('NaN', 'NaN'), ('Infinity', 'Infinity'), ('-Infinity', '-Infinity'),
	(0.001, 0.001), (0.000999, 0.000999), (9999999, 9999999), (1e7, 1e7), (123456.789, 123456.789), (1e21, 2e23),
	(16777216, 16777217), (3.4028235e38, 1.7976931348623157e308), (1.4e-45, 4.9e-324), (9.8e-45, 9.9e-324), (1.1754942e-38, 2.2250738585072014e-308),
	(0.1, 0.1), (-1.5, 123456789012345680), (100, 1e-300), (1e-5, 9007199254740993);
SELECT substring(c from '"after":\{"id":\d+,(.*?)\}') FROM changes() c;

-- where the setting leaves out digits, so does Debezium
TRUNCATE t;
SET extra_float_digits = 0;
INSERT INTO t VALUES (1, 0.1::real + 0.2::real, 0.1::float8 + 0.2);
SELECT substring(c from '"r":.*') FROM changes() c;
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
