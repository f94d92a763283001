"""What of a run can be taken back: only that on which nothing was built. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from agentco.board.document import TaskBoard, read_board
from agentco.board.taking_back import BoardRecord, find_line_changes, take_back
from agentco.kernel.company_paths import normalize_path
from agentco.kernel.errors import WrongUsage
from agentco.ports.stored_values import WrittenFile


class UndoStep(Struct, frozen=True, kw_only=True):
    """A file that becomes another version: hashes, empty where there is no file."""

    path: str
    before: str
    after: str


class LeftAsItIs(Struct, frozen=True, kw_only=True):
    """What is not taken back, why, and what to do."""

    what: str
    why: str
    hint: str = ""


class FileFacts(Struct, frozen=True, kw_only=True):
    """What stands at each path now (hashes), what others wrote there, which versions are kept.

    `unreadable` says why a path cannot be looked at.
    """

    now: Mapping[str, str]
    others: Mapping[str, Sequence[WrittenFile]]
    kept: Collection[str]
    unreadable: Mapping[str, str] = {}


Planned = UndoStep | LeftAsItIs


def plan_files(written: Iterable[WrittenFile], facts: FileFacts) -> Iterator[Planned]:
    """What becomes of each file that a run wrote, the versions of each in their order."""
    by_path = dict[str, list[WrittenFile]]()
    for file in written:
        by_path.setdefault(file.path, []).append(file)
    for path, rows in by_path.items():
        last = last_stretch(rows)
        yield from plan_file(last, facts)
        if len(last) < len(rows):
            why = "it was changed by others between the run's own changes"
            yield LeftAsItIs(what=f"an earlier change of {path}", why=why)


def last_stretch(rows: Sequence[WrittenFile]) -> Sequence[WrittenFile]:
    """The last versions of a path that followed each other with nobody in between."""
    start = len(rows) - 1
    while start and rows[start - 1].after == rows[start].before:
        start -= 1
    return rows[start:]


def plan_file(rows: Sequence[WrittenFile], facts: FileFacts) -> Iterator[Planned]:
    """What becomes of one file."""
    path, before, after = rows[0].path, rows[0].before, rows[-1].after
    now = facts.now.get(path, "")
    if normalize_path(path) != path:
        why = "it lies outside the company"
        yield LeftAsItIs(what=path, why=why, hint=version_hint(rows))
    elif path in facts.unreadable:
        yield LeftAsItIs(what=path, why=facts.unreadable[path])
    elif now == before:
        return
    elif now != after:
        yield LeftAsItIs(
            what=path, why=changed_since(rows[-1], now, facts), hint=version_hint(rows)
        )
    elif before and before not in facts.kept:
        why = (
            "what it was before is not kept: too old, too large, ignored, or with a key"
        )
        yield LeftAsItIs(what=path, why=why, hint=version_hint(rows))
    else:
        yield UndoStep(path=path, before=now, after=before)
        for row in rows:
            if row.kept and facts.now.get(row.kept) == row.before:
                yield UndoStep(path=row.kept, before=row.before, after="")


def changed_since(last: WrittenFile, now: str, facts: FileFacts) -> str:
    """Who changed a file after a run, as far as it is known."""
    if not now:
        return "it was removed since"
    for other in reversed(facts.others.get(last.path, ())):
        if other.after == now and other.root != last.root:
            return f"run {other.run} changed it since"
    return "it was changed since, by you or another program"


def version_hint(rows: Sequence[WrittenFile]) -> str:
    """Where the version before lies, if anywhere."""
    kept = next((row.kept for row in rows if row.kept), "")
    return f"the version before: {kept}" if kept else ""


def plan_board(
    board: TaskBoard, rows: Sequence[WrittenFile], versions: Mapping[str, bytes]
) -> tuple[TaskBoard, list[LeftAsItIs]]:
    """The board without the lines that a run changed, as far as these are as it left them."""
    left = list[LeftAsItIs]()
    for row in reversed(rows):
        before, after = versions.get(row.before), versions.get(row.after)
        what = f"a change of {row.path} at {row.at}"
        if before is None or after is None:
            why = "what it was before is not kept"
            left.append(LeftAsItIs(what=what, why=why))
            continue
        changes = find_line_changes(board_of(before), board_of(after))
        record = BoardRecord(did="", task="", title="", at=row.at, changes=changes)
        try:
            board = take_back(board, record)
        except WrongUsage as error:
            if is_taken_back(board, record):
                continue
            hint = "agentco board edit opens it in your editor"
            left.append(LeftAsItIs(what=what, why=error.what, hint=hint))
    return board, left


def is_taken_back(board: TaskBoard, record: BoardRecord) -> bool:
    """Whether the lines stand as they did before a change."""
    changes = tuple(
        replace(change, before=change.after, after=change.before)
        for change in record.changes
    )
    try:
        take_back(board, replace(record, changes=changes))
    except WrongUsage:
        return False
    return True


def board_of(data: bytes) -> TaskBoard:
    """The board in these bytes, of which none is lost."""
    return read_board(data.decode("utf-8", "surrogateescape"))


def board_bytes(board: TaskBoard) -> bytes:
    """The bytes of a board."""
    return board.text.encode("utf-8", "surrogateescape")
