"""The engine's stack as an object, and the figures at the end of the report."""
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import time

import psycopg2
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "lib"))
from stack import PATIENCE, TOP, http, wait_until  # noqa: E402

CHECKOUT = pathlib.Path(os.environ.get("CHECKOUT", TOP))
SERVERS = {"postgres-source", "postgres-dest", "kafka", "debezium", "applier"}
figures = []


def pytest_terminal_summary(terminalreporter):
    if figures:
        terminalreporter.section("figures")
    for what, value, unit in figures:
        terminalreporter.write_line(f"{what:70} {value:>10} {unit}")


def run(*argv, check=True, timeout=600):
    """A command in the checkout; its output as text."""
    done = subprocess.run(argv, cwd=CHECKOUT, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if check and done.returncode != 0:
        raise AssertionError(f"{argv} ended with {done.returncode}: {done.stdout}")
    return done.stdout


def shell(command, follow=None, text=""):
    """A line as a user types it, on a terminal.  Returns status and output.

    With "follow" the command is interrupted as soon as it has printed something,
    which is what ends those that go on for ever; "text" is typed in."""
    primary, replica = os.openpty()
    process = subprocess.Popen(["bash", "-c", command], cwd=CHECKOUT, stdin=replica, stdout=replica, stderr=replica,
                               start_new_session=True)
    os.close(replica)
    os.write(primary, text.encode())
    output, deadline, stopped = b"", time.monotonic() + 600, False
    while time.monotonic() < deadline:
        if select.select([primary], [], [], 0.1)[0]:
            try:
                read = os.read(primary, 65536)
            except OSError:  # the other end is closed
                break
            if not read:
                break
            output += read
        elif follow and output.strip() and not stopped:
            # Ctrl-C; "docker exec" passes it on only by the terminal that it has made raw
            os.write(primary, b"\x03")
            os.killpg(process.pid, signal.SIGINT)
            stopped = True
        elif process.poll() is not None:
            break
    else:
        os.killpg(process.pid, signal.SIGKILL)
        raise AssertionError(f"{command} did not end: {output.decode(errors='replace')}")
    status = process.wait()
    os.close(primary)
    return (0 if stopped else status), output.decode(errors="replace").replace("\r\n", "\n")


def is_endless(command):
    return bool(re.search(r"docker (compose )?logs .*-f\b", command) or
                ("console-consumer" in command and "--max-messages" not in command))


class Stack:
    def compose(self, *arguments, **options):
        return run("docker", "compose", *arguments, **options)

    def inspect(self, container):
        return json.loads(run("docker", "inspect", container))[0]

    def health(self, container):
        state = json.loads(run("docker", "inspect", "-f", "{{json .State}}", container))
        return state.get("Health", {}).get("Status", state["Status"])

    def wait_healthy(self, *containers):
        for container in containers or sorted(SERVERS):
            wait_until(f"{container} is healthy", lambda: self.health(container) == "healthy", timeout=2 * PATIENCE)

    def sql(self, where, text):
        port = {"source": 5432, "dest": 5433}[where]
        connection = psycopg2.connect(host="127.0.0.1", port=port, user=f"{where}user", password=f"{where}pass",
                                      dbname=f"{where}db", connect_timeout=5)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def task_state(self, name="postgres-source-connector"):
        try:
            _, status = http("GET", f"http://127.0.0.1:8083/connectors/{name}/status")
            return status["tasks"][0]["state"]
        except (OSError, KeyError, IndexError, TypeError, ValueError):
            return None

    def generator(self, interval="0.02"):
        self.compose("run", "--rm", "-d", "--name", "dbsender", "-e", f"INTERVAL_SECONDS={interval}", "dbsender")

    def check_equal(self):
        """Both tables are what the source says, which writes its history itself."""
        digest = "SELECT count(*), md5(coalesce(string_agg(t::text, ',' ORDER BY order_id), '')) FROM "
        orders = self.sql("source", digest + "orders t")
        flink = self.sql("source", digest + """(SELECT DISTINCT ON (order_id) order_id, user_id FROM demo.history
                                                 ORDER BY order_id, number DESC) t""")

        def equal():
            try:
                return (self.sql("dest", digest + "orders t") == orders and
                        self.sql("dest", digest + "orders_flink t") == flink)
            except psycopg2.OperationalError:
                return False
        wait_until("both tables are equal", equal, timeout=2 * PATIENCE)
        return orders[0][0]


@pytest.fixture(scope="session")
def stack():
    taken = set(run("docker", "ps", "-a", "--format", "{{.Names}}").split()) & (SERVERS | {"debezium-setup", "dbsender"})
    assert not taken, f"containers of these names are there already: {taken}"
    stack = Stack()
    yield stack
    run("docker", "rm", "-f", "dbsender", check=False)
    stack.compose("down", "-v", "--remove-orphans", check=False)
