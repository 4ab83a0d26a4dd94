# Everything runs in .venv, which the targets make from requirements*.txt; a second run installs nothing.
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
UV := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header pyproject.toml
ARGS ?=
ALL = -n $(WORKERS) --dist worksteal
# Tests wait for answers more than half of the time: two workers for each core.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(2 * (os.cpu_count() or 1))")

.DEFAULT_GOAL := help
.PHONY: help demo run test cover faults lint bench lock clean needs

help:  ## what there is
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile

demo: $(VENV)/.demo  ## the bot, its CRM and a chat in the browser, all on this machine
	@$(PY) main.py demo $(ARGS)

run: $(VENV)/.run  ## the bot with the settings of the environment or .env
	@$(PY) main.py run $(ARGS)

test: $(VENV)/.dev needs  ## all tests, the long ones in a reduced size; ARGS="tests/unit -x" for some
	@$(PY) -m pytest $(or $(ARGS),$(ALL))

cover: $(VENV)/.dev needs  ## all tests, and which branches they do not reach
	@$(PY) -m pytest $(ALL) --cov --cov-report=term:skip-covered

faults: $(VENV)/.dev needs  ## every fault and attack in full size, one after the other; writes docs/reliability.md
	@mkdir -p build && rm -f build/faults.jsonl
	FAULT_FIGURES=build/faults.jsonl FAULT_ROUNDS=100 FUZZ_CALLBACKS=10000 FUZZ_SECONDS=180 \
		$(PY) -m pytest --timeout 1800 -p tests.faults.recording tests/faults tests/security tests/unit/api/test_transport.py $(ARGS); code=$$?; \
		$(PY) -m tests.faults.report build/faults.jsonl; exit $$code

lint: $(VENV)/.dev  ## style, types, layers
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(PY) -m mypy --strict --explicit-package-bases .
	$(VENV)/bin/lint-imports

bench: $(VENV)/.dev  ## figures of benchmarks/, as tables
	@$(PY) -m benchmarks $(ARGS)

lock: $(VENV)/bin/uv  ## requirements*.txt from pyproject.toml
	$(UV) -o requirements.txt
	$(UV) --extra sentry --extra otel -o requirements-telemetry.txt
	$(UV) --extra sandbox -o requirements-demo.txt
	$(UV) --extra dev -o requirements-dev.txt

clean:  ## without .venv, caches and results
	rm -rf $(VENV) build htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

needs:
	@command -v redis-server >/dev/null || echo "*** redis-server is missing: its tests are SKIPPED ***"
	@command -v nginx >/dev/null || test -x /usr/sbin/nginx || echo "*** nginx is missing: its tests are SKIPPED ***"
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| echo "*** chromium is missing: the browser tests are SKIPPED ***"

$(PY):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name one with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(PY)
	$(PIP) -r $<
	@touch $@

$(VENV)/.demo: requirements-demo.txt | $(PY)
	$(PIP) -r $<
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(PY)
	$(PIP) -r $<
	@touch $@

$(VENV)/bin/uv: | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check --no-input uv
