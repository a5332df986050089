"""README's first steps and docs/compose.md as they stand there, block by block; and the commands of the demo that the stack replaces."""
import os
import pathlib
import re

import pytest

from conftest import CHECKOUT, is_endless, run, shell
from fences import blocks, commands
from stack import TOP, wait_until

README = (TOP / "README.md").read_text()
PAGE = (TOP / "docs/compose.md").read_text()
DEMO = pathlib.Path(os.environ.get("DEMO_README", TOP / "../shared/seed.md"))


def follow(command):
    """Runs it until it ends, or has printed something where it would go on for ever."""
    status, output = shell(command, follow=is_endless(command))
    assert status == 0, f"{command} ended with {status}: {output}"
    return output


def psql(command):
    """Is this a session of psql in which one types on?"""
    return "psql" in command and " -c" not in command


class Reader:
    """Reads a page as its user does, who knows where each block belongs."""

    def __init__(self, stack):
        self.stack = stack
        self.session = None  # psql, which blocks of SQL are typed into

    def command(self, command):
        if psql(command):
            self.session = command
            status, output = shell(command, text="\\conninfo\n\\q\n")
            assert status == 0 and "You are connected" in output, output
            return output
        output = follow(command)
        if re.search(r"compose (up|restart|run)|docker restart", command):
            self.stack.wait_healthy()
            wait_until("the connector is registered and running", lambda: self.stack.task_state() == "RUNNING")
        return output

    def sql(self, body):
        for statement in re.split(r";(?:[^\n']*)\n", body.strip() + "\n"):
            if statement.strip():
                output = run("sh", "-c", f"{self.session.replace('-it', '-i')} -v ON_ERROR_STOP=1 <<'END'\n{statement};\nEND")
                assert "row" in output, output

    def block(self, info, body):
        if info == "bash":
            return [self.command(command) for command in commands(body)]
        if info == "sql":
            return self.sql(body)
        language, name = info.split()
        assert language == "sql"
        path = CHECKOUT / name
        text = path.read_text()
        path.write_text(text[:text.index("-- Transform and Insert")] + body)


def sections(page):
    for part in re.split(r"^(?=## )", page, flags=re.MULTILINE):
        found = list(blocks(part))
        if found:
            yield pytest.param(found, id=part.split("\n")[0].strip("# "))


@pytest.fixture(scope="module")
def reader(stack):
    scripts = {path: path.read_text() for path in (CHECKOUT / "docker/jobs").glob("*.sql")}
    yield Reader(stack)
    for path, text in scripts.items():
        path.write_text(text)
    stack.compose("down", "-v")


def demo_commands():
    """The commands of the demo, and what the page says to type instead."""
    table = PAGE.split("## Coming from the Debezium and Flink demo")[1]
    instead = dict(re.findall(r"^\| `(docker [^`]*)` \| `(docker [^`]*)` \|$", table, re.MULTILINE))
    for info, body in blocks(DEMO.read_text()):
        if info != "bash":
            continue
        for command in commands(body):
            # what a command of the stack is
            if re.match(r"docker |curl ", command):
                yield instead.get(command, command)


@pytest.mark.skipif(not DEMO.exists(), reason="the README of the demo is not beside the checkout")
def test_demo(reader):
    """Each command of the demo's README does what it says, by the table."""
    # its lines about stopping stand in the middle
    ran = sorted(demo_commands(), key=lambda command: command.startswith("docker compose down"))
    assert len(ran) > 25
    for command in ran:
        output = reader.command(command)
        if command == "curl http://localhost:8083/connectors":
            assert output.strip() == '["postgres-source-connector"]'
        elif "status" in command:
            assert output.count('"state":"RUNNING"') == 2
        elif command.startswith("docker compose run"):
            # as the page says, so that its logs have this name
            run("docker", "rename", run("docker", "ps", "-q", "--filter", "label=com.docker.compose.oneoff=True").strip(),
                "dbsender")


def test_readme(reader):
    found, = (param.values[0] for param in sections(README) if param.id == "Five minutes")
    for info, body in found:
        reader.block(info, body)


@pytest.mark.parametrize("found", sections(PAGE))
def test_page(reader, found):
    for info, body in found:
        reader.block(info, body)


def test_custom_sql(reader):
    """What the page said about users above 1000: tried once more, with both kinds of them."""
    stack = reader.stack
    stack.compose("up", "-d")
    stack.wait_healthy()
    stack.sql("source", "INSERT INTO orders (user_id, name) VALUES (999, 'below'), (1001, 'above')")
    wait_until("the order above is mirrored", lambda: stack.sql("dest", "SELECT 1 FROM orders_flink WHERE user_id = 1001"))
    assert not stack.sql("dest", "SELECT 1 FROM orders_flink WHERE user_id <= 1000")
    assert stack.sql("dest", "SELECT 1 FROM orders WHERE user_id = 999")
