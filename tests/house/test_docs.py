"""Console blocks in the docs are transcripts: each is typed, and the screen compared.

`…` stands for anything, a date for any date, and a line of `…` alone for any number of lines.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from claims import claim
from cli_page import reference

ROOT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    *(str(p.relative_to(ROOT)) for p in sorted((ROOT / "docs").rglob("*.md"))),
]
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def commands(block: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, screen = part.partition("\n")
        yield command, screen


def transcript_pattern(screen: str) -> str:
    lines = [
        ".*" if line.strip() == "…" else re.escape(line.rstrip()).replace("…", ".*")
        for line in screen.rstrip().split("\n")
    ]
    return re.sub(r"\d{4}\\-\d{2}\\-\d{2}", r"\\d{4}-\\d{2}-\\d{2}", r"\n".join(lines))


@claim("docs:transcripts")
@pytest.mark.parametrize("page", PAGES)
def test_a_transcript_shows_what_the_screen_shows(page: str, tmp_path: Path) -> None:
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "agentco").write_text(f'#!/bin/sh\nexec {sys.executable} -m agentco "$@"\n')
    (bin_ / "agentco").chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    env = {
        **os.environ,
        "PATH": f"{bin_}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "80",
        "HOME": str(tmp_path),
    }
    for block in BLOCK.findall((ROOT / page).read_text()):
        for command, screen in commands(block):
            if command.startswith("cd "):
                work = (work / command[3:]).resolve()
                continue
            done = subprocess.run(
                ["sh", "-c", command],
                check=False,
                cwd=work,
                env=env,
                capture_output=True,
                text=True,
                timeout=60,
            )
            said = "\n".join(
                line.rstrip()
                for line in (done.stdout + done.stderr).rstrip().split("\n")
            )
            assert re.fullmatch(transcript_pattern(screen), said, re.DOTALL), (
                f"$ {command}\n{said}"
            )


@claim("docs:cli")
def test_the_command_reference_is_what_the_program_says() -> None:
    assert (ROOT / "docs" / "cli.md").read_text() == reference(), "run make docs"


@claim("docs:invariants")
def test_the_six_invariants_name_files_and_promises_that_exist() -> None:
    from claims import CLAIMS

    table = re.findall(
        r"^\| [1-6] \|.*$",
        (ROOT / "docs" / "architecture.md").read_text(),
        re.MULTILINE,
    )
    assert len(table) == 6
    for row in table:
        _, _, _, owners, proofs, _ = row.split("|")
        assert set(re.findall(r"`([\w-]+:[\w-]+)`", proofs)) <= CLAIMS.keys()
        paths = re.findall(r"`([\w/.]+\.\w+)`", owners)
        assert [
            p
            for p in paths
            if not (ROOT / p).exists() and not (ROOT / "agentco" / p).exists()
        ] == []


@claim("docs:self-contained")
def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!http|#)([^)#]+)", (ROOT / page).read_text()):
            assert ((ROOT / page).parent / target).exists(), f"{page} -> {target}"
