"""Unknown options, missing files and programs: both daemons name them, and end with a status that is not 0."""
import os
import shutil
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
def test_missing_program(program, tmp_path):
    """The workers' program is not beside it."""
    alone = shutil.copy(TOP / program, tmp_path)
    result = run(alone, "/nonexistent/file")
    assert result.returncode != 0
    assert f'could not find program "{alone}_worker", which must be installed beside' in result.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_program_of_another_version(program):
    """A worker that another version has started says so, and is FAILED, not started again and again."""
    result = subprocess.run([f"{TOP / program}_worker", "--worker", "name", "0.1"], stdin=subprocess.DEVNULL, text=True, timeout=30,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert result.returncode != 0 and "was started by one of version 0.1; install both from the same build" in result.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_help(program):
    result = run(program, "--help")
    assert result.returncode == 0 and "Usage:" in result.stdout


def test_bad_worker_property():
    result = subprocess.run([TOP / "bridge/debezium_bridge"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30,
                            env={**os.environ, "CONNECT_EXACTLY_ONCE_SOURCE_SUPPORT": "on"})
    assert result.returncode != 0
    assert 'invalid value "on" for property "exactly.once.source.support": expected disabled, preparing or enabled' in result.stdout
