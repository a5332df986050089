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
