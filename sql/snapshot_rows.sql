-- debezium_snapshot_rows(): the same frames as debezium_snapshot()'s, many in
-- a value; errors; and that a COPY writes no temporary files.
SET timezone = 'UTC';
-- "same" compares, but for the time of making
CREATE FUNCTION untimed(frames bytea) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(encode(frames, 'escape'), '"ts_ms":\d+,"ts_us":\d+,"ts_ns":\d+(\}|,")', '\1', 'g')
$$;
CREATE FUNCTION compare(name text, config text DEFAULT '', OUT parts bigint, OUT same boolean) LANGUAGE plpgsql AS $$
DECLARE
	single text;
	runs text;
BEGIN
	config := E'topic.prefix=p\n' || config;
	EXECUTE format('SELECT string_agg(untimed(debezium_snapshot(t.*, $1, ''0/10'', 5, ''epoch'')), '''') FROM %s t', name)
		INTO single USING config;
	SELECT count(*), string_agg(untimed(frames), '') INTO parts, runs
	FROM (SELECT debezium_snapshot_rows(format('SELECT t.* FROM %s t', name), name::regclass, config, '0/10', 5, 'epoch') AS frames) r;
	same := single IS NOT DISTINCT FROM runs;
END $$;
CREATE TABLE t (id int PRIMARY KEY, gone int, v text, g int GENERATED ALWAYS AS (id * 2) STORED);
SELECT * FROM compare('t');
INSERT INTO t SELECT i, 0, repeat('v', i % 50) FROM generate_series(1, 2000) i;
SELECT parts BETWEEN 5 AND 50 AS parts, same FROM compare('t');
ALTER TABLE t DROP gone;
ALTER TABLE t ADD w int DEFAULT 7;
SELECT parts BETWEEN 5 AND 50 AS parts, same FROM compare('t');
-- TOAST values, and one that is larger than a run
CREATE TABLE toast (id int PRIMARY KEY, v text, j jsonb);
INSERT INTO toast SELECT i, (SELECT string_agg(md5((i * j)::text), '') FROM generate_series(1, 100 * i * i * i) j), '{}' FROM generate_series(1, 8) i;
INSERT INTO toast SELECT i, 'x', jsonb_build_object('a', repeat('y', 5000)) FROM generate_series(11, 13) i;
SELECT * FROM compare('toast');
-- without columns, without a key, with inheritance and partitions
CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
CREATE TABLE parent (a int, b text);
CREATE TABLE child (c int) INHERITS (parent);
INSERT INTO parent VALUES (1, 'p');
INSERT INTO child VALUES (2, 'c', 3);
CREATE TABLE parted (a int, b text) PARTITION BY LIST (a);
CREATE TABLE part (b text, dropped int, a int);
ALTER TABLE part DROP dropped;
ALTER TABLE parted ATTACH PARTITION part FOR VALUES IN (1);
INSERT INTO parted VALUES (1, 'part');
SELECT name, c.* FROM unnest('{nothing, parent, child, parted, part}'::text[]) name, compare(name) c;
-- a row that a transform drops is an N frame, of no length
SELECT encode(debezium_snapshot_rows('SELECT * FROM parent ORDER BY a', 'parent',
	E'topic.prefix=p\nextended.headers.enabled=false\ntransforms=f\ntransforms.f.type=org.apache.kafka.connect.transforms.Filter', '0/10', 5, 'epoch'), 'escape');
SELECT * FROM compare('t', E'extended.headers.enabled=false\ntransforms=u\ntransforms.u.type=ExtractNewRecordState') WHERE NOT same;
-- ranges of ctid, and a query of somebody's own
SELECT count(*) FROM t WHERE ctid >= '(3,0)';
SELECT sum((length(untimed(f)) - length(replace(untimed(f), '"op":"r"', ''))) / 8) FROM
	(SELECT debezium_snapshot_rows($$SELECT t.* FROM t WHERE t.ctid >= '(3,0)'$$, 't', 'topic.prefix=p', '0/10', 5, 'epoch') AS f) r;
SELECT substring(snapshot_value(debezium_snapshot_rows('SELECT (ROW(x.*)::t).* FROM (SELECT 1, 2::bigint, 3, 4.0) x', 't', 'topic.prefix=p', '0/10', 5, 'epoch')) from '"after":.*?\}');
-- the cursor is gone afterwards
SELECT count(*) FROM pg_cursors;
-- what is refused
SELECT debezium_snapshot_rows('SELECT id FROM t', 't', '', '0/1', 1, now());
SELECT debezium_snapshot_rows('SELECT t.*, 1 FROM t', 't', '', '0/1', 1, now());
SELECT debezium_snapshot_rows('SELECT a, a FROM parent', 'parent', '', '0/1', 1, now());
CREATE VIEW v AS SELECT * FROM t;
SELECT debezium_snapshot_rows('SELECT * FROM v', 'v', '', '0/1', 1, now());
SELECT debezium_snapshot_rows('INSERT INTO t VALUES (9999) RETURNING *', 't', '', '0/1', 1, now());
\set VERBOSITY terse
SELECT debezium_snapshot_rows('SELECT * FROM t', 't', 'no.such=1', '0/1', 1, now());
\set VERBOSITY default
-- a caller that stops early
SELECT length(f) > 65536 AS is_full FROM (SELECT debezium_snapshot_rows('SELECT * FROM t', 't', '', '0/1', 1, now()) AS f LIMIT 1) r;
DROP VIEW v;
DROP TABLE t, toast, nothing, child, parent, parted;

-- large enough that a tuplestore would spill, which would be logged here
CREATE TABLE big AS SELECT i AS id, repeat('x', 200) AS v FROM generate_series(1, 20000) i;
ANALYZE big;
SET work_mem = '64kB';
SET log_temp_files = 0;
SET client_min_messages = log;
COPY (SELECT debezium_snapshot_rows('SELECT * FROM big', 'big', '', '0/1', 1, now())) TO PROGRAM 'cat >/dev/null' (FORMAT binary);
RESET client_min_messages;
RESET work_mem;
DROP TABLE big;
DROP FUNCTION compare;
DROP FUNCTION untimed;
