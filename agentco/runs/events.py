"""What happened to a run, in the past tense, each event with the effect that it answers."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType

from agentco.kernel.errors import Trouble
from agentco.public_text.findings import Finding
from agentco.review.reviews_due import DueReview
from agentco.review.verdict import Opinion
from agentco.runs.model_messages import ChatMessage, StopReason, TokenUsage, ToolCall


class Event(Struct, frozen=True, kw_only=True, tag=True):
    """What every event has; 0 is no effect: the founder or the program caused it."""

    effect: int = 0


class TaskAsked(Event, frozen=True, kw_only=True, tag="asked"):
    """The founder asked; `given` are the messages that begin every call.

    The first `stable` of them are the same for every task of the agent; they are stored apart,
    under `base`. `brief` is what a model on the founder's own machine is told in their place.
    `outside` names the first of its files that somebody else made.
    """

    task: str
    given: tuple[ChatMessage, ...]
    stable: int
    base: str = ""
    skills: tuple[str, ...] = ()
    files: dict[str, str] = {}
    produces: dict[str, str] = {}
    deliver_to: str | UnsetType = UNSET
    outside: str | UnsetType = UNSET
    brief: tuple[ChatMessage, ...] | UnsetType = UNSET


class Answered(Event, frozen=True, kw_only=True, tag="answered"):
    """A model answered; `passed` says why those before it in the tier did not.

    `made_up` says why an answer for which nothing was looked up is none.
    """

    model: str
    passed: tuple[str, ...] = ()
    text: str
    calls: tuple[ToolCall, ...] = ()
    stop: StopReason
    usage: TokenUsage | None = None
    made_up: str | UnsetType = UNSET


class ToolReturned(Event, frozen=True, kw_only=True, tag="tool-returned"):
    """A tool did what was asked, or not; `misread` when the call could not be read at all.

    `outside` names what in its text the founder did not write.
    """

    tool: str = ""
    text: str
    ok: bool = True
    misread: bool = False
    outside: str | UnsetType = UNSET


class ChildFinished(Event, frozen=True, kw_only=True, tag="child-finished"):
    """A piece of work that this run had started is over; `outside` is what that one was told."""

    text: str
    ok: bool
    outside: str | UnsetType = UNSET


class Examined(Event, frozen=True, kw_only=True, tag="examined"):
    """Code looked at a draft: whose reviews are due, and what it found in a public one.

    `perhaps` are reviews that no word calls for, which a model may still add.
    """

    due: tuple[DueReview, ...] = ()
    findings: tuple[Finding, ...] = ()
    perhaps: tuple[DueReview, ...] = ()


class Classified(Event, frozen=True, kw_only=True, tag="classified"):
    """A light model named further reviews that a draft calls for; none when it failed."""

    due: tuple[DueReview, ...] = ()


class Reviewed(Event, frozen=True, kw_only=True, tag="reviewed"):
    """A reviewer is through with the triggers it was asked `under`.

    `failed` says why it gave no opinion at all, `outside` what it was told from outside.
    """

    agent: str
    under: tuple[str, ...]
    opinions: tuple[Opinion, ...] = ()
    failed: str = ""
    outside: str | UnsetType = UNSET


class Delegated(Event, frozen=True, kw_only=True, tag="delegated"):
    """A department is through; `status` is its run's, `owed` what nobody reviewed.

    `text` is its deliverable, or why there is none: what is held back is told to nobody.
    `outside` is what it was told from outside.
    """

    agent: str
    status: str
    text: str
    owed: tuple[DueReview, ...] = ()
    outside: str | UnsetType = UNSET


class Waived(Event, frozen=True, kw_only=True, tag="waived"):
    """The founder overruled a trigger, or a rule of public text."""

    trigger: str
    why: str


class Decided(Event, frozen=True, kw_only=True, tag="decided"):
    """The founder answered a question, or said no to something that waited for a yes."""

    text: str
    ok: bool = True


class Delivered(Event, frozen=True, kw_only=True, tag="delivered"):
    """The deliverable is out.

    `produced` is False when nothing changed of what the prompt should change; `dear` is True when
    it cost three times what such work usually costs. `save_to` is where its prompt wants it.
    """

    produced: bool = True
    dear: bool = False
    save_to: str | UnsetType = UNSET


class Saved(Event, frozen=True, kw_only=True, tag="saved"):
    """The deliverable stands in a file, the version before in `kept`; or a `problem` says why not.

    `reason` and `dear` are those of the delivery.
    """

    file: str = ""
    kept: str = ""
    problem: str = ""
    reason: str = ""
    dear: bool = False

    @property
    def ok(self) -> bool:
        """Whether it stands there."""
        return not self.problem


class Remembered(Event, frozen=True, kw_only=True, tag="remembered"):
    """The outcome of a prompt stands in the memory."""


class CallLimit(StrEnum):
    """What a call would have broken; LOOP when it would only go on in a circle."""

    BUDGET = "budget"
    SIZE = "size"
    REVIEWS = "reviews"
    LOOP = "loop"


class Refused(Event, frozen=True, kw_only=True, tag="refused"):
    """A call was not made because it would have broken a limit."""

    limit: CallLimit
    reason: str


class ModelFailed(Event, frozen=True, kw_only=True, tag="failed"):
    """A call brought nothing; `recovered` when another process found out after ours was gone.

    `until` is when the first of its models may be asked again; empty when only the founder can
    mend it.
    """

    trouble: Trouble
    reason: str
    recovered: bool = False
    until: str = ""


class Cancelled(Event, frozen=True, kw_only=True, tag="cancelled"):
    """The founder wants it to end."""

    reason: str


FromOutside: TypeAlias = TaskAsked | ToolReturned | ChildFinished | Reviewed | Delegated
"""What may tell a run something that the founder did not write."""
ToolReply: TypeAlias = ToolReturned | ChildFinished | Delegated | Decided
"""What answers a call of the model."""
DraftEvent: TypeAlias = Examined | Classified | Reviewed | Waived
"""What decides whether a draft may go."""
AnyEvent: TypeAlias = (
    TaskAsked
    | Answered
    | ToolReply
    | DraftEvent
    | Delivered
    | Saved
    | Remembered
    | Refused
    | ModelFailed
    | Cancelled
)


class LedgerEntry(Struct, frozen=True, kw_only=True):
    """One line of the ledger: what a call cost, or may have cost, in micro-dollars.

    With `plan` it is the list price of what the founder's plan answered. `stated` is what the
    answer itself says it cost.
    """

    at: str
    day: str
    root: str
    run: str
    effect: int
    agent: str
    prompt: str
    model: str
    calls: int = 1
    usd: int
    input: int | None = None
    output: int | None = None
    in_doubt: int = 0
    plan: bool = False
    stated: int | None = None
