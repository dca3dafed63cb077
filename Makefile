SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON := .venv/bin/python
DEMO_OUT ?= out/demo
PURE := domain protocol formats store
# A package named torch or lightning elsewhere must not win over the environment's.
unexport PYTHONPATH PYTHONHOME

.PHONY: help
help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-15s %s\n", $$1, $$2 }'

# ---- environment: .venv from requirements.lock, once for each state of the lock

.venv/.installed: requirements.lock pyproject.toml packaging/bootstrap.sh
	packaging/bootstrap.sh

.venv/.system: .venv/.installed packaging/system_libraries.py
	$(PYTHON) packaging/system_libraries.py
	@touch $@

.PHONY: environment
environment: .venv/.system ## Make or renew .venv, check the system's libraries

.PHONY: cluster
cluster: .venv/.system ## Add to .venv what studies on a Ray cluster need
	packaging/bootstrap.sh --cluster

# ---- using the program

.PHONY: demo
demo: .venv/.system ## Run the main job on the sample, or on DATA=<MVTec category folder>
	$(PYTHON) -m inspector_app demo --out "$(DEMO_OUT)" $(if $(DATA),--data "$(DATA)") $(ARGS)

.PHONY: run
run: .venv/.system ## Start the program; ARGS=<folder> opens a folder
	$(PYTHON) -m inspector_app $(ARGS)

# ---- checking the program

.PHONY: check
check: .venv/.installed ## Lint, formatting, types, boundaries
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports

# One thread each: two processes whose networks use both cores wait for one another. A process that
# a test took down is not started again: it would meet the same test again.
.PHONY: test
test: .venv/.system ## All tests; the pure packages must be covered to the last branch
	OMP_NUM_THREADS=1 QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -n 2 --dist loadfile --max-worker-restart 0 \
		$(PURE:%=--cov=inspector_app.%) --cov-branch --cov-report=term-missing:skip-covered \
		--cov-fail-under=100 $(ARGS)

.PHONY: bench
bench: .venv/.system ## Measure start-up and opening a large folder
	QT_QPA_PLATFORM=offscreen $(PYTHON) tests/benchmarks/run.py $(ARGS)

.PHONY: bench-training
bench-training: .venv/.system ## Measure trainings against bare torch loops; ARGS=--help
	$(PYTHON) tests/benchmarks/training_speed.py $(ARGS)

# ---- building and upkeep

.PHONY: package
package: .venv/.installed ## Build dist/Inspector with PyInstaller and smoke-test it
	$(PYTHON) packaging/system_libraries.py --xvfb
	$(PYTHON) packaging/build.py
	$(PYTHON) packaging/smoke_test.py dist/Inspector

.PHONY: lock
lock: ## Compile requirements.lock anew from pyproject.toml
	packaging/bootstrap.sh --lock

.PHONY: clean
clean: ## Remove everything that was made here, .venv included
	rm -rf .venv .tools build dist out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
		.hypothesis .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
