-- What the source block says beside positions and times.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY);
-- a replication origin, by its name at the time of the change
SELECT pg_replication_origin_create('regress_one') > 0, pg_replication_origin_create('regress_two') > 0;
SELECT pg_replication_origin_session_setup('regress_one');
INSERT INTO t VALUES (1);
BEGIN;
SELECT pg_replication_origin_xact_setup('0/ABCDEF', '2020-01-02 03:04:05Z');
INSERT INTO t VALUES (2);
COMMIT;
SELECT pg_replication_origin_session_reset();
-- a message outside of transactions goes by the transaction before it
SELECT count(pg_logical_emit_message(false, 'x', ''));
SELECT pg_replication_origin_session_setup('regress_two');
INSERT INTO t VALUES (3);
SELECT pg_replication_origin_session_reset();
INSERT INTO t VALUES (4);
SELECT count(pg_logical_emit_message(false, 'y', ''));
INSERT INTO t VALUES (5);
SELECT pg_replication_origin_drop('regress_two');
SELECT data::json->>'op' AS op, data::json->'after'->>'id' AS id,
	data::json->'source'->>'origin' AS origin, data::json->'source'->>'origin_lsn' AS origin_lsn,
	to_timestamp((data::json->'source'->>'ts_ms')::bigint / 1000) AT TIME ZONE 'UTC' = '2020-01-02 03:04:05' AS origin_time
FROM pg_logical_slot_peek_changes('s', NULL, NULL);
-- decoderbufs did not tell them; with them a BEGIN has no LSN
SELECT count(*) FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'plugin.name', 'decoderbufs')
WHERE data::json->'source'->>'origin' IS NOT NULL;
SELECT data::json->'value'->>'status' AS status, data::json->'value'->>'id' LIKE '%:0' AS no_lsn
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'format', 'record',
	'provide.transaction.metadata', 'true', 'table.include.list', 'none', 'message.prefix.include.list', 'none');
SELECT pg_replication_origin_drop('regress_one');

-- the slot's xmin, on demand
INSERT INTO t VALUES (6);
SELECT data::json->'source'->>'xmin' AS xmin FROM pg_logical_slot_peek_changes('s', NULL, NULL);
SELECT (data::json->'source'->>'xmin')::xid = catalog_xmin AS xmin
FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'xmin.fetch.interval.ms', '1'), pg_replication_slots
WHERE slot_name = 's';
SELECT count(*) FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'xmin.fetch.interval.ms', '-1');
SELECT count(*) FROM pg_logical_slot_peek_changes('s', NULL, NULL, 'xmin.fetch.interval.ms', '1s');
SELECT pg_drop_replication_slot('s');
DROP TABLE t;
