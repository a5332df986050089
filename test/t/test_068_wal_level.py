"""A server whose wal_level is not logical: FAILED with the setting, and that it needs a restart."""
from stack import Postgres

from pipeline import Pipeline


def test_wal_level(installation, base, dest, broker, programs):
    source = Postgres(installation, base, "replica", ["wal_level = replica"])
    programs.append(source)
    source.role("sourceuser", "REPLICATION")
    pipeline = Pipeline(base, "t068", source, dest, broker)
    programs += [pipeline.bridge]
    pipeline.bridge.start((pipeline.connector, pipeline.config()))
    trace = pipeline.bridge.wait_failed(pipeline.connector)
    assert "wal_level" in trace and "logical" in trace and "restart" in trace
