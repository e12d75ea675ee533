# Two commands do everything: `make image` and `make test`.

SWIFT ?= swift
STORE ?=
PLATFORM ?= linux/$(shell uname -m | sed -e s/x86_64/amd64/ -e s/aarch64/arm64/)
RECIPE ?= recipes/python.yaml
OUTPUT ?= out/$(basename $(notdir $(RECIPE)))

# With Swift's own libraries inside, the program starts in a third of the time and runs where no Swift is installed.
# Every command that builds it in release mode takes the same options: others would build everything anew.
RELEASE = -c release $(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib)

.PHONY: help image build test judge bench tsan fuzz lint format install clean

SWIFT_FILES = Sources Tests Package.swift Benchmarks/Package.swift Benchmarks/Sources Fuzz/Package.swift Fuzz/Sources/Fuzz

## Compose the Python image for this machine's architecture.
image: build
	.build/release/dhi-compose build $(RECIPE) --platform $(PLATFORM) --output $(OUTPUT) $(if $(STORE),--store $(STORE))

## List these commands.
help:
	@awk '/^## /{text=substr($$0,4)} /^[a-z]+:/{if(text)printf "make %-8s %s\n",substr($$1,1,length($$1)-1),text;text=""}' Makefile

## Build the program in release mode.
build:
	scripts/install-dependencies.sh build
	$(SWIFT) build $(RELEASE) --product dhi-compose

## Run every test.
test:
	scripts/install-dependencies.sh test
	$(SWIFT) format lint --strict --recursive $(SWIFT_FILES)
	scripts/run-tests.sh

## Judge the resolver from outside: by a SAT solver, by shuffled indexes, beside apt, on the Packages files INDEXES.
INDEXES ?= $(wildcard ../shared/data/oracles/apt/index/bookworm-amd64/*.Packages.xz)
judge:
	@[ -n "$(INDEXES)" ] || { echo "name indexes: make judge INDEXES='main.Packages.xz security.Packages.xz'" >&2; exit 64; }
	scripts/install-dependencies.sh judge
	$(SWIFT) build $(RELEASE) --product dhi-compose
	$(SWIFT) build --package-path Benchmarks -c release --product resolve-benchmark
	scripts/check-completeness.py --packages $(INDEXES)
	scripts/check-determinism.py --packages $(INDEXES)
	Benchmarks/compare-with-apt.py --packages $(INDEXES)

## Measure everything beside what else there is, and write Benchmarks/RESULTS.md; BENCH=--quick for a look.
bench: build
	$(SWIFT) build --package-path Benchmarks -c release
	Benchmarks/run-all.py $(BENCH)

## Run the tests of all that works on several threads under ThreadSanitizer.
tsan:
	scripts/thread-sanitizer.sh

## Fuzz every parser and solver, ten minutes each.
fuzz:
	scripts/fuzz.sh

## Check the form of the Swift files.
lint:
	$(SWIFT) format lint --strict --recursive $(SWIFT_FILES)

## Put the Swift files in form.
format:
	$(SWIFT) format format --in-place --recursive $(SWIFT_FILES)

## Install the program, stripped, under PREFIX (default /usr/local).
PREFIX ?= /usr/local
install: build
	install -D -s -m 0755 .build/release/dhi-compose $(DESTDIR)$(PREFIX)/bin/dhi-compose

## Remove what building made.
clean:
	rm -rf .build out Benchmarks/.build Benchmarks/.mirrors Benchmarks/.results Fuzz/.build Fuzz/.findings
