"""What a run wants done: orders, each with the number that its event will name."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from agentco.work.talk import ToolCall


class Effect(Struct, frozen=True, kw_only=True, tag=True):
    """What every order has; a `held` one waits until the run is resumed."""

    number: int
    held: bool = False


class AskModel(Effect, frozen=True, kw_only=True, tag="ask-model"):
    """Call the model with all that was said; `last` withholds the tools, so that it answers now."""

    last: bool = False


class UseTool(Effect, frozen=True, kw_only=True, tag="use-tool"):
    """Do what the model called for; `again` when its call before could not be read."""

    call: ToolCall
    again: bool = False


class StartTask(Effect, frozen=True, kw_only=True, tag="start-task"):
    """A child run that reads a large result and answers a question about it."""

    call: ToolCall
    question: str
    handle: str


class AskFounder(Effect, frozen=True, kw_only=True, tag="ask-founder"):
    """Put a question into the inbox."""

    call: ToolCall
    question: str


class Deliver(Effect, frozen=True, kw_only=True, tag="deliver"):
    """Hand over the answer of an effect."""

    answer: int


class Remember(Effect, frozen=True, kw_only=True, tag="remember"):
    """Write into the memory how a prompt ended: ok, failed or no-result."""

    prompt: str
    outcome: str


Wanted: TypeAlias = AskModel | UseTool | StartTask | AskFounder | Deliver | Remember
Spoken: TypeAlias = UseTool | StartTask | AskFounder
"""What answers a call of the model."""


class State(StrEnum):
    """Where an effect stands.

    PARKED waits for the founder, HELD for the run to be resumed, STARTED for a child run. SENT is under way;
    what was SENT when its process died is IN_DOUBT. The founder SETTLED what nobody could tell.
    """

    TODO = "todo"
    HELD = "held"
    PARKED = "parked"
    STARTED = "started"
    SENT = "sent"
    IN_DOUBT = "in-doubt"
    DONE = "done"
    SETTLED = "settled"


class Image(Struct, frozen=True, kw_only=True):
    """What a file is (sha256) before an act and will be after it."""

    file: str
    before: str
    after: str


class Row(Struct, frozen=True, kw_only=True):
    """An effect as it is stored; `reserved` is micro-dollars, `day` the company's when it was sent."""

    run: str
    number: int
    root: str
    agent: str
    state: State
    wanted: Wanted
    at: str
    image: Image | None = None
    ruling: str = ""
    model: str = ""
    reserved: int = 0
    day: str = ""
    driver: str = ""
    expires: str | None = None
    result: str | None = None

    @property
    def id(self) -> str:
        """The run's id and the effect's number."""
        return f"{self.run}.{self.number}"
