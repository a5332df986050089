-- Inserts, updates, deletes: the whole event, times and positions masked.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE orders (order_id serial PRIMARY KEY, user_id int, name text);
ALTER TABLE orders REPLICA IDENTITY FULL;
INSERT INTO orders (user_id, name) VALUES (100, 'John Doe');
UPDATE orders SET name = 'John Smith' WHERE order_id = 1;
DELETE FROM orders WHERE order_id = 1;
BEGIN;
INSERT INTO orders (user_id, name) VALUES (101, 'rolled back');
ROLLBACK;
SELECT mask(data) FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'topic.prefix', 'p');

-- nanoseconds are microseconds, microseconds are milliseconds, and so on
SELECT data::json->'source'->>'ts_us' || '000' = data::json->'source'->>'ts_ns' AS ns,
	left(data::json->'source'->>'ts_us', -3) = data::json->'source'->>'ts_ms' AS ms,
	data::json->'source'->>'lsn' = (data::json->'source'->>'sequence')::json->>1 AS lsn,
	(data::json->'source'->>'sequence')::json->>0 IS NULL AS first
FROM pg_logical_slot_peek_changes('s', NULL, NULL);

-- the end of the last transaction before, also of another session
SELECT (data::json->'source'->>'sequence')::json->>0 AS last_commit
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'stream.last.commit.lsn', '0/2A') LIMIT 1;
DROP TABLE orders;
SELECT pg_drop_replication_slot('s');
