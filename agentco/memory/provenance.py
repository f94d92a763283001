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
    Line,
    OtherLine,
    Provenance,
    RelationLine,
    Row,
    Trust,
    contributions,
    judged,
    untrusted,
)
from agentco.memory.rewrite import FIELDS, Cut, Edit, raw

Who = tuple[str | None, str | None, Trust | None]
Known = Mapping[str, Mapping[Who, Provenance]]


class Note(Provenance, frozen=True, kw_only=True, gc=False):
    """One line of what is kept: who said the words with these hashes, or that they are no longer his.

    `end` is how many bytes the memory had when it was written.
    """

    of: tuple[str, ...] = ()
    gone: bool = False
    end: int = 0


NOTE = msgspec.json.Decoder(Note)


def source(said: Provenance) -> Provenance:
    """Who said something, without what was said."""
    return Provenance(
        at=said.at, by=said.by, run=said.run, trust=said.trust, verified=said.verified
    )


def who(said: Provenance) -> Who:
    """What tells two sources of the same words apart."""
    return said.by, said.run, said.trust


def keys(line: Line, *, named: bool = False) -> list[str]:
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


def known(lines: Iterable[bytes]) -> Known:
    """What is kept of each hash; who says the same again only renews it. A torn line counts for nothing."""
    found: dict[str, dict[Who, Provenance]] = {}
    for line in lines:
        with suppress(msgspec.DecodeError):
            note = NOTE.decode(line)
            said = source(note)
            for key in note.of:
                of = found.setdefault(key, {})
                before = of.pop(who(said), said)
                if not note.gone:
                    of[who(said)] = replace(
                        before,
                        verified=max(before.verified or "", said.verified or "")
                        or None,
                    )
    return found


def notes(lines: Iterable[Line], kept: Known, *, gone: bool = False) -> Iterator[Note]:
    """What is to be kept of these lines and is not yet; nothing of words that nobody has signed or adopted."""
    for line in lines:
        if line.by is None and untrusted(line):
            continue
        # of unsigned words the last may be deleted, and the name stays the founder's
        of = (
            key
            for key in keys(line, named=line.by is None)
            if not renewed(line, kept.get(key, {}).get(who(line)))
        )
        if new := tuple(of):
            yield Note(**asdict(source(line)), of=new, gone=gone)


def renewed(line: Line, before: Provenance | None) -> bool:
    """Whether what is kept is as new as what a line says."""
    return before is not None and (before.verified or "") >= (line.verified or "")


def edited(edits: Iterable[Edit], *, back: bool = False) -> Iterator[Note]:
    """What a change, or taking it `back`, makes of what is kept; of unsigned words it leaves that as it is."""
    for edit in edits:
        for text, gone in ((edit.was, not back), (edit.now, back))[
            :: -1 if back else 1
        ]:
            row = judged(raw(text), 0) if text else None
            if (
                isinstance(row, Row)
                and not isinstance(row.line, OtherLine)
                and not unmarked(row.line)
            ):
                yield from notes(parts(row.line), {}, gone=gone)


def parts(line: Line) -> Iterable[Line]:
    """The lines that one stands for."""
    return contributions(line) if isinstance(line, EntityLine) else (line,)


def unmarked(line: Line) -> bool:
    """Whether a line says nothing of who wrote it."""
    return (
        line.by is None
        and line.trust is None
        and not (isinstance(line, EntityLine) and line.sources)
    )


def restored(line: Line, kept: Known | None) -> Line:
    """An unmarked line with what is kept of its words, once for each who said them; what is unknown is untrusted."""
    if kept is None:
        return line
    unknown = Provenance(at=line.at, trust=Trust.UNTRUSTED)
    sources = [standing(kept.get(key, {}), line) or [unknown] for key in keys(line)]
    if isinstance(line, RelationLine):
        return replace(
            line,
            **asdict(
                min(sources[0], key=lambda s: (untrusted(s), s.at is None, s.at or ""))
            ),
        )
    if not line.observations:
        return replace(line, **asdict(sources[0][0]))
    texts = (
        text
        for text, each in zip(line.observations, sources, strict=True)
        for _ in each
    )
    return sourced(line, [*texts], [*chain.from_iterable(sources)])


def given_back(row: Row, kept: Callable[[], Known | None]) -> Row:
    """A record that knows who said it; an unmarked one is signed again where each of its words has one author."""
    if isinstance(row.line, OtherLine) or not unmarked(row.line):
        return row
    line = restored(row.line, kept())
    once = isinstance(line, RelationLine) or len(line.observations) == len(
        set(line.observations)
    )
    sources = () if isinstance(line, RelationLine) else line.sources
    signed = once and None not in {said.by for said in sources or (line,)}
    return Row(raw=rewritten(row.raw, line) if signed else row.raw, line=line)


def standing(of: Mapping[Who, Provenance], line: Line) -> list[Provenance]:
    """Who said the words of a line, without the doubt that the founder took away; the unsigned speaks for itself."""
    sure = (
        said
        for said in of.values()
        if not (untrusted(said) and (said.by, said.run, Trust.TRUSTED) in of)
    )
    return [source(line) if said.by is said.trust is None else said for said in sure]


def sourced(
    line: EntityLine, texts: Sequence[str], sources: Sequence[Provenance]
) -> EntityLine:
    """A line with a source for each of its observations, or with the one that they all have."""
    common, every = sources[0], tuple(sources)
    if any(each != common for each in every):
        doubt = Trust.UNTRUSTED if any(map(untrusted, every)) else None
        common = Provenance(at=common.at, trust=doubt)
    else:
        every = ()
    return replace(line, observations=tuple(texts), sources=every, **asdict(common))


def vouched(name: str, at: str) -> Cut:
    """Trust what is untrusted of an entity and its relations; what nobody signed becomes the founder's word."""

    def trusted(said: Provenance) -> Provenance:
        now = Provenance(
            at=said.at or at, by=said.by or "founder", run=said.run, trust=Trust.TRUSTED
        )
        return replace(now, verified=said.verified) if untrusted(said) else source(said)

    def cut(row: Row) -> bytes:
        line = row.line
        if isinstance(line, OtherLine) or name not in names(line):
            return row.raw
        if isinstance(line, EntityLine) and line.sources:
            new: Line = sourced(line, line.observations, [*map(trusted, line.sources)])
        else:
            new = replace(line, **asdict(trusted(line)))
        return row.raw if new == line else rewritten(row.raw, new)

    return cut


def names(line: Line) -> tuple[str, ...]:
    """Of whom a line speaks."""
    return (line.name,) if isinstance(line, EntityLine) else (line.from_, line.to)


def rewritten(data: bytes, line: Line) -> bytes:
    """A line as it is now, with the fields of others that it had."""
    ours = {"at", "by", "run", "trust", "verified", "agentco"}
    others = {
        key: value for key, value in FIELDS.decode(data).items() if key not in ours
    }
    return msgspec.json.encode(others | FIELDS.decode(msgspec.json.encode(line)))
