"""What a rewrite keeps, and what it takes away so that it can come back.

A cut looks at one record and says what stays of it. Lines stay contributions of their own, in their order and
with their unknown fields; what goes is remembered line by line, as it was and as it is now.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import sha256
from itertools import compress
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Struct

from agentco.memory.lines import EntityLine, MemoryRecord, RelationLine

RecordRewrite = Callable[[MemoryRecord], bytes | None]
NO_OBSERVATIONS: Mapping[str, Collection[str]] = MappingProxyType({})
FIELD_DECODER = msgspec.json.Decoder(dict[str, msgspec.Raw])
LIST_DECODER = msgspec.json.Decoder(list[Any])


class RecordEdit(Struct, frozen=True, kw_only=True):
    """One record of the file before and after; `place` counts records from 0, `now` is None when it went.

    Both are text, with bytes that are no UTF-8 as `surrogateescape` reads them.
    """

    place: int
    was: str
    now: str | None = None


class MemoryChange(Struct, frozen=True, kw_only=True):
    """The records that stay, and what was done to the others."""

    kept: list[bytes]
    edits: tuple[RecordEdit, ...]

    @property
    def id(self) -> str:
        """The same for the same change, wherever in the file it happens."""
        return sha256(
            text_to_bytes("\n".join(f"{e.was}\0{e.now or ''}" for e in self.edits))
        ).hexdigest()[:12]


def remove_entities(
    names: Collection[str], texts: Mapping[str, Collection[str]] = NO_OBSERVATIONS
) -> RecordRewrite:
    """Take away entities and the relations that begin or end there, and of other names some of what is known.

    A line of which nothing is left goes too.
    """

    def cut(row: MemoryRecord) -> bytes | None:
        line = row.line
        gone = isinstance(line, EntityLine) and line.name in names
        gone |= isinstance(line, RelationLine) and (
            line.from_ in names or line.to in names
        )
        if gone or not isinstance(line, EntityLine) or line.name not in texts:
            return None if gone else row.raw
        emptied = line.observations and set(line.observations) <= set(texts[line.name])
        return (
            None if emptied else without_observations(row.raw, line, texts[line.name])
        )

    return cut


def remove_observations(name: str, texts: Collection[str]) -> RecordRewrite:
    """Take away some of what is known about an entity; the entity stays."""

    def cut(row: MemoryRecord) -> bytes | None:
        line = row.line
        return (
            without_observations(row.raw, line, texts)
            if isinstance(line, EntityLine) and line.name == name
            else row.raw
        )

    return cut


def remove_relations(triples: Collection[tuple[str, str, str]]) -> RecordRewrite:
    """Take away relations, each given as from, type, to."""

    def cut(row: MemoryRecord) -> bytes | None:
        line = row.line
        gone = (
            isinstance(line, RelationLine)
            and (line.from_, line.type, line.to) in triples
        )
        return None if gone else row.raw

    return cut


def keep_everything(row: MemoryRecord) -> bytes | None:
    """Keep every record: a rewrite that only repairs."""
    return row.raw


def without_observations(raw: bytes, line: EntityLine, texts: Collection[str]) -> bytes:
    """The same line without these observations, its other fields as they were written."""
    if not set(texts) & set(line.observations):
        return raw
    fields = FIELD_DECODER.decode(raw)
    # the line may know of more than is written: who said what, given back to it
    written = [
        text not in texts for text in LIST_DECODER.decode(fields["observations"])
    ]
    for key in fields.keys() & {"observations", "agentco"}:
        fields[key] = msgspec.Raw(
            msgspec.json.encode([*compress(LIST_DECODER.decode(fields[key]), written)])
        )
    return msgspec.json.encode(fields)


def apply_rewrite(rows: Iterable[MemoryRecord], cut: RecordRewrite) -> MemoryChange:
    """The records after a cut."""
    pairs = [(row.raw, cut(row)) for row in rows]
    other = ((place, was, now) for place, (was, now) in enumerate(pairs) if now != was)
    edits = (
        RecordEdit(
            place=place,
            was=bytes_to_text(was),
            now=None if now is None else bytes_to_text(now),
        )
        for place, was, now in other
    )
    return MemoryChange(
        kept=[now for _, now in pairs if now is not None], edits=tuple(edits)
    )


def restore_records(
    rows: Iterable[MemoryRecord], edits: Iterable[RecordEdit]
) -> list[bytes]:
    """The records with a change taken back; what is there already is not put in twice."""
    kept = [bytes_to_text(row.raw) for row in rows]
    there = frozenset(kept)
    for edit in sorted(edits, key=lambda e: e.place):
        if edit.was in there:
            continue
        if edit.now in there:
            kept[kept.index(edit.now)] = edit.was
        else:
            kept.insert(edit.place, edit.was)
    return [*map(text_to_bytes, kept)]


def bytes_to_text(line: bytes) -> str:
    """Bytes as JSON can hold them."""
    return line.decode("utf-8", "surrogateescape")


def text_to_bytes(line: str) -> bytes:
    """The bytes that `text` was made from."""
    return line.encode("utf-8", "surrogateescape")
