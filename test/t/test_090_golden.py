"""The bridge writes what Debezium wrote for the cases in test/golden, byte for byte (the masks stand in its README)."""
import json
import os
import re
import subprocess

import pytest
from stack import TOP, Bridge, wait_until

CASES = sorted(path.parent for path in (TOP / "test/golden").glob("*/case.json"))

TOKEN = re.compile("\x00(\\w+):(\\d+)\x00")


class Masker:
    """Puts tokens for numbers first; ranks are known when all texts were seen."""

    def __init__(self):
        self.seen = {"lsn": set(), "commit": set(), "tx": set()}

    def token(self, kind, number):
        self.seen[kind].add(int(number))
        return f"\x00{kind}:{number}\x00"

    def mask(self, text):
        if text is None:
            return None

        def sequence(match):
            commit = f'\\"{self.token("commit", match[1])}\\"' if match[1] else "null"
            return f'"sequence":"[{commit},\\"{self.token("lsn", match[2])}\\"]"'
        text = re.sub(r'"ts_(ms|us|ns)":\d+', r'"ts_\1":"<ts_\1>"', text)
        text = re.sub(r'"lsn":(\d+)', lambda m: f'"lsn":"{self.token("lsn", m[1])}"', text)
        text = re.sub(r'"txId":(\d+)', lambda m: f'"txId":"{self.token("tx", m[1])}"', text)
        text = re.sub(r'"sequence":"\[(?:null|\\"(\d+)\\"),\\"(\d+)\\"\]"', sequence, text)
        return re.sub(r'"version":"[^"]*"', '"version":"<version>"', text)

    def finish(self, text):
        ranks = {kind: {number: rank for rank, number in enumerate(sorted(numbers), 1)} for kind, numbers in self.seen.items()}
        return text and TOKEN.sub(lambda m: f"<{m[1]}:{ranks[m[1]][int(m[2])]}>", text)


def check_times(value):
    """The three times of one place are one instant."""
    for place in (value, value["source"]):
        assert place["ts_us"] // 1000 == place["ts_ms"] and place["ts_ns"] // 1000 == place["ts_us"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden(case, base, source, broker, installation, programs):
    database, topic = f"case_{case.name}", f"{case.name}.public.orders"
    source.database(database, "sourceuser")

    # the recordings have several rows of an UPDATE in the order of the table, as PostgreSQL 15 plans it; 17 takes an index
    environment = {**os.environ, "PGOPTIONS": "-c enable_indexscan=off -c enable_bitmapscan=off"}

    def run(script):
        subprocess.run([installation.bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", source.sockets, "-p", str(source.port),
                        "-U", "sourceuser", "-d", database, "-f", case / script], check=True, stdout=subprocess.DEVNULL,
                       env=environment)
    run("before.sql")
    config = {"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "database.hostname": "127.0.0.1",
              "database.port": str(source.port), "database.user": "sourceuser", "database.password": "sourceuser",
              "database.dbname": database, "topic.prefix": case.name, "slot.name": database, "plugin.name": "pgoutput",
              **json.loads((case / "case.json").read_text())["config"]}
    bridge = Bridge(base, broker, f"golden-{case.name}")
    programs.append(bridge)
    bridge.start((case.name, config))
    wait_until("the slot streams", lambda: bridge.check_running() or source.one("""SELECT EXISTS (SELECT FROM pg_replication_slots s
        JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = %s AND r.state = 'streaming')""", args=(database,)))
    run("changes.sql")
    end = source.wal_end()
    wait_until("all is captured", lambda: bridge.check_running() or source.confirmed(database, end))
    records = broker.records(topic)
    if not broker.real:                                 # several partitions: the order of offsets is not that of events
        records.sort(key=lambda r: (r.position.kind != "r", r.position.order))
    assert bridge.stop() == 0
    source.drop(database)

    masker, found = Masker(), []
    for record in records:
        if record.value is not None:
            check_times(json.loads(record.value))
        headers = [[name, "<runId>" if name == "__debezium.context.runId" else value.decode()]
                   for name, value in record.headers.items() if name != "__debezium.position"]
        found.append((masker.mask(record.key.decode()), masker.mask(record.value.decode() if record.value is not None else None), headers))
    found = [{"k": masker.finish(key), "v": masker.finish(value), "h": headers} for key, value, headers in found]
    expected = [json.loads(line) for line in (case / "expected" / f"{topic}.jsonl").read_text().splitlines()]
    for number, (a, b) in enumerate(zip(found, expected)):
        assert a == b, f"record {number}"
    assert len(found) == len(expected)
