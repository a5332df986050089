-- Defaults in place of nulls, and what fills NOT NULL columns.
SET synchronous_commit = on;
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE SEQUENCE sq;
CREATE DOMAIN dint AS int DEFAULT 11;
CREATE TABLE t (id int PRIMARY KEY, i2 smallint DEFAULT 5, i8 bigint DEFAULT 9000000000,
	expr int DEFAULT 1 + 2, r real DEFAULT 1.5, f float8 DEFAULT 2.5e10, n numeric(7,3) DEFAULT 3.25,
	neg numeric(5,2) DEFAULT -1.5, nu numeric DEFAULT 4.125, b bool DEFAULT true,
	t text DEFAULT 'it''s', te text DEFAULT '', v varchar(9) DEFAULT 'vc', c char(3) DEFAULT 'c',
	ba bytea DEFAULT '\x01', d date DEFAULT '2020-01-02', dc date DEFAULT CURRENT_DATE, tm time DEFAULT '01:02:03.5',
	ts timestamp DEFAULT '2020-01-02 03:04:05.678', ts3 timestamp(3) DEFAULT '2020-01-02 03:04:05.678',
	tsn timestamp DEFAULT now(), bc timestamp DEFAULT '0044-03-15 12:00 BC', inf timestamp DEFAULT 'infinity',
	tz timestamptz DEFAULT '2020-01-02 03:04:05+02', tz0 timestamptz(0) DEFAULT CURRENT_TIMESTAMP,
	u uuid DEFAULT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', ug uuid DEFAULT gen_random_uuid(),
	j json DEFAULT '{"a": 1}', jb jsonb DEFAULT '{}', jf jsonb DEFAULT jsonb_build_object(),
	dom dint DEFAULT 3, nul int DEFAULT NULL, fn text DEFAULT lower('ABC'), cat text DEFAULT 'a' || 'b',
	usr text DEFAULT CURRENT_USER, junk date DEFAULT ('2020-' || '01-01')::date, sq int DEFAULT nextval('sq'));
-- the text of a default must not depend on settings
SET datestyle = 'SQL, DMY';
DO $$ BEGIN EXECUTE 'INSERT INTO t VALUES (1' || repeat(', NULL', 36) || ')'; END $$;
SELECT * FROM changes();
DO $$ BEGIN EXECUTE 'INSERT INTO t VALUES (2' || repeat(', NULL', 36) || ')'; END $$;
SELECT * FROM changes('value.converter.replace.null.with.default', 'false');
RESET datestyle;
DROP TABLE t;

CREATE TABLE t (id int PRIMARY KEY, i int NOT NULL, s serial, f float8 NOT NULL, n numeric(7,3) NOT NULL, nu numeric NOT NULL,
	b bool NOT NULL, t text NOT NULL, ba bytea NOT NULL, d date NOT NULL, tm time NOT NULL, ts timestamp NOT NULL,
	tz timestamptz(3) NOT NULL, u uuid NOT NULL, j json NOT NULL, w text NOT NULL DEFAULT 'w');
INSERT INTO t VALUES (1, 2, 3, 4, 5, 6, true, '', '', '2020-01-01', '01:00', '2020-01-01', '2020-01-01', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{}');
DELETE FROM t;
SELECT * FROM changes();
INSERT INTO t VALUES (1, 2, 3, 4, 5, 6, true, '', '', '2020-01-01', '01:00', '2020-01-01', '2020-01-01', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{}');
DELETE FROM t;
SELECT * FROM changes('decimal.handling.mode', 'string') OFFSET 1;
-- a default that changes counts from then on
ALTER TABLE t ALTER w SET DEFAULT 'x';
INSERT INTO t VALUES (2, 2, 3, 4, 5, 6, true, '', '', '2020-01-01', '01:00', '2020-01-01', '2020-01-01', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{}');
DELETE FROM t;
SELECT substring(c from '"w":"."') FROM changes() c;
DROP TABLE t;
DROP DOMAIN dint;
DROP SEQUENCE sq;
SELECT pg_drop_replication_slot('s');
