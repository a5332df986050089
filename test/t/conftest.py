"""Fixtures of the end-to-end tests; test/README.md says how they are used."""
import itertools
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import stack                                            # noqa: E402
from pipeline import Pipeline                           # noqa: E402


numbers = itertools.count(1)        # of the pipelines


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the ends of the logs of all processes."""
    report = (yield).get_result()
    if report.failed:
        for program in stack.processes:
            if program.text():
                report.sections.append((f"log of {program.name}", program.tail(40)))


@pytest.fixture(scope="session")
def base():
    """The directory of this run; kept after it when KEEP is set."""
    path = Path(tempfile.mkdtemp(prefix="decoder_debezium_test."))
    path.chmod(0o755)
    yield path
    for program in reversed(stack.processes):           # whatever a failed test has left
        if program.running():
            program.kill()
    if os.environ.get("KEEP"):
        print(f"kept: {path}")
    else:
        shutil.rmtree(path)


@pytest.fixture(scope="session")
def installation(base):
    return stack.Installation(base / "install")


def server(installation, base, name, settings=()):
    postgres = stack.Postgres(installation, base, name, settings)
    yield postgres
    postgres.stop()


@pytest.fixture(scope="session")
def source(installation, base):
    """The source server, with the role sourceuser, which may replicate but is no superuser."""
    for postgres in server(installation, base, "source"):
        postgres.role("sourceuser", "REPLICATION")
        yield postgres


@pytest.fixture(scope="session")
def dest(installation, base):
    for postgres in server(installation, base, "dest"):
        postgres.role("destuser")
        yield postgres


@pytest.fixture(scope="session")
def broker(base):
    """A real Kafka; the embedded broker where Java is missing, but not with REQUIRE_KAFKA=1."""
    if shutil.which("java") and (shutil.which("mvn") or os.environ.get("KAFKA_JARS")) or os.environ.get("REQUIRE_KAFKA"):
        broker = stack.Kafka(base)
    else:
        broker = stack.EmbeddedBroker(base)
    yield broker
    broker.stop()


def pytest_report_header():
    kafka = shutil.which("java") or os.environ.get("REQUIRE_KAFKA")
    return "broker: " + ("Apache Kafka" if kafka else "embedded (no Java here; REQUIRE_KAFKA=1 makes that an error)")


@pytest.fixture
def real_kafka(broker):
    if not broker.real:
        pytest.skip("needs a real Kafka")
    return broker


@pytest.fixture
def programs():
    """A list: programs put into it are killed at the end of the test."""
    started = []
    yield started
    for program in reversed(started):
        if program.running():
            program.kill()


@pytest.fixture
def pipeline(request, base, source, dest, broker, programs):
    """Databases, bridge and applier of this test alone, not started yet; gone at its end."""
    name = Path(request.node.fspath).stem.replace("test_", "t")
    pipeline = Pipeline(base, f"{name}_{next(numbers)}", source, dest, broker)
    programs += [pipeline.bridge, pipeline.applier]
    yield pipeline
    for program in (pipeline.applier, pipeline.bridge):
        if program.running():
            program.kill()
    pipeline.drop()
