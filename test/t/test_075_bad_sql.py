"""SQL that is not understood, or may not be done: the applier names file, line and column and what is wrong, and ends."""
import pytest


@pytest.mark.parametrize("find, replace, reason", [
    ("INSERT INTO", "INSERT SOMEWHERE INTO", "SOMEWHERE"),
    ("SELECT", "SELECT COUNT(*),", "COUNT"),
    ("'format'", "'fromat'", "fromat"),
    ("'connector'", "'konnector'", "konnector"),
    ("'scan.startup.mode'", "'scan.startup.mood'", "scan.startup.mood"),
    ("'kafka'", "'pulsar'", "pulsar"),
])
def test_bad_sql(find, replace, reason, pipeline):
    script = pipeline.scripts()[1]
    assert find in script
    script = script.replace(find, replace, 1)
    pipeline.applier.start(script, wait=False)
    assert pipeline.applier.ended() != 0
    text = pipeline.applier.text()
    assert reason in text
    line = next(n for n, content in enumerate(script.splitlines(), 1) if replace in content)
    assert f".sql:{line}:" in text, text
