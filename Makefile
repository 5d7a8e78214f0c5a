# Two commands on a bare machine with Python 3.11 or newer: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO := $(VENV)/.demo
PROBLEMS := $(VENV)/.problems
# pip is quiet or long: this shows that it gets on.
COUNTED = awk '/^Collecting/ { printf "\r  %d packages ", ++n; fflush() } END { printf "\r%30s\r", "" }'

# Compiled once and kept, whatever the surroundings say: the suite starts hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=
COMPILED = $(BIN)/python -m compileall -q bot blocks domain handlers storage

.DEFAULT_GOAL := help
.PHONY: help install demo test slow check format screenshots audit fuzz bench migration constraints clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(STAMP) ## a virtual environment with everything, in .venv

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Vigie needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "This Python can't make virtual environments: install python3-venv (Debian, Ubuntu) and try again."; exit 1; }
	@echo "Making .venv"
	@$(PYTHON) -m venv $(VENV)

$(STAMP): $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing Vigie and what its tests need (about a minute, once)"
	@{ $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev]' 2>$(PROBLEMS) || touch $@.failed; } | $(COUNTED)
	@test ! -e $@.failed || { rm -f $@.failed; cat $(PROBLEMS); exit 1; }
	@$(COMPILED)
	@touch $@ $(DEMO)

$(DEMO): $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing Vigie (about half a minute, once)"
	@{ $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[demo]' 2>$(PROBLEMS) || touch $@.failed; } | $(COUNTED)
	@test ! -e $@.failed || { rm -f $@.failed; cat $(PROBLEMS); exit 1; }
	@$(COMPILED)
	@touch $@

demo: $(DEMO) ## a team, its Slack, phones and mailboxes in a web page; nothing to configure
	@$(BIN)/python -m bot demo $(ARGS)

test: check ## what every change must pass: lint, format, types, tests
	@$(BIN)/python -m pytest -q -rfER -n 4 --reruns 2 -m "not slow"

slow: install ## browsers, kills, outages, a slow database, whatever a stranger sends: CI runs these too
	@$(BIN)/python -m pytest -q -rfER -n 4 --reruns 2 -m slow

check: install ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: install ## write the format, mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

screenshots: install ## the README's pictures, from the page itself (needs Chromium)
	@$(BIN)/python -m tests.browser.screenshots

audit: ## known vulnerabilities in what constraints.txt names
	@.ci/audit

fuzz: install ## odd input for every parser, by hand: make fuzz ARGS="yaml --seconds 60"
	@$(BIN)/python -m tests.fuzz $(ARGS)

bench: install ## how fast, as a ratio to what this machine can do
	@$(BIN)/python -m bench --write docs/performance.md $(ARGS)

migration: install ## a draft of the next schema revision: make migration m="add snoozes"
	@test -n "$(m)" || { echo 'Say what changes: make migration m="add snoozes"'; exit 1; }
	@$(BIN)/python -m storage.migrate "$(m)"

constraints: ## constraints.txt anew, from what a fresh install brings
	@rm -rf build/constraints && $(PYTHON) -m venv build/constraints
	@build/constraints/bin/python -m pip install -qq --disable-pip-version-check -e '.[dev]'
	@build/constraints/bin/python -m pip freeze --exclude-editable | grep -E '^[A-Za-z0-9._-]+==' > constraints.txt
	@rm -rf build/constraints

clean: ## away with .venv and caches
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
