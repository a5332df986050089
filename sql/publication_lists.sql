-- Lists of columns, rows and schemas in a publication, from PostgreSQL 15 on.
SELECT current_setting('server_version_num')::int < 150000 AS too_old \gset
\if :too_old
\quit
\endif
SET synchronous_commit = on;
CREATE SCHEMA s1;
CREATE TABLE t (id int PRIMARY KEY, secret text, v text, n int);
CREATE TABLE keyless (a int, b int);
CREATE TABLE wide (id int PRIMARY KEY, a int, v text);
ALTER TABLE wide REPLICA IDENTITY FULL;
ALTER TABLE wide ALTER v SET STORAGE EXTERNAL;
CREATE TABLE s1.a (id int PRIMARY KEY, v text);
CREATE PUBLICATION mine FOR TABLE t (id, n, v), keyless WHERE (a > 1),
	wide WHERE (a > 1 AND length(v) > 3);
CREATE PUBLICATION whole FOR TABLES IN SCHEMA s1, TABLE s1.a WHERE (id > 1);
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE FUNCTION published() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT * FROM changes('publication.name', 'mine', 'publication.autocreate.mode', 'disabled', 'skipped.operations', 'none')
$$;
-- columns keep the order of the table; those not listed are nowhere
INSERT INTO t VALUES (1, 'secret', 'x', 7);
UPDATE t SET id = 2, secret = 'other';
DELETE FROM t;
SELECT * FROM published();
SELECT column_name, remark FROM debezium_describe('t', E'publication.name=mine\npublication.autocreate.mode=disabled');
SELECT column_name, remark FROM debezium_describe('wide', E'publication.name=mine\npublication.autocreate.mode=disabled');
-- a table that comes by its schema is published whole; so is one that moves there
BEGIN;
INSERT INTO s1.a VALUES (1, 'by its schema');
INSERT INTO keyless VALUES (1, 1);
ALTER TABLE keyless SET SCHEMA s1;
INSERT INTO s1.keyless VALUES (1, 2);
ALTER TABLE s1.keyless SET SCHEMA public;
COMMIT;
SELECT * FROM changes('publication.name', 'whole', 'publication.autocreate.mode', 'disabled');
-- the list loses a column, and the key, which only inserts allow
BEGIN;
INSERT INTO t VALUES (3, 'secret', 'x', 7);
ALTER PUBLICATION mine SET TABLE t (v) ;
ALTER PUBLICATION mine SET (publish = 'insert');
INSERT INTO t VALUES (4, 'secret', 'y', 7);
COMMIT;
SELECT coalesce(key, 'no key') || ' ' || regexp_replace(value, ',"source".*', '') AS record FROM (SELECT data::json->>'key' AS key, data::json->>'value' AS value
	FROM pg_logical_slot_get_changes('s', NULL, NULL, 'format', 'record', 'publication.name', 'mine', 'publication.autocreate.mode', 'disabled')) AS records;
-- rows: an update that brings a row into the filter creates it, one that takes it out deletes it
ALTER PUBLICATION mine SET (publish = 'insert, update, delete, truncate');
ALTER PUBLICATION mine SET TABLE keyless WHERE (a > 1), wide WHERE (a > 1 AND length(v) > 3);
INSERT INTO wide VALUES (1, 1, 'four'), (2, 2, 'four'), (3, 3, 'one');
UPDATE wide SET a = a + 10 WHERE id = 1;
UPDATE wide SET a = a + 10 WHERE id = 2;
UPDATE wide SET a = 0 WHERE id = 1;
UPDATE wide SET a = 0 WHERE id = 1;
DELETE FROM wide WHERE id IN (1, 2);
TRUNCATE wide;
SELECT * FROM published();
-- a value that is only in the old row, as TOAST that did not change
INSERT INTO wide VALUES (4, 5, repeat('x', 3000));
UPDATE wide SET a = 6;
SELECT left(published, 60), right(published, 30) FROM published();
-- without an old row nothing of the filter can have changed
INSERT INTO keyless VALUES (1, 1), (2, 2);
SELECT * FROM published();
-- rows that the filter does not publish do not count in "sequence"
INSERT INTO keyless VALUES (2, 3);
SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS lsn \gset
INSERT INTO keyless VALUES (1, 4);
INSERT INTO keyless VALUES (2, 5);
SELECT ((data::json->'source'->>'sequence')::json->>0)::numeric > :lsn AS counts
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'publication.name', 'mine', 'publication.autocreate.mode', 'disabled');
-- of a partition that is published as its root, with other places for the columns
CREATE TABLE p (id int, region text, secret text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE p_eu (secret text, region text NOT NULL, gone int, id int NOT NULL, more text GENERATED ALWAYS AS ('x') STORED);
ALTER TABLE p_eu DROP gone, DROP more;
ALTER TABLE p ATTACH PARTITION p_eu FOR VALUES IN ('eu');
ALTER PUBLICATION mine SET (publish_via_partition_root = true);
ALTER PUBLICATION mine SET TABLE p (id, region) WHERE (id > 1 AND region = 'eu');
INSERT INTO p VALUES (1, 'eu', 'x'), (3, 'eu', 'y');
UPDATE p SET id = id + 1;
-- as itself a partition has its own lists
ALTER PUBLICATION mine SET TABLE p_eu (region, id) WHERE (id = 4);
ALTER PUBLICATION mine SET (publish_via_partition_root = false);
UPDATE p SET secret = 'z';
-- and none where only its root is in the publication
ALTER PUBLICATION mine SET TABLE p;
UPDATE p SET secret = 'zz' WHERE id = 2;
SELECT * FROM published();
DROP TABLE p;
-- an expression that fails: what was published is not known
ALTER PUBLICATION mine SET TABLE keyless WHERE (1 / a > 0);
INSERT INTO keyless VALUES (0, 1);
\set SHOW_CONTEXT never
SELECT * FROM published();
SELECT pg_drop_replication_slot('s');
DROP FUNCTION published();
DROP PUBLICATION mine, whole;
DROP TABLE t, keyless, wide, s1.a;
DROP SCHEMA s1;
