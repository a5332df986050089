"""A server without the plugin's files: FAILED, saying what to install and where."""
from stack import Installation, Postgres

from pipeline import Pipeline


def test_plugin_not_installed(base, dest, broker, programs):
    directory = base / "plain"
    installation = Installation(directory)
    for file in directory.rglob("decoder_debezium*"):
        if not file.is_dir():
            file.unlink()
    source = Postgres(installation, base, "plainserver")
    programs.append(source)
    source.role("sourceuser", "REPLICATION")
    pipeline = Pipeline(base, "t067", source, dest, broker)
    programs += [pipeline.bridge]
    pipeline.bridge.start((pipeline.connector, pipeline.config()))
    trace = pipeline.bridge.wait_failed(pipeline.connector)
    assert "decoder_debezium" in trace and "install" in trace
