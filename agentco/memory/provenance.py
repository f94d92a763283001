"""Who said what, kept beside the memory by hash: a program that drops our fields loses nothing.

A line without our fields gets back what is kept about its words. Words about which nothing is
kept are untrusted, unless nothing is kept about any: then nobody has adopted the file yet. A line
or note that claims more than its signature proves is nobody's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b

import msgspec
from msgspec.structs import asdict, replace

from agentco.memory.lines import (
    EntityLine,
    MemoryLine,
    MemoryRecord,
    OtherLine,
    Provenance,
    RelationLine,
    Signed,
    TrustLevel,
    is_untrusted,
    line_in,
    split_by_source,
)
from agentco.memory.rewrite import FIELD_DECODER, RecordEdit, text_to_bytes
from agentco.memory.signatures import is_signed, sign_line

SourceKey = tuple[str | None, str | None, TrustLevel | None]
KnownSources = Mapping[str, Mapping[SourceKey, Provenance]]
"""For each content hash its sources, by what tells them apart."""

OUR_FIELDS = frozenset({"at", "by", "run", "trust", "verified", "agentco", "sig"})
"""The fields of a line that the reference does not have."""


class ProvenanceNote(Signed, frozen=True, kw_only=True, gc=False):
    """One kept line: who said the words with these hashes, or that they are `gone`.

    `end` is how many bytes the memory had when the note was written.
    """

    of: tuple[str, ...] = ()
    gone: bool = False
    end: int = 0


NOTE_DECODER = msgspec.json.Decoder(ProvenanceNote)


def provenance_of(line: Provenance) -> Provenance:
    """The provenance of a line, without its content."""
    return Provenance(
        at=line.at, by=line.by, run=line.run, trust=line.trust, verified=line.verified
    )


def source_key(source: Provenance) -> SourceKey:
    """What tells two sources of the same words apart."""
    return source.by, source.run, source.trust


def content_hashes(line: MemoryLine, *, named: bool = False) -> list[str]:
    """A hash for each thing that a line says; the type counts, because it decides what code reads.

    The name has a hash too if the line has no observations, or if `named`.
    """
    contents: list[tuple[str, ...]]
    if isinstance(line, RelationLine):
        contents = [("relation", line.from_, line.type, line.to)]
    else:
        contents = [(line.type, line.name, text) for text in line.observations]
        if named or not contents:
            contents.append((line.type, line.name))
    return [
        blake2b(msgspec.json.encode(content), digest_size=12).hexdigest()
        for content in contents
    ]


def read_known_sources(lines: Iterable[bytes], key: bytes | None) -> KnownSources:
    """The sources kept for each hash; a note of a known one renews it. Torn lines are skipped.

    Only signed notes count; without a `key` all do, as before there were signatures.
    """
    sources_by_hash: dict[str, dict[SourceKey, Provenance]] = {}
    for line in lines:
        with suppress(msgspec.DecodeError):
            note = NOTE_DECODER.decode(line)
            if key is not None and not is_signed(note, key):
                continue
            for content_hash in note.of:
                _apply_note(note, sources_by_hash.setdefault(content_hash, {}))
    return sources_by_hash


def _apply_note(note: ProvenanceNote, sources: dict[SourceKey, Provenance]) -> None:
    key = source_key(note)
    source = sources.pop(key, None) or provenance_of(note)
    if not note.gone:
        verified = max(source.verified or "", note.verified or "")
        sources[key] = replace(source, verified=verified or None)


def new_notes(
    lines: Iterable[MemoryLine], kept: KnownSources, *, gone: bool = False
) -> Iterator[ProvenanceNote]:
    """What must be kept about these lines and is not yet.

    Nothing is kept about lines that nobody signed or adopted.
    """
    for line in lines:
        unsigned = line.by is None
        if unsigned and is_untrusted(line):
            continue
        # all observations of an unsigned entity may go, and its name stays the founder's
        key = source_key(line)
        hashes: list[str] = []
        for content_hash in content_hashes(line, named=unsigned):
            source = kept.get(content_hash, {}).get(key)
            if not is_up_to_date(line, source):
                hashes.append(content_hash)
        if hashes:
            fields = asdict(provenance_of(line))
            yield ProvenanceNote(**fields, of=tuple(hashes), gone=gone)


def known_notes(kept: KnownSources) -> Iterator[ProvenanceNote]:
    """Everything that is kept, as notes."""
    for content_hash, sources in kept.items():
        for source in sources.values():
            yield ProvenanceNote(**asdict(source), of=(content_hash,))


def is_up_to_date(line: MemoryLine, source: Provenance | None) -> bool:
    """Whether a kept source is as recently verified as a line."""
    return source is not None and (source.verified or "") >= (line.verified or "")


def notes_for_edits(
    edits: Iterable[RecordEdit], key: bytes, *, back: bool = False
) -> Iterator[ProvenanceNote]:
    """What must be kept after a change, or after taking it `back`; only of signed lines."""
    for edit in edits:
        if back:
            yield from notes_for_record(edit.now, key, gone=True)
            yield from notes_for_record(edit.was, key, gone=False)
        else:
            yield from notes_for_record(edit.was, key, gone=True)
            yield from notes_for_record(edit.now, key, gone=False)


def notes_for_record(
    text: str | None, key: bytes, *, gone: bool
) -> Iterator[ProvenanceNote]:
    """What must be kept after one record came or went."""
    line = line_in(text_to_bytes(text)) if text else None
    if line and is_signed(line, key):
        parts = split_by_source(line) if isinstance(line, EntityLine) else [line]
        yield from new_notes(parts, {}, gone=gone)


def is_unmarked(line: MemoryLine) -> bool:
    """Whether a line says nothing about who wrote it."""
    if line.by is not None or line.trust is not None or line.sig is not None:
        return False
    return isinstance(line, RelationLine) or not line.sources


def check_line(
    line: MemoryLine, kept: Callable[[], KnownSources | None], *, believed: bool = False
) -> MemoryLine:
    """How a line counts whose own signature is not valid; `believed` if it needs none."""
    if is_unmarked(line):
        return restore_provenance(line, kept())
    return line if believed else nobodys(line)


def nobodys(line: MemoryLine) -> MemoryLine:
    """A line as nobody's word, whatever it claims."""
    source = Provenance(at=line.at, trust=TrustLevel.UNTRUSTED)
    if isinstance(line, EntityLine):
        return replace(line, sources=(), sig=None, **asdict(source))
    return replace(line, sig=None, **asdict(source))


def restore_provenance(line: MemoryLine, kept: KnownSources | None) -> MemoryLine:
    """An unmarked line with the sources kept for its words; unknown words are untrusted.

    An observation with several sources is repeated for each of them.
    """
    if kept is None:
        return line
    unknown = Provenance(at=line.at, trust=TrustLevel.UNTRUSTED)
    sources_of: list[list[Provenance]] = []
    for content_hash in content_hashes(line):
        sources = standing_sources(kept.get(content_hash, {}), line)
        sources_of.append(sources or [unknown])
    if isinstance(line, RelationLine):
        source = min(sources_of[0], key=_trusted_then_early)
        return replace(line, **asdict(source))
    if not line.observations:
        return replace(line, **asdict(sources_of[0][0]))
    texts: list[str] = []
    all_sources: list[Provenance] = []
    for text, sources in zip(line.observations, sources_of, strict=True):
        texts += [text] * len(sources)
        all_sources += sources
    return with_sources(line, texts, all_sources)


def _trusted_then_early(source: Provenance) -> tuple[bool, bool, str]:
    return is_untrusted(source), source.at is None, source.at or ""


def restore_authors(
    row: MemoryRecord, kept: Callable[[], KnownSources | None], key: bytes | None
) -> MemoryRecord:
    """A record with its provenance as it counts; without a key every line is believed.

    Its bytes are signed again if each of its observations has exactly one known author.
    """
    if isinstance(row.line, OtherLine):
        return row
    if key is not None and is_signed(row.line, key):
        return MemoryRecord(raw=row.raw, line=row.line, signed=True)
    line = check_line(row.line, kept, believed=key is None)
    if not key or not is_unmarked(row.line) or not _has_single_authors(line):
        return MemoryRecord(raw=row.raw, line=line)
    return MemoryRecord(raw=rewrite_fields(row.raw, line, key), line=line, signed=True)


def _has_single_authors(line: MemoryLine) -> bool:
    if isinstance(line, RelationLine):
        return line.by is not None
    sources = line.sources or (line,)
    has_repeats = len(set(line.observations)) < len(line.observations)
    return not has_repeats and all(source.by is not None for source in sources)


def standing_sources(
    sources: Mapping[SourceKey, Provenance], line: MemoryLine
) -> list[Provenance]:
    """The sources that still hold: without doubts that the founder took away.

    Where the kept source is unsigned, the line's own provenance stands in for it.
    """
    standing: list[Provenance] = []
    for source in sources.values():
        trusted_key = (source.by, source.run, TrustLevel.TRUSTED)
        if is_untrusted(source) and trusted_key in sources:
            continue
        is_unsigned = source.by is None and source.trust is None
        standing.append(provenance_of(line) if is_unsigned else source)
    return standing


def with_sources(
    line: EntityLine, texts: Sequence[str], sources: Sequence[Provenance]
) -> EntityLine:
    """A line with a source for each of its observations, or with the one they all have."""
    first = sources[0]
    if all(source == first for source in sources):
        return replace(line, observations=tuple(texts), sources=(), **asdict(first))
    untrusted = any(map(is_untrusted, sources))
    common = Provenance(at=first.at, trust=TrustLevel.UNTRUSTED if untrusted else None)
    return replace(
        line, observations=tuple(texts), sources=tuple(sources), **asdict(common)
    )


def rewrite_fields(data: bytes, line: MemoryLine, key: bytes = b"") -> bytes:
    """Encode a line again, signed, and keep the fields of other programs that it had.

    Without a key it is left to `apply_rewrite` to sign it.
    """
    fields = FIELD_DECODER.decode(data)
    for name in OUR_FIELDS:
        fields.pop(name, None)
    fields.update(FIELD_DECODER.decode(msgspec.json.encode(sign_line(line, key))))
    if not key:
        fields["sig"] = msgspec.Raw(b"null")
    return msgspec.json.encode(fields)
