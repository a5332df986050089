"""Offsets by REST: shown, altered, reset; only of a stopped connector."""
import json

from stack import lsn, wait_until


def offsets(pipeline):
    status, answer = pipeline.bridge.call("GET", f"/connectors/{pipeline.connector}/offsets")
    assert status == 200, answer
    return {json.dumps(o["partition"]): o["offset"] for o in answer["offsets"]}


def ours(offset):
    """What the bridge adds to Debezium's fields; Connect takes no values but texts, numbers and booleans."""
    assert all(isinstance(value, (str, int, bool)) for value in offset.values())
    return json.loads(offset.get("bridge", "{}"))


def change(pipeline, method, body=None):
    return pipeline.bridge.call(method, f"/connectors/{pipeline.connector}/offsets", body)


def stop(pipeline):
    assert pipeline.bridge.call("PUT", f"/connectors/{pipeline.connector}/stop")[0] == 204


def resume(pipeline):
    assert pipeline.bridge.call("PUT", f"/connectors/{pipeline.connector}/resume")[0] == 202
    pipeline.wait_streaming()


def insert(pipeline, *keys):
    for key in keys:
        pipeline.source.sql("INSERT INTO orders VALUES (%s, 1, 'x')", pipeline.database, "sourceuser", args=(key,))


def captured(pipeline):
    return [(r.op, json.loads(r.key)["order_id"]) for r in pipeline.broker.records(pipeline.topic)]


def test_offsets(pipeline):
    bridge, key = pipeline.bridge, json.dumps({"server": pipeline.name})
    bridge.start()
    assert bridge.call("GET", "/connectors/none/offsets")[0] == 404
    assert bridge.call("POST", "/connectors", {"name": pipeline.connector, "config": pipeline.config()})[0] == 201
    pipeline.wait_streaming()
    insert(pipeline, 1, 2)
    pipeline.wait_captured()

    # a running connector keeps its offsets
    body = {"offsets": [{"partition": {"server": pipeline.name}, "offset": None}]}
    for status, answer in (change(pipeline, "DELETE"), change(pipeline, "PATCH", body)):
        assert status == 400 and "STOPPED" in answer["message"]

    # stopped, Debezium's fields and ours are shown; the same put back changes nothing
    stop(pipeline)
    wait_until("the last offset is stored", lambda: ours(offsets(pipeline).get(key, {})).get("clean"))
    stored = offsets(pipeline)[key]
    assert stored["lsn_proc"] == lsn(ours(stored)["lsn"]) and isinstance(stored["ts_usec"], int)
    assert change(pipeline, "PATCH", {"offsets": [{"partition": {"server": pipeline.name}, "offset": stored}]})[0] == 200
    assert offsets(pipeline)[key] == stored
    resume(pipeline)
    insert(pipeline, 3)
    pipeline.wait_captured()
    assert captured(pipeline) == [("c", 1), ("c", 2), ("c", 3)]

    # forward over a change that was made meanwhile: it is left out, as was asked for
    stop(pipeline)
    insert(pipeline, 4)
    end = lsn(pipeline.source.wal_end())
    moved = {**offsets(pipeline)[key], "lsn": end, "lsn_proc": end, "lsn_commit": end}
    assert change(pipeline, "PATCH", {"offsets": [{"partition": {"server": pipeline.name}, "offset": moved}]})[0] == 200
    found = offsets(pipeline)[key]
    assert found["lsn_proc"] == end and "bridge" not in found
    resume(pipeline)
    insert(pipeline, 5)
    pipeline.wait_captured()
    assert captured(pipeline) == [("c", 1), ("c", 2), ("c", 3), ("c", 5)]

    # without any the rows come again, as snapshot.mode says
    stop(pipeline)
    assert change(pipeline, "DELETE")[0] == 200
    assert offsets(pipeline) == {}
    resume(pipeline)
    pipeline.wait_captured()
    assert sorted(captured(pipeline)[4:]) == [("r", n) for n in (1, 2, 3, 4, 5)]


def test_bad_bodies(pipeline):
    bridge = pipeline.bridge
    bridge.start()
    assert bridge.call("POST", "/connectors", {"name": pipeline.connector, "config": pipeline.config(),
                                               "initial_state": "STOPPED"})[0] == 201
    for body, status, word in ((b"{", 500, "JSON"), ({"wrong": []}, 500, "wrong"), ({"offsets": []}, 400, "need to be provided"),
                               ({"offsets": [{"offset": {}}]}, 400, "partition"),
                               ({"offsets": [{"partition": {}, "offset": 1}]}, 400, "offset")):
        found, answer = change(pipeline, "PATCH", body)
        assert found == status and word in answer["message"], body
    # partitions of any form are kept and shown
    other = {"offsets": [{"partition": {"b": "x", "a": 1}, "offset": {"n": 1234567890123456, "t": "é"}}]}
    assert change(pipeline, "PATCH", other)[0] == 200
    assert bridge.call("GET", f"/connectors/{pipeline.connector}/offsets")[1] == other
