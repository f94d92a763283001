"""What an agent can do inside its company, in the form in which a model must ask for it.

The fields are the tool's arguments and their schema; a class's docstring is what the model is told of it.
"""

import json
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from agentco.review.verdict import Opinion
from agentco.runs.model_messages import ModelAnswer, ToolCall, ToolSpec

ActionText = Annotated[str, Meta(min_length=1, max_length=2000)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Action(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every action is."""


class Read(Action, frozen=True, kw_only=True):
    """Read a text file of the company by its path, or a large result by its handle."""

    path: str = ""
    handle: str = ""
    first_line: Annotated[int, Meta(ge=1)] = 1
    lines: Annotated[int, Meta(ge=1, le=2000)] = 400


class Search(Action, frozen=True, kw_only=True):
    """Find the lines of company files that hold all these words, whatever their case; `files` is a glob."""

    words: ActionText
    files: str = "**"
    handle: str = ""


class Entity(Struct, frozen=True, kw_only=True, rename="camel"):
    """Something the company knows of."""

    name: Name
    entity_type: Name
    observations: tuple[ActionText, ...] = ()


class Relation(
    Struct,
    frozen=True,
    kw_only=True,
    rename={"from_": "from", "relation_type": "relationType"},
):
    """How two entities belong together, in the active voice."""

    from_: Name
    to: Name
    relation_type: Name


class Observed(Struct, frozen=True, kw_only=True, rename="camel"):
    """Facts about an entity that is there: to add, or exactly as they stand, to delete."""

    entity_name: Name
    contents: tuple[ActionText, ...] = ()
    observations: tuple[ActionText, ...] = ()


class MemoryAct(StrEnum):
    """The nine operations of the company's memory."""

    CREATE_ENTITIES = "create_entities"
    CREATE_RELATIONS = "create_relations"
    ADD_OBSERVATIONS = "add_observations"
    DELETE_ENTITIES = "delete_entities"
    DELETE_OBSERVATIONS = "delete_observations"
    DELETE_RELATIONS = "delete_relations"
    READ_GRAPH = "read_graph"
    SEARCH_NODES = "search_nodes"
    OPEN_NODES = "open_nodes"


class Memory(Action, frozen=True, kw_only=True):
    """Use what the company knows. Facts only, short and dated; no documents.

    search_nodes (query), open_nodes (names), read_graph, create_entities (entities), create_relations and
    delete_relations (relations), add_observations (observations with contents), delete_observations
    (observations with observations), delete_entities (names).
    """

    operation: MemoryAct
    query: str = ""
    names: tuple[Name, ...] = ()
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    observations: tuple[Observed, ...] = ()


class BoardAct(StrEnum):
    """What can be done on the sprint board."""

    SHOW = "show"
    ADD = "add"
    DONE = "done"
    MOVE = "move"


class Board(Action, frozen=True, kw_only=True):
    """Use the sprint board.

    show, add (title; owner, due as YYYY-MM-DD, column), done (id), move (id, column).
    """

    operation: BoardAct
    id: str = ""
    title: str = ""
    owner: str = ""
    due: str = ""
    column: str = ""


class Skill(Action, frozen=True, kw_only=True):
    """Load the full instructions of one of the available skills by name, or one file of that skill."""

    name: Name
    file: str = ""


class AskTheFounder(Action, frozen=True, kw_only=True):
    """Ask the founder one question that only a person can answer. The work waits for it; ask rarely."""

    question: ActionText


class LessonKind(StrEnum):
    """What a lesson is about."""

    BUG = "bug"
    PROCESS = "process"
    KNOWLEDGE = "knowledge"
    TOOL = "tool"
    DECISION = "decision"


class Lesson(Action, frozen=True, kw_only=True):
    """Record what the company should do better next time."""

    category: LessonKind
    summary: Annotated[str, Meta(min_length=1, max_length=200)]
    detail: ActionText
    action: ActionText


class Gather(Action, frozen=True, kw_only=True):
    """Have a large stored result read for you by a cheap reader, who answers one question about it."""

    handle: Name
    question: ActionText


class Delegate(Action, frozen=True, kw_only=True):
    """Give one department one piece of work; several calls in one answer are worked on side by side.

    `task` is the id of a task in the day plan; for a new one leave it empty and say in `reason` why it is
    needed. The department hears `what` alone: the outcome, the material, the limits, the form of the answer.
    """

    agent: Name
    what: ActionText
    task: Annotated[str, Meta(max_length=50)] = ""
    reason: Annotated[str, Meta(max_length=500)] = ""


class Improve(Action, frozen=True, kw_only=True):
    """Tell the improver of a gap in the company's own files that you ran into. Its proposal goes to the founder."""

    gap: ActionText


class Keep(Action, frozen=True, kw_only=True):
    """Keep the draft word for word, and answer its reviewers in writing instead of revising."""

    answer: ActionText


class GiveVerdict(Action, frozen=True, kw_only=True):
    """Give your verdict under each of the triggers that you were asked under. It ends your review."""

    verdicts: Annotated[tuple[Opinion, ...], Meta(min_length=1, max_length=40)]


class Consult(Action, frozen=True, kw_only=True):
    """Name the triggers of the list whose topic the text really touches; none is a good answer."""

    triggers: tuple[Name, ...]


AnyAction: TypeAlias = (
    Read
    | Search
    | Memory
    | Board
    | Skill
    | AskTheFounder
    | Lesson
    | Gather
    | Delegate
    | Improve
    | Keep
    | GiveVerdict
    | Consult
)
ACTIONS_BY_NAME: dict[str, type[AnyAction]] = {
    "Read": Read,
    "Search": Search,
    "Memory": Memory,
    "Board": Board,
    "Skill": Skill,
    "AskFounder": AskTheFounder,
    "Lesson": Lesson,
    "Gather": Gather,
    "Delegate": Delegate,
    "Improve": Improve,
    "Keep": Keep,
    "Verdict": GiveVerdict,
    "Consult": Consult,
}
FINAL_TOOLS = ("Verdict", "Consult")
"""What is an answer rather than something to do: it ends the run, and is never read out of quoted text."""
_NAME_BY_ACTION = {kind: name for name, kind in ACTIONS_BY_NAME.items()}


def tool_and_target(action: AnyAction) -> tuple[str, str]:
    """An action as permission rules name it: the tool, and what it is used on."""
    match action:
        case (
            Read(path=on)
            | Search(handle="", files=on)
            | Skill(name=on)
            | Memory(operation=on)
            | Board(operation=on)
        ):
            return _NAME_BY_ACTION[type(action)], str(on)
        case _:
            return _NAME_BY_ACTION[type(action)], ""


class MisreadCall(Struct, frozen=True, kw_only=True):
    """Why a call cannot be read, in words for whoever made it."""

    problem: str


def read_call(call: ToolCall, granted: Iterable[str]) -> AnyAction | MisreadCall:
    """The action that a call of a granted tool asks for, its arguments checked against the schema."""
    named = {name.casefold(): name for name in granted}
    kind = ACTIONS_BY_NAME.get(named.get(call.name.casefold(), ""))
    if kind is None:
        return MisreadCall(
            problem=f"there is no tool {call.name!r}; there is {', '.join(named.values()) or 'none'}"
        )
    try:
        json.loads(
            call.arguments.strip() or "{}", object_pairs_hook=_refuse_duplicate_keys
        )
        return msgspec.json.decode(call.arguments.strip() or "{}", type=kind)
    except (ValueError, RecursionError) as error:
        return MisreadCall(
            problem=f"the arguments of {call.name} cannot be used: {error}"
        )


def _refuse_duplicate_keys(pairs: list[tuple[str, object]]) -> None:
    """Each name says one thing; of two verdicts under one name none counts (FAULTS 63)."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands in it twice")


@cache
def tool_spec(name: str) -> ToolSpec:
    """A tool as a model is told of it."""
    kind = ACTIONS_BY_NAME[name]
    _, parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    own = parts.pop(kind.__name__)
    own.pop("title", None)
    description = " ".join(str(own.pop("description")).split())
    whole = own | ({"$defs": parts} if parts else {})
    return ToolSpec(
        name=name,
        description=description,
        parameters=msgspec.json.encode(whole).decode(),
    )


class BareCall(Struct, frozen=True, kw_only=True):
    """A call as small local models write it into their text."""

    name: str = ""
    tool: str = ""
    arguments: msgspec.Raw = msgspec.Raw(b"")
    parameters: msgspec.Raw = msgspec.Raw(b"")
    args: msgspec.Raw = msgspec.Raw(b"")


def calls_in_answer(
    answer: ModelAnswer, known: tuple[str, ...], must: str = ""
) -> tuple[ToolCall, ...]:
    """The calls that an answer holds, also where its whole text is the JSON of calls of known tools.

    Where a tool `must` be called, its arguments alone are a call of it, and so is what stands in a fence.
    """
    bare = answer.calls or bare_calls(answer.text, known, must)
    alone = ToolCall(id="", name=must, arguments=_unwrap_json(answer.text))
    fits = (
        must
        and alone.arguments.startswith("{")
        and not isinstance(read_call(alone, (must,)), MisreadCall)
    )
    return bare or ((alone,) if fits else ())


def bare_calls(
    text: str, known: tuple[str, ...], must: str = ""
) -> tuple[ToolCall, ...]:
    """Calls written as bare JSON, fenced or in <tool_call> tags; none unless every one is of a known tool.

    A verdict in a fence that nobody demanded is quoted text, and counts for nothing (FAULTS 64).
    """
    body = _unwrap_json(text)
    if not body.startswith(("{", "[")):
        return ()
    try:
        read = msgspec.json.decode(
            body if body.startswith("[") else f"[{body}]", type=tuple[BareCall, ...]
        )
    except (ValueError, RecursionError):
        return ()
    quoted = FINAL_TOOLS if body != text.strip() and not must else ()
    names = {name.casefold() for name in known if name not in quoted}
    if any((bare.name or bare.tool).casefold() not in names for bare in read):
        return ()
    return tuple(
        ToolCall(id="", name=bare.name or bare.tool, arguments=bare_arguments(bare))
        for bare in read
    )


def _unwrap_json(text: str) -> str:
    body = text.strip()
    for start, close in (
        ("```json", "```"),
        ("```", "```"),
        ("<tool_call>", "</tool_call>"),
    ):
        if (
            body.startswith(start)
            and body.endswith(close)
            and len(body) >= len(start) + len(close)
        ):
            body = body[len(start) : -len(close)].strip()
    return body


def bare_arguments(bare: BareCall) -> str:
    """The arguments under whichever of their usual names."""
    return next(
        (
            bytes(raw).decode()
            for raw in (bare.arguments, bare.parameters, bare.args)
            if bytes(raw)
        ),
        "{}",
    )
