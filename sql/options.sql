-- Options and their errors.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE FUNCTION try(VARIADIC options text[]) RETURNS bigint LANGUAGE sql AS
	$$SELECT count(*) FROM pg_logical_slot_peek_changes('s', NULL, NULL, VARIADIC options)$$;
-- the hint lists all there are, see debezium_options()
\set VERBOSITY terse
SELECT try('no.such', 'x');
SELECT try('config', 'database.password=x');
SELECT try('config', 'format=record');
SELECT try('config', 'topic.prefix\=x=y');
\set VERBOSITY default
SELECT try('topic.prefix', 'a', 'config', 'topic.prefix=b');
SELECT try('format', 'json');
SELECT try('format', 'stream');
SELECT try('stream.version', '2');
SELECT try('stream.last.commit.lsn', 'x');
SELECT try('topic.prefix', 'a b');
SELECT try('topic.prefix', '');
SELECT try('decimal.handling.mode', 'exact');
SELECT try('time.precision.mode', 'ISOSTRING');
SELECT try('time.precision.mode', 'never');
SELECT try('publication.name', repeat('x', 64));
SELECT try('publication.autocreate.mode', 'all');
SELECT try('publish.via.partition.root', '1');
SELECT try('tombstones.on.delete', 'maybe');
SELECT try('skipped.operations', 'c,x');
SELECT try('skipped.operations', 'none,c');
SELECT try('unavailable.value.placeholder', 'hex:0');
SELECT try('table.include.list', 'a', 'table.exclude.list', 'b');
SELECT try(repeat('x', 63), 'y');
SELECT try('config', 'topic.prefix=\uZZZZ');

-- the text form
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'x');
SELECT data::json->'source'->>'name' AS name FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'config', E'# comment\n! another\n\n  topic.prefix : a\\u002Eb\\\n   c\r\ntable.include.list=public\\\\.t');
SELECT data::json->'source'->>'name' AS name FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'config', 'topic.prefix y');
SELECT data::json->'source'->>'name' = current_database() AS name FROM pg_logical_slot_peek_changes('s', NULL, NULL);
DROP FUNCTION try(text[]);
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
