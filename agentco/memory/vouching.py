"""What becomes somebody's word: trusted by name, accepted as a whole, adopted, signed anew."""

from collections.abc import Callable, Collection, Iterator

from msgspec import Struct
from msgspec.structs import asdict, replace

from agentco.kernel.names import FOUNDER
from agentco.memory.lines import (
    EntityLine,
    MemoryLine,
    MemoryRecord,
    OtherLine,
    Provenance,
    RelationLine,
    TrustLevel,
    is_untrusted,
    line_in,
    normal_name,
    split_by_source,
)
from agentco.memory.provenance import (
    KnownSources,
    content_hashes,
    is_unmarked,
    provenance_of,
    rewrite_fields,
    source_key,
    with_sources,
)
from agentco.memory.rewrite import RecordRewrite


def trust_entity(name: str, at: str) -> RecordRewrite:
    """Trust an entity and its relations; what nobody signed becomes the founder's word."""
    name = normal_name(name)

    def trusted(source: Provenance) -> Provenance:
        return trusted_source(source, at) if is_untrusted(source) else source

    def cut(row: MemoryRecord) -> bytes:
        line = row.line
        if isinstance(line, OtherLine) or name not in names_in(line):
            return row.raw
        new_line = with_each_source(line, trusted)
        return row.raw if new_line == line else rewrite_fields(row.raw, new_line)

    return cut


def trusted_source(source: Provenance, at: str) -> Provenance:
    """What the founder trusts; what nobody signed is his own word."""
    return Provenance(
        at=source.at or at,
        by=source.by or FOUNDER,
        run=source.run,
        trust=TrustLevel.TRUSTED,
        verified=source.verified,
    )


def with_each_source(
    line: MemoryLine, change: Callable[[Provenance], Provenance]
) -> MemoryLine:
    """A line with each of its sources changed."""
    if isinstance(line, EntityLine) and line.sources:
        return with_sources(line, line.observations, [*map(change, line.sources)])
    source = change(line)
    return line if source is line else replace(line, **asdict(provenance_of(source)))


def texts_of_line(line: MemoryLine) -> tuple[str, ...]:
    """What a line says, each thing as a text."""
    if isinstance(line, RelationLine):
        return (f"{line.from_} {line.type} {line.to}",)
    return line.observations or (f"it is a {line.type}",)


class UnsignedClaim(Struct, frozen=True, kw_only=True):
    """Something that is nobody's word, and who the line says it is by."""

    line: MemoryLine
    text: str
    by: str | None


def claims_in(row: MemoryRecord) -> Iterator[UnsignedClaim]:
    """What a record says that nobody signed."""
    line = row.line
    if row.signed or isinstance(line, OtherLine):
        return
    by = _claimed_line(row, line).by
    for part in split_by_source(line) if isinstance(line, EntityLine) else [line]:
        if part.by is None and is_untrusted(part):
            for text in texts_of_line(part):
                yield UnsignedClaim(line=part, text=text, by=by)


def describe_claim(claim: UnsignedClaim) -> str:
    """A claim as a line of what would be new, with what it says of itself."""
    line = claim.line
    name = f"{line.name} ({line.type}): " if isinstance(line, EntityLine) else ""
    who = f"says it is by {claim.by}" if claim.by else "does not say by whom"
    return f"+ {name}{claim.text} ({who})"


def accept_claims(at: str, shown: Collection[str] | None = None) -> RecordRewrite:
    """Sign what nobody signed as what it says it is; what names nobody as the founder's word.

    With descriptions of what was `shown`, nothing else of what is there meanwhile.
    """

    def accepted(source: Provenance) -> Provenance:
        if source.by is not None or not is_untrusted(source):
            return provenance_of(source)
        return trusted_source(source, at)

    def cut(row: MemoryRecord) -> bytes:
        claims = [describe_claim(claim) for claim in claims_in(row)]
        is_seen = shown is None or all(claim in shown for claim in claims)
        if isinstance(row.line, OtherLine) or not claims or not is_seen:
            return row.raw
        line = _claimed_line(row, row.line)
        return rewrite_fields(row.raw, with_each_source(line, accepted))

    return cut


def adopt_unmarked(row: MemoryRecord) -> bytes:
    """Sign a line that says nothing about who wrote it as one that the founder found there."""
    line = line_in(row.raw)
    is_adopted = line and is_unmarked(line) and any(claims_in(row))
    return rewrite_fields(row.raw, line) if line and is_adopted else row.raw


def _claimed_line(row: MemoryRecord, line: MemoryLine) -> MemoryLine:
    """What an unsigned record says of itself; one that says nothing, as it was restored."""
    written = line_in(row.raw)
    return line if written is None or is_unmarked(written) else written


def sign_counted(counts: Callable[[MemoryLine], bool]) -> RecordRewrite:
    """Sign the lines of which every part counts, as they count."""

    def cut(row: MemoryRecord) -> bytes:
        line = row.line
        if isinstance(line, OtherLine):
            return row.raw
        parts = split_by_source(line) if isinstance(line, EntityLine) else [line]
        if not all(map(counts, parts)) or _repeats_words(row.raw, line):
            return row.raw
        return rewrite_fields(row.raw, line)

    return cut


def _repeats_words(raw: bytes, line: MemoryLine) -> bool:
    """Whether a line was restored for several sources of one observation."""
    written = line_in(raw)
    if not isinstance(line, EntityLine) or not isinstance(written, EntityLine):
        return False
    return written.observations != line.observations


def is_somebodys(line: MemoryLine) -> bool:
    """Whether it is known whose word a line is, or the founder found it there."""
    return line.by is not None or not is_untrusted(line)


def is_kept(line: MemoryLine, known: KnownSources) -> bool:
    """Whether it is kept that the source of a line said all its words."""
    key = source_key(line)
    return all(key in known.get(each, ()) for each in content_hashes(line))


def names_in(line: MemoryLine) -> tuple[str, ...]:
    """The names that a line is about."""
    if isinstance(line, EntityLine):
        return (line.name,)
    return line.from_, line.to
