# `make demo` needs Python 3.11 or newer and nothing else. Variables: PORT, DATA_DIR, and those of .env.example.
PORT ?= 8000
DATA_DIR ?= var
export PORT DATA_DIR
# Some machines tell Python to keep no bytecode: then each of a demo's and a test run's processes compiles all anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON := .venv/bin/python
PINS := --universal --python-version 3.11 --generate-hashes --quiet --no-header --no-emit-index-url --no-emit-find-links
MANAGE := $(PYTHON) manage.py

.PHONY: demo test bench lint format css requirements clean
.DEFAULT_GOAL := demo

demo: .venv/requirements.stamp
	@exec $(MANAGE) demo

test: .venv/requirements-dev.stamp
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .ci/checks all

bench: .venv/requirements-dev.stamp
	@exec $(PYTHON) -m benchmarks

lint: .venv/requirements-dev.stamp
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .ci/checks lint

format: .venv/requirements-dev.stamp
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .ci/checks format

css: .venv/requirements-dev.stamp
	@$(MANAGE) build_css

requirements:  # needs uv; run after a change of pyproject.toml
	uv pip compile pyproject.toml $(PINS) --output-file requirements.txt
	uv pip compile pyproject.toml $(PINS) --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean:  # the data in DATA_DIR stays
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m clinic.running.embedded stop || true; fi
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: made once, filled again whenever the pins change.
.venv/pyvenv.cfg:
	@.ci/venv

.venv/%.stamp: %.txt .venv/pyvenv.cfg
	@echo "Installing packages ($<) …"
	@$(PYTHON) -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@
