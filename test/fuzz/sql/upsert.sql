SET 'pipeline.name' = 'accounts';
CREATE TABLE accounts (
  id INT, name STRING, active BOOLEAN,
  upper_name AS UPPER(name),
  `partition` INT METADATA VIRTUAL,
  at TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
  PRIMARY KEY (id) NOT ENFORCED
) WITH ('connector' = 'upsert-kafka', 'topic' = 't.accounts', 'properties.bootstrap.servers' = 'b',
  'key.format' = 'json', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY');
CREATE TEMPORARY VIEW active_accounts (id, name, place, at) AS
  SELECT id, upper_name, 'partition ' || CAST(`partition` AS STRING), at FROM accounts WHERE active;
CREATE TABLE target (id INT, name STRING, place STRING, at TIMESTAMP_LTZ(3), PRIMARY KEY (id) NOT ENFORCED)
  WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://h/d', 'username' = 'destuser', 'password' = 'destuser', 'table-name' = 'elsewhere');
INSERT INTO target /*+ OPTIONS('table-name' = 'accounts') */ SELECT * FROM active_accounts;
