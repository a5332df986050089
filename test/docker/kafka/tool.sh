#!/bin/bash
# tool.sh: Kafka's command line tools, by the name that this is called by.
case ${0##*/} in
	kafka-topics.sh) class=org.apache.kafka.tools.TopicCommand ;;
	kafka-console-consumer.sh) class=org.apache.kafka.tools.consumer.ConsoleConsumer ;;
	kafka-console-producer.sh) class=org.apache.kafka.tools.ConsoleProducer ;;
	kafka-consumer-groups.sh) class=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
	kafka-configs.sh) class=kafka.admin.ConfigCommand ;;
	kafka-server-start.sh) class=kafka.Kafka ;;
	zookeeper-server-start.sh) class=org.apache.zookeeper.server.quorum.QuorumPeerMain ;;
	*) echo "unknown tool \"$0\"" >&2; exit 1 ;;
esac
# shellcheck disable=SC2086 # options are words
exec java ${KAFKA_HEAP_OPTS:-} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
	-cp '/opt/kafka/libs/*' "$class" "$@"
