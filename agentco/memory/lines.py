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
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{}]', re.DOTALL)
RECORD = re.compile(rb'\{\s*"type"\s*:')
SIDE = re.compile(rb"(?:<{7}|>{7})(?: |$)")
MARKER = re.compile(rb"(?:<{7}|>{7}|\|{7})(?: |$)|={7}$")


class Trust(StrEnum):
    """Whether what a line says may be believed without the founder."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"


class Provenance(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Who said it, and when it was last found true. Times are ISO strings."""

    at: str | None = None
    by: str | None = None
    run: str | None = None
    trust: Trust | None = None
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


class Rejected(Struct, frozen=True, kw_only=True):
    """Bytes that are no record. `number` counts the file's lines from 1."""

    number: int
    reason: str
    raw: bytes


class Row(Struct, frozen=True, kw_only=True, gc=False):
    """A record with the very bytes it was read from."""

    raw: bytes
    line: EntityLine | RelationLine | OtherLine


Line = EntityLine | RelationLine
DECODER = msgspec.json.Decoder(Line)
OTHER = msgspec.json.Decoder(OtherLine)


def encoded(line: Line) -> bytes:
    """The line in the reference's own form, our fields behind it, with its newline."""
    return msgspec.json.encode(line) + b"\n"


def untrusted(said: Provenance) -> bool:
    """Whether nobody vouches for it. What nobody signed is the founder's own, unless reading found it unknown."""
    return said.trust is Trust.UNTRUSTED


def contributions(line: EntityLine) -> Iterator[EntityLine]:
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


def read(
    lines: Iterable[bytes], *, before: int = 0
) -> tuple[list[Line], list[Rejected], int]:
    """The records of a file's lines in order, what is none, and the last line's number.

    `before` lines went ahead of these. Raises StateBroken when git left conflict markers.
    """
    decode = DECODER.decode
    good: list[Line] = []
    bad: list[Rejected] = []
    number = before
    for number, raw in enumerate(lines, before + 1):
        try:
            good.append(decode(raw))
        except (msgspec.DecodeError, RecursionError):
            for row in mended(raw, number):
                if isinstance(row, Rejected):
                    bad.append(row)
                elif not isinstance(row.line, OtherLine):
                    good.append(row.line)
    refuse_conflict(bad)
    return good, bad, number


def rows(data: bytes) -> tuple[list[Row], list[Rejected]]:
    """The same with every record's bytes, those of unknown types too: what a rewrite starts from."""
    every = [
        row
        for number, raw in enumerate(data.split(b"\n"), 1)
        for row in mended(raw, number)
    ]
    bad = [row for row in every if isinstance(row, Rejected)]
    refuse_conflict(bad)
    return [row for row in every if isinstance(row, Row)], bad


def mended(raw: bytes, number: int) -> Iterator[Row | Rejected]:
    """The records of one line: byte order mark and white space aside, glued ones split."""
    if not (raw := raw.removeprefix(BOM).strip()):
        return
    whole = judged(raw, number)
    parts = () if isinstance(whole, Row) else pieces(raw)
    yield from (judged(part, number) for part in parts) if len(parts) > 1 else (whole,)


def judged(raw: bytes, number: int) -> Row | Rejected:
    """One record, or why it is none."""
    try:
        return Row(raw=raw, line=DECODER.decode(raw))
    except RecursionError:
        return Rejected(number=number, reason="nested too deeply", raw=raw)
    except msgspec.DecodeError as error:
        reason = str(error)
    with suppress(msgspec.DecodeError, RecursionError):
        if (other := OTHER.decode(raw)).type not in {"entity", "relation"}:
            return Row(raw=raw, line=other)
    return Rejected(number=number, reason=reason, raw=raw)


def pieces(raw: bytes) -> list[bytes]:
    """A line cut between its top-level objects, and before a record that follows a torn one."""
    cuts = [0]
    depth = 0
    for token in TOKEN.finditer(raw):
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
    return [*found[:-1], *after_torn(found[-1])] if depth else found


def after_torn(raw: bytes) -> list[bytes]:
    """A torn record, and the whole ones that were written behind it on the same line."""
    starts = [0, *(match.start() for match in RECORD.finditer(raw, 1)), len(raw)]
    parts = [raw[a:b].strip() for a, b in pairwise(starts)]
    return parts if any(isinstance(judged(part, 0), Row) for part in parts) else [raw]


def refuse_conflict(bad: list[Rejected]) -> None:
    """Git's conflict markers mean two versions of the truth: the founder must choose."""
    if any(SIDE.match(row.raw) for row in bad):
        marked = ", ".join(str(row.number) for row in bad if MARKER.match(row.raw))
        hint = "take the marker lines out, keep the lines of both sides, then run agentco memory check"
        raise StateBroken(
            f"the memory holds git's conflict markers in lines {marked}", hint=hint
        )


def verbatim(value: object) -> bytes:
    """A JSON line that also carries bytes that are not UTF-8 (as `surrogateescape` reads them)."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value).encode() + b"\n"


def rejection(row: Rejected) -> bytes:
    """The line of `rejected.jsonl` that keeps a bad line."""
    return verbatim(
        {
            "line": row.number,
            "reason": row.reason,
            "text": row.raw.decode("utf-8", "surrogateescape"),
        }
    )
