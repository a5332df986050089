#!/bin/bash
# kafka_jars.sh
#
# Prints the directory with the jars of a real Apache Kafka, after fetching
# them from Maven Central if they are not there yet (some 50 MB, once).  They
# are kept below the user's cache directory, so that a fresh checkout finds
# them again; KAFKA_JARS names another directory that has them.
set -eu
if [ -n "${KAFKA_JARS:-}" ]
then
	ls "$KAFKA_JARS"/kafka_*.jar >/dev/null
	echo "$KAFKA_JARS"
	exit
fi
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's|.*<artifactId>kafka_2.13</artifactId><version>\(.*\)</version>.*|\1|p' \
	"$here/kafka.pom.xml")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/decoder_debezium
jars=$cache/kafka-$version
if [ ! -d "$jars" ]
then
	for program in java mvn
	do
		if ! command -v $program >/dev/null
		then
			echo "kafka_jars.sh: a real Kafka needs \"$program\", which is not installed" >&2
			echo "Install the packages default-jre-headless and maven." >&2
			exit 1
		fi
	done
	echo "fetching Apache Kafka $version from Maven Central into $jars" >&2
	mkdir -p "$cache"
	new=$(mktemp -d "$cache/kafka-new.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	mvn -q -B dependency:copy-dependencies -f "$here/kafka.pom.xml" \
		-DoutputDirectory="$new/jars" >&2
	mv -T "$new/jars" "$jars"
fi
echo "$jars"
