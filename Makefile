# The commands of this project. `make` alone lists them; CMake does the work.
#
#   JOBS=N            parallel jobs (default: one for each processor)
#   CXX=clang++       another compiler, in a build folder of its own
#   WERROR=ON         warnings are errors (default when CI is set)
#   PREFIX=/some/path where `make install` puts things
#   BENCH_ARGS="..."  arguments for the benchmark (test/bench/README.md)
#   SOAK_DIALS=N      dials of `make soak` (a million)
#   FUZZ_SECONDS=N    how long each target is fuzzed (fuzz-short: 15, fuzz: 3600)
#   FUZZ_TARGETS=...  which targets (default: all; build-clang/test/fuzz/fuzz_corpora --list)

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

JOBS ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
PREFIX ?= /usr/local
SOAK_DIALS ?= 1000000
CI ?=
WERROR ?= $(if $(CI),ON,OFF)
CMAKE ?= cmake
CTEST ?= ctest

# The release tree is build/; a compiler named on the command line gets build-<compiler>/ beside it.
BUILD := build
COMPILER :=
ifeq ($(origin CXX),command line)
COMPILER := -DCMAKE_CXX_COMPILER=$(CXX)
ifeq ($(filter g++ c++,$(notdir $(CXX))),)
BUILD := build-$(notdir $(CXX))
endif
endif

SETUP := third_party/setup.sh
BENCH := python3 test/bench
CONFIGURE := CMAKE="$(CMAKE)" third_party/configure.sh
# The tests are most of the code, and compiling them takes most of the time: they go without the optimizer. With
# sanitizers the headers are precompiled too, and lines are all that is kept for the debugger.
SANITIZED := -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS=-O1 -DCMAKE_CXX_FLAGS_DEBUG=-g1 -DUVDIAL_TESTS=ON \
  -DUVDIAL_BENCHMARKS=OFF -DUVDIAL_PRECOMPILE=ON -DUVDIAL_TEST_FLAGS=-O0
CLANG_SANITIZED := $(SANITIZED) -DUVDIAL_SANITIZE=address,undefined -DUVDIAL_WERROR=ON -DUVDIAL_FUZZ=ON \
  -DCMAKE_CXX_COMPILER=clang++
RUN_TESTS := --output-on-failure --no-tests=error -j $(JOBS)

.PHONY: help build demo test asan clang fuzz fuzz-short fuzz-coverage coverage format format-check tidy cppcheck \
  floors headers include-cost docs pictures guide-pictures bench bench-check bench-charts install installed deb deb-check clean \
  full tsan threads soak valgrind newest new-user

help: ## list these commands
	@echo "make COMMAND [JOBS=N] [CXX=clang++] [WERROR=ON] [PREFIX=/path]"
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  %-15s %s\n", $$1, $$2 }'

build: ## build libraries, programs and benchmarks into build/ (Release)
	@$(SETUP) build
	@$(CONFIGURE) $(BUILD) -DUVDIAL_TESTS=AUTO -DUVDIAL_WERROR=$(WERROR) $(COMPILER)
	@$(CMAKE) --build $(BUILD) --parallel $(JOBS) --target uvdial_product

demo: build ## build, then run build/bin/uvdial-demo: no network, no root
	@$(BUILD)/bin/uvdial-demo

# Tests are switched on in the same build/ that `make build` uses, so nothing is compiled twice.
test: ## build and run all tests
	@$(SETUP) test
	@$(CONFIGURE) $(BUILD) -DUVDIAL_TESTS=ON -DUVDIAL_TEST_FLAGS=-O0 -DUVDIAL_WERROR=$(WERROR) $(COMPILER)
	@$(CMAKE) --build $(BUILD) --parallel $(JOBS)
	@cd $(BUILD) && $(CTEST) $(RUN_TESTS)

asan: ## all tests with g++, AddressSanitizer and UndefinedBehaviorSanitizer, in build-asan/
	@$(SETUP) test
	@$(CONFIGURE) build-asan $(SANITIZED) \
	  -DUVDIAL_SANITIZE=address,undefined -DUVDIAL_WERROR=ON
	@$(CMAKE) --build build-asan --parallel $(JOBS)
	@cd build-asan && $(CTEST) $(RUN_TESTS)

clang: ## the same with clang++, in build-clang/
	@$(SETUP) ci
	@$(CONFIGURE) build-clang $(CLANG_SANITIZED)
	@$(CMAKE) --build build-clang --parallel $(JOBS)
	@cd build-clang && $(CTEST) $(RUN_TESTS)

# The programs are those of `make clang`.
fuzz-short: FUZZ_SECONDS ?= 15
fuzz-short: ## fuzz each target for 15 seconds, with clang++ and both sanitizers, in build-clang/
	@$(SETUP) ci
	@$(CONFIGURE) build-clang $(CLANG_SANITIZED)
	@$(CMAKE) --build build-clang --parallel $(JOBS) --target uvdial_fuzz
	@JOBS=$(JOBS) test/fuzz/run.sh build-clang $(FUZZ_SECONDS) $(FUZZ_TARGETS)

fuzz: FUZZ_SECONDS ?= 3600
fuzz: fuzz-short ## the same for an hour each

fuzz-coverage: ## what the seeds, and what fuzzing has found in build-clang/, reach of the files that each target is for
	@$(SETUP) fuzz
	@$(CONFIGURE) build-fuzz-coverage -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_CXX_FLAGS=-O1 -fprofile-instr-generate -fcoverage-mapping" \
	  -DUVDIAL_TESTS=ON -DUVDIAL_BENCHMARKS=OFF -DCMAKE_CXX_COMPILER=clang++
	@$(CMAKE) --build build-fuzz-coverage --parallel $(JOBS) --target fuzz_corpora
	@test/fuzz/coverage.sh build-fuzz-coverage build-clang/fuzz $(FUZZ_TARGETS)

coverage: ## run the tests with gcov in build-coverage/ and print the coverage of each file
	@$(SETUP) test
	@$(CONFIGURE) build-coverage -DCMAKE_BUILD_TYPE=Debug -DUVDIAL_TESTS=ON -DUVDIAL_COVERAGE=ON \
	  -DCMAKE_CXX_COMPILER=g++
	@$(CMAKE) --build build-coverage --parallel $(JOBS)
	@find build-coverage -name '*.gcda' -exec rm -f {} +
	@cd build-coverage && $(CTEST) $(RUN_TESTS)
	@test/support/coverage.sh build-coverage

format: ## put all sources into the layout of .clang-format
	@$(SETUP) ci
	@test/support/format.sh -i

format-check: ## say which sources are not in that layout
	@$(SETUP) ci
	@test/support/format.sh --dry-run

tidy: ## run clang-tidy over src/
	@$(SETUP) ci
	@$(CONFIGURE) $(BUILD) -DUVDIAL_TESTS=AUTO -DUVDIAL_WERROR=$(WERROR) $(COMPILER)
	@test/support/tidy.sh $(BUILD) $(JOBS)

cppcheck: ## run cppcheck over include/ and src/
	@$(SETUP) ci
	@test/support/cppcheck.sh $(JOBS)

floors: ## prove that no file includes a higher floor, and the other rules of the source tree
	@test/support/check_floors.sh

headers: ## compile each public header alone, both compilers, C++20 and C++23, without RTTI too; no macros leak
	@$(SETUP) ci
	@test/support/check_headers.sh $(JOBS)

include-cost: ## milliseconds and lines that each public header costs its user, with both compilers
	@$(SETUP) ci
	@test/support/include_cost.sh

docs: ## the guide and the API reference as HTML, build-docs/html/index.html; fails where a docstring is missing
	@$(SETUP) docs
	@src/guide/docs.sh build-docs

bench: ## dials side by side with other libraries: tables, ratios, targets (BENCH_ARGS=--quick for a first look)
	@$(SETUP) bench
	@$(CONFIGURE) $(BUILD) -DUVDIAL_TESTS=AUTO -DUVDIAL_WERROR=$(WERROR) $(COMPILER)
	@$(CMAKE) --build $(BUILD) --parallel $(JOBS) --target uvdial_product uvdial_peers
	@$(BENCH)/compare.py --bin $(BUILD)/bin --out $(BUILD)/bench $(BENCH_ARGS)
	@$(BENCH)/charts.py --results $(BUILD)/bench/results.json --out $(BUILD)/bench

bench-check: ## which targets the last `make bench` has met; fails where one falls short
	@$(BENCH)/targets.py $(BUILD)/bench/results.json

bench-charts: ## the charts of the last `make bench`, into test/bench/charts/
	@mkdir -p test/bench/charts
	@$(BENCH)/charts.py --results $(BUILD)/bench/results.json --out test/bench/charts

pictures: ## draw dials of every kind with --svg and look at them in headless Chromium, in a light and a dark scheme
	@$(SETUP) pictures
	@$(CONFIGURE) $(BUILD) -DUVDIAL_TESTS=ON -DUVDIAL_TEST_FLAGS=-O0 -DUVDIAL_WERROR=$(WERROR) $(COMPILER)
	@$(CMAKE) --build $(BUILD) --parallel $(JOBS) --target uvdial_scenes
	@test/pictures/check.sh $(BUILD)

guide-pictures: ## the pictures of the guide, drawn by the program itself, into src/guide/pictures/
	@$(SETUP) test
	@$(CONFIGURE) $(BUILD) -DUVDIAL_TESTS=ON -DUVDIAL_TEST_FLAGS=-O0 -DUVDIAL_WERROR=$(WERROR) $(COMPILER)
	@$(CMAKE) --build $(BUILD) --parallel $(JOBS) --target uvdial_scenes
	@$(BUILD)/bin/scenes src/guide/pictures --guide

install: ## build what is installed, then install it to PREFIX (default /usr/local)
	@$(SETUP) build
	@$(CONFIGURE) $(BUILD) -DUVDIAL_TESTS=AUTO -DUVDIAL_WERROR=$(WERROR) $(COMPILER)
	@$(CMAKE) --build $(BUILD) --parallel $(JOBS) --target uvdial_installed
	@$(CMAKE) --install $(BUILD) --prefix "$(PREFIX)"
	@if [ "$$(id -u)" = 0 ] && [ -z "$$DESTDIR" ] && command -v ldconfig >/dev/null; then ldconfig; fi

installed: build ## install into a folder of its own, build and run programs with what is found there, and with the sources
	@$(if $(COMPILER),CXX="$(CXX)") test/support/check_installed.sh $(BUILD)
	@$(if $(COMPILER),CXX="$(CXX)") JOBS=$(JOBS) test/support/check_embedded.sh

deb: ## Debian packages of this machine's release, into build-deb/
	@$(SETUP) deb
	@$(CONFIGURE) build-deb -DCMAKE_INSTALL_PREFIX=/usr -DUVDIAL_DEBIAN=ON -DUVDIAL_TESTS=OFF \
	  -DUVDIAL_BENCHMARKS=OFF -DUVDIAL_WERROR=$(WERROR)
	@$(CMAKE) --build build-deb --parallel $(JOBS) --target uvdial_installed
	@rm -f build-deb/*.deb
	@cd build-deb && cpack -G DEB >cpack.log 2>&1 || { cat cpack.log >&2; exit 1; }
	@ls build-deb/*.deb

deb-check: deb ## install these packages in a clean root, use them, remove them (root only)
	@test/support/check_packages.sh build-deb

new-user: ## follow README.md from an empty root to a program of one's own, and time each step (root only)
	@test/support/new_user.sh

full: headers asan tsan valgrind newest deb-check new-user ## the slow checks, one after the other

newest: ## all tests in a root of the current stable Debian, with its newer libraries (root only; SUITE=sid for others)
	@test/support/newest.sh $(SUITE)

tsan: ## all tests under ThreadSanitizer, in build-tsan/
	@$(SETUP) full
	@$(CONFIGURE) build-tsan -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS=-O1 -DUVDIAL_TESTS=ON \
	  -DUVDIAL_SANITIZE=thread -DUVDIAL_WERROR=ON -DUVDIAL_TEST_TIMEOUT=240
	@$(CMAKE) --build build-tsan --parallel $(JOBS)
	@cd build-tsan && if setarch "$$(uname -m)" -R true 2>/dev/null; \
	  then setarch "$$(uname -m)" -R $(CTEST) $(RUN_TESTS); else $(CTEST) $(RUN_TESTS); fi

# What two threads may not share shows in one program. It needs no optimizer: it is compiled for the most part.
threads: ## two loops in two threads under ThreadSanitizer, in build-threads/
	@$(SETUP) test
	@$(CONFIGURE) build-threads -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS=-O0 -DCMAKE_CXX_FLAGS_DEBUG=-g1 \
	  -DUVDIAL_TESTS=ON -DUVDIAL_BENCHMARKS=OFF -DUVDIAL_PRECOMPILE=ON -DUVDIAL_SANITIZE=thread -DUVDIAL_WERROR=ON
	@$(CMAKE) --build build-threads --parallel $(JOBS) --target loop_torture_threads_test
	@cd build-threads && if setarch "$$(uname -m)" -R true 2>/dev/null; \
	  then setarch "$$(uname -m)" -R $(CTEST) $(RUN_TESTS) -R '^loop.torture_threads$$'; \
	  else $(CTEST) $(RUN_TESTS) -R '^loop.torture_threads$$'; fi

soak: ## SOAK_DIALS dials (a million) against peers and servers that fail in every way; nothing may be lost or left
	@$(SETUP) test
	@$(CONFIGURE) $(BUILD) -DUVDIAL_TESTS=ON -DUVDIAL_WERROR=$(WERROR) $(COMPILER)
	@$(CMAKE) --build $(BUILD) --parallel $(JOBS) --target uvdial_soak
	@$(BUILD)/bin/soak $(SOAK_DIALS)

# "nouserintercepts" leaves a test its own operator new.
valgrind: ## the tests of the library under valgrind, in build-valgrind/
	@$(SETUP) full
	@$(CONFIGURE) build-valgrind -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS=-O1 -DUVDIAL_TESTS=ON \
	  -DUVDIAL_TEST_TIMEOUT=600 \
	  "-DUVDIAL_TEST_LAUNCHER=valgrind;--quiet;--error-exitcode=99;--leak-check=full;--soname-synonyms=somalloc=nouserintercepts;--errors-for-leak-kinds=definite"
	@$(CMAKE) --build build-valgrind --parallel $(JOBS)
	@cd build-valgrind && $(CTEST) $(RUN_TESTS) -L '^(unit|loop)$$'

clean: ## remove the build folders
	@rm -rf build build-*/
