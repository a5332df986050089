-- The binary stream: frames, packing, positions.
CREATE FUNCTION int_at(b bytea, at int, len int) RETURNS bigint LANGUAGE sql IMMUTABLE AS
	$$SELECT ('x' || lpad(encode(substr(b, at + 1, len), 'hex'), 16, CASE WHEN get_byte(b, at) > 127 THEN 'f' ELSE '0' END))::bit(64)::bigint$$;
-- one row for each frame of a message
CREATE FUNCTION frames(message bytea, OUT type text, OUT body bytea) RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
	at int := 0;
	len int;
BEGIN
	WHILE at < length(message) LOOP
		type := chr(get_byte(message, at));
		len := int_at(message, at + 1, 4);
		body := substr(message, at + 6, len);
		ASSERT length(body) = len;
		at := at + 5 + len;
		RETURN NEXT;
	END LOOP;
	ASSERT at = length(message);
END $$;
-- the fields of a record
CREATE FUNCTION record_fields(body bytea, OUT topic int, OUT number int, OUT part int, OUT op text, OUT key text, OUT value text, OUT headers text)
LANGUAGE plpgsql AS $$
DECLARE
	at int := 19;
	len int;
BEGIN
	topic := int_at(body, 0, 4);
	number := int_at(body, 12, 4);
	part := int_at(body, 16, 2);
	op := chr(get_byte(body, 18));
	len := int_at(body, at, 4);
	IF len >= 0 THEN key := convert_from(substr(body, at + 5, len), 'UTF8'); END IF;
	at := at + 4 + greatest(len, 0);
	len := int_at(body, at, 4);
	IF len >= 0 THEN value := convert_from(substr(body, at + 5, len), 'UTF8'); END IF;
	at := at + 4 + greatest(len, 0);
	headers := int_at(body, at, 2)::text;
	at := at + 2;
	IF headers <> '0' THEN
		len := int_at(body, at, 2);
		headers := convert_from(substr(body, at + 3, len), 'UTF8');
		at := at + 2 + len;
		len := int_at(body, at, 4);
		headers := headers || '=' || convert_from(substr(body, at + 5, len), 'UTF8');
		at := at + 4 + len;
	END IF;
	ASSERT at = length(body);
END $$;
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE other (id int PRIMARY KEY);
INSERT INTO t VALUES (1, 'x');
INSERT INTO other VALUES (1);
BEGIN;
INSERT INTO u VALUES (1);
UPDATE t SET id = 2;
DELETE FROM t;
COMMIT;
CREATE TEMP TABLE messages AS SELECT row_number() OVER () AS m, data
FROM pg_logical_slot_get_binary_changes('s', NULL, NULL, 'format', 'stream', 'stream.version', '1', 'topic.prefix', 'p', 'table.exclude.list', 'public.other');
SELECT m, type,
	CASE type WHEN 'T' THEN int_at(body, 0, 4) || ' ' || convert_from(substr(body, 5), 'UTF8')
		WHEN 'C' THEN int_at(body, 8, 4)::text
		WHEN 'R' THEN (SELECT concat_ws(' ', topic, number, part, op, key, value IS NULL, headers) FROM record_fields(body)) END AS content
FROM messages, frames(data);
-- begin and commit say where and when
SELECT int_at(b.body, 4, 8) < int_at(c.body, 0, 8) AS lsn,
	abs(int_at(b.body, 12, 8) / 1e6 - extract(epoch FROM now())) < 600 AS time
FROM (SELECT row_number() OVER (), * FROM messages, frames(data) WHERE type = 'B') b
JOIN (SELECT row_number() OVER (), * FROM messages, frames(data) WHERE type = 'C') c USING (row_number);
DROP TABLE messages;

-- packing: whole frames, some 64 KiB; a large record is a message that is larger
BEGIN;
INSERT INTO t SELECT i, 'v' FROM generate_series(1, 2000) i;
INSERT INTO t VALUES (0, repeat('x', 200000));
COMMIT;
CREATE TEMP TABLE messages AS SELECT row_number() OVER () AS m, data
FROM pg_logical_slot_get_binary_changes('s', NULL, NULL, 'format', 'stream');
SELECT count(*) BETWEEN 12 AND 24 AS messages, max(length(data)) > 200000 AS large, bool_and(length(data) < 270000) AS bounded FROM messages;
SELECT type, count(*) FROM messages, frames(data) GROUP BY type ORDER BY type;
DROP TABLE messages;

-- rows of a COPY share WAL records; their numbers do not depend on filters
ALTER TABLE u ADD v text;
COPY u FROM PROGRAM 'seq 100 104 | sed "s/$/\tx/"';
CREATE TEMP TABLE messages AS SELECT data
FROM pg_logical_slot_peek_binary_changes('s', NULL, NULL, 'format', 'stream');
SELECT key, number, count(*) OVER (PARTITION BY int_at(body, 4, 8)) AS same_lsn
FROM messages, frames(data), record_fields(body) WHERE type = 'R';
DROP TABLE messages;
SELECT count(*) FROM pg_logical_slot_get_binary_changes('s', NULL, NULL, 'format', 'stream', 'stream.version', '7');
DROP FUNCTION int_at(bytea, int, int), frames(bytea), record_fields(bytea);
DROP TABLE t, u, other;
SELECT pg_drop_replication_slot('s');
