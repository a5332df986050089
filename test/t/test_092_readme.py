"""What README.md and docs/ say to type is typed here, or in test/docker; no block is left out."""
import json
import re
import shlex
import subprocess

import pytest
from fences import blocks, commands
from stack import TOP, Program, accepts, http, wait_until

README = (TOP / "README.md").read_text()

# who types the blocks for a shell, by page and section
TYPED = {
    "README.md": {
        "Two commands": "test_demo, test/docker",
        "Five minutes": "test/docker",
        "Without containers": "test_demo",
        "Build and install": "test/docker, .ci/run",
        "Your own databases": "test_own_databases",
    },
    "CONTRIBUTING.md": "test/docker",
    "docs/compose.md": "test/docker",
    # sessions are ```sql and ```sh, with the output behind them
    "docs/plugin.md": {}, "docs/transforms.md": {},
}


def sections(page):
    for part in re.split(r"^(?=## )", page, flags=re.MULTILINE):
        yield part.split("\n")[0].strip("# "), part


def section(title):
    return dict(sections(README))[title]


def test_every_block():
    for page in [TOP / "README.md", TOP / "CONTRIBUTING.md", *sorted((TOP / "docs").glob("*.md"))]:
        name = str(page.relative_to(TOP))
        typed = TYPED.get(name, {})
        for title, part in sections(page.read_text()):
            for info, _ in blocks(part):
                kind = info.split()[0] if info else ""
                assert kind in ("bash", "sql", "sh", "text"), f"{name}, {title}: a block of kind \"{info}\""
                assert kind != "bash" or isinstance(typed, str) or title in typed, f"nobody types the block in {name}, {title}"


@pytest.fixture
def typed(tmp_path, programs, pipeline):
    """Types a command in a directory that has what the README says is there, on the pipeline's ports."""
    for link in "bridge", "applier":
        (tmp_path / link).symlink_to(TOP / link)
    ports = {"8083": str(pipeline.bridge.port), "8081": str(pipeline.applier.port)}

    def type_in(command):
        for port, other in ports.items():
            command = command.replace(f":{port}", f":{other}")
        words = shlex.split(command)
        if not re.match(r"(bridge|applier)/", words[0]) or "--check" in words:
            return subprocess.run(words, cwd=tmp_path, check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout
        program = Program(words[0].replace("/", "-"), tmp_path / f"{len(programs)}.log")
        programs.append(program)
        program.spawn("env", "-C", tmp_path, *words)
        port = int(ports["8083" if words[0].startswith("bridge") else "8081"])
        wait_until(f"{command} answers", lambda: program.check_running() or (accepts(port) and http(
            "GET", f"http://127.0.0.1:{port}/{'connectors' if words[0].startswith('bridge') else 'jobs'}")[0] == 200))
        return program

    type_in.directory = tmp_path
    return type_in


def test_own_databases(pipeline, typed):
    """The connector by its file, by REST, and the scripts."""
    properties = pipeline.bridge.properties
    (typed.directory / "worker.properties").write_text("".join(f"{k}={v}\n" for k, v in properties.items()))
    (typed.directory / "connector.json").write_text(json.dumps({"name": pipeline.connector, "config": pipeline.config()}))
    for name, script in zip(("orders", "orders_flink"), pipeline.scripts()):
        (typed.directory / f"{name}.sql").write_text(script)
    pipeline.source.sql("INSERT INTO orders (user_id, name) VALUES (100, 'John Doe')", pipeline.database)

    running = None
    for _, body in blocks(section("Your own databases")):
        for command in commands(body):
            if command.startswith("bridge") and running:
                assert running.stop() == 0
            if "--check" in command:    # which asks for the topic; a reader is not so fast
                wait_until("the topic is there", lambda: pipeline.topic in pipeline.broker.topics())
            answer = typed(command)
            if command.startswith("bridge"):
                running = answer
            elif command.startswith("curl"):
                assert json.loads(answer)["name"] == pipeline.connector
    wait_until("the order is in both tables", lambda: pipeline.dest.one(
        "SELECT EXISTS (SELECT FROM orders) AND EXISTS (SELECT FROM orders_flink)", pipeline.target))
    # and what an operator asks both databases
    (_, slot), (_, progress) = blocks((TOP / "docs/operations.md").read_text())
    assert pipeline.slot in [row[0] for row in pipeline.source.sql(slot, pipeline.database)]
    assert {row[0] for row in pipeline.dest.sql(progress, pipeline.target)} == {"orders", "orders_flink"}


def test_demo(tmp_path, programs):
    """make demo, and what one can look at meanwhile."""
    demo = Program("demo", tmp_path / "demo.log")
    programs.append(demo)
    demo.spawn("make", "-s", "-C", TOP, "demo", env={"DURATION": "4"})
    demo.wait_log("   topic +kcat")
    shown = demo.text()
    port = {name: re.search(rf"^ +{name} .*127\.0\.0\.1:(\d+)", shown, re.MULTILINE)[1]
            for name in ("destination", "connector", "jobs")}
    broker = re.search(r"kcat -b (\S+)", shown)[1]
    outputs = []
    for _, body in blocks(section("Without containers")):
        for command in commands(body):
            for documented, name in ("5433", "destination"), ("8083", "connector"), ("8081", "jobs"):
                command = command.replace(f":{documented}/", f":{port[name]}/")
            command = command.replace("BROKER", broker)
            if not command.startswith("kcat") or subprocess.run(["which", "kcat"], stdout=subprocess.DEVNULL).returncode == 0:
                outputs.append(subprocess.run(["bash", "-c", command], check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout)
    assert '"RUNNING"' in outputs[0] and '"orders_flink"' in outputs[2]
    # the generator may have changed or deleted any of the first orders
    assert re.search(r"order_id.*user_id.*name", outputs[1]) and re.search(r"^\([1-9]\d* rows?\)", outputs[1], re.MULTILINE)
    assert demo.ended() == 0
    assert "both tables are as they must be" in demo.text()
