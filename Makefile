# Thin: each line calls one tool. Prerequisites: python3-venv git make.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check -q
PORTIONS := libs/core services/domains services/website_builder services/esign services/portal $(wildcard plugins/*)
SOURCES := libs/core/src/haidang/core $(wildcard services/*/src/haidang/*) $(wildcard plugins/*/src/*)
STATE ?= .haidang
TESTS ?= tests
WORKERS ?= 2

.PHONY: setup run test check format proto contract bench soak requirements clean

setup: .venv/.run ## What `make run` and `make test` share

run: setup ## Start everything and take the first example online
	$(BIN)/haidang up --state $(STATE) --online examples/homestay-gio-bien.yaml

test: .venv/.test ## Every test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(TESTS)

check: .venv/.test ## Format, lint, contracts, types, import contracts, budgets
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python proto/generate.py --check
	$(BIN)/buf lint
	$(BIN)/buf breaking proto --against proto/contract.binpb --exclude-imports
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house

format: .venv/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

proto: .venv/.test ## Generate haidang.api from proto/
	$(BIN)/python proto/generate.py

contract: .venv/.test ## Accept today's proto/ as the contract that later changes must not break
	$(BIN)/buf build proto --exclude-source-info -o proto/contract.binpb

bench: .venv/.test ## Measure beside peers; writes benches/out/latest.json
	$(BIN)/python -m benches

soak: .venv/.test ## The long proofs: every process x point, 300 random kills, thousands of random examples
	$(BIN)/python -m pytest -q tests/faults --soak
	$(BIN)/python -m pytest -q -n $(WORKERS) -m hypothesis tests --soak

requirements: .venv/.test ## Pin the requirement files again
	$(BIN)/python -m piptools compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe -o requirements/run.txt requirements/run.in
	$(BIN)/python -m piptools compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe -o requirements/test.txt requirements/test.in

clean:
	rm -rf .venv build

.venv/bin/python:
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null && command -v git >/dev/null || { echo "Hải Đăng needs three Debian packages first: apt-get install python3-venv git make"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python requirements/run.txt $(wildcard $(addsuffix /pyproject.toml,$(PORTIONS)))
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-index --no-deps --no-build-isolation $(addprefix -e ,$(PORTIONS))
	@touch $@

.venv/.test: .venv/.run requirements/test.txt
	$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@
