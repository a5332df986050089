"""No broker at the start: the bridge says which address, keeps trying, and goes on when there is one.  One that is there but
does nothing for longer than wal_sender_timeout does not cost the connection.  One with too few replicas is waited for."""
import contextlib
import json
import signal

from confluent_kafka import KafkaException
from confluent_kafka.admin import NewTopic
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


def test_too_few_replicas(pipeline, real_kafka, base, source, programs, monkeypatch):
    """A follower stops, and min.insync.replicas cannot be met: the status says so; nothing is confirmed, nothing comes twice."""
    monkeypatch.setenv("KAFKA_CLUSTER_ID", "dG9vLWZldy1yZXBsaWNhcw")
    soon = ["replica.lag.time.max.ms=1000", "broker.session.timeout.ms=2000", "broker.heartbeat.interval.ms=500"]
    kafka = Kafka(base, "leading", soon)
    programs.append(kafka)
    bridge, pipeline.broker = pipeline.bridge, kafka
    bridge.properties["bootstrap.servers"] = kafka.bootstrap
    kafka.create_topic(bridge.properties["offset.storage.topic"], 1, {"cleanup.policy": "compact"})
    follower = Kafka(base, "following", [*soon, "node.id=2", "process.roles=broker", "listeners=PLAINTEXT://127.0.0.1:{port}",
                                         f"controller.quorum.voters=1@127.0.0.1:{kafka.controller_port}"])
    programs.append(follower)
    admin = kafka.admin()
    wait_until("there are two brokers", lambda: len(admin.list_topics(timeout=10).brokers) == 2)
    topic = NewTopic(pipeline.topic, 1, replica_assignment=[[1, 2]], config={"min.insync.replicas": "2"})
    admin.create_topics([topic])[pipeline.topic].result(30)
    pipeline.start_bridge(snapshot_mode="no_data")

    def in_sync():
        with contextlib.suppress(KafkaException):       # it may have asked the one that is stopped
            return len(admin.list_topics(pipeline.topic, timeout=2).topics[pipeline.topic].partitions[0].isrs)

    follower.send(signal.SIGSTOP)
    try:
        wait_until("the follower is left behind", lambda: in_sync() == 1)
        source.sql("INSERT INTO orders VALUES (1, 1, 'waits')", pipeline.database, "sourceuser")
        wait_until("the bridge says what it waits for", lambda: "too few replicas in sync" in
                   json.dumps(bridge.call("GET", f"/connectors/{pipeline.connector}/status")[1]))
        assert bridge.state(pipeline.connector)[:2] == ("RUNNING", "RUNNING")
        assert not source.confirmed(pipeline.slot, source.wal_end())
    finally:
        follower.send(signal.SIGCONT)
    wait_until("the follower is in sync", lambda: in_sync() == 2)
    pipeline.wait_captured()
    assert len(kafka.records(pipeline.topic)) == 1
