# decoder_debezium: the output plugin, built by PGXS, and the two programs

MODULE_big = decoder_debezium
OBJS = \
	decoder_array.o \
	decoder_bytes.o \
	decoder_cache.o \
	decoder_catalog.o \
	decoder_config.o \
	decoder_convert.o \
	decoder_cork.o \
	decoder_debezium.o \
	decoder_decimal.o \
	decoder_default.o \
	decoder_encoding.o \
	decoder_envelope.o \
	decoder_extension.o \
	decoder_failure.o \
	decoder_filter.o \
	decoder_geometry.o \
	decoder_guard.o \
	decoder_hashmap.o \
	decoder_hstore.o \
	decoder_interval.o \
	decoder_json.o \
	decoder_mask.o \
	decoder_message.o \
	decoder_money.o \
	decoder_name.o \
	decoder_option_table.o \
	decoder_options.o \
	decoder_output.o \
	decoder_pattern.o \
	decoder_postgis.o \
	decoder_print.o \
	decoder_publication.o \
	decoder_record.o \
	decoder_regex.o \
	decoder_relation.o \
	decoder_schema.o \
	decoder_snapshot.o decoder_snapshot_rows.o \
	decoder_source.o \
	decoder_source_type.o \
	decoder_text.o \
	decoder_time.o \
	decoder_time_literal.o \
	decoder_time_struct.o \
	decoder_transaction.o \
	decoder_transform.o \
	decoder_transform_config.o \
	decoder_transform_fields.o \
	decoder_transform_headers.o \
	decoder_transform_json.o \
	decoder_transform_outbox.o \
	decoder_transform_partition.o \
	decoder_transform_predicate.o \
	decoder_transform_route.o \
	decoder_transform_snapshot.o \
	decoder_transform_time.o \
	decoder_transform_timezone.o \
	decoder_transform_unwrap.o \
	decoder_transform_values.o \
	decoder_type.o \
	decoder_unknown.o \
	decoder_value.o \
	decoder_vector.o
PRIVATE_HEADERS = $(wildcard decoder_*.h)
PGFILEDESC = "decoder_debezium - Debezium change events from logical decoding"

EXTENSION = decoder_debezium
DATA = decoder_debezium--1.0.sql

# one file for each behaviour; extensions that are not PostgreSQL's own are
# tested where they are installed
EXTENSIONS = $(shell $(PG_CONFIG) --sharedir)/extension
NOT_INSTALLED = $(if $(wildcard $(EXTENSIONS)/vector.control),,pgvector) \
	$(if $(wildcard $(EXTENSIONS)/postgis.control),,postgis)
REGRESS = init $(filter-out init $(NOT_INSTALLED),$(sort $(patsubst sql/%.sql,%,$(wildcard sql/*.sql))))
ISOLATION = $(sort $(patsubst test/specs/%.spec,%,$(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=$(srcdir)/test

# the version in events is the extension's
DECODER_VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" decoder_debezium.control)

# PostgreSQL's own headers and callbacks need the three exceptions
PG_CPPFLAGS = -DDECODER_VERSION='"$(DECODER_VERSION)"'
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers
# clang does not know all flags that a server built by gcc passes on
PG_CFLAGS += $(if $(findstring clang,$(CC)),-Wno-unknown-warning-option -Wno-ignored-optimization-argument -Wno-ignored-attributes)
ifdef WERROR
PG_CFLAGS += -Werror
endif
SHLIB_LINK = -lpcre2-8 -lcrypto

PG_CONFIG = pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(OBJS): $(PRIVATE_HEADERS)
decoder_debezium.o decoder_envelope.o: decoder_debezium.control

# The programs; "make PROGRAMS=" builds or installs the plugin alone.
PROGRAMS = $(patsubst %/Makefile,%,$(wildcard $(addsuffix /Makefile,common bridge applier demo)))

.PHONY: programs install-programs uninstall-programs clean-programs indent check-plugin

all: programs
install: install-programs
uninstall: uninstall-programs
clean: clean-programs
bridge-programs applier-programs demo-programs: $(filter common-programs,$(addsuffix -programs,$(PROGRAMS)))

programs: $(addsuffix -programs,$(PROGRAMS))
%-programs:
	$(MAKE) -C $* all PG_CONFIG='$(PG_CONFIG)' WERROR='$(WERROR)'

install-programs uninstall-programs clean-programs:
	@set -e; for program in $(PROGRAMS); do \
		$(MAKE) -C $$program $(@:-programs=) PG_CONFIG='$(PG_CONFIG)' DESTDIR='$(DESTDIR)'; \
	done

# Test the plugin on a throw-away server with this build; installs nothing.
check-plugin: $(shlib)
	PG_CONFIG='$(PG_CONFIG)' REGRESS='$(REGRESS)' ISOLATION='$(ISOLATION)' \
		test/check_plugin.sh

# Format all C files as PostgreSQL's are.  A return type on a line of its own is
# put back together, as PostgreSQL's own wrapper of the formatter does.
indent:
	git ls-files '*.[ch]' | while read -r file; do \
		pg_bsd_indent -bad -bap -bbb -bc -bl -cli1 -cp33 -cdb -nce -d0 \
			-di12 -nfc1 -i4 -l79 -lp -lpl -nip -npro -sac -tpg -ts4 \
			-Utypedefs.list < "$$file" | \
			sed -E 's/^([A-Za-z_][A-Za-z_0-9 ]*[A-Za-z_0-9])[ \t]+\*$$/\1 */' > "$$file.tmp" && \
		cat "$$file.tmp" > "$$file"; rm -f "$$file.tmp"; \
	done

-include test/test.mk demo/demo.mk bench/bench.mk
