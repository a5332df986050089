#!/bin/sh
# debezium-setup.sh: registers the connector, as one does by hand.  PUT makes
# it or changes it, so this can be run again at any time; a configuration that
# the bridge refuses is told and makes this fail.
#
#	CONNECTOR_NAME, DATABASE_SERVER_NAME, TABLE_INCLUDE_LIST say which
set -eu

: "${CONNECT_URL:=http://debezium:8083}"
: "${CONNECTOR_NAME:=postgres-source-connector}"

config=$(cat <<END
{
  "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
  "tasks.max": "1",
  "plugin.name": "pgoutput",
  "database.hostname": "${POSTGRES_HOST:-postgres-source}",
  "database.port": "${POSTGRES_PORT:-5432}",
  "database.user": "${POSTGRES_USER:-sourceuser}",
  "database.password": "${POSTGRES_PASSWORD:-sourcepass}",
  "database.dbname": "${POSTGRES_DB:-sourcedb}",
  "topic.prefix": "${DATABASE_SERVER_NAME:-dbserver1}",
  "table.include.list": "${TABLE_INCLUDE_LIST:-public.orders}",
  "slot.name": "debezium",
  "publication.autocreate.mode": "filtered",
  "key.converter": "org.apache.kafka.connect.json.JsonConverter",
  "key.converter.schemas.enable": "false",
  "value.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter.schemas.enable": "false"
}
END
)

curl -sS --fail-with-body --retry 10 --retry-connrefused --max-time 120 \
	-X PUT -H "Content-Type: application/json" -d "$config" -o /tmp/answer \
	"$CONNECT_URL/connectors/$CONNECTOR_NAME/config" || {
	echo "debezium-setup: could not register \"$CONNECTOR_NAME\" at $CONNECT_URL: $(cat /tmp/answer 2>/dev/null)" >&2
	exit 1
}
echo "debezium-setup: \"$CONNECTOR_NAME\" is registered"
