-- Changes that cannot become events: an error names the position, and they can be left out.
SET synchronous_commit = on;
CREATE TABLE t (id int PRIMARY KEY);
CREATE TABLE a_name_that_is_too_long_for_a_topic_with_such_a_prefix (id int PRIMARY KEY);
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE FUNCTION decode(format text, VARIADIC options text[] DEFAULT '{}') RETURNS SETOF bytea LANGUAGE sql AS $$
	SELECT data FROM pg_logical_slot_peek_binary_changes('s', NULL, NULL,
		VARIADIC ARRAY['topic.prefix', repeat('p', 200), 'format', format] || options)
$$;
INSERT INTO t VALUES (1);
BEGIN;
INSERT INTO t VALUES (2);
COPY a_name_that_is_too_long_for_a_topic_with_such_a_prefix FROM stdin;
1
2
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
	(SELECT array_agg(length(frames)) FROM decode('stream', 'table.exclude.list', '.*a_name.*') AS frames) AS equal;
-- options
SELECT decode('envelope', 'event.processing.failure.handling.mode', 'never');
SELECT decode('envelope', 'skip.change', '0/1');
SELECT decode('envelope', 'skip.change', '0/1 0/1 1, ');
SELECT decode('envelope', 'skip.change', '0/1 0/1 1 1');
DROP FUNCTION decode(text, text[]);
DROP TABLE t, a_name_that_is_too_long_for_a_topic_with_such_a_prefix;
SELECT pg_drop_replication_slot('s');
