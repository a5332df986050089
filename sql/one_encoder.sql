-- A row's event of the snapshot and that of the stream differ in nothing but
-- op, source and the clock: all types, in each mode.
SET client_min_messages = error;	-- values that cannot be converted
SET synchronous_commit = on;
SET timezone = 'UTC';
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE EXTENSION hstore;
CREATE EXTENSION ltree;
CREATE EXTENSION citext;
CREATE EXTENSION isn;
CREATE EXTENSION cube;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE pair AS (a int, b text);
CREATE TYPE floatrange AS RANGE (subtype = float8);
CREATE DOMAIN price AS numeric(6,2);
CREATE DOMAIN cheap AS price CHECK (VALUE < 10);
CREATE DOMAIN ints AS int[];
CREATE DOMAIN dict AS hstore;
CREATE DOMAIN feeling AS mood;
CREATE TABLE t (
	b bool, i2 smallint, i4 int, i8 bigint, o oid, r real, f float8,
	n numeric(10,2), nv numeric, n0 numeric(5), nm numeric(3,1), m money,
	t text, v varchar(5), c char(4), q "char", nam name, ba bytea,
	b1 bit, b9 bit(9), vb varbit, vb1 varbit(1), vb9 varbit(9),
	d date, t0 time(0), t3 time(3), t6 time, tt timetz, tt2 timetz(2),
	ts0 timestamp(0), ts3 timestamp(3), ts timestamp, tz0 timestamptz(0), tz3 timestamptz(3), tz timestamptz,
	iv interval, iv2 interval(2), u uuid, j json, jb jsonb, x xml,
	ip inet, ci cidr, ma macaddr, m8 macaddr8,
	i4r int4range, i8r int8range, nr numrange, tsr tsrange, tzr tstzrange, dr daterange, fr floatrange,
	p point, li line, ls lseg, bx box, pa path, po polygon, ce circle,
	tv tsvector, tq tsquery, jp jsonpath, lsn pg_lsn, xi xid, x8 xid8, sn pg_snapshot, rc regclass, tu tid, iv2v int2vector,
	e mood, co pair, dp price, dc cheap, di ints, dh dict, de feeling,
	hs hstore, lt ltree, lq lquery, ct citext, isb isbn, ean ean13, cu cube,
	a_b bool[], a_i2 smallint[], a_i4 int[], a_i8 bigint[], a_o oid[], a_r real[], a_f float8[], a_n numeric(10,2)[], a_nv numeric[],
	a_t text[], a_v varchar(5)[], a_c char(4)[], a_q "char"[], a_ba bytea[], a_b9 bit(9)[], a_vb varbit[],
	a_d date[], a_t3 time(3)[], a_t6 time[], a_tt timetz[], a_ts3 timestamp(3)[], a_ts timestamp[], a_tz timestamptz[], a_tz0 timestamptz(0)[], a_iv interval[],
	a_u uuid[], a_j json[], a_jb jsonb[], a_x xml[], a_m money[], a_nam name[], a_ip inet[], a_ma macaddr[], a_i4r int4range[], a_tzr tstzrange[],
	a_p point[], a_bx box[], a_tv tsvector[], a_e mood[], a_co pair[], a_dp price[], a_hs hstore[], a_lt ltree[], a_ct citext[], a_isb isbn[],
	id int PRIMARY KEY
);
-- types that PostgreSQL 13 does not have
SELECT current_setting('server_version_num')::int >= 140000 AS multiranges \gset
\if :multiranges
ALTER TABLE t ADD mr int4multirange, ADD a_mr int4multirange[];
INSERT INTO t (id, mr, a_mr) VALUES (0, '{[1,3),[5,7)}', '{"{[1,3)}"}');
\else
INSERT INTO t (id) VALUES (0);
\endif
INSERT INTO t (id, b, i2, i4, i8, o, r, f, n, nv, n0, nm, m, t, v, c, q, nam, ba, b1, b9, vb, vb1, vb9,
	d, t0, t3, t6, tt, tt2, ts0, ts3, ts, tz0, tz3, tz, iv, iv2, u, j, jb, x, ip, ci, ma, m8,
	i4r, i8r, nr, tsr, tzr, dr, fr, p, li, ls, bx, pa, po, ce, tv, tq, jp, lsn, xi, x8, sn, rc, tu, iv2v,
	e, co, dp, dc, di, dh, de, hs, lt, lq, ct, isb, ean, cu) VALUES
	(1, true, -32768, 2147483647, -9223372036854775808, 4294967295, 3.3, 1e10,
	123.45, 10.1111, -5, 1.5, -1234.56, 'text "\ ü 😀', 'v', 'ab', 'q', 'name', '\x00ff10', B'1', B'100000001', B'101', B'1', B'10',
	'2016-11-04', '13:51:30.6', '13:51:30.1234', '13:51:30.123456', '13:51:30.123456+02', '13:51:30.12+02', '2018-06-20 15:13:16.9', '2018-06-20 15:13:16.945104', '2018-06-20 15:13:16.945104',
	'2016-11-04 13:51:30.123456+02', '2016-11-04 13:51:30.123456+02', '2016-11-04 13:51:30.123456+02', '1 year 2 mons 3 days 04:05:06.789', '-8.235 seconds',
	'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"bar":  "baz"}', '{"bar":  "baz", "a": 1.50}', '<a>ü</a>', '192.168.2.0/12', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05',
	'[1,10]', '(,5)', '[1.5,2.50)', '[2020-01-01,2020-01-02)', '[2020-01-01Z,2020-01-02Z)', '[2020-01-01,2020-01-02)', '[1.5,2]',
	'(1,2)', '{1,2,3}', '[(0,0),(0,1)]', '(1,1),(0,0)', '[(0,0),(0,1)]', '((0,0),(0,1),(1,0))', '<(1,2),3>',
	'fat:2 rat:3A', 'fat & rat', '$.a', '0/16E9518', '42', '43', '10:20:10,14,15', 'pg_class', '(1,2)', '1 2',
	'ok', '(1,"a b")', 1.5, 2.5, '{1,2}', 'a=>1', 'sad', 'key=>val, k2=>NULL', 'Top.Science', 'Top.*', 'aB', '978-0-393-04002-9', '9780393040029', '(1,2),(3,4)');
INSERT INTO t (id, a_b, a_i2, a_i4, a_i8, a_o, a_r, a_f, a_n, a_nv, a_t, a_v, a_c, a_q, a_ba, a_b9, a_vb, a_d, a_t3, a_t6, a_tt, a_ts3, a_ts, a_tz, a_tz0, a_iv,
	a_u, a_j, a_jb, a_x, a_m, a_nam, a_ip, a_ma, a_i4r, a_tzr, a_p, a_bx, a_tv, a_e, a_co, a_dp, a_hs, a_lt, a_ct, a_isb) VALUES
	(2, '{t,NULL}', '{1,NULL}', '[2:3]={1,NULL}', '{1,NULL}', '{1,NULL}', '{1.5,NULL,NaN}', '{1.5,NULL,-Infinity}', '{1.2,NULL}', '{1.20,NULL}', '{a,NULL,"",ü}', '{a}', '{a}', '{a}',
	ARRAY['\x00ff'::bytea, NULL], '{100000001}', '{1}', '{2016-11-04,NULL}', '{13:51:30.123}', '{13:51:30.123456,24:00}', '{13:51:30.123456+02}',
	'{2018-06-20 15:13:16.945104}', '{2018-06-20 15:13:16.945104,NULL}', '{2016-11-04 13:51:30.123456+02}', '{2016-11-04 13:51:30.6+02}', '{1 day}',
	'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}', ARRAY['{"a":  1}'::json, NULL], ARRAY['{"a":  1}'::jsonb], ARRAY['<a/>'::xml], '{1}', '{a}', '{10.0.0.1}', '{08:00:2b:01:02:03}',
	'{"[1,3)",NULL}', '{"[2020-01-01Z,2020-01-02Z)"}', '{"(1,2)"}', '{(1,2),(3,4)}', '{a b}', '{ok}', '{"(1,x)"}', '{1.5}', ARRAY['a=>1', NULL]::hstore[], '{A.B}', '{aB,NULL}', '{978-0-393-04002-9}'),
	(3, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
	'{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}');
-- what some forms cannot hold, and more than one dimension
INSERT INTO t (id, r, f, nv, d, ts0, ts3, ts, tz, tt, t6, a_nv, a_d, a_ts, a_tz, a_t, a_i4, a_e, a_lt, a_isb, iv, p) VALUES
	(4, 'NaN', 'NaN', 'NaN', 'infinity', 'infinity', 'infinity', 'infinity', 'infinity', '24:00+00', '24:00', '{1,NaN}', '{infinity}', '{infinity}', '{infinity}', '{{a,b},{c,NULL}}', '{{1},{2}}', '{ok,NULL}', '{A,NULL}', '{NULL}', '178000000 years', '(NaN,Infinity)'),
	(5, '-Infinity', '-Infinity', 1e-300, '-infinity', '-infinity', '-infinity', '-infinity', '-infinity', '00:00+15:59', '00:00', '{1e300}', '{-infinity}', '{-infinity}', '{-infinity}', '{{{a}}}', '{{{1}}}', '{{ok}}', '{{A}}', '{{978-0-393-04002-9}}', '-178000000 years', '(-0,1e-300)'),
	(6, '-0', 4.9e-324, 1e300, '0044-03-15 BC', '0044-03-15 12:00 BC', '0044-03-15 12:00:00.001 BC', '4713-01-01 00:00 BC', '4713-01-01 00:00+00 BC', '23:59:59.999999-15:59', '23:59:59.999999', '{0}', '{0044-03-15 BC}', '{0044-03-15 12:00 BC}', '{0044-03-15 12:00+00 BC}', NULL, NULL, NULL, NULL, NULL, '1.5 seconds', NULL),
	(7, 1e38, 1e308, 0, '5874897-12-31', '294247-01-01 23:59:59', '294247-01-01 23:59:59.999', '294247-01-01 23:59:59.999999', '294247-01-01 23:59:59.999999+00', NULL, NULL, NULL, '{5874897-12-31}', '{294247-01-01 23:59:59.999999}', '{294247-01-01 23:59:59.999999+00}', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(8, 1e-38, 1e-308, -0.5, '1500-02-28', '1500-02-28 10:00', '1500-02-28 10:00:00.123', '1500-02-28 10:00:00.123456', '1500-02-28 10:00:00.1+00', NULL, NULL, NULL, '{1500-02-28}', '{1500-02-28 10:00}', '{1500-02-28 10:00+00}', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
-- values that are stored out of line
INSERT INTO t (id, t, ba, nv, jb, hs, lt, ct, a_t, a_i4, a_ct, co, po)
	SELECT 9, repeat('t', 100000), decode(repeat('01', 100000), 'hex'), repeat('123456789', 1000)::numeric, to_jsonb(repeat('j', 100000)), hstore('k', repeat('h', 100000)),
	string_agg('l' || i, '.')::ltree, repeat('c', 100000), array_agg(md5(i::text)), array_agg(i), array_agg(md5(i::text))::citext[], ROW(1, repeat('p', 100000))::pair,
	('(' || string_agg('(' || i || ',1.5)', ',') || ')')::polygon FROM generate_series(1, 3000) i;

-- Compares the two under a configuration.
CREATE FUNCTION event(data text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(data, ',"source":\{"version".*?\},"transaction":null,"op":"[cr]"', ''),
		',"ts_ms":\d+,"ts_us":\d+,"ts_ns":\d+\}', '')
$$;
CREATE FUNCTION differing(config text, OUT rows bigint, OUT different bigint) LANGUAGE sql AS $$
	WITH stream AS (
		SELECT row_number() OVER () - 1 AS id, data FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'config', config)
	)
	SELECT count(*), count(*) FILTER (WHERE event(stream.data) IS DISTINCT FROM event(snapshot_value(debezium_snapshot(t.*, config, '0/1', 1, now()))))
	FROM stream FULL JOIN t USING (id)
$$;
SELECT config, (differing(E'topic.prefix=p\n' || config)).*
FROM (VALUES (''), ('decimal.handling.mode=double'), ('decimal.handling.mode=string'), ('decimal.special.values=text'),
	('time.precision.mode=adaptive_time_microseconds'), ('time.precision.mode=connect'), ('time.precision.mode=microseconds'),
	('time.precision.mode=nanoseconds'), ('time.precision.mode=isostring'), ('time.precision.mode=structured'),
	('interval.handling.mode=string'), ('binary.handling.mode=base64'), ('binary.handling.mode=base64-url-safe'), ('binary.handling.mode=hex'),
	('hstore.handling.mode=map'), ('money.fraction.digits=0'), ('include.unknown.datatypes=true'),
	(E'include.unknown.datatypes=true\nbinary.handling.mode=hex'), ('value.converter.schemas.enable=true'),
	(E'value.converter.schemas.enable=true\ninclude.unknown.datatypes=true\ntime.precision.mode=structured\nhstore.handling.mode=map\nvalue.converter.decimal.format=NUMERIC')) modes (config);
-- there is something in each column, so that none is compared as null only
SELECT key FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'include.unknown.datatypes', 'true') WITH ORDINALITY, jsonb_each(data::jsonb->'after')
WHERE ordinality < 4 GROUP BY key HAVING bool_and(value = 'null') ORDER BY key COLLATE "C";
DROP FUNCTION differing, event;
DROP TABLE t;
DROP DOMAIN cheap, price, ints, dict, feeling;
DROP TYPE mood, pair, floatrange;
DROP EXTENSION hstore;
DROP EXTENSION ltree;
DROP EXTENSION citext;
DROP EXTENSION isn;
DROP EXTENSION cube;
SELECT pg_drop_replication_slot('s');
