-- A regular expression that matches nothing is warned about.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE SCHEMA s1;
CREATE TABLE s1.t (id serial PRIMARY KEY, a text);
CREATE TABLE s1.other (id int PRIMARY KEY, b text);
SELECT table_name FROM debezium_tables(E'schema.include.list=s1,nowhere\ntable.include.list=s1.T,s1.a');
SELECT table_name FROM debezium_tables(E'schema.exclude.list=x.*\ntable.exclude.list=S1\\.other, s2.*');
-- columns count where their table is captured; a dropped one does not
ALTER TABLE s1.t ADD gone int;
ALTER TABLE s1.t DROP gone;
SELECT table_name FROM debezium_tables(E'table.include.list=s1.t\ncolumn.exclude.list=s1.t.a,s1.other.b,s1.t.gone');
SELECT table_name FROM debezium_tables(E'schema.include.list=s1\ncolumn.include.list=t.a,.*id\nmessage.key.columns=s1.t:a,c;s1.x:id');
SELECT table_name FROM debezium_tables(E'schema.include.list=s1\ncolumn.mask.with.3.chars=s1.t.b\ncolumn.truncate.to.3.chars=s1.t.a\ncolumn.mask.hash.MD5.with.salt.salty=s1.t.c');
SELECT table_name FROM debezium_tables(E'schema.include.list=s1\ndatatype.propagate.source.type=.*\\\\.text,.*\\\\.serial,.*\\\\.varchar\ncolumn.propagate.source.type=a,s1.*');
-- a stream says so when it starts, and goes on
INSERT INTO s1.t VALUES (1, 'a');
SELECT data::json->'after' AS after FROM pg_logical_slot_get_changes('s', NULL, NULL,
	'table.include.list', 's1.t,s1.nothing', 'column.exclude.list', 's1.t.b');
SELECT data FROM pg_logical_slot_get_changes('s', NULL, NULL, 'table.include.list', 's1.*', 'column.exclude.list', 's1.t.a');
SET client_min_messages = warning;
DROP SCHEMA s1 CASCADE;
SELECT pg_drop_replication_slot('s');
