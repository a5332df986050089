-- Intervals in both modes; fractions of a second go through a double.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id serial PRIMARY KEY, i interval);
CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$
	TRUNCATE t RESTART IDENTITY;
	INSERT INTO t (i) VALUES ('1 year 2 months 3 days 4 hours 5 minutes 6.78 seconds'), ('0'), (NULL),
		('-1 years -2 months 3 days -04:05:06.789012'), ('178000000 years'), ('1.235 seconds'), ('-1.235 seconds'),
		('8.2 seconds'), ('0.000001 seconds'), ('-0.001 seconds'), ('1 month -1 day'), ('100000 hours'),
		('2147483647 days'), ('2147483647 hours'::interval + '414564141 hours'), ('3 days 00:00:01.235');
$$;
SELECT fill();
SELECT * FROM changes();
SELECT fill();
SELECT * FROM changes('interval.handling.mode', 'string');
SELECT fill();
SELECT * FROM changes('interval.handling.mode', 'string', 'time.precision.mode', 'structured');
SELECT * FROM changes('interval.handling.mode', 'iso');
DROP FUNCTION fill();
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
