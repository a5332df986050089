# demo.mk: "make demo", and the programs that demo and tests need.

.PHONY: demo clean-demo

DEMO_PROGRAMS = demo/embedded_broker demo/kafka_remove

# the script builds, so that it can install first what a build needs
demo:
	@MAKE='$(MAKE)' demo/demo.sh

$(DEMO_PROGRAMS): %: %.c
	$(CC) -O2 -g -Wall -Wextra $(if $(WERROR),-Werror) -o $@ $< -lrdkafka -lpthread

clean: clean-demo

clean-demo:
	rm -f $(DEMO_PROGRAMS)
