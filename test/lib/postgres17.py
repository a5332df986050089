"""Servers of PostgreSQL 17, in the system that .ci/run keeps for the plugin's tests.

They run below chroot, with data directories there; their ports and sockets are reached from outside.
"""
import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from stack import TOP, Postgres, Program, free_port

SYSTEM = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "decoder_debezium/postgresql-17"
BIN = "/usr/lib/postgresql/17/bin"
CONFIG = f"{BIN}/pg_config"


class System17:
    """A directory in that system with a build of this checkout, gone at the end.  Skips the test where there is none."""

    def __init__(self):
        if os.geteuid() != 0 or not (SYSTEM / CONFIG[1:]).exists():
            pytest.skip("no PostgreSQL 17 here")
        self.outside = Path(tempfile.mkdtemp(prefix="e2e.", dir=SYSTEM / "tmp"))
        self.outside.chmod(0o755)
        self.inside = "/" + str(self.outside.relative_to(SYSTEM))
        try:
            self.build()
        except Exception:
            self.remove()
            raise

    def build(self):
        """Into the system itself: its servers look nowhere else for plugins, and it is for nothing but tests."""
        built = os.environ.get("BUILT_17")          # .ci/run has just done so
        if built:
            self.install(built)
            return
        sources = self.outside / "sources"
        sources.mkdir()
        with subprocess.Popen(["tar", "-c", "--exclude=.git", "--exclude=*.o", "--exclude=*.so", "--exclude=*.bc", "--exclude=*.a",
                               "."], cwd=TOP, stdout=subprocess.PIPE) as packed:
            subprocess.run(["tar", "-x", "-C", sources], stdin=packed.stdout, check=True)
        self.install(f"{self.inside}/sources")

    @staticmethod
    def install(sources):
        subprocess.run(["chroot", SYSTEM, "make", "-s", f"-j{os.cpu_count()}", "-C", sources, "PROGRAMS=", "with_llvm=no",
                        f"PG_CONFIG={CONFIG}", "install"], check=True, stdout=subprocess.DEVNULL)

    def remove(self):
        shutil.rmtree(self.outside, ignore_errors=True)

    def run(self, program, *arguments):
        subprocess.run(self.command(program, *arguments), check=True, stdout=subprocess.DEVNULL)

    def has_plugin_list(self):
        described = subprocess.run(self.command("postgres", "--describe-config"), check=True, stdout=subprocess.PIPE, text=True)
        return "\noutput_plugin_libraries" in described.stdout

    @staticmethod
    def command(program, *arguments):
        return ["chroot", "--userspec=postgres:postgres", SYSTEM, f"{BIN}/{program}", *arguments]


class Postgres17(Postgres):
    """A server there; `copy_of` is the primary server that it is a standby of, by a slot of its own name."""

    def __init__(self, system, base, name, settings=(), copy_of=None):
        Program.__init__(self, "postgres " + name, base / f"{name}.log")
        self.system, self.port, self.databases = system, free_port(), set()
        self.data, self.sockets = system.outside / name, system.outside / f"{name}.s"
        for directory in (self.data, self.sockets):
            directory.mkdir(mode=0o700)
            subprocess.run(["chroot", SYSTEM, "chown", "postgres:postgres", f"{system.inside}/{directory.name}"], check=True)
        if copy_of:
            system.run("pg_basebackup", "-h", f"{system.inside}/{copy_of.data.name}.s", "-p", str(copy_of.port), "-U", "postgres",
                       "-D", f"{system.inside}/{name}", "-c", "fast", "-R", "-C", "-S", name,
                       "-d", f"dbname=postgres application_name={name}")
        else:
            system.run("initdb", "-D", f"{system.inside}/{name}", "-U", "postgres", "--auth-local=trust",
                       "--auth-host=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        lines = []                      # those of the primary come with its copy
        if not copy_of:
            lines = [(TOP / "docker/postgresql.conf").read_text()]
            if system.has_plugin_list():
                lines.append("output_plugin_libraries = 'pgoutput, test_decoding, decoder_debezium'")
        lines += [f"port = {self.port}", "listen_addresses = '127.0.0.1'",
                  f"unix_socket_directories = '{system.inside}/{name}.s'", "fsync = off", *settings]
        with open(self.data / "postgresql.conf", "a") as conf:
            conf.write("\n".join(lines) + "\n")
        self.start()
        if not copy_of:
            self.sql("ALTER ROLE postgres PASSWORD 'postgres'")

    def spawn(self, program, *arguments, env=None):
        if Path(program).name == "postgres":
            super().spawn(*self.system.command("postgres", "-D", f"{self.system.inside}/{self.data.name}"), env=env)

    bin = Path(BIN)


@contextlib.contextmanager
def system17():
    system = System17()
    try:
        yield system
    finally:
        system.remove()
