# daemon.mk: how common/, bridge/, applier/ and their unit tests are compiled
#
# Ours and not PGXS: PGXS would add the server's flags and libraries to
# programs.  Everything comes from pg_config and pkg-config all the same.
# WERROR=1 turns warnings into errors, ASSERTS=1 compiles the assertions in,
# SANITIZE=address,undefined the sanitizers.  A PostgreSQL built by gcc makes
# pg_attribute_printf() an attribute that clang passes over with a warning.

PG_CONFIG ?= pg_config
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
DAEMON_TOP := $(dir $(lastword $(MAKEFILE_LIST)))

override CPPFLAGS += -D_GNU_SOURCE -DFRONTEND -I$(DAEMON_TOP)common \
	$(if $(ASSERTS),-DUSE_ASSERT_CHECKING=1) \
	-isystem $(shell $(PG_CONFIG) --includedir-server) \
	-isystem $(shell $(PG_CONFIG) --pkgincludedir)/internal \
	-isystem $(shell $(PG_CONFIG) --includedir) \
	$(shell $(PKG_CONFIG) --cflags rdkafka libmicrohttpd)

override CFLAGS += -std=gnu99 -fno-strict-aliasing -fwrapv -Wall -Wextra \
	-Wmissing-prototypes -Wpointer-arith -Wvla -Wformat-security \
	$(if $(findstring clang,$(CC)),-Wno-ignored-attributes) \
	$(if $(WERROR),-Werror) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=undefined)

# A library that is loaded takes memory in each process even where nothing of
# it is called, so a supervisor is linked to what HTTP needs, and a worker to
# what PostgreSQL and Kafka need.  A supervisor takes PQExpBuffer out of
# libpq's archive; where there is none it takes the library.
LIBRARY_PATH_FLAGS = -L$(shell $(PG_CONFIG) --pkglibdir) -L$(shell $(PG_CONFIG) --libdir)
LIBPQ_ARCHIVE = $(firstword $(wildcard $(shell $(PG_CONFIG) --libdir)/libpq.a) -lpq)

SUPERVISOR_LIBS = $(DAEMON_TOP)common/libcommon.a $(LIBRARY_PATH_FLAGS) \
	$(LIBPQ_ARCHIVE) -lpgcommon -lpgport \
	$(shell $(PKG_CONFIG) --libs libmicrohttpd) -lcjson -lm
WORKER_LIBS = $(DAEMON_TOP)common/libcommon.a $(LIBRARY_PATH_FLAGS) \
	-lpgcommon -lpgport -lpq \
	$(shell $(PKG_CONFIG) --libs rdkafka libcrypto) -lcjson -lpthread -lm
# of programs that are none of the two
DAEMON_LIBS = $(WORKER_LIBS) $(shell $(PKG_CONFIG) --libs libmicrohttpd)

%.o: %.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
