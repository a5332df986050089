-- Arrays: what the element type's encoder writes, and the marks of Debezium's driver.
\set SHOW_CONTEXT never
SET synchronous_commit = on;
SET timezone = 'UTC';
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN ints AS int[];
CREATE TABLE t (id int PRIMARY KEY, i2 int2[], i4 int[], i8 bigint[], f4 real[], f8 float8[], b bool[],
	n numeric(5,2)[], nv numeric[], t text[], v varchar(20)[], c char(4)[], j json[], jb jsonb[], u uuid[], ba bytea[],
	d date[], ts timestamp[], ts3 timestamp(3)[], tz timestamptz[], tz0 timestamptz(0)[],
	ip inet[], r int4range[], tr tsrange[], tv tsvector[], e mood[], dom ints);
INSERT INTO t VALUES (1, '{1,-2,NULL}', '[2:4]={1,NULL,3}', '{9223372036854775807}', '{1,2.5,NaN}', '{1e10,-Infinity}', '{t,NULL,f}',
	'{1.2,-3,NULL}', '{1.10,100}', '{NULL,"NULL","","q\"q","b\\b","{x}"}', '{"a b","c,d"}', '{ab,NULL}', ARRAY['{"a":  1}', NULL]::json[],
	ARRAY['{"a":  1}']::jsonb[], '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11,NULL}', ARRAY['\x0102', NULL]::bytea[],
	'{2016-11-04,1970-01-01}', '{2018-06-20 15:13:16.945104}', '{2018-06-20 15:13:16.945104}', '{2016-11-04 13:51:30.123456+02}', '{2016-11-04 13:51:30.6+02}',
	'{10.0.0.0/8,::1}', '{"[1,3)",empty}', '{"[2020-01-01,2020-01-02)"}', '{a b,c}', '{ok,sad}', '{1,2}');
INSERT INTO t VALUES (2, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}');
INSERT INTO t (id) VALUES (3);
SELECT * FROM changes();
INSERT INTO t SELECT 4, i2, i4, i8, f4, f8, b, n, nv, t, v, c, j, jb, u, ba, d, ts, ts3, tz, tz0, ip, r, tr, tv, e, dom FROM t WHERE id = 1;
SELECT data::json->'after'->'n' AS n, data::json->'after'->'nv' AS nv, data::json->'after'->'ts' AS ts, data::json->'after'->'ts3' AS ts3
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'decimal.handling.mode', 'string', 'time.precision.mode', 'connect');
-- the element's schema is optional, but for types that Debezium does not list
INSERT INTO t (id) VALUES (5);
SELECT field->'field' AS field, field->'items' AS items
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'value.converter.schemas.enable', 'true'),
	json_array_elements(data::json->'schema'->'fields'->1->'fields') field
WHERE field->>'type' = 'array';
DROP TABLE t;

-- more than one dimension
CREATE TABLE t (id int PRIMARY KEY, i int[], n numeric[], t text[], u uuid[], e mood[], ip inet[], d date[]);
INSERT INTO t VALUES (1, '{{1,2},{3,4}}', '{{1},{2}}', '{{a,NULL},{"c d",e}}', '{{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}}', '{{ok,sad}}', '{{10.0.0.1}}', '{{2020-01-01}}');
INSERT INTO t (id, i, t) VALUES (2, '{{{1},{2}},{{3},{4}}}', '[1:2][5:5][1:2]={{{a,b}},{{c,d}}}');
SELECT * FROM changes();
DROP TABLE t;

-- a value that an element cannot have makes the array null
CREATE TABLE t (id int PRIMARY KEY, n numeric[], e mood[], v tsvector[], en mood[] NOT NULL);
INSERT INTO t VALUES (1, '{1,NaN}', '{ok,NULL}', '{a,NULL}', '{ok}');
INSERT INTO t VALUES (2, '{1}', '{ok}', '{a}', '{ok,NULL}');
SELECT * FROM changes();
INSERT INTO t VALUES (3, '{1,NaN}', '{ok}', '{a}', '{ok}');
SELECT * FROM changes('decimal.handling.mode', 'double');
DROP TABLE t;

-- dates and times as java.sql reads them
CREATE TABLE t (id int PRIMARY KEY, t time[], tt timetz[], d date[], ts timestamp[], tz timestamptz[]);
INSERT INTO t VALUES (1, '{24:00,23:59:59.9999,00:00:00.0009}', '{13:51:30.123456+02,24:00+00,00:00+05,13:51:30.5-08:30}', '{infinity,-infinity,0044-03-15 BC,1500-02-28,1582-10-04,1582-10-15,4713-01-01 BC,9999-12-31,5874897-12-31}',
	'{infinity,-infinity,0044-03-15 12:00 BC,1500-02-28 10:00:00.123456,1582-10-15,294247-01-01 23:59:59.999999}',
	'{infinity,0044-03-15 12:00:00+00 BC,1500-02-28 10:00:00.1+00,21016-11-04 13:51:30.123456+07,2020-01-01 00:00:00Z}');
SELECT * FROM changes();
DROP TABLE t;

-- arrays that have no form, whatever the options
CREATE TABLE t (id int PRIMARY KEY, m money[], n name[], i interval[], x xml[], p point[], rc refcursor[], vb varbit[]);
INSERT INTO t VALUES (1);
SET client_min_messages = error;
SELECT * FROM changes('include.unknown.datatypes', 'true');
RESET client_min_messages;
DROP TABLE t;

-- fillers, unchanged TOAST values
CREATE TABLE t (id int PRIMARY KEY, n int, i int[] NOT NULL, t text[] NOT NULL, e mood[] NOT NULL, d ints NOT NULL);
INSERT INTO t VALUES (1, 1, '{1}', '{a}', '{ok}', '{2}');
DELETE FROM t;
SELECT * FROM changes();
DROP TABLE t;
CREATE TABLE t (id int PRIMARY KEY, n int, t text[], v varchar(3000)[], j jsonb[], i int[], l bigint[], s smallint[], d date[], u uuid[], ba bytea[], dom ints);
ALTER TABLE t ALTER t SET STORAGE EXTERNAL, ALTER v SET STORAGE EXTERNAL, ALTER j SET STORAGE EXTERNAL, ALTER i SET STORAGE EXTERNAL, ALTER l SET STORAGE EXTERNAL,
	ALTER s SET STORAGE EXTERNAL, ALTER d SET STORAGE EXTERNAL, ALTER u SET STORAGE EXTERNAL, ALTER ba SET STORAGE EXTERNAL, ALTER dom SET STORAGE EXTERNAL;
INSERT INTO t SELECT 1, 1, ARRAY[repeat('a', 3000)], ARRAY[repeat('a', 3000)], ARRAY[to_jsonb(repeat('a', 3000))], array_agg(i), array_agg(i), array_agg(i),
	array_agg('2020-01-01'::date + i), array_agg(md5(i::text)::uuid), ARRAY[decode(repeat('01', 3000), 'hex')], array_agg(i) FROM generate_series(1, 2500) i;
SELECT count(*) FROM changes();
UPDATE t SET n = 2;
SELECT * FROM changes();
UPDATE t SET n = 3;
SET client_min_messages = error;
SELECT * FROM changes('unavailable.value.placeholder', 'hex:41ff', 'time.precision.mode', 'connect');
RESET client_min_messages;
DROP TABLE t;
DROP DOMAIN ints;
DROP TYPE mood;
SELECT pg_drop_replication_slot('s');
