"""Coming from Debezium, and going back: the real one is killed in the middle of a transaction, or stopped in order."""
import io
import json
import subprocess
from collections import Counter

import pytest
from confluent_kafka import KafkaException
from debezium import Connect
from stack import TOP, wait_until

ROWS = 30000


@pytest.fixture
def debezium(pipeline, base, real_kafka, programs):
    """A worker of Kafka Connect that shares group and storage topics with the pipeline's bridge."""
    # Debezium may make its publication, and roots of partitions are not there before it reads
    pipeline.source.sql("CREATE PUBLICATION dbz_publication FOR ALL TABLES", pipeline.database)
    pipeline.source.sql("CREATE TABLE events (what text); ALTER TABLE events REPLICA IDENTITY FULL", pipeline.database, "sourceuser")
    real_kafka.create_topic(pipeline.topic, 3)
    connect = Connect(base, real_kafka, f"connect-{pipeline.name}", like=pipeline.bridge,
                      offset_flush_interval_ms="2000")
    programs.append(connect)
    return connect


def config(pipeline):
    return pipeline.config(table_include_list="public.orders,public.events", publication_autocreate_mode="disabled")


def hand_over(pipeline, option):
    """Run --adopt or --release; returns its log."""
    bridge = pipeline.bridge
    worker, connector = bridge.base / f"{bridge.name}.properties", bridge.base / f"{pipeline.connector}.json"
    worker.write_text("".join(f"{k}={v}\n" for k, v in bridge.properties.items()))
    connector.write_text(json.dumps({"name": pipeline.connector, "config": config(pipeline)}))
    done = subprocess.run([TOP / "bridge/debezium_bridge", f"{option}={connector}", worker], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60)
    print(done.stdout)
    assert done.returncode == 0
    return done.stdout


def start_bridge(pipeline):
    pipeline.bridge.start((pipeline.connector, config(pipeline)))
    pipeline.wait_streaming()


def wait_streaming(pipeline, debezium):
    def streams():
        debezium.check_running()
        state = debezium.state(pipeline.connector)
        assert "FAILED" not in state[:2], state[2]
        return pipeline.source.one("""SELECT EXISTS (SELECT FROM pg_replication_slots s JOIN pg_stat_replication r
            ON r.pid = s.active_pid WHERE s.slot_name = %s AND r.state = 'streaming')""", args=(pipeline.slot,))
    wait_until("Debezium streams", streams)


def plugin(pipeline):
    return pipeline.source.sql("SELECT plugin, slot_name FROM pg_replication_slots WHERE slot_name LIKE %s AND database = %s"
                               " AND slot_name NOT LIKE %s",
                               args=(pipeline.slot + "%", pipeline.database, pipeline.slot + "_%decod%"))


def records(pipeline, table="orders"):
    """A topic that was just made has no leader for a moment."""
    try:
        return pipeline.broker.records(f"{pipeline.name}.public.{table}")
    except KafkaException:
        return []


def streamed(pipeline):
    """Changes of orders in the topic, (LSN, op, key); tombstones have the LSN of the delete before them."""
    found, last = [], None
    for record in records(pipeline):
        event = json.loads(record.value) if record.value is not None else None
        last = event["source"]["lsn"] if event else last
        if event is None or event["op"] != "r":
            found.append((last, event["op"] if event else "x", json.loads(record.key)["order_id"]))
    return found


def events(pipeline):
    return [json.loads(r.value)["after"]["what"] for r in records(pipeline, "events")]


def check(pipeline, inserted, exact=True):
    """Nothing is missing of what test_decoding sees, and nothing is twice where `exact`."""
    expected = Counter(pipeline.expected_events())
    found = Counter((op, key) for _, op, key in streamed(pipeline))
    assert not expected - found, "missing"
    assert not Counter(inserted) - Counter(events(pipeline)), "missing"
    if exact:
        assert found == expected
        assert sorted(events(pipeline)) == sorted(inserted)


def insert(pipeline, names, keys):
    """One transaction: inserts one by one, a COPY of many rows a page, a change of the key, a delete."""
    with pipeline.source.connect(pipeline.database, "sourceuser") as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.copy_expert("COPY events FROM STDIN", io.StringIO("".join(f"{name}\n" for name in names)))
        cursor.execute("INSERT INTO orders SELECT n, n, 'x' FROM generate_series(%s, %s) n", (keys[0], keys[-1]))
        cursor.execute("UPDATE orders SET order_id = -order_id WHERE order_id = %s", (keys[0],))
        cursor.execute("DELETE FROM orders WHERE order_id = %s", (keys[1],))
        cursor.execute("COMMIT")
    return names


def test_there_and_back(pipeline, debezium):
    bridge = pipeline.bridge
    debezium.start()
    pipeline.source.sql("INSERT INTO orders VALUES (1, 1, 'snapshot')", pipeline.database)
    debezium.put(pipeline.connector, config(pipeline))
    wait_streaming(pipeline, debezium)
    wait_until("the snapshot is in Kafka", lambda: records(pipeline))
    pipeline.watch()
    inserted = insert(pipeline, ["a", "b"], range(10, 20))
    wait_until("Debezium streams", lambda: len(streamed(pipeline)) == 10 + 3 + 2)
    wait_until("an offset is stored", lambda: debezium.call("GET", f"/connectors/{pipeline.connector}/offsets")[1]["offsets"])
    before = sum(high for _, high in pipeline.broker.ends(pipeline.topic).values())
    inserted += insert(pipeline, [f"e{n}" for n in range(ROWS)], range(1000, 1000 + ROWS))
    inserted += insert(pipeline, ["c"], range(20, 30))
    wait_until("the large transaction is being sent",
               lambda: sum(high for _, high in pipeline.broker.ends(pipeline.topic).values()) > before)
    debezium.kill()
    sent = sum(high for _, high in pipeline.broker.ends(pipeline.topic).values()) - before
    assert 0 < sent < ROWS, "the kill came too late for what is tested here"

    wait_until("the slot is free", lambda: not pipeline.source.one(
        "SELECT active FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,)))
    log = hand_over(pipeline, "--adopt")
    assert "had sent, but not noted as sent" in log
    assert plugin(pipeline) == [("decoder_debezium", pipeline.slot)]
    start_bridge(pipeline)
    pipeline.wait_captured()
    check(pipeline, inserted)

    # back: Debezium goes on, at least once
    inserted += insert(pipeline, ["d"], range(30, 40))
    pipeline.wait_captured()
    assert bridge.stop() == 0
    hand_over(pipeline, "--release")
    assert plugin(pipeline) == [("pgoutput", pipeline.slot)]
    inserted += insert(pipeline, ["e"], range(40, 50))
    debezium.start()
    wait_streaming(pipeline, debezium)
    inserted += insert(pipeline, ["f"], range(50, 60))
    wait_until("Debezium has sent all", lambda: "f" in events(pipeline) and ("c", 59) in [c[1:] for c in streamed(pipeline)])
    check(pipeline, inserted)

    # and over again, after a stop in order, when the bridge is started
    assert debezium.stop(timeout=60) in (0, 143)
    inserted += insert(pipeline, ["g"], range(60, 70))
    bridge.properties["adopt.slots"] = "true"
    start_bridge(pipeline)
    assert plugin(pipeline) == [("decoder_debezium", pipeline.slot)]
    inserted += insert(pipeline, ["h"], range(70, 80))
    pipeline.wait_captured()
    check(pipeline, inserted)
