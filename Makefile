# Two commands are all that a newcomer needs: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LAB ?= .lab/demo
DEMO_HOSTS ?= 5

.PHONY: demo demo-down test test-modules lint types layers package bench bench-soak bench-target bench-values bench-dry-runs fuzz coverage-of-usage docs clean

$(VENV)/.installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.lab/.tools:
	@scripts/install-lab-tools
	@mkdir -p .lab && touch $@

demo: $(VENV)/.installed .lab/.tools  ## five real hosts, a real playbook, twice
	@BIN=$(BIN) LAB=$(LAB) HOSTS=$(DEMO_HOSTS) scripts/demo

demo-down: $(VENV)/.installed  ## end the demo's hosts
	@$(BIN)/confman lab --dir $(LAB) down

test: $(VENV)/.installed .lab/.tools  ## everything: lint, types, layers, tests
	@BIN=$(BIN) scripts/test

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed
	$(BIN)/mypy
	$(BIN)/pyright

layers: $(VENV)/.installed
	$(BIN)/lint-imports

test-modules: $(VENV)/.installed .lab/.tools  ## the modules alone, also with whole applications and beside ansible-core; at the end a table of what was shown
	$(BIN)/pytest -n 2 --dist loadfile --timeout 1800 --modules-table tests/modules

package: $(VENV)/.installed  ## build wheel and sdist, install each into an empty environment and run it
	@BIN=$(BIN) scripts/test-packages

bench: $(VENV)/.installed .lab/.tools  ## confman beside ansible-core on the same hosts
	@BIN=$(BIN) scripts/bench

bench-dry-runs: $(VENV)/.installed .lab/.tools  ## what dry runs foretell, held against what a run then does
	@BIN=$(BIN) scripts/bench-dry-runs $(or $(PLAYBOOKS),playbooks/site.yml playbooks/baseline.yml playbooks/patch.yml)

bench-soak: $(VENV)/.installed .lab/.tools  ## whether a run of ten thousand tasks holds more the longer it takes
	@$(BIN)/python -m bench.soak $(SOAK)

bench-target: $(VENV)/.installed .lab/.tools  ## what single tasks cost the host, confman beside ansible-core
	@$(BIN)/python -m bench.target $(TARGET)

bench-values: $(VENV)/.installed  ## expressions, loops and inventories beside ansible-core, in controller CPU
	@BIN=$(BIN) scripts/bench-values

fuzz:  ## search for texts that break parsers, an hour in all: FUZZ="yaml patterns" SECONDS_EACH=510
	@PYTHON=$(PYTHON) SECONDS_EACH=$(or $(SECONDS_EACH),510) scripts/fuzz $(FUZZ)

docs: $(VENV)/.installed  ## a folder of pages of all modules, and JSON schemas for editors: SITE=build/docs
	$(BIN)/confman doc --site $(or $(SITE),build/docs)

coverage-of-usage: $(VENV)/.installed  ## what share of the tasks that a table counts runs here: TABLE=usage.md [COLLECTIONS=folder]
	$(BIN)/python -m bench.coverage $(TABLE) $(addprefix --collections ,$(COLLECTIONS))

clean: demo-down
	rm -rf $(VENV) .lab .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
