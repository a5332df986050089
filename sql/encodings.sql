-- Databases in other encodings: events are UTF-8 whatever bytes there are.
SET client_min_messages = warning;
CREATE DATABASE regress_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
CREATE DATABASE regress_win1252 TEMPLATE template0 ENCODING 'WIN1252' LC_COLLATE 'C' LC_CTYPE 'C';
CREATE DATABASE regress_sql_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C';
SELECT current_database() AS database \gset

\c regress_latin1
SET client_min_messages = warning;
SET synchronous_commit = on;
\set SHOW_CONTEXT never
CREATE EXTENSION decoder_debezium;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
SET client_encoding = 'UTF8';
CREATE TABLE "tä" (id int PRIMARY KEY, t text, j jsonb, c "char");
INSERT INTO "tä" VALUES (1, 'äöü " ß', '{"ä": "é"}', 'x'), (2, 'ascii', NULL, NULL), (3, repeat('ä', 20000), NULL, NULL);
SELECT encode(substr(data, position('"after"'::bytea IN data), 76), 'escape')
FROM pg_logical_slot_peek_binary_changes('s', NULL, NULL, 'format', 'stream', 'stream.version', '1');
-- what is for people is in the encoding of the database
SELECT substring(data FROM '"after":\{[^}]{0,60}') FROM pg_logical_slot_get_changes('s', NULL, NULL);
SELECT count(*) FROM (SELECT debezium_snapshot(t.*, '', '0/1', 1, now()) AS frame FROM "tä" t) x
WHERE convert_from(substr(frame, position('{"before"'::bytea IN frame)), 'UTF8') ~ '"table":"tä"';
SELECT pg_drop_replication_slot('s');

\c regress_win1252
SET client_min_messages = warning;
SET synchronous_commit = on;
CREATE EXTENSION decoder_debezium;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, t text);
-- a euro sign, and a byte that is no character
INSERT INTO t VALUES (1, E'a\x80b\x81c'), (2, E'\x81\x81'), (3, repeat('x', 2500) || E'\x81\x80');
SELECT encode(v, 'escape') FROM (SELECT substr(data, position('"after"'::bytea IN data), 40) AS v
	FROM pg_logical_slot_peek_binary_changes('s', NULL, NULL, 'format', 'stream', 'stream.version', '1')) x;
CREATE FUNCTION texts(VARIADIC options text[]) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT encode(substr(frame, position('"after"'::bytea IN frame), position('"source"'::bytea IN frame) - position('"after"'::bytea IN frame)), 'escape')
	FROM t, LATERAL debezium_snapshot(t.*, array_to_string(options, E'\n'), '0/1', 1, now()) AS frame WHERE id < 3 $$;
SELECT * FROM texts('');
SELECT * FROM texts('invalid.text.handling.mode=escape');
SELECT pg_drop_replication_slot('s');

\c regress_sql_ascii
SET client_min_messages = warning;
SET synchronous_commit = on;
CREATE EXTENSION decoder_debezium;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, t text);
-- good UTF-8; then bytes, and sequences that are cut, long, surrogates, too large
INSERT INTO t VALUES (1, E'\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80'), (2, E'a\xe4b\xff'), (3, E'\xe2\x82A\xe2\x82'), (4, E'\xc0\xaf'),
	(5, E'\xed\xa0\x80'), (6, E'\xf4\x90\x80\x80'), (7, E'\xf0\x9f\x98'), (8, E'"\xe4"');
CREATE FUNCTION texts(VARIADIC options text[]) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT encode(substr(frame, position('"after"'::bytea IN frame), position('"source"'::bytea IN frame) - position('"after"'::bytea IN frame)), 'escape')
	FROM t, LATERAL debezium_snapshot(t.*, array_to_string(options, E'\n'), '0/1', 1, now()) AS frame $$;
SELECT * FROM texts('');
SELECT * FROM texts('invalid.text.handling.mode=escape');
SELECT count(*) FROM pg_logical_slot_peek_binary_changes('s', NULL, NULL, 'format', 'stream', 'stream.version', '1');
SELECT count(*) FROM pg_logical_slot_get_changes('s', NULL, NULL, 'invalid.text.handling.mode', 'drop');
SELECT pg_drop_replication_slot('s');

\c :database
DROP DATABASE regress_latin1;
DROP DATABASE regress_win1252;
DROP DATABASE regress_sql_ascii;
