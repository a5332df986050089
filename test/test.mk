# test.mk: "make test", all tests on throw-away servers; see test/README.md.

.PHONY: test

test: all demo/embedded_broker
	@MAKE='$(MAKE)' test/run.sh $(PYTEST_ARGUMENTS)
