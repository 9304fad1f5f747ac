# The commands of this repository. `make demo` and `make test` set up all they need; make, git and some python3 do.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

# Compiled once, not again by each of the processes that the pipeline and its tests start: images of machines set it.
unexport PYTHONDONTWRITEBYTECODE
# As the functions run (infra/functions.tf): tests and benchmarks run beside one another as it is.
export OPENBLAS_NUM_THREADS = 1

.PHONY: help setup demo check test test-long found lint types schemas requirements deploy destroy clean

help: ## Show the commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup: .venv/.ready ## Install what the local pipeline needs into .venv

.venv/.ready: pyproject.toml uv.lock scripts/setup.py
	@$(PYTHON) scripts/setup.py
	@touch $@

.venv/.ready-dev: pyproject.toml uv.lock scripts/setup.py
	@$(PYTHON) scripts/setup.py --dev
	@touch $@ .venv/.ready

demo: setup ## Analyse the creatives in samples/ on this machine
	@$(BIN)/creatives demo

# What mypy knows of a file's text holds wherever the file lies: a new clone begins with what the last gate here has kept,
# as do the tests (tests/kept.py), and takes two seconds instead of a minute.
TYPES = .mypy_cache
TYPES_KEPT = $(HOME)/.cache/creatives-tests/types.tar
KEEP_TYPES = mkdir -p $(dir $(TYPES_KEPT)); tar -cf $(TYPES_KEPT).$$$$ -C $(TYPES) . && mv $(TYPES_KEPT).$$$$ $(TYPES_KEPT)
$(TYPES):
	@mkdir $@; tar -xf $(TYPES_KEPT) -C $@ 2>/dev/null || true

# As does what Python has compiled of the packages: uv links the same files into each clone, and Python tells by their time
# and size that it fits. Else the first process compiles all that the tests import, while a processor waits for it.
PACKAGES = .venv/lib
COMPILED = .venv/.compiled
COMPILED_KEPT = $(HOME)/.cache/creatives-tests/compiled-$(firstword $(shell cksum <uv.lock)).tar
KEEP_COMPILED = cd $(PACKAGES) && if [ $$(find . -name '*.pyc' | wc -l) -gt $$(tar -tf $(COMPILED_KEPT) 2>/dev/null | wc -l) ]; \
	then find . -name '*.pyc' -print0 | tar -cf $(COMPILED_KEPT).$$$$ --null -T - \
	&& rm -f $(dir $(COMPILED_KEPT))compiled-*.tar && mv $(COMPILED_KEPT).$$$$ $(COMPILED_KEPT); fi
$(COMPILED): .venv/.ready-dev
	@tar -xf $(COMPILED_KEPT) -C $(PACKAGES) 2>/dev/null || true; touch $@

check: lint types generated ## Lint, types, generated files, and the quick tests that need no server: before each commit
	@$(BIN)/pytest --workers 2 -m "not server and not slow and not long"

# A worker waits for half of its time: four kept two cores busy for four fifths of it. Each takes 1.6 GB with its servers.
WORKERS = 6
TYPES_SAID = $(TYPES)/said
# Types are looked at beside the tests, in one process: several wait five seconds for each other, and not on a busy machine.
test: lint generated | $(TYPES) $(COMPILED) ## Lint, types, generated files, all tests: before each merge [WORKERS=6]
	@$(BIN)/mypy --num-workers 0 >$(TYPES_SAID) 2>&1 & types=$$!; \
	$(BIN)/pytest --workers $(WORKERS); failed=$$?; \
	if wait $$types; then $(KEEP_TYPES); else failed=1; fi; cat $(TYPES_SAID); \
	if [ $$failed = 0 ]; then ($(KEEP_COMPILED)); fi; exit $$failed

test-long: .venv/.ready-dev ## What only a long run shows: large campaigns, storms, kills, many examples and datasets, benchmarks that run, mutants
	@$(BIN)/pytest --workers 2 -m long
	@$(BIN)/pytest --workers 2 -m "hypothesis and not long" --hypothesis-profile long --timeout 0
	@$(BIN)/pytest tests/googlesql/test_same_rows.py --datasets 20 --timeout 0
	@$(BIN)/python -m benchmarks.mutants

FOUND = .venv/benchmarks/bin/python -m
found: ## What is found of creatives that nobody here drew, on the half that is tuned on; fails where copies are missed or others merged
	@$(PYTHON) scripts/setup.py --benchmarks
	@$(FOUND) benchmarks.duplicates.public --half tuned --bases 14 --at-least .95
	@$(FOUND) benchmarks.animated --half tuned --bases 10 --at-least .95 --known-merged 1 # dark blue on black, a GIF and an AVIF
	@$(FOUND) benchmarks.real_clips --half tuned --at-least .95

generated: .venv/.ready-dev | $(COMPILED)
	@$(BIN)/python -m generate.schemas --check
	@$(BIN)/python -m generate.dictionary --check
	@$(BIN)/python -m generate.toolbox --check
	@$(BIN)/python -m generate.requirements --check

lint: .venv/.ready-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: .venv/.ready-dev | $(TYPES)
	@$(BIN)/mypy

schemas: .venv/.ready-dev ## Generate infra/schemas/*.json from shared/events.py, docs/data.md and the tools of assistants
	@$(BIN)/python -m generate.schemas
	@$(BIN)/python -m generate.dictionary
	@$(BIN)/python -m generate.toolbox

requirements: .venv/.ready-dev ## Pin what each function installs, from uv.lock
	@$(BIN)/python -m generate.requirements

NAME = creatives
PAUSE = 90
deploy: setup ## Deploy: make deploy PROJECT=… REGION=… [NAME=…] [YES=1] [MOVE=1] [ANY_REGION=1]
	@$(BIN)/python -m creatives.deploy up --project "$(PROJECT)" --region "$(REGION)" --name "$(NAME)" --pause "$(PAUSE)" \
		$(if $(YES),--yes) $(if $(MOVE),--move) $(if $(ANY_REGION),--any-region)

destroy: setup ## Delete everything deployed: make destroy PROJECT=… REGION=… [NAME=…]
	@$(BIN)/python -m creatives.deploy down --project "$(PROJECT)" --region "$(REGION)" --name "$(NAME)"

clean: ## Remove the environment and the local pipeline's data
	rm -rf .venv .uv .cache .creatives
