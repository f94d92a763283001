"""The lines of the memory file: JSON records in the format of the MCP reference memory server.

Reading never fails on a bad line: it is rejected with its number and the reason. Only git conflict markers
refuse the whole file, because both sides stand in it.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from json import JSONDecodeError, JSONDecoder

import msgspec
from msgspec import Struct, field

from agentco.errors import StateBroken

BOM = b"\xef\xbb\xbf"
CONFLICT = re.compile(rb"^(<{7}|>{7})( |$)")


class Trust(StrEnum):
    """Whether a line may be relied on."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"


class EntityLine(Struct, frozen=True, kw_only=True, tag="entity", omit_defaults=True):
    """One contribution to an entity. `at` and `verified` are ISO times; `by` says who wrote it."""

    name: str
    entityType: str  # noqa: N815  the format's own spelling
    observations: list[str]
    at: str | None = None
    by: str | None = None
    run: str | None = None
    trust: str | None = None
    verified: str | None = None


class RelationLine(Struct, frozen=True, kw_only=True, tag="relation", omit_defaults=True):
    """One directed relation between two entities."""

    from_: str = field(name="from")
    to: str
    relationType: str  # noqa: N815  the format's own spelling
    at: str | None = None
    by: str | None = None
    run: str | None = None
    trust: str | None = None
    verified: str | None = None


class OtherLine(Struct, frozen=True, kw_only=True):
    """A record of a type we do not know; kept as it is."""

    type: str


Record = EntityLine | RelationLine | OtherLine


class _BareEntity(Struct, frozen=True, kw_only=True, tag="entity"):
    name: str
    entityType: str  # noqa: N815
    observations: list[str]


class _BareRelation(Struct, frozen=True, kw_only=True, tag="relation"):
    from_: str = field(name="from")
    to: str
    relationType: str  # noqa: N815


class Line(Struct, frozen=True, kw_only=True):
    """A record with its number and its bytes as they stood in the file, without the line end."""

    number: int
    raw: bytes
    record: Record


class Rejected(Struct, frozen=True, kw_only=True):
    """Bytes that are no record."""

    number: int
    raw: bytes
    reason: str


KNOWN = msgspec.json.Decoder(EntityLine | RelationLine)
BARE = msgspec.json.Decoder(_BareEntity | _BareRelation)
OTHER = msgspec.json.Decoder(OtherLine)
ENCODER = msgspec.json.Encoder()


def encoded(record: EntityLine | RelationLine) -> bytes:
    """A record as one line, with its end."""
    return ENCODER.encode(record) + b"\n"


def whole_records(data: bytes) -> list[EntityLine | RelationLine] | None:
    """Every record of a file in which nothing is wrong, as fast as it can be read; else None."""
    try:
        return KNOWN.decode_lines(data.removeprefix(BOM))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def read_lines(data: bytes, first: int = 1) -> tuple[list[Line], list[Rejected]]:
    """Every record with its bytes, and what is no record; `first` is the number of the first line.

    Raises StateBroken when the file holds git conflict markers.
    """
    good: list[Line] = []
    bad: list[Rejected] = []
    lines = data.removeprefix(BOM if first == 1 else b"").split(b"\n")
    refuse_conflicts(lines, first)
    for number, raw in enumerate(lines, start=first):
        if text := raw.strip(b" \t\r"):
            for found in records_in(text, number):
                (good if isinstance(found, Line) else bad).append(found)  # type: ignore[arg-type]
    return good, bad


def refuse_conflicts(lines: Iterable[bytes], first: int) -> None:
    """Raise StateBroken with the lines of git's conflict markers."""
    marked = [number for number, line in enumerate(lines, start=first) if CONFLICT.match(line)]
    if marked:
        raise StateBroken(
            f"the memory has git conflict markers on lines {', '.join(map(str, marked))}",
            hint="keep the lines of both sides, delete only the markers, and try again",
        )


def records_in(raw: bytes, number: int) -> Iterator[Line | Rejected]:
    """The record of a line, or the several that were glued together, or why there is none."""
    record = record_of(raw)
    if not isinstance(record, str):
        yield Line(number=number, raw=raw, record=record)
        return
    pieces = unglued(raw)
    if len(pieces) == 1:
        yield Rejected(number=number, raw=raw, reason=record)
        return
    for piece in pieces:
        found = record_of(piece)
        if isinstance(found, str):
            yield Rejected(number=number, raw=piece, reason=found)
        else:
            yield Line(number=number, raw=piece, record=found)


def record_of(raw: bytes) -> Record | str:
    """The record in these bytes, or why there is none."""
    try:
        return KNOWN.decode(raw)
    except msgspec.ValidationError:
        return _lenient(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return str(error)
    except RecursionError:
        return "nested too deep"


def _lenient(raw: bytes) -> Record | str:
    """A record whose type, or one of whose extra fields, is not ours."""
    try:
        bare = BARE.decode(raw)
    except msgspec.ValidationError as error:
        reason = str(error)
    except RecursionError:
        return "nested too deep"
    else:
        if isinstance(bare, _BareEntity):
            return EntityLine(name=bare.name, entityType=bare.entityType, observations=bare.observations)
        return RelationLine(from_=bare.from_, to=bare.to, relationType=bare.relationType)
    try:
        other = OTHER.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return reason
    return reason if other.type in {"entity", "relation"} else other


def unglued(raw: bytes) -> list[bytes]:
    """`{…}{…}` as its pieces; one piece when nothing can be told apart."""
    text = raw.decode("utf-8", "surrogateescape")
    pieces: list[bytes] = []
    at = 0
    while at < len(text):
        try:
            _, end = JSONDecoder().raw_decode(text, at)
        except (JSONDecodeError, RecursionError):
            end = len(text)
        pieces.append(text[at:end].strip().encode("utf-8", "surrogateescape"))
        at = end + len(text[end:]) - len(text[end:].lstrip())
    return pieces
