# Two commands do everything on a fresh machine: `make study` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# A BLAS pool is slower than one thread on matrices of this size and makes timings unrepeatable.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1

.PHONY: study test test-all web lint docs bench bench-assignment lock clean help

help:
	@echo "make study     examine the East-West Economic Corridor; the report lands in build/ewec/"
	@echo "make test      checks and tests that take under five minutes"
	@echo "make test-all  the slow tests as well"
	@echo "make docs      build the documentation into build/docs/"
	@echo "make bench     measure speed against its yardsticks"

study: $(READY)
	$(BIN)/serai study ewec

test: $(READY) lint
	$(BIN)/pytest -n auto -m "not slow"

test-all: $(READY) docs web
	$(BIN)/pytest -n auto -m slow

web: src/serai/server/static/index.html

src/serai/server/static/index.html: $(shell find web/src web/scripts web/*.html web/*.json web/*.ts -type f)
	cd web && npm ci --no-audit --no-fund && npm run build

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(READY)
	$(BIN)/serai data describe --format markdown > docs/package-format.md
	$(BIN)/mkdocs build --strict --quiet --site-dir build/docs

bench: $(READY)
	$(BIN)/python benchmarks/run.py

bench-assignment: $(READY)
	test -x benchmarks/.venv/bin/python || $(PYTHON) -m venv benchmarks/.venv
	benchmarks/.venv/bin/python -m pip install --quiet --require-hashes -r benchmarks/requirements.lock
	AEQUILIBRAE_PYTHON=benchmarks/.venv/bin/python $(BIN)/python benchmarks/assignment.py

# The lock carries hashes and no addresses, so a mirror serves as well as the public index.
lock: $(READY)
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --upgrade \
	  --python-version 3.11 --all-extras pyproject.toml -o requirements.lock

# The import at the end keeps the compiled modules: where Python is told not to write them, every command would compile anew.
$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Serai needs Python 3.11 or newer; on Debian or Ubuntu: apt-get install python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Serai needs Python's venv module; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then UV=uv; else \
	  test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; UV=$(BIN)/uv; fi; \
	  $$UV pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && \
	  $$UV pip install --quiet --python $(BIN)/python --no-deps -e .
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -c 'import serai.api, serai.cli, serai.report.check, serai.evidence.checks'
	@touch $@

clean:
	rm -rf build $(VENV)
