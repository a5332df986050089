# bench.mk: "make bench", the figures of the README; see bench/README.md.
#
#	N		rows of each kind that are decoded (500000)
#	ROUNDS	times that each plugin decodes them (5)
#	PATH_N	rows of each kind that go the whole path (300000)

.PHONY: bench

bench: all
	demo/packages.sh build demo kafka test ci
	N=$(or $(N),500000) ROUNDS=$(or $(ROUNDS),5) bench/decode.sh
	/usr/bin/python3 -B bench/path.py $(or $(PATH_N),300000)
