-- Changes of a table in the middle of the stream: each event shows the table of its time.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, a text, b int);
INSERT INTO t VALUES (1, 'x', 1);
BEGIN;
INSERT INTO t VALUES (2, 'x', 2);
ALTER TABLE t ADD c int NOT NULL DEFAULT 3;
INSERT INTO t VALUES (3, 'x', 3, 4);
ALTER TABLE t DROP b;
INSERT INTO t VALUES (4, 'x', 5);
COMMIT;
ALTER TABLE t RENAME a TO aa;
INSERT INTO t VALUES (5, 'x', 6);
ALTER TABLE t ALTER c TYPE text;
INSERT INTO t VALUES (6, 'x', 'seven');
ALTER TABLE t RENAME TO tt;
INSERT INTO tt VALUES (7, 'x', 'eight');
CREATE SCHEMA s1;
ALTER TABLE tt SET SCHEMA s1;
INSERT INTO s1.tt VALUES (8, 'x', 'nine');
ALTER SCHEMA s1 RENAME TO s2;
INSERT INTO s2.tt VALUES (9, 'x', 'ten');
ALTER TABLE s2.tt REPLICA IDENTITY FULL;
DELETE FROM s2.tt WHERE id = 9;
SELECT data::json->>'topic' AS topic, data::json->'value'->'before' AS before, data::json->'value'->'after' AS after
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record', 'tombstones.on.delete', 'false');
-- fillers and names in transactions that were rolled back do not count
BEGIN;
ALTER TABLE s2.tt RENAME aa TO gone;
ROLLBACK;
INSERT INTO s2.tt VALUES (10, 'x', 'y');
SELECT * FROM changes();
DROP TABLE s2.tt;
DROP SCHEMA s2;
SELECT pg_drop_replication_slot('s');
