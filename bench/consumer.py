#!/usr/bin/python3
"""consumer.py BROKER TOPIC GROUP DSN: a mirror of orders as it is often written, a statement a message; the original demo had
one before its Flink job."""
import json
import sys

import psycopg2
from confluent_kafka import Consumer

UPSERT = """INSERT INTO orders (order_id, user_id, name) VALUES (%(order_id)s, %(user_id)s, %(name)s)
            ON CONFLICT (order_id) DO UPDATE SET user_id = EXCLUDED.user_id, name = EXCLUDED.name"""
DELETE = "DELETE FROM orders WHERE order_id = %(order_id)s"


def main():
    broker, topic, group, dsn = sys.argv[1:]
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    consumer = Consumer({"bootstrap.servers": broker, "group.id": group, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    while True:
        message = consumer.poll(1)
        if message is None or message.error() or message.value() is None:
            continue
        event = json.loads(message.value())
        if event["op"] == "d":
            cursor.execute(DELETE, event["before"])
        else:
            cursor.execute(UPSERT, event["after"])


if __name__ == "__main__":
    main()
