-- bytea in every binary.handling.mode, and bit strings.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, b bytea, n bytea NOT NULL);
ALTER TABLE t ALTER b SET STORAGE EXTERNAL;
INSERT INTO t VALUES (1, '\x010203', ''), (2, '\xfbefbeff', '\xff'), (3, NULL, '\x00');
CREATE FUNCTION modes() RETURNS TABLE (mode text, event json) LANGUAGE sql AS $$
	SELECT mode, json_build_array(data::json->'before', data::json->'after')
	FROM unnest('{bytes,base64,base64-url-safe,hex}'::text[]) mode,
		LATERAL pg_logical_slot_peek_changes('s', NULL, NULL, 'binary.handling.mode', mode,
			'unavailable.value.placeholder', 'hex:fbff41') $$;
SELECT * FROM modes();
SELECT count(*) FROM changes();
DELETE FROM t WHERE id = 1;
SELECT * FROM modes();
UPDATE t SET b = decode(repeat('01', 3000), 'hex') WHERE id = 2;
SELECT count(*) FROM changes();
UPDATE t SET n = '\x02' WHERE id = 2;
SELECT * FROM modes();
SELECT count(*) FROM changes();
SELECT * FROM changes('binary.handling.mode', 'octal');
DROP FUNCTION modes();
DROP TABLE t;

-- a bit string is a number with its last bit the lowest, in as few bytes as it needs, the lowest first
CREATE TABLE t (id int PRIMARY KEY, b bit, b2 bit(2), b7 bit(7), b24 bit(24), b64 bit(64), vb1 varbit(1), vb varbit, n bit(3) NOT NULL, n1 bit NOT NULL);
INSERT INTO t VALUES
	(1, B'1', B'11', B'1000000', B'000000110000001000000001', B'1'::bit(64), B'1', B'111011010001000110000001000000001', B'101', B'1'),
	(2, B'0', B'00', B'0000000', B'100000000000000000000000', repeat('1', 64)::bit(64), B'0', B'', B'000', B'0');
DELETE FROM t WHERE id = 1;
SELECT * FROM changes();
-- of bits without a number of them, any counts; none at all is neither true nor false
UPDATE t SET vb1 = B'';
SELECT * FROM changes();
DROP TABLE t;
CREATE TABLE t AS SELECT 1 AS id, B'101' AS b, B'000' AS c;
SELECT * FROM changes();
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
