"""A slot that cannot go on from the stored offset: refused with the gap's size, and both ways out work."""
from refusals import accept, created, events, insert, lose_wal, offsets, range_of, refused, rows, snapshot_again
from stack import lsn


def position(pipeline):
    return lsn(pipeline.source.one("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = %s",
                                   args=(pipeline.slot,)))


def drop_slot(pipeline):
    pipeline.source.drop_slot(pipeline.slot)


def stopped(pipeline):
    assert pipeline.bridge.stop() == 0


def start(pipeline, **changes):
    pipeline.bridge.start((pipeline.connector, pipeline.config(**changes)))


def read_by_another(pipeline):
    """Another consumer reads from the slot what was meant for the bridge."""
    assert pipeline.source.sql("SELECT data FROM pg_logical_slot_get_changes(%s, NULL, NULL)", pipeline.database,
                               args=(pipeline.slot,))


def test_slot_ahead(pipeline):
    pipeline.start_bridge()
    insert(pipeline, 1)
    pipeline.wait_captured()
    stopped(pipeline)
    insert(pipeline, 2)
    read_by_another(pipeline)
    start(pipeline)
    trace = refused(pipeline, pipeline.slot, "bytes ahead of the stored position")
    assert range_of(trace) == (lsn(offsets(pipeline)[1]["lsn"]), position(pipeline))
    accept(pipeline, trace)
    insert(pipeline, 3)
    pipeline.wait_captured()
    assert events(pipeline) == created(1, 3)

    # what was accepted holds for that gap only
    word = trace.split('accept":"')[1].split('"')[0]
    stopped(pipeline)
    insert(pipeline, 4)
    read_by_another(pipeline)
    start(pipeline, offset_mismatch_accept=word)
    assert range_of(refused(pipeline, "bytes ahead"))[0] > range_of(trace)[0]
    snapshot_again(pipeline)
    pipeline.wait_captured()
    assert events(pipeline) == created(1, 3) + rows(1, 2, 3, 4)

    # Debezium's way to say it once for all
    stopped(pipeline)
    insert(pipeline, 5)
    read_by_another(pipeline)
    start(pipeline, offset_mismatch_strategy="trust_slot")
    pipeline.wait_streaming()
    assert pipeline.bridge.logged("bytes ahead of the stored position .* trusted by offset.mismatch.strategy")
    insert(pipeline, 6)
    pipeline.wait_captured()
    assert events(pipeline) == created(1, 3, 6) + rows(1, 2, 3, 4)


def test_slot_dropped(pipeline):
    pipeline.start_bridge()
    insert(pipeline, 1)
    pipeline.wait_captured()
    drop_slot(pipeline)                     # while it runs
    insert(pipeline, 2)
    trace = refused(pipeline, f'"{pipeline.slot}" does not exist')
    range_of(trace)
    accept(pipeline, trace)
    insert(pipeline, 3)
    pipeline.wait_captured()
    assert events(pipeline) == created(1, 3)

    stopped(pipeline)
    drop_slot(pipeline)                     # while it does not
    insert(pipeline, 4)
    start(pipeline)
    assert "snapshot.mode=when_needed" in refused(pipeline, "does not exist")
    assert pipeline.bridge.call("PATCH", f"/connectors/{pipeline.connector}/config", {"snapshot.mode": "when_needed"})[0] == 200
    pipeline.wait_streaming()
    pipeline.wait_captured()
    assert events(pipeline) == created(1, 3) + rows(1, 2, 3, 4)


def test_slot_lost(pipeline):
    pipeline.start_bridge()
    insert(pipeline, 1)
    pipeline.wait_captured()
    stopped(pipeline)
    insert(pipeline, 2)
    lose_wal(pipeline)
    start(pipeline)
    trace = refused(pipeline, f'"{pipeline.slot}" is invalid', "max_slot_wal_keep_size")
    range_of(trace)
    accept(pipeline, trace)
    insert(pipeline, 3)
    pipeline.wait_captured()
    assert events(pipeline) == created(1, 3)

    stopped(pipeline)
    insert(pipeline, 4)
    lose_wal(pipeline)
    start(pipeline)
    refused(pipeline, "is invalid")
    snapshot_again(pipeline)
    pipeline.wait_captured()
    assert events(pipeline) == created(1, 3) + rows(1, 2, 3, 4)
