#!/bin/bash
# temp_install.sh PG_CONFIG TARGET
#
# Makes a private PostgreSQL installation below TARGET: the system's one plus
# the extension of this checkout, without touching the system.
#
# A PostgreSQL server finds its libraries and extensions relative to its own
# program file, so copies of the programs beside a tree of links to the
# system's files are an installation of their own, to which "make install
# DESTDIR=TARGET" adds ours.  It needs no privileges, and removing TARGET
# removes all of it.
#
# Prints the directory of the programs.
set -eu
pg_config=$1 target=$2
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$target"
target=$(cd "$target" && pwd)

bindir=$("$pg_config" --bindir)
for directory in "$("$pg_config" --sharedir)" "$("$pg_config" --pkglibdir)"
do
	mkdir -p "$target$directory"
	cp -as "$directory/." "$target$directory/"
	# an older build that was installed into the system must not be seen,
	# nor written through its links
	rm -rf "$target$directory"/decoder_debezium.so \
		"$target$directory"/bitcode/decoder_debezium* \
		"$target$directory"/extension/decoder_debezium*
done
# copies, not links: a program resolves links before it looks around; first
# removed, as they may be in use by a server that is still being stopped
mkdir -p "$target$bindir"
for program in "$bindir"/*
do
	case $program in */pg_config) continue ;; esac
	cp --remove-destination -L "$program" "$target$bindir/"
done
make -s -C "$here" install PG_CONFIG="$pg_config" DESTDIR="$target" >&2
echo "$target$bindir"
