#!/usr/bin/python3
"""changelog.py [EVENTS [SEED]]: do ours and Flink make the same tables of the same topics by the same scripts?

Random transactions, EVENTS (50000) changes in all, with changes of keys, NULLs, and rows that move in and out of filters, become
a topic by the bridge.  Each script runs in both; the tables must be equal.
"""
import random
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "test/lib"))
from apply import Flink                                                                 # noqa: E402
from measure import scratch                                                             # noqa: E402
from stack import Applier, Bridge, Installation, Kafka, Postgres, wait_until         # noqa: E402

PREFIX = "changelog"
SOURCE = """CREATE TABLE changes (id INT, a INT, b STRING, n DECIMAL(10, 2), PRIMARY KEY (id) NOT ENFORCED)
            WITH ({kafka}, 'format' = 'debezium-json');\n"""
EVENTS = """CREATE TABLE events (`before` ROW<id INT, a INT, b STRING>, `after` ROW<id INT, a INT, b STRING>, op STRING)
            WITH ({kafka}, 'format' = 'json', 'json.ignore-parse-errors' = 'true');\n"""
SINK = """CREATE TABLE sink (id INT, a INT, b STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ({jdbc});\n"""
SCRIPTS = {
    "mirror": SOURCE + SINK + "INSERT INTO sink SELECT id, a, b FROM changes;",
    "filter": SOURCE + SINK + "INSERT INTO sink SELECT id, a, b FROM changes WHERE a > 50;",
    "filter_null": SOURCE + SINK + "INSERT INTO sink SELECT id, a, b FROM changes WHERE b IS NOT NULL AND a <> 7;",
    "expressions": SOURCE + SINK + """INSERT INTO sink SELECT id, CASE WHEN a IS NULL THEN -1 ELSE a * 2 END, UPPER(b)
        FROM changes WHERE CHAR_LENGTH(b) > 3 OR a BETWEEN 10 AND 20;""",
    "view": SOURCE + SINK + """CREATE TEMPORARY VIEW low AS SELECT id, a + 1 AS a, b || '!' AS b FROM changes WHERE a < 60;
        INSERT INTO sink SELECT id, a, b FROM low WHERE a > 20;""",
    "events": EVENTS + SINK + """INSERT INTO sink SELECT COALESCE(`after`.id, `before`.id), COALESCE(`after`.a, `before`.a), `after`.b
        FROM events WHERE op IN ('c', 'r', 'u');""",
    "deletes": EVENTS + SINK + "INSERT INTO sink SELECT `before`.id, `before`.a, `before`.b FROM events WHERE op = 'd';",
}


def write(server, events, seed):
    """Random transactions; what they were follows from the seed."""
    choice, keys, number = random.Random(seed), [], 0

    def value():
        return choice.choice((None, choice.randrange(100))), choice.choice((None, "", "é", "name %d" % choice.randrange(1000)))
    with server.connect(PREFIX) as connection, connection.cursor() as cursor:
        connection.autocommit = False
        done = 0
        while done < events:
            for _ in range(choice.choice((1, 1, 2, 5, 30))):
                what = choice.random()
                if what < 0.35 or not keys:
                    number += 1
                    keys.append(number)
                    cursor.execute("INSERT INTO changes VALUES (%s, %s, %s, 1.5)", (number, *value()))
                elif what < 0.8:
                    cursor.execute("UPDATE changes SET a = %s, b = %s WHERE id = %s", (*value(), choice.choice(keys)))
                elif what < 0.88:
                    place, number = choice.randrange(len(keys)), number + 1
                    cursor.execute("UPDATE changes SET id = %s, a = %s WHERE id = %s", (number, value()[0], keys[place]))
                    keys[place] = number
                else:
                    cursor.execute("DELETE FROM changes WHERE id = %s", (keys.pop(choice.randrange(len(keys))),))
                done += 1
            connection.commit()
        # once it is seen in a script's table, all is: every filter lets one of them pass
        for key in (-1, -2):
            cursor.execute("INSERT INTO changes VALUES (%s, 55, 'the last one', 0)", (key,))
        cursor.execute("DELETE FROM changes WHERE id = -2")
        connection.commit()


def table(server, database):
    return server.sql("SELECT id, a, b FROM sink ORDER BY id", database)


def compare(base, dest, kafka, name, script):
    """Runs one script in both; the number of rows that differ."""
    found = {}
    for subject, program in (("ours", Applier(base, f"ours-{name}")), ("flink", Flink(base, f"flink-{name}"))):
        database = dest.database(f"{subject}_{name}", "destuser")
        dest.sql("CREATE TABLE sink (id int PRIMARY KEY, a int, b text)", database, "destuser")
        text = script.format(
            kafka=f"""'connector' = 'kafka', 'topic' = '{PREFIX}.public.changes', 'scan.startup.mode' = 'earliest-offset',
                      'properties.bootstrap.servers' = '{kafka.bootstrap}', 'properties.group.id' = '{database}'""",
            jdbc=f"""'connector' = 'jdbc', 'url' = 'jdbc:postgresql://127.0.0.1:{dest.port}/{database}', 'table-name' = 'sink',
                     'username' = 'destuser', 'password' = 'destuser'""")
        program.start(text)
        last = -2 if name == "deletes" else -1
        wait_until(f"{subject} has the last row of {name}", lambda d=database, k=last, p=program: p.check_running() or
                   dest.one(f"SELECT true FROM sink WHERE id = {k}", d), 180)
        found[subject] = table(dest, database)
        program.stop()
    differences = set(found["ours"]) ^ set(found["flink"])
    print(f"{name:12} {len(found['ours']):6} rows, Flink {len(found['flink']):6}: "
          f"{'equal' if not differences else f'{len(differences)} differ, such as {sorted(differences, key=str)[:4]}'}", flush=True)
    return len(differences)


def main():
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 50000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with scratch() as base:
        installation = Installation(base / "install")
        source, dest = Postgres(installation, base, "source"), Postgres(installation, base, "dest", ["autovacuum = off"])
        source.role("sourceuser", "REPLICATION")
        dest.role("destuser")
        kafka = Kafka(base)
        source.database(PREFIX, "sourceuser")
        source.sql("""CREATE TABLE changes (id int PRIMARY KEY, a int, b text, n numeric(10, 2));
                      ALTER TABLE changes REPLICA IDENTITY FULL""", PREFIX, "sourceuser")
        kafka.create_topic(f"{PREFIX}.public.changes", 1)
        bridge = Bridge(base, kafka)
        bridge.start((PREFIX, {
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "database.hostname": "127.0.0.1",
            "database.port": str(source.port), "database.user": "sourceuser", "database.password": "sourceuser",
            "database.dbname": PREFIX, "topic.prefix": PREFIX, "slot.name": PREFIX, "snapshot.mode": "no_data",
            "table.include.list": "public.changes", "decimal.handling.mode": "string", "tombstones.on.delete": "false"}))
        wait_until("the connector streams", lambda: source.one(
            "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %s AND active)", args=(PREFIX,)))
        write(source, events, seed)
        end = source.wal_end()
        wait_until("all is captured", lambda: source.confirmed(PREFIX, end), 180)
        bridge.stop()
        print(f"{events} changes, seed {seed}")
        return sum(compare(base, dest, kafka, name, script) for name, script in SCRIPTS.items())


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
