# make ask Q="What is a latent space?"   sets everything up, builds the index where there is none, and answers
# make test                              sets everything up and runs the tests
# make test-engine                       only the fast ones; also test-content and test-slow
# make coverage                          the tests, and which lines they do not run
#
# The virtual environment is made once and again when the dependencies change. PYTHON chooses the interpreter,
# PIP_FLAGS adds to every pip call.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt $(PIP_FLAGS)
export QUESTION := $(value Q)

.PHONY: ask build test test-engine test-content test-slow coverage lint types docs docs-site check clean
.DELETE_ON_ERROR:

ask: index/index.db
	@if [ -z "$$QUESTION" ]; then exec $(BIN)/qasearch ask; else exec $(BIN)/qasearch ask -- "$$QUESTION"; fi

build: $(VENV)/installed
	@$(BIN)/qasearch build

index/index.db: | $(VENV)/installed
	@$(BIN)/qasearch build

# A worker for each core. Each begins with a part of the tests and takes over what others have left,
# so tests that share a fixture mostly stay together. More than 8 workers gain nothing: each of them
# imports all libraries first.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist worksteal

test: $(VENV)/installed-dev
	@$(PYTEST)

test-engine test-content test-slow: test-%: $(VENV)/installed-dev
	@$(PYTEST) -m $*

coverage: $(VENV)/installed-dev
	@$(PYTEST) --cov --cov-report=term

lint: $(VENV)/installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/installed-dev
	@$(BIN)/mypy

docs: $(VENV)/installed
	@$(BIN)/python docs/json_reference.py
	@$(BIN)/python docs/refresh.py

docs-site: $(VENV)/installed-dev
	@$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --nitpicky --quiet docs build/site
	@echo "The site begins at build/site/index.html"

check: test lint types docs-site

clean:
	rm -rf $(VENV) build/site index/index.db* index/vectors-* index/lists-* index/build.lock

# torch first, so that what depends on it takes the pinned one.
$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "qasearch needs Python 3.11 or newer; say which with PYTHON=...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing qasearch into $(VENV) (once) ..." >&2
	@$(PIP_INSTALL) torch
	@$(PIP_INSTALL) -e ".[pictures]"
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@$(PIP_INSTALL) -e ".[dev]"
	@touch $@
