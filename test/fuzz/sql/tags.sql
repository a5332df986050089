SET 'pipeline.name' = 'tags';
CREATE TABLE docs (id INT, tags ARRAY<ROW<tag STRING>>) WITH ('connector' = 'kafka', 'topic' = 't.docs',
  'properties.bootstrap.servers' = 'b', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE target (id INT, tag STRING, nr INT, PRIMARY KEY (id, nr) NOT ENFORCED)
  WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://h/d', 'username' = 'destuser', 'password' = 'destuser', 'table-name' = 'tags');
INSERT INTO target SELECT id, tag, nr FROM docs CROSS JOIN UNNEST(tags) WITH ORDINALITY AS t (tag, nr);
