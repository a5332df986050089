"""The stack as a user brings it up, looks at it, breaks it and takes it down.  The tests follow each other."""
import json
import re
import shutil
import time

import psycopg2
import pytest

from conftest import CHECKOUT, SERVERS, figures, run
from stack import http, wait_until

OURS = ["postgres-source", "postgres-dest", "debezium", "applier"]
BASE = "debian:trixie-slim"


def size(image):
    return int(run("docker", "image", "inspect", "-f", "{{.Size}}", image))


def test_images(stack):
    started = time.monotonic()
    stack.compose("build", "-q", timeout=1800)
    figures.append(("images built", f"{time.monotonic() - started:.0f}", "s"))
    for image in "bridge", "applier", "dbsender", "postgres":
        over = (size(f"decoder-debezium/{image}") - size(BASE)) / 1e6
        figures.append((f"image {image}, over {BASE}", f"{over:.1f}", "MB"))
        assert image == "postgres" or over <= 60
    for image in "bridge", "applier", "dbsender", "postgres":
        config = json.loads(run("docker", "image", "inspect", f"decoder-debezium/{image}"))[0]["Config"]
        assert config["User"] not in ("", "root", "0"), image
        assert config["Labels"]["org.opencontainers.image.licenses"] == "PostgreSQL"
        assert "Healthcheck" in config or image == "dbsender"


def test_official_image(stack):
    """POSTGRES_IMAGE is the base; what stands in for the official one has its configuration elsewhere, as that has."""
    official = "decoder-debezium-test/official"
    (CHECKOUT / "official.Dockerfile").write_text(f"""FROM {official}-base
USER root
RUN mv /usr/share/postgresql/17/postgresql.conf.sample /usr/share/postgresql && \
    ln -s ../postgresql.conf.sample /usr/share/postgresql/17/postgresql.conf.sample
""")
    run("docker", "build", "-q", "-f", "docker/Dockerfile", "--target", "postgres-debian", "-t", f"{official}-base", ".")
    run("docker", "build", "-q", "-f", "official.Dockerfile", "-t", f"{official}:17-trixie", ".")
    run("env", f"POSTGRES_IMAGE={official}:17-trixie", "docker", "compose", "build", "-q", "postgres-source")
    run("env", "docker", "compose", "up", "-d", "postgres-source")
    stack.wait_healthy("postgres-source")
    assert stack.sql("source", "SELECT 1 FROM pg_create_logical_replication_slot('s', 'decoder_debezium', true)")
    stack.compose("down", "-v")
    stack.compose("build", "-q", "postgres-source")


def test_up(stack):
    """Up means mirrored, without further ado."""
    started = time.monotonic()
    stack.compose("up", "-d")
    returned = time.monotonic()

    def mirrored():
        try:
            return len(stack.sql("dest", "SELECT 1 FROM orders")) == 3 and len(stack.sql("dest", "SELECT 1 FROM orders_flink")) == 3
        except psycopg2.Error:
            return False
    wait_until("the first rows are mirrored", mirrored)
    figures.append(("docker compose up -d", f"{returned - started:.1f}", "s"))
    figures.append(("from its start to the first mirrored rows", f"{time.monotonic() - started:.1f}", "s"))
    stack.wait_healthy()
    wait_until("debezium-setup has ended", lambda: stack.health("debezium-setup") == "exited")
    assert stack.inspect("debezium-setup")["State"]["ExitCode"] == 0
    running = run("docker", "ps", "--format", "{{.Names}}").split()
    assert sorted(running) == sorted(SERVERS)
    figures.append(("containers running", len(running), ""))


def test_ports():
    for port, path in (8083, "/connectors"), (8081, "/jobs/overview"):
        status, _ = http("GET", f"http://127.0.0.1:{port}{path}")
        assert status == 200


def test_hardened(stack):
    for container in OURS + ["debezium-setup"]:
        container = stack.inspect(container)
        assert container["HostConfig"]["ReadonlyRootfs"]
        if "postgres" not in container["Name"]:
            assert container["HostConfig"]["CapDrop"] == ["ALL"]
    for container in OURS:
        assert run("docker", "exec", container, "id", "-u").strip() != "0"


def test_generator(stack):
    stack.generator()
    wait_until("orders are deleted, too", lambda: stack.sql(
        "source", "SELECT count(*) > 200 AND count(*) < max(order_id) FROM orders")[0][0])
    started = time.monotonic()
    run("docker", "stop", "dbsender")
    assert time.monotonic() - started < 5
    assert stack.check_equal() > 0


def test_memory(stack):
    stack.generator()
    wait_until("1000 more changes", lambda: stack.sql("source", "SELECT count(*) > 1000 FROM demo.history")[0][0])
    total = 0
    for line in run("docker", "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}").splitlines():
        name, usage = line.split()[:2]
        number, unit = float(usage.rstrip("KMGiB")), usage.lstrip("0123456789.")
        mib = number * {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}[unit]
        figures.append((f"memory of {name}, with the generator running", f"{mib:.0f}", "MiB"))
        total += mib
    figures.append(("memory of all", f"{total:.0f}", "MiB"))
    assert total < 1000


@pytest.mark.parametrize("container", sorted(SERVERS))
def test_killed(stack, container):
    """The generator goes on, if its database lets it; who dies is started again by the engine alone."""
    if stack.health("dbsender") != "running":
        run("docker", "rm", "-f", "dbsender", check=False)
        stack.generator()
    before = stack.inspect(container)
    started = time.monotonic()
    run("kill", "-9", str(before["State"]["Pid"]))
    wait_until(f"{container} is started again", lambda: stack.inspect(container)["RestartCount"] > before["RestartCount"])
    stack.wait_healthy()
    wait_until("the connector is running", lambda: stack.task_state() == "RUNNING")
    marker = stack.sql("source", "INSERT INTO orders (user_id, name) VALUES (1, 'alive') RETURNING order_id")[0][0]
    wait_until("a new order is mirrored", lambda: stack.sql(
        "dest", f"SELECT 1 FROM orders_flink WHERE order_id = {marker}"))
    figures.append((f"from kill -9 of {container} to a new order mirrored", f"{time.monotonic() - started:.1f}", "s"))


def test_equal_after_kills(stack):
    run("docker", "rm", "-f", "dbsender", check=False)
    assert stack.check_equal() > 0


@pytest.mark.parametrize("container", OURS)
def test_stopped(stack, container):
    started = time.monotonic()
    run("docker", "stop", "-t", "30", container)
    took = time.monotonic() - started
    figures.append((f"docker stop {container}", f"{took:.1f}", "s"))
    assert took < 5
    assert stack.inspect(container)["State"]["ExitCode"] == 0
    run("docker", "start", container)
    stack.wait_healthy(container)


def test_goes_on(stack):
    wait_until("the connector is running", lambda: stack.task_state() == "RUNNING")
    stack.sql("source", "INSERT INTO orders (user_id, name) VALUES (2, 'after the stops')")
    stack.check_equal()


def test_registered_again(stack):
    url = "http://127.0.0.1:8083/connectors/postgres-source-connector"
    assert http("DELETE", url)[0] == 204
    stack.compose("restart", "debezium-setup")
    wait_until("the connector is running", lambda: stack.task_state() == "RUNNING")
    stack.sql("source", "INSERT INTO orders (user_id, name) VALUES (3, 'registered again')")
    stack.check_equal()


def members():
    """Hosts of the group's members, with the number of partitions that each has."""
    table = run("docker", "exec", "kafka", "kafka-consumer-groups", "--bootstrap-server", "localhost:29092", "--describe",
                "--members", "--group", "flink-consumer-group")
    return {host: int(partitions) for host, partitions in re.findall(
        r"^flink-consumer-group .* orders_flink-(\w+)-\w+ +/\S+ +\S+ +(\d+)", table, re.MULTILINE)}


def test_scaled(stack):
    """Another member takes over from the one that has the partition."""
    stack.compose("up", "-d", "--scale", "applier-replica=2")
    wait_until("the group has three members, one with the partition",
               lambda: sorted(members().values()) == [0, 0, 1])
    busy, = (host for host, partitions in members().items() if partitions)
    run("docker", "stop", busy)
    stack.sql("source", "INSERT INTO orders (user_id, name) VALUES (4, 'replica')")
    stack.check_equal()
    run("docker", "start", busy)
    stack.compose("up", "-d", "--scale", "applier-replica=0")
    assert not [name for name in run("docker", "ps", "--format", "{{.Names}}").split() if "replica" in name]
    stack.sql("source", "INSERT INTO orders (user_id, name) VALUES (5, 'alone again')")
    stack.check_equal()


def test_ports_changed(stack):
    """A port that is taken is changed by a variable."""
    run("env", "POSTGRES_DEST_PORT=15433", "docker", "compose", "up", "-d", "postgres-dest")
    stack.wait_healthy("postgres-dest")
    psycopg2.connect("host=127.0.0.1 port=15433 user=destuser password=destpass dbname=destdb").close()
    stack.compose("up", "-d")
    stack.wait_healthy()
    stack.check_equal()


def test_down_and_up(stack):
    """The data stays, and the stack goes on where it was."""
    stack.compose("down")
    assert not run("docker", "ps", "-aq", "--filter", "label=com.docker.compose.project=decoder_debezium")
    stack.compose("up", "-d")
    stack.wait_healthy()
    stack.sql("source", "INSERT INTO orders (user_id, name) VALUES (6, 'after down')")
    stack.check_equal()


def test_refused_connector(stack):
    """What is wrong with a connector is told by the service that registers it."""
    told = run("env", "TABLE_INCLUDE_LIST=(", "docker", "compose", "run", "--rm", "debezium-setup", check=False)
    assert "could not register" in told and "table.include.list" in told


def test_removed(stack):
    stack.compose("down", "-v")
    assert not run("docker", "volume", "ls", "-q", "--filter", "label=com.docker.compose.project=decoder_debezium")


def test_partitions_shared(stack):
    """Three appliers on three partitions, each key in its order."""
    run("env", "KAFKA_NUM_PARTITIONS=3", "docker", "compose", "up", "-d", "--scale", "applier-replica=2")
    wait_until("each member has a partition", lambda: list(members().values()) == [1, 1, 1])
    stack.generator("0.002")
    wait_until("2000 changes", lambda: stack.sql("source", "SELECT count(*) > 2000 FROM demo.history")[0][0])
    run("docker", "stop", "dbsender")
    stack.check_equal()
    stack.compose("down", "-v")


def test_from_docker_directory(stack):
    """The same project by the same command in docker/."""
    names = [run("docker", "compose", "--project-directory", ".", "-f", "docker/compose.yaml", "config", "--services"),
             run("sh", "-c", "cd docker && docker compose config --services"), stack.compose("config", "--services")]
    assert len(set(map(frozenset, map(str.split, names)))) == 1
    here, there = stack.compose("config"), run("sh", "-c", "cd docker && docker compose config")
    assert here == there and f"{CHECKOUT}/demo/source.sql" in here


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="there is no docker-compose")
def test_compose_1():
    """The older program reads the same files, here and in docker/."""
    version = run("docker-compose", "version", "--short").strip()
    for directory in ".", "docker":
        services = run("sh", "-c", f"cd {directory} && docker-compose config --services")
        assert SERVERS < set(services.split()), f"docker-compose {version} in {directory}: {services}"


def test_jobs():
    """The stack's scripts are the applier's examples, but for the addresses."""
    for script in "orders.sql", "orders_flink.sql":
        example = (CHECKOUT / "applier/examples" / script).read_text()
        assert (CHECKOUT / "docker/jobs" / script).read_text() == example.replace(
            "localhost:9092", "kafka:29092").replace("localhost:5433", "postgres-dest:5432")
