#!/usr/bin/python3
"""with_stack.py COMMAND...: runs a command with a PostgreSQL server, a broker and a bridge without connectors.

The command finds them by PG_DSN, KAFKA_BOOTSTRAP and CONNECT_URL.  Exits as the command does; when that is not 0, the
end of the bridge's log is shown before the command's last line, which is often a summary."""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from stack import Bridge, Installation, Kafka, Postgres


@contextlib.contextmanager
def running_stack(**server_options):
    """(environment with the three addresses, bridge, server); all is gone afterwards.  Options are those of Postgres()."""
    base = Path(tempfile.mkdtemp(prefix="decoder_debezium_stack."))
    base.chmod(0o755)
    started = []
    try:
        installation = Installation(base / "install")
        server = Postgres(installation, base, "server",
                          ["max_prepared_transactions = 20", "max_replication_slots = 20", "max_wal_senders = 20"],
                          **server_options)
        started.append(server)
        kafka = Kafka(base)
        started.append(kafka)
        # a case makes a slot of Debezium's plugin before the start
        bridge = Bridge(base, kafka, adopt_slots="true")
        started.append(bridge)
        bridge.start()
        yield {**os.environ, "KAFKA_BOOTSTRAP": kafka.bootstrap, "CONNECT_URL": bridge.url,
               "PG_DSN": f"host=127.0.0.1 port={server.port} user=postgres password=postgres dbname=postgres"}, bridge, server
    finally:
        for program in reversed(started):
            if program.running():
                program.stop()
        shutil.rmtree(base, ignore_errors=True)


def main():
    with running_stack() as (environment, bridge, _):
        result = subprocess.run(sys.argv[1:], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = result.stdout.splitlines(keepends=True)
        if result.returncode != 0:
            lines[-1:-1] = ["---- end of the bridge's log\n", bridge.tail(60) + "\n"]
        sys.stdout.writelines(lines)
        return result.returncode


if __name__ == "__main__":
    sys.exit(main())
