"""A server whose output_plugin_libraries does not name the plugin: FAILED with the setting to change."""
import pytest
from stack import Postgres

from pipeline import Pipeline


def test_plugin_refused(installation, base, dest, broker, programs):
    if not installation.has_plugin_list:
        pytest.skip("this server has no output_plugin_libraries")
    source = Postgres(installation, base, "refusing", ["output_plugin_libraries = 'pgoutput'"])
    programs.append(source)
    source.role("sourceuser", "REPLICATION")
    pipeline = Pipeline(base, "t066", source, dest, broker)
    programs += [pipeline.bridge]
    pipeline.bridge.start((pipeline.connector, pipeline.config()))
    trace = pipeline.bridge.wait_failed(pipeline.connector)
    assert "output_plugin_libraries" in trace and "decoder_debezium" in trace
