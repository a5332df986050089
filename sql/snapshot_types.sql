-- A row's value is the same in a snapshot and in the stream: all scalar types,
-- in all modes.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, b bool, i2 smallint, i4 int, i8 bigint, o oid, r real, f float8, n52 numeric(5,2), n numeric, m money,
	t text, v varchar(5), c char(4), bp bpchar, nm name, ch "char", ba bytea, bt bit, b9 bit(9), vb varbit, vb1 varbit(1), u uuid, j json, jb jsonb, x xml,
	d date, t0 time(0), tm time, tz timetz, ts3 timestamp(3), ts timestamp, tsz3 timestamptz(3), tsz timestamptz, iv interval);
INSERT INTO t VALUES
	(1, true, 1, 2, 3, 4, 0.1, 0.2, 1.5, 1.2300, 1.5, 't"', 'v', 'c', 'bp ', 'n', 'x', '\x00ff', B'1', B'101010101', B'0001', B'1',
		'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a":  1}', '{"a":  1}', '<a/>', '2020-02-29', '23:59:59.9', '24:00', '12:00:00.5+05:30',
		'2020-02-29 01:02:03.4567', '2020-02-29 01:02:03.456789', '2020-02-29 01:02:03.4567Z', '2020-02-29 01:02:03.456789Z', '1 mon -1 day 00:00:01.235'),
	(2, false, -32768, -2147483648, -9223372036854775808, 4294967295, 'NaN', '-Infinity', 'NaN', 'NaN', '-92233720368547758.08', E'\x01\U0001F600', '', '', '', '', '', '', B'0', B'000000000', B'', B'',
		'00000000-0000-0000-0000-000000000000', 'null', '[]', '', 'infinity', '00:00', '00:00', '00:00+15:59',
		'infinity', 'infinity', 'infinity', 'infinity', '-178000000 years'),
	(3, true, 32767, 2147483647, 9223372036854775807, 0, 3.4028235e38, 5e-324, -999.99, 1e-100, '92233720368547758.07', repeat('long ', 1000), 'ü', 'ü', ' ', 'ü', 'y',
		decode(repeat('00ff', 3000), 'hex'), B'1', B'1'::bit(9), repeat('10', 500)::varbit, NULL, NULL, '1', '1', NULL, '-infinity', NULL, NULL, '24:00-15:59',
		'-infinity', '-infinity', '-infinity', '-infinity', '2147483647 hours'::interval + '414564141 hours'),
	(4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, (CASE WHEN current_setting('server_version_num')::int < 140000 THEN 'NaN' ELSE 'Infinity' END)::numeric, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		'0044-03-15 BC', NULL, NULL, NULL, '0044-03-15 12:00 BC', '294276-12-31 23:59:59.999999', '4713-01-01 BC', '294276-12-31 23:59:59.999999Z', NULL),
	(5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, (CASE WHEN current_setting('server_version_num')::int < 140000 THEN 'NaN' ELSE '-Infinity' END)::numeric, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		'5874897-12-31', NULL, NULL, NULL, NULL, '1677-09-21', NULL, NULL, NULL);
CREATE FUNCTION after(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT (regexp_match(value, '"after":(.*),"source":\{'))[1] $$;
WITH modes AS (
	SELECT array_agg(d || ',' || t) AS modes
	FROM unnest('{precise,double,string}'::text[]) d,
		unnest('{adaptive,adaptive_time_microseconds,connect,microseconds,nanoseconds,isostring,structured}'::text[]) t),
configs AS (
	-- every value of each mode, beside every one of decimals and times
	SELECT modes[i] AS mode, ARRAY['decimal.handling.mode', split_part(modes[i], ',', 1), 'time.precision.mode', split_part(modes[i], ',', 2),
		'binary.handling.mode', ('{bytes,base64,base64-url-safe,hex}'::text[])[i % 4 + 1],
		'interval.handling.mode', ('{numeric,string}'::text[])[i % 2 + 1],
		'event.converting.failure.handling.mode', 'skip', 'topic.prefix', 'p'] AS options
	FROM modes, generate_subscripts(modes, 1) i),
streamed AS (
	SELECT mode, options, (data::json->'after'->>'id')::int AS id, after(data) AS value
	FROM configs, LATERAL pg_logical_slot_peek_changes('s', NULL, NULL, VARIADIC options))
SELECT mode, count(*) AS rows, count(*) FILTER (WHERE value = after(snapshot_value(debezium_snapshot(t.*,
	(SELECT string_agg(options[k] || '=' || options[k + 1], E'\n') FROM generate_series(1, array_length(options, 1), 2) k), '0/1', 1, now())))) AS equal
FROM streamed JOIN t USING (id) GROUP BY mode ORDER BY mode;
DROP FUNCTION after(text);
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
