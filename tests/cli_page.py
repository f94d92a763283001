"""Makes `docs/cli.md`: the help of every command, as the program prints it."""

import contextlib
import io
import os

from agentco.cli import COMMAND_GROUPS
from agentco.cli.main import main

INTRO = """\
# Commands

This page is what the program says about itself; `make docs` writes it.

Everything that shows something has `--json`: one document on stdout, also on failure:
`{"error": {"what", "hint", "code"}}`. Keys are only ever added. stdout carries the answer, stderr everything
else. Exit codes: 0 done; 1 the work ended without its result (`check --strict` with warnings); 2 wrong usage
or an unknown name; 3 company files missing or broken; 5 the board or the memory damaged or locked.
"""

MEMORY = """\
### Documents of the memory

| command | keys |
|---|---|
| `memory show`, `memory search` | `entities [{name, entityType, observations}]`, `relations [{from, to, relationType}]`, `total`; `show NAME` also `lines [{at, by, run, trust: trusted\\|untrusted, verified, added, again}]` |
| `memory graph` | `root`, `nodes [{name, entityType}]`, `edges [{from, to, relationType}]` |
| `memory stats` | `entities`, `observations`, `relations`, `bytes`, `types {type: n}`, `heaviest [{name, characters}]`, `months {month: n}`, `growth {month: {type: n}}`, `next [{name, when}]`, `untrusted`, `rejected` |
| `memory prune` | `pruned [{name, type, since, observations}]` (without observations all of it goes), `dry_run`, `id` |
| `memory repair` | `repaired`, `rejected`, `file` |
| `memory export` | to stdout as `memory show`; with FILE `file`, `entities`, `relations` |
| `memory import` | `by`, `trust`, `entities`, `observations`, `relations`, `known`, `new [name]`, `rejected [{line, reason}]` |
"""


def reference() -> str:
    """The whole page."""
    pages = [INTRO]
    for names in COMMAND_GROUPS.values():
        for name in names:
            pages += [section([name]), *([MEMORY] if name == "memory" else [])]
            pages += [section([name, sub]) for sub in subcommands(name)]
    return "\n".join(pages)


def section(words: list[str]) -> str:
    """One command's help under its own heading."""
    return f"## agentco {' '.join(words)}\n\n```\n{help_of(words)}\n```\n"


def help_of(words: list[str]) -> str:
    """The help screen at a width of 100."""
    screen = io.StringIO()
    os.environ["COLUMNS"] = "100"
    with contextlib.redirect_stdout(screen):
        main([*words, "--help"])
    return "\n".join(line.rstrip() for line in screen.getvalue().strip().split("\n"))


def subcommands(name: str) -> list[str]:
    """The commands below a group, read off its own help."""
    listed = help_of([name]).partition("\nCommands:\n")[2]
    return [
        line.split()[0]
        for line in listed.split("\n")
        if line.startswith("  ") and line[2] != " "
    ]


if __name__ == "__main__":
    print(reference(), end="")  # noqa: T201  this is the script behind `make docs`
