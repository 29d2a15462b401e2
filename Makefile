# The only entry point. Each target sets up what it needs; what is done already is skipped.

.DEFAULT_GOAL := help
.PHONY: help demo test build check docs bench soak packages codegen release-check clean setup

help: ## What there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## Start a local Cloud API and send messages to it from Python, Node, PHP and Rust
	@scripts/demo.sh

test: build ## Run every test: Rust, Python, Node, PHP, and all of them end to end
	@scripts/test.sh

build: setup ## Build the Python wheel, the Node addon, the PHP extension and the wacloud binary
	@scripts/build.sh

check: setup ## Formatting, lints, types, documentation, generated files, licences, a minute of fuzzing
	@scripts/check.sh

docs: ## Build the documentation site into target/site, and check its links (needs Python 3.11 or later, and nothing else)
	@scripts/docs.sh

bench: build ## Measure cost, start and pace of each language, beside other clients, on this machine
	@scripts/bench.sh

soak: build ## Kill campaigns 200 times in each language; fuzz what reads what others send, ten minutes for each reader
	@scripts/test-crash.sh 200
	@scripts/fuzz.sh 600

packages: build ## Make the packages of every language, and try each in an empty directory
	@scripts/test-packages.sh

codegen: setup ## Write the typed classes of all languages from the core's manifest
	@scripts/codegen.sh

release-check: setup ## Whether this commit can be released: versions, changelog, what changed for whom, crates as published
	@scripts/release-check.sh

clean: ## Remove everything that was built or installed here
	@scripts/clean.sh

setup:
	@scripts/setup.sh
