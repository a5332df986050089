-- Each type of the stream, and the same row in a snapshot.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE DOMAIN price AS numeric(6,2);
CREATE TABLE t (id int PRIMARY KEY, b bool, i2 smallint, i4 int, i8 bigint, r real, f float8,
	n numeric(10,2), nv numeric, dom price, t text, v varchar(5), c char(4), ba bytea,
	d date, tm0 time(0), tm3 time(3), tm time, ts0 timestamp(0), ts3 timestamp(3), ts timestamp,
	tz0 timestamptz(0), tz3 timestamptz(3), tz timestamptz, u uuid, j json, jb jsonb);
INSERT INTO t VALUES (1, true, -32768, 2147483647, -9223372036854775808, 3.3, 1e10,
	123.45, 10.1111, 1.5, 'text', 'v', 'abc', '\x010203',
	'2016-11-04', '13:51:30.6', '13:51:30.1234', '13:51:30.123456', '2018-06-20 15:13:16.9', '2018-06-20 15:13:16.945104', '2018-06-20 15:13:16.945104',
	'2016-11-04 13:51:30.123456+02', '2016-11-04 13:51:30.123456+02', '2016-11-04 13:51:30.123456+02',
	'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{"bar":  "baz"}', '{"bar":  "baz", "a": 1.50}');
INSERT INTO t (id) VALUES (2);
INSERT INTO t (id, d, ts3, ts, tz) VALUES
	(3, 'infinity', 'infinity', 'infinity', 'infinity'),
	(4, '-infinity', '-infinity', '-infinity', '-infinity'),
	(5, '0044-03-15 BC', '0044-03-15 12:00:00.001 BC', '0044-03-15 12:00 BC', '0001-12-31 00:00:00+00 BC'),
	(6, '5874897-12-31', '294247-01-01 23:59:59.999', '294247-01-01 23:59:59.999999', '21016-11-04 13:51:30+07'),
	(7, '1969-12-31', '1969-12-31 23:59:59.999', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.999999+00');
CREATE TEMP TABLE stream AS SELECT c, row_number() OVER () AS n FROM changes() c;
SELECT c FROM stream ORDER BY n;
SELECT count(*), bool_and(replace(stream.c, '"op":"c"', '"op":"r"') = regexp_replace(regexp_replace(
	snapshot_value(debezium_snapshot(t.*, 'topic.prefix=p', '0/1', 1, now())),
	',"source":\{.*?\},"transaction":null', ''), ',"ts_ms":\d+,"ts_us":\d+,"ts_ns":\d+', ''))
FROM stream JOIN t ON t.id = stream.n;
INSERT INTO t (id, d, tm0, tm, ts3, ts, tz) VALUES (8, '2020-01-01', '01:02:03', '01:02:03', '2020-01-01', '2020-01-01', '2020-01-01Z');
SELECT * FROM changes('time.precision.mode', 'connect');
INSERT INTO t (id, d, tm0, tm, ts3, ts, tz) VALUES (9, '2020-01-01', '01:02:03', '01:02:03', '2020-01-01', '2020-01-01', '2020-01-01Z');
SELECT * FROM changes('time.precision.mode', 'microseconds');
DROP TABLE stream, t;
DROP DOMAIN price;
SELECT pg_drop_replication_slot('s');
