"""Compares what the applier makes of expressions with what Flink answered: see test/flink/README.md.

The values are compared row by row, the types as far as the target can tell them apart.

	flink.py CONNINFO [REGEX]	prints what differs, of a server whose character type is of UTF-8
	flink.py page			writes docs/flink-functions.md
"""
import decimal
import json
import math
import re
import struct
import subprocess
import sys
from pathlib import Path

import psycopg2

TOP = Path(__file__).resolve().parents[2]
FLINK = TOP / "test/flink"
sys.path.insert(0, str(FLINK))
from record import expressions, question, recorded      # noqa: E402

PAGE = TOP / "docs/flink-functions.md"

BATCH = 60                      # expressions in one query


def inputs():
    return json.loads((FLINK / "inputs.json").read_text())


# ------------------------------------------------ ours

def carried(value, kind):
    """A value of the inputs as the applier sends it to the target."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if kind.startswith("ARRAY"):
        def element(e):
            return "NULL" if e is None else '"%s"' % str(e).replace("\\", "\\\\").replace('"', '\\"')
        return "{" + ",".join(element(e) for e in value) + "}"
    if kind.startswith("MAP"):
        return json.dumps(value)
    return str(value)


def columns(table):
    """{field: its values} with the fields of ROWs by their dotted names."""
    fields = {}
    for number, (name, kind) in enumerate(table["columns"]):
        values = [row[number] for row in table["rows"]]
        if kind.startswith("ROW<"):
            fields[name] = [value is not None for value in values]
            for place, field in enumerate(re.findall(r"(\w+) \w+", kind[4:])):
                fields[f"{name}.{field}"] = [value and value[place] for value in values]
        else:
            fields[name] = [carried(value, kind) for value in values]
    return fields


def rewritten(table, questions):
    """What the applier says to each expression: its words, split."""
    definition = ", ".join(f"`{name}` {kind}" for name, kind in table["columns"])
    output = subprocess.run([TOP / "test/unit/rewrite", definition], input="".join(q + "\n" for q in questions),
                            stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True).stdout
    answers = [line.split("\t") for line in output.split("\n")[:-1]]
    assert len(answers) == len(questions)
    return answers


def query(answer, fields):
    """The query of an answer, with its arrays."""
    names = answer[2].split(",") if answer[2] else []
    body, _, rest = answer[1].rpartition(" FROM unnest(")
    shown = "pg_catalog.to_jsonb(q.x)" if re.match("ARRAY|MAP|ROW", answer[0]) else "q.x::text"
    arrays = tuple(fields[name] for name in names)
    text = body.replace("%", "%%") + " FROM unnest(" + rest
    if not arrays:
        text = text.replace("unnest()", "generate_series(1, %d)" % len(fields["id"])).replace(' AS s("?number")', ' AS s(x, "?number")')
    return f"SELECT {shown} FROM ({text}) AS q", arrays


def evaluate(cursor, answer, fields):
    """["error", SQLSTATE, message], or the list of values."""
    text, arrays = query(answer, fields)
    try:
        cursor.execute(text, arrays)
        return [row[0] for row in cursor.fetchall()]
    except psycopg2.Error as e:
        return ["error", e.pgcode, str(e).split("\n")[0]]


def ours(connection, wanted=None):
    """{(table, expression): (type, values)}; the type of a refused one is "refused"."""
    answers = {}
    tables = inputs()
    with connection.cursor() as cursor:
        cursor.execute("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'")
        for name, table in tables.items():
            questions = list(dict.fromkeys(expression for _, _, t, expression in expressions()
                                           if t == name and (wanted is None or (t, expression) in wanted)))
            fields = columns(table)
            for question, answer in zip(questions, rewritten(table, questions)):
                answers[name, question] = (answer[0], answer[1:] if answer[0] == "refused" else
                                           evaluate(cursor, answer, fields))
    return answers


# ------------------------------------------------ comparison

def same_number(a, b):
    a, b = float(a), float(b)
    return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-13, abs_tol=1e-300)


def moment(text):
    """A date, time or timestamp in one form: no trailing zeros, no zone, the year before 1 is 0."""
    text = text.replace("T", " ").lstrip("+")
    if text.endswith(" BC"):
        year, rest = text[:-3].split("-", 1)
        text = f"{'-' if int(year) > 1 else ''}{int(year) - 1:04d}-{rest}"
    if re.search(r"\d:\d", text):
        text = re.sub(r"(Z|\+00)$", "", text)
        if re.search(r"(^| )\d\d:\d\d$", text):
            text += ":00"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    return text


def same_value(kind, flink, mine):
    if flink is None or mine is None:
        return flink is None and mine is None
    if kind.startswith("ARRAY<"):
        return (isinstance(mine, list) and len(flink) == len(mine) and
                all(same_value(kind[6:-1], a, b) for a, b in zip(flink, mine)))
    if kind.startswith("MAP<"):
        value = kind[4:-1].partition(", ")[2]
        return (isinstance(mine, dict) and flink.keys() == mine.keys() and
                all(same_value(value, flink[key], mine[key]) for key in flink))
    if kind.startswith("ROW<"):
        mine = list(mine.values()) if isinstance(mine, dict) else mine
        return len(flink) == len(mine) and all(a == (b if b is None else str(b)) for a, b in zip(flink, mine))
    if kind == "FLOAT":
        flink, mine = (struct.unpack("f", struct.pack("f", float(value)))[0] for value in (flink, mine))
    if kind in ("FLOAT", "DOUBLE"):
        return same_number(flink, mine)
    if kind.startswith("DECIMAL"):
        return decimal.Decimal(flink) == decimal.Decimal(str(mine))
    if kind.startswith(("DATE", "TIME")):
        return moment(flink) == moment(mine)
    if isinstance(mine, bool):
        mine = "true" if mine else "false"
    return str(flink) == str(mine)


def family(kind):
    """What of a type the target can tell apart."""
    kind = kind.replace(" NOT NULL", "")
    kind = re.sub(r"\b(VARCHAR|CHAR|STRING)(\(\d+\))?", "STRING", kind)
    kind = re.sub(r"\b(VARBINARY|BINARY|BYTES)(\(\d+\))?", "BYTES", kind)
    kind = kind.replace("`", "").replace("TINYINT", "SMALLINT")
    kind = re.sub(r"\bTIME\(\d\)", "TIME", kind)
    kind = re.sub(r"\b(TIMESTAMP|TIMESTAMP_LTZ)\(\d\)", r"\1", kind)
    return re.sub(r"INTERVAL.*", "INTERVAL", kind)


def difference(flink, mine):
    """None where both are the same; "refused" or "differs", and how."""
    flink_type, flink_values = flink
    my_type, my_values = mine
    if my_type == "refused":
        return None if flink_values in ("invalid", "error") else ("refused", my_values[0])
    failed = bool(my_values) and my_values[0] == "error"
    if flink_values == "invalid":
        return "differs", "Flink refuses it"
    if failed:
        if not my_values[1].startswith("22"):
            return "differs", f"error {my_values[1]}: {my_values[2]}"
        return None if flink_values == "error" else ("differs", f"error: {my_values[2]}")
    if flink_values == "error":
        return "differs", "Flink fails"
    values = json.loads(flink_values)
    for number, (a, b) in enumerate(zip(values, my_values), 1):
        if not same_value(flink_type, a, b):
            return "differs", f"row {number}: {a!r} in Flink, {b!r} here"
    if family(flink_type) != family(my_type):
        return "differs", f"{flink_type} in Flink, {my_type} here"
    return None


def differences(connection, wanted=None):
    """{(table, expression): (kind, how)} of all that are not the same."""
    answers, flink, found = ours(connection, wanted), recorded(), {}
    for question, answer in answers.items():
        if question not in flink:
            continue
        how = difference(flink[question], answer)
        if how:
            found[question] = how
    return found


# ------------------------------------------------ documentation

HEAD = """# Functions, operators and casts

<!-- written by "make docs" from test/flink -->

What each name of Flink SQL means to the applier. *compared* is the number of expressions that real Flink 2.0 and the
applier have evaluated over the same rows: NULL, bounds, negatives, empty and odd texts, leap days
([test/flink](../test/flink/README.md)). Where nothing is noted they give the same for all of them. What is *refused* is
refused when the script is read, with its place; every function that is not listed is, too, and PostgreSQL's own are reached
as `pg_catalog.f(...)`. An *error of the event* is reported with its position, and `errors.tolerance` decides.

Settings: `table.local-time-zone` is the zone in which a TIMESTAMP_LTZ becomes a TIMESTAMP, DATE, TIME or text and the other
way round (default `UTC`). Patterns, formats and JSON paths must be constants, but for `LIKE` and the `REGEXP` functions.
CURRENT_TIMESTAMP, NOW, UUID and RAND are evaluated for each event when it is applied: after a crash they give other values.
"""


def known():
    """{(table, expression): reason} of what is known to differ."""
    reasons, reason = {}, None
    for line in (FLINK / "differences.txt").read_text().splitlines():
        if line.startswith("== "):
            reason = line[3:]
        elif line.startswith("\t"):
            reasons[question(line[1:])] = reason
    return reasons


def page():
    """docs/flink-functions.md."""
    lines, seen, differ, answered = [HEAD], None, known(), recorded()
    forms = {}
    for section, form, table, expression in expressions():
        if (table, expression) in answered:
            forms.setdefault((section, form), []).append((table, expression))
    for (section, form), questions in forms.items():
        if section != seen:
            lines.append(f"## {section}\n\n| | compared | differences |\n|---|---|---|")
            seen = section
        notes = {}
        for asked in questions:
            if asked in differ:
                notes.setdefault(differ[asked], asked[1])
        text = " ".join(f"{reason} (`{example}`)" for reason, example in notes.items())
        cells = (f"`{form}`" if re.search("[A-Z(<+*/%-]", form) else form, str(len(questions)), text)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines).replace("|\n## ", "|\n\n## ") + "\n"


if __name__ == "__main__":
    if sys.argv[1] == "page":
        PAGE.write_text(page())
        sys.exit()
    server = psycopg2.connect(sys.argv[1])
    server.autocommit = True
    everything = differences(server)
    for (table, expression), (kind, how) in everything.items():
        if len(sys.argv) < 3 or re.search(sys.argv[2], expression):
            print(f"{kind}\t{table}: {expression}\t{how}")
    print(len(everything), "of", len(recorded()), file=sys.stderr)
