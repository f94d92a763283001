"""What a CLAUDE.md pulls in with `@path` is what the agent itself may read."""

import os
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
    "keys/login.pem",
    "prod.env",
    "hard.md",
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
        if path not in {"link.md", "linked/denied.md", "hard.md"}:
            write(place.root, path, f"This is {path.upper()}.\n")
    write(
        place.root,
        "docs/open.md",
        "This is DOCS/OPEN.MD. @more.md @../clients/denied.md\n",
    )
    (place.root / "link.md").symlink_to("clients/denied.md")
    (place.root / "linked").symlink_to("clients")
    write(place.root, "private.md", "This is HARD.MD.\n")
    (place.root / "hard.md").hardlink_to(place.root / "private.md")
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


HIDDEN_WORDS = "what only the founder may know"
LINKED = [
    ".github/instructions/all.instructions.md",
    ".github/agents/writer.agent.md",
    "CLAUDE.md",
    "AGENTS.md",
]


@claim("permissions:closed-links")
@pytest.mark.parametrize("kind", ["link", "hard link"])
@pytest.mark.parametrize("closed", [".env", "build/out.md", "keys/a.pem", "a/own.txt"])
def test_a_companys_own_file_that_is_a_closed_one_tells_nothing(
    place: Place, capsys: pytest.CaptureFixture[str], closed: str, kind: str
) -> None:
    place.agent("boss")
    write(place.root, ".gitignore", "build/\n")
    write(Path(os.environ["HOME"]), ".config/git/ignore", "own.txt\n")
    write(place.root, closed, f"---\napplyTo: '**'\n---\n{HIDDEN_WORDS}\n")
    for path in LINKED:
        (place.root / path).parent.mkdir(exist_ok=True)
        if kind == "link":
            (place.root / path).symlink_to(place.root / closed)
        else:
            (place.root / path).hardlink_to(place.root / closed)
    for agent in ("boss", "writer"):
        main(["--company", str(place.root), "ask", agent, "hi", "--show-prompt"])
        assert HIDDEN_WORDS not in capsys.readouterr().out
    main(["--company", str(place.root), "check"])
    said = capsys.readouterr().out
    assert f"a {kind} to what is closed to agents is not followed" in said


@claim("permissions:closed-links")
def test_a_companys_own_file_may_have_another_name_that_is_open(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.agent("boss")
    write(place.root, "docs/rules.md", HIDDEN_WORDS)
    (place.root / "AGENTS.md").symlink_to("docs/rules.md")
    (place.root / "CLAUDE.md").hardlink_to(place.root / "docs" / "rules.md")
    main(["--company", str(place.root), "ask", "boss", "hi", "--show-prompt"])
    assert HIDDEN_WORDS in capsys.readouterr().out
