"""Making the slot waits for running transactions: the status names pid, age and user, DELETE works, and it goes on after."""
import contextlib
import os
import signal

from stack import wait_until


def test_long_transaction(pipeline, source):
    with contextlib.closing(source.connect(pipeline.database, "sourceuser")) as long:
        cursor = long.cursor()
        cursor.execute("BEGIN; INSERT INTO orders VALUES (1, 1, 'uncommitted yet'); SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
        pipeline.bridge.start((pipeline.connector, pipeline.config()))

        def status_says():
            text = str(pipeline.bridge.call("GET", f"/connectors/{pipeline.connector}/status")[1])
            return str(pid) in text and "sourceuser" in text and text
        said = wait_until("the status names the transaction", status_says)
        assert "FAILED" not in said
        assert str(pid) in pipeline.bridge.text()
        # it can be given up, and made anew, while it waits
        assert pipeline.bridge.call("DELETE", f"/connectors/{pipeline.connector}")[0] == 204
        wait_until("the slot's creation is given up", lambda: not source.one(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walsender' AND datname = %s", args=(pipeline.database,)))
        assert pipeline.bridge.call("POST", "/connectors", {"name": pipeline.connector, "config": pipeline.config()})[0] == 201
        wait_until("the status names the transaction", status_says)
        cursor.execute("COMMIT")
    pipeline.wait_streaming()
    pipeline.wait_captured()
    assert len(pipeline.broker.records(pipeline.topic)) == 1


def test_snapshot_gone(pipeline, source):
    """The session that has made the slot ends before its snapshot is taken over: all of it is done again."""
    with contextlib.closing(source.connect(pipeline.database, "sourceuser")) as long:
        long.cursor().execute("BEGIN; INSERT INTO orders VALUES (1, 1, 'uncommitted yet')")
        pipeline.bridge.start((pipeline.connector, pipeline.config()))
        pipeline.bridge.wait_log("waits for a transaction")
        worker = pipeline.bridge.worker(pipeline.connector)
        os.kill(worker, signal.SIGSTOP)
        long.cursor().execute("COMMIT")
    try:
        wait_until("the slot is made", lambda: source.one(
            "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,)))
        wait_until("its maker has ended", lambda: not source.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'walsender' AND datname = %s",
            args=(pipeline.database,)))
    finally:
        os.kill(worker, signal.SIGCONT)
    pipeline.wait_streaming()
    pipeline.wait_captured()
    assert pipeline.bridge.logged("could not take over the slot's snapshot")
    assert len(pipeline.broker.records(pipeline.topic)) == 1
