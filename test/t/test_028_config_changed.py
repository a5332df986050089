"""A configuration that is changed while a transaction is half sent: that one is finished as it was begun."""
import signal

from stack import wait_until

ROWS = 40000


def test_finished_as_begun(pipeline, real_kafka):
    pipeline.start_bridge()
    pipeline.source.sql("INSERT INTO orders SELECT n, n, 'x' FROM generate_series(1, %s) n", pipeline.database, args=(ROWS,))
    pipeline.wait_captured()

    def written():
        return sum(high for _, high in real_kafka.ends(pipeline.topic).values())
    before = written()
    pipeline.source.sql("DELETE FROM orders", pipeline.database)
    wait_until("some of the transaction is in Kafka", lambda: written() > before)
    real_kafka.send(signal.SIGSTOP)
    pipeline.bridge.kill()
    real_kafka.send(signal.SIGCONT)
    assert before < written() < before + 2 * ROWS, "the kill came too late for what is tested here"

    pipeline.start_bridge(tombstones_on_delete="false")
    pipeline.bridge.wait_log("the configuration was changed in the middle of a transaction")
    pipeline.wait_captured()
    pipeline.source.sql("INSERT INTO orders VALUES (1, 1, 'y'); DELETE FROM orders", pipeline.database)
    pipeline.bridge.wait_log("what was begun under the last configuration is finished")
    pipeline.wait_captured()
    operations = [r.op for r in pipeline.stream_records()]
    assert operations == ["c"] * ROWS + ["d", "x"] * ROWS + ["c", "d"]


def test_nothing_half_sent(pipeline):
    """After a kill between two transactions the new configuration holds from the next one on."""
    pipeline.start_bridge()
    pipeline.source.sql("INSERT INTO orders VALUES (1, 1, 'x'), (2, 2, 'x'); DELETE FROM orders WHERE order_id = 1", pipeline.database)
    pipeline.wait_captured()
    pipeline.bridge.kill()
    pipeline.start_bridge(tombstones_on_delete="false")
    pipeline.source.sql("DELETE FROM orders", pipeline.database)
    pipeline.wait_captured()
    assert [r.op for r in pipeline.stream_records()] == ["c", "c", "d", "x", "d"]
