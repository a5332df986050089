-- Updates that change nothing of the event: skip.messages.without.change.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, a text, b text DEFAULT 'dd', n numeric);
ALTER TABLE t REPLICA IDENTITY FULL;
ALTER TABLE t ALTER a SET STORAGE EXTERNAL;
INSERT INTO t VALUES (1, repeat('x', 3000), 'y', 1.0);
CREATE FUNCTION updates(VARIADIC options text[] DEFAULT '{}') RETURNS TABLE (op text, id text, len int, b text, n text) LANGUAGE sql AS $$
	SELECT r->>'op', r->'after'->>'id', length(r->'after'->>'a'), r->'after'->>'b', r->'after'->>'n'
	FROM (SELECT data::json AS r FROM pg_logical_slot_peek_changes('s', NULL, NULL,
		  VARIADIC ARRAY['skip.messages.without.change', 'true'] || options)) AS m
$$;
UPDATE t SET a = a;
UPDATE t SET b = 'z';
UPDATE t SET n = 1.00;
UPDATE t SET n = 2;
-- a null is not the default, though it is shown as such
UPDATE t SET b = NULL;
UPDATE t SET b = 'dd';
UPDATE t SET a = repeat('y', 3000);
UPDATE t SET id = 2;
SELECT * FROM updates();
SELECT * FROM updates('column.include.list', 'public.t.(id|a)');
SELECT * FROM updates('column.exclude.list', 'public.t.(a|b|id)');
-- without the old row nothing is known
SELECT pg_replication_slot_advance('s', pg_current_wal_lsn()) IS NOT NULL AS advanced;
ALTER TABLE t REPLICA IDENTITY DEFAULT;
UPDATE t SET b = b;
SELECT * FROM updates();
DROP FUNCTION updates(text[]);
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
