"""What goes wrong in a run.  A fault is a function of the run; it ends when what it has broken works again, or may."""
import os
import re
import signal

from confluent_kafka.admin import ConfigResource, NewPartitions
from stack import alive, wait_until
from world import nodes, pause, set_quota, stopped, tree

FAULTS = {}


def fault(weight=2, fence=0.0, only=None):
    """`fence`: seconds that what a killed process has sent may need until it lands, with a reason in the function."""
    def add(function):
        function.weight, function.fence, function.only = weight, fence, only
        FAULTS[function.__name__] = function
        return function
    return add


def choose(random, broker, count, names=None):
    """So many faults by chance."""
    fitting = [f for f in FAULTS.values() if f.only in (None, len(nodes(broker)))]
    if names:
        return [FAULTS[random.choice(names)] for _ in range(count)]
    return random.choices(fitting, [f.weight for f in fitting], k=count)


# ------------------------------------------------ the bridge

@fault(4)
def kill_bridge(run):
    run.bridge.kill_all()
    run.start_bridge()


@fault(2)
def kill_supervisor(run):
    """The worker ends in order, as its supervisor is gone, beside one that starts."""
    run.bridge.kill()
    run.start_bridge()


def kill_any_worker(run):
    pid = run.bridge.worker(run.name)
    if pid:
        os.kill(pid, signal.SIGKILL)


@fault(4)
def kill_worker(run):
    kill_any_worker(run)


@fault(2)
def stop_bridge(run):
    run.stop_bridge()
    run.start_bridge()


@fault(3)
def freeze_worker(run):
    """SIGSTOP of the worker until the walsender has given it up."""
    pid = run.bridge.worker(run.name)
    walsender = run.walsender()
    if not pid or not walsender:
        return
    with run.sender_timeout(1500), stopped([pid]):
        wait_until("the walsender gives up", lambda: not alive(walsender))


# ------------------------------------------------ PostgreSQL

@fault(2)
def terminate_walsender(run):
    run.source_sql("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s AND active", run.name)


@fault(1)
def kill_walsender(run):
    """kill -9: the server ends all sessions and recovers."""
    pid = run.walsender()
    if pid:
        os.kill(pid, signal.SIGKILL)
        wait_until("the server recovers", lambda: not alive(pid) and run.source.ready())


@fault(2)
def stop_postgres(run):
    """An immediate stop."""
    run.source.stop(signal.SIGQUIT)
    pause(run.random.uniform(0, 1))
    run.source.start()


@fault(2)
def hang_postgres(run):
    """All of its processes stand still, while Kafka goes on."""
    with stopped(tree(run.source.pid)):
        pause(run.random.uniform(0.5, 3))


@fault(2)
def cut_off_postgres(run):
    """The network between holds all back, and breaks off then; the server has given the walsender up before, or not."""
    timeout = run.random.choice((1000, 60000))
    with run.sender_timeout(timeout):
        run.proxy.hold()
        pause(run.random.uniform(0.5, 3))
    if run.random.random() < 0.7:
        run.proxy.cut()
    else:
        run.proxy.go_on()


# ------------------------------------------------ Kafka

@fault(3)
def kill_broker(run):
    node = run.random.choice(nodes(run.broker))
    node.kill()
    pause(run.random.uniform(0, 1.5))
    node.start()


@fault(3, fence=2)
def kill_worker_behind_broker(run):
    """The worker dies while a broker stands still: what is in the broker's sockets lands after both go on."""
    with stopped(tree(run.random.choice(nodes(run.broker)).pid)):
        pause(run.random.uniform(0.1, 0.5))
        kill_any_worker(run)
        pause(run.random.uniform(0.1, 1))


@fault(2, fence=5)
def quota(run):
    """A client quota: the broker answers late, and takes what comes behind it later still, from its socket; the worker may be
    dead by then.  How long a request waits follows from its size (1 MB) and the quota: here less than the fence time."""
    set_quota(run.broker, run.random.choice((300, 600, 1000)) * 1000)
    try:
        run.large(run.random.randrange(2000, 6000))
        pause(run.random.uniform(0.3, 1.5))
        if run.random.random() < 0.7:
            kill_any_worker(run)
        pause(run.random.uniform(0.5, 2))
    finally:
        set_quota(run.broker, None)


@fault(5, fence=4, only=3)
def stop_follower(run):
    """A follower that does not answer is waited for by all that is written, and by all that is read."""
    leader = run.broker.leader(run.random.choice(run.topics()))
    node = run.random.choice([n for n in run.broker.nodes if n.number != leader])
    with stopped(tree(node.pid)):
        pause(run.random.uniform(0.3, 1))
        if run.random.random() < 0.6:
            kill_any_worker(run)
        pause(run.random.uniform(0.3, 3))


@fault(3, fence=4, only=3)
def stop_leader(run):
    """A leader that does not answer is replaced, and comes back as one that is not the leader any more."""
    leader = run.broker.leader(run.random.choice(run.topics()))
    with stopped(tree(run.broker.nodes[leader - 1].pid)):
        pause(run.random.uniform(0.3, 5))
        if run.random.random() < 0.3:
            kill_any_worker(run)


@fault(2)
def add_partitions(run):
    """They are taken into use by the next start, between two transactions."""
    topic, admin = run.random.choice(run.topics()), run.broker.admin()
    count = len(admin.list_topics(topic, timeout=30).topics[topic].partitions) + run.random.randrange(1, 4)
    for future in admin.create_partitions([NewPartitions(topic, count)]).values():
        try:
            future.result(30)
        except Exception as error:
            # a controller that is just being replaced
            if "TIMED_OUT" not in str(error) and "_TRANSPORT" not in str(error):
                raise
    if run.random.random() < 0.5:
        kill_any_worker(run)


# ------------------------------------------------ what people do

@fault(3)
def large_transaction(run):
    run.large(run.random.randrange(1500, 8000))


@fault(4)
def change_configuration(run):
    """Filters and transforms change while a large transaction is being sent: that one ends as it began."""
    if run.random.random() < 0.7:
        run.large(run.random.randrange(1500, 8000))
        pause(run.random.uniform(0, 0.4))
    how = run.random.choice(("stop", "kill", "put"))
    if how == "put":
        run.reconfigure()
        wait_until("the bridge takes it", lambda: run.bridge.check_running() or run.bridge.call(
            "PUT", f"/connectors/{run.name}/config", run.config)[0] in (200, 201))
        return
    if how == "kill":
        run.bridge.kill_all()
    else:
        run.stop_bridge()
    run.reconfigure()
    run.start_bridge()


@fault(2)
def oversized_record(run):
    """A record above the limit between two good ones of one transaction stops the task, until the limit is raised or the
    change is left out."""
    wait_until("it streams", run.streams)       # a snapshot would find no more of it
    run.source_sql("""INSERT INTO customers VALUES (900001, 'before', '');
                      INSERT INTO customers VALUES (900002, 'too large', noise_text(1300000));
                      INSERT INTO customers VALUES (900003, 'behind', '');
                      DELETE FROM customers WHERE id > 900000""")
    if run.limit_raised:
        return

    def failed():
        run.bridge.check_running()
        state = run.bridge.state(run.name)
        return state[1] == "FAILED" and state[2]
    reason = wait_until("the task is FAILED", failed)
    assert "MSG_SIZE_TOO_LARGE" in reason or "too large" in reason.lower(), reason
    if run.random.random() < 0.5:
        run.raise_limit()
    else:
        position = re.search(r"skip\.change=(\S+ \S+ \d+)", reason)
        assert position, f"the error names no position to leave out: {reason}"
        run.skip_change(position[1])
    assert run.bridge.call("PUT", f"/connectors/{run.name}/config", run.config)[0] in (200, 201)


def raise_topic_limit(broker, topic):
    """Otherwise the broker refuses what the producer takes."""
    admin = broker.admin()
    for future in admin.alter_configs([ConfigResource("topic", topic, {"max.message.bytes": "8388608"})]).values():
        future.result(30)
