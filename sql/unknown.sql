-- Types without a form in events: left out with a warning, or included as text.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TYPE pair AS (a int, b text);
CREATE TYPE floatrange AS RANGE (subtype = float8);
CREATE DOMAIN query AS tsquery;
CREATE TABLE t (id int PRIMARY KEY, c pair, lsn pg_lsn NOT NULL, x8 xid8, sn pg_snapshot,
	r floatrange, m money[], q query, rc regclass, ca pair[], qa query[], b box, ba box[], pa path, j jsonpath);
INSERT INTO t VALUES (1, '(1,"a b")', '0/16E9518', '43', '10:20:10,14,15', '[1.5,2]', '{1.5}', 'fat & rat', 'pg_class',
	'{"(1,x)","(,)"}', '{a,"b | c"}', '(1,1),(0,1e-5)', '{(1,2),(3,4);(0,0),(1,1)}', '[(0,0),(Infinity,NaN)]', '$.a');
INSERT INTO t (id, lsn, ca, qa) VALUES (2, '0/1', '{NULL,"(1,x)"}', '{}');
DELETE FROM t WHERE id = 2;
-- once for each column and not for each row
SELECT * FROM changes();
INSERT INTO t SELECT 3, c, lsn, x8, sn, r, m, q, rc, ca, qa, b, ba, pa, j FROM t;
DELETE FROM t WHERE id = 3;
SELECT * FROM changes('include.unknown.datatypes', 'true');
SELECT column_name, encoding, remark FROM debezium_describe('t', '') WHERE remark IS NOT NULL;
SELECT column_name, encoding, remark FROM debezium_describe('t', 'include.unknown.datatypes=true');
-- filtered tables are not looked at
INSERT INTO t (id, lsn) VALUES (5, '0/1');
SELECT * FROM changes('table.exclude.list', 'public.t');
DROP TABLE t;

-- an output function that fails: that value is null, the rest goes on
SET client_min_messages = warning;
CREATE TYPE silent;
CREATE FUNCTION silent_in(cstring) RETURNS silent LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION silent_out(silent) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'trigger_out';
CREATE TYPE silent (INPUT = silent_in, OUTPUT = silent_out);
RESET client_min_messages;
CREATE TABLE t (id int PRIMARY KEY, s silent, v text);
INSERT INTO t VALUES (1, 'a', 'x'), (2, NULL, 'y'), (3, 'b', 'z');
SELECT * FROM changes('include.unknown.datatypes', 'true');
INSERT INTO t VALUES (4, 'c', 'x');
SELECT * FROM changes('include.unknown.datatypes', 'true', 'event.converting.failure.handling.mode', 'fail');
SELECT * FROM changes('include.unknown.datatypes', 'true', 'event.converting.failure.handling.mode', 'skip');
SELECT snapshot_value(debezium_snapshot(t.*, 'include.unknown.datatypes=true', '0/1', 1, now()))::json->'after' AS after FROM t;
DROP TABLE t;
DROP TYPE silent CASCADE;
-- keys
CREATE TABLE t (k pg_lsn, id int, PRIMARY KEY (k, id));
INSERT INTO t VALUES ('0/1', 1);
SELECT data::json->'key' AS key, data::json->'value'->'after' AS after
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'format', 'record', 'include.unknown.datatypes', 'true');
INSERT INTO t VALUES ('0/2', 1);
SELECT data::json->'key' AS key, data::json->'value'->'after' AS after
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'format', 'record');
DROP TABLE t;
CREATE TABLE t (k pg_lsn PRIMARY KEY, v int);
INSERT INTO t VALUES ('0/1', 1);
UPDATE t SET k = '0/2';
SET client_min_messages = error;
SELECT data::json->'key' AS key, data::json->'headers' AS headers, data::json->'value'->'after' AS after
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'format', 'record');
SELECT convert_from(substr(f, 14, ('x' || encode(substr(f, 10, 4), 'hex'))::bit(32)::int), 'UTF8') AS key
FROM (SELECT debezium_snapshot(t.*, '', '0/1', 1, now()) AS f FROM t) x;
RESET client_min_messages;
DROP TABLE t;
DROP DOMAIN query;
DROP TYPE pair, floatrange;
SELECT pg_drop_replication_slot('s');
