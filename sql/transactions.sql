-- Subtransactions that are kept or rolled back, and transactions that spill to disk.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY);
BEGIN;
INSERT INTO t VALUES (1);
SAVEPOINT a;
INSERT INTO t VALUES (2);
SAVEPOINT b;
INSERT INTO t VALUES (3);
ROLLBACK TO b;
INSERT INTO t VALUES (4);
RELEASE a;
SAVEPOINT c;
INSERT INTO t VALUES (5);
ROLLBACK TO c;
COMMIT;
SELECT data::json->'after'->>'id' AS id FROM pg_logical_slot_get_changes('s', NULL, NULL);
-- spilled to disk and read again
SET logical_decoding_work_mem = '64kB';
INSERT INTO t SELECT generate_series(100, 5099);
SELECT count(*), min((data::json->'after'->>'id')::int), max((data::json->'after'->>'id')::int)
FROM pg_logical_slot_get_changes('s', NULL, NULL);
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
