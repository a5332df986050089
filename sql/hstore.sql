-- hstore, as text or as a map, in the order of Java's HashMap.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE SCHEMA ext;
CREATE EXTENSION hstore SCHEMA ext;
CREATE DOMAIN dict AS ext.hstore;
SET search_path = public, ext;
CREATE TABLE t (id int PRIMARY KEY, h hstore, hn hstore NOT NULL, ha hstore[], d dict);
INSERT INTO t VALUES (1, 'key=>val, k2=>NULL', '', ARRAY['a=>1', NULL]::hstore[], 'a=>1'), (2, NULL, '', NULL, NULL),
	(3, '"q\"uote"=>"b\\s", "ü"=>"日本", z=>1, y=>2, x=>3, aa=>4, bb=>5, "1"=>6', '"NULL"=>"NULL", ""=>NULL, "	"=>"\\n", "😀"=>"😀"', '{}', NULL),
	(4, 'Aa=>1, BB=>2, AaAa=>3, BBBB=>4, AaBB=>5, BBAa=>6', (SELECT hstore(array_agg('key' || i), array_agg(i::text)) FROM generate_series(1, 25) i), '{}', NULL);
DELETE FROM t WHERE id = 2;
SELECT * FROM changes();
INSERT INTO t SELECT id + 10, h, hn, ha, d FROM t WHERE id < 4;
DELETE FROM t WHERE id = 13;
SELECT * FROM changes('hstore.handling.mode', 'map');
ALTER TABLE t ALTER h SET STORAGE EXTERNAL, ALTER d SET STORAGE EXTERNAL;
INSERT INTO t VALUES (20, hstore('k', repeat('h', 3000)), '', NULL, hstore('k', repeat('h', 3000)));
SELECT count(*) FROM changes();
UPDATE t SET ha = '{}' WHERE id = 20;
SELECT * FROM changes('unavailable.value.placeholder', 'not "known"');
UPDATE t SET ha = NULL WHERE id = 20;
SELECT * FROM changes('hstore.handling.mode', 'map');
SELECT * FROM changes('hstore.handling.mode', 'text');
RESET search_path;
DROP TABLE t;
DROP DOMAIN dict;
DROP EXTENSION hstore;

-- a type of that name that is not the extension's
CREATE TYPE ext.hstore AS ENUM ('a');
CREATE DOMAIN ltree AS int;
CREATE TYPE citext AS (a text);
CREATE TABLE t (id int PRIMARY KEY, h ext.hstore, l ltree, c citext);
INSERT INTO t VALUES (1, 'a', 2, '(x)');
SELECT * FROM changes('include.unknown.datatypes', 'true');
DROP TABLE t;
DROP TYPE ext.hstore, citext;
DROP DOMAIN ltree;
DROP SCHEMA ext;
SELECT pg_drop_replication_slot('s');
