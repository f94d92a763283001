"""What `memory check` says: bad lines, dangling relations, conflicting types, repetitions."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from agentco.kernel.errors import Diagnostic, Severity
from agentco.memory.lines import EntityLine, RejectedLine, RelationLine, is_untrusted

EntityLines = Mapping[str, Sequence[EntityLine]]
RelationLines = Mapping[tuple[str, str, str], Sequence[RelationLine]]

MAX_NAMES_SHOWN = 3
HINTS = {
    "bad-line": "agentco memory repair moves it to rejected.jsonl beside the memory",
    "dangling-relation": "agentco memory add makes the missing end, "
    "agentco memory delete NAME --relation removes it",
    "two-types": "remove the other type from the file by hand",
    "repeated": "nothing is wrong: equal lines count once",
    "unsigned": "another program or a person wrote them, "
    "and they do not count until you run agentco memory trust --new",
    "large": "agentco memory stats shows what takes the space; "
    "prune and repair --compact make it smaller",
}


def find_problems(
    file: str,
    rejected: Sequence[RejectedLine],
    entities: EntityLines,
    relations: RelationLines,
    *,
    large: bool,
) -> list[Diagnostic]:
    """Every problem of a memory file."""
    problems: list[Diagnostic] = []

    def report(
        level: Severity, code: str, message: str, line: int | None = None
    ) -> None:
        problems.append(
            Diagnostic(
                file=file,
                line=line,
                level=level,
                code=code,
                message=message,
                hint=HINTS[code],
            )
        )

    for row in rejected:
        message = f"not a memory record: {row.reason}"
        report(Severity.WARNING, "bad-line", message, row.number)
    for message in dangling_relations(entities, relations):
        report(Severity.INFO, "dangling-relation", message)
    for message in conflicting_types(entities):
        report(Severity.WARNING, "two-types", message)
    for message in repeated_lines(entities, relations):
        report(Severity.INFO, "repeated", message)
    if message := unsigned_lines(entities, relations):
        report(Severity.WARNING, "unsigned", message)
    if large:
        report(Severity.WARNING, "large", "it is over 100 MB")
    return problems


def dangling_relations(
    entities: EntityLines, relations: RelationLines
) -> Iterator[str]:
    """Relations from or to a name that no entity has; they are kept."""
    for start, type_, end in relations:
        missing = [name for name in (start, end) if name not in entities]
        if missing:
            names = " and ".join(map(repr, dict.fromkeys(missing)))
            yield f"the relation {start!r} {type_} {end!r} is kept, but there is no {names}"


def conflicting_types(entities: EntityLines) -> Iterator[str]:
    """Names whose lines disagree about the type."""
    for name, lines in entities.items():
        if len(lines) == 1:
            continue
        types = {line.type for line in lines} - {lines[0].type}
        if types:
            others = ", ".join(map(repr, sorted(types)))
            yield f"{name!r} is a {lines[0].type!r}, but other lines say {others}"


def repeated_lines(entities: EntityLines, relations: RelationLines) -> Iterator[str]:
    """Observations and relations that are repeated without renewing anything."""
    for name, lines in entities.items():
        if len(lines) == 1:
            continue
        unverified = (line.observations for line in lines if not line.verified)
        texts = list(chain.from_iterable(unverified))
        repetitions = len(texts) - len(set(texts))
        if repetitions:
            yield f"{name!r} repeats {repetitions} of its observations"
    for (start, type_, end), lines in relations.items():
        if len(lines) > 1:
            yield f"the relation {start!r} {type_} {end!r} appears {len(lines)} times"


def unsigned_lines(entities: EntityLines, relations: RelationLines) -> str:
    """Which lines nobody signed and came after the file was adopted; empty if there are none."""
    every_line = list(chain.from_iterable([*entities.values(), *relations.values()]))
    unsigned = [line for line in every_line if line.by is None and is_untrusted(line)]
    if not unsigned:
        return ""
    names: dict[str, None] = {}
    for line in unsigned:
        names[line.name if isinstance(line, EntityLine) else line.from_] = None
    shown = ", ".join(map(repr, list(names)[:MAX_NAMES_SHOWN]))
    if len(names) > MAX_NAMES_SHOWN:
        shown += f" and {len(names) - MAX_NAMES_SHOWN} more"
    return f"{len(unsigned)} of {len(every_line)} lines are unsigned: {shown}"
