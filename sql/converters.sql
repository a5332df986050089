-- Connect's converters: JsonConverter with all of its options, and
-- StringConverter, for keys, values and headers.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (
	id numeric(10,8),
	v numeric(5,1) DEFAULT 2.5,
	n numeric,
	b bytea,
	d date,
	s text DEFAULT E'a "quoted" \\ text',
	PRIMARY KEY (id)
);
CREATE TABLE keyless (a int);
INSERT INTO t VALUES (0.00000001, 1.5, 2.25, '\x0102', '2026-01-02', E'x=1,\n"\U0001F600"');
INSERT INTO t VALUES (-12.5);
UPDATE t SET id = 3 WHERE id < 0;
DELETE FROM t WHERE id = 3;
INSERT INTO keyless VALUES (NULL);

\pset format unaligned
\pset tuples_only on
CREATE FUNCTION converted(VARIADIC options text[] DEFAULT '{}') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace(data,
		'"source":\{.*?\}', '"source":S'), 'source=Struct\{.*?\}', 'source=S'),
		'(ts_..)(":|=)\d+', '\1\2T', 'g')
	FROM pg_logical_slot_peek_changes('s', NULL, NULL, VARIADIC
		ARRAY['topic.prefix', 'p', 'format', 'record'] || options)
$$;
-- decimals as numbers, also in defaults
SELECT * FROM converted('value.converter.decimal.format', 'numeric');
SELECT * FROM converted('key.converter.decimal.format', 'NUMERIC') LIMIT 1;
SELECT substring(data FROM '"scale":"1".*?"field":"v"')
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'value.converter.decimal.format', 'NUMERIC',
	'value.converter.schemas.enable', 'true') LIMIT 1;
-- nulls as they are
SELECT * FROM converted('value.converter.replace.null.with.default', 'false') OFFSET 1 LIMIT 1;
SELECT * FROM converted('value.converter.replace.null.with.default', 'false',
	'value.converter.decimal.format', 'NUMERIC') OFFSET 1 LIMIT 1;
SELECT substring(data FROM '"snapshot":.*?,')
FROM pg_logical_slot_peek_changes('s', NULL, NULL,
	'value.converter.replace.null.with.default', 'false') LIMIT 1;
-- texts of Java's
SELECT * FROM converted('key.converter', 'org.apache.kafka.connect.storage.StringConverter',
	'value.converter', 'org.apache.kafka.connect.storage.StringConverter');
SELECT * FROM converted('value.converter', 'org.apache.kafka.connect.storage.StringConverter',
	'time.precision.mode', 'connect') LIMIT 1;
-- headers
SELECT * FROM converted('header.converter', 'org.apache.kafka.connect.json.JsonConverter') OFFSET 2 LIMIT 3;
SELECT * FROM converted('header.converter', 'org.apache.kafka.connect.json.JsonConverter',
	'header.converter.schemas.enable', 'false') OFFSET 2 LIMIT 3;
SELECT * FROM converted('header.converter', 'org.apache.kafka.connect.json.JsonConverter',
	'header.converter.schemas.enable', 'false', 'header.converter.decimal.format', 'NUMERIC') OFFSET 2 LIMIT 1;
SELECT * FROM converted('header.converter', 'org.apache.kafka.connect.storage.StringConverter') OFFSET 2 LIMIT 1;
-- a snapshot's marker is found again
CREATE FUNCTION marker(config text, before int) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT encode(substr(convert_to(snapshot_value(frame), 'UTF8'),
		('x' || encode(substr(frame, 6, 4), 'hex'))::bit(32)::int + 1 - before, before + 6), 'escape')
	FROM (SELECT debezium_snapshot(t.*, config, '0/1', 1, now()) AS frame FROM t) f
$$;
SELECT marker('', 12);
SELECT marker('value.converter.decimal.format=NUMERIC', 12);
SELECT marker('value.converter=org.apache.kafka.connect.storage.StringConverter', 9);
-- decimals in arrays, as defaults and as fillers
CREATE TABLE d (id int PRIMARY KEY, a numeric(5,1)[], m numeric(4,2) NOT NULL, u numeric(4,2) DEFAULT 7);
INSERT INTO d VALUES (1, '{1.5,NULL,-20}', 0.25, NULL), (2, NULL, 3, 1);
DELETE FROM d WHERE id = 1;
SELECT * FROM converted('value.converter.decimal.format', 'NUMERIC', 'table.include.list', 'public.d');
SELECT * FROM converted('value.converter.decimal.format', 'NUMERIC', 'table.include.list', 'public.d',
	'value.converter.replace.null.with.default', 'false') LIMIT 1;
SELECT * FROM converted('value.converter', 'org.apache.kafka.connect.storage.StringConverter',
	'table.include.list', 'public.d') LIMIT 1;
SELECT pg_drop_replication_slot('s');
DROP TABLE t, keyless, d;
DROP FUNCTION converted, marker;
