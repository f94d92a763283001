"""The lines of the memory file, read without loss and written in the reference's form.

The format is that of the MCP reference memory server: one JSON object a line, `type` entity or
relation. What another program wrote is never an error here: it is a record, a record of a type
we do not know, or a rejected line with its number and reason.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from itertools import pairwise
from unicodedata import is_normalized, normalize

import msgspec
from msgspec import Struct, field
from msgspec.structs import asdict, replace

from agentco.kernel.errors import StateBroken
from agentco.kernel.names import FOUNDER

LONG_OBSERVATION = 2000
"""Characters above which an observation is no short fact any more."""
TRUSTED_AUTHORS = frozenset({FOUNDER, "runtime"})
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
    """Who said something, and when it was last verified. Times are ISO strings."""

    at: str | None = None
    by: str | None = None
    run: str | None = None
    trust: TrustLevel | None = None
    verified: str | None = None


class Signed(Provenance, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Something said, with what proves by whom: `memory/signatures.py`."""

    sig: str | None = None


class EntityLine(Signed, frozen=True, gc=False, tag_field="type", tag="entity"):
    """One contribution to an entity."""

    name: str
    type: str = field(name="entityType")
    observations: tuple[str, ...]
    sources: tuple[Provenance, ...] = field(name="agentco", default=())
    """Who made each observation, if one line holds the words of several."""


class RelationLine(Signed, frozen=True, gc=False, tag_field="type", tag="relation"):
    """One contribution to a relation between two names."""

    from_: str = field(name="from")
    to: str
    type: str = field(name="relationType")


class OtherLine(Struct, frozen=True, kw_only=True, gc=False):
    """A record of a type that is not ours; its bytes are kept."""

    type: str


class RejectedLine(Struct, frozen=True, kw_only=True):
    """Bytes that are no record. `number` is the line in the file, from 1."""

    number: int
    reason: str
    raw: bytes


class MemoryRecord(Struct, frozen=True, kw_only=True, gc=False):
    """A record and the bytes it was read from; `signed` if its own signature is valid."""

    raw: bytes
    line: EntityLine | RelationLine | OtherLine
    signed: bool = False


MemoryLine = EntityLine | RelationLine
LINE_DECODER = msgspec.json.Decoder(MemoryLine)
OTHER_DECODER = msgspec.json.Decoder(OtherLine)


def encode_line(line: MemoryLine) -> bytes:
    """Encode a line as the reference does, our fields last, with its newline."""
    return msgspec.json.encode(line) + b"\n"


def normal_name(name: str) -> str:
    """A name in the form in which names are compared: NFC, whoever wrote it."""
    return name if name.isascii() else normalize("NFC", name)


def normal_names(line: MemoryLine) -> MemoryLine:
    """A line with its names as they are compared; the same line if they are."""
    if isinstance(line, EntityLine):
        if line.name.isascii() or is_normalized("NFC", line.name):
            return line
        return replace(line, name=normal_name(line.name))
    ends = (line.from_, line.to)
    normal = tuple(map(normal_name, ends))
    if normal == ends:
        return line
    return replace(line, from_=normal[0], to=normal[1])


def is_untrusted(source: Provenance) -> bool:
    """Whether nobody vouches for a line.

    An unsigned line is the founder's own unless the reader marked it as unknown.
    """
    return source.trust is TrustLevel.UNTRUSTED


def split_by_source(line: EntityLine) -> Iterator[EntityLine]:
    """Split a line into one for each run of observations with the same source.

    Without a source for each observation the line stays whole.
    """
    if len(line.sources) != len(line.observations) or not line.sources:
        yield replace(line, sources=())
        return
    if all(source.at != line.at for source in line.sources):
        # the name was first mentioned before any of its observations was made
        yield replace(line, observations=(), sources=())
    texts: list[str] = []
    for i, source in enumerate(line.sources):
        texts.append(line.observations[i])
        following = line.sources[i + 1 : i + 2]
        if following != (source,):
            yield replace(line, observations=tuple(texts), sources=(), **asdict(source))
            texts = []


def read_lines(
    lines: Iterable[bytes],
    *,
    before: int = 0,
    check: Callable[[MemoryLine, int], MemoryLine] | None = None,
) -> tuple[list[MemoryLine], list[RejectedLine], int]:
    """Read a file's lines: the records in order, the rejected lines, and the last line's number.

    `before` lines precede these; `check` says how a line counts, by its number. Raises
    StateBroken for git's conflict markers.
    """
    decode = LINE_DECODER.decode
    good: list[MemoryLine] = []
    bad: list[RejectedLine] = []
    number = before
    for number, raw in enumerate(lines, before + 1):
        try:
            line = decode(raw)
            good.append(check(line, number) if check else line)
        except (msgspec.DecodeError, RecursionError):
            for row in records_in_line(raw, number):
                if isinstance(row, RejectedLine):
                    bad.append(row)
                elif not isinstance(row.line, OtherLine):
                    line = row.line
                    good.append(check(line, number) if check else line)
    refuse_conflict_markers(bad)
    return good, bad, number


def read_records(data: bytes) -> tuple[list[MemoryRecord], list[RejectedLine]]:
    """Read a whole file for a rewrite: every record with its bytes, those of other types too.

    Raises StateBroken for git's conflict markers.
    """
    good: list[MemoryRecord] = []
    bad: list[RejectedLine] = []
    for _, row in numbered_rows(data):
        if isinstance(row, MemoryRecord):
            good.append(row)
        else:
            bad.append(row)
    refuse_conflict_markers(bad)
    return good, bad


def numbered_rows(data: bytes) -> Iterator[tuple[int, MemoryRecord | RejectedLine]]:
    """Everything in a file, with the number of the line it stands on."""
    for number, raw in enumerate(data.split(b"\n"), 1):
        for row in records_in_line(raw, number):
            yield number, row


def records_in_line(raw: bytes, number: int) -> Iterator[MemoryRecord | RejectedLine]:
    """The records of one line, without byte order mark; glued records are split."""
    raw = raw.removeprefix(BOM).strip()
    if not raw:
        return
    row = parse_record(raw, number)
    parts = [] if isinstance(row, MemoryRecord) else split_objects(raw)
    if len(parts) < 2:  # noqa: PLR2004  nothing to split
        yield row
        return
    for part in parts:
        yield parse_record(part, number)


def parse_record(raw: bytes, number: int) -> MemoryRecord | RejectedLine:
    """Read one record, or say why it is none."""
    try:
        line = LINE_DECODER.decode(raw)
        return MemoryRecord(raw=raw, line=normal_names(line))
    except RecursionError:
        return RejectedLine(number=number, reason="nested too deeply", raw=raw)
    except msgspec.DecodeError as error:
        reason = str(error)
    with suppress(msgspec.DecodeError, RecursionError):
        other = OTHER_DECODER.decode(raw)
        if other.type not in {"entity", "relation"}:
            return MemoryRecord(raw=raw, line=other)
    return RejectedLine(number=number, reason=reason, raw=raw)


def line_in(raw: bytes) -> MemoryLine | None:
    """The entity or relation that these bytes are, if they are one."""
    row = parse_record(raw, 0)
    if isinstance(row, RejectedLine) or isinstance(row.line, OtherLine):
        return None
    return row.line


def split_objects(raw: bytes) -> list[bytes]:
    """Cut a line between its top-level objects, and before a record that follows a torn one."""
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
    pieces = cut_at(raw, cuts)
    if depth:
        torn = pieces.pop()
        pieces += split_torn_record(torn)
    return pieces


def split_torn_record(raw: bytes) -> list[bytes]:
    """Split a torn record from the whole ones written after it on the same line."""
    starts = [match.start() for match in RECORD_START.finditer(raw, 1)]
    parts = cut_at(raw, [0, *starts])
    for part in parts:
        if isinstance(parse_record(part, 0), MemoryRecord):
            return parts
    return [raw]


def cut_at(raw: bytes, places: list[int]) -> list[bytes]:
    """The pieces between these places, stripped; blank ones are left out."""
    pieces = [raw[start:end].strip() for start, end in pairwise([*places, len(raw)])]
    return [piece for piece in pieces if piece]


def refuse_conflict_markers(bad: list[RejectedLine]) -> None:
    """Raise StateBroken if git left two versions of the memory: the founder must choose."""
    if not any(CONFLICT_SIDE.match(row.raw) for row in bad):
        return
    numbers = [str(row.number) for row in bad if CONFLICT_MARKER.match(row.raw)]
    raise StateBroken(
        f"the memory holds git's conflict markers in lines {', '.join(numbers)}",
        hint="take the marker lines out, keep the lines of both sides, "
        "then run agentco memory check",
    )


def encode_verbatim(value: object) -> bytes:
    """A JSON line that may hold bytes that are not UTF-8, read with `surrogateescape`."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value).encode() + b"\n"


def encode_rejected(row: RejectedLine) -> bytes:
    """The line of `rejected.jsonl` that keeps a rejected line."""
    text = row.raw.decode("utf-8", "surrogateescape")
    return encode_verbatim({"line": row.number, "reason": row.reason, "text": text})


def line_texts(lines: Iterable[MemoryLine]) -> Iterator[str]:
    """Everything that lines say: names, types and observations."""
    for line in lines:
        if isinstance(line, EntityLine):
            yield from (line.name, line.type, *line.observations)
        else:
            yield from (line.from_, line.type, line.to)
