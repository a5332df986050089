-- provide.transaction.metadata: BEGIN and END, and the place of each event.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE SCHEMA s2;
CREATE TABLE a (id int PRIMARY KEY, v text);
CREATE TABLE s2.b (id int PRIMARY KEY);
CREATE TABLE ignored (id int);
CREATE FUNCTION metadata(VARIADIC options text[] DEFAULT '{}') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace(data,
		'"source":\{.*?\}', '"source":S'), '(ts_..)":\d+', '\1":T', 'g'),
		'"id":"\d+:\d+"', '"id":ID', 'g')
	FROM pg_logical_slot_peek_changes('s', NULL, NULL, VARIADIC
		ARRAY['topic.prefix', 'p', 'format', 'record', 'provide.transaction.metadata', 'true'] || options)
$$;
\pset format unaligned
\pset tuples_only on

-- key changes count twice, tombstones and other tables not at all; collections
-- are listed in the order of Java
BEGIN;
INSERT INTO s2.b VALUES (1);
INSERT INTO a VALUES (1, 'x');
INSERT INTO ignored VALUES (1);
UPDATE a SET id = 2;
DELETE FROM s2.b;
COMMIT;
SELECT * FROM metadata('table.exclude.list', 'public.ignored');
-- the ids, in order, and the same in keys and values
SELECT data::json->>'topic' AS topic, count(*), count(DISTINCT id), bool_and(right_key)
FROM (SELECT data,
		coalesce(data::json->'value'->>'id', data::json->'value'->'transaction'->>'id') AS id,
		data::json->'value'->>'status' IS NULL OR data::json->'key'->>'id' = data::json->'value'->>'id' AS right_key
	FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record',
		'provide.transaction.metadata', 'true')) r
GROUP BY 1 ORDER BY 1;
SELECT count(DISTINCT split_part(coalesce(data::json->'value'->>'id', data::json->'value'->'transaction'->>'id'), ':', 1)),
	every(coalesce(data::json->'value'->>'id', data::json->'value'->'transaction'->>'id')
		= xid || ':' || (lsn - '0/0') OR data::json->'value'->>'status' IS NOT NULL) AS of_the_change
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record',
	'provide.transaction.metadata', 'true');

-- a transaction with changes of other tables only has borders, one without
-- changes has none, unless they are to be as decoderbufs sends them
INSERT INTO ignored VALUES (2);
CREATE TABLE later (id int);
BEGIN;
INSERT INTO a VALUES (3, 'rolled back');
ROLLBACK;
SELECT * FROM metadata('table.include.list', 'public.a', 'topic.transaction', 'tx');
SELECT count(*) FROM metadata('table.include.list', 'public.a', 'plugin.name', 'decoderbufs');
SELECT count(*) FROM pg_logical_slot_get_changes('s', NULL, NULL, 'table.include.list', 'public.a',
	'provide.transaction.metadata', 'true', 'format', 'envelope');

-- a transaction within a transaction, and a table that is made anew
BEGIN;
INSERT INTO a VALUES (4, 'top');
SAVEPOINT s;
INSERT INTO s2.b VALUES (4);
ROLLBACK TO s;
INSERT INTO s2.b VALUES (5);
RELEASE s;
DROP TABLE later;
CREATE TABLE later (id int);
INSERT INTO later VALUES (1);
DROP TABLE later;
CREATE TABLE later (id int);
INSERT INTO later VALUES (2);
TRUNCATE a, s2.b;
COMMIT;
SELECT * FROM metadata('skipped.operations', 'none') WHERE metadata LIKE '%status%';
SELECT count(*) FROM pg_logical_slot_get_changes('s', NULL, NULL);

-- many collections, of names that Java hashes by UTF-16
DO $$ BEGIN
	FOR i IN 1..13 LOOP EXECUTE format('CREATE TABLE %I (i int)', 't' || i); END LOOP;
END $$;
CREATE TABLE "ü日😀" (i int);
SELECT count(*) FROM pg_logical_slot_get_changes('s', NULL, NULL);
DO $$ BEGIN
	FOR i IN 1..13 LOOP EXECUTE format('INSERT INTO %I VALUES (1)', 't' || i); END LOOP;
	INSERT INTO "ü日😀" VALUES (1);
END $$;
SELECT substring(data FROM '"data_collections":.*?\]')
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record',
	'provide.transaction.metadata', 'true') WHERE data LIKE '%END%';

-- schemas
INSERT INTO a VALUES (9);
SELECT * FROM metadata('key.converter.schemas.enable', 'true',
	'value.converter.schemas.enable', 'true') LIMIT 1;

-- a snapshot's rows are in none
SELECT substring(snapshot_value(debezium_snapshot(a.*, 'provide.transaction.metadata=true', '0/1', 1, now())) FROM '"transaction":.*?,') FROM a;
SELECT data FROM pg_logical_slot_get_changes('s', NULL, NULL, 'provide.transaction.metadata', 'yes');
SELECT data FROM pg_logical_slot_get_changes('s', NULL, NULL, 'topic.transaction', 'a b');
SELECT data FROM pg_logical_slot_get_changes('s', NULL, NULL, 'plugin.name', 'wal2json');
SELECT pg_drop_replication_slot('s');
DO $$ BEGIN
	FOR i IN 1..13 LOOP EXECUTE format('DROP TABLE %I', 't' || i); END LOOP;
END $$;
DROP TABLE a, s2.b, ignored, later, "ü日😀";
DROP SCHEMA s2;
DROP FUNCTION metadata;
