"""The arguments of every tool, in the form in which a model must write them.

A class's fields are the schema; its docstring is what the model is told of the tool. All
else about each tool stands in the table of tools (`company/tool_table`).
"""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from agentco.calculation.operations import ComputeAct
from agentco.company import tool_table
from agentco.company.tool_table import Tool
from agentco.review.verdict import Opinion

ActionText = Annotated[str, Meta(min_length=1, max_length=2000)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Number = Annotated[str, Meta(min_length=1, max_length=60)]


class Action(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model wants done with one tool."""


class Read(Action, frozen=True, kw_only=True):
    """Read a text file of the company by its path, or a large result by its handle."""

    path: str = ""
    handle: str = ""
    first_line: Annotated[int, Meta(ge=1)] = 1
    lines: Annotated[int, Meta(ge=1, le=2000)] = 400


class Search(Action, frozen=True, kw_only=True):
    """Find the lines of company files that hold all these words, in any case.

    `files` is a glob.
    """

    words: ActionText
    files: str = "**"
    handle: str = ""


ALL_DECIMALS = -1
"""A result is rounded nowhere, unless it never ends."""


class Compute(Action, frozen=True, kw_only=True):
    """Calculate exactly, never in your head; show the calculation beside its result.

    Takes numbers, dates and count, or a column of a table in file (rows with words).
    """

    operation: ComputeAct
    numbers: Annotated[tuple[Number, ...], Meta(max_length=200)] = ()
    dates: Annotated[tuple[Number, ...], Meta(max_length=2)] = ()
    count: int = 0
    decimals: Annotated[int, Meta(ge=-1, le=10)] = ALL_DECIMALS
    file: str = ""
    column: str = ""
    rows: str = ""


class Edit(Action, frozen=True, kw_only=True):
    """Write a file: `new` for `old`, which stands in it once; or all of a short file as `text`.

    A file that is there needs the `hash` that Read shows.
    """

    path: str
    old: str = ""
    new: str = ""
    text: str = ""
    hash: str = ""


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
    """Use what the company knows. Short, dated facts only; no documents.

    search_nodes takes query, open_nodes and delete_entities names; add_observations has contents,
    delete_observations observations.
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
    TITLE = "title"
    OWNER = "owner"
    DUE = "due"
    PRIORITY = "priority"
    BLOCKED = "blocked"
    DELETE = "delete"
    SEVERAL = "several"


class BoardChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of several changes."""

    operation: BoardAct
    id: str = ""
    title: str = ""
    owner: str = ""
    due: str = ""
    column: str = ""
    priority: int | UnsetType = UNSET
    waits_for: str | UnsetType = UNSET


BoardChanges = Annotated[tuple[BoardChange, ...], Meta(max_length=50)]
"""Each is worked out on the board as the one before it left it."""


class Board(BoardChange, Action, frozen=True, kw_only=True):
    """Use the sprint board; id may be a task's exact title.

    due is YYYY-MM-DD; "none" clears due, owner, waits_for. several: changes, all or none.
    """

    changes: BoardChanges | UnsetType = UNSET


class Skill(Action, frozen=True, kw_only=True):
    """Load the full instructions of an available skill by name, or one of its files."""

    name: Name
    file: str = ""


class AskTheFounder(Action, frozen=True, kw_only=True):
    """Ask the founder one question that only a person can answer.

    The work waits for it; ask rarely.
    """

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
    """Have a large stored result read for you by a cheap reader.

    It answers one question about it.
    """

    handle: Name
    question: ActionText


class Delegate(Action, frozen=True, kw_only=True):
    """Give one department one piece of work; several calls in one answer run side by side.

    `task` is the id of a task in the day plan; for new work leave it empty and say in `reason`
    why. The department hears `what` alone: the outcome, the material, the limits, the form of
    the answer.
    """

    agent: Name
    what: ActionText
    task: Annotated[str, Meta(max_length=50)] = ""
    reason: Annotated[str, Meta(max_length=500)] = ""


class Improve(Action, frozen=True, kw_only=True):
    """Tell the improver of a gap in the company's own files that you ran into.

    Its proposal goes to the founder.
    """

    gap: ActionText


class Keep(Action, frozen=True, kw_only=True):
    """Keep the draft word for word, and answer its reviewers in writing instead of revising."""

    answer: ActionText


class GiveVerdict(Action, frozen=True, kw_only=True):
    """Give your verdict under each of the triggers that you were asked under.

    It ends your review.
    """

    verdicts: Annotated[tuple[Opinion, ...], Meta(min_length=1, max_length=40)]


class Consult(Action, frozen=True, kw_only=True):
    """Name the triggers of the list whose topic the text really touches; none is a good answer."""

    triggers: tuple[Name, ...]


def tool_of(action: Action | type[Action]) -> Tool:
    """The tool that takes these arguments."""
    arguments = action if isinstance(action, type) else type(action)
    return next(
        tool for tool in tool_table.TOOLS if tool.arguments == arguments.__name__
    )


def name_of(arguments: type[Action]) -> str:
    """The name under which a model calls the tool that takes these arguments."""
    return tool_of(arguments).name


def arguments_of(tool: Tool | None) -> type[Action] | None:
    """The arguments that a tool takes; None for one that cannot be called."""
    for arguments in Action.__subclasses__():
        if tool and tool.arguments == arguments.__name__:
            return arguments
    return None
