#!/bin/bash
# packages.sh GROUP...
#
# Installs what is missing of the Debian or Ubuntu packages that a task needs,
# after saying so; does nothing, and needs no privileges, when all are there.
#
#	build	to compile the stack
#	demo	to run "make demo"
#	kafka	to run a real Apache Kafka
#	test	to run "make test" and "make bench"
#	docker	to start a Docker engine and to make a Debian for it
#	fuzz	to run "make fuzz"
#	ci		compilers and plugins that only .ci/run and "make bench" use
set -eu

fail()
{
	echo "packages.sh: $1" >&2
	[ $# -lt 2 ] || echo "$2" >&2
	exit 1
}

installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Major version of PostgreSQL: of the development files that are there, else
# the distribution's.
postgresql_version()
{
	local version

	version=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'postgresql-server-dev-*' 2>/dev/null |
		sed -n 's/^installed postgresql-server-dev-\([0-9]*\)$/\1/p' | sort -n | tail -n 1)
	[ -n "$version" ] || version=$(apt-cache depends postgresql 2>/dev/null |
		sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
	echo "$version"
}

packages_of()
{
	case $1 in
		build)
			echo gcc make pkg-config libc6-dev postgresql-server-dev-"$version" libpq-dev \
				librdkafka-dev libmicrohttpd-dev libcjson-dev libpcre2-dev \
				libssl-dev ;;
		demo)
			echo postgresql-"$version" postgresql-client-"$version" curl jq ;;
		kafka)
			command -v java >/dev/null || echo default-jre-headless
			command -v mvn >/dev/null || echo maven ;;
		test)
			echo python3 python3-pytest python3-psycopg2 python3-confluent-kafka perl \
				libipc-run-perl jq ;;
		docker)
			command -v dockerd >/dev/null || echo docker.io
			echo debootstrap iptables ;;
		fuzz)
			echo clang libclang-rt-dev ;;
		ci)
			echo clang postgresql-"$version"-wal2json postgresql-"$version"-decoderbufs kcat \
				python3-venv time ;;
		*)
			fail "unknown group of packages \"$1\"" ;;
	esac
}

missing_find()
{
	local group package

	missing=()
	for group in "$@"
	do
		for package in $(packages_of "$group")
		do
			installed "$package" || missing+=("$package")
		done
	done
}

command -v dpkg-query >/dev/null || command -v apt-get >/dev/null || {
	# another system: who runs it knows its packages; the build says what lacks
	echo "packages.sh: no apt-get here, so nothing is installed; see README.md for what is needed" >&2
	exit 0
}

version=$(postgresql_version)
if [ -n "$version" ]
then
	missing_find "$@"
	[ ${#missing[@]} -gt 0 ] || exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]
then
	command -v sudo >/dev/null ||
		fail "could not install packages: not root, and there is no sudo" \
			"Install them as root first: ${missing[*]:-run demo/packages.sh $*}"
	as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)

if [ -z "$version" ]
then
	echo "== reading the package lists, which are not here yet: apt-get update"
	"${apt[@]}" update >/dev/null
	version=$(postgresql_version)
	[ -n "$version" ] || fail "could not find PostgreSQL in the package lists"
	missing_find "$@"
	[ ${#missing[@]} -gt 0 ] || exit 0
	updated=1
fi
echo "== installing what is missing: ${missing[*]}"
[ -n "${updated:-}" ] || "${apt[@]}" update >/dev/null

# Installing a PostgreSQL server starts one on port 5432, which nobody asked
# for and which would be in the way.
cluster=/etc/postgresql-common/createcluster.d/decoder_debezium.conf
case " ${missing[*]} " in
	*" postgresql-$version "*)
		if [ ! -e "$cluster" ]
		then
			trap '"${as_root[@]}" rm -f "$cluster"' EXIT
			"${as_root[@]}" mkdir -p "$(dirname "$cluster")"
			echo "create_main_cluster = false" | "${as_root[@]}" tee "$cluster" >/dev/null
		fi ;;
esac
log=$(mktemp)
if ! "${apt[@]}" install --no-install-recommends "${missing[@]}" >"$log" 2>&1
then
	tail -n 20 "$log" >&2
	fail "could not install packages" "The whole output of apt-get is in $log."
fi
rm -f "$log"
