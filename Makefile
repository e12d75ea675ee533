# Two commands do everything: `make image` and `make test`.

SWIFT ?= swift
STORE ?=
PLATFORM ?= linux/$(shell uname -m | sed -e s/x86_64/amd64/ -e s/aarch64/arm64/)
RECIPE ?= recipes/python.yaml
OUTPUT ?= out/$(basename $(notdir $(RECIPE)))

.PHONY: image build test lint format install clean

## Compose the Python image for this machine's architecture.
image: build
	.build/release/dhi-compose build $(RECIPE) --platform $(PLATFORM) --output $(OUTPUT) $(if $(STORE),--store $(STORE))

## Build the program in release mode.
build:
	scripts/install-dependencies.sh build
	$(SWIFT) build -c release --product dhi-compose

## Run every test.
test:
	scripts/install-dependencies.sh test
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift
	scripts/run-tests.sh

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift

format:
	$(SWIFT) format format --in-place --recursive Sources Tests Package.swift

## Install the program under PREFIX (default /usr/local).
PREFIX ?= /usr/local
install: build
	install -D -m 0755 .build/release/dhi-compose $(DESTDIR)$(PREFIX)/bin/dhi-compose

clean:
	rm -rf .build out
