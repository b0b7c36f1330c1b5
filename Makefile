# What people and CI type. Every target does the set-up it needs by itself and says so.

PYTHON ?= /usr/bin/python3
SYSTEM ?= install
EVALS ?= $(if $(FILE),intent,intent edits search questions errors)
WORKERS ?= auto
TESTS ?= tests
SECONDS ?= 600
CLIENTS ?= 50
PREFIX ?= /usr/local

run := .venv/bin/python
code := daemon clients tests setup

.DEFAULT_GOAL := help
.PHONY: help setup system environment sandbox encoder demo test test-machine test-faults test-fuzz soak test-module lint formatting format types contracts \
  check bench bench-search bench-intents eval completions manuals install deb lock clean

help: ## what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: setup ## the main job on a real build in a throw-away machine, as a dialogue
	@$(run) -m luminous_sandbox.demo

test: setup encoder ## all tests (one file: make test TESTS=tests/unit/test_house_rules.py)
	@mkdir -p build
	@$(run) -m pytest -n $(WORKERS) --dist loadfile --junit-xml=build/test.xml $(TESTS)

test-fuzz: setup ## hostile messages for the daemon, a part of make test (SEED=7 MESSAGES=200000 make test-fuzz)
	@mkdir -p build
	@$(run) -m pytest -s -n 0 --junit-xml=build/test-fuzz.xml tests/integration/test_fuzz.py \
	  tests/integration/test_fuzz_peer.py

soak: setup ## many clients for ten minutes (CLIENTS=50 SECONDS=600), what they met and what it cost
	@$(run) -m tests.soak --seconds $(SECONDS) --clients $(CLIENTS)

test-machine: setup ## the tests that need a really booted machine
	@setup/system.sh machine
	@mkdir -p build
	@LUMINOUS_TEST_MACHINE=1 $(run) -m pytest -n $(WORKERS) --dist loadgroup \
	  --junit-xml=build/test-machine.xml tests/machine

test-faults: setup ## faults of every kind injected, and a table of what was survived
	@mkdir -p build
	@LUMINOUS_TEST_FAULTS=1 $(run) -m pytest -n $(WORKERS) --dist loadgroup \
	  --junit-xml=build/test-faults.xml tests/faults

test-module: setup ## the NixOS module and the flake with a real nixpkgs (NIXPKGS=path make test-module)
	@test -n "$(NIXPKGS)" || { echo "luminous: say where it is: NIXPKGS=path make test-module" >&2; exit 2; }
	@test -e "$(NIXPKGS)/nixos/default.nix" || { echo "luminous: there is no nixpkgs at $(NIXPKGS)" >&2; exit 2; }
	@NIXPKGS="$(NIXPKGS)" $(run) -m pytest -n $(WORKERS) -rs \
	  tests/integration/test_nixos_module.py tests/integration/test_nixos_knowledge.py \
	  tests/integration/test_nix_files.py

setup: environment sandbox ## everything the other targets need: packages, .venv, Nix, the machine

system:
ifneq ($(SYSTEM),ready)
	@setup/system.sh
endif

environment: system
	@setup/environment.sh $(PYTHON)

sandbox: environment
	@$(run) -m luminous_sandbox.toolchain fetch
	@$(run) -m luminous_sandbox.template

encoder: environment ## the sentence encoder that search by meaning uses, made once (200 MB to fetch, two minutes)
	@$(run) -m luminous_sandbox.encoder

check: lint formatting types contracts ## everything that reads the code without running it

lint: environment ## ruff
	@.venv/bin/ruff check $(code)

formatting: environment
	@.venv/bin/ruff format --check $(code)

format: environment ## put the code into the formatter's form
	@.venv/bin/ruff format $(code)

types: environment ## mypy, strict
	@.venv/bin/mypy

contracts: environment ## who may import whom
	@PYTHONPATH=daemon:clients .venv/bin/lint-imports --no-logo --cache-dir build/import-linter

bench: setup ## each budget against its reference, as a ratio
	@$(run) -m tests.benchmarks

bench-search: setup encoder ## search beside its peers, an hour and a half (make bench-search DATA=folder of JSON lines)
	@.venv/bin/pip --quiet install --require-hashes --requirement requirements/bench.txt </dev/null
	@$(run) -m tests.benchmarks.search $(DATA)

bench-intents: setup encoder ## understanding beside its peers, some minutes
	@.venv/bin/pip --quiet install --require-hashes --requirement requirements/bench.txt </dev/null
	@PYTHONPATH=tests/evals $(run) -m tests.benchmarks.intents $(FILE)

eval: setup ## how well things are understood and found (make eval EVALS=intent FILE=phrases.jsonl)
	@for name in $(EVALS); do $(run) tests/evals/$$name.py $(FILE) || exit 1; done

completions: environment ## completion scripts for bash, zsh and fish into clients/completions
	@$(run) -m luminous_clients.cli.completions

manuals: environment ## the manual pages and the page of the module's options, from what they describe
	@PYTHONPATH=. $(run) setup/manuals.py
	@$(run) setup/options.py

install: environment ## the product on this machine, or below DESTDIR (PREFIX=/usr/local)
	@setup/install.sh "$(DESTDIR)" "$(PREFIX)" "$(PYTHON)"

deb: environment ## a Debian package of the product, into build/
	@setup/deb.sh build

lock: environment ## write the files in requirements anew from pyproject.toml
	@$(PYTHON) -m venv build/lock && build/lock/bin/pip --quiet install 'uv>=0.5,<1'
	@build/lock/bin/uv --quiet pip compile --universal --python-version 3.11 $(foreach extra,dev journal mind,--extra $(extra)) \
	  --upgrade --generate-hashes --custom-compile-command 'make lock' \
	  --output-file requirements/dev.txt pyproject.toml >/dev/null
	@build/lock/bin/uv --quiet pip compile --universal --python-version 3.11 --extra bench \
	  --upgrade --generate-hashes --custom-compile-command 'make lock' --constraint requirements/dev.txt \
	  --output-file requirements/bench.txt pyproject.toml >/dev/null

clean: ## remove what was made here, except .venv
	@rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find $(code) -name __pycache__ -prune -exec rm -rf {} +
