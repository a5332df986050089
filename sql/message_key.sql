-- Keys by configuration: message.key.columns.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t1 (id int PRIMARY KEY, a text, b int);
CREATE TABLE t2 (id int PRIMARY KEY, b1 int NOT NULL, a text, b2 numeric(5,2));
CREATE TABLE n (x text, y int);
ALTER TABLE t2 REPLICA IDENTITY FULL;
ALTER TABLE n REPLICA IDENTITY FULL;
CREATE FUNCTION keys(config text) RETURNS TABLE (tab text, op text, key json) LANGUAGE sql AS $$
	SELECT r->'value'->'source'->>'table', r->'value'->>'op', r->'key'
	FROM (SELECT data::json AS r FROM pg_logical_slot_peek_changes('s', NULL, NULL,
		  'format', 'record', 'message.key.columns', config)) AS m
$$;
INSERT INTO t1 VALUES (1, 'a', 1);
INSERT INTO t2 VALUES (1, 1, 'a', 1.5);
INSERT INTO n VALUES ('x', NULL);
-- an old tuple has the columns of its replica identity only
UPDATE t1 SET id = 2;
UPDATE t2 SET a = 'b';
DELETE FROM t1;
SELECT * FROM keys('public.t1:a;public.n:y,X');
-- both parts are regular expressions; the order is the list's, then the table's
SELECT * FROM keys(' public.(.*)2: b. , a ;.*n:y;');
SELECT * FROM keys('public.t1:a,a,A');
-- what chooses nothing leaves the key as it is
SELECT * FROM keys('public.t1:c;s.t2:a') LIMIT 2;
SELECT * FROM keys('public.t1');
SELECT * FROM keys('public.t1:');
SELECT * FROM keys(':a');
SELECT * FROM keys('public.t1:a,,b');
SELECT * FROM keys('public.t1:a:b');
SELECT * FROM keys('public.t1:a(');
DROP FUNCTION keys(text);
DROP TABLE t1, t2, n;
SELECT pg_drop_replication_slot('s');
