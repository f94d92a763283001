"""What a run wants done: orders, each with the number that its event will name."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from agentco.kernel.run_ids import effect_id
from agentco.review.reviews_due import DueReview
from agentco.runs.actions import Memory
from agentco.runs.model_messages import ToolCall


class Effect(Struct, frozen=True, kw_only=True, tag=True):
    """What every order has; a `held` one waits until the run is resumed."""

    number: int
    held: bool = False


class AskModel(Effect, frozen=True, kw_only=True, tag="ask-model"):
    """Call the model with all that was said.

    `last` withholds the tools, so that it answers now; `revise` lets it keep its draft and answer
    the reviewers instead; `lesson` says how work went badly and asks only what to learn from it;
    `must` names the tool that it was asked to call and did not.
    """

    last: bool = False
    revise: bool = False
    lesson: str = ""
    must: str = ""


class UseTool(Effect, frozen=True, kw_only=True, tag="use-tool"):
    """Do what the model called for; `again` when its call before could not be read."""

    call: ToolCall
    again: bool = False


class StartTask(Effect, frozen=True, kw_only=True, tag="start-task"):
    """A child run that reads a large result and answers a question about it."""

    call: ToolCall
    question: str
    handle: str


class DelegateWork(Effect, frozen=True, kw_only=True, tag="delegate"):
    """Give a department a piece of work: a task of the plan, or a new one with a reason."""

    call: ToolCall
    agent: str
    task: str
    what: str


class ProposeImprovement(Effect, frozen=True, kw_only=True, tag="improve"):
    """Ask the improver what should change in the company's files; it becomes a proposal."""

    call: ToolCall
    gap: str


class Examine(Effect, frozen=True, kw_only=True, tag="examine"):
    """Look at the draft of an effect: whose review is due, and what may not leave like that."""

    draft: int


class Classify(Effect, frozen=True, kw_only=True, tag="classify"):
    """Have a light model say which of these reviews a draft calls for though no word does."""

    draft: int
    perhaps: tuple[DueReview, ...]


class StartReview(Effect, frozen=True, kw_only=True, tag="start-review"):
    """Have an agent review a draft under these triggers."""

    agent: str
    due: tuple[DueReview, ...]
    draft: int
    round: int = 0


class OweReview(Effect, frozen=True, kw_only=True, tag="owe-review"):
    """Wait until the founder waives a review that nobody could do."""

    trigger: str
    why: str


class AskFounder(Effect, frozen=True, kw_only=True, tag="ask-founder"):
    """Put a question into the inbox."""

    call: ToolCall
    question: str


class Deliver(Effect, frozen=True, kw_only=True, tag="deliver"):
    """Hand over the answer of an effect."""

    answer: int


class SaveDeliverable(Effect, frozen=True, kw_only=True, tag="save-deliverable"):
    """Write the answer of an effect, which was delivered, where the prompt says.

    `reason` and `dear` are what is known of the delivery.
    """

    answer: int
    path: str
    reason: str = ""
    dear: bool = False


class Remember(Effect, frozen=True, kw_only=True, tag="remember"):
    """Write into the memory how a prompt ended: ok, failed or no-result."""

    prompt: str
    outcome: str


class CarryOutProposal(Effect, frozen=True, kw_only=True, tag="carry-out-proposal"):
    """Do what an agent may only propose, once the founder approves it; `what` tells them.

    The run does not wait for it, and need not be at work.
    """

    what: str
    action: Memory


CallEffect: TypeAlias = (
    UseTool | StartTask | DelegateWork | ProposeImprovement | AskFounder
)
"""What answers a call of the model."""
DraftEffect: TypeAlias = Examine | Classify | StartReview | OweReview
"""What decides whether a draft may go."""
ChildEffect: TypeAlias = (
    StartTask | DelegateWork | ProposeImprovement | Classify | StartReview
)
"""What is a run of its own."""
AnyEffect: TypeAlias = (
    AskModel
    | CallEffect
    | DraftEffect
    | Deliver
    | SaveDeliverable
    | Remember
    | CarryOutProposal
)


class EffectState(StrEnum):
    """Where an effect stands.

    PARKED waits for the founder, HELD for the run to be resumed, STARTED for a child run. SENT is
    under way; what was SENT when its process died is IN_DOUBT. The founder SETTLED what nobody
    could tell.
    """

    TODO = "todo"
    HELD = "held"
    PARKED = "parked"
    STARTED = "started"
    SENT = "sent"
    IN_DOUBT = "in-doubt"
    DONE = "done"
    SETTLED = "settled"


APPROVED = "approved"
"""The ruling of what the founder said yes to."""


class FileImage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a file is (sha256) before an act and will be after it; empty where there is none.

    `diff` is what the founder is shown of an act that waits for their yes, and of every change of
    the board; `kept` is where the version before goes. `ruled_as` are targets of the act that only
    the file tells, such as whose task it is: rules are held against them too.
    """

    file: str
    before: str
    after: str
    executable: bool = False
    diff: str = ""
    kept: str = ""
    ruled_as: tuple[str, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether the file is already as it is to become, now and later."""
        return self.before == self.after and not self.diff


class EffectRecord(Struct, frozen=True, kw_only=True):
    """An effect as it is stored. `reserved` is micro-dollars, `day` the company's day when sent.

    `plan` says that the call is one of a plan: its cost is a list price.
    """

    run: str
    number: int
    root: str
    agent: str
    state: EffectState
    wanted: AnyEffect
    at: str
    image: FileImage | None = None
    ruling: str = ""
    model: str = ""
    reserved: int = 0
    day: str = ""
    driver: str = ""
    expires: str | None = None
    result: str | None = None
    plan: bool = False

    @property
    def id(self) -> str:
        """The run's id and the effect's number."""
        return effect_id(self.run, self.number)

    @property
    def is_under_way(self) -> bool:
        """Whether it is to be done now, or is being done."""
        return self.state in {EffectState.TODO, EffectState.SENT}

    @property
    def approved_diff(self) -> str:
        """What the founder was shown and said yes to; empty if they were not asked."""
        return self.image.diff if self.image and self.ruling == APPROVED else ""

    @property
    def is_approved_proposal(self) -> bool:
        """Whether the founder approved a proposal that is not carried out yet."""
        return self.is_under_way and isinstance(self.wanted, CarryOutProposal)

    def waits_for_founder(self, now: str) -> bool:
        """Whether the founder can still decide it, or must see to it again."""
        if self.state is EffectState.PARKED:
            return (self.expires or now) >= now
        return self.state is EffectState.IN_DOUBT or self.is_approved_proposal
