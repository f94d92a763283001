"""Killed at every moment: nothing acknowledged is lost, and the next call cleans up."""

import os
import signal
from datetime import date
from pathlib import Path
from random import Random
from shutil import copytree

import pytest
from claims import claim
from processes import in_child
from test_file import perform
from worlds import AT, BAD, TWICE, Dying, fact, file_of, known, litter

from agentco.adapters.files import MemoryFile
from agentco.memory import ExpiringEntity, rewrite

KILLS, MANY = 50, 1000


def beside(file: MemoryFile) -> bytes:
    return b"".join(
        p.read_bytes() for p in (file.real, file.rejected, file.trash) if p.exists()
    )


@claim("memory:crash")
@pytest.mark.parametrize("part", [0, 1, 3, 4])
@pytest.mark.parametrize(
    "op", ["add", "remove", "repair", "undo", "compact", "prune", "import"]
)
def test_fault_42_a_kill_at_any_operation_leaves_the_old_or_the_new(
    tmp_path: Path, op: str, part: int
) -> None:
    n = 0
    while True:
        folder = tmp_path / str(n)
        folder.mkdir()
        file = file_of(folder, TWICE)
        if op == "undo":
            file.remove(rewrite.remove_entities({"Alice"}), at=AT, what="Alice")
        before, after = (
            known(file.load_graph()),
            afterwards(file, op, tmp_path / f"{n} whole"),
        )
        mortal = MemoryFile(file.path, disk=Dying(n, part))
        code = in_child(lambda mortal=mortal: perform(mortal, op))
        now = known(MemoryFile(file.path).load_graph())
        if code == 0:
            assert now == after
            assert (now == before) is (op in {"repair", "compact"})
            break
        assert code == -signal.SIGKILL
        assert now in (before, after)
        again = MemoryFile(file.path)
        if now == before:
            perform(again, op)
        check_whole(again, op, before)
        n += 1
    assert n >= 2


def afterwards(file: MemoryFile, op: str, folder: Path) -> object:
    """What is known when the operation is done on a copy."""
    copytree(file.real.parent, folder)
    copy = MemoryFile(folder / file.path.name)
    perform(copy, op)
    return known(copy.load_graph())


def check_whole(file: MemoryFile, op: str, before: object) -> None:
    """After a kill and one more try the operation is done once, and all there ever was is somewhere."""
    file.repair()
    assert litter(file.real.parent) == set()
    assert beside(file).count(BAD) == 1
    assert b'"mood' in beside(file).replace(b'\\"', b'"')
    assert not file.load_graph().rejected
    more = {"add": {"Eve"}, "import": {"Eve", "Zoe"}, "prune": {"Eve"}}.get(
        op, set[str]()
    )
    names = {"Bob", *more} if op in {"remove", "prune"} else {"Alice", "Bob", *more}
    assert set(file.load_graph().entity_names) == names
    if op == "remove":
        assert file.undo_removal()
        assert known(file.load_graph()) == before
    assert file.undo_removal() is None


def write_and_tell(path: Path, first: int, pipe: int, kind: str) -> None:
    """Add for ever, say each line that was acknowledged, and rewrite now and then."""
    file = MemoryFile(path)
    for i in range(first, first + 10_000):
        file.add([fact(f"entity {i % 5}", f"fact {i}")])
        os.write(pipe, f"{i}\n".encode())
        both = [fact("one", f"{i}"), fact("other", f"{i}")]
        match i % 4, kind:
            case 0, "delete":
                file.remove(
                    rewrite.remove_observations("Bob", {"likes tea"}), at=AT, what="tea"
                )
            case 2, "delete":
                file.undo_removal()
            case 0, "compact":
                file.repair(compact=True)
            case 0, "import" | "prune":
                file.apply_changes(records=both, at=AT)
            case 2, "prune":
                going = [
                    ExpiringEntity(when=date.min, name=name, type="note")
                    for name in ("one", "other")
                ]
                file.apply_changes(expired=going, records=both, at=AT)
            case _:
                pass


@claim("memory:crash")
@pytest.mark.parametrize("kind", ["delete", "prune", "compact", "import"])
@pytest.mark.parametrize("kills", [KILLS, pytest.param(MANY, marks=pytest.mark.soak)])
def test_random_kills_lose_no_acknowledged_line_and_leave_no_half(
    tmp_path: Path, kills: int, kind: str
) -> None:
    seed = int.from_bytes(os.urandom(4))
    print(f"memory, {kind}: {kills} kills, seed {seed}")  # noqa: T201  shown when the test fails, and by the soak
    dice = Random(seed)  # noqa: S311  no secret
    file = file_of(tmp_path)
    told: set[str] = set()
    for kill in range(kills):
        reading, writing = os.pipe()
        if not (child := os.fork()):
            os.close(reading)
            try:
                write_and_tell(file.path, kill * 10_000, writing, kind)
            finally:
                os._exit(70)
        os.close(writing)
        with os.fdopen(reading) as acknowledged:
            for _ in range(dice.randrange(1, 12)):
                told.add(acknowledged.readline())
            for _ in range(dice.randrange(20_000)):
                pass
            os.kill(child, signal.SIGKILL)
            told.update(acknowledged)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        graph = MemoryFile(file.path).load_graph()
        there = {o.text for e in graph.entities() for o in e.observations}
        assert {f"fact {line.strip()}" for line in told} <= there
        assert {o.text for o in graph.entities("person")[0].observations} == {
            "likes tea",
            "is 40",
            "left",
        }
        one, other = (
            {o.text for e in [graph.find_entity(name)] if e for o in e.observations}
            for name in ("one", "other")
        )
        assert one == other
    file.repair()
    assert litter(tmp_path) == set()
