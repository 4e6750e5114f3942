# Everything that a person or a machine does with this checkout. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Any Python from 3.11 on; name another with `make up PYTHON=…`.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
# Two pytest processes, each with a Postgres of its own; more only help on more cores.
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input

.PHONY: help
help: ## List every target
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' Makefile

##@ Use it

.PHONY: up
up: $(VENV)/.runtime ## Start everything on this machine at http://127.0.0.1:8300; Ctrl-C ends it
	@exec $(BIN)/leadflow up $(ARGS)

.PHONY: doctor
doctor: $(VENV)/.runtime ## Say what is wrong with this configuration, a variable a line
	@$(BIN)/leadflow doctor

.PHONY: seed
seed: $(VENV)/.runtime ## Make the demo organisation afresh
	@$(BIN)/leadflow seed --reset

.PHONY: clean-data
clean-data: ## Remove all data of this checkout (.leadflow); nothing else ever does
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m leadflow.local.clean; else rm -rf .leadflow; fi

##@ Check it

.PHONY: check
check: lint types contracts test ## All that a change must pass: format, lint, types, contracts, tests

.PHONY: test
test: $(VENV)/.dev ## Run every test but the slow ones (browser tests where Chromium is installed)
	@$(PYTEST) -n $(JOBS) -m "not slow" $(ARGS)

.PHONY: fast
fast: $(VENV)/.dev ## Run the tests that start no whole LeadFlow: no browser, wheel or crash
	@$(PYTEST) -n $(JOBS) -m "not (slow or browser or wheel)" --ignore=tests/faults --ignore=tests/local $(ARGS)

.PHONY: browser
browser: $(VENV)/.dev ## Run the browser tests only
	@$(PYTEST) -m browser $(ARGS)

.PHONY: crash
crash: $(VENV)/.dev ## Kill workers while they send; the carrier's book must show each text once
	@$(PYTEST) tests/faults $(ARGS)

.PHONY: slow
slow: $(VENV)/.dev ## Run the tests that take minutes
	@$(PYTEST) -m slow $(ARGS)

.PHONY: format
format: $(VENV)/.dev ## Format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix --quiet .

.PHONY: lint
lint: $(VENV)/.dev ## Check format and style
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check .

.PHONY: types
types: $(VENV)/.dev ## Check types: strict for rooms, kernel, models and workers
	@$(BIN)/pyright --level error

.PHONY: contracts
contracts: $(VENV)/.dev ## Check who imports whom
	@$(BIN)/lint-imports --no-cache

.PHONY: audit
audit: $(VENV)/.dev ## Look for known weaknesses in the pinned packages (asks the registry)
	@$(BIN)/pip-audit --disable-pip --require-hashes --requirement requirements.lock

.PHONY: proof
proof: $(VENV)/.dev ## Prove the quiet hours over every county: two million checks, and docs/proofs/quiet-hours.md
	@$(BIN)/python -m scripts.prove_hours --write $(ARGS)

.PHONY: chaos
chaos: $(VENV)/.dev ## Kill, stop, starve and lie to everything while 10,000 texts go out; docs/proofs/chaos.md (GOALS=R1,R12)
	@$(BIN)/python -m tests.faults.chaos --write $(if $(GOALS),--goals $(GOALS)) $(ARGS)

.PHONY: model
model: $(VENV)/.dev ## Walk through every state of a small send machine, and docs/proofs/send-model.md
	@$(BIN)/python -m tests.messaging.model_page

.PHONY: mutants
mutants: $(VENV)/.dev ## Change the compliance engine place by place; at least nine in ten changes must break a test
	@$(BIN)/python -m scripts.mutants $(ARGS)

.PHONY: bench
bench: $(VENV)/.dev ## Print each heavy job's speed as a ratio, with its floor and goal
	@$(BIN)/python -m benchmarks.run $(ARGS)

.PHONY: screenshots
screenshots: $(VENV)/.dev ## Take docs/screenshots anew from the demo organisation
	@$(BIN)/python scripts/screenshots.py $(ARGS)

##@ Build it

.PHONY: page
page: $(VENV)/.runtime ## Build the page into the package, as a wheel carries it
	@$(BIN)/python -m leadflow.ui.build

.PHONY: wheel
wheel: $(VENV)/.dev page ## Build dist/leadflow-*.whl, page included; it needs no Node where it is installed
	@rm -rf dist && $(BIN)/python -m build --wheel --no-isolation --outdir dist .

.PHONY: image
image: ## Build the container image (needs a Docker engine)
	@docker build --tag leadflow:local .

.PHONY: readings
readings: $(VENV)/.dev ## Record how each judged reply is read
	@$(BIN)/python -m scripts.readings

.PHONY: glossary
glossary: $(VENV)/.dev ## Write docs/glossary.md from the vocabulary
	@$(BIN)/python -m scripts.glossary

.PHONY: roles
roles: $(VENV)/.dev ## Write docs/security/roles.md from the role table
	@$(BIN)/python -m scripts.roles

.PHONY: carrier-errors
carrier-errors: $(VENV)/.dev ## Write docs/reference/carrier-errors.md from the table of the carrier's codes
	@$(BIN)/python -m scripts.carrier_errors

.PHONY: permissions
permissions: $(VENV)/.dev ## Record which permission each route and event asks for; read the difference
	@$(BIN)/python -m scripts.permissions

.PHONY: lock
lock: $(VENV)/.dev ## Pin every package anew, Python's and npm's, without download addresses
	@$(LOCK) --group build pyproject.toml --output-file requirements.lock $(ARGS)
	@$(LOCK) --group build --group dev pyproject.toml --output-file requirements-dev.lock $(ARGS)
	@$(BIN)/python -m scripts.lock_page

# The environment. A stamp remembers what it was made from, so that a second start asks no registry.

$(BIN)/python:
	@$(if $(PYTHON),true,echo "LeadFlow needs Python 3.11 or newer, with venv." >&2; exit 1)
	@echo "Making an environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing $$(grep -c == requirements.lock) pinned packages (once; a minute or two)"
	@$(INSTALL) --require-hashes --no-deps --requirement requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing $$(grep -c == requirements-dev.lock) pinned packages for development (once; a minute or two)"
	@$(INSTALL) --require-hashes --no-deps --requirement requirements-dev.lock
	@$(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@touch $@ $(VENV)/.runtime
