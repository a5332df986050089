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

DAEMON_LIBS = $(DAEMON_TOP)common/libcommon.a \
	-L$(shell $(PG_CONFIG) --pkglibdir) -L$(shell $(PG_CONFIG) --libdir) \
	-lpgcommon -lpgport -lpq \
	$(shell $(PKG_CONFIG) --libs rdkafka libmicrohttpd libcrypto) -lcjson -lpthread -lm

%.o: %.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
