"""`agentco undo`: what a run did goes, to the byte, and nothing that was built on it."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from processes import in_child
from small_company import Place, company_line, models_at
from story import Death
from typed import Do
from wire.server import Call, Say, WireServer

from agentco.adapters.state import shared_transaction
from agentco.upkeep import carry_out_undo, plan_undo
from agentco.wiring import open_company

pytestmark = claim("runs:undo")

OLD = "# Prices\n\nThe old price.\n"
LEAST_KILLS, MOST_KILLS = 8, 60
OWN = {".agentco", "trash.jsonl"}
TOOLS = "Read, Edit, Board, Memory"


def calls(*acts: tuple[str, dict[str, Any]]) -> Say:
    return Say(
        calls=[Call(name=name, arguments=json.dumps(args)) for name, args in acts]
    )


def edit(path: str, old: str, new: str, text: str) -> tuple[str, dict[str, Any]]:
    version = sha256(text.encode()).hexdigest()[:12]
    return "Edit", {"path": path, "old": old, "new": new, "hash": version}


def knows(name: str, *texts: str) -> tuple[str, dict[str, Any]]:
    entity = {"name": name, "entityType": "customer", "observations": texts}
    return "Memory", {"operation": "create_entities", "entities": [entity]}


def adds(title: str) -> tuple[str, dict[str, Any]]:
    return "Board", {"operation": "add", "title": title}


ACTS = (
    edit("drafts/prices.md", "old", "new", OLD),
    ("Edit", {"path": "drafts/new.md", "text": "A new page."}),
    adds("Call the bank"),
    knows("Acme", "pays in 30 days"),
)


@pytest.fixture
def writer(place: Place, wire: WireServer) -> Place:
    """A company in which a writer may do what departments do."""
    place.settings(company_line(orchestrator="writer") + models_at(wire.url))
    place.agent(
        "writer", f"---\ndescription: Writes.\ntools: [{TOOLS}]\n---\nI write.\n"
    )
    place.write("drafts/prices.md", OLD)
    place.board("- [ ] File the VAT return id:T1")
    place.trust()
    return place


@pytest.fixture
def work(writer: Place, wire: WireServer, do: Do) -> Callable[..., str]:
    """A run that does these things; returns its id."""
    do("memory", "add", "Base", "it was there before", "--type", "fact")

    def run(*acts: tuple[str, dict[str, Any]]) -> str:
        says = [calls(act) for act in acts or ACTS]
        wire.script({"m": [*says, Say(text="All of it is done.")]})
        said = do("ask", "writer", "do it", "--quick", "--json")
        assert said.document["status"] == "done"
        assert writer.root
        return said.document["run"]

    return run


def bytes_of(root: Path) -> dict[str, bytes]:
    """Every file of a company, but for what undo keeps for itself."""
    return {
        inside.as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
        and not OWN.intersection((inside := path.relative_to(root)).parts)
    }


def test_an_undo_gives_back_every_byte_and_can_be_undone(
    writer: Place, work: Callable[..., str], do: Do
) -> None:
    before = bytes_of(writer.root)
    run = work()
    after = bytes_of(writer.root)
    said = do("undo", run, "--yes")
    assert said.code == 0
    assert bytes_of(writer.root) == before
    assert "drafts/new.md: removed" in said.out
    assert f"take it back: agentco undo {run}-undo-1" in said.out
    again = do("undo", f"{run}-undo-1", "--yes")
    assert again.code == 0
    assert bytes_of(writer.root) == after
    assert do("undo", run, "--yes").code == 0
    assert bytes_of(writer.root) == before


def test_the_difference_is_shown_before_anything_is_done(
    writer: Place, work: Callable[..., str], do: Do
) -> None:
    run = work()
    after = bytes_of(writer.root)
    said = do("undo", run)
    assert (said.code, "add --yes" in said.err) == (2, True)
    assert "-The new price." in said.err
    assert "+The old price." in said.err
    assert "- in the memory: pays in 30 days" in said.err
    assert bytes_of(writer.root) == after


def test_the_document_says_what_was_taken_back(
    work: Callable[..., str], do: Do
) -> None:
    run = work()
    document = do("undo", run, "--yes", "--json").document
    assert document == {
        "run": run,
        "undo": f"{run}-undo-1",
        "files": [
            {"file": "drafts/prices.md", "became": "before"},
            {"file": "drafts/new.md", "became": "removed"},
            {"file": "BOARD.md", "became": "before"},
        ],
        "memory": {"removed": ["pays in 30 days"], "restored": []},
        "left": [],
    }
    said = do("undo", run, "--yes")
    assert (said.code, said.out) == (0, f"nothing of {run} is left to take back\n")
    lines = [line["what"] for line in do("audit", run, "--json").document["lines"]]
    assert lines[-2:] == ["undo-begun", "undone"]


def test_what_the_founder_changed_since_stays_and_is_named(
    writer: Place, work: Callable[..., str], do: Do
) -> None:
    run = work()
    writer.write("drafts/prices.md", "mine\n")
    board = writer.board_text() + "- [ ] My own task\n"
    writer.write("BOARD.md", board)
    do("memory", "relate", "Base", "knows", "Acme")
    said = do("undo", run, "--yes")
    assert "stays: drafts/prices.md (it was changed since, by you" in said.err
    assert (
        "stays: pays in 30 days (a relation that others wrote leads to it)" in said.err
    )
    assert (writer.root / "drafts/prices.md").read_text() == "mine\n"
    assert not (writer.root / "drafts/new.md").exists()
    assert "Call the bank" not in writer.board_text()
    assert "My own task" in writer.board_text()
    assert "pays in 30 days" in writer.memory_file.read_text()


def test_what_another_run_built_on_stays_until_that_is_undone(
    writer: Place, work: Callable[..., str], do: Do
) -> None:
    first = work(edit("drafts/prices.md", "old", "new", OLD))
    now = OLD.replace("old", "new")
    second = work(edit("drafts/prices.md", "new", "newest", now))
    said = do("undo", first, "--yes")
    assert said.code == 1
    assert f"run {second} changed it since" in said.err
    assert do("undo", second, "--yes").code == 0
    assert do("undo", first, "--yes").code == 0
    assert (writer.root / "drafts/prices.md").read_text() == OLD


def test_board_lines_are_taken_back_one_by_one(
    writer: Place, work: Callable[..., str], do: Do
) -> None:
    first, second = work(adds("First")), work(adds("Second"))
    assert do("undo", first, "--yes").code == 0
    assert "First" not in writer.board_text()
    assert "Second" in writer.board_text()
    assert do("undo", second, "--yes").code == 0
    assert "Second" not in writer.board_text()


def test_what_a_run_deleted_from_the_memory_comes_back(
    writer: Place, work: Callable[..., str], do: Do
) -> None:
    work(knows("Acme", "pays in 30 days"))
    before = writer.memory_file.read_bytes()
    gone = {"operation": "delete_entities", "names": ["Acme"]}
    run = work(("Memory", gone))
    assert "Acme" not in writer.entities()
    said = do("undo", run, "--yes")
    assert "1 put back into the memory" in said.out
    assert writer.memory_file.read_bytes() == before


def test_what_the_founder_trusts_since_is_no_longer_the_runs(
    writer: Place, work: Callable[..., str], do: Do
) -> None:
    run = work(knows("Acme", "pays in 30 days"))
    do("memory", "add", "Acme", "pays in 30 days")
    do("undo", run, "--yes")
    assert writer.entities()["Acme"] == ["pays in 30 days"]


def test_a_file_whose_version_before_is_not_kept_is_named(
    writer: Place, work: Callable[..., str], do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_transaction, "KEPT_VERSION_BYTES", 0)
    run = work(edit("drafts/prices.md", "old", "new", OLD))
    said = do("undo", run, "--yes")
    assert (said.code, "what it was before is not kept" in said.err) == (1, True)
    assert "new price" in (writer.root / "drafts/prices.md").read_text()


def test_an_unknown_run_and_one_at_work_are_refused(
    writer: Place, wire: WireServer, do: Do
) -> None:
    assert do("undo", "k7m2ab", "--yes").code == 2
    ask = "AskFounder", {"question": "Shall I?"}
    writer.agent("writer", "---\ndescription: W.\ntools: [AskFounder]\n---\nI write.\n")
    wire.script({"m": [calls(ask)]})
    run = do("ask", "writer", "do it", "--quick", "--json").document["run"]
    said = do("undo", run, "--yes")
    assert (said.code, f"agentco runs cancel {run}" in said.err) == (2, True)


def test_what_failed_work_wrote_is_shown_as_a_draft(
    writer: Place, wire: WireServer, do: Do
) -> None:
    page = "Edit", {"path": "drafts/new.md", "text": "A new page."}
    wire.script({"m": [calls(page), Say(text="")]})
    said = do("ask", "writer", "do it", "--quick", "--json")
    assert (said.code, said.document["status"]) == (1, "failed")
    run = said.document["run"]
    mark = f"what it wrote is a draft: nothing was delivered; agentco undo {run} takes"
    assert mark in do("runs", "show", run).out
    assert do("undo", run, "--yes").code == 0
    assert not (writer.root / "drafts/new.md").exists()


class Mortal:
    """Stands for a part of a company; the process dies before or after the nth use of any part."""

    def __init__(self, real: Any, death: Death) -> None:
        self.real, self.death = real, death

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if not callable(found):
            return found

        def use(*args: Any, **named: Any) -> Any:
            with self.death.around("use"):
                return found(*args, **named)

        return use


def dying_undo(root: Path, run: str, death: Death) -> None:
    """Undo in a process that may die at any use of the files, the board, the memory or the state."""
    real = open_company(root)
    plan = plan_undo(real, run)
    versions = Mortal(real.versions(), death)
    company = replace(
        real,
        versions=lambda: versions,
        board=Mortal(real.board, death),
        memory=Mortal(real.memory, death),
        state=Mortal(real.state, death),
    )
    carry_out_undo(company, plan)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_in_the_middle_leaves_old_or_new_and_the_next_undo_ends_it(
    writer: Place, work: Callable[..., str], do: Do, when: str
) -> None:
    before = bytes_of(writer.root)
    run = work()
    after = bytes_of(writer.root)
    killed = 0
    while in_child(partial(dying_undo, writer.root, run, Death("use", killed, when))):
        for name, data in bytes_of(writer.root).items():
            assert data in {before.get(name), after.get(name)}
        do("undo", run, "--yes")
        assert bytes_of(writer.root) == before
        assert do("undo", last_undo(writer.root, run), "--yes").code == 0
        assert bytes_of(writer.root) == after
        killed += 1
        assert killed < MOST_KILLS
    assert killed > LEAST_KILLS
    assert bytes_of(writer.root) == before


def last_undo(root: Path, run: str) -> str:
    undos = open_company(root).read_state(lambda tx: tx.undos_of(run), ())
    return undos[-1].name
