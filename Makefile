# The front door. Everything here works on a fresh Debian 12 with git, make and
# a compiler; what else is needed is installed first.

.PHONY: help run test build bench format fuzz tidy clean packages

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | \
	  awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: build ## watch CMD (default: all simulated attacks) and print its alerts
	@scripts/run $(CMD)

test: packages ## build and run all tests
	@scripts/test

build: packages ## release binaries in build/release/bin
	@scripts/build release

bench: build ## benchmarks; each prints a table of ratios
	@scripts/bench

format: packages ## format all C++ in place
	@git ls-files '*.h' '*.cc' | xargs clang-format-14 -i

fuzz: packages ## run each fuzz target for a short while
	@scripts/fuzz

tidy: packages ## clang-tidy over everything
	@dpkg -s clang-tidy-14 >/dev/null 2>&1 || apt-get -qq install -y clang-tidy-14
	@scripts/build tidy

clean: ## delete what was built
	rm -rf build

packages:
	@scripts/install-packages
