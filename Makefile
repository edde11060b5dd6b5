# Two commands do everything, each with its own set-up: `make demo` and `make test`.
# Needed on the machine: Python 3.11 or newer (with its venv module), git, make.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input --quiet
IMAGE ?= data-review:test
LOCAL_IMAGE ?= ../shared/tools/local-image.sh
CORPUS ?= ../shared/corpus
CLONES ?= ../.mirror

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint docs bench image e2e lock clean

help:  ## say what there is
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/make \1	\2/p' Makefile

demo: $(VENV)/.runtime  ## review a bundled example change: no key, no network
	@$(PY) -m review demo

test: $(VENV)/.dev  ## every test and every linter, offline
	@PYTHONDONTWRITEBYTECODE= $(PY) -m pytest --numprocesses=3 --dist=worksteal

lint: $(VENV)/.dev  ## the linters alone
	@$(PY) -m pytest --quiet tests/meta/test_lint.py

docs: $(VENV)/.dev  ## write the rules' pages and the README's example anew
	@$(PY) -m review docs
	@UPDATE_README=1 $(PY) -m pytest --quiet tests/meta/test_readme.py -k demos

bench: $(VENV)/.dev $(VENV)/.plain  ## time us against what users run today; minutes, on an idle machine
	@$(PY) tests/bench/start_up.py
	@$(PY) tests/bench/lint_ratio.py --plain $(VENV)/plain/bin/python \
	  --rules "$$($(PY) -c 'from review.sql.selection import DEFAULT_RULES; print(",".join(DEFAULT_RULES))')" \
	  --ranges "$(CORPUS)/pull_requests.jsonl" --clones "$(CLONES)"
	@$(PY) tests/bench/rules_ratio.py --ranges "$(CORPUS)/pull_requests.jsonl" --clones "$(CLONES)"

image: ## build the image of the action, with docker where it is, else with buildah
	@if docker info >/dev/null 2>&1; then docker build --tag $(IMAGE) .; else bash $(LOCAL_IMAGE) build . $(IMAGE); fi

e2e: $(VENV)/.dev  ## build the image and run it as the runner would, against a fake GitHub
	@DATA_REVIEW_E2E=1 $(PY) -m pytest tests/e2e

lock: $(VENV)/.dev  ## resolve the dependencies anew; needs uv and the network
	@{ echo '# What the image holds, pinned by hash. Written by `make lock` from pyproject.toml.'; \
	   uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade \
	     pyproject.toml; } >$(VENV)/lock && cp $(VENV)/lock requirements.lock
	@{ echo '# The same and what `make test` runs, pinned by hash. Written by `make lock` from pyproject.toml.'; \
	   uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade \
	     --extra dev --constraint requirements.lock pyproject.toml; } >$(VENV)/lock && cp $(VENV)/lock requirements-dev.lock

clean:  ## remove what the other targets made
	rm -rf $(VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache data-review-report

# The locks are whole (uv resolved them), so that pip has nothing to resolve: --no-deps.
$(VENV)/.runtime: requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found; name it: make PYTHON=/path/to/python"; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute) …"
	@"$(PYTHON)" -m venv $(VENV) || { echo "$(PYTHON) lacks its venv module; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PIP) install --no-deps --require-hashes --requirement requirements.lock
	@test -e $(VENV)/bin/data-review || { printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s/bin/python" -P -m review "$$@"\n' \
	  "$(CURDIR)" "$(CURDIR)/$(VENV)" >$(VENV)/bin/data-review && chmod +x $(VENV)/bin/data-review; }
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml $(VENV)/.runtime
	@echo "Installing the test tools (once, about a minute) …"
	@$(PIP) install --no-deps --require-hashes --requirement requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# sqlfluff as a user installs it, in an environment of its own: what `make bench` compares with.
$(VENV)/.plain: requirements.lock $(VENV)/.runtime
	@$(PY) -m venv $(VENV)/plain
	@$(VENV)/plain/bin/python -m pip --disable-pip-version-check --no-input --quiet install \
	  "$$(sed -n 's/^\(sqlfluff==[^ ]*\).*/\1/p' requirements.lock)"
	@touch $@
