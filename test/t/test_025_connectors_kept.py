"""Connectors outlive the bridge: in config.storage.topic as Kafka Connect keeps them, or in a directory."""
import json

import pytest
from stack import wait_until


def post(pipeline, bridge, name, **changes):
    return bridge.call("POST", "/connectors", {"name": name, "config": pipeline.config(**changes)})


@pytest.fixture(params=["topic", "directory"])
def bridge(request, pipeline, tmp_path):
    if request.param == "directory":
        pipeline.bridge.properties["config.storage.directory"] = str(tmp_path / "connectors")
    return pipeline.bridge


def test_kept(bridge, pipeline):
    name, other = pipeline.connector, f"{pipeline.connector} & Söhne"
    bridge.start()
    status, created = post(pipeline, bridge, name)
    assert status == 201 and created["config"]["slot.name"] == pipeline.slot
    assert post(pipeline, bridge, name)[0] == 409
    pipeline.wait_streaming()
    assert post(pipeline, bridge, other, slot_name=f"{pipeline.slot}_2")[0] == 201
    quoted = other.replace(" ", "%20").replace("&", "%26").replace("ö", "%C3%B6")
    assert bridge.call("PUT", f"/connectors/{quoted}/stop")[0] == 204
    assert bridge.call("PATCH", f"/connectors/{name}/config", {"heartbeat.interval.ms": "7"})[0] == 200

    for end in (bridge.stop, bridge.kill):
        end()
        bridge.start()
        assert sorted(bridge.call("GET", "/connectors")[1]) == sorted([name, other])
        assert bridge.call("GET", f"/connectors/{name}/config")[1]["heartbeat.interval.ms"] == "7"
        assert bridge.call("GET", f"/connectors/{quoted}/status")[1]["connector"]["state"] == "STOPPED"
        bridge.wait_running(name)
        pipeline.wait_streaming()

    # what was deleted stays deleted, and its name is free
    assert bridge.call("DELETE", f"/connectors/{quoted}")[0] == 204
    assert bridge.call("GET", f"/connectors/{quoted}")[0] == 404
    bridge.stop()
    bridge.start()
    assert bridge.call("GET", "/connectors") == (200, [name])
    assert post(pipeline, bridge, other, slot_name=f"{pipeline.slot}_2")[0] == 201


def test_paused_from_the_start(bridge, pipeline):
    bridge.start()
    status, _ = bridge.call("POST", "/connectors", {"name": pipeline.connector, "initial_state": "PAUSED",
                                                     "config": pipeline.config()})
    assert status == 201
    assert bridge.state(pipeline.connector)[0] == "PAUSED"
    bridge.stop()
    bridge.start()
    assert bridge.state(pipeline.connector)[0] == "PAUSED"
    assert bridge.call("PUT", f"/connectors/{pipeline.connector}/resume")[0] == 202
    pipeline.wait_streaming()


def test_records_as_connect(pipeline, broker):
    """The records are Connect's: another worker's are taken, its own kinds are passed over."""
    bridge, name = pipeline.bridge, pipeline.connector
    topic = bridge.properties["config.storage.topic"]
    if broker.real:
        broker.create_topic(topic, 1, {"cleanup.policy": "compact"})
    for key, value in ((f"connector-{name}", {"properties": {**pipeline.config(), "name": name}}),
                       (f"task-{name}-0", {"properties": {**pipeline.config(), "task.class": "x"}}),
                       (f"commit-{name}", {"tasks": 1}),
                       ("session-key", {"key": "a", "algorithm": "HmacSHA256", "creation-timestamp": 1}),
                       (f"connector-{name}-gone", {"properties": {"connector.class": "x"}}),
                       (f"connector-{name}-gone", None)):
        broker.produce(topic, None if value is None else json.dumps(value), key, 0)
    bridge.start()
    assert bridge.call("GET", "/connectors") == (200, [name])
    pipeline.wait_streaming()
    assert bridge.call("PUT", f"/connectors/{name}/pause")[0] == 202
    keys = {r.key.decode(): json.loads(r.value) for r in broker.records(topic) if r.value and r.key.startswith(b"target-state")}
    assert keys == {f"target-state-{name}": {"state": "PAUSED", "state.v2": "PAUSED"}}
    # a change by somebody else takes effect here
    broker.produce(topic, json.dumps({"state": "STARTED"}), f"target-state-{name}", 0)
    bridge.wait_running(name)
    broker.produce(topic, None, f"connector-{name}", 0)
    wait_until("it is gone", lambda: bridge.call("GET", "/connectors") == (200, []))


@pytest.mark.parametrize("kind", ["config", "offset"])
def test_topic_that_forgets(pipeline, real_kafka, kind):
    """A topic that is not compacted is refused."""
    bridge = pipeline.bridge
    topic = bridge.properties[f"{kind}.storage.topic"]
    real_kafka.create_topic(topic, 1, {"cleanup.policy": "delete"})
    bridge.start(wait=False)
    bridge.wait_log('its cleanup.policy is "delete"')
    wait_until("REST says why", lambda: "cleanup.policy" in str(bridge.call("GET", "/connectors")[1]))
    status, answer = bridge.call("GET", "/connectors")
    assert status == 503 and topic in answer["message"]
    if kind == "offset":                # without the other one, a connector has to see for itself
        bridge.stop()
        bridge.start((pipeline.connector, pipeline.config()))
        trace = bridge.wait_failed(pipeline.connector)
        assert topic in trace and "cleanup.policy" in trace


def test_broker_away(pipeline, base):
    """Without Kafka nothing is promised: 503 at the start."""
    bridge = pipeline.bridge
    bridge.properties["bootstrap.servers"] = "127.0.0.1:1"
    bridge.start(wait=False)
    wait_until("the bridge answers", lambda: bridge.call("GET", "/")[0] == 200)
    status, answer = post(pipeline, bridge, pipeline.connector)
    assert status == 503 and "127.0.0.1:1" in answer["message"]
