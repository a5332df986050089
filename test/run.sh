#!/bin/bash
# run.sh [PYTEST'S ARGUMENTS]: all tests, for "make test"; the last line is
# "N passed, N failed" over all of them, and the status says the same.
#
#	TESTS="regress unit e2e"	which of the three to run
#	REQUIRE_KAFKA=1				a missing Java is an error
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-/usr/bin/python3}
make=${MAKE:-make}
passed=0 failed=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# A part whose output shows no failure, but which did not end well, is one.
count()
{
	local status=$1 good=$2 bad=$3

	[ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	passed=$((passed + good))
	failed=$((failed + bad))
}

lines()
{
	grep -c -E "$1" "$out"
}

# Sum of the numbers in what the expression finds; it has one in each find.
sum()
{
	grep -o -E "$1" "$out" | grep -o -E '[0-9]+' | awk '{ n += $1 } END { print n + 0 }'
}

regress()
{
	echo "== pg_regress and isolation tests of the plugin"
	"$make" -s -C "$top" check-plugin 2>&1 | tee "$out"
	# "test options ... ok 25 ms" up to PostgreSQL 15, TAP from 16 on
	count "${PIPESTATUS[0]}" "$(lines '^(test .* \.\.\. ok|ok [0-9]+ )')" \
		"$(lines '^(test .* \.\.\. FAILED|not ok [0-9]+ )')"
}

unit()
{
	local bad all

	echo "== unit tests"
	"$make" -s -C "$top/test/unit" check 2>&1 | tee "$out"
	local status=${PIPESTATUS[0]}
	all=$(sum 'Tests=[0-9]+')
	bad=$(sum 'Failed [0-9]+/')
	count "$status" $((all - bad)) "$bad"
}

e2e()
{
	echo "== end to end"
	"$python" -B -m pytest -q -p no:cacheprovider "$top/test/t" "$@" 2>&1 | tee "$out"
	local status=${PIPESTATUS[0]} last
	last=$(tail -n 1 "$out" | sed 's/\x1b\[[0-9;]*m//g')
	echo "$last" > "$out"
	count "$status" "$(sum '[0-9]+ passed')" \
		"$(sum '[0-9]+ (failed|error)')"
}

"$python" -c 'import pytest, psycopg2, confluent_kafka' ||
	{ echo "run demo/packages.sh build demo kafka test first" >&2; echo "0 passed, 1 failed"; exit 1; }
for part in ${TESTS:-regress unit e2e}
do
	case $part in
		regress) regress ;;
		unit) unit ;;
		e2e) e2e "$@" ;;
		*) echo "unknown part \"$part\" in TESTS" >&2; failed=$((failed + 1)) ;;
	esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
