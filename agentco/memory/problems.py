"""What `memory check` says: bad lines, arrows into nothing, two types for one name, repetitions."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice

from agentco.kernel.errors import Diagnostic, Severity
from agentco.memory.lines import EntityLine, RejectedLine, RelationLine, is_untrusted

EntityLines = Mapping[str, Sequence[EntityLine]]
RelationLines = Mapping[tuple[str, str, str], Sequence[RelationLine]]

BAD_LINE_HINT = "agentco memory repair moves it to rejected.jsonl beside the memory"
DANGLING_HINT = "agentco memory add makes the missing end, agentco memory delete NAME --relation removes it"
TWO_TYPES_HINT, REPEATED_HINT = (
    "take the other type out of the file by hand",
    "nothing is wrong: equal lines count once",
)
UNSIGNED_HINT = "another program or a hand wrote them, so they count for nothing until agentco memory trust NAME"
MAX_NAMES_SHOWN = 3
LARGE_FILE_HINT = (
    "agentco memory stats shows what weighs; prune and repair --compact make it smaller"
)


def find_problems(
    file: str,
    rejected: Sequence[RejectedLine],
    entities: EntityLines,
    relations: RelationLines,
    *,
    large: bool,
) -> list[Diagnostic]:
    """Every problem of a memory file."""
    several = {name: lines for name, lines in entities.items() if len(lines) > 1}
    warn, tell = (
        partial(Diagnostic, file=file, level=Severity.WARNING),
        partial(Diagnostic, file=file, level=Severity.INFO),
    )
    unread = ((row.number, f"no memory record: {row.reason}") for row in rejected)
    return [
        *(
            warn(line=line, code="bad-line", message=text, hint=BAD_LINE_HINT)
            for line, text in unread
        ),
        *(
            tell(code="dangling-relation", message=text, hint=DANGLING_HINT)
            for text in dangling_relations(entities, relations)
        ),
        *(
            warn(code="two-types", message=text, hint=TWO_TYPES_HINT)
            for text in conflicting_types(several)
        ),
        *(
            tell(code="repeated", message=text, hint=REPEATED_HINT)
            for text in repeated_lines(several, relations)
        ),
        *(
            warn(code="unsigned", message=text, hint=UNSIGNED_HINT)
            for text in unsigned_lines(entities, relations)
        ),
        *(
            [warn(code="large", message="it is over 100 MB", hint=LARGE_FILE_HINT)]
            if large
            else ()
        ),
    ]


def dangling_relations(
    entities: EntityLines, relations: RelationLines
) -> Iterator[str]:
    """Relations that begin or end at a name no entity has; they are kept."""
    for from_, type_, to in relations:
        if missing := [name for name in (from_, to) if name not in entities]:
            ends = " and ".join(map(repr, dict.fromkeys(missing)))
            yield f"the relation {from_!r} {type_} {to!r} is kept, but there is no {ends}"


def conflicting_types(several: EntityLines) -> Iterator[str]:
    """Names whose lines disagree about the type."""
    for name, lines in several.items():
        if others := {line.type for line in lines} - {lines[0].type}:
            said = ", ".join(map(repr, sorted(others)))
            yield f"{name!r} is a {lines[0].type!r}, but other lines say {said}"


def repeated_lines(several: EntityLines, relations: RelationLines) -> Iterator[str]:
    """Observations and relations that stand there more than once without renewing anything."""
    for name, lines in several.items():
        texts = [
            text for line in lines if not line.verified for text in line.observations
        ]
        if again := len(texts) - len(set(texts)):
            yield f"{name!r} repeats {again} of its observations"
    for (from_, type_, to), lines in relations.items():
        if len(lines) > 1:
            yield f"the relation {from_!r} {type_} {to!r} stands there {len(lines)} times"


def unsigned_lines(entities: EntityLines, relations: RelationLines) -> Iterator[str]:
    """Lines that nobody signed and that came after the file was adopted."""
    every = [*chain.from_iterable(chain(entities.values(), relations.values()))]
    if nobody := [line for line in every if line.by is None and is_untrusted(line)]:
        of = dict.fromkeys(
            line.name if isinstance(line, EntityLine) else line.from_ for line in nobody
        )
        some = ", ".join(map(repr, islice(of, MAX_NAMES_SHOWN))) + (
            f" and {len(of) - MAX_NAMES_SHOWN} more"
            if len(of) > MAX_NAMES_SHOWN
            else ""
        )
        yield f"{len(nobody)} of {len(every)} lines do not say who wrote them: {some}"
