import os
from pathlib import Path

import pytest
from claims import claim

from agentco.adapters.files import MAX_DEPTH, MAX_FOLDERS, CompanySources, read_company
from agentco.company import location_of

pytestmark = claim("company:discovery")

NO_HOME: dict[str, str] = {}


def write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("---\ndescription: x\n---\n" + path)


def found(files: CompanySources) -> list[str]:
    return sorted(s.path for s in files.sources)


def told(files: CompanySources) -> list[tuple[str, str]]:
    return [(d.file, d.code) for d in files.diagnostics if d.code != "no-home"]


HERE = [
    ".agents/skills/s/SKILL.md",
    ".claude/CLAUDE.md",
    ".claude/agents/a.md",
    ".claude/commands/x/c.md",
    ".claude/rules/x/r.md",
    ".claude/settings.json",
    ".claude/skills/s/SKILL.md",
    ".github/agents/a.md",
    ".github/agents/x/b.agent.md",
    ".github/chatmodes/c.chatmode.md",
    ".github/copilot-instructions.md",
    ".github/hooks/h.json",
    ".github/instructions/x/i.instructions.md",
    ".github/prompts/x/p.prompt.md",
    ".github/skills/g/s/skill.md",
    ".mcp.json",
    ".vscode/mcp.json",
    "AGENTS.md",
    "CLAUDE.local.md",
    "CLAUDE.md",
    "src/AGENTS.md",
]
NOT_HERE = [
    ".github/agents/README.md",
    ".github/agents/x/notes.md",
    ".github/instructions/README.instructions.md",
    ".github/prompts/p.md",
    ".github/skills/g/s/references/more.md",
    ".github/workflows/a.agent.md",
    "agents/z.agent.md",
    "docs/x.prompt.md",
    "node_modules/x/AGENTS.md",
    ".git/AGENTS.md",
    "src/CLAUDE.md",
]


def test_31_files_are_found_in_their_places_only(tmp_path: Path) -> None:
    write(tmp_path, *HERE, *NOT_HERE)
    files = read_company(tmp_path, NO_HOME)
    assert found(files) == sorted(HERE)
    assert told(files) == []
    assert all(location_of(path) for path in HERE)


def test_a_collection_without_agents_of_its_own_is_read_from_the_top(
    tmp_path: Path,
) -> None:
    top = [
        "agents/a.agent.md",
        "instructions/i.instructions.md",
        "prompts/p.prompt.md",
        "skills/s/SKILL.md",
    ]
    write(tmp_path, *top, "docs/README.instructions.md", "agents/README.md")
    assert found(read_company(tmp_path, NO_HOME)) == top


def test_the_founders_own_files_come_with_a_tilde(tmp_path: Path) -> None:
    write(
        tmp_path / "home",
        ".copilot/agents/a.md",
        ".claude/CLAUDE.md",
        ".agentco/prompts/p.prompt.md",
        "AGENTS.md",
    )
    (tmp_path / "co").mkdir()
    files = read_company(tmp_path / "co", {"HOME": str(tmp_path / "home")})
    assert found(files) == [
        "~/.agentco/prompts/p.prompt.md",
        "~/.claude/CLAUDE.md",
        "~/.copilot/agents/a.md",
    ]
    assert files.diagnostics == ()


def test_copilots_home_may_be_elsewhere(tmp_path: Path) -> None:
    write(
        tmp_path, "home/.copilot/agents/a.md", "elsewhere/agents/b.md", "co/AGENTS.md"
    )
    env = {"HOME": str(tmp_path / "home"), "COPILOT_HOME": str(tmp_path / "elsewhere")}
    assert found(read_company(tmp_path / "co", env)) == [
        "AGENTS.md",
        "~/.copilot/agents/b.md",
    ]


@pytest.mark.parametrize("home", ["", "/nonexistent/home", "relative"])
def test_faults_56_without_a_home_only_its_files_are_missing(
    tmp_path: Path, home: str
) -> None:
    write(tmp_path, "AGENTS.md")
    files = read_company(tmp_path, {"HOME": home})
    assert found(files) == ["AGENTS.md"]
    assert [(d.level, d.code) for d in files.diagnostics] == [("warning", "no-home")]


def test_faults_9_links_that_lead_out_are_told_and_not_read(tmp_path: Path) -> None:
    co = tmp_path / "co"
    write(tmp_path, "secret.md", "out/x.prompt.md", "co/.github/agents/ok.md")
    (co / ".github/agents/a.md").symlink_to(tmp_path / "secret.md")
    (co / ".github/prompts").symlink_to(tmp_path / "out")
    (co / "AGENTS.md").symlink_to("../secret.md")
    files = read_company(co, NO_HOME)
    assert found(files) == [".github/agents/ok.md"]
    assert sorted(told(files)) == [
        (".github/agents/a.md", "link-out"),
        (".github/prompts", "link-out"),
        ("AGENTS.md", "link-out"),
    ]


def test_33_a_file_with_two_names_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "CLAUDE.md", ".github/agents/a/x.agent.md")
    (tmp_path / "AGENTS.md").symlink_to("CLAUDE.md")
    (tmp_path / ".github/agents/b").symlink_to("a")
    (tmp_path / ".github/agents/a/round").symlink_to("..")
    assert found(read_company(tmp_path, NO_HOME)) == [
        ".github/agents/a/x.agent.md",
        "AGENTS.md",
    ]


def test_ignored_folders_hold_no_agents_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        "build/AGENTS.md",
        "gen/x/AGENTS.md",
        "src/AGENTS.md",
        "keep/AGENTS.md",
    )
    (tmp_path / ".gitignore").write_text("build/\n/gen/*\nkeep\n!keep\n")
    assert found(read_company(tmp_path, NO_HOME)) == ["keep/AGENTS.md", "src/AGENTS.md"]


def test_faults_19_a_skills_folder_without_a_skill_is_a_warning(tmp_path: Path) -> None:
    write(
        tmp_path, ".github/skills/empty/notes.md", ".github/skills/group/one/SKILL.md"
    )
    assert told(read_company(tmp_path, NO_HOME)) == [
        (".github/skills/empty", "no-skill")
    ]


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        (".claude/skills/pay", "../../.agents/skills/pay"),
        (".github/skills/pay", "../../.agents/skills/pay"),
        (".claude/skills", "../.agents/skills"),
        (".claude/skills/pay/SKILL.md", "../../../.agents/skills/pay/SKILL.md"),
        (".claude/skills/group/pay", "../../../.agents/skills/pay"),
        (".claude/skills/group", "../../.agents/skills"),
    ],
)
def test_a_skill_that_is_linked_from_another_place_is_read_once_and_not_told(
    tmp_path: Path, link: str, leads_to: str
) -> None:
    write(tmp_path, ".agents/skills/pay/SKILL.md")
    place = tmp_path / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(leads_to)
    files = read_company(tmp_path, NO_HOME)
    assert len(found(files)) == 1
    assert told(files) == []


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    write(tmp_path, ".github/agents/ok.md")
    (tmp_path / ".github/agents/gone.md").symlink_to("nowhere.md")
    os.mkfifo(tmp_path / ".github/agents/pipe.md")
    with (tmp_path / ".github/agents/huge.md").open("wb") as file:
        file.truncate(9 * 1024 * 1024)
    files = read_company(tmp_path, NO_HOME)
    assert found(files) == [".github/agents/ok.md"]
    assert sorted(told(files)) == [
        (".github/agents/gone.md", "unreadable"),
        (".github/agents/huge.md", "too-large"),
        (".github/agents/pipe.md", "unreadable"),
    ]


def test_a_name_that_is_no_text_can_be_shown(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / ".github/agents")
    (tmp_path / ".github/agents").mkdir(parents=True)
    Path(os.fsdecode(folder + b"/\xff.agent.md")).write_text("x")
    (source,) = read_company(tmp_path, NO_HOME).sources
    assert source.path.isprintable()


def test_the_walk_has_an_end(tmp_path: Path) -> None:
    deep = "/".join("d" * (MAX_DEPTH + 1))
    write(tmp_path, f".github/agents/{deep}/x.agent.md", f"{deep}/AGENTS.md")
    for i in range(MAX_FOLDERS):
        (tmp_path / f"m{i}").mkdir()
    files = read_company(tmp_path, NO_HOME)
    assert found(files) == []
    assert [d.code for d in files.diagnostics] == ["too-many-folders", "no-home"]
