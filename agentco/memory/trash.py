"""What was taken away and can come back: one JSON line for each removal, one for each that came back."""

import json
from collections.abc import Iterable
from datetime import timedelta

import msgspec
from msgspec import Struct

from agentco.memory.graph import moment
from agentco.memory.lines import verbatim
from agentco.memory.rewrite import Change, Edit, raw

KEPT = timedelta(days=30)


class Removal(Struct, frozen=True, kw_only=True, tag_field="type", tag="removal"):
    """One removal from one memory file. `what` says it to people, `at` is an ISO time, `by` who did it."""

    id: str
    file: str
    at: str
    what: str
    by: str = "founder"
    edits: tuple[Edit, ...]


class Undone(Struct, frozen=True, kw_only=True, tag_field="type", tag="undone"):
    """The removal with this id is back in the memory."""

    undone: str


def removal(
    change: Change, *, file: str, at: str, what: str, by: str = "founder"
) -> Removal:
    """What the trash must remember of a change."""
    return Removal(id=change.id, file=file, at=at, what=what, by=by, edits=change.edits)


def entry(note: Removal | Undone) -> bytes:
    """A line of the trash."""
    return verbatim(msgspec.to_builtins(note))


def pending(lines: Iterable[bytes], *, file: str) -> list[Removal]:
    """The removals from a file that are not taken back, the last one last; other lines are skipped."""
    waiting: dict[str, Removal] = {}
    for line in lines:
        note = noted(line)
        waiting.pop(
            note.id if isinstance(note, Removal) else note.undone if note else "", None
        )
        if isinstance(note, Removal) and note.file == file:
            waiting[note.id] = note
    return list(waiting.values())


def noted(line: bytes) -> Removal | Undone | None:
    """An entry of the trash, or None."""
    try:
        note = msgspec.convert(json.loads(line), Removal | Undone)
        if isinstance(note, Removal):
            raw("".join(e.was + (e.now or "") for e in note.edits))
    except (ValueError, RecursionError):
        return None
    return note


def outdated(line: bytes, now: str) -> bool:
    """Whether an entry has been in the trash for 30 days."""
    note = noted(line)
    return isinstance(note, Removal) and moment(note.at) < moment(now) - KEPT
