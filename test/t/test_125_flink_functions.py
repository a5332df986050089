"""Functions, operators and casts give what real Flink gave, but for a list of known differences."""
import contextlib
import subprocess

import flink
from stack import TOP


def test_answers(dest):
    subprocess.run(["make", "-s", "-C", TOP / "test/unit", "rewrite"], check=True)
    with contextlib.closing(dest.connect()) as connection:
        found = flink.differences(connection)
    known = flink.known()
    news = {f"{table}: {expression}": how for (table, expression), how in found.items() if (table, expression) not in known}
    assert not news, "differs from Flink"
    assert set(known) <= set(found), "is known to differ, and does not"
    refused = {question for question, (kind, _) in found.items() if kind == "refused"}
    assert refused == {question for question, reason in known.items()
                       if reason.startswith("Refused") or "is none is an error" in reason and question in refused}
    assert len(flink.recorded()) > 1800


def test_page():
    assert flink.PAGE.read_text() == flink.page(), "run make docs"
