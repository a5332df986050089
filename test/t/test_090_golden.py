"""The bridge writes what Debezium wrote for the cases in test/golden, byte for byte (the masks stand in its README)."""
import json
import os
import subprocess

import pytest
import recordings
from stack import TOP, Bridge, wait_until

CASES = sorted(path.parent for path in (TOP / "test/golden").glob("*/case.json"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden(case, base, source, broker, installation, programs):
    database = f"case_{case.name}"
    source.database(database, "sourceuser")

    # the recordings have several rows of an UPDATE in the order of the table, as PostgreSQL 15 plans it; 17 takes an index
    environment = {**os.environ, "PGOPTIONS": "-c enable_indexscan=off -c enable_bitmapscan=off"}

    def run(*arguments):
        subprocess.run([installation.bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", source.sockets, "-p", str(source.port),
                        "-U", "sourceuser", "-d", database, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)
    run("-f", case / "before.sql")
    config = {"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "database.hostname": "127.0.0.1",
              "database.port": str(source.port), "database.user": "sourceuser", "database.password": "sourceuser",
              "database.dbname": database, "topic.prefix": case.name, "slot.name": database, "plugin.name": "pgoutput",
              "key.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable": "false",
              "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
              **json.loads((case / "case.json").read_text()).get("config", {})}
    if "table.include.list" in config:
        config["table.include.list"] += ",public.sentinel"
    bridge = Bridge(base, broker, f"golden-{case.name}")
    programs.append(bridge)
    bridge.start((case.name, config))
    wait_until("the slot streams", lambda: bridge.check_running() or source.one("""SELECT EXISTS (SELECT FROM pg_replication_slots s
        JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = %s AND r.state = 'streaming')""", args=(database,)))
    run("-c", "CREATE TABLE sentinel (id text PRIMARY KEY)")
    run("-f", case / "changes.sql")
    run("-c", "INSERT INTO sentinel VALUES ('sentinel-1')")     # its transaction is part of the recording, not its row
    end = source.wal_end()
    wait_until("all is captured", lambda: bridge.check_running() or source.confirmed(database, end))

    found = {}
    for topic in broker.topics():
        if not topic.startswith(f"{case.name}."):
            continue
        records = broker.records(topic)
        if not broker.real:                             # several partitions: the order of offsets is not that of events
            records.sort(key=lambda r: (r.position.kind != "r", r.position.order))
        found[topic] = [(text(r.key), text(r.value), [(name, text(value)) for name, value in r.headers.items()
                                                      if name != "__debezium.position"])
                        for r in records if b"sentinel-1" not in (r.key or b"")]
    assert bridge.stop() == 0
    source.drop(database)

    found, wanted = recordings.normalise(found), recordings.expected(case)
    assert sorted(found) == sorted(wanted)
    for topic, lines in wanted.items():
        for number, (a, b) in enumerate(zip(found[topic], lines)):
            assert a == b, f"record {number} of {topic}"
        assert len(found[topic]) == len(lines)


def text(data):
    return data.decode() if data is not None else None
