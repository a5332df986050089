"""No broker at the start: the bridge says which address, keeps trying, and goes on when there is one.  One that is there but
does nothing for longer than wal_sender_timeout does not cost the connection."""
import signal

from stack import Kafka, wait_until


def test_broker_away(pipeline, real_kafka, base, source, programs):
    kafka = Kafka(base, "late")
    programs.append(kafka)
    kafka.stop()
    pipeline.broker = kafka
    pipeline.bridge.properties["bootstrap.servers"] = kafka.bootstrap
    source.sql(f"ALTER DATABASE {pipeline.database} SET wal_sender_timeout = '1500ms'")
    source.sql("INSERT INTO orders VALUES (1, 1, 'waits')", pipeline.database, "sourceuser")
    pipeline.bridge.start((pipeline.connector, pipeline.config()), wait=False)
    wait_until("the bridge says what it cannot reach", lambda: pipeline.bridge.check_running() or
               pipeline.bridge.logged(rf"{kafka.port}"))
    kafka.start()
    wait_until("the row is in the topic", lambda: pipeline.topic in kafka.topics() and kafka.records(pipeline.topic))
    pipeline.wait_captured()

    def walsender(what):
        return source.one(f"""SELECT {what} FROM pg_stat_replication r JOIN pg_replication_slots s ON s.active_pid = r.pid
                              WHERE slot_name = %s""", args=(pipeline.slot,))
    pid, begin = walsender("pid"), walsender("now()")
    kafka.send(signal.SIGSTOP)
    try:                                # more than the bridge takes and the sockets hold
        source.sql("INSERT INTO orders SELECT n, n, repeat('x', 250) FROM generate_series(2, 60000) n", pipeline.database)
        wait_until("three time-outs are over", lambda: source.one("SELECT now() > %s + interval '4500ms'", args=(begin,)))
        assert walsender("sent_lsn < pg_current_wal_flush_lsn()"), "the server is held back"
    finally:
        kafka.send(signal.SIGCONT)
    pipeline.wait_captured()
    assert walsender("pid") == pid and pipeline.bridge.text().count("streaming from slot") == 1
    assert len(kafka.records(pipeline.topic)) == 60000
