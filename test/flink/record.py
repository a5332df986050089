#!/usr/bin/python3
"""Asks Flink for the values of the expressions in expressions.txt, and writes them to recorded.tsv.

Only what is not recorded yet is asked; --all asks for everything again, as a change of inputs.json needs it.
"""
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OPENED = "lang net io nio lang.reflect text time util util.concurrent util.concurrent.atomic util.concurrent.locks"


def question(text):
    """(table, expression): of the table t where the line names none."""
    table, _, expression = text.partition(": ")
    return (table, expression) if table in ("strings", "nested", "json", "single") else ("t", text)


def expressions():
    """Yields (section, form, table, expression) in the list's order."""
    section = form = None
    for line in (HERE / "expressions.txt").read_text().splitlines():
        if line.startswith("== "):
            section = line[3:]
        elif not line.startswith("\t"):
            form = line
        else:
            yield section, form, *question(line[1:])


def recorded():
    """{(table, expression): (type, values)}, the values as they stand in the file."""
    answers = {}
    file = HERE / "recorded.tsv"
    for line in file.read_text().splitlines() if file.exists() else ():
        table, expression, kind, values = line.split("\t")
        answers[table, expression] = kind, values
    return answers


def main():
    wanted = list(dict.fromkeys((table, expression) for _, _, table, expression in expressions()))
    answers = {} if "--all" in sys.argv else recorded()
    missing = [question for question in wanted if question not in answers]
    if missing:
        jars = subprocess.run([HERE.parents[1] / "bench/flink_jars.sh"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        run = subprocess.run(["java", "-Xmx1g", *(f"--add-opens=java.base/java.{package}=ALL-UNNAMED"
                                                  for package in OPENED.split()),
                              "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                              "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                              "-cp", f"{jars}/*", HERE / "Recorder.java", HERE / "inputs.json"],
                             input="".join(f"{table}\t{expression}\n" for table, expression in missing),
                             stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True)
        for line in run.stdout.split("\n"):
            if line.count("\t") == 3:
                table, expression, kind, values = line.split("\t")
                answers[table, expression] = kind, values
    (HERE / "recorded.tsv").write_text("".join("\t".join((*question, *answers[question])) + "\n"
                                               for question in wanted if question in answers))
    lost = [question for question in wanted if question not in answers]
    print(f"{len(wanted)} expressions, {len(missing)} asked, {len(lost)} without an answer", file=sys.stderr)
    for table, expression in lost:
        print(f"{table}: {expression}", file=sys.stderr)


if __name__ == "__main__":
    main()
