"""A slot of another plugin, as Debezium leaves it: FAILED with the steps to take, or taken over when that was asked for."""
import json

import pytest
from stack import wait_until


def slots(pipeline):
    return sorted(pipeline.source.sql("SELECT slot_name, plugin FROM pg_replication_slots WHERE database = %s", args=(pipeline.database,)))


def create_slot(pipeline, plugin="pgoutput"):
    pipeline.source.sql("SELECT pg_create_logical_replication_slot(%s, %s)", pipeline.database, args=(pipeline.slot, plugin))


def insert(pipeline, *keys):
    pipeline.source.sql("INSERT INTO orders SELECT unnest(%s), 1, 'x'", pipeline.database, args=(list(keys),))


def captured(pipeline):
    pipeline.wait_captured()
    return sorted((r.op, json.loads(r.key)["order_id"]) for r in pipeline.broker.records(pipeline.topic))


def adopt(pipeline, **changes):
    pipeline.bridge.properties["adopt.slots"] = "true"
    pipeline.start_bridge(**changes)
    assert slots(pipeline) == [(pipeline.slot, "decoder_debezium")]


def test_refused(pipeline, source):
    create_slot(pipeline)
    before = source.sql("SELECT plugin, confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,))
    pipeline.bridge.start((pipeline.connector, pipeline.config()))
    trace = pipeline.bridge.wait_failed(pipeline.connector)
    assert pipeline.slot in trace and "pgoutput" in trace and "decoder_debezium" in trace
    assert "pg_drop_replication_slot" in trace and "slot.name" in trace and "--adopt" in trace and "adopt.slots" in trace
    assert before == source.sql("SELECT plugin, confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = %s",
                                args=(pipeline.slot,))


def test_never_streamed(pipeline):
    """Without a stored offset Debezium takes its snapshot, whatever slot there is; so does what takes over from it."""
    insert(pipeline, 1)
    create_slot(pipeline)
    insert(pipeline, 2)
    adopt(pipeline)
    insert(pipeline, 3)
    assert captured(pipeline) == [("c", 3), ("r", 1), ("r", 2)]


def test_half_a_snapshot(pipeline):
    """Debezium has stopped in the middle of its snapshot: all rows are read."""
    insert(pipeline, 1, 2)
    create_slot(pipeline)
    offset = {"last_snapshot_record": False, "lsn": 1, "txId": 1, "ts_usec": 1, "snapshot": "INITIAL", "snapshot_completed": False}
    topic = pipeline.bridge.properties["offset.storage.topic"]
    pipeline.broker.create_topic(topic, 1, {"cleanup.policy": "compact"}) if pipeline.broker.real else None
    pipeline.broker.produce(topic, json.dumps(offset), json.dumps([pipeline.connector, {"server": pipeline.name}], separators=(",", ":")))
    adopt(pipeline)
    assert pipeline.bridge.logged("Debezium has not completed its snapshot")
    insert(pipeline, 3)
    assert captured(pipeline) == [("c", 3), ("r", 1), ("r", 2)]


def test_no_offset_no_snapshot(pipeline):
    """snapshot.mode=no_data: Debezium was killed before it stored an offset, and its stream begins where the slot is."""
    create_slot(pipeline)
    insert(pipeline, 1)
    adopt(pipeline, snapshot_mode="no_data")
    insert(pipeline, 2)
    assert captured(pipeline) == [("c", 1), ("c", 2)]


@pytest.mark.parametrize("state", ["copied", "dropped", "copied back"])
def test_interrupted(pipeline, source, state):
    """A handover that was interrupted at any of its steps is completed, and nothing is lost."""
    pipeline.start_bridge()
    insert(pipeline, 1)
    pipeline.wait_captured()
    assert pipeline.bridge.stop() == 0
    insert(pipeline, 2)
    copy = pipeline.slot + "_bridge_handover"

    def copied(old, new, plugin):
        source.sql("SELECT pg_copy_logical_replication_slot(%s, %s, false, %s)", pipeline.database, args=(old, new, plugin))
    copied(pipeline.slot, copy, "pgoutput" if state == "copied" else "decoder_debezium")
    if state != "copied back":
        source.drop_slot(pipeline.slot)
    if state == "copied":
        # Debezium's slot, and the copy that was made of it
        copied(copy, pipeline.slot, "pgoutput")
        source.drop_slot(copy)
        copied(pipeline.slot, copy, "decoder_debezium")
        adopt(pipeline)
    else:
        pipeline.start_bridge()         # without being asked to: it was begun
    wait_until("only the slot is left", lambda: slots(pipeline) == [(pipeline.slot, "decoder_debezium")])
    insert(pipeline, 3)
    assert captured(pipeline) == [("c", 1), ("c", 2), ("c", 3)]


def test_in_use(pipeline, programs):
    """Debezium still reads its slot: the task says so and waits, and nothing is taken from it."""
    create_slot(pipeline, "test_decoding")
    with pipeline.source.connect(pipeline.database) as connection:
        from psycopg2.extras import LogicalReplicationConnection
        reader = LogicalReplicationConnection(connection.dsn.replace("connect_timeout=10", ""))
        cursor = reader.cursor()
        cursor.start_replication(pipeline.slot, decode=False)
        pipeline.bridge.properties["adopt.slots"] = "true"
        pipeline.bridge.start((pipeline.connector, pipeline.config()))
        pipeline.bridge.wait_log("is being read by server process")
        assert slots(pipeline) == [(pipeline.slot, "test_decoding")]
        reader.close()
    pipeline.wait_streaming()
    assert slots(pipeline) == [(pipeline.slot, "decoder_debezium")]
