"""Bytes and records: the lines of the memory file, read without loss and written in the reference's form.

The format is that of the MCP reference memory server: one JSON object a line, `type` entity or relation.
What another program wrote is never an error here: it is a record, a record of a kind we do not know, or
a rejected line with its number and reason.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from itertools import groupby, pairwise
from operator import itemgetter

import msgspec
from msgspec import Struct, field
from msgspec.structs import asdict, replace

from agentco.kernel.errors import StateBroken

BOM = b"\xef\xbb\xbf"
JSON_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{}]', re.DOTALL)
RECORD_START = re.compile(rb'\{\s*"type"\s*:')
CONFLICT_SIDE = re.compile(rb"(?:<{7}|>{7})(?: |$)")
CONFLICT_MARKER = re.compile(rb"(?:<{7}|>{7}|\|{7})(?: |$)|={7}$")


class TrustLevel(StrEnum):
    """Whether what a line says may be believed without the founder."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"


class Provenance(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Who said it, and when it was last found true. Times are ISO strings."""

    at: str | None = None
    by: str | None = None
    run: str | None = None
    trust: TrustLevel | None = None
    verified: str | None = None


class EntityLine(Provenance, frozen=True, gc=False, tag_field="type", tag="entity"):
    """One contribution to what is known about a name."""

    name: str
    type: str = field(name="entityType")
    observations: tuple[str, ...]
    sources: tuple[Provenance, ...] = field(name="agentco", default=())
    """Who said each of the observations, where one line holds the words of several."""


class RelationLine(Provenance, frozen=True, gc=False, tag_field="type", tag="relation"):
    """One contribution that ties two names together."""

    from_: str = field(name="from")
    to: str
    type: str = field(name="relationType")


class OtherLine(Struct, frozen=True, kw_only=True, gc=False):
    """A record of a type that is not ours; its bytes stay as they are."""

    type: str


class RejectedLine(Struct, frozen=True, kw_only=True):
    """Bytes that are no record. `number` counts the file's lines from 1."""

    number: int
    reason: str
    raw: bytes


class MemoryRecord(Struct, frozen=True, kw_only=True, gc=False):
    """A record with the very bytes it was read from."""

    raw: bytes
    line: EntityLine | RelationLine | OtherLine


MemoryLine = EntityLine | RelationLine
LINE_DECODER = msgspec.json.Decoder(MemoryLine)
OTHER_DECODER = msgspec.json.Decoder(OtherLine)


def encode_line(line: MemoryLine) -> bytes:
    """The line in the reference's own form, our fields behind it, with its newline."""
    return msgspec.json.encode(line) + b"\n"


def is_untrusted(said: Provenance) -> bool:
    """Whether nobody vouches for it. What nobody signed is the founder's own, unless reading found it unknown."""
    return said.trust is TrustLevel.UNTRUSTED


def split_by_source(line: EntityLine) -> Iterator[EntityLine]:
    """The lines that one with several sources stands for; itself, when each observation has not one."""
    if len(line.sources) != len(line.observations) or not line.sources:
        yield replace(line, sources=())
        return
    if line.at not in {source.at for source in line.sources}:
        yield replace(line, observations=(), sources=())
    for source, said in groupby(
        zip(line.sources, line.observations, strict=True), itemgetter(0)
    ):
        yield replace(
            line,
            observations=tuple(text for _, text in said),
            sources=(),
            **asdict(source),
        )


def read_lines(
    lines: Iterable[bytes], *, before: int = 0
) -> tuple[list[MemoryLine], list[RejectedLine], int]:
    """The records of a file's lines in order, what is none, and the last line's number.

    `before` lines went ahead of these. Raises StateBroken when git left conflict markers.
    """
    decode = LINE_DECODER.decode
    good: list[MemoryLine] = []
    bad: list[RejectedLine] = []
    number = before
    for number, raw in enumerate(lines, before + 1):
        try:
            good.append(decode(raw))
        except (msgspec.DecodeError, RecursionError):
            for row in records_in_line(raw, number):
                if isinstance(row, RejectedLine):
                    bad.append(row)
                elif not isinstance(row.line, OtherLine):
                    good.append(row.line)
    refuse_conflict_markers(bad)
    return good, bad, number


def read_records(data: bytes) -> tuple[list[MemoryRecord], list[RejectedLine]]:
    """The same with every record's bytes, those of unknown types too: what a rewrite starts from."""
    every = [
        row
        for number, raw in enumerate(data.split(b"\n"), 1)
        for row in records_in_line(raw, number)
    ]
    bad = [row for row in every if isinstance(row, RejectedLine)]
    refuse_conflict_markers(bad)
    return [row for row in every if isinstance(row, MemoryRecord)], bad


def records_in_line(raw: bytes, number: int) -> Iterator[MemoryRecord | RejectedLine]:
    """The records of one line: byte order mark and white space aside, glued ones split."""
    if not (raw := raw.removeprefix(BOM).strip()):
        return
    whole = parse_record(raw, number)
    parts = () if isinstance(whole, MemoryRecord) else split_objects(raw)
    yield from (
        (parse_record(part, number) for part in parts) if len(parts) > 1 else (whole,)
    )


def parse_record(raw: bytes, number: int) -> MemoryRecord | RejectedLine:
    """One record, or why it is none."""
    try:
        return MemoryRecord(raw=raw, line=LINE_DECODER.decode(raw))
    except RecursionError:
        return RejectedLine(number=number, reason="nested too deeply", raw=raw)
    except msgspec.DecodeError as error:
        reason = str(error)
    with suppress(msgspec.DecodeError, RecursionError):
        if (other := OTHER_DECODER.decode(raw)).type not in {"entity", "relation"}:
            return MemoryRecord(raw=raw, line=other)
    return RejectedLine(number=number, reason=reason, raw=raw)


def split_objects(raw: bytes) -> list[bytes]:
    """A line cut between its top-level objects, and before a record that follows a torn one."""
    cuts = [0]
    depth = 0
    for token in JSON_TOKEN.finditer(raw):
        if token[0] == b"{":
            if not depth:
                cuts.append(token.start())
            depth += 1
        elif token[0] == b"}" and depth:
            depth -= 1
            if not depth:
                cuts.append(token.end())
    found = [
        piece for a, b in pairwise([*cuts, len(raw)]) if (piece := raw[a:b].strip())
    ]
    return [*found[:-1], *split_torn_record(found[-1])] if depth else found


def split_torn_record(raw: bytes) -> list[bytes]:
    """A torn record, and the whole ones that were written behind it on the same line."""
    starts = [0, *(match.start() for match in RECORD_START.finditer(raw, 1)), len(raw)]
    parts = [raw[a:b].strip() for a, b in pairwise(starts)]
    return (
        parts
        if any(isinstance(parse_record(part, 0), MemoryRecord) for part in parts)
        else [raw]
    )


def refuse_conflict_markers(bad: list[RejectedLine]) -> None:
    """Git's conflict markers mean two versions of the truth: the founder must choose."""
    if any(CONFLICT_SIDE.match(row.raw) for row in bad):
        marked = ", ".join(
            str(row.number) for row in bad if CONFLICT_MARKER.match(row.raw)
        )
        hint = "take the marker lines out, keep the lines of both sides, then run agentco memory check"
        raise StateBroken(
            f"the memory holds git's conflict markers in lines {marked}", hint=hint
        )


def encode_verbatim(value: object) -> bytes:
    """A JSON line that also carries bytes that are not UTF-8 (as `surrogateescape` reads them)."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value).encode() + b"\n"


def encode_rejected(row: RejectedLine) -> bytes:
    """The line of `rejected.jsonl` that keeps a bad line."""
    return encode_verbatim(
        {
            "line": row.number,
            "reason": row.reason,
            "text": row.raw.decode("utf-8", "surrogateescape"),
        }
    )
