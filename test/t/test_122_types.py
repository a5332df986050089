"""Every type that Debezium captures, with its bounds, in every mode of the connector: what arrives in the target is the source's
value, or what the mode leaves of it."""
import stack

SETUP = """
CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree;
CREATE TYPE mood AS ENUM ('sad', 'so "so"', 'glad'); CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN price AS numeric(12,3); CREATE DOMAIN days AS date; CREATE DOMAIN short AS varchar(20)"""

TEXTS = ["''", "'naïve € 😀'", r"""E'quote \' " back \\ slash \n\t\u0001 {a,b} $1'""", "repeat('x', 5000)"]

# name, type, values, type in a script that declares types; without one the type is STRING in all scripts
COLUMNS = [
    ("bo", "boolean", ["true", "false"], "BOOLEAN"),
    ("i2", "smallint", ["-32768", "32767", "0"], "SMALLINT"),
    ("i4", "integer", ["-2147483648", "2147483647"], "INT"),
    ("i8", "bigint", ["-9223372036854775808", "9223372036854775807"], "BIGINT"),
    ("oi", "oid", ["0", "4294967295"], "BIGINT"),
    ("f4", "real", ["3.4028235e38", "-1.1754944e-38", "'NaN'", "'Infinity'", "'-Infinity'", "0.1", "1e-45"], "FLOAT"),
    ("f8", "double precision", ["1.7976931348623157e308", "5e-324", "'NaN'", "'Infinity'", "'-Infinity'", "-0.1", "1e15"], "DOUBLE"),
    ("n2", "numeric(12,2)", ["9999999999.99", "-9999999999.99", "0", "-0.01", "12.34", "'NaN'"], "DECIMAL(12, 2)"),
    ("n0", "numeric(5,0)", ["99999", "-128", "0"], "DECIMAL(5, 0)"),
    ("nl", "numeric(80,30)", ["-12345678901234567890123456789012345678901234567890.123456789012345678901234567891", "1e-30", "'NaN'"], None),
    ("nv", "numeric", ["12345678901234567890.12345", "-1e-20", "1e30", "'NaN'", "'Infinity'", "'-Infinity'", "100"], None),
    ("mo", "money", ["-92233720368547758.08", "92233720368547758.07", "12.34"], None),
    ("mc", "money", ["-1234567.89", "0.01"], None),
    ("te", "text", TEXTS, "STRING"),
    ("vc", "varchar(5000)", TEXTS, "VARCHAR(5000)"),
    ("ch", "char(4)", ["''", "'ab'", "'añb€'"], "CHAR(4)"),
    ("na", "name", ["'a name'"], None),
    ("qc", '"char"', ["'x'"], None),
    ("ci", "citext", ["'AbC'"], None),
    ("by", "bytea", [r"'\x'", r"'\x00'", r"'\x0102fffe3e3f'", r"decode(repeat('fbff', 3000), 'hex')"], "BYTES"),
    ("b1", "bit(1)", ["B'1'", "B'0'"], "BOOLEAN"),
    ("bt", "bit(10)", ["B'1000000001'", "B'0000000000'", "B'0000000011'"], None),
    ("bl", "bit(64)", ["B'1' || repeat('0', 63)::varbit", "repeat('1', 64)::bit(64)"], None),
    ("v1", "varbit(1)", ["B'1'"], "BOOLEAN"),
    ("da", "date", ["'0001-01-01'", "'4713-01-01 BC'", "'5874897-12-31'", "'infinity'", "'-infinity'", "'1969-12-31'"], "DATE"),
    ("t0", "time(0)", ["'00:00'", "'23:59:59'", "'24:00'"], "TIME(0)"),
    ("t3", "time(3)", ["'13:51:30.123'"], "TIME(3)"),
    ("t6", "time", ["'13:51:30.123456'", "'00:00'", "'24:00'"], "TIME(6)"),
    ("tz", "timetz", ["'13:51:30.123789+02'", "'00:00-12'"], None),
    ("s0", "timestamp(0)", ["'2018-06-20 15:13:16'", "'infinity'", "'-infinity'", "'0044-03-15 01:02:03 BC'"], "TIMESTAMP(0)"),
    ("s3", "timestamp(3)", ["'2018-06-20 15:13:16.945'", "'1969-12-31 23:59:59.999'", "'infinity'"], "TIMESTAMP(3)"),
    ("s6", "timestamp", ["'2018-06-20 15:13:16.945104'", "'infinity'", "'-infinity'", "'0001-01-01'", "'12018-06-20 15:13:16.9'"], "TIMESTAMP(6)"),
    ("z6", "timestamptz", ["'2016-11-04 13:51:30.123456+02'", "'infinity'", "'-infinity'", "'21016-11-04 06:51:30Z'", "'4713-02-03 00:00Z BC'",
                           "'0001-12-31 23:00Z BC'"], "TIMESTAMP_LTZ(6)"),
    ("z0", "timestamptz(0)", ["'2016-11-04 13:51:30+02'"], "TIMESTAMP_LTZ(0)"),
    ("iv", "interval", ["'1 day 02:03:04.5'", "'-5 hours'", "'0'", "'1 year 2 months 3 days'", "'-7 months 1 day -00:00:00.25'"], None),
    ("uu", "uuid", ["'6ecd8c99-4036-403d-bf84-cf8400f67836'"], "STRING"),
    ("js", "json", ["""'{"a" : [1, 2.50, null], "a": "é\\u00e9"}'""", "'null'", "'12345678901234567890.10'"], None),
    ("jb", "jsonb", ["""'{"a": [1, 2.50, null], "b": "\\"é"}'""", "'null'", "'[]'"], None),
    ("xm", "xml", ["'<a b=\"c\">é</a>'", "'text'"], None),
    ("ne", "inet", ["'192.168.2.1/24'", "'::1'"], None),
    ("cd", "cidr", ["'10.0.0.0/8'"], None),
    ("ma", "macaddr", ["'08:00:2b:01:02:03'"], None),
    ("m8", "macaddr8", ["'08:00:2b:01:02:03:04:05'"], None),
    ("r4", "int4range", ["'[1,5)'", "'empty'", "'(,)'"], None),
    ("r8", "int8range", ["'[-9223372036854775808,9223372036854775807)'"], None),
    ("rn", "numrange", ["'(1.50,2.5]'"], None),
    ("rd", "daterange", ["'[2026-01-01,infinity]'"], None),
    ("rs", "tsrange", ["'[2026-01-01 01:02:03.4,2026-02-01)'"], None),
    ("rz", "tstzrange", ["'[2026-01-01 00:00+02,)'"], None),
    ("en", "mood", ["'so \"so\"'", "'glad'"], "STRING"),
    ("hs", "hstore", [r"""hstore(ARRAY['a', 'b "q\', '', 'd'], ARRAY['1', NULL, '{x}', 'é "\'])""", "''"], None),
    ("po", "point", ["'(1.5,-2)'", "'(NaN,Infinity)'", "'(1e-300,1e300)'"], None),
    ("lt", "ltree", ["'Top.Science'"], None),
    ("ts", "tsvector", ["to_tsvector('english', 'a fat ''cat'' sat')"], None),
    ("dp", "price", ["123.456", "-1"], "DECIMAL(12, 3)"),
    ("dd", "days", ["'2026-01-02'"], "DATE"),
    ("ds", "short", ["'abc'"], "STRING"),
    ("ai", "int[]", ["'{1,NULL,-3}'", "'{}'", "'{NULL}'"], "ARRAY<INT>"),
    ("al", "bigint[]", ["'{9223372036854775807}'"], "ARRAY<BIGINT>"),
    ("ab", "boolean[]", ["'{t,f,NULL}'"], "ARRAY<BOOLEAN>"),
    ("af", "float8[]", ["'{NaN,Infinity,-Infinity,0.1}'"], "ARRAY<DOUBLE>"),
    ("an", "numeric(8,2)[]", ["'{1.00,NULL,-2.50}'"], "ARRAY<DECIMAL(8, 2)>"),
    ("at", "text[]", [r"""ARRAY['a', NULL, '', 'NULL', 'q"u\o', '{x,y}', ' s ', 'é€😀']""", "'{}'"], "ARRAY<STRING>"),
    ("ad", "date[]", ["'{2026-01-02,NULL}'"], "ARRAY<DATE>"),
    ("as6", "timestamp[]", ["'{2018-06-20 15:13:16.945104,NULL}'"], "ARRAY<TIMESTAMP(6)>"),
    ("az", "timestamptz[]", ["'{2026-01-02 03:04:05.678901+02}'"], "ARRAY<TIMESTAMP_LTZ(6)>"),
    ("ay", "bytea[]", [r"""ARRAY['\x0102ff'::bytea, NULL, '\x']"""], "ARRAY<BYTES>"),
    ("au", "uuid[]", ["'{6ecd8c99-4036-403d-bf84-cf8400f67836}'"], "ARRAY<STRING>"),
    ("aj", "jsonb[]", ["""ARRAY['{"a": "b\\"c"}'::jsonb, NULL, '1']"""], "ARRAY<STRING>"),
    ("ae", "mood[]", ["ARRAY['so \"so\"', 'sad']::mood[]"], "ARRAY<STRING>"),
    ("an4", "inet[]", ["'{10.0.0.1/24}'"], "ARRAY<STRING>"),
    ("ah", "hstore[]", ["ARRAY['a=>1'::hstore, 'b=>NULL']"], "ARRAY<STRING>"),
    ("ar", "int4range[]", ["ARRAY['[1,5)'::int4range]"], "ARRAY<STRING>")]

# types that Debezium does not know, with include.unknown.datatypes: their text as bytes
UNKNOWN = [("bx", "box", ["'(3,4),(1,2)'"]), ("li", "line", ["'{1,2,3}'"]), ("ls", "lseg", ["'[(1,2),(3,4)]'"]),
           ("pa", "path", ["'((1,2),(3,4))'"]), ("pg", "polygon", ["'((0,0),(1,0),(1,1))'"]), ("cr", "circle", ["'<(1,2),3>'"]),
           ("tq", "tsquery", ["'fat & cat'"]), ("pl", "pg_lsn", ["'0/16B3748'"]), ("co", "pair", ["'(1,\"x y\")'"]),
           ("mr", "int4multirange", ["'{[1,5),[7,9)}'"])]
COLUMNS += [(name, kind, values, "BYTES") for name, kind, values in UNKNOWN]

UNWRAP = {"transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState"}
SCHEMAS = {f"{part}.converter{more}": value for part in ("key", "value") for more, value in
           (("", "org.apache.kafka.connect.json.JsonConverter"), (".schemas.enable", "true"))}

# name, properties of the connector, do scripts declare types, format, how a column is read
MODES = [
    ("defaults", {}, False, "debezium-json", "{}"),
    ("schemas", SCHEMAS, False, "debezium-json", "{}"),
    ("texts", {"decimal.handling.mode": "string", "time.precision.mode": "adaptive_time_microseconds", "binary.handling.mode": "hex",
               "hstore.handling.mode": "map", "interval.handling.mode": "string"}, True, "json", "`after`.{}"),
    ("doubles", {"decimal.handling.mode": "double", "time.precision.mode": "connect", "binary.handling.mode": "base64", **UNWRAP},
     False, "json", "{}"),
    ("schemas_json", {**SCHEMAS, "time.precision.mode": "microseconds", "binary.handling.mode": "base64-url-safe"}, True, "json", "`after`.{}"),
    ("nanoseconds", {"decimal.handling.mode": "string", "time.precision.mode": "nanoseconds", "interval.handling.mode": "string"},
     False, "debezium-json", "{}"),
    ("typed", {"decimal.handling.mode": "precise"}, True, "debezium-json", "{}"),
    ("isostring", {"time.precision.mode": "isostring"}, True, "debezium-json", "{}"),
    ("evaluated", {"time.precision.mode": "isostring", "decimal.handling.mode": "precise"}, False, "debezium-json", "{}")]


def columns(mode):
    """Those that the mode can hold at all."""
    config = next(m[1] for m in MODES if m[0] == mode)
    skipped = set()
    if config.get("time.precision.mode") == "nanoseconds":      # 1677 to 2262
        skipped = {"s0", "s6"}
    if config.get("decimal.handling.mode") == "double":         # rounded, the bounds are beyond them
        skipped = {"mo"}
    return [c for c in COLUMNS if c[0] not in skipped]


def create(mode):
    return f"CREATE TABLE {mode} (id int PRIMARY KEY, " + ", ".join(f"{c[0]} {c[1]}" for c in columns(mode)) + ")"


def fill(mode, first):
    names = ["id"] + [c[0] for c in columns(mode)]
    rows = []
    for number in range(max(len(c[2]) for c in COLUMNS)):
        values = [c[2][number] if number < len(c[2]) else "NULL" for c in columns(mode)]
        casts = [f"({v})::{c[1]}" for v, c in zip(values, columns(mode))]
        rows.append(f"({first + number}, {', '.join(casts)})")
    return f"INSERT INTO {mode} ({', '.join(names)}) VALUES {', '.join(rows)}"


def comparable(mode, target):
    """Expressions over a table's columns that must be equal in source and target."""
    config = next(m[1] for m in MODES if m[0] == mode)
    expressions = []
    for name, kind, _, _ in columns(mode):
        text = f"{name}::text"
        if kind == "numeric":
            text = f"trim_scale({name})::text"                  # the unscaled number has no zeros at its end
        if config.get("decimal.handling.mode") == "double" and kind in ("numeric", "numeric(12,2)", "numeric(80,30)", "money"):
            text = f"{name}::numeric::float8::text"
        elif kind == "timetz":
            text = f"({name} AT TIME ZONE 'UTC')::text"         # the zone is not in the event
        elif kind.startswith("time(") or kind == "time" and config.get("time.precision.mode") == "isostring":
            text = f"CASE {name} WHEN '24:00' THEN '00:00:00' ELSE {name}::text END"        # as Debezium writes it
        elif kind in ("time", "timestamp", "timestamp[]") and config.get("time.precision.mode") == "connect" and not target:
            if kind == "time":
                text = f"{name}::time(0)::text" if name == "t0" else f"(CASE WHEN {name} = '24:00' THEN {name} ELSE date_trunc('ms', {name})::time END)::text"
            elif kind == "timestamp":
                text = f"date_trunc('ms', {name})::text"
            else:
                text = f"(SELECT array_agg(date_trunc('ms', e)) FROM unnest({name}) e)::text"
        elif kind == "interval" and config.get("interval.handling.mode") != "string":
            months = f"(extract(year FROM {name}) * 12 + extract(month FROM {name}))"
            text = f"({months} * 30.4375 * 86400 + extract(epoch FROM {name} - make_interval(months => {months}::int)))::numeric(30,6)::text"
        expressions.append(f"{text} AS {name}")
    return f"SELECT id, {', '.join(expressions)} FROM {mode} ORDER BY id"


def script(pipeline, mode, config, typed, form, column):
    unknown = {c[0] for c in UNKNOWN}
    flink = {c[0]: c[3] if c[3] and (typed or c[0] in unknown) else "STRING" for c in columns(mode)}
    names = ["id"] + list(flink)
    declared = "id INT, " + ", ".join(f"{name} {kind}" for name, kind in flink.items())
    key = ", PRIMARY KEY (id) NOT ENFORCED"
    options = [f"'{name}' = '{value}'" for name, value in config.items() if name.endswith((".mode", ".digits"))]
    if "value.converter.schemas.enable" in config:
        options.append(f"'{form}.schema-include' = 'true'")
    elif "decimal.handling.mode" not in config:
        options.append("'decimal.handling.mode' = 'precise'")
    source = declared + key
    if column != "{}":
        source = f"`after` ROW<{declared}>, op STRING"
    setting = "SET 'applier.evaluate' = 'server';" if mode == "evaluated" else ""
    return f"""{setting}
        CREATE TABLE s ({source}) WITH ('connector' = 'kafka', 'topic' = '{pipeline.name}_{mode}.public.{mode}',
            'properties.bootstrap.servers' = '{pipeline.broker.bootstrap}', 'properties.group.id' = '{pipeline.name}-{mode}',
            'scan.startup.mode' = 'earliest-offset', 'format' = '{form}', {', '.join(options)});
        CREATE TABLE k ({declared}{key}) WITH ('connector' = 'jdbc', 'table-name' = '{mode}', 'username' = 'destuser',
            'url' = 'jdbc:postgresql://127.0.0.1:{pipeline.dest.port}/{pipeline.target}', 'password' = 'destuser');
        INSERT INTO k SELECT {', '.join(column.format(n) for n in names)} FROM s"""


def test_types(pipeline, source, dest):
    for server, database, user in ((source, pipeline.database, "sourceuser"), (dest, pipeline.target, "destuser")):
        server.sql(SETUP, database, user)
        for mode in MODES:
            server.sql(create(mode[0]), database, user)
    connectors = []
    for mode, config, *_ in MODES:
        source.sql(fill(mode, 1), pipeline.database, "sourceuser")
        name = f"{pipeline.name}_{mode}"
        connectors.append((name, {**pipeline.config(topic_prefix=name, slot_name=name, table_include_list=f"public.{mode}"),
                                  "include.unknown.datatypes": "true", "decimal.special.values": "text", **config}))
    pipeline.bridge.start(*connectors)
    for (name, _), (mode, *_) in zip(connectors, MODES):
        pipeline.connector = pipeline.slot = name
        pipeline.wait_streaming()
        source.sql(fill(mode, 101), pipeline.database, "sourceuser")
    pipeline.applier.start(*[script(pipeline, *mode) for mode in MODES])

    for mode, *_ in MODES:
        expected = source.sql(comparable(mode, False), pipeline.database)

        def arrived():
            pipeline.applier.check_running()
            return dest.one(f"SELECT count(*) FROM {mode}", pipeline.target) == len(expected) or \
                [j for j in pipeline.applier.jobs() if j["state"] == "FAILED"]
        stack.wait_until(f"rows of {mode}", arrived)
        found = dest.sql(comparable(mode, True), pipeline.target)
        names = [c[0] for c in columns(mode)]
        differences = [(mode, row[0], name, there, wanted) for row, source_row in zip(found, expected)
                       for name, there, wanted in zip(names, row[1:], source_row[1:]) if there != wanted]
        assert not differences, differences
        assert len(found) == len(expected)
