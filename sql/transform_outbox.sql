-- The outbox: rows and logical messages that are messages themselves.
SET synchronous_commit = on;
\set SHOW_CONTEXT never
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE FUNCTION routed(config text DEFAULT '') RETURNS SETOF text LANGUAGE sql AS $$
SELECT regexp_replace(data, '"timestamp":\d{13}', '"timestamp":T')
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record', 'config',
	E'transforms=o\ntransforms.o.type=io.debezium.transforms.outbox.EventRouter\n' || config)
$$;
CREATE TABLE outbox (id uuid PRIMARY KEY, aggregatetype text NOT NULL, aggregateid text NOT NULL, type text, payload text, version int, part int, at timestamptz, ts timestamp(3));
INSERT INTO outbox VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'order', '10', 'Created', '{"id": 10, "n": 5000000000, "x": 1e2, "on": true, "items": [{"a": 1}, {"b": [null, "\u00fc\n"]}], "none": null, "empty": [], "id": 11}', 1, 2, now(), '2001-01-01');
INSERT INTO outbox VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', 'order', '11', 'Deleted', ' ', 2, NULL, NULL, NULL);
INSERT INTO outbox VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a13', 'a b', 'c1', 'Odd', '{"a": ', NULL, NULL, NULL, NULL);
UPDATE outbox SET version = 9 WHERE aggregateid = '10';
DELETE FROM outbox WHERE aggregateid = '10';

SELECT routed();
SELECT routed(E'transforms.o.route.by.field=type\ntransforms.o.route.topic.regex=(.).*\ntransforms.o.route.topic.replacement=x-$1\ntransforms.o.table.field.event.key=version\ntransforms.o.table.field.event.id=aggregateid\ntransforms.o.route.tombstone.on.empty.payload=true\ntransforms.o.table.field.event.timestamp=ts');
SELECT routed(E'transforms.o.table.expand.json.payload=true\nvalue.converter.schemas.enable=true');
SELECT routed(E'transforms.o.table.expand.json.payload=true\ntransforms.o.table.json.payload.null.behavior=optional_bytes');
SELECT routed(E'transforms.o.table.fields.additional.placement=type:header:eventType, version:envelope ,part:partition,type:envelope:kind\ntransforms.o.table.field.event.schema.version=version\nvalue.converter.schemas.enable=true\nskipped.operations=u,d');
SELECT routed(E'transforms.o.table.fields.additional.placement=type:header:eventType, version:envelope ,part:partition,nothing:header\ntransforms.o.table.field.additional.missing=ignore');
SELECT routed(E'transforms.o.table.fields.additional.placement=nothing:header');
SELECT routed(E'transforms.o.table.fields.additional.placement=type:footer');
SELECT routed(E'transforms.o.table.field.event.payload=nothing');
SELECT routed(E'transforms.o.table.field.event.timestamp=at');
SELECT routed(E'transforms.o.route.by.field=version');
SELECT routed(E'transforms.o.table.op.invalid.behavior=fatal');
SELECT routed(E'transforms.o.table.op.invalid.behavior=drop');
SELECT routed(E'transforms.o.predicate=good\npredicates=good\npredicates.good.type=TopicNameMatches\npredicates.good.pattern=.*\ntransforms.o.table.fields.additional.placement=type:envelope:kind\nvalue.converter.schemas.enable=true');
DROP TABLE outbox;
SELECT count(*) >= 0 AS forgotten FROM pg_logical_slot_get_changes('s', NULL, NULL);

-- messages, alone and as an outbox
SELECT count(*) FROM pg_logical_emit_message(true, 'outbox', '{"id": "1", "aggregatetype": "order", "aggregateid": "7", "type": "Created", "payload": {"a": [1.5, null]}}');
SELECT regexp_replace(regexp_replace(data, '"source":\{.*?\},', ''), '"ts_ms":\d+', '"ts_ms":T')
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record', 'config', E'plugin.name=pgoutput\ntransforms=d\ntransforms.d.type=io.debezium.connector.postgresql.transforms.DecodeLogicalDecodingMessageContent');
SELECT regexp_replace(data, '"timestamp":\d{13}', '"timestamp":T')
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record', 'config', E'plugin.name=pgoutput\ntransforms=d,o\ntransforms.d.type=DecodeLogicalDecodingMessageContent\ntransforms.o.type=EventRouter');
SELECT count(*) FROM pg_logical_emit_message(true, 'outbox', 'no JSON');
SELECT data FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record', 'config', E'plugin.name=pgoutput\ntransforms=d\ntransforms.d.type=DecodeLogicalDecodingMessageContent');
DROP FUNCTION routed;
SELECT pg_drop_replication_slot('s');
