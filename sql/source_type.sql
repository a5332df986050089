-- The types of columns in parameters of their schemas.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN price AS numeric(6,2);
CREATE TABLE t (id bigserial PRIMARY KEY, a varchar(5), b char(3), c numeric(5,2), d numeric, e time(2),
	f timestamp(1), g timestamptz, h text[], i float8, j mood, k price, l timestamp(0), m date, n bool, o uuid, p interval second(3));
CREATE FUNCTION parameters(schema json) RETURNS TABLE (field text, type text, length text, scale text, name text) LANGUAGE sql AS $$
	SELECT f->>'field', f->'parameters'->>'__debezium.source.column.type', f->'parameters'->>'__debezium.source.column.length',
		   f->'parameters'->>'__debezium.source.column.scale', f->'parameters'->>'__debezium.source.column.name'
	FROM json_array_elements(schema->'fields'->0->'fields') AS f
$$;
INSERT INTO t DEFAULT VALUES;
SELECT parameters.* FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'value.converter', 'org.apache.kafka.connect.json.JsonConverter',
	'column.propagate.source.type', 'public.t.*'), parameters(data::json->'schema');
-- the key's schema has none
SELECT data::json->'key'->'schema'->'fields' AS fields FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'format', 'record',
	'key.converter', 'org.apache.kafka.connect.json.JsonConverter', 'column.propagate.source.type', '.*');
-- in a snapshot, the driver calls a column with a sequence serial
SELECT parameters.* FROM t, convert_from(substr(debezium_snapshot(t.*,
	E'column.propagate.source.type=.*(id|d|e)\nvalue.converter=org.apache.kafka.connect.json.JsonConverter',
	'0/1', 1, now()), 14 + length('{"id":1}') + 4), 'UTF8') AS frame, parameters(frame::json->'schema')
WHERE type IS NOT NULL;
-- by type, with the name that the type has in either
SELECT parameters.field, length FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'value.converter', 'org.apache.kafka.connect.json.JsonConverter',
	'datatype.propagate.source.type', '.+\.VARCHAR,public\.t\.int8,.*\.mood'), parameters(data::json->'schema')
WHERE type IS NOT NULL;
-- comments are not in schemas
COMMENT ON COLUMN t.a IS 'a comment';
SELECT data LIKE '%comment%' AS comment FROM pg_logical_slot_get_changes('s', NULL, NULL, 'value.converter', 'org.apache.kafka.connect.json.JsonConverter',
	'column.propagate.source.type', 'public.t.a', 'include.schema.comments', 'true');
SELECT data FROM pg_logical_slot_get_changes('s', NULL, NULL, 'include.schema.comments', 'maybe');
DROP FUNCTION parameters(json);
DROP TABLE t;
DROP TYPE mood;
DROP DOMAIN price;
SELECT pg_drop_replication_slot('s');
