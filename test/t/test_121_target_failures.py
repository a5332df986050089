"""What the target refuses, by SQLSTATE: what passes is tried again, an event that does not fit is left out, anything else stops."""
import contextlib
import json
import math

import pytest
import stack
from confluent_kafka import Producer
from confluent_kafka.admin import ConfigResource
from stack import wait_until

SCRIPT = """
SET 'pipeline.name' = '{name}';
SET 'errors.tolerance' = 'all';
SET 'errors.deadletterqueue.topic.name' = '{name}_dead';
SET 'errors.deadletterqueue.topic.replication.factor' = '1';
SET 'errors.deadletterqueue.context.headers.enable' = 'true';
SET 'applier.batch.max-rows' = '{rows}';
CREATE TABLE events (id INT, v STRING, n INT) WITH ('connector' = 'kafka', 'topic' = '{name}', 'format' = 'json',
    'properties.bootstrap.servers' = '{bootstrap}', 'scan.startup.mode' = 'earliest-offset');
"""
SINK = """
CREATE TABLE {table} (id INT, v STRING, n INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'jdbc', 'table-name' = '{table}',
    'url' = 'jdbc:postgresql://127.0.0.1:{port}/{name}', 'username' = '{name}', 'password' = '{name}');
INSERT INTO {table} SELECT * FROM events;
"""


class World:
    """A pipeline of a role of its own, whose settings are changed."""

    def __init__(self, base, name, dest, broker, rows=20000, tables=("t",), partitions=1):
        self.name, self.dest, self.broker, self.version = name, dest, broker, 0
        dest.role(name)
        dest.database(name, name)
        for table in tables:
            self.sql(f"CREATE TABLE {table} (id INT PRIMARY KEY, v TEXT, n INT)", name)
        broker.create_topic(name, partitions)
        self.applier = stack.Applier(base, f"applier-{name}")
        script = SCRIPT + "".join(SINK.replace("{table}", table) for table in tables)
        self.applier.start(script.format(name=name, rows=rows, bootstrap=broker.bootstrap, port=dest.port))

    def sql(self, text, user="postgres"):
        return self.dest.sql(text, self.name, user)

    def write(self, *rows, partitions=1):
        producer = Producer({"bootstrap.servers": self.broker.bootstrap})
        for number, v, n in rows:
            producer.produce(self.name, json.dumps({"id": number, "v": v, "n": n}), str(number), number % partitions)
        assert producer.flush(30) == 0

    def write_next(self, *keys):
        """A new value of each key, which is in the table soon."""
        self.version += 1
        self.write(*((key, str(self.version), 0) for key in keys))
        return lambda: self.sql("SELECT count(*) FROM t WHERE v = '%d'" % self.version)[0][0] == len(keys)

    def job(self):
        jobs = self.applier.jobs()
        return jobs[0] if jobs else {"state": "", "trouble": "", "records-rejected": 0}

    def wait_trouble(self, text):
        wait_until(f"trouble: {text}", lambda: text in self.job()["trouble"])

    def wait_failed(self, text):
        wait_until("the job is FAILED", lambda: self.job()["state"] == "FAILED")
        assert text in self.job()["trouble"]

    def wait_running(self):
        wait_until("the job is RUNNING", lambda: self.job()["state"] == "RUNNING" and not self.job()["trouble"])

    def count(self, text):
        """How often it is logged."""
        return self.applier.text().count(text)

    def waits(self):
        return self.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = current_database() AND wait_event_type = 'Lock'")[0][0]

    @contextlib.contextmanager
    def setting(self, text):
        """A setting of the role, for connections from now on."""
        name = text.split()[0]
        self.sql(f"ALTER ROLE {self.name} SET {text}")
        self.hang_up()
        yield
        self.sql(f"ALTER ROLE {self.name} RESET {name}")
        self.hang_up()

    def hang_up(self):
        self.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{self.name}'")

    @contextlib.contextmanager
    def session(self, text):
        with contextlib.closing(self.dest.connect(self.name)) as connection, connection.cursor() as cursor:
            cursor.execute("BEGIN; " + text)
            yield cursor
            cursor.execute("COMMIT")

    def configure(self, topic, name, value):
        """A setting of a topic, the only one it has."""
        admin = self.broker.admin()
        for future in admin.alter_configs([ConfigResource("topic", topic, {name: value})]).values():
            future.result()

    def progress(self):
        return self.sql("SELECT next_offset FROM debezium_applier_progress")[0][0]

    def exceptions(self):
        return stack.http("GET", f"{self.applier.url}/jobs/{self.job()['jid']}/exceptions")[1]["all-exceptions"]


@pytest.fixture
def world(request, base, dest, broker, programs):
    name = request.node.name.replace("test_", "t121_")
    rows = {"t121_paused": 5, "t121_left_out": 306}.get(name, 20000)
    world = World(base, name, dest, broker, rows, tables="tu" if "halves" in name else "t", partitions=3 if rows == 306 else 1)
    programs.append(world.applier)
    wait_until("it applies", world.write_next(1, 2))
    yield world
    if world.applier.running():
        world.applier.kill_all()
    dest.drop(world.name)


def test_tried_again(world):
    # 40P01: it waits first, so it is the one that finds the deadlock
    with world.session("UPDATE t SET n = 1 WHERE id = 2") as cursor:
        applied = world.write_next(1, 2)
        wait_until("the batch waits", world.waits)
        cursor.execute("UPDATE t SET n = 1 WHERE id = 1")
    wait_until("applied after a deadlock", applied)
    # 40001
    with world.setting("default_transaction_isolation = 'repeatable read'"):
        wait_until("applied", world.write_next(1, 2))
        with world.session("UPDATE t SET n = 1 WHERE id = 2"):
            applied = world.write_next(1, 2)
            wait_until("the batch waits", world.waits)
        wait_until("applied after a serialization failure", applied)
    for setting, code in (("statement_timeout = '200ms'", "57014"), ("lock_timeout = '200ms'", "55P03")):
        with world.setting(setting):
            wait_until("applied", world.write_next(1, 2))
            with world.session("UPDATE t SET n = 1 WHERE id = 2"):
                # an event behind them that is left out is read again with them, and counted once
                applied, before = world.write_next(1, 2), world.count("goes on at offset")
                world.broker.produce(world.name, b"no JSON", None, 0)
                world.wait_trouble(code)
                wait_until("tried again and again", lambda: world.count("goes on at offset") > before + 2)
            wait_until("applied after it", applied)
    world.wait_running()
    with world.setting("default_transaction_read_only = on"):
        world.wait_trouble("read-only")
        applied = world.write_next(1, 2)
    wait_until("applied when it may write again", applied)
    world.sql(f"ALTER ROLE {world.name} CONNECTION LIMIT 0")
    world.hang_up()
    world.wait_trouble("too many connections")
    world.sql(f"ALTER ROLE {world.name} CONNECTION LIMIT -1")
    world.wait_running()
    wait_until("applied when there is room", world.write_next(1, 2))
    # a column that is altered under the statements
    world.sql("ALTER TABLE t ALTER n TYPE BIGINT", world.name)
    wait_until("applied with another type", world.write_next(1, 2))
    wait_until("they are counted", lambda: world.job()["records-rejected"] == 2)
    assert world.count("is not applied") == 2
    if world.broker.real:
        assert [r.value for r in world.broker.records(world.name + "_dead")] == [b"no JSON"] * 2
    assert world.applier.stop() == 0


def test_left_out(world):
    world.sql("""CREATE TYPE mood AS ENUM ('1', 'fine'); CREATE TABLE parent (n INT PRIMARY KEY); INSERT INTO parent VALUES (0), (1);
                 CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''not this one''; RETURN NEW; END';
                 ALTER TABLE t ALTER v TYPE VARCHAR(9), ADD CONSTRAINT positive CHECK (n >= 0), ALTER v SET NOT NULL,
                 ADD FOREIGN KEY (n) REFERENCES parent;
                 CREATE UNIQUE INDEX other ON t (v) WHERE v = 'unique';
                 CREATE TRIGGER refuse BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.v = 'raise') EXECUTE FUNCTION refuse()""".replace(
                     "RAISE ''not", "RAISE EXCEPTION ''not"))
    # somebody holds them back until they are one batch: the poison first, last and in the middle
    bad = [(12, "x", -1, "23514"), (15, None, 0, "23502"), (18, "x", 7, "23503"), (21, "far too long", 0, "22001"),
           (24, "raise", 0, "P0001"), (27, "unique", 0, "23505")]
    world.sql("INSERT INTO t VALUES (3, 'unique', 0)")
    rows = [(n, "good", 1) for n in range(100, 400)]
    places = [0, 40, 41, 130, 200, len(rows) + 5]
    for place, (key, v, n, _) in zip(places, bad):
        rows.insert(place, (key, v, n))
    with world.session("LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE"):
        world.write((1, "first", 0))
        wait_until("the batch waits", world.waits)
        world.write(*rows, partitions=3)
        world.applier.wait_log("the topics are paused")      # the batch is full: it has them all
    wait_until("the others are applied", lambda: world.sql("SELECT count(*) FROM t WHERE v = 'good'")[0][0] == 300)
    wait_until("they are counted", lambda: world.job()["records-rejected"] == len(bad))
    assert len(world.exceptions()) == len(bad)
    for exception, (key, _, _, code) in zip(world.exceptions(), bad):
        assert code in exception["reason"] and exception["topic"] == world.name and exception["partition"] == 0
    assert world.sql("SELECT count(*) FROM t WHERE id BETWEEN 10 AND 30")[0][0] == 0
    # halves have events of some of the partitions only
    assert not world.applier.logged("has moved the progress")
    world.wait_running()


def test_halves(world):
    """One event in 20,000 that the second of two tables refuses is found by halves: in as many statements as that takes."""
    count, place = 20000, 12345
    world.sql(f"""ALTER TABLE u ADD CHECK (n >= 0);
                  CREATE SEQUENCE tries; GRANT ALL ON SEQUENCE tries TO {world.name};
                  CREATE FUNCTION try() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM nextval(''tries''); RETURN NULL; END';
                  CREATE TRIGGER try AFTER INSERT ON t EXECUTE FUNCTION try()""")
    with world.session("LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE"):
        world.write((1, "first", 0))
        wait_until("the batch waits", world.waits)
        world.write(*((key, "x", -1 if key == 10 + place else 1) for key in range(10, 10 + count)))
    wait_until("the others are applied", lambda: world.sql("SELECT count(*) FROM u WHERE n = 1")[0][0] == count - 1)
    assert world.sql("SELECT count(*), count(*) FILTER (WHERE t IS DISTINCT FROM u) FROM t FULL JOIN u USING (id)") == [(count + 1, 0)]
    wait_until("it is counted", lambda: world.job()["records-rejected"] == 1)
    exception, = world.exceptions()
    assert "23514" in exception["reason"] and exception["offset"] == world.broker.ends(world.name)[0][1] - count + place
    # what was held, all of it, and two halves of 20,000, of 10,000, ...
    tries = world.sql("SELECT last_value FROM tries")[0][0]
    assert tries <= 2 + 2 * math.ceil(math.log2(count)), tries


def test_by_sqlstate(world):
    """The README's table, line by line, as a trigger says it: what a full disk or a broken one would take too long to say."""
    world.sql(f"""CREATE TABLE refusal (code TEXT); GRANT SELECT ON refusal TO {world.name};
                  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                  'DECLARE c text; BEGIN SELECT code INTO c FROM refusal;
                   IF c IS NOT NULL AND NEW.id = 1 THEN RAISE EXCEPTION ''as asked'' USING ERRCODE = c; END IF; RETURN NEW; END';
                  CREATE TRIGGER refuse BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION refuse()""")
    for code in ("08006", "53100", "57P03", "58030", "55006", "XX001", "53200", "53400"):
        world.sql(f"INSERT INTO refusal VALUES ('{code}')")
        applied = world.write_next(1, 2)
        world.applier.wait_log(f"target: .* {code}.; trying again")
        assert not applied()
        world.sql("DELETE FROM refusal")
        wait_until(f"applied after {code}", applied)
    assert world.job()["records-rejected"] == 0
    codes = ("21000", "22P02", "23505", "27000", "38001", "39001", "44000", "54000", "P0002")
    for code in codes:
        world.sql(f"INSERT INTO refusal VALUES ('{code}')")
        world.write_next(1, 2)
        world.applier.wait_log(f"is not applied: .* {code}")
        world.sql("DELETE FROM refusal")
    wait_until("they are counted", lambda: world.job()["records-rejected"] == len(codes))
    assert [e["reason"].split()[-1] for e in world.exceptions()] == [f"{code})" for code in codes]
    world.sql("INSERT INTO refusal VALUES ('0A000')")
    world.write_next(1)
    world.wait_failed("0A000")
    assert not world.applier.logged("has not finished a batch")


def test_read_only(world):
    """A server that becomes read-only under a connection."""
    try:
        world.dest.sql("ALTER SYSTEM SET default_transaction_read_only = on")
        world.dest.sql("SELECT pg_reload_conf()")
        applied = world.write_next(1, 2)
        world.wait_trouble("read-only")
    finally:
        world.dest.sql("ALTER SYSTEM RESET default_transaction_read_only")
        world.dest.sql("SELECT pg_reload_conf()")
    wait_until("applied when it may write again", applied)
    assert world.applier.logged("25006")


def test_password_changed(world):
    """While it is connected that is no matter; when it connects again the pipeline is FAILED, and goes on with the right one."""
    world.sql(f"ALTER ROLE {world.name} PASSWORD 'another'")
    wait_until("it applies", world.write_next(1, 2))
    world.hang_up()
    world.write_next(1)
    world.wait_failed("password authentication failed")
    assert world.applier.stop() == 0
    world.sql(f"ALTER ROLE {world.name} PASSWORD '{world.name}'")
    world.applier.start()
    wait_until("it applies again", world.write_next(1, 2))


def test_dead_letters(world, real_kafka):
    """An event that is left out is in the topic of dead letters before the progress passes it."""
    dead, broken = world.name + "_dead", b"no JSON " * 1000
    assert world.broker.topics()[dead] == 1
    world.sql("ALTER TABLE t ADD CONSTRAINT positive CHECK (n >= 0)")
    world.configure(dead, "max.message.bytes", "1000")
    offset = world.broker.produce(world.name, broken, b"key", 0, headers=[("h", b"x")])[1]
    world.write((7, "bad", -1))
    applied = world.write_next(1, 2)
    world.wait_failed(f'dead letter topic "{dead}": Broker: Message size too large. Raise max.message.bytes of that topic')
    assert world.progress() == offset and not applied() and not world.broker.records(dead)
    world.configure(dead, "max.message.bytes", "100000")
    world.applier.stop()
    world.applier.start()
    wait_until("the others are applied", applied)
    world.wait_running()

    letters = world.broker.records(dead)
    assert [(r.key, r.value) for r in letters] == [(b"key", broken), (b"7", b'{"id": 7, "v": "bad", "n": -1}')]
    assert letters[0].headers["h"] == b"x"
    for letter, place, stage in zip(letters, (offset, offset + 1), (b"VALUE_CONVERTER", b"TASK_PUT")):
        headers = {name.replace("__connect.errors.", ""): value for name, value in letter.headers.items()}
        assert (headers["topic"], headers["partition"], headers["offset"]) == (world.name.encode(), b"0", b"%d" % place)
        assert headers["connector.name"] == world.name.encode() and headers["stage"] == stage
    assert b"23514" in headers["exception.message"]
    wait_until("they are counted", lambda: world.job().get("dead-letters") == world.job()["records-rejected"] == 2)
    assert [e["dead-letter-topic"] for e in world.exceptions()] == [dead] * 2
    assert world.applier.metrics()['debezium_applier_dead_letters_total{pipeline="%s"}' % world.name] == 2


def test_paused(world):
    """A target that stands still pauses the topics; all comes when it goes on, in order."""
    with world.session("LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE"):
        world.write(*((key, value, 0) for value in "abc" for key in range(10, 20)))
        world.applier.wait_log("the topics are paused")
        assert world.job()["state"] == "RUNNING"
    wait_until("all is applied", lambda: world.sql("SELECT count(*) FROM t WHERE v = 'c'")[0][0] == 10)
    world.applier.wait_log("reading on")
    wait_until("more is applied", world.write_next(1, 2))


def test_stopped(world):
    world.sql(f"REVOKE INSERT ON t FROM {world.name}; ALTER TABLE t OWNER TO postgres")
    world.write_next(1)
    world.wait_failed("permission denied for table t")
    assert world.applier.stop() == 0
    world.sql(f"GRANT ALL ON t TO {world.name}")
    world.applier.start()
    wait_until("applied with the right", world.write_next(1))
    world.sql("ALTER TABLE t RENAME TO u")
    world.write_next(1)
    world.wait_failed('table "t" of sink "t" does not exist')
