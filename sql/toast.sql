-- Unchanged TOAST values: the old tuple's where there is one, else a placeholder.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, n int, t text, b bytea, jb jsonb, num numeric);
ALTER TABLE t ALTER t SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL, ALTER jb SET STORAGE EXTERNAL, ALTER num SET STORAGE EXTERNAL;
INSERT INTO t VALUES (1, 1, repeat('t', 3000), decode(repeat('01', 3000), 'hex'),
	('{"a":"' || repeat('j', 3000) || '"}')::jsonb, repeat('123456789', 1000)::numeric);
SELECT length(c) FROM changes() c;
UPDATE t SET n = 2;
SELECT * FROM changes();
UPDATE t SET n = 3;
SELECT * FROM changes('decimal.handling.mode', 'string', 'unavailable.value.placeholder', 'not "known"');
UPDATE t SET n = 4;
SELECT * FROM changes('unavailable.value.placeholder', 'hex:4142ff');
UPDATE t SET id = 2;
SELECT * FROM changes();
ALTER TABLE t REPLICA IDENTITY FULL;
UPDATE t SET n = 5;
SELECT data::json->'before'->>'t' = data::json->'after'->>'t' AS t, length(data::json->'after'->>'b') AS b,
	data::json->'before'->>'num' = data::json->'after'->>'num' AS num
FROM pg_logical_slot_get_changes('s', NULL, NULL);
DROP TABLE t;

-- a key in TOAST
CREATE TABLE t (k text PRIMARY KEY, n int);
ALTER TABLE t ALTER k SET STORAGE EXTERNAL;
INSERT INTO t VALUES (repeat('k', 2100), 1);
UPDATE t SET n = 2;
SELECT data::json->'value'->>'op' AS op, length(data::json->'key'->>'k') AS key
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'format', 'record');
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
