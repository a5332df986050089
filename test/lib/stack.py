"""The stack under test: throw-away servers, a broker, bridge and applier as processes.

Everything lives below one temporary directory on free ports.  Processes are ended by their own pid.  Nothing here waits
for a duration: wait_until() polls for a condition, and only a failure lasts as long as its limit.
"""
import contextlib
import json
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg2
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

TOP = Path(__file__).resolve().parents[2]
PATIENCE = int(os.environ.get("PATIENCE", 60))  # seconds that a wait may take

processes = []                  # all that were started, for the logs of a failed test


def wait_until(what, probe, timeout=PATIENCE):
    """Call probe until it returns something true, and return that."""
    deadline = time.monotonic() + timeout
    while True:
        result = probe()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.02)


given_ports = set()


def free_port():
    """A port that nobody has, below those that the system gives to outgoing connections: none can take it meanwhile."""
    while True:
        port = random.randrange(15000, 32000)
        with socket.socket() as s:
            if port not in given_ports and s.connect_ex(("127.0.0.1", port)) != 0:
                given_ports.add(port)
                return port


def accepts(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


class Program:
    """A process with a log that outlives it, over all its restarts."""

    def __init__(self, name, log, user=None):
        self.name, self.log, self.user, self.popen = name, Path(log), user, None
        processes.append(self)

    def spawn(self, *argv, env=None):
        as_user = {}
        if self.user and os.geteuid() == 0:
            who = pwd.getpwnam(self.user)
            as_user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        with open(self.log, "ab") as log:
            self.popen = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          start_new_session=True, cwd="/", env={**os.environ, **(env or {})}, **as_user)

    @property
    def pid(self):
        return self.popen.pid

    def running(self):
        return self.popen is not None and self.popen.poll() is None

    def check_running(self):
        if not self.running():
            raise AssertionError(f"{self.name} has ended with status {self.popen.returncode}:\n{self.tail()}")

    def send(self, number):
        if self.running():
            self.popen.send_signal(number)

    def stop(self, number=signal.SIGTERM, timeout=30):
        """Ask it to stop; returns its exit status."""
        if self.popen is None:
            return None
        self.send(number)
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise AssertionError(f"{self.name} did not stop within {timeout} s:\n{self.tail()}") from None

    def kill(self):
        """kill -9."""
        self.send(signal.SIGKILL)
        self.popen.wait()

    def ended(self, timeout=PATIENCE):
        """Wait for it to end by itself; returns its exit status."""
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {timeout} s:\n{self.tail()}") from None

    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def tail(self, lines=30):
        return "\n".join(self.text().splitlines()[-lines:])

    def logged(self, pattern):
        return re.search(pattern, self.text())

    def wait_log(self, pattern, timeout=PATIENCE):
        return wait_until(f"{self.name} logs /{pattern}/", lambda: self.logged(pattern), timeout)


def children(pid):
    """Pids of the child processes."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def alive(pid):
    """Does the process run?  A zombie does not."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


# ---------------------------------------------------------------- PostgreSQL

class Installation:
    """A private PostgreSQL installation with this checkout's extension (test/temp_install.sh)."""

    def __init__(self, directory):
        subprocess.run([TOP / "test/temp_install.sh", directory], check=True)
        bindir = subprocess.run([os.environ.get("PG_CONFIG", "pg_config"), "--bindir"], check=True,
                                stdout=subprocess.PIPE, text=True).stdout.strip()
        self.bin = Path(f"{directory}{bindir}")
        described = subprocess.run([self.bin / "postgres", "--describe-config"], check=True, stdout=subprocess.PIPE,
                                   text=True, **unprivileged()).stdout
        self.has_plugin_list = bool(re.search(r"^output_plugin_libraries", described, re.M))


def unprivileged():
    """Arguments for subprocess: a server's programs refuse to run as root."""
    if os.geteuid() != 0:
        return {}
    who = pwd.getpwnam("postgres")
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": [], "cwd": "/"}


class Postgres(Program):
    """A throw-away server.  `settings` are lines for postgresql.conf, behind those of docker/postgresql.conf."""

    def __init__(self, installation, base, name, settings=(), port=None, host_auth="scram-sha-256"):
        super().__init__("postgres " + name, base / f"{name}.log", "postgres")
        self.bin, self.data, self.port, self.databases = installation.bin, base / name, port or free_port(), set()
        sockets = base / f"{name}.s"
        for directory in (self.data, sockets):
            directory.mkdir(mode=0o700)
            if os.geteuid() == 0:
                shutil.chown(directory, "postgres", "postgres")
        subprocess.run([self.bin / "initdb", "-D", self.data, "-U", "postgres", "--auth-local=trust",
                        f"--auth-host={host_auth}", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, **unprivileged())
        lines = [(TOP / "docker/postgresql.conf").read_text()]
        if installation.has_plugin_list:
            lines.append("output_plugin_libraries = 'pgoutput, test_decoding, decoder_debezium'")
        lines += [f"port = {self.port}", "listen_addresses = '127.0.0.1'", f"unix_socket_directories = '{sockets}'",
                  "fsync = off", "shared_buffers = 64MB", "log_line_prefix = '%m [%p] %u %a '", *settings]
        with open(self.data / "postgresql.conf", "a") as conf:
            conf.write("\n".join(lines) + "\n")
        self.sockets = sockets
        self.start()
        # TCP with a password, as the daemons come, also for the superuser
        self.sql("ALTER ROLE postgres PASSWORD 'postgres'")

    def start(self):
        self.spawn(self.bin / "postgres", "-D", self.data)
        wait_until(f"{self.name} accepts connections", self.ready)

    def ready(self):
        self.check_running()
        try:
            self.connect().close()
            return True
        except psycopg2.OperationalError:
            return False

    def stop(self, number=signal.SIGINT, timeout=30):
        """SIGINT is a fast shutdown, SIGQUIT an immediate one."""
        return super().stop(number, timeout)

    def restart(self, number=signal.SIGINT):
        self.stop(number)
        self.start()

    def connect(self, dbname="postgres", user="postgres"):
        connection = psycopg2.connect(host=str(self.sockets), port=self.port, user=user, dbname=dbname, connect_timeout=10)
        connection.autocommit = True
        return connection

    def sql(self, text, dbname="postgres", user="postgres", args=None):
        """Run SQL; the rows of the last statement, if it gives any."""
        with contextlib.closing(self.connect(dbname, user)) as connection, connection.cursor() as cursor:
            cursor.execute(text, args)
            return cursor.fetchall() if cursor.description else None

    def one(self, text, dbname="postgres", args=None):
        rows = self.sql(text, dbname, args=args)
        return rows[0][0] if rows else None

    def role(self, name, attributes=""):
        self.sql(f"""DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}')
                     THEN CREATE ROLE {name} LOGIN {attributes} PASSWORD '{name}'; END IF; END $$""")

    def database(self, name, owner):
        """A fresh database."""
        self.drop(name)
        self.sql(f"CREATE DATABASE {name} OWNER {owner}")
        self.databases.add(name)
        return name

    def drop(self, name):
        """Drop a database with its slots; their users must be gone, or are sent away."""
        for slot, in self.sql("SELECT slot_name FROM pg_replication_slots WHERE database = %s", args=(name,)):
            self.drop_slot(slot)
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.databases.discard(name)

    def drop_slot(self, slot):
        def free():
            pid = self.one("SELECT active_pid FROM pg_replication_slots WHERE slot_name = %s", args=(slot,))
            if pid:
                self.sql("SELECT pg_terminate_backend(%s)", args=(pid,))
            return not pid
        wait_until(f"slot {slot} is free", free, 20)
        self.sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", args=(slot,))

    def confirmed(self, slot, lsn):
        return self.one("SELECT confirmed_flush_lsn >= %s FROM pg_replication_slots WHERE slot_name = %s", args=(lsn, slot))

    def wal_end(self):
        return self.one("SELECT pg_current_wal_insert_lsn()")


# ---------------------------------------------------------------- Kafka

class Broker(Program):
    """What both kinds of broker have in common: reading and writing topics."""

    def admin(self):
        return AdminClient({"bootstrap.servers": self.bootstrap, "socket.timeout.ms": 10000, "log_level": 0})

    def topics(self):
        return {name: len(t.partitions) for name, t in self.admin().list_topics(timeout=10).topics.items()}

    def produce(self, topic, value, key=None, partition=-1, headers=None):
        """Write one record; returns (partition, offset)."""
        place = []

        def delivered(error, message):
            assert error is None, error
            place.append((message.partition(), message.offset()))
        producer = Producer({"bootstrap.servers": self.bootstrap})
        producer.produce(topic, value, key, partition, on_delivery=delivered, headers=headers)
        assert producer.flush(30) == 0
        return place[0]

    def ends(self, topic, isolation="read_committed"):
        """{partition: (low, high)} of a topic."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "test-reader", "isolation.level": isolation})
        try:
            metadata = consumer.list_topics(topic, timeout=10).topics[topic]
            return {p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=10) for p in metadata.partitions}
        finally:
            consumer.close()

    def records(self, topic, isolation="read_committed"):
        """All records that a topic holds now, in order of partition and offset."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "test-reader", "enable.auto.commit": False,
                             "fetch.wait.max.ms": 20, "isolation.level": isolation, "enable.partition.eof": True})
        try:
            metadata = consumer.list_topics(topic, timeout=10).topics[topic]
            places = [TopicPartition(topic, p) for p in sorted(metadata.partitions)]
            marks = [consumer.get_watermark_offsets(p, timeout=10) for p in places]
            wanted = {(p.partition): high for p, (low, high) in zip(places, marks) if high > low}
            consumer.assign([TopicPartition(topic, p.partition, low) for p, (low, _) in zip(places, marks)])
            found, deadline = [], time.monotonic() + PATIENCE
            while wanted:
                assert time.monotonic() < deadline, f"could not read topic {topic} to its end"
                for message in consumer.consume(10000, 0.2):
                    end = marks[message.partition()][1]
                    if message.error():         # the end, behind which no offset may be a record's: a transaction's mark
                        if message.error().code() == KafkaError._PARTITION_EOF and message.offset() >= end:
                            wanted.pop(message.partition(), None)
                        continue
                    if message.offset() < end:
                        found.append(Record(message))
                    if message.offset() + 1 >= end:
                        wanted.pop(message.partition(), None)
            return sorted(found, key=lambda r: (r.partition, r.offset))
        finally:
            consumer.close()


class Kafka(Broker):
    """A real Apache Kafka, from Maven Central (demo/kafka_server.sh).  Its properties may name {port} and {controller_port}."""

    real = True

    def __init__(self, base, name="kafka", properties=()):
        super().__init__(name, base / f"{name}.log")
        self.data, self.port, self.controller_port = base / name, free_port(), free_port()
        assert not self.data.exists(), f"another Kafka has {self.data}, with its ports and properties"
        self.bootstrap, self.properties = f"127.0.0.1:{self.port}", "\n".join(properties)
        for place in ("port", "controller_port"):
            self.properties = self.properties.replace("{%s}" % place, str(getattr(self, place)))
        self.start()

    def start(self):
        def up():
            self.check_running()
            return accepts(self.port)
        self.spawn(TOP / "demo/kafka_server.sh", self.data, self.port, self.controller_port,
                   env={"KAFKA_PROPERTIES": self.properties})
        wait_until(f"{self.name} accepts connections", up)
        wait_until(f"{self.name} has a broker", lambda: self.admin().list_topics(timeout=10).brokers)

    def tool(self, name, *arguments):
        """Run one of Kafka's own command line tools."""
        jars = subprocess.run([TOP / "demo/kafka_jars.sh"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        subprocess.run(["java", "-cp", f"{jars}/*", name, "--bootstrap-server", self.bootstrap, *arguments], check=True,
                       stdout=subprocess.DEVNULL, timeout=60)

    def create_topic(self, topic, partitions, config=None):
        admin = self.admin()
        for future in admin.create_topics([NewTopic(topic, partitions, 1, config=config or {})]).values():
            future.result(30)


class EmbeddedBroker(Broker):
    """demo/embedded_broker: keeps 5 MB of a partition, and cannot be restarted with its data."""

    real = False

    def __init__(self, base, name="broker"):
        super().__init__(name, base / f"{name}.log")
        address = base / f"{name}.address"
        self.spawn(TOP / "demo/embedded_broker", f"--write={address}")
        wait_until("the embedded broker has an address", lambda: self.check_running() or address.exists())
        self.bootstrap = address.read_text().strip().split("=", 1)[1]

    def create_topic(self, topic, partitions):
        """Topics come with 4 partitions when they are first asked for."""
        wait_until(f"topic {topic} exists", lambda: self.admin().list_topics(topic, timeout=10).topics[topic].partitions)


class Record:
    def __init__(self, message):
        self.topic, self.partition, self.offset = message.topic(), message.partition(), message.offset()
        self.key, self.value = message.key(), message.value()
        self.headers, self.timestamp = dict(message.headers() or []), message.timestamp()[1]

    @property
    def position(self):
        """The fields of the header __debezium.position, as common/position.h describes them, positions as numbers."""
        version, kind, system, timeline, commit, change, number, part, last, connector = \
            self.headers["__debezium.position"].decode().split(" ", 9)
        assert version == "1"
        return Position(kind, int(system), int(timeline), lsn(commit), lsn(change), int(number), int(part), last == "1",
                        connector)

    @property
    def op(self):
        """The operation, or x for a tombstone."""
        return json.loads(self.value)["op"] if self.value is not None else "x"


class Position:
    def __init__(self, kind, system, timeline, commit, change, number, part, last, connector):
        self.kind, self.system, self.timeline, self.last, self.connector = kind, system, timeline, last, connector
        self.order = commit, change, number, part


def lsn(text):
    high, low = text.split("/")
    return int(high, 16) << 32 | int(low, 16)


# ---------------------------------------------------------------- the two daemons

def http(method, url, body=None, timeout=30):
    """(status, parsed JSON or text); (0, reason) when nobody answers."""
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            status, text = response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)
    try:
        return status, json.loads(text) if text else None
    except ValueError:
        return status, text


class Bridge(Program):
    """bridge/debezium_bridge with a worker.properties of its own."""

    def __init__(self, base, broker, name="bridge", **properties):
        super().__init__(name, base / f"{name}.log")
        self.base, self.port, bootstrap = base, free_port(), broker.bootstrap
        self.url = f"http://127.0.0.1:{self.port}"
        self.properties = {
            "listeners": self.url, "bootstrap.servers": bootstrap, "group.id": f"{name}-group",
            "config.storage.topic": f"{name}-configs", "offset.storage.topic": f"{name}-offsets",
            "status.storage.topic": f"{name}-statuses", "config.storage.replication.factor": "1",
            "offset.storage.replication.factor": "1", "status.storage.replication.factor": "1",
            "key.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable": "false",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
            "fence.time.ms": "1000", **{k.replace("_", "."): v for k, v in properties.items()}}
        if not broker.real:             # it has no controller that would create topics on request
            for kind in ("config", "offset", "status"):
                broker.create_topic(self.properties[f"{kind}.storage.topic"], 1)

    def start(self, *connectors, wait=True):
        """Start it with files of these connectors (name, configuration)."""
        worker = self.base / f"{self.name}.properties"
        worker.write_text("".join(f"{k}={v}\n" for k, v in self.properties.items()))
        files = []
        for name, config in connectors:
            files.append(self.base / f"{name}.json")
            files[-1].write_text(json.dumps({"name": name, "config": config}, indent=1))
        self.spawn(TOP / "bridge/debezium_bridge", worker, *files)
        if wait:                        # 503 until it has read which connectors there are
            wait_until("the bridge answers", lambda: self.check_running() or self.call("GET", "/connectors")[0] == 200)

    def call(self, method, path, body=None):
        return http(method, self.url + path, body)

    def state(self, connector):
        """(connector's state, task's state, trace); all "" where there is none."""
        status, body = self.call("GET", f"/connectors/{connector}/status")
        if status != 200:
            return "", "", ""
        tasks = body["tasks"]
        trace = "\n".join(p["trace"] for p in [body["connector"], *tasks] if p.get("trace"))
        return body["connector"]["state"], tasks[0]["state"] if tasks else "", trace

    def wait_failed(self, connector):
        """Wait until connector or task is FAILED; returns the reason."""
        def failed():
            self.check_running()
            state = self.state(connector)
            return "FAILED" in state[:2] and state[2]
        return wait_until(f"{connector} is FAILED", failed)

    def wait_running(self, connector):
        def running():
            self.check_running()
            state = self.state(connector)
            assert "FAILED" not in state[:2], f"{connector} has FAILED: {state[2]}"
            return state[:2] == ("RUNNING", "RUNNING")
        wait_until(f"{connector} is RUNNING", running)

    def worker(self, connector):
        """Pid of the connector's process, or None."""
        for pid in children(self.pid):
            with contextlib.suppress(OSError):
                if connector.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                    return pid
        return None

    def kill_worker(self, connector):
        """kill -9 of the connector's process."""
        pid = wait_until(f"{connector} has a process", lambda: self.worker(connector))
        os.kill(pid, signal.SIGKILL)
        wait_until(f"process {pid} is gone", lambda: pid not in children(self.pid))

    def kill_all(self):
        """kill -9 of its workers, which would end in order without it, and of itself."""
        workers = children(self.pid)
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.kill()
        wait_until("its processes are gone", lambda: not any(map(alive, workers)))

    def metrics(self):
        status, text = self.call("GET", "/metrics")
        return metrics_read(text) if status == 200 else {}


class Applier(Program):
    """applier/debezium_applier with scripts given as text."""

    def __init__(self, base, name="applier"):
        super().__init__(name, base / f"{name}.log")
        self.base, self.port = base, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.files = []

    def write(self, *scripts):
        """The scripts that it is started with."""
        self.files = [self.base / f"{self.name}.{number}.sql" for number in range(len(scripts))]
        for file, script in zip(self.files, scripts):
            file.write_text(script)

    def start(self, *scripts, wait=True):
        """Start it; without scripts, with those of last time."""
        if scripts:
            self.write(*scripts)
        self.spawn(TOP / "applier/debezium_applier", "--listen", f"127.0.0.1:{self.port}", *self.files)
        if wait:
            wait_until("the applier answers", lambda: self.check_running() or http("GET", self.url + "/jobs/overview")[0] == 200)

    def kill_all(self):
        """kill -9 of its workers, and of itself."""
        for pid in children(self.pid):
            os.kill(pid, signal.SIGKILL)
        self.kill()

    def jobs(self):
        status, body = http("GET", self.url + "/jobs/overview")
        return body["jobs"] if status == 200 else []

    def metrics(self):
        status, text = http("GET", self.url + "/metrics")
        return metrics_read(text) if status == 200 else {}


SAMPLE = re.compile(r"""([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})?) """
                    r"""(-?[0-9.]+(?:e[-+]?[0-9]+)?|NaN|[-+]Inf)""")


def metrics_read(text):
    """Samples of a Prometheus page by their name with labels; a line that is none is an error, as it is to Prometheus."""
    samples = {}
    for line in text.splitlines():
        if line.startswith(("# HELP ", "# TYPE ")):
            continue
        match = SAMPLE.fullmatch(line)
        assert match, f"no sample: {line}"
        assert match[1] not in samples, f"twice: {line}"
        samples[match[1]] = float(match[2])
    return samples


def example(name, **replace):
    """An example script of the applier with connection values replaced: url, bootstrap, topic, group, table."""
    text = (TOP / "applier/examples" / f"{name}.sql").read_text()
    options = {"url": r"'url'", "bootstrap": r"'properties\.bootstrap\.servers'", "topic": r"'topic'",
               "group": r"'properties\.group\.id'", "username": r"'username'", "password": r"'password'"}
    for what, value in replace.items():
        text, count = re.subn(rf"({options[what]}\s*=\s*)'[^']*'", lambda m, v=value: f"{m.group(1)}'{v}'", text)
        assert count, f"{name}.sql has no option for {what}"
    return text
