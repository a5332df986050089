"""A few of the random runs of test/faults/applier.py: kill -9, frozen workers, replicas that come and go; README.md there says what is checked."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))
import applier                                          # noqa: E402

FAULTS = [name for name in applier.FAULTS if name not in ("kill_broker", "stop_postgres")]   # others use those, too


@pytest.mark.parametrize("seed, partitions, replicas", ((1, 16, 3), (2, 4, 2), (3, 1, 1)))
def test_run(seed, partitions, replicas, base, dest, real_kafka):
    said = []
    assert applier.run_one(base, dest, real_kafka, seed, partitions, replicas, FAULTS,
                           say=lambda text, flush: said.append(text)), "\n".join(said)
