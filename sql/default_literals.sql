-- What Debezium reads from the expression of a default, in several modes; a
-- null shows the default of its column.
SET synchronous_commit = on;
SET timezone = 'UTC';
SELECT 'init' FROM pg_create_logical_replication_slot('s', 'decoder_debezium');
CREATE DOMAIN dbit AS varbit(9) DEFAULT B'1';
CREATE TABLE t (id int PRIMARY KEY,
	-- the ends of dates and times are those of Java
	dinf date DEFAULT 'infinity', dminf date DEFAULT '-infinity', dbc date DEFAULT '0044-03-15 BC',
	tsinf timestamp DEFAULT 'infinity', tsminf timestamp DEFAULT '-infinity', tsbc timestamp DEFAULT '0044-03-15 12:00 BC',
	ts3inf timestamp(3) DEFAULT 'infinity', tzinf timestamptz DEFAULT 'infinity', tzbc timestamptz DEFAULT '0044-03-15 12:00+00 BC',
	t24 time DEFAULT '24:00:00', tsbig timestamp DEFAULT '294276-12-31 23:59:59.999999', ts1500 timestamp DEFAULT '1500-01-01',
	-- digits are kept
	t3 time(3) DEFAULT '01:02:03.4567', tz0 timestamptz(0) DEFAULT '2020-01-02 03:04:05.678+00', ts0 timestamp(0) DEFAULT '2020-01-02 03:04:05.678',
	-- functions, and words that are
	tf time DEFAULT LOCALTIME, tf2 time DEFAULT LOCALTIME(2), tc time DEFAULT CURRENT_TIME,
	tsnow timestamp DEFAULT (now() AT TIME ZONE 'utc'), tsadd timestamp DEFAULT now() + '1 day'::interval, dadd date DEFAULT CURRENT_DATE + 1,
	vcur varchar(40) DEFAULT CURRENT_DATE, lf text DEFAULT lower('ABC'), bf bool DEFAULT (1 < 2), uf uuid DEFAULT md5('x')::uuid,
	jf json DEFAULT json_build_object('a', 1), xf xml DEFAULT xmlelement(name a), ivf interval DEFAULT make_interval(1),
	nf numeric(5,2) DEFAULT random(), nuf numeric DEFAULT random(),
	-- intervals
	iv1 interval DEFAULT '1 year 2 mons -3 days -04:05:06.789', iv2 interval DEFAULT '-1 day', iv3 interval DEFAULT '00:00:01.235',
	-- numbers
	n52 numeric(5,2) DEFAULT 3.14159, n52b numeric(5,2) DEFAULT 3.1400, nnan numeric DEFAULT 'NaN', f8 float8 DEFAULT 'NaN', f4 real DEFAULT '-Infinity',
	ineg int DEFAULT (-5), ibig int8 DEFAULT '-9223372036854775808', m money DEFAULT 1.5,
	-- text ends with a quote or a line
	q text DEFAULT 'it''s', nl text DEFAULT 'a
b', nl2 text DEFAULT 'a
b' || 'c', bs text DEFAULT 'a\b', lnl text DEFAULT lower('a
b'), pc text DEFAULT ('x' || 'y(z)'), usr text DEFAULT CURRENT_USER, c3 char(3) DEFAULT 'x', bp bpchar DEFAULT 'bp ',
	ch "char" DEFAULT 'x', nm name DEFAULT 'nm',
	-- bits
	b8one bit(8) DEFAULT '1'::bit(8), b8zero bit(8) DEFAULT '0'::bit(8), b8fn bit(8) DEFAULT 5::bit(8), b1 bit DEFAULT B'1', b1fn bit DEFAULT 1::bit,
	vb1 varbit(1) DEFAULT B'1', vb1e varbit(1) DEFAULT B'', vbfn varbit DEFAULT repeat('1', 3)::varbit, bd dbit,
	bnull bool DEFAULT NULL::bool);
DO $$ BEGIN
	EXECUTE (SELECT 'INSERT INTO t VALUES (1' || repeat(', NULL', count(*)::int - 1) || ')'
		FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0);
END $$;
CREATE FUNCTION defaults(VARIADIC options text[]) RETURNS TABLE (number bigint, name text, value json) LANGUAGE sql AS $$
	SELECT e.ordinality, e.key, e.value
	FROM pg_logical_slot_peek_changes('s', NULL, NULL, VARIADIC options), json_each(data::json->'after') WITH ORDINALITY e $$;
SELECT a.name, a.value, b.value AS iso_string, c.value AS connect_double, d.value AS nanoseconds
FROM defaults('time.precision.mode', 'adaptive') a
JOIN defaults('time.precision.mode', 'isostring', 'decimal.handling.mode', 'string', 'interval.handling.mode', 'string') b USING (number)
JOIN defaults('time.precision.mode', 'connect', 'decimal.handling.mode', 'double') c USING (number)
JOIN defaults('time.precision.mode', 'nanoseconds') d USING (number)
ORDER BY number;
-- structs have no defaults
SELECT name, value FROM defaults('time.precision.mode', 'structured') WHERE name IN ('dbc', 'tsbc', 'tzbc', 't3', 'iv1', 'n52b') ORDER BY number;
-- settings do not matter
SET datestyle = 'German';
SET intervalstyle = 'iso_8601';
SET timezone = 'Asia/Kolkata';
SET extra_float_digits = -5;
SELECT name, value FROM defaults('time.precision.mode', 'adaptive') WHERE name IN ('dbc', 'tsbc', 'tzbc', 'tz0', 't3', 'iv1', 'iv3') ORDER BY number;
RESET ALL;
DROP FUNCTION defaults;
DROP TABLE t;
DROP DOMAIN dbit;
SELECT pg_drop_replication_slot('s');
