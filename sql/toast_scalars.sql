-- Unchanged TOAST values of every scalar type that can have them, by replica identity.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, k int NOT NULL, n int, t text, v varchar, c char(9000), bp bpchar, ba bytea, nu numeric,
	vb varbit, b bit(40000), j json, jb jsonb, x xml, small text);
CREATE UNIQUE INDEX t_k ON t (k);
DO $$
DECLARE
	name text;
BEGIN
	FOR name IN SELECT attname FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 AND attlen = -1 LOOP
		EXECUTE format('ALTER TABLE t ALTER %I SET STORAGE EXTERNAL', name);
	END LOOP;
END $$;
INSERT INTO t SELECT 1, 1, 1, l, l, l, l, l::bytea, repeat('123456789', 1000)::numeric,
	repeat('10', 20000)::varbit, repeat('10', 20000)::bit(40000), to_json(l), to_jsonb(l), ('<a>' || l || '</a>')::xml, 's'
FROM repeat('l', 3000) l;
CREATE FUNCTION modes() RETURNS TABLE (decimal_mode text, binary_mode text, "before" json, "after" json) LANGUAGE sql AS $$
	SELECT d, b, data::json->'before', data::json->'after'
	FROM (VALUES ('precise', 'bytes'), ('double', 'hex'), ('string', 'base64')) v (d, b),
		LATERAL pg_logical_slot_peek_changes('s', NULL, NULL, 'decimal.handling.mode', d, 'binary.handling.mode', b,
			'event.converting.failure.handling.mode', 'skip') $$;
SELECT count(*) FROM changes();
UPDATE t SET n = 2;
SELECT * FROM modes();
SELECT count(*) FROM changes('event.converting.failure.handling.mode', 'skip');
ALTER TABLE t REPLICA IDENTITY USING INDEX t_k;
UPDATE t SET n = 3;
UPDATE t SET k = 2;
SELECT * FROM modes();
SELECT count(*) FROM changes('event.converting.failure.handling.mode', 'skip');
-- the old row has all values
ALTER TABLE t REPLICA IDENTITY FULL;
UPDATE t SET n = 4;
SELECT decimal_mode, string_agg(a.key || ' ' || length(a.value), ', ') AS equal
FROM modes(), json_each_text("after") a JOIN json_each_text("before") b USING (key)
WHERE a.value = b.value GROUP BY decimal_mode ORDER BY decimal_mode;
SELECT count(*) FROM changes('event.converting.failure.handling.mode', 'skip');
DROP FUNCTION modes();
DROP TABLE t;

-- what is NOT NULL is null all the same where there is no placeholder
CREATE TABLE t (id int PRIMARY KEY, n int, nu numeric NOT NULL DEFAULT 1, t text NOT NULL DEFAULT 'd');
ALTER TABLE t ALTER nu SET STORAGE EXTERNAL, ALTER t SET STORAGE EXTERNAL;
INSERT INTO t VALUES (1, 1, repeat('123456789', 1000)::numeric, repeat('l', 3000));
SELECT count(*) FROM changes();
UPDATE t SET n = 2;
SELECT * FROM changes('event.converting.failure.handling.mode', 'skip');
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
