-- Events of pg_logical_emit_message().
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY);
CREATE FUNCTION messages(VARIADIC options text[] DEFAULT '{}') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT regexp_replace(mask(data), '"id":"\d+:\d+"', '"id":ID', 'g')
	FROM pg_logical_slot_peek_changes('s', NULL, NULL, VARIADIC
		ARRAY['topic.prefix', 'p', 'format', 'record'] || options)
$$;
\pset format unaligned
\pset tuples_only on
BEGIN;
SELECT count(pg_logical_emit_message(true, 'in a transaction', 'it''s text'));
INSERT INTO t VALUES (1);
SELECT count(pg_logical_emit_message(false, 'alone', '\x00ff'::bytea));
SELECT count(pg_logical_emit_message(true, 'ü "q"', ''));
COMMIT;
BEGIN;
SELECT count(pg_logical_emit_message(true, 'rolled back', ''));
SELECT count(pg_logical_emit_message(false, 'not rolled back', ''));
ROLLBACK;
INSERT INTO t VALUES (0);
-- those outside of transactions come first
SELECT * FROM messages();
-- with metadata each message is a collection of its own
SELECT substring(messages FROM '"transaction":\{.*?\}') FROM messages('provide.transaction.metadata', 'true')
WHERE messages LIKE '%"transaction":{%';
SELECT regexp_replace(c->>'data_collection', '@[0-9a-f]+', '@H') AS name, c->>'event_count'
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'format', 'record', 'provide.transaction.metadata', 'true'),
	json_array_elements(data::json->'value'->'data_collections') c
WHERE data LIKE '%"END"%' ORDER BY 1;
-- by prefix; others still count as commits, and for a transaction
SELECT data::json->>'key' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'format', 'record',
	'message.prefix.include.list', 'ALONE,no.*') WHERE data LIKE '%"op":"m"%';
SELECT data::json->>'key' FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'format', 'record',
	'message.prefix.exclude.list', 'al.*,no') WHERE data LIKE '%"op":"m"%';
SELECT data::json->'value'->>'status', data::json->'value'->>'event_count' FROM pg_logical_slot_peek_changes('s', NULL, NULL,
	'message.prefix.exclude.list', '.*', 'format', 'record', 'provide.transaction.metadata', 'true', 'table.include.list', 'none');
SELECT count(*) FROM messages('message.prefix.include.list', 'a', 'message.prefix.exclude.list', 'b');
-- as values
SELECT mask(data) FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'topic.prefix', 'p') LIMIT 1;
-- with schemas
SELECT * FROM messages('key.converter.schemas.enable', 'true', 'value.converter.schemas.enable', 'true') LIMIT 1;
SELECT substring(data FROM '"content":"[0-9a-f]+"'), substring(data FROM '.{40}"field":"content"')
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'binary.handling.mode', 'hex', 'value.converter.schemas.enable', 'true') LIMIT 1;
-- decoderbufs has no messages
SELECT count(*) FROM messages('plugin.name', 'decoderbufs');
-- a lone message counts as committed for itself and those behind it
SELECT data::json->'value'->>'op' AS op,
	(data::json->'value'->'source'->>'sequence')::json->>0 = data::json->'value'->'source'->>'lsn' AS own,
	(data::json->'value'->'source'->>'sequence')::json->>0 = lag(data::json->'value'->'source'->>'lsn') OVER () AS of_the_one_before,
	data::json->'value'->'source'->>'txId' IS NULL AS no_xid
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'format', 'record');

-- frames: a begin and a commit around each lone message, positions rise
SELECT count(pg_logical_emit_message(false, 'one', ''));
SELECT count(pg_logical_emit_message(false, 'two', ''));
INSERT INTO t VALUES (2);
CREATE FUNCTION int_at(data bytea, at int, bytes int) RETURNS bigint LANGUAGE sql AS $$
	SELECT ('x' || lpad(encode(substr(data, at + 1, bytes), 'hex'), 16, '0'))::bit(64)::bigint
$$;
CREATE FUNCTION frames(data bytea) RETURNS TABLE (type text, body bytea) LANGUAGE plpgsql AS $$
DECLARE
	at int := 0;
BEGIN
	WHILE at < length(data) LOOP
		type := chr(get_byte(data, at));
		body := substr(data, at + 6, int_at(data, at + 1, 4)::int);
		RETURN NEXT;
		at := at + 5 + length(body);
	END LOOP;
END $$;
SELECT number, type,
	CASE WHEN type = 'B' THEN int_at(body, 0, 4) > 0 END AS has_xid,
	CASE type WHEN 'B' THEN int_at(body, 4, 8) WHEN 'C' THEN int_at(body, 0, 8) WHEN 'R' THEN int_at(body, 4, 8) END
	- CASE WHEN type = 'C' AND NOT has_row THEN lsn - '0/0' END AS behind_end,
	CASE WHEN type = 'R' THEN chr(get_byte(body, 18)) END AS operation
FROM (SELECT row_number() OVER () AS number, lsn, f.*, max((type = 'B' AND int_at(body, 0, 4) > 0)::int) OVER (PARTITION BY lsn) = 1 AS has_row
	FROM pg_logical_slot_get_binary_changes('s', NULL, NULL, 'format', 'stream', 'stream.version', '1') c, frames(data) f) n
WHERE type <> 'T';
SELECT pg_drop_replication_slot('s');
DROP TABLE t;
DROP FUNCTION messages, int_at, frames;
