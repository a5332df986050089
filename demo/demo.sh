#!/bin/bash
# demo.sh: the whole stack on one machine, for a look; called by "make demo".
#
#	make demo							until Ctrl-C, on an embedded broker
#	make demo DURATION=20				unattended; checks the tables at the end
#	KAFKA=real make demo				on a real Apache Kafka
#	BOOTSTRAP_SERVERS=host:port make demo	on yours
#	INTERVAL_SECONDS=1 make demo		slower orders (default 0.05)
#
# All that it makes is in one temporary directory, which goes when it ends.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")

duration=${DURATION:-}
interval=${INTERVAL_SECONDS:-0.05}
kafka=${KAFKA:-embedded}
bootstrap=${BOOTSTRAP_SERVERS:-}
pg_config=${PG_CONFIG:-pg_config}
connector=postgres-source-connector

# How long a part may take to do what is waited for; only failures last that
# long.
PATIENCE_S=60

dir=						# all that we make
parts=()					# names of the running parts, in starting order
declare -A pids logs

# ---------------------------------------------------------------- helpers

say()
{
	echo "== $*"
}

# The reason, the last lines of the log of the part it is about, if there is
# one, and the end.
fail()
{
	local message=$1 part=${2:-}

	[ -z "$live" ] || tput cnorm 2>/dev/null || true
	echo "demo: $message" >&2
	if [ -n "$part" ] && [ -s "${logs[$part]:-}" ]
	then
		echo "---- last lines of the log of $part:" >&2
		tail -n 15 "${logs[$part]}" >&2
	fi
	exit 1
}

now_ms()
{
	date +%s%3N
}

is_running()
{
	[ -n "${pids[$1]:-}" ] && kill -0 "${pids[$1]}" 2>/dev/null
}

# wait_for SECONDS COMMAND...: until the command succeeds; false when it did
# not within that time.  The one place that sleeps.
wait_for()
{
	local deadline=$(($(now_ms) + $1 * 1000))

	shift
	until "$@"
	do
		[ "$(now_ms)" -lt "$deadline" ] || return 1
		sleep 0.05
	done
}

parts_check()
{
	local part

	for part in "${parts[@]}"
	do
		is_running "$part" || fail "$part has ended" "$part"
	done
}

unless_ended()
{
	parts_check
	"$@"
}

# Waits for a condition of a part, and fails with the part's log otherwise.
part_wait()
{
	local part=$1 what=$2

	shift 2
	wait_for $PATIENCE_S unless_ended "$@" ||
		fail "$what did not happen within $PATIENCE_S s" "$part"
}

# part_start NAME COMMAND...: in a session of its own, so that Ctrl-C reaches
# only this script, which then stops the parts in order.
part_start()
{
	local name=$1

	shift
	logs[$name]=$dir/log/${name// /_}.log
	setsid "$@" >"${logs[$name]}" 2>&1 </dev/null &
	pids[$name]=$!
	parts+=("$name")
}

part_stop()
{
	local name=$1 signal=TERM

	case $name in PostgreSQL*) signal=INT ;; esac	# a fast shutdown
	if is_running "$name"
	then
		kill -s $signal "${pids[$name]}" 2>/dev/null || true
		if ! wait_for 15 not is_running "$name"
		then
			echo "demo: $name does not stop, so it is killed" >&2
			kill -s KILL "${pids[$name]}" 2>/dev/null || true
		fi
	fi
	wait "${pids[$name]}" 2>/dev/null || true
}

not()
{
	! "$@"
}

part_forget()
{
	local name=$1 part rest=()

	for part in "${parts[@]}"
	do
		[ "$part" = "$name" ] || rest+=("$part")
	done
	parts=("${rest[@]}")
}

cleanup()
{
	local status=$? i started

	trap '' INT TERM HUP
	[ -z "$live" ] || tput cnorm 2>/dev/null || true
	started=("${parts[@]}")
	[ ${#started[@]} -eq 0 ] || say "stopping all parts"
	for ((i = ${#started[@]} - 1; i >= 0; i--))
	do
		# what was made on a broker of somebody else's goes while the
		# broker's users are stopped and we can still reach it
		[ "${started[i]}" = generator ] || [ "${started[i]}" = applier ] ||
			[ "${started[i]}" = bridge ] || topics_remove
		part_stop "${started[i]}"
	done
	[ -z "$dir" ] || rm -rf "$dir"
	[ -z "$dir" ] || say "removed what the demo made"
	exit "$status"
}

port_is_free()
{
	! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# port_pick NAME PORT WHAT: sets NAME to PORT, or to the next free one above it
# and 10000, and says so.
port_pick()
{
	local name=$1 wanted=$2 port=$2 what=$3

	until port_is_free "$port"
	do
		[ "$port" -gt 10000 ] || port=$((port + 10000))
		port=$((port + 1))
		[ "$port" -lt 65000 ] || fail "could not find a free port for $what"
	done
	[ "$port" = "$wanted" ] || say "port $wanted is taken, so $what listens on $port"
	declare -g "$name=$port"
}

# ---------------------------------------------------------------- PostgreSQL

# Put before the programs of a server, which refuse to run as root.
as_postgres=()
[ "$(id -u)" -ne 0 ] || as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups)

server_prepare()
{
	local name=$1 port=$2 data=$dir/$1

	"${as_postgres[@]}" "$bin/initdb" -D "$data" -U postgres --auth-local=trust \
		--auth-host=scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log/initdb-$name.log" 2>&1 ||
		{ logs[initdb]=$dir/log/initdb-$name.log; fail "could not create the server $name" initdb; }
	{
		cat "$top/docker/postgresql.conf"
		# only servers that know the setting start with it
		if "$bin/postgres" --describe-config | grep -q '^output_plugin_libraries'
		then
			echo "output_plugin_libraries = 'pgoutput, test_decoding, decoder_debezium'"
		fi
		echo "port = $port"
		echo "listen_addresses = '127.0.0.1'"
		echo "unix_socket_directories = '$dir/sockets'"
		echo "cluster_name = 'demo $name'"
		# thrown away at the end, whatever happens
		echo "fsync = off"
	} >> "$data/postgresql.conf"
}

# sql ROLE DATABASE PORT [psql's arguments]
sql()
{
	local role=$1 database=$2 port=$3

	shift 3
	"$bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$dir/sockets" -p "$port" \
		-U "$role" -d "$database" "$@"
}

source_sql()
{
	sql sourceuser sourcedb "$source_port" -c "$1"
}

dest_sql()
{
	sql destuser destdb "$dest_port" -c "$1"
}

server_answers()
{
	sql postgres postgres "$1" -c 'SELECT 1' >/dev/null 2>&1
}

database_create()
{
	local port=$1 role=$2 password=$3 database=$4 attributes=$5 script=$6

	sql postgres postgres "$port" \
		-c "CREATE ROLE $role LOGIN $attributes PASSWORD '$password'" \
		-c "CREATE DATABASE $database OWNER $role" || fail "could not create database $database"
	sql "$role" "$database" "$port" -f "$script" >/dev/null ||
		fail "could not run $script"
}

# ---------------------------------------------------------------- Kafka

broker_start()
{
	if [ -n "$bootstrap" ]
	then
		broker="yours"
		return
	fi
	case $kafka in
		embedded)
			broker="embedded"
			# it creates no topics on request, only those that it is told
			# now or that are written to
			part_start broker "$here/embedded_broker" --write="$dir/broker" \
				--topic=connect_configs:1 --topic=connect_offsets:1 --topic=connect_statuses:1
			part_wait broker "the start of the embedded broker" test -f "$dir/broker"
			bootstrap=$(sed 's/^bootstrap.servers=//' "$dir/broker")
			;;
		real)
			broker="Apache Kafka"
			port_pick kafka_port 9092 "Kafka"
			port_pick controller_port $((kafka_port + 1)) "Kafka's controller"
			part_start broker "$here/kafka_server.sh" "$dir/kafka" "$kafka_port" "$controller_port"
			bootstrap=127.0.0.1:$kafka_port
			# KRaft opens the port when the broker serves
			part_wait broker "the start of Apache Kafka" not port_is_free "$kafka_port"
			;;
		*)
			fail "unknown KAFKA=$kafka: expected \"embedded\" or \"real\"" ;;
	esac
}

# On a broker of the user's, all names are of this run alone, so that nobody
# else's topics are touched and ours can be removed.
topics_remove()
{
	[ "${broker:-}" = yours ] && [ -n "$run" ] || return 0
	"$here/kafka_remove" "$bootstrap" "$run" ||
		echo "demo: topics and groups whose names start with \"$run\" are left on $bootstrap" >&2
	run=
}

# ---------------------------------------------------------------- the parts

bridge_start()
{
	local prefix=dbserver1

	[ -z "$run" ] || prefix=$run.dbserver1
	sed -e "s|^listeners=.*|listeners=http://127.0.0.1:$bridge_port|" \
		-e "s|^bootstrap.servers=.*|bootstrap.servers=$bootstrap|" \
		-e "s#^\(group.id\|[a-z]*\.storage\.topic\)=#&${run:+$run.}#" \
		"$here/worker.properties" > "$dir/worker.properties"
	jq --arg port "$source_port" --arg prefix "$prefix" \
		'.config["database.port"] = $port | .config["topic.prefix"] = $prefix' \
		"$here/$connector.json" > "$dir/$connector.json"
	part_start bridge "$top/bridge/debezium_bridge" "$dir/worker.properties" "$dir/$connector.json"
}

applier_start()
{
	local script scripts=()

	for script in orders orders_flink
	do
		sed -e "s|jdbc:postgresql://[^/']*/|jdbc:postgresql://127.0.0.1:$dest_port/|" \
			-e "s|\('properties.bootstrap.servers' *= *'\)[^']*|\1$bootstrap|" \
			-e "s|\('topic' *= *'\)|\1${run:+$run.}|" \
			-e "s|\('properties.group.id' *= *'\)|\1${run:+$run.}|" \
			"$top/applier/examples/$script.sql" > "$dir/$script.sql"
		scripts+=("$dir/$script.sql")
	done
	part_start applier "$top/applier/debezium_applier" --listen "127.0.0.1:$applier_port" "${scripts[@]}"
}

generator_start()
{
	part_start generator env PATH="$bin:$PATH" POSTGRES_PASSWORD=sourcepass "$here/mock_stream" \
		--host=127.0.0.1 --port="$source_port" --interval="$interval"
}

connector_status()
{
	curl -s -m 2 "http://127.0.0.1:$bridge_port/connectors/$connector/status"
}

# A connector that FAILED does not get better by waiting.
connector_check()
{
	local trace

	trace=$(connector_status | jq -r 'select(.tasks != null) | [.connector, .tasks[]] | .[] |
		select(.state == "FAILED") | .trace // "no reason given"' 2>/dev/null) || return 0
	[ -z "$trace" ] || fail "the connector has FAILED: $trace" bridge
}

first_row_mirrored()
{
	connector_check
	[ "$(dest_sql "SELECT EXISTS (SELECT FROM orders)")" = t ]
}

# ---------------------------------------------------------------- the view

view_read()
{
	local now events

	IFS='|' read -r source_orders lag_bytes events <<<"$(source_sql "
		SELECT (SELECT count(*) FROM orders),
			   (SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), confirmed_flush_lsn)
				  FROM pg_replication_slots WHERE slot_name = 'debezium'),
			   (SELECT count(*) FROM demo.history)")"
	IFS='|' read -r dest_orders dest_flink <<<"$(dest_sql "
		SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM orders_flink)")"
	records=$(curl -s -m 2 "http://127.0.0.1:$bridge_port/metrics" |
		awk '/^debezium_bridge_records_total/ { n += $NF } END { printf "%d", n }') || records=
	lag_events=$(curl -s -m 2 "http://127.0.0.1:$applier_port/jobs/overview" |
		jq -r '[.jobs[].lag // 0] | add // 0' 2>/dev/null) || lag_events=
	# over two seconds, as the bridge's workers report their counts every second
	now=$(now_ms)
	if [ -z "${rate_ms:-}" ]
	then
		rate=0 rate_ms=$now rate_records=${records:-0}
	elif [ "$now" -ge $((rate_ms + 2000)) ]
	then
		rate=$(((${records:-0} - rate_records) * 1000 / (now - rate_ms)))
		rate_ms=$now rate_records=${records:-0}
	fi
	last_ms=$now
}

addresses()
{
	cat <<END
   source       psql postgresql://sourceuser:sourcepass@127.0.0.1:$source_port/sourcedb
   destination  psql postgresql://destuser:destpass@127.0.0.1:$dest_port/destdb
   connector    http://127.0.0.1:$bridge_port/connectors/$connector/status
   bridge       http://127.0.0.1:$bridge_port/metrics
   jobs         http://127.0.0.1:$applier_port/
   topic        kcat -b $bootstrap -C -t ${run:+$run.}dbserver1.public.orders
END
}

view_print()
{
	if [ -z "$live" ]
	then
		printf '%5d s  orders: source %d, destination %d; orders_flink %d; %d records written, %d/s; lag %s bytes of WAL, %s events\n' \
			"$(((last_ms - begun_ms) / 1000))" "$source_orders" "$dest_orders" "$dest_flink" \
			"$records" "$rate" "${lag_bytes:-?}" "${lag_events:-?}"
		return
	fi
	tput home
	{
		echo "decoder_debezium demo, running for $(((last_ms - begun_ms) / 1000)) s"
		echo
		printf '   %-34s %12s\n' "source       orders" "$source_orders" \
			"destination  orders" "$dest_orders" \
			"destination  orders_flink" "$dest_flink" \
			"records written to Kafka" "$records" \
			"records a second" "$rate" \
			"bridge lag, bytes of WAL" "${lag_bytes:-?}" \
			"applier lag, events" "${lag_events:-?}"
		echo
		addresses
		echo
		echo "orders_flink never deletes, as its SQL says, so it grows beyond orders."
		echo "Ctrl-C stops all and removes what the demo made."
	} | sed "s/\$/$(tput el)/"
	tput ed
}

# Shows the state until the end of DURATION, or for ever.
watch()
{
	if [ -n "$live" ]
	then
		tput civis
		tput clear
	fi
	while [ -z "$duration" ] || [ "$(now_ms)" -lt $((begun_ms + duration * 1000)) ]
	do
		parts_check
		connector_check
		view_read
		view_print
		# the period of the view, not a wait for anything
		[ -n "$live" ] && sleep 0.5 || sleep 2
	done
}

# ---------------------------------------------------------------- the check

digest="count(*) || ' rows, md5 ' || md5(coalesce(string_agg(row::text, ',' ORDER BY order_id), ''))"

# Has the source's slot confirmed all that was written before?
slot_confirmed()
{
	[ "$(source_sql "SELECT confirmed_flush_lsn >= '$1' FROM pg_replication_slots
					  WHERE slot_name = 'debezium'")" = t ]
}

tables_equal()
{
	orders_is=$(dest_sql "SELECT $digest FROM orders AS row")
	flink_is=$(dest_sql "SELECT $digest FROM orders_flink AS row")
	[ "$orders_is" = "$orders_want" ] && [ "$flink_is" = "$flink_want" ]
}

# The source's own record of its changes says what orders_flink must hold: of
# each key the last image that was inserted or updated; deletes count nothing.
check()
{
	local end_lsn orders_want flink_want orders_is= flink_is=

	say "stopping the generator, and waiting until all is applied"
	part_stop generator
	part_forget generator
	end_lsn=$(source_sql "SELECT pg_current_wal_insert_lsn()")
	orders_want=$(source_sql "SELECT $digest FROM orders AS row")
	flink_want=$(source_sql "SELECT $digest FROM (
		SELECT DISTINCT ON (order_id) order_id, user_id FROM demo.history
		 ORDER BY order_id, number DESC) AS row")
	part_wait bridge "the confirmation of all changes by the bridge" slot_confirmed "$end_lsn"
	wait_for $PATIENCE_S unless_ended tables_equal || true
	echo "   orders        source:      $orders_want"
	echo "   orders        destination: $orders_is"
	echo "   orders_flink  expected:    $flink_want"
	echo "   orders_flink  destination: $flink_is"
	[ "$orders_is" = "$orders_want" ] ||
		fail "orders differs from the source" applier
	[ "$flink_is" = "$flink_want" ] ||
		fail "orders_flink differs from what its SQL makes of the changes" applier
	say "both tables are as they must be"
}

# ---------------------------------------------------------------- main

live=
[[ -z $duration || $duration =~ ^[1-9][0-9]*$ ]] ||
	fail "invalid DURATION=$duration: expected a number of seconds"
if [ -t 1 ] && [ -z "$duration" ] && tput clear >/dev/null 2>&1
then
	live=yes
fi

groups=(build demo)
[ "$kafka" != real ] || [ -n "$bootstrap" ] || groups+=(kafka)
"$here/packages.sh" "${groups[@]}"
[ "$kafka" != real ] || [ -n "$bootstrap" ] || "$here/kafka_jars.sh" >/dev/null
say "building"
log=$(mktemp)
if ! "${MAKE:-make}" -C "$top" all demo/embedded_broker demo/kafka_remove >"$log" 2>&1
then
	tail -n 30 "$log" >&2
	rm -f "$log"
	fail "the build failed"
fi
rm -f "$log"
built_ms=$(now_ms)

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
dir=$(mktemp -d "${TMPDIR:-/tmp}/decoder_debezium_demo.XXXXXX")
chmod 755 "$dir"
mkdir -m 755 "$dir/log"
mkdir -m 700 "$dir/sockets" "$dir/source" "$dir/dest"
[ "$(id -u)" -ne 0 ] || chown postgres "$dir/sockets" "$dir/source" "$dir/dest"
run=
[ -z "$bootstrap" ] || run=demo_$(date +%Y%m%d%H%M%S)_$$

say "starting, in $dir"
port_pick source_port 5432 "the source"
port_pick dest_port 5433 "the destination"
port_pick bridge_port 8083 "the bridge"
port_pick applier_port 8081 "the applier"
logs[installation]=$dir/log/installation.log
PG_CONFIG=$pg_config "$top/test/temp_install.sh" "$dir/install" >"${logs[installation]}" 2>&1 ||
	fail "could not make a private PostgreSQL installation" installation
bin=$dir/install$("$pg_config" --bindir)
broker_start
# both at the same time; one that fails has said why
server_prepare source "$source_port" &
preparing=$!
server_prepare dest "$dest_port"
wait $preparing || exit 1
for server in source dest
do
	part_start "PostgreSQL $server" "${as_postgres[@]}" "$bin/postgres" -D "$dir/$server"
done
for server in source dest
do
	port=${server}_port
	part_wait "PostgreSQL $server" "the start of PostgreSQL $server" server_answers "${!port}"
done
database_create "$source_port" sourceuser sourcepass sourcedb REPLICATION "$here/source.sql"
database_create "$dest_port" destuser destpass destdb "" "$here/dest.sql"
bridge_start
applier_start
part_wait bridge "the first row in the destination" first_row_mirrored
begun_ms=$(now_ms)
say "first row mirrored $(awk -v ms=$((begun_ms - built_ms)) 'BEGIN { printf "%.1f", ms / 1000 }') s after the build"
generator_start
if [ "$broker" = embedded ]
then
	say "the embedded broker keeps the newest 5 MB of a partition and forgets all at the end;" \
		"an order changes every $interval s, so that both tables keep up"
fi
addresses
watch
check
