-- debezium_options(): the list that the documentation is made from.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
SELECT name, default_value, valid_values FROM debezium_options() WHERE name IN ('config', 'format', 'topic.prefix', 'decimal.handling.mode') ORDER BY name;

-- each is described, and listed once
SELECT name AS not_described FROM debezium_options() WHERE description IS NULL OR valid_values IS NULL OR description LIKE '%.';
SELECT name AS twice FROM debezium_options() GROUP BY name HAVING count(*) > 1;

-- each takes its own default
CREATE FUNCTION try(name text, value text) RETURNS bigint LANGUAGE sql AS
	$$SELECT count(*) FROM pg_logical_slot_peek_changes('s', NULL, NULL, name, value)$$;
SELECT name AS refuses_its_default FROM debezium_options() WHERE default_value IS NOT NULL AND try(name, default_value) IS NULL;
DROP FUNCTION try(text, text);
SELECT pg_drop_replication_slot('s');
