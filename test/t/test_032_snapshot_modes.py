"""snapshot.mode and what else says which rows a snapshot reads."""
import json

import pytest


def insert(pipeline, *keys):
    for key in keys:
        pipeline.source.sql("INSERT INTO orders VALUES (%s, 1, 'x')", pipeline.database, args=(key,))


def operations(pipeline):
    """Operations and keys, snapshot rows and events, in the order of offsets."""
    return [(r.op, json.loads(r.key)["order_id"]) for r in pipeline.broker.records(pipeline.topic)]


def test_always(pipeline, source):
    """Rows again at each start; the stream goes on from the snapshot: what happened in between is in the rows alone."""
    insert(pipeline, 1)
    pipeline.start_bridge(snapshot_mode="always")
    insert(pipeline, 2)
    pipeline.wait_captured()
    assert pipeline.bridge.stop() == 0
    insert(pipeline, 3)
    source.sql("DELETE FROM orders WHERE order_id = 1", pipeline.database)
    pipeline.start_bridge(snapshot_mode="always")
    insert(pipeline, 4)
    pipeline.wait_captured()
    found = operations(pipeline)
    assert sorted(found) == [("c", 2), ("c", 4), ("r", 1), ("r", 2), ("r", 3)]
    assert source.one("SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE %s", args=(f"{pipeline.slot}%",)) == 1


def test_slot_that_was_there(pipeline, source):
    """A slot made by hand, and a transaction that is open while the snapshot begins: once, as its event."""
    source.sql("SELECT pg_create_logical_replication_slot(%s, 'decoder_debezium')", pipeline.database, args=(pipeline.slot,))
    insert(pipeline, 1)
    open_one = source.connect(pipeline.database)
    open_one.autocommit = True
    with open_one.cursor() as cursor:
        cursor.execute("BEGIN; INSERT INTO orders VALUES (2, 1, 'x')")
        pipeline.bridge.start((pipeline.connector, pipeline.config()))
        pipeline.bridge.wait_log("waits for a transaction of process")
        insert(pipeline, 3)
        cursor.execute("COMMIT")
    open_one.close()
    pipeline.wait_streaming()
    insert(pipeline, 4)
    pipeline.wait_captured()
    found = operations(pipeline)
    assert sorted(key for _, key in found) == [1, 2, 3, 4], found
    assert ("r", 1) in found and ("c", 4) in found


@pytest.mark.parametrize("data, stream, expected", [
    ("true", "true", [("c", 2), ("r", 1)]), ("true", "false", [("r", 1)]), ("false", "true", [("c", 2)])])
def test_configuration_based(pipeline, data, stream, expected):
    insert(pipeline, 1)
    changes = {"snapshot.mode.configuration.based.snapshot.data": data,
               "snapshot.mode.configuration.based.start.stream": stream}
    config = {**pipeline.config(snapshot_mode="configuration_based"), **changes}
    pipeline.bridge.start((pipeline.connector, config))
    if stream == "true":
        pipeline.wait_streaming()
        insert(pipeline, 2)
        pipeline.wait_captured()
    else:
        pipeline.bridge.wait_log("does not ask for the stream")
        insert(pipeline, 2)
    assert sorted(operations(pipeline)) == expected


def test_overrides(pipeline, source):
    insert(pipeline, 1, 2, 3)
    override = {"snapshot.select.statement.overrides": "public.other, public.orders",
                "snapshot.select.statement.overrides.public.orders":
                "SELECT order_id, user_id + 1, upper(name) FROM orders WHERE order_id > 1 ORDER BY order_id DESC; "}
    pipeline.bridge.start((pipeline.connector, {**pipeline.config(), **override}))
    pipeline.wait_streaming()
    pipeline.wait_captured()
    rows = sorted((tuple(json.loads(r.value)["after"].values()) for r in pipeline.broker.records(pipeline.topic)), reverse=True)
    assert rows == [(3, 2, "X"), (2, 2, "X")]


def test_override_that_does_not_fit(pipeline):
    insert(pipeline, 1)
    override = {"snapshot.select.statement.overrides": "public.orders",
                "snapshot.select.statement.overrides.public.orders": "SELECT order_id FROM orders"}
    pipeline.bridge.start((pipeline.connector, {**pipeline.config(), **override}))
    reason = pipeline.bridge.wait_failed(pipeline.connector)
    assert "public.orders" in reason and "too few columns" in reason


def test_include_list(pipeline, source):
    source.sql("CREATE TABLE other (id int PRIMARY KEY); INSERT INTO other VALUES (7)", pipeline.database, "sourceuser")
    insert(pipeline, 1)
    config = pipeline.config(table_include_list="public.*", snapshot_include_collection_list="public.oth.*")
    pipeline.bridge.start((pipeline.connector, config))
    pipeline.wait_streaming()
    insert(pipeline, 2)
    pipeline.wait_captured()
    assert operations(pipeline) == [("c", 2)]
    assert [json.loads(r.value)["op"] for r in pipeline.broker.records(f"{pipeline.name}.public.other")] == ["r"]
