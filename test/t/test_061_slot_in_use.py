"""A slot that another process reads: said with slot and pid, and taken over when it is free."""
import subprocess

from stack import wait_until


def test_slot_in_use(pipeline, source, installation, programs):
    source.sql("SELECT pg_create_logical_replication_slot(%s, 'decoder_debezium')", pipeline.database, args=(pipeline.slot,))
    reader = subprocess.Popen([installation.bin / "pg_recvlogical", "-h", source.sockets, "-p", str(source.port),
                               "-U", "postgres", "-d", pipeline.database, "-S", pipeline.slot, "--start", "-f", "/dev/null"])
    try:
        pid = wait_until("the slot is in use", lambda: source.one(
            "SELECT active_pid FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,)))
        pipeline.bridge.start((pipeline.connector, pipeline.config(slot_retry_delay_ms="200")))
        said = wait_until("the bridge says why", lambda: [
            line for line in (pipeline.bridge.text() + pipeline.bridge.state(pipeline.connector)[2]).splitlines()
            if pipeline.slot in line and str(pid) in line])
        assert said
    finally:
        reader.terminate()
        reader.wait()
    if "FAILED" in pipeline.bridge.state(pipeline.connector)[:2]:
        pipeline.bridge.call("POST", f"/connectors/{pipeline.connector}/restart?includeTasks=true")
    wait_until("the slot is taken over", lambda: source.one(
        "SELECT active FROM pg_replication_slots WHERE slot_name = %s", args=(pipeline.slot,)))
