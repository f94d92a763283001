"""What a rewrite keeps, and what it takes away so that it can come back.

A cut looks at one record and says what stays of it. Lines stay contributions of their own, in
their order and with their unknown fields; each change is remembered as before and after.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import sha256
from itertools import compress, islice
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Struct

from agentco.memory.lines import (
    EntityLine,
    MemoryRecord,
    RelationLine,
    line_in,
    normal_name,
)
from agentco.memory.signatures import sign

RecordRewrite = Callable[[MemoryRecord], bytes | None]
NO_OBSERVATIONS: Mapping[str, Collection[str]] = MappingProxyType({})
FIELD_DECODER = msgspec.json.Decoder(dict[str, msgspec.Raw])
LIST_DECODER = msgspec.json.Decoder(list[Any])


class RecordEdit(Struct, frozen=True, kw_only=True):
    """One record before and after; `place` counts records from 0, `now` is None if it went.

    Both are text; bytes that are not UTF-8 are read as `surrogateescape` does.
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
        pairs = [f"{edit.was}\0{edit.now or ''}" for edit in self.edits]
        return sha256(text_to_bytes("\n".join(pairs))).hexdigest()[:12]


def remove_entities(
    names: Collection[str], texts: Mapping[str, Collection[str]] = NO_OBSERVATIONS
) -> RecordRewrite:
    """Remove entities with their relations, and of other names some observations.

    A line that loses all its observations goes too.
    """
    gone = frozenset(map(normal_name, names))
    outdated_of = {normal_name(name): frozenset(cut) for name, cut in texts.items()}

    def cut(row: MemoryRecord) -> bytes | None:
        line = row.line
        if isinstance(line, RelationLine):
            is_removed = line.from_ in gone or line.to in gone
            return None if is_removed else row.raw
        if not isinstance(line, EntityLine):
            return row.raw
        if line.name in gone:
            return None
        outdated = outdated_of.get(line.name, frozenset())
        if line.observations and outdated.issuperset(line.observations):
            return None
        return without_observations(row.raw, line, outdated)

    return cut


def remove_observations(name: str, texts: Collection[str]) -> RecordRewrite:
    """Remove some observations of an entity; the entity stays."""
    removed = frozenset(texts)
    name = normal_name(name)

    def cut(row: MemoryRecord) -> bytes | None:
        line = row.line
        if isinstance(line, EntityLine) and line.name == name:
            return without_observations(row.raw, line, removed)
        return row.raw

    return cut


def remove_relations(triples: Collection[tuple[str, str, str]]) -> RecordRewrite:
    """Remove relations, each given as from, type, to."""
    removed = {
        (normal_name(start), kind, normal_name(end)) for start, kind, end in triples
    }

    def cut(row: MemoryRecord) -> bytes | None:
        line = row.line
        if not isinstance(line, RelationLine):
            return row.raw
        is_removed = (line.from_, line.type, line.to) in removed
        return None if is_removed else row.raw

    return cut


def keep_everything(row: MemoryRecord) -> bytes | None:
    """Keep every record: a rewrite that only repairs."""
    return row.raw


def without_observations(raw: bytes, line: EntityLine, texts: frozenset[str]) -> bytes:
    """The line without these observations, its other fields as they were written."""
    if texts.isdisjoint(line.observations):
        return raw
    fields = FIELD_DECODER.decode(raw)
    # the line may repeat observations, once for each restored source, so the bytes are asked
    written_texts = LIST_DECODER.decode(fields["observations"])
    stays = [text not in texts for text in written_texts]
    for key in ("observations", "agentco"):
        if key in fields:
            items = LIST_DECODER.decode(fields[key])
            kept_items = list(compress(items, stays))
            fields[key] = msgspec.Raw(msgspec.json.encode(kept_items))
    return msgspec.json.encode(fields)


def sign_raw(raw: bytes, key: bytes) -> bytes:
    """A line with the signature of what it says, its other fields as they were written."""
    line = line_in(raw)
    if line is None:
        return raw
    fields = FIELD_DECODER.decode(raw)
    fields.pop("sig", None)
    if key:
        sig = sign(line, key).sig
        fields["sig"] = msgspec.Raw(msgspec.json.encode(sig))
    return msgspec.json.encode(fields)


def apply_rewrite(
    rows: Iterable[MemoryRecord],
    cut: RecordRewrite,
    *,
    key: bytes = b"",
    vouched: bool = False,
) -> MemoryChange:
    """Apply a cut to every record; what it leaves of a signed one is signed again.

    `vouched` if the cut says whose word each line is that it changes.
    """
    kept: list[bytes] = []
    edits: list[RecordEdit] = []
    for place, row in enumerate(rows):
        raw = cut(row)
        if raw is not None and raw != row.raw and (vouched or row.signed):
            raw = sign_raw(raw, key)
        if raw is not None:
            kept.append(raw)
        if raw != row.raw:
            now = None if raw is None else bytes_to_text(raw)
            was = bytes_to_text(row.raw)
            edits.append(RecordEdit(place=place, was=was, now=now))
    return MemoryChange(kept=kept, edits=tuple(edits))


def restore_records(
    rows: Iterable[MemoryRecord], edits: Iterable[RecordEdit]
) -> list[bytes]:
    """The records with a change taken back; what is there already is not added again."""
    texts = [bytes_to_text(row.raw) for row in rows]
    places: dict[str | None, deque[int]] = {}
    for place, text in enumerate(texts):
        places.setdefault(text, deque()).append(place)
    gone: list[RecordEdit] = []
    for edit in sorted(edits, key=lambda edit: edit.place):
        if edit.was in places:
            continue
        if changed := places.get(edit.now):
            texts[changed.popleft()] = edit.was
        else:
            gone.append(edit)
    return [text_to_bytes(text) for text in put_back(texts, gone)]


def put_back(texts: Iterable[str], gone: Iterable[RecordEdit]) -> list[str]:
    """The texts with those that went, each at its place; the places come in their order."""
    rest = iter(texts)
    restored: list[str] = []
    for edit in gone:
        restored += islice(rest, max(edit.place - len(restored), 0))
        restored.append(edit.was)
    return [*restored, *rest]


def bytes_to_text(line: bytes) -> str:
    """Bytes as JSON can hold them."""
    return line.decode("utf-8", "surrogateescape")


def text_to_bytes(line: str) -> bytes:
    """The bytes that `bytes_to_text` read."""
    return line.encode("utf-8", "surrogateescape")
