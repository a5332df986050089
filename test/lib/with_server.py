#!/usr/bin/python3
"""with_server.py COMMAND...: runs a command with a throw-away PostgreSQL server that has this checkout's extension.

The command finds the server by PGHOST, PGPORT and PGUSER, and its programs first in PATH.  Exits as the command does."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from stack import Installation, Postgres


def main():
    base = Path(tempfile.mkdtemp(prefix="decoder_debezium_server."))
    base.chmod(0o755)
    server = None
    try:
        installation = Installation(base / "install")
        plugins = "pgoutput, test_decoding, wal2json, decoderbufs, decoder_debezium"
        server = Postgres(installation, base, "server",
                          ["max_prepared_transactions = 20", "max_replication_slots = 20", "max_wal_senders = 20",
                           *os.environ.get("SERVER_SETTINGS", "").splitlines(),
                           *([f"output_plugin_libraries = '{plugins}'"] if installation.has_plugin_list else [])])
        environment = {**os.environ, "PGHOST": str(server.sockets), "PGPORT": str(server.port), "PGUSER": "postgres",
                       "PGDATABASE": "postgres", "PATH": f"{installation.bin}:{os.environ['PATH']}",
                       "BIN": str(installation.bin), "SERVER_LOG": str(server.log)}
        return subprocess.run(sys.argv[1:], env=environment).returncode
    finally:
        if server is not None and server.running():
            server.stop()
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
