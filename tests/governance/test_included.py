"""What a CLAUDE.md pulls in with `@path` is what the agent itself may read."""

import subprocess
from pathlib import Path

import pytest
from claims import claim
from small_company import SETTINGS, Place

from agentco.cli.main import main

RULES = 'permissions: {deny: ["Read(clients/**)"], ask: ["Read(letters/**)"]}\n'
ROLE = """---
name: writer
description: Writes.
agentco: {permissions: {deny: ["Read(plans/**)"]}}
---
I write.
"""
PATHS = [
    "docs/open.md",
    "docs/more.md",
    "build/ignored.md",
    "excluded/x.md",
    "clients/denied.md",
    "letters/asked.md",
    "plans/own.md",
    "link.md",
    "linked/denied.md",
    "memory/memory.jsonl",
    ".env",
    ".agentco/x",
    ".git/config",
]


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def prompt_of(
    place: Place, agent: str, capsys: pytest.CaptureFixture[str]
) -> dict[str, bool]:
    """Which of the paths an agent is given; each holds its own name in capitals."""
    code = main(["--company", str(place.root), "ask", agent, "hi", "--show-prompt"])
    said = capsys.readouterr()
    assert code == 0, said.err
    return {path: path.upper() in said.out for path in PATHS}


@claim("permissions:includes")
def test_what_is_pulled_in_is_neither_ignored_nor_denied_nor_behind_a_link(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "init", "-q", str(place.root)], check=True)
    place.settings(SETTINGS + RULES)
    place.agent("boss")
    write(place.root, ".github/agents/writer.agent.md", ROLE)
    for path in PATHS:
        if path not in {"link.md", "linked/denied.md"}:
            write(place.root, path, f"This is {path.upper()}.\n")
    write(
        place.root,
        "docs/open.md",
        "This is DOCS/OPEN.MD. @more.md @../clients/denied.md\n",
    )
    (place.root / "link.md").symlink_to("clients/denied.md")
    (place.root / "linked").symlink_to("clients")
    write(place.root, ".gitignore", "build/\n")
    write(place.root, ".git/info/exclude", "excluded\n")
    write(place.root, "CLAUDE.md", "".join(f"See @{path}\n" for path in PATHS))
    given = prompt_of(place, "boss", capsys)
    assert [path for path in PATHS if given[path]] == [
        "docs/open.md",
        "docs/more.md",
        "plans/own.md",
    ]
    assert not prompt_of(place, "writer", capsys)["plans/own.md"]
