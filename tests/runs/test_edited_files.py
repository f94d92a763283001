"""What agents write into files: by the rules on every path, with a yes to the lines that were shown."""

import json
from collections.abc import Callable
from hashlib import sha256

import pytest
from claims import claim
from offices import Firm, heard, scripted, uses
from small_company import Place
from wire.server import Say, WireServer

from agentco.engine import approve_effect
from agentco.overview import effect_item
from agentco.overview.inbox_items import inbox_items
from agentco.runs import EffectState, RunPhase

ENDS = Say(text="It is filed.")
NOTE = "The VAT is EUR 19\n"


def edits(path: str, **arguments: str) -> Say:
    return uses("Edit", json.dumps({"path": path, **arguments}))


def writes(path: str) -> Say:
    return edits(path, text="A new text")


def new_or_there(firm: Firm, path: str) -> Say:
    """An edit that could be made: of the whole file if it is there."""
    file = firm.root / path
    if file.is_file():
        return edits(path, text="x", hash=hash_of(file.read_text()))
    return writes(path)


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def last_heard(wire: WireServer) -> str:
    return str(heard(wire)[-1]["content"])


@pytest.fixture
def firm(place: Place, firm_with: Callable[..., Firm]) -> Firm:
    place.write("notes/vat.md", NOTE)
    place.write(".gitignore", "secret/\n")
    return firm_with(tools="Read, Edit, Memory, Board")


def approve(firm: Firm) -> None:
    [item] = firm.read(lambda tx: inbox_items(tx, firm.stamp()))
    name, _, number = item.id.rpartition(".")
    firm.write(
        lambda tx: approve_effect(tx, tx.load_effect(name, int(number)), firm.stamp())
    )


@claim("tools:edit")
def test_a_draft_is_written_without_asking_and_then_edited(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, writes("drafts/a.md"), uses("Read", '{"path": "drafts/a.md"}'), ENDS)
    firm.ask()
    told = str(heard(wire, 1)[-1]["content"])
    assert told.startswith("drafts/a.md is written, hash ")
    version = told.rpartition(" ")[2]
    assert f", hash {version}]" in last_heard(wire)
    edit = edits("drafts/a.md", old="new", new="newer", hash=version)
    scripted(wire, edit, ENDS)
    run = firm.ask()
    assert run.phase is RunPhase.DONE
    assert (firm.root / "drafts/a.md").read_text() == "A newer text\n"


@claim("tools:edit-asked")
def test_what_no_rule_allows_waits_with_its_lines_and_is_written_after_a_yes(
    firm: Firm, wire: WireServer
) -> None:
    path = firm.root / "notes/vat.md"
    edit = edits("notes/vat.md", old="19", new="24", hash=hash_of(NOTE))
    scripted(wire, edit, ENDS)
    run = firm.ask()
    row = firm.only(run, EffectState.PARKED)
    item = effect_item(row)
    assert (item.kind, item.what) == ("approval", "Edit notes/vat.md")
    assert item.diff.splitlines()[-2:] == ["-The VAT is EUR 19", "+The VAT is EUR 24"]
    assert path.read_text() == NOTE
    approve(firm)
    assert firm.go_on(run).phase is RunPhase.DONE
    assert path.read_text() == "The VAT is EUR 24\n"
    assert "is written" in last_heard(wire)


@claim("tools:edit-asked")
def test_an_approved_edit_of_a_file_that_changed_since_is_not_made(
    firm: Firm, wire: WireServer
) -> None:
    path = firm.root / "notes/vat.md"
    edit = edits("notes/vat.md", old="19", new="24", hash=hash_of(NOTE))
    scripted(wire, edit, ENDS)
    run = firm.ask()
    path.write_text(NOTE + "The founder's line\n")
    approve(firm)
    firm.go_on(run)
    assert path.read_text() == NOTE + "The founder's line\n"
    assert "it changed since" in last_heard(wire)


@claim("tools:edit-asked")
def test_a_new_file_that_was_approved_overwrites_no_other(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, writes("notes/new.md"), ENDS)
    run = firm.ask()
    firm.place.write("notes/new.md", "The founder's")
    approve(firm)
    firm.go_on(run)
    assert (firm.root / "notes/new.md").read_text() == "The founder's"


@claim("tools:edit-asked")
@pytest.mark.parametrize(
    "arguments",
    [
        {"old": "29", "new": "24", "hash": "H"},
        {"old": "19", "new": "24", "hash": "0" * 12},
        {"old": "19", "new": "24"},
        {"text": "x"},
    ],
)
def test_nobody_is_asked_about_an_edit_that_cannot_be_made(
    firm: Firm, wire: WireServer, arguments: dict[str, str]
) -> None:
    given = {key: hash_of(NOTE) if v == "H" else v for key, v in arguments.items()}
    scripted(wire, edits("notes/vat.md", **given), ENDS)
    assert firm.ask().phase is RunPhase.DONE
    assert (firm.root / "notes/vat.md").read_text() == NOTE
    assert heard(wire)[-1]["content"]


@claim("tools:edit-asked")
def test_what_is_more_than_can_be_shown_is_not_asked(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, edits("notes/new.md", text="word\n" * 20_000), ENDS)
    assert firm.ask().phase is RunPhase.DONE
    assert "more than the founder can be shown" in last_heard(wire)
    assert not (firm.root / "notes/new.md").exists()


ASKED = [
    "notes/new.md",
    ".github/agents/cfo.agent.md",
    "drafts/../.github/workflows/x.yml",
    ".GitHub/x.md",
    ".vscode/tasks.json",
    "Makefile",
    "hooks/pre-commit",
    "package.json",
    "deep/AGENTS.md",
]
DENIED = [
    ".git/hooks/pre-commit",
    ".GIT/config",
    "drafts/../.git/config",
    ".agentco/state.db",
    ".env",
    ".ENV.local",
    "secret/a.md",
    "drafts/../secret/a.md",
    "../elsewhere.md",
    "/tmp/elsewhere.md",
    "~/elsewhere.md",
]
LENIENT = 'permissions: {allow: ["Edit", "Edit(**)", "Write(**)"]}'


@claim("tools:edit-asked")
@pytest.mark.parametrize("path", ASKED[1:])
@pytest.mark.parametrize("more", ["", LENIENT])
def test_what_says_what_agents_are_or_can_be_run_is_asked_whatever_is_allowed(
    firm_with: Callable[..., Firm], wire: WireServer, path: str, more: str
) -> None:
    firm = firm_with(more, tools="Read, Edit")
    before = firm.place.files()
    scripted(wire, new_or_there(firm, path), ENDS)
    run = firm.ask()
    told = "" if firm.rows(run, EffectState.PARKED) else last_heard(wire)
    assert "is written" not in told
    assert not told or "there is '.github'" in told
    kept = {p: d for p, d in firm.place.files().items() if not p.startswith(".agentco")}
    assert kept == {p: d for p, d in before.items() if not p.startswith(".agentco")}


@claim("tools:edit-inside")
@pytest.mark.parametrize("path", DENIED)
@pytest.mark.parametrize("more", ["", LENIENT])
def test_what_is_closed_is_never_written_nor_asked(
    firm_with: Callable[..., Firm], wire: WireServer, path: str, more: str
) -> None:
    firm = firm_with(more, tools="Read, Edit")
    firm.place.write(".gitignore", "secret/\n")
    scripted(wire, writes(path), ENDS)
    run = firm.ask()
    assert run.phase is RunPhase.DONE
    assert not firm.rows(run, EffectState.PARKED)
    assert "is written" not in last_heard(wire)
    assert not (firm.root.parent / "elsewhere.md").exists()


@claim("tools:edit-asked")
def test_a_program_is_written_only_after_a_yes(
    firm_with: Callable[..., Firm], wire: WireServer
) -> None:
    firm = firm_with(LENIENT, tools="Read, Edit")
    firm.place.write("scripts/run.txt", NOTE).chmod(0o755)
    edit = edits("scripts/run.txt", old="19", new="24", hash=hash_of(NOTE))
    scripted(wire, edit, ENDS)
    run = firm.ask()
    assert firm.only(run, EffectState.PARKED).image
    assert (firm.root / "scripts/run.txt").read_text() == NOTE


@claim("tools:edit-asked")
def test_the_board_as_a_file_is_asked(
    firm_with: Callable[..., Firm], wire: WireServer
) -> None:
    firm = firm_with(LENIENT, tools="Read, Edit, Board")
    board = firm.place.board_text()
    edit = edits("BOARD.md", old="File", new="Pay", hash=hash_of(board))
    scripted(wire, edit, ENDS)
    run = firm.ask()
    assert firm.place.board_text() == board
    approve(firm)
    firm.go_on(run)
    assert firm.place.board_text() == board.replace("File", "Pay")
