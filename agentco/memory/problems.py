"""What `memory check` says: bad lines, arrows into nothing, two types for one name, repetitions."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice

from agentco.kernel.errors import Diagnostic, Level
from agentco.memory.lines import EntityLine, Rejected, RelationLine, untrusted

Entities = Mapping[str, Sequence[EntityLine]]
Relations = Mapping[tuple[str, str, str], Sequence[RelationLine]]

UNTOLD = "agentco memory repair moves it to rejected.jsonl beside the memory"
NO_END = "agentco memory add makes the missing end, agentco memory delete NAME --relation removes it"
OTHER_TYPE, EQUAL = (
    "take the other type out of the file by hand",
    "nothing is wrong: equal lines count once",
)
BY_HAND = "another program or a hand wrote them, so they count for nothing until agentco memory trust NAME"
SHOWN = 3
TOO_MUCH = (
    "agentco memory stats shows what weighs; prune and repair --compact make it smaller"
)


def found(
    file: str,
    rejected: Sequence[Rejected],
    entities: Entities,
    relations: Relations,
    *,
    large: bool,
) -> list[Diagnostic]:
    """Every problem of a memory file."""
    several = {name: lines for name, lines in entities.items() if len(lines) > 1}
    warn, tell = (
        partial(Diagnostic, file=file, level=Level.WARNING),
        partial(Diagnostic, file=file, level=Level.INFO),
    )
    unread = ((row.number, f"no memory record: {row.reason}") for row in rejected)
    return [
        *(
            warn(line=line, code="bad-line", message=text, hint=UNTOLD)
            for line, text in unread
        ),
        *(
            tell(code="dangling-relation", message=text, hint=NO_END)
            for text in into_nothing(entities, relations)
        ),
        *(
            warn(code="two-types", message=text, hint=OTHER_TYPE)
            for text in of_two_types(several)
        ),
        *(
            tell(code="repeated", message=text, hint=EQUAL)
            for text in said_again(several, relations)
        ),
        *(
            warn(code="unsigned", message=text, hint=BY_HAND)
            for text in unsigned(entities, relations)
        ),
        *(
            [warn(code="large", message="it is over 100 MB", hint=TOO_MUCH)]
            if large
            else ()
        ),
    ]


def into_nothing(entities: Entities, relations: Relations) -> Iterator[str]:
    """Relations that begin or end at a name no entity has; they are kept."""
    for from_, type_, to in relations:
        if missing := [name for name in (from_, to) if name not in entities]:
            ends = " and ".join(map(repr, dict.fromkeys(missing)))
            yield f"the relation {from_!r} {type_} {to!r} is kept, but there is no {ends}"


def of_two_types(several: Entities) -> Iterator[str]:
    """Names whose lines disagree about the type."""
    for name, lines in several.items():
        if others := {line.type for line in lines} - {lines[0].type}:
            said = ", ".join(map(repr, sorted(others)))
            yield f"{name!r} is a {lines[0].type!r}, but other lines say {said}"


def said_again(several: Entities, relations: Relations) -> Iterator[str]:
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


def unsigned(entities: Entities, relations: Relations) -> Iterator[str]:
    """Lines that nobody signed and that came after the file was adopted."""
    every = [*chain.from_iterable(chain(entities.values(), relations.values()))]
    if nobody := [line for line in every if line.by is None and untrusted(line)]:
        of = dict.fromkeys(
            line.name if isinstance(line, EntityLine) else line.from_ for line in nobody
        )
        some = ", ".join(map(repr, islice(of, SHOWN))) + (
            f" and {len(of) - SHOWN} more" if len(of) > SHOWN else ""
        )
        yield f"{len(nobody)} of {len(every)} lines do not say who wrote them: {some}"
