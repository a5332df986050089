-- Which columns are in events: include and exclude lists; keys keep theirs.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id serial PRIMARY KEY, a text, "B" int DEFAULT 7, secret text);
ALTER TABLE t REPLICA IDENTITY FULL;
CREATE FUNCTION events(VARIADIC options text[]) RETURNS TABLE (key json, op text, before json, after json) LANGUAGE sql AS $$
	SELECT r->'key', r->'value'->>'op', r->'value'->'before', r->'value'->'after'
	FROM (SELECT data::json AS r FROM pg_logical_slot_peek_changes('s', NULL, NULL,
		  VARIADIC ARRAY['format', 'record', 'tombstones.on.delete', 'false'] || options)) AS m
$$;
CREATE FUNCTION snapshot(config text) RETURNS TABLE (key text, after text) LANGUAGE sql AS $$
	-- the frame: kind, length, marker, key, value; each text behind its length
	SELECT convert_from(substr(f, 14, key_len), 'UTF8'),
		   convert_from(substr(f, 18 + key_len), 'UTF8')::json->>'after'
	FROM (SELECT f, ('x' || encode(substr(f, 10, 4), 'hex'))::bit(32)::int AS key_len
		  FROM (SELECT debezium_snapshot(t.*, config, '0/1', 1, now()) AS f FROM t) AS frames) AS g
$$;
INSERT INTO t VALUES (2, 'a', 1, 'pw');
UPDATE t SET a = 'b';
DELETE FROM t;
SELECT * FROM events('column.exclude.list', 'public.t.SECRET,public\.t\.b');
SELECT * FROM events('column.include.list', 'public.t.(id|a)');
-- the key stays, in the stream; a snapshot has a filler there, as Debezium
SELECT * FROM events('column.exclude.list', '.*\.id');
INSERT INTO t VALUES (3, 'a', 1, 'pw');
SELECT * FROM snapshot('column.exclude.list=.*\\.id,.*secret');
SELECT * FROM snapshot('column.include.list=public.t.a');
-- and what Debezium knows of such a column differs, too
SELECT op, key->'schema'->'fields' AS fields, key->'payload' AS payload
FROM events('column.exclude.list', '.*\.id', 'key.converter', 'org.apache.kafka.connect.json.JsonConverter')
LIMIT 1;
SELECT key FROM snapshot(E'topic.prefix=p\ncolumn.exclude.list=.*\\\\.id\nkey.converter=org.apache.kafka.connect.json.JsonConverter');
-- a table without columns in events, and none that is in the key
SELECT * FROM events('column.include.list', 'nothing') LIMIT 1;
SELECT column_name, in_key, encoding, remark FROM debezium_describe('t', 'column.exclude.list=.*\\.id,.*secret');
-- a column whose type has no encoder does no harm when it is not in events
CREATE TABLE u (id int PRIMARY KEY, b box);
INSERT INTO u VALUES (1, '(1,1),(0,0)');
SELECT * FROM events('table.include.list', 'public.u', 'column.exclude.list', 'public.u.b');
SELECT * FROM events('column.include.list', 'a', 'column.exclude.list', 'b');
DROP TABLE t, u;
DROP FUNCTION snapshot(text);
SELECT pg_drop_replication_slot('s');
DROP FUNCTION events(text[]);
