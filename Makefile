# The door on a fresh machine. All other work is done by the `highneeds` command.
#   make report                      a committee report on Kent
#   make report AUTHORITY=Devon      ... or on any authority in England
#   make test                        the whole test suite
AUTHORITY ?= Kent
ARGS ?=
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: report test clean
report: $(READY)
	@$(BIN)/highneeds report "$(AUTHORITY)" $(ARGS)

test: $(READY)
	@$(BIN)/python -m pytest $(ARGS)

# Made anew only when the lock or the package's own declaration changes.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "highneeds needs Python 3.11 or later. Found: $$($(PYTHON) --version). Try: make PYTHON=python3.12 report"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv module is missing; installing Debian's python3-venv."; \
	  SUDO=; [ "$$(id -u)" = 0 ] || SUDO=sudo; \
	  { $$SUDO apt-get update -qq && $$SUDO apt-get install -y -qq python3-venv; } >/dev/null || { \
	  echo "That did not work. Ask your administrator for: apt install python3-venv"; exit 1; }; }
	@echo "Setting up $(VENV): a few minutes, once."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

clean:
	rm -rf $(VENV) reports/*/ reports/.work .pytest_cache
