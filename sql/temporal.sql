-- Dates and times in every time.precision.mode, with the ends of their ranges.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, d date, t0 time(0), t time, z timetz, ts3 timestamp(3), ts timestamp, tz0 timestamptz(0), tz timestamptz);
CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$
	TRUNCATE t;
	INSERT INTO t VALUES
		(1, '2016-11-04', '13:51:30.6', '13:51:30.1234', '13:51:30.1+02', '2018-06-20 15:13:16.9454', '2018-06-20 15:13:16.945104', '2016-11-04 13:51:30.6+02', '2016-11-04 13:51:30.12+02'),
		(2, 'infinity', '24:00', '24:00', '24:00+00', 'infinity', 'infinity', 'infinity', 'infinity'),
		(3, '-infinity', '00:00', '23:59:60', '24:00+02', '-infinity', '-infinity', '-infinity', '-infinity'),
		(4, '0044-03-15 BC', NULL, NULL, '00:00+15:59', '0044-03-15 12:00:00.001 BC', '0044-03-15 12:00 BC', '0001-12-31 00:00:00+00 BC', '4713-01-01 00:00:00+00 BC'),
		(5, '5874897-12-31', NULL, NULL, '23:59:59.999999-15:59', '294276-12-31 23:59:59.999', '294276-12-31 23:59:59.999999', '21016-11-04 13:51:30+07', '294276-12-31 23:59:59.999999+00'),
		(6, '1969-12-31', NULL, NULL, NULL, '1969-12-31 23:59:59.999', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59+00', '1969-12-31 23:59:59.999999+00'),
		(7, '9999-12-31', NULL, NULL, NULL, '2262-04-11 00:00', '2262-04-10 23:59:59.999999', '9999-12-31 00:00+00', '10000-01-01 00:00+00'),
		(8, '10000-01-01', NULL, NULL, NULL, '1677-09-22 00:00', '1677-09-21 23:59:59.999999', NULL, NULL),
		(9, '0001-01-01', NULL, NULL, NULL, '294247-01-10 04:00:54.775', '294247-01-10 04:00:54.775807', NULL, NULL),
		(10, '4713-01-01 BC', NULL, NULL, NULL, '294247-01-10 04:00:55', '294247-01-10 04:00:55', NULL, NULL);
$$;
SELECT fill();
SELECT * FROM changes();
SELECT fill();
SELECT * FROM changes('time.precision.mode', 'adaptive_time_microseconds');
SELECT fill();
SELECT * FROM changes('time.precision.mode', 'connect');
SELECT fill();
SELECT * FROM changes('time.precision.mode', 'microseconds');
SELECT fill();
SELECT * FROM changes('time.precision.mode', 'nanoseconds', 'event.converting.failure.handling.mode', 'skip');
SELECT fill();
SELECT * FROM changes('time.precision.mode', 'isostring');
SELECT fill();
SELECT * FROM changes('time.precision.mode', 'structured');

-- settings that change how PostgreSQL shows them do not matter
SET datestyle = 'German';
SET timezone = 'Asia/Kolkata';
DELETE FROM t WHERE id > 1;
SELECT count(*) FROM changes();
UPDATE t SET t0 = '01:02:03';
SELECT * FROM changes();
RESET datestyle;
RESET timezone;
DROP TABLE t;

-- what fills NOT NULL columns of a deleted row
CREATE TABLE t (id int PRIMARY KEY, d date NOT NULL, t time NOT NULL, z timetz NOT NULL, ts timestamp NOT NULL, tz timestamptz(3) NOT NULL, i interval NOT NULL);
INSERT INTO t VALUES (1, '2020-01-01', '01:00', '01:00Z', '2020-01-01', '2020-01-01', '1 day');
SELECT count(*) FROM changes();
DELETE FROM t;
SELECT m, v.* FROM unnest('{adaptive,connect,nanoseconds,isostring,structured}'::text[]) m,
	LATERAL (SELECT data::json->'before' AS before FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'time.precision.mode', m)) v;
DROP FUNCTION fill();
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
