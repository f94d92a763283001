"""What the founder may write into the memory and take out of it."""

from unicodedata import category

from msgspec import Struct

from agentco.file_formats.api_keys import require_no_key
from agentco.kernel.errors import WrongUsage
from agentco.memory import rewrite
from agentco.memory.graph import MemoryEntity, MemoryGraph
from agentco.memory.lines import normal_name
from agentco.memory.rewrite import RecordRewrite

CONTROL_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories of characters that would break a line."""
LIST_HINT = "agentco memory show NAME lists them"


class Deletion(Struct, frozen=True, kw_only=True):
    """What would go, a line each, and how to cut it."""

    lines: tuple[str, ...]
    cut: RecordRewrite


class UntrustedFact(Struct, frozen=True, kw_only=True):
    """One thing that somebody said whom nobody vouched for; `at` is an ISO time."""

    by: str | None
    at: str | None
    text: str


def require_plain_lines(*texts: str) -> None:
    """Raise WrongUsage for a text that is empty, would not stay on its line, or holds a key."""
    require_no_key(texts)
    for text in texts:
        if not text.strip():
            hint = "put the words in quotes"
            raise WrongUsage("the text is empty", hint=hint)
        for character in text:
            if category(character) in CONTROL_CATEGORIES:
                what = f"{text!r} holds the control character {character!r}"
                raise WrongUsage(what, hint="write one line of plain text")


def entity_type_for(name: str, entity: MemoryEntity | None, wanted: str | None) -> str:
    """The type to write.

    Raises WrongUsage if a new entity has none, or an old one has another.
    """
    if entity is None:
        if wanted is None:
            what = f"{name!r} is new, and a new entity needs a type"
            raise WrongUsage(what, hint="add --type, such as --type client")
        return wanted
    if wanted and entity.type != wanted:
        what = f"{name!r} is a {entity.type!r}, not a {wanted!r}"
        raise WrongUsage(what, hint="leave --type out")
    return entity.type


def relation_deletion(graph: MemoryGraph, name: str, kind: str, to: str) -> Deletion:
    """Take out one relation. Raises WrongUsage if it is not there."""
    name, to = normal_name(name), normal_name(to)
    key = (name, kind, to)
    if all((tie.from_, tie.type, tie.to) != key for tie in graph.relations):
        raise WrongUsage(f"no relation {name!r} {kind} {to!r}", hint=LIST_HINT)
    return Deletion(
        lines=(f"relation {name} {kind} {to}",), cut=rewrite.remove_relations({key})
    )


def observation_deletion(entity: MemoryEntity, texts: list[str]) -> Deletion:
    """Take out some of what is known of an entity. Raises WrongUsage for other texts."""
    known = {fact.text for fact in entity.observations}
    for text in texts:
        if text not in known:
            what = f"{entity.name!r} has no observation {text!r}"
            raise WrongUsage(what, hint=f"{LIST_HINT}; give it word for word")
    lines = tuple(f"observation of {entity.name}: {text}" for text in texts)
    return Deletion(lines=lines, cut=rewrite.remove_observations(entity.name, texts))


def entity_deletion(graph: MemoryGraph, entity: MemoryEntity) -> Deletion:
    """Take out an entity, with all that is known of it and its relations."""
    name = entity.name
    lines = [f"{entity.type} {name}"]
    lines.extend(f"observation: {fact.text}" for fact in entity.observations)
    touching = (tie for tie in graph.relations if name in {tie.from_, tie.to})
    lines.extend(f"relation {tie.from_} {tie.type} {tie.to}" for tie in touching)
    return Deletion(lines=tuple(lines), cut=rewrite.remove_entities({name}))
