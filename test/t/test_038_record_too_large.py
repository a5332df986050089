"""A record above the limit between good ones of a transaction: FAILED, and both ways out lead past it."""
import json
import re

from confluent_kafka.admin import ConfigResource
from stack import wait_until

ROWS, LARGE = 20000, 15000      # so many that Kafka has some of them when the one that is too large is reached


def test_left_out(pipeline):
    """The change that is left out is of a transaction whose beginning Kafka has already."""
    pipeline.start_bridge()
    position = fail(pipeline)
    restart(pipeline, skip_change=position)
    assert found(pipeline) == [n for n in range(1, ROWS + 2) if n != LARGE]
    assert pipeline.bridge.logged("the configuration was changed in the middle of a transaction") is None


def test_limit_raised(pipeline, real_kafka):
    real_kafka.create_topic(pipeline.topic, 3, {"max.message.bytes": "4000000"})
    pipeline.start_bridge()
    fail(pipeline)
    # a buffer that is smaller than a record is made as large
    restart(pipeline, producer_override_max_request_size="4000000", producer_override_buffer_memory="100000")
    assert found(pipeline) == list(range(1, ROWS + 2))


def test_refused_by_broker(pipeline, real_kafka):
    """What stands behind it in other requests must not get into the topic: at the next start it would hide the one before."""
    real_kafka.create_topic(pipeline.topic, 1, {"max.message.bytes": "20000"})
    pipeline.start_bridge(producer_override_batch_size="10000", producer_override_compression_type="none")
    pipeline.source.sql("ALTER TABLE orders ALTER name TYPE text", pipeline.database)
    pipeline.source.sql("INSERT INTO orders SELECT n, n, repeat('x', CASE n WHEN 500 THEN 50000 ELSE 10 END) FROM generate_series(1, 5000) n",
                        pipeline.database)
    assert "max.message.bytes" in pipeline.bridge.wait_failed(pipeline.connector)
    admin = real_kafka.admin()
    for future in admin.alter_configs([ConfigResource("topic", pipeline.topic, {"max.message.bytes": "100000"})]).values():
        future.result(30)
    pipeline.bridge.call("POST", f"/connectors/{pipeline.connector}/restart?includeTasks=true")
    pipeline.wait_streaming()
    pipeline.wait_captured()
    assert found(pipeline) == list(range(1, 5001))


def fail(pipeline):
    """Returns the position that the error names."""
    pipeline.source.sql("ALTER TABLE orders ALTER name TYPE text", pipeline.database)
    pipeline.source.sql("""INSERT INTO orders SELECT n, n, CASE n WHEN %s THEN repeat('x', 1500000) ELSE 'x' END
                           FROM generate_series(1, %s) n""", pipeline.database, args=(LARGE, ROWS))
    trace = pipeline.bridge.wait_failed(pipeline.connector)
    assert pipeline.topic in trace and "max.request.size" in trace
    return re.search(r"skip\.change=(\S+ \S+ \d+) leaves", trace)[1]


def restart(pipeline, **changes):
    assert pipeline.bridge.call("PUT", f"/connectors/{pipeline.connector}/config", pipeline.config(**changes))[0] == 200
    pipeline.wait_streaming()
    pipeline.source.sql("INSERT INTO orders VALUES (%s, 4, 'behind')", pipeline.database, args=(ROWS + 1,))
    wait_until("the slot has got past it", lambda: pipeline.source.confirmed(pipeline.slot, pipeline.source.wal_end()))


def found(pipeline):
    return sorted(json.loads(r.key)["order_id"] for r in pipeline.stream_records())
