-- Other scalar types: oid, money, name, "char", xml.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE TABLE t (id int PRIMARY KEY, o oid, n name, c "char", x xml, bp bpchar, nn name NOT NULL, cn "char" NOT NULL, onn oid NOT NULL);
INSERT INTO t VALUES (1, 4294967295, 'a name', 'x', '<?xml version="1.0"?><a b="c">text</a>', 'bp ', '', '', 0),
	(2, NULL, NULL, NULL, NULL, NULL, 'n', 'c', 1);
INSERT INTO t (id, c, nn, cn, onn) VALUES (3, ((-1)::int)::"char", 'n', '"', 1);
DELETE FROM t WHERE id = 1;
SELECT * FROM changes();
DROP TABLE t;

-- domains are what they are made of, and can be NOT NULL themselves; their defaults do not count
CREATE DOMAIN dn AS int NOT NULL DEFAULT 1;
CREATE DOMAIN dn2 AS dn;
CREATE DOMAIN d62 AS numeric(6,2);
CREATE DOMAIN d3 AS timestamp(3);
CREATE DOMAIN db3 AS bit(3);
CREATE DOMAIN dc3 AS char(3);
CREATE TABLE t (id int PRIMARY KEY, a dn, a2 dn2, ad dn DEFAULT 7, n d62, ts d3, b db3, c dc3);
INSERT INTO t VALUES (1, 1, 2, 3, 1.5, '2020-01-01 01:02:03.456', B'101', 'c');
DELETE FROM t;
SELECT * FROM changes();
INSERT INTO t VALUES (1, 1, 2, 3, 1.5, '2020-01-01 01:02:03.456', B'101', 'c');
SELECT f->>'field' AS field, f->>'type' AS type, f->>'optional' AS optional, f->'parameters' AS parameters
FROM pg_logical_slot_get_changes('s', NULL, NULL, 'value.converter.schemas.enable', 'true',
	'value.converter', 'org.apache.kafka.connect.json.JsonConverter'),
	json_array_elements(data::json->'schema'->'fields'->0->'fields') f;
DROP TABLE t;
DROP DOMAIN dn2, dn, d62, d3, db3, dc3;

-- money does not depend on how lc_monetary writes it
CREATE TABLE t (id int PRIMARY KEY, m money, n money NOT NULL);
CREATE FUNCTION modes(digits text DEFAULT '2') RETURNS TABLE (mode text, "before" json, "after" json) LANGUAGE sql AS $$
	SELECT mode, data::json->'before', data::json->'after' FROM unnest('{precise,double,string}'::text[]) mode,
		LATERAL pg_logical_slot_peek_changes('s', NULL, NULL, 'decimal.handling.mode', mode, 'money.fraction.digits', digits) $$;
INSERT INTO t VALUES (1, '1234.11', '-0.05'), (2, '-92233720368547758.08', '92233720368547758.07'), (3, NULL, 0);
DELETE FROM t WHERE id = 1;
SELECT * FROM modes();
SELECT * FROM modes('0') WHERE mode = 'precise';
SELECT * FROM modes('1') WHERE mode = 'precise';
SELECT * FROM modes('4');
SELECT * FROM modes('20') WHERE mode = 'precise';
SELECT count(*) FROM changes();
SELECT * FROM changes('money.fraction.digits', '-1');
SELECT * FROM changes('money.fraction.digits', '101');
SELECT * FROM changes('money.fraction.digits', 'two');
DROP FUNCTION modes(text);
DROP TABLE t;
SELECT pg_drop_replication_slot('s');
