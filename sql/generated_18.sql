-- Generated columns from PostgreSQL 18 on: virtual ones, and publish_generated_columns.
SELECT current_setting('server_version_num')::int < 180000 AS too_old \gset
\if :too_old
\quit
\endif
SET synchronous_commit = on;
CREATE TABLE t (id int PRIMARY KEY, a int, v int GENERATED ALWAYS AS (a + 1) VIRTUAL, g int GENERATED ALWAYS AS (a * 2) STORED, z text);
CREATE PUBLICATION mine FOR TABLE t WITH (publish_generated_columns = stored);
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE FUNCTION published() RETURNS SETOF text LANGUAGE sql AS
	$$SELECT * FROM changes('publication.name', 'mine', 'publication.autocreate.mode', 'disabled')$$;
INSERT INTO t (id, a, z) VALUES (1, 10, 'z');
BEGIN;
ALTER PUBLICATION mine SET (publish_generated_columns = none);
INSERT INTO t (id, a, z) VALUES (2, 10, 'z');
ALTER PUBLICATION mine SET TABLE t (id, g);
INSERT INTO t (id, a, z) VALUES (3, 10, 'z');
ALTER PUBLICATION mine SET TABLE t WHERE (g > 20);
INSERT INTO t (id, a, z) VALUES (4, 10, 'z'), (5, 11, 'z');
COMMIT;
SELECT * FROM published();
ALTER PUBLICATION mine SET TABLE t;
ALTER PUBLICATION mine SET (publish_generated_columns = stored, publish = 'insert, update, delete');
UPDATE t SET a = 20 WHERE id = 1;
SELECT * FROM published();
SELECT column_name, remark FROM debezium_describe('t', 'publication.name=mine');
SELECT substring(snapshot_value(debezium_snapshot(t.*, 'topic.prefix=p', '0/1', 1, now())) from '"after":.*?\}') FROM t WHERE id = 1;
DROP PUBLICATION mine;
DROP FUNCTION published();
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
