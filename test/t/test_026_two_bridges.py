"""Two bridges share the storage topics: one runs the connector, the other one takes over when it dies."""
import stack
from pipeline import Workloads
from stack import alive, children, wait_until


def second_bridge(pipeline, base, broker, programs):
    other = stack.Bridge(base, broker, f"other-{pipeline.name}")
    for name in ("group.id", "config.storage.topic", "offset.storage.topic", "status.storage.topic"):
        other.properties[name] = pipeline.bridge.properties[name]
    programs.append(other)
    return other


def test_take_over(pipeline, base, broker, programs):
    pipeline.watch()
    bridge, other = pipeline.bridge, second_bridge(pipeline, base, broker, programs)
    bridge.start()
    assert bridge.call("POST", "/connectors", {"name": pipeline.connector, "config": pipeline.config()})[0] == 201
    pipeline.wait_streaming()
    other.start()
    assert other.call("GET", "/connectors") == (200, [pipeline.connector])
    wait_until("the other one waits", lambda: other.state(pipeline.connector)[1] == "UNASSIGNED")
    task = other.call("GET", f"/connectors/{pipeline.connector}/status")[1]["tasks"][0]
    assert "another bridge" in task["info"] and pipeline.slot in task["info"]
    assert bridge.state(pipeline.connector)[:2] == ("RUNNING", "RUNNING")

    load = Workloads(pipeline).start()
    for _ in range(3):
        load.wait_more(1000)
        workers, taken = children(bridge.pid), other.text().count("taking over slot")
        bridge.kill()
        wait_until("no worker outlives the supervisor", lambda: not any(map(alive, workers)))
        wait_until("the other one takes over", lambda: other.text().count("taking over slot") > taken)
        other.wait_running(pipeline.connector)
        bridge.start()
        wait_until("the first one waits", lambda: bridge.state(pipeline.connector)[1] == "UNASSIGNED")
        bridge, other = other, bridge
    load.finish()
    pipeline.bridge = bridge
    pipeline.wait_captured()
    pipeline.check_topic()


def test_session_ended(pipeline, source):
    """Who loses the session that holds the right begins anew: nothing is lost, nothing is twice."""
    pipeline.watch()
    pipeline.start_bridge()
    load = Workloads(pipeline).start()
    load.wait_more(1000)
    source.sql("""SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                  WHERE l.locktype = 'advisory' AND a.application_name = %s""", args=(f"debezium_bridge {pipeline.connector}",))
    pipeline.bridge.wait_log("lost the session that holds the right")
    load.wait_more(1000)
    load.finish()
    pipeline.wait_captured()
    pipeline.check_topic()


def test_change_reaches_both(pipeline, base, broker, programs):
    """A change that is asked of one bridge takes effect in the other one, whoever runs the connector."""
    bridge, other = pipeline.bridge, second_bridge(pipeline, base, broker, programs)
    bridge.start()
    other.start()
    assert other.call("POST", "/connectors", {"name": pipeline.connector, "config": pipeline.config()})[0] == 201
    pipeline.wait_streaming()
    assert bridge.call("PUT", f"/connectors/{pipeline.connector}/stop")[0] == 204
    for each in (bridge, other):
        wait_until("it is stopped", lambda: each.state(pipeline.connector)[0] == "STOPPED")
    wait_until("the slot is free", lambda: not pipeline.source.one(
        "SELECT active FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,)))
    assert other.call("DELETE", f"/connectors/{pipeline.connector}")[0] == 204
    wait_until("it is gone", lambda: bridge.call("GET", "/connectors") == (200, []))
