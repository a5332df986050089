"""A stored offset of another cluster, server or timeline: refused, and both ways out work; a source that was restored."""
import json
import shutil
import subprocess

import pytest
from pipeline import Pipeline
from refusals import accept, call, created, events, insert, range_of, refused, rows, snapshot_again, stop
from stack import Postgres, lsn


def alter(pipeline, **changes):
    """Let the stored offset of a stopped connector say something else."""
    offset, ours = stop(pipeline)
    ours.update(changes)
    offset["bridge"] = json.dumps(ours)
    for name in ("lsn", "lsn_proc", "lsn_commit"):
        offset[name] = lsn(ours["lsn"])
    call(pipeline, "PATCH", "/offsets", {"offsets": [{"partition": {"server": pipeline.name}, "offset": offset}]})
    call(pipeline, "PUT", "/resume")


def test_other_origin(pipeline):
    pipeline.start_bridge()
    insert(pipeline, 1)
    pipeline.wait_captured()

    alter(pipeline, cluster="another")
    accept(pipeline, refused(pipeline, 'of Kafka cluster "another"', "bootstrap.servers"))
    insert(pipeline, 2)
    pipeline.wait_captured()

    alter(pipeline, system_identifier="7000000000000000001")
    accept(pipeline, refused(pipeline, "system identifier 7000000000000000001", "database.hostname"))
    insert(pipeline, 3)
    pipeline.wait_captured()

    alter(pipeline, timeline=7)
    accept(pipeline, refused(pipeline, "of timeline 7, which is not in the past of this server"))
    insert(pipeline, 4)
    pipeline.wait_captured()
    assert events(pipeline) == created(1, 2, 3, 4)

    alter(pipeline, lsn="FF/0")
    assert range_of(refused(pipeline, "changes were read up to FF/0, but the server's WAL ends at"))[1] == lsn("FF/0")
    snapshot_again(pipeline)
    pipeline.wait_captured()
    assert events(pipeline) == created(1, 2, 3, 4) + rows(1, 2, 3, 4)


class Restored:
    """A server whose state can be saved and brought back, as a backup or a volume's image is, with its slots."""

    def __init__(self, postgres):
        self.postgres, self.saved = postgres, postgres.data.with_suffix(".saved")

    def save(self):
        self.postgres.stop()
        self.copy(self.postgres.data, self.saved)
        self.postgres.start()

    def copy(self, source, target):
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(["cp", "-a", source, target], check=True)

    def restore(self, new_timeline):
        self.postgres.stop()
        self.copy(self.saved, self.postgres.data)
        if new_timeline:
            with open(self.postgres.data / "postgresql.conf", "a") as conf:
                conf.write("restore_command = 'false'\n")
            (self.postgres.data / "recovery.signal").touch()
            shutil.chown(self.postgres.data / "recovery.signal", "postgres", "postgres")
        self.postgres.start()


@pytest.mark.parametrize("new_timeline", [True, False])
def test_restored(new_timeline, installation, base, dest, broker, programs):
    """Without the end of its WAL, as a backup that was restored or a standby that was promoted early."""
    source = Postgres(installation, base, f"restored{new_timeline:d}")
    programs.append(source)
    source.role("sourceuser", "REPLICATION")
    restored = Restored(source)
    pipeline = Pipeline(base, f"t036_{new_timeline:d}", source, dest, broker)
    programs.append(pipeline.bridge)
    pipeline.start_bridge()
    insert(pipeline, 1)
    pipeline.wait_captured()
    assert pipeline.bridge.stop() == 0
    restored.save()
    pipeline.start_bridge()
    insert(pipeline, 2, 3)
    pipeline.wait_captured()
    pipeline.bridge.kill_worker(pipeline.connector)
    assert pipeline.bridge.stop() == 0
    restored.restore(new_timeline)
    pipeline.bridge.start((pipeline.connector, pipeline.config()))
    trace = refused(pipeline, "of timeline 1, but the server's timeline 2 leaves it at" if new_timeline
                    else "but the server's WAL ends at", "that the database has lost")
    range_of(trace)
    insert(pipeline, 4)                     # in place of 2: where the accepted position is, or the server has got by now
    if new_timeline:
        accept(pipeline, trace)
        insert(pipeline, 5)
        pipeline.wait_captured()
        assert events(pipeline) == created(1, 2, 3, 4, 5)
        pipeline.bridge.kill_worker(pipeline.connector)
        insert(pipeline, 6)
        pipeline.wait_captured()            # what was accepted is not asked for again
        assert events(pipeline) == created(1, 2, 3, 4, 5, 6)
    else:
        snapshot_again(pipeline)
        pipeline.wait_captured()
        assert events(pipeline) == created(1, 2, 3) + rows(1, 4)
