# Two commands from a fresh clone, given Python 3.11 or newer and make:
#   make demo   the main job on the example cells, in an environment of its own
#   make test   everything needed for development, then the quick tests
# KARYOKIT_PYTHON names another interpreter.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-slow docs lint format types imports clean

VENV := .venv
DEMO := .venv-demo
EXAMPLES := $(wildcard examples/cells/*.png)
PACKAGE := $(shell find src -type f -not -path '*/__pycache__/*' -not -path '*.egg-info/*' -not -path '*/.*' 2>/dev/null)
FIND_PYTHON = for name in $(KARYOKIT_PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if command -v $$name >/dev/null && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; done; \
	if [ -z "$${python:-}" ]; then echo "KaryoKit needs Python 3.11 or newer; set KARYOKIT_PYTHON to its command." >&2; exit 1; fi

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: $(DEMO)/installed  ## install the plain package and lay out the karyograms of the example cells
	$(DEMO)/bin/karyokit karyotype $(EXAMPLES) -o demo-output
	@echo "The karyograms:"; ls "$(CURDIR)"/demo-output/*/karyogram.png

test: $(VENV)/installed  ## install what development needs and run the quick tests
	$(VENV)/bin/python -m pytest -m "not slow"

test-slow: $(VENV)/installed  ## run the tests over 5 seconds
	$(VENV)/bin/python -m pytest -m slow

docs: $(VENV)/documents  ## build the documentation into build/docs; a warning is an error
	$(VENV)/bin/python -m sphinx -W -n --keep-going -q -b html docs build/docs
	@echo "Open $(CURDIR)/build/docs/index.html"

lint: $(VENV)/installed  ## style of the source
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

format: $(VENV)/installed  ## bring the source into style
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

types: $(VENV)/installed  ## types of the package
	$(VENV)/bin/mypy

imports: $(VENV)/installed  ## import rules between the folders
	$(VENV)/bin/lint-imports

clean:  ## remove environments, caches and the demo's output
	rm -rf $(VENV) $(DEMO) demo-output build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
	rm -rf src/*.egg-info

$(VENV)/installed: pyproject.toml constraints.txt
	@$(FIND_PYTHON); [ -x $(VENV)/bin/python ] || $$python -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

$(VENV)/documents: $(VENV)/installed
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[docs]'
	touch $@

$(DEMO)/installed: pyproject.toml constraints.txt $(PACKAGE)
	@$(FIND_PYTHON); [ -x $(DEMO)/bin/python ] || $$python -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet --constraint constraints.txt .
	touch $@
