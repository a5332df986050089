#!/bin/bash
# kafka_server.sh DIRECTORY PORT CONTROLLER_PORT
#
# Runs a real Apache Kafka broker (KRaft, one node) on 127.0.0.1:PORT with its
# data in DIRECTORY, in the foreground, until SIGTERM.  A second run with the
# same DIRECTORY goes on with the data that is there.  KAFKA_PROPERTIES holds
# further lines for its configuration; KAFKA_CLUSTER_ID is needed for several
# nodes of one cluster; KAFKA_HEAP is the size of the heap (512m).
#
# A broker that lives for seconds spends most of them on loading and compiling
# its classes.  So they are kept, as loaded, in an archive beside the jars, and
# only the quick compiler is used: a start takes a third of the time.
# KAFKA_JAVA_OPTIONS="" is for a broker that is to be fast in the long run.
set -eu
directory=$1 port=$2 controller_port=$3
jars=$("$(dirname "$0")/kafka_jars.sh")
archive=$jars-java-$(java -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p').jsa
read -r -a options <<<"${KAFKA_JAVA_OPTIONS--XX:TieredStopAtLevel=1}"
options+=(-Xmx"${KAFKA_HEAP:-512m}" -XX:+UseSerialGC -cp "$jars/*"
	-Dorg.slf4j.simpleLogger.defaultLogLevel=warn)

# 16 random bytes in base64 for URLs; the first letter is no dash.
random_id()
{
	echo "k$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c 2-22)"
}

# prepare DIRECTORY ADDRESS PROPERTIES: for a first start.
prepare()
{
	local new=$1/server.properties.new address=$2

	cat > "$new" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@$address:$controller_port
listeners=PLAINTEXT://$address:$port,CONTROLLER://$address:$controller_port
advertised.listeners=PLAINTEXT://$address:$port
controller.listener.names=CONTROLLER
log.dirs=$1/data
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
$3
END
	java "${options[@]}" kafka.tools.StorageTool format \
		-t "${KAFKA_CLUSTER_ID:-$(random_id)}" -c "$new" >"$1/format.log" 2>&1
	mv "$new" "$1/server.properties"
}

# Makes the archive, from a broker that ends as soon as it runs, at an address
# where nobody takes it for the one that was asked for.  Whatever goes wrong,
# there is none then, and classes are loaded as usual; should this script be
# killed, it neither stays nor keeps the lock.
make_archive()
{
	local work pid i

	work=$(mktemp -d "$archive.XXXXXX")
	prepare "$work" 127.0.0.2 ""
	timeout 60 java "${options[@]}" -XX:ArchiveClassesAtExit="$work/archive" kafka.Kafka \
		"$work/server.properties" >"$work/log" 2>&1 9>&- &
	pid=$!
	for ((i = 0; i < 600; i++))
	do
		! (: <>"/dev/tcp/127.0.0.2/$port") 2>/dev/null || break
		sleep 0.1
	done
	kill "$pid" && wait "$pid" || true
	mv "$work/archive" "$archive" 2>/dev/null || touch "$archive"
	rm -rf "$work"
}

# an empty one stands for a failure, which is not tried again each time
if [ ! -e "$archive" ]
then
	exec 9>"$archive.lock"
	flock 9
	[ -e "$archive" ] || make_archive
	exec 9>&-
fi
[ ! -s "$archive" ] || options+=(-XX:SharedArchiveFile="$archive")
mkdir -p "$directory"
[ -f "$directory/server.properties" ] || prepare "$directory" 127.0.0.1 "${KAFKA_PROPERTIES:-}"
exec java "${options[@]}" kafka.Kafka "$directory/server.properties"
