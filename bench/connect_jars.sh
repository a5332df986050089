#!/bin/bash
# connect_jars.sh
#
# Prints a directory that holds a worker of Kafka Connect (jars/) and Debezium's
# PostgreSQL connector and JDBC sink (plugins/), after fetching them from Maven
# Central if they are not there yet (some 180 MB, once).  They are kept below
# the user's cache directory; CONNECT_JARS names another directory.
set -eu
if [ -n "${CONNECT_JARS:-}" ]
then
	ls "$CONNECT_JARS"/jars/connect-runtime-*.jar "$CONNECT_JARS"/plugins/*/ >/dev/null
	echo "$CONNECT_JARS"
	exit
fi
here=$(cd "$(dirname "$0")" && pwd)
connect=$(sed -n 's|.*<artifactId>connect-runtime</artifactId><version>\(.*\)</version>.*|\1|p' \
	"$here/connect.pom.xml")
debezium=$(sed -n 's|.*<debezium.version>\(.*\)</debezium.version>.*|\1|p' "$here/connect.pom.xml")
jdbc=$(sed -n 's|.*<jdbc.version>\(.*\)</jdbc.version>.*|\1|p' "$here/connect.pom.xml")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/decoder_debezium
directory=$cache/connect-$connect-debezium-$debezium
if [ ! -d "$directory" ]
then
	for program in java mvn
	do
		if ! command -v $program >/dev/null
		then
			echo "connect_jars.sh: Kafka Connect needs \"$program\", which is not installed" >&2
			exit 1
		fi
	done
	echo "fetching Kafka Connect $connect from Maven Central into $directory" >&2
	mkdir -p "$cache"
	new=$(mktemp -d "$cache/connect-new.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	mvn -q -B dependency:copy-dependencies -f "$here/connect.pom.xml" \
		-DoutputDirectory="$new/jars" >&2
	mkdir "$new/plugins"
	mv -T "$new" "$directory"
fi

# plugin NAME VERSION
plugin()
{
	local new

	[ ! -d "$directory/plugins/debezium-connector-$1" ] || return 0
	echo "fetching Debezium's connector $1 $2 from Maven Central" >&2
	new=$(mktemp -d "$cache/connect-new.XXXXXX")
	mvn -q -B dependency:copy -f "$here/connect.pom.xml" -DoutputDirectory="$new" \
		-Dartifact="io.debezium:debezium-connector-$1:$2:tar.gz:plugin" >&2
	tar -xzf "$new/debezium-connector-$1-$2-plugin.tar.gz" -C "$new"
	mv -T "$new/debezium-connector-$1" "$directory/plugins/debezium-connector-$1"
	rm -rf "$new"
}

plugin postgres "$debezium"
plugin jdbc "$jdbc"
echo "$directory"
