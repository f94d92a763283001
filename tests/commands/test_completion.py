"""What the shell completes: commands, and the names of this company."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from claims import claim
from small_company import Place

from agentco.cli.main import main

BASH = shutil.which("bash")


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = Place(tmp_path)
    place.settings("")
    for path in (
        ".github/agents/cfo.agent.md",
        ".github/agents/chief.agent.md",
        ".github/prompts/weekly-review.prompt.md",
        ".github/skills/saas-pricing/SKILL.md",
    ):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("---\ndescription: x\n---\nx\n")
    (tmp_path / "BOARD.md").write_text(
        "## Now\n- [ ] Call @cfo id:T1\n- [x] Paid id:T2\n* [ ] Post id:T12\n## In progress\n"
    )
    memory = tmp_path / "memory/memory.jsonl"
    memory.parent.mkdir(exist_ok=True)
    names = ["Acme", "Açores", "$(touch hit)", "`touch hit`", "a b", "x;touch hit"]
    lines = [
        json.dumps(
            {"type": "entity", "name": name, "entityType": "t", "observations": []}
        )
        for name in names
    ]
    memory.write_text("\n".join(lines) + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def completed(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """What bash is told for a line whose last word is begun."""
    monkeypatch.setenv("_AGENTCO_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    main([])
    return capsys.readouterr().out.split()


@claim("cli:completion")
@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    ("words", "fits"),
    [
        ("agentco stand", ["standup"]),
        ("agentco ask c", ["cfo", "chief"]),
        ("agentco run /w", ["/weekly-review"]),
        ("agentco run /s", ["/saas-pricing"]),
        ("agentco halt cf", ["cfo"]),
        ("agentco board done T", ["T1", "T12"]),
        ("agentco board move T1 N", ["Now"]),
        ("agentco board add x --owner f", ["founder"]),
        ("agentco show prompts ", ["weekly-review"]),
        ("agentco show skills sa", ["saas-pricing"]),
        ("agentco memory show A", ["Acme", "Açores"]),
        ("agentco runs show ", []),
        ("agentco completion ", []),
    ],
)
def test_names_of_the_company_are_completed(
    words: str,
    fits: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert completed(words, monkeypatch, capsys) == fits


@claim("cli:completion")
@pytest.mark.usefixtures("company")
def test_a_name_that_a_shell_could_run_is_never_offered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert completed("agentco memory show ", monkeypatch, capsys) == ["Acme", "Açores"]


@claim("cli:completion")
def test_a_key_press_does_not_wait_for_a_board_of_blank_lines(
    company: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    board = company / "BOARD.md"
    board.write_text("\n" * 1_000_000 + "- [ ] Call id:T1\n" + "- \n" * 100_000)
    assert completed("agentco board done T", monkeypatch, capsys) == ["T1"]


@claim("cli:completion")
def test_where_there_is_no_company_nothing_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert completed("agentco ask c", monkeypatch, capsys) == []


@claim("cli:completion")
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "_AGENTCO_COMPLETE" in script
    assert f"complete_{shell}" in script


@claim("cli:completion")
def test_another_shell_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "bash, zsh, fish" in capsys.readouterr().err
    monkeypatch.setenv("SHELL", "/bin/fish")
    assert main(["completion"]) == 0
    assert "complete_fish" in capsys.readouterr().out


@claim("cli:completion")
@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_bash_itself_completes_with_the_script(company: Path) -> None:
    program = company / "bin" / "agentco"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m agentco "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(agentco completion bash)"\n'
        "COMP_WORDS=(agentco ask chi); COMP_CWORD=2\n"
        "_agentco_completion agentco\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    ended = subprocess.run(
        [BASH or "bash", "-c", script],
        cwd=company,
        env={**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == "chief\n", ended.stderr
