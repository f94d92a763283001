"""What is kept of files before agents change them, so that it can be put back."""

import json
from collections.abc import Callable
from hashlib import sha256

import pytest
from claims import claim
from offices import Firm, scripted, uses
from wire.server import Say, WireServer

from agentco.engine import approve_effect
from agentco.runs import EffectState, Run

pytestmark = claim("tools:versions")

KEY = "sk-ant-" + "api03-a1B2c3D4e5F6g7H8"
ENDS = Say(text="Done.")


@pytest.fixture
def firm(firm_with: Callable[..., Firm]) -> Firm:
    return firm_with(tools="Read, Edit, Board, Memory")


def edit(path: str, old: str, new: str, text: str) -> Say:
    version = sha256(text.encode()).hexdigest()[:12]
    words = {"path": path, "old": old, "new": new, "hash": version}
    return uses("Edit", json.dumps(words))


def kept(firm: Firm, text: str) -> bool:
    """Whether a version of this text is kept."""
    name = sha256(text.encode()).hexdigest()
    data = firm.read(lambda tx: tx.load_version(name))
    assert data in {None, text.encode()}
    return data is not None


def changed(firm: Firm, wire: WireServer, text: str, to: str = "new") -> Run:
    """A run that edits a draft in which `old` stands."""
    firm.place.write("drafts/a.md", text)
    scripted(wire, edit("drafts/a.md", "old", to, text), ENDS)
    return firm.ask()


def test_what_a_file_was_is_kept_before_an_agent_changes_it(
    firm: Firm, wire: WireServer
) -> None:
    run = changed(firm, wire, "the old one\n")
    assert kept(firm, "the old one\n")
    assert not kept(firm, "the new one\n")
    [file] = firm.read(lambda tx: tx.files_written_by(run.id))
    assert file.before == sha256(b"the old one\n").hexdigest()


def test_it_is_kept_before_the_file_is_written(firm: Firm, wire: WireServer) -> None:
    seen: list[bool] = []
    firm.tools.looks.append(lambda _caller: seen.append(kept(firm, "the old one\n")))
    changed(firm, wire, "the old one\n")
    assert seen == [True]


def test_a_key_in_a_file_is_never_kept(firm: Firm, wire: WireServer) -> None:
    text = f"the old one\n{KEY}\n"
    run = changed(firm, wire, text)
    assert not kept(firm, text)
    assert (firm.root / "drafts/a.md").read_text() in {text, text.replace("old", "new")}
    assert firm.sql("SELECT count(*) FROM kept_versions") == [(0,)]
    assert run.is_over


def test_what_is_approved_is_kept_as_well(firm: Firm, wire: WireServer) -> None:
    firm.place.write("notes/a.md", "the old one\n")
    scripted(wire, edit("notes/a.md", "old", "new", "the old one\n"), ENDS)
    run = firm.ask()
    assert not kept(firm, "the old one\n")
    row = firm.only(run, EffectState.PARKED)
    firm.write(lambda tx: approve_effect(tx, row, firm.stamp()))
    firm.go_on(run)
    assert (firm.root / "notes/a.md").read_text() == "the new one\n"
    assert kept(firm, "the old one\n")


def test_the_board_is_kept_before_and_after_a_change(
    firm: Firm, wire: WireServer
) -> None:
    before = (firm.root / "BOARD.md").read_text()
    add = uses("Board", json.dumps({"operation": "add", "title": "Call the bank"}))
    scripted(wire, add, ENDS)
    firm.ask()
    after = (firm.root / "BOARD.md").read_text()
    assert before != after
    assert (kept(firm, before), kept(firm, after)) == (True, True)


def test_a_tick_that_comes_with_the_delivery_is_recorded_like_any_other(
    firm: Firm, wire: WireServer
) -> None:
    add = uses("Board", json.dumps({"operation": "add", "title": "Call the bank"}))
    done = uses("Board", json.dumps({"operation": "done", "id": "T1"}))
    scripted(wire, add, done, ENDS)
    run = firm.ask(quick=False)
    text = (firm.root / "BOARD.md").read_text()
    assert "done:" in text
    files = firm.read(lambda tx: tx.files_written_by(run.id))
    assert [file.path for file in files] == ["BOARD.md", "BOARD.md"]
    assert files[0].after == files[1].before
    assert files[1].after == sha256(text.encode()).hexdigest()
    assert kept(firm, text)
