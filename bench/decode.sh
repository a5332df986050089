#!/bin/bash
# Decoding throughput of output plugins over the very same WAL.
#
# Makes N inserts, N updates and N deletes on a throw-away server with
# this build, and decodes them with each plugin that is installed, drained by
# pg_recvlogical; ROUNDS times, in turn, so that a slow moment hits them all.
# What counts is the time above decoding to nothing, which is pgoutput with an
# empty publication.
#
# environment: N (500000), ROUNDS (5), PG_CONFIG; FORMATS, those of ours to
# measure (stream); DATA, the directory to work in
set -euo pipefail

rows=${N:-500000}
rounds=${ROUNDS:-5}
formats=${FORMATS:-stream}
pg_config=${PG_CONFIG:-pg_config}
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${DATA:-${TMPDIR:-/tmp}}/decoder_debezium_bench.XXXXXX")
install=$work/install
bindir=$install$("$pg_config" --bindir)
pkglibdir=$install$("$pg_config" --pkglibdir)

as_server()
{
    if [ "$(id -u)" -eq 0 ]
    then
        su postgres -c "$*"
    else
        bash -c "$*"
    fi
}

finish()
{
    [ ! -f "$work/data/postmaster.pid" ] ||
        as_server "'$bindir/pg_ctl' -D '$work/data' -m immediate -w stop" >/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

"$here/test/temp_install.sh" "$install"
chmod 755 "$work"
mkdir "$work/data" "$work/socket"
[ "$(id -u)" -ne 0 ] || chown postgres "$work/data" "$work/socket"
as_server "'$bindir/initdb' -D '$work/data' -A trust -U postgres --no-sync -E UTF8 --locale=C" >/dev/null
{
    cat "$here/test/plugin.conf"
    echo "listen_addresses = ''"
    echo "unix_socket_directories = '$work/socket'"
    echo "shared_buffers = '512MB'"
    echo "max_wal_size = '8GB'"
    echo "autovacuum = off"
    echo "logical_decoding_work_mem = '1GB'"
    if "$bindir/postgres" --describe-config | grep "^output_plugin_libraries" >/dev/null
    then
        echo "output_plugin_libraries = 'pgoutput, test_decoding, wal2json, decoderbufs, decoder_debezium'"
    fi
} >> "$work/data/postgresql.conf"
as_server "'$bindir/pg_ctl' -D '$work/data' -l '$work/data/log' -w start" >/dev/null

export PGHOST=$work/socket PGUSER=postgres PGDATABASE=postgres
unset PGPORT PGOPTIONS PGSERVICE
sql()
{
    psql -qAtX -v ON_ERROR_STOP=1 -c "$1"
}

sql "CREATE TABLE orders (order_id serial PRIMARY KEY, user_id int, name text)"
sql "ALTER TABLE orders REPLICA IDENTITY FULL"
sql "CREATE TABLE nothing (i int)"
sql "CREATE PUBLICATION full_publication FOR TABLE orders"
sql "CREATE PUBLICATION empty_publication FOR TABLE nothing"
sql "SELECT pg_create_logical_replication_slot('base', 'test_decoding')" >/dev/null
sql "INSERT INTO orders (user_id, name) SELECT i % 1000, 'Name ' || i FROM generate_series(1, $rows) i"
sql "UPDATE orders SET name = name || 'x'"
sql "DELETE FROM orders"
end=$(sql "SELECT pg_current_wal_lsn()")

# The runs: a name, a plugin, its options.
runs=("nothing pgoutput -o proto_version=1 -o publication_names=empty_publication"
      "pgoutput pgoutput -o proto_version=1 -o publication_names=full_publication"
      "test_decoding test_decoding"
      "wal2json wal2json -o format-version=2 -o include-lsn=1 -o include-pk=1"
      "decoderbufs decoderbufs")
for format in $formats
do
    runs+=("$format decoder_debezium -o format=$format -o topic.prefix=dbserver1")
done

# Decode everything with a plugin; what follows its name goes to pg_recvlogical
drain()
{
    local plugin=$1
    shift
    sql "SELECT pg_copy_logical_replication_slot('base', 'run', false, '$plugin')" >/dev/null
    "$bindir/pg_recvlogical" -d postgres -S run --start -s 0 -F 0 -n \
        --endpos="$end" "$@" 2>> "$work/messages"
    stop=$EPOCHREALTIME
    sql "SELECT pg_drop_replication_slot('run')" >/dev/null
}

# The first round only counts bytes, and warms up.
for ((round = 0; round <= rounds; round++))
do
    for run in "${runs[@]}"
    do
        read -r name plugin options <<< "$run"
        [ -e "$pkglibdir/$plugin.so" ] || continue
        if ((round == 0))
        then
            # shellcheck disable=SC2086
            echo "bytes $name $(drain "$plugin" -f - $options | wc -c)"
        else
            start=$EPOCHREALTIME
            # shellcheck disable=SC2086
            drain "$plugin" -f /dev/null $options
            echo "time $name $(awk "BEGIN { print $stop - $start }")"
        fi
    done
done > "$work/figures"

awk -v rows="$rows" -v rounds="$rounds" '
    $1 == "bytes" { order[++names] = $2; bytes[$2] = $3 }
    $1 == "time" { times[$2, ++count[$2]] = $3 }
    function median(name,    i, j, t, n, list) {
        n = count[name]
        for (i = 1; i <= n; i++) list[i] = times[name, i]
        for (i = 2; i <= n; i++)
            for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
        return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
    }
    END {
        printf "%d inserts, updates and deletes each, medians of %d rounds\n\n", rows, rounds
        printf "%-14s %8s %10s %10s %20s\n", "", "seconds", "changes/s", "MB", "above nothing / that"
        printf "%-14s %8s %10s %10s %20s\n", "", "", "", "", "of pgoutput"
        floor = median("nothing"); unit = median("pgoutput") - floor
        for (i = 1; i <= names; i++) {
            m = median(order[i])
            printf "%-14s %8.2f %10d %10.0f %20.2f\n", order[i], m, 3 * rows / m, bytes[order[i]] / 1e6, (m - floor) / unit
        }
    }' "$work/figures"
