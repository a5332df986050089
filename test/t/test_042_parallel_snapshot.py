"""Snapshots by several sessions: nothing missing, markers, progress, and what may happen in the middle.

Some tables are large enough to be cut, as a column that is not captured fills a page with each row.  A table that is read
by a statement of its own keeps the snapshot open for as long as the test holds an advisory lock."""
import contextlib
import json
import re
from collections import Counter

import psycopg2
import pytest

from stack import wait_until

ROWS = 1200                     # and pages of each large table, which are 3 ranges
GATE = 4711                     # the advisory lock
CONFIG = {
    "table.include.list": "public.*", "column.exclude.list": "public.*.padding", "snapshot.max.threads": "4",
    "snapshot.max.threads.multiplier": "2", "snapshot.select.statement.overrides": "public.gate",
    "snapshot.select.statement.overrides.public.gate": f"SELECT g.* FROM gate g, pg_advisory_lock_shared({GATE})"}


@pytest.fixture
def tables(pipeline):
    """Large ones with and without a key, and small ones."""
    pipeline.source.sql(f"""
        ALTER TABLE orders ADD padding text, ALTER padding SET STORAGE PLAIN, ALTER padding SET DEFAULT repeat('x', 7000);
        INSERT INTO orders SELECT i, 1, 'first' FROM generate_series(1, {ROWS}) i;
        CREATE TABLE keyless (n int, padding text DEFAULT repeat('x', 7000));
        ALTER TABLE keyless REPLICA IDENTITY FULL, ALTER padding SET STORAGE PLAIN;
        INSERT INTO keyless SELECT i / 2 FROM generate_series(1, {ROWS}) i;
        CREATE TABLE gate (id int PRIMARY KEY); INSERT INTO gate VALUES (1);
        CREATE TABLE none (id int PRIMARY KEY);
        CREATE TABLE one (id int PRIMARY KEY); INSERT INTO one VALUES (1);
        ANALYZE""", pipeline.database, "sourceuser")
    return ["orders", "keyless", "gate", "none", "one"]


@contextlib.contextmanager
def closed_gate(pipeline):
    """The snapshot does not end; its end opens the gate."""
    holder = pipeline.source.connect(pipeline.database)
    with contextlib.closing(holder), holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (GATE,))
        yield


def start(pipeline, **changes):
    pipeline.bridge.start((pipeline.connector, {**pipeline.config(), **CONFIG, **changes}))


def metric(pipeline, name, label=""):
    return pipeline.bridge.metrics().get(f'debezium_bridge_snapshot_{name}{{connector="{pipeline.connector}"{label}}}')


def wait_gate(pipeline, times=1):
    """Wait until all but the gate was read, the second time if need be."""
    wait_until("one table is left", lambda: pipeline.bridge.check_running() or
               len(re.findall("4 of 5 tables", pipeline.bridge.text())) == times and metric(pipeline, "remaining_tables") == 1)


def snapshot_pids(pipeline):
    return [row[0] for row in pipeline.source.sql(
        """SELECT pid FROM pg_stat_activity WHERE datname = %s AND application_name LIKE 'debezium_bridge %%'
           AND backend_type = 'client backend' ORDER BY wait_event = 'advisory' DESC NULLS LAST""", args=(pipeline.database,))]


def records(pipeline, tables):
    found = []
    for table in tables:
        topic = f"{pipeline.name}.public.{table}"
        if topic in pipeline.broker.topics():
            found += pipeline.broker.records(topic)
    return found


def rows(records, table):
    """Snapshot rows of a table."""
    values = [json.loads(r.value) for r in records if r.topic.endswith(f".{table}") and r.value and r.op == "r"]
    return [value["after"] for value in values]


def check_replayed(pipeline, records):
    """The records of both large tables, applied, give the tables."""
    orders, keyless = {}, Counter()
    for record in records:
        event = json.loads(record.value) if record.value else None
        if event and record.topic.endswith(".orders"):
            orders.pop(json.loads(record.key)["order_id"], None)
            if event["after"]:
                orders[event["after"]["order_id"]] = (event["after"]["user_id"], event["after"]["name"])
        if event and record.topic.endswith(".keyless"):
            keyless.update([event["after"]["n"]] if event["after"] else [])
            keyless.subtract([event["before"]["n"]] if event["before"] else [])
    assert orders == {key: (user, name) for key, user, name in pipeline.source.sql(
        "SELECT order_id, user_id, name FROM orders", pipeline.database)}
    assert +keyless == Counter(n for n, in pipeline.source.sql("SELECT n FROM keyless", pipeline.database))


def test_changes_meanwhile(pipeline, tables):
    """The rows are those of the slot's beginning; what changes while they are read comes as events, and TRUNCATE waits."""
    sql, database = pipeline.source.sql, pipeline.database
    with closed_gate(pipeline):
        start(pipeline, **{"snapshot.delay.ms": "20", "streaming.delay.ms": "30"})
        wait_gate(pipeline)
        assert pipeline.bridge.logged("waiting 20 ms before the snapshot")
        assert not pipeline.bridge.logged("properties without effect: .*(snapshot|streaming)")
        assert len(snapshot_pids(pipeline)) == 4
        sql(f"""INSERT INTO orders SELECT i, 2, 'new' FROM generate_series({ROWS + 1}, {ROWS + 100}) i;
                UPDATE orders SET name = 'changed' WHERE order_id % 7 = 0; UPDATE orders SET order_id = -5 WHERE order_id = 5;
                DELETE FROM orders WHERE order_id % 11 = 0; INSERT INTO keyless VALUES (1), (2);
                DELETE FROM keyless WHERE n > {ROWS // 2 - 10}; UPDATE keyless SET n = -n WHERE n < 10""", database, "sourceuser")
        for table in tables:
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                sql(f"SET lock_timeout = 10; TRUNCATE {table}", database, "sourceuser")
        status = pipeline.bridge.call("GET", f"/connectors/{pipeline.connector}/status")[1]
        assert re.fullmatch(rf"snapshot: {2 * ROWS + 1} of about \d+ rows \(99 %\), 4 of 5 tables(, about 0 s left)?",
                            status["tasks"][0]["info"]), status
        assert [metric(pipeline, n) for n in ("running", "completed", "aborted", "tables")] == [1, 0, 0, 5]
        assert metric(pipeline, "table_rows", ',table="public.keyless"') == ROWS
    pipeline.wait_streaming()
    assert pipeline.bridge.logged("waiting 30 ms before the stream")
    pipeline.wait_captured()
    assert [metric(pipeline, n) for n in ("running", "completed", "remaining_tables")] == [0, 1, 0]
    found = records(pipeline, tables)
    assert sorted(row["order_id"] for row in rows(found, "orders")) == list(range(1, ROWS + 1))
    assert Counter(row["n"] for row in rows(found, "keyless")) == Counter(i // 2 for i in range(1, ROWS + 1))
    check_replayed(pipeline, found)
    check_markers(found, tables)


def check_markers(found, tables):
    """One row is the first of all, one the last; each further table that has rows has one that is its last."""
    markers = {r.position.order: (json.loads(r.value)["source"]["snapshot"], r.topic.rsplit(".", 1)[1])
               for r in found if r.value and r.op == "r"}
    in_order = [markers[place] for place in sorted(markers)]
    kinds = Counter(kind for kind, _ in in_order)
    assert in_order[0][0] == "first" and kinds["first"] == 1
    assert in_order[-1][0] == "last" and kinds["last"] == 1
    for table in tables:
        own = [kind for kind, of in in_order if of == table]
        if own:
            assert own[-1] in ("last", "last_in_data_collection") and own.count("last_in_data_collection") <= 1
            assert len(own) == 1 or own[0] in ("first", "first_in_data_collection")
            assert set(own[1:-1]) <= {"true"}


def test_killed(pipeline, tables):
    """kill -9 in the middle: slot and snapshot are made anew."""
    with closed_gate(pipeline):
        start(pipeline)
        wait_gate(pipeline)
        pipeline.bridge.kill_worker(pipeline.connector)
        pipeline.source.sql("UPDATE orders SET name = 'between' WHERE order_id < 10", pipeline.database)
        pipeline.bridge.wait_log("the last snapshot was not completed")
        wait_gate(pipeline, 2)
        pipeline.source.sql("DELETE FROM orders WHERE order_id < 5", pipeline.database)
    pipeline.wait_streaming()
    pipeline.wait_captured()
    found = [r for r in records(pipeline, tables)]
    last = max(r.position.order[0] for r in found if r.position.kind == "r")
    again = [r for r in found if r.position.order[0] >= last]
    assert sorted(row["order_id"] for row in rows(again, "orders")) == list(range(1, ROWS + 1))
    check_replayed(pipeline, again)
    check_markers(again, tables)


def test_session_lost(pipeline, tables):
    """What ends one session ends the snapshot, with its reason, and it begins anew."""
    with closed_gate(pipeline):
        start(pipeline)
        wait_gate(pipeline)
        pipeline.source.sql("SELECT pg_terminate_backend(%s)", args=(snapshot_pids(pipeline)[0],))
        pipeline.bridge.wait_log(r"could not read table public\.gate: .*terminating connection due to administrator command")
        pipeline.bridge.wait_log("dropped replication slot")
        wait_gate(pipeline, 2)
    pipeline.wait_streaming()


def test_deleted(pipeline, tables):
    """The connector is deleted: its process ends at once, and the slot is gone."""
    with closed_gate(pipeline):
        pipeline.bridge.start()
        status, answer = pipeline.bridge.call("PUT", f"/connectors/{pipeline.connector}/config", {**pipeline.config(), **CONFIG})
        assert status == 201, answer
        wait_gate(pipeline)
        assert pipeline.bridge.call("DELETE", f"/connectors/{pipeline.connector}")[0] == 204
        wait_until("the process has ended", lambda: not pipeline.bridge.worker(pipeline.connector), 4)
        assert not pipeline.source.one("SELECT count(*) FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,))
        wait_until("its sessions have ended", lambda: not snapshot_pids(pipeline))


@pytest.mark.parametrize("isolation, seen", [("serializable", 0), ("repeatable_read", 0), ("read_committed", 1)])
def test_isolation(pipeline, tables, isolation, seen):
    """Without a slot the transaction is as configured: does it see what is committed while it reads an earlier table?"""
    with closed_gate(pipeline):
        start(pipeline, **{"snapshot.mode": "initial_only", "snapshot.isolation.mode": isolation, "snapshot.max.threads": "1",
                           "table.include.list": "public.gate,public.one"})
        wait_until("it waits at the gate", lambda: pipeline.bridge.check_running() or pipeline.source.one(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event = 'advisory'", args=(pipeline.database,)))
        pipeline.source.sql("INSERT INTO one VALUES (2)", pipeline.database)
    pipeline.bridge.wait_log("does not ask for the stream")
    found = records(pipeline, tables)
    assert [len(rows(found, table)) for table in ("gate", "one")] == [1, 1 + seen]


def test_lock_timeout(pipeline, tables):
    """Somebody holds a table: snapshot.lock.timeout.ms says for how long that is waited for."""
    holder = pipeline.source.connect(pipeline.database)
    with contextlib.closing(holder), holder.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE one IN ACCESS EXCLUSIVE MODE")
        start(pipeline, **{"snapshot.mode": "initial_only", "snapshot.locking.mode": "shared", "snapshot.lock.timeout.ms": "50"})
        pipeline.bridge.wait_log("canceling statement due to lock timeout")
    pipeline.bridge.wait_log("does not ask for the stream")
    assert len(rows(records(pipeline, tables), "one")) == 1


def test_rewritten(pipeline, tables):
    """A table that is rewritten behind the snapshot's back, before it is locked, is not taken for an empty one."""
    holder = pipeline.source.connect(pipeline.database)
    with contextlib.closing(holder), holder.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE one IN ACCESS EXCLUSIVE MODE")
        start(pipeline, **{"snapshot.mode": "initial_only"})
        wait_until("the snapshot waits for the lock", lambda: pipeline.source.one(
            "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = %s",
            args=(pipeline.database,)))
        cursor.execute("ALTER TABLE one ALTER id TYPE bigint; COMMIT")
    pipeline.bridge.wait_log("table one was rewritten or truncated just as the snapshot began")
    pipeline.bridge.wait_log("does not ask for the stream")
    assert len(rows(records(pipeline, tables), "one")) == 1
