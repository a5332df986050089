"""The main job: a snapshot and 10,000 mixed operations of concurrent sessions reach the topic and both tables."""
from pipeline import Workloads

SNAPSHOT = 500


def test_pipeline(pipeline, source):
    # the embedded broker keeps 5 MB of a partition
    operations = 10000 if pipeline.broker.real else 3000
    pipeline.broker.create_topic(pipeline.topic, 3)
    source.sql(f"INSERT INTO orders (user_id, name) SELECT i, 'Name ' || i FROM generate_series(1, {SNAPSHOT}) i",
               pipeline.database, "sourceuser")
    pipeline.watch()
    pipeline.start_bridge()
    pipeline.start_applier()
    Workloads(pipeline, operations).start().finish()
    pipeline.wait_captured()

    records = pipeline.broker.records(pipeline.topic)
    snapshot = [r for r in records if r.position.kind == "r"]
    assert len(snapshot) == SNAPSHOT
    assert len({r.key for r in snapshot}) == SNAPSHOT
    assert len({r.partition for r in records}) > 1
    changes = pipeline.check_topic()
    assert {r.op for r in changes} == {"c", "u", "d", "x"}
    pipeline.wait_applied()
    assert len(pipeline.dest_flink()) > len(pipeline.dest_orders()), "orders_flink keeps what was deleted"
