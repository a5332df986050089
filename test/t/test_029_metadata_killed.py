"""kill -9 of the worker, with transaction metadata and logical messages: each BEGIN, END and message is there exactly
once, and in the order in which a second decoding of the same WAL has it."""
import json
import threading

from pipeline import Workloads, assert_same, mask

TOPICS = "public.orders", "transaction", "message"


class Talker(threading.Thread):
    """A session that emits messages: in transactions with changes, alone, and outside of transactions."""

    def __init__(self, pipeline):
        super().__init__()
        self.connection = pipeline.source.connect(pipeline.database, "sourceuser")
        self.connection.autocommit = False
        self.stopped, self.error = threading.Event(), None

    def run(self):
        try:
            with self.connection.cursor() as cursor:
                for number in range(1_000_000):
                    if self.stopped.wait(0.005):
                        break
                    for statement in ("SELECT pg_logical_emit_message(false, 'alone', %s)",
                                      "INSERT INTO orders (order_id, name) VALUES (-%s - 1, 'talk')",
                                      "SELECT pg_logical_emit_message(true, 'inside', %s)",
                                      "DELETE FROM orders WHERE order_id = -%s - 1",
                                      "SELECT pg_logical_emit_message(false, 'amid', %s)")[:1 + number % 5]:
                        cursor.execute(statement.replace("%s)", "%s::text)") if "emit" in statement else statement, (number,))
                    if number % 7 == 0:
                        self.connection.rollback()
                    else:
                        self.connection.commit()
        except Exception as error:              # shown by finish()
            self.error = error

    def finish(self):
        self.stopped.set()
        self.join()
        if self.error:
            raise self.error


def masked(value):
    """A value without what a second decoding does not know.  What a message outside of transactions says of time is the
    transaction before it."""
    if value is None or "source" not in value:
        return value
    if value["op"] == "m" and value["source"]["txId"] is None:
        value["source"].update(ts_ms=0, ts_us=0, ts_ns=0)
    return mask(value)


def test_metadata_killed(pipeline):
    pipeline.watch()
    pipeline.start_bridge(provide_transaction_metadata="true")
    load, talker = Workloads(pipeline).start(), Talker(pipeline)
    talker.start()
    for _ in range(4):
        load.wait_more(700)
        pipeline.bridge.kill_worker(pipeline.connector)
        pipeline.wait_streaming()
    load.finish()
    talker.finish()
    pipeline.wait_captured()

    rows = pipeline.source.sql(
        """SELECT data FROM pg_logical_slot_peek_changes(%s, NULL, NULL, 'format', 'record', 'topic.prefix', %s,
           'table.include.list', 'public.orders', 'provide.transaction.metadata', 'true')""",
        pipeline.database, args=(pipeline.references[0], pipeline.name))
    expected = [json.loads(data) for data, in rows]
    expected = [(r["topic"], r["key"], masked(r["value"])) for r in expected]

    records = []
    for name in TOPICS:
        topic = f"{pipeline.name}.{name}"
        last = {}
        for record in pipeline.broker.records(topic):
            if record.position.kind != "s":
                continue
            assert last.get(record.partition, (0,)) < record.position.order, \
                f"{topic}-{record.partition}@{record.offset} is out of order, or there twice"
            last[record.partition] = record.position.order
            context = [h for h in record.headers if h.startswith("__debezium.context.")]
            assert len(context) == (4 if name == "public.orders" else 0)
            records.append(record)
    records.sort(key=lambda r: r.position.order)
    assert len({r.position.order for r in records}) == len(records), "positions are unique"
    found = [(r.topic, json.loads(r.key), masked(json.loads(r.value) if r.value is not None else None)) for r in records]
    assert {topic for topic, _, _ in found} == {f"{pipeline.name}.{name}" for name in TOPICS}
    assert_same(found, expected, "records")
    # the last record of each transaction says so
    assert all(r.position.last == (r.position.order[0] != after.position.order[0])
               for r, after in zip(records, records[1:])), "marks of the last record"
