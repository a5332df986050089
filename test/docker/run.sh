#!/bin/bash
# run.sh [PYTEST'S ARGUMENTS]: the stack of docker/compose.yaml on a real
# engine, for "make test-docker"; see test/docker/README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/decoder_debezium
debian=debian:trixie-slim
zookeeper=$(sed -n 's/.*ZOOKEEPER_IMAGE:-\(apache[^}]*\)}.*/\1/p' "$top/docker/compose.yaml")
kafka=$(sed -n 's/.*KAFKA_IMAGE:-\(apache[^}]*\)}.*/\1/p' "$top/docker/compose.yaml")
work=$(mktemp -d "${TMPDIR:-/tmp}/decoder_debezium_docker.XXXXXX")
engine=

say()
{
	echo "== $*"
}

fail()
{
	echo "run.sh: $1" >&2
	exit 1
}

cleanup()
{
	if [ -n "$engine" ]
	then
		kill "$engine" 2>/dev/null && wait "$engine" || true
	fi
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The engine that is there, or one of our own, whose images and build cache
# are kept for the next run.
engine_find()
{
	local i

	! docker info >/dev/null 2>&1 || return 0
	[ "$(id -u)" -eq 0 ] || fail "no Docker engine answers, and only root can start one"
	"$top/demo/packages.sh" docker
	say "starting a Docker engine in $cache/docker"
	mkdir -p "$cache/docker"
	export DOCKER_HOST=unix://$work/docker.sock
	dockerd --host "$DOCKER_HOST" --data-root "$cache/docker" --exec-root "$work/exec" \
		--pidfile "$work/docker.pid" ${STORAGE_DRIVER:+--storage-driver "$STORAGE_DRIVER"} >"$work/docker.log" 2>&1 &
	engine=$!
	for ((i = 0; i < 300; i++))
	do
		! docker info >/dev/null 2>&1 || return 0
		kill -0 "$engine" 2>/dev/null || break
		sleep 0.1
	done
	tail -n 20 "$work/docker.log" >&2
	fail "the Docker engine did not start"
}

# Runs a command in a system of Debian that is made for it once.
debian_make()
{
	[ ! -d "$cache/trixie" ] || return 0
	[ "$(id -u)" -eq 0 ] || fail "only root can make a Debian by debootstrap"
	"$top/demo/packages.sh" docker
	say "making a Debian by debootstrap"
	rm -rf "$cache/trixie.new"
	debootstrap --variant=minbase trixie "$cache/trixie.new" >"$work/debootstrap.log" 2>&1 || {
		tail -n 5 "$work/debootstrap.log" >&2
		fail "debootstrap failed"
	}
	mv -T "$cache/trixie.new" "$cache/trixie"
}

# "docker compose" is a plugin, which not every release of Debian has; the
# one of Debian 13 needs nothing but a C library.
compose_find()
{
	! docker compose version >/dev/null 2>&1 || return 0
	if [ ! -x "$cache/docker-config/cli-plugins/docker-compose" ]
	then
		debian_make
		say "fetching docker compose from Debian 13"
		chroot "$cache/trixie" sh -ec 'cd /tmp; apt-get -q update; apt-get -q download docker-compose docker-buildx' \
			>"$work/compose.log" 2>&1 || fail "could not fetch docker compose: $(tail -n 1 "$work/compose.log")"
		mkdir -p "$cache/docker-config/cli-plugins"
		for package in "$cache"/trixie/tmp/docker-*.deb
		do
			dpkg -x "$package" "$work/package"
		done
		cp "$work"/package/usr/libexec/docker/cli-plugins/* "$cache/docker-config/cli-plugins"
		rm -f "$cache"/trixie/tmp/docker-*.deb
	fi
	export DOCKER_CONFIG=$cache/docker-config
}

# PULL=no: nothing is asked of a registry.
has_image()
{
	docker image inspect "$1" >/dev/null 2>&1 ||
		{ [ "${PULL:-yes}" != no ] && docker pull -q "$1" >/dev/null 2>&1; }
}

# Debian as its slim images are: no documentation, no caches of apt.
debian_import()
{
	local root=$work/debian

	debian_make
	say "making $debian of it, as it cannot be pulled"
	cp -a "$cache/trixie" "$root"
	rm -rf "$root"/usr/share/{doc,man,info,locale}/* "$root"/usr/share/lintian \
		"$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/log/*.log "$root"/var/log/apt/*
	cat >"$root/etc/dpkg/dpkg.cfg.d/docker" <<-'END'
		force-unsafe-io
		path-exclude /usr/share/doc/*
		path-include /usr/share/doc/*/copyright
		path-exclude /usr/share/man/*
		path-exclude /usr/share/info/*
		path-exclude /usr/share/locale/*
		path-exclude /usr/share/lintian/*
	END
	cat >"$root/etc/apt/apt.conf.d/docker" <<-'END'
		DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
		APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
		Dir::Cache::pkgcache "";
		Dir::Cache::srcpkgcache "";
		Acquire::Languages "none";
		Acquire::GzipIndexes "true";
	END
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod +x "$root/usr/sbin/policy-rc.d"
	tar -C "$root" --one-file-system --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' -c . |
		docker import -c 'CMD ["bash"]' - "$debian" >/dev/null
	rm -rf "$root"
}

# kafka_build DIRECTORY-WITH-JARS TAG
kafka_build()
{
	say "building a stand-in for $2, as it cannot be pulled"
	mkdir -p "$work/kafka"
	cp -r "$here/kafka/." "$work/kafka"
	rm -rf "$work/kafka/libs"
	cp -r "$1" "$work/kafka/libs"
	docker build -q -t "$2" "$work/kafka" >/dev/null
}

# The jars of another version than the demo's.
kafka_jars_of()
{
	local jars=$cache/kafka-$1

	if [ ! -d "$jars" ]
	then
		mkdir -p "$work/pom"
		sed "/org.apache.kafka/s|<version>.*</version>|<version>$1</version>|" "$top/demo/kafka.pom.xml" >"$work/pom/pom.xml"
		mvn -q -B dependency:copy-dependencies -f "$work/pom/pom.xml" -DoutputDirectory="$work/pom/jars" >&2
		mv -T "$work/pom/jars" "$jars"
	fi
	echo "$jars"
}

engine_find
compose_find
has_image "$debian" || debian_import
if ! has_image "$kafka"
then
	export KAFKA_IMAGE=decoder-debezium-test/kafka:${kafka#*:}
	"$top/demo/packages.sh" kafka
	kafka_build "$("$top/demo/kafka_jars.sh")" "$KAFKA_IMAGE"
fi
# the last Kafka with ZooKeeper, of the profile of this name
if ! has_image "$zookeeper"
then
	export ZOOKEEPER_IMAGE=decoder-debezium-test/kafka:${zookeeper#*:}
	"$top/demo/packages.sh" kafka
	kafka_build "$(kafka_jars_of "${zookeeper#*:}")" "$ZOOKEEPER_IMAGE"
fi
# the checkout, without what is not of it, so that a test may change files
mkdir "$work/checkout"
(cd "$top" && git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -T - -c) |
	tar -x -C "$work/checkout"
export CHECKOUT=$work/checkout
status=0
/usr/bin/python3 -B -m pytest -q -p no:cacheprovider "$here" "$@" || status=$?
exit $status
