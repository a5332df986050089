#!/bin/sh
# kafka-tool.sh: Kafka's command line tools by their short names; the compose
# file mounts it as kafka-topics, kafka-console-consumer, ...
exec "/opt/kafka/bin/${0##*/}.sh" "$@"
