# bench.mk: "make bench", the figures of the README; see bench/README.md.
#
#	N		rows of each kind that are decoded (500000)
#	ROUNDS	times that each plugin decodes them (5), and that capture is measured (2)
#	APPLY	further arguments of bench/apply.py, such as --scale 0.1; APPLY_ROUNDS (1)
#	SCALE	tables, and partitions, of a connector that is started (1000)
#	MEMORY	rows of the transaction that waits for a broker (5000000)
#	CAPTURE	further arguments of bench/capture.py, such as --scale 0.1

.PHONY: bench clean-bench

BENCH_PROGRAMS = bench/latency bench/produce

bench: all $(BENCH_PROGRAMS)
	demo/packages.sh build demo kafka test ci
	N=$(or $(N),500000) ROUNDS=$(or $(ROUNDS),5) bench/decode.sh
	/usr/bin/python3 -B bench/capture.py --rounds $(or $(ROUNDS),2) $(CAPTURE)
	/usr/bin/python3 -B bench/apply.py --rounds $(or $(APPLY_ROUNDS),1) $(APPLY)
	/usr/bin/python3 -B bench/scale.py $(or $(SCALE),1000)
	/usr/bin/python3 -B bench/memory.py $(or $(MEMORY),5000000)

$(BENCH_PROGRAMS): %: %.c
	$(CC) -O2 -g -Wall -Wextra -D_GNU_SOURCE $(if $(WERROR),-Werror) -o $@ $< -lrdkafka

clean: clean-bench

clean-bench:
	rm -f $(BENCH_PROGRAMS)
