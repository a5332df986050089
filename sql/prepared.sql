-- A prepared transaction is decoded when it is committed, as any other.
SELECT current_setting('max_prepared_transactions')::int = 0 AS none_allowed \gset
\if :none_allowed
\quit
\endif
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE p (id int PRIMARY KEY);
BEGIN;
INSERT INTO p VALUES (1);
SELECT count(pg_logical_emit_message(true, 'prepared', ''));
SAVEPOINT a;
INSERT INTO p VALUES (2);
PREPARE TRANSACTION 'regress_kept';
BEGIN;
INSERT INTO p VALUES (3);
PREPARE TRANSACTION 'regress_dropped';
INSERT INTO p VALUES (4);
ROLLBACK PREPARED 'regress_dropped';
-- nothing of it yet
SELECT data::json->'after'->>'id' AS id FROM pg_logical_slot_peek_changes('s', NULL, NULL);
COMMIT PREPARED 'regress_kept';
INSERT INTO p VALUES (5);
SELECT data::json->'value'->>'status' AS status, data::json->'value'->>'event_count' AS events,
	data::json->'value'->>'op' AS op, data::json->'value'->'after'->>'id' AS id,
	dense_rank() OVER (ORDER BY xid::text::bigint) AS transaction,
	(data::json->'value'->'source'->>'txId')::bigint = xid::text::bigint AS own_xid
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'format', 'record', 'provide.transaction.metadata', 'true')
	WITH ORDINALITY AS c (lsn, xid, data, number)
ORDER BY number;
SELECT pg_drop_replication_slot('s');
DROP TABLE p;
