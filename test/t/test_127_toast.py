"""Unchanged TOAST values, from the source's row to the target's, through plugin, topic and applier."""
import contextlib
import json

from confluent_kafka import Producer
from stack import wait_until

TABLE = "CREATE TABLE docs (id INT PRIMARY KEY, n INT, body TEXT)"
SCRIPT = """
CREATE TABLE changes (id INT, n INT, body STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'kafka', 'topic' = '{topic}',
    'properties.bootstrap.servers' = '{bootstrap}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'debezium-json');
CREATE TABLE docs (id INT, n INT, body STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'jdbc', 'table-name' = 'docs',
    'url' = 'jdbc:postgresql://127.0.0.1:{port}/{target}', 'username' = 'destuser', 'password' = 'destuser');
INSERT INTO docs SELECT * FROM changes;
"""


def test_toast(pipeline, source, dest):
    source.sql(TABLE + "; ALTER TABLE docs ALTER body SET STORAGE EXTERNAL", pipeline.database, "sourceuser")
    dest.sql(TABLE, pipeline.target, "destuser")
    topic = f"{pipeline.name}.public.docs"
    pipeline.broker.create_topic(topic, 1)
    pipeline.start_bridge(table_include_list="public.docs")

    def change(*statements):
        for statement in statements:
            source.sql(statement, pipeline.database, "sourceuser")
        pipeline.wait_captured()

    def rows(server, database):
        return server.sql("SELECT id, n, length(body), left(body, 1) FROM docs ORDER BY id", database)

    def wait_equal():
        wait_until("the rows are equal", lambda: pipeline.applier.check_running() or
                   rows(dest, pipeline.target) == rows(source, pipeline.database))

    change("INSERT INTO docs SELECT i, 0, repeat('a', 5000) FROM generate_series(1, 3) i")
    pipeline.applier.start(SCRIPT.format(topic=topic, bootstrap=pipeline.broker.bootstrap, port=dest.port, target=pipeline.target))
    wait_equal()
    # alone: the column is left out
    change("UPDATE docs SET n = 1 WHERE id = 1")
    wait_equal()
    # while a batch waits, the next one is filled: a new value, then an update without it, of a row, and of one that is new
    with contextlib.closing(dest.connect(pipeline.target)) as other, other.cursor() as cursor:
        cursor.execute("BEGIN; SELECT FROM docs WHERE id = 3 FOR UPDATE")
        change("UPDATE docs SET n = 3 WHERE id = 3")
        wait_until("a batch waits", lambda: dest.one("""SELECT count(*) FROM pg_stat_activity WHERE datname = %s
            AND wait_event_type = 'Lock' AND backend_xid IS NOT NULL""", args=(pipeline.target,)))
        change("UPDATE docs SET body = repeat('b', 6000) WHERE id = 1", "UPDATE docs SET n = 2 WHERE id = 1",
               "INSERT INTO docs VALUES (4, 0, repeat('c', 5000))", "UPDATE docs SET n = 4 WHERE id = 4",
               "UPDATE docs SET n = 5 WHERE id = 2")
        cursor.execute("COMMIT")
    wait_equal()
    values = [r.value for r in pipeline.broker.records(topic)]
    assert [b"__debezium_unavailable_value" in v for v in values] == [False] * 3 + [True, True, False, True, False, True, True]

    # a key that is changed with the value, and without it: alone, twice, there and back, to one that was another row's
    change("UPDATE docs SET id = 5, body = repeat('d', 5000) WHERE id = 4")
    wait_equal()
    change("UPDATE docs SET id = 6 WHERE id = 5")
    wait_equal()
    change("BEGIN; UPDATE docs SET id = 7 WHERE id = 6; UPDATE docs SET id = 8, n = 8 WHERE id = 7; UPDATE docs SET n = 9 WHERE id = 8; COMMIT",
           "BEGIN; UPDATE docs SET id = 11 WHERE id = 1; UPDATE docs SET id = 1 WHERE id = 11; COMMIT",
           "BEGIN; DELETE FROM docs WHERE id = 2; UPDATE docs SET id = 2 WHERE id = 3; INSERT INTO docs VALUES (3, 3, 'new'); COMMIT")
    wait_equal()
    assert rows(dest, pipeline.target) == [(1, 2, 6000, "b"), (2, 3, 5000, "a"), (3, 3, 3, "n"), (8, 9, 5000, "d")]

    # the create comes later than the delete: a batch does not end between them
    producer = Producer({"bootstrap.servers": pipeline.broker.bootstrap, "linger.ms": 0})

    def put(key, value, *header):
        producer.produce(topic, value and json.dumps(value), json.dumps({"id": key}), 0,
                         headers=[(name, json.dumps({"id": other})) for name, other in [header] if name])
        assert producer.flush(10) == 0
    put(3, {"before": {"id": 3, "n": None, "body": None}, "after": None, "op": "d"}, "__debezium.newkey", 4)
    put(3, None, None, None)
    put(4, {"before": None, "after": {"id": 4, "n": 4, "body": "__debezium_unavailable_value"}, "op": "c"}, "__debezium.oldkey", 3)
    wait_until("the row has moved", lambda: pipeline.applier.check_running() or rows(dest, pipeline.target) ==
               [(1, 2, 6000, "b"), (2, 3, 5000, "a"), (4, 4, 3, "n"), (8, 9, 5000, "d")])

    # a row that is not there
    dest.sql("DELETE FROM docs WHERE id = 8", pipeline.target)
    change("UPDATE docs SET n = 10 WHERE id = 8")
    wait_until("it is refused", lambda: pipeline.applier.jobs()[0]["state"] == "FAILED")
    assert "has an unchanged TOAST value of a row that is not in the table" in (trouble := pipeline.applier.jobs()[0]["trouble"])
    assert "REPLICA IDENTITY FULL" in trouble
