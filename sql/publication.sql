-- A publication that somebody made decides tables, operations and columns, as it was at the time of each change.
SET synchronous_commit = on;
CREATE SCHEMA s1;
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE TABLE u (id int PRIMARY KEY, v text);
CREATE TABLE s1.a (id int PRIMARY KEY);
CREATE PUBLICATION mine FOR TABLE t WITH (publish = 'insert, delete');
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE FUNCTION published(VARIADIC options text[] DEFAULT '{}') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT data::json->>'topic' || ' ' || (data::json->'value'->>'op') || ' ' ||
		coalesce(data::json->'value'->>'before', '-') || ' ' || coalesce(data::json->'value'->>'after', '-')
	FROM pg_logical_slot_peek_changes('s', NULL, NULL, VARIADIC ARRAY['topic.prefix', 'p', 'format', 'record',
		'tombstones.on.delete', 'false', 'skipped.operations', 'none'] || options)
$$;
INSERT INTO t VALUES (1, 'x');
UPDATE t SET v = 'y';
INSERT INTO u VALUES (1, 'x');
-- the publication changes between two changes of a transaction, and is dropped and made anew
BEGIN;
ALTER PUBLICATION mine ADD TABLE u;
INSERT INTO u VALUES (2, 'added');
ALTER PUBLICATION mine SET (publish = 'update, truncate');
INSERT INTO u VALUES (3, 'not published');
UPDATE u SET v = 'updated' WHERE id = 3;
SAVEPOINT one;
ALTER PUBLICATION mine DROP TABLE u;
UPDATE u SET v = 'not published';
ROLLBACK TO one;
TRUNCATE u, t, s1.a;
COMMIT;
DROP PUBLICATION mine;
CREATE PUBLICATION mine FOR ALL TABLES;
INSERT INTO s1.a VALUES (1);
SELECT * FROM published('publication.autocreate.mode', 'disabled', 'publication.name', 'mine');
SELECT count(*) FROM published('publication.autocreate.mode', 'no_tables', 'publication.name', 'mine');
-- the lists apply to what is published
SELECT * FROM published('publication.autocreate.mode', 'disabled', 'publication.name', 'mine', 'table.include.list', '.*\.a');
-- it decides with all_tables, too, if it exists; never with filtered
SELECT count(*) FROM published('publication.autocreate.mode', 'all_tables', 'publication.name', 'mine');
SELECT count(*) FROM published();
SELECT count(*) FROM published('publication.autocreate.mode', 'filtered', 'publication.name', 'mine');
-- a publication that does not exist
\set SHOW_CONTEXT never
SELECT count(*) FROM published('publication.autocreate.mode', 'disabled', 'publication.name', 'none');
SELECT count(*) FROM published('publication.autocreate.mode', 'no_tables', 'publication.name', 'none');
-- "sequence" shows the end of the last transaction of which anything was published: does it count that of u?
DROP PUBLICATION mine;
CREATE PUBLICATION mine FOR TABLE t, u WITH (publish = 'insert');
SELECT 'end' FROM pg_replication_slot_advance('s', pg_current_wal_insert_lsn());
INSERT INTO t VALUES (1);
SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS lsn \gset
INSERT INTO u VALUES (1);
INSERT INTO t VALUES (2);
CREATE FUNCTION counts(after numeric, VARIADIC options text[]) RETURNS boolean LANGUAGE sql AS $$
	SELECT ((data::json->'source'->>'sequence')::json->>0)::numeric > after
	FROM pg_logical_slot_peek_changes('s', NULL, NULL,
		VARIADIC ARRAY['table.include.list', 'public.t'] || options)
	OFFSET 1
$$;
SELECT counts(:lsn, 'publication.autocreate.mode', 'all_tables');
SELECT counts(:lsn, 'publication.autocreate.mode', 'filtered');
SELECT counts(:lsn, 'publication.autocreate.mode', 'disabled', 'publication.name', 'mine');
DROP FUNCTION counts(numeric, text[]);
DROP FUNCTION published(text[]);
DROP PUBLICATION mine;
DROP TABLE t, u, s1.a;
DROP SCHEMA s1;
SELECT pg_drop_replication_slot('s');
