"""A few of the random runs of test/faults: kill -9, restarts, changed configurations and the like; README.md there says what is checked."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))
import run                                              # noqa: E402


@pytest.mark.parametrize("seed", (6, 25, 38))
def test_run(seed, base, source, real_kafka):
    said = []
    assert run.run_one(base, source, real_kafka, seed, "disabled", say=lambda text, flush: said.append(text)), "\n".join(said)
