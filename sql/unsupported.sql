-- A type without encoder is an error, for captured tables only.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, p point);
CREATE TABLE u (id int PRIMARY KEY);
INSERT INTO t VALUES (1, '(1,2)');
INSERT INTO u VALUES (1);
SELECT * FROM changes();
SELECT * FROM changes('table.include.list', 'public.u');
SELECT debezium_snapshot(t.*, '', '0/1', 1, now()) FROM t;
SELECT column_name, type, encoding, remark FROM debezium_describe('t', '');
DROP TABLE t, u;
SELECT pg_drop_replication_slot('s');
