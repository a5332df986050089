#!/bin/sh
# Run the plugin's regression and isolation tests on a throw-away server that
# has this build.  Nothing is installed, and no other server is touched.  As
# root, the server runs as user postgres, which may not be root.
#
# environment: PG_CONFIG, REGRESS and ISOLATION (lists of tests)
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
pg_config=${PG_CONFIG:-pg_config}
results=$here/results
work=$(mktemp -d "${TMPDIR:-/tmp}/decoder_debezium.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

"$here/test/temp_install.sh" "$work/install"
bindir=$work/install$("$pg_config" --bindir)
pgxs=$(dirname "$("$pg_config" --pgxs)")/../..

cp "$here/test/plugin.conf" "$work/plugin.conf"
if "$bindir/postgres" --describe-config | grep -q '^output_plugin_libraries'
then
    echo "output_plugin_libraries = 'test_decoding, decoder_debezium'" >> "$work/plugin.conf"
fi
mkdir "$work/input" "$work/output"
mkdir "$work/input/regress" "$work/input/isolation"
cp -R "$here/sql" "$here/expected" "$work/input/regress/"
cp -R "$here/test/specs" "$here/test/expected" "$work/input/isolation/"

# what a test prints must not depend on the caller's settings
for setting in $(env | sed -n 's/^\(PG[A-Z]*\)=.*/\1/p')
do
    unset "$setting"
done

run()
{
    if [ "$(id -u)" -eq 0 ]
    then
        chown -R postgres "$work"
        su postgres -c "cd '$work' && exec $*"
    else
        (cd "$work" && eval "$*")
    fi
}

failed=0
for kind in regress isolation
do
    case $kind in
        regress)
            program=$pgxs/src/test/regress/pg_regress
            tests=$REGRESS
            ;;
        isolation)
            # it starts isolationtester from its own folder
            program=$pgxs/src/test/isolation/pg_isolation_regress
            tests=$ISOLATION
            ;;
    esac
    [ -n "$tests" ] || continue
    run "$program" --bindir="$bindir" --inputdir="$work/input/$kind" \
        --outputdir="$work/output" --temp-instance="$work/$kind" \
        --temp-config="$work/plugin.conf" --encoding=UTF8 --no-locale \
        --dbname=decoder_debezium_"$kind" "$tests" || failed=1
    if [ "$failed" -eq 1 ]
    then
        rm -rf "$results"
        cp -R "$work/output" "$results"
        echo "What was found is in $results" >&2
        [ ! -f "$results/regression.diffs" ] || cat "$results/regression.diffs" >&2
        exit 1
    fi
done
