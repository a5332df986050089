"""A transaction of many tables and changes, larger than logical_decoding_work_mem: what the plugin has does not grow with it."""
import re
import threading
import time

TABLES, ROWS = 90, 2000             # each table has as many rows
ENTRY_KB = 30                       # of a table in the cache, which is wanted


def test_flat_memory(source):
    database = source.database("flat_memory", "postgres")
    source.sql("SELECT pg_create_logical_replication_slot('flat_memory', 'decoder_debezium')", database)
    source.sql(f"""DO $$ BEGIN FOR i IN 1..{TABLES} LOOP
                       EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, v text, n numeric)', i);
                   END LOOP; END $$""", database)
    source.sql("SELECT pg_replication_slot_advance('flat_memory', pg_current_wal_lsn())", database)
    # one transaction, that comes back to each table again and again
    source.sql(f"""DO $$ BEGIN FOR j IN 1..10 LOOP FOR i IN 1..{TABLES} LOOP
                       EXECUTE format('INSERT INTO t%s SELECT g, repeat(''x'', 500), g FROM generate_series(%s, %s) AS g',
                                      i, j * {ROWS // 10}, (j + 1) * {ROWS // 10} - 1);
                   END LOOP; END LOOP; END $$""", database)

    decoding = source.connect(database)
    cursor = decoding.cursor()
    # what the function returns would need work_mem, and is no matter of the plugin
    cursor.execute("SET logical_decoding_work_mem = '1MB'; SET work_mem = '64kB'; SELECT pg_backend_pid()")
    pid = cursor.fetchone()[0]
    decoder = threading.Thread(target=cursor.execute, args=(
        "SELECT sum(length(data)) FROM pg_logical_slot_peek_binary_changes('flat_memory', NULL, NULL, 'format', 'stream')",))
    decoder.start()
    while decoder.is_alive():
        source.sql("SELECT pg_log_backend_memory_contexts(%s)", args=(pid,))
        time.sleep(0.05)
    assert cursor.fetchone()[0] > TABLES * ROWS * 500
    decoding.close()

    samples = []
    for sample in source.text().split("logging memory contexts of PID %d" % pid)[1:]:
        lines = re.findall(r"\[%d\].*level: \d+; (.*?): (\d+) total in \d+ blocks; .* (\d+) used" % pid, sample)
        plugin = [int(total) for name, total, _ in lines if name.startswith("decoder_debezium")]
        if plugin:
            samples.append((sum(plugin), int(re.search(r"Grand total: (\d+) bytes", sample).group(1))))
    assert len(samples) >= 3, samples
    limit = TABLES * ENTRY_KB * 1024
    assert max(plugin for plugin, _ in samples) < limit, samples
    # with all that the server itself needs: relations, changes in memory, the result
    assert max(grand for _, grand in samples) < limit + 16 * 1024 * 1024, samples
    source.drop(database)
