# The two commands: `make demo` shows Vigil at work, `make test` runs every test.
# Both first install what this machine lacks and say so.

SHELL := /bin/bash
SWIFT ?= swift
DEMO_FLAGS ?=
BENCHMARK_FLAGS ?=
PG_CONFIG ?= $(shell scripts/pg-config.sh)

.PHONY: demo test build dependencies test-swift test-extension test-page test-api differential format lint \
	benchmark-judgement benchmark-desk \
	benchmark-training torture \
	benchmark benchmark-load benchmark-graph compare-graph benchmark-models install install-program manual clean

demo: build
	$(shell $(SWIFT) build -c release --show-bin-path)/vigil demo $(DEMO_FLAGS)

# The release build is what users run; the tests run in debug.
test: dependencies lint build test-swift test-extension

dependencies:
	@scripts/install-dependencies.sh

build: dependencies
	$(SWIFT) build -c release --product vigil

test-swift: dependencies
	$(SWIFT) test

# A million random changes, each metric compared with recomputation: COUNT=... SEED=...
differential: dependencies
	VIGIL_DIFFERENTIAL_COUNT=$(or $(COUNT),1000000) VIGIL_DIFFERENTIAL_SEED=$(or $(SEED),1) \
		$(SWIFT) test --filter DifferentialTests

test-extension: dependencies
	PG_CONFIG=$(PG_CONFIG) Extension/check.sh

# The page in headless Chromium, with axe; SCREENSHOTS=folder keeps pictures.
test-page: dependencies
	scripts/install-page-tools.sh
	$(SWIFT) build --product vigil
	SCREENSHOTS=$(SCREENSHOTS) .build/page-tools/bin/python Tests/PageTests/page_test.py

# schemathesis against the REST API of a demo: EXAMPLES=100 SEED=1
test-api: dependencies
	scripts/install-page-tools.sh schemathesis
	$(SWIFT) build --product vigil
	.build/page-tools/bin/python Tests/PageTests/api_fuzz.py $(or $(EXAMPLES),30) $(or $(SEED),1)

lint: dependencies
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Plugins Benchmarks

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Plugins Benchmarks

# COMMIT to visible anomaly row, beside the bare round trip.
benchmark: dependencies
	$(SWIFT) build -c release --product vigil
	$(SWIFT) run -c release load-benchmark latency $(BENCHMARK_FLAGS)

# Vigil under load, see docs/performance.md: BENCHMARK_FLAGS="rate --edges 1000000 --per-second 1000".
benchmark-load: dependencies
	$(SWIFT) build -c release --product vigil
	$(SWIFT) run -c release load-benchmark $(BENCHMARK_FLAGS)

# One judgement in process, and a batch with the database; BENCHMARK_FLAGS="--entities 100000".
benchmark-judgement: dependencies
	$(SWIFT) run -c release judgement-benchmark $(BENCHMARK_FLAGS)

# The REST API at a steady rate and at full speed, and a thousand clients that watch; needs wrk for the second.
benchmark-desk: dependencies
	$(SWIFT) build -c release --product vigil
	SECONDS_EACH=$(or $(SECONDS_EACH),20) Benchmarks/desk/run.sh

# A full training: seconds of every stage and peak memory; BENCHMARK_FLAGS="--entities 10000".
benchmark-training: dependencies
	$(SWIFT) run -c release training-benchmark $(BENCHMARK_FLAGS)

# The graph's kernels beside igraph, NetworKit, rustworkx and graph-tool; an hour for all graphs.
benchmark-graph: dependencies
	Benchmarks/graph/run.sh $(BENCHMARK_FLAGS)

# The metrics' values beside NetworkX's and igraph's.
compare-graph: dependencies
	Benchmarks/graph/run.sh compare $(BENCHMARK_FLAGS)

# The models beside their peers from PyPI: MODELS=forest|autoencoder|stream|archive|all
benchmark-models: dependencies
	Benchmarks/models/run.sh $(or $(MODELS),all) $(BENCHMARK_FLAGS)

# Random writers, killed sidecars and servers, and a verdict: SECONDS=300 SEED=1 TORTURE_FLAGS="--disk 2048"
torture: dependencies
	$(SWIFT) build -c release --product vigil
	$(SWIFT) run -c release vigil-torture --seconds $(or $(SECONDS),300) --seed $(or $(SEED),1) $(TORTURE_FLAGS)

# The extension into this machine's PostgreSQL; needs the rights to write there.
install: dependencies
	$(MAKE) -C Extension PG_CONFIG=$(PG_CONFIG)
	$(if $(filter 0,$(shell id -u)),,sudo) $(MAKE) -C Extension install PG_CONFIG=$(PG_CONFIG)

PREFIX ?= /usr/local

# The program with its man page and the completions of bash, zsh and fish: PREFIX=... DESTDIR=...
install-program: build
	install -D -m 755 $(shell $(SWIFT) build -c release --show-bin-path)/vigil $(DESTDIR)$(PREFIX)/bin/vigil
	install -D -m 644 packaging/vigil.1 $(DESTDIR)$(PREFIX)/share/man/man1/vigil.1
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(DESTDIR)$(PREFIX)/bin/vigil --generate-completion-script bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/vigil
	$(DESTDIR)$(PREFIX)/bin/vigil --generate-completion-script zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_vigil
	$(DESTDIR)$(PREFIX)/bin/vigil --generate-completion-script fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/vigil.fish

# packaging/vigil.1 from the commands' own descriptions; a test says when it is out of date.
manual: dependencies
	$(SWIFT) build --product vigil
	$(SWIFT) build --product generate-manual
	bin=$$($(SWIFT) build --show-bin-path) && $$bin/generate-manual $$bin/vigil --date 2026-01-01 --output-directory packaging

clean:
	$(SWIFT) package clean
	$(MAKE) -C Extension clean PG_CONFIG=$(PG_CONFIG)
