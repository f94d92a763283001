"""init in a repository that has agents, a board and a memory of its own: all of it is taken as it is."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from small_company import NOW
from terminal import Terminal

from agentco.cli.main import main
from agentco.memory_wiring import open_memory
from agentco.overview import run_standup
from agentco.wiring import open_company

TAX = {
    "type": "entity",
    "name": "deadline:vat",
    "entityType": "deadline",
    "observations": ["Due: 2026-11-22", "Owner: founder"],
}
NAMED = "kb/company-brain.jsonl"


def write(root: Path, path: str, text: str) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def agent(root: Path, name: str, more: str = "") -> None:
    role = f"---\ndescription: The {name}.\n{more}---\nI am the {name}.\n"
    write(root, f".github/agents/{name}.agent.md", role)


def names_memory(root: Path, path: str, config: str = ".vscode/mcp.json") -> None:
    """Have an editor's configuration start the reference server with a memory file."""
    key = "servers" if config.startswith(".vscode") else "mcpServers"
    server = {
        "command": "npx",
        "args": ["-y", "@modelcontextprotocol/server-memory"],
        "env": {"MEMORY_FILE_PATH": path},
    }
    write(root, config, json.dumps({key: {"memory": server}}))


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A repository with two agents and a memory under a name of its own."""
    root = tmp_path / "acme"
    agent(root, "ceo")
    agent(root, "dev")
    write(root, NAMED, json.dumps(TAX) + "\n")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def adopted(root: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What init says it found."""
    assert main(["init", str(root), "--json"]) == 0
    return json.loads(capsys.readouterr().out)["found"]


def link_of(root: Path) -> str | None:
    """Where the memory leads, None if it is a file of its own."""
    place = root / "memory" / "memory.jsonl"
    return str(place.readlink()) if place.is_symlink() else None


@claim("init:found")
def test_init_says_what_it_found_with_the_first_paths(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        agent(company, name)
    names_memory(company, NAMED)
    write(company, ".claude/commands/ship.md", "Ship it.\n")
    skill = "---\nname: pay\ndescription: How we pay.\n---\nOn Friday.\n"
    write(company, ".agents/skills/pay/SKILL.md", skill)
    board = write(company, "BOARD.md", "## Now\n- [ ] Call\n- [ ] Pay\n- [x] Slept\n")
    assert main(["init", str(company)]) == 0
    said = capsys.readouterr().out
    folder = ".github/agents"
    assert said.startswith(
        "Found and left as it is:\n"
        f"  4 agents: {folder}/ceo.agent.md, {folder}/dev.agent.md, {folder}/one.agent.md"
        " and 1 more\n"
        "  1 prompt: .claude/commands/ship.md\n"
        "  1 skill: .agents/skills/pay/SKILL.md\n"
        "  a board: BOARD.md, 2 open tasks\n"
        "  hands out work: ceo\n"
        f"The memory in {NAMED} (named by .vscode/mcp.json) is used where it lies:"
        " memory/memory.jsonl leads to it.\n\n"
    ), said
    assert "  new   memory/memory.jsonl\n" in said
    assert "memory/memory.jsonl" not in said.partition("  kept ")[2]
    assert board.read_text().endswith("- [x] Slept\n")


@claim("init:found")
@pytest.mark.parametrize(
    ("agents", "orchestrator", "improver"),
    [
        ({"ceo": "", "coo": "", "Improver": ""}, "coo", "improver"),
        ({"orchestrator": "", "coo": ""}, "orchestrator", None),
        (
            {
                "boss": "handoffs:\n  - {label: Build, agent: dev}\n  - {label: Improve the files, agent: tuner}\n",
                "dev": "handoffs:\n  - {label: Back, agent: boss}\n",
                "tuner": "",
            },
            "boss",
            "tuner",
        ),
        ({"boss": "agents: [dev, ops]\n", "dev": "", "ops": ""}, "boss", None),
        ({"dev": "agents: [ops]\n", "ops": "agents: [dev]\n"}, None, None),
        ({"one": "agents: [two, three]\n", "two": "agents: [one, three]\n", "three": ""}, None, None),
    ],
)  # fmt: skip
def test_who_leads_is_known_by_name_or_by_handoffs_and_written_down(
    tmp_path: Path,
    agents: dict[str, str],
    orchestrator: str | None,
    improver: str | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, more in agents.items():
        agent(tmp_path, name, more)
    found = adopted(tmp_path, capsys)
    assert (found["orchestrator"], found["improver"]) == (orchestrator, improver)
    profile = open_company(tmp_path).files.settings().require_valid().company
    assert (profile.orchestrator, profile.improver) == (orchestrator, improver)


@claim("init:memory-in-place")
@pytest.mark.parametrize("config", [".vscode/mcp.json", ".mcp.json"])
@pytest.mark.parametrize(
    "written", [NAMED, f"./{NAMED}", f"${{workspaceFolder}}/{NAMED}", "{root}/" + NAMED]
)
def test_the_memory_that_a_configuration_names_is_used_where_it_lies(
    company: Path, written: str, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names_memory(company, written.replace("{root}", str(company)), config)
    write(company, "docs/memory.jsonl", json.dumps(TAX | {"name": "other"}) + "\n")
    found = adopted(company, capsys)
    assert found["memory_used"] == NAMED
    assert link_of(company) == f"../{NAMED}"
    assert f"{NAMED} merge=union" in (company / ".gitattributes").read_text()
    assert (
        main(
            [
                "--company",
                str(company),
                "memory",
                "add",
                "Ana",
                "--type",
                "client",
                "Likes tea",
            ]
        )
        == 0
    )
    assert "Likes tea" in (company / NAMED).read_text()
    capsys.readouterr()
    main(["--company", str(company), "check"])
    assert "already set by" not in capsys.readouterr().out


@claim("init:memory-in-place")
def test_the_server_of_that_file_signs_with_the_companys_key(
    company: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names_memory(company, NAMED)
    adopted(company, capsys)
    monkeypatch.setenv("MEMORY_FILE_PATH", str(company / NAMED))
    assert open_memory().key() == open_company(company).memory.key() != b""


@claim("init:memory-in-place")
@pytest.mark.parametrize(
    "path",
    ["memory.jsonl", "memory/memory.json", ".github/memory.jsonl", ".claude/memory.jsonl", "docs/memory.jsonl", "data/memory.json"],
)  # fmt: skip
def test_the_only_memory_in_a_usual_place_is_taken(
    company: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (company / NAMED).rename(write(company, path, ""))
    assert adopted(company, capsys)["memory_used"] == path
    graph = open_company(company).memory.load_graph()
    assert graph.trusted_part.find_entity("deadline:vat")


@claim("init:memory-in-place")
def test_of_two_memories_none_is_taken_and_both_are_named(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in ("memory.jsonl", "docs/memory.jsonl"):
        write(company, path, json.dumps(TAX) + "\n")
    assert main(["init", str(company)]) == 0
    said = capsys.readouterr().out
    for path in ("memory.jsonl", "docs/memory.jsonl"):
        assert f"The memory in {path} is not used" in said
        assert f"agentco memory import {path} --trusted" in said
    assert link_of(company) is None


@claim("init:memory-in-place")
@pytest.mark.parametrize("path", ["/tmp/of-all/brain.jsonl", "../brain.jsonl", "~/brain.jsonl", "${userHome}/b.jsonl", "out/brain.jsonl"])  # fmt: skip
def test_a_memory_outside_the_company_is_named_and_never_linked(
    company: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (company / "out").symlink_to("..")
    write(company, "../brain.jsonl", json.dumps(TAX) + "\n")
    names_memory(company, path)
    assert main(["init", str(company)]) == 0
    said = capsys.readouterr().out
    named = "(named by .vscode/mcp.json) lies outside the company and is not used"
    assert f"The memory in {path} {named}" in said
    assert "agentco memory import " in said
    assert link_of(company) is None


@claim("init:memory-in-place")
@pytest.mark.parametrize("path", [".git/config", ".git/hooks/pre-commit", ".GIT/x.jsonl", ".github/agents/new.agent.md", ".github/agentco.yml", "BOARD.md", ".mcp.json", ".hidden.jsonl", "a\nb.jsonl", "x\x1b[31m.jsonl", 'q"*.jsonl', "kb/../.git/a.jsonl", "lead/m.jsonl"])  # fmt: skip
def test_a_place_that_is_for_something_else_never_becomes_the_memory(
    company: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (company / "lead").symlink_to(".git")
    names_memory(company, path)
    git = set((company / ".git").rglob("*"))
    found = adopted(company, capsys)
    assert found["memory_used"] is None
    assert link_of(company) is None
    assert set((company / ".git").rglob("*")) == git
    rules = (company / ".gitattributes").read_text()
    assert rules == "memory/*.jsonl merge=union\n"


@claim("init:memory-in-place")
def test_of_endless_many_named_memories_the_first_are_looked_at(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    servers = {
        f"m{i}": {"command": "npx", "env": {"MEMORY_FILE_PATH": f"kb/{i}.jsonl"}}
        for i in range(1000)
    }
    write(company, ".mcp.json", json.dumps({"mcpServers": servers}))
    assert len(adopted(company, capsys)["memories"]) == 20


@claim("init:memory-in-place")
def test_a_companys_own_memory_stays_and_a_second_init_changes_nothing(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names_memory(company, NAMED)
    adopted(company, capsys)
    before = {p: p.read_bytes() for p in company.rglob("*") if p.is_file()}
    again = adopted(company, capsys)
    assert {p: p.read_bytes() for p in company.rglob("*") if p.is_file()} == before
    assert again["memories"] == []
    own = company.with_name("own")
    agent(own, "ceo")
    write(own, "memory/memory.jsonl", json.dumps(TAX) + "\n")
    write(own, NAMED, json.dumps(TAX) + "\n")
    names_memory(own, NAMED)
    found = adopted(own, capsys)
    assert found["memory_used"] is None
    assert [place["path"] for place in found["memories"]] == [NAMED]
    assert link_of(own) is None


@claim("init:memory-in-place")
def test_a_memory_that_is_still_to_be_written_is_shared_from_the_start(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names_memory(company, "later/brain.jsonl")
    assert adopted(company, capsys)["memory_used"] == "later/brain.jsonl"
    assert (company / "later/brain.jsonl").read_text() == ""


@claim("init:memory-in-place")
def test_a_new_company_keeps_its_deadlines_in_the_memory_that_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "data/memory.jsonl", json.dumps(TAX) + "\n")
    assert main(["init", str(tmp_path), "--yes", "--country", "PT"]) == 0
    capsys.readouterr()
    trusted = open_company(tmp_path).memory.load_graph().trusted_part
    names = {entity.name for entity in trusted.entities("deadline")}
    assert {"deadline:vat", "deadline:saft"} <= names


@claim("init:memory-in-place")
def test_lines_that_nobody_signed_are_counted_with_the_command_that_shows_them(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = json.dumps(TAX | {"name": "Ana", "by": "founder"})
    write(company, NAMED, f"{json.dumps(TAX)}\n{forged}\n")
    names_memory(company, NAMED)
    assert main(["init", str(company)]) == 0
    assert "unsigned in the memory: 2; none of it counts" in capsys.readouterr().out
    for command in ("check", "standup"):
        main(["--company", str(company), command])
        said = capsys.readouterr().out
        assert "1 of 2 lines are unsigned: 'Ana'" in said or "1 of 3 lines" in said
        assert "agentco memory trust --new" in said


@claim("init:memory-in-place")
@pytest.mark.parametrize(("answer", "link"), [("y", f"../{NAMED}"), ("n", None)])
def test_at_a_terminal_it_is_asked_about_first(
    company: Path, answer: str, link: str | None
) -> None:
    names_memory(company, NAMED)
    with Terminal(company, "init") as terminal:
        terminal.reads(f"Use the memory in {NAMED} (named by .vscode/mcp.json)")
        terminal.types(answer)
        terminal.reads("(nothing is overwritten)?")
        terminal.types("y")
        assert terminal.ends() == 0
    assert link_of(company) == link


@claim("init:memory-in-place")
@pytest.mark.usefixtures("frozen_clock")
def test_an_adopted_company_hears_of_the_deadline_of_its_memory(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names_memory(company, NAMED)
    adopted(company, capsys)
    report = run_standup(open_company(company), moment=NOW)
    assert "vat: tomorrow, 2026-11-22" in [line.title for line in report.plan]


@claim("init:adopts")
@pytest.mark.usefixtures("frozen_clock")
def test_what_is_due_tomorrow_stands_in_the_first_standup_of_an_adopted_company(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names_memory(company, NAMED)
    write(company, "BOARD.md", "## Doing\n- [ ] Send the offer (due 2026-11-22)\n")
    assert main(["init", str(company)]) == 0
    capsys.readouterr()
    assert main(["--company", str(company), "standup"]) == 0
    said = capsys.readouterr().out
    assert "2 due in two days" in said.splitlines()[0]
    shown = said.partition("In two days\n")[2].partition("\n\n")[0]
    assert "vat: tomorrow, 2026-11-22" in shown
    assert "Send the offer, tomorrow" in shown


@claim("init:found")
@pytest.mark.parametrize("path", ["TODO.md", "docs/tasks.md", ".github/Backlog.md"])
def test_tasks_that_lie_elsewhere_are_told_and_left_alone(
    company: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    text = (
        "# Soon\n\n- [ ] VAT return due:2026-11-22\n- [ ] Call the bank\n- [x] Domain\n"
    )
    write(company, path, text)
    write(company, "notes/TODO.md", "- a list\n- of words\n")
    assert main(["init", str(company)]) == 0
    words = f"{path} has 2 open tasks. agentco reads only BOARD.md: move them there"
    assert words in " ".join(capsys.readouterr().out.split())
    assert (company / path).read_text() == text
    found = adopted(company, capsys)
    assert found["other_boards"] == [{"path": path, "open_tasks": 2}]
