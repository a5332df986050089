"""Unknown options and missing files: both daemons name them, and end with a status that is not 0."""
import os
import subprocess

import pytest
from stack import TOP

PROGRAMS = ["bridge/debezium_bridge", "applier/debezium_applier"]


def run(program, *arguments):
    return subprocess.run([TOP / program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)


@pytest.mark.parametrize("program", PROGRAMS)
def test_unknown_option(program):
    result = run(program, "--nonsense")
    assert result.returncode != 0 and "nonsense" in result.stdout and "--help" in result.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_missing_file(program):
    result = run(program, "/nonexistent/file")
    assert result.returncode != 0 and "/nonexistent/file" in result.stdout and "No such file" in result.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_help(program):
    result = run(program, "--help")
    assert result.returncode == 0 and "Usage:" in result.stdout


def test_bad_worker_property():
    result = subprocess.run([TOP / "bridge/debezium_bridge"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30,
                            env={**os.environ, "CONNECT_EXACTLY_ONCE_SOURCE_SUPPORT": "on"})
    assert result.returncode != 0
    assert 'invalid value "on" for property "exactly.once.source.support": expected disabled, preparing or enabled' in result.stdout
