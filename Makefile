# `make demo` and `make test` install what they need, from requirements.lock, into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready
TOPOLOGY ?= central
CARDS  ?= 10000
MUTATED := tests policies cards shares docs cardops.yaml CODEOWNERS pyproject.toml
FAMILY ?= plan
PYTEST := -q -n 2 --dist worksteal
# What each family of modules is, and the tests closest to it: every change that survives costs all of them.
MODULES_plan   := "cardops/merge/*", "cardops/plan/*"
TESTS_plan     := "tests/merge", "tests/plan"
MODULES_policy := "cardops/policy/*"
TESTS_policy   := "tests/policy"
MODULES_signoffs := "cardops/signoffs/*"
TESTS_signoffs   := "tests/signoffs", "tests/validation"
MODULES_apply  := "cardops/apply/*"
TESTS_apply    := "tests/apply", "tests/aws"

# The tests start the commands hundreds of times, which must not compile them each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: docs bench fuzz mutants demo pictures test test-slow coverage lint types layers workflows tests lock clean

demo: $(READY)
	$(BIN)/python scripts/demo.py $(TOPOLOGY)

# Builds the documentation site, with links checked, in an environment of its own.
docs: $(READY) build/docs/venv
	$(BIN)/python scripts/docs.py build/docs/venv/bin/python

build/docs/venv: requirements-docs.lock
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	touch $@

# Draws docs/pictures anew, from real output.
pictures: $(READY)
	$(BIN)/python scripts/pictures.py

# Ten minutes: everything but what is marked slow.
test: lint types layers workflows tests

# Twenty minutes: what is marked slow, and the properties with more examples.
test-slow: export HYPOTHESIS_PROFILE := ci
test-slow: $(READY)
	$(BIN)/python -m pytest -m "slow or hypothesis" $(PYTEST)

# An hour: every test, and how much of the code all of them reach.
coverage: $(READY)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PYTEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

# Offline: the audits that need no network, and the schemas that check-jsonschema carries.
workflows: $(READY)
	$(BIN)/zizmor --offline --no-progress --quiet --strict-collection .
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml

tests: $(READY)
	$(BIN)/python -m pytest -m "not slow" $(PYTEST)

# Not part of `make test`: it takes a quarter of an hour. `make bench CARDS=1000` is quicker.
bench: $(READY)
	PYTHONPATH=tests $(BIN)/python tests/bench/run.py $(CARDS)

# Ten minutes over four targets. atheris has no wheel for every platform, so it is installed only here.
fuzz: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check atheris
	for target in repository policies plan reviews; do \
		PYTHONPATH=scripts:tests $(BIN)/python tests/faults/fuzz.py $$target 150 || exit 1; \
	done

# One change of the code at a time, each against the tests that reach it, in a copy of the tree. It takes hours, and goes
# on where it was stopped; `make mutants FAMILY=policy MUTANTS='cardops.policy.judge.*'` takes some anew.
mutants: COPY := .mutants/$(FAMILY)
mutants: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check mutmut
	mkdir -p $(COPY)
	cd $(COPY) && rm -rf cardops $(MUTATED)
	cp -Rp scripts/cardops $(MUTATED) $(COPY)
	sed -e 's|^only_mutate = .*|only_mutate = [$(MODULES_$(FAMILY))]|' \
		-e 's|^pytest_add_cli_args_test_selection = .*|pytest_add_cli_args_test_selection = [$(TESTS_$(FAMILY))]|' \
		pyproject.toml > $(COPY)/pyproject.toml
	cd $(COPY) && nice -n 19 ../../$(BIN)/mutmut run --max-children 1 $(foreach name,$(MUTANTS),'$(name)')
	cd $(COPY) && ../../$(BIN)/mutmut results --all true | ../../$(BIN)/python tests/support/mutation_scores.py

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("cardops needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# uv resolves for every platform and Python at once; it is needed only to renew the lock.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --group dev pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --group run -c requirements.lock pyproject.toml -o requirements-run.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --group docs -o requirements-docs.lock

clean:
	rm -rf $(VENV) build dist .coverage .demo .mutants scripts/*.egg-info
