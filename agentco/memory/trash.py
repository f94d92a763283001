"""What was taken away and can come back: one JSON line for each removal, one for each that came back."""

import json
from collections.abc import Iterable
from datetime import timedelta

import msgspec
from msgspec import Struct

from agentco.memory.graph import parse_time
from agentco.memory.lines import encode_verbatim
from agentco.memory.rewrite import MemoryChange, RecordEdit, text_to_bytes

TRASH_RETENTION = timedelta(days=30)


class Removal(Struct, frozen=True, kw_only=True, tag_field="type", tag="removal"):
    """One removal from one memory file. `what` says it to people, `at` is an ISO time, `by` who did it."""

    id: str
    file: str
    at: str
    what: str
    by: str = "founder"
    edits: tuple[RecordEdit, ...]


class UndoneRemoval(Struct, frozen=True, kw_only=True, tag_field="type", tag="undone"):
    """The removal with this id is back in the memory."""

    undone: str


def removal_of(
    change: MemoryChange, *, file: str, at: str, what: str, by: str = "founder"
) -> Removal:
    """What the trash must remember of a change."""
    return Removal(id=change.id, file=file, at=at, what=what, by=by, edits=change.edits)


def encode_entry(note: Removal | UndoneRemoval) -> bytes:
    """A line of the trash."""
    return encode_verbatim(msgspec.to_builtins(note))


def pending_removals(lines: Iterable[bytes], *, file: str) -> list[Removal]:
    """The removals from a file that are not taken back, the last one last; other lines are skipped."""
    waiting: dict[str, Removal] = {}
    for line in lines:
        note = parse_entry(line)
        waiting.pop(
            note.id if isinstance(note, Removal) else note.undone if note else "", None
        )
        if isinstance(note, Removal) and note.file == file:
            waiting[note.id] = note
    return list(waiting.values())


def parse_entry(line: bytes) -> Removal | UndoneRemoval | None:
    """An entry of the trash, or None."""
    try:
        note = msgspec.convert(json.loads(line), Removal | UndoneRemoval)
        if isinstance(note, Removal):
            text_to_bytes("".join(e.was + (e.now or "") for e in note.edits))
    except (ValueError, RecursionError):
        return None
    return note


def is_outdated(line: bytes, now: str) -> bool:
    """Whether an entry has been in the trash for 30 days."""
    note = parse_entry(line)
    return (
        isinstance(note, Removal)
        and parse_time(note.at) < parse_time(now) - TRASH_RETENTION
    )
