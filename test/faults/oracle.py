"""What must be in the topics after a run: decoded a second time from the same WAL, and once more by test_decoding.

NOTES
    A transaction is compared as a whole: where its commit record ends says whether it belongs to the snapshot or to the
    stream, and under which configuration it had to be sent.
"""
import functools
import json
import re
import time
from collections import Counter

from confluent_kafka import Consumer, KafkaError, TopicPartition
from stack import PATIENCE, Record, lsn

# of a connector's configuration, what the plugin does not know
OF_BRIDGE = ("connector.class", "tasks.max", "database.", "slot.", "status.", "producer.", "topic.creation.", "snapshot.",
             "errors.", "exactly.once.support")


def properties_text(config):
    """A configuration as the plugin's option "config" wants it."""
    return "\n".join(f"{k}={v}".replace("\\", "\\\\") for k, v in config.items() if not k.startswith(OF_BRIDGE))


TIMES = ("ts_ms", "ts_us", "ts_ns")


def mask(value):
    """Without what two decodings differ in: the time of decoding, which is also that of a message outside of transactions,
    and where the transaction before ended."""
    if isinstance(value, dict):
        value = {k: v for k, v in value.items() if k not in TIMES}
        source = value.get("source")
        if source and "sequence" in source:
            value["source"] = {**source, "sequence": json.loads(source["sequence"])[1:]}
            if source.get("txId") is None:
                value["source"].update(dict.fromkeys(TIMES))
    return value


def parse(text):
    return None if text is None else json.loads(text, parse_float=str)


def event(topic, key, value, headers):
    """What is compared of a record."""
    return (topic, json.dumps(key), json.dumps(mask(value)),
            tuple(sorted((k, str(v)) for k, v in headers.items() if not k.startswith("__debezium."))))


class Transaction:
    """`end` is where its commit record ends, or the record of a message outside of transactions."""

    def __init__(self, xid, end, alone=False):
        self.xid, self.end, self.alone, self.events, self.operations = xid, end, alone, [], []

    def after(self, position):
        return self.end > position


class Reference:
    """Two slots that are read by nobody else, made before the first change."""

    def __init__(self, source, database):
        self.source, self.database = source, database
        self.slots = [f"{database}_record", f"{database}_test"]
        for slot, plugin in zip(self.slots, ("decoder_debezium", "test_decoding")):
            source.sql("SELECT pg_create_logical_replication_slot(%s, %s)", database, args=(slot, plugin))

    def transactions(self):
        """All that test_decoding sees, in order, with their changes as lines."""
        found, current = [], None
        for at, xid, data in self.source.sql("SELECT lsn, xid, data FROM pg_logical_slot_peek_changes(%s, NULL, NULL)",
                                             self.database, args=(self.slots[1],)):
            if data.startswith("BEGIN"):
                current = Transaction(int(xid), None)
            elif data.startswith("COMMIT"):
                current.end = lsn(at)
                found.append(current)
                current = None
            elif current is None:
                found.append(Transaction(0, lsn(at), True))
            else:
                current.operations.append(data)
        return found

    def records(self, config):
        """What the plugin makes of it: {xid: [record]}; with the position under (0, LSN) what is in no transaction."""
        found = {}
        for at, xid, data in self.source.sql(
                "SELECT lsn, xid, data FROM pg_logical_slot_peek_changes(%s, NULL, NULL, 'format', 'record', 'config', %s)",
                self.database, args=(self.slots[0], properties_text(config))):
            record = json.loads(data, parse_float=str)
            alone = record["topic"].endswith(".message") and not record["value"]["source"].get("txId")
            found.setdefault((0, lsn(at)) if alone else int(xid), []).append(record)
        return found


# ------------------------------------------------ what test_decoding says

KEYS = {"customers": r"id\[integer\]:(-?\d+)", "items": r"id\[bigint\]:(-?\d+)",
        "orders": r"id\[integer\]:(-?\d+) region\[text\]:'(\w+)'", "journal": "()"}
LINE = re.compile(r"table public\.(\w+): (INSERT|UPDATE|DELETE): (?:old-key: (.*?) new-tuple: )?(.*)", re.S)


def operations(lines):
    """Lines of test_decoding as (table, operation, key); a changed key is a delete and a create."""
    found = []
    for line in lines:
        match = LINE.match(line)
        if not match or match[1] not in KEYS:
            continue
        table, what, old, new = match.groups()
        key = re.match(KEYS[table], new)[0]
        before = re.match(KEYS[table], old)[0] if old else key
        if what == "UPDATE" and before != key:
            found += [(table, "d", before), (table, "c", key)]
        else:
            found.append((table, what[0].lower().replace("i", "c"), key))
    return found


def envelope_operations(events):
    """The same of records that no transform has changed."""
    found = []
    for topic, key, value, _ in events:
        value = json.loads(value)
        if value is None or "op" not in value or value["op"] == "m":
            continue
        table, key = value["source"]["table"], json.loads(key) or {}
        types = {"items": "bigint"}.get(table, "integer")
        found.append((table, value["op"], " ".join(f"{k}[text]:'{v}'" if isinstance(v, str) else f"{k}[{types}]:{v}"
                                                   for k, v in key.items())))
    return found


# ------------------------------------------------ what Kafka has

def read_topics(broker, prefix, timeout=PATIENCE):
    """All records of all topics of a connector, partition by partition."""
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "faults", "enable.auto.commit": False,
                         "fetch.wait.max.ms": 20, "isolation.level": "read_committed", "enable.partition.eof": True})
    try:
        topics = consumer.list_topics(timeout=30).topics
        places = {(name, p) for name, t in topics.items() if name.startswith(prefix + ".") for p in t.partitions}
        consumer.assign([TopicPartition(name, p, 0) for name, p in places])
        found, deadline = [], time.monotonic() + timeout
        while places:
            assert time.monotonic() < deadline, f"could not read the topics of {prefix} to their end"
            for message in consumer.consume(10000, 0.1):
                if message.error():
                    if message.error().code() == KafkaError._PARTITION_EOF:
                        places.discard((message.topic(), message.partition()))
                    continue
                found.append(Record(message))
        return sorted(found, key=lambda r: (r.topic, r.partition, r.offset))
    finally:
        consumer.close()


@functools.lru_cache(100000)
def murmur2(key):
    """Kafka's hash of a key."""
    seed, multiplier, mask32 = 0x9747b28c, 0x5bd1e995, 0xffffffff
    h, whole = seed ^ len(key), len(key) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(key[i:i + 4], "little") * multiplier & mask32
        k = (k ^ k >> 24) * multiplier & mask32
        h = h * multiplier & mask32 ^ k
    if len(key) > whole:
        h = (h ^ int.from_bytes(key[whole:], "little")) * multiplier & mask32
    h = (h ^ h >> 13) * multiplier & mask32
    return (h ^ h >> 15) & 0x7fffffff


def check_order(records):
    """Positions rise in each partition, and a key stays in its partition until the topic gets more of them."""
    last, most, fitting = {}, {}, {}
    for r in records:
        where = (r.topic, r.partition)
        assert last.get(where, (0,)) < r.position.order, \
            f"{r.topic}-{r.partition}@{r.offset} is out of order, or there twice: {r.position.order} after {last[where]}"
        last[where] = r.position.order
        most[r.topic] = max(most.get(r.topic, 0), r.partition + 1)
    # how many partitions a topic can have had in each transaction, from all of its keys there
    for r in records:
        if r.key is not None:
            which = (r.position.order[0], r.topic)
            fits = {n for n in range(1, most[r.topic] + 20) if murmur2(r.key) % n == r.partition}
            fitting[which] = fitting.get(which, fits) & fits
            assert fitting[which], f"{r.topic}-{r.partition}@{r.offset}: the partitions change within a transaction"
    counts = {}
    for (_, topic), fits in sorted(fitting.items()):
        counts[topic] = counts.get(topic, fits) & fits or {n for n in fits if n > min(counts[topic])}
        assert counts[topic], f"{topic}: a key is in a partition that is not its own"


# ------------------------------------------------ comparing

def difference(found, wanted, what):
    """None, or what is missing, twice or different, in a few lines."""
    if found == wanted:
        return None
    count_found, count_wanted = Counter(found), Counter(wanted)
    missing, more = count_wanted - count_found, count_found - count_wanted
    lines = [f"{what}: found {len(found)}, expected {len(wanted)}; missing {sum(missing.values())}, "
             f"too many {sum(more.values())}"]
    for name, items in (("missing", missing), ("too many", more)):
        lines += [f"  {name}: {str(e)[:600]}" for e in list(items)[:3]]
    if not missing and not more:
        at = next(n for n, (a, b) in enumerate(zip(found, wanted)) if a != b)
        lines.append(f"  order differs at number {at}: found {str(found[at])[:400]}, expected {str(wanted[at])[:400]}")
    return "\n".join(lines)


class Border:
    """From here on another configuration holds: after a position, or after the transaction that it is in."""

    def __init__(self, position, inclusive, config):
        self.position, self.inclusive, self.config = position, inclusive, config


def assign_configs(transactions, config, borders):
    """[(transaction, configuration)]"""
    result, index = [], 0
    for number, t in enumerate(transactions):
        while index < len(borders):
            border = borders[index]
            over = t.after(border.position)
            if over and border.inclusive:
                # the transaction whose commit record is at that position is the last one of before
                over = number > 0 and transactions[number - 1].after(border.position)
            if not over:
                break
            config, index = border.config, index + 1
        result.append((t, config))
    return result


def check_stream(records, reference, start, config, borders, plain):
    """The stream's records against both decodings; returns how many there are."""
    transactions = reference.transactions()
    assigned = assign_configs(transactions, config, borders)
    decoded = {id(c): reference.records(c) for c in [config] + [b.config for b in borders]}
    wanted = []
    for t, c in assigned:
        if not t.after(start):
            continue
        found = decoded[id(c)].get((0, t.end) if t.alone else t.xid, [])
        t.events = [event(r["topic"], r["key"], r["value"], r["headers"] or {}) for r in found]
        wanted += t.events
        if plain(c):
            problem = difference(envelope_operations(t.events), operations(t.operations), f"test_decoding, transaction {t.xid}")
            assert problem is None, problem
    records = sorted(records, key=lambda r: r.position.order)
    found = [event(r.topic, parse(r.key), parse(r.value), {k: (v or b"").decode() for k, v in r.headers.items()})
             for r in records]
    problem = difference(found, wanted, "records of the stream")
    assert problem is None, problem
    return len(found)


def check_snapshot(records, reference, start, config):
    """The rows read as of `start` are those that the WAL up to there makes."""
    def place(topic):
        return topic if plain == config else None

    def row(value):
        return value["after"] if "after" in value else {k: v for k, v in value.items() if not k.startswith("__")}

    # transforms may change topics and envelopes
    plain = {k: v for k, v in config.items() if not k.startswith("transforms")}
    before, rows, journal, removed = {t.xid for t in reference.transactions() if not t.after(start)}, {}, Counter(), {}
    for xid, found in reference.records({**plain, "tombstones.on.delete": "false"}).items():
        if xid not in before:
            continue
        for r in found:
            value = r["value"]
            if value.get("op") not in ("c", "u", "d"):
                continue
            where, after = (r["topic"], json.dumps(r["key"])), value["after"]
            if r["key"] is None:
                if value["before"]:
                    journal[place(r["topic"]), json.dumps(value["before"])] -= 1
                if after:
                    journal[place(r["topic"]), json.dumps(after)] += 1
            elif after is None:
                removed = rows.pop(where, {})
            else:
                # a changed key is a delete and a create: what was not changed is not in the WAL
                old = rows.get(where) or removed
                rows[where] = {k: old.get(k) if v == "__debezium_unavailable_value" else v for k, v in after.items()}
    wanted = Counter((place(topic), json.dumps(after)) for (topic, _), after in rows.items()) + journal
    found = Counter((place(r.topic), json.dumps(row(parse(r.value)))) for r in records if r.position.order[0] == start)
    problem = difference(sorted(found.elements()), sorted(wanted.elements()), "rows of the snapshot")
    if problem is not None and not wanted - found:
        # an attempt that was interrupted at the same position: every row at least once
        problem = None if not set(found) - set(wanted) else problem
    assert problem is None, problem
    return sum(found.values())
