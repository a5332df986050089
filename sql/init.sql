-- What the other tests share.
SET client_min_messages = warning;
CREATE EXTENSION decoder_debezium;
CREATE EXTENSION IF NOT EXISTS plpgsql;
RESET client_min_messages;

-- Masks what varies: times, positions, transaction ids.  Positions within
-- "sequence" keep whether there is one.
CREATE FUNCTION mask(data text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(
		regexp_replace(regexp_replace(data,
		'"(ts_..)":\d+', '"\1":T', 'g'),
		'"sequence":"\[(null|\\"\d+\\"),\\"\d+\\"\]"', '"sequence":S', 'g'),
		'"lsn":\d+', '"lsn":L', 'g'),
		'"txId":\d+', '"txId":X', 'g'),
		'"version":".*?"', '"version":V', 'g'),
		'"db":".*?"', '"db":D', 'g')
$$;

-- The changes of slot "s", without the source block and the times.
CREATE FUNCTION changes(VARIADIC options text[] DEFAULT '{}')
RETURNS SETOF text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(data,
		',"source":\{.*?\},"transaction":null', '', 'g'),
		',"ts_ms":\d+,"ts_us":\d+,"ts_ns":\d+', '', 'g')
	FROM pg_logical_slot_get_changes('s', NULL, NULL,
		VARIADIC ARRAY['topic.prefix', 'p'] || options)
$$;

-- The same for a table's rows as a snapshot sees them.
CREATE FUNCTION snapshot_value(frame bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	body bytea := substr(frame, 10);
	len int;
BEGIN
	len := ('x' || encode(substr(body, 1, 4), 'hex'))::bit(32)::int;
	body := substr(body, 5 + greatest(len, 0));
	RETURN convert_from(substr(body, 5), 'UTF8');
END $$;
