CREATE TABLE s (i INT, n BIGINT, x STRING, d DECIMAL(10, 2), f DOUBLE, b BOOLEAN, ts TIMESTAMP(3), a ARRAY<STRING>, m MAP<STRING, INT>,
  r ROW<id INT, name STRING>, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b', 'scan.startup.mode'='earliest-offset', 'format'='json');
CREATE TABLE k (i INT, x STRING, PRIMARY KEY (i) NOT ENFORCED) WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h:5433/d', 'table-name'='t');
INSERT INTO k SELECT i, e || a[1] || CAST(m['k'] AS STRING) || CAST(CARDINALITY(a) AS STRING) FROM s LEFT JOIN UNNEST(a) AS u (e) ON TRUE;
