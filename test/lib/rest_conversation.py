#!/usr/bin/python3
"""rest_conversation.py REFERENCE: sends the bridge the requests that Kafka Connect was asked, and compares the answers.

REFERENCE is the directory with the recorder (rest.py) and the answers of Kafka Connect with Debezium (rest/).  The recorder wants a PostgreSQL server at 127.0.0.1:5432 that asks for no
password.  Statuses, types and bodies must be the same; the order of members is free, and so are versions.  Where we differ
on purpose is listed in rest_differences.txt.  The last line is "N passed, N failed"."""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from recorder import recorder_python
from with_stack import running_stack

DIFFERENCES = Path(__file__).with_name("rest_differences.txt")


class Answer:
    def __init__(self, path):
        _, answer = path.read_text().split("\n-> ", 1)
        head, _, self.text = answer.partition("\n")
        self.status, _, self.kind = head.partition(" ")
        self.text = self.text.strip()

    @property
    def body(self):
        try:
            return canonical(json.loads(re.sub(r'"version":"[^"]*"', '"version":"<version>"', self.text)))
        except ValueError:
            return self.text


def canonical(value):
    """Without texts for readers, and with offsets, which come from a map, in the order of their text."""
    if isinstance(value, list):
        return [canonical(v) for v in value]
    if isinstance(value, dict):
        value = {k: canonical(v) for k, v in value.items() if k != "documentation"}
        if isinstance(value.get("offsets"), list):
            value["offsets"].sort(key=json.dumps)
    return value


def differences():
    """{name: (status or "=", what our body must contain)}"""
    result = {}
    for line in DIFFERENCES.read_text().splitlines():
        if line and not line.startswith("#"):
            name, status, text, reason = (part.strip() for part in line.split("|"))
            assert reason, line
            result[name] = status, text
    return result


def compare(reference, found):
    accepted, used, passed, failed = differences(), set(), 0, 0
    for path in sorted(reference.glob("*.txt")):
        name = path.stem[4:]
        want, ours = Answer(path), Answer(found / path.name)
        same = (want.status, want.kind, want.body) == (ours.status, ours.kind, ours.body)
        if name in accepted:
            status, text = accepted[name]
            used.add(name)
            right = same or ours.status == (want.status if status == "=" else status) and text in ours.text
            if same:
                print(f"{path.stem}: is listed as a difference, but there is none any more")
        else:
            right = same
        if right:
            passed += 1
            continue
        failed += 1
        print(f"{path.stem}:{' listed as a difference, but not like this' if name in accepted else ''}"
              f"\n  Connect: {want.status} {want.kind} {want.text}\n  bridge:  {ours.status} {ours.kind} {ours.text}")
    for name in sorted(accepted.keys() - used):
        failed += 1
        print(f"{DIFFERENCES.name}: there is no request {name}")
    print(f"{passed} passed, {failed} failed")
    return failed


def main():
    reference = Path(sys.argv[1])
    python = recorder_python(reference)
    with running_stack(port=5432, host_auth="trust") as (environment, bridge, _), \
            tempfile.TemporaryDirectory() as directory:
        found = Path(directory) / "rest"
        done = subprocess.run([python, "-B", reference / "rest.py", "--url", environment["CONNECT_URL"], "--dsn",
                               environment["PG_DSN"], "--out", found], env=environment)
        if done.returncode != 0:
            print(bridge.tail(60))
            print("0 passed, 1 failed")
            return 1
        return 1 if compare(reference / "rest", found) else 0


if __name__ == "__main__":
    sys.exit(main())
