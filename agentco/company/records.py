"""Who works here: agents, prompts, skills, instructions and servers, with their files."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Struct, field

from agentco.company.file_locations import Dialect
from agentco.company.tool_names import Grant, ToolList
from agentco.file_formats.amounts import whole_number_from
from agentco.file_formats.struct_reader import Usd
from agentco.file_formats.yaml_values import Value
from agentco.kernel.company_paths import normalize_path


class Tier(StrEnum):
    """How strong a model is asked for; which one that is, the settings say."""

    LIGHT = "light"
    MEDIUM = "medium"
    HEAVY = "heavy"
    LOCAL = "local"


class Reasoning(StrEnum):
    """How much a model is to think before it answers."""

    OFF = "off"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


AnswerTokens = Annotated[int, whole_number_from(256)]
"""The longest answer, hidden thoughts included."""


class Record(Struct, frozen=True, kw_only=True):
    """What every file has: `lines` has the line of each value, `extra` the keys we do not use."""

    file: str
    id: str
    name: str
    description: str
    dialect: Dialect
    body: str
    body_line: int
    lines: dict[str, int]
    extra: dict[str, Value]

    @property
    def all_names(self) -> tuple[str, ...]:
        """Every name it answers to."""
        return (self.id, self.name)


class ExplainedRule(Struct, frozen=True, kw_only=True):
    """A rule with its own examples: acts that it must match, and others that it must not."""

    rule: str = ""
    match: tuple[str, ...] = ()
    not_match: tuple[str, ...] = ()


RuleList = tuple[str | ExplainedRule, ...]


def rule_text(rule: str | ExplainedRule) -> str:
    """A rule without its examples."""
    return rule if isinstance(rule, str) else rule.rule


class Permissions(Struct, frozen=True, kw_only=True, cache_hash=True):
    """Rules such as `Edit(notes/**)`, deny over ask over allow; a header's can only narrow."""

    allow: RuleList = ()
    ask: RuleList = ()
    deny: RuleList = ()

    def texts(self) -> dict[str, list[str]]:
        """The rules of each list, without examples."""
        lists = {"allow": self.allow, "ask": self.ask, "deny": self.deny}
        return {name: [*map(rule_text, rules)] for name, rules in lists.items()}


class Handoff(Struct, frozen=True, kw_only=True):
    """A next step that an agent offers."""

    label: str = ""
    agent: str = ""
    prompt: str = ""
    send: bool = False
    model: str = ""


class McpServer(Struct, frozen=True, kw_only=True, rename="camel"):
    """One server of an MCP configuration, unstarted; `variables` are names to be resolved."""

    file: str
    line: int | None
    name: str
    transport: Literal["stdio", "http", "sse"] = field(name="type")
    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str | None] = {}
    env_file: str = ""
    cwd: str = ""
    url: str = ""
    headers: dict[str, str] = {}
    oauth: dict[str, Value] = {}
    tools: tuple[str, ...] | None = None
    disabled: bool = False
    timeout: str = ""
    variables: tuple[str, ...]
    extra: dict[str, Value]


class McpInput(Struct, frozen=True, kw_only=True):
    """A value that an MCP configuration asks the founder for."""

    file: str
    id: str = ""
    type: str = ""
    description: str = ""
    default: str = ""
    password: bool = False
    options: tuple[str, ...] = ()


class AgentSettings(Struct, frozen=True, kw_only=True):
    """An agent's `agentco:` map; amounts are micro-dollars, `max_output` tokens."""

    tier: Tier | None = None
    model: str = ""
    max_output: AnswerTokens | None = None
    reasoning: Reasoning | None = None
    skills: tuple[str, ...] | None = None
    public: bool = False
    budget_day: Usd | None = None
    permissions: Permissions = Permissions()


_DAY = "{date}"


def _is_dated_file(path: str) -> bool:
    """Whether an entry of `produces` names one file, by its day."""
    is_file = "/" in path or re.search(r"\.\w{1,8}$", path)
    return _DAY in path and bool(is_file) and not re.search(r"[*?\[]", path)


def _on_day(path: str, day: date) -> str:
    return path.replace(_DAY, day.isoformat())


def _path_on_day(path: str, day: date) -> str:
    """A path in the form that the state knows it by; one that leads out stays as it is."""
    dated = _on_day(path, day)
    return normalize_path(dated) or dated


class PromptSettings(Struct, frozen=True, kw_only=True):
    """A prompt's `agentco:` map; `schedule` is unparsed.

    `catch_up` makes up for a missed run once or skips it; `overlap` says what becomes of a slot at
    which the last run still works or waits; `wake` fires always, or only if a fact changed.
    `public` is None if the agent's own flag decides. `reviews` are the triggers that hold for its
    runs, None for all; `channel` is where their text is to stand.
    """

    schedule: str = ""
    timezone: str = ""
    catch_up: Literal["once", "skip"] | None = None
    overlap: Literal["skip", "queue", "allow"] | None = None
    wake: Literal["always", "facts"] | None = None
    tier: Tier | None = None
    budget: Usd | None = None
    public: bool | None = None
    produces: str | tuple[str, ...] = ()
    deliver_to: str = ""
    reviews: Literal["none"] | tuple[str, ...] | None = None
    channel: str = ""

    @property
    def products(self) -> tuple[str, ...]:
        """What it produces, also where that is one."""
        return (self.produces,) if isinstance(self.produces, str) else self.produces

    def deliverable_path(self, day: date) -> str:
        """Where the deliverable of a run on a day is written; empty for nowhere.

        An entry of `produces` that names one file by its day says it too.
        """
        dated = (path for path in self.products if _is_dated_file(path))
        return _path_on_day(self.deliver_to or next(dated, ""), day)

    def outputs(self, day: date) -> tuple[str, ...]:
        """The globs of files and names of entities that a run on a day has to change.

        The page itself is none of them: it is written once the work is done.
        """
        page = self.deliverable_path(day)
        return tuple(
            _on_day(output, day)
            for output in self.products
            if not page or _path_on_day(output, day) != page
        )

    @property
    def held_triggers(self) -> tuple[str, ...] | None:
        """The triggers that hold for its runs; None is all of the company's."""
        return () if self.reviews == "none" else self.reviews

    @property
    def reviews_in_words(self) -> str:
        """Which triggers hold, as the founder is told; empty for all."""
        if self.held_triggers is None:
            return ""
        return f"only {', '.join(self.held_triggers)}" if self.held_triggers else "none"


class InvocableRecord(Record, frozen=True, kw_only=True):
    """What somebody can ask for by its name; `models` are labels, best first."""

    argument_hint: str
    models: tuple[str, ...]


class Agent(InvocableRecord, frozen=True, kw_only=True):
    """A role. `tools` and `agents` are None when the file does not say."""

    own: AgentSettings
    tools: ToolList | None
    without: tuple[Grant, ...]
    agents: tuple[str, ...] | None
    user_invocable: bool
    model_invocable: bool
    servers: tuple[McpServer, ...]
    handoffs: tuple[Handoff, ...]
    skills: tuple[str, ...]
    max_turns: int | None


class Prompt(InvocableRecord, frozen=True, kw_only=True):
    """Work by name: `/name`. `agent` is empty for the default; `aliases` hold the file's stem."""

    own: PromptSettings
    aliases: tuple[str, ...]
    agent: str
    tools: ToolList | None

    @property
    def all_names(self) -> tuple[str, ...]:
        """Every name it answers to."""
        return (self.id, self.name, *self.aliases)


class SkillRecord(InvocableRecord, frozen=True, kw_only=True):
    """Knowledge read on demand from `folder`; `allowed_tools` are shown and grant nothing."""

    folder: str
    license: str
    compatibility: str
    metadata: dict[str, str]
    allowed_tools: tuple[str, ...]
    user_invocable: bool
    model_invocable: bool
    agent: str


Command = Prompt | SkillRecord
"""What `/name` runs."""


class Instructions(Record, frozen=True, kw_only=True):
    """Rules that go with some files; an empty `apply_to` never applies by itself."""

    apply_to: tuple[str, ...]
    exclude_agents: tuple[str, ...]


class IncludedFile(Struct, frozen=True, kw_only=True):
    """A file that another one pulls in with `@path`."""

    file: str
    body: str


class AlwaysOn(Record, frozen=True, kw_only=True):
    """The constitution, or an AGENTS.md or CLAUDE.md that holds in `folder` and below."""

    folder: str
    includes: tuple[IncludedFile, ...] = ()
