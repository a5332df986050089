"""No free slot, no free walsender: FAILED with the setting's name; it runs when there is one."""
import pytest
from stack import Postgres

from pipeline import Pipeline


@pytest.mark.parametrize("setting", ["max_replication_slots", "max_wal_senders"])
def test_no_free_slot(setting, installation, base, dest, broker, programs):
    source = Postgres(installation, base, f"full_{setting}", [f"{setting} = 0"])
    programs.append(source)
    source.role("sourceuser", "REPLICATION")
    pipeline = Pipeline(base, f"t064_{setting}", source, dest, broker)
    programs += [pipeline.bridge]
    pipeline.bridge.start((pipeline.connector, pipeline.config(slot_retry_delay_ms="200")))
    trace = pipeline.bridge.wait_failed(pipeline.connector)
    assert setting in trace
