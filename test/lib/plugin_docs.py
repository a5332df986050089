#!/usr/bin/python3
"""plugin_docs.py: brings docs/plugin.md up to date with what the plugin really does ("make docs").

A throw-away server runs the page: each block ```sql by psql and each block ```sh by bash, one after the other in one
database.  A block ```text right behind one shows its output, and is replaced by the output found.  Two tables between
marks <!-- NAME --> and <!-- end --> are made: "options" by debezium_options(), "types" from events of a table with a
column of each type.  A test asserts that nothing is left to be replaced."""
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from stack import TOP, Installation, Postgres

PAGE = TOP / "docs/plugin.md"

BLOCK = re.compile(r"^```(sql|sh)\n(.*?)^```\n(?:(\n```text\n)(.*?)(^```\n))?|^(<!-- (options|types) -->\n)(.*?)(^<!-- end -->\n)",
                   re.M | re.S)

# what the table of types shows: a type, and a value of it
TYPES = """
boolean                   true
smallint                  7
integer                   7
bigint                    7
oid                       7
real                      1.5
double precision          1.5
numeric(8,2)              12.34
numeric                   12.34
money                     12.34
text                      añb
varchar(10)               abc
char(4)                   abc
name                      abc
citext                    Abc
uuid                      6ecd8c99-4036-403d-bf84-cf8400f67836
json                      {"a": 1}
jsonb                     {"a": 1}
xml                       <a/>
bytea                     \\x0102ff
bit(1)                    1
bit(10)                   1000000001
bit varying(10)           101
date                      2026-01-02
time(3)                   03:04:05.678
time                      03:04:05.678901
time with time zone       03:04:05+02
timestamp(3)              2026-01-02 03:04:05.678
timestamp                 2026-01-02 03:04:05.678901
timestamp with time zone  2026-01-02 03:04:05.678901+02
interval                  1 mon 2 days 00:00:03
hstore                    a=>1, b=>NULL
ltree                     a.b
inet                      10.0.0.1/24
cidr                      10.0.0.0/24
macaddr                   08:00:2b:01:02:03
macaddr8                  08:00:2b:01:02:03:04:05
int4range                 [1,5)
int8range                 [1,5)
numrange                  [1,2.5)
daterange                 [2026-01-01,2026-02-01)
tsrange                   [2026-01-01,2026-02-01)
tstzrange                 [2026-01-01 00:00+00,2026-02-01 00:00+00)
int4multirange            {[1,5),[7,9)}
tsvector                  'cat':2 'fat':1
tsquery                   'cat' & 'fat'
point                     (1,2)
box                       (3,4),(1,2)
line                      {1,2,3}
lseg                      [(1,2),(3,4)]
path                      [(1,2),(3,4)]
polygon                   ((0,0),(1,0),(1,1))
circle                    <(1,2),3>
pg_lsn                    0/16B3748
mood                      glad
posint                    7
pair                      (1,x)
integer[]                 {1,NULL,3}
numeric(8,2)[]            {1.00,2.50}
text[]                    {a,NULL,c}
date[]                    {2026-01-02}
timestamptz[]             {2026-01-02 03:04:05.678901+02}
uuid[]                    {6ecd8c99-4036-403d-bf84-cf8400f67836}
jsonb[]                   {"{\\"a\\": 1}"}
mood[]                    {glad}
"""

# in this database
DEFINITIONS = """
CREATE EXTENSION decoder_debezium;
CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE EXTENSION ltree;
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE DOMAIN posint AS integer CHECK (VALUE > 0);
CREATE TYPE pair AS (a integer, b text);
"""
EXPLAINED = {"mood": "enum `mood`", "posint": "domain over `integer`", "pair": "composite type", "mood[]": "array of an enum"}

# options whose values change the form of a type
MODES = ["decimal.handling.mode", "time.precision.mode", "interval.handling.mode", "binary.handling.mode", "hstore.handling.mode",
         "include.unknown.datatypes"]


def cell(text):
    return text.replace("|", "\\|")


def code(text):
    return f"`{cell(text)}`" if text else ""


def table(heads, rows):
    return "".join(f"| {' | '.join(row)} |\n" for row in [heads, ["---"] * len(heads), *rows])


class Server:
    """A server for the page: a database where its sessions happen, another one for the types."""

    def __init__(self, installation, base):
        self.postgres = Postgres(installation, base, "docs", ["timezone = 'UTC'", "datestyle = 'ISO'"])
        self.bin = installation.bin
        self.environment = {**{k: v for k, v in os.environ.items() if not k.startswith("PG")}, "PGHOST": str(self.postgres.sockets),
                            "PGPORT": str(self.postgres.port), "PGUSER": "postgres", "PGDATABASE": "sourcedb",
                            "PGOPTIONS": "-c synchronous_commit=on", "PATH": f"{self.bin}:{os.environ['PATH']}"}
        for database in ("sourcedb", "types"):
            self.postgres.database(database, "postgres")
        self.postgres.sql(DEFINITIONS, "types")

    def run(self, kind, text):
        """The output of a block; a failure of it is an error."""
        command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-P", "footer=off"] if kind == "sql" else ["bash", "-e", "-o", "pipefail"]
        done = subprocess.run(command, input=text, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"a block of {PAGE.name} failed:\n{text}\n{done.stderr}")
        return "".join(line.rstrip() + "\n" for line in done.stdout.strip("\n").splitlines())

    def options(self):
        return self.postgres.sql("SELECT * FROM debezium_options()", "types")

    def options_table(self):
        rows = [[code(name), code(default), cell(valid), cell(description)] for name, default, valid, description in self.options()]
        return table(["option", "default", "values", "meaning"], rows)

    def types_table(self):
        types = [tuple(part.strip() for part in line.split("  ", 1)) for line in TYPES.strip().splitlines()]
        columns = ", ".join(f"c{i} {name}" for i, (name, _) in enumerate(types))
        sql = self.postgres.sql
        sql(f"CREATE TABLE t (id integer PRIMARY KEY, {columns})", "types")
        sql("SELECT pg_create_logical_replication_slot('types', 'decoder_debezium')", "types")
        sql(f"INSERT INTO t VALUES (1{', %s' * len(types)})", "types", args=[value for _, value in types])

        def fields(*options):
            """{column: (schema, value as JSON)} of the row as an event shows it."""
            (data,), = sql("SELECT data FROM pg_logical_slot_peek_changes('types', NULL, NULL, VARIADIC %s)", "types", args=([
                "value.converter", "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable", "true",
                *options],))
            event = json.loads(data, parse_float=str)
            after, = [f for f in event["schema"]["fields"] if f["field"] == "after"]
            row = re.search(r'"after":(\{"id":1.*?\}),"source":\{"version"', data, re.S)[1]
            return {f["field"]: (f, text_of(row, f["field"], event["payload"]["after"])) for f in after["fields"]}

        plain = fields("topic.prefix", "p")
        found = {(option, value): fields("topic.prefix", "p", option, value)
                 for option, _, values, _ in self.options() if option in MODES for value in values.split(", ")}
        rows = []
        for number, (name, value) in enumerate(types):
            column = f"c{number}"
            shown = [code(name) if name not in EXPLAINED else EXPLAINED[name], code(value)]
            rows.append([*shown, "", *described(plain.get(column))])
            others = {}
            for mode, columns in found.items():
                if described(columns.get(column)) != rows[-1][3:]:
                    others.setdefault((mode[0], *described(columns.get(column))), []).append(mode[1])
            for (option, *form), values in others.items():
                rows.append(["", "", f"`{option}` {', '.join(code(v) for v in values)}", *form])
        return table(["type", "value", "option", "Connect type", "semantic name", "in JSON"], rows)

    def render(self, text):
        """The page as it must be."""
        def block(match):
            kind, source, opening, _, closing, mark, name, _, end = match.groups()
            if mark:
                return mark + (self.options_table() if name == "options" else self.types_table()) + end
            output = self.run(kind, source)
            return f"```{kind}\n{source}```\n" + (opening + output + closing if opening else "")
        return BLOCK.sub(block, text)


def text_of(row, field, parsed):
    """The JSON text of a field, as it stands in the event (a parser would change numbers)."""
    start = row.index(f'"{field}":') + len(field) + 3
    decoder = json.JSONDecoder()
    _, end = decoder.raw_decode(row, start)
    assert field in parsed
    return row[start:end]


def connect_type(schema):
    if schema["type"] == "array":
        return "array of " + connect_type(schema["items"])
    if schema["type"] == "map":
        return f"map of {connect_type(schema['keys'])} to {connect_type(schema['values'])}"
    return schema["type"]


def described(field):
    """Connect type, semantic name and value of a column; of one without a field, that it is left out."""
    if field is None:
        return ["", "", "left out"]
    schema, value = field
    inner = schema["items"] if schema["type"] == "array" else schema
    parameters = ", ".join(f"{k} {v}" for k, v in inner.get("parameters", {}).items())
    name = inner.get("name", "")
    return [connect_type(schema), code(name) + (f" ({cell(parameters)})" if parameters else ""), code(value)]


def main():
    with tempfile.TemporaryDirectory(prefix="decoder_debezium_docs.") as directory:
        base = Path(directory)
        base.chmod(0o755)
        server = Server(Installation(base / "install"), base)
        try:
            PAGE.write_text(server.render(PAGE.read_text()))
        finally:
            server.postgres.stop()


if __name__ == "__main__":
    main()
