#!/bin/bash
# postgres-entrypoint.sh: starts Debian's PostgreSQL in a container as the
# official image starts its own: the first start makes the database cluster by
# POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and POSTGRES_INITDB_ARGS, and
# runs the *.sql and *.sh of /docker-entrypoint-initdb.d in it.
set -eu

fail()
{
	echo "docker-entrypoint.sh: $1" >&2
	exit 1
}

# "-c setting" alone are arguments of the server, any other program is run.
[ "${1:0:1}" != "-" ] || set -- postgres "$@"
[ "${1:-}" = postgres ] || exec "$@"

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

initialise()
{
	local file

	[ -n "${POSTGRES_PASSWORD:-}" ] ||
		fail "POSTGRES_PASSWORD must say which password \"$user\" gets"
	# shellcheck disable=SC2086 # options are words
	initdb -D "$PGDATA" --username="$user" --pwfile=<(echo "$POSTGRES_PASSWORD") ${POSTGRES_INITDB_ARGS:-}
	printf '\nhost all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"

	# nobody can connect from outside before all is there
	pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=''" start
	if [ "$database" != postgres ]
	then
		psql -v ON_ERROR_STOP=1 -q -U "$user" -d postgres -v name="$database" <<<'CREATE DATABASE :"name"'
	fi
	for file in /docker-entrypoint-initdb.d/*
	do
		case $file in
			*.sh) bash "$file" ;;
			*.sql) psql -v ON_ERROR_STOP=1 -q -U "$user" -d "$database" -f "$file" ;;
		esac
	done
	pg_ctl -D "$PGDATA" -w -m fast stop
}

# A cluster that was not finished is not served: the mark is the last thing
# that is made.
mkdir -p "$PGDATA"
chmod 700 "$PGDATA"
if [ ! -e "$PGDATA/initialised" ]
then
	find "$PGDATA" -mindepth 1 -delete
	initialise
	touch "$PGDATA/initialised"
fi
exec "$@"
