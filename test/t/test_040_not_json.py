"""A record that is not JSON in the topic: its topic, partition and offset are said, all others are applied."""
from stack import wait_until


def test_not_json(pipeline, source):
    pipeline.start_bridge()
    source.sql("INSERT INTO orders VALUES (1, 100, 'before')", pipeline.database, "sourceuser")
    pipeline.wait_captured()
    partition, offset = pipeline.broker.produce(pipeline.topic, b"this is not JSON", b'{"order_id":1}')
    source.sql("INSERT INTO orders VALUES (2, 200, 'after')", pipeline.database, "sourceuser")
    pipeline.wait_captured()
    pipeline.start_applier()
    wait_until("the rest is applied", lambda: pipeline.applier.check_running() or (
        pipeline.dest_orders() == [(1, 100, "before"), (2, 200, "after")] and pipeline.dest_flink() == [(1, 100), (2, 200)]))
    # each of the two scripts reports it
    log = pipeline.applier.text()
    lines = [line for line in log.splitlines() if pipeline.topic in line and str(offset) in line]
    assert any("error" in line or "warning" in line for line in lines), log
    assert any(str(partition) in line for line in lines), log
