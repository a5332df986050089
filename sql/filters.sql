-- Include and exclude lists.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE SCHEMA s1;
CREATE SCHEMA "S2";
CREATE TABLE s1.a (id int PRIMARY KEY);
CREATE TABLE s1.b (id int PRIMARY KEY);
CREATE TABLE s1.ab (id int PRIMARY KEY);
CREATE TABLE "S2".a (id int PRIMARY KEY);
CREATE TABLE "S2"."x,y" (id int PRIMARY KEY);
CREATE VIEW s1.v AS SELECT * FROM s1.a;
CREATE MATERIALIZED VIEW s1.mv AS SELECT * FROM s1.a;
CREATE FUNCTION captured(config text) RETURNS text LANGUAGE sql AS
	$$SELECT string_agg(schema_name || '.' || table_name, ' ') FROM debezium_tables(config)$$;
SELECT captured('');
SELECT captured('table.include.list=s1.a');
SELECT captured('table.include.list=S1\\.A');
SELECT captured('table.include.list=s2.*,s1.b, s1.a');
SELECT captured('table.include.list=.*x\\,y');
SELECT captured('table.exclude.list=s1.*b');
SELECT captured('schema.include.list=s.');
SELECT captured('schema.exclude.list=s2');
SELECT captured(E'schema.include.list=s1\ntable.exclude.list=.*\\\\.a');
SELECT captured('table.include.list=s1.(?!a).*');
-- a snapshot may read fewer tables than are captured
SELECT captured(E'table.include.list=s1.*\nsnapshot.include.collection.list=.*\\.b,S2.*');
-- whatever the stream captures, debezium_tables() lists
INSERT INTO s1.a VALUES (1);
INSERT INTO s1.b VALUES (1);
INSERT INTO "S2".a VALUES (1);
REFRESH MATERIALIZED VIEW s1.mv;
SELECT data::json->'source'->>'schema' AS schema, data::json->'source'->>'table' AS table
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'table.include.list', 's1.a,s2.*');
-- regular expressions: more in regex.sql
SELECT captured('table.include.list=(?U)a');
SELECT captured('table.include.list=a(');
CREATE TABLE s1.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab (id int);
SELECT captured('table.include.list=s1.(a|aa)+[cd]');
DROP FUNCTION captured(text);
SET client_min_messages = warning;
DROP SCHEMA s1, "S2" CASCADE;
SELECT pg_drop_replication_slot('s');
