-- debezium_snapshot(): the frame, errors, and that a COPY writes no temporary files.
SET timezone = 'UTC';
CREATE TABLE t (t int PRIMARY KEY, v text, g int GENERATED ALWAYS AS (t * 2) STORED);
INSERT INTO t SELECT i, repeat('v', 100) FROM generate_series(1, 3) i;
SELECT encode(substr(frame, 1, 1), 'escape') AS type,
	('x' || encode(substr(frame, 2, 4), 'hex'))::bit(32)::int = length(frame) - 5 AS length,
	substr(snapshot_value(frame), 1 + ('x' || encode(substr(frame, 6, 4), 'hex'))::bit(32)::int, 6) AS marker,
	convert_from(substr(frame, 14, ('x' || encode(substr(frame, 10, 4), 'hex'))::bit(32)::int), 'UTF8') AS key,
	regexp_replace(regexp_replace(snapshot_value(frame), ',"ts_ms":\d+,"ts_us":\d+,"ts_ns":\d+\}$', '}'), '"db":".*?"', '"db":D') AS value
FROM (SELECT debezium_snapshot(t.*, 'topic.prefix=p', '1/2A', 4294967296, '2020-01-02 03:04:05.678901+00') AS frame FROM ONLY t) x;
-- not rows of tables
SELECT debezium_snapshot(ROW(1), '', '0/1', 1, now());
SELECT debezium_snapshot(x.*, '', '0/1', 1, now()) FROM (SELECT 1) x;
CREATE TYPE pair AS (a int, b int);
SELECT debezium_snapshot('(1,2)'::pair, '', '0/1', 1, now());
CREATE VIEW v AS SELECT * FROM t;
SELECT debezium_snapshot(v.*, '', '0/1', 1, now()) FROM v;
\set VERBOSITY terse
SELECT debezium_snapshot(t.*, 'no.such=1', '0/1', 1, now()) FROM t;
\set VERBOSITY default
-- filters do not apply, and the configuration may change from row to row
SELECT substring(snapshot_value(debezium_snapshot(t.*, 'topic.prefix=p' || t.t || E'\ntable.include.list=none', '0/1', 1, now())) from '"name":"..?"') FROM t;
-- TOAST values are read
INSERT INTO t VALUES (4, (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 1000) i));
SELECT length(snapshot_value(debezium_snapshot(t.*, '', '0/1', 1, now()))::json->'after'->>'v') FROM t WHERE t.t = 4;
DROP VIEW v;
-- a dropped column, an added one
ALTER TABLE t DROP v;
ALTER TABLE t ADD w int DEFAULT 7;
SELECT snapshot_value(debezium_snapshot(t.*, '', '0/1', 1, now()))::json->'after' AS after FROM t ORDER BY t.t LIMIT 1;
DROP TYPE pair;
DROP TABLE t;

-- large enough that a tuplestore would spill, which would be logged here
CREATE TABLE big AS SELECT i AS id, repeat('x', 200) AS v FROM generate_series(1, 20000) i;
ANALYZE big;
SET work_mem = '64kB';
SET log_temp_files = 0;
SET client_min_messages = log;
COPY (SELECT debezium_snapshot(b.*, '', '0/1', 1, now()) FROM ONLY big b) TO PROGRAM 'cat >/dev/null' (FORMAT binary);
RESET client_min_messages;
RESET work_mem;
DROP TABLE big;
