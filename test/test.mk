# test.mk: "make test", all tests on throw-away servers; see test/README.md.

.PHONY: test

# Installs what is missing first, says so, and builds.  Java, for a real Kafka,
# is only asked for by REQUIRE_KAFKA=1; without it the embedded broker serves.
test:
	@demo/packages.sh build demo test $(if $(REQUIRE_KAFKA),kafka)
	@$(MAKE) -s all demo/embedded_broker
	@MAKE='$(MAKE)' test/run.sh $(PYTEST_ARGUMENTS)

.PHONY: docs

# Writes what docs/plugin.md takes from the plugin itself, and docs/flink-functions.md.
docs:
	@demo/packages.sh build demo test
	@$(MAKE) -s all
	@/usr/bin/python3 -B test/lib/plugin_docs.py
	@/usr/bin/python3 -B test/lib/flink.py page

.PHONY: record-flink

# Asks real Flink for what test/flink/expressions.txt has and recorded.tsv has not; fetches Flink first.
record-flink:
	@/usr/bin/python3 -B test/flink/record.py

.PHONY: fuzz

# Random events and scripts for the applier's readers: make fuzz SECONDS=600
fuzz:
	@demo/packages.sh build fuzz
	@$(MAKE) -s -C test/fuzz fuzz SECONDS=$(or $(SECONDS),60)

.PHONY: test-faults test-faults-applier

# Random faults, see test/faults/README.md: make test-faults RUNS=200 SEED=1 BROKERS=3 EXACTLY_ONCE=enabled
test-faults:
	@demo/packages.sh build demo test kafka
	@$(MAKE) -s all
	@/usr/bin/python3 -B test/faults/run.py --brokers $(or $(BROKERS),1) --exactly-once $(or $(EXACTLY_ONCE),disabled) $(or $(RUNS),10) $(or $(SEED),1)

# The same for the applier: make test-faults-applier RUNS=200 SEED=1 PARTITIONS=16 REPLICAS=3
test-faults-applier:
	@demo/packages.sh build demo test kafka
	@$(MAKE) -s all
	@/usr/bin/python3 -B test/faults/applier.py $(if $(PARTITIONS),--partitions $(PARTITIONS)) $(if $(REPLICAS),--replicas $(REPLICAS)) $(or $(RUNS),10) $(or $(SEED),1)

.PHONY: test-docker

# The stack of docker/ on a real engine, see test/docker/README.md.  Not part of
# "make test", since it takes minutes, an engine and the ports of the stack.
test-docker:
	@demo/packages.sh test
	@test/docker/run.sh $(PYTEST_ARGUMENTS)
