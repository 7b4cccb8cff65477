# Every target makes the environment it needs; nothing has to be installed first but Python 3.11 or later.
PYTHON ?= python3
JOBS ?= 2
PYTEST_ARGS ?=
POLICIES ?= 3000
CASES ?= 500
CLIENTS ?= 1000000 3000000 10000000
ENGINE ?= polars duckdb
MEMORY ?= 4GB
FOLDER ?= /var/tmp
SCALE_ARGS ?=
SPARK_CASES ?= 30
ONLY ?=
BROAD_TESTS := tests/property tests/oracle tests/real tests/soak tests/benchmarks tests/contract \
  $(addprefix tests/unit/test_,pytest_plugin.py testing_kit.py testing_strategies.py)

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BENCH_STAMP := $(VENV)/.installed-bench
SPARK_STAMP := $(VENV)/.installed-spark

.PHONY: help venv demo test check docs bench bench-page zones oracle identity scale spark soak soak-short
.DEFAULT_GOAL := help

help:
	@echo "make demo    the main job on a packaged book of invented clients"
	@echo "make test    all tests, the README, the documentation and the docstrings, with coverage"
	@echo "make check   lint, types, layers, dependencies"
	@echo "make docs    the documentation, into docs/_build/html"
	@echo "make zones   quiet hours around every change of the clocks of every zone from 1970 to 2037; minutes, not seconds"
	@echo "make bench   the timed benchmarks with a table of what they promise, into .benchmarks/latest.json"
	@echo "make bench-page  the page of the documentation from the last timed run; DATE=2026-03-31 is the day of it"
	@echo "make identity  policies and books decided by objects, polars, DuckDB and in SQL, all alike; CASES=500 of them"
	@echo "make scale   a preset over millions of invented clients: time and memory by engine; CLIENTS=10000000 ENGINE='polars duckdb'"
	@echo "make spark   policies and books decided on Spark as by objects, and the page about it; SPARK_CASES=30 of them; needs Java 17"
	@echo "make soak    every promise of storage, access and input, at full length: about an hour; ONLY=\"A1 A4\" for some rows"
	@echo "make soak-short  the same table at the length of every change: a minute or two"
	@echo "make oracle  random policies and plans against solvers and against trying everything; POLICIES=3000 of each"

venv: $(STAMP)

# pip is brought up to date first: dependency groups need pip 25.1.
$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -U pip
	$(BIN)/python -m pip install -q -e '.[all]' --group dev
	touch $@

demo: $(STAMP)
	$(BIN)/relcare demo

# Coverage is counted where tests say what they look for: what only a random input, a large book or another process happens to reach is
# not counted as covered, and those tests run at full speed.
test: $(STAMP)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(BROAD_TESTS) $(PYTEST_ARGS)
	$(BIN)/python -m pytest -n $(JOBS) --cov --cov-report=term $(addprefix --ignore=,$(BROAD_TESTS)) $(PYTEST_ARGS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	PATH="$(CURDIR)/$(BIN):$$PATH" pyright --verifytypes relcare --ignoreexternal
	$(BIN)/lint-imports
	$(BIN)/deptry src

docs: $(STAMP)
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

zones: $(STAMP)
	RELCARE_ALL_ZONES=1 $(BIN)/python -m pytest -n $(JOBS) tests/property/test_permission_zones.py $(PYTEST_ARGS)

$(BENCH_STAMP): $(STAMP)
	$(BIN)/python -m pip install -q --group bench
	touch $@

bench: $(BENCH_STAMP)
	mkdir -p .benchmarks
	$(BIN)/python -m pytest tests/benchmarks --benchmark-enable --benchmark-only --benchmark-json=.benchmarks/latest.json $(PYTEST_ARGS)

bench-page: $(STAMP)
	$(BIN)/python -m tests.benchmarks.page --date $(DATE)

oracle: $(STAMP)
	RELCARE_ORACLE_POLICIES=$(POLICIES) RELCARE_ORACLE_PLANS=$(POLICIES) $(BIN)/python -m pytest tests/oracle -n $(JOBS) $(PYTEST_ARGS)

identity: $(STAMP)
	RELCARE_IDENTITY=$(CASES) $(BIN)/python -m pytest tests/property/test_frames_identity.py tests/property/test_frames_sql.py -q $(PYTEST_ARGS)

# Books and rows stand in FOLDER meanwhile: 4 GB of disk for 10 million clients. SCALE_ARGS=--checked leaves out the look at each row.
scale: $(STAMP)
	$(BIN)/python -m tests.scale.run --clients $(CLIENTS) --engines $(ENGINE) --memory-limit $(MEMORY) --folder $(FOLDER) \
		--json .benchmarks/scale.json $(SCALE_ARGS)

$(SPARK_STAMP): $(STAMP)
	$(BIN)/python -m pip install -q --group spark
	touch $@

spark: $(SPARK_STAMP)
	RELCARE_IDENTITY=$(SPARK_CASES) $(BIN)/python -m pytest tests/spark -q $(PYTEST_ARGS)

soak soak-short: $(STAMP)
	$(BIN)/python -m tests.soak.run --length $(if $(filter soak,$@),full,short) $(if $(ONLY),--only $(ONLY))
