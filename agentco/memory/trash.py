"""What was removed and can come back: one JSON line per removal, one per removal undone."""

import json
from collections.abc import Iterable
from datetime import timedelta

import msgspec
from msgspec import Struct

from agentco.kernel.names import FOUNDER
from agentco.memory.graph import parse_time
from agentco.memory.lines import encode_verbatim
from agentco.memory.rewrite import MemoryChange, RecordEdit, text_to_bytes

TRASH_RETENTION = timedelta(days=30)


class Removal(Struct, frozen=True, kw_only=True, tag_field="type", tag="removal"):
    """One removal from one memory file. `what` is for people, `at` an ISO time, `by` who did it.

    `run` is the effect or the undo that did it, empty for a command.
    """

    id: str
    file: str
    at: str
    what: str
    by: str = FOUNDER
    run: str = ""
    edits: tuple[RecordEdit, ...]


class UndoneRemoval(Struct, frozen=True, kw_only=True, tag_field="type", tag="undone"):
    """The removal with this id is back in the memory."""

    undone: str


def removal_of(
    change: MemoryChange,
    *,
    file: str,
    at: str,
    what: str,
    by: str = FOUNDER,
    run: str = "",
) -> Removal | None:
    """What the trash must remember of a change; None if nothing was changed."""
    edits = change.edits
    if not edits:
        return None
    name = change.id
    return Removal(id=name, file=file, at=at, what=what, by=by, run=run, edits=edits)


def encode_entry(entry: Removal | UndoneRemoval) -> bytes:
    """A line of the trash."""
    return encode_verbatim(msgspec.to_builtins(entry))


def pending_removals(lines: Iterable[bytes], *, file: str) -> list[Removal]:
    """The removals from a file that were not undone, oldest first; other lines are skipped."""
    pending: dict[str, Removal] = {}
    for line in lines:
        entry = parse_entry(line)
        if isinstance(entry, UndoneRemoval):
            pending.pop(entry.undone, None)
        elif entry is not None:
            pending.pop(entry.id, None)
            if entry.file == file:
                pending[entry.id] = entry
    return list(pending.values())


def parse_entry(line: bytes) -> Removal | UndoneRemoval | None:
    """An entry of the trash, or None if the line is none."""
    try:
        entry = msgspec.convert(json.loads(line), Removal | UndoneRemoval)
        if isinstance(entry, Removal):
            for edit in entry.edits:
                # raises for lone surrogates, which could not be written back
                text_to_bytes(edit.was + (edit.now or ""))
    except (ValueError, RecursionError):
        return None
    return entry


def is_outdated(line: bytes, now: str) -> bool:
    """Whether an entry has been in the trash for 30 days."""
    entry = parse_entry(line)
    if not isinstance(entry, Removal):
        return False
    return parse_time(entry.at) < parse_time(now) - TRASH_RETENTION
