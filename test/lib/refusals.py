"""What a refused connector says, and its two ways out, done as the message says."""
import json
import re

from stack import lsn, wait_until


def call(pipeline, method, path, body=None):
    status, answer = pipeline.bridge.call(method, f"/connectors/{pipeline.connector}{path}", body)
    assert status in (200, 202, 204), answer
    return answer


def refused(pipeline, *words):
    """The reason of a FAILED connector, which names these and both ways out."""
    trace = pipeline.bridge.wait_failed(pipeline.connector)
    for word in (*words, "offset.mismatch.accept", f"DELETE /connectors/{pipeline.connector}/offsets"):
        assert word in trace, trace
    return trace


def range_of(trace):
    """The range that is lost, which the message tells with its size."""
    begin, end, size = re.search(r"of ([0-9A-F/]+) to ([0-9A-F/]+) \((\d+) bytes of WAL", trace).groups()
    assert lsn(end) - lsn(begin) == int(size) > 0
    return lsn(begin), lsn(end)


def accept(pipeline, trace):
    """The first way out."""
    path, body = re.search(r"PATCH /connectors/[^/]+(/config) with (\{.*?\})", trace).groups()
    call(pipeline, "PATCH", path, json.loads(body))
    pipeline.bridge.wait_log("accepted by offset.mismatch.accept")
    pipeline.wait_streaming()


def offsets(pipeline):
    """The stored offset, and what of it is the bridge's own."""
    found = call(pipeline, "GET", "/offsets")["offsets"]
    offset = found[0]["offset"] if found else {}
    return offset, json.loads(offset.get("bridge", "{}"))


def stop(pipeline):
    """Stop the connector; returns its stored offset."""
    call(pipeline, "PUT", "/stop")
    wait_until("the last offset is stored", lambda: offsets(pipeline)[1].get("clean"))
    return offsets(pipeline)


def snapshot_again(pipeline):
    """The second way out."""
    call(pipeline, "PUT", "/stop")
    call(pipeline, "DELETE", "/offsets")
    call(pipeline, "PUT", "/resume")
    pipeline.wait_streaming()


def insert(pipeline, *keys):
    for key in keys:
        pipeline.source.sql("INSERT INTO orders VALUES (%s, 1, 'x')", pipeline.database, args=(key,))


def events(pipeline):
    """(operation, key) of what the topic holds of ours, sorted."""
    return sorted((r.op, json.loads(r.key)["order_id"]) for r in pipeline.broker.records(pipeline.topic)
                  if "__debezium.position" in r.headers)


def created(*keys):
    return [("c", key) for key in keys]


def rows(*keys):
    return [("r", key) for key in keys]


def lose_wal(pipeline):
    """Exceed max_slot_wal_keep_size."""
    source = pipeline.source
    source.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
    source.sql("SELECT pg_reload_conf()")
    try:
        def lost():
            source.sql("SELECT pg_logical_emit_message(false, 'x', 'x'), pg_switch_wal()")
            source.sql("CHECKPOINT")
            return source.one("SELECT wal_status = 'lost' FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,))
        wait_until("the slot is lost", lost)
    finally:
        source.sql("ALTER SYSTEM RESET max_slot_wal_keep_size")
        source.sql("SELECT pg_reload_conf()")
