"""The one table of tools: everything in the house that lists tools is derived from it.

Its rows stand in `tool_table.json`, this low because headers and rules name tools before any run
exists. To add a tool, write its row, its arguments in `runs/actions`, and what it does in
`adapters/tools`.
"""

from collections.abc import Container, Iterable, Mapping
from enum import StrEnum

from msgspec import Struct, field

from agentco.kernel import package_data


class ActsOn(StrEnum):
    """How far a tool reaches: not beyond its run, into the company, or out into the world."""

    NOTHING = "nothing"
    COMPANY = "company"
    WORLD = "world"


class Target(StrEnum):
    """How rules write what a tool is used on: `Read(docs/**)`, `Memory(search_nodes)`."""

    PATH = "path"
    URL = "url"
    WORDS = "words"


class Resource(StrEnum):
    """What only one call at a time may change. Files are read by any number of calls at once."""

    MEMORY = "memory"
    BOARD = "board"
    FILES = "files"


class ResultSource(StrEnum):
    """Whose words a result holds. In a FILE they are those of whoever writes that file."""

    FOUNDER = "founder"
    FILE = "file"
    MIXED = "mixed"
    AGENT = "agent"
    WORLD = "world"
    PROGRAM = "program"


class GrantedTo(StrEnum):
    """Who has a tool.

    EVERYBODY with any tool has it. Agents without a list have the DEFAULT ones, others those that
    are LISTED. Only the orchestrator HANDS_OUT_WORK. A run's JOB may bring one that no list gives.
    """

    EVERYBODY = "everybody"
    DEFAULT = "default"
    LISTED = "listed"
    HANDS_OUT_WORK = "hands-out-work"
    JOB = "job"


class Tool(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tool. `arguments` is their class; without one, files can name it but nobody can call it.

    `other_names` are what founders and other products call it in a list of tools, in lower case.
    `changes` is whether it changes something, except by its `reading_operations`; `target_field`
    is the argument that says what it is used on. A rule about `also_ruled_as` holds for it too.
    `undoable` is whether its changes can be taken back. `in_words` says in the founder's words
    what a call does, by its operation, or under "" if it has none; `{name}` is an argument.
    """

    name: str
    arguments: str = ""
    other_names: tuple[str, ...] = ()
    granted: GrantedTo
    acts_on: ActsOn = ActsOn.COMPANY
    source: ResultSource
    changes: bool = False
    reading_operations: frozenset[str] = frozenset()
    target: Target = Target.WORDS
    target_field: str = ""
    also_ruled_as: str = ""
    resource: Resource | None = None
    undoable: bool = False
    in_words: Mapping[str, str] = field(default_factory=dict[str, str])
    starts_run: bool = False
    ends_run: bool = False

    @property
    def can_read(self) -> bool:
        """Whether it can be used without changing anything."""
        return not self.changes or bool(self.reading_operations)

    @property
    def can_be_ruled_on(self) -> bool:
        """Whether rules may name it: it does more than answer in its own run."""
        return self.starts_run or self.acts_on is not ActsOn.NOTHING

    def is_change(self, operation: str) -> bool:
        """Whether using it like this changes something."""
        return self.changes and operation not in self.reading_operations


TOOLS = package_data.load_table(__name__, tuple[Tool, ...])


def find_tool(name: str) -> Tool | None:
    """The tool of that name, whatever its case."""
    for tool in TOOLS:
        if tool.name.casefold() == name.casefold():
            return tool
    return None


def callable_names() -> tuple[str, ...]:
    """The names of the tools that can be called."""
    return tuple(tool.name for tool in TOOLS if tool.arguments)


def target_of(name: str) -> Target:
    """How rules write what a tool is used on; a tool of a server's takes any words."""
    tool = find_tool(name)
    return tool.target if tool else Target.WORDS


def in_table_order(names: Container[str]) -> list[str]:
    """The names of our tools among these."""
    return [tool.name for tool in TOOLS if tool.name in names]


def names_granted_to(*who: GrantedTo) -> tuple[str, ...]:
    """The names of the tools that are for any of these."""
    return tuple(tool.name for tool in TOOLS if tool.granted in who)


def company_tools() -> tuple[str, ...]:
    """What stays in the company: all that `'*'` stands for in a list of tools."""
    kept = {GrantedTo.DEFAULT, GrantedTo.LISTED, GrantedTo.HANDS_OUT_WORK}
    return tuple(
        tool.name
        for tool in TOOLS
        if tool.granted in kept and tool.acts_on is not ActsOn.WORLD
    )


def looking_tools() -> tuple[str, ...]:
    """What only looks at the company or the world, and never changes it."""
    return tuple(
        tool.name
        for tool in TOOLS
        if tool.acts_on is not ActsOn.NOTHING and not tool.changes
    )


def file_changing_tools() -> tuple[str, ...]:
    """What changes files."""
    return tuple(
        tool.name for tool in TOOLS if tool.target is Target.PATH and tool.changes
    )


def reader_tools(granted: Iterable[str]) -> tuple[str, ...]:
    """Those of the `granted` tools that read the company: what a reviewer may use."""
    reading = {
        tool.name for tool in TOOLS if tool.acts_on is ActsOn.COMPANY and tool.can_read
    }
    return tuple(name for name in granted if name in reading)


def final_tools() -> tuple[str, ...]:
    """What is an answer rather than something to do: it ends the run."""
    return tuple(tool.name for tool in TOOLS if tool.ends_run)
