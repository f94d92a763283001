"""What a model on the founder's own machine is told: the same parts in brief, stable ones first.

Such a model reads a hundred tokens a second or fewer. What must hold is held by code, so it need
not be said; skills are named, and one that the task speaks of is told in brief beside it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from html import unescape
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from agentco.briefing.brief_text import brief_markdown
from agentco.briefing.prompt_format import PartKind, PromptPart
from agentco.kernel import package_data
from agentco.kernel.comparison import fold_letters
from agentco.runs.actions import Gather, Improve, Lesson, Skill, name_of
from agentco.runs.model_messages import ToolSpec

PREAMBLE = package_data.load_text(__name__)
ROOMS = {
    PartKind.CONSTITUTION: 450,
    PartKind.ALWAYS_ON: 100,
    PartKind.ROLE: 350,
    PartKind.INSTRUCTIONS: 120,
    PartKind.SKILL: 310,
}
"""Tokens for all parts of a kind together."""
LEFT_OUT = frozenset({PartKind.REVIEWS, PartKind.CATALOGUE, PartKind.SKILL})
OTHERS_WORK = frozenset({name_of(Gather), name_of(Improve), name_of(Lesson)})
"""Tools that a small model does without, unless a turn is for nothing else."""
FEWEST_WORDS = 2
"""Of a task, that a skill must hold so that it is told beside it."""
MOST_SKILLS = 24
_NAME = re.compile(r"<skill><name>([^<]*+)</name>")
_WORD = re.compile(r"\w{4,}")
_SAID_BY_NAMES = frozenset(
    {"title", "description", "default", "additionalProperties"}
    | {"minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"}
)
"""What a schema says that code checks anyway."""


def brief_parts(parts: Sequence[PromptPart]) -> tuple[PromptPart, ...]:
    """Return the parts of a prompt in brief; files, earlier turns and the task stay whole.

    What is stable depends on nothing but the stable parts.
    """
    stable = [part for part in parts if part.stable]
    return (
        PromptPart(kind=PartKind.PREAMBLE, text=PREAMBLE, stable=True),
        *_brief_files(part for part in stable if part.kind not in LEFT_OUT),
        *_skill_names(stable),
        *_brief_task(stable, [part for part in parts if not part.stable]),
    )


def brief_tools(
    tools: Iterable[ToolSpec], *, whole: bool = False
) -> tuple[ToolSpec, ...]:
    """Return the tools with schemas of names and types; with `whole` none is left out."""
    return tuple(
        replace(tool, parameters=_brief_schema(tool.parameters))
        for tool in tools
        if whole or tool.name not in OTHERS_WORK
    )


def _brief_files(parts: Iterable[PromptPart]) -> Iterator[PromptPart]:
    """The pages in brief; those of one kind share its room, the first ones most of it."""
    rooms = dict(ROOMS)
    for part in parts:
        if part.kind not in rooms:
            continue
        text = brief_markdown(part.text, rooms[part.kind])
        if not text:
            continue
        brief = replace(part, text=text)
        rooms[part.kind] = max(rooms[part.kind] - brief.token_count, 0)
        yield brief


def _skill_names(stable: Iterable[PromptPart]) -> Iterator[PromptPart]:
    """The names of the agent's own skills, then of the others that it may read."""
    names = list[str]()
    for part in stable:
        if part.kind is PartKind.SKILL:
            names.append(part.name)
        elif part.kind is PartKind.CATALOGUE:
            names += map(unescape, _NAME.findall(part.text))
    if names:
        listed = ", ".join(dict.fromkeys(names[:MOST_SKILLS]))
        text = f"Skills ({name_of(Skill)} reads one, if the task needs it): {listed}"
        yield PromptPart(kind=PartKind.CATALOGUE, text=text, stable=True)


def _brief_task(
    stable: Iterable[PromptPart], rest: Sequence[PromptPart]
) -> Iterator[PromptPart]:
    """What the work brings: rules for its files in brief, and the skill that it speaks of most."""
    skills = [part for part in stable if part.kind is PartKind.SKILL]
    task = " ".join(part.text for part in rest if part.kind is PartKind.TASK)
    said = _words(task)
    found = [(len(said & _words(f"{part.name} {part.text}")), part) for part in skills]
    best = max(found, key=lambda each: each[0], default=None)
    for part in rest:
        if part.kind is PartKind.TODAY and best and best[0] >= FEWEST_WORDS:
            text = brief_markdown(best[1].text, ROOMS[PartKind.SKILL])
            yield replace(best[1], text=text, stable=False)
        if part.kind is PartKind.INSTRUCTIONS:
            yield from _brief_files([part])
        else:
            yield part


def _words(text: str) -> set[str]:
    return set(_WORD.findall(fold_letters(text)))


def _brief_schema(parameters: str) -> str:
    schema = msgspec.json.decode(parameters)
    return msgspec.json.encode(_without_words(schema)).decode()


def _without_words(value: Any, *, are_fields: bool = False) -> Any:
    """A schema without what it says beside names and types; `are_fields` of an object's fields."""
    if isinstance(value, list):
        return [_without_words(each) for each in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, Any]", value)
    known = fields.keys() if are_fields else frozenset[str]()
    return {
        name: _without_words(
            _without_repeats(inner, known), are_fields=name == "properties"
        )
        for name, inner in fields.items()
        if are_fields or (name not in _SAID_BY_NAMES and inner != [])
    }


def _without_repeats(field: Any, known: Collection[str]) -> Any:
    """A list of objects that only have fields which are `known` beside it: just of objects."""
    if not isinstance(field, dict):
        return field
    schema = cast("dict[str, Any]", field)
    items = cast("dict[str, Any]", schema.get("items", {}))
    names = items.get("properties", {}).keys()
    is_known = bool(names) and names <= set(known)
    return {**schema, "items": {"type": "object"}} if is_known else schema
