"""The memory on disk: appended, read on, rewritten, shared."""

import json
import os
import signal
import stat
from datetime import date
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest
from claims import claim
from hypothesis import given, strategies as st
from processes import side_by_side
from signing import signed
from test_lines import lines
from worlds import (
    AT,
    BAD,
    BROKEN,
    TWICE,
    WHOLE,
    Counted,
    Full,
    Meddled,
    Short,
    Unsynced,
    fact,
    file_of,
    known,
    litter,
)

from agentco.adapters.files import MemoryFile, hold_lock, prepare_lock_path
from agentco.kernel import Conflict, Locked, StateBroken
from agentco.memory import (
    EntityLine,
    ExpiringEntity,
    MemoryLine,
    encode_line,
    read_records,
    rewrite,
)

cuts = st.sampled_from(
    [
        rewrite.remove_entities({"Alice"}),
        rewrite.remove_entities({"Bob"}),
        rewrite.remove_entities({"Alice", "Bob"}),
        rewrite.remove_observations("Alice", {"likes tea"}),
        rewrite.remove_observations("Alice", {"left", "is 40"}),
        rewrite.remove_relations({("Alice", "knows", "Bob")}),
    ]
)


@claim("memory:append")
def test_adding_appends_and_touches_nothing_before(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    file.add([fact("Eve", "is new"), fact("Eve", "is here")])
    added = encode_line(fact("Eve", "is new")) + encode_line(fact("Eve", "is here"))
    assert file.real.read_bytes() == WHOLE + signed(file.path, added)


@claim("memory:append")
def test_the_first_line_makes_the_file_and_its_folder(tmp_path: Path) -> None:
    file = MemoryFile(tmp_path / "new" / "memory.jsonl")
    assert file.load_graph().entities() == []
    assert not (tmp_path / "new").exists()
    file.add([fact("Eve", "is new")])
    assert list(file.load_graph().entity_names) == ["Eve"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(file.real.stat().st_mode) == 0o666 & ~umask


@claim("memory:bad-lines")
def test_fault_29_a_file_without_a_final_newline_gets_it_first(tmp_path: Path) -> None:
    file = file_of(tmp_path, WHOLE.removesuffix(b"\n"))
    file.add([fact("Eve")])
    added = signed(file.path, encode_line(fact("Eve")))
    assert file.real.read_bytes() == WHOLE + added


@claim("memory:bad-lines")
def test_fault_35_an_empty_file_is_an_empty_graph(tmp_path: Path) -> None:
    assert file_of(tmp_path, b"").load_graph().entities() == []


@claim("memory:lost")
def test_fault_35_a_file_that_was_there_and_is_gone_is_no_empty_memory(
    tmp_path: Path,
) -> None:
    file = file_of(tmp_path)
    file.add([fact("Eve")])
    file.real.unlink()
    for lost in (file, MemoryFile(file.path)):
        for act in (
            lost.load_graph,
            lambda lost=lost: lost.add([fact("Zoe")]),
            lost.repair,
        ):
            with pytest.raises(
                StateBroken, match="was there before and is missing now"
            ):
                act()
    assert not file.real.exists()
    file.real.touch()
    assert MemoryFile(file.path).load_graph().entities() == []


@claim("memory:lost")
def test_a_file_that_only_this_process_has_seen_is_missed_too(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    file.load_graph()
    file.real.unlink()
    with pytest.raises(StateBroken, match="was there before and is missing now"):
        file.load_graph()


@claim("memory:tail")
def test_only_the_tail_is_read_after_an_append_and_everything_after_a_rewrite(
    tmp_path: Path,
) -> None:
    file = file_of(tmp_path)
    file.adopt_existing_lines()
    first = file.load_graph()
    assert file.load_graph() is first
    MemoryFile(file.path).add([fact("Eve", "one"), fact("Bob", "two")])
    grown = file.load_graph()
    assert grown is first
    assert known(grown) == known(MemoryFile(file.path).load_graph())
    file.remove(rewrite.remove_entities({"Eve"}), at=AT, what="Eve")
    assert file.load_graph() is not first
    assert file.load_graph().find_entity("Eve") is None


@claim("memory:tail")
@pytest.mark.parametrize("rename", [True, False])
def test_fault_39_a_rewrite_by_another_program_is_read_whole(
    tmp_path: Path, rename: bool
) -> None:
    file = file_of(tmp_path)
    file.load_graph()
    other = encode_line(fact("Zoe")) * 50
    target = tmp_path / "other" if rename else file.real
    target.write_bytes(other)
    target.replace(file.real)
    assert list(file.load_graph().entity_names) == ["Zoe"]


@claim("memory:tail")
def test_a_line_that_was_still_being_written_is_read_again(tmp_path: Path) -> None:
    line = encode_line(fact("Eve", "is new"))
    file = file_of(tmp_path, WHOLE + line[:30])
    assert [p.code for p in file.load_graph().problems if p.code == "bad-line"] == [
        "bad-line"
    ]
    with file.real.open("ab") as end:
        end.write(line[30:])
    assert file.load_graph().find_entity("Eve")
    assert not file.load_graph().rejected


@claim("memory:tail")
@given(st.lists(lines, max_size=4))
def test_reading_on_is_reading_everything(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[MemoryLine]]
) -> None:
    file = file_of(tmp_path_factory.mktemp("memory"), b"")
    for part in parts:
        if part:
            file.add(part)
        assert known(file.load_graph()) == known(MemoryFile(file.path).load_graph())


@claim("memory:repair")
def test_repair_moves_bad_lines_with_their_number_and_reason_and_drops_nothing(
    tmp_path: Path,
) -> None:
    file = file_of(tmp_path, BROKEN)
    before = known(file.load_graph())
    assert file.repair() == 2
    assert file.real.read_bytes() == WHOLE
    assert known(file.load_graph()) == before
    moved = [json.loads(line) for line in file.rejected.read_bytes().splitlines()]
    assert [(m["line"], m["text"]) for m in moved] == [
        (3, BAD.decode()),
        (6, '{"type":"entity","na'),
    ]
    assert all(m["reason"] for m in moved)
    assert litter(tmp_path) == set()


@claim("memory:repair")
@given(
    st.lists(
        st.sampled_from(
            [
                *WHOLE.splitlines(keepends=True),
                BAD,
                b"\n",
                b"\r\n",
                b"{",
                b"\xff",
                b"\xef\xbb\xbf",
                BROKEN[:99],
            ]
        )
    ).map(b"".join)
)
def test_repairing_twice_is_repairing_once(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = file_of(tmp_path_factory.mktemp("memory"), data)
    before = known(file.load_graph())
    file.repair()
    once = file.real.read_bytes()
    assert known(file.load_graph()) == before
    assert file.repair() is None
    assert file.real.read_bytes() == once
    assert read_records(once)[1] == []


@claim("memory:undo")
@given(st.lists(cuts, max_size=4))
def test_deleting_then_undoing_restores_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, several: list[rewrite.RecordRewrite]
) -> None:
    file = file_of(tmp_path_factory.mktemp("memory"))
    versions: list[bytes] = []
    for cut in several:
        before = file.real.read_bytes()
        if file.remove(cut, at=AT, what="it"):
            versions.append(before)
    while versions:
        assert file.undo_removal()
        assert file.real.read_bytes() == versions.pop()
    assert file.undo_removal() is None


@claim("memory:undo")
def test_a_deletion_comes_back_also_when_its_line_in_the_trash_is_longer_than_a_memorys(
    tmp_path: Path,
) -> None:
    file = MemoryFile(tmp_path / "memory.jsonl")
    file.add([fact(f"n{i}", "x" * 4_000_000) for i in range(5)])
    before = file.real.read_bytes()
    assert file.remove(
        rewrite.remove_entities([f"n{i}" for i in range(5)]), at=AT, what="it"
    )
    file.add([fact("Eve", "is new")])
    assert file.remove(rewrite.remove_entities(["Eve"]), at=AT, what="Eve")
    assert file.undo_removal()
    assert file.undo_removal()
    assert file.real.read_bytes().startswith(before)


@claim("trust:untrusted")
def test_no_rewrite_reads_a_line_that_does_not_seem_to_end(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    with file.real.open("ab") as out:
        out.write(b'{"type":"' + b"x" * 16_000_000)
    before = file.real.read_bytes()
    for rewrites in (file.repair, file.undo_removal, file.last_removal):
        with pytest.raises(StateBroken, match="longer than 16 MB"):
            rewrites()
    assert file.real.read_bytes() == before


@claim("memory:undo")
def test_what_was_added_since_stays_when_a_deletion_is_taken_back(
    tmp_path: Path,
) -> None:
    file = file_of(tmp_path)
    file.remove(rewrite.remove_observations("Alice", {"likes tea"}), at=AT, what="tea")
    file.add([fact("Eve", "is new")])
    file.undo_removal()
    added = signed(file.path, encode_line(fact("Eve", "is new")))
    assert file.real.read_bytes() == WHOLE + added


@claim("memory:undo")
def test_a_deletion_comes_back_after_another_program_merged_the_lines(
    tmp_path: Path,
) -> None:
    file = file_of(tmp_path)
    file.remove(rewrite.remove_observations("Alice", {"likes tea"}), at=AT, what="tea")
    file.real.write_bytes(
        encode_line(
            EntityLine(name="Alice", type="person", observations=("is 40", "left"))
        )
    )
    file.undo_removal()
    alice = file.load_graph().find_entity("Alice")
    assert alice
    assert {o.text for o in alice.observations} == {"is 40", "left", "likes tea"}


@claim("memory:undo")
def test_deleting_keeps_unknown_fields_and_lines_of_their_own(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    file.remove(rewrite.remove_observations("Alice", {"likes tea"}), at=AT, what="tea")
    assert file.real.read_bytes() == WHOLE.replace(
        b'"likes tea","is 40"', b'"is 40"'
    ).replace(b'"likes tea","left"', b'"left"')


@claim("memory:undo")
def test_the_trash_keeps_a_deletion_for_thirty_days(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    file.remove(
        rewrite.remove_entities({"Bob"}), at="2026-10-01T00:00:00+00:00", what="Bob"
    )
    file.remove(
        rewrite.remove_observations("Alice", {"left"}),
        at="2026-10-31T00:00:00+00:00",
        what="left",
    )
    assert len(file.trash.read_bytes().splitlines()) == 2
    file.remove(
        rewrite.remove_observations("Alice", {"is 40"}),
        at="2026-11-01T00:00:00+00:00",
        what="40",
    )
    assert [
        json.loads(line)["what"] for line in file.trash.read_bytes().splitlines()
    ] == ["left", "40"]


@claim("memory:rewrite")
def test_mode_and_symlink_stay(tmp_path: Path) -> None:
    file_of(tmp_path, BROKEN).real.chmod(0o640)
    (tmp_path / "link").mkdir()
    link = tmp_path / "link" / "other.jsonl"
    link.symlink_to("../memory.jsonl")
    file = MemoryFile(link)
    assert file.remove(rewrite.remove_entities({"Bob"}), at=AT, what="Bob")
    assert link.is_symlink()
    assert stat.S_IMODE((tmp_path / "memory.jsonl").stat().st_mode) == 0o640
    assert [path.name for path in link.parent.iterdir()] == ["other.jsonl"]
    assert prepare_lock_path(file.real).exists()


@claim("memory:rewrite")
def test_an_untouched_file_is_not_rewritten(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    inode = file.real.stat().st_ino
    assert (
        file.remove(rewrite.remove_entities({"nobody"}), at=AT, what="nobody") is None
    )
    assert file.repair() is None
    assert file.undo_removal() is None
    assert file.real.stat().st_ino == inode
    assert litter(tmp_path) == set()


@claim("memory:rewrite")
@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("how", ["append", "replace", "same size"])
def test_fault_38_a_change_under_us_is_never_overwritten(
    tmp_path: Path, at: int, how: str
) -> None:
    path = tmp_path / "memory.jsonl"

    def meddle() -> None:
        if how == "append":
            with path.open("ab") as end:
                end.write(encode_line(fact("Eve")))
        elif how == "replace":
            (tmp_path / "edited").write_bytes(
                path.read_bytes() + encode_line(fact("Eve"))
            )
            (tmp_path / "edited").replace(path)
        else:
            path.write_bytes(WHOLE.replace(b"Bob", b"Eve"))

    file = file_of(tmp_path, disk=Meddled(at, meddle))
    file.remove(rewrite.remove_observations("Alice", {"left"}), at=AT, what="left")
    graph = file.load_graph()
    alice = graph.find_entity("Alice")
    assert graph.find_entity("Eve")
    assert alice
    assert "left" not in {o.text for o in alice.observations}
    assert litter(tmp_path) == set()
    file.undo_removal()
    assert b'"left"' in path.read_bytes()
    assert file.undo_removal() is None


@claim("memory:rewrite")
def test_a_file_that_never_holds_still_is_left_to_the_other(tmp_path: Path) -> None:
    path = tmp_path / "memory.jsonl"

    def meddle() -> None:
        with path.open("ab") as end:
            end.write(encode_line(fact("Eve")))

    file = file_of(tmp_path, disk=Meddled(0, meddle, times=10_000))
    with pytest.raises(Conflict, match="another program"):
        file.remove(rewrite.remove_entities({"Bob"}), at=AT, what="Bob")
    assert path.read_bytes().startswith(WHOLE)
    assert litter(tmp_path) == set()


@claim("memory:full-disk")
@pytest.mark.parametrize(
    "op", ["add", "remove", "repair", "undo", "compact", "prune", "import"]
)
def test_fault_87_a_full_disk_changes_nothing(tmp_path: Path, op: str) -> None:
    n = 0
    while True:
        folder = tmp_path / str(n)
        folder.mkdir()
        file = file_of(folder, TWICE)
        if op == "undo":
            file.remove(rewrite.remove_entities({"Bob"}), at=AT, what="Bob")
        before, disk = file.real.read_bytes(), Full(n)
        file = MemoryFile(file.path, disk=disk)
        error = refusal(file, op)
        if disk.left >= 0:
            assert error is None
            break
        if error:
            assert error.exit_code == 5
            assert (file.real.read_bytes() == before) is (
                f"{str(file.real)!r} was changed" not in error.what
            )
        perform(MemoryFile(file.path), op)
        assert litter(folder) == set()
        n += 1
    assert n >= 2


@claim("memory:full-disk")
def test_a_write_that_is_cut_short_is_taken_back(tmp_path: Path) -> None:
    file = file_of(tmp_path, disk=Short())
    with pytest.raises(StateBroken, match="No space left"):
        file.add([fact("Eve", "is new")])
    assert file.real.read_bytes() == WHOLE


@claim("memory:full-disk")
@pytest.mark.parametrize(
    "op", ["add", "remove", "repair", "undo", "compact", "prune", "import"]
)
def test_a_sync_that_fails_is_never_tried_again_as_if_it_had_worked(
    tmp_path: Path, op: str
) -> None:
    file = file_of(tmp_path, TWICE)
    file.adopt_existing_lines()
    if op == "undo":
        file.remove(rewrite.remove_entities({"Bob"}), at=AT, what="Bob")
    before, disk = file.real.read_bytes(), Unsynced()
    with pytest.raises(StateBroken, match="Input/output error"):
        perform(MemoryFile(file.path, disk=disk), op)
    assert disk.asked == 1
    assert file.real.read_bytes() == before
    perform(file, op)
    assert file.real.read_bytes() != before
    assert litter(tmp_path) == set()


def refusal(file: MemoryFile, op: str) -> StateBroken | None:
    try:
        perform(file, op)
    except StateBroken as error:
        return error
    return None


def perform(file: MemoryFile, op: str) -> object:
    going = [ExpiringEntity(when=date.min, name="Alice", type="person")]
    match op:
        case "add":
            return file.add([fact("Eve", "is new")])
        case "remove":
            return file.remove(rewrite.remove_entities({"Alice"}), at=AT, what="Alice")
        case "repair" | "compact":
            return file.repair(compact=op == "compact")
        case "prune":
            return file.apply_changes(
                expired=going, records=[fact("Eve", "is new")], at=AT
            )
        case "import":
            return file.apply_changes(
                records=[fact("Eve", "is new"), fact("Zoe", "is new")], at=AT
            )
        case _:
            return file.undo_removal()


@claim("memory:unreadable")
def test_fault_44_an_unreadable_file_is_an_error_and_stays(tmp_path: Path) -> None:
    (tmp_path / "memory.jsonl").mkdir()
    file = MemoryFile(tmp_path / "memory.jsonl")
    for act in (
        file.load_graph,
        lambda: file.add([fact("Eve")]),
        file.repair,
        file.last_removal,
    ):
        with pytest.raises(StateBroken, match=r"memory.jsonl' cannot be"):
            act()
    assert (tmp_path / "memory.jsonl").is_dir()


@claim("memory:unreadable")
def test_a_folder_that_takes_no_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("a file")
    with pytest.raises(StateBroken, match="cannot be locked"):
        MemoryFile(tmp_path / "memory" / "memory.jsonl").add([fact("Eve")])


@claim("memory:lock")
def test_fault_43_a_live_holder_is_named_and_a_dead_one_is_forgotten(
    tmp_path: Path,
) -> None:
    file = file_of(tmp_path)
    told, ready = os.pipe()
    child = os.fork()
    if not child:
        with hold_lock(file.real):
            os.write(ready, b"!")
            signal.pause()
        os._exit(70)
    try:
        assert os.read(told, 1) == b"!"
        with pytest.raises(Locked, match=f"process {child} holds") as refused:
            MemoryFile(file.path, patience=0.02).add([fact("Eve")])
        assert refused.value.exit_code == 5
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    MemoryFile(file.path, patience=0.02).add([fact("Eve")])
    assert file.load_graph().find_entity("Eve")


@claim("memory:lock")
def test_who_waited_in_vain_keeps_nobody_waiting(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    with hold_lock(file.real):
        for _ in range(3):
            with (
                pytest.raises(Locked, match=f"process {os.getpid()} holds"),
                hold_lock(file.real, patience=0.02),
            ):
                pass
    file.add([fact("Eve")])
    assert file.load_graph().find_entity("Eve")


@claim("memory:lock")
def test_a_lock_that_is_taken_away_while_we_wait_is_not_the_one_we_get(
    tmp_path: Path,
) -> None:
    file, got = file_of(tmp_path), Event()

    def waiting() -> None:
        with hold_lock(file.real):
            got.set()

    with hold_lock(file.real):
        second = Thread(target=waiting)
        second.start()
        assert not got.wait(0.1)
        prepare_lock_path(file.real).unlink()
        with hold_lock(file.real):
            pass
    second.join(10)
    assert got.is_set()
    with hold_lock(file.real, patience=0.02):
        assert prepare_lock_path(file.real).read_text() == f"{os.getpid()}\n"


@claim("memory:writers")
def test_four_processes_of_250_lose_no_observation(tmp_path: Path) -> None:
    path = tmp_path / "memory.jsonl"

    def write(who: int) -> None:
        file = MemoryFile(path)
        for i in range(250):
            file.add([fact("all", f"{who}:{i}")])

    assert side_by_side([partial(write, who) for who in range(4)]) == [0] * 4
    every = MemoryFile(path).load_graph().find_entity("all")
    assert every
    assert {o.text for o in every.observations} == {
        f"{who}:{i}" for who in range(4) for i in range(250)
    }


@claim("memory:append")
def test_an_append_is_one_write_and_one_sync(tmp_path: Path) -> None:
    file_of(tmp_path).adopt_existing_lines()
    file = MemoryFile(tmp_path / "memory.jsonl", disk=(disk := Counted(100)))
    file.add([fact("a"), fact("b")])
    assert disk.left == 97  # and one write beside it, which nobody waits for
