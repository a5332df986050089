SET pipeline.name = visits;
CREATE TABLE base (user_id BIGINT, page STRING, headers MAP<STRING, BYTES> METADATA)
  WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'b', 'scan.startup.mode' = 'earliest-offset',
        'key.format' = 'json', 'key.fields' = 'user_id', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY');
CREATE TABLE visits (from_topic STRING METADATA FROM 'topic') WITH ('topic' = 't.visits') LIKE base;
CREATE TABLE target (user_id BIGINT, page STRING, kind STRING, source STRING, PRIMARY KEY (user_id, kind) NOT ENFORCED)
  WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://h/d', 'username' = 'destuser', 'password' = 'destuser', 'table-name' = 'visits');
BEGIN STATEMENT SET;
INSERT INTO target
  WITH named AS (SELECT user_id, page, from_topic FROM default_catalog.default_database.visits AS v WHERE v.page IS NOT NULL)
  SELECT user_id, page, 'last', from_topic FROM named
  UNION ALL
  SELECT * FROM (SELECT user_id, LOWER(page), 'shop', from_topic FROM named) AS n (u, p, k, t) WHERE n.p = 'shop';
END;
