"""exactly.once.source.support=enabled: records and stored offset in Kafka transactions."""
import json
import os
import signal

import pytest
import stack
from pipeline import Workloads
from stack import alive, wait_until


@pytest.fixture
def transactional(pipeline, real_kafka):
    """The embedded broker does not tell aborted records from others."""
    pipeline.bridge.properties["exactly.once.source.support"] = "enabled"
    return pipeline


def check_uncommitted(pipeline):
    """Each record is there once for those who read what is committed, and some were aborted, which others see too."""
    committed = {(r.partition, r.offset) for r in pipeline.check_topic()}
    found = {(r.partition, r.offset) for r in pipeline.broker.records(pipeline.topic, "read_uncommitted")
             if r.position.kind == "s"}
    assert committed < found


def written(pipeline):
    """How many records its topic has."""
    if pipeline.topic not in pipeline.broker.topics():
        return 0
    return sum(high for _, high in pipeline.broker.ends(pipeline.topic, "read_uncommitted").values())


def freeze(pipeline):
    """SIGSTOP the worker while a Kafka transaction of it is open; returns its pid."""
    worker, broker = pipeline.bridge.worker(pipeline.connector), pipeline.broker

    def frozen():
        os.kill(worker, signal.SIGSTOP)
        if written(pipeline) and broker.ends(pipeline.topic) != broker.ends(pipeline.topic, "read_uncommitted"):
            return True
        os.kill(worker, signal.SIGCONT)
        return False
    wait_until("a transaction is open", frozen)
    return worker


def test_worker_killed(transactional):
    """kill -9 in the middle of Kafka transactions: nobody waits for a fence time."""
    pipeline = transactional
    pipeline.bridge.properties["fence.time.ms"] = "600000"
    pipeline.watch()
    pipeline.start_bridge()
    pipeline.start_applier()
    load = Workloads(pipeline).start()
    for _ in range(3):
        load.wait_more(1000)
        pipeline.bridge.kill_worker(pipeline.connector)
        pipeline.wait_streaming()
    load.finish()
    pipeline.wait_captured()
    pipeline.check_topic()
    pipeline.wait_applied()
    assert "have been still" not in pipeline.bridge.text()
    assert "somebody else writes" not in pipeline.bridge.text()     # the marks of transactions are no holes


def test_zombie(transactional, base, broker, source, programs):
    """A worker that was taken for dead, with a transaction open, wakes up: it changes nothing any more."""
    pipeline, connector = transactional, transactional.connector
    bridge, other = pipeline.bridge, stack.Bridge(base, broker, f"other-{pipeline.name}")
    other.properties = {**bridge.properties, "listeners": other.url}
    programs.append(other)
    bridge.start()
    config = pipeline.config(transaction_boundary="interval", **{"transaction.boundary.interval.ms": "1000"})
    assert bridge.call("POST", "/connectors", {"name": connector, "config": config})[0] == 201
    pipeline.watch()
    pipeline.wait_streaming()
    other.start()
    wait_until("the other one waits", lambda: other.state(connector)[1] == "UNASSIGNED")
    load = Workloads(pipeline).start()
    load.wait_more(1000)
    zombie = freeze(pipeline)
    load.wait_more(100)
    source.sql("""SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
                  UNION ALL SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s""",
               args=(pipeline.slot,))
    other.wait_log("taking over slot")
    other.wait_running(connector)
    load.wait_more(1000)
    os.kill(zombie, signal.SIGCONT)
    bridge.wait_log("fenced by a newer instance")
    wait_until("it waits now", lambda: bridge.state(connector)[1] == "UNASSIGNED")
    load.wait_more(1000)
    load.finish()
    pipeline.bridge = other
    pipeline.wait_captured()
    check_uncommitted(pipeline)


def test_timed_out(transactional):
    """The broker aborts a transaction that is open for too long: the run begins anew, and sends it again."""
    pipeline, broker = transactional, transactional.broker
    pipeline.watch()
    pipeline.start_bridge(transaction_boundary="interval",
                          **{"transaction.boundary.interval.ms": "500", "producer.override.transaction.timeout.ms": "1000"})
    load = Workloads(pipeline).start()
    worker = freeze(pipeline)
    wait_until("it is aborted", lambda: broker.ends(pipeline.topic) == broker.ends(pipeline.topic, "read_uncommitted"))
    os.kill(worker, signal.SIGCONT)
    wait_until("it begins anew", lambda: pipeline.bridge.text().count("streaming from slot") == 2)
    load.wait_more(500)
    load.finish()
    pipeline.wait_captured()
    check_uncommitted(pipeline)


def test_snapshot(transactional):
    """The rows of a snapshot are in several transactions, the last of which has the stored offset."""
    pipeline = transactional
    pipeline.source.sql("INSERT INTO orders SELECT i, i, 'x' FROM generate_series(1, 20000) i", pipeline.database, "sourceuser")
    pipeline.start_bridge(transaction_boundary="interval", **{"transaction.boundary.interval.ms": "10"})
    pipeline.source.sql("INSERT INTO orders VALUES (0, 0, 'x')", pipeline.database, "sourceuser")
    pipeline.wait_captured()
    found = sorted((r.op, json.loads(r.key)["order_id"]) for r in pipeline.broker.records(pipeline.topic))
    assert found == [("c", 0)] + [("r", i) for i in range(1, 20001)]
    assert written(pipeline) - len(found) > 3 * pipeline.broker.topics()[pipeline.topic]        # marks of ends


def kill(pipeline, worker):
    """kill -9 of the bridge and of its worker, which is frozen."""
    pipeline.bridge.kill()
    os.kill(worker, signal.SIGKILL)
    wait_until("the worker is gone", lambda: not alive(worker))


def test_switched(transactional):
    """On and off between runs, none of which ends in order."""
    pipeline, bridge = transactional, transactional.bridge
    pipeline.watch()
    load = Workloads(pipeline)
    for number, (mode, waits) in enumerate((("disabled", 0), ("enabled", 1), ("enabled", 1), ("disabled", 1), ("PREPARING", 2))):
        bridge.properties["exactly.once.source.support"] = mode
        pipeline.start_bridge(transaction_boundary="interval", **{"transaction.boundary.interval.ms": "1000"})
        if number == 0:
            load.start()
        before = written(pipeline)
        load.wait_more(500)
        if mode == "enabled":
            worker = freeze(pipeline)
        else:
            wait_until("records have come", lambda: written(pipeline) > before)
            worker = bridge.worker(pipeline.connector)
            os.kill(worker, signal.SIGSTOP)
        assert bridge.text().count("have been still") == waits
        kill(pipeline, worker)
    assert bridge.text().count("they are ended now") == 1
    load.finish()
    bridge.properties["exactly.once.source.support"] = "enabled"
    pipeline.start_bridge(snapshot_mode="no_data")
    pipeline.wait_captured()
    check_uncommitted(pipeline)


def offsets(pipeline):
    status, answer = pipeline.bridge.call("GET", f"/connectors/{pipeline.connector}/offsets")
    assert status == 200, answer
    return [o["offset"] for o in answer["offsets"]]


def test_own_topic(transactional):
    """offsets.storage.topic: the connector's own, beside which the worker's is kept up; REST reads and changes both."""
    pipeline, bridge, own = transactional, transactional.bridge, f"{transactional.name}-own"
    worker, path = bridge.properties["offset.storage.topic"], f"/connectors/{pipeline.connector}"
    bridge.start()
    config = pipeline.config(exactly_once_support="required", offsets_storage_topic=own)
    assert bridge.call("POST", "/connectors", {"name": pipeline.connector, "config": config})[0] == 201
    pipeline.wait_streaming()
    pipeline.source.sql("INSERT INTO orders VALUES (1, 1, 'x')", pipeline.database)
    pipeline.wait_captured()
    assert bridge.call("PUT", f"{path}/stop")[0] == 204
    stored, = wait_until("the last offset is stored",
                         lambda: [o for o in offsets(pipeline) if json.loads(o["bridge"])["clean"]])
    assert json.loads(stored["bridge"])["transactional_id"] == f"{bridge.properties['group.id']}-{pipeline.connector}-0"
    for topic in (own, worker):
        assert json.loads(pipeline.broker.records(topic)[-1].value) == stored

    # the connector gives up its own, and goes on from the worker's
    assert bridge.call("PUT", f"{path}/config", pipeline.config())[0] == 200
    assert bridge.call("PUT", f"{path}/resume")[0] == 202
    pipeline.wait_streaming()
    pipeline.source.sql("INSERT INTO orders VALUES (2, 1, 'x')", pipeline.database)
    pipeline.wait_captured()
    assert [r.op for r in pipeline.broker.records(pipeline.topic)] == ["c", "c"]

    # removed from both
    assert bridge.call("PUT", f"{path}/stop")[0] == 204
    assert bridge.call("PUT", f"{path}/config", config)[0] == 200
    status, answer = bridge.call("DELETE", f"{path}/offsets")
    assert status == 200, answer
    assert offsets(pipeline) == []
    assert [pipeline.broker.records(topic)[-1].value for topic in (own, worker)] == [None, None]
