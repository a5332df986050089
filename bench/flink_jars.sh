#!/bin/bash
# flink_jars.sh
#
# Prints a directory that holds Flink with its connectors for Kafka and JDBC,
# and FlinkSql.class, after fetching them from Maven Central if they are not
# there yet (some 120 MB, once).  They are kept below the user's cache
# directory; FLINK_JARS names another directory that has the jars.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's|.*<flink.version>\(.*\)</flink.version>.*|\1|p' "$here/flink.pom.xml")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/decoder_debezium
directory=$cache/flink-$version

for program in java javac mvn
do
	if ! command -v $program >/dev/null
	then
		echo "flink_jars.sh: Flink needs \"$program\", which is not installed (default-jdk-headless, maven)" >&2
		exit 1
	fi
done
if [ ! -d "$directory" ]
then
	mkdir -p "$cache"
	new=$(mktemp -d "$cache/flink-new.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	if [ -n "${FLINK_JARS:-}" ]
	then
		cp "$FLINK_JARS"/*.jar "$new"
	else
		echo "fetching Flink $version from Maven Central into $directory" >&2
		mvn -q -B dependency:copy-dependencies -f "$here/flink.pom.xml" \
			-DoutputDirectory="$new" >&2
	fi
	mv -T "$new" "$directory"
fi
[ "$directory/FlinkSql.class" -nt "$here/FlinkSql.java" ] ||
	javac -cp "$directory/*" -d "$directory" "$here/FlinkSql.java"
echo "$directory"
