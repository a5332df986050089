CREATE TABLE s (i INT, n BIGINT, x STRING, d DECIMAL(10, 2), f DOUBLE, b BOOLEAN, ts TIMESTAMP(3), a ARRAY<STRING>, m MAP<STRING, INT>,
  r ROW<id INT, name STRING>, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector'='kafka', 'topic'='t', 'properties.bootstrap.servers'='b', 'scan.startup.mode'='earliest-offset', 'format'='json');
CREATE TABLE k (i INT, x STRING, PRIMARY KEY (i) NOT ENFORCED) WITH ('connector'='jdbc', 'url'='jdbc:postgresql://h:5433/d', 'table-name'='t');
INSERT INTO k SELECT CASE WHEN i > 1 AND NOT b THEN CAST(n AS INT) ELSE i % 2 END,
  COALESCE(x, 'a') || TRIM(BOTH ' ' FROM x) || CAST(d * 1.5 + f AS STRING) || r.name || SUBSTRING(x FROM 2 FOR 3)
  FROM s WHERE x LIKE 'a!_%' ESCAPE '!' AND i BETWEEN -1 AND 31 OR x IN ('a', 'b') AND ts >= TIMESTAMP '2026-01-02 03:04:05.678'
  AND b IS NOT UNKNOWN AND x IS NOT DISTINCT FROM r.name AND EXTRACT(YEAR FROM ts) = 2026 -- comment
  AND JSON_VALUE(x, '$.a' RETURNING STRING) = 'b' /* comment */ AND TRY_CAST(x AS DECIMAL(5, 1)) < 1e3 AND pg_catalog.length(x) > 0;
