"""Scripts as Flink's users write them: upsert-kafka, keys of records, metadata, views, LIKE, hints, UNION ALL, statement sets."""
import json
import re
import subprocess

from stack import TOP, wait_until

TABLES = """
CREATE TABLE accounts (id INT PRIMARY KEY, name TEXT, place TEXT, at TIMESTAMPTZ);
CREATE TABLE visits (user_id BIGINT, page TEXT, kind TEXT, source TEXT, PRIMARY KEY (user_id, kind));
CREATE TABLE tags (id INT, tag TEXT, nr INT, PRIMARY KEY (id, nr))
"""

UPSERT = """
SET 'pipeline.name' = 'accounts';
CREATE TABLE accounts (
  id INT, name STRING, active BOOLEAN,
  upper_name AS UPPER(name),
  `partition` INT METADATA VIRTUAL,
  at TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
  PRIMARY KEY (id) NOT ENFORCED
) WITH ('connector' = 'upsert-kafka', 'topic' = '{topic}.accounts', 'properties.bootstrap.servers' = '{bootstrap}',
  'key.format' = 'json', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY');
CREATE TEMPORARY VIEW active_accounts (id, name, place, at) AS
  SELECT id, upper_name, 'partition ' || CAST(`partition` AS STRING), at FROM accounts WHERE active;
CREATE TABLE target (id INT, name STRING, place STRING, at TIMESTAMP_LTZ(3), PRIMARY KEY (id) NOT ENFORCED)
  WITH ('connector' = 'jdbc', 'url' = '{url}', 'username' = 'destuser', 'password' = 'destuser', 'table-name' = 'elsewhere');
INSERT INTO target /*+ OPTIONS('table-name' = 'accounts') */ SELECT * FROM active_accounts;
"""

VISITS = """
SET pipeline.name = visits;
CREATE TABLE base (user_id BIGINT, page STRING, headers MAP<STRING, BYTES> METADATA)
  WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = '{bootstrap}', 'scan.startup.mode' = 'earliest-offset',
        'key.format' = 'json', 'key.fields' = 'user_id', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY');
CREATE TABLE visits (from_topic STRING METADATA FROM 'topic') WITH ('topic' = '{topic}.visits') LIKE base;
CREATE TABLE target (user_id BIGINT, page STRING, kind STRING, source STRING, PRIMARY KEY (user_id, kind) NOT ENFORCED)
  WITH ('connector' = 'jdbc', 'url' = '{url}', 'username' = 'destuser', 'password' = 'destuser', 'table-name' = 'visits');
BEGIN STATEMENT SET;
INSERT INTO target
  WITH named AS (SELECT user_id, page, from_topic FROM default_catalog.default_database.visits AS v WHERE v.page IS NOT NULL)
  SELECT user_id, page, 'last', from_topic FROM named
  UNION ALL
  SELECT * FROM (SELECT user_id, LOWER(page), 'shop', from_topic FROM named) AS n (u, p, k, t) WHERE n.p = 'shop';
END;
"""

TAGS = """
SET 'pipeline.name' = 'tags';
CREATE TABLE docs (id INT, tags ARRAY<ROW<tag STRING>>) WITH ('connector' = 'kafka', 'topic' = '{topic}.docs',
  'properties.bootstrap.servers' = '{bootstrap}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE target (id INT, tag STRING, nr INT, PRIMARY KEY (id, nr) NOT ENFORCED)
  WITH ('connector' = 'jdbc', 'url' = '{url}', 'username' = 'destuser', 'password' = 'destuser', 'table-name' = 'tags');
INSERT INTO target SELECT id, tag, nr FROM docs CROSS JOIN UNNEST(tags) WITH ORDINALITY AS t (tag, nr);
"""

TRIAL = """
SET 'pipeline.name' = 'trial';
CREATE TABLE visits (page STRING) WITH ('connector' = 'kafka', 'topic' = '{topic}.visits', 'properties.bootstrap.servers' = '{bootstrap}',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE shown (page STRING) WITH ('connector' = 'print', 'print-identifier' = 'trial');
CREATE TABLE hole (page STRING) WITH ('connector' = 'blackhole');
INSERT INTO shown SELECT * FROM visits;
INSERT INTO hole SELECT UPPER(page) FROM visits;
"""

ANSWERS = """
SET 'pipeline.name' = 'answers';
CREATE TABLE texts (id INT, s STRING, n INT) WITH ('connector' = 'kafka', 'topic' = '{topic}.texts',
  'properties.bootstrap.servers' = '{bootstrap}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE target (id INT, found BOOLEAN, part STRING, rest STRING, PRIMARY KEY (id) NOT ENFORCED)
  WITH ('connector' = 'jdbc', 'url' = '{url}', 'username' = 'destuser', 'password' = 'destuser', 'table-name' = 'answers');
INSERT INTO target SELECT id, s LIKE 'a\\%b\\_c%', SUBSTRING(s, 2, n), SUBSTRING(s, 2, 2147483647) FROM texts;
"""


def test_scripts(pipeline, dest, base):
    names = {"topic": pipeline.name, "bootstrap": pipeline.broker.bootstrap,
             "url": f"jdbc:postgresql://127.0.0.1:{dest.port}/{pipeline.target}"}
    dest.sql(TABLES, pipeline.target, "destuser")
    for topic in ("accounts", "visits", "docs"):
        pipeline.broker.create_topic(f"{pipeline.name}.{topic}", 1)

    def put(topic, key, value, **more):
        pipeline.broker.produce(f"{pipeline.name}.{topic}", None if value is None else json.dumps(value).encode(),
                                json.dumps(key).encode(), **more)
    for number, active in ((1, True), (2, True), (3, True), (4, False), (2, False), (4, True)):
        put("accounts", {"id": number}, {"name": f"n{number}", "active": active})
    put("accounts", {"id": 3}, None)
    for user, page in ((1, "a"), (1, "Shop"), (2, "SHOP"), (2, None), (1, "b")):
        put("visits", {"user_id": user}, {"page": page}, headers=[("h", b"x")])

    # arrays of rows: with NULL in a field, empty, NULL, with NULL in the place of a row
    for number, tags in ((1, [{"tag": "a"}, {"tag": None}, {"tag": "b c"}]), (2, []), (3, None), (4, [None]), (5, [{"tag": "é"}])):
        put("docs", {"id": number}, {"id": number, "tags": tags})

    script = base / f"{pipeline.name}.tags.sql"
    script.write_text(TAGS.format(**names))
    checked = subprocess.run([TOP / "applier/debezium_applier", "--check", script], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr

    pipeline.applier.start(*(script.format(**names) for script in (UPSERT, VISITS, TAGS, TRIAL)))
    wait_until("the tags are there", lambda: pipeline.applier.check_running() or dest.sql(
        "SELECT * FROM tags ORDER BY id, nr", pipeline.target) ==
        [(1, "a", 1), (1, None, 2), (1, "b c", 3), (5, "é", 1)])
    wait_until("the accounts are there", lambda: pipeline.applier.check_running() or dest.sql(
        "SELECT id, name, place FROM accounts ORDER BY id", pipeline.target) ==
        [(1, "N1", "partition 0"), (4, "N4", "partition 0")])
    assert dest.one("SELECT bool_and(at BETWEEN now() - interval '1 hour' AND now() + interval '1 hour') FROM accounts",
                    pipeline.target)
    topic = f"{pipeline.name}.visits"
    wait_until("the visits are there", lambda: pipeline.applier.check_running() or dest.sql(
        "SELECT * FROM visits ORDER BY user_id, kind", pipeline.target) ==
        [(1, "b", "last", topic), (1, "shop", "shop", topic), (2, "SHOP", "last", topic), (2, "shop", "shop", topic)])
    wait_until("rows are shown", lambda: re.findall(r"^trial> (.*)$", pipeline.applier.text(), re.M) ==
               ["+I[a]", "+I[Shop]", "+I[SHOP]", "+I[null]", "+I[b]"])
    put("accounts", {"id": 1}, {"name": "again", "active": True})
    put("accounts", {"id": 4}, None)
    wait_until("changes arrive", lambda: pipeline.applier.check_running() or dest.sql(
        "SELECT id, name FROM accounts", pipeline.target) == [(1, "AGAIN")])


def test_answers(pipeline, dest):
    """What Flink 2.0 answers where PostgreSQL's function of the same name says something else."""
    names = {"topic": pipeline.name, "bootstrap": pipeline.broker.bootstrap,
             "url": f"jdbc:postgresql://127.0.0.1:{dest.port}/{pipeline.target}"}
    dest.sql("CREATE TABLE answers (id INT PRIMARY KEY, found BOOLEAN, part TEXT, rest TEXT)", pipeline.target, "destuser")
    pipeline.broker.create_topic(f"{pipeline.name}.texts", 1)
    for number, (text, length) in enumerate((("Hello World", 3), (None, 3), ("a%b_c\\d", -1), ("a!b_c", None), ("", 2))):
        pipeline.broker.produce(f"{pipeline.name}.texts", json.dumps({"id": number, "s": text, "n": length}).encode())
    pipeline.applier.start(ANSWERS.format(**names))
    wait_until("the answers are there", lambda: pipeline.applier.check_running() or dest.sql(
        "SELECT found, part, rest FROM answers ORDER BY id", pipeline.target) == [
            (False, "ell", "ello World"), (None, None, None), (True, None, "%b_c\\d"), (False, None, "!b_c"), (False, "", "")])
