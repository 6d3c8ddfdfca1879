# make run    sets up, runs 1,000 campaigns, prints the answer, writes report and replay; ARGS="--seed 2 -n 5000" is
#              passed on
# make test   sets up, then lint, types and the whole test suite, on all cores
# make verify the long checks against theory, and that every mutant is killed (make mutants: these alone)
# make numba-versions runs the test suite with each other version of Numba that is supported
# make lint   ruff and mypy only        make bench  speed, beside a plain-Mesa model
# make torture kills, flips, cuts, crowds and bad disks for results folders; damaged scenario files, typos; random
#              changes of the code, which tests should find out (an hour or two)
# make docs   writes the generated parts of docs/ from the declarations of the code
# make notebooks  installs Jupyter, turns notebooks/*.py into notebooks and opens them; a notebook that is there is left
#              as it is, with your changes
# make site   builds the documentation as a site that works offline: build/site/index.html
# make clean  removes the environment and the caches; results stay
PYTHON ?= python3
SCENARIO ?= scenarios/hama-2024.yaml
ARGS ?=
VENV := .venv/bin

.PHONY: run test verify mutants numba-versions torture lint bench docs site notebooks clean

run: .venv/core.done
	@$(VENV)/sim run $(SCENARIO) $(ARGS)

test: lint
	$(VENV)/pytest -q --numprocesses logical --maxprocesses 8 --dist worksteal $(ARGS)

verify: .venv/dev.done
	$(VENV)/pytest -q -m verify $(ARGS)

mutants: .venv/dev.done
	@$(VENV)/python -m tests.mutants $(ARGS)

lint: .venv/dev.done
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy

numba-versions: .venv/dev.done
	@$(VENV)/python -m tools.numba_versions $(ARGS)

torture: .venv/dev.done
	@$(VENV)/python -m tests.torture.folders $(ARGS)
	@$(VENV)/python -m tests.torture.studies
	@$(VENV)/python -m tests.torture.fuzz
	@$(VENV)/python -m tests.torture.typos
	@$(VENV)/python -m tests.mutants.hunt

bench: .venv/dev.done
	@$(VENV)/python -m benchmarks $(ARGS)

docs: .venv/dev.done
	@$(VENV)/python -m tools.tables

notebooks: .venv/jupyter.done
	@for source in notebooks/*.py; do \
	  [ -e "$${source%.py}.ipynb" ] || $(VENV)/jupytext --quiet --to ipynb "$$source"; \
	done
	@$(VENV)/jupyter lab $(ARGS) notebooks

site: .venv/dev.done
	@$(VENV)/python -m tools.site

clean:
	rm -rf .venv build .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find sim tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# Each step leaves a file behind, so that it is done once, and again only when the pinned versions change.
.venv/made.done:
	@command -v $(PYTHON) >/dev/null || { echo "There is no '$(PYTHON)'. Install Python 3.11 or newer, or say: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, but '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Say: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) -V) (once, about a minute) ..."
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/core.done: .ci/requirements.txt pyproject.toml .venv/made.done
	@echo "Installing the pinned packages ..."
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check -r .ci/requirements.txt
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.done: .ci/requirements-dev.txt .ci/requirements-docs.txt .venv/core.done
	@echo "Installing the tools for tests and checks ..."
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check -r .ci/requirements-dev.txt
	@touch $@

.venv/jupyter.done: .ci/requirements-jupyter.txt .venv/core.done
	@echo "Installing Jupyter ..."
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check -r .ci/requirements-jupyter.txt
	@touch $@
