"""A backlog of small transactions comes in few packets, and nothing is held back when no other transaction follows."""
import contextlib
import socket
import struct

import psycopg2.extras

from stack import wait_until

TRANSACTIONS = 100                  # which a socket's buffer has room for, so that each message could be a packet
DATA_SEGMENTS_IN = 152              # offset of tcpi_data_segs_in in struct tcp_info, <linux/tcp.h>


def test_backlog_packed(source):
    database = source.database("backlog_packed", "postgres")
    source.sql("SELECT pg_create_logical_replication_slot('backlog_packed', 'decoder_debezium')", database)
    source.sql("CREATE TABLE t (id int PRIMARY KEY)", database)
    transactions(source, database, TRANSACTIONS)
    # WAL that is waiting to be decoded, but nothing of it is for this slot
    source.sql("CREATE TABLE backlog_other AS SELECT g, repeat('x', 100) FROM generate_series(1, 10000) g; DROP TABLE backlog_other")

    connection = psycopg2.connect(host="127.0.0.1", port=source.port, user="postgres", password="postgres", dbname=database,
                                  connection_factory=psycopg2.extras.LogicalReplicationConnection)
    with contextlib.closing(connection):
        cursor = connection.cursor()
        begun = segments(connection)
        cursor.start_replication("backlog_packed", decode=False,
                                 options={"format": "stream", "stream.version": "1", "config": "topic.prefix=p"})
        read(cursor, TRANSACTIONS)
        assert segments(connection) - begun < TRANSACTIONS / 10

        # the end of the backlog is reached
        transactions(source, database, 1)
        read(cursor, 1)
    wait_until("the slot is free", lambda: not source.one(
        "SELECT active FROM pg_replication_slots WHERE slot_name = 'backlog_packed'"))
    source.drop(database)


def transactions(source, database, count):
    source.sql(f"""DO $$ BEGIN FOR i IN 1..{count} LOOP
                       INSERT INTO t SELECT coalesce(max(id), 0) + 1 FROM t; COMMIT; END LOOP; END $$""", database)


def read(cursor, count):
    """Read so many messages, each of which is a transaction."""
    for number in range(count):
        message = wait_until(f"message {number + 1} of {count}", cursor.read_message)
        assert message.payload[:1] == b"B"


def segments(connection):
    with socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM) as s:
        return struct.unpack_from("I", s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256), DATA_SEGMENTS_IN)[0]
