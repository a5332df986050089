-- In a database of another encoding names and values are those of Java, too.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT current_database() AS database \gset
CREATE DATABASE decoder_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\c decoder_latin1
CREATE EXTENSION decoder_debezium;
SET synchronous_commit = on;
SET client_encoding = 'UTF8';
CREATE TABLE "tü" (id int PRIMARY KEY, a text, "bä" text, c text);
CREATE TABLE "tÜ" (id int PRIMARY KEY);
-- a letter outside of ASCII is a letter, and its case counts
SELECT table_name FROM debezium_tables('table.include.list=PUBLIC.Tü');
SELECT table_name FROM debezium_tables('table.include.list=public.t\\p{Lu}');
SELECT table_name FROM debezium_tables('table.include.list=public.t\\x{fc}');
SELECT 'init' FROM pg_create_logical_replication_slot('latin1', 'decoder_debezium');
INSERT INTO "tü" VALUES (1, 'ä"bcd', 'ü', 'geheim');
-- the hash is that of the text in UTF-8: md5('xü')
SELECT data::json->'after' AS after FROM pg_logical_slot_get_changes('latin1', NULL, NULL,
	'column.truncate.to.3.chars', 'public.tü.a', 'column.mask.hash.v2.MD5.with.salt.x', 'public.tü.bä',
	'column.mask.with.2.chars', 'public.t..c');
SELECT pg_drop_replication_slot('latin1');
-- nothing of a value that is no character gets into an error
\c :database
SET client_min_messages = warning;
CREATE DATABASE decoder_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C';
\c decoder_ascii
CREATE EXTENSION decoder_debezium;
SET synchronous_commit = on;
CREATE TABLE t (id int PRIMARY KEY, a text, b text);
SELECT 'init' FROM pg_create_logical_replication_slot('ascii', 'decoder_debezium');
INSERT INTO t VALUES (1, E'a\xe4', E'a\xe4');
SELECT data::json->'after' AS after FROM pg_logical_slot_get_changes('ascii', NULL, NULL,
	'column.mask.hash.v2.MD5.with.salt.x', 'public.t.a', 'column.truncate.to.1.chars', 'public.t.b');
SELECT pg_drop_replication_slot('ascii');
\c :database
DROP DATABASE decoder_latin1;
DROP DATABASE decoder_ascii;
SELECT md5('xü'), md5(E'xa\uFFFD');
