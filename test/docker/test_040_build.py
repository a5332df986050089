"""A clean Debian, with the packages that README.md names and no others: build, installation, the plugin's tests, first steps."""
import re

import pytest

from conftest import CHECKOUT, run
from fences import blocks, commands
from stack import TOP

README = (TOP / "README.md").read_text()
SECTION = README.split("## Build and install")[1].split("\n## ")[0]


@pytest.fixture(scope="module")
def debian():
    """Runs a command as root in a container that has a copy of the checkout."""
    container = run("docker", "run", "-d", "--rm", "debian:trixie-slim", "sleep", "infinity").strip()
    run("docker", "cp", f"{CHECKOUT}/.", f"{container}:/checkout")

    def bash(command, user="root"):
        return run("docker", "exec", "-u", user, "-w", "/checkout", "-e", "DEBIAN_FRONTEND=noninteractive", container,
                   "bash", "-ec", command, timeout=1200)
    bash("apt-get -q update")
    yield bash
    run("docker", "kill", container)


def test_build(debian):
    packages = " ".join(re.findall(r"`([a-z0-9 .-]+)` \|$", SECTION, re.MULTILINE)).replace("-15", "-17")
    assert "postgresql-server-dev-17" in packages
    debian(f"apt-get -q -y install --no-install-recommends sudo {packages}")
    typed = [command for _, body in blocks(SECTION) for command in commands(body)]
    for command in typed:
        if command == "make installcheck":
            debian("""pg_lsclusters -h | grep -q . || pg_createcluster 17 main
                      cat docker/postgresql.conf >> /etc/postgresql/17/main/postgresql.conf
                      sed -i 's/^#\\(output_plugin_libraries\\)/\\1/' /etc/postgresql/17/main/postgresql.conf
                      pg_ctlcluster 17 main restart; chown -R postgres .""")
            assert "not ok" not in debian(command, "postgres")
        elif command != "make test":  # which .ci/run does
            debian(command)


def test_contributing(debian):
    for _, body in blocks((TOP / "CONTRIBUTING.md").read_text()):
        for command in commands(body):
            debian(command)
