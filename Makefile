# What people and machines do with the portal; every target works from a fresh clone.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

.PHONY: demo demo-once test check bench matrix schedules lock clean

demo: $(VENV)/.runtime   ## set up, run one approved Live Update, leave the portal running
	@PORTAL_DEMO=1 $(MANAGE) demo --port $(PORT)

demo-once: $(VENV)/.runtime   ## the same, then stop and print the result as JSON
	@PORTAL_DEMO=1 $(MANAGE) demo --once --port $(PORT)

test: $(VENV)/.tests   ## everything that needs nothing but Python
	$(BIN)/python -m pytest -m "not postgresql and not openssh and not browser and not golang and not openssl and not rsyslog and not spreadsheet and not captures and not deep and not matrix" -n 4 --dist worksteal

check: $(VENV)/.tests   ## style, types, import directions, migrations, the API's description
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) spectacular --validate --fail-on-warn --file /dev/null

bench: $(VENV)/.tests   ## measure, side by side with the references
	$(BIN)/python -m tests.bench

matrix: $(VENV)/.tests   ## every procedure under every fault of the lab; takes an hour
	$(BIN)/python -m pytest -m "matrix or deep" -n 4 --dist loadgroup tests/matrix

schedules: $(VENV)/.tests   ## a thousand random schedules of decisions; nothing starts that nobody approved
	$(BIN)/python -m pytest -s --schedules 1000 tests/integration/test_no_unapproved_start.py

lock:   ## pin every package that the portal needs, with the hashes of all its files
	$(PYTHON) -m venv var/lock
	var/lock/bin/python -m pip install --quiet --disable-pip-version-check "pip-tools>=7.5,<8"
	var/lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	  --no-emit-index-url --no-emit-trusted-host --output-file requirements.lock requirements.txt

clean:   ## forget the demo's data and the environment
	rm -rf $(VENV) var

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.tests: requirements.txt tests/requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@ $(VENV)/.runtime
