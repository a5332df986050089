#!/bin/bash
# kafka_server.sh DIRECTORY PORT CONTROLLER_PORT
#
# Runs a real Apache Kafka broker (KRaft, one node) on 127.0.0.1:PORT with its
# data in DIRECTORY, in the foreground, until SIGTERM.  A second run with the
# same DIRECTORY goes on with the data that is there.  KAFKA_PROPERTIES holds
# further lines for its configuration; KAFKA_CLUSTER_ID is needed for several
# nodes of one cluster.
set -eu
directory=$1 port=$2 controller_port=$3
jars=$("$(dirname "$0")/kafka_jars.sh")
mkdir -p "$directory"
properties=$directory/server.properties
if [ ! -f "$properties" ]
then
	cat > "$properties.new" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
log.dirs=$directory/data
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
${KAFKA_PROPERTIES:-}
END
	cluster=${KAFKA_CLUSTER_ID:-$(java -cp "$jars/*" kafka.tools.StorageTool random-uuid 2>/dev/null)}
	java -cp "$jars/*" kafka.tools.StorageTool format -t "$cluster" \
		-c "$properties.new" >"$directory/format.log" 2>&1
	mv "$properties.new" "$properties"
fi
exec java -Xmx"${KAFKA_HEAP:-512m}" -XX:+UseSerialGC -cp "$jars/*" \
	-Dorg.slf4j.simpleLogger.defaultLogLevel=warn kafka.Kafka "$properties"
