-- Types that are shown as PostgreSQL prints them, and points.
SET synchronous_commit = on;
SET timezone = 'UTC';
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, i inet, c cidr, m macaddr, m8 macaddr8, i4 int4range, i8 int8range, n numrange,
	ts tsrange, tz tstzrange, d daterange NOT NULL, tv tsvector, p point);
INSERT INTO t VALUES (1, '192.168.2.0/12', '192.168.100.128/25', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '[1,10]', '(1,10)', '[1.5,2.50)',
	'[2019-03-31 15:30:00, infinity]', '[2017-06-05 11:29:12.549426+00,)', '[2019-03-31,2019-04-30]', 'fat:2 rat:3A', '(1e-5,123456789.125)'),
	(2, '::1', '2001:4f8:3:ba::/64', NULL, NULL, 'empty', '(,)', 'empty', 'empty', '(,)', 'empty', '', '(Infinity,NaN)'),
	(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '(,5/1/2020)', NULL, '(-0,2e10)');
DELETE FROM t WHERE id = 3;
SELECT * FROM changes();
-- dates do not depend on DateStyle, but on the time zone
SET datestyle = 'German, DMY';
SET timezone = 'America/New_York';
INSERT INTO t (id, tz, d) VALUES (4, '[2020-01-01Z,2020-07-01Z)', '[2019-03-31,2019-04-30]');
SELECT * FROM changes();
SELECT snapshot_value(debezium_snapshot(t.*, '', '0/1', 1, now()))::json->'after' AS after FROM t WHERE id = 4;
SHOW datestyle;
RESET datestyle;
RESET timezone;
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
