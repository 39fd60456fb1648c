# A thin door to CMake: every target installs what it needs first and is silent when it is there.
SHELL := /bin/bash
REPO ?= .
SERVE ?=
PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: deps web build run test bench fuzz check install clean

deps:
	@scripts/deps.sh

web: deps
	@scripts/web.sh build

build: deps
	@scripts/web.sh build || echo "weir: the program gets a page that says how to build the pages (make web)"
	@cmake --preset release >build.log 2>&1 || { cat build.log; exit 2; }
	@rm -f build.log
	@cmake --build --preset release --target weir man
	@ln -sf release/weir build/weir

run: build
	@scripts/run.sh "$(REPO)" "$(SERVE)"

test: deps
	@scripts/test.sh

bench: build
	@scripts/bench.sh

fuzz: deps
	@scripts/fuzz.sh

check: deps
	@scripts/check.sh

install: build
	@DESTDIR="$(DESTDIR)" cmake --install build/release --prefix "$(PREFIX)"

clean:
	rm -rf build
