-- The record format: topic, key, value, headers; tombstones; key changes.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'one'), (2, 'two');
UPDATE t SET v = 'uno' WHERE id = 1;
UPDATE t SET id = 20 WHERE id = 2;
DELETE FROM t WHERE id = 1;
SELECT mask(data) FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record');
SELECT data::json->>'key' AS key, data::json->'value'->>'op' AS op
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'format', 'record', 'tombstones.on.delete', 'false');
TRUNCATE t;
SELECT * FROM changes('format', 'record');
TRUNCATE t;
SELECT * FROM changes('format', 'record', 'skipped.operations', 'none');
INSERT INTO t VALUES (1, 'one');
UPDATE t SET v = 'uno';
UPDATE t SET id = 2;
DELETE FROM t;
SELECT * FROM changes('format', 'record', 'skipped.operations', 'u,d');
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
