# What a developer types. `make help` lists it.

PYTHON ?= python3
export CHROMIUM ?= /usr/bin/chromium
VENV := .venv
RUN := $(VENV)/bin/python -m
INSTALLED := $(VENV)/.installed
STYLES := directory/web/styles
STATIC := directory/web/static

# Tests' files go into memory where there is plenty: they come and go by the thousand.
ROOMY := $(shell [ "$$(df --output=avail -m /dev/shm 2>/dev/null | tail -1)" -ge 4000 ] 2>/dev/null \
  && [ "$$(awk '/MemAvailable/ { print int($$2 / 1024) }' /proc/meminfo)" -ge 6000 ] \
  && echo /dev/shm)

# Where this is set, every process that a test starts would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo install test browser bench screenshots soak lint format sure lock upgrade chromium go nginx \
  openapi css reference clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: install ## Start a small federation on this machine, with made-up authorities and homes
	@$(VENV)/bin/hearth demo

test: export TMPDIR := $(or $(ROOMY),$(TMPDIR),/tmp)
test: chromium install ## Run the tests
	@$(RUN) pytest -n 2 --dist worksteal --durations 15 --reruns 1 -raR

lint: install ## Check style, types and which package imports which
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(VENV)/bin/lint-imports --no-logo

format: install ## Put the code into the common style
	@$(RUN) ruff check --fix-only .
	@$(RUN) ruff format .

sure: lint test ## Everything that must hold before a change is handed in

bench: install ## Measure everything; takes more than an hour, and wants the machine for itself
	@$(RUN) directory.bench.everything bench/latest.json
	@$(RUN) directory.bench.page bench/latest.json docs/performance.md

soak: export TMPDIR := $(or $(ROOMY),$(TMPDIR),/tmp)
soak: chromium install ## Run the tests that take minutes, and print which faults they injected
	@$(RUN) pytest -m soak -n 2 --dist worksteal --durations 15

# --- What is needed first -------------------------------------------------------------------------

# $(call debian,PACKAGES): install them when root, otherwise stop with the line to run.
define debian
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
  echo "Installing $(1)"; \
  apt-get -qq -o DPkg::Lock::Timeout=300 update && \
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install --yes \
    --no-install-recommends $(1) >/dev/null; \
else \
  printf 'Missing: %s. Run this, then make again:\n\n    sudo apt-get install %s\n\n' \
    "$(1)" "$(1)" >&2; exit 1; \
fi
endef

install: $(INSTALLED) ## Make .venv with everything in requirements.lock, each file checked by hash

# Debian keeps `venv` in a package of its own; without it there is no ensurepip.
$(INSTALLED): requirements.lock pyproject.toml
	@"$(PYTHON)" -c 'import ensurepip' 2>/dev/null || { $(call debian,python3 python3-venv); }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed, and $(PYTHON) is older." \
	    "Name another: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Installing into $(VENV)"
	@"$(PYTHON)" -m venv $(VENV)
	@$(RUN) pip install --quiet --disable-pip-version-check --no-compile --require-hashes \
	  -r requirements.lock
	@$(RUN) pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(RUN) pip check >/dev/null || { $(RUN) pip check; \
	  echo "pyproject.toml asks for more than requirements.lock has: make lock" >&2; exit 1; }
	@touch $@

# Browser tests drive Debian's Chromium. The font stands in for Arial; Playwright's driver needs
# libatomic, which a small Debian lacks.
chromium:
	@{ [ -x "$(CHROMIUM)" ] && "$(PYTHON)" -c 'import ctypes; ctypes.CDLL("libatomic.so.1")'; } \
	  2>/dev/null || { $(call debian,chromium fonts-liberation libatomic1); }

go: ## Install Debian's Go, against which our logs and signatures are checked (optional)
	@command -v go >/dev/null && [ -d /usr/share/gocode/src/golang.org/x/mod ] || \
	  { $(call debian,golang-go golang-golang-x-mod-dev); }

nginx: ## Install Debian's nginx, behind which a deployed node is tried (optional)
	@command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || { $(call debian,nginx-light); }

# --- What is made and committed -------------------------------------------------------------------

screenshots: chromium install ## Take the screenshots of the README, of a fresh demonstration
	@$(RUN) tests.browser.screenshots

upgrade: UPGRADE := --upgrade
upgrade: lock ## Write requirements.lock with the newest versions that pyproject.toml allows

# Also where the lock is out of date and so `install` would stop.
lock: ## Write requirements.lock after a change in pyproject.toml, keeping versions that still fit
	@[ -x $(VENV)/bin/python ] || "$(PYTHON)" -m venv $(VENV)
	@$(RUN) piptools --version >/dev/null 2>&1 || $(RUN) pip install --quiet pip-tools
	@CUSTOM_COMPILE_COMMAND="make lock" $(RUN) piptools compile --quiet $(UPGRADE) --extra dev \
	  --build-deps-for editable --generate-hashes --allow-unsafe --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	  --output-file requirements.lock pyproject.toml

reference: install ## Derive the tables of places from the postcode directory (after an upgrade)
	@$(RUN) directory.country.reference.derive

openapi: install ## Write openapi.yaml from the schemas and views of the API
	@$(RUN) directory.api.document

css: ## Build the style sheet and the script from GOV.UK Frontend (needs npm)
	@cd $(STYLES) && npm ci --ignore-scripts --omit=optional && npm run --silent build
	@sed 's|//# sourceMappingURL=.*||' \
	  $(STYLES)/node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js \
	  >$(STATIC)/govuk-frontend.min.js

clean: ## Remove what was installed or made, and is not committed
	@rm -rf $(VENV) $(STYLES)/node_modules build dist test-results \
	  .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find directory federation protocols tests -name __pycache__ -prune -exec rm -rf {} +
