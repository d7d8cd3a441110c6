# Two commands are enough: `make run` and `make test`. Everything is installed into .venv by pip, at the versions of
# constraints.txt; it is installed anew only when pyproject.toml or constraints.txt changed.
PYTHON ?= python3
BIN := .venv/bin
# An unpinned torch may bring gigabytes of CUDA; this version is also offered as a CPU build.
TORCH := 2.13.0
PIP := --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help run test lint bench bench-why bench-gpu screenshots lock clean

help: ## say what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/installed ## install, then train and serve a model on the live screen; works without a GPU
	@$(BIN)/benchtop run train/digits infer/digits --name demo

test: .venv/installed-dev ## install what tests need, then run them all
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

lint: .venv/installed-dev ## style, types, and the walls between the rooms
	@$(BIN)/ruff check app workloads tests
	@$(BIN)/ruff format --check app workloads tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/installed-dev ## measure benchtop itself and put the table into BENCHMARKS.md, in half an hour
	@$(BIN)/pip install $(PIP) --editable '.[bench]'
	@$(BIN)/python -m tests.bench

bench-why: .venv/installed-dev ## run scripts whose bottleneck is known and see whether the verdicts are right, in 20 minutes
	@$(BIN)/python -m tests.bench.why
	@$(BIN)/python -m tests.bench.why --unseen

bench-gpu: .venv/installed-dev ## measure every workload on a GPU beside its bare loop, in eight minutes
	@$(BIN)/python -m tests.bench.gpu

screenshots: .venv/installed-dev ## draw screenshots/ anew from a real session
	@$(BIN)/python -m tests.screenshots

lock: ## write constraints.txt anew from what pyproject.toml allows today
	@$(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/pip install --quiet 'torch==$(TORCH)' --editable '.[dev]'
	@.venv-lock/bin/pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt
	@rm -rf .venv-lock

clean: ## remove what was installed and made
	@rm -rf .venv .venv-lock build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'benchtop needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)'; exit 1; }
	@$(PYTHON) -m venv .venv
	@# From 25.1 on, pip writes commands that start without importing `re`, a quarter of the time to the first byte.
	@$(BIN)/pip install --quiet --disable-pip-version-check 'pip>=25.1' || true

.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	@echo 'installing benchtop into .venv …'
	@$(BIN)/pip install $(PIP) --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	@echo 'installing what the tests need …'
	@$(BIN)/pip install $(PIP) --editable '.[dev]'
	@touch $@
