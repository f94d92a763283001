"""A run: one agent's piece of work, as the few facts that say where it stands."""

from enum import StrEnum

from msgspec import Struct, field

from agentco.company.records import Tier

FORMAT = 1
LARGEST_HEAD = 4096


class Phase(StrEnum):
    """WORKING until it is over; whether it runs, waits or was interrupted, its effects say."""

    WORKING = "working"
    DONE = "done"
    BLOCKED = "blocked"
    REFUSED = "refused"
    OUT_OF_BUDGET = "out-of-budget"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Run(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The head of a run.

    `id` of a child is the id of the effect that started it. `waits_for` are the numbers of the effects that
    are still out, `lost` counts calls in a row that brought nothing, `answer` is the effect whose answer is
    the deliverable, or as much as there is of one.
    """

    format: int = field(default_factory=lambda: FORMAT)  # stored always: a plain default would be left out
    id: str
    parent: str | None = None
    root: str
    agent: str
    chain: tuple[str, ...]
    prompt: str = ""
    title: str
    started: str
    follows: str = ""
    tier: Tier = Tier.MEDIUM
    model: str = ""
    tools: tuple[str, ...] = ()
    quick: bool = False
    turns: int = 0
    max_turns: int
    tool_calls: int = 0
    max_tool_calls: int
    next: int = 1
    waits_for: tuple[int, ...] = ()
    misread: tuple[str, ...] = ()
    lost: int = 0
    phase: Phase = Phase.WORKING
    ending: Phase | None = None
    answer: int | None = None
    reason: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.phase is not Phase.WORKING
