-- Generated columns: in snapshots, and in the stream where a publication says so.
SET synchronous_commit = on;
CREATE TABLE t (id int PRIMARY KEY, a int, g int GENERATED ALWAYS AS (a * 2) STORED NOT NULL, lit text GENERATED ALWAYS AS ('x') STORED, z text);
CREATE TABLE k (a int, g int GENERATED ALWAYS AS (a * 2) STORED PRIMARY KEY, b int);
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
INSERT INTO t (id, a, z) VALUES (1, 10, 'z');
UPDATE t SET a = 20;
ALTER TABLE t REPLICA IDENTITY FULL;
UPDATE t SET a = 30;
ALTER TABLE t ALTER g DROP EXPRESSION;
UPDATE t SET g = 7;
DELETE FROM t;
-- a key that is generated is no key of the stream
INSERT INTO k VALUES (1, DEFAULT, 2);
DELETE FROM k;
SELECT coalesce(data::json->>'key', 'no key') AS key, data::json->'value'->'before' AS before, data::json->'value'->'after' AS after
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'format', 'record', 'tombstones.on.delete', 'false');
INSERT INTO k VALUES (1, DEFAULT, 2);
INSERT INTO t (id, a, g, z) VALUES (1, 10, 1, 'z');
SELECT substring(snapshot_value(debezium_snapshot(t.*, 'topic.prefix=p', '0/1', 1, now())) from '"after":.*?\}') FROM t;
SELECT substring(snapshot_value(debezium_snapshot(k.*, 'topic.prefix=p', '0/1', 1, now())) from '"after":.*?\}') FROM k;
DROP TABLE t, k;
SELECT pg_drop_replication_slot('s');
