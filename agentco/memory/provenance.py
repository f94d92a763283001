"""Who said what, kept beside the memory by hash, so that a program that drops our fields takes nothing from it.

A line without `by` gets back what is kept of its words. Words of which nothing is kept are untrusted, unless nothing
is kept of any: then nobody has adopted the file yet.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from itertools import chain

import msgspec
from msgspec.structs import asdict, replace

from agentco.memory.lines import (
    EntityLine,
    MemoryLine,
    MemoryRecord,
    OtherLine,
    Provenance,
    RelationLine,
    TrustLevel,
    is_untrusted,
    parse_record,
    split_by_source,
)
from agentco.memory.rewrite import (
    FIELD_DECODER,
    RecordEdit,
    RecordRewrite,
    text_to_bytes,
)

SourceKey = tuple[str | None, str | None, TrustLevel | None]
KnownSources = Mapping[str, Mapping[SourceKey, Provenance]]


class ProvenanceNote(Provenance, frozen=True, kw_only=True, gc=False):
    """One line of what is kept: who said the words with these hashes, or that they are no longer his.

    `end` is how many bytes the memory had when it was written.
    """

    of: tuple[str, ...] = ()
    gone: bool = False
    end: int = 0


NOTE_DECODER = msgspec.json.Decoder(ProvenanceNote)


def provenance_of(said: Provenance) -> Provenance:
    """Who said something, without what was said."""
    return Provenance(
        at=said.at, by=said.by, run=said.run, trust=said.trust, verified=said.verified
    )


def source_key(said: Provenance) -> SourceKey:
    """What tells two sources of the same words apart."""
    return said.by, said.run, said.trust


def content_hashes(line: MemoryLine, *, named: bool = False) -> list[str]:
    """A hash for each thing that a line says; its type counts, for on it hangs what code makes of the words.

    The name has one too, where nothing is said of it, or it is to be `named` in any case.
    """
    if isinstance(line, RelationLine):
        said: list[tuple[str, ...]] = [("relation", line.from_, line.type, line.to)]
    else:
        said = [(line.type, line.name, text) for text in line.observations]
        said += [(line.type, line.name)] if named or not said else []
    return [
        blake2b(msgspec.json.encode(each), digest_size=12).hexdigest() for each in said
    ]


def read_known_sources(lines: Iterable[bytes]) -> KnownSources:
    """What is kept of each hash; who says the same again only renews it. A torn line counts for nothing."""
    found: dict[str, dict[SourceKey, Provenance]] = {}
    for line in lines:
        with suppress(msgspec.DecodeError):
            note = NOTE_DECODER.decode(line)
            said = provenance_of(note)
            for key in note.of:
                of = found.setdefault(key, {})
                before = of.pop(source_key(said), said)
                if not note.gone:
                    of[source_key(said)] = replace(
                        before,
                        verified=max(before.verified or "", said.verified or "")
                        or None,
                    )
    return found


def new_notes(
    lines: Iterable[MemoryLine], kept: KnownSources, *, gone: bool = False
) -> Iterator[ProvenanceNote]:
    """What is to be kept of these lines and is not yet; nothing of words that nobody has signed or adopted."""
    for line in lines:
        if line.by is None and is_untrusted(line):
            continue
        # of unsigned words the last may be deleted, and the name stays the founder's
        of = (
            key
            for key in content_hashes(line, named=line.by is None)
            if not is_up_to_date(line, kept.get(key, {}).get(source_key(line)))
        )
        if new := tuple(of):
            yield ProvenanceNote(**asdict(provenance_of(line)), of=new, gone=gone)


def is_up_to_date(line: MemoryLine, before: Provenance | None) -> bool:
    """Whether what is kept is as new as what a line says."""
    return before is not None and (before.verified or "") >= (line.verified or "")


def notes_for_edits(
    edits: Iterable[RecordEdit], *, back: bool = False
) -> Iterator[ProvenanceNote]:
    """What a change, or taking it `back`, makes of what is kept; of unsigned words it leaves that as it is."""
    for edit in edits:
        for text, gone in ((edit.was, not back), (edit.now, back))[
            :: -1 if back else 1
        ]:
            row = parse_record(text_to_bytes(text), 0) if text else None
            if (
                isinstance(row, MemoryRecord)
                and not isinstance(row.line, OtherLine)
                and not is_unmarked(row.line)
            ):
                yield from new_notes(split_line(row.line), {}, gone=gone)


def split_line(line: MemoryLine) -> Iterable[MemoryLine]:
    """The lines that one stands for."""
    return split_by_source(line) if isinstance(line, EntityLine) else (line,)


def is_unmarked(line: MemoryLine) -> bool:
    """Whether a line says nothing of who wrote it."""
    return (
        line.by is None
        and line.trust is None
        and not (isinstance(line, EntityLine) and line.sources)
    )


def restore_provenance(line: MemoryLine, kept: KnownSources | None) -> MemoryLine:
    """An unmarked line with what is kept of its words, once for each who said them; what is unknown is untrusted."""
    if kept is None:
        return line
    unknown = Provenance(at=line.at, trust=TrustLevel.UNTRUSTED)
    sources = [
        standing_sources(kept.get(key, {}), line) or [unknown]
        for key in content_hashes(line)
    ]
    if isinstance(line, RelationLine):
        return replace(
            line,
            **asdict(
                min(
                    sources[0],
                    key=lambda s: (is_untrusted(s), s.at is None, s.at or ""),
                )
            ),
        )
    if not line.observations:
        return replace(line, **asdict(sources[0][0]))
    texts = (
        text
        for text, each in zip(line.observations, sources, strict=True)
        for _ in each
    )
    return with_sources(line, [*texts], [*chain.from_iterable(sources)])


def restore_authors(
    row: MemoryRecord, kept: Callable[[], KnownSources | None]
) -> MemoryRecord:
    """A record that knows who said it; an unmarked one is signed again where each of its words has one author."""
    if isinstance(row.line, OtherLine) or not is_unmarked(row.line):
        return row
    line = restore_provenance(row.line, kept())
    once = isinstance(line, RelationLine) or len(line.observations) == len(
        set(line.observations)
    )
    sources = () if isinstance(line, RelationLine) else line.sources
    signed = once and None not in {said.by for said in sources or (line,)}
    return MemoryRecord(
        raw=rewrite_fields(row.raw, line) if signed else row.raw, line=line
    )


def standing_sources(
    of: Mapping[SourceKey, Provenance], line: MemoryLine
) -> list[Provenance]:
    """Who said the words of a line, without the doubt that the founder took away; the unsigned speaks for itself."""
    sure = (
        said
        for said in of.values()
        if not (is_untrusted(said) and (said.by, said.run, TrustLevel.TRUSTED) in of)
    )
    return [
        provenance_of(line) if said.by is said.trust is None else said for said in sure
    ]


def with_sources(
    line: EntityLine, texts: Sequence[str], sources: Sequence[Provenance]
) -> EntityLine:
    """A line with a source for each of its observations, or with the one that they all have."""
    common, every = sources[0], tuple(sources)
    if any(each != common for each in every):
        doubt = TrustLevel.UNTRUSTED if any(map(is_untrusted, every)) else None
        common = Provenance(at=common.at, trust=doubt)
    else:
        every = ()
    return replace(line, observations=tuple(texts), sources=every, **asdict(common))


def trust_entity(name: str, at: str) -> RecordRewrite:
    """Trust what is untrusted of an entity and its relations; what nobody signed becomes the founder's word."""

    def trusted(said: Provenance) -> Provenance:
        now = Provenance(
            at=said.at or at,
            by=said.by or "founder",
            run=said.run,
            trust=TrustLevel.TRUSTED,
        )
        return (
            replace(now, verified=said.verified)
            if is_untrusted(said)
            else provenance_of(said)
        )

    def cut(row: MemoryRecord) -> bytes:
        line = row.line
        if isinstance(line, OtherLine) or name not in names_in(line):
            return row.raw
        if isinstance(line, EntityLine) and line.sources:
            new: MemoryLine = with_sources(
                line, line.observations, [*map(trusted, line.sources)]
            )
        else:
            new = replace(line, **asdict(trusted(line)))
        return row.raw if new == line else rewrite_fields(row.raw, new)

    return cut


def names_in(line: MemoryLine) -> tuple[str, ...]:
    """Of whom a line speaks."""
    return (line.name,) if isinstance(line, EntityLine) else (line.from_, line.to)


def rewrite_fields(data: bytes, line: MemoryLine) -> bytes:
    """A line as it is now, with the fields of others that it had."""
    ours = {"at", "by", "run", "trust", "verified", "agentco"}
    others = {
        key: value
        for key, value in FIELD_DECODER.decode(data).items()
        if key not in ours
    }
    return msgspec.json.encode(others | FIELD_DECODER.decode(msgspec.json.encode(line)))
