-- Transforms of times: TimestampConverter, TimestampRouter, TimezoneConverter.
SET synchronous_commit = on;
\set SHOW_CONTEXT never
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE FUNCTION transformed(config text) RETURNS SETOF text LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(data, ',"ts_ms":\d+,"ts_us":\d+,"ts_ns":\d+\}', '}'), '"source":\{.*?\},', '')
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'topic.prefix', 'p', 'format', 'record', 'config', config)
$$;
CREATE FUNCTION converted(config text, mode text DEFAULT 'connect') RETURNS SETOF text LANGUAGE sql AS $$
SELECT (transformed::json->'value'->'a')::text FROM transformed(format(E'time.precision.mode=%s\ntransforms=u,x\ntransforms.u.type=ExtractNewRecordState\ntransforms.x.type=org.apache.kafka.connect.transforms.TimestampConverter$Value\ntransforms.x.field=a\ntransforms.x.%s', mode, replace(config, E'\n', E'\ntransforms.x.')))
$$;
CREATE TABLE t (a timestamp, z timestamptz, c timetz, d date);
INSERT INTO t VALUES ('2024-02-29 15:04:05.678', '2024-07-01 00:00:00.1+00', '23:30:00.50+00', '2024-02-29'), ('1969-12-31 00:00:00', '-infinity', NULL, NULL), (NULL, NULL, NULL, NULL);

SELECT pattern, array_agg(a) FROM unnest(ARRAY['yyyy-MM-dd HH:mm:ss.SSS', 'y yy yyyyy M MM MMM MMMM d D E EEEE u', 'h K k H a m s S SSSSS', $$z zzzz Z X XXX 'o''clock' ''$$]) AS pattern,
	LATERAL converted(E'target.type=string\nformat=' || pattern) AS a GROUP BY pattern ORDER BY pattern COLLATE "C";
SELECT type, array_agg(a) FROM unnest(ARRAY['unix', 'Date', 'Time', 'Timestamp']) AS type, LATERAL converted('target.type=' || type) AS a GROUP BY type ORDER BY type COLLATE "C";
SELECT unit, array_agg(a) FROM unnest(ARRAY['seconds', 'milliseconds', 'microseconds', 'nanoseconds']) AS unit,
	LATERAL converted(E'target.type=unix\nunix.precision=' || unit, 'adaptive_time_microseconds') AS a GROUP BY unit ORDER BY unit COLLATE "C";
SELECT converted(E'target.type=Timestamp\nunix.precision=microseconds', 'microseconds');
SELECT converted(E'target.type=time');
SELECT converted(E'target.type=string');
SELECT converted(E'target.type=string\nformat=yyyy G');
SELECT converted(E'target.type=string\nformat=''yyyy');
SELECT transformed(E'value.converter.schemas.enable=true\ntime.precision.mode=connect\ntransforms=u,e,x\ntransforms.u.type=ExtractNewRecordState\ntransforms.e.type=org.apache.kafka.connect.transforms.ExtractField$Value\ntransforms.e.field=d\ntransforms.x.type=org.apache.kafka.connect.transforms.TimestampConverter$Value\ntransforms.x.target.type=unix');

-- a zone that changes its clocks, one that does not, an offset
SELECT zone, transformed::json->'value'->'after'->'a' AS a, transformed::json->'value'->'after'->'z' AS z FROM unnest(ARRAY['Europe/Berlin', 'America/Los_Angeles', 'Asia/Kolkata', '-05:30']) AS zone,
	LATERAL transformed(E'transforms=x\ntransforms.x.type=io.debezium.transforms.TimezoneConverter\ntable.include.list=public.t\ntransforms.x.exclude.list=c\ntransforms.x.converted.timezone=' || zone) AS transformed
WHERE transformed::json->'value'->'after'->>'a' IS NOT NULL;
CREATE TABLE gap (n int, a timestamp);
INSERT INTO gap VALUES (1, '2024-03-31 01:59:59'), (2, '2024-03-31 02:30'), (3, '2024-03-31 03:00'), (4, '2024-10-27 01:59:59'), (5, '2024-10-27 02:30'), (6, '2024-10-27 03:00'), (7, '2500-01-01');
SELECT to_timestamp((transformed::json->'value'->'after'->>'a')::bigint / 1000000) AT TIME ZONE 'UTC'
FROM transformed(E'transforms=x\ntransforms.x.type=TimezoneConverter\ntransforms.x.converted.timezone=Europe/Berlin\ntable.include.list=public.gap');
DROP TABLE gap;
-- rules
SELECT rules, array_agg((transformed::json->'value'->'after'->'a')::text || ' ' || (transformed::json->'value'->'after'->'z')::text)
FROM unnest(ARRAY['include.list=t:a', 'include.list=source:t:a,t:z', 'include.list=topic:p.public.t:after.z', 'include.list=source:u', 'exclude.list=source:t:a', 'exclude.list=t', 'exclude.list=source:u']) AS rules,
	LATERAL transformed(E'table.include.list=public.t\ntransforms=x\ntransforms.x.type=TimezoneConverter\ntransforms.x.converted.timezone=+01:00\ntransforms.x.' || rules) AS transformed
GROUP BY rules ORDER BY rules COLLATE "C";
SELECT transformed(E'transforms=x\ntransforms.x.type=TimezoneConverter\ntransforms.x.converted.timezone=Mars/Base');
SELECT transformed(E'transforms=x\ntransforms.x.type=TimezoneConverter\ntransforms.x.converted.timezone=UTC\ntransforms.x.include.list=a:b:c');
SELECT transformed(E'transforms=x\ntransforms.x.type=TimezoneConverter\ntransforms.x.converted.timezone=UTC\ntransforms.x.include.list=a\ntransforms.x.exclude.list=b');

-- only the outbox gives records a timestamp
CREATE TABLE outbox (id int, aggregatetype text, aggregateid text, payload text, at timestamp(3));
INSERT INTO outbox VALUES (1, 'x', '1', 'p', '2001-02-03 04:05:06');
SELECT transformed(E'table.include.list=public.outbox\ntransforms=o,r\ntransforms.o.type=EventRouter\ntransforms.o.table.field.event.timestamp=at\ntransforms.r.type=TimestampRouter\ntransforms.r.topic.format=$-${topic}.${timestamp}${\ntransforms.r.timestamp.format=yyyy-MM');
SELECT transformed(E'transforms=r\ntransforms.r.type=TimestampRouter');
DROP TABLE t, outbox;
DROP FUNCTION transformed, converted;
SELECT pg_drop_replication_slot('s');
