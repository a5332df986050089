-- Names of topics, schemas and fields made of the names of tables and columns.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE SCHEMA "s 1";
CREATE TABLE "s 1"."a_b-c.dα😀" ("Id" int PRIMARY KEY, "col umn" int, "1st" int, "α" int, "a.b" int);
CREATE TABLE shard_1 (id int PRIMARY KEY);
CREATE TABLE keyless (v int);
ALTER TABLE keyless REPLICA IDENTITY FULL;
INSERT INTO "s 1"."a_b-c.dα😀" VALUES (1, 2, 3, 4, 5);
INSERT INTO shard_1 VALUES (1);
UPDATE shard_1 SET id = 2;
INSERT INTO keyless VALUES (1);

\pset format unaligned
\pset tuples_only on
\set SHOW_CONTEXT never
CREATE FUNCTION names(VARIADIC options text[] DEFAULT '{}')
RETURNS TABLE (topic text, key text, header json, after json) LANGUAGE sql AS $$
	SELECT data::json->>'topic', data::json->>'key', data::json->'headers', data::json->'value'->'after'
	FROM pg_logical_slot_peek_changes('s', NULL, NULL, VARIADIC
		ARRAY['topic.prefix', 'p', 'format', 'record', 'tombstones.on.delete', 'false'] || options)
$$;
CREATE FUNCTION schema_names(VARIADIC options text[] DEFAULT '{}') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT data::json->'key'->'schema'->>'name' || ' ' || (data::json->'value'->'schema'->>'name')
		|| ' ' || (data::json->'value'->'schema'->'fields'->0->>'name')
		|| ' ' || (data::json->'value'->'schema'->'fields'->2->>'name')
		|| ' ' || (data::json->'value'->'payload'->>'after')
	FROM pg_logical_slot_peek_changes('s', NULL, NULL, VARIADIC
		ARRAY['topic.prefix', 'p', 'format', 'record', 'key.converter.schemas.enable', 'true',
			'value.converter.schemas.enable', 'true'] || options) LIMIT 1
$$;
SELECT * FROM names();
SELECT * FROM names('topic.delimiter', '-_') LIMIT 2;
SELECT * FROM names('topic.naming.strategy', 'io.debezium.schema.DefaultTopicNamingStrategy') LIMIT 2;
SELECT * FROM names('topic.naming.strategy', 'io.debezium.schema.SchemaUnicodeTopicNamingStrategy') LIMIT 2;
SELECT * FROM names('topic.naming.strategy', 'io.debezium.schema.DefaultUnicodeTopicNamingStrategy') LIMIT 2;
-- several tables in one topic: the key tells them apart
SELECT * FROM names('topic.naming.strategy', 'io.debezium.schema.SchemaRegexTopicNamingStrategy',
	'topic.regex', '(.*)\.(shard_.*|keyless)', 'topic.replacement', '$1.all');
SELECT * FROM names('topic.naming.strategy', 'io.debezium.schema.DefaultRegexTopicNamingStrategy',
	'topic.regex', 'p\.(.).*', 'topic.replacement', 'x y.$1', 'topic.key.field.name', 'which',
	'topic.key.field.regex', '.*_(.*)', 'topic.key.field.replacement', 'no $1');
SELECT * FROM names('topic.naming.strategy', 'io.debezium.schema.SchemaRegexTopicNamingStrategy',
	'topic.regex', '.*(keyless)', 'topic.replacement', '$1', 'topic.key.enforce.uniqueness', 'false');
SELECT schema_names('topic.naming.strategy', 'io.debezium.schema.SchemaRegexTopicNamingStrategy',
	'topic.regex', 'p\.s.*', 'topic.replacement', 'other');
-- what a snapshot's rows have is the same
SELECT convert_from(substr(frame, 14, 60), 'UTF8') LIKE '{"id":2,"__dbz__physicalTableIdentifier":"p.public.shard_1"}%' AS same_key
FROM (SELECT debezium_snapshot(t.*, E'topic.prefix=p\ntopic.naming.strategy=io.debezium.schema.SchemaRegexTopicNamingStrategy\ntopic.regex=x\ntopic.replacement=y',
	'0/1', 1, now()) AS frame FROM shard_1 t) f;
-- Avro's names
SELECT schema_names();
SELECT schema_names('schema.name.adjustment.mode', 'avro');
SELECT schema_names('schema.name.adjustment.mode', 'AVRO_unicode');
SELECT schema_names('field.name.adjustment.mode', 'avro');
SELECT schema_names('field.name.adjustment.mode', 'avro_unicode', 'schema.name.adjustment.mode', 'avro');
CREATE TABLE alike ("a-b" int, a_b int);
INSERT INTO alike VALUES (1, 2);
SELECT schema_names('field.name.adjustment.mode', 'avro', 'table.include.list', 'public.alike');
SELECT after FROM names('field.name.adjustment.mode', 'avro_unicode', 'table.include.list', 'public.alike');
SELECT after FROM names('field.name.adjustment.mode', 'avro', 'table.include.list', 'public.alike', 'column.exclude.list', 'public.alike.a_b');
DROP TABLE alike;
-- names that are too long are cut
SELECT length(topic) FROM names('topic.delimiter', repeat('x', 240)) LIMIT 1;

CREATE FUNCTION try(VARIADIC options text[]) RETURNS bigint LANGUAGE sql AS
	$$SELECT count(*) FROM pg_logical_slot_peek_changes('s', NULL, NULL, VARIADIC options)$$;
SELECT try('topic.naming.strategy', 'com.example.Ours');
SELECT try('topic.naming.strategy', 'io.debezium.schema.SchemaRegexTopicNamingStrategy', 'topic.replacement', 'x');
SELECT try('topic.naming.strategy', 'io.debezium.schema.SchemaRegexTopicNamingStrategy', 'topic.regex', 'x');
SELECT try('topic.naming.strategy', 'io.debezium.schema.SchemaRegexTopicNamingStrategy', 'topic.regex', '(', 'topic.replacement', 'x');
SELECT try('topic.naming.strategy', 'io.debezium.schema.SchemaRegexTopicNamingStrategy', 'topic.regex', 'x', 'topic.replacement', '$1');
SELECT try('topic.key.field.regex', 'x');
SELECT try('topic.delimiter', ' ');
SELECT try('schema.name.adjustment.mode', 'upper');
SELECT try('field.name.adjustment.mode', 'upper');
SELECT pg_drop_replication_slot('s');
DROP TABLE "s 1"."a_b-c.dα😀", shard_1, keyless;
DROP SCHEMA "s 1";
DROP FUNCTION names, schema_names, try;
