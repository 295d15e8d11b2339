# Growline. The whole interface: make run, make test, make bench. Each sets up what it needs.

SHELL := /bin/bash
# Some machines ask Python to keep nothing it has compiled. The tests start a hundred programs, and the engine alone then takes
# nine seconds longer each time.
unexport PYTHONDONTWRITEBYTECODE
PY := .venv/bin/python
BOT := bot/.venv/bin/python
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
PYTEST := $(PY) -m pytest
ON_EVERY_CORE := -n auto --dist worksteal
# Three running systems for two cores, because a test waits half of its time, and the tests of a file share one;
# tests/conftest.py says which files come first.
BY_FILE := -n $(shell expr \( $$(nproc) \* 3 + 1 \) / 2) --dist loadfile --no-loadscope-reorder

.PHONY: help run test test-fast faults lint bench bench-understanding learn learn-hold-out bench-ways lock content-check clean

help:           ## what can be done here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 18

run: setup      ## sets everything up and runs the whole system in demo mode
	$(PY) -m growline run --demo

test:           ## sets everything up and runs every test, fast ones first
	$(MAKE) --no-print-directory -j4 setup browser
	$(MAKE) --no-print-directory -j2 --output-sync lint test-bot  # side by side: neither fills more than one core
	$(PYTEST) -m "not system and not browser" $(ON_EVERY_CORE)
	$(PYTEST) -m "(system or browser) and not faults" $(BY_FILE)

test-fast: setup ## the tests that need no engine and no browser
	$(PYTEST) -m "not system and not browser" $(ON_EVERY_CORE)

faults: setup browser ## every fault test, and one long run with 20,000 texts; prints its table (half an hour)
	$(PYTEST) tests/faults
	$(PY) -m growline train
	$(PY) -m tests.faults.long_run --messages 20000

test-bot: setup ## the engine's own tests, in the engine's environment, with the trained model
	$(PY) -m growline train
	$(BOT) -m pytest -c tests/bot/pytest.ini --rootdir=. --confcutdir=tests/bot tests/bot -q
	$(PY) -m growline validate

lint: setup     ## style, types, imports, content
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m growline content check

bench: setup    ## measures what the README states
	$(PY) -m growline train
	$(PY) -m bench.turn
	$(PY) -m bench.sms
	$(PY) -m bench.chat
	$(PY) -m bench.widget
	$(PY) -m bench.console
	$(PY) -m bench.segments

bench-understanding: setup ## how well messages never seen in training are understood
	$(PY) -m growline train
	$(PY) -m bench.understanding

learn: setup    ## teaches the network anew, after a change of bot/training or data/nlu (half an hour; writes learned.npz)
	$(BOT) -m bot.meaning.learn

learn-hold-out: setup ## the same without a fifth of the writers, and says how well those are read
	mkdir -p results && $(BOT) -m bot.meaning.learn --hold-out --to results/held_out.npz

bench-ways: setup ## which way of understanding is how good on writers held out (after make learn-hold-out)
	$(BOT) -m bench.ways results/held_out.npz

lock:           ## resolves both environments anew and writes requirements.lock (names, versions, hashes)
	$(UV) lock --upgrade && $(UV) export -q --no-emit-project --no-header --no-annotate -o requirements.lock
	$(UV) lock --project bot --upgrade && $(UV) export -q --project bot --no-emit-project --no-header --no-annotate -o bot/requirements.lock

.PHONY: setup browser test-bot
setup: .venv/.ready bot/.venv/.ready widget/dist/.ready

.tools/bin/uv:
	python3 -m venv .tools && .tools/bin/pip install -q "uv==$(UV_VERSION)"

.venv/.ready: requirements.lock pyproject.toml | $(filter .tools/bin/uv,$(UV))
	$(UV) venv -q --allow-existing --python $$(head -1 .python-version) .venv
	$(UV) pip sync -q --python $(PY) --require-hashes requirements.lock
	$(UV) pip install -q --python $(PY) --no-deps -e .
	@touch $@

bot/.venv/.ready: bot/requirements.lock | $(filter .tools/bin/uv,$(UV))
	$(UV) venv -q --allow-existing --python $$(cat bot/.python-version) bot/.venv
	$(UV) pip sync -q --python $(BOT) --require-hashes bot/requirements.lock
	@touch $@

widget/node_modules/.ready: widget/package.json widget/package-lock.json widget/.npmrc
	cd widget && npm ci --silent --ignore-scripts
	@touch $@

widget/dist/.ready: widget/node_modules/.ready widget/build.mjs widget/tsconfig.json $(wildcard widget/src/*)
	cd widget && npm run --silent check && npm run --silent build
	@touch $@

browser:        # Debian's Chromium, for the browser tests, and faketime, for the fault tests that set a program's clock
	@command -v chromium >/dev/null && command -v faketime >/dev/null || { apt-get update -q && apt-get install -y -q --no-install-recommends chromium faketime fonts-dejavu-core fonts-noto-color-emoji; } >/dev/null

clean:          ## removes what was built; data under var/ stay
	rm -rf .venv bot/.venv .tools widget/node_modules widget/dist models .rasa .pytest_cache .mypy_cache .ruff_cache
