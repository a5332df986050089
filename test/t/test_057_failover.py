"""Failover to a standby that has the slot, too (PostgreSQL 17): exact where the standby has all that was sent, else refused."""
import json
import signal

from pipeline import Pipeline
from postgres17 import Postgres17, system17
from refusals import accept, events, insert, lose_wal, range_of, refused
from stack import wait_until

SYNC = ("sync_replication_slots = on", "hot_standby_feedback = on")


def wait_synced(standby, slot):
    wait_until("the standby has the slot", lambda: standby.one(
        "SELECT synced AND NOT temporary FROM pg_replication_slots WHERE slot_name = %s", args=(slot,)), 120)


def promote(standby):
    assert standby.one("SELECT pg_promote()")


def follow(primary, standby):
    """Nothing is sent to the bridge that this standby does not have."""
    primary.sql(f"ALTER SYSTEM SET synchronized_standby_slots = '{standby.data.name}'")
    primary.sql("SELECT pg_reload_conf()")


def keys(pipeline):
    return sorted(json.loads(r.key)["order_id"] for r in pipeline.broker.records(pipeline.topic))


def test_failover(base, dest, broker, programs):
    with system17() as system:
        first = Postgres17(system, base, "first")
        programs.append(first)
        first.role("sourceuser", "REPLICATION")
        second = Postgres17(system, base, "second", SYNC, copy_of=first)
        programs.append(second)
        follow(first, second)
        pipeline = Pipeline(base, "t057", first, dest, broker)
        programs.append(pipeline.bridge)
        pipeline.start_bridge(slot_failover="true", database_failover_hosts=f"127.0.0.1:{second.port}")
        wait_synced(second, pipeline.slot)

        # the primary dies in the middle; what the standby lacks, the topic lacks, too
        first.sql("INSERT INTO orders SELECT n, 1, 'x' FROM generate_series(1, 5000) n", pipeline.database)
        pipeline.wait_captured()
        for key in range(10000, 10100):
            insert(pipeline, key)
        first.stop(signal.SIGQUIT)
        promote(second)
        pipeline.source = second
        pipeline.wait_streaming()
        insert(pipeline, 20000)
        pipeline.wait_captured()
        assert keys(pipeline) == [k for k, *_ in pipeline.source_orders()]
        assert second.one("SELECT failover FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,))

        # a standby without the last WAL
        third = Postgres17(system, base, "third", SYNC, copy_of=second)
        programs.append(third)
        wait_synced(third, pipeline.slot)
        third.stop()
        insert(pipeline, 30000)
        pipeline.wait_captured()
        second.stop()
        third.start()
        promote(third)
        pipeline.source = third
        assert pipeline.bridge.call("PATCH", f"/connectors/{pipeline.connector}/config", {
            "database.failover.hosts": f"127.0.0.1:{second.port},127.0.0.1:{third.port}"})[0] == 200
        trace = refused(pipeline, "of timeline 2, but the server's timeline 3 leaves it at")
        range_of(trace)
        insert(pipeline, 40000)
        accept(pipeline, trace)
        pipeline.wait_captured()
        lost, *found = sorted({("c", k) for k, *_ in pipeline.source_orders()} ^ set(events(pipeline)))
        assert lost == ("c", 30000) and not found
        assert keys(pipeline) == sorted(set(keys(pipeline)))

        # a slot that the server has given up tells why
        assert pipeline.bridge.stop() == 0
        insert(pipeline, 50000)
        lose_wal(pipeline)
        pipeline.bridge.start((pipeline.connector, pipeline.config()))
        refused(pipeline, "is invalid: WAL that it needs was removed, as max_slot_wal_keep_size says")
        assert pipeline.bridge.stop() == 0
        third.stop()
