-- A value that cannot be converted, by event.converting.failure.handling.mode.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, n numeric(5,2), m numeric NOT NULL DEFAULT 1, v text);
INSERT INTO t VALUES (1, 1, 1, 'x'), (2, 'NaN', 'NaN', 'y'), (3, 'NaN', 3, 'z');
-- reported once for each column
SELECT data::json->'after' FROM pg_logical_slot_peek_changes('s', NULL, NULL);
SELECT data::json->'after' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'event.converting.failure.handling.mode', 'skip');
SELECT data::json->'after' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'event.converting.failure.handling.mode', 'fail');
SELECT data::json->'after' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'event.converting.failure.handling.mode', 'ignore');
-- nothing is lost as text
SELECT data::json->'after' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'decimal.special.values', 'text');
SELECT count(*) FROM changes();
INSERT INTO t VALUES (4, 'NaN', 'Infinity'), (5, 1, '-Infinity');
SELECT * FROM changes('decimal.special.values', 'text');
-- an unchanged value without a placeholder
ALTER TABLE t ALTER m SET STORAGE EXTERNAL;
INSERT INTO t VALUES (6, 1, repeat('123456789', 1000)::numeric);
SELECT count(*) FROM changes();
UPDATE t SET v = 'u' WHERE id = 6;
SELECT data::json->'after' FROM pg_logical_slot_peek_changes('s', NULL, NULL);
SELECT data::json->'after' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'event.converting.failure.handling.mode', 'fail');
SELECT count(*) FROM changes();
DROP TABLE t;
-- in a key
CREATE TABLE t (k numeric(5,2) PRIMARY KEY);
INSERT INTO t VALUES ('NaN');
SELECT data::json->'key' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'format', 'record');
SELECT data::json->'key' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'format', 'record', 'decimal.special.values', 'text');
-- the texts go through converters and headers
SELECT count(*) FROM changes('decimal.special.values', 'text');
UPDATE t SET k = 2;
SELECT data::json->'key', data::json->'headers' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'format', 'record',
	'decimal.special.values', 'text', 'key.converter.decimal.format', 'NUMERIC');
-- nanoseconds
CREATE TABLE u (ts timestamp);
SELECT count(*) FROM changes('decimal.special.values', 'text');
INSERT INTO u VALUES ('1500-01-01');
SELECT data::json->'after' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'time.precision.mode', 'nanoseconds');
-- Debezium makes these null in every mode, but not in a column that must not be
SELECT data::json->'after' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'time.precision.mode', 'nanoseconds', 'event.converting.failure.handling.mode', 'fail');
SELECT count(*) FROM changes();
ALTER TABLE u ALTER ts SET NOT NULL;
INSERT INTO u VALUES ('1500-01-01');
SELECT data::json->'after' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'time.precision.mode', 'nanoseconds', 'event.converting.failure.handling.mode', 'fail');
TRUNCATE u;
INSERT INTO u VALUES ('1500-01-02');
-- a snapshot does the same
SELECT substring(snapshot_value(debezium_snapshot(u.*, 'time.precision.mode=nanoseconds', '0/1', 1, now())) from '"after":[^}]*}') FROM u;
SELECT debezium_snapshot(u.*, E'time.precision.mode=nanoseconds\nevent.converting.failure.handling.mode=fail', '0/1', 1, now()) FROM u;
DROP TABLE t, u;
SELECT pg_drop_replication_slot('s');
