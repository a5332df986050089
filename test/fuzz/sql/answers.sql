SET 'pipeline.name' = 'answers';
CREATE TABLE texts (id INT, s STRING, n INT) WITH ('connector' = 'kafka', 'topic' = 't.texts',
  'properties.bootstrap.servers' = 'b', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE target (id INT, found BOOLEAN, part STRING, rest STRING, PRIMARY KEY (id) NOT ENFORCED)
  WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://h/d', 'username' = 'destuser', 'password' = 'destuser', 'table-name' = 'answers');
INSERT INTO target SELECT id, s LIKE 'a\%b\_c%', SUBSTRING(s, 2, n), SUBSTRING(s, 2, 2147483647) FROM texts;
