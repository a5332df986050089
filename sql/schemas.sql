-- What goes along with schemas.enable: a schema for each key and each value;
-- nothing for what is null.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE priced (
	id serial PRIMARY KEY,
	name text NOT NULL,
	price numeric(10,2) DEFAULT 1.5,
	at timestamptz
);
CREATE TABLE keyless (a int);
ALTER TABLE keyless REPLICA IDENTITY FULL;
INSERT INTO priced VALUES (1, 'x', NULL, '2026-01-02 03:04:05+00');
UPDATE priced SET id = 2;
DELETE FROM priced;
INSERT INTO keyless VALUES (1);
DELETE FROM keyless;
TRUNCATE keyless;

-- all of it, once
\pset format unaligned
\pset tuples_only on
SELECT mask(data) FROM pg_logical_slot_peek_changes('s', NULL, NULL,
	'topic.prefix', 'p', 'format', 'record', 'key.converter.schemas.enable', 'true',
	'value.converter.schemas.enable', 'true') LIMIT 1;

-- what the schemas go along with, and which of the two there is
CREATE FUNCTION without_schemas(data text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(mask(data),
		'\{"schema":\{"type":"struct",.*?"name":"([\w.]*(Key|Envelope))".*?,"payload":', '\1{', 'g'),
		'"source":\{.*?\}', '"source":S', 'g')
$$;
SELECT without_schemas(data) FROM pg_logical_slot_peek_changes('s', NULL, NULL,
	'topic.prefix', 'p', 'format', 'record', 'skipped.operations', 'none',
	'key.converter.schemas.enable', 'true', 'value.converter.schemas.enable', 'true');
SELECT without_schemas(data) FROM pg_logical_slot_peek_changes('s', NULL, NULL,
	'topic.prefix', 'p', 'format', 'record',
	'key.converter.schemas.enable', 'true') LIMIT 1;
SELECT without_schemas(data) FROM pg_logical_slot_peek_changes('s', NULL, NULL,
	'topic.prefix', 'p', 'format', 'record',
	'value.converter.schemas.enable', 'true') LIMIT 1;

-- a converter that is named has schemas unless told otherwise
SELECT without_schemas(data) FROM pg_logical_slot_peek_changes('s', NULL, NULL,
	'topic.prefix', 'p', 'format', 'record',
	'key.converter', 'org.apache.kafka.connect.json.JsonConverter',
	'value.converter', 'org.apache.kafka.connect.json.JsonConverter',
	'value.converter.schemas.enable', 'false') LIMIT 1;

-- schemas change with the table, and only from there on
INSERT INTO priced VALUES (3, 'y');
ALTER TABLE priced DROP COLUMN price;
INSERT INTO priced VALUES (4, 'z');
ALTER TABLE priced ALTER at SET DEFAULT '2001-01-01 00:00:00+00';
INSERT INTO priced VALUES (5, 'w', NULL);
SELECT substring(data FROM '.*?"field":"before"') FROM pg_logical_slot_get_changes('s', NULL, NULL,
	'topic.prefix', 'p', 'value.converter.schemas.enable', 'true',
	'table.include.list', 'public.priced') OFFSET 4;

-- a snapshot has the same schema, and its marker where it says
CREATE FUNCTION marker_text(frame bytea) RETURNS text LANGUAGE sql AS $$
	SELECT substr(snapshot_value(frame),
		('x' || encode(substr(frame, 6, 4), 'hex'))::bit(32)::int - 11, 16)
$$;
SELECT marker_text(frame), without_schemas(snapshot_value(frame))
FROM (SELECT debezium_snapshot(t.*, E'topic.prefix=p\nvalue.converter.schemas.enable=true',
	'0/1', 1, now()) AS frame FROM priced t WHERE id = 4) f;

-- bad values
SELECT data FROM pg_logical_slot_get_changes('s', NULL, NULL, 'value.converter', 'io.confluent.connect.avro.AvroConverter');
SELECT data FROM pg_logical_slot_get_changes('s', NULL, NULL, 'key.converter', 'org.apache.kafka.connect.storage.SimpleHeaderConverter');
SELECT data FROM pg_logical_slot_get_changes('s', NULL, NULL, 'header.converter', 'x');
SELECT data FROM pg_logical_slot_get_changes('s', NULL, NULL, 'key.converter.schemas.enable', 'yes');
SELECT data FROM pg_logical_slot_get_changes('s', NULL, NULL, 'value.converter.decimal.format', 'TEXT');
SELECT pg_drop_replication_slot('s');
DROP TABLE priced, keyless;
DROP FUNCTION without_schemas, marker_text;
