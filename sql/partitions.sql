-- Partitions: as themselves, or with publish.via.partition.root as their root.
SET synchronous_commit = on;
CREATE TABLE p (id int, region text, v text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE p_eu PARTITION OF p FOR VALUES IN ('eu');
-- another order of columns, one that is gone, and more levels
CREATE TABLE p_us (gone int, v text NOT NULL, region text NOT NULL, id int NOT NULL) PARTITION BY RANGE (id);
ALTER TABLE p_us DROP gone;
CREATE TABLE p_us_1 (id int NOT NULL, gone int, region text NOT NULL, v text NOT NULL);
ALTER TABLE p_us_1 DROP gone;
ALTER TABLE p_us ATTACH PARTITION p_us_1 FOR VALUES FROM (0) TO (100);
ALTER TABLE p ATTACH PARTITION p_us FOR VALUES IN ('us');
CREATE TABLE p_xx (v text, id int NOT NULL, region text NOT NULL);
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
INSERT INTO p VALUES (1, 'eu', 'a'), (2, 'us', 'b');
UPDATE p SET v = 'bb' WHERE id = 2;
UPDATE p SET region = 'us' WHERE id = 1;
ALTER TABLE p_us_1 REPLICA IDENTITY FULL;
UPDATE p SET id = 3 WHERE id = 2;
DELETE FROM p WHERE id = 3;
TRUNCATE p_us;
TRUNCATE p;
-- a rename of the root, and of its schema; a partition that comes, and goes
BEGIN;
INSERT INTO p VALUES (4, 'us', 'd');
ALTER TABLE p RENAME TO q;
INSERT INTO q VALUES (5, 'us', 'e');
CREATE SCHEMA s1;
ALTER TABLE q SET SCHEMA s1;
INSERT INTO s1.q VALUES (6, 'us', 'f');
ALTER SCHEMA s1 RENAME TO s2;
INSERT INTO s2.q VALUES (7, 'us', 'g');
ALTER TABLE s2.q RENAME v TO w;
ALTER TABLE s2.q ADD x int DEFAULT 8;
INSERT INTO s2.q VALUES (8, 'us', 'h');
COMMIT;
ALTER TABLE p_xx RENAME v TO w;
ALTER TABLE p_xx ADD x int;
INSERT INTO p_xx (id, region, w) VALUES (9, 'xx', 'not yet');
ALTER TABLE s2.q ATTACH PARTITION p_xx FOR VALUES IN ('xx');
INSERT INTO s2.q VALUES (10, 'xx', 'attached');
ALTER TABLE s2.q DETACH PARTITION p_us;
INSERT INTO p_us_1 (id, region, w) VALUES (11, 'us', 'no longer');
CREATE FUNCTION events(VARIADIC options text[] DEFAULT '{}') RETURNS TABLE (topic text, key text, op text, before text, after text) LANGUAGE sql AS $$
	SELECT data::json->>'topic', data::json->>'key', data::json->'value'->>'op', data::json->'value'->>'before', data::json->'value'->>'after'
	FROM pg_logical_slot_peek_changes('s', NULL, NULL, VARIADIC ARRAY['topic.prefix', 't', 'format', 'record',
		'tombstones.on.delete', 'false', 'skipped.operations', 'none'] || options)
$$;
SELECT * FROM events();
SELECT * FROM events('publish.via.partition.root', 'true');
-- with filtered, the topmost one of the lists
SELECT * FROM events('publish.via.partition.root', 'true', 'publication.autocreate.mode', 'filtered', 'table.include.list', 'public.p_.*');
SELECT count(*) FROM events('publish.via.partition.root', 'true', 'publication.autocreate.mode', 'filtered', 'table.include.list', 'public.p');
SELECT count(*) FROM events('publication.autocreate.mode', 'filtered', 'table.include.list', 'public.p');
SELECT count(*) FROM events('publish.via.partition.root', 'true', 'table.include.list', 'public.p_.*');
DROP FUNCTION events(text[]);
DROP TABLE p_us;
DROP TABLE s2.q;
DROP SCHEMA s2;
SELECT pg_drop_replication_slot('s');
