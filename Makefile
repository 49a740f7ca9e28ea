# Everything runs in .venv, which the targets make for themselves: all they need is git, make and a Python.

PYTHON ?= python3
BIN := .venv/bin

# Tests on all cores. Each process begins with a stretch of neighbouring tests, which share what their file
# makes once, and takes from the others what is left when it is done.
TEST := -m pytest -n auto --maxprocesses 8 --dist worksteal

.PHONY: help demo test lint bench clean
.NOTPARALLEL:

help:
	@echo "make demo    run the demos; what they make goes to out/"
	@echo "make test    run the tests and doctests"
	@echo "make lint    ruff and mypy"
	@echo "make bench   compare with other engines (fetches torch and jax)"
	@echo "make clean   remove .venv and all that was made"

demo: .venv/all.stamp
	$(BIN)/chalkgrad demo

test: .venv/all,dev.stamp
	$(BIN)/python $(TEST)

lint: .venv/all,dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: .venv/all,dev,peers.stamp
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf .venv out build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find autograd nn tests demos -name __pycache__ -prune -exec rm -rf {} +

# .venv/all,dev.stamp says that chalkgrad[all,dev] is installed as pyproject.toml now asks.
.venv/%.stamp: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "chalkgrad needs Python 3.11 or newer, and $(PYTHON) is not: try make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "Installing chalkgrad[$*] into .venv; the first time takes some minutes"
	@$(BIN)/pip install --quiet --editable '.[$*]'
	@touch $@
