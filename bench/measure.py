"""What a measurement is made of: a directory and quiet, CPU seconds and memory of processes, offsets and times of a topic,
medians of rounds."""
import contextlib
import fcntl
import os
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, TopicPartition

from stack import Postgres, children, processes, wait_until

SAMPLE_SECONDS = 0.1            # a process that ends keeps what it had used when it was seen last


# ---------------------------------------------------------------- a run

@contextlib.contextmanager
def scratch():
    """A directory for a run's servers and files.  In the end, also after SIGTERM, all that still runs is ended, and the
    directory removed; KEEP=1 keeps it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    base = Path(tempfile.mkdtemp(prefix="decoder_debezium_bench."))
    base.chmod(0o755)
    try:
        yield base
    finally:
        for program in reversed(processes):
            program.send(signal.SIGCONT)
            if program.running() and isinstance(program, Postgres):
                program.stop(signal.SIGQUIT)    # with its children, who would go on writing into the directory
            elif program.running():
                program.kill()
        if os.environ.get("KEEP"):
            print(f"kept {base}", file=sys.stderr)
        else:
            shutil.rmtree(base, ignore_errors=True)


@contextlib.contextmanager
def quiet(lock):
    """Nobody else who asks for the same file meanwhile; None: no matter who does."""
    if lock is None:
        yield
        return
    with open(lock, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# ---------------------------------------------------------------- processes

def cpu_seconds(pid):
    """CPU time of a process with all its threads, also of those that have ended, to the nanosecond; None: it is gone."""
    try:
        return time.clock_gettime(~pid << 3 | 2)        # as clock_getcpuclockid() makes it
    except OSError:
        return None


def status_bytes(pid, name):
    """VmRSS or VmHWM of a process; 0: it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def tree(pid):
    """A process and all below it."""
    found = [pid]
    for process in found:
        found += children(process)
    return found


class Usage:
    """CPU seconds since the start of a group of processes, which may come and go."""

    def __init__(self, pids):
        self.pids, self.begin, self.last = pids, {}, {}
        self.sample()
        self.begin = dict(self.last)

    def sample(self):
        for pid in self.pids():
            seconds = cpu_seconds(pid)
            if seconds is not None:
                self.last[pid] = seconds

    def seconds(self):
        return sum(seconds - self.begin.get(pid, 0) for pid, seconds in self.last.items())


class Meter(threading.Thread):
    """CPU seconds of groups of processes {name: function that lists pids}, and the peak of the resident memory of one of
    them together, from now until stop()."""

    def __init__(self, groups, memory_of):
        super().__init__(daemon=True)
        for pid in groups[memory_of]():
            reset_peak(pid)
        self.memory_of, self.ended, self.peak, self.peaks = groups[memory_of], threading.Event(), 0, {}
        self.usages = {name: Usage(pids) for name, pids in groups.items()}
        self.start()

    def sample(self):
        for usage in self.usages.values():
            usage.sample()
        resident = {pid: status_bytes(pid, "VmRSS") for pid in self.memory_of()}
        self.peak = max(self.peak, sum(resident.values()))
        for pid in resident:
            self.peaks[pid] = max(self.peaks.get(pid, 0), status_bytes(pid, "VmHWM"))

    def run(self):
        while not self.ended.wait(SAMPLE_SECONDS):
            self.sample()

    def stop(self):
        """{name: CPU seconds}"""
        self.ended.set()
        self.join()
        self.sample()
        return {name: usage.seconds() for name, usage in self.usages.items()}


def reset_peak(pid):
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:
        pass                    # it is gone, or not ours: then the peak is the one of its whole life


# ---------------------------------------------------------------- topics of one partition

class Watch:
    """Where topics end, asked for often and cheaply; and when the broker has stored what (LogAppendTime)."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "bench-watch", "log_level": 2})

    def end(self, topic):
        def ask():
            try:
                return self.consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)
            except KafkaException as error:
                if not error.args[0].retriable():       # as when the topic is so new that it has no leader
                    raise
                return None
        return wait_until(f"the end of topic {topic} is known", ask)[1]

    def stamps(self, topic, first, end):
        """Seconds since 1970 at which the record at offset `first` and the last one before `end` were appended."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "bench-stamps", "enable.auto.commit": False,
                             "log_level": 2})
        try:
            return self.stamp(consumer, topic, first), self.stamp(consumer, topic, end - 1)
        finally:
            consumer.close()

    @staticmethod
    def stamp(consumer, topic, offset):
        """The last record may be a marker of a transaction, which no consumer sees: then of the one before it."""
        for back in range(20):
            consumer.assign([TopicPartition(topic, 0, max(offset - back, 0))])
            message = consumer.poll(10 if back == 0 else 1)
            if message is not None and not message.error():
                return message.timestamp()[1] / 1000
        raise AssertionError(f"could not read topic {topic} at offset {offset}")


def percentiles(values):
    """{name: value}"""
    values = sorted(values)
    return {name: values[min(len(values) - 1, int(len(values) * share))]
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1))}


# ---------------------------------------------------------------- figures

class Figures:
    """Values of all rounds: figure → subject → list."""

    def __init__(self):
        self.values = {}

    def add(self, figure, subject, value):
        self.values.setdefault(figure, {}).setdefault(subject, []).append(value)
        print(f"{time.strftime('%H:%M:%S')} {subject:<14} {figure:<40} {value:,.4g}" if value < 1000 else
              f"{time.strftime('%H:%M:%S')} {subject:<14} {figure:<40} {value:,.0f}", flush=True)

    def median(self, figure, subject):
        """None: it was not measured."""
        values = self.values.get(figure, {}).get(subject)
        return statistics.median(values) if values else None


def cores():
    return len(os.sched_getaffinity(0))
