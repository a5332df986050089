-- Changes that cannot become events: an error names the position, and they can be left out.
SET synchronous_commit = on;
CREATE TABLE t (id int PRIMARY KEY);
CREATE TABLE failing (n numeric);
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE FUNCTION decode(format text, VARIADIC options text[] DEFAULT '{}') RETURNS SETOF bytea LANGUAGE sql AS $$
	SELECT data FROM pg_logical_slot_peek_binary_changes('s', NULL, NULL,
		VARIADIC ARRAY['topic.prefix', 'p', 'event.converting.failure.handling.mode', 'fail', 'format', format] || options)
$$;
INSERT INTO t VALUES (1);
BEGIN;
INSERT INTO t VALUES (2);
COPY failing FROM stdin;
NaN
NaN
\.
INSERT INTO t VALUES (3);
COMMIT;
INSERT INTO t VALUES (4);
-- each position is skipped by itself: the two of the COPY have one LSN
DO $$
DECLARE
	positions text[] := '{}';
	message text;
BEGIN
	LOOP
		BEGIN
			PERFORM count(*) FROM decode('envelope', VARIADIC CASE WHEN positions = '{}' THEN '{}'
				ELSE ARRAY['skip.change', array_to_string(positions, ', ')] END);
			EXIT;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS message = PG_EXCEPTION_CONTEXT;
			RAISE NOTICE '%', regexp_replace((regexp_match(message, '^change.*$', 'n'))[1], '[0-9A-F]+/[0-9A-F]+', 'L', 'g');
			positions := positions || substring(message from 'position "(.*?)" for option "skip.change"');
		END;
	END LOOP;
	RAISE NOTICE 'one LSN: %', split_part(positions[1], ' ', 2) = split_part(positions[2], ' ', 2);
	FOR i IN 1..2 LOOP
		BEGIN
			PERFORM decode('envelope', 'skip.change', positions[i]);
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS message = PG_EXCEPTION_CONTEXT;
			RAISE NOTICE 'skipping one, the other is left: %',
				substring(message from 'position "(.*?)" for option "skip.change"') = positions[3 - i];
		END;
	END LOOP;
	RAISE NOTICE 'events: %', (SELECT count(*) FROM decode('envelope', 'skip.change', array_to_string(positions, ',')));
END $$;
-- or all that fail
\set SHOW_CONTEXT never
SELECT count(*) FROM decode('envelope');
SELECT count(*) FROM decode('envelope', 'event.processing.failure.handling.mode', 'fail');
SELECT count(*) FROM decode('envelope', 'event.processing.failure.handling.mode', 'warn');
SELECT count(*) FROM decode('envelope', 'event.processing.failure.handling.mode', 'skip');
-- what does not exist is no fault of the change
SELECT count(*) FROM decode('envelope', 'event.processing.failure.handling.mode', 'skip', 'publication.autocreate.mode', 'disabled');
-- the frames are those of a stream without the changes that fail
SELECT (SELECT array_agg(length(frames)) FROM decode('stream', 'event.processing.failure.handling.mode', 'skip') AS frames) =
	(SELECT array_agg(length(frames)) FROM decode('stream', 'table.exclude.list', '.*failing') AS frames) AS equal;
-- an event that fails in its middle, after its transaction began and its topic was announced, is taken back
CREATE TYPE mood AS ENUM ('fine', 'gone');
CREATE TABLE source AS SELECT 1 AS id, 'gone'::mood AS m;
SELECT 'end' FROM pg_replication_slot_advance('s', pg_current_wal_insert_lsn());
CREATE TABLE e (id int PRIMARY KEY, m mood);
CREATE TABLE e2 (id int PRIMARY KEY, m mood);
SET allow_system_table_mods = on;
DELETE FROM pg_enum WHERE enumlabel = 'gone' AND enumtypid = 'mood'::regtype;
RESET allow_system_table_mods;
BEGIN;
INSERT INTO e SELECT * FROM source;
INSERT INTO t VALUES (5);
INSERT INTO e SELECT 2, 'fine';
INSERT INTO e SELECT 3, m FROM source;
INSERT INTO e2 SELECT * FROM source;
COMMIT;
CREATE FUNCTION frame_types(message bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	types text := '';
	at int := 0;
BEGIN
	WHILE at < length(message) LOOP
		types := types || chr(get_byte(message, at));
		at := at + 5 + ('x' || encode(substr(message, at + 2, 4), 'hex'))::bit(32)::int;
	END LOOP;
	RETURN types;
END $$;
SELECT frame_types(frames), (regexp_match(encode(frames, 'escape'), '"event_count":(\d+,"data_collections":\[.*?\])'))[1] AS counts
FROM decode('stream', 'event.processing.failure.handling.mode', 'skip',
	'provide.transaction.metadata', 'true') AS frames;
-- messages, by themselves and in a transaction
SELECT 'message' FROM pg_logical_emit_message(false, 'p', 'by itself');
SELECT 'message' FROM pg_logical_emit_message(true, 'p', 'in a transaction');
SELECT array_agg(convert_from(decode(data::json->'message'->>'content', 'base64'), 'UTF8')) AS contents
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'event.processing.failure.handling.mode', 'skip', 'event.converting.failure.handling.mode', 'fail')
WHERE data::json->>'op' = 'm';
-- options
SELECT decode('envelope', 'event.processing.failure.handling.mode', 'never');
SELECT decode('envelope', 'skip.change', '0/1');
SELECT decode('envelope', 'skip.change', '0/1 0/1 1, ');
SELECT decode('envelope', 'skip.change', '0/1 0/1 1 1');
DROP FUNCTION decode(text, text[]);
DROP FUNCTION frame_types(bytea);
DROP TABLE source, e, e2;
DROP TYPE mood;
DROP TABLE t, failing;
SELECT pg_drop_replication_slot('s');
