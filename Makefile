# One command each; every target sets itself up. Needs Python 3.11 or newer, make and git; uses uv where it is.
PYTHON ?= python3
BIN := .venv/bin
COPY := build/company

.PHONY: standup check soak format docs bench small-model plans clean

standup: .venv/.program  ## a day plan from a fresh copy of the sample company
	@rm -rf $(COPY)
	@$(BIN)/agentco init $(COPY) --sample
	@$(BIN)/agentco --company $(COPY) standup

check: .venv/.ready  ## format, lint, layers, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/basedpyright --warnings
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not soak"

soak: .venv/.ready  ## the suite at four moments that are not today, then the large numbers, kept with their seeds in docs/benchmarks.md
	$(BIN)/python benchmarks/moments.py
	$(BIN)/python benchmarks/kept.py "Soak: many kills" $(BIN)/python -m pytest -m soak -s -o faulthandler_timeout=0
	$(BIN)/python benchmarks/kept.py "Soak: laws, 1,000 examples each" $(BIN)/python -m pytest -n auto \
	  --dist loadfile -m "not soak" -o faulthandler_timeout=0 --hypothesis-profile=soak tests/board tests/company tests/memory tests/standup tests/runs tests/protocol tests/mcp tests/governance tests/otp

format: .venv/.ready  ## let the tools rewrite what they can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: .venv/.ready  ## write docs/cli.md from the help of every command, and the sample from its templates
	$(BIN)/python tests/sample_files.py
	$(BIN)/python tests/cli_page.py > docs/cli.md

bench: .venv/.ready  ## every benchmark with its bar, kept in docs/benchmarks.md
	$(BIN)/python -m compileall -q agentco
	$(BIN)/python benchmarks/kept.py "Start, standup, loading" $(BIN)/python benchmarks/start.py
	$(BIN)/python benchmarks/kept.py "Growth" $(BIN)/python benchmarks/growth.py
	$(BIN)/python benchmarks/kept.py "Memory" $(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/kept.py "Runs" $(BIN)/python benchmarks/runs.py
	$(BIN)/python benchmarks/kept.py "Day and night" $(BIN)/python benchmarks/daemon.py
	$(BIN)/python benchmarks/kept.py "Who reviews what" $(BIN)/python benchmarks/triggers.py
	$(BIN)/python benchmarks/kept.py "Supervisor" $(BIN)/python benchmarks/supervisor.py
	$(BIN)/python benchmarks/kept.py "Permissions" $(BIN)/python benchmarks/permissions.py

small-model: .venv/.ready  ## real work with any OpenAI-compatible MODEL at MODEL_SERVER (KEY=VARIABLE, PROMPT=brief, TASKS=tools,review, MAX_OUTPUT=400): docs/small-model.md
	@$(BIN)/python benchmarks/small_model.py $(if $(KEY),--key $(KEY)) $(if $(PROMPT),--prompt $(PROMPT)) $(if $(TASKS),--tasks $(TASKS)) $(if $(MAX_OUTPUT),--max-output $(MAX_OUTPUT)) "$(MODEL_SERVER)" "$(MODEL)"

plans: .venv/.ready  ## the real programs of plans, from npm, against the test server on loopback; no account: docs/plans.md
	@PYTHONPATH=tests:tests/plans $(BIN)/python tests/plans/real_programs.py build/plans

clean:
	rm -rf .venv build dist

# What the program needs, and nothing for developers; what they installed stays.
.venv/.program: pyproject.toml uv.lock
	@$(call install,--inexact,.)
	@touch $@

.venv/.ready: pyproject.toml uv.lock
	@$(call install,--extra dev,.[dev])
	@touch .venv/.program $@

define install
if command -v uv >/dev/null 2>&1; then uv sync --frozen $(1); \
else $(PYTHON) -c 'import sys; sys.exit("agentco needs Python 3.11 or newer: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)' \
  && $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '$(2)'; fi
endef
