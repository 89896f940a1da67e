# The front door. Every target sets up what it needs: .venv, for tests .venv-peers, for live tests .venv-live,
# for the site .venv-site.
PYTHON ?= python3
PIP = .venv/bin/python -m pip --disable-pip-version-check --quiet --no-input
SOURCES = pyproject.toml $(wildcard adapters/openreturns_adapters/*/manifest.toml)

.PHONY: demo test test-faults test-live site test-site bench bench-live generate record lint format clean

# On simulated vendors; ERP=tryton: on a live ERP and service desk.
ifeq ($(ERP),tryton)
demo: .venv/dev .venv-live/installed
	PYTHONPATH=contract_tests:docs .venv/bin/python -m live.demo
else
demo: .venv/demo
	PYTHONPATH=docs .venv/bin/python -m demo.run
endif

# On all cores, and one more for what waits; each file's tests stay together, as they may share what is dear to make.
test: .venv/dev .venv-peers/installed lint
	.venv/bin/python -m pytest -q --dist loadfile \
		--numprocesses $$(.venv/bin/python -c 'import os; print((os.cpu_count() or 1) + 1)')

# What may go wrong with the process, all of it: workers killed at each command, databases stopped, new code in between.
test-faults: .venv/dev
	PYTHONPATH=contract_tests:docs .venv/bin/python -m process.faults.run

# Against real servers, which are made ready once (half a minute) and kept in .venv-live.
test-live: .venv/dev .venv-live/installed
	.venv/bin/python -m pytest -q -m live contract_tests/live

# The documentation and the catalogue as one folder of files, build/site, to be opened or served as it is.
site: .venv-site/installed
	.venv-site/bin/python -m openreturns_codegen.site build/site

# Every link leads somewhere, no other host is asked, and in a browser (Chromium, where there is one) nothing is amiss.
test-site: .venv/dev site
	.venv/bin/python -m pytest -q -m site contract_tests/docs

lint: .venv/dev
	.venv/bin/ruff check --quiet .
	.venv/bin/ruff format --quiet --check .
	.venv/bin/mypy --no-error-summary

bench: .venv/dev
	PYTHONPATH=contract_tests:docs .venv/bin/python -m bench.run

# The cassettes of the adapters that have real servers here, anew.
record: .venv/dev .venv-live/installed
	PYTHONPATH=contract_tests .venv/bin/python -m live.record

bench-live: .venv/dev .venv-live/installed
	PYTHONPATH=contract_tests .venv/bin/python -m live.figures

# Schemas and mappings -> classes, tolerant schemas, the pages of the model and the crosswalk. Tests fail where they differ.
generate: .venv/dev
	.venv/bin/python -m openreturns_codegen

format: .venv/dev
	.venv/bin/ruff check --quiet --fix .
	.venv/bin/ruff format --quiet .

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "openreturns needs Python 3.11 or newer; point PYTHON at one: make PYTHON=python3.12 demo")'
	$(PYTHON) -m venv .venv

# The project itself is installed editable; entry points are metadata, so a changed pyproject installs again.
.venv/core: .ci/requirements.txt $(SOURCES) | .venv/bin/python
	$(PIP) install --require-hashes -r .ci/requirements.txt
	$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

.venv/demo: .ci/requirements-demo.txt .venv/core
	$(PIP) install --require-hashes -r .ci/requirements-demo.txt
	@touch $@

.venv/dev: .ci/requirements-dev.txt .venv/core
	$(PIP) install --require-hashes -r .ci/requirements-dev.txt
	@touch $@

# The vendors' own clients, which drive the simulators in the tests; nothing of them comes near the library.
.venv-peers/installed: .ci/requirements-peers.txt
	$(PYTHON) -m venv --clear .venv-peers
	.venv-peers/bin/python -m pip --disable-pip-version-check --quiet --no-input install --require-hashes -r $<
	@touch $@

# The real servers of the live tests: programs of their own, reached over HTTP only.
.venv-live/installed: .ci/requirements-live.txt
	$(PYTHON) -m venv --clear .venv-live
	.venv-live/bin/python -m pip --disable-pip-version-check --quiet --no-input install --require-hashes -r $<
	@touch $@

.venv-site/installed: .ci/requirements-site.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv-site
	.venv-site/bin/python -m pip --disable-pip-version-check --quiet --no-input install --require-hashes -r $<
	.venv-site/bin/python -m pip --disable-pip-version-check --quiet --no-input install --no-build-isolation --no-deps --editable .
	@touch $@

clean:
	rm -rf .venv .venv-peers .venv-live .venv-site dist build
