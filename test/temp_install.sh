#!/bin/sh
# Make a private copy of the server's installation with this build in it, so
# that tests need not install anything into the system.
#
# usage: temp_install.sh DIRECTORY
#
# Programs find their libraries and share files relative to themselves; so the
# programs that look for these are copied, and all else is linked.
set -eu

dest=$1
pg_config=${PG_CONFIG:-pg_config}
here=$(cd "$(dirname "$0")/.." && pwd)

bindir=$("$pg_config" --bindir)
pkglibdir=$("$pg_config" --pkglibdir)
sharedir=$("$pg_config" --sharedir)

rm -rf "$dest"
mkdir -p "$dest$bindir" "$dest$pkglibdir" "$dest$sharedir/extension"
cp "$bindir/postgres" "$bindir/initdb" "$bindir/pg_ctl" "$dest$bindir/"
for program in "$bindir"/*
do
	[ -e "$dest$bindir/${program##*/}" ] || ln -s "$program" "$dest$bindir/"
done
for file in "$pkglibdir"/* "$sharedir"/* "$sharedir"/extension/*
do
	[ -e "$dest$file" ] || ln -s "$file" "$dest$file"
done

# leave out what an installation in the system may have of this extension
rm -rf "$dest$pkglibdir"/decoder_debezium* "$dest$pkglibdir"/bitcode \
	"$dest$sharedir"/extension/decoder_debezium*
make --silent -C "$here" install PROGRAMS= DESTDIR="$dest" PG_CONFIG="$pg_config" >/dev/null
chmod -R go+rX "$dest"
