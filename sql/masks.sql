-- Columns that are cut, masked or hashed.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE FUNCTION events(VARIADIC options text[]) RETURNS TABLE (op text, before json, after json) LANGUAGE sql AS $$
	SELECT m->>'op', m->'before', m->'after'
	FROM (SELECT data::json AS m FROM pg_logical_slot_get_changes('s', NULL, NULL, VARIADIC options)) AS messages
$$;
-- hashes, as Java computes them; what is not BMP counts as two characters in v1
CREATE TABLE h (a text, b text, c varchar(10), d text, e text, f text, g text, h text, i text, j text);
INSERT INTO h VALUES ('ü😀', E'ü😀\u0001日', 'b', repeat(E'ä😀\u0001', 20000), 's', 's', 's', 's', NULL, 's');
SELECT key, value FROM events(
	'column.mask.hash.v2.MD5.with.salt.x', 'public.h.a',
	'column.mask.hash.MD5.with.salt.x', 'public.h.b,public.h.d',
	'column.mask.hash.SHA-256.with.salt.CzQMA0cB5K', 'public.h.c',
	'column.mask.hash.v2.SHA-224.with.salt.x', 'public.h.e',
	'column.mask.hash.v2.sha-512/256.with.salt.x', 'public.h.f',
	'column.mask.hash.v2.SHA3-256.with.salt.x', 'public.h.g',
	'column.mask.hash.v2.SHA.with.salt.x', 'public.h.[hi]',
	'column.mask.hash.v2.SHA256.with.salt.x', 'public.h.j'),
	json_each(after);
DROP TABLE h;
-- the ways that a value can take
CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL DEFAULT 'secret0', b text DEFAULT 'secret0', toast text);
ALTER TABLE t ALTER toast SET STORAGE EXTERNAL;
INSERT INTO t VALUES (1, 'secret1', 'secret2', repeat('secret3', 1000));
UPDATE t SET id = 2;
UPDATE t SET a = 'secret4', b = NULL;
DELETE FROM t;
ALTER TABLE t REPLICA IDENTITY FULL;
INSERT INTO t VALUES (3, 'secret1', 'secret2', repeat('secret3', 1000));
UPDATE t SET b = 'secret5';
DELETE FROM t;
CREATE TEMP TABLE changes AS SELECT * FROM pg_logical_slot_peek_binary_changes('s', NULL, NULL, 'format', 'record',
	'column.mask.with.3.chars', 'public.t.(a|b)', 'column.mask.hash.v2.MD5.with.salt.x', 'public.t.toast');
SELECT convert_from(data, 'UTF8')::json->'value'->>'op' AS op,
	   convert_from(data, 'UTF8')::json->'value'->'before' AS before,
	   convert_from(data, 'UTF8')::json->'value'->'after' AS after FROM changes;
SELECT count(*) FROM changes WHERE data::text LIKE '%' || encode('secret', 'hex') || '%';
DROP TABLE changes;
SELECT op, before, after FROM events('column.mask.hash.v2.MD5.with.salt.x', 'public.t.(a|b)',
	'column.truncate.to.5.chars', 'public.t.toast');
-- a key is not masked
INSERT INTO t VALUES (4, 'secret1', 'secret2', 'secret3');
SELECT data::json->'key' AS key, data::json->'value'->'after' AS after
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'format', 'record',
	'message.key.columns', 'public.t:b', 'column.mask.with.0.chars', 'public.t.b');
-- neither is the default in a schema, which a converter shows for null
INSERT INTO t VALUES (5, 'secret1', NULL, '');
SELECT after FROM events('column.mask.hash.v2.MD5.with.salt.x', 'public.t.b');
-- a snapshot has the same
SELECT frame ~ 'secret' AS shown, substring(frame FROM '"after":({[^}]*})') AS after
FROM t, encode(debezium_snapshot(t.*,
	E'topic.prefix=p\ncolumn.mask.with.3.chars=public.t.(a|b)\ncolumn.mask.hash.MD5.with.salt.x=public.t.toast', '0/1', 1, now()), 'escape') AS frame
WHERE id = 4;
\pset null -
SELECT column_name, default_value, remark FROM debezium_describe('t',
	E'column.mask.with.3.chars=.*a\ncolumn.mask.hash.MD5.with.salt.salty=.*b\ncolumn.truncate.to.1.chars=.*toast');
DROP TABLE t;
-- characters are units of UTF-16, and bytes are cut, too
CREATE TABLE c (id int, a text, b text, c bytea, d bytea, e bytea, f varchar(3), g uuid, h text);
INSERT INTO c VALUES (1, '😀😀😀', E'"\\\n\u0001ü日x', 'abcdefgh', 'abcd', 'abcde', 'abc', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '');
SELECT substring(data FROM '"after":({[^}]*})') AS after FROM pg_logical_slot_get_changes('s', NULL, NULL,
	'column.truncate.to.5.chars', 'public.c.(id|a|b|c|d|e)', 'column.truncate.to.3.chars', 'public.c.f', 'column.truncate.to.0.chars', 'public.c.g,public.c.h');
-- what is said in schemas
INSERT INTO c (id) VALUES (2);
SELECT f->>'field' AS field, f->'parameters' AS parameters
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'value.converter', 'org.apache.kafka.connect.json.JsonConverter',
	'column.truncate.to.5.chars', 'public.c.(id|a|f)', 'column.mask.with.3.chars', 'public.c.b'),
	json_array_elements(data::json->'schema'->'fields'->0->'fields') AS f;
-- what has no effect is warned about
INSERT INTO c (id) VALUES (3);
SELECT after->>'id' AS id FROM events('column.mask.with.3.chars', 'public.c.id');
INSERT INTO c (id, a) VALUES (4, 'secret');
SELECT after->>'a' AS a FROM events('column.propagate.source.type', 'public.*', 'column.mask.hash.MD5.with.salt.salty', 'public.c.a');
DROP TABLE c;
-- domains and enums are of string types, citext and json are not
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN word AS varchar(4);
CREATE TABLE d (a mood, b word, c "char", d char(3), e json);
INSERT INTO d VALUES ('sad', 'abc', 'x', 'y', '{}');
SELECT after FROM events('column.mask.hash.MD5.with.salt.x', '.*');
DROP TABLE d;
DROP TYPE mood;
DROP DOMAIN word;
-- a salt is never shown
\set VERBOSITY terse
SELECT * FROM events('column.mask.hash.MD4.with.salt.salty', 'a');
SELECT * FROM events('column.mask.hash.MD5.with.salt.salty', '(a');
SELECT * FROM events('column.mask.hash.MD5.with.salt.salty', 'a', 'column.mask.hash.MD5.with.salt.salty', 'b');
SELECT * FROM events('column.mask.hash.v3.MD5.with.salt.salty', 'a');
SELECT * FROM events('column.mask.hash.v2.SHA-512.with.salt.saltysaltysaltysaltysaltysaltysalty', 'a');
SELECT * FROM events('config', 'column.mask.hash.v3.MD5.with.salt.salty=a');
-- numbers
SELECT * FROM events('column.mask.with.1000001.chars', 'a');
SELECT * FROM events('column.truncate.to.99999999999999999999.chars', 'a');
SELECT * FROM events('column.truncate.to.x.chars', 'a');
DROP FUNCTION events(text[]);
SELECT pg_drop_replication_slot('s');
