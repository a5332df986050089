"""A real Kafka Connect and the bridge on the same storage topics: each reads what the other has written, and they never run at once."""
import urllib.parse

import pytest
from debezium import Connect
from stack import wait_until


@pytest.fixture
def connect(pipeline, base, real_kafka, programs):
    pipeline.source.sql("CREATE PUBLICATION dbz_publication FOR ALL TABLES", pipeline.database)
    pipeline.bridge.properties["adopt.slots"] = "true"
    worker = Connect(base, real_kafka, f"connect-{pipeline.name}", like=pipeline.bridge, offset_flush_interval_ms="1000")
    programs.append(worker)
    return worker


def get(program, name, what=""):
    return program.call("GET", f"/connectors/{urllib.parse.quote(name)}{what}")[1]


def kept(program):
    """What REST shows of connectors, but for what names the program."""
    found = {}
    for name in program.call("GET", "/connectors")[1]:
        status = get(program, name, "/status")
        found[name] = (get(program, name, "/config"), status["connector"]["state"],
                       [(t["id"], t["state"]) for t in status["tasks"]], get(program, name)["tasks"])
    return found


def offset(program, name):
    """(server, lsn) of the stored offset."""
    offsets = get(program, name, "/offsets")["offsets"]
    return offsets and (offsets[0]["partition"]["server"], offsets[0]["offset"]["lsn_proc"])


def all_running(program):
    states = kept(program).values()
    return states and all(state == "RUNNING" and [t for _, t in tasks] == ["RUNNING"] for _, state, tasks, _ in states
                          if state == "RUNNING")


def test_same_topics(pipeline, connect):
    bridge, name = pipeline.bridge, pipeline.connector
    config = {**pipeline.config(publication_autocreate_mode="disabled"), "snapshot.mode": "no_data"}
    other = {**config, "slot.name": pipeline.slot + "_2", "topic.prefix": pipeline.name + "_2"}
    connect.start()
    connect.put(name, config)
    connect.put("b%20%C3%BC", {**other, "header": "äöü \" \\"})
    wait_until("both run", lambda: len(kept(connect)) == 2 and all_running(connect))
    assert connect.call("PUT", "/connectors/b%20%C3%BC/pause")[0] == 202
    assert connect.call("POST", "/connectors", {"name": "c", "config": other, "initial_state": "STOPPED"})[0] == 201
    pipeline.source.sql("INSERT INTO orders VALUES (1, 1, 'x')", pipeline.database)
    wait_until("an offset is stored", lambda: offset(connect, name))
    wait_until("its state is known", lambda: kept(connect)["b ü"][1:3] == ("PAUSED", [(0, "PAUSED")]))

    # a live Connect in the group: refused, with the reason
    bridge.start(wait=False)
    wait_until("the bridge says why", lambda: "Kafka Connect runs in group" in str(bridge.call("GET", "/connectors")[1]))
    assert bridge.call("GET", "/connectors")[0] == 503
    assert bridge.logged(rf'Kafka Connect runs in group "{bridge.properties["group.id"]}": worker "connect-')
    before = kept(connect)
    connect.stop(timeout=60)
    wait_until("the bridge has taken over", lambda: bridge.call("GET", "/connectors")[0] == 200 and all_running(bridge))
    pipeline.wait_streaming()
    assert kept(bridge) == before
    pipeline.wait_captured()
    assert len(pipeline.broker.records(pipeline.topic)) == 1

    # what the bridge changes is there for Connect, which is not let in meanwhile
    assert bridge.call("PUT", f"/connectors/{name}/config", {**config, "max.batch.size": "100"})[0] == 200
    assert bridge.call("PUT", "/connectors/c/resume")[0] == 202
    assert bridge.call("PUT", "/connectors/c/stop")[0] == 204
    assert bridge.call("DELETE", "/connectors/b%20%C3%BC")[0] == 204
    assert bridge.call("POST", "/connectors", {"name": "d", "config": {**other, "slot.name": pipeline.slot + "_3"},
                                               "initial_state": "PAUSED"})[0] == 201
    wait_until("it runs again", lambda: all_running(bridge))
    connect.start(wait=False)
    connect.wait_log("(?i)inconsistent|incompatible with those of existing members", 120)
    assert all_running(bridge)
    connect.kill()
    assert bridge.call("PUT", f"/connectors/{name}/stop")[0] == 204
    wait_until("the offset is stored", lambda: '"clean":true' in str(get(bridge, name, "/offsets")).replace("\\", ""))
    before, stored = kept(bridge), offset(bridge, name)
    assert bridge.stop() == 0
    connect.start()
    wait_until("Connect has read it", lambda: set(kept(connect)) == set(before))
    wait_until("its states are known", lambda: {n: k[1] for n, k in kept(connect).items()} == {n: k[1] for n, k in before.items()})
    assert {n: k[0] for n, k in kept(connect).items()} == {n: k[0] for n, k in before.items()}
    assert offset(connect, name) == stored
